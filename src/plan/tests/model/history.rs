//! The rules of a history, kept apart from the plan: who held what under which fence, told from the events
//! alone and from what was asked.

use std::collections::{BTreeMap, BTreeSet};

use super::super::super::check::CheckSet;
use super::super::super::command::Command;
use super::super::super::event::{Event, Recorded, TaskCompleted};
use super::super::super::fact::Actor;
use super::super::super::id::{SessionId, TaskId};
use super::super::super::settings::Policy;
use super::super::super::{Plan, decide};

/// What was seen so far.
#[derive(Default)]
pub struct History {
    live: BTreeMap<TaskId, (u64, String)>,
    /// Work under review: its author and the fence.
    handed_in: BTreeMap<TaskId, (String, u64)>,
    /// Who handed a task in, in whatever round.
    authors: BTreeMap<TaskId, BTreeSet<String>>,
    highest_fence: u64,
    highest_session: u32,
    /// Every fence ever given, newest last.
    pub fences: Vec<(TaskId, u64)>,
    completed_under: BTreeMap<(TaskId, u64), String>,
    /// Who owes which post-checks, and of which task.
    owed: BTreeMap<TaskId, (String, CheckSet)>,
}

/// The task and fence a holder's command carries.
fn carried(command: &Command) -> Option<(&str, u64)> {
    match command {
        Command::StartTask { task, fence, .. }
        | Command::ReportProgress { task, fence, .. }
        | Command::ReleaseTask { task, fence, .. } => Some((task, *fence)),
        Command::CompleteTask(complete) | Command::SubmitForReview(complete) => {
            Some((&complete.task, complete.fence))
        }
        _ => None,
    }
}

fn policy(plan: &Plan) -> Policy {
    plan.project()
        .map_or(Policy::Standard, |project| project.settings.policy)
}

fn is_strict(plan: &Plan) -> bool {
    policy(plan) == Policy::Strict
}

impl History {
    /// What an accepted command had no right to.
    pub fn asked(
        &self,
        before: &Plan,
        actor: &Actor,
        command: &Command,
        decided: &decide::Decided,
    ) -> Vec<String> {
        let Some((task, fence)) = carried(command) else {
            return Vec::new();
        };
        let Ok(id) = before.resolve_task(task) else {
            return Vec::new();
        };
        let own = self
            .live
            .get(&id)
            .is_some_and(|(live, name)| *live == fence && actor.name() == name);
        if decided.repeats.is_some() {
            let known = self.completed_under.contains_key(&(id, fence));
            return (!known || !decided.events.is_empty())
                .then(|| format!("{id} was not completed under {fence}"))
                .into_iter()
                .collect();
        }
        let attests = matches!(
            command,
            Command::ReportProgress { checked, .. } if !checked.is_empty()
        );
        let was_own = attests
            && self
                .completed_under
                .get(&(id, fence))
                .is_some_and(|name| actor.name() == name);
        (!own && !was_own)
            .then(|| format!("a late or foreign fence {fence} changed {id}"))
            .into_iter()
            .collect()
    }

    fn raise(&mut self, fence: u64, broken: &mut Vec<String>) {
        if fence <= self.highest_fence {
            broken.push(format!(
                "fence {fence} is no higher than {}",
                self.highest_fence
            ));
        }
        self.highest_fence = fence;
    }

    fn ends(&mut self, id: TaskId, fence: u64, broken: &mut Vec<String>) {
        if self.live.remove(&id).map(|(live, _)| live) != Some(fence) {
            broken.push(format!("{id} was not held under {fence}"));
        }
    }

    /// Whether an agent left a post-check open.
    fn owes(&self, agent: &str) -> bool {
        self.owed
            .values()
            .any(|(name, open)| name == agent && !open.is_empty())
    }

    /// A completion under `strict` ticks every criterion, and each post-check is attested or owed.
    fn checked(&self, before: &Plan, done: &TaskCompleted, broken: &mut Vec<String>) {
        let Some(view) = before.task(done.task).filter(|_| is_strict(before)) else {
            return;
        };
        if done.accepted.len() != view.spec.acceptance.len() {
            broken.push(format!("{} was completed unaccepted", done.task));
        }
        let told = done.checked.and(view.state.checks).and(done.open_checks);
        if !CheckSet::POST.without(told).is_empty() {
            broken.push(format!("{} was completed unchecked", done.task));
        }
    }

    fn session(&mut self, session: SessionId, broken: &mut Vec<String>) {
        if session.0 <= self.highest_session {
            broken.push(format!("{session} is no new number"));
        }
        self.highest_session = session.0;
    }

    /// What breaks the rules when this follows upon the plan `before`.
    pub fn happened(&mut self, before: &Plan, recorded: &Recorded) -> Vec<String> {
        let mut broken = Vec::new();
        if recorded.at < before.last_at() {
            broken.push("time fell".to_owned());
        }
        match &recorded.event {
            Event::TaskClaimed(claim) => {
                let held = self.live.get(&claim.task);
                if claim.resumed != held.is_some() {
                    broken.push(format!("{} was claimed while {held:?}", claim.task));
                }
                if held.is_some_and(|(_, name)| **name != *claim.agent) {
                    broken.push(format!("{} was resumed by another", claim.task));
                }
                if !claim.resumed && !before.is_ready(claim.task) {
                    broken.push(format!("{} was claimed and not ready", claim.task));
                }
                if !claim.resumed && is_strict(before) && self.owes(&claim.agent) {
                    broken.push(format!("{} claimed and owes checks", claim.agent));
                }
                self.raise(claim.fence, &mut broken);
                self.live
                    .insert(claim.task, (claim.fence, claim.agent.to_string()));
                self.fences.push((claim.task, claim.fence));
            }
            Event::TaskStarted(start) => {
                let unmet = before.explain(start.task);
                let unmet = unmet
                    .iter()
                    .filter(|cause| cause.code != "NOT_PLANNED" && !cause.is_remark());
                if unmet.count() > 0 {
                    broken.push(format!("{} was started too early", start.task));
                }
                if self.live.get(&start.task).map(|(fence, _)| *fence) != Some(start.fence) {
                    broken.push(format!("{} was started by nobody", start.task));
                }
                if is_strict(before) && start.checked != CheckSet::PRE {
                    broken.push(format!("{} was started unchecked", start.task));
                }
            }
            Event::ProgressReported(report) => {
                if let Some((_, open)) = self.owed.get_mut(&report.task) {
                    *open = open.without(report.checked);
                }
            }
            Event::TaskReopened(reopened) => {
                self.owed.remove(&reopened.task);
            }
            Event::TaskReleased(release) => self.ends(release.task, release.fence, &mut broken),
            Event::LeaseExpired(expired) => {
                self.ends(expired.task, expired.expired_fence, &mut broken);
                self.raise(expired.fence, &mut broken);
            }
            Event::ClaimRevoked(revoked) => {
                self.ends(revoked.task, revoked.revoked_fence, &mut broken);
                self.raise(revoked.fence, &mut broken);
            }
            Event::ProjectRestored(restored) => {
                if restored.fence_before < self.highest_fence {
                    broken.push(format!("{restored:?} forgets {}", self.highest_fence));
                }
                self.raise(restored.fence, &mut broken);
            }
            Event::TaskSubmitted(handed) => {
                self.ends(handed.task, handed.fence, &mut broken);
                let by = recorded.actor.name().to_owned();
                let authors = self.authors.entry(handed.task).or_default();
                authors.insert(by.clone());
                self.owed
                    .insert(handed.task, (by.clone(), handed.open_checks));
                self.completed_under
                    .insert((handed.task, handed.fence), by.clone());
                self.handed_in.insert(handed.task, (by, handed.fence));
            }
            Event::ChangesRequested(back) => {
                self.owed.remove(&back.task);
                if self.handed_in.remove(&back.task).is_none() {
                    broken.push(format!("{} was not under review", back.task));
                }
            }
            Event::TaskCancelled(cancelled) if self.handed_in.remove(&cancelled.task).is_some() => {
                self.owed.remove(&cancelled.task);
            }
            // A phase that is left out takes with it what is under review.
            Event::TaskDeferred(off) if self.handed_in.remove(&off.task).is_some() => {
                self.owed.remove(&off.task);
            }
            Event::TaskApproved(approved) => match self.handed_in.remove(&approved.task) {
                Some((author, fence)) => {
                    let by = recorded.actor.name();
                    let own = self.authors.get(&approved.task);
                    let is_agent = recorded.actor.agent().is_some();
                    if is_agent && own.is_some_and(|authors| authors.contains(by)) {
                        broken.push(format!("{by} approved its own {}", approved.task));
                    }
                    self.completed_under.insert((approved.task, fence), author);
                }
                None => broken.push(format!("{} was not under review", approved.task)),
            },
            Event::TaskCompleted(done) => {
                self.ends(done.task, done.fence, &mut broken);
                let by = recorded.actor.name().to_owned();
                self.completed_under
                    .insert((done.task, done.fence), by.clone());
                if policy(before) != Policy::Relaxed
                    && (done.summary.is_empty() || done.verification.is_empty())
                {
                    broken.push(format!("{} was completed without a word", done.task));
                }
                self.checked(before, done, &mut broken);
                self.owed.insert(done.task, (by, done.open_checks));
            }
            Event::TaskSplit(split) if self.live.contains_key(&split.task) => {
                broken.push(format!("{} was split while it was held", split.task));
            }
            Event::SessionStarted(session) => self.session(session.session, &mut broken),
            _ => {}
        }
        broken
    }
}
