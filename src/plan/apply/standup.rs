//! What standups do to a plan: nothing that a task depends on.

use std::sync::Arc;

use super::super::event::{StandupEntered, StandupHeld, StandupOpened};
use super::super::fact::Actor;
use super::super::model::{Standup, StandupEntry, StandupReport};
use super::super::state::Plan;
use super::super::time::Timestamp;
use super::edit;

impl Plan {
    pub(super) fn standup_opened(&mut self, event: &StandupOpened, at: Timestamp, by: &Actor) {
        let standup = Standup {
            day: event.day,
            schedule: Arc::clone(&event.schedule),
            opened_by: by.clone(),
            opened_at: at,
            closes_at: event.closes_at,
            entries: Box::new([]),
            held: None,
            revision: self.version,
        };
        self.standups.insert(event.day, Arc::new(standup));
    }

    pub(super) fn standup_entered(&mut self, event: &StandupEntered, at: Timestamp, by: &Actor) {
        let version = self.version;
        let entry = StandupEntry {
            role: Arc::clone(&event.role),
            by: by.clone(),
            at,
            late: event.late,
            slots: event.slots.clone(),
            text: Arc::clone(&event.text),
            version,
        };
        edit(&mut self.standups, &event.day, |standup| {
            let mut entries = std::mem::take(&mut standup.entries).into_vec();
            entries
                .retain(|it| (&it.role, &it.by, it.late) != (&entry.role, &entry.by, entry.late));
            entries.push(entry);
            standup.entries = entries.into();
            standup.revision = version;
        });
    }

    pub(super) fn standup_held(&mut self, event: &StandupHeld, at: Timestamp, by: &Actor) {
        let version = self.version;
        let told = self.reports.get(&event.report);
        let held = StandupReport {
            report: event.report,
            as_of: told.map_or(version, |report| report.as_of),
            at,
        };
        if !self.standups.contains_key(&event.day) {
            let unopened = StandupOpened {
                day: event.day,
                closes_at: at,
                schedule: told.map_or_else(|| "".into(), |report| Arc::clone(&report.schedule)),
            };
            self.standup_opened(&unopened, at, by);
        }
        edit(&mut self.standups, &event.day, |standup| {
            standup.held = Some(held);
            standup.revision = version;
        });
    }
}
