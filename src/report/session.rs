//! The log of a session: what became of each task that was held in it, folded from its stretch of the
//! project's log. A task has one live lease at most, so an entry that is open is ended by the next event that
//! ends the task's lease; the fence tells that it is this one.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::plan::Plan;
use crate::plan::event::{Event, Recorded, ReleaseCause, Text};
use crate::plan::id::{SessionId, TaskId};
use crate::plan::time::Timestamp;

/// How it ended that a task was held in a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Its end is beyond what was read.
    Unknown,
    /// It is still held.
    Held,
    /// Finished.
    Completed,
    /// Handed in for review.
    Submitted,
    /// Given back.
    Released,
    /// Given back because it could not be done.
    Failed,
    /// Given back because something stands in the way.
    Blocked,
    /// The lease ran out.
    Expired,
    /// Taken away.
    Revoked,
    /// It goes on in another session.
    Carried,
}

/// One time that a task was held in a session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The task.
    pub task: TaskId,
    /// The fence; 0 as long as nothing said it.
    pub fence: u64,
    /// It was held in another session before.
    pub taken_over: bool,
    /// When it was claimed; none as long as that is not known.
    pub claimed_at: Option<Timestamp>,
    /// How it ended.
    pub outcome: Outcome,
    /// When; none while it is held.
    pub ended_at: Option<Timestamp>,
    /// What was said with the end, else the last progress in the session.
    pub note: Text,
}

/// The log of one session while it is read.
#[derive(Debug)]
pub struct SessionLog {
    session: SessionId,
    entries: Vec<Entry>,
    open: BTreeMap<TaskId, usize>,
    over: bool,
}

impl SessionLog {
    /// Of a session of which nothing was read yet.
    pub fn new(session: SessionId) -> Self {
        Self {
            session,
            entries: Vec::new(),
            open: BTreeMap::new(),
            over: false,
        }
    }

    /// Takes the next event in; every one from the session's start on, in order.
    pub fn take(&mut self, recorded: &Recorded) {
        if self.over {
            return;
        }
        let at = recorded.at;
        match &recorded.event {
            Event::SessionStarted(event) if event.session == self.session => {
                for task in &event.adopted {
                    self.begin(*task, 0, true, None);
                }
            }
            Event::TaskClaimed(event) => {
                let here = event.session == self.session;
                match self.open.get(&event.task) {
                    // A resume in the session: the same work under another fence.
                    Some(&place) if here => self.entries[place].fence = event.fence,
                    Some(_) => self.end(event.task, 0, at, Outcome::Carried, None),
                    None if here => self.begin(event.task, event.fence, event.resumed, Some(at)),
                    None => {}
                }
            }
            Event::TaskStarted(event) => {
                self.said(event.task, event.fence, None);
            }
            Event::ProgressReported(event) => {
                let note = match event.percent {
                    Some(percent) if event.note.is_empty() => format!("{percent} %").into(),
                    Some(percent) => format!("{percent} %: {}", event.note).into(),
                    None => Arc::clone(&event.note),
                };
                self.said(event.task, event.fence, Some(note));
            }
            Event::TaskCompleted(event) => {
                let said = Some(&event.summary);
                self.end(event.task, event.fence, at, Outcome::Completed, said);
            }
            Event::TaskSubmitted(event) => {
                let said = Some(&event.summary);
                self.end(event.task, event.fence, at, Outcome::Submitted, said);
            }
            Event::TaskReleased(event) => {
                let outcome = match event.cause {
                    ReleaseCause::Returned | ReleaseCause::SessionEnded => Outcome::Released,
                    ReleaseCause::Failed => Outcome::Failed,
                    ReleaseCause::Blocked => Outcome::Blocked,
                };
                self.end(event.task, event.fence, at, outcome, Some(&event.reason));
            }
            Event::LeaseExpired(event) => {
                self.end(event.task, event.expired_fence, at, Outcome::Expired, None);
            }
            Event::ClaimRevoked(event) => {
                let said = Some(&event.reason);
                self.end(event.task, event.revoked_fence, at, Outcome::Revoked, said);
            }
            Event::SessionEnded(event) if event.session == self.session => {
                for task in &event.carried {
                    self.end(*task, 0, at, Outcome::Carried, None);
                }
                self.over = true;
            }
            // Nothing else begins or ends a lease, or speaks for its holder.
            _ => {}
        }
    }

    fn begin(&mut self, task: TaskId, fence: u64, taken_over: bool, at: Option<Timestamp>) {
        self.open.insert(task, self.entries.len());
        self.entries.push(Entry {
            task,
            fence,
            taken_over,
            claimed_at: at,
            outcome: Outcome::Held,
            ended_at: None,
            note: "".into(),
        });
    }

    /// The open entry of a task, if it is held under this fence; 0 = whichever it is.
    fn entry(&mut self, task: TaskId, fence: u64) -> Option<&mut Entry> {
        let place = *self.open.get(&task)?;
        let entry = self.entries.get_mut(place)?;
        if entry.fence == 0 {
            entry.fence = fence;
        }
        (fence == 0 || entry.fence == fence).then_some(entry)
    }

    fn said(&mut self, task: TaskId, fence: u64, note: Option<Text>) {
        if let Some(entry) = self.entry(task, fence)
            && let Some(note) = note.filter(|note| !note.is_empty())
        {
            entry.note = note;
        }
    }

    fn end(
        &mut self,
        task: TaskId,
        fence: u64,
        at: Timestamp,
        outcome: Outcome,
        said: Option<&Text>,
    ) {
        let Some(entry) = self.entry(task, fence) else {
            return;
        };
        entry.outcome = outcome;
        entry.ended_at = Some(at);
        if let Some(said) = said.filter(|said| !said.is_empty()) {
            entry.note = Arc::clone(said);
        }
        self.open.remove(&task);
    }

    /// What was read, in order. `plan` is the plan of the last version that was to be read; not all was read
    /// where the log was cut, and then the plan alone tells what is held now.
    pub fn finish(mut self, plan: &Plan, is_cut: bool) -> Vec<Entry> {
        let session = plan.session(self.session);
        for entry in &mut self.entries {
            let lease = plan.task(entry.task);
            let lease = lease.and_then(|task| task.state.lease.as_ref());
            // A lease that lives and is older than the session is the one that the session took over.
            let older = lease.filter(|lease| {
                session
                    .is_some_and(|it| it.agent == lease.agent && lease.claimed_at <= it.started_at)
            });
            if let Some(lease) = older.filter(|_| entry.claimed_at.is_none()) {
                entry.claimed_at = Some(lease.claimed_at);
                entry.fence = lease.fence;
            }
            let is_live = lease.is_some_and(|lease| lease.fence == entry.fence);
            if is_cut && entry.outcome == Outcome::Held && !is_live {
                entry.outcome = Outcome::Unknown;
            }
        }
        if is_cut {
            self.add_held(plan);
        }
        self.entries
    }

    /// Adds what is held in the session and was claimed beyond what was read.
    fn add_held(&mut self, plan: &Plan) {
        let known = self.entries.iter().filter(|it| it.outcome == Outcome::Held);
        let known: BTreeSet<TaskId> = known.map(|entry| entry.task).collect();
        let agent = plan.session(self.session).map(|it| Arc::clone(&it.agent));
        let holds = agent.and_then(|name| plan.agent(&name));
        let holds = holds.map_or(&[][..], |agent| &agent.holds[..]);
        let leases = holds.iter().filter_map(|task| {
            let lease = plan.task(*task)?.state.lease.as_ref()?;
            Some((*task, Arc::clone(lease)))
        });
        let mut more: Vec<_> = leases
            .filter(|(task, lease)| lease.session == self.session && !known.contains(task))
            .collect();
        more.sort_by_key(|(_, lease)| lease.fence);
        for (task, lease) in more {
            self.begin(task, lease.fence, false, Some(lease.claimed_at));
        }
    }
}

/// The entries whose claim is further back than the session, by task.
pub fn without_claim(entries: &[Entry]) -> BTreeMap<TaskId, usize> {
    let places = entries.iter().enumerate();
    places
        .filter(|(_, entry)| entry.claimed_at.is_none())
        .map(|(place, entry)| (entry.task, place))
        .collect()
}

/// Looks at an event of before the session, from the newest on: the claim of a task that is still looked
/// for says when it was, and the fence where nothing else did.
pub fn fill_in(entries: &mut [Entry], wanted: &mut BTreeMap<TaskId, usize>, before: &Recorded) {
    let Event::TaskClaimed(claimed) = &before.event else {
        return;
    };
    let place = wanted.remove(&claimed.task);
    if let Some(entry) = place.and_then(|place| entries.get_mut(place)) {
        entry.claimed_at = Some(before.at);
        if entry.fence == 0 {
            entry.fence = claimed.fence;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixture::World;
    use super::*;
    use crate::plan::Command;
    use crate::plan::command::{Claim, HeldLeases};
    use crate::plan::event::{ExpiryCause, SessionSummary};

    /// An agent and five tasks.
    fn world() -> (World, Vec<TaskId>) {
        let mut world = World::new("UTC", "2026-03-02T09:00:00Z");
        world.register("dev", "developer");
        let tasks = ["one", "two", "three", "four", "five"];
        let tasks = tasks.map(|title| world.task("1", title, "api"));
        (world, tasks.to_vec())
    }

    fn log(world: &World, session: u32) -> Vec<Entry> {
        let mut log = SessionLog::new(SessionId(session));
        let started = |recorded: &&Arc<Recorded>| !matches!(&recorded.event, Event::SessionStarted(it) if it.session == SessionId(session));
        for recorded in world.events.iter().skip_while(started) {
            log.take(recorded);
        }
        log.finish(&world.plan, false)
    }

    /// What became of what, and what was said.
    #[track_caller]
    fn check(world: &World, session: u32, expected: &[(TaskId, u64, Outcome, &str)]) {
        let entries = log(world, session);
        let found: Vec<_> = entries
            .iter()
            .map(|it| (it.task, it.fence, it.outcome, &*it.note))
            .collect();
        assert_eq!(found, expected, "S-{session}");
        for entry in &entries {
            let is_held = entry.outcome == Outcome::Held;
            assert_eq!(entry.ended_at.is_none(), is_held, "{entry:?}");
        }
    }

    fn end(leases: HeldLeases) -> Command {
        Command::EndSession {
            session: None,
            summary: SessionSummary::default(),
            leases,
        }
    }

    fn release(task: TaskId, fence: u64, cause: ReleaseCause, reason: &str) -> Command {
        Command::ReleaseTask {
            task: task.to_string(),
            fence,
            cause,
            reason: reason.to_owned(),
        }
    }

    fn resume(task: TaskId, session: Option<SessionId>) -> Command {
        Command::ClaimTask(Claim {
            task: task.to_string(),
            resume: true,
            session,
            ..Claim::default()
        })
    }

    #[test]
    fn each_end_of_a_claim_is_told_with_what_was_said() {
        let (mut world, tasks) = world();
        let done = world.claim("dev", tasks[0], 0);
        world.wait(5).complete("dev", tasks[0], done, None);
        let back = world.claim("dev", tasks[1], 0);
        world.progress("dev", tasks[1], back, "half");
        let given = release(tasks[1], back, ReleaseCause::Returned, "another should");
        world.agent("dev", given);
        let silent = world.claim("dev", tasks[1], 0);
        world.progress("dev", tasks[1], silent, "a third");
        let given = release(tasks[1], silent, ReleaseCause::Returned, "");
        world.agent("dev", given);
        let failed = world.claim("dev", tasks[1], 0);
        let given = release(tasks[1], failed, ReleaseCause::Failed, "no way");
        world.agent("dev", given);
        let expired = world.claim("dev", tasks[2], 0);
        world.progress("dev", tasks[2], expired, "begun");
        world.daemon(Command::ExpireLease {
            task: tasks[2],
            fence: expired,
            cause: ExpiryCause::Silence,
        });
        let revoked = world.claim("dev", tasks[3], 0);
        world.coordinator(Command::RevokeClaim {
            task: tasks[3].to_string(),
            reason: "more urgent things".to_owned(),
        });
        let held = world.claim("dev", tasks[4], 0);
        check(
            &world,
            1,
            &[
                (tasks[0], done, Outcome::Completed, "as planned"),
                (tasks[1], back, Outcome::Released, "another should"),
                (tasks[1], silent, Outcome::Released, "a third"),
                (tasks[1], failed, Outcome::Failed, "no way"),
                (tasks[2], expired, Outcome::Expired, "begun"),
                (tasks[3], revoked, Outcome::Revoked, "more urgent things"),
                (tasks[4], held, Outcome::Held, ""),
            ],
        );
    }

    #[test]
    fn what_is_carried_over_is_taken_over_by_the_next_session() {
        let (mut world, tasks) = world();
        let fence = world.claim("dev", tasks[0], 0);
        let claimed_at = world.now;
        world.wait(1).progress("dev", tasks[0], fence, "half");
        world.wait(1).agent("dev", end(HeldLeases::Carry));
        let other = world.wait(1).claim("dev", tasks[1], 0);
        check(&world, 1, &[(tasks[0], fence, Outcome::Carried, "half")]);
        check(
            &world,
            2,
            &[
                (tasks[0], fence, Outcome::Held, ""),
                (tasks[1], other, Outcome::Held, ""),
            ],
        );
        let entries = log(&world, 2);
        assert_eq!(entries[0].claimed_at, Some(claimed_at));
        let over: Vec<bool> = entries.iter().map(|it| it.taken_over).collect();
        assert_eq!(over, [true, false]);

        world.wait(1).complete("dev", tasks[0], fence, None);
        world.agent("dev", end(HeldLeases::Release));
        check(
            &world,
            2,
            &[
                (tasks[0], fence, Outcome::Completed, "as planned"),
                (tasks[1], other, Outcome::Released, "its session ended"),
            ],
        );
        // The claim is further back than the session now, and found there.
        let mut entries = log(&world, 2);
        let mut wanted = without_claim(&entries);
        assert_eq!(wanted.len(), 1);
        for recorded in world.events.iter().rev() {
            fill_in(&mut entries, &mut wanted, recorded);
        }
        assert_eq!(entries[0].claimed_at, Some(claimed_at));
        assert!(wanted.is_empty());
    }

    #[test]
    fn a_resume_goes_on_in_its_session_and_ends_the_entry_of_another() {
        let (mut world, tasks) = world();
        world.claim("dev", tasks[0], 0);
        world.agent("dev", resume(tasks[0], None));
        let second = world.plan.fence();
        check(&world, 1, &[(tasks[0], second, Outcome::Held, "")]);
        world.agent(
            "dev",
            Command::StartSession {
                scope: String::new(),
                model: String::new(),
                another: true,
            },
        );
        world.agent("dev", resume(tasks[0], Some(SessionId(2))));
        let third = world.plan.fence();
        check(&world, 1, &[(tasks[0], second, Outcome::Carried, "")]);
        check(&world, 2, &[(tasks[0], third, Outcome::Held, "")]);
        assert!(log(&world, 2)[0].taken_over);
    }

    #[test]
    fn a_log_that_is_cut_tells_what_is_held_and_claims_to_know_no_more() {
        let (mut world, tasks) = world();
        let first = world.claim("dev", tasks[0], 0);
        let read = world.events.len();
        world.complete("dev", tasks[0], first, None);
        let second = world.claim("dev", tasks[1], 0);
        let mut log = SessionLog::new(SessionId(1));
        for recorded in &world.events[..read] {
            log.take(recorded);
        }
        let entries = log.finish(&world.plan, true);
        let found: Vec<_> = entries.iter().map(|it| (it.fence, it.outcome)).collect();
        assert_eq!(found, [(first, Outcome::Unknown), (second, Outcome::Held)]);
    }
}
