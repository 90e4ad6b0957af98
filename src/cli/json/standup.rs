//! Standups by day as documents.

use muster_proto::v1 as wire;
use serde_json::{Value, json};

use super::{instant, text, word};

/// The standup of a day.
pub fn standup(standup: &wire::Standup) -> Value {
    json!({
        "day": standup.day,
        "status": word(standup.status().as_str_name(), "STANDUP_STATUS_"),
        "schedule": text(&standup.schedule),
        "opened_by": text(&standup.opened_by),
        "opened_at": instant(standup.opened_at.as_ref()),
        "closes_at": instant(standup.closes_at.as_ref()),
        "entries": standup.entries.iter().map(entry).collect::<Vec<_>>(),
        "report": text(&standup.report),
        "published_at": instant(standup.published_at.as_ref()),
        "missing": standup.missing,
        "revision": standup.revision,
    })
}

fn entry(entry: &wire::StandupEntry) -> Value {
    let slots = entry.slots.clone().unwrap_or_default();
    json!({
        "role": text(&entry.role),
        "by": entry.by,
        "at": instant(entry.at.as_ref()),
        "late": entry.late,
        "told": entry.told,
        "built": text(&slots.built),
        "next": text(&slots.next),
        "shipped": text(&slots.shipped),
        "tests_passed_percent": slots.tests_passed_percent,
        "metrics": text(&slots.metrics),
        "version": text(&slots.version),
        "monitoring": text(&slots.monitoring),
        "blockers": text(&slots.blockers),
        "changes": text(&slots.changes),
        "text": text(&entry.text),
    })
}
