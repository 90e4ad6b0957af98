//! The checklist of a project, and its runs as they stand.

use serde::{Deserialize, Serialize};

use super::super::day::Day;
use super::super::event::{Executor, ItemSpec, ItemState, Text};
use super::super::fact::Actor;
use super::super::id::ChecklistId;
use super::super::time::Timestamp;

/// How long a run is open when nothing else was said, in minutes.
pub const WINDOW_MINUTES: u32 = 480;

/// What the runs to come look at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Checklist {
    /// The items, in order.
    pub items: Box<[ItemSpec]>,
    /// How long a run is open, in minutes.
    pub window_minutes: u32,
}

impl Default for Checklist {
    /// The morning's five.
    fn default() -> Self {
        let item = |name: &str, executor| ItemSpec {
            name: name.into(),
            executor,
        };
        Self {
            items: Box::new([
                item("Check GitHub for blockers", Executor::BlockingIssues),
                item("Review PR queue", Executor::PullRequests),
                item("Run quality gates", Executor::Gates),
                item("Update team dashboard", Executor::Dashboard),
                item("Schedule standup", Executor::Standup),
            ]),
            window_minutes: WINDOW_MINUTES,
        }
    }
}

/// An item of a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunItem {
    /// What is looked at.
    pub spec: ItemSpec,
    /// Where it stands.
    pub state: ItemState,
    /// What came of it.
    pub result: Text,
    /// Who recorded that; none before that.
    pub by: Option<Actor>,
    /// When.
    pub at: Option<Timestamp>,
}

/// A run of the checklist.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChecklistRun {
    /// Its id.
    pub id: ChecklistId,
    /// The day.
    pub day: Day,
    /// Its items, by number from 1.
    pub items: Box<[RunItem]>,
    /// The schedule it was started for; empty = somebody asked.
    pub schedule: Text,
    /// Who started it.
    pub opened_by: Actor,
    /// When; a missed one: when it was due.
    pub opened_at: Timestamp,
    /// When it ends whatever is open.
    pub closes_at: Timestamp,
    /// When it ended; none while it is open.
    pub ended_at: Option<Timestamp>,
    /// Whether every item was over when it ended.
    pub complete: bool,
    /// Whether it was never begun: its time went by. Then it was over before it began, and nothing came of any item.
    pub missed: bool,
    /// The version that last touched it.
    pub revision: u64,
}

impl ChecklistRun {
    /// An item by its number, from 1.
    pub fn item(&self, number: u32) -> Option<&RunItem> {
        self.items
            .get(usize::try_from(number).ok()?.checked_sub(1)?)
    }

    /// The items with their numbers.
    pub fn each(&self) -> impl Iterator<Item = (u32, &RunItem)> {
        (1..).zip(self.items.iter())
    }

    /// Whether nobody has to look at anything any more.
    pub fn is_over(&self) -> bool {
        self.items.iter().all(|item| item.state.is_over())
    }

    /// Where it stands: `running`, `done`, `incomplete` or `missed`.
    pub fn status(&self) -> &'static str {
        match (self.ended_at, self.complete) {
            (None, _) => "running",
            (Some(_), true) => "done",
            (Some(_), false) if self.missed => "missed",
            (Some(_), false) => "incomplete",
        }
    }
}
