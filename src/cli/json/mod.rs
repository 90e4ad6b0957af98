//! Answers of the daemon as the JSON documents that scripts rely on: a field that is there once stays,
//! words are lower snake case, instants RFC 3339, and what is absent is null.

mod board;
mod forecast;
mod gate;
mod people;
mod plan;
mod points;
mod queue;
mod register;
mod rule;
mod schedule;
mod sprint;
mod standup;
mod team;
mod template;
mod work;
mod workflow;

pub use board::{board, critical_path, next, parallel};
pub use forecast::forecast;
pub use gate::{gate, gate_run, metric};
pub use people::{agent, role, session, session_brief, session_task, token};
pub use plan::{
    diagnostic, document_status, event, inbox_item, phase, policy, project, reason, verified_log,
};
pub use points::{integration, reference, rollout};
pub use queue::{blocker, decision, discovered};
pub use register::{deliverable, milestone, risk};
pub use rule::rule;
pub use schedule::{channel, checklist_item, checklist_run, report, schedule};
pub use sprint::{history_row, sprint};
pub use standup::standup;
pub use team::{assignment, role_window, window};
pub use template::template;
pub use work::{claim, evidence_kind, nothing, open_checks, stage, task, task_status};
pub use workflow::{workflow, workflow_run};

use muster_proto::v1 as wire;
use serde_json::{Value, json};

/// An enum value of the wire as a word: `TASK_STATUS_IN_PROGRESS` becomes `in_progress`, `UNSPECIFIED`
/// nothing.
pub fn word(name: &str, prefix: &str) -> String {
    let bare = name.strip_prefix(prefix).unwrap_or(name);
    if bare == "UNSPECIFIED" {
        String::new()
    } else {
        bare.to_ascii_lowercase()
    }
}

/// An instant, RFC 3339 in UTC; null when absent.
pub fn instant(at: Option<&prost_types::Timestamp>) -> Value {
    at.and_then(|at| jiff::Timestamp::new(at.seconds, at.nanos).ok())
        .map_or(Value::Null, |at| json!(at.to_string()))
}

/// A text; null when empty.
fn text(text: &str) -> Value {
    if text.is_empty() {
        Value::Null
    } else {
        json!(text)
    }
}

/// What a dependency points at, in the words that the command line takes.
fn target(target: Option<&wire::DependencyTarget>) -> Value {
    use wire::dependency_target::On;
    match target.and_then(|target| target.on.as_ref()) {
        Some(On::Task(id)) => json!(id),
        Some(On::Phase(id)) => json!(format!("phase:{id}")),
        Some(On::AllAbove(_)) => json!("all-above"),
        Some(On::BatchIndex(_)) | None => Value::Null,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn enum_values_become_words() {
        let word_of = |status: wire::TaskStatus| task_status(status);
        assert_eq!(word_of(wire::TaskStatus::InProgress), "in_progress");
        assert_eq!(word_of(wire::TaskStatus::Unspecified), "");
        assert_eq!(word("MEDIUM", "SEVERITY_"), "medium");
    }

    #[test]
    fn an_instant_is_rfc_3339_in_utc() {
        let at = prost_types::Timestamp {
            seconds: 1_795_251_600,
            nanos: 5_000_000,
        };
        assert_eq!(instant(Some(&at)), json!("2026-11-21T09:00:00.005Z"));
        assert_eq!(instant(None), Value::Null);
    }
}
