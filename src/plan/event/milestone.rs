//! Events of milestones.

use serde::{Deserialize, Serialize};

use super::super::day::Day;
use super::super::id::{DeliverableId, MilestoneId, TaskId};
use super::Text;

/// What kind of milestone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MilestoneKind {
    /// One of many.
    #[default]
    Ordinary,
    /// The one the project is for.
    Launch,
}

/// When a milestone is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Due {
    /// On a day.
    Day(Day),
    /// At the end of a week of the project, the first one beginning on its start date.
    Week(u32),
}

/// What a milestone stands for: it is reached once all of it is done.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Links {
    /// Phases, by id.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub phases: Vec<String>,
    /// Tasks.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tasks: Vec<TaskId>,
    /// Deliverables.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub deliverables: Vec<DeliverableId>,
}

/// See [`Event::MilestoneAdded`](super::Event::MilestoneAdded).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MilestoneAdded {
    /// The milestone.
    pub milestone: MilestoneId,
    /// Its name.
    pub name: Text,
    /// Its kind.
    #[serde(default)]
    pub kind: MilestoneKind,
    /// When it is due; none = not said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due: Option<Due>,
    /// What is to be ticked.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub checklist: Vec<Text>,
    /// What it stands for.
    #[serde(default)]
    pub links: Links,
}

/// See [`Event::MilestoneUpdated`](super::Event::MilestoneUpdated). What is none stays as it is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MilestoneUpdated {
    /// The milestone.
    pub milestone: MilestoneId,
    /// A new name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<Text>,
    /// Another kind.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<MilestoneKind>,
    /// When it is due from here on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due: Option<Due>,
    /// What is to be ticked beside what there is.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub checklist_added: Vec<Text>,
    /// What it stands for from here on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub links: Option<Links>,
}

/// See [`Event::MilestoneTicked`](super::Event::MilestoneTicked).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MilestoneTicked {
    /// The milestone.
    pub milestone: MilestoneId,
    /// The item's number within the checklist, from 1.
    pub item: u32,
}

/// See [`Event::MilestoneReached`](super::Event::MilestoneReached).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MilestoneReached {
    /// The milestone.
    pub milestone: MilestoneId,
    /// Why a coordinator said so; empty when all it stands for is done.
    #[serde(default, skip_serializing_if = "str::is_empty")]
    pub note: Text,
}

/// See [`Event::MilestoneMissed`](super::Event::MilestoneMissed).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MilestoneMissed {
    /// The milestone.
    pub milestone: MilestoneId,
    /// Why.
    pub reason: Text,
}
