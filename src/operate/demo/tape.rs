//! What the demo shows, folded from the events that the daemon streams and from nothing else: the same fold
//! that the daemon itself makes of its log. Nothing is on it that was not recorded.

use std::collections::{BTreeSet, VecDeque};

use muster_proto::v1 as wire;

use crate::cli::Failure;
use crate::operate::failure::failure;
use crate::plan::Plan;
use crate::plan::event::{Event, Recorded};
use crate::plan::fact::Actor;
use crate::plan::id::TaskId;
use crate::plan::time::Timestamp;

/// Sentences kept for the screen.
const KEPT: usize = 64;

/// A sentence of what happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line {
    /// Milliseconds after the first event.
    pub(super) after_ms: u64,
    pub(super) text: String,
    /// Worth a line where every line stays.
    pub(super) notable: bool,
}

/// A task that was lost by one agent and finished by another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Rescue {
    pub(super) task: TaskId,
    pub(super) from: String,
    pub(super) by: String,
}

/// All that was seen.
#[derive(Debug, Default)]
pub(super) struct Tape {
    plan: Plan,
    first_at: Option<Timestamp>,
    lines: VecDeque<Line>,
    events: u64,
    expired: Vec<(TaskId, String)>,
    rescues: Vec<Rescue>,
    answered: BTreeSet<String>,
    promoted: u32,
    decided: u32,
}

impl Tape {
    /// Takes one event in and says what it means.
    pub(super) fn take(&mut self, event: &wire::Event) -> Result<Line, Failure> {
        let recorded = read(event)?;
        if recorded.version != self.plan.version() + 1 {
            return Err(failure(
                "WATCH_BROKEN",
                format!(
                    "the watch gave version {} after version {}",
                    recorded.version,
                    self.plan.version()
                ),
            ));
        }
        self.plan.apply(&recorded);
        self.events += 1;
        let first = *self.first_at.get_or_insert(recorded.at);
        self.count(&recorded);
        let line = Line {
            after_ms: recorded.at.since_ms(first),
            text: self.sentence(event, &recorded.event),
            notable: is_notable(&recorded.event),
        };
        if self.lines.len() == KEPT {
            self.lines.pop_front();
        }
        self.lines.push_back(line.clone());
        Ok(line)
    }

    /// The plan as it stands.
    pub(super) fn plan(&self) -> &Plan {
        &self.plan
    }

    /// The plan's fingerprint.
    pub(super) fn fingerprint(&mut self) -> String {
        self.plan.settle();
        self.plan.fingerprint()
    }

    /// The newest sentences worth a line, oldest first.
    pub(super) fn newest(&self, count: usize) -> impl Iterator<Item = &Line> {
        let notable: Vec<&Line> = self.lines.iter().filter(|line| line.notable).collect();
        let skipped = notable.len().saturating_sub(count);
        notable.into_iter().skip(skipped)
    }

    /// Milliseconds from the first event to the newest.
    pub(super) fn elapsed_ms(&self) -> u64 {
        self.first_at
            .map_or(0, |first| self.plan.last_at().since_ms(first))
    }

    /// Events seen.
    pub(super) fn events(&self) -> u64 {
        self.events
    }

    /// Leases that ran out: task and holder.
    pub(super) fn expired(&self) -> &[(TaskId, String)] {
        &self.expired
    }

    /// Tasks that another agent finished after a lease ran out.
    pub(super) fn rescues(&self) -> &[Rescue] {
        &self.rescues
    }

    /// Questions that were answered.
    pub(super) fn answered(&self) -> usize {
        self.answered.len()
    }

    /// Discovered tasks that became tasks.
    pub(super) fn promoted(&self) -> u32 {
        self.promoted
    }

    /// Decisions made.
    pub(super) fn decided(&self) -> u32 {
        self.decided
    }

    fn count(&mut self, recorded: &Recorded) {
        match &recorded.event {
            Event::LeaseExpired(event) => {
                self.expired.push((event.task, event.agent.to_string()));
            }
            Event::TaskCompleted(event) => {
                let by = recorded.actor.name();
                let lost = self
                    .expired
                    .iter()
                    .find(|(task, from)| *task == event.task && from != by);
                if let Some((task, from)) = lost {
                    self.rescues.push(Rescue {
                        task: *task,
                        from: from.clone(),
                        by: by.to_owned(),
                    });
                }
            }
            Event::BlockerResolved(event) => {
                let kind = self.plan.blocker(event.blocker).map(|blocker| blocker.kind);
                if kind == Some(crate::plan::event::BlockerKind::Input) {
                    self.answered.insert(event.blocker.to_string());
                }
            }
            Event::DiscoveredTriaged(event) => {
                if matches!(event.triage, crate::plan::event::Triage::Promoted(_)) {
                    self.promoted += 1;
                }
            }
            Event::DecisionDecided(_) => self.decided += 1,
            _ => {}
        }
    }

    /// The daemon's sentence, with the title where it names a task by its id alone.
    fn sentence(&self, event: &wire::Event, data: &Event) -> String {
        let task = match data {
            Event::TaskClaimed(data) => Some(data.task),
            Event::TaskStarted(data) => Some(data.task),
            Event::LeaseExpired(data) => Some(data.task),
            _ => None,
        };
        match task {
            Some(task) => format!("{} ({})", event.summary, self.plan.title(task)),
            None => event.summary.clone(),
        }
    }
}

/// Reads an event as the log has it; the wire leaves out only the request it came in.
fn read(event: &wire::Event) -> Result<Recorded, Failure> {
    let unreadable = |what: String| {
        failure(
            "WATCH_BROKEN",
            format!(
                "version {} of the watch cannot be read: {what}",
                event.version
            ),
        )
    };
    let data = Event::from_data(&event.r#type, &event.document)
        .ok_or_else(|| unreadable(format!("unknown type {}", event.r#type)))?
        .map_err(|error| unreadable(error.to_string()))?;
    let actor: Actor = event.actor.parse().map_err(unreadable)?;
    let session = match event.session.as_str() {
        "" => None,
        id => Some(
            id.parse()
                .map_err(|_| unreadable(format!("`{id}` is no session")))?,
        ),
    };
    let at = event.at.unwrap_or_default();
    Ok(Recorded {
        version: event.version,
        at: Timestamp(at.seconds * 1_000 + i64::from(at.nanos) / 1_000_000),
        actor,
        session,
        request: None,
        event: data,
    })
}

/// Whether an event is worth a line of its own: what people would tell each other.
fn is_notable(event: &Event) -> bool {
    !matches!(
        event,
        Event::ProjectCreated(_)
            | Event::PhasesAdded(_)
            | Event::TaskStarted(_)
            | Event::SessionStarted(_)
            | Event::SessionEnded(_)
            | Event::RoleAdded(_)
            | Event::TokenIssued(_)
            | Event::TokenRevoked(_)
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::operate::failure::words;
    use crate::plan::check::CheckSet;
    use crate::plan::event::{ExpiryCause, LeaseExpired, TaskCompleted};

    fn wire_event(version: u64, actor: &str, event: impl Into<Event>) -> wire::Event {
        let event = event.into();
        wire::Event {
            version,
            at: Some(prost_types::Timestamp {
                seconds: 1_000 + i64::try_from(version).unwrap(),
                nanos: 500_000_000,
            }),
            actor: actor.to_owned(),
            r#type: event.kind().to_owned(),
            document: event.to_data().unwrap(),
            summary: "something happened".to_owned(),
            ..Default::default()
        }
    }

    fn expired(version: u64) -> wire::Event {
        let event = LeaseExpired {
            task: TaskId(6),
            agent: "ben".into(),
            expired_fence: 4,
            fence: 5,
            cause: ExpiryCause::Silence,
        };
        wire_event(version, "system", event)
    }

    fn completed(version: u64, actor: &str) -> wire::Event {
        let event = TaskCompleted {
            gate_checks: Vec::new(),
            task: TaskId(6),
            fence: 6,
            summary: "done".into(),
            verification: "tests".into(),
            evidence: Vec::new(),
            technologies: Vec::new(),
            tests_passed_percent: None,
            accepted: Vec::new(),
            checked: CheckSet::NONE,
            open_checks: CheckSet::NONE,
            held_ms: 0,
            unblocked: Vec::new(),
            unblocked_total: 0,
            phases_opened: Vec::new(),
        };
        wire_event(version, actor, event)
    }

    fn check(events: &[wire::Event]) -> Tape {
        let mut tape = Tape::default();
        for event in events {
            tape.take(event).unwrap();
        }
        tape
    }

    #[test]
    fn a_task_is_rescued_when_another_agent_finishes_it() {
        let tape = check(&[expired(1), completed(2, "agent:cleo")]);
        assert_eq!(
            tape.rescues(),
            [Rescue {
                task: TaskId(6),
                from: "ben".to_owned(),
                by: "cleo".to_owned()
            }]
        );
        let same = check(&[expired(1), completed(2, "agent:ben")]);
        assert!(same.rescues().is_empty());
        assert_eq!((tape.events(), tape.elapsed_ms()), (2, 1_000));
    }

    #[test]
    fn a_watch_that_leaves_an_event_out_is_broken() {
        let mut tape = Tape::default();
        tape.take(&expired(1)).unwrap();
        let failed = tape.take(&completed(3, "agent:cleo")).unwrap_err();
        assert!(words(&failed).contains("version 3 after version 1"));
    }

    #[test]
    fn an_event_that_cannot_be_read_is_not_passed_over() {
        let mut event = expired(1);
        event.r#type = "LeaseTeleported".to_owned();
        assert!(Tape::default().take(&event).is_err());
        let mut event = expired(1);
        event.actor = "nobody".to_owned();
        assert!(Tape::default().take(&event).is_err());
    }
}
