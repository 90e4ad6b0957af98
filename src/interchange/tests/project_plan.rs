//! The project plan shape: header, overview, phases with tables of tasks, and the four queues.

use super::{codes, edges, plan};
use crate::plan::import::ImportedStatus;
use crate::plan::time::{Estimate, EstimateUnit};

const PLAN: &str = "# PLAN.md

<!-- A remark for people.
     - [ ] not a task -->

**Project:** Harbour
**Current phase:** Phase 1 -- Groundwork
**Sprint goal:** Move the first crate
**Sprint dates:** YYYY-MM-DD to YYYY-MM-DD
**Last updated:** 2026-01-05 (Session 007)

---

## Phase Overview

| Phase | Name | Status | Goal |
|-------|------|--------|------|
| 1 | Groundwork | In Progress | Quays and cranes |
| 2 | Trade | Planned | Ships come and go |
| 3 | Later | Planned | Whatever comes |

**Status key:** Complete | In Progress | Planned | Blocked

---

## Phase 1: Groundwork

**Goal:** A quay that holds.
**Success criteria:** The quay stands. Cranes turn.

| Task | Area | Estimated | Depends On | Status | Notes |
|------|------|-----------|------------|--------|-------|
| Survey the sea floor | Data | 1 session | -- | Complete | Sonar, 3 days |
| Pour quay foundation | Infrastructure | 2 sessions | Sea floor | In Progress | |
| **Assemble crane** | Infrastructure | 30 min | Quay foundation; Surveys | Planned | Uses `a | b` \\| c |

**Phase 1 progress:** 1/3 tasks complete (33%)

## Phase 2: Trade

**Goal:** Ships come and go.

| Task | Area | Estimated | Depends On | Status | Notes |
|------|------|-----------|------------|--------|-------|
| Open customs office | API | 1 session | Phase 1 complete | Planned | ADR required before starting |
| Collect harbour fees | API | soon | Customs office and crane | Planned | |
| Publish timetable | Docs | 1 session | All above | Planned | |

**Phase 2 progress:** 1/3 tasks complete (33%)

## Discovered Tasks

| Task | Discovered In | Priority | Added to Sprint? |
|------|--------------|----------|-----------------|
| Paint the crane | Session 012 | High | No |
| [Task title] | Session NNN | Low | No |

## Blocked Tasks

| Task | Blocked By | Since | Resolution Path |
|------|-----------|-------|-----------------|
| Collecting fees | Tariff not set | YYYY-MM-DD | Ask the mayor |
| Lighthouse | Lamp | 2026-01-02 | Buy one |

## Architecture Decisions Needed

- [ ] Tariff model (blocks Phase 2 fee collection)
- [x] Crane maker (Liebherr vs. Konecranes)
- [ ] Colour of the office (blocks the painting)

## Sprint History

| Sprint | Dates | Goal | Committed | Completed | Velocity (tasks/session) |
|--------|-------|------|-----------|-----------|--------------------------|
| 1 | YYYY-MM-DD to YYYY-MM-DD | First crate | 5 | 1 | 0.5 |
";

#[test]
fn the_whole_shape_is_read() {
    let plan = plan(PLAN);
    assert_eq!(plan.header.name.as_deref(), Some("Harbour"));
    assert_eq!(
        plan.header.sprint_goal.as_deref(),
        Some("Move the first crate")
    );
    assert_eq!(plan.header.sprint_dates, None);
    let phases: Vec<_> = plan
        .phases
        .iter()
        .map(|phase| (phase.id.as_deref(), phase.name.as_str(), phase.line))
        .collect();
    assert_eq!(
        phases,
        [
            (Some("1"), "Groundwork", 26),
            (Some("2"), "Trade", 39),
            (Some("3"), "Later", 20)
        ]
    );
    assert_eq!(
        plan.phases[0].criteria,
        ["The quay stands.", "Cranes turn."]
    );
    assert_eq!(plan.phases[0].goal.as_deref(), Some("A quay that holds."));
    assert_eq!(plan.phases[0].status, ImportedStatus::InProgress);
    assert_eq!(plan.phases[2].goal.as_deref(), Some("Whatever comes"));
    assert_eq!(plan.highest_session, 12);
    assert_eq!(plan.source.bytes, u64::try_from(PLAN.len()).unwrap());
    assert_eq!(plan.source.digest.len(), 64);
}

#[test]
fn rows_become_tasks_word_for_word() {
    let plan = plan(PLAN);
    let crane = &plan.tasks[2];
    assert_eq!(crane.title, "Assemble crane");
    assert_eq!(crane.notes.as_deref(), Some("Uses a | b | c"));
    assert_eq!(
        crane.estimate,
        Some(Estimate {
            tenths: 300,
            unit: EstimateUnit::Minute
        })
    );
    assert_eq!(
        (crane.area.as_deref(), crane.line),
        (Some("Infrastructure"), 35)
    );
    let statuses: Vec<_> = plan.tasks.iter().map(|task| task.status).collect();
    use ImportedStatus::{Completed, InProgress, Planned};
    assert_eq!(
        statuses,
        [Completed, InProgress, Planned, Planned, Planned, Planned]
    );
}

#[test]
fn names_find_their_tasks() {
    assert_eq!(
        edges(&plan(PLAN)),
        [
            "Pour quay foundation <- Survey the sea floor",
            "Assemble crane <- Pour quay foundation",
            "Assemble crane <- Survey the sea floor",
            "Open customs office <- phase Groundwork",
            "Collect harbour fees <- Open customs office",
            "Collect harbour fees <- Assemble crane",
            "Publish timetable <- all above",
        ]
    );
}

#[test]
fn the_queues_are_read_and_linked() {
    let plan = plan(PLAN);
    assert_eq!(plan.discovered.len(), 1);
    assert_eq!(plan.discovered[0].found_in.as_deref(), Some("Session 012"));
    assert_eq!(plan.discovered[0].priority, Some(1));
    let blocked: Vec<_> = plan
        .blockers
        .iter()
        .map(|blocker| {
            (
                blocker.task_text.as_str(),
                blocker.task,
                blocker.since.as_deref(),
            )
        })
        .collect();
    assert_eq!(
        blocked,
        [
            ("Collecting fees", Some(4), None),
            ("Lighthouse", None, Some("2026-01-02"))
        ]
    );
    let decisions: Vec<_> = plan
        .decisions
        .iter()
        .map(|decision| {
            (
                decision.question.as_str(),
                decision.blocks.as_slice(),
                decision.decided,
            )
        })
        .collect();
    assert_eq!(
        decisions,
        [
            ("Tariff model", [4].as_slice(), false),
            ("Crane maker", [].as_slice(), true),
            (
                "Colour of the office (blocks the painting)",
                [].as_slice(),
                false
            ),
        ]
    );
    assert_eq!(plan.decisions[1].options, ["Liebherr", "Konecranes"]);
    let sprint = &plan.sprints[0];
    assert_eq!(
        (sprint.committed, sprint.completed, sprint.dates.as_deref()),
        (Some(5), Some(1), None)
    );
    assert_eq!(sprint.velocity.as_deref(), Some("0.5"));
}

#[test]
fn what_is_not_taken_as_written_is_a_diagnostic_with_its_line() {
    assert_eq!(
        codes(&plan(PLAN), ""),
        [
            "9 placeholder",
            "18 overview_goal_not_taken",
            "34 in_progress_as_planned",
            "45 note_asks_for_decision",
            "46 unreadable_estimate",
            "49 progress_mismatch",
            "56 placeholder",
            "62 placeholder",
            "63 blocker_without_task",
            "69 decision_blocks_nothing",
            "75 placeholder",
        ]
        .map(str::to_owned)
    );
}

#[test]
fn line_ends_and_emphasis_change_nothing() {
    let windows = plan(&PLAN.replace('\n', "\r\n"));
    let unix = plan(PLAN);
    assert_eq!(
        (&windows.tasks, &windows.diagnostics),
        (&unix.tasks, &unix.diagnostics)
    );
    let starred = plan(
        &PLAN
            .replace("**Goal:** A", "**Goal**: A")
            .replace("| Planned |", "| *planned* |"),
    );
    assert_eq!(starred.tasks, unix.tasks);
    assert_eq!(starred.phases, unix.phases);
}

#[test]
fn the_written_current_phase_is_only_compared() {
    let wrong = plan(&PLAN.replace("Phase 1 -- Groundwork", "Phase 2 -- Trade"));
    assert_eq!(
        codes(&wrong, "current_phase_mismatch"),
        ["7 current_phase_mismatch"]
    );
}

#[test]
fn the_same_bytes_give_the_same_plan() {
    assert_eq!(plan(PLAN), plan(PLAN));
}

#[test]
fn a_second_table_of_phases_adds_to_the_first() {
    let text = format!(
        "{PLAN}\n## Progress\n\n| Phase | Tasks | Completed | Progress |\n|---|---|---|---|\n\
         | Phase 1: Groundwork | 3 | 2 | 67% |\n| Total | 6 | 2 | 33% |\n"
    );
    let both = plan(&text);
    assert_eq!(both.phases, plan(PLAN).phases);
    let added: Vec<String> = codes(&both, "").split_off(codes(&plan(PLAN), "").len());
    assert_eq!(added, ["81 progress_mismatch", "82 row_not_imported"]);
}
