//! Events of the morning checklist: what is looked at, and what came of each item.

use serde::{Deserialize, Serialize};

use super::super::day::Day;
use super::super::id::ChecklistId;
use super::super::time::Timestamp;
use super::Text;

/// Who or what gives the result of an item.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Executor {
    /// GitHub: issues that block.
    BlockingIssues,
    /// GitHub: open pull requests.
    PullRequests,
    /// Every quality gate in force is run.
    Gates,
    /// The state of the project is written down.
    Dashboard,
    /// The day's standup is opened to entries.
    Standup,
    /// A command of the daemon's configuration, by name.
    Command(Text),
    /// Somebody, by hand.
    Manual,
}

impl Executor {
    /// What it is called in messages; a command by its name.
    pub fn in_words(&self) -> String {
        match self {
            Self::BlockingIssues | Self::PullRequests => "github".to_owned(),
            Self::Gates => "gates".to_owned(),
            Self::Dashboard => "dashboard".to_owned(),
            Self::Standup => "standup".to_owned(),
            Self::Command(name) => format!("command:{name}"),
            Self::Manual => "manual".to_owned(),
        }
    }
}

/// One item of a checklist.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ItemSpec {
    /// Its name.
    pub name: Text,
    /// Who or what gives its result.
    pub executor: Executor,
}

/// Where an item stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ItemState {
    /// Nothing came of it yet.
    Pending,
    /// It was looked at and is in order.
    Done,
    /// It was looked at, or could not be, and somebody has to look.
    NeedsAttention,
    /// What should give its result failed.
    Failed,
    /// There is nothing to look at.
    Skipped,
}

impl ItemState {
    /// The word for machines and people, lower snake case.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Done => "done",
            Self::NeedsAttention => "needs_attention",
            Self::Failed => "failed",
            Self::Skipped => "skipped",
        }
    }

    /// Whether nobody has to look at it any more.
    pub fn is_over(self) -> bool {
        matches!(self, Self::Done | Self::Skipped)
    }
}

/// See [`Event::ChecklistDefined`](super::Event::ChecklistDefined).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ChecklistDefined {
    /// The items of the runs to come, in order.
    pub items: Vec<ItemSpec>,
    /// How long a run is open, in minutes.
    pub window_minutes: u32,
}

/// See [`Event::ChecklistStarted`](super::Event::ChecklistStarted).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ChecklistStarted {
    /// The run.
    pub checklist: ChecklistId,
    /// The day, as the project's clock shows it.
    pub day: Day,
    /// Its items.
    pub items: Vec<ItemSpec>,
    /// When it ends whatever is open.
    pub closes_at: Timestamp,
    /// The schedule it was started for; empty = somebody asked.
    #[serde(default, skip_serializing_if = "str::is_empty")]
    pub schedule: Text,
}

/// See [`Event::ChecklistMissed`](super::Event::ChecklistMissed).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ChecklistMissed {
    /// The run that was never begun.
    pub checklist: ChecklistId,
    /// The day, as the project's clock shows it.
    pub day: Day,
    /// What it would have looked at.
    pub items: Vec<ItemSpec>,
    /// When it was due.
    pub due_at: Timestamp,
    /// The schedule it was due of.
    pub schedule: Text,
}

/// See [`Event::ChecklistAsked`](super::Event::ChecklistAsked).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ChecklistAsked {
    /// The run.
    pub checklist: ChecklistId,
    /// The items that are looked at once more, by number from 1.
    pub items: Vec<u32>,
}

/// See [`Event::ChecklistItemSettled`](super::Event::ChecklistItemSettled).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ChecklistItemSettled {
    /// The run.
    pub checklist: ChecklistId,
    /// The item, by number from 1.
    pub item: u32,
    /// Where it stands from here on.
    pub state: ItemState,
    /// What came of it.
    #[serde(default, skip_serializing_if = "str::is_empty")]
    pub result: Text,
}

/// See [`Event::ChecklistEnded`](super::Event::ChecklistEnded).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ChecklistEnded {
    /// The run.
    pub checklist: ChecklistId,
    /// Whether every item is over.
    pub complete: bool,
}
