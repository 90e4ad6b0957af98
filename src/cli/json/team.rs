//! Who looks after what and when roles work, as documents.

use muster_proto::v1 as wire;
use serde_json::{Value, json};

use super::{instant, text, word};

/// An assignment.
pub fn assignment(assignment: &wire::Assignment) -> Value {
    use wire::assignment_subject::What;
    let subject = assignment.subject.as_ref();
    let (area, task) = match subject.and_then(|subject| subject.what.as_ref()) {
        Some(What::Area(area)) => (text(area), Value::Null),
        Some(What::Task(task)) => (Value::Null, text(task)),
        None => (Value::Null, Value::Null),
    };
    json!({
        "id": assignment.id,
        "agent": assignment.agent,
        "duty": word(assignment.duty().as_str_name(), "ASSIGNMENT_DUTY_"),
        "area": area,
        "task": task,
        "ended": assignment.ended,
        "ended_reason": text(&assignment.ended_reason),
        "ended_by": text(&assignment.ended_by),
        "ended_at": instant(assignment.ended_at.as_ref()),
        "added_by": text(&assignment.added_by),
        "added_at": instant(assignment.added_at.as_ref()),
        "revision": assignment.revision,
    })
}

/// A window.
pub fn window(window: &wire::Window) -> Value {
    json!({
        "unit": word(window.unit().as_str_name(), "WINDOW_UNIT_"),
        "from": window.from,
        "to": window.to,
    })
}

/// When a role works.
pub fn role_window(stated: &wire::RoleWindow) -> Value {
    use wire::role_window::Time;
    let during = match &stated.time {
        Some(Time::Window(during)) => window(during),
        Some(Time::Always(_)) | None => Value::Null,
    };
    json!({
        "role": stated.role,
        "phase": text(&stated.phase),
        "always": matches!(stated.time, Some(Time::Always(true))),
        "window": during,
        "start_date": text(&stated.start_date),
        "end_date": text(&stated.end_date),
        "open_today": stated.open_today,
    })
}
