//! Real plan files, read only where `MUSTER_TEST_PLANS` names a directory with `plans/` and `seeds/`.

use std::path::{Path, PathBuf};

use super::super::{PlanFileError, ReadOptions, read_plan};
use super::{codes, edges};
use crate::plan::import::{ImportedPlan, ImportedStatus};

const NO_OPTIONS: ReadOptions = ReadOptions {
    allow_template: false,
};

fn files(folder: &str) -> Vec<PathBuf> {
    let Some(root) = std::env::var_os("MUSTER_TEST_PLANS") else {
        println!("skipped: MUSTER_TEST_PLANS is not set");
        return Vec::new();
    };
    let entries = std::fs::read_dir(Path::new(&root).join(folder)).expect("the folder of plans");
    let mut files: Vec<PathBuf> = entries
        .map(|entry| entry.expect("an entry").path())
        .collect();
    files.sort();
    files
}

fn result(path: &Path, options: ReadOptions) -> Result<ImportedPlan, PlanFileError> {
    let name = path.file_name().expect("a file").to_string_lossy();
    read_plan(
        &name,
        &std::fs::read(path).expect("a readable file"),
        options,
    )
}

fn seed(prefix: &str) -> Option<PathBuf> {
    let mut files = files("seeds").into_iter();
    files.find(|path| {
        path.file_name()
            .is_some_and(|name| name.to_string_lossy().starts_with(prefix))
    })
}

#[test]
fn the_project_plan_is_read_to_its_exact_counts_and_edges() {
    let Some(path) = seed("003") else { return };
    let plan = result(&path, NO_OPTIONS).expect("a plan");
    let status = |wanted| {
        plan.tasks
            .iter()
            .filter(|task| task.status == wanted)
            .count()
    };
    assert_eq!(plan.phases.len(), 3);
    assert_eq!(
        (
            status(ImportedStatus::Completed),
            status(ImportedStatus::InProgress),
            status(ImportedStatus::Planned)
        ),
        (1, 1, 11)
    );
    assert_eq!(
        edges(&plan),
        [
            "Define core data models <- Set up project structure and tooling",
            "Implement base connector class <- Define core data models",
            "Configure local development environment <- Implement base connector class",
            "Set up CI/CD pipeline <- Configure local development environment",
            "Build REST API layer for resource management <- phase Foundation",
            "Implement data ingestion pipeline <- Build REST API layer for resource management",
            "Build notification system <- Build REST API layer for resource management",
            "Integrate payment provider <- Build REST API layer for resource management",
            "Add observability: logging, tracing, metrics <- phase Core Features",
            "Performance testing and optimization <- Add observability: logging, tracing, metrics",
            "Security hardening and review <- Performance testing and optimization",
            "Production deployment runbook <- all above",
        ]
    );
    assert_eq!(plan.stated_dependencies(), 12);
    assert_eq!(
        (
            plan.discovered.len(),
            plan.blockers.len(),
            plan.decisions.len(),
            plan.sprints.len()
        ),
        (3, 1, 3, 1)
    );
    let payment = plan
        .tasks
        .iter()
        .position(|task| task.title == "Integrate payment provider");
    assert_eq!(plan.blockers[0].task, payment);
    assert_eq!(plan.decisions[0].blocks, Vec::from_iter(payment));
    assert_eq!(plan.decisions[0].question, "Payment provider selection");
    assert_eq!(plan.decisions[1].options, ["Kafka", "SQS", "Redis Pub/Sub"]);
    assert_eq!(plan.highest_session, 4);
    assert_eq!(
        (
            plan.header.name.as_deref(),
            plan.header.sprint_dates.as_deref()
        ),
        (None, None)
    );
    assert_eq!(
        plan.phases
            .iter()
            .map(|phase| phase.criteria.len())
            .collect::<Vec<_>>(),
        [3, 1, 3]
    );
    assert_eq!(
        codes(&plan, ""),
        [
            "7 placeholder",
            "10 placeholder",
            "23 overview_goal_not_taken",
            "24 overview_goal_not_taken",
            "25 overview_goal_not_taken",
            "44 in_progress_as_planned",
            "66 note_asks_for_decision",
            "118 placeholder",
            "128 decision_blocks_nothing",
            "129 decision_blocks_nothing",
            "141 placeholder",
        ]
    );
}

#[test]
fn the_build_plan_is_read_with_its_boxes() {
    let Some(path) = seed("000") else { return };
    let plan = result(&path, NO_OPTIONS).expect("a plan");
    assert_eq!((plan.phases.len(), plan.tasks.len()), (8, 45));
    assert_eq!(codes(&plan, "deliverable_not_imported").len(), 11);
    assert_eq!(codes(&plan, "progress_mismatch"), ["8 progress_mismatch"]);
    assert_eq!(codes(&plan, "arrow_not_imported").len(), 5);
    assert_eq!(
        plan.phases[6].lead_role.as_deref(),
        Some("Site Reliability Engineer")
    );
    assert_eq!(plan.phases[0].status, ImportedStatus::Completed);
}

#[test]
fn the_master_plan_is_read_with_its_components() {
    let Some(path) = seed("004") else { return };
    let plan = result(&path, NO_OPTIONS).expect("a plan");
    assert_eq!(
        (
            plan.phases.len(),
            plan.tasks.len(),
            plan.stated_dependencies()
        ),
        (4, 7, 6)
    );
    assert_eq!(
        edges(&plan),
        [
            "Core Models <- Database Schema",
            "Auth Service <- Core Models",
            "Main API <- Auth Service",
            "Feature A <- Main API",
            "Feature B <- Main API",
            "External Integration <- Feature A",
            "External Integration <- Feature B",
        ]
    );
    assert_eq!(codes(&plan, "criterion_not_imported").len(), 13);
    assert_eq!(codes(&plan, "box_not_imported").len(), 14);
}

#[test]
fn the_tracker_template_is_refused_and_read_when_allowed() {
    let Some(path) = seed("002") else { return };
    assert_eq!(result(&path, NO_OPTIONS), Err(PlanFileError::Template));
    let plan = result(
        &path,
        ReadOptions {
            allow_template: true,
        },
    )
    .expect("a plan");
    assert_eq!((plan.phases.len(), plan.tasks.len()), (3, 2));
    assert_eq!(plan.phases[2].name, "Next Phase Name");
    assert_eq!(plan.tasks[0].external_id.as_deref(), Some("SETUP-01"));
    assert_eq!(codes(&plan, "yaml_task_not_imported").len(), 4);
    assert_eq!(codes(&plan, "unresolved_dependent").len(), 2);
}

#[test]
fn every_collected_plan_is_answered() {
    let files: Vec<PathBuf> = files("plans").into_iter().chain(files("seeds")).collect();
    println!(
        "{:<60} {:>6} {:>6} {:>5} {:>6}",
        "file", "phases", "tasks", "deps", "notes"
    );
    for path in files {
        let name: String = path
            .file_name()
            .expect("a file")
            .to_string_lossy()
            .chars()
            .take(60)
            .collect();
        match result(
            &path,
            ReadOptions {
                allow_template: true,
            },
        ) {
            Ok(plan) => println!(
                "{name:<60} {:>6} {:>6} {:>5} {:>6}",
                plan.phases.len(),
                plan.tasks.len(),
                plan.stated_dependencies(),
                plan.diagnostics.len()
            ),
            Err(PlanFileError::NoTasks {
                phases,
                reasons,
                diagnostics,
            }) => {
                assert!(!reasons.is_empty(), "{name}");
                println!(
                    "{name:<60} {phases:>6} {:>6} {:>5} {:>6} {reasons:?}",
                    0,
                    0,
                    diagnostics.len()
                );
            }
            Err(error) => println!("{name:<60} {error}"),
        }
    }
}
