//! The one table from refusals and engine errors to gRPC statuses. Every status carries an `ErrorInfo`
//! with the stable reason; nothing else in the daemon chooses a code.

use std::collections::HashMap;
use std::time::Duration;

use tonic::{Code, Status};
use tonic_types::{ErrorDetails, FieldViolation, PreconditionViolation, StatusExt as _};

use super::meter::{Why, name_of};
use crate::engine::EngineError;
use crate::plan::Refusal;
use crate::plan::refusal::{Class, Reason};

/// The `domain` of every `ErrorInfo`.
pub(super) const DOMAIN: &str = "muster";

/// Clients take 16 KiB of headers and a status travels in them, so every text in it is cut.
const MESSAGE_BYTES_MAX: usize = 1_000;
const TEXT_BYTES_MAX: usize = 200;
const COMMANDS_MAX: usize = 8;

/// When to try again where the daemon expects to be itself again soon.
const RETRY_SOON: Duration = Duration::from_secs(1);
/// When to try again where somebody has to mend something.
const RETRY_LATER: Duration = Duration::from_secs(30);

/// The code of a class of refusals.
pub(super) fn code_of(class: Class) -> Code {
    match class {
        Class::InvalidArgument => Code::InvalidArgument,
        Class::NotFound => Code::NotFound,
        Class::AlreadyExists => Code::AlreadyExists,
        Class::FailedPrecondition | Class::LeaseLost | Class::Nothing => Code::FailedPrecondition,
        Class::PermissionDenied => Code::PermissionDenied,
        Class::ResourceExhausted => Code::ResourceExhausted,
        Class::Aborted => Code::Aborted,
    }
}

/// The status of a refusal.
pub(super) fn refused(refusal: &Refusal) -> Status {
    let mut details = ErrorDetails::new();
    details.set_error_info(refusal.reason.code(), DOMAIN, metadata(refusal));
    match refusal.reason.class() {
        Class::InvalidArgument => {
            details.set_bad_request(field_violations(refusal));
        }
        Class::NotFound | Class::AlreadyExists => {
            let name = refusal.items.first().map_or("", |item| &item.subject);
            details.set_resource_info(
                resource_type(refusal.reason),
                clipped(name, TEXT_BYTES_MAX),
                "",
                clipped(&refusal.message, TEXT_BYTES_MAX),
            );
        }
        Class::FailedPrecondition | Class::LeaseLost | Class::Nothing => {
            details.set_precondition_failure(precondition_violations(refusal));
        }
        Class::ResourceExhausted => {
            details.add_quota_failure_violation(
                refusal.items.first().map_or("", |item| &item.subject),
                clipped(&refusal.message, TEXT_BYTES_MAX),
            );
        }
        Class::PermissionDenied | Class::Aborted => {}
    }
    let message = clipped(&refusal.message, MESSAGE_BYTES_MAX);
    let code = code_of(refusal.reason.class());
    Why::refused(
        refusal.reason,
        Status::with_error_details(code, message, details),
    )
}

/// The status of what the engine answered instead of an answer.
pub(super) fn failed(error: &EngineError) -> Status {
    let message = clipped(&error.to_string(), MESSAGE_BYTES_MAX);
    let unavailable = |reason: &str, retry: Duration| {
        let mut details = ErrorDetails::with_error_info(reason, DOMAIN, HashMap::new());
        details.set_retry_info(Some(retry));
        faulty(reason, Code::Unavailable, message.as_str(), details)
    };
    match error {
        EngineError::Refused(refusal) => refused(refusal),
        EngineError::RequestIdReused(_) => {
            let mut details =
                ErrorDetails::with_error_info("REQUEST_ID_REUSED", DOMAIN, HashMap::new());
            details.add_bad_request_violation("request_id", "was used for another request");
            faulty("REQUEST_ID_REUSED", Code::InvalidArgument, message, details)
        }
        EngineError::Overloaded { what } => overloaded(what, message),
        EngineError::Draining => unavailable("DRAINING", RETRY_SOON),
        EngineError::StoreFull => unavailable("STORE_FULL", RETRY_LATER),
        EngineError::StoreReadOnly => unavailable("STORE_READ_ONLY", RETRY_LATER),
        EngineError::OutcomeUnknown => unavailable("OUTCOME_UNKNOWN", RETRY_SOON),
        EngineError::StoreCorrupt { .. } => unavailable("STORE_CORRUPT", RETRY_LATER),
        EngineError::Unreadable => unavailable("STORE_UNREADABLE", RETRY_LATER),
        EngineError::BackupRunning => exhausted("BACKUP_RUNNING", "backups", message),
        EngineError::NoRoomForBackup { .. } => exhausted("NO_ROOM", "disk", message),
    }
}

/// What a person must wait for or make room for; trying again by itself helps nobody.
fn exhausted(reason: &str, what: &str, message: String) -> Status {
    let mut details = ErrorDetails::with_error_info(reason, DOMAIN, HashMap::new());
    details.add_quota_failure_violation(what, &message);
    Status::with_error_details(Code::ResourceExhausted, message, details)
}

fn overloaded(what: &str, message: String) -> Status {
    let mut details = ErrorDetails::new();
    details.add_quota_failure_violation(what, &message);
    // A full table of projects does not empty by waiting.
    let reason = if what == "projects" {
        "LIMIT_REACHED"
    } else {
        details.set_retry_info(Some(RETRY_SOON));
        "OVERLOADED"
    };
    let metadata = HashMap::from([("limit".to_owned(), what.to_owned())]);
    details.set_error_info(reason, DOMAIN, metadata);
    faulty(reason, Code::ResourceExhausted, message, details)
}

/// A status whose reason is of no rule of the plan.
fn faulty(reason: &str, code: Code, message: impl Into<String>, details: ErrorDetails) -> Status {
    Why::faulty(reason, Status::with_error_details(code, message, details))
}

/// Why a call was not carried out, by its stable name; the code's name where there is none.
pub fn reason_of(status: &Status) -> &'static str {
    Why::of(status).map_or_else(|| name_of(status.code()), Why::name)
}

/// No token, or none that is good.
pub(super) fn unauthenticated(message: &str) -> Status {
    let details = ErrorDetails::with_error_info("UNAUTHENTICATED", DOMAIN, HashMap::new());
    faulty("UNAUTHENTICATED", Code::Unauthenticated, message, details)
}

/// Not for this principal.
pub(super) fn denied(message: impl Into<String>) -> Status {
    refused(&Refusal::new(Reason::NotAllowed, message))
}

/// A fault of the daemon itself; `what` goes to the log, the caller is told only that it happened.
pub(super) fn internal(what: &str) -> Status {
    tracing::error!(what, "a request failed by a fault of the daemon");
    let details = ErrorDetails::with_error_info("INTERNAL", DOMAIN, HashMap::new());
    faulty(
        "INTERNAL",
        Code::Internal,
        "the daemon failed on this request; its log says more",
        details,
    )
}

/// The status of a call that never reached a service: the transport's own codes blame the server for what
/// a client sent, so they are put right here.
pub(super) fn of_transport(status: &Status) -> Status {
    let (code, reason) = match status.code() {
        // Every fault of our own carries its reason; this one is a body that is no message.
        Code::Internal => (Code::InvalidArgument, "MALFORMED_REQUEST"),
        Code::OutOfRange => (Code::ResourceExhausted, "LIMIT_REACHED"),
        Code::Unimplemented => (Code::Unimplemented, "UNIMPLEMENTED"),
        other => (other, "TRANSPORT"),
    };
    let message = match code {
        Code::InvalidArgument => format!(
            "the request cannot be read as what this method takes: {}",
            status.message()
        ),
        Code::Unimplemented => "this daemon has no such method; is the client newer?".to_owned(),
        _ => status.message().to_owned(),
    };
    let message = clipped(&message, MESSAGE_BYTES_MAX);
    let details = ErrorDetails::with_error_info(reason, DOMAIN, HashMap::new());
    faulty(reason, code, message, details)
}

fn metadata(refusal: &Refusal) -> HashMap<String, String> {
    let mut metadata: HashMap<String, String> = refusal
        .facts
        .iter()
        .map(|(name, value)| ((*name).to_owned(), clipped(value, TEXT_BYTES_MAX)))
        .collect();
    if refusal.total > refusal.items.len() {
        metadata.insert("total".to_owned(), refusal.total.to_string());
    }
    if !refusal.next.is_empty() {
        let commands: Vec<String> = refusal
            .next
            .iter()
            .take(COMMANDS_MAX)
            .map(|command| clipped(command, TEXT_BYTES_MAX))
            .collect();
        metadata.insert("next".to_owned(), commands.join("\n"));
    }
    metadata
}

fn field_violations(refusal: &Refusal) -> Vec<FieldViolation> {
    let violation = |subject: &str, description: &str| {
        FieldViolation::new(
            clipped(subject, TEXT_BYTES_MAX),
            clipped(description, TEXT_BYTES_MAX),
        )
    };
    let listed = refusal
        .items
        .iter()
        .map(|item| violation(&item.subject, &item.description));
    or_the_message(listed.collect(), || violation("", &refusal.message))
}

fn precondition_violations(refusal: &Refusal) -> Vec<PreconditionViolation> {
    let violation = |subject: &str, description: &str| {
        PreconditionViolation::new(
            refusal.reason.code(),
            clipped(subject, TEXT_BYTES_MAX),
            clipped(description, TEXT_BYTES_MAX),
        )
    };
    let listed = refusal
        .items
        .iter()
        .map(|item| violation(&item.subject, &item.description));
    or_the_message(listed.collect(), || violation("", &refusal.message))
}

fn or_the_message<T>(listed: Vec<T>, message: impl FnOnce() -> T) -> Vec<T> {
    if listed.is_empty() {
        vec![message()]
    } else {
        listed
    }
}

/// What kind of thing is missing or there already.
fn resource_type(reason: Reason) -> &'static str {
    match reason {
        Reason::ProjectNotFound | Reason::ProjectExists => "project",
        Reason::PhaseNotFound | Reason::PhaseExists => "phase",
        Reason::CriterionNotFound => "criterion",
        Reason::TaskNotFound | Reason::IdTaken => "task",
        Reason::DependencyNotFound | Reason::DependencyExists => "dependency",
        Reason::AgentNotFound | Reason::AgentExists => "agent",
        Reason::SessionNotFound => "session",
        Reason::BlockerNotFound => "blocker",
        Reason::DiscoveredNotFound => "discovered task",
        Reason::DecisionNotFound => "decision",
        Reason::DeliverableNotFound => "deliverable",
        Reason::MilestoneNotFound => "milestone",
        Reason::DiagnosticNotFound => "diagnostic",
        Reason::RuleNotFound => "rule",
        Reason::RiskNotFound => "risk",
        Reason::IntegrationNotFound => "integration point",
        Reason::RolloutNotFound => "rollout",
        Reason::ReferenceNotFound | Reason::ReferenceExists => "reference",
        Reason::GateNotFound => "gate",
        Reason::SprintNotFound => "sprint",
        Reason::WorkflowNotFound => "workflow",
        Reason::ChecklistNotFound => "checklist",
        Reason::StandupNotFound => "standup",
        Reason::ScheduleNotFound => "schedule",
        Reason::ReportNotFound => "report",
        Reason::ChannelNotFound => "channel",
        Reason::AssignmentNotFound | Reason::AssignmentExists => "assignment",
        Reason::TokenNotFound => "token",
        Reason::RoleExists => "role",
        _ => "resource",
    }
}

/// At most so many bytes of a text, whole characters.
fn clipped(text: &str, bytes_max: usize) -> String {
    if text.len() <= bytes_max {
        return text.to_owned();
    }
    let end = text.floor_char_boundary(bytes_max - '…'.len_utf8());
    format!("{}…", &text[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn full(reason: Reason) -> Refusal {
        let mut refusal = Refusal::new(reason, "ä".repeat(5_000))
            .fact("holder", "dev-1")
            .next("task list");
        for number in 0..30 {
            refusal = refusal.item(format!("T-{number}"), "ü".repeat(5_000));
        }
        refusal
    }

    #[test]
    fn every_reason_has_a_code_and_the_details_of_that_code() {
        for &reason in Reason::ALL {
            let status = refused(&full(reason));
            let details = status.get_error_details();
            let info = details.error_info().expect("always");
            assert_eq!(
                (info.reason.as_str(), info.domain.as_str()),
                (reason.code(), DOMAIN)
            );
            assert_eq!(info.metadata["holder"], "dev-1");
            assert_eq!(info.metadata["next"], "task list");
            assert_eq!(info.metadata["total"], "30");
            let detailed = match status.code() {
                Code::InvalidArgument => details.bad_request().is_some(),
                Code::FailedPrecondition => details
                    .precondition_failure()
                    .is_some_and(|failure| failure.violations.len() == 20),
                Code::NotFound | Code::AlreadyExists => details
                    .resource_info()
                    .is_some_and(|info| info.resource_type != "resource"),
                Code::ResourceExhausted => details.quota_failure().is_some(),
                Code::PermissionDenied | Code::Aborted => true,
                other => panic!("{reason:?} became {other:?}"),
            };
            assert!(detailed, "{reason:?}: {details:?}");
        }
    }

    #[test]
    fn a_lost_lease_is_a_failed_precondition_that_says_so() {
        let status = refused(&Refusal::new(Reason::LeaseLost, "dev-2 holds T-1 now"));
        assert_eq!(status.code(), Code::FailedPrecondition);
        assert_eq!(status.message(), "dev-2 holds T-1 now");
        let info = status.get_details_error_info().expect("always");
        assert_eq!(info.reason, "LEASE_LOST");
    }

    #[test]
    fn a_status_fits_into_the_headers_a_client_takes() {
        for &reason in Reason::ALL {
            let status = refused(&full(reason));
            // Base64 adds a third, percent encoding makes three of a byte.
            let bytes = status.details().len() * 4 / 3 + status.message().len() * 3;
            assert!(bytes < 15_000, "{reason:?}: {bytes}");
        }
    }

    #[test]
    fn what_may_be_tried_again_says_when() {
        let errors = [
            (EngineError::Draining, Code::Unavailable, "DRAINING", true),
            (
                EngineError::StoreFull,
                Code::Unavailable,
                "STORE_FULL",
                true,
            ),
            (
                EngineError::StoreReadOnly,
                Code::Unavailable,
                "STORE_READ_ONLY",
                true,
            ),
            (
                EngineError::OutcomeUnknown,
                Code::Unavailable,
                "OUTCOME_UNKNOWN",
                true,
            ),
            (
                EngineError::Unreadable,
                Code::Unavailable,
                "STORE_UNREADABLE",
                true,
            ),
            (
                EngineError::StoreCorrupt {
                    project: "shop".to_owned(),
                    version: 7,
                },
                Code::Unavailable,
                "STORE_CORRUPT",
                true,
            ),
            (
                EngineError::Overloaded {
                    what: "queued_requests",
                },
                Code::ResourceExhausted,
                "OVERLOADED",
                true,
            ),
            (
                EngineError::Overloaded { what: "projects" },
                Code::ResourceExhausted,
                "LIMIT_REACHED",
                false,
            ),
            (
                EngineError::BackupRunning,
                Code::ResourceExhausted,
                "BACKUP_RUNNING",
                false,
            ),
            (
                EngineError::NoRoomForBackup {
                    needed_bytes: 2,
                    free_bytes: 1,
                },
                Code::ResourceExhausted,
                "NO_ROOM",
                false,
            ),
            (
                EngineError::RequestIdReused("r-1".to_owned()),
                Code::InvalidArgument,
                "REQUEST_ID_REUSED",
                false,
            ),
        ];
        for (error, code, reason, retry) in errors {
            let status = failed(&error);
            let details = status.get_error_details();
            assert_eq!(status.code(), code, "{error}");
            assert_eq!(details.error_info().expect("always").reason, reason);
            assert_eq!(details.retry_info().is_some(), retry, "{error}");
        }
    }
}
