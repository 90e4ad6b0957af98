//! What must hold of every plan, said once more and in the plainest way: each rule is checked from the
//! entities alone and each index is worked out anew. Nothing here may use what it checks.

mod assignments;
mod gates;
mod indexes;
mod order;
mod points;
mod ready;
mod registers;
mod rules;
mod schedules;
mod selectors;
mod sprints;
mod workflows;

use std::fmt;

use super::state::Plan;

/// Collects what does not hold.
#[derive(Default)]
struct Broken {
    found: Vec<String>,
}

impl Broken {
    fn unless(&mut self, holds: bool, what: impl FnOnce() -> String) {
        if !holds {
            self.found.push(what());
        }
    }

    fn same<T: PartialEq + fmt::Debug>(
        &mut self,
        what: impl fmt::Display,
        kept: &T,
        worked_out: &T,
    ) {
        self.unless(kept == worked_out, || {
            format!("{what} are {kept:?}, the entities say {worked_out:?}")
        });
    }
}

impl Plan {
    /// Every invariant of a plan alone that does not hold, as sentences; none in a sound plan. For tests,
    /// audits and doubts: it walks the whole plan several times.
    pub fn broken_invariants(&self) -> Vec<String> {
        let mut broken = Broken {
            found: self.broken_entity_rules(),
        };
        self.check_order(&mut broken);
        self.check_indexes(&mut broken);
        self.check_chains(&mut broken);
        self.check_readiness(&mut broken);
        broken.found
    }

    /// Those of the invariants that are about entities alone: cheap enough for every step of a long run.
    pub(super) fn broken_entity_rules(&self) -> Vec<String> {
        let mut broken = Broken::default();
        self.check_leases(&mut broken);
        self.check_completions(&mut broken);
        self.check_checks(&mut broken);
        self.check_phases(&mut broken);
        self.check_queues(&mut broken);
        self.check_origins(&mut broken);
        self.check_lineage(&mut broken);
        self.check_sessions(&mut broken);
        self.check_agents(&mut broken);
        self.check_progress(&mut broken);
        self.check_deliverables(&mut broken);
        self.check_milestones(&mut broken);
        self.check_risks(&mut broken);
        self.check_schedules(&mut broken);
        self.check_gates(&mut broken);
        self.check_integrations(&mut broken);
        self.check_rollouts(&mut broken);
        self.check_references(&mut broken);
        self.check_sprints(&mut broken);
        self.check_selectors(&mut broken);
        self.check_workflows(&mut broken);
        self.check_assignments(&mut broken);
        broken.found
    }
}
