//! The three stages of a task under policy `strict`: the checks before the start, the work, the checks after it. They
//! follow from the task's status, its checks and how its last attempt ended; nothing is stored of them.

use super::check::CheckSet;
use super::id::TaskId;
use super::model::Status;
use super::settings::Policy;
use super::state::Plan;

/// How a stage stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StageState {
    /// It has not begun.
    Pending,
    /// It is under way.
    InProgress,
    /// It is done.
    Done,
    /// The task was handed over without it, and its agent owes it.
    Owed,
    /// The last attempt failed, and nobody has taken the task up again.
    Failed,
    /// The task ended or went on without it, and nobody owes it.
    Skipped,
}

/// The stages of a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stages {
    /// The checks before the start.
    pub pre: StageState,
    /// The work.
    pub work: StageState,
    /// The checks after it.
    pub post: StageState,
    /// Pre-checks that are not attested, while that can still be done.
    pub pre_missing: CheckSet,
    /// Post-checks that are not attested, while that can still be done.
    pub post_missing: CheckSet,
}

impl Stages {
    fn of(pre: StageState, work: StageState, post: StageState) -> Self {
        Self {
            pre,
            work,
            post,
            pre_missing: CheckSet::NONE,
            post_missing: CheckSet::NONE,
        }
    }
}

impl Plan {
    /// How a task's stages stand; none unless the project's policy is `strict`.
    pub fn stages(&self, id: TaskId) -> Option<Stages> {
        use StageState::{Done, Failed, InProgress, Owed, Pending, Skipped};
        let policy = self.project()?.settings.policy;
        let state = self.task(id).filter(|_| policy == Policy::Strict)?.state;
        // Who starts a task has the daemon look at what it depends on.
        let pre_missing = CheckSet::PRE.without(state.checks);
        let post_missing = CheckSet::POST.without(state.checks);
        let owed = self
            .handed_over(id)
            .map_or(CheckSet::NONE, |done| done.open_checks);
        let over = |missing: CheckSet| if missing.is_empty() { Done } else { Skipped };
        let under_way = |all: CheckSet, missing: CheckSet| match missing {
            missing if missing.is_empty() => Done,
            missing if missing == all => Pending,
            _ => InProgress,
        };
        let after = if owed.is_empty() {
            over(post_missing)
        } else {
            Owed
        };
        let failed = state
            .leftover
            .as_ref()
            .is_some_and(|left| matches!(&*left.ending, "failed" | "expired"));
        Some(match state.status {
            Status::Planned => Stages {
                pre_missing,
                post_missing,
                ..Stages::of(Pending, if failed { Failed } else { Pending }, Pending)
            },
            Status::Claimed => Stages {
                pre_missing,
                post_missing,
                ..Stages::of(
                    if pre_missing.is_empty() {
                        Done
                    } else {
                        InProgress
                    },
                    Pending,
                    under_way(CheckSet::POST, post_missing),
                )
            },
            Status::InProgress => Stages {
                post_missing,
                ..Stages::of(
                    over(pre_missing),
                    InProgress,
                    under_way(CheckSet::POST, post_missing),
                )
            },
            Status::InReview | Status::Completed => Stages {
                post_missing: owed,
                ..Stages::of(over(pre_missing), Done, after)
            },
            Status::Deferred | Status::Cancelled => {
                Stages::of(over(pre_missing), Skipped, over(post_missing))
            }
        })
    }
}
