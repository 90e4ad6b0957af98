//! What schedules, their turns and published reports do to a plan: nothing that a task depends on.

use std::sync::Arc;

use super::super::event::{
    ReportPublished, SchedulePaused, ScheduleRemoved, ScheduleResumed, SchedulesSet, SlotEnded,
    SlotFired, SlotSkipped, SlotsMissed,
};
use super::super::fact::Actor;
use super::super::model::{Delivery, Firing, Judgement, LastTurn, Report, Schedule, TurnEnding};
use super::super::recurrence::Slot;
use super::super::state::Plan;
use super::super::time::Timestamp;
use super::edit;

impl Schedule {
    fn ends(&mut self, slot: Option<Slot>, ending: TurnEnding, note: &str, at: Timestamp) {
        self.last = Some(LastTurn {
            slot,
            ending,
            note: note.into(),
            report: None,
            at,
        });
    }

    /// Slots until this one have had their turn.
    fn has_handled(&mut self, slot: Slot, due_at: Timestamp) {
        self.handled = self.handled.max(Some(due_at));
        self.newest_slot = self.newest_slot.max(Some(slot));
    }
}

impl Plan {
    pub(super) fn schedules_set(&mut self, event: &SchedulesSet, at: Timestamp) {
        let version = self.version;
        for set in &event.schedules {
            if self.schedules.contains_key(&set.schedule) {
                edit(&mut self.schedules, &set.schedule, |schedule| {
                    schedule.spec = set.spec.clone();
                    schedule.since = at;
                    schedule.revision = version;
                });
                continue;
            }
            let schedule = Schedule {
                name: Arc::clone(&set.schedule),
                spec: set.spec.clone(),
                since: at,
                handled: None,
                newest_slot: None,
                under_way: None,
                last: None,
                fired: 0,
                missed: 0,
                skipped: 0,
                paused: None,
                revision: version,
            };
            self.schedules
                .insert(Arc::clone(&set.schedule), Arc::new(schedule));
        }
    }

    pub(super) fn schedule_removed(&mut self, event: &ScheduleRemoved) {
        self.schedules.remove(&event.schedule);
    }

    pub(super) fn schedule_paused(&mut self, event: &SchedulePaused, at: Timestamp, by: &Actor) {
        let version = self.version;
        edit(&mut self.schedules, &event.schedule, |schedule| {
            schedule.paused = Some(Judgement {
                text: Arc::clone(&event.reason),
                by: by.clone(),
                at,
            });
            schedule.revision = version;
        });
    }

    pub(super) fn schedule_resumed(&mut self, event: &ScheduleResumed, at: Timestamp) {
        let version = self.version;
        edit(&mut self.schedules, &event.schedule, |schedule| {
            schedule.paused = None;
            schedule.since = at;
            schedule.revision = version;
        });
    }

    /// What was due while nothing was handed out is nobody's business any more.
    pub(super) fn schedules_go_on(&mut self, at: Timestamp) {
        let version = self.version;
        let names: Vec<_> = self.schedules.keys().cloned().collect();
        for name in names {
            edit(&mut self.schedules, &name, |schedule| {
                schedule.since = at;
                schedule.revision = version;
            });
        }
    }

    pub(super) fn slot_fired(&mut self, event: &SlotFired, at: Timestamp) {
        let version = self.version;
        self.highest_job_run = self.highest_job_run.max(event.run);
        edit(&mut self.schedules, &event.schedule, |schedule| {
            if let Some(slot) = event.slot {
                schedule.has_handled(slot, event.due_at);
            }
            schedule.fired += 1;
            schedule.revision = version;
            if event.job.is_done_at_once() {
                let note = Arc::clone(&schedule.spec.note);
                schedule.ends(event.slot, TurnEnding::Done, &note, at);
            } else {
                schedule.under_way = Some(Firing {
                    run: event.run,
                    slot: event.slot,
                    due_at: event.due_at,
                    cause: event.cause,
                    fired_at: at,
                    version,
                });
            }
        });
    }

    pub(super) fn slots_missed(&mut self, event: &SlotsMissed, at: Timestamp) {
        let version = self.version;
        edit(&mut self.schedules, &event.schedule, |schedule| {
            schedule.has_handled(event.last, event.last_due_at);
            schedule.missed = schedule.missed.saturating_add(event.count);
            schedule.ends(Some(event.last), TurnEnding::Missed, "", at);
            schedule.revision = version;
        });
    }

    pub(super) fn slot_skipped(&mut self, event: &SlotSkipped, at: Timestamp) {
        let version = self.version;
        edit(&mut self.schedules, &event.schedule, |schedule| {
            schedule.has_handled(event.slot, event.due_at);
            schedule.skipped += 1;
            let note = event.cause.as_words();
            schedule.ends(Some(event.slot), TurnEnding::Skipped, note, at);
            schedule.revision = version;
        });
    }

    pub(super) fn slot_ended(&mut self, event: &SlotEnded, at: Timestamp) {
        let version = self.version;
        edit(&mut self.schedules, &event.schedule, |schedule| {
            let is_it = |firing: &mut Firing| firing.run == event.run;
            let Some(firing) = schedule.under_way.take_if(is_it) else {
                return;
            };
            let ending = if event.failed {
                TurnEnding::Failed
            } else {
                TurnEnding::Done
            };
            schedule.last = Some(LastTurn {
                slot: firing.slot,
                ending,
                note: Arc::clone(&event.note),
                report: event.report,
                at,
            });
            schedule.revision = version;
        });
    }

    pub(super) fn report_published(&mut self, event: &ReportPublished, at: Timestamp) {
        let report = Report {
            id: event.report,
            kind: event.kind,
            title: Arc::clone(&event.title),
            urgency: event.urgency,
            role: Arc::clone(&event.role),
            schedule: Arc::clone(&event.schedule),
            slot: event.slot,
            at_once: event.at_once,
            since: event.since,
            until: event.until,
            as_of: event.as_of,
            version: self.version,
            more_parts: event.more_parts,
            published_at: at,
            deliveries: event
                .channels
                .iter()
                .map(|channel| (Arc::clone(channel), Delivery::waiting(at)))
                .collect(),
        };
        self.index.count_deliveries(&report);
        self.reports.insert(event.report, Arc::new(report));
    }
}
