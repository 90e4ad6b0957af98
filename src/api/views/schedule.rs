//! Schedules and published reports as messages, and what happened to them as sentences.

use muster_proto::v1 as wire;

use super::super::enums;
use super::event::with_reason;
use super::{View, time};
use crate::plan::event::{ClearedMark, Event, FiringCause, RaisedMark};
use crate::plan::fact::Actor;
use crate::plan::model::{ChecklistRun, Report, Schedule};
use crate::plan::recurrence::Slot;
use crate::plan::time::Timestamp;

impl View<'_> {
    /// A schedule, with when it is due next.
    pub(in super::super) fn schedule(&self, schedule: &Schedule) -> wire::Schedule {
        let spec = &schedule.spec;
        let zone = self.plan.zone_of(schedule).ok();
        let goes = schedule.paused.is_none() && self.plan.keeps_time();
        let next = self
            .plan
            .next_times(schedule, self.now_ms, usize::from(goes));
        let next = next.first();
        let local = next.zip(zone.as_ref());
        let own = project_zone(self.plan);
        wire::Schedule {
            name: schedule.name.to_string(),
            job: enums::schedule_job(spec.job).into(),
            when: spec.when.to_string(),
            zone: zone.as_ref().map_or(own, |zone| zone.name().to_owned()),
            own_zone: !spec.zone.is_empty(),
            role: spec.role.to_string(),
            note: spec.note.to_string(),
            catch_up_ms: spec.catch_up_ms,
            next_at: next.map(|due| time(Timestamp(due.at_ms))),
            next_local: local
                .and_then(|(due, zone)| zone.rfc3339(due.at_ms))
                .unwrap_or_default(),
            paused_at: schedule.paused.as_ref().map(|it| time(it.at)),
            paused_by: schedule
                .paused
                .as_ref()
                .map_or_else(String::new, |it| it.by.to_string()),
            pause_reason: schedule
                .paused
                .as_ref()
                .map_or_else(String::new, |it| it.text.to_string()),
            under_way: schedule.under_way.as_ref().map(|run| wire::ScheduleRun {
                number: run.run,
                slot: slot(run.slot),
                due_at: Some(time(run.due_at)),
                cause: enums::firing_cause(run.cause).into(),
                fired_at: Some(time(run.fired_at)),
            }),
            last_turn: schedule.last.as_ref().map(|last| wire::ScheduleTurn {
                slot: slot(last.slot),
                ending: enums::turn_ending(last.ending).into(),
                note: last.note.to_string(),
                report: last.report.map_or_else(String::new, |id| id.to_string()),
                ended_at: Some(time(last.at)),
            }),
            fired: schedule.fired,
            missed: schedule.missed,
            skipped: schedule.skipped,
            revision: schedule.revision,
        }
    }

    /// A run of the checklist.
    pub(in super::super) fn checklist_run(&self, run: &ChecklistRun) -> wire::ChecklistRun {
        let status = match (run.ended_at, run.complete) {
            (None, _) => wire::ChecklistStatus::Running,
            (Some(_), true) => wire::ChecklistStatus::Done,
            (Some(_), false) if run.missed => wire::ChecklistStatus::Missed,
            (Some(_), false) => wire::ChecklistStatus::Incomplete,
        };
        let items = run.each().map(|(number, item)| wire::ChecklistResult {
            number,
            item: Some(enums::checklist_item(&item.spec)),
            state: enums::checklist_item_state(item.state).into(),
            result: item.result.to_string(),
            by: match &item.by {
                None => String::new(),
                // The daemon records what somebody else found.
                Some(Actor::System) => item.spec.executor.in_words(),
                Some(actor) => actor.to_string(),
            },
            at: item.at.map(time),
        });
        wire::ChecklistRun {
            id: run.id.to_string(),
            day: run.day.to_string(),
            status: status.into(),
            items: items.collect(),
            schedule: run.schedule.to_string(),
            opened_by: run.opened_by.to_string(),
            opened_at: Some(time(run.opened_at)),
            closes_at: Some(time(run.closes_at)),
            ended_at: run.ended_at.map(time),
            revision: run.revision,
        }
    }

    /// A published report, without its text.
    pub(in super::super) fn report(&self, report: &Report) -> wire::Report {
        wire::Report {
            id: report.id.to_string(),
            kind: enums::report_kind(report.kind).into(),
            title: report.title.to_string(),
            urgency: enums::report_urgency(report.urgency).into(),
            role: report.role.to_string(),
            schedule: report.schedule.to_string(),
            slot: slot(report.slot),
            since: Some(time(report.since)),
            until: Some(time(report.until)),
            as_of_version: report.as_of,
            published_at: Some(time(report.published_at)),
            deliveries: report
                .deliveries
                .iter()
                .map(|(channel, delivery)| wire::ReportDelivery {
                    channel: channel.to_string(),
                    state: enums::delivery_state(delivery.state).into(),
                    attempts: delivery.attempts,
                    at: Some(time(delivery.at)),
                    note: delivery.note.to_string(),
                })
                .collect(),
        }
    }
}

fn project_zone(plan: &crate::plan::Plan) -> String {
    let project = plan.project();
    project.map_or_else(String::new, |it| it.settings.time_zone.clone())
}

fn slot(slot: Option<Slot>) -> String {
    slot.map_or_else(String::new, |slot| slot.to_string())
}

/// What somebody did to a schedule, or what became of a slot; none for other events.
pub(super) fn of_a_schedule(event: &Event) -> Option<String> {
    Some(match event {
        Event::StandupOpened(e) => format!("opened the standup of {}", e.day),
        Event::StandupEntered(e) => {
            let late = if e.late { ", late" } else { "" };
            let role = if e.role.is_empty() { "any" } else { &*e.role };
            format!("spoke for {role} at the standup of {}{late}", e.day)
        }
        Event::StandupHeld(e) => format!("told of the standup of {} in {}", e.day, e.report),
        Event::ChecklistDefined(e) => format!("gave the checklist {} items", e.items.len()),
        Event::ChecklistStarted(e) => format!("started {} of {}", e.checklist, e.day),
        Event::ChecklistMissed(e) => format!("missed {} of {}", e.checklist, e.day),
        Event::ChecklistAsked(e) => format!("looked at what is open of {} once more", e.checklist),
        Event::ChecklistItemSettled(e) => with_reason(
            &format!(
                "found item {} of {} {}",
                e.item,
                e.checklist,
                e.state.as_str()
            ),
            &e.result,
        ),
        Event::ChecklistEnded(e) if e.complete => format!("completed {}", e.checklist),
        Event::ChecklistEnded(e) => format!("ended {} with open items", e.checklist),
        Event::MarksChanged(e) => marks(&e.raised, &e.cleared),
        Event::SchedulesSet(e) => {
            let names: Vec<&str> = e.schedules.iter().map(|it| &*it.schedule).collect();
            format!("set {}", super::event::listed("schedule", &names))
        }
        Event::ScheduleRemoved(e) => {
            with_reason(&format!("removed schedule {}", e.schedule), &e.reason)
        }
        Event::SchedulePaused(e) => {
            with_reason(&format!("paused schedule {}", e.schedule), &e.reason)
        }
        Event::ScheduleResumed(e) => format!("let schedule {} go on", e.schedule),
        Event::SlotFired(e) => match (e.cause, e.slot) {
            (FiringCause::CaughtUp, Some(slot)) => format!("caught up on {} of {slot}", e.schedule),
            (_, Some(slot)) => format!("fired {} of {slot}", e.schedule),
            (_, None) => format!("fired {}", e.schedule),
        },
        Event::SlotsMissed(e) if e.count == 1 => format!("missed {} of {}", e.schedule, e.last),
        Event::SlotsMissed(e) => format!(
            "missed {} slots of {}, from {} to {}",
            e.count, e.schedule, e.first, e.last
        ),
        Event::SlotSkipped(e) => with_reason(
            &format!("skipped {} of {}", e.schedule, e.slot),
            e.cause.as_words(),
        ),
        Event::SlotEnded(e) => {
            let how = if e.failed { "failed" } else { "ended" };
            with_reason(&format!("{how} run {} of {}", e.run, e.schedule), &e.note)
        }
        Event::ReportPublished(e) => {
            let at_once = if e.at_once { " at once" } else { "" };
            with_reason(&format!("published {}{at_once}", e.report), &e.title)
        }
        Event::ReportContinued(e) => format!("went on with {}", e.report),
        Event::ReportDelivered(e) => with_reason(
            &format!("delivered {} to channel {}", e.report, e.channel),
            &e.note,
        ),
        Event::ReportUndelivered(e) => with_reason(
            &format!("gave {} up for channel {}", e.report, e.channel),
            &e.reason,
        ),
        Event::ReportReaddressed(e) => {
            format!("addressed {} to channel {} again", e.report, e.channel)
        }
        _ => return None,
    })
}

/// At most so many marks of an event are named in a line.
const MARKS_NAMED: usize = 5;

/// What changed of what people should know, in a line.
fn marks(raised: &[RaisedMark], cleared: &[ClearedMark]) -> String {
    let listed = |marks: Vec<String>| {
        let more = marks.len().saturating_sub(MARKS_NAMED);
        let mut named: Vec<String> = marks.into_iter().take(MARKS_NAMED).collect();
        if more > 0 {
            named.push(format!("{more} more"));
        }
        named.join(", ")
    };
    let raised: Vec<String> = raised.iter().map(|it| it.kind.told(&it.subject)).collect();
    let cleared: Vec<String> = cleared.iter().map(|it| it.kind.told(&it.subject)).collect();
    match (raised.is_empty(), cleared.is_empty()) {
        (false, true) => format!("marked that {}", listed(raised)),
        (true, _) => format!("took back that {}", listed(cleared)),
        (false, false) => format!(
            "marked that {}; took back that {}",
            listed(raised),
            listed(cleared)
        ),
    }
}
