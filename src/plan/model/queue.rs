//! What waits for somebody: blockers, discovered tasks, decisions.

use serde::{Deserialize, Serialize};

use super::super::event::{BlockerKind, Severity, Text, Triage};
use super::super::fact::Actor;
use super::super::id::{BlockerId, DecisionId, DiscoveredId, PhaseNo, SessionId, TaskId};
use super::super::time::Timestamp;

/// Where a blocker stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BlockerStatus {
    /// In the way.
    Open,
    /// In the way, and more attention asked for.
    Escalated,
    /// Settled.
    Resolved,
    /// Taken back.
    Withdrawn,
}

impl BlockerStatus {
    /// Whether it still stands in the way.
    pub fn is_open(self) -> bool {
        matches!(self, Self::Open | Self::Escalated)
    }
}

/// Something that holds tasks or a phase up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Blocker {
    /// Its id.
    pub id: BlockerId,
    /// Its kind.
    pub kind: BlockerKind,
    /// Where it stands.
    pub status: BlockerStatus,
    /// The tasks it holds up.
    pub tasks: Box<[TaskId]>,
    /// The phase it holds up.
    pub phase: Option<PhaseNo>,
    /// What stands in the way; the question, for INPUT and INCONSISTENCY.
    pub reason: Text,
    /// The task that must be finished again.
    pub waits_for: Option<TaskId>,
    /// Who should settle it; empty = the coordinator.
    pub owner: Text,
    /// How it can be settled.
    pub resolution_path: Text,
    /// How bad it is.
    pub severity: Severity,
    /// Since when it is known here.
    pub since: Timestamp,
    /// Since when, as a file wrote it.
    pub since_text: Text,
    /// Who opened it.
    pub opened_by: Actor,
    /// Why it was escalated, and when.
    pub escalated: Option<(Timestamp, Text)>,
    /// When it became urgent last, by being critical or by being escalated, and at which version; none while it is
    /// neither.
    pub urgent: Option<(Timestamp, u64)>,
    /// How it was settled, by whom, when.
    pub resolution: Option<(Actor, Timestamp, Text)>,
    /// The version that last touched it.
    pub revision: u64,
}

/// A task found on the way, waiting for triage; never claimable.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Discovered {
    /// Its id.
    pub id: DiscoveredId,
    /// Its title.
    pub title: Text,
    /// What was found.
    pub notes: Text,
    /// 0 (P0) to 3 (P3).
    pub priority: u8,
    /// Its area.
    pub area: Text,
    /// The task that was worked on.
    pub found_on: Option<TaskId>,
    /// The session it was found in.
    pub found_in: Option<SessionId>,
    /// Where it was found, as a file wrote it.
    pub found_in_text: Text,
    /// The phase it may belong to.
    pub suggested_phase: Option<PhaseNo>,
    /// Who found it.
    pub found_by: Actor,
    /// When.
    pub found_at: Timestamp,
    /// What became of it; none = untriaged.
    pub triage: Option<Triage>,
    /// Why.
    pub triage_note: Text,
    /// When it was triaged.
    pub triaged_at: Option<Timestamp>,
    /// The version that last touched it.
    pub revision: u64,
}

/// How a question was decided.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// The answer.
    pub text: Text,
    /// Why.
    pub rationale: Text,
    /// Where it is written up.
    pub record_uri: Text,
    /// What follows from it.
    pub consequences: Text,
    /// By whom.
    pub by: Actor,
    /// When.
    pub at: Timestamp,
}

/// An answer that somebody proposes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proposal {
    /// The answer.
    pub answer: Text,
    /// Why.
    pub rationale: Text,
    /// Who proposes it.
    pub by: Actor,
    /// When.
    pub at: Timestamp,
}

/// Where a decision stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DecisionStatus {
    /// Nobody proposed an answer.
    Open,
    /// Answers are proposed.
    Proposed,
    /// Decided.
    Decided,
    /// Another decision took its place.
    Superseded,
    /// It holds no more.
    Deprecated,
}

/// A question that must be decided.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    /// Its id.
    pub id: DecisionId,
    /// The question.
    pub question: Text,
    /// Options, if some are known.
    pub options: Box<[Text]>,
    /// The tasks that wait for it.
    pub blocks: Box<[TaskId]>,
    /// Who asked.
    pub opened_by: Actor,
    /// When.
    pub opened_at: Timestamp,
    /// The phases that wait for it.
    pub phases: Box<[PhaseNo]>,
    /// Tasks that come in while it is open wait for it too when one of these selectors names them.
    pub selectors: Box<[Text]>,
    /// Answers that were proposed.
    pub proposals: Box<[Proposal]>,
    /// The answer; none = open.
    pub answer: Option<Answer>,
    /// The decision whose place it takes.
    pub supersedes: Option<DecisionId>,
    /// The decision that took its place.
    pub superseded_by: Option<DecisionId>,
    /// Who said that it holds no more, when and why.
    pub deprecated: Option<(Actor, Timestamp, Text)>,
    /// Tasks that relied on what holds no more, and that nobody has looked at since.
    pub revisit: Box<[TaskId]>,
    /// The version that last touched it.
    pub revision: u64,
}

impl Decision {
    /// Where it stands.
    pub fn status(&self) -> DecisionStatus {
        if self.answer.is_none() {
            return match self.proposals.is_empty() {
                true => DecisionStatus::Open,
                false => DecisionStatus::Proposed,
            };
        }
        match (self.superseded_by, &self.deprecated) {
            (Some(_), _) => DecisionStatus::Superseded,
            (None, Some(_)) => DecisionStatus::Deprecated,
            (None, None) => DecisionStatus::Decided,
        }
    }

    /// Whether its answer is the one to go by.
    pub fn holds(&self) -> bool {
        self.status() == DecisionStatus::Decided
    }
}
