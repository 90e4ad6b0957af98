//! Standups by day as messages.

use muster_proto::v1 as wire;

use super::{View, time};
use crate::plan::event::Slots;
use crate::plan::model::{Standup, StandupEntry};
use crate::plan::time::Timestamp;

impl View<'_> {
    /// The standup of a day.
    pub(in super::super) fn standup(&self, standup: &Standup) -> wire::Standup {
        // Recorded time never falls, so the newest event may be ahead of the clock.
        let now = Timestamp(self.now_ms).max(self.plan.last_at());
        let status = match (&standup.held, standup.is_over(now)) {
            (Some(_), _) => wire::StandupStatus::Published,
            (None, true) => wire::StandupStatus::Closed,
            (None, false) => wire::StandupStatus::Open,
        };
        let held = standup.held.as_ref();
        wire::Standup {
            day: standup.day.to_string(),
            status: status.into(),
            schedule: standup.schedule.to_string(),
            opened_by: standup.opened_by.to_string(),
            opened_at: Some(time(standup.opened_at)),
            closes_at: Some(time(standup.closes_at)),
            entries: standup
                .entries
                .iter()
                .map(|entry| said(standup, entry))
                .collect(),
            report: held.map_or_else(String::new, |held| held.report.to_string()),
            published_at: held.map(|held| time(held.at)),
            missing: self.missing(Some(standup)),
            revision: standup.revision,
        }
    }

    /// The standup that is due on the day of an instant and not open yet; none when nothing publishes one.
    pub(in super::super) fn scheduled_standup(&self, now: Timestamp) -> Option<wire::Standup> {
        let (due, schedule) = self.plan.standup_due(now)?;
        Some(wire::Standup {
            day: self.plan.local_day(now).to_string(),
            status: wire::StandupStatus::Scheduled.into(),
            schedule: schedule.name.to_string(),
            closes_at: Some(time(Timestamp(due.at_ms))),
            missing: self.missing(None),
            ..wire::Standup::default()
        })
    }

    /// Registered agents that said nothing.
    fn missing(&self, standup: Option<&Standup>) -> Vec<String> {
        let spoke = |name: &str| {
            standup.is_some_and(|standup| {
                let mut by = standup.entries.iter().filter_map(|it| it.by.agent());
                by.any(|agent| **agent == *name)
            })
        };
        let agents = self.plan.agents().filter(|agent| !agent.retired);
        let missing = agents.filter(|agent| !spoke(&agent.name));
        missing.map(|agent| agent.name.to_string()).collect()
    }
}

fn said(standup: &Standup, entry: &StandupEntry) -> wire::StandupEntry {
    wire::StandupEntry {
        role: entry.role.to_string(),
        by: entry.by.to_string(),
        at: Some(time(entry.at)),
        late: entry.late,
        slots: Some(slots(&entry.slots)),
        text: entry.text.to_string(),
        told: standup.tells_of(entry),
    }
}

fn slots(slots: &Slots) -> wire::StandupSlots {
    wire::StandupSlots {
        built: slots.built.to_string(),
        next: slots.next.to_string(),
        shipped: slots.shipped.to_string(),
        tests_passed_percent: slots.tests_passed_percent.map(u32::from),
        metrics: slots.metrics.to_string(),
        version: slots.version.to_string(),
        monitoring: slots.monitoring.to_string(),
        blockers: slots.blockers.to_string(),
        changes: slots.changes.to_string(),
    }
}
