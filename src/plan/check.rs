//! The checks of policy `strict`: what a holder attests before it starts a task and when it has finished
//! one. A set of them is a few bits of a task's state; it is stored and shown by their names.

use serde::de::Deserializer;
use serde::ser::Serializer;
use serde::{Deserialize, Serialize};

/// When a check is attested.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Before work on the task begins.
    Pre,
    /// When the task is finished, or after it and before the next one.
    Post,
}

/// One check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Check {
    /// The requirements are understood.
    VerifiedReq,
    /// Scope and approach fit the task breakdown.
    VerifiedTasks,
    /// The architecture decision is known and holds.
    ConfirmedArch,
    /// No logic and no field is missing in what is asked.
    CheckedGaps,
    /// What stands upstream is consistent.
    ReviewedUpstream,
    /// Everything it depends on is there; the daemon looks for itself.
    ConfirmedDeps,
    /// The tests pass.
    TestsPassing,
    /// The coverage asked for is reached.
    CoverageMet,
    /// The documents say what the code does now.
    DocsUpdated,
}

impl Check {
    /// All checks, the earlier ones first.
    pub const ALL: [Self; 9] = [
        Self::VerifiedReq,
        Self::VerifiedTasks,
        Self::ConfirmedArch,
        Self::CheckedGaps,
        Self::ReviewedUpstream,
        Self::ConfirmedDeps,
        Self::TestsPassing,
        Self::CoverageMet,
        Self::DocsUpdated,
    ];

    /// Its name, lower snake case.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::VerifiedReq => "verified_req",
            Self::VerifiedTasks => "verified_tasks",
            Self::ConfirmedArch => "confirmed_arch",
            Self::CheckedGaps => "checked_gaps",
            Self::ReviewedUpstream => "reviewed_upstream",
            Self::ConfirmedDeps => "confirmed_deps",
            Self::TestsPassing => "tests_passing",
            Self::CoverageMet => "coverage_met",
            Self::DocsUpdated => "docs_updated",
        }
    }

    /// What is attested by it, in a few words.
    pub fn meaning(self) -> &'static str {
        match self {
            Self::VerifiedReq => "the requirements are understood",
            Self::VerifiedTasks => "scope and approach fit the task",
            Self::ConfirmedArch => "the architecture decision holds",
            Self::CheckedGaps => "nothing is missing in what is asked",
            Self::ReviewedUpstream => "what stands upstream is consistent",
            Self::ConfirmedDeps => "everything it depends on is there",
            Self::TestsPassing => "the tests pass",
            Self::CoverageMet => "the coverage asked for is reached",
            Self::DocsUpdated => "the documents are up to date",
        }
    }

    /// When it is attested.
    pub fn stage(self) -> Stage {
        match self {
            Self::VerifiedReq
            | Self::VerifiedTasks
            | Self::ConfirmedArch
            | Self::CheckedGaps
            | Self::ReviewedUpstream
            | Self::ConfirmedDeps => Stage::Pre,
            Self::TestsPassing | Self::CoverageMet | Self::DocsUpdated => Stage::Post,
        }
    }

    const fn bit(self) -> u16 {
        1 << self as u16
    }
}

/// A set of checks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct CheckSet(u16);

impl CheckSet {
    /// No check.
    pub const NONE: Self = Self(0);
    /// The one the daemon makes itself whenever a task is started.
    pub const DAEMON: Self = Self(Check::ConfirmedDeps.bit());
    /// The pre-checks.
    pub const PRE: Self = Self(0b0_0011_1111);
    /// The post-checks.
    pub const POST: Self = Self(0b1_1100_0000);

    /// The bits that stand for it in an image of a plan.
    pub(super) fn bits(self) -> u16 {
        self.0
    }

    /// The set of these bits; none when one of them stands for no check.
    pub(super) fn of_bits(bits: u16) -> Option<Self> {
        let all = Self::PRE.and(Self::POST);
        (bits & !all.0 == 0).then_some(Self(bits))
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0 == 0
    }

    /// Whether a check is in it.
    pub fn contains(self, check: Check) -> bool {
        self.0 & check.bit() != 0
    }

    /// What is in this one or in the other.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// What is in this one and not in the other.
    #[must_use]
    pub fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// Its checks, the earlier ones first.
    pub fn iter(self) -> impl Iterator<Item = Check> {
        Check::ALL
            .into_iter()
            .filter(move |check| self.contains(*check))
    }

    /// Its names, separated by commas as the command line takes them.
    pub fn names(self) -> String {
        let names: Vec<&str> = self.iter().map(Check::as_str).collect();
        names.join(",")
    }

    /// All checks of a stage.
    pub fn of(stage: Stage) -> Self {
        match stage {
            Stage::Pre => Self::PRE,
            Stage::Post => Self::POST,
        }
    }

    /// The check of a name, as a set.
    pub fn only(check: Check) -> Self {
        Self(check.bit())
    }
}

impl Serialize for CheckSet {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter())
    }
}

impl<'de> Deserialize<'de> for CheckSet {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let checks = Vec::<Check>::deserialize(deserializer)?;
        let bits = checks.into_iter().fold(0, |bits, check| bits | check.bit());
        Ok(Self(bits))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_two_stages_share_no_check_and_leave_none_out() {
        for check in Check::ALL {
            for stage in [Stage::Pre, Stage::Post] {
                assert_eq!(
                    CheckSet::of(stage).contains(check),
                    check.stage() == stage,
                    "{check:?}"
                );
            }
        }
        assert!(CheckSet::PRE.contains(Check::ConfirmedDeps));
        assert_eq!(CheckSet::DAEMON.names(), "confirmed_deps");
    }

    #[test]
    fn a_set_is_stored_by_its_names() {
        let set = CheckSet::only(Check::DocsUpdated).and(CheckSet::only(Check::TestsPassing));
        let json = serde_json::to_string(&set).expect("a set is JSON");
        assert_eq!(json, r#"["tests_passing","docs_updated"]"#);
        assert_eq!(
            serde_json::from_str::<CheckSet>(&json).expect("its own form"),
            set
        );
        for check in Check::ALL {
            let name = serde_json::to_string(&check).expect("a check is JSON");
            assert_eq!(name, format!("\"{}\"", check.as_str()));
        }
        assert!(serde_json::from_str::<CheckSet>(r#"["tests_dreamt_of"]"#).is_err());
    }
}
