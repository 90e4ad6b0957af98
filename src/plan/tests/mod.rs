//! The core from outside: given a plan, when a command comes, then these events or this refusal. Every
//! step also holds the plan to its invariants, its log to a replay, and its refusals to telling a way on.

mod ahead;
mod assignments;
mod checklists;
mod claims;
mod decisions;
mod deliverables;
mod deliveries;
mod dependencies;
pub(in crate::plan) mod drawn;
mod ending;
mod explain;
mod gates;
mod import;
mod integrations;
mod marks;
mod milestones;
pub(crate) mod model;
mod oracle;
mod phases;
mod queue_edits;
mod queues;
mod reasons;
mod references;
mod registers;
mod restore;
mod reviews;
mod risks;
mod rollouts;
mod rules;
mod schedules;
mod sessions;
mod split;
mod sprints;
mod standups;
mod strict;
mod timing;
mod urgent;
mod workflows;

use super::codec::{decode, encode};
use super::command::{Claim, Complete, NewPhase, NewTask, OnRef};
use super::event::{Recorded, ReleaseCause};
use super::fact::{Actor, Facts, Guards};
use super::id::TaskId;
use super::image::{Malformed, Portion, assemble};
use super::refusal::{Class, Reason};
use super::settings::Settings;
use super::time::Timestamp;
use super::{Command, Plan, Refusal, decide};

/// A coordinator.
fn lead() -> Actor {
    Actor::Coordinator("lead".into())
}

/// An agent.
fn by(name: &str) -> Actor {
    Actor::Agent(name.into())
}

fn facts(actor: Actor, now_ms: i64) -> Facts {
    Facts {
        now: Timestamp(now_ms),
        actor,
        request: None,
        guards: Guards::default(),
    }
}

/// A plan with all that led to it.
#[derive(Clone)]
struct Given {
    plan: Plan,
    log: Vec<Recorded>,
    now_ms: i64,
    /// The answer of the last command, when it was carried out before.
    repeats: Option<u64>,
}

/// An active project with no phase.
fn plan() -> Given {
    plan_with(Settings::default())
}

fn plan_with(settings: Settings) -> Given {
    let empty = Given {
        plan: Plan::default(),
        log: Vec::new(),
        now_ms: 1_000_000,
        repeats: None,
    };
    empty.and(
        lead(),
        Command::CreateProject {
            slug: "shop".to_owned(),
            name: "Shop".to_owned(),
            description: String::new(),
            settings: Box::new(settings),
            draft: false,
        },
    )
}

/// The one way of every example: decides a command and holds the outcome to what is always true.
fn check(given: &Given, actor: Actor, command: &Command) -> Result<Given, Refusal> {
    let before = given.plan.fingerprint();
    let decided = decide(&given.plan, command, &facts(actor, given.now_ms));
    assert_eq!(
        given.plan.fingerprint(),
        before,
        "deciding changed the plan"
    );
    let decided = decided.inspect_err(|refusal| {
        assert_eq!(without_a_way_on(refusal), None, "{command:?}");
    })?;
    let printed = decided.plan.fingerprint();
    assert_eq!(printed.len(), 64, "{printed}");
    let broken = decided.plan.broken_invariants();
    assert!(
        broken.is_empty(),
        "after {command:?}:\n{}",
        broken.join("\n")
    );
    let mut log = given.log.clone();
    log.extend(decided.events);
    assert_same(&replayed(&log), &decided.plan);
    assert_same(&through_an_image(&decided.plan), &decided.plan);
    Ok(Given {
        plan: decided.plan,
        log,
        now_ms: given.now_ms + 1_000,
        repeats: decided.repeats,
    })
}

/// The plan that a log leads to, each event written and read back on the way.
fn replayed(log: &[Recorded]) -> Plan {
    let mut plan = Plan::default();
    for recorded in log {
        plan.apply(&reread(recorded));
    }
    plan
}

fn reread(recorded: &Recorded) -> Recorded {
    let document = encode(recorded, "").expect("an event is JSON");
    decode(&document).expect("its own document")
}

/// The plan written down portion by portion, each as small as can be, and put together again.
fn through_an_image(plan: &Plan) -> Plan {
    let mut plan = plan.clone();
    plan.settle();
    let mut portions = Vec::new();
    let written = plan.write_image(1, |piece| {
        portions.push(Portion::read(piece.kind, piece.bytes)?);
        Ok::<(), Malformed>(())
    });
    written.expect("a portion reads back");
    assemble(portions).expect("its own portions")
}

fn assert_same(one: &Plan, other: &Plan) {
    let (mut one, mut other) = (one.clone(), other.clone());
    one.settle();
    other.settle();
    assert_eq!(one, other, "a replay leads elsewhere");
    assert_eq!(one.fingerprint(), other.fingerprint());
}

/// A refusal says what to do: with a command, with the field to correct, or in its sentence. What is
/// wrong with one that does not.
fn without_a_way_on(refusal: &Refusal) -> Option<String> {
    let says = !refusal.next.is_empty()
        || refusal.message.contains(';')
        || refusal.reason == Reason::InvalidField
        || refusal.reason.class() == Class::Nothing;
    let lists = refusal.total >= refusal.items.len();
    (!says || !lists).then(|| format!("`{refusal}` leaves its reader alone"))
}

impl Given {
    /// Another command that must be taken.
    fn and(self, actor: Actor, command: Command) -> Self {
        match check(&self, actor, &command) {
            Ok(after) => after,
            Err(refusal) => panic!("given {command:?}, but {refusal}"),
        }
    }

    fn phase(self, id: &str) -> Self {
        self.phase_with(id, &[])
    }

    fn phase_with(self, id: &str, criteria: &[&str]) -> Self {
        let phase = NewPhase {
            id: id.to_owned(),
            name: format!("Phase named {id}"),
            criteria: criteria.iter().map(|&text| text.to_owned()).collect(),
            ..NewPhase::default()
        };
        self.and(lead(), Command::CreatePhases(vec![phase]))
    }

    /// A task in the newest phase, which waits for the tasks named.
    fn task(self, on: &[&str]) -> Self {
        self.task_of("", on)
    }

    fn task_of(self, role: &str, on: &[&str]) -> Self {
        self.task_as(NewTask {
            role: role.to_owned(),
            dependencies: on.iter().map(|&on| OnRef::Task(on.to_owned())).collect(),
            ..NewTask::default()
        })
    }

    /// A task; what is left empty is filled in.
    fn task_as(self, mut task: NewTask) -> Self {
        if task.title.is_empty() {
            task.title = format!("Task {}", self.plan.task_count() + 1);
        }
        if task.phase.is_empty() {
            task.phase = self
                .plan
                .phases()
                .last()
                .map_or(String::new(), |phase| phase.id.to_string());
        }
        self.and(lead(), Command::CreateTasks(vec![task]))
    }

    fn agent(self, name: &str, role: &str) -> Self {
        self.agent_for(name, &[role], 1)
    }

    fn agent_for(self, name: &str, roles: &[&str], capacity: u32) -> Self {
        self.and(
            lead(),
            Command::RegisterAgent {
                agent: name.to_owned(),
                roles: roles.iter().map(|&role| role.to_owned()).collect(),
                skills: Vec::new(),
                capacity,
                model: String::new(),
            },
        )
    }

    fn claimed(self, name: &str, task: &str) -> Self {
        self.and(by(name), claim_of(task))
    }

    fn started(self, name: &str, task: &str) -> Self {
        let command = Command::ClaimTask(Claim {
            task: task.to_owned(),
            start: true,
            ..Claim::default()
        });
        self.and(by(name), command)
    }

    fn done(self, name: &str, task: &str) -> Self {
        let given = self.started(name, task);
        let command = given.complete(task);
        given.and(by(name), command)
    }

    fn released(self, name: &str, task: &str, cause: ReleaseCause) -> Self {
        let command = Command::ReleaseTask {
            task: task.to_owned(),
            fence: self.fence(task),
            cause,
            reason: "the tests do not start".to_owned(),
        };
        self.and(by(name), command)
    }

    fn complete(&self, task: &str) -> Command {
        self.complete_with(task, self.fence(task))
    }

    fn complete_with(&self, task: &str, fence: u64) -> Command {
        Command::CompleteTask(Box::new(Complete {
            task: task.to_owned(),
            fence,
            summary: format!("did {task}"),
            verification: "ran the tests".to_owned(),
            ..Complete::default()
        }))
    }

    /// The live fence of a task; 0 when nobody holds it.
    fn fence(&self, task: &str) -> u64 {
        let id: TaskId = task.parse().expect("a task's id");
        let view = self.plan.task(id).expect("a known task");
        view.state.lease.as_ref().map_or(0, |lease| lease.fence)
    }

    /// Then: these events follow.
    #[track_caller]
    fn then(&self, actor: Actor, command: Command, events: &[&str]) -> Self {
        match check(self, actor, &command) {
            Ok(after) => {
                let new = after.log[self.log.len()..].iter();
                let kinds: Vec<&str> = new.map(|recorded| recorded.event.kind()).collect();
                assert_eq!(kinds, events, "of {command:?}");
                after
            }
            Err(refusal) => panic!("{command:?} was refused: {refusal}"),
        }
    }

    /// Then: it is refused for this reason.
    #[track_caller]
    fn refuses(&self, actor: Actor, command: Command, reason: Reason) -> Refusal {
        match check(self, actor, &command) {
            Ok(after) => panic!("{command:?} was taken: {:?}", &after.log[self.log.len()..]),
            Err(refusal) => {
                assert_eq!(refusal.reason, reason, "{refusal}");
                refusal
            }
        }
    }

    fn is_ready(&self, task: &str) -> bool {
        self.plan.is_ready(task.parse().expect("a task's id"))
    }

    /// The codes of every reason why a task is not ready.
    fn why(&self, task: &str) -> Vec<&'static str> {
        let causes = self.plan.explain(task.parse().expect("a task's id"));
        causes.iter().map(|cause| cause.code).collect()
    }
}

fn claim() -> Command {
    Command::ClaimTask(Claim::default())
}

fn claim_of(task: &str) -> Command {
    Command::ClaimTask(Claim {
        task: task.to_owned(),
        ..Claim::default()
    })
}

fn resume(task: &str) -> Command {
    Command::ClaimTask(Claim {
        task: task.to_owned(),
        resume: true,
        ..Claim::default()
    })
}
