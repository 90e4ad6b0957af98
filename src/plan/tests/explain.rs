//! What people and agents are told: every reason at once, the inbox, the brief, the empty answer.

use super::super::command::{Command, NewBlocker, NewDiscovered, NewTask};
use super::super::event::{BlockerKind, ReleaseCause, Severity};
use super::super::id::{BlockerId, DecisionId, TaskId};
use super::super::inbox::WaitKind;
use super::super::refusal::Reason;
use super::{Given, by, claim, lead, plan};

fn decide_on(task: &str) -> Command {
    Command::OpenDecision {
        question: "Kafka or SQS?".to_owned(),
        options: Vec::new(),
        blocks: vec![task.to_owned()],
        selectors: Vec::new(),
        phases: Vec::new(),
    }
}

fn block(task: &str) -> NewBlocker {
    NewBlocker {
        kind: BlockerKind::External,
        tasks: vec![task.to_owned()],
        phase: String::new(),
        fence: 0,
        reason: "the bank is silent".to_owned(),
        owner: String::new(),
        resolution_path: String::new(),
        severity: Severity::High,
        keep_lease: false,
    }
}

#[test]
fn every_reason_is_told_at_once() {
    let given = plan()
        .phase("1")
        .task(&[])
        .phase("2")
        .task(&[])
        .task_of("designer", &["T-2"])
        .and(lead(), decide_on("T-3"))
        .and(lead(), Command::OpenBlocker(Box::new(block("T-3"))))
        .and(
            lead(),
            Command::PauseProject {
                reason: String::new(),
            },
        );
    let all = [
        "PROJECT_PAUSED",
        "PHASE_LOCKED",
        "DEPENDENCY_UNMET",
        "TASK_BLOCKED",
        "DECISION_OPEN",
        "NO_AGENT_FOR_ROLE",
    ];
    assert_eq!(given.why("T-3"), all);
}

#[test]
fn a_task_that_can_be_claimed_has_no_reason_not_to() {
    let given = plan().phase("1").task(&[]);
    assert_eq!(given.why("T-1"), Vec::<&str>::new());
    let remark = plan().phase("1").task_of("qa", &[]);
    assert_eq!(remark.why("T-1"), ["NO_AGENT_FOR_ROLE"]);
    assert!(remark.is_ready("T-1"));
}

#[test]
fn the_inbox_lists_the_oldest_first_each_with_its_command() {
    let given = plan()
        .phase_with("1", &["it runs"])
        .task(&[])
        .phase("2")
        .task(&[])
        .task(&["T-2"])
        .agent("dev-1", "developer")
        .and(lead(), decide_on("T-2"))
        .and(
            lead(),
            Command::ReportDiscovered(Box::new(NewDiscovered {
                title: "A leak".to_owned(),
                ..NewDiscovered::default()
            })),
        )
        .and(lead(), Command::OpenBlocker(Box::new(block("T-3"))))
        .done("dev-1", "T-1");
    let listed: Vec<(WaitKind, String, u32, String)> = given
        .plan
        .inbox()
        .into_iter()
        .map(|waiting| (waiting.kind, waiting.id, waiting.holds_up, waiting.command))
        .collect();
    let expected = [
        (
            WaitKind::Decision,
            "DEC-1",
            2,
            "decision decide DEC-1 --answer …",
        ),
        (WaitKind::Discovered, "D-1", 0, "triage D-1 --promote"),
        (
            WaitKind::Blocker,
            "B-1",
            1,
            "blockers resolve B-1 --resolution …",
        ),
        (
            WaitKind::Criterion,
            "phase 1",
            2,
            "phase meet 1 1 --evidence …",
        ),
    ];
    let expected = expected
        .map(|(kind, id, behind, command)| (kind, id.to_owned(), behind, command.to_owned()));
    assert_eq!(listed, expected);
}

#[test]
fn a_role_nobody_can_fill_is_in_the_inbox() {
    let given = plan().phase("1").task_of("designer", &[]);
    let inbox = given.plan.inbox();
    assert_eq!(inbox[0].kind, WaitKind::RoleWithoutAgent);
    assert_eq!(inbox[0].command, "agent register NAME --role designer");
}

fn answered() -> Given {
    let given = plan()
        .phase("1")
        .task(&[])
        .task(&["T-1"])
        .agent("dev-1", "developer")
        .and(lead(), decide_on("T-2"))
        .done("dev-1", "T-1")
        .and(
            lead(),
            Command::Decide {
                decision: DecisionId(1),
                ruling: Box::new(crate::plan::command::Ruling {
                    answer: "SQS".to_owned(),
                    rationale: "we have it".to_owned(),
                    record_uri: String::new(),
                    ..Default::default()
                }),
            },
        )
        .started("dev-1", "T-2");
    let ask = Command::OpenBlocker(Box::new(NewBlocker {
        kind: BlockerKind::Input,
        fence: given.fence("T-2"),
        reason: "which region?".to_owned(),
        ..block("T-2")
    }));
    given
        .and(by("dev-1"), ask)
        .and(
            lead(),
            Command::ResolveBlocker {
                blocker: BlockerId(1),
                resolution: "eu-west".to_owned(),
                withdraw: false,
            },
        )
        .claimed("dev-1", "T-2")
}

#[test]
fn a_brief_holds_what_was_decided_answered_inherited_and_left_behind() {
    let given = answered();
    let brief = given.plan.brief(TaskId(2)).expect("it is held");
    let answers: Vec<(&str, &str)> = brief
        .answers
        .iter()
        .map(|answer| (&*answer.id, &*answer.answer))
        .collect();
    assert_eq!(answers.len(), 2);
    assert_eq!(answers[0], ("B-1", "eu-west"));
    assert!(answers[1].1.contains("SQS") && answers[1].1.contains("we have it"));
    assert_eq!(brief.inherited[0].summary, "did T-1");
    let earlier = brief.earlier.as_ref().expect("an attempt before");
    assert_eq!((earlier.attempt, &*earlier.ending), (1, "blocked"));
    assert_eq!(brief.checks.len(), 3);
}

#[test]
fn a_brief_carries_the_next_commands_with_the_fence_filled_in() {
    let given = plan()
        .phase("1")
        .task(&[])
        .agent("dev-1", "developer")
        .claimed("dev-1", "T-1");
    let fence = given.fence("T-1");
    let brief = given.plan.brief(TaskId(1)).expect("it is held");
    assert_eq!(brief.next[0], format!("start T-1 --fence {fence}"));
    assert!(
        brief
            .next
            .iter()
            .all(|line| line.contains(&format!("--fence {fence}")))
    );
    let given = given.released("dev-1", "T-1", ReleaseCause::Returned);
    assert_eq!(given.plan.brief(TaskId(1)), None);
}

#[test]
fn an_empty_answer_says_what_is_waited_for() {
    let given = plan()
        .phase("1")
        .task(&[])
        .task(&["T-1"])
        .agent("dev-1", "developer")
        .agent("dev-2", "developer")
        .claimed("dev-1", "T-1");
    let refusal = given.refuses(by("dev-2"), claim(), Reason::WaitingOnWork);
    assert_eq!(refusal.items[0].subject, "T-1");
    let empty = plan().phase("1").agent("dev-1", "developer");
    empty.refuses(by("dev-1"), claim(), Reason::WaitingOnCoordinator);
    let done = empty.task(&[]).done("dev-1", "T-1");
    done.refuses(by("dev-1"), claim(), Reason::PlanComplete);
    let others = plan()
        .phase("1")
        .task_of("qa", &[])
        .task_of("developer", &["T-1"])
        .agent("dev-1", "developer")
        .agent("qa-1", "qa");
    others.refuses(by("dev-1"), claim(), Reason::WaitingOnWork);
    let nobody = plan()
        .phase("1")
        .task_of("qa", &[])
        .task_of("developer", &["T-1"])
        .agent("dev-1", "developer");
    let refusal = nobody.refuses(by("dev-1"), claim(), Reason::WaitingOnCoordinator);
    assert_eq!(refusal.items[0].subject, "qa");
}

#[test]
fn what_is_held_up_is_counted_through_names_phases_and_everything_above() {
    let given = plan()
        .phase("1")
        .task(&[])
        .task(&["T-1"])
        .task_as(NewTask {
            dependencies: vec![super::super::command::OnRef::AllAbove],
            ..NewTask::default()
        })
        .phase("2")
        .task(&[]);
    assert_eq!(given.plan.holds_up(&[TaskId(1)]), 3);
    assert_eq!(given.plan.holds_up(&[TaskId(2)]), 2);
    assert_eq!(given.plan.holds_up(&[TaskId(4)]), 0);
    let no = given.plan.resolve_phase("1").expect("a known phase");
    assert_eq!(given.plan.phase_holds_up(no), 1);
}
