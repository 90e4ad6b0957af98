//! `workflow define`: from a JSON document, or with flags where little is asked for.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use muster_proto::v1 as wire;

use super::document::{self, Cadence};
use super::say_workflow;
use crate::cli::client::call;
use crate::cli::verb::request_id;
use crate::cli::{Context, Exit, Failure};

/// The largest document that is read.
const DOCUMENT_BYTES_MAX: u64 = 1024 * 1024;

/// What a workflow is.
#[derive(Debug, clap::Args)]
pub struct Define {
    /// Its slug, such as build-execution [with --file: as in the document]
    #[arg(required_unless_present = "file")]
    pub workflow: Option<String>,
    /// A JSON document with all of it, as `workflow show --json` gives the definition; - reads from standard
    /// input
    #[arg(long, value_name = "FILE")]
    pub file: Option<PathBuf>,
    /// What it is to reach
    #[arg(long, required_unless_present = "file", conflicts_with = "file")]
    pub objective: Option<String>,
    /// What people call it [default: its slug]
    #[arg(long, conflicts_with = "file")]
    pub title: Option<String>,
    /// How long it is planned to take on the calendar, such as "2 weeks"
    #[arg(long, value_name = "SPAN", conflicts_with = "file")]
    pub duration: Option<String>,
    /// How much work it is thought to be, such as "50 hours"
    #[arg(long, value_name = "ESTIMATE", conflicts_with = "file")]
    pub effort: Option<String>,
    /// A person must supply something before a run begins
    #[arg(long, conflicts_with = "file")]
    pub elicit: bool,
    /// A role it needs, `ROLE` or `ROLE:COUNT`; may be given several times
    #[arg(long = "role", value_name = "ROLE", conflicts_with = "file", value_parser = role)]
    pub roles: Vec<wire::RequiredRole>,
    /// Who looks at it and how often, `ROLE:daily`, `ROLE:weekly` or `ROLE:monthly`; may be given several times
    #[arg(long, value_name = "RULE", conflicts_with = "file", value_parser = rule)]
    pub oversight: Vec<wire::OversightRule>,
    /// Something it does not begin without; may be given several times
    #[arg(long = "input", value_name = "NAME", conflicts_with = "file")]
    pub inputs: Vec<String>,
    /// Something it hands over; may be given several times
    #[arg(long = "output", value_name = "NAME", conflicts_with = "file")]
    pub outputs: Vec<String>,
    /// A gate in front of its completion; may be given several times
    #[arg(long = "gate", value_name = "GATE", conflicts_with = "file")]
    pub gates: Vec<String>,
    /// A role that signs it off; may be given several times
    #[arg(long = "sign-off", value_name = "ROLE", conflicts_with = "file")]
    pub sign_offs: Vec<String>,
    /// What must hold, `NAME: METRIC >= NUMBER` (or <, <=, >, =) or `NAME: attested [by ROLE]`; may be given
    /// several times
    #[arg(long = "criterion", value_name = "CRITERION", conflicts_with = "file", value_parser = criterion)]
    pub criteria: Vec<wire::SuccessCriterion>,
    /// The phases that are its work
    #[arg(
        long,
        value_name = "PHASES",
        value_delimiter = ',',
        conflicts_with = "file"
    )]
    pub phases: Vec<String>,
    /// The workflow that comes after it
    #[arg(long, value_name = "WORKFLOW", conflicts_with = "file")]
    pub next: Option<String>,
    /// That one begins by itself
    #[arg(long, requires = "next", conflicts_with = "file")]
    pub next_by_itself: bool,
}

fn role(text: &str) -> Result<wire::RequiredRole, String> {
    let (role, count) = match text.rsplit_once(':') {
        Some((role, count)) => (
            role,
            count
                .trim()
                .parse()
                .map_err(|_| format!("`{count}` is no count; write such as `developer:2`"))?,
        ),
        None => (text, 1),
    };
    Ok(wire::RequiredRole {
        role: role.trim().to_owned(),
        count,
        stream: String::new(),
    })
}

fn rule(text: &str) -> Result<wire::OversightRule, String> {
    let wrong = || format!("`{text}` is no rule; write such as `coordinator:daily`");
    let (role, cadence) = text.rsplit_once(':').ok_or_else(wrong)?;
    let cadence: Cadence = clap::ValueEnum::from_str(cadence.trim(), true).map_err(|_| wrong())?;
    Ok(wire::OversightRule {
        role: role.trim().to_owned(),
        cadence: cadence.into(),
    })
}

fn criterion(text: &str) -> Result<wire::SuccessCriterion, String> {
    match text.split_once(": ") {
        Some((name, how)) => document::judged(name, how),
        None => document::judged(text, "attested"),
    }
}

impl Define {
    fn definition(self) -> wire::WorkflowDefinition {
        let inputs = self.inputs.into_iter().map(|name| wire::WorkflowInput {
            name,
            description: String::new(),
            required: true,
        });
        let outputs = self.outputs.into_iter().map(|name| wire::WorkflowOutput {
            name,
            acceptance: Vec::new(),
        });
        wire::WorkflowDefinition {
            title: self.title.unwrap_or_default(),
            number: None,
            tier: None,
            objective: self.objective.unwrap_or_default(),
            duration: self.duration.unwrap_or_default(),
            effort: self.effort.unwrap_or_default(),
            elicit: self.elicit,
            roles: self.roles,
            oversight: self.oversight,
            inputs: inputs.collect(),
            outputs: outputs.collect(),
            gates: self.gates,
            sign_offs: self.sign_offs,
            criteria: self.criteria,
            phases: self.phases,
            next: self.next.unwrap_or_default(),
            next_by_itself: self.next_by_itself,
        }
    }
}

fn unreadable(path: &Path, why: &str) -> Failure {
    let message = format!("{} {why}", path.display());
    Failure::new(Exit::Usage, "UNREADABLE_FILE", message)
}

/// The text of a document, from a file or from standard input.
fn text_of(path: &Path) -> Result<String, Failure> {
    let failed = |error: std::io::Error| unreadable(path, &format!("cannot be read: {error}"));
    let mut text = String::new();
    let limit = DOCUMENT_BYTES_MAX + 1;
    if path == Path::new("-") {
        let input = std::io::stdin().lock();
        input
            .take(limit)
            .read_to_string(&mut text)
            .map_err(failed)?;
    } else {
        let file = std::fs::File::open(path).map_err(failed)?;
        file.take(limit).read_to_string(&mut text).map_err(failed)?;
    }
    if text.len() as u64 > DOCUMENT_BYTES_MAX {
        let words = format!("is larger than {DOCUMENT_BYTES_MAX} bytes; say it in fewer words");
        return Err(unreadable(path, &words));
    }
    Ok(text)
}

pub async fn run(arguments: Define, context: &Context) -> Result<(), Failure> {
    let named = arguments.workflow.clone();
    let (workflow, definition) = match &arguments.file {
        None => (named.unwrap_or_default(), arguments.definition()),
        Some(path) => {
            let read = document::read(&text_of(path)?);
            let (written, definition) =
                read.map_err(|error| unreadable(path, &format!("is no workflow: {error}")))?;
            (named.unwrap_or(written), definition)
        }
    };
    let request = wire::DefineWorkflowRequest {
        project: context.project.clone(),
        request_id: request_id()?,
        workflow,
        definition: Some(definition),
    };
    let answer = call!(&context.client, workflows.define_workflow(request)).await?;
    let next = |slug: &str| format!("workflow start {slug}");
    say_workflow(answer.workflow, "defined", next, context)
}
