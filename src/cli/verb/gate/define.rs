//! `gate define`.

use muster_proto::v1 as wire;
use serde_json::json;

use super::criterion::criterion;
use crate::cli::client::call;
use crate::cli::verb::{hint, request_id};
use crate::cli::{Context, Failure, json as documents, text};

/// What the gate stands in front of and asks for.
#[derive(Debug, clap::Args)]
#[command(group = clap::ArgGroup::new("scope").multiple(false))]
pub struct Define {
    /// Its name [with --gate: as it was]
    pub name: Option<String>,
    /// Define this gate anew, by id or name
    #[arg(long, value_name = "GATE")]
    pub gate: Option<String>,
    /// It stands in front of the closing of this phase
    #[arg(long, group = "scope", value_name = "PHASE")]
    pub phase: Option<String>,
    /// It stands in front of a deployment of this name
    #[arg(long, group = "scope", value_name = "NAME")]
    pub deployment: Option<String>,
    /// It stands in front of a workflow of this name
    #[arg(long, group = "scope", value_name = "NAME")]
    pub workflow: Option<String>,
    /// It is about the project as a whole
    #[arg(long, group = "scope")]
    pub whole_project: bool,
    /// It is run every day
    #[arg(long, group = "scope")]
    pub daily: bool,
    /// Its commands run before tasks are finished, those of --of-phase, --of-area, --of-role and --tasks
    #[arg(long, group = "scope")]
    pub on_completion: bool,
    /// Only tasks of this phase
    #[arg(long, requires = "on_completion", value_name = "PHASE")]
    pub of_phase: Option<String>,
    /// Only tasks of this area
    #[arg(long, requires = "on_completion", value_name = "AREA")]
    pub of_area: Option<String>,
    /// Only tasks that fall to this role
    #[arg(long, requires = "on_completion", value_name = "ROLE")]
    pub of_role: Option<String>,
    /// Only these tasks
    #[arg(
        long,
        requires = "on_completion",
        value_name = "TASKS",
        value_delimiter = ','
    )]
    pub tasks: Vec<String>,
    /// A criterion, `NAME: HOW IT IS JUDGED`; may be given several times. HOW is `attested [by ROLE]`,
    /// `METRIC >= NUMBER` (or <, <=, >, =), `command NAME[, METRIC >= NUMBER]`, `signed by ROLE[, ROLE]`,
    /// or one of no-critical-blocker, no-open-blocker, all-tasks-completed, nothing-untriaged,
    /// all-criteria-met. A `~` before the name makes it advisory
    #[arg(long = "criterion", value_name = "CRITERION", value_parser = criterion)]
    pub criteria: Vec<wire::GateCriterion>,
}

impl Define {
    fn scope(&self) -> Option<wire::GateScope> {
        use wire::gate_scope::Scope;
        let phase = self.phase.clone().map(Scope::Phase);
        let deployment = self.deployment.clone().map(Scope::Deployment);
        let workflow = self.workflow.clone().map(Scope::Workflow);
        let completion = || wire::TaskSelection {
            phase: self.of_phase.clone().unwrap_or_default(),
            area: self.of_area.clone().unwrap_or_default(),
            role: self.of_role.clone().unwrap_or_default(),
            tasks: self.tasks.clone(),
        };
        let scope = phase
            .or(deployment)
            .or(workflow)
            .or(self.whole_project.then_some(Scope::Project(true)))
            .or(self.daily.then_some(Scope::Daily(true)))
            .or_else(|| self.on_completion.then(|| Scope::Completion(completion())));
        scope.map(|scope| wire::GateScope { scope: Some(scope) })
    }
}

pub async fn run(arguments: Define, context: &Context) -> Result<(), Failure> {
    let scope = arguments.scope();
    let project = context.project.clone();
    let request_id = request_id()?;
    let name = arguments.name.unwrap_or_default();
    let criteria = arguments.criteria;
    let (gate, warnings) = match arguments.gate {
        None => {
            let request = wire::DefineGateRequest {
                project,
                request_id,
                name,
                scope,
                criteria,
            };
            let answer = call!(&context.client, gates.define_gate(request)).await?;
            (answer.gate, answer.warnings)
        }
        Some(gate) => {
            let request = wire::UpdateGateRequest {
                project,
                request_id,
                gate,
                name,
                scope,
                criteria,
            };
            let answer = call!(&context.client, gates.update_gate(request)).await?;
            (answer.gate, answer.warnings)
        }
    };
    let gate = gate.unwrap_or_default();
    context.out.either(
        || json!({"gate": documents::gate(&gate), "warnings": warnings}),
        || {
            let id = text::clean::line(&gate.id);
            let mut said = format!("defined {id} {}\n", text::clean::line(&gate.name));
            for warning in &warnings {
                said.push_str(&format!("warning: {}\n", text::clean::line(warning)));
            }
            said.push_str(&hint(&format!("gate show {id}")));
            said
        },
    )
}
