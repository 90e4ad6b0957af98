//! The deadlines of live leases and the silence of sessions, kept beside the log. They decide when an
//! expiry is asked for, never whether a holder's write counts: that is the fence's part.

use std::collections::{HashMap, HashSet};

use super::LeaseFact;
use super::held::{Held, Now, hard_limit_ms};
use crate::plan::Plan;
use crate::plan::event::{Event, ExpiryCause, Recorded};
use crate::plan::id::{SessionId, TaskId};
use crate::plan::model::Lease;

/// A silent session that holds a task is looked at again after so long.
const HOLDING_SESSION_RECHECK_MS: u64 = 60_000;

/// Something whose time has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Due {
    /// A lease ran out.
    Lease {
        task: TaskId,
        fence: u64,
        cause: ExpiryCause,
    },
    /// A session that holds nothing fell silent.
    Session(SessionId),
}

impl Due {
    /// The task it is about.
    pub fn task(&self) -> Option<TaskId> {
        match self {
            Self::Lease { task, .. } => Some(*task),
            Self::Session(_) => None,
        }
    }

    /// The session it is about.
    pub fn session(&self) -> Option<SessionId> {
        match self {
            Self::Lease { .. } => None,
            Self::Session(session) => Some(*session),
        }
    }
}

/// The leases and sessions of one project.
#[derive(Debug, Default)]
pub(super) struct Leases {
    held: HashMap<TaskId, Held>,
    last_call_ms: HashMap<SessionId, u64>,
    /// Nothing is due before, on the monotonic clock.
    check_at_ms: u64,
    /// The shortest term there was since the last look, in milliseconds.
    shortest_term_ms: Option<u64>,
}

/// The shorter of a term known so far and another.
fn shorter(known: Option<u64>, term_ms: u64) -> Option<u64> {
    Some(known.map_or(term_ms, |known| known.min(term_ms)))
}

impl Leases {
    /// As a start finds them: every live lease gets a fresh term, every open session counts from now.
    pub fn restored(plan: &Plan, now: Now) -> Self {
        let mut leases = Self::default();
        for view in plan.live() {
            let Some(lease) = &view.state.lease else {
                continue;
            };
            leases.held.insert(view.id, Held::restored(lease, now));
            leases.shortest_term_ms = shorter(leases.shortest_term_ms, lease.lease_ms);
        }
        for session in plan.open_sessions() {
            leases.last_call_ms.insert(session.id, now.monotonic_ms);
        }
        leases
    }

    /// Brings the table in step with what was just published.
    pub fn follow(&mut self, plan: &Plan, events: &[super::board::Weighed], now: Now) {
        for (recorded, _) in events {
            self.follow_one(plan, recorded, now);
        }
    }

    fn follow_one(&mut self, plan: &Plan, recorded: &Recorded, now: Now) {
        match &recorded.event {
            Event::TaskClaimed(event) => {
                self.last_call_ms.insert(event.session, now.monotonic_ms);
                self.reconcile(plan, event.task, now);
            }
            Event::TaskReleased(event) => self.reconcile(plan, event.task, now),
            Event::LeaseExpired(event) => self.reconcile(plan, event.task, now),
            Event::ClaimRevoked(event) => self.reconcile(plan, event.task, now),
            Event::TaskSubmitted(event) => self.reconcile(plan, event.task, now),
            Event::TaskCompleted(event) => self.reconcile(plan, event.task, now),
            Event::TaskCancelled(event) => self.reconcile(plan, event.task, now),
            Event::SessionStarted(event) => {
                self.last_call_ms.insert(event.session, now.monotonic_ms);
                for task in &event.adopted {
                    self.reconcile(plan, *task, now);
                }
            }
            // New settings may bring a deadline forward.
            Event::ProjectUpdated(_) => self.check_at_ms = 0,
            _ => return,
        }
        if let Some(session) = recorded.session {
            self.last_call_ms
                .entry(session)
                .and_modify(|at| *at = now.monotonic_ms);
        }
    }

    /// Makes one task's entry what the plan says.
    fn reconcile(&mut self, plan: &Plan, task: TaskId, now: Now) {
        let Some(lease) = live_lease(plan, task) else {
            self.held.remove(&task);
            return;
        };
        match self.held.get_mut(&task) {
            Some(held) if held.fence == lease.fence => held.session = lease.session,
            before => {
                let mut held = Held::new(lease, now);
                if let Some(before) = before {
                    held.succeed(before);
                }
                let due = held.due_ms(hard_limit_ms(plan));
                self.check_at_ms = self.check_at_ms.min(due);
                self.shortest_term_ms = shorter(self.shortest_term_ms, held.term_ms);
                self.held.insert(task, held);
            }
        }
    }

    /// The entry of a task that the plan says is live with this fence, made if it is missing.
    pub fn live_entry(
        &mut self,
        plan: &Plan,
        task: TaskId,
        fence: u64,
        now: Now,
    ) -> Option<&mut Held> {
        live_lease(plan, task).filter(|lease| lease.fence == fence)?;
        self.reconcile(plan, task, now);
        self.held.get_mut(&task)
    }

    /// A sign of life in one lease and its session.
    pub fn beat(&mut self, task: TaskId, now: Now) {
        let Some(held) = self.held.get_mut(&task) else {
            return;
        };
        held.renew(now);
        let session = held.session;
        self.last_call_ms.insert(session, now.monotonic_ms);
    }

    /// A sign of life of an agent: in one of its sessions, or in all.
    pub fn touch(&mut self, plan: &Plan, agent: &str, session: Option<SessionId>, now: Now) {
        let Some(agent) = plan.agent(agent) else {
            return;
        };
        let meant = |id: SessionId| session.is_none_or(|session| session == id);
        for id in agent.open_sessions.iter().copied().filter(|id| meant(*id)) {
            self.last_call_ms.insert(id, now.monotonic_ms);
        }
        for task in &agent.holds {
            if let Some(held) = self.held.get_mut(task)
                && held.agent == agent.name
                && meant(held.session)
            {
                held.renew(now);
            }
        }
    }

    /// What is known of each live lease, by task.
    pub fn facts(&self, plan: &Plan, now: Now) -> Vec<LeaseFact> {
        let mut facts: Vec<LeaseFact> = self
            .held
            .iter()
            .map(|(task, held)| LeaseFact {
                task: *task,
                last_beat_ms: held.last_beat_ms,
                remaining_ms: held.remaining_ms(plan, now),
            })
            .collect();
        facts.sort_unstable_by_key(|fact| fact.task);
        facts
    }

    /// What is known of one live lease.
    pub fn fact(&self, task: TaskId, plan: &Plan, now: Now) -> Option<LeaseFact> {
        self.held.get(&task).map(|held| LeaseFact {
            task,
            last_beat_ms: held.last_beat_ms,
            remaining_ms: held.remaining_ms(plan, now),
        })
    }

    /// Nothing is due before this point of the monotonic clock.
    pub fn check_at_ms(&self) -> u64 {
        self.check_at_ms
    }

    /// How long nobody may look before a holder who speaks three times a term could seem silent, in
    /// milliseconds.
    pub fn patience_ms(&self) -> u64 {
        self.shortest_term_ms
            .map_or(u64::MAX, |term_ms| term_ms / 4)
    }

    /// What is due, at most `limit`; notes when to look again.
    pub fn due(&mut self, plan: &Plan, now: Now, limit: usize) -> Vec<Due> {
        if now.monotonic_ms < self.check_at_ms {
            return Vec::new();
        }
        let mut due = Vec::new();
        let mut check_at_ms = u64::MAX;
        let hard_limit_ms = hard_limit_ms(plan);
        self.shortest_term_ms = None;
        for (task, held) in &self.held {
            self.shortest_term_ms = shorter(self.shortest_term_ms, held.term_ms);
            match held.overdue(hard_limit_ms, now) {
                Some(cause) => due.push(Due::Lease {
                    task: *task,
                    fence: held.fence,
                    cause,
                }),
                None => check_at_ms = check_at_ms.min(held.due_ms(hard_limit_ms)),
            }
        }
        check_at_ms = check_at_ms.min(self.due_sessions(plan, now, &mut due));
        // Cut in a fixed order: what is left over comes at the next look, at once.
        due.sort_unstable_by_key(|due| match due {
            Due::Lease { task, .. } => (0, task.0),
            Due::Session(session) => (1, session.0),
        });
        if due.len() > limit {
            due.truncate(limit);
            check_at_ms = now.monotonic_ms;
        }
        self.check_at_ms = check_at_ms;
        due
    }

    fn due_sessions(&mut self, plan: &Plan, now: Now, due: &mut Vec<Due>) -> u64 {
        let Some(project) = plan.project() else {
            return u64::MAX;
        };
        let silence_ms = u64::from(project.settings.session_minutes.max(1)) * 60_000;
        let holding: HashSet<SessionId> = self.held.values().map(|held| held.session).collect();
        let mut last_call_ms = HashMap::new();
        let mut check_at_ms = u64::MAX;
        for session in plan.open_sessions() {
            let last = self.last_call_ms.get(&session.id).copied();
            let last = last.unwrap_or(now.monotonic_ms);
            last_call_ms.insert(session.id, last);
            let silent_at = last.saturating_add(silence_ms);
            if now.monotonic_ms < silent_at {
                check_at_ms = check_at_ms.min(silent_at);
            } else if holding.contains(&session.id) {
                check_at_ms = check_at_ms.min(now.monotonic_ms + HOLDING_SESSION_RECHECK_MS);
            } else {
                due.push(Due::Session(session.id));
            }
        }
        self.last_call_ms = last_call_ms;
        check_at_ms
    }

    /// Whether what was due still is; from here on until it is settled a sign of life comes too late.
    pub fn begin_ending(&mut self, due: Due, plan: &Plan, now: Now) -> bool {
        match due {
            Due::Lease { task, fence, .. } => {
                let hard_limit_ms = hard_limit_ms(plan);
                let Some(held) = self.held.get_mut(&task) else {
                    return false;
                };
                let overdue = held.fence == fence && held.overdue(hard_limit_ms, now).is_some();
                held.ending = overdue;
                if !overdue {
                    let due = held.due_ms(hard_limit_ms);
                    self.check_at_ms = self.check_at_ms.min(due);
                }
                overdue
            }
            Due::Session(session) => {
                let silence_ms = plan.project().map_or(0, |project| {
                    u64::from(project.settings.session_minutes.max(1)) * 60_000
                });
                let last = self.last_call_ms.get(&session).copied().unwrap_or(0);
                let silent_at = last.saturating_add(silence_ms);
                self.check_at_ms = self.check_at_ms.min(silent_at.max(now.monotonic_ms));
                now.monotonic_ms >= silent_at
            }
        }
    }

    /// What was due could not be recorded: it gets a fresh term, so that it is not asked for in a circle.
    pub fn spare(&mut self, due: Due, plan: &Plan, now: Now) {
        match due {
            Due::Lease { task, .. } => {
                self.reconcile(plan, task, now);
                if let Some(held) = self.held.get_mut(&task) {
                    held.spare(now);
                    let due = held.due_ms(hard_limit_ms(plan));
                    self.check_at_ms = self.check_at_ms.min(due);
                }
            }
            Due::Session(session) => {
                self.last_call_ms.insert(session, now.monotonic_ms);
                self.check_at_ms = self.check_at_ms.min(now.monotonic_ms);
            }
        }
    }

    /// The daemon stood still for `stalled_ms`, which is not long: that time does not count.
    pub fn pass_over(&mut self, stalled_ms: u64, now: Now) {
        for held in self.held.values_mut() {
            held.pass_over(stalled_ms, now);
        }
    }

    /// The daemon stood still for `stalled_ms`: nobody could be heard, so nobody counts as silent.
    pub fn forgive(&mut self, stalled_ms: u64, now: Now) {
        for held in self.held.values_mut() {
            held.forgive(stalled_ms, now);
        }
        for last in self.last_call_ms.values_mut() {
            *last = now.monotonic_ms;
        }
    }
}

fn live_lease(plan: &Plan, task: TaskId) -> Option<&Lease> {
    plan.task(task)?.state.lease.as_deref()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::event::{ProjectCreated, SessionStarted};
    use crate::plan::fact::Actor;
    use crate::plan::settings::Settings;
    use crate::plan::time::Timestamp;

    const SILENCE_MS: u64 = 60 * 60_000;

    fn at(monotonic_ms: u64) -> Now {
        Now {
            wall_ms: 0,
            monotonic_ms,
        }
    }

    /// A plan with one open session.
    fn plan() -> Plan {
        let mut plan = Plan::default();
        let created = ProjectCreated {
            project: "web".to_owned(),
            name: "Web".to_owned(),
            description: String::new(),
            settings: Settings::default(),
            draft: false,
        };
        let started = SessionStarted {
            session: SessionId(1),
            agent: "dev-1".into(),
            scope: "".into(),
            model: "".into(),
            adopted: Vec::new(),
        };
        let events: [Event; 2] = [created.into(), started.into()];
        for (version, event) in (1..).zip(events) {
            plan.apply(&Recorded {
                version,
                at: Timestamp(0),
                actor: Actor::System,
                session: None,
                request: None,
                event,
            });
        }
        plan
    }

    #[test]
    fn a_session_that_spoke_after_it_was_due_is_left_and_looked_at_again() {
        let plan = plan();
        let mut leases = Leases::restored(&plan, at(0));
        assert!(leases.due(&plan, at(SILENCE_MS - 1), 10).is_empty());
        assert_eq!(leases.check_at_ms(), SILENCE_MS);
        let due = leases.due(&plan, at(SILENCE_MS), 10);
        assert_eq!(due, [Due::Session(SessionId(1))]);
        leases.last_call_ms.insert(SessionId(1), SILENCE_MS);
        assert!(!leases.begin_ending(due[0], &plan, at(SILENCE_MS)));
        assert_eq!(leases.check_at_ms(), 2 * SILENCE_MS);
    }

    #[test]
    fn a_short_standstill_moves_a_deadline_once_after_each_sign_of_life() {
        let lease = Lease {
            agent: "dev-1".into(),
            session: SessionId(1),
            attempt: 1,
            fence: 1,
            lease_ms: 1_000,
            claimed_at: Timestamp(0),
            chain_since: Timestamp(0),
            progress_at: Timestamp(0),
            progress: None,
        };
        let mut held = Held::new(&lease, at(0));
        let due_ms = |held: &Held| held.due_ms(u64::MAX);
        held.pass_over(700, at(900));
        assert_eq!(due_ms(&held), 1_700);
        held.pass_over(700, at(1_600));
        assert_eq!(due_ms(&held), 1_700, "the second one counts");
        held.renew(at(1_650));
        held.pass_over(3_000, at(4_650));
        assert_eq!(due_ms(&held), 5_650, "never more than a fresh term");
    }

    #[test]
    fn what_is_left_over_is_due_at_the_next_look() {
        let plan = plan();
        let mut leases = Leases::restored(&plan, at(0));
        assert!(leases.due(&plan, at(SILENCE_MS), 0).is_empty());
        assert_eq!(leases.check_at_ms(), SILENCE_MS);
        assert_eq!(leases.due(&plan, at(SILENCE_MS), 1).len(), 1);
    }

    #[test]
    fn what_cannot_be_recorded_is_not_due_again_at_once() {
        let plan = plan();
        let mut leases = Leases::restored(&plan, at(0));
        let due = leases.due(&plan, at(SILENCE_MS), 10);
        leases.spare(due[0], &plan, at(SILENCE_MS));
        assert!(leases.due(&plan, at(SILENCE_MS), 10).is_empty());
        assert_eq!(leases.check_at_ms(), 2 * SILENCE_MS);
    }
}
