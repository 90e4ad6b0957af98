//! The rules about entities: who holds what, what a finished task carries, what is blocked, what a session
//! and an agent may have.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::super::check::CheckSet;
use super::super::event::{On, Text, Triage};
use super::super::id::{DiscoveredId, PhaseNo, SessionId, TaskId};
use super::super::model::{PhaseState, SessionStatus, Status};
use super::super::state::Plan;
use super::Broken;

impl Plan {
    /// A task is claimed or in progress exactly while it has a lease; fences are unique and below the
    /// counter; the holder is registered, not retired, and knows what it holds.
    pub(super) fn check_leases(&self, broken: &mut Broken) {
        let mut fences = BTreeSet::new();
        broken.unless(self.fence < 1 << 53, || {
            "the fence is 2^53 or more".to_owned()
        });
        for (id, state) in &self.states {
            let held = matches!(state.status, Status::Claimed | Status::InProgress);
            broken.unless(held == state.lease.is_some(), || {
                format!(
                    "{id} is {} with lease {:?}",
                    state.status.as_str(),
                    state.lease
                )
            });
            let reviewed = state.status == Status::InReview;
            broken.unless(reviewed == self.reviews.contains_key(id), || {
                format!(
                    "{id} is {} with {:?}",
                    state.status.as_str(),
                    self.reviews.get(id)
                )
            });
            let earlier = self.given_back.get(id).map_or(&[][..], |it| it);
            let approval = state
                .completion
                .as_ref()
                .and_then(|done| done.approval.as_ref());
            let judge = approval.and_then(|approval| approval.by.agent());
            broken.unless(judge.is_none_or(|by| !earlier.contains(by)), || {
                format!("{id} was approved by {judge:?}, who handed it in before")
            });
            let Some(lease) = &state.lease else { continue };
            broken.unless(fences.insert(lease.fence), || {
                format!("fence {} is live twice", lease.fence)
            });
            broken.unless(lease.fence > 0 && lease.fence <= self.fence, || {
                format!(
                    "{id} has fence {}, the counter is {}",
                    lease.fence, self.fence
                )
            });
            broken.unless(lease.attempt == state.attempt, || {
                format!(
                    "{id} is at attempt {}, its lease at {}",
                    state.attempt, lease.attempt
                )
            });
            broken.unless(lease.chain_since <= lease.claimed_at, || {
                format!("{id}: the chain of resumes begins after its last")
            });
            let agent = self.agents.get(&lease.agent);
            broken.unless(
                agent.is_some_and(|agent| !agent.retired && agent.holds.contains(id)),
                || format!("{id} is held by {}, who does not know of it", lease.agent),
            );
            let session = self.sessions.get(&lease.session);
            let fits = session.is_some_and(|session| {
                session.agent == lease.agent
                    && (session.status == SessionStatus::Open || session.carried.contains(id))
            });
            broken.unless(fits, || {
                format!("{id} is held in {}, which is not open to it", lease.session)
            });
        }
    }

    /// A completed task says when, by whom and under which fence; one that came in complete says so.
    pub(super) fn check_completions(&self, broken: &mut Broken) {
        for (id, state) in &self.states {
            let completed = state.status == Status::Completed;
            broken.unless(completed == state.completion.is_some(), || {
                format!(
                    "{id} is {} with completion {:?}",
                    state.status.as_str(),
                    state.completion
                )
            });
            let Some(done) = &state.completion else {
                continue;
            };
            let imported = done.agent.is_none();
            broken.unless(!imported || &*done.verification == "imported", || {
                format!("{id} was completed by nobody: {done:?}")
            });
            broken.unless(imported == done.session.is_none(), || {
                format!(
                    "{id} was completed by {:?} in {:?}",
                    done.agent, done.session
                )
            });
            broken.unless(
                done.fence <= self.fence && imported == (done.fence == 0),
                || format!("{id} was completed under fence {}", done.fence),
            );
            let in_session = done
                .session
                .is_none_or(|session| self.index.completed_in.contains(&(session, *id)));
            broken.unless(in_session, || {
                format!("{id} is missing in its session's work")
            });
            broken.unless(
                done.at <= self.last_at && done.version <= self.version,
                || format!("{id} was completed in the future"),
            );
        }
    }

    /// An agent owes exactly the tasks it completed or handed in with open post-checks; what is open was not attested,
    /// and a task that is neither held nor handed in nor completed has no check.
    pub(super) fn check_checks(&self, broken: &mut Broken) {
        let mut owed: BTreeSet<(Text, TaskId)> = BTreeSet::new();
        for (id, state) in &self.states {
            let reviewed = self.reviews.contains_key(id);
            let vouched = state.lease.is_some() || state.completion.is_some() || reviewed;
            broken.unless(vouched || state.checks.is_empty(), || {
                format!("nobody vouches for {:?} of {id}", state.checks)
            });
            let Some(done) = self.handed_over(*id) else {
                continue;
            };
            let open = done.open_checks;
            broken.unless(
                CheckSet::PRE.without(open) == CheckSet::PRE && open.without(state.checks) == open,
                || format!("{id} owes {open:?} and has {:?}", state.checks),
            );
            if let Some(name) = done.agent.filter(|_| !open.is_empty()) {
                owed.insert((Arc::clone(name), *id));
            }
        }
        let known = self.agents.iter().flat_map(|(name, agent)| {
            let tasks = agent.owes.iter();
            tasks.map(|id| (Arc::clone(name), *id))
        });
        let known: BTreeSet<(Text, TaskId)> = known.collect();
        broken.same("checks owed", &known, &owed);
    }

    /// A completed or skipped phase has no open task.
    pub(super) fn check_phases(&self, broken: &mut Broken) {
        let mut open_in: BTreeMap<PhaseNo, usize> = BTreeMap::new();
        for (id, spec) in &self.specs {
            let state = self.states.get(id);
            if state.is_some_and(|state| !state.status.is_terminal()) {
                *open_in.entry(spec.phase).or_default() += 1;
            }
        }
        for phase in self.phases.values() {
            let open = open_in.get(&phase.no).copied().unwrap_or(0);
            broken.unless(phase.state == PhaseState::Open || open == 0, || {
                format!(
                    "phase {} is {:?} with {open} open tasks",
                    phase.id, phase.state
                )
            });
            broken.unless(
                (phase.state == PhaseState::Open) == phase.closed_at.is_none(),
                || {
                    format!(
                        "phase {} is {:?}, closed {:?}",
                        phase.id, phase.state, phase.closed_at
                    )
                },
            );
        }
    }

    /// The blocked queue and the blocked tasks are the same set; what a decision blocks is what it names.
    pub(super) fn check_queues(&self, broken: &mut Broken) {
        let mut blockers: BTreeMap<TaskId, u32> = BTreeMap::new();
        for blocker in self.blockers.values().filter(|it| it.status.is_open()) {
            for task in &blocker.tasks {
                *blockers.entry(*task).or_default() += 1;
            }
        }
        let mut decisions: BTreeMap<TaskId, u32> = BTreeMap::new();
        for decision in self.decisions.values().filter(|it| it.answer.is_none()) {
            for task in &decision.blocks {
                *decisions.entry(*task).or_default() += 1;
            }
        }
        for (id, state) in &self.states {
            let named = blockers.get(id).copied().unwrap_or(0);
            broken.same(
                format_args!("open blockers of {id}"),
                &state.open_blockers,
                &named,
            );
            let asked = decisions.get(id).copied().unwrap_or(0);
            broken.same(
                format_args!("open decisions of {id}"),
                &state.open_decisions,
                &asked,
            );
            let blocked = !state.status.is_terminal() && named + asked > 0;
            broken.same(
                format_args!("blocked for {id}"),
                &self.is_blocked(*id),
                &blocked,
            );
        }
        for decision in self.decisions.values() {
            let successor = decision
                .superseded_by
                .and_then(|id| self.decisions.get(&id));
            let follows = successor.is_none_or(|it| it.supersedes == Some(decision.id));
            let decided = decision.answer.is_some();
            let ended = decision.superseded_by.is_some() || decision.deprecated.is_some();
            let listed = decision
                .revisit
                .iter()
                .all(|id| decision.blocks.contains(id));
            broken.unless(follows && listed && (decided || !ended), || {
                format!("{} is not what its states allow: {decision:?}", decision.id)
            });
        }
        for blocker in self.blockers.values() {
            broken.unless(
                blocker.status.is_open() == blocker.resolution.is_none(),
                || {
                    format!(
                        "{} is {:?} with {:?}",
                        blocker.id, blocker.status, blocker.resolution
                    )
                },
            );
        }
    }

    /// A promoted discovered task has exactly one task with that origin, and the other way round.
    pub(super) fn check_origins(&self, broken: &mut Broken) {
        let mut tasks: BTreeMap<DiscoveredId, Vec<TaskId>> = BTreeMap::new();
        for (id, spec) in &self.specs {
            if let Some(origin) = spec.origin {
                tasks.entry(origin).or_default().push(*id);
            }
        }
        let mut promoted: BTreeMap<DiscoveredId, Vec<TaskId>> = BTreeMap::new();
        for found in self.discovered.values() {
            if let Some(Triage::Promoted(task)) = found.triage {
                promoted.entry(found.id).or_default().push(task);
            }
        }
        broken.same("tasks by origin", &tasks, &promoted);
    }

    /// A task that was split is cancelled, waits for nothing and is waited for by nobody; it and its parts
    /// know each other, and they stand in its place.
    pub(super) fn check_lineage(&self, broken: &mut Broken) {
        let mut parts: BTreeMap<TaskId, Vec<TaskId>> = BTreeMap::new();
        let mut wholes: BTreeMap<TaskId, Vec<TaskId>> = BTreeMap::new();
        for (id, spec) in &self.specs {
            let Some(lineage) = &spec.lineage else {
                continue;
            };
            if let Some(from) = lineage.split_from {
                parts.entry(from).or_default().push(*id);
                let whole = self.specs.get(&from);
                let same = whole.is_some_and(|whole| {
                    (whole.phase, whole.ordinal) == (spec.phase, spec.ordinal)
                });
                broken.unless(same, || format!("{id} is not where {from} was"));
            }
            if lineage.split_into.is_empty() {
                continue;
            }
            wholes.insert(*id, lineage.split_into.to_vec());
            let status = self.states.get(id).map(|state| state.status);
            broken.unless(
                status == Some(Status::Cancelled) && spec.dependencies.is_empty(),
                || format!("{id} was split and is {status:?}"),
            );
            let waits = self.specs.iter().filter(|(_, other)| {
                let mut stated = other.dependencies.iter();
                stated.any(|edge| edge.in_force && edge.on == On::Task(*id))
            });
            let waits: Vec<&TaskId> = waits.map(|(other, _)| other).collect();
            broken.unless(waits.is_empty(), || {
                format!("{id} was split and is waited for by {waits:?}")
            });
        }
        broken.same("parts of split tasks", &parts, &wholes);
    }

    /// Session numbers start at 1, stay below the counter; a session that is over says when.
    pub(super) fn check_sessions(&self, broken: &mut Broken) {
        for (id, session) in &self.sessions {
            broken.unless(
                *id == session.id && id.0 >= 1 && id.0 <= self.highest_session,
                || format!("{id} is beyond the counter {}", self.highest_session),
            );
            let over = session.status != SessionStatus::Open;
            broken.unless(over == session.ended_at.is_some(), || {
                format!("{id} is {:?}, ended {:?}", session.status, session.ended_at)
            });
            broken.unless(self.agents.contains_key(&session.agent), || {
                format!("{id} belongs to {}, who is not registered", session.agent)
            });
            broken.unless(!over || !session.summary.done.is_empty(), || {
                format!("{id} is over and says nothing")
            });
        }
        for pair in self.index.completed_in.iter() {
            broken.unless(self.index.claimed_in.contains(pair), || {
                format!("{pair:?} was completed and never claimed there")
            });
        }
        for (id, state) in &self.states {
            if let Some(lease) = &state.lease {
                broken.unless(
                    self.index.claimed_in.contains(&(lease.session, *id)),
                    || format!("{id} is held in {} and not in its list", lease.session),
                );
            }
        }
    }

    /// An agent holds what the leases say, no more than it may, and nothing once it is retired.
    pub(super) fn check_agents(&self, broken: &mut Broken) {
        let mut holds: BTreeMap<Text, BTreeSet<TaskId>> = BTreeMap::new();
        for (id, state) in &self.states {
            if let Some(lease) = &state.lease {
                holds
                    .entry(Arc::clone(&lease.agent))
                    .or_default()
                    .insert(*id);
            }
        }
        let mut open: BTreeMap<Text, BTreeSet<SessionId>> = BTreeMap::new();
        for session in self.sessions.values() {
            if session.status == SessionStatus::Open {
                open.entry(Arc::clone(&session.agent))
                    .or_default()
                    .insert(session.id);
            }
        }
        for (name, agent) in &self.agents {
            let held = holds.remove(name).unwrap_or_default();
            let known: BTreeSet<TaskId> = agent.holds.iter().copied().collect();
            broken.same(format_args!("tasks held by {name}"), &known, &held);
            broken.unless(held.len() <= agent.capacity as usize, || {
                format!(
                    "{name} holds {} and may hold {}",
                    held.len(),
                    agent.capacity
                )
            });
            let sessions = open.remove(name).unwrap_or_default();
            let known: BTreeSet<SessionId> = agent.open_sessions.iter().copied().collect();
            broken.same(format_args!("open sessions of {name}"), &known, &sessions);
            broken.unless(
                !agent.retired || held.is_empty() && sessions.is_empty(),
                || format!("{name} is retired and holds {held:?} in {sessions:?}"),
            );
        }
        broken.unless(holds.is_empty() && open.is_empty(), || {
            format!("strangers hold {holds:?} and work in {open:?}")
        });
    }

    /// Completed and open tasks make up the denominator; what was put off or given up is outside it.
    pub(super) fn check_progress(&self, broken: &mut Broken) {
        let total = self.total();
        let all = u32::try_from(self.specs.len()).unwrap_or(u32::MAX);
        broken.same("all tasks", &total.all(), &all);
        broken.same("states", &self.states.len(), &self.specs.len());
        broken.same(
            "counted tasks",
            &total.counted(),
            &(total.open() + total.completed),
        );
        let half_up = |done: u32, of: u32| {
            (of > 0).then(|| (f64::from(done) * 100.0 / f64::from(of) + 0.5).floor() as u32)
        };
        broken.same(
            "percent",
            &total.percent(),
            &half_up(total.completed, total.counted()),
        );
        for (id, spec) in &self.specs {
            let waived_task = |on: &On| !matches!(on, On::Task(on) if on == id);
            broken.unless(spec.waived.iter().all(waived_task), || {
                format!("{id} need not wait for itself")
            });
            broken.unless(id.0 <= self.highest_task, || {
                format!("{id} is beyond the counter {}", self.highest_task)
            });
        }
    }
}
