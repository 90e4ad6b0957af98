//! Events of what people should know between two reports: each tells of a change, never of a look that found things
//! as they were.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::Text;

/// What a mark is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MarkKind {
    /// A lease that has come close to its end; the subject is the task.
    LeaseEnding,
    /// A task that is worked on past twice its estimate.
    OverEstimate,
    /// A phase that is past its window and not closed.
    PhaseLate,
    /// A milestone whose day has passed, or that a forecast reaches too late.
    MilestoneAtRisk,
    /// An agent that holds a task and is silent for longer than the project allows.
    AgentSilent,
    /// The queue of discovered tasks, which grows; the subject is [`DISCOVERED`].
    DiscoveredGrowing,
}

/// The subject of the one mark about the queue of discovered tasks.
pub const DISCOVERED: &str = "discovered";

impl MarkKind {
    /// Every kind, in the order in which marks are shown.
    pub const ALL: [Self; 6] = [
        Self::LeaseEnding,
        Self::OverEstimate,
        Self::PhaseLate,
        Self::MilestoneAtRisk,
        Self::AgentSilent,
        Self::DiscoveredGrowing,
    ];

    /// The word for machines, lower snake case.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::LeaseEnding => "lease_ending",
            Self::OverEstimate => "over_estimate",
            Self::PhaseLate => "phase_late",
            Self::MilestoneAtRisk => "milestone_at_risk",
            Self::AgentSilent => "agent_silent",
            Self::DiscoveredGrowing => "discovered_growing",
        }
    }

    /// What is said of what a mark is about, where that stands beside it.
    pub fn as_words(self) -> &'static str {
        match self {
            Self::LeaseEnding => "lease runs out",
            Self::OverEstimate => "past twice its estimate",
            Self::PhaseLate => "phase is late",
            Self::MilestoneAtRisk => "at risk",
            Self::AgentSilent => "silent",
            Self::DiscoveredGrowing => "the queue grows",
        }
    }

    /// A mark of this kind in words, with what it is about.
    pub fn told(self, subject: &str) -> String {
        match self {
            Self::LeaseEnding => format!("the lease of {subject} runs out"),
            Self::OverEstimate => format!("{subject} is past twice its estimate"),
            Self::PhaseLate => format!("phase {subject} is late"),
            Self::MilestoneAtRisk => format!("{subject} is at risk"),
            Self::AgentSilent => format!("{subject} is silent"),
            Self::DiscoveredGrowing => "the discovered queue grows".to_owned(),
        }
    }
}

impl fmt::Display for MarkKind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.as_str())
    }
}

/// A mark as it is raised.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RaisedMark {
    /// What it is about.
    pub kind: MarkKind,
    /// The task, phase, milestone or agent, by id.
    pub subject: Text,
    /// What there is to say, in a line.
    #[serde(default, skip_serializing_if = "str::is_empty")]
    pub detail: Text,
}

/// A mark that is no more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClearedMark {
    /// What it was about.
    pub kind: MarkKind,
    /// The task, phase, milestone or agent, by id.
    pub subject: Text,
}

/// See [`Event::MarksChanged`](super::Event::MarksChanged).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MarksChanged {
    /// Marks that are new, and known ones of which there is something else to say.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub raised: Vec<RaisedMark>,
    /// Marks that are no more.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cleared: Vec<ClearedMark>,
}
