//! Why a plan file is not taken, as statuses.

use std::collections::HashMap;

use tonic::{Code, Status};
use tonic_types::{ErrorDetails, PreconditionViolation, StatusExt as _};

use super::status;
use crate::interchange::PlanFileError;
use crate::plan::Refusal;
use crate::plan::refusal::Reason;

/// Why a file cannot be taken: what is no text is the caller's mistake, a limit is a limit, a template
/// is refused until it is asked for, and a file without tasks holds nothing that could be found.
pub(super) fn unreadable(error: &PlanFileError) -> Status {
    let message = error.to_string();
    let details_of = |reason: &str, next: &str| {
        let next = (!next.is_empty()).then(|| ("next".to_owned(), next.to_owned()));
        let metadata: HashMap<String, String> = next.into_iter().collect();
        ErrorDetails::with_error_info(reason, status::DOMAIN, metadata)
    };
    match error {
        PlanFileError::TooLarge { .. } | PlanFileError::TooMany { .. } => status::refused(
            &Refusal::new(Reason::LimitReached, message).item("content", "is too large"),
        ),
        PlanFileError::NotText { .. } | PlanFileError::UnsupportedFormat { .. } => {
            let mut details = details_of("UNREADABLE_FILE", "");
            details.add_bad_request_violation("content", &message);
            Status::with_error_details(Code::InvalidArgument, message, details)
        }
        PlanFileError::Template => {
            let mut details = details_of("TEMPLATE", "plan import FILE --allow-template");
            details.set_precondition_failure(vec![PreconditionViolation::new(
                "TEMPLATE", "content", &message,
            )]);
            Status::with_error_details(Code::FailedPrecondition, message, details)
        }
        PlanFileError::NoTasks { reasons, .. } => {
            let mut details = details_of("NO_TASKS", "plan check FILE");
            let why = reasons
                .iter()
                .take(5)
                .cloned()
                .collect::<Vec<_>>()
                .join("; ");
            let why: String = why.chars().take(300).collect();
            details.set_resource_info("task", "", "", why);
            Status::with_error_details(Code::NotFound, message, details)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_that_cannot_be_taken_says_why() {
        let errors = [
            (
                PlanFileError::TooLarge { bytes: 9, limit: 1 },
                Code::ResourceExhausted,
                "LIMIT_REACHED",
            ),
            (
                PlanFileError::TooMany {
                    what: "tasks",
                    limit: 1,
                },
                Code::ResourceExhausted,
                "LIMIT_REACHED",
            ),
            (
                PlanFileError::NotText { offset: 1, line: 1 },
                Code::InvalidArgument,
                "UNREADABLE_FILE",
            ),
            (
                PlanFileError::UnsupportedFormat { format: "XLSX" },
                Code::InvalidArgument,
                "UNREADABLE_FILE",
            ),
            (
                PlanFileError::Template,
                Code::FailedPrecondition,
                "TEMPLATE",
            ),
            (
                PlanFileError::NoTasks {
                    phases: 2,
                    reasons: vec!["no table".to_owned()],
                    diagnostics: Vec::new(),
                },
                Code::NotFound,
                "NO_TASKS",
            ),
        ];
        for (error, code, reason) in errors {
            let status = unreadable(&error);
            assert_eq!(status.code(), code, "{error}");
            assert_eq!(
                status.get_details_error_info().expect("always").reason,
                reason
            );
        }
    }
}
