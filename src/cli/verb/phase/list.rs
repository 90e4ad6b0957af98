//! `phase list` and `phase show`.

use muster_proto::v1 as wire;
use serde_json::json;

use crate::cli::as_of::Asked;
use crate::cli::client::call;
use crate::cli::{Context, Exit, Failure, json as documents, pages, text};

/// How much of the list.
#[derive(Debug, clap::Args)]
pub struct List {
    /// At most so many
    #[arg(long, value_name = "N")]
    pub limit: Option<usize>,
}

/// Which phase.
#[derive(Debug, clap::Args)]
pub struct Show {
    /// The phase, by id or name
    pub phase: String,
}

/// The phases of a project, in plan order, as they are or were.
pub async fn all(
    context: &Context,
    project: &str,
    limit: Option<usize>,
    asked: Asked,
) -> Result<Vec<wire::Phase>, Failure> {
    pages::all(limit, |page_size, page_token| async move {
        let request = wire::ListPhasesRequest {
            project: project.to_owned(),
            page_size,
            page_token,
            as_of_version: asked.version,
            as_of: asked.at,
        };
        let page = call!(
            &context.client,
            phases.list_phases(request),
            asked.timeout()
        )
        .await?;
        Ok((page.phases, page.next_page_token))
    })
    .await
}

pub async fn list(arguments: List, context: &Context) -> Result<(), Failure> {
    let phases = all(context, &context.project, arguments.limit, Asked::default()).await?;
    context.out.either(
        || json!({"phases": phases.iter().map(documents::phase).collect::<Vec<_>>()}),
        || text::phases(&phases, context.out.columns()),
    )
}

pub async fn show(arguments: Show, context: &Context) -> Result<(), Failure> {
    let phases = all(context, &context.project, None, Asked::default()).await?;
    let phase = find(&phases, &arguments.phase)?;
    context.out.either(
        || json!({"phase": documents::phase(phase)}),
        || text::phase(phase),
    )
}

/// A phase by its id, else by its name; the service has no call for one phase.
fn find<'p>(phases: &'p [wire::Phase], wanted: &str) -> Result<&'p wire::Phase, Failure> {
    let trimmed = wanted.trim();
    let bare = trimmed.strip_prefix("phase ").unwrap_or(trimmed).trim();
    if let Some(phase) = phases.iter().find(|phase| phase.id == bare) {
        return Ok(phase);
    }
    let mut named = phases
        .iter()
        .filter(|phase| phase.name.eq_ignore_ascii_case(trimmed));
    match (named.next(), named.next()) {
        (Some(phase), None) => Ok(phase),
        (Some(one), Some(other)) => Err(Failure::new(
            Exit::Usage,
            "AMBIGUOUS_ID",
            format!(
                "`{trimmed}` is the name of phase {} and of phase {}",
                one.id, other.id
            ),
        )
        .next("phase list")),
        (None, _) => Err(Failure::new(
            Exit::Other,
            "PHASE_NOT_FOUND",
            format!("no phase `{trimmed}` in this project"),
        )
        .next("phase list")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(wanted: &str) -> Result<String, Exit> {
        let phase = |id: &str, name: &str| wire::Phase {
            id: id.to_owned(),
            name: name.to_owned(),
            ..wire::Phase::default()
        };
        let phases = [phase("1", "Base"), phase("A", "Twice"), phase("B", "Twice")];
        find(&phases, wanted)
            .map(|phase| phase.id.clone())
            .map_err(|failure| failure.exit())
    }

    #[test]
    fn a_phase_is_found_by_id_and_by_unique_name() {
        assert_eq!(check("1"), Ok("1".to_owned()));
        assert_eq!(check("phase 1"), Ok("1".to_owned()));
        assert_eq!(check("base"), Ok("1".to_owned()));
        assert_eq!(check("Twice"), Err(Exit::Usage));
        assert_eq!(check("9"), Err(Exit::Other));
    }
}
