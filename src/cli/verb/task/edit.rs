//! `task edit`: only what is named changes; an empty text clears.

use muster_proto::v1 as wire;

use super::add::review_need;
use super::say;
use crate::cli::client::call;
use crate::cli::verb::request_id;
use crate::cli::{Context, Failure, parse};

/// What changes.
#[derive(Debug, clap::Args)]
#[command(group = clap::ArgGroup::new("change").required(true).multiple(true))]
pub struct Arguments {
    /// The task, by id or another of its names
    pub task: String,
    /// A new title
    #[arg(long, group = "change")]
    pub title: Option<String>,
    /// A new description; empty clears it
    #[arg(long, group = "change")]
    pub description: Option<String>,
    /// A new area; empty clears it
    #[arg(long, group = "change")]
    pub area: Option<String>,
    /// A new role of its own; empty clears it
    #[arg(long, group = "change")]
    pub role: Option<String>,
    /// A new priority, P0 (most urgent) to P3
    #[arg(long, group = "change", value_parser = parse::priority)]
    pub priority: Option<u32>,
    /// A new estimate, such as "2 sessions"
    #[arg(long, group = "change")]
    pub estimate: Option<String>,
    /// New notes; empty clears them
    #[arg(long, group = "change")]
    pub notes: Option<String>,
    /// Acceptance criteria in place of the old ones; one empty text clears them
    #[arg(long, group = "change", value_name = "TEXT")]
    pub acceptance: Option<Vec<String>>,
    /// Skills in place of the old ones; one empty text clears them
    #[arg(
        long = "skill",
        group = "change",
        value_name = "SKILL",
        value_delimiter = ','
    )]
    pub skills: Option<Vec<String>>,
    /// Another name accepted wherever the id is
    #[arg(long = "id", alias = "alias", group = "change", value_name = "NAME")]
    pub alias: Option<String>,
    /// Whether it is finished by a review: yes, no, or as its area or the project says
    #[arg(long, group = "change", value_name = "NEED")]
    pub review: Option<Review>,
    /// The revision that was read; refused when the task changed since
    #[arg(long)]
    pub revision: Option<u64>,
}

/// What a task says about its review.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Review {
    /// It is finished by a review.
    Yes,
    /// It is not.
    No,
    /// As its area or the project says.
    Project,
}

impl Review {
    fn stated(self) -> Option<bool> {
        match self {
            Self::Yes => Some(true),
            Self::No => Some(false),
            Self::Project => None,
        }
    }
}

pub async fn run(arguments: Arguments, context: &Context) -> Result<(), Failure> {
    let request = request(arguments, &context.project)?;
    let answer = call!(&context.client, tasks.update_task(request)).await?;
    say(answer.task, "changed", context)
}

fn request(arguments: Arguments, project: &str) -> Result<wire::UpdateTaskRequest, Failure> {
    let changed = [
        (arguments.title.is_some(), "title"),
        (arguments.description.is_some(), "description"),
        (arguments.area.is_some(), "area"),
        (arguments.role.is_some(), "role"),
        (arguments.priority.is_some(), "priority"),
        (arguments.estimate.is_some(), "estimate"),
        (arguments.notes.is_some(), "notes"),
        (arguments.acceptance.is_some(), "acceptance"),
        (arguments.skills.is_some(), "skills"),
        (arguments.alias.is_some(), "alias"),
        (arguments.review.is_some(), "review"),
    ];
    let paths = changed
        .iter()
        .filter(|(is_changed, _)| *is_changed)
        .map(|(_, path)| (*path).to_owned())
        .collect();
    let said = |words: Option<Vec<String>>| -> Vec<String> {
        let words = words.unwrap_or_default();
        words.into_iter().filter(|word| !word.is_empty()).collect()
    };
    Ok(wire::UpdateTaskRequest {
        project: project.to_owned(),
        request_id: request_id()?,
        task: arguments.task,
        edit: Some(wire::TaskEdit {
            title: arguments.title.unwrap_or_default(),
            description: arguments.description.unwrap_or_default(),
            area: arguments.area.unwrap_or_default(),
            role: arguments.role.unwrap_or_default(),
            priority: arguments.priority.unwrap_or_default(),
            estimate: arguments.estimate.unwrap_or_default(),
            notes: arguments.notes.unwrap_or_default(),
            acceptance: said(arguments.acceptance),
            skills: said(arguments.skills),
            alias: arguments.alias.unwrap_or_default(),
            review: review_need(arguments.review.and_then(Review::stated)),
        }),
        update_mask: Some(prost_types::FieldMask { paths }),
        revision: arguments.revision.unwrap_or_default(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser as _;

    #[derive(clap::Parser)]
    struct Line {
        #[command(flatten)]
        arguments: Arguments,
    }

    fn check(line: &[&str]) -> wire::UpdateTaskRequest {
        let line = Line::try_parse_from([&["edit"], line].concat()).unwrap();
        request(line.arguments, "shop").unwrap()
    }

    #[test]
    fn only_what_is_named_changes() {
        let request = check(&[
            "T-1",
            "--title",
            "New",
            "--priority",
            "P0",
            "--revision",
            "9",
        ]);
        assert_eq!(request.update_mask.unwrap().paths, ["title", "priority"]);
        assert_eq!(request.revision, 9);
        let edit = request.edit.unwrap();
        assert_eq!((edit.title.as_str(), edit.priority), ("New", 0));
    }

    #[test]
    fn an_empty_text_clears() {
        let request = check(&["T-1", "--notes", "", "--acceptance", ""]);
        assert_eq!(request.update_mask.unwrap().paths, ["notes", "acceptance"]);
        let edit = request.edit.unwrap();
        assert!(edit.notes.is_empty() && edit.acceptance.is_empty());
    }

    #[test]
    fn something_must_change() {
        assert!(Line::try_parse_from(["edit", "T-1"]).is_err());
        assert!(Line::try_parse_from(["edit", "T-1", "--revision", "3"]).is_err());
    }
}
