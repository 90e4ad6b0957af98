//! What the exit code of the program means: one table, printed by `help exit-codes`, and the one place
//! that turns statuses of the daemon into codes.

use std::process::ExitCode;

use tonic::Code;

/// The reason of a status that says that the caller's lease is gone.
pub(super) const LEASE_LOST: &str = "LEASE_LOST";

/// How the program ends; scripts rely on the numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Exit {
    /// Done.
    Done = 0,
    /// Whatever has no number of its own.
    Other = 1,
    /// The command line, an argument or a file cannot be used.
    Usage = 2,
    /// There is nothing to claim: an answer, on stdout.
    Nothing = 3,
    /// A rule or a limit stands against it.
    Refused = 4,
    /// The caller no longer holds the task.
    LeaseLost = 5,
    /// The daemon does not answer.
    Unavailable = 6,
    /// Not for this caller.
    NotAllowed = 7,
}

/// Every code with what it means.
pub const TABLE: [(Exit, &str); 8] = [
    (Exit::Done, "done"),
    (
        Exit::Other,
        "the rest: not found, aborted, a fault of the daemon, a start that failed, a plan with no task",
    ),
    (
        Exit::Usage,
        "usage, an invalid argument, an unreadable or binary file",
    ),
    (
        Exit::Nothing,
        "nothing to claim: an answer, its document is on stdout",
    ),
    (Exit::Refused, "refused by a rule or a limit"),
    (Exit::LeaseLost, "the lease is lost: stop work"),
    (
        Exit::Unavailable,
        "cannot connect, unavailable, deadline exceeded",
    ),
    (
        Exit::NotAllowed,
        "not allowed: no valid token, or not for this principal",
    ),
];

impl Exit {
    /// The number.
    pub fn number(self) -> u8 {
        self as u8
    }

    /// The code for a status of the daemon. `reason` is the one of its `ErrorInfo`, empty without one.
    pub fn of(code: Code, reason: &str) -> Self {
        match code {
            Code::Ok => Self::Done,
            Code::InvalidArgument | Code::OutOfRange => Self::Usage,
            Code::FailedPrecondition if reason == LEASE_LOST => Self::LeaseLost,
            Code::FailedPrecondition | Code::ResourceExhausted | Code::AlreadyExists => {
                Self::Refused
            }
            Code::Unavailable | Code::DeadlineExceeded => Self::Unavailable,
            Code::Unauthenticated | Code::PermissionDenied => Self::NotAllowed,
            Code::Cancelled
            | Code::Unknown
            | Code::NotFound
            | Code::Aborted
            | Code::Unimplemented
            | Code::Internal
            | Code::DataLoss => Self::Other,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.number())
    }
}

/// The table for people.
pub fn table() -> String {
    let mut text = String::from("Exit codes\n\n");
    for (exit, meaning) in TABLE {
        text.push_str(&format!("{}  {meaning}\n", exit.number()));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_holds_every_code_once_and_in_order() {
        let numbers: Vec<u8> = TABLE.iter().map(|(exit, _)| exit.number()).collect();
        assert_eq!(numbers, [0, 1, 2, 3, 4, 5, 6, 7]);
    }

    #[test]
    fn the_table_reads_well() {
        insta::assert_snapshot!(table(), @r"
        Exit codes

        0  done
        1  the rest: not found, aborted, a fault of the daemon, a start that failed, a plan with no task
        2  usage, an invalid argument, an unreadable or binary file
        3  nothing to claim: an answer, its document is on stdout
        4  refused by a rule or a limit
        5  the lease is lost: stop work
        6  cannot connect, unavailable, deadline exceeded
        7  not allowed: no valid token, or not for this principal
        ");
    }

    #[test]
    fn the_document_of_errors_says_the_same() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/ERRORS.md");
        let document = std::fs::read_to_string(path).unwrap();
        for (exit, meaning) in TABLE {
            let row = format!("| {} | {meaning} |", exit.number());
            assert!(document.lines().any(|line| line == row), "{row}");
        }
    }

    #[test]
    fn every_status_has_the_code_that_scripts_rely_on() {
        let expected = [
            (Code::Ok, 0),
            (Code::Cancelled, 1),
            (Code::Unknown, 1),
            (Code::InvalidArgument, 2),
            (Code::DeadlineExceeded, 6),
            (Code::NotFound, 1),
            (Code::AlreadyExists, 4),
            (Code::PermissionDenied, 7),
            (Code::ResourceExhausted, 4),
            (Code::FailedPrecondition, 4),
            (Code::Aborted, 1),
            (Code::OutOfRange, 2),
            (Code::Unimplemented, 1),
            (Code::Internal, 1),
            (Code::Unavailable, 6),
            (Code::DataLoss, 1),
            (Code::Unauthenticated, 7),
        ];
        for (code, number) in expected {
            assert_eq!(Exit::of(code, "").number(), number, "{code:?}");
        }
    }

    #[test]
    fn a_lost_lease_is_told_from_other_refusals() {
        assert_eq!(
            Exit::of(Code::FailedPrecondition, LEASE_LOST),
            Exit::LeaseLost
        );
        assert_eq!(
            Exit::of(Code::FailedPrecondition, "TASK_HELD"),
            Exit::Refused
        );
    }
}
