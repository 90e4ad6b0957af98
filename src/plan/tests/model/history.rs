//! The rules of a history, kept apart from the plan: who held what under which fence, told from the events
//! alone and from what was asked.

use std::collections::{BTreeMap, BTreeSet};

use super::super::super::command::Command;
use super::super::super::event::{Event, Recorded};
use super::super::super::fact::Actor;
use super::super::super::id::{SessionId, TaskId};
use super::super::super::settings::Policy;
use super::super::super::{Plan, decide};

/// What was seen so far.
#[derive(Default)]
pub struct History {
    live: BTreeMap<TaskId, (u64, String)>,
    highest_fence: u64,
    highest_session: u32,
    /// Every fence ever given, newest last.
    pub fences: Vec<(TaskId, u64)>,
    completed_under: BTreeSet<(TaskId, u64)>,
}

/// The task and fence a holder's command carries.
fn carried(command: &Command) -> Option<(&str, u64)> {
    match command {
        Command::StartTask { task, fence }
        | Command::ReportProgress { task, fence, .. }
        | Command::ReleaseTask { task, fence, .. } => Some((task, *fence)),
        Command::CompleteTask(complete) => Some((&complete.task, complete.fence)),
        _ => None,
    }
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
            let known = self.completed_under.contains(&(id, fence));
            return (!known || !decided.events.is_empty())
                .then(|| format!("{id} was not completed under {fence}"))
                .into_iter()
                .collect();
        }
        (!own)
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
                self.raise(claim.fence, &mut broken);
                self.live
                    .insert(claim.task, (claim.fence, claim.agent.to_string()));
                self.fences.push((claim.task, claim.fence));
            }
            Event::TaskStarted(start) => {
                let unmet = before.explain(start.task);
                let unmet = unmet
                    .iter()
                    .filter(|cause| !matches!(cause.code, "NOT_PLANNED" | "NO_AGENT_FOR_ROLE"));
                if unmet.count() > 0 {
                    broken.push(format!("{} was started too early", start.task));
                }
                if self.live.get(&start.task).map(|(fence, _)| *fence) != Some(start.fence) {
                    broken.push(format!("{} was started by nobody", start.task));
                }
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
            Event::TaskCompleted(done) => {
                self.ends(done.task, done.fence, &mut broken);
                self.completed_under.insert((done.task, done.fence));
                let strict = before
                    .project()
                    .is_some_and(|project| project.settings.policy == Policy::Standard);
                if strict && (done.summary.is_empty() || done.verification.is_empty()) {
                    broken.push(format!("{} was completed without a word", done.task));
                }
            }
            Event::SessionStarted(session) => self.session(session.session, &mut broken),
            _ => {}
        }
        broken
    }
}
