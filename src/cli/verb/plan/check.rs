//! `plan check`: what a plan file holds, read here without a daemon.

use std::path::PathBuf;

use serde_json::{Value, json};

use super::file;
use crate::cli::output::Output;
use crate::cli::{Exit, Failure, text};
use crate::interchange::{self, PlanFileError, ReadOptions};

/// Which file.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The plan file (markdown)
    pub file: PathBuf,
}

pub fn run(arguments: &Arguments, out: Output) -> Result<(), Failure> {
    let file = file::read(&arguments.file)?;
    // A template is looked at here, not taken in.
    let options = ReadOptions {
        allow_template: true,
    };
    match interchange::read_plan(&file.name, &file.content, options) {
        Ok(plan) => {
            let counts = [
                ("phases", plan.phases.len()),
                ("tasks", plan.tasks.len()),
                ("dependencies", plan.stated_dependencies()),
                ("discovered", plan.discovered.len()),
                ("blockers", plan.blockers.len()),
                ("decisions", plan.decisions.len()),
                ("sprints", plan.sprints.len()),
            ];
            let rows = plan
                .diagnostics
                .iter()
                .map(|found| (found.line, found.code.as_str(), found.message.as_str()))
                .collect();
            say(&counts, rows, &[], out)
        }
        Err(PlanFileError::NoTasks {
            phases,
            reasons,
            diagnostics,
        }) => {
            let rows = diagnostics
                .iter()
                .map(|found| (found.line, found.code.as_str(), found.message.as_str()))
                .collect();
            say(&[("phases", phases), ("tasks", 0)], rows, &reasons, out)?;
            Err(Failure::Answered(Exit::Other))
        }
        Err(error @ (PlanFileError::NotText { .. } | PlanFileError::UnsupportedFormat { .. })) => {
            let message = error.to_string();
            Err(Failure::new(Exit::Usage, "UNREADABLE_FILE", message))
        }
        Err(
            error @ (PlanFileError::TooLarge { .. }
            | PlanFileError::TooMany { .. }
            | PlanFileError::Template),
        ) => Err(Failure::new(
            Exit::Refused,
            "LIMIT_REACHED",
            error.to_string(),
        )),
    }
}

type Found<'f> = (u32, &'f str, &'f str);

fn say(
    counts: &[(&str, usize)],
    diagnostics: Vec<Found<'_>>,
    reasons: &[String],
    out: Output,
) -> Result<(), Failure> {
    out.either(
        || {
            let listed: Vec<Value> = diagnostics
                .iter()
                .map(
                    |(line, code, message)| json!({"line": line, "code": code, "message": message}),
                )
                .collect();
            let mut document = json!({"diagnostics": listed, "reasons": reasons});
            for (name, count) in counts {
                document[*name] = json!(count);
            }
            document
        },
        || {
            let counted: Vec<String> = counts
                .iter()
                .map(|(name, count)| format!("{count} {name}"))
                .collect();
            let mut said = format!("{}\n", counted.join(", "));
            for reason in reasons {
                said.push_str(&format!("  - {}\n", text::clean::line(reason)));
            }
            let rows = diagnostics.iter().map(|(line, code, message)| {
                [line.to_string(), (*code).to_owned(), (*message).to_owned()]
            });
            if !diagnostics.is_empty() {
                said.push('\n');
                said.push_str(&text::table(
                    ["line", "code", "message"],
                    rows,
                    out.columns(),
                ));
            }
            said
        },
    )
}
