//! Whole files in, whole plans out: the shapes that real plans have, and bytes that no plan should have.

mod corpus;
mod general;
mod hostile;
mod project_plan;

use super::{PlanFileError, ReadOptions, read_plan};
use crate::plan::import::{ImportedPlan, ImportedTarget};

fn read(text: &str) -> Result<ImportedPlan, PlanFileError> {
    read_plan("PLAN.md", text.as_bytes(), ReadOptions::default())
}

fn plan(text: &str) -> ImportedPlan {
    read(text).unwrap_or_else(|error| panic!("{error}: {error:?}"))
}

/// Every dependency as "task <- what it names".
fn edges(plan: &ImportedPlan) -> Vec<String> {
    let mut edges = Vec::new();
    for task in &plan.tasks {
        for dependency in &task.dependencies {
            let target = match dependency.target {
                ImportedTarget::Task(other) => plan.tasks[other].title.clone(),
                ImportedTarget::Phase(phase) => format!("phase {}", plan.phases[phase].name),
                ImportedTarget::AllAbove => "all above".to_owned(),
            };
            edges.push(format!("{} <- {target}", task.title));
        }
    }
    edges
}

/// The diagnostics as "line code", those of one code only when it is not empty.
fn codes(plan: &ImportedPlan, code: &str) -> Vec<String> {
    plan.diagnostics
        .iter()
        .filter(|diagnostic| code.is_empty() || diagnostic.code == code)
        .map(|diagnostic| format!("{} {}", diagnostic.line, diagnostic.code))
        .collect()
}
