//! The rules that the log alone must keep: one holder at a time, fences that rise, tasks in their order.

use std::collections::{BTreeMap, BTreeSet};

use muster::plan::event::{Event, On, Recorded, TaskClaimed};
use muster::plan::id::TaskId;

use super::{Call, Violation, work_of};

/// What the log has said so far.
#[derive(Default)]
struct Seen {
    /// Phases in plan order.
    phases: Vec<String>,
    phase_of: BTreeMap<TaskId, String>,
    waits_for: BTreeMap<TaskId, Vec<On>>,
    /// The role a task is for, where it names one.
    role_of: BTreeMap<TaskId, String>,
    /// What agents may work as.
    roles: BTreeMap<String, Vec<String>>,
    /// Criteria that are not met yet, by phase.
    unmet: BTreeMap<String, BTreeSet<u32>>,
    complete: BTreeSet<TaskId>,
    /// Who holds which task under which fence.
    live: BTreeMap<TaskId, (String, u64)>,
    /// Who handed a task in, in whatever round.
    authors: BTreeMap<TaskId, BTreeSet<String>>,
    under_review: BTreeSet<TaskId>,
    attempts: BTreeMap<TaskId, u32>,
    fence: u64,
}

/// Adds what breaks a rule to `found`.
pub fn check(log: &[Recorded], found: &mut Vec<Violation>) {
    let mut seen = Seen::default();
    let mut before_ms = i64::MIN;
    for (recorded, expected) in log.iter().zip(1..) {
        if recorded.version != expected {
            let found_version = recorded.version;
            found.push(Violation::VersionGap {
                expected,
                found: found_version,
            });
            return;
        }
        if recorded.at.0 < before_ms {
            found.push(Violation::TimeFell { version: expected });
        }
        before_ms = recorded.at.0;
        seen.take(recorded, found);
    }
}

impl Seen {
    fn take(&mut self, recorded: &Recorded, found: &mut Vec<Violation>) {
        let version = recorded.version;
        match &recorded.event {
            Event::PhasesAdded(added) => {
                for phase in &added.phases {
                    self.phases.push(phase.id.clone());
                    let criteria = (1..).zip(&phase.criteria).map(|(number, _)| number);
                    self.unmet.insert(phase.id.clone(), criteria.collect());
                }
            }
            Event::CriterionMet(met) => {
                if let Some(unmet) = self.unmet.get_mut(&met.phase) {
                    unmet.remove(&met.criterion);
                }
            }
            Event::CriterionChanged(changed) => {
                if let Some(unmet) = self.unmet.get_mut(&changed.phase) {
                    match changed.withdrawn {
                        true => unmet.remove(&changed.criterion),
                        false => unmet.insert(changed.criterion),
                    };
                }
            }
            Event::PhaseCompleted(completed) => self.gate(&completed.phase, version, found),
            Event::AgentRegistered(agent) => {
                self.roles
                    .insert(agent.agent.to_string(), agent.roles.clone());
            }
            Event::TasksAdded(added) => {
                for task in &added.tasks {
                    self.phase_of.insert(task.id, task.phase.clone());
                    let in_force = task.dependencies.iter().filter(|one| one.in_force);
                    let on = in_force.map(|one| one.on.clone()).collect();
                    self.waits_for.insert(task.id, on);
                    if let Some(role) = &task.role {
                        self.role_of.insert(task.id, role.clone());
                    }
                }
            }
            Event::TaskClaimed(claimed) => self.claimed(claimed, version, found),
            Event::LeaseExpired(expired) => {
                self.ended_by_the_daemon(expired.task, expired.expired_fence, version, found);
                self.rises(expired.fence, version, found);
            }
            Event::ProjectRestored(restored) => self.rises(restored.fence, version, found),
            Event::TaskSubmitted(handed) => {
                self.held(recorded, handed.task, handed.fence, found);
                self.live.remove(&handed.task);
                let author = recorded.actor.name().to_owned();
                self.authors.entry(handed.task).or_default().insert(author);
                self.under_review.insert(handed.task);
            }
            Event::ChangesRequested(back) => self.reviewed(recorded, back.task, found),
            Event::TaskApproved(approved) => {
                self.reviewed(recorded, approved.task, found);
                self.complete.insert(approved.task);
            }
            Event::ClaimRevoked(revoked) => {
                self.ended_by_the_daemon(revoked.task, revoked.revoked_fence, version, found);
                self.rises(revoked.fence, version, found);
            }
            event => {
                if let Some((call, task, fence)) = work_of(event) {
                    self.held(recorded, task, fence, found);
                    match call {
                        Call::Complete => {
                            self.live.remove(&task);
                            self.complete.insert(task);
                        }
                        Call::Release => {
                            self.live.remove(&task);
                        }
                        Call::Claim | Call::Start | Call::Progress => {}
                    }
                }
            }
        }
    }

    fn claimed(&mut self, claimed: &TaskClaimed, version: u64, found: &mut Vec<Violation>) {
        let task = claimed.task;
        let agent = claimed.agent.to_string();
        if !self.phase_of.contains_key(&task) {
            return found.push(Violation::UnknownTask { task, version });
        }
        if !self.fits(&agent, task) {
            found.push(Violation::OutsideRoles { task, version });
        }
        let holder = self.live.get(&task).map(|(holder, _)| holder);
        match (claimed.resumed, holder) {
            (false, None) => self.may_be_worked_on(task, version, found),
            (false, Some(_)) => found.push(Violation::TwoLiveLeases { task, version }),
            (true, Some(holder)) if *holder == agent => {}
            // Only its holder can be handed a task again.
            (true, Some(_)) => found.push(Violation::TwoLiveLeases { task, version }),
            (true, None) => found.push(Violation::StaleWrite { task, version }),
        }
        let attempts = self.attempts.entry(task).or_default();
        *attempts += 1;
        if *attempts != claimed.attempt {
            found.push(Violation::AttemptOutOfCount { task, version });
        }
        self.rises(claimed.fence, version, found);
        self.live.insert(task, (agent, claimed.fence));
    }

    /// Nobody judges their own work, and only what was handed in is judged.
    fn reviewed(&mut self, recorded: &Recorded, task: TaskId, found: &mut Vec<Violation>) {
        let version = recorded.version;
        if !self.under_review.remove(&task) {
            found.push(Violation::StaleWrite { task, version });
        }
        let own = |authors: &BTreeSet<String>| authors.contains(recorded.actor.name());
        let is_agent = recorded.actor.agent().is_some();
        if is_agent && self.authors.get(&task).is_some_and(own) {
            found.push(Violation::OwnWorkApproved { task, version });
        }
    }

    fn may_be_worked_on(&self, task: TaskId, version: u64, found: &mut Vec<Violation>) {
        if self.complete.contains(&task) {
            found.push(Violation::ClaimedWhenComplete { task, version });
        }
        let tasks = self.waits_for.get(&task).into_iter().flatten();
        for on in tasks {
            if let On::Task(on) = on
                && !self.complete.contains(on)
            {
                found.push(Violation::DependencyUnmet {
                    task,
                    on: *on,
                    version,
                });
            }
        }
        let own = self.phase_of.get(&task);
        let earlier: BTreeSet<&String> = self
            .phases
            .iter()
            .take_while(|phase| Some(*phase) != own)
            .collect();
        let is_open = |(other, phase): (&TaskId, &String)| {
            earlier.contains(phase) && !self.complete.contains(other)
        };
        if self.phase_of.iter().any(is_open) {
            found.push(Violation::PhaseLocked { task, version });
        }
        for phase in earlier {
            self.gate(phase, version, found);
        }
    }

    /// Nothing goes past a phase whose criteria are not met.
    fn gate(&self, phase: &str, version: u64, found: &mut Vec<Violation>) {
        if self.unmet.get(phase).is_some_and(|unmet| !unmet.is_empty()) {
            let phase = phase.to_owned();
            found.push(Violation::GateBypassed { phase, version });
        }
    }

    /// Whether one of an agent's roles is the task's, or its more general or more special one.
    fn fits(&self, agent: &str, task: TaskId) -> bool {
        let Some(wanted) = self.role_of.get(&task) else {
            return true;
        };
        let general = |role: &str| match role {
            "frontend" | "backend" => "developer".to_owned(),
            other => other.to_owned(),
        };
        let is_near =
            |role: &String| role == wanted || general(role) == *wanted || *role == general(wanted);
        self.roles
            .get(agent)
            .is_some_and(|roles| roles.iter().any(is_near))
    }

    /// A holder's write: under the live fence, by the one who holds it.
    fn held(&self, recorded: &Recorded, task: TaskId, fence: u64, found: &mut Vec<Violation>) {
        let is_live = self.live.get(&task).is_some_and(|(holder, live)| {
            *live == fence
                && recorded
                    .actor
                    .agent()
                    .is_some_and(|agent| **agent == **holder)
        });
        if !is_live {
            let version = recorded.version;
            found.push(Violation::StaleWrite { task, version });
        }
    }

    fn ended_by_the_daemon(
        &mut self,
        task: TaskId,
        fence: u64,
        version: u64,
        found: &mut Vec<Violation>,
    ) {
        if self.live.remove(&task).map(|(_, live)| live) != Some(fence) {
            found.push(Violation::StaleWrite { task, version });
        }
    }

    fn rises(&mut self, fence: u64, version: u64, found: &mut Vec<Violation>) {
        if fence <= self.fence {
            found.push(Violation::FenceNotRisen { version, fence });
        }
        self.fence = self.fence.max(fence);
    }
}
