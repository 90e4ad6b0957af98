//! Blockers, discovered tasks and decisions by example.

use super::super::command::{Command, NewBlocker, NewDiscovered, Verdict};
use super::super::event::{BlockerKind, Severity};
use super::super::fact::Actor;
use super::super::id::{BlockerId, DiscoveredId, TaskId};
use super::super::model::{BlockerStatus, Status};
use super::super::refusal::Reason;
use super::{Given, by, claim_of, lead, plan};

fn block(task: &str, kind: BlockerKind, fence: u64) -> NewBlocker {
    NewBlocker {
        kind,
        tasks: vec![task.to_owned()],
        phase: String::new(),
        fence,
        reason: "which bank?".to_owned(),
        owner: String::new(),
        resolution_path: String::new(),
        severity: Severity::High,
        keep_lease: false,
    }
}

fn open(blocker: NewBlocker) -> Command {
    Command::OpenBlocker(Box::new(blocker))
}

fn resolve(id: u32, withdraw: bool) -> Command {
    Command::ResolveBlocker {
        blocker: BlockerId(id),
        resolution: "the red one".to_owned(),
        withdraw,
    }
}

fn at_work() -> Given {
    plan()
        .phase("1")
        .task(&[])
        .task(&[])
        .agent("dev-1", "developer")
        .agent("dev-2", "developer")
        .started("dev-1", "T-1")
}

fn find() -> Command {
    Command::ReportDiscovered(Box::new(NewDiscovered {
        title: "The cache is never cleared".to_owned(),
        priority: Some(1),
        ..NewDiscovered::default()
    }))
}

fn triage(verdict: Verdict) -> Command {
    Command::TriageDiscovered {
        discovered: DiscoveredId(1),
        verdict,
        note: "seen".to_owned(),
    }
}

fn promote(phase: &str) -> Verdict {
    Verdict::Promote {
        phase: phase.to_owned(),
        role: String::new(),
        priority: None,
        estimate: None,
        dependencies: Vec::new(),
    }
}

#[test]
fn a_blocked_task_goes_back_to_the_plan_until_its_blocker_is_settled() {
    let given = at_work();
    let command = open(block("T-1", BlockerKind::External, given.fence("T-1")));
    let given = given.then(by("dev-1"), command, &["BlockerOpened", "TaskReleased"]);
    assert_eq!(given.why("T-1"), ["TASK_BLOCKED"]);
    given.refuses(by("dev-1"), claim_of("T-1"), Reason::TaskBlocked);
    let given = given.then(lead(), resolve(1, false), &["BlockerResolved"]);
    assert!(given.is_ready("T-1"));
    let view = given.plan.task(TaskId(1)).expect("a known task");
    assert_eq!(view.state.strikes, 0);
    given.refuses(lead(), resolve(1, false), Reason::IllegalTransition);
}

#[test]
fn a_holder_may_keep_its_task_and_finishes_it_once_nothing_is_open() {
    let given = at_work();
    let command = open(NewBlocker {
        keep_lease: true,
        ..block("T-1", BlockerKind::Input, given.fence("T-1"))
    });
    let given = given.then(by("dev-1"), command, &["BlockerOpened"]);
    assert!(given.plan.is_blocked(TaskId(1)));
    let refusal = given.refuses(by("dev-1"), given.complete("T-1"), Reason::TaskBlocked);
    assert!(refusal.message.contains("B-1"), "{refusal}");
    let settled = given.and(lead(), resolve(1, false));
    settled.then(by("dev-1"), settled.complete("T-1"), &["TaskCompleted"]);
}

#[test]
fn an_open_decision_stops_the_end_of_a_task_as_it_stops_its_start() {
    let given = at_work();
    let given = given.and(
        lead(),
        super::drawn::open_decision("Which colour?".to_owned(), vec!["T-1".to_owned()]),
    );
    given.refuses(by("dev-1"), given.complete("T-1"), Reason::TaskBlocked);
}

#[test]
fn questions_are_answered_by_a_coordinator_alone() {
    for kind in [BlockerKind::Input, BlockerKind::Inconsistency] {
        let given = at_work();
        let command = open(NewBlocker {
            owner: "dev-2".to_owned(),
            ..block("T-1", kind, given.fence("T-1"))
        });
        let given = given.and(by("dev-1"), command);
        given.refuses(by("dev-2"), resolve(1, false), Reason::NotAllowed);
        given.refuses(by("dev-1"), resolve(1, false), Reason::NotAllowed);
        given.refuses(by("dev-1"), resolve(1, true), Reason::NotAllowed);
        given.then(lead(), resolve(1, false), &["BlockerResolved"]);
    }
}

#[test]
fn other_blockers_are_settled_by_their_owner_as_well() {
    let given = at_work();
    let command = open(NewBlocker {
        owner: "dev-2".to_owned(),
        ..block("T-1", BlockerKind::External, given.fence("T-1"))
    });
    let given = given.and(by("dev-1"), command);
    given.then(by("dev-2"), resolve(1, false), &["BlockerResolved"]);
    given.refuses(by("dev-1"), resolve(1, false), Reason::NotAllowed);
    let escalate = |actor: Actor| {
        let command = Command::EscalateBlocker {
            blocker: BlockerId(1),
            reason: "it hurts".to_owned(),
            owner: "lead".to_owned(),
        };
        (actor, command)
    };
    let (actor, command) = escalate(by("dev-1"));
    let given = given.then(actor, command, &["BlockerEscalated"]);
    let blocker = given.plan.blocker(BlockerId(1)).expect("a known blocker");
    assert_eq!(
        (&*blocker.owner, blocker.status),
        ("lead", BlockerStatus::Escalated)
    );
}

#[test]
fn an_agent_blocks_only_the_task_it_holds() {
    let given = at_work();
    let fence = given.fence("T-1");
    let other = open(block("T-2", BlockerKind::Other, fence));
    given.refuses(by("dev-1"), other, Reason::LeaseLost);
    let foreign = open(block("T-1", BlockerKind::Other, fence));
    given.refuses(by("dev-2"), foreign, Reason::NotHolder);
    let phase = open(NewBlocker {
        phase: "1".to_owned(),
        ..block("T-1", BlockerKind::Other, fence)
    });
    given.refuses(by("dev-1"), phase, Reason::NotAllowed);
    let failure = open(block("T-1", BlockerKind::Failure, fence));
    given.refuses(by("dev-1"), failure, Reason::InvalidField);
}

fn held_up(given: &Given) -> usize {
    let listed = given.plan.held_up_after(None).count();
    assert_eq!(listed, given.plan.held_up() as usize);
    listed
}

#[test]
fn a_blocked_phase_hands_nothing_out() {
    let given = at_work();
    let command = open(NewBlocker {
        tasks: Vec::new(),
        phase: "1".to_owned(),
        ..block("T-1", BlockerKind::External, 0)
    });
    let given = given.then(lead(), command, &["BlockerOpened"]);
    assert_eq!(given.why("T-2"), ["PHASE_BLOCKED"]);
    assert_eq!(held_up(&given), given.plan.task_count());
    given.refuses(by("dev-2"), claim_of("T-2"), Reason::TaskBlocked);
    let given = given.and(lead(), resolve(1, false));
    assert!(given.is_ready("T-2"));
    assert_eq!(held_up(&given), 0);
}

#[test]
fn a_cancelled_task_takes_its_blocker_along() {
    let given = at_work();
    let command = open(block("T-2", BlockerKind::External, 0));
    let cancel = Command::CancelTask {
        task: "T-2".to_owned(),
        reason: "no need".to_owned(),
        waive_dependents: false,
    };
    let given = given.and(lead(), command);
    given.then(lead(), cancel, &["TaskCancelled", "BlockerResolved"]);
}

#[test]
fn what_is_found_on_the_way_knows_where_and_is_never_claimable() {
    let given = at_work().then(by("dev-1"), find(), &["TaskDiscovered"]);
    let found = given.plan.discovered_task(DiscoveredId(1)).expect("a find");
    assert_eq!(found.found_on, Some(TaskId(1)));
    assert!(found.found_in.is_some());
    given.refuses(by("dev-2"), claim_of("D-1"), Reason::TaskNotFound);
}

#[test]
fn a_promoted_find_becomes_one_task_that_knows_its_origin() {
    let given = at_work().and(by("dev-1"), find());
    let given = given.then(
        lead(),
        triage(promote("")),
        &["TasksAdded", "DiscoveredTriaged"],
    );
    let task = given.plan.task(TaskId(3)).expect("the new task");
    assert_eq!(task.spec.origin, Some(DiscoveredId(1)));
    assert_eq!(
        (task.spec.priority, task.state.status),
        (1, Status::Planned)
    );
    given.refuses(lead(), triage(promote("")), Reason::IllegalTransition);
    given.refuses(by("dev-1"), triage(Verdict::Reject), Reason::NotAllowed);
}

#[test]
fn a_find_put_off_can_still_be_decided_on_and_the_rest_is_final() {
    let given = at_work().and(by("dev-1"), find());
    given
        .clone()
        .then(lead(), triage(Verdict::Defer), &["DiscoveredTriaged"])
        .then(lead(), triage(Verdict::Reject), &["DiscoveredTriaged"])
        .refuses(lead(), triage(Verdict::Defer), Reason::IllegalTransition);
    let twin = |of: &str| triage(Verdict::Duplicate(of.to_owned()));
    given.then(lead(), twin("T-2"), &["DiscoveredTriaged"]);
    given.refuses(lead(), twin("D-1"), Reason::InvalidField);
    given.refuses(lead(), twin("D-2"), Reason::DiscoveredNotFound);
    given.refuses(lead(), twin("T-9"), Reason::TaskNotFound);
}

#[test]
fn a_find_is_not_promoted_into_a_closed_phase() {
    let given = at_work().phase("2").task(&[]).and(by("dev-1"), find());
    let given = given
        .and(by("dev-1"), at_work().complete("T-1"))
        .done("dev-1", "T-2");
    given.refuses(lead(), triage(promote("1")), Reason::PhaseClosed);
    given.then(
        lead(),
        triage(promote("2")),
        &["TasksAdded", "DiscoveredTriaged"],
    );
}
