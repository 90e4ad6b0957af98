//! Deliverables: artefacts that a phase hands over. One that is accepted changes no more.

use serde::{Deserialize, Serialize};

use super::super::event::Text;
use super::super::fact::Actor;
use super::super::id::{DeliverableId, PhaseNo, TaskId};
use super::super::time::Timestamp;

/// Where a deliverable stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeliverableStatus {
    /// Not handed in.
    Pending,
    /// Handed in; waits for somebody else's word.
    Submitted,
    /// Good.
    Accepted,
    /// Not good; can be handed in again.
    Rejected,
}

impl DeliverableStatus {
    /// The word for machines and people, lower snake case.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Submitted => "submitted",
            Self::Accepted => "accepted",
            Self::Rejected => "rejected",
        }
    }
}

/// What was handed in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Submission {
    /// The artefact: a path, an address, a commit.
    pub artefact: Text,
    /// What was said about it.
    pub note: Text,
    /// By whom.
    pub by: Actor,
    /// When.
    pub at: Timestamp,
}

/// What was said to a submission.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Judgement {
    /// Why, or what is missing.
    pub text: Text,
    /// By whom.
    pub by: Actor,
    /// When.
    pub at: Timestamp,
}

/// Something that is handed over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deliverable {
    /// Its id.
    pub id: DeliverableId,
    /// Its name.
    pub name: Text,
    /// Where it is to be found; empty when nothing is said.
    pub uri: Text,
    /// The phase that does not close without it.
    pub phase: Option<PhaseNo>,
    /// The task that makes it.
    pub task: Option<TaskId>,
    /// A workflow it is an output of, in words.
    pub workflow: Text,
    /// What it must fulfil.
    pub acceptance: Box<[Text]>,
    /// Where it stands.
    pub status: DeliverableStatus,
    /// What was handed in last.
    pub submission: Option<Submission>,
    /// What was said to it; none while that is open.
    pub judgement: Option<Judgement>,
    /// Who added it.
    pub added_by: Actor,
    /// When.
    pub added_at: Timestamp,
    /// The version that last touched it.
    pub revision: u64,
}

impl Deliverable {
    /// What it lacks until it is accepted, or that it is, in words behind "is".
    pub fn standing(&self) -> &'static str {
        match self.status {
            DeliverableStatus::Pending => "not submitted",
            DeliverableStatus::Submitted => "submitted and not accepted",
            DeliverableStatus::Accepted => "accepted",
            DeliverableStatus::Rejected => "rejected and not submitted again",
        }
    }

    /// The command line that brings it on, without the program's name.
    pub fn next_command(&self) -> String {
        let id = self.id;
        match self.status {
            DeliverableStatus::Submitted | DeliverableStatus::Accepted => {
                format!("deliverable accept {id}")
            }
            DeliverableStatus::Pending | DeliverableStatus::Rejected => {
                format!("deliverable submit {id} --artefact …")
            }
        }
    }
}
