//! What the interface counts of itself, by method, code and reason, as plain atomics. Every place to count
//! is found by a number that was known before the call; no text is looked up for it.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed};

use tonic::{Code, Status};

use super::access::TABLE;
use crate::clock::Stopwatch;
use crate::engine::{Counted, Histogram};
use crate::plan::refusal::Reason;

/// Upper bounds of the buckets of a call's duration, in microseconds; a claim may wait for minutes.
const CALL_MICROS: &[u64] = &[
    100, 250, 500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 1_000_000,
    10_000_000, 60_000_000,
];

/// The gRPC codes by number.
const CODES: [&str; 17] = [
    "OK",
    "CANCELLED",
    "UNKNOWN",
    "INVALID_ARGUMENT",
    "DEADLINE_EXCEEDED",
    "NOT_FOUND",
    "ALREADY_EXISTS",
    "PERMISSION_DENIED",
    "RESOURCE_EXHAUSTED",
    "FAILED_PRECONDITION",
    "ABORTED",
    "OUT_OF_RANGE",
    "UNIMPLEMENTED",
    "INTERNAL",
    "UNAVAILABLE",
    "DATA_LOSS",
    "UNAUTHENTICATED",
];

/// Reasons that no rule of the plan gives.
const FAULTS: [&str; 12] = [
    "DRAINING",
    "INTERNAL",
    "MALFORMED_REQUEST",
    "OUTCOME_UNKNOWN",
    "OVERLOADED",
    "REQUEST_ID_REUSED",
    "STORE_CORRUPT",
    "STORE_READ_ONLY",
    "STORE_UNREADABLE",
    "TRANSPORT",
    "UNAUTHENTICATED",
    "UNIMPLEMENTED",
];

/// The name of a code, as gRPC writes it.
pub(super) fn name_of(code: Code) -> &'static str {
    CODES.get(code as usize).copied().unwrap_or("UNKNOWN")
}

/// Why a call was not carried out; travels within the daemon as the source of its status.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Why {
    /// A rule of the plan, or of the interface in its words.
    Refused(Reason),
    /// A place in `FAULTS`.
    Fault(usize),
}

impl Why {
    /// The why of a status that this daemon made.
    pub(super) fn of(status: &Status) -> Option<Self> {
        std::error::Error::source(status)?
            .downcast_ref::<Self>()
            .copied()
    }

    /// The why of a reason that no rule gives; none for an unknown one.
    fn fault(reason: &str) -> Option<Self> {
        let place = FAULTS.iter().position(|fault| *fault == reason);
        place.map(Self::Fault)
    }

    /// The reason's stable name.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Refused(reason) => reason.code(),
            Self::Fault(place) => FAULTS.get(place).copied().unwrap_or("UNKNOWN"),
        }
    }

    fn place(self) -> usize {
        match self {
            Self::Refused(reason) => reason as usize,
            Self::Fault(place) => Reason::ALL.len() + place,
        }
    }

    /// The status with a refusal's reason.
    pub(super) fn refused(reason: Reason, status: Status) -> Status {
        Self::Refused(reason).with(status)
    }

    /// The status with a reason that no rule gives, or `LIMIT_REACHED`.
    pub(super) fn faulty(reason: &str, status: Status) -> Status {
        match Self::fault(reason) {
            Some(why) => why.with(status),
            None => Self::Refused(Reason::LimitReached).with(status),
        }
    }

    fn with(self, mut status: Status) -> Status {
        status.set_source(Arc::new(self));
        status
    }
}

impl fmt::Display for Why {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

impl std::error::Error for Why {}

/// The calls of one method.
#[derive(Debug)]
struct Calls {
    codes: [AtomicU64; CODES.len()],
    micros: Histogram,
}

/// What the interface counts of itself.
#[derive(Debug)]
pub(super) struct CallMeter {
    /// By row of the table of methods; the last is for whatever has none.
    calls: Box<[Calls]>,
    reasons: Box<[AtomicU64]>,
    /// Open connections of the main port.
    pub(super) connections: Arc<AtomicUsize>,
}

/// One method that was called.
#[derive(Debug, Clone)]
pub struct CallFigures {
    /// The service without its package, or empty for health, reflection and what no method is.
    pub service: &'static str,
    /// The method; empty as well.
    pub method: &'static str,
    /// Answers by the name of their code; codes that never came up are left out.
    pub codes: Vec<(&'static str, u64)>,
    /// How long they took, in microseconds; a stream counts until it opens.
    pub micros: Counted,
}

impl CallMeter {
    pub(super) fn new() -> Self {
        let calls = |_| Calls {
            codes: std::array::from_fn(|_| AtomicU64::new(0)),
            micros: Histogram::new(CALL_MICROS),
        };
        let reasons = Reason::ALL.len() + FAULTS.len();
        Self {
            calls: (0..=TABLE.len()).map(calls).collect(),
            reasons: (0..reasons).map(|_| AtomicU64::new(0)).collect(),
            connections: Arc::default(),
        }
    }

    /// Counts an answered call; `row` is its method's in the table.
    pub(super) fn answered(
        &self,
        row: Option<usize>,
        code: Code,
        why: Option<Why>,
        watch: &Stopwatch,
    ) {
        let place = row.unwrap_or(TABLE.len());
        if let Some(calls) = self.calls.get(place) {
            calls.codes[code as usize].fetch_add(1, Relaxed);
            calls.micros.record_micros(watch.elapsed());
        }
        if let Some(reason) = why.and_then(|why| self.reasons.get(why.place())) {
            reason.fetch_add(1, Relaxed);
        }
    }

    /// The methods that were called at least once.
    pub(super) fn calls(&self) -> Vec<CallFigures> {
        let rows = TABLE.iter().map(|(service, method, _)| (*service, *method));
        let rows = rows.chain([("", "")]);
        rows.zip(&self.calls)
            .map(|((service, method), calls)| {
                let counts = calls.codes.iter().map(|count| count.load(Relaxed));
                CallFigures {
                    service,
                    method,
                    codes: CODES
                        .into_iter()
                        .zip(counts)
                        .filter(|(_, count)| *count > 0)
                        .collect(),
                    micros: calls.micros.counted(),
                }
            })
            .filter(|figures| !figures.codes.is_empty())
            .collect()
    }

    /// Calls that were not carried out, by reason; reasons that never came up are left out.
    pub(super) fn refusals(&self) -> Vec<(&'static str, u64)> {
        let reasons = Reason::ALL.iter().map(|reason| reason.code()).chain(FAULTS);
        reasons
            .zip(self.reasons.iter().map(|count| count.load(Relaxed)))
            .filter(|(_, count)| *count > 0)
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reason_has_a_place_of_its_own() {
        for (place, reason) in Reason::ALL.iter().enumerate() {
            assert_eq!(Why::Refused(*reason).place(), place);
        }
        for (place, fault) in FAULTS.iter().enumerate() {
            let why = Why::fault(fault).unwrap();
            assert_eq!(why.place(), Reason::ALL.len() + place);
            assert_eq!(why.name(), *fault);
        }
    }

    #[test]
    fn every_code_has_its_name() {
        for (number, name) in CODES.iter().enumerate() {
            let code = Code::from(i32::try_from(number).unwrap());
            assert_eq!((code as usize, name_of(code)), (number, *name));
        }
    }

    #[test]
    fn a_call_counts_where_it_belongs_and_nowhere_else() {
        let meter = CallMeter::new();
        let watch = Stopwatch::start();
        let why = Some(Why::Refused(Reason::LeaseLost));
        meter.answered(Some(0), Code::Ok, None, &watch);
        meter.answered(Some(0), Code::FailedPrecondition, why, &watch);
        meter.answered(
            None,
            Code::Unimplemented,
            Why::fault("UNIMPLEMENTED"),
            &watch,
        );
        let calls = meter.calls();
        let shown: Vec<_> = calls
            .iter()
            .map(|call| (call.method, call.codes.clone(), call.micros.count()))
            .collect();
        let first = TABLE[0].1;
        assert_eq!(
            shown,
            [
                (first, vec![("OK", 1), ("FAILED_PRECONDITION", 1)], 2),
                ("", vec![("UNIMPLEMENTED", 1)], 1),
            ]
        );
        assert_eq!(meter.refusals(), [("LEASE_LOST", 1), ("UNIMPLEMENTED", 1)]);
    }
}
