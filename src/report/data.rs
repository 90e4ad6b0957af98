//! What all reports share as data. Field names are stable; every id comes with its title, every instant
//! with its local time, so a report can be read without the plan it was made from.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::zone::Zone;
use crate::plan::Plan;
use crate::plan::event::Recorded;
use crate::plan::id::{PhaseNo, TaskId};
use crate::plan::model::ProjectStatus;
use crate::plan::time::Timestamp;

/// At most so many entries of one kind are kept in a report; a total beside each list says how many
/// there are.
pub const LISTED_MAX: usize = 1_000;

/// An instant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Moment {
    /// Milliseconds since the Unix epoch, UTC.
    pub at_ms: i64,
    /// The same in the project's time zone, such as `Tue 2026-11-24 09:00`.
    pub local: String,
}

/// A task by id and title.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaskRef {
    /// Its id.
    pub id: TaskId,
    /// Its title.
    pub title: String,
}

impl TaskRef {
    pub(super) fn new(plan: &Plan, id: TaskId) -> Self {
        let title = plan.title(id).to_owned();
        Self { id, title }
    }

    pub(super) fn all(plan: &Plan, ids: &[TaskId]) -> Vec<Self> {
        ids.iter().map(|&id| Self::new(plan, id)).collect()
    }
}

/// A phase by id and name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PhaseRef {
    /// Its written id.
    pub id: String,
    /// Its name.
    pub name: String,
}

impl PhaseRef {
    pub(super) fn new(plan: &Plan, no: PhaseNo) -> Self {
        let phase = plan.phase(no);
        Self {
            id: phase.map_or_else(String::new, |phase| phase.id.to_string()),
            name: phase.map_or_else(String::new, |phase| phase.name.to_string()),
        }
    }
}

/// The project a report is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProjectRef {
    /// Its slug.
    pub slug: String,
    /// Its name.
    pub name: String,
    /// Where it stands.
    pub status: ProjectStatus,
    /// Why it is paused or archived; empty otherwise.
    pub status_reason: String,
    /// The IANA time zone of every local time in the report.
    pub time_zone: String,
}

impl ProjectRef {
    pub(super) fn new(plan: &Plan, zone: &Zone) -> Self {
        let project = plan.project();
        let text = |text: Option<&str>| text.unwrap_or_default().to_owned();
        Self {
            slug: text(project.map(|project| &*project.slug)),
            name: text(project.map(|project| &*project.name)),
            status: project.map_or(ProjectStatus::Draft, |project| project.status),
            status_reason: text(project.map(|project| &*project.status_reason)),
            time_zone: zone.name().to_owned(),
        }
    }
}

/// The event a report reaches up to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// The project's event count.
    pub version: u64,
    /// The hash of the event at that version.
    pub hash: String,
}

/// An instant on a project's clock.
pub fn moment(plan: &Plan, at: Timestamp) -> Moment {
    zone_of(plan).moment(at)
}

/// The zone of a plan's dates.
pub(super) fn zone_of(plan: &Plan) -> Zone {
    Zone::named(
        plan.project()
            .map_or("UTC", |project| &project.settings.time_zone),
    )
}

/// The list cut at [`LISTED_MAX`], and how long it was.
pub(super) fn cut<T>(mut list: Vec<T>) -> (Vec<T>, u32) {
    let total = u32::try_from(list.len()).unwrap_or(u32::MAX);
    list.truncate(LISTED_MAX);
    (list, total)
}

/// The events after `since` and not after `now`; recorded time never falls, so both ends are found by
/// halving.
pub(super) fn window(
    events: &[Arc<Recorded>],
    since: Timestamp,
    now: Timestamp,
) -> &[Arc<Recorded>] {
    let from = events.partition_point(|recorded| recorded.at <= since);
    let to = events.partition_point(|recorded| recorded.at <= now);
    events.get(from..to).unwrap_or(&[])
}

/// How many there are, as reports count.
pub(super) fn counted(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

/// Left out of a report where there is none.
#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde hands the field over so"
)]
pub(super) fn is_zero(number: &u32) -> bool {
    *number == 0
}
