//! Windows by example: what phases and roles are meant for, and claims outside of it; skills nobody has.

use super::super::command::{
    Claim, Command, NewPhase, NewSprint, NewTask, NewWorkflow, PhaseChanges, PhaseTiming,
};
use super::super::day::Day;
use super::super::event::{Event, RoleTime, TaskChanges, WorkflowDefinition};
use super::super::id::SprintId;
use super::super::inbox::WaitKind;
use super::super::model::PhaseState;
use super::super::refusal::Reason;
use super::super::settings::{RoleWindowPolicy, Settings, WindowsFrom};
use super::super::window::{Window, WindowUnit};
use super::{Given, by, lead, plan, plan_with};

const START: Day = Day(20_000);

fn window(unit: WindowUnit, from: u32, to: u32) -> Window {
    Window { unit, from, to }
}

fn days(from: u32, to: u32) -> Window {
    window(WindowUnit::Day, from, to)
}

fn set(role: &str, phase: &str, time: Option<RoleTime>) -> Command {
    Command::SetRoleWindow {
        role: role.to_owned(),
        phase: phase.to_owned(),
        time,
    }
}

fn during(from: u32, to: u32) -> Option<RoleTime> {
    Some(RoleTime::During(days(from, to)))
}

/// A claim of whatever comes, on that day of the project.
fn on_day(day: u32, task: &str) -> Command {
    Command::ClaimTask(Claim {
        task: task.to_owned(),
        today: Some(START.later(day - 1)),
        ..Claim::default()
    })
}

/// A tester's task before a developer's; agents of both that can do either.
fn given(policy: RoleWindowPolicy) -> Given {
    plan_with(Settings {
        start_date: Some(START),
        role_windows: policy,
        ..Settings::default()
    })
    .phase("1")
    .task_of("qa", &[])
    .task_of("developer", &[])
    .agent_for("both-1", &["qa", "developer"], 5)
}

fn warning(given: &Given) -> Option<String> {
    let claims = given.log.iter().rev();
    let mut claims = claims.filter_map(|recorded| match &recorded.event {
        Event::TaskClaimed(claim) => Some(claim.warning.as_deref().map(str::to_owned)),
        _ => None,
    });
    claims.next().flatten()
}

#[test]
fn a_claim_outside_the_time_of_a_role_is_granted_with_a_warning() {
    let given = given(RoleWindowPolicy::Warn).and(lead(), set("qa", "", during(3, 14)));
    let early = given.clone().and(by("both-1"), on_day(2, ""));
    assert_eq!(
        warning(&early).as_deref(),
        Some(
            "the role qa works in phase 1 in days 3-14 (2024-10-06 to 2024-10-17), and today is \
             2024-10-05"
        )
    );
    let inside = given.clone().and(by("both-1"), on_day(3, ""));
    assert_eq!(warning(&inside), None);
    let other = given.clone().and(by("both-1"), on_day(2, "T-2"));
    assert_eq!(warning(&other), None, "nothing is said of developers");
    let resumed = early.and(
        by("both-1"),
        Command::ClaimTask(Claim {
            resume: true,
            today: Some(START),
            ..Claim::default()
        }),
    );
    assert_eq!(warning(&resumed), None, "it was said with the claim");
}

#[test]
fn what_is_said_of_a_phase_goes_before_what_is_said_of_the_project() {
    let given = given(RoleWindowPolicy::Warn)
        .and(lead(), set("qa", "", during(3, 14)))
        .then(
            lead(),
            set("qa", "1", Some(RoleTime::Always)),
            &["RoleWindowSet"],
        );
    let always = given.clone().and(by("both-1"), on_day(1, "T-1"));
    assert_eq!(warning(&always), None);
    let given = given
        .and(lead(), set("qa", "1", None))
        .and(by("both-1"), on_day(1, "T-1"));
    assert!(warning(&given).is_some());
}

#[test]
fn where_it_is_refused_such_tasks_are_not_handed_out() {
    let given = given(RoleWindowPolicy::Refuse).and(lead(), set("qa", "", during(3, 14)));
    let named = given.refuses(by("both-1"), on_day(2, "T-1"), Reason::OutsideWindow);
    assert_eq!(named.next, ["window list"]);
    let next = given.clone().and(by("both-1"), on_day(2, ""));
    assert_eq!(next.fence("T-1"), 0);
    assert_ne!(next.fence("T-2"), 0);
    let nothing = next.refuses(by("both-1"), on_day(2, ""), Reason::WaitingOnCoordinator);
    assert!(nothing.message.contains("days 3-14"), "{nothing}");
    let inside = given.and(by("both-1"), on_day(14, ""));
    assert_ne!(inside.fence("T-1"), 0);
}

#[test]
fn without_a_first_day_or_where_nobody_asks_nothing_is_outside() {
    for policy in [RoleWindowPolicy::Refuse, RoleWindowPolicy::Off] {
        let settings = Settings {
            start_date: Some(START).filter(|_| policy == RoleWindowPolicy::Off),
            role_windows: policy,
            ..Settings::default()
        };
        let given = plan_with(settings)
            .phase("1")
            .task_of("qa", &[])
            .agent("qa-1", "qa")
            .and(lead(), set("qa", "", during(3, 14)));
        assert!(!given.plan.asks_for_the_day());
        let given = given.and(by("qa-1"), on_day(1, ""));
        assert_eq!(warning(&given), None, "{policy:?}");
    }
}

#[test]
fn what_is_no_time_of_a_role_is_refused() {
    let given = given(RoleWindowPolicy::Warn).and(lead(), set("qa", "", during(3, 14)));
    let refused = |command: Command, reason: Reason| given.refuses(lead(), command, reason);
    let backwards = refused(set("qa", "1", during(5, 4)), Reason::InvalidField);
    assert!(backwards.message.contains("ends with day 4"), "{backwards}");
    refused(set("qa", "1", during(0, 4)), Reason::InvalidField);
    refused(set("qa", "", during(3, 14)), Reason::InvalidField);
    refused(set("qa", "1", None), Reason::InvalidField);
    refused(set("pilot", "", during(1, 2)), Reason::UnknownRole);
    refused(set("qa", "9", during(1, 2)), Reason::PhaseNotFound);
    given.refuses(by("both-1"), set("qa", "", None), Reason::NotAllowed);
}

fn timing(phase: &str, timing: PhaseTiming) -> Command {
    Command::UpdatePhase {
        phase: phase.to_owned(),
        changes: Box::new(PhaseChanges {
            timing,
            ..PhaseChanges::default()
        }),
    }
}

#[test]
fn a_phase_has_a_window_until_it_is_taken_back() {
    let new = NewPhase {
        name: "Second".to_owned(),
        timing: PhaseTiming {
            window: Some(window(WindowUnit::Week, 1, 2)),
            ..PhaseTiming::default()
        },
        ..NewPhase::default()
    };
    let given = given(RoleWindowPolicy::Warn).and(lead(), Command::CreatePhases(vec![new]));
    let dates = |given: &Given| {
        let phase = given.plan.phases().last().expect("a phase");
        given.plan.phase_dates(phase)
    };
    assert_eq!(dates(&given), Some((START, Day(20_013))));
    let moved = PhaseTiming {
        window: Some(days(2, 3)),
        ..PhaseTiming::default()
    };
    let given = given.then(lead(), timing("2", moved), &["PhaseUpdated"]);
    assert_eq!(dates(&given), Some((Day(20_001), Day(20_002))));
    let backwards = PhaseTiming {
        window: Some(days(3, 2)),
        ..PhaseTiming::default()
    };
    given.refuses(lead(), timing("2", backwards), Reason::InvalidField);
    given.refuses(
        lead(),
        timing("2", PhaseTiming::default()),
        Reason::InvalidField,
    );
    let dropped = PhaseTiming {
        drop_window: true,
        ..PhaseTiming::default()
    };
    assert_eq!(dates(&given.and(lead(), timing("2", dropped))), None);
}

#[test]
fn a_phase_is_late_when_its_window_is_over_and_it_is_not_closed() {
    let first = PhaseTiming {
        window: Some(days(1, 3)),
        ..PhaseTiming::default()
    };
    let given = given(RoleWindowPolicy::Warn).and(lead(), timing("1", first));
    let late = |given: &Given, day: u32| {
        let phase = given.plan.phases().next().expect("a phase");
        given.plan.is_late(phase, START.later(day - 1))
    };
    assert!(!late(&given, 3));
    assert!(late(&given, 4));
    let given = given.done("both-1", "T-1").done("both-1", "T-2");
    let phase = given.plan.phases().next().expect("a phase");
    assert_eq!(phase.state, PhaseState::Completed);
    assert!(!late(&given, 4));
}

#[test]
fn a_skill_that_nobody_has_is_named_by_why_and_waits_for_a_person() {
    let needs = |skills: &[&str]| NewTask {
        role: "developer".to_owned(),
        skills: skills.iter().map(|&skill| skill.to_owned()).collect(),
        ..NewTask::default()
    };
    let register = |agent: &str, role: &str, skills: &[&str]| Command::RegisterAgent {
        agent: agent.to_owned(),
        roles: vec![role.to_owned()],
        skills: skills.iter().map(|&skill| skill.to_owned()).collect(),
        capacity: 1,
        model: String::new(),
    };
    let given = plan()
        .phase("1")
        .task_as(needs(&["sql", "rust"]))
        .task_as(needs(&["go"]));
    assert_eq!(given.why("T-1"), ["NO_AGENT_FOR_ROLE"]);
    let given = given.and(lead(), register("dev-1", "developer", &["sql", "go"]));
    assert_eq!(given.why("T-1"), ["NO_AGENT_WITH_SKILLS"]);
    assert_eq!(given.why("T-2"), Vec::<&str>::new());
    let cause = given.plan.explain("T-1".parse().expect("an id"));
    assert_eq!(cause[0].refs, ["rust"], "one of them is there");
    assert_eq!(
        cause[0].next,
        "agent register NAME --role developer --skill rust"
    );
    assert!(given.is_ready("T-1"), "it is a remark");
    let inbox = given.plan.inbox().into_iter();
    let waiting: Vec<_> = inbox
        .filter(|it| it.kind == WaitKind::SkillWithoutAgent)
        .map(|it| (it.id, it.holds_up))
        .collect();
    assert_eq!(waiting, [("rust".to_owned(), 1)]);
    // Somebody has it, but not together with the role and the other skill.
    let given = given.and(lead(), register("qa-1", "qa", &["rust"]));
    let cause = given.plan.explain("T-1".parse().expect("an id"));
    assert_eq!(cause[0].refs, ["rust", "sql"]);
    let given = given.and(lead(), register("dev-2", "developer", &["rust", "sql"]));
    assert_eq!(given.why("T-1"), Vec::<&str>::new());
    assert!(
        given
            .plan
            .inbox()
            .iter()
            .all(|it| it.kind != WaitKind::SkillWithoutAgent)
    );
    let changed = Command::UpdateTask {
        task: "T-2".to_owned(),
        changes: Box::new(TaskChanges {
            skills: Some(vec!["cobol".into()]),
            ..TaskChanges::default()
        }),
        revision: 0,
    };
    assert_eq!(
        given.and(lead(), changed).why("T-2"),
        ["NO_AGENT_WITH_SKILLS"]
    );
}

/// The first day of the first phase's window.
fn first_day(given: &Given) -> Option<Day> {
    let phase = given.plan.phases().next().expect("a phase");
    given.plan.phase_dates(phase).map(|(first, _)| first)
}

fn counted_from(windows_from: WindowsFrom) -> Given {
    plan_with(Settings {
        start_date: Some(START),
        time_zone: "Pacific/Auckland".to_owned(),
        windows_from,
        ..Settings::default()
    })
    .and(
        lead(),
        Command::CreatePhases(vec![NewPhase {
            id: "1".to_owned(),
            name: "Build".to_owned(),
            timing: PhaseTiming {
                window: Some(days(2, 3)),
                ..PhaseTiming::default()
            },
            ..NewPhase::default()
        }]),
    )
    .task(&[])
}

#[test]
fn windows_are_counted_from_the_active_sprint_where_the_project_says_so() {
    assert_eq!(
        first_day(&counted_from(WindowsFrom::Project)),
        Some(START.later(1))
    );
    let given = counted_from(WindowsFrom::Sprint);
    assert_eq!(first_day(&given), None, "no sprint is active");
    let sprint = Command::PlanSprint(Box::new(NewSprint {
        goal: "a first order".to_owned(),
        start: START.later(30),
        end: START.later(40),
        tasks: vec!["T-1".to_owned()],
    }));
    let given = given.and(lead(), sprint);
    assert_eq!(first_day(&given), None, "it is only planned");
    let commit = Command::CommitSprint {
        sprint: SprintId(1),
        tasks: Vec::new(),
    };
    let given = given.and(lead(), commit);
    assert_eq!(first_day(&given), Some(START.later(31)));
    let phase = given.plan.phases().next().expect("a phase");
    assert!(!given.plan.is_late(phase, START.later(32)));
    assert!(given.plan.is_late(phase, START.later(33)));
}

#[test]
fn windows_are_counted_from_the_newest_running_workflow_where_the_project_says_so() {
    let mut given = counted_from(WindowsFrom::Workflow);
    assert_eq!(first_day(&given), None);
    let define = Command::DefineWorkflow(Box::new(NewWorkflow {
        workflow: "build".to_owned(),
        words: WorkflowDefinition {
            objective: "Build it".into(),
            ..WorkflowDefinition::default()
        },
        ..NewWorkflow::default()
    }));
    given = given.and(lead(), define);
    // Eleven hours before midnight in universal time, past it where the project is.
    given.now_ms = i64::from(START.0) * 86_400_000 + 13 * 3_600_000;
    let start = Command::StartWorkflow {
        workflow: "build".to_owned(),
        restart: false,
    };
    let given = given.and(lead(), start);
    assert_eq!(first_day(&given), Some(START.later(2)));
}
