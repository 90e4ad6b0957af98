//! What statuses and check runs say of one commit. What is not known to have passed is not called passed.

use std::collections::BTreeSet;

use super::GitHub;
use super::error::GitHubError;
use super::gate::Call;
use super::repository::Repository;
use super::wire::{CheckRun, CheckRuns, Status, Statuses};

/// Names of failing checks that are kept.
const FAILING_MAX: usize = 50;
/// Entries that are asked for; more are counted as cut.
const ENTRIES: (&str, &str) = ("per_page", "100");

/// The checks of the newest commit of a pull request.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Checks {
    /// Names of those that failed, were cancelled, timed out or want somebody to act; in order, at most 50.
    pub failing: Vec<String>,
    /// How many have no result yet.
    pub pending: usize,
    /// How many passed, or had nothing to do.
    pub passed: usize,
    /// How many have a result that is not known here.
    pub unclear: usize,
    /// Whether there are more than were read.
    pub is_cut: bool,
}

/// What one check says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Passed,
    Failed,
    Pending,
    Unclear,
}

impl GitHub {
    /// Reads statuses and check runs of a commit.
    pub(super) async fn checks(
        &self,
        call: &Call,
        repository: &Repository,
        commit: &str,
    ) -> Result<Checks, GitHubError> {
        let is_commit =
            matches!(commit.len(), 40 | 64) && commit.bytes().all(|byte| byte.is_ascii_hexdigit());
        if !is_commit {
            return Err(GitHubError::bad_answer("names a commit by no hash"));
        }
        let url = |last| self.url(repository, &["commits", commit, last], &[ENTRIES]);
        let statuses = self.get::<Statuses>(call, repository, url("status"));
        let statuses = statuses.await?.value;
        let runs = self.get::<CheckRuns>(call, repository, url("check-runs"));
        Ok(Checks::of(statuses, runs.await?.value))
    }
}

impl Checks {
    fn of(statuses: Statuses, runs: CheckRuns) -> Self {
        let read = (statuses.statuses.len() + runs.check_runs.len()) as u64;
        let all = statuses.total_count.saturating_add(runs.total_count);
        let statuses = statuses.statuses.into_iter().map(|status| {
            let verdict = of_status(&status);
            (status.context.0, verdict)
        });
        let runs = runs.check_runs.into_iter().map(|run| {
            let verdict = of_run(&run);
            (run.name.0, verdict)
        });
        let mut checks = Self::default();
        let mut failing = BTreeSet::new();
        for (name, verdict) in statuses.chain(runs) {
            match verdict {
                Verdict::Passed => checks.passed += 1,
                Verdict::Pending => checks.pending += 1,
                Verdict::Unclear => checks.unclear += 1,
                Verdict::Failed => {
                    failing.insert(name);
                }
            }
        }
        checks.is_cut = all > read || failing.len() > FAILING_MAX;
        checks.failing = failing.into_iter().take(FAILING_MAX).collect();
        checks
    }
}

fn of_status(status: &Status) -> Verdict {
    match status.state.0.as_str() {
        "success" => Verdict::Passed,
        "failure" | "error" => Verdict::Failed,
        "pending" => Verdict::Pending,
        _ => Verdict::Unclear,
    }
}

fn of_run(run: &CheckRun) -> Verdict {
    match (run.status.0.as_str(), run.conclusion.0.as_str()) {
        ("completed", "success" | "neutral" | "skipped") => Verdict::Passed,
        (
            "completed",
            "failure" | "cancelled" | "timed_out" | "action_required" | "startup_failure" | "stale",
        ) => Verdict::Failed,
        ("queued" | "in_progress" | "waiting" | "requested" | "pending", _) => Verdict::Pending,
        _ => Verdict::Unclear,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(status: &str, conclusion: &str) -> Verdict {
        let run = serde_json::json!({"name": "n", "status": status, "conclusion": conclusion});
        of_run(&serde_json::from_value(run).expect("a check run"))
    }

    #[test]
    fn a_run_is_judged_by_status_and_conclusion() {
        for conclusion in ["success", "neutral", "skipped"] {
            assert_eq!(run("completed", conclusion), Verdict::Passed);
        }
        for conclusion in ["failure", "cancelled", "timed_out", "action_required"] {
            assert_eq!(run("completed", conclusion), Verdict::Failed);
        }
        for status in ["queued", "in_progress", "waiting", "requested", "pending"] {
            assert_eq!(run(status, ""), Verdict::Pending);
        }
        assert_eq!(run("completed", "a word of next year"), Verdict::Unclear);
        assert_eq!(run("completed", ""), Verdict::Unclear);
        assert_eq!(run("dreaming", "success"), Verdict::Unclear);
    }

    #[test]
    fn more_than_was_read_is_said() {
        let failing = |total: u64, count: usize| {
            let runs: Vec<_> = (0..count)
                .map(|n| serde_json::json!({"name": format!("{n:03}"), "status": "completed", "conclusion": "failure"}))
                .collect();
            let runs = serde_json::json!({"total_count": total, "check_runs": runs});
            let none = serde_json::json!({"total_count": 0, "statuses": []});
            Checks::of(
                serde_json::from_value(none).expect("statuses"),
                serde_json::from_value(runs).expect("check runs"),
            )
        };
        assert!(!failing(2, 2).is_cut);
        assert!(failing(3, 2).is_cut);
        let many = failing(60, 60);
        assert!(many.is_cut);
        assert_eq!(many.failing.len(), 50);
    }
}
