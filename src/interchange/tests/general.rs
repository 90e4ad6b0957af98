//! The general grammar: boxes, headings of every kind, aliases, ids, reverse columns, placeholders.

use super::super::{PlanFileError, ReadOptions, code, read_plan};
use super::{codes, edges, plan, read};
use crate::plan::import::ImportedStatus;

fn titles(text: &str) -> Vec<String> {
    plan(text)
        .tasks
        .iter()
        .map(|task| task.title.clone())
        .collect()
}

#[test]
fn boxes_under_a_phase_are_tasks_with_the_phases_role() {
    let plan = plan(
        "# Plan\n\n## Development Phases\n\n### 1. Design Phase ✓\n**Agent:** Designer  \n**Status:** Complete  \n\
         **Deliverables:**\n- [x] Flows.md\n- [ ] Frames.md\n\n### 2. Build Phase\n**Agent:** Builder\n\
         **Tasks:**\n- [x] Lay bricks\n- [ ] Raise roof\n  - [ ] Order beams\n  - Priority: High\n- plain words\n",
    );
    assert_eq!(plan.phases[0].status, ImportedStatus::Completed);
    assert_eq!(plan.phases[1].lead_role.as_deref(), Some("Builder"));
    assert_eq!(plan.tasks.len(), 2);
    assert_eq!(plan.tasks[1].acceptance, ["Order beams"]);
    assert_eq!(plan.tasks[1].priority, Some(1));
    assert_eq!(codes(&plan, "deliverable_not_imported").len(), 2);
    assert_eq!(codes(&plan, "bullet_not_a_task"), ["19 bullet_not_a_task"]);
}

#[test]
fn a_dependents_column_gives_reverse_edges() {
    let plan = plan(
        "## Phase 0: Start\n\n| Status | ID | Task / Service | Priority | Dependents |\n|---|---|---|:-:|---|\n\
         | NOT_STARTED | **SETUP-01** | **Project init** | **P0** | SETUP-02, Imports |\n\
         | ✅ | SETUP-02 | Source layout | P1 | None |\n",
    );
    assert_eq!(edges(&plan), ["Source layout <- Project init"]);
    assert_eq!(
        codes(&plan, "unresolved_dependent"),
        ["5 unresolved_dependent"]
    );
    assert_eq!(plan.tasks[0].external_id.as_deref(), Some("SETUP-01"));
    assert_eq!(
        (plan.tasks[0].priority, plan.tasks[1].status),
        (Some(0), ImportedStatus::Completed)
    );
}

#[test]
fn ids_ranges_steps_and_inline_clauses_resolve() {
    let plan = plan(
        "## Phase 1: A\n- [ ] T001 [P] First\n- [ ] T002 Second\n- [ ] T003 Third\n\
         - [ ] T004 [US1] Fourth (depends on T001-T003)\n- [ ] T005 Fifth (depends on T002, T009)\n\n\
         ## Phase 2: B\n\n| # | Task | Status | Depends on |\n|---|---|---|---|\n\
         | 1 | Alpha | todo | Phase 1 |\n| 2 | Beta | todo | Step 1 |\n| 3 | Gamma | todo | T004<br>#2 |\n",
    );
    assert_eq!(
        edges(&plan),
        [
            "Fourth <- First",
            "Fourth <- Second",
            "Fourth <- Third",
            "Fifth <- Second",
            "Alpha <- phase A",
            "Beta <- Alpha",
            "Gamma <- Fourth",
            "Gamma <- Beta",
        ]
    );
    assert_eq!(
        codes(&plan, "unresolved_dependency"),
        ["6 unresolved_dependency"]
    );
    assert_eq!(plan.tasks[0].notes.as_deref(), Some("[P]"));
}

#[test]
fn an_ambiguous_or_unknown_name_is_never_guessed() {
    let plan = plan(
        "## Phase 1: A\n\n| Task | Depends On | Status |\n|---|---|---|\n| Set up monitoring | - | todo |\n\
         | Set up monitoring | none | todo |\n| Alerts | Monitoring | todo |\n| Pages | plan.md | todo |\n\
         | Early | Late thing | todo |\n| Late thing | n/a | todo |\n",
    );
    assert_eq!(edges(&plan), Vec::<String>::new());
    assert_eq!(plan.tasks.len(), 6);
    assert_eq!(
        codes(&plan, ""),
        [
            "7 ambiguous_dependency",
            "8 unresolved_dependency",
            "9 unresolved_dependency"
        ]
    );
}

#[test]
fn a_repeated_id_stays_with_the_first_task() {
    let plan = plan("## Phase 1: A\n- [ ] T001 One\n- [ ] T001 Two\n");
    assert_eq!(plan.tasks[0].external_id.as_deref(), Some("T001"));
    assert_eq!(plan.tasks[1].external_id, None);
    let diagnostic = &plan.diagnostics[0];
    assert_eq!(diagnostic.code, code::DUPLICATE_EXTERNAL_ID);
    assert!(diagnostic.message.contains("line 2") && diagnostic.message.contains("line 3"));
}

#[test]
fn templates_keep_titles_without_brackets_and_resolve_families() {
    let plan = plan(
        "**System**: <Name>\n\n## Build Order\n\n### Phase 1: Base (Week 1-2)\n| Order | Component | Dependencies | \
         Duration | Status |\n|---|---|---|---|---|\n| 1 | <Main API> | None | 2 days | [ ] |\n\
         | 2 | <Feature A> | Main API | 3 days | [x] |\n| 3 | <Feature B> | Main API | 3 days | [ ] |\n\n\
         ### Phase 2: Ends\n| Order | Component | Dependencies | Duration | Status |\n|---|---|---|---|---|\n\
         | 4 | <External> | Features | 5 days | [ ] |\n\n## Milestones\n### Week 1\n- [ ] Database deployed\n\n\
         ## Quality Gates\n### Before Deployment\n- [ ] Scan clean\n\n## Risks\n| Risk | Impact |\n|---|---|\n\
         | <Risk> | High/Med/Low |\n| Rain | Low |\n",
    );
    assert_eq!(plan.header.name, None);
    let windows = plan
        .phases
        .iter()
        .map(|it| it.window.map(|it| it.to_string()));
    let windows: Vec<_> = windows.collect();
    assert_eq!(windows, [Some("weeks 1-2".to_owned()), None]);
    assert_eq!(
        edges(&plan),
        [
            "Feature A <- Main API",
            "Feature B <- Main API",
            "External <- Feature A",
            "External <- Feature B",
        ]
    );
    assert_eq!(plan.stated_dependencies(), 3);
    for (code, count) in [
        ("dependency_on_group", 1),
        ("box_not_imported", 1),
        ("criterion_not_imported", 1),
        ("row_not_imported", 1),
        ("placeholder", 6),
    ] {
        assert_eq!(
            codes(&plan, code).len(),
            count,
            "{code}: {:?}",
            plan.diagnostics
        );
    }
}

#[test]
fn every_kind_of_heading_opens_a_phase_and_the_strongest_wins() {
    for (text, names) in [
        (
            "## Sprint 1: One\n- [ ] a\n## Sprint 2: Two\n- [ ] b\n",
            ["One", "Two"],
        ),
        (
            "## v0.4.0 — One\n- [ ] a\n## v0.5.0 — Two\n- [ ] b\n",
            ["One", "Two"],
        ),
        ("# P0 - One\n- [ ] a\n# P1 - Two\n- [ ] b\n", ["One", "Two"]),
        (
            "## Phase 1: One\n### Week 1\n- [ ] a\n## Phase 2: Two\n- [ ] b\n",
            ["One", "Two"],
        ),
        (
            "# Plan\n## One\n- [ ] a\n### Two\n- [ ] b\n",
            ["One", "Two"],
        ),
    ] {
        let found: Vec<_> = plan(text)
            .phases
            .iter()
            .map(|phase| phase.name.clone())
            .collect();
        assert_eq!(found, names, "{text}");
    }
    let flat = plan("- [ ] a\n- [x] b\n");
    assert_eq!(
        (flat.phases.len(), flat.phases[0].name.as_str()),
        (1, "Tasks")
    );
}

#[test]
fn headings_that_name_tasks_are_tasks_with_their_key_lines() {
    let plan = plan(
        "## Phase 1: A\n\n### Task 1.1: Parser\n**Priority:** P1\n**Effort:** 4h\n- [ ] reads\n- [x] writes\n\n\
         ### 1.2 Group\n- [ ] Inner\n\n### 1.3 Alone\n**Depends on:** 1.1\nprose\n",
    );
    let titles: Vec<_> = plan.tasks.iter().map(|task| task.title.as_str()).collect();
    assert_eq!(titles, ["Parser", "Inner", "Alone"]);
    assert_eq!(plan.tasks[0].acceptance, ["reads", "writes"]);
    assert_eq!(plan.tasks[0].priority, Some(1));
    assert_eq!(plan.tasks[2].external_id.as_deref(), Some("1.3"));
    assert_eq!(edges(&plan), ["Alone <- Parser"]);
}

#[test]
fn fenced_examples_and_struck_boxes_are_no_open_tasks() {
    assert_eq!(
        titles("## Phase 1: A\n```\n- [ ] no\n```\n- [ ] yes\n"),
        ["yes"]
    );
    let plan = plan("## Phase 1: A\n- [ ] ~~gone~~\n- [ ] half ~~gone~~\n");
    assert_eq!(plan.tasks[0].status, ImportedStatus::Cancelled);
    assert_eq!(plan.tasks[1].status, ImportedStatus::Planned);
}

#[test]
fn a_legend_table_decides_ambiguous_signs() {
    let table = "| Task | Status |\n|---|---|\n| a | ⏸️ |\n";
    let with = format!(
        "## Status Legend\n| Icon | Status |\n|---|---|\n| ⏸️ | Deferred |\n\n## Phase 1: A\n{table}"
    );
    assert_eq!(plan(&with).tasks[0].status, ImportedStatus::Deferred);
    let without = plan(&format!("## Phase 1: A\n{table}"));
    assert_eq!(without.tasks[0].status, ImportedStatus::Blocked);
    assert_eq!(codes(&without, "ambiguous_status").len(), 1);
}

#[test]
fn an_edge_against_the_phase_order_is_kept_and_said() {
    let plan =
        plan("## Phase 1: A\n- [ ] T001 One (depends on T002)\n## Phase 2: B\n- [ ] T002 Two\n");
    assert_eq!(edges(&plan), ["One <- Two"]);
    assert_eq!(codes(&plan, "edge_against_phase_order").len(), 1);
}

#[test]
fn every_box_and_row_is_accounted_for() {
    let text = "## Phase 1: A\n- [ ] task\n  - [ ] below\n**Success criteria:**\n- [ ] criterion\n\n\
         ## Other\n- [ ] outside\n\n| Task | Status |\n|---|---|\n| row | todo |\n| | todo |\n\n\
         <div>\n- [ ] in html\n</div>\n\n## Discovered\n- found\n- [ ] found too\n- [ ]\n";
    let plan = plan(text);
    assert_eq!(plan.tasks.len(), 1);
    assert_eq!(plan.tasks[0].acceptance, ["below"]);
    assert_eq!(plan.phases[0].criteria, ["criterion"]);
    assert_eq!(plan.discovered.len(), 2);
    assert_eq!(
        codes(&plan, ""),
        [
            "8 box_not_imported",
            "12 row_outside_phase",
            "13 row_outside_phase",
            "16 html_not_read",
            "22 empty_row",
        ]
    );
}

#[test]
fn a_file_without_tasks_says_why() {
    let error = read("# Notes\n\n## Phase 1: A\n- plain\n- bullets\n").expect_err("no tasks");
    let PlanFileError::NoTasks {
        phases, reasons, ..
    } = error
    else {
        panic!("{error}")
    };
    assert_eq!(phases, 1);
    assert!(reasons[0].starts_with("2 plain bullets"), "{reasons:?}");
    assert!(matches!(
        read(""),
        Err(PlanFileError::NoTasks { phases: 0, .. })
    ));
}

#[test]
fn a_template_is_refused_unless_allowed() {
    let text = "---\ncustom_fields:\n  document_type: template\n---\n## Phase 1: A\n- [ ] task\n";
    assert_eq!(read(text), Err(PlanFileError::Template));
    let allowed = read_plan(
        "a.md",
        text.as_bytes(),
        ReadOptions {
            allow_template: true,
        },
    );
    assert_eq!(allowed.expect("allowed").tasks[0].line, 6);
}
