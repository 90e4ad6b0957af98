//! Where integration points stand: what follows from the tasks and phases at their ends, for whoever tests
//! them, waits for them or holds a gate to them.

use std::collections::BTreeMap;

use super::event::{PointEnd, Sides};
use super::explain::Cause;
use super::id::{IntegrationId, PhaseNo, TaskId};
use super::inbox::{WaitKind, Waiting};
use super::model::{IntegrationPoint, IntegrationStatus, PhaseState, Status};
use super::state::Plan;
use super::time::Timestamp;

/// How far the work at an end is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Work {
    Open,
    Done,
    GivenUp,
}

impl Plan {
    /// An integration point.
    pub fn integration(&self, id: IntegrationId) -> Option<&IntegrationPoint> {
        self.integrations.get(&id).map(AsRef::as_ref)
    }

    /// All integration points by number.
    pub fn integrations(&self) -> impl Iterator<Item = &IntegrationPoint> {
        self.integrations.values().map(AsRef::as_ref)
    }

    /// Where a point stands.
    pub fn integration_status(&self, point: &IntegrationPoint) -> IntegrationStatus {
        if point.withdrawn.is_some() {
            return IntegrationStatus::Dropped;
        }
        if let Some(test) = &point.test {
            return match test.passed {
                true => IntegrationStatus::Tested,
                false => IntegrationStatus::Failed,
            };
        }
        let work: Vec<Work> = point
            .words
            .sides
            .ends()
            .map(|end| self.work_at(end))
            .collect();
        match &point.words.sides {
            _ if work.contains(&Work::GivenUp) => IntegrationStatus::Dropped,
            Sides::External { .. } if point.confirmed.is_some() => IntegrationStatus::Ready,
            Sides::Internal { .. } if work.iter().all(|it| *it == Work::Done) => {
                IntegrationStatus::Ready
            }
            Sides::External { .. } | Sides::Internal { .. } => IntegrationStatus::Pending,
        }
    }

    fn work_at(&self, end: &PointEnd) -> Work {
        match end {
            PointEnd::Task(task) => self.work_of(*task),
            PointEnd::Phase(phase) => self
                .phase_no(phase)
                .map_or(Work::Open, |no| self.work_in(no)),
        }
    }

    /// How far a task is, or the parts that stand in its place together.
    fn work_of(&self, task: TaskId) -> Work {
        let (mut todo, mut found) = (vec![task], Work::GivenUp);
        while let Some(id) = todo.pop() {
            let Some(view) = self.task(id) else {
                return Work::Open;
            };
            match (view.spec.split_into(), view.state.status) {
                ([], Status::Completed) => found = Work::Done,
                ([], Status::Cancelled) => {}
                ([], _) => return Work::Open,
                (parts, _) => todo.extend(parts),
            }
        }
        found
    }

    /// A phase's work is done before it closes: what holds its closing up may be a test that needs it.
    fn work_in(&self, no: PhaseNo) -> Work {
        let tally = self.tally(no);
        match self.phase(no).map(|phase| phase.state) {
            Some(PhaseState::Completed) => Work::Done,
            Some(PhaseState::Skipped) => Work::GivenUp,
            Some(PhaseState::Open) if tally.open() == 0 && tally.completed > 0 => Work::Done,
            Some(PhaseState::Open) | None => Work::Open,
        }
    }

    /// Since when a point is as far as it is.
    pub fn integration_since(&self, point: &IntegrationPoint) -> Timestamp {
        let said = point.test.as_ref().map(|test| test.said.at);
        let said = said.or_else(|| Some(point.confirmed.as_ref()?.at));
        if let Some(at) = said {
            return at;
        }
        let at_ends = point.words.sides.ends().map(|end| match end {
            PointEnd::Task(task) => self.done_at(*task),
            PointEnd::Phase(phase) => self.phase_no(phase).and_then(|no| {
                let phase = self.phase(no)?;
                let closed = phase.closed_at.filter(|_| phase.state != PhaseState::Open);
                closed.or_else(|| Some(self.tasks_done_since(phase)))
            }),
        });
        let latest = at_ends.flatten().max();
        latest.map_or(point.added_at, |at| at.max(point.added_at))
    }

    fn done_at(&self, task: TaskId) -> Option<Timestamp> {
        let (mut todo, mut latest) = (vec![task], None);
        while let Some(id) = todo.pop() {
            let view = self.task(id)?;
            todo.extend(view.spec.split_into());
            let done = view.state.completion.as_ref();
            latest = latest.max(done.map(|done| done.at));
        }
        latest
    }

    /// The points that belong to a phase: those that meet in it and nowhere later in the plan.
    pub fn integrations_of(&self, no: PhaseNo) -> impl Iterator<Item = &IntegrationPoint> {
        let order = self.index.phase_order.iter().copied();
        let places: BTreeMap<PhaseNo, usize> = order.zip(0..).collect();
        self.integrations().filter(move |point| {
            let phases = point.words.sides.ends().filter_map(|end| match end {
                PointEnd::Task(task) => self.task(*task).map(|view| view.spec.phase),
                PointEnd::Phase(phase) => self.phase_no(phase),
            });
            phases.max_by_key(|no| places.get(no)) == Some(no)
        })
    }

    /// The first point that holds up a gate: of the phase, else of the project.
    pub(super) fn untested_point(
        &self,
        phase: Option<PhaseNo>,
    ) -> Option<(&IntegrationPoint, IntegrationStatus)> {
        let stands = |point| (point, self.integration_status(point));
        let holds_up = |(_, status): &(&IntegrationPoint, IntegrationStatus)| {
            !matches!(
                status,
                IntegrationStatus::Tested | IntegrationStatus::Dropped
            )
        };
        match phase {
            Some(no) => self.integrations_of(no).map(stands).find(holds_up),
            None => self.integrations().map(stands).find(holds_up),
        }
    }

    /// The command that takes a point on, without the program's name; empty when only work does.
    pub fn integration_next(&self, point: &IntegrationPoint) -> String {
        let id = point.id;
        match self.integration_status(point) {
            IntegrationStatus::Ready | IntegrationStatus::Failed => {
                format!("integration test {id} --evidence …")
            }
            IntegrationStatus::Pending if point.is_external() => {
                format!("integration confirm {id}")
            }
            IntegrationStatus::Pending => match self.open_end(point) {
                Some(PointEnd::Task(task)) => format!("why {task}"),
                Some(PointEnd::Phase(phase)) => format!("phase show {phase}"),
                None => String::new(),
            },
            IntegrationStatus::Dropped if point.withdrawn.is_none() => {
                format!("integration edit {id}")
            }
            IntegrationStatus::Dropped | IntegrationStatus::Tested => String::new(),
        }
    }

    fn open_end<'a>(&self, point: &'a IntegrationPoint) -> Option<&'a PointEnd> {
        let mut ends = point.words.sides.ends();
        ends.find(|end| self.work_at(end) == Work::Open)
    }

    /// Points to be tested, and those that failed and that no blocker speaks of any more.
    fn owed_tests(&self) -> impl Iterator<Item = (&IntegrationPoint, IntegrationStatus)> {
        let all = self.integrations();
        let all = all.map(|point| (point, self.integration_status(point)));
        all.filter(|(point, status)| match status {
            IntegrationStatus::Ready => true,
            IntegrationStatus::Failed => {
                let blocker = point.test.as_ref().and_then(|test| test.blocker);
                let blocker = blocker.and_then(|id| self.blocker(id));
                blocker.is_none_or(|blocker| !blocker.status.is_open())
            }
            IntegrationStatus::Pending | IntegrationStatus::Tested | IntegrationStatus::Dropped => {
                false
            }
        })
    }

    /// Tests that somebody must make.
    pub(super) fn tests_waiting(&self, waiting: &mut Vec<Waiting>) {
        waiting.extend(self.owed_tests().map(|(point, status)| Waiting {
            kind: WaitKind::Integration,
            id: point.id.to_string(),
            title: match status {
                IntegrationStatus::Failed => {
                    format!("{}: the test failed; test it again", point.words.name)
                }
                _ => format!(
                    "{}: {} are there and untested",
                    point.words.name, point.words.sides
                ),
            },
            since: self.integration_since(point),
            holds_up: 0,
            command: self.integration_next(point),
        }));
    }

    /// What an untested point means for a task at one of its ends; a remark, for it holds nothing up.
    pub(super) fn explain_tests(&self, id: TaskId, causes: &mut Vec<Cause>) {
        let own = |point: &IntegrationPoint| {
            let mut ends = point.words.sides.ends();
            ends.any(|end| *end == PointEnd::Task(id))
        };
        let owed = self.owed_tests().filter(|(point, _)| own(point));
        causes.extend(owed.map(|(point, status)| Cause {
            code: "INTEGRATION_UNTESTED",
            message: format!(
                "{} ({}) is {} and must be tested",
                point.id,
                point.words.name,
                status.as_str()
            ),
            refs: vec![point.id.to_string()],
            who: "coordinator".to_owned(),
            next: self.integration_next(point),
        }));
    }
}
