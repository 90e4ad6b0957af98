//! Schedules and published reports as documents.

use muster_proto::v1 as wire;
use serde_json::{Value, json};

use super::{instant, text, word};

/// A schedule.
pub fn schedule(schedule: &wire::Schedule) -> Value {
    let under_way = schedule.under_way.as_ref();
    let last = schedule.last_turn.as_ref();
    json!({
        "name": schedule.name,
        "job": word(schedule.job().as_str_name(), "SCHEDULE_JOB_"),
        "when": schedule.when,
        "zone": schedule.zone,
        "own_zone": schedule.own_zone,
        "role": text(&schedule.role),
        "note": text(&schedule.note),
        "catch_up_ms": schedule.catch_up_ms,
        "next_at": instant(schedule.next_at.as_ref()),
        "next_local": text(&schedule.next_local),
        "paused": schedule.paused_at.is_some(),
        "paused_at": instant(schedule.paused_at.as_ref()),
        "paused_by": text(&schedule.paused_by),
        "pause_reason": text(&schedule.pause_reason),
        "under_way": under_way.map(|run| json!({
            "run": run.number,
            "slot": text(&run.slot),
            "due_at": instant(run.due_at.as_ref()),
            "cause": word(run.cause().as_str_name(), "FIRING_CAUSE_"),
            "fired_at": instant(run.fired_at.as_ref()),
        })),
        "last_turn": last.map(|last| json!({
            "slot": text(&last.slot),
            "ending": word(last.ending().as_str_name(), "TURN_ENDING_"),
            "note": text(&last.note),
            "report": text(&last.report),
            "ended_at": instant(last.ended_at.as_ref()),
        })),
        "fired": schedule.fired,
        "missed": schedule.missed,
        "skipped": schedule.skipped,
        "revision": schedule.revision,
    })
}

/// A published report, without its text.
pub fn report(report: &wire::Report) -> Value {
    json!({
        "id": report.id,
        "kind": word(report.kind().as_str_name(), "REPORT_KIND_"),
        "title": report.title,
        "urgency": word(report.urgency().as_str_name(), "REPORT_URGENCY_"),
        "role": text(&report.role),
        "schedule": text(&report.schedule),
        "slot": text(&report.slot),
        "since": instant(report.since.as_ref()),
        "until": instant(report.until.as_ref()),
        "as_of_version": report.as_of_version,
        "published_at": instant(report.published_at.as_ref()),
        "deliveries": report.deliveries.iter().map(delivery).collect::<Vec<_>>(),
    })
}

fn delivery(delivery: &wire::ReportDelivery) -> Value {
    json!({
        "channel": delivery.channel,
        "state": word(delivery.state().as_str_name(), "DELIVERY_STATE_"),
        "attempts": delivery.attempts,
        "at": instant(delivery.at.as_ref()),
        "note": text(&delivery.note),
    })
}

/// A channel.
pub fn channel(channel: &wire::Channel) -> Value {
    json!({
        "name": channel.name,
        "kind": text(&channel.kind),
        "wants": text(&channel.wants),
        "configured": channel.configured,
        "waiting": channel.waiting,
        "delivered": channel.delivered,
        "dead": channel.dead,
        "dead_reports": channel.dead_reports,
        "last_error": text(&channel.last_error),
        "last_error_at": instant(channel.last_error_at.as_ref()),
    })
}

/// What an item of a checklist is called and who gives its result.
pub fn checklist_item(item: &wire::ChecklistItem) -> Value {
    json!({
        "name": item.name,
        "executor": word(item.executor().as_str_name(), "CHECKLIST_EXECUTOR_"),
        "command": text(&item.command),
    })
}

/// A run of the checklist.
pub fn checklist_run(run: &wire::ChecklistRun) -> Value {
    let items = run.items.iter().map(|result| {
        json!({
            "number": result.number,
            "name": result.item.as_ref().map_or("", |item| item.name.as_str()),
            "state": word(result.state().as_str_name(), "CHECKLIST_ITEM_STATE_"),
            "result": text(&result.result),
            "by": text(&result.by),
            "at": instant(result.at.as_ref()),
        })
    });
    json!({
        "checklist": run.id,
        "day": run.day,
        "status": word(run.status().as_str_name(), "CHECKLIST_STATUS_"),
        "items": items.collect::<Vec<_>>(),
        "schedule": text(&run.schedule),
        "opened_by": run.opened_by,
        "opened_at": instant(run.opened_at.as_ref()),
        "closes_at": instant(run.closes_at.as_ref()),
        "ended_at": instant(run.ended_at.as_ref()),
        "revision": run.revision,
    })
}
