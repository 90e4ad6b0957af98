//! Events of workflows: what one is, and how its runs go from being started to being over.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::super::decimal::Decimal;
use super::super::id::{DeliverableId, GateId, WorkflowRunId};
use super::super::time::Estimate;
use super::{Measure, Text};

/// In what a planned duration counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SpanUnit {
    /// A day of the calendar, 24 hours.
    Day,
    /// Seven of them.
    Week,
}

/// How long a run is planned to take on the calendar; work is counted apart from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct WorkflowSpan {
    /// How many of the unit; at least 1.
    pub amount: u32,
    /// The unit.
    pub unit: SpanUnit,
}

impl WorkflowSpan {
    /// The largest amount.
    pub const AMOUNT_MAX: u32 = 1_000;

    /// The span in days.
    pub fn days(self) -> u32 {
        match self.unit {
            SpanUnit::Day => self.amount,
            SpanUnit::Week => self.amount.saturating_mul(7),
        }
    }
}

/// A text that is no span of the calendar.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("is no span of the calendar; write a whole number of days or weeks, such as `2 weeks`")]
pub struct NoSpan;

impl FromStr for WorkflowSpan {
    type Err = NoSpan;

    fn from_str(text: &str) -> Result<Self, NoSpan> {
        let text = text.trim();
        let split = text.find(|character: char| !character.is_ascii_digit());
        let (number, unit) = text.split_at(split.ok_or(NoSpan)?);
        let unit = match unit.trim().to_ascii_lowercase().as_str() {
            "d" | "day" | "days" => SpanUnit::Day,
            "w" | "week" | "weeks" => SpanUnit::Week,
            _ => return Err(NoSpan),
        };
        match number.parse() {
            Ok(amount @ 1..=Self::AMOUNT_MAX) => Ok(Self { amount, unit }),
            Ok(_) | Err(_) => Err(NoSpan),
        }
    }
}

impl fmt::Display for WorkflowSpan {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = match self.unit {
            SpanUnit::Day => "day",
            SpanUnit::Week => "week",
        };
        let plural = if self.amount == 1 { "" } else { "s" };
        write!(formatter, "{} {word}{plural}", self.amount)
    }
}

/// A role that a run needs people of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequiredRole {
    /// The role, by slug.
    pub role: Text,
    /// How many agents of it at least.
    pub count: u32,
    /// What it works on beside the others, in words.
    #[serde(default, skip_serializing_if = "str::is_empty")]
    pub stream: Text,
}

/// How often somebody looks at a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cadence {
    /// Every day.
    Daily,
    /// Every week.
    Weekly,
    /// Every month.
    Monthly,
}

impl Cadence {
    /// The word for machines and people.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Daily => "daily",
            Self::Weekly => "weekly",
            Self::Monthly => "monthly",
        }
    }
}

/// Who looks at a run, and how often.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Oversight {
    /// The role, by slug.
    pub role: Text,
    /// How often.
    pub cadence: Cadence,
}

/// Something that a run asks for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WorkflowInput {
    /// Its name within the workflow.
    pub name: Text,
    /// What it is.
    #[serde(default, skip_serializing_if = "str::is_empty")]
    pub description: Text,
    /// The run does not begin without it.
    #[serde(default)]
    pub required: bool,
}

/// Something that a run hands over: a deliverable of its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WorkflowOutput {
    /// Its name within the workflow.
    pub name: Text,
    /// What it must fulfil.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub acceptance: Vec<Text>,
}

/// How a success criterion is judged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SuccessCheck {
    /// The last value of a metric is compared.
    Measured(Measure),
    /// A coordinator says so, or an agent of the role if one is named (by slug).
    Attested(Option<Text>),
}

/// Something that must hold for a run to be a success.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SuccessCriterion {
    /// What must hold, in words.
    pub name: Text,
    /// How it is judged.
    pub check: SuccessCheck,
}

/// All that a workflow is.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct WorkflowDefinition {
    /// What people call it.
    pub title: Text,
    /// Its number among others.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub number: Option<u32>,
    /// The tier of those who work in it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tier: Option<u32>,
    /// What it is to reach.
    pub objective: Text,
    /// How long it is planned to take on the calendar.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub duration: Option<WorkflowSpan>,
    /// How much work it is thought to be.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub effort: Option<Estimate>,
    /// A person must supply something before a run begins.
    pub elicit: bool,
    /// Whom a run needs.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub roles: Vec<RequiredRole>,
    /// Who looks at a run.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub oversight: Vec<Oversight>,
    /// What a run asks for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub inputs: Vec<WorkflowInput>,
    /// What a run hands over.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub outputs: Vec<WorkflowOutput>,
    /// Gates in front of its completion.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub gates: Vec<GateId>,
    /// Roles that sign a run off, by slug.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub sign_offs: Vec<Text>,
    /// What must hold, numbered from 1.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub criteria: Vec<SuccessCriterion>,
    /// The phases that are its work, by id.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub phases: Vec<Text>,
    /// The workflow that comes after it, by slug.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<Text>,
    /// That one begins by itself instead of on a coordinator's word.
    pub next_by_itself: bool,
}

/// See [`Event::WorkflowDefined`](super::Event::WorkflowDefined).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct WorkflowDefined {
    /// The workflow's slug; one that is known is defined anew.
    pub workflow: Text,
    /// All that it is.
    pub definition: WorkflowDefinition,
}

/// See [`Event::WorkflowRetired`](super::Event::WorkflowRetired).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct WorkflowRetired {
    /// The workflow.
    pub workflow: Text,
    /// Why.
    pub reason: Text,
}

/// See [`Event::WorkflowRunStarted`](super::Event::WorkflowRunStarted).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct WorkflowRunStarted {
    /// The run.
    pub run: WorkflowRunId,
    /// The workflow, as it is defined now.
    pub workflow: Text,
    /// The run whose completion brought it about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<WorkflowRunId>,
    /// It need not be confirmed.
    pub confirmed: bool,
    /// The deliverables that its outputs are, in the order of the definition.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub outputs: Vec<DeliverableId>,
}

/// See [`Event::WorkflowRunConfirmed`](super::Event::WorkflowRunConfirmed).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct WorkflowRunConfirmed {
    /// The run.
    pub run: WorkflowRunId,
}

/// See [`Event::WorkflowInputProvided`](super::Event::WorkflowInputProvided).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct WorkflowInputProvided {
    /// The run.
    pub run: WorkflowRunId,
    /// The input's name.
    pub input: Text,
    /// What was supplied.
    pub value: Text,
    /// It is an output of the run before, taken over without anybody's word.
    #[serde(default)]
    pub carried: bool,
}

/// Where a run goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RunStep {
    /// It waits for inputs or for people.
    WaitingInput,
    /// Its work is under way.
    Running,
    /// Its work is done; the rest is said about it.
    Gating,
    /// It did not reach what it was for.
    Failed,
    /// It was given up.
    Cancelled,
}

/// See [`Event::WorkflowRunMoved`](super::Event::WorkflowRunMoved).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct WorkflowRunMoved {
    /// The run.
    pub run: WorkflowRunId,
    /// Where it stands from here on.
    pub to: RunStep,
    /// Why, or what is to be known about it.
    #[serde(default, skip_serializing_if = "str::is_empty")]
    pub note: Text,
}

/// See [`Event::WorkflowCriterionAttested`](super::Event::WorkflowCriterionAttested).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct WorkflowCriterionAttested {
    /// The run.
    pub run: WorkflowRunId,
    /// The criterion's number, from 1.
    pub criterion: u32,
    /// Whether it holds.
    pub holds: bool,
    /// What shows it.
    #[serde(default, skip_serializing_if = "str::is_empty")]
    pub evidence: Text,
}

/// See [`Event::WorkflowSigned`](super::Event::WorkflowSigned).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct WorkflowSigned {
    /// The run.
    pub run: WorkflowRunId,
    /// For which role, by slug.
    pub role: Text,
    /// Whether it is signed off.
    pub approved: bool,
    /// What was looked at, or what is missing.
    #[serde(default, skip_serializing_if = "str::is_empty")]
    pub note: Text,
}

/// What a measured criterion stood at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MeasuredValue {
    /// The criterion's number, from 1.
    pub criterion: u32,
    /// The metric's value.
    pub value: Decimal,
}

/// See [`Event::WorkflowRunCompleted`](super::Event::WorkflowRunCompleted).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct WorkflowRunCompleted {
    /// The run.
    pub run: WorkflowRunId,
    /// What its measured criteria stood at.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub values: Vec<MeasuredValue>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_reads_back_as_it_is_written_and_counts_days_of_the_calendar() {
        for (text, days) in [("1 day", 1), ("10 days", 10), ("2 weeks", 14)] {
            let span: WorkflowSpan = text.parse().expect("a span");
            assert_eq!((span.to_string().as_str(), span.days()), (text, days));
        }
        assert_eq!("3w".parse::<WorkflowSpan>().map(WorkflowSpan::days), Ok(21));
    }

    #[test]
    fn what_is_no_span_is_refused() {
        for text in [
            "",
            "2",
            "weeks",
            "0 days",
            "-1 day",
            "1.5 weeks",
            "50 hours",
            "1001 days",
        ] {
            assert_eq!(text.parse::<WorkflowSpan>(), Err(NoSpan), "{text}");
        }
    }
}
