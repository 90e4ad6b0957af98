//! `triage`: what was discovered, and what becomes of it.

use muster_proto::v1 as wire;
use muster_proto::v1::triage_discovered_request::Verdict;
use serde_json::json;

use super::{hint, request_id};
use crate::cli::client::call;
use crate::cli::{Context, Failure, json as documents, pages, parse, text};

/// Which one, and what becomes of it; without one, the list.
#[derive(Debug, clap::Args)]
#[command(group = clap::ArgGroup::new("verdict").requires("discovered"))]
pub struct Arguments {
    /// The discovered task, such as D-5; left out, all that wait are listed
    #[arg(requires = "verdict")]
    pub discovered: Option<String>,
    /// Make it a task
    #[arg(long, group = "verdict")]
    pub promote: bool,
    /// Look at it again later
    #[arg(long, group = "verdict")]
    pub defer: bool,
    /// Do not do it
    #[arg(long, group = "verdict")]
    pub reject: bool,
    /// It is the same as this task or discovered task
    #[arg(long, group = "verdict", value_name = "ID")]
    pub duplicate_of: Option<String>,
    /// Why
    #[arg(long, requires = "verdict", visible_alias = "reason")]
    pub note: Option<String>,
    /// The phase of the new task; else the suggested one, else the current one
    #[arg(long, requires = "promote", conflicts_with_all = ["defer", "reject", "duplicate_of"])]
    pub phase: Option<String>,
    /// The role of the new task
    #[arg(long, requires = "promote", conflicts_with_all = ["defer", "reject", "duplicate_of"])]
    pub role: Option<String>,
    /// The priority of the new task, P0 to P3; else as filed
    #[arg(long, requires = "promote", conflicts_with_all = ["defer", "reject", "duplicate_of"], value_parser = parse::priority)]
    pub priority: Option<u32>,
    /// The estimate of the new task, such as "1 session"
    #[arg(long, requires = "promote", conflicts_with_all = ["defer", "reject", "duplicate_of"])]
    pub estimate: Option<String>,
    /// What the new task waits for: T-3, phase:2 or all-above
    #[arg(long, requires = "promote", conflicts_with_all = ["defer", "reject", "duplicate_of"], value_delimiter = ',', value_parser = parse::target)]
    pub depends_on: Vec<wire::DependencyTarget>,
    /// List triaged ones too
    #[arg(long, conflicts_with = "discovered")]
    pub all: bool,
    /// List at most so many
    #[arg(long, value_name = "N", conflicts_with = "discovered")]
    pub limit: Option<usize>,
}

impl Arguments {
    fn verdict(&self) -> Option<Verdict> {
        if self.promote {
            Some(Verdict::Promote(wire::PromoteDiscovered {
                phase: self.phase.clone().unwrap_or_default(),
                role: self.role.clone().unwrap_or_default(),
                priority: self.priority,
                estimate: self.estimate.clone().unwrap_or_default(),
                dependencies: self.depends_on.clone(),
            }))
        } else if self.defer {
            Some(Verdict::Defer(wire::DeferDiscovered {}))
        } else if self.reject {
            Some(Verdict::Reject(wire::RejectDiscovered {}))
        } else {
            let of = self.duplicate_of.clone()?;
            Some(Verdict::Duplicate(wire::DuplicateDiscovered { of }))
        }
    }
}

pub async fn run(arguments: Arguments, context: &Context) -> Result<(), Failure> {
    let verdict = arguments.verdict();
    let Some(discovered) = arguments.discovered else {
        return list(arguments.all, arguments.limit, context).await;
    };
    let request = wire::TriageDiscoveredRequest {
        project: context.project.clone(),
        request_id: request_id()?,
        discovered,
        note: arguments.note.unwrap_or_default(),
        verdict,
    };
    let answer = call!(&context.client, queues.triage_discovered(request)).await?;
    let found = answer.discovered.unwrap_or_default();
    context.out.either(
        || {
            json!({
                "discovered": documents::discovered(&found),
                "task": answer.task.as_ref().map(documents::task),
            })
        },
        || {
            let mut said = text::discovered(std::slice::from_ref(&found), context.out.columns());
            if let Some(task) = &answer.task {
                said.push_str(&hint(&format!("why {}", text::clean::line(&task.id))));
            }
            said
        },
    )
}

async fn list(all: bool, limit: Option<usize>, context: &Context) -> Result<(), Failure> {
    let found = pages::all(limit, |page_size, page_token| async move {
        let request = wire::ListDiscoveredRequest {
            project: context.project.clone(),
            include_triaged: all,
            page_size,
            page_token,
        };
        let page = call!(&context.client, queues.list_discovered(request)).await?;
        Ok((page.discovered, page.next_page_token))
    })
    .await?;
    context.out.either(
        || {
            let listed: Vec<_> = found.iter().map(documents::discovered).collect();
            json!({"discovered": listed})
        },
        || {
            let mut said = text::discovered(&found, context.out.columns());
            let waiting =
                |found: &&wire::Discovered| found.status() == wire::DiscoveredStatus::Untriaged;
            if let Some(first) = found.iter().find(waiting) {
                let id = text::clean::line(&first.id);
                said.push_str(&hint(&format!("triage {id} --promote")));
            }
            said
        },
    )
}
