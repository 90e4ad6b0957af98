//! Splitting a task: the parts stand where it stood, with its waits and with those who waited for it, and
//! what was open about it is open about them.

use super::super::command::{Command, NewBlocker, NewPart, NewTask, OnRef, PhaseChanges};
use super::super::event::{BlockerKind, Event, On, ReleaseCause, Severity};
use super::super::id::TaskId;
use super::super::model::Status;
use super::super::refusal::Reason;
use super::super::settings::{Settings, SizePolicy};
use super::{Given, by, lead, plan, plan_with};

fn part(title: &str) -> NewPart {
    NewPart {
        title: title.to_owned(),
        ..NewPart::default()
    }
}

fn split(task: &str, parts: usize, chain: bool) -> Command {
    Command::SplitTask {
        task: task.to_owned(),
        parts: (1..=parts)
            .map(|place| part(&format!("Part {place}")))
            .collect(),
        chain,
    }
}

fn id(text: &str) -> TaskId {
    text.parse().expect("a task's id")
}

fn waits(given: &Given, task: &str) -> Vec<String> {
    let view = given.plan.task(id(task)).expect("a known task");
    let stated = view.spec.dependencies.iter();
    let names = stated.map(|dependency| match &dependency.on {
        On::Task(on) => on.to_string(),
        On::Phase(on) => format!("phase {on}"),
        On::AllAbove => "all above".to_owned(),
    });
    names.collect()
}

fn estimate(given: &Given, task: &str) -> String {
    let view = given.plan.task(id(task)).expect("a known task");
    let estimate = view.spec.estimate;
    estimate.map_or(String::new(), |estimate| estimate.to_string())
}

/// T-2 waits for T-1, T-3 for T-2, T-4 for everything above it.
fn row() -> Given {
    plan()
        .phase("1")
        .task(&[])
        .task_as(NewTask {
            title: "Take payments".to_owned(),
            role: "developer".to_owned(),
            area: "API".to_owned(),
            priority: Some(1),
            estimate: "3 sessions".parse().ok(),
            description: "by card and in cash".to_owned(),
            notes: "ask the bank".to_owned(),
            acceptance: vec!["cards work".to_owned(), "cash works".to_owned()],
            dependencies: vec![OnRef::Task("T-1".to_owned())],
            ..NewTask::default()
        })
        .task(&["T-2"])
        .task_as(NewTask {
            dependencies: vec![OnRef::AllAbove],
            ..NewTask::default()
        })
        .agent("dev-1", "developer")
        .agent("dev-2", "developer")
}

#[test]
fn the_parts_take_over_what_the_task_was() {
    let given = row().then(lead(), split("T-2", 2, false), &["TaskSplit"]);
    for name in ["T-5", "T-6"] {
        let view = given.plan.task(id(name)).expect("a part");
        assert_eq!(waits(&given, name), ["T-1"]);
        assert_eq!((view.spec.priority, view.spec.ordinal), (1, 2));
        assert_eq!(given.plan.role_slug(view.state.role), "developer");
        assert_eq!(
            (&*view.spec.area, &*view.spec.notes),
            ("API", "ask the bank")
        );
        assert_eq!(&*view.spec.description, "by card and in cash");
        assert_eq!(view.spec.split_from(), Some(TaskId(2)));
        assert_eq!(view.spec.acceptance.len(), 2, "nobody was named for them");
        assert_eq!(estimate(&given, name), "1.5 sessions");
    }
    let whole = given.plan.task(TaskId(2)).expect("the task");
    assert_eq!(whole.state.status, Status::Cancelled);
    assert_eq!(whole.spec.split_into(), [TaskId(5), TaskId(6)]);
    assert_eq!(whole.state.reason.as_deref(), Some("split into T-5, T-6"));
    let causes = given.plan.explain(TaskId(2));
    assert_eq!(causes[0].message, "T-2 was split into T-5, T-6");
    assert_eq!(causes[0].next, "why T-5");
}

#[test]
fn who_waited_for_the_task_waits_for_all_of_its_parts() {
    let given = row().and(lead(), split("T-2", 2, false));
    assert_eq!(waits(&given, "T-3"), ["T-5", "T-6"]);
    let given = given.done("dev-1", "T-1").done("dev-1", "T-5");
    assert_eq!(given.why("T-3"), ["DEPENDENCY_UNMET"]);
    assert_eq!(given.why("T-4"), ["DEPENDENCY_UNMET"]);
    let given = given.done("dev-1", "T-6");
    assert!(given.is_ready("T-3"), "{:?}", given.why("T-3"));
    let given = given.done("dev-1", "T-3");
    assert!(given.is_ready("T-4"), "all above it are finished");
}

#[test]
fn in_a_chain_each_part_waits_for_the_one_before_and_others_for_the_last() {
    let given = row().and(lead(), split("T-2", 3, true));
    assert_eq!(waits(&given, "T-5"), ["T-1"]);
    assert_eq!(waits(&given, "T-6"), ["T-1", "T-5"]);
    assert_eq!(waits(&given, "T-7"), ["T-1", "T-6"]);
    assert_eq!(waits(&given, "T-3"), ["T-7"]);
    let given = given.done("dev-1", "T-1");
    assert!(given.is_ready("T-5") && !given.is_ready("T-6"));
}

#[test]
fn what_was_waived_of_the_task_is_waived_of_its_parts() {
    let waive = |task: &str| Command::WaiveDependency {
        task: task.to_owned(),
        on: OnRef::Task("T-2".to_owned()),
        reason: "goes without".to_owned(),
    };
    let given = row()
        .and(lead(), waive("T-3"))
        .and(lead(), waive("T-4"))
        .and(lead(), split("T-2", 2, false))
        .done("dev-1", "T-1");
    assert!(given.is_ready("T-3"), "{:?}", given.why("T-3"));
    let given = given.done("dev-1", "T-3");
    assert!(given.is_ready("T-4"), "{:?}", given.why("T-4"));
}

#[test]
fn a_part_can_be_split_again_and_stays_where_it_was() {
    let given = row()
        .and(lead(), split("T-2", 2, false))
        .and(lead(), split("T-5", 2, true));
    assert_eq!(waits(&given, "T-3"), ["T-8", "T-6"]);
    let view = given.plan.task(TaskId(5)).expect("a part");
    assert_eq!(view.spec.split_from(), Some(TaskId(2)));
    assert_eq!(view.spec.split_into(), [TaskId(7), TaskId(8)]);
    let order: Vec<TaskId> = given.plan.tasks().map(|view| view.id).collect();
    let ids = [1, 2, 5, 6, 7, 8, 3, 4].map(TaskId);
    assert_eq!(order, ids, "in the place of the task");
}

#[test]
fn estimates_that_are_given_leave_the_rest_to_the_others() {
    let with = |estimates: [&str; 3]| {
        let parts = estimates.map(|estimate| NewPart {
            estimate: estimate.parse().ok(),
            ..part("Part")
        });
        let command = Command::SplitTask {
            task: "T-2".to_owned(),
            parts: parts.to_vec(),
            chain: false,
        };
        let given = row().and(lead(), command);
        ["T-5", "T-6", "T-7"].map(|part| estimate(&given, part))
    };
    // Three sessions of an hour.
    assert_eq!(with(["1h", "", ""]), ["1 hour", "60 min", "60 min"]);
    assert_eq!(with(["3h", "", ""]), ["3 hours", "", ""]);
    assert_eq!(with(["4h", "", "1h"]), ["4 hours", "", "1 hour"]);
    assert_eq!(with(["", "", ""]), ["1 session"; 3]);
}

#[test]
fn criteria_go_to_the_parts_named_and_none_is_lost() {
    let parts = [vec![1], vec![]].map(|acceptance| NewPart {
        acceptance,
        ..part("Part")
    });
    let command = |parts: &[NewPart]| Command::SplitTask {
        task: "T-2".to_owned(),
        parts: parts.to_vec(),
        chain: false,
    };
    let given = row().and(lead(), command(&parts));
    let criteria = |task: u32| {
        let view = given.plan.task(TaskId(task)).expect("a part");
        let texts = view.spec.acceptance.iter();
        texts.map(ToString::to_string).collect::<Vec<_>>()
    };
    assert_eq!(criteria(5), ["cards work", "cash works"]);
    assert_eq!(criteria(6), ["cash works"]);
    for number in [0, 3] {
        let mut wrong = parts.clone();
        wrong[0].acceptance = vec![number];
        row().refuses(lead(), command(&wrong), Reason::InvalidField);
    }
}

fn blocked(given: Given, kind: BlockerKind) -> Given {
    given.and(
        lead(),
        Command::OpenBlocker(Box::new(NewBlocker {
            kind,
            tasks: vec!["T-1".to_owned(), "T-2".to_owned()],
            phase: String::new(),
            fence: 0,
            reason: "waits for the bank".to_owned(),
            owner: String::new(),
            resolution_path: String::new(),
            severity: Severity::High,
            keep_lease: false,
        })),
    )
}

#[test]
fn what_is_open_about_the_task_is_open_about_its_parts() {
    let given = blocked(row(), BlockerKind::External).and(
        lead(),
        Command::OpenDecision {
            question: "Which bank?".to_owned(),
            options: Vec::new(),
            blocks: vec!["T-2".to_owned()],
            selectors: Vec::new(),
            phases: Vec::new(),
        },
    );
    let given = given.then(lead(), split("T-2", 2, false), &["TaskSplit"]);
    let blocker = given.plan.blockers().next().expect("the blocker");
    assert_eq!(*blocker.tasks, [TaskId(1), TaskId(5), TaskId(6)]);
    let decision = given.plan.decisions().next().expect("the decision");
    assert_eq!(*decision.blocks, [TaskId(5), TaskId(6)]);
    assert_eq!(
        given.why("T-6"),
        ["DEPENDENCY_UNMET", "TASK_BLOCKED", "DECISION_OPEN"]
    );
    let decide = Command::Decide {
        decision: decision.id,
        ruling: Box::new(crate::plan::command::Ruling {
            answer: "this one".to_owned(),
            rationale: String::new(),
            record_uri: String::new(),
            ..Default::default()
        }),
    };
    let given = given.and(lead(), decide);
    assert_eq!(given.why("T-6"), ["DEPENDENCY_UNMET", "TASK_BLOCKED"]);
}

#[test]
fn a_parked_task_is_unparked_by_its_split_and_the_parts_know_what_failed() {
    let fails = |given: Given| {
        given
            .started("dev-1", "T-1")
            .released("dev-1", "T-1", ReleaseCause::Failed)
    };
    let given = fails(fails(fails(row())));
    assert_eq!(given.why("T-1"), ["TASK_PARKED"]);
    let given = given.then(
        lead(),
        split("T-1", 2, false),
        &["BlockerResolved", "TaskSplit"],
    );
    assert!(given.is_ready("T-5") && given.is_ready("T-6"));
    let given = given.claimed("dev-1", "T-5");
    let brief = given.plan.brief(TaskId(5)).expect("a held task");
    let earlier = brief.earlier.expect("what the attempts left behind");
    assert_eq!(earlier.note, "the tests do not start");
}

#[test]
fn only_a_planned_task_that_nobody_holds_is_split() {
    let held = row().claimed("dev-1", "T-1");
    held.refuses(lead(), split("T-1", 2, false), Reason::TaskHeld);
    let done = row().done("dev-1", "T-1");
    done.refuses(lead(), split("T-1", 2, false), Reason::IllegalTransition);
    let put_off = row().and(
        lead(),
        Command::DeferTask {
            task: "T-1".to_owned(),
            target: String::new(),
            reason: "later".to_owned(),
        },
    );
    let refusal = put_off.refuses(lead(), split("T-1", 2, false), Reason::IllegalTransition);
    assert!(refusal.next.contains(&"task reinstate T-1".to_owned()));
    let over = row().and(lead(), split("T-1", 2, false));
    over.refuses(lead(), split("T-1", 2, false), Reason::IllegalTransition);
    over.refuses(lead(), split("T-99", 2, false), Reason::TaskNotFound);
    over.refuses(by("dev-1"), split("T-2", 2, false), Reason::NotAllowed);
}

#[test]
fn a_split_has_two_to_fifty_parts_with_titles() {
    for parts in [0, 1, 51] {
        row().refuses(lead(), split("T-1", parts, false), Reason::InvalidField);
    }
    let most = row().and(lead(), split("T-1", 50, true));
    assert_eq!(waits(&most, "T-2"), ["T-54"]);
    let nameless = Command::SplitTask {
        task: "T-1".to_owned(),
        parts: vec![part("A"), part("  ")],
        chain: false,
    };
    row().refuses(lead(), nameless, Reason::InvalidField);
}

#[test]
fn a_part_larger_than_a_session_is_refused_where_such_tasks_are() {
    let settings = Settings {
        size_policy: SizePolicy::Refuse,
        ..Settings::default()
    };
    let given = plan_with(settings).phase("1").task(&[]);
    let large = Command::SplitTask {
        task: "T-1".to_owned(),
        parts: vec![
            part("A"),
            NewPart {
                estimate: "2 sessions".parse().ok(),
                ..part("B")
            },
        ],
        chain: false,
    };
    given.refuses(lead(), large, Reason::TaskTooLarge);
}

#[test]
fn a_task_that_others_wait_to_see_finished_again_is_not_split() {
    let given = row().done("dev-1", "T-1").started("dev-1", "T-2").and(
        lead(),
        Command::ReopenTask {
            task: "T-1".to_owned(),
            reason: "it broke".to_owned(),
        },
    );
    let refusal = given.refuses(lead(), split("T-1", 2, false), Reason::TaskBlocked);
    assert_eq!(refusal.next, ["blockers resolve B-1 --resolution …"]);
}

#[test]
fn a_split_that_would_make_too_many_waits_is_refused_and_a_chain_is_not() {
    let mut given = plan().phase("1").task(&[]);
    let waiting = |count: usize| {
        let task = NewTask {
            title: "Waits".to_owned(),
            phase: "1".to_owned(),
            dependencies: vec![OnRef::Task("T-1".to_owned())],
            ..NewTask::default()
        };
        Command::CreateTasks(vec![task; count])
    };
    given = given.and(lead(), waiting(201));
    let refusal = given.refuses(lead(), split("T-1", 50, false), Reason::LimitReached);
    assert!(refusal.message.contains("into a chain"), "{refusal}");
    given.then(lead(), split("T-1", 50, true), &["TaskSplit"]);
}

#[test]
fn nothing_new_waits_for_a_task_that_was_split() {
    let given = row().and(lead(), split("T-2", 2, false));
    let on = vec![OnRef::Task("T-2".to_owned())];
    let add = Command::AddDependencies {
        task: "T-1".to_owned(),
        on: on.clone(),
    };
    let refusal = given.refuses(lead(), add, Reason::IllegalTransition);
    assert_eq!(refusal.total, 2, "both parts are named");
    let new = NewTask {
        title: "Another".to_owned(),
        phase: "1".to_owned(),
        dependencies: on,
        ..NewTask::default()
    };
    let create = Command::CreateTasks(vec![new]);
    given.refuses(lead(), create, Reason::IllegalTransition);
}

#[test]
fn a_split_is_one_event_however_much_it_moves() {
    let given = row().and(lead(), split("T-2", 2, false));
    let last = given.log.last().expect("an event");
    let Event::TaskSplit(event) = &last.event else {
        panic!("{last:?}");
    };
    let json = serde_json::to_string(event).expect("an event is JSON");
    assert!(
        !json.contains("by card"),
        "the words are not repeated: {json}"
    );
}

#[test]
fn parts_stand_before_what_waits_for_all_above_even_where_that_was_moved() {
    let mut given = plan().phase("1").task(&[]);
    for _ in 2..=30 {
        given = given.task(&["T-1"]);
    }
    let side_by_side = Command::UpdatePhase {
        phase: "2".to_owned(),
        changes: Box::new(PhaseChanges {
            predecessors: Some(Vec::new()),
            ..PhaseChanges::default()
        }),
    };
    given = given.phase("2").and(lead(), side_by_side);
    given = given.task(&[]).task_as(NewTask {
        dependencies: vec![OnRef::AllAbove],
        ..NewTask::default()
    });
    // Fewer stand before T-32 than behind T-1, so that T-31 and T-32 are what moves, to before T-1.
    let wait = Command::AddDependencies {
        task: "T-1".to_owned(),
        on: vec![OnRef::Task("T-32".to_owned())],
    };
    given = given.and(lead(), wait);
    assert!(given.plan.index.order.moved_count() > 0);
    // Every invariant is looked at after each command; the kept order is one of them.
    let split = given.then(lead(), split("T-31", 2, false), &["TaskSplit"]);
    split.refuses(
        lead(),
        Command::AddDependencies {
            task: "T-33".to_owned(),
            on: vec![OnRef::Task("T-1".to_owned())],
        },
        Reason::Cycle,
    );
}
