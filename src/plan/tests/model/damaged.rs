//! The other damages, as a table: one for each index and for each rule about entities, on a plan with
//! something of everything. None of them goes unnoticed.

use std::sync::Arc;

use super::super::{Given, lead, plan};
use crate::plan::Plan;
use crate::plan::command::{Command, NewBlocker, NewDiscovered, NewTask, OnRef};
use crate::plan::event::{BlockerKind, Dependency, On, Severity};
use crate::plan::id::{BlockerId, DiscoveredId, PhaseNo, SessionId, TaskId};
use crate::plan::model::{
    Agent, Blocker, BlockerStatus, Completion, Lease, Phase, Session, SessionStatus, Spec,
};
use crate::plan::time::Timestamp;

fn blocker(tasks: &[&str], phase: &str) -> Command {
    Command::OpenBlocker(Box::new(NewBlocker {
        kind: BlockerKind::External,
        tasks: tasks.iter().map(|&task| task.to_owned()).collect(),
        phase: phase.to_owned(),
        fence: 0,
        reason: "waits for the bank".to_owned(),
        owner: String::new(),
        resolution_path: String::new(),
        severity: Severity::High,
        keep_lease: false,
    }))
}

/// T-1 is worked on by dev-1, T-3 (PAY-1) was completed by dev-2, T-5 is ready but for its phase.
fn rich() -> Given {
    let waits = |on: OnRef| NewTask {
        dependencies: vec![on],
        ..NewTask::default()
    };
    let found = NewDiscovered {
        title: "Found".to_owned(),
        ..NewDiscovered::default()
    };
    let decision = Command::OpenDecision {
        question: "Which bank?".to_owned(),
        options: vec!["this".to_owned(), "that".to_owned()],
        blocks: vec!["T-6".to_owned()],
        selectors: Vec::new(),
        phases: Vec::new(),
    };
    let waiver = Command::WaiveDependency {
        task: "T-4".to_owned(),
        on: OnRef::Task("T-2".to_owned()),
        reason: "it need not".to_owned(),
    };
    plan()
        .phase("1")
        .task(&[])
        .task(&["T-1"])
        .task_as(NewTask {
            external_id: "PAY-1".to_owned(),
            ..NewTask::default()
        })
        .task_as(waits(OnRef::AllAbove))
        .phase("2")
        .task_of("developer", &[])
        .task_as(waits(OnRef::Phase("1".to_owned())))
        .agent("dev-1", "developer")
        .agent("dev-2", "developer")
        .done("dev-2", "T-3")
        .started("dev-1", "T-1")
        .and(lead(), blocker(&["T-2"], ""))
        .and(lead(), blocker(&[], "2"))
        .and(lead(), decision)
        .and(lead(), waiver)
        .and(lead(), Command::ReportDiscovered(Box::new(found)))
}

/// What is damaged, how, and a part of the sentence that says so.
type Damage = (&'static str, fn(&mut Plan), &'static str);

fn check(damages: &[Damage]) {
    let mut sound = rich().plan;
    sound.settle();
    assert_eq!(sound.broken_invariants(), Vec::<String>::new());
    let mut missed = Vec::new();
    for (what, damage, noticed) in damages {
        let mut plan = sound.clone();
        damage(&mut plan);
        let broken = plan.broken_invariants();
        if !broken.iter().any(|sentence| sentence.contains(noticed)) {
            missed.push(format!("{what}: `{noticed}` is not among {broken:#?}"));
        }
    }
    assert!(missed.is_empty(), "{}", missed.join("\n"));
}

#[test]
fn a_damage_to_any_index_is_noticed() {
    check(&[
        (
            "phase_order",
            |plan| plan.index.phase_order = [PhaseNo(0)].into(),
            "phases in order",
        ),
        (
            "phase_ids",
            |plan| plan.index.phase_ids.clear(),
            "phase ids",
        ),
        (
            "passed",
            |plan| {
                plan.index.passed.insert(PhaseNo(0));
            },
            "passed phases",
        ),
        (
            "open_phases",
            |plan| plan.index.open_phases = [].into(),
            "open phases",
        ),
        ("aliases", |plan| plan.index.aliases.clear(), "aliases"),
        (
            "in_phase",
            |plan| plan.index.in_phase.clear(),
            "tasks in phases",
        ),
        (
            "unfinished",
            |plan| plan.index.unfinished.clear(),
            "unfinished tasks",
        ),
        (
            "all_above",
            |plan| plan.index.all_above.clear(),
            "waits for all above",
        ),
        (
            "all_above_waived",
            |plan| plan.index.all_above_waived.clear(),
            "waived waits",
        ),
        (
            "dependents",
            |plan| plan.index.dependents.clear(),
            "dependents are",
        ),
        (
            "phase_dependents",
            |plan| plan.index.phase_dependents.clear(),
            "phase dependents",
        ),
        ("tallies", |plan| plan.index.tallies.clear(), "tallies"),
        (
            "open_by_role",
            |plan| plan.index.open_by_role.clear(),
            "open tasks by role",
        ),
        ("ready", |plan| plan.index.ready.clear(), "ready tasks"),
        (
            "ready_keys",
            |plan| plan.index.ready_keys.clear(),
            "ready keys",
        ),
        (
            "classes",
            |plan| plan.index.classes.clear(),
            "ready classes",
        ),
        ("chains", |plan| plan.index.chains.clear(), "chains"),
        ("live", |plan| plan.index.live.clear(), "live tasks"),
        (
            "blockers_of",
            |plan| plan.index.blockers_of.clear(),
            "blockers by task",
        ),
        (
            "open_blockers",
            |plan| plan.index.open_blockers.clear(),
            "open blockers are",
        ),
        (
            "settled_by",
            |plan| {
                plan.index.settled_by.insert((TaskId(1), BlockerId(1)));
            },
            "blockers that settle",
        ),
        (
            "phase_blockers",
            |plan| plan.index.phase_blockers.clear(),
            "phase blockers",
        ),
        (
            "decisions_of",
            |plan| plan.index.decisions_of.clear(),
            "decisions by task",
        ),
        (
            "untriaged",
            |plan| plan.index.untriaged.clear(),
            "untriaged",
        ),
        (
            "open_sessions",
            |plan| plan.index.open_sessions.clear(),
            "open sessions are",
        ),
        (
            "claimed_in",
            |plan| plan.index.claimed_in.clear(),
            "and not in its list",
        ),
        (
            "completed_in",
            |plan| plan.index.completed_in.clear(),
            "missing in its session's work",
        ),
        (
            "completed_in, too many",
            |plan| {
                plan.index.completed_in.insert((SessionId(99), TaskId(1)));
            },
            "never claimed there",
        ),
    ]);
}

fn lease(plan: &mut Plan) -> &mut Lease {
    let state = plan.states.get_mut(&TaskId(1)).expect("a known task");
    Arc::make_mut(state.lease.as_mut().expect("a live lease"))
}

fn completion(plan: &mut Plan) -> &mut Completion {
    let state = plan.states.get_mut(&TaskId(3)).expect("a known task");
    Arc::make_mut(state.completion.as_mut().expect("a completed task"))
}

fn spec(plan: &mut Plan) -> &mut Spec {
    Arc::make_mut(plan.specs.get_mut(&TaskId(2)).expect("a known task"))
}

fn agent(plan: &mut Plan) -> &mut Agent {
    Arc::make_mut(plan.agents.get_mut("dev-1").expect("a registered agent"))
}

/// The session of dev-1, the second that was opened.
fn session(plan: &mut Plan) -> &mut Session {
    let session = plan.sessions.get_mut(&SessionId(2));
    Arc::make_mut(session.expect("a known session"))
}

fn phase(plan: &mut Plan) -> &mut Phase {
    Arc::make_mut(plan.phases.get_mut(&PhaseNo(0)).expect("the first phase"))
}

fn first_blocker(plan: &mut Plan) -> &mut Blocker {
    Arc::make_mut(plan.blockers.get_mut(&BlockerId(1)).expect("a blocker"))
}

#[test]
fn a_damage_to_leases_completions_and_queues_is_noticed() {
    check(&[
        (
            "the counter",
            |plan| plan.fence = 1 << 53,
            "the fence is 2^53 or more",
        ),
        ("attempt", |plan| lease(plan).attempt += 1, "its lease at"),
        (
            "chain",
            |plan| lease(plan).chain_since = Timestamp(i64::MAX),
            "begins after its last",
        ),
        (
            "holder",
            |plan| lease(plan).agent = "dev-2".into(),
            "who does not know of it",
        ),
        (
            "session",
            |plan| lease(plan).session = SessionId(1),
            "which is not open to it",
        ),
        ("fence 0", |plan| lease(plan).fence = 0, "T-1 has fence 0"),
        (
            "nobody",
            |plan| completion(plan).agent = None,
            "was completed by nobody",
        ),
        (
            "no session",
            |plan| completion(plan).session = None,
            "T-3 was completed by Some",
        ),
        (
            "no fence",
            |plan| completion(plan).fence = 0,
            "was completed under fence 0",
        ),
        (
            "the future",
            |plan| completion(plan).version = u64::MAX,
            "completed in the future",
        ),
        (
            "undecided",
            |plan| {
                plan.states
                    .get_mut(&TaskId(6))
                    .expect("a task")
                    .open_decisions = 0
            },
            "open decisions of T-6",
        ),
        (
            "blocked",
            |plan| {
                plan.states
                    .get_mut(&TaskId(2))
                    .expect("a task")
                    .open_blockers = 0
            },
            "blocked for T-2",
        ),
        (
            "settled without a word",
            |plan| first_blocker(plan).status = BlockerStatus::Resolved,
            "B-1 is Resolved with None",
        ),
        (
            "origin",
            |plan| spec(plan).origin = Some(DiscoveredId(1)),
            "tasks by origin",
        ),
        (
            "closed at",
            |plan| phase(plan).closed_at = Some(Timestamp(1)),
            "closed Some",
        ),
    ]);
}

#[test]
fn a_damage_to_agents_sessions_and_the_order_is_noticed() {
    check(&[
        (
            "holds",
            |plan| agent(plan).holds = [].into(),
            "tasks held by dev-1",
        ),
        (
            "capacity",
            |plan| agent(plan).capacity = 0,
            "holds 1 and may hold 0",
        ),
        (
            "their sessions",
            |plan| agent(plan).open_sessions = [].into(),
            "open sessions of dev-1",
        ),
        (
            "strangers",
            |plan| drop(plan.agents.remove("dev-1")),
            "strangers hold",
        ),
        (
            "over",
            |plan| session(plan).status = SessionStatus::Closed,
            "ended None",
        ),
        (
            "over and silent",
            |plan| session(plan).status = SessionStatus::Closed,
            "says nothing",
        ),
        (
            "whose",
            |plan| session(plan).agent = "nobody".into(),
            "who is not registered",
        ),
        (
            "sessions",
            |plan| plan.highest_session = 0,
            "is beyond the counter 0",
        ),
        (
            "tasks",
            |plan| plan.highest_task = 0,
            "is beyond the counter 0",
        ),
        (
            "states",
            |plan| drop(plan.states.remove(&TaskId(2))),
            "states are",
        ),
        (
            "a waiver of itself",
            |plan| spec(plan).waived = [On::Task(TaskId(2))].into(),
            "need not wait for itself",
        ),
        (
            "waits for nothing",
            |plan| {
                let on = On::Task(TaskId(99));
                let in_force = true;
                spec(plan).dependencies = [Dependency { on, in_force }].into();
            },
            "which does not exist",
        ),
        (
            "the current phase",
            |plan| {
                plan.index.passed.insert(PhaseNo(0));
            },
            "current phase",
        ),
        (
            "readiness",
            |plan| plan.index.open_phases = [PhaseNo(1)].into(),
            "open phases",
        ),
    ]);
}
