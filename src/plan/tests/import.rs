//! Plan files by example: what comes in, what is kept and not in force, what a second import does.

use super::super::command::Command;
use super::super::id::{PhaseNo, TaskId};
use super::super::import::{
    DocumentStatus, ImportedDependency, ImportedPhase, ImportedPlan, ImportedStatus,
    ImportedTarget, ImportedTask, Source,
};
use super::super::model::{PhaseState, Status};
use super::super::refusal::Reason;
use super::{Given, lead, plan};
use crate::interchange::{ReadOptions, read_plan};

const FILE: &str = "\
# PROJECT PLAN: Shop

## Phase 1: Ground

| # | Task | Area | Priority | Status | Depends On |
|---|------|------|----------|--------|------------|
| 1 | Set up the repository | Infrastructure | P0 | ✅ Complete | - |
| 2 | Write the schema | Data | P1 | ⬜ Not Started | Set up the repository |

## Phase 2: Shop window

| # | Task | Area | Priority | Status | Depends On |
|---|------|------|----------|--------|------------|
| 1 | Show the goods | Features | P1 | ⬜ Not Started | - |
| 2 | Test everything | Features | P1 | ⬜ Not Started | All above |
";

fn read(name: &str, text: &str) -> ImportedPlan {
    read_plan(name, text.as_bytes(), ReadOptions::default()).expect("a readable plan")
}

fn import(file: ImportedPlan) -> Command {
    Command::ImportPlan(Box::new(file))
}

/// A file of one phase with these tasks, each with what it waits for.
fn file(tasks: &[&[ImportedTarget]]) -> ImportedPlan {
    let task = |(place, on): (usize, &&[ImportedTarget])| ImportedTask {
        title: format!("Task {place}"),
        dependencies: on
            .iter()
            .map(|target| ImportedDependency {
                text: format!("{target:?}"),
                target: *target,
                line: 1,
            })
            .collect(),
        ..ImportedTask::default()
    };
    ImportedPlan {
        source: Source {
            name: "PLAN.md".to_owned(),
            digest: "d1".to_owned(),
            bytes: 1,
            status: None,
        },
        phases: vec![ImportedPhase {
            name: "Only".to_owned(),
            ..ImportedPhase::default()
        }],
        tasks: tasks.iter().enumerate().map(task).collect(),
        ..ImportedPlan::default()
    }
}

fn codes(given: &Given) -> Vec<String> {
    let project = given.plan.project().expect("a project");
    let kept = project.diagnostics.iter();
    kept.map(|(_, diagnostic)| diagnostic.code.clone())
        .collect()
}

#[test]
fn a_file_fills_an_empty_project() {
    let given = plan().then(
        lead(),
        import(read("PLAN.md", FILE)),
        &["PlanImported", "PhasesAdded", "TasksAdded"],
    );
    let done = given.plan.task(TaskId(1)).expect("the first task");
    assert_eq!(done.state.status, Status::Completed);
    let completion = done.state.completion.as_ref().expect("how it was done");
    assert_eq!(&*completion.verification, "imported");
    assert!(given.is_ready("T-2"));
    assert_eq!(given.why("T-4")[..2], ["PHASE_LOCKED", "DEPENDENCY_UNMET"]);
}

#[test]
fn the_same_bytes_again_leave_no_event_even_after_work_went_on() {
    let given = plan()
        .and(lead(), import(read("PLAN.md", FILE)))
        .agent("data-1", "data")
        .done("data-1", "T-2");
    given.then(lead(), import(read("PLAN.md", FILE)), &[]);
}

#[test]
fn other_bytes_of_a_known_file_are_refused_with_both_counts() {
    let given = plan().and(lead(), import(read("PLAN.md", FILE)));
    let other = FILE.replace(
        "| 2 | Write the schema | Data",
        "| 2 | Write a schema | Data",
    );
    let refusal = given.refuses(
        lead(),
        import(read("PLAN.md", &other)),
        Reason::SourceChanged,
    );
    let facts: Vec<&str> = refusal
        .facts
        .iter()
        .map(|(_, value)| value.as_str())
        .collect();
    assert_eq!(facts, ["2", "4", "2", "4"]);
    let elsewhere = import(read("OTHER.md", &other));
    given.refuses(lead(), elsewhere, Reason::ProjectNotEmpty);
}

#[test]
fn a_file_without_a_task_is_refused() {
    plan().refuses(lead(), import(file(&[])), Reason::InvalidField);
}

#[test]
fn an_edge_that_closes_a_circle_is_kept_and_not_in_force() {
    use ImportedTarget::Task;
    let given = plan().and(lead(), import(file(&[&[Task(2)], &[Task(0)], &[Task(1)]])));
    assert_eq!(codes(&given), ["dependency_cycle"]);
    let in_force = |id: u32| {
        let view = given.plan.task(TaskId(id)).expect("a known task");
        view.spec.dependencies[0].in_force
    };
    let kept = [1, 2, 3].map(in_force);
    assert_eq!(kept.iter().filter(|in_force| **in_force).count(), 2);
    let oneself = plan().and(lead(), import(file(&[&[Task(0)]])));
    assert_eq!(codes(&oneself), ["dependency_cycle"]);
}

#[test]
fn a_wait_for_everything_above_is_not_in_force_when_something_above_waits_for_it() {
    use ImportedTarget::{AllAbove, Task};
    // The first waits for the last, and for the one before through it.
    let rows: [&[ImportedTarget]; 4] = [&[Task(3)], &[AllAbove], &[Task(1)], &[AllAbove, Task(2)]];
    let given = plan().and(lead(), import(file(&rows)));
    assert_eq!(codes(&given), ["dependency_cycle", "dependency_cycle"]);
    let plain: [&[ImportedTarget]; 3] = [&[], &[AllAbove], &[AllAbove]];
    let given = plan().and(lead(), import(file(&plain)));
    assert_eq!(codes(&given), Vec::<String>::new());
}

#[test]
fn an_edge_against_the_phase_order_is_kept_and_not_in_force() {
    let mut imported = file(&[&[ImportedTarget::Task(1)], &[]]);
    imported.phases.push(ImportedPhase {
        name: "Later".to_owned(),
        ..ImportedPhase::default()
    });
    imported.tasks[1].phase = 1;
    let given = plan().and(lead(), import(imported));
    assert_eq!(codes(&given), ["edge_against_phase_order"]);
    assert!(given.is_ready("T-1"));
}

#[test]
fn an_authored_short_id_is_kept_and_the_counter_goes_on_after_it() {
    let mut imported = file(&[&[], &[], &[]]);
    imported.tasks[0].external_id = Some("T-21".to_owned());
    imported.tasks[1].external_id = Some("SETUP-01".to_owned());
    let given = plan().and(lead(), import(imported));
    let resolved = |text| given.plan.resolve_task(text).ok();
    assert_eq!(resolved("t-21"), Some(TaskId(21)));
    assert_eq!(resolved("setup-01"), Some(TaskId(22)));
    assert_eq!(
        given.task(&[]).plan.resolve_task("T-24").ok(),
        Some(TaskId(24))
    );
}

#[test]
fn an_id_that_two_rows_claim_stays_with_the_first() {
    for id in ["SETUP-01", "T-21"] {
        let mut imported = file(&[&[], &[]]);
        for task in &mut imported.tasks {
            task.external_id = Some(id.to_owned());
        }
        let given = plan().and(lead(), import(imported));
        assert_eq!(codes(&given), ["duplicate_external_id"]);
        let first = given.plan.tasks().next().expect("a task").id;
        assert_eq!(given.plan.resolve_task(id).ok(), Some(first));
    }
}

#[test]
fn a_phase_written_complete_comes_in_completed_when_its_tasks_are_over() {
    let mut imported = file(&[&[], &[]]);
    imported.phases[0].status = ImportedStatus::Completed;
    imported.phases[0].criteria = vec!["it runs".to_owned()];
    let open = plan().and(lead(), import(imported.clone()));
    assert_eq!(codes(&open), ["phase_not_complete"]);
    for task in &mut imported.tasks {
        task.status = ImportedStatus::Completed;
    }
    let closed = plan().and(lead(), import(imported));
    let state = closed.plan.phase(PhaseNo(0)).map(|phase| phase.state);
    assert_eq!(state, Some(PhaseState::Completed));
}

#[test]
fn line_breaks_stay_in_notes_and_become_blanks_in_titles() {
    let mut imported = file(&[&[]]);
    imported.tasks[0].title = "One\ntwo\u{1b}[31m".to_owned();
    imported.tasks[0].notes = Some("first\nsecond\u{7}".to_owned());
    imported.header.description = Some("x".repeat(20_000));
    let given = plan().and(lead(), import(imported));
    let view = given.plan.task(TaskId(1)).expect("the task");
    assert_eq!(&*view.spec.title, "One two [31m");
    assert_eq!(&*view.spec.notes, "first\nsecond");
}

#[test]
fn a_large_file_is_recorded_in_events_of_bounded_size() {
    let mut imported = file(&[&[] as &[_]; 600]);
    for (place, task) in imported.tasks.iter_mut().enumerate() {
        task.notes = Some("é".repeat(1_000));
        task.phase = place % 40;
    }
    let phase = ImportedPhase {
        name: "One of many".to_owned(),
        goal: Some("é".repeat(16_000)),
        criteria: vec!["it runs".to_owned(); 150],
        ..ImportedPhase::default()
    };
    imported.phases = vec![phase; 40];
    imported.highest_session = u32::MAX;
    let given = plan().and(lead(), import(imported));
    for recorded in &given.log {
        let document = super::super::codec::encode(recorded, "").expect("an event is JSON");
        assert!(document.len() <= super::super::codec::DOCUMENT_BYTES_MAX);
    }
    assert_eq!(given.plan.task_count(), 600);
    assert!(codes(&given).iter().all(|code| code == "criteria_cut"));
    // The counter does not overflow on a number that no project reached.
    let given = given.agent("dev-1", "developer");
    given.then(
        super::by("dev-1"),
        super::claim(),
        &["SessionStarted", "TaskClaimed"],
    );
}

fn settle(number: u32, note: &str) -> Command {
    let note = note.to_owned();
    Command::SettleDiagnostic { number, note }
}

#[test]
fn a_settled_diagnostic_stays_settled_when_the_file_comes_again() {
    let text = FILE.replace("Set up the repository |\n\n", "Nobody knows |\n\n");
    let given = plan().and(lead(), import(read("PLAN.md", &text)));
    let before = given.plan.project().expect("a project").open_diagnostics();
    assert!(before > 0, "the file has something to settle");
    given.refuses(lead(), settle(1, ""), Reason::InvalidField);
    given.refuses(lead(), settle(99, "x"), Reason::DiagnosticNotFound);
    given.refuses(lead(), settle(0, "x"), Reason::DiagnosticNotFound);
    let given = given.then(lead(), settle(1, "meant T-1"), &["DiagnosticSettled"]);
    let refusal = given.refuses(lead(), settle(1, "again"), Reason::IllegalTransition);
    assert!(refusal.message.contains("meant T-1"), "{refusal}");
    let given = given.then(lead(), import(read("PLAN.md", &text)), &[]);
    let project = given.plan.project().expect("a project");
    assert_eq!(project.open_diagnostics(), before - 1);
    assert_eq!(
        project.settled_diagnostic(1).map(|said| &*said.text),
        Some("meant T-1")
    );
}

const HEADER: &str = "\
# PROJECT PLAN: Shop

**Document Status:** Current
**Sprint goal:** A first order
**Sprint dates:** 2026-11-02 to 2026-11-15
**Sprint tasks:** Set up the repository, Write the schema, Paint the door
";

fn with_header(header: &str) -> String {
    FILE.replace("# PROJECT PLAN: Shop\n", header)
}

#[test]
fn a_goal_with_dates_in_the_header_is_a_planned_sprint_exactly_once() {
    let text = with_header(HEADER);
    let file = || import(read("PLAN.md", &text));
    let events = ["PlanImported", "PhasesAdded", "TasksAdded", "SprintPlanned"];
    let given = plan().then(lead(), file(), &events);
    let sprint = given.plan.sprints().next().expect("a sprint");
    assert_eq!(&*sprint.goal, "A first order");
    let days = (sprint.start.to_string(), sprint.end.to_string());
    assert_eq!(days, ("2026-11-02".to_owned(), "2026-11-15".to_owned()));
    assert_eq!(&*sprint.tasks, [TaskId(2)], "what is finished is left out");
    assert_eq!(
        codes(&given),
        ["unresolved_sprint_task", "sprint_task_over"]
    );
    given.then(lead(), file(), &[]);
    let other = Command::PlanSprint(Box::new(super::super::command::NewSprint {
        goal: "Something else".to_owned(),
        start: "2026-11-01".parse().expect("a day"),
        end: "2026-11-02".parse().expect("a day"),
        tasks: Vec::new(),
    }));
    let ahead = plan().and(lead(), other);
    let ahead = ahead.then(lead(), file(), &events[..3]);
    assert!(codes(&ahead).contains(&"sprint_not_planned".to_owned()));
}

#[test]
fn a_header_without_two_days_in_order_plans_no_sprint_and_says_why() {
    for (dates, code, line) in [
        ("", None, 0),
        (
            "**Sprint dates:** some time soon\n",
            Some("unreadable_dates"),
            4,
        ),
        (
            "**Sprint dates:** 2026-11-15 to 2026-11-02\n",
            Some("dates_out_of_order"),
            4,
        ),
    ] {
        let header = format!("# PROJECT PLAN: Shop\n\n**Sprint goal:** A first order\n{dates}");
        let file = read("PLAN.md", &with_header(&header));
        let given = plan().and(lead(), import(file));
        assert_eq!(given.plan.sprints().count(), 0, "{dates}");
        let project = given.plan.project().expect("a project");
        assert_eq!(&*project.sprint_goal, "A first order");
        let said = project
            .diagnostics
            .iter()
            .map(|(_, one)| (one.code.as_str(), one.line));
        assert_eq!(
            said.collect::<Vec<_>>(),
            Vec::from_iter(code.map(|code| (code, line)))
        );
    }
}

#[test]
fn a_document_stands_as_it_says_until_a_later_one_of_its_name_comes_in() {
    let given = plan().and(lead(), import(read("PLAN.md", &with_header(HEADER))));
    let mut project = given.plan.project().expect("a project").clone();
    assert_eq!(project.source_status(0), Some(DocumentStatus::Current));
    let later = Source {
        digest: "d2".to_owned(),
        status: Some(DocumentStatus::Draft),
        ..project.sources[0].clone()
    };
    project.sources.push(later);
    assert_eq!(project.source_status(0), Some(DocumentStatus::Superseded));
    assert_eq!(project.source_status(1), Some(DocumentStatus::Draft));
    assert_eq!(project.source_status(2), None);
    let header = "# PROJECT PLAN: Shop\n\n**Document Status:** Laminated\n";
    let given = plan().and(lead(), import(read("PLAN.md", &with_header(header))));
    let project = given.plan.project().expect("a project");
    assert_eq!(project.source_status(0), None);
    assert_eq!(codes(&given), ["unreadable_status"]);
}
