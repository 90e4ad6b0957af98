//! Rules as documents.

use muster_proto::v1 as wire;
use serde_json::{Value, json};

use super::{instant, text};

fn side(side: Option<&wire::RuleSide>) -> Value {
    use wire::rule_side::Side;
    match side.and_then(|side| side.side.as_ref()) {
        Some(Side::Task(task)) => json!({"task": task}),
        Some(Side::Phase(phase)) => json!({"phase": phase}),
        Some(Side::Matching(selector)) => json!({"matching": selector}),
        None => Value::Null,
    }
}

/// A rule.
pub fn rule(rule: &wire::Rule) -> Value {
    json!({
        "id": rule.id,
        "waiting": side(rule.waiting.as_ref()),
        "on": side(rule.on.as_ref()),
        "note": text(&rule.note),
        "waiting_tasks": rule.waiting_tasks,
        "on_tasks": rule.on_tasks,
        "added_by": rule.added_by,
        "added_at": instant(rule.added_at.as_ref()),
        "ended": rule.ended,
        "ended_because": text(&rule.ended_because),
        "revision": rule.revision,
    })
}
