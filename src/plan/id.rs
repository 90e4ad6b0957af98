//! Short ids: one letter and one number per entity and project, never reused.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A text that is not an id of the wanted kind.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not {kind} id; write it like {example}")]
pub struct BadId {
    /// What was read.
    pub text: String,
    /// The wanted kind with its article, such as "a task".
    pub kind: &'static str,
    /// A well-formed id.
    pub example: &'static str,
}

macro_rules! short_id {
    ($(#[$doc:meta])* $name:ident, $prefix:literal, $kind:literal, $example:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub u32);

        impl $name {
            /// What the written form starts with.
            pub const PREFIX: &'static str = $prefix;
        }

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(formatter, concat!($prefix, "{}"), self.0)
            }
        }

        impl FromStr for $name {
            type Err = BadId;

            fn from_str(text: &str) -> Result<Self, BadId> {
                number_after($prefix, text)
                    .map(Self)
                    .ok_or_else(|| BadId { text: text.to_owned(), kind: $kind, example: $example })
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                struct Visit;
                impl serde::de::Visitor<'_> for Visit {
                    type Value = $name;
                    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                        formatter.write_str(concat!($kind, " id like ", $example))
                    }
                    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<$name, E> {
                        text.parse().map_err(E::custom)
                    }
                }
                deserializer.deserialize_str(Visit)
            }
        }
    };
}

short_id!(
    /// A task, `T-12`.
    TaskId, "T-", "a task", "T-12"
);
short_id!(
    /// A session, `S-3`; sessions are numbered per project from 1.
    SessionId, "S-", "a session", "S-3"
);
short_id!(
    /// A blocker, `B-2`.
    BlockerId, "B-", "a blocker", "B-2"
);
short_id!(
    /// A discovered task, `D-5`.
    DiscoveredId, "D-", "a discovered task", "D-5"
);
short_id!(
    /// A decision, `DEC-1`.
    DecisionId, "DEC-", "a decision", "DEC-1"
);
short_id!(
    /// A quality gate, `G-1`.
    GateId, "G-", "a gate", "G-1"
);
short_id!(
    /// One run of a quality gate, `GR-3`.
    GateRunId, "GR-", "a gate run", "GR-3"
);

short_id!(
    /// A deliverable, `DL-1`.
    DeliverableId, "DL-", "a deliverable", "DL-1"
);

short_id!(
    /// A milestone, `M-1`.
    MilestoneId, "M-", "a milestone", "M-1"
);
short_id!(
    /// A risk, `R-1`.
    RiskId, "R-", "a risk", "R-1"
);
short_id!(
    /// A rule, `RU-1`.
    RuleId, "RU-", "a rule", "RU-1"
);
short_id!(
    /// A sprint, `SP-1`.
    SprintId, "SP-", "a sprint", "SP-1"
);
short_id!(
    /// One run of a workflow, `WR-1`.
    WorkflowRunId, "WR-", "a run of a workflow", "WR-1"
);

short_id!(
    /// An integration point, `IP-1`.
    IntegrationId, "IP-", "an integration point", "IP-1"
);
short_id!(
    /// A rollout, `RO-1`.
    RolloutId, "RO-", "a rollout", "RO-1"
);

short_id!(
    /// An assignment, `AS-1`.
    AssignmentId, "AS-", "an assignment", "AS-1"
);

short_id!(
    /// A published report, `REP-1`.
    ReportId, "REP-", "a report", "REP-1"
);

short_id!(
    /// A run of the checklist, `CL-1`.
    ChecklistId, "CL-", "a checklist", "CL-1"
);

/// The number of a short id: digits only, no sign, no leading zero, case of the prefix ignored.
fn number_after(prefix: &str, text: &str) -> Option<u32> {
    let head = text.get(..prefix.len())?;
    let digits = text.get(prefix.len()..)?;
    let plain = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    if !head.eq_ignore_ascii_case(prefix) || !plain || digits.starts_with('0') {
        return None;
    }
    digits.parse().ok()
}

/// A phase inside the daemon: its place among the phases ever added to the project. What people and
/// files call it is the phase's written id ("0", "2.1", "A").
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct PhaseNo(pub u32);

/// A role inside the daemon: its place in the project's catalogue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct RoleNo(pub u16);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_reads_back_as_it_is_written() {
        assert_eq!("T-12".parse(), Ok(TaskId(12)));
        assert_eq!("dec-1".parse(), Ok(DecisionId(1)));
        assert_eq!(TaskId(7).to_string(), "T-7");
    }

    #[test]
    fn what_is_no_id_is_refused_with_an_example() {
        for text in [
            "",
            "T-",
            "T-0",
            "T-01",
            "T-+1",
            "12",
            "B-1",
            "T-99999999999",
            "Ť-1",
        ] {
            let error = text.parse::<TaskId>().expect_err("not a task id");
            assert!(error.to_string().contains("T-12"), "{text}");
        }
    }
}
