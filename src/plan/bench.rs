//! Where a command is worked out: each event it records is applied at once, so that later steps of the same
//! command see what the earlier ones did; a refusal throws the bench away.

use super::command::gate::run_phase_gates;
use super::event::{Event, PhaseCompleted, Recorded};
use super::fact::Facts;
use super::id::{PhaseNo, SessionId};
use super::model::PhaseState;
use super::settings::PhaseClose;
use super::state::{Match, Plan};
use super::time::Timestamp;

/// Where a command is worked out: a plan of its own, and what was recorded on it so far.
pub(super) struct Bench<'a> {
    pub plan: Plan,
    pub facts: &'a Facts,
    pub events: Vec<Recorded>,
    pub session: Option<SessionId>,
    pub repeats: Option<u64>,
    /// What rules and open decisions came to name.
    pub matches: Vec<Match>,
    /// Whether what stands in front of the end of the project changed.
    pub end_touched: bool,
    touched: Vec<PhaseNo>,
}

impl<'a> Bench<'a> {
    /// An empty bench on a plan.
    pub fn on(plan: Plan, facts: &'a Facts) -> Self {
        Self {
            plan,
            facts,
            events: Vec::new(),
            session: None,
            repeats: None,
            matches: Vec::new(),
            end_touched: false,
            touched: Vec::new(),
        }
    }

    /// Records an event and applies it. Time never falls within a project.
    pub fn record(&mut self, event: impl Into<Event>) {
        let recorded = Recorded {
            version: self.plan.version() + 1,
            at: self.facts.now.max(self.plan.last_at()),
            actor: self.facts.actor.clone(),
            session: self.session,
            request: self.facts.request.clone(),
            event: event.into(),
        };
        self.matches.extend(self.plan.take_in(&recorded));
        self.events.push(recorded);
    }

    /// The next fencing token.
    pub fn next_fence(&self) -> u64 {
        self.plan.fence() + 1
    }

    /// A phase whose conditions may hold now.
    pub fn touch(&mut self, phase: PhaseNo) {
        if !self.touched.contains(&phase) {
            self.touched.push(phase);
        }
    }

    /// The time as events of this command carry it.
    pub fn now(&self) -> Timestamp {
        self.facts.now.max(self.plan.last_at())
    }

    /// Runs the gates of the touched phases whose last task became terminal, and closes those whose
    /// conditions hold, in the same append.
    pub fn close_phases(&mut self) {
        let by_itself = self
            .plan
            .project()
            .is_some_and(|project| project.settings.phase_close == PhaseClose::Auto);
        // A gate that is settled at once touches its phase again.
        while !self.touched.is_empty() {
            let phase = self.touched.remove(0);
            run_phase_gates(self, phase);
            if by_itself && self.plan.lacks_nothing(phase, self.now()) {
                let phase = self.plan.phase_id(phase).to_owned();
                self.record(PhaseCompleted { phase });
            }
        }
    }
}

impl Plan {
    /// Whether a phase is open and asks for something that it could lack.
    pub fn asks_for_something(&self, no: PhaseNo) -> bool {
        self.phase(no)
            .is_some_and(|phase| phase.state == PhaseState::Open && !self.is_no_barrier(phase))
    }

    /// Whether an open phase has all it asks for; waivers are looked at as of `now`.
    pub(super) fn lacks_nothing(&self, no: PhaseNo, now: Timestamp) -> bool {
        self.asks_for_something(no)
            && self.tally(no).open() == 0
            && self.unaccepted_of(no).next().is_none()
            && self
                .phase(no)
                .is_some_and(|phase| phase.unmet().next().is_none())
            && (!self.index.phase_gates.contains_key(&no)
                || self.phase_gate_lacks(no, now).is_empty())
    }

    /// What an open phase still lacks before it can close; none when it is not open or asks for nothing.
    /// Waivers are looked at as of `now`.
    pub fn missing_for_close(&self, no: PhaseNo, now: Timestamp) -> Option<Vec<(String, String)>> {
        let phase = self.phase(no)?;
        if !self.asks_for_something(no) {
            return None;
        }
        let open = self.tally(no).open();
        let tasks = (open > 0).then(|| {
            let noun = if open == 1 { "task is" } else { "tasks are" };
            (
                format!("phase {}", phase.id),
                format!("{open} {noun} not finished"),
            )
        });
        let criteria = phase.unmet().map(|(number, criterion)| {
            (
                format!("criterion {number} of phase {}", phase.id),
                criterion.text.to_string(),
            )
        });
        let deliverables = self.unaccepted_of(no).map(|deliverable| {
            (
                deliverable.id.to_string(),
                format!("{} is {}", deliverable.name, deliverable.standing()),
            )
        });
        let gates = self.phase_gate_lacks(no, now).into_iter();
        let gates = gates.map(|lack| (lack.subject, lack.description));
        Some(
            tasks
                .into_iter()
                .chain(criteria)
                .chain(deliverables)
                .chain(gates)
                .collect(),
        )
    }
}
