//! What open blockers and decisions hold up: tasks that they name, and every task of a phase that they name. A
//! phase is known by its number, so nobody walks over the plan to find its tasks.

use std::collections::BTreeSet;

use super::id::{PhaseNo, TaskId};
use super::model::Tally;
use super::state::{Plan, TaskView};

/// A task where it stands in its phase.
type Place = (PhaseNo, u32, TaskId);

impl Plan {
    /// Whether an open blocker or decision names a phase.
    pub fn phase_is_blocked(&self, no: PhaseNo) -> bool {
        self.index.phase_blockers.contains_key(&no)
    }

    /// Whether an open blocker or decision stands in a task's way: by naming it, or its phase.
    pub fn is_held_up(&self, id: TaskId) -> bool {
        let of_phase = || {
            self.task(id).is_some_and(|view| {
                !view.state.status.is_terminal() && self.phase_is_blocked(view.spec.phase)
            })
        };
        self.is_blocked(id) || of_phase()
    }

    /// Tasks that are held up, after `after` in plan order (after = none: from the start); for paging.
    pub fn held_up_after(&self, after: Option<TaskId>) -> impl Iterator<Item = TaskView<'_>> {
        let place = after
            .and_then(|id| self.task(id))
            .map(|view| (view.spec.phase, view.spec.ordinal, view.id));
        let order = &self.index.phase_order;
        let of_place = |(phase, ..): Place| order.iter().position(|no| *no == phase);
        let skip = place.and_then(of_place).unwrap_or(0);
        let named = self.named_places();
        let phases = order.iter().skip(skip);
        phases
            .flat_map(move |&phase| {
                let first = match place {
                    Some((no, ordinal, id)) if no == phase => {
                        (no, ordinal, TaskId(id.0.saturating_add(1)))
                    }
                    Some(_) | None => (phase, 0, TaskId(0)),
                };
                let range = first..=(phase, u32::MAX, TaskId(u32::MAX));
                let all = self.phase_is_blocked(phase);
                let of_phase = all.then(|| self.index.in_phase.range(range.clone()));
                let of_phase = of_phase.into_iter().flatten().copied();
                let own: Vec<Place> = if all {
                    Vec::new()
                } else {
                    named.range(range).copied().collect()
                };
                of_phase.chain(own)
            })
            .filter_map(|(_, _, id)| self.task(id))
            .filter(|view| !view.state.status.is_terminal())
    }

    /// How many tasks are held up, of those that `one` takes; `all` says how many of a phase that would be.
    pub(super) fn held_up_count(
        &self,
        one: impl Fn(&TaskView<'_>) -> bool,
        all: impl Fn(&Tally) -> u32,
    ) -> u32 {
        let named = self.named_places().into_iter();
        let named = named
            .filter(|(phase, ..)| !self.phase_is_blocked(*phase))
            .filter_map(|(_, _, id)| self.task(id))
            .filter(one);
        let phases = self.index.phase_blockers.keys();
        let whole: u32 = phases.map(|no| all(&self.tally(*no))).sum();
        u32::try_from(named.count())
            .unwrap_or(u32::MAX)
            .saturating_add(whole)
    }

    /// How many tasks are held up.
    pub fn held_up(&self) -> u32 {
        self.held_up_count(|_| true, Tally::open)
    }

    /// Tasks that open blockers and decisions name and that are not finished, phase by phase.
    fn named_places(&self) -> BTreeSet<Place> {
        let blockers = self.open_blockers().flat_map(|it| it.tasks.iter());
        let undecided = self.decisions().filter(|it| it.answer.is_none());
        let decisions = undecided.flat_map(|it| it.blocks.iter());
        let held_up = blockers.chain(decisions).copied();
        held_up
            .filter(|id| self.is_blocked(*id))
            .filter_map(|id| self.task(id))
            .map(|view| (view.spec.phase, view.spec.ordinal, view.id))
            .collect()
    }
}
