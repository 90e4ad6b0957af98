//! The longest chain of tasks that wait for a task, by estimate: the tie-break of the claim order. Small
//! changes are carried along the graph at once; large ones leave it to one linear pass before the next
//! claim. Whole-phase and all-above dependencies lengthen chains alike and are left out.

use imbl::OrdMap;

use super::super::event::On;
use super::super::id::TaskId;
use super::super::model::Spec;
use super::super::state::Plan;

/// Steps a single change may take along the graph before it is left to the linear pass.
const STEPS_MAX: usize = 10_000;

impl Plan {
    fn minutes_of(&self, spec: &Spec) -> u32 {
        let session = self
            .project()
            .map_or(60, |project| project.settings.session_minutes);
        spec.estimate
            .map_or(session, |estimate| estimate.minutes(session))
    }

    /// Carries a task's chain to those it waits for.
    pub(super) fn lengthen_chains(&mut self, id: TaskId) {
        if self.index.chains_stale {
            return;
        }
        let mut todo = vec![id];
        let mut steps = 0;
        while let Some(id) = todo.pop() {
            let Some(spec) = self.specs.get(&id).cloned() else {
                continue;
            };
            let length = self
                .minutes_of(&spec)
                .saturating_add(self.index.chains.get(&id).copied().unwrap_or(0));
            for dependency in &spec.dependencies {
                let On::Task(on) = dependency.on else {
                    continue;
                };
                if !dependency.in_force
                    || self.index.chains.get(&on).copied().unwrap_or(0) >= length
                {
                    continue;
                }
                steps += 1;
                if steps > STEPS_MAX {
                    self.index.chains_stale = true;
                    return;
                }
                self.index.chains.insert(on, length);
                self.reindex(on);
                todo.push(on);
            }
        }
    }

    /// Works every chain out anew in one pass from the tasks nobody waits for.
    pub(super) fn recompute_chains(&mut self) {
        let size = self
            .specs
            .keys()
            .next_back()
            .map_or(0, |id| id.0 as usize + 1);
        let mut waiting = vec![0_u32; size];
        for spec in self.specs.values() {
            for dependency in &spec.dependencies {
                if let (On::Task(on), true) = (&dependency.on, dependency.in_force)
                    && let Some(count) = waiting.get_mut(on.0 as usize)
                {
                    *count += 1;
                }
            }
        }
        let mut chains = vec![0_u32; size];
        let mut todo: Vec<TaskId> = self
            .specs
            .keys()
            .copied()
            .filter(|id| waiting[id.0 as usize] == 0)
            .collect();
        while let Some(id) = todo.pop() {
            let Some(spec) = self.specs.get(&id) else {
                continue;
            };
            let length = self.minutes_of(spec).saturating_add(chains[id.0 as usize]);
            for dependency in &spec.dependencies {
                let (On::Task(on), true) = (&dependency.on, dependency.in_force) else {
                    continue;
                };
                let place = on.0 as usize;
                let Some(count) = waiting.get_mut(place) else {
                    continue;
                };
                chains[place] = chains[place].max(length);
                *count -= 1;
                if *count == 0 {
                    todo.push(*on);
                }
            }
        }
        self.index.chains = self
            .specs
            .keys()
            .filter(|id| chains[id.0 as usize] > 0)
            .map(|id| (*id, chains[id.0 as usize]))
            .collect::<OrdMap<_, _>>();
        self.index.chains_stale = false;
        let wakes = self.index.wakes;
        let ready: Vec<TaskId> = self.index.ready_keys.keys().copied().collect();
        for id in ready {
            self.reindex(id);
        }
        // A new order makes nothing claimable that was not.
        self.index.wakes = wakes;
    }
}
