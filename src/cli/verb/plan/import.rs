//! `plan import`: a plan file becomes a project. The file is read here, the daemon reads its text.

use std::path::PathBuf;

use muster_proto::v1 as wire;
use serde_json::{Value, json};

use super::file;
use crate::cli::client::{LONG_CALL_TIMEOUT, call};
use crate::cli::verb::{hint, request_id};
use crate::cli::{Context, Failure, json as documents, text};

/// Which file, and how to take it.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The plan file (markdown)
    pub file: PathBuf,
    /// Change nothing, answer the same
    #[arg(long)]
    pub dry_run: bool,
    /// Take a file that says it is a template
    #[arg(long)]
    pub allow_template: bool,
    /// Make a new project a draft: nothing is handed out until `resume`
    #[arg(long)]
    pub draft: bool,
}

pub async fn run(arguments: Arguments, context: &Context) -> Result<(), Failure> {
    let plan = file::read(&arguments.file)?;
    let request = wire::ImportPlanRequest {
        project: context.project.clone(),
        request_id: request_id()?,
        file_name: plan.name,
        content: plan.content.into(),
        dry_run: arguments.dry_run,
        // A dry run only looks, so it looks at templates too.
        allow_template: arguments.allow_template || arguments.dry_run,
        draft: arguments.draft,
    };
    let answer = call!(
        &context.client,
        projects.import_plan(request),
        LONG_CALL_TIMEOUT
    )
    .await?;
    context.out.either(
        || document(&answer),
        || {
            let mut said = text::import(&answer, context.out.columns());
            if answer.changed && !answer.dry_run {
                said.push_str(&hint("plan show"));
            }
            said
        },
    )
}

fn document(answer: &wire::ImportPlanResponse) -> Value {
    let counts = answer.counts.unwrap_or_default();
    let diagnostics: Vec<_> = answer
        .diagnostics
        .iter()
        .map(documents::diagnostic)
        .collect();
    json!({
        "project": answer.project,
        "changed": answer.changed,
        "created": answer.created,
        "dry_run": answer.dry_run,
        "phases": counts.phases,
        "tasks": counts.tasks,
        "dependencies": counts.dependencies,
        "discovered": counts.discovered,
        "blockers": counts.blockers,
        "decisions": counts.decisions,
        "sprints": counts.sprints,
        "diagnostics": diagnostics,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_document_has_the_fields_that_scripts_rely_on() {
        let answer = wire::ImportPlanResponse {
            project: "shop".to_owned(),
            changed: true,
            created: true,
            counts: Some(wire::PlanCounts {
                phases: 1,
                tasks: 2,
                dependencies: 3,
                discovered: 4,
                blockers: 5,
                decisions: 6,
                sprints: 7,
            }),
            diagnostics: vec![wire::Diagnostic {
                line: 8,
                code: "placeholder".to_owned(),
                message: "it is one".to_owned(),
                file: "PLAN.md".to_owned(),
                ..wire::Diagnostic::default()
            }],
            ..wire::ImportPlanResponse::default()
        };
        let expected = json!({
            "project": "shop", "changed": true, "created": true, "dry_run": false,
            "phases": 1, "tasks": 2, "dependencies": 3, "discovered": 4, "blockers": 5,
            "decisions": 6, "sprints": 7,
            "diagnostics": [
                {
                    "line": 8, "code": "placeholder", "message": "it is one", "file": "PLAN.md",
                    "number": null, "settled_by": null, "settled_at": null, "settled_note": null,
                }
            ],
        });
        assert_eq!(document(&answer), expected);
    }
}
