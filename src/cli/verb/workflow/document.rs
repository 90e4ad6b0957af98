//! A workflow as a JSON document, the same that `workflow show --json` gives as its definition: what is left out
//! is not asked for, and what is not known here is refused.

use muster_proto::v1 as wire;
use serde::Deserialize;

use crate::cli::verb::gate::{FORMS_OF_MEASURES, measure};

/// A definition as it stands in a file.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Document {
    /// The slug; may be left out where the command line names it.
    pub workflow: String,
    title: String,
    number: Option<u32>,
    tier: Option<u32>,
    objective: String,
    duration: Option<String>,
    effort: Option<String>,
    elicit: bool,
    roles: Vec<Role>,
    oversight: Vec<Rule>,
    inputs: Vec<Input>,
    outputs: Vec<Output>,
    gates: Vec<String>,
    sign_offs: Vec<String>,
    criteria: Vec<Criterion>,
    phases: Vec<String>,
    next: Option<String>,
    next_by_itself: bool,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Role {
    role: String,
    #[serde(default = "one")]
    count: u32,
    #[serde(default)]
    stream: Option<String>,
}

fn one() -> u32 {
    1
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Rule {
    role: String,
    cadence: Cadence,
}

/// How often somebody looks at a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "snake_case")]
pub enum Cadence {
    /// Every day.
    Daily,
    /// Every week.
    Weekly,
    /// Every month.
    Monthly,
}

impl From<Cadence> for i32 {
    fn from(cadence: Cadence) -> Self {
        match cadence {
            Cadence::Daily => wire::OversightCadence::Daily,
            Cadence::Weekly => wire::OversightCadence::Weekly,
            Cadence::Monthly => wire::OversightCadence::Monthly,
        }
        .into()
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Input {
    name: String,
    #[serde(default)]
    description: Option<String>,
    #[serde(default)]
    required: bool,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Output {
    name: String,
    #[serde(default)]
    acceptance: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Criterion {
    name: String,
    #[serde(default)]
    measured: Option<String>,
    #[serde(default)]
    attested_by: Option<String>,
}

/// Reads a document.
///
/// # Errors
/// What is wrong with it, in words.
pub fn read(text: &str) -> Result<(String, wire::WorkflowDefinition), String> {
    let value: serde_json::Value = serde_json::from_str(text).map_err(|it| it.to_string())?;
    if !value.is_object() {
        return Err("it is no JSON object".to_owned());
    }
    let document: Document = serde_json::from_value(value).map_err(|it| it.to_string())?;
    let roles = document.roles.into_iter().map(|it| wire::RequiredRole {
        role: it.role,
        count: it.count,
        stream: it.stream.unwrap_or_default(),
    });
    let oversight = document
        .oversight
        .into_iter()
        .map(|it| wire::OversightRule {
            role: it.role,
            cadence: it.cadence.into(),
        });
    let inputs = document.inputs.into_iter().map(|it| wire::WorkflowInput {
        name: it.name,
        description: it.description.unwrap_or_default(),
        required: it.required,
    });
    let outputs = document.outputs.into_iter().map(|it| wire::WorkflowOutput {
        name: it.name,
        acceptance: it.acceptance,
    });
    let criteria = document.criteria.into_iter().map(criterion);
    let definition = wire::WorkflowDefinition {
        title: document.title,
        number: document.number,
        tier: document.tier,
        objective: document.objective,
        duration: document.duration.unwrap_or_default(),
        effort: document.effort.unwrap_or_default(),
        elicit: document.elicit,
        roles: roles.collect(),
        oversight: oversight.collect(),
        inputs: inputs.collect(),
        outputs: outputs.collect(),
        gates: document.gates,
        sign_offs: document.sign_offs,
        criteria: criteria.collect::<Result<_, _>>()?,
        phases: document.phases,
        next: document.next.unwrap_or_default(),
        next_by_itself: document.next_by_itself,
    };
    Ok((document.workflow, definition))
}

fn criterion(stated: Criterion) -> Result<wire::SuccessCriterion, String> {
    let how = match (stated.measured, stated.attested_by) {
        (Some(_), Some(_)) => {
            return Err(format!(
                "the criterion `{}` is either measured or attested, not both",
                stated.name
            ));
        }
        (Some(measured), None) => measured,
        (None, Some(role)) => format!("attested by {role}"),
        (None, None) => "attested".to_owned(),
    };
    judged(&stated.name, &how)
}

/// A success criterion of its name and how it is judged: `attested [by ROLE]` or `METRIC >= NUMBER`.
pub fn judged(name: &str, how: &str) -> Result<wire::SuccessCriterion, String> {
    use wire::success_criterion::Check;
    let attested = |role: &str| {
        Check::Attested(wire::AttestedCheck {
            role: role.trim().to_owned(),
        })
    };
    let check = match how.trim() {
        "attested" => attested(""),
        how => match how.strip_prefix("attested by ") {
            Some(role) => attested(role),
            None => Check::Measured(measure(how).ok_or_else(|| {
                format!("`{how}` says no way to judge `{name}`; write {FORMS_OF_MEASURES}")
            })?),
        },
    };
    Ok(wire::SuccessCriterion {
        number: 0,
        name: name.trim().to_owned(),
        check: Some(check),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use wire::success_criterion::Check;

    #[test]
    fn a_document_is_read_whole() {
        let (slug, definition) = read(
            r#"{
                "workflow": "build-execution", "objective": "Build it", "duration": "2 weeks",
                "roles": [{"role": "architect"}, {"role": "developer", "count": 2, "stream": "features"}],
                "oversight": [{"role": "coordinator", "cadence": "daily"}],
                "inputs": [{"name": "Product spec", "required": true}],
                "criteria": [
                    {"name": "Users", "measured": "users >= 100"},
                    {"name": "Confident", "attested_by": "qa"},
                    {"name": "Live"}
                ],
                "next": null
            }"#,
        )
        .expect("a document");
        assert_eq!(slug, "build-execution");
        assert_eq!(definition.roles[0].count, 1);
        assert_eq!(definition.roles[1].stream, "features");
        assert_eq!(
            definition.oversight[0].cadence(),
            wire::OversightCadence::Daily
        );
        let checks: Vec<_> = definition
            .criteria
            .iter()
            .map(|it| it.check.clone())
            .collect();
        let role = |role: &str| {
            let role = role.to_owned();
            Some(Check::Attested(wire::AttestedCheck { role }))
        };
        assert_eq!(checks[1..], [role("qa"), role("")]);
        let Some(Check::Measured(measure)) = &checks[0] else {
            panic!("{:?}", checks[0]);
        };
        assert_eq!(measure.threshold, "100");
    }

    #[test]
    fn what_no_document_has_is_refused() {
        for text in [
            "",
            "[]",
            r#"{"colour": "red"}"#,
            r#"{"oversight": [{"role": "qa", "cadence": "hourly"}]}"#,
            r#"{"criteria": [{"name": "Users", "measured": "users about 100"}]}"#,
            r#"{"criteria": [{"name": "Users", "measured": "users > 1", "attested_by": "qa"}]}"#,
        ] {
            assert!(read(text).is_err(), "{text}");
        }
    }
}
