//! The end of the demo: the daemon's own reports, the log walked again, and whether what the demo promises
//! has happened. Every promise is held against what was recorded.

use muster_proto::v1 as wire;
use serde::Serialize;

use super::tape::{Rescue, Tape};
use crate::cli::Failure;
use crate::operate::wire::{Wire, refused};

/// What the daemon says at the end.
pub(super) struct Answers {
    /// The standup of the whole demo, as text.
    pub(super) standup: String,
    /// The blocker report, as text.
    pub(super) blockers: String,
    /// What the walk over each log found.
    pub(super) logs: Vec<wire::VerifiedLog>,
    /// The fingerprint of the plan as the daemon serves it.
    pub(super) served: String,
}

/// Asks the daemon for all of it.
pub(super) async fn ask(wire: &Wire, project: &str, columns: u32) -> Result<Answers, Failure> {
    let no = |what: &'static str| move |status| refused("the coordinator", what, &status);
    let standup = wire::GetStandupRequest {
        columns,
        ..Default::default()
    };
    let standup = wire.ceremonies().get_standup(standup).await;
    let report = wire::GenerateReportRequest {
        kind: wire::ReportKind::Blockers.into(),
        columns,
        ..Default::default()
    };
    let report = wire.ceremonies().generate_report(report).await;
    let verified = wire
        .admin()
        .verify_log(wire::VerifyLogRequest::default())
        .await;
    let verified = verified.map_err(no("VerifyLog"))?;
    let status = wire::GetStatusRequest {
        with_heads: false,
        with_fingerprints: true,
    };
    let status = wire.admin().get_status(status).await;
    let status = status.map_err(no("GetStatus"))?.into_inner();
    let served = status
        .projects
        .into_iter()
        .find(|served| served.slug == project);
    Ok(Answers {
        standup: standup.map_err(no("GetStandup"))?.into_inner().text,
        blockers: report.map_err(no("GenerateReport"))?.into_inner().text,
        logs: verified.into_inner().logs,
        served: served.map_or_else(String::new, |served| served.fingerprint),
    })
}

/// What came of the demo.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Summary {
    pub(super) project: String,
    pub(super) tasks: u32,
    pub(super) tasks_done: u32,
    pub(super) phases_done: u32,
    pub(super) events: u64,
    pub(super) elapsed_ms: u64,
    pub(super) leases_expired: u32,
    pub(super) rescued: Vec<Rescued>,
    pub(super) questions_answered: u32,
    pub(super) discovered_promoted: u32,
    pub(super) decisions_made: u32,
    pub(super) chain_sound: bool,
    pub(super) replay_equal: bool,
    pub(super) head: String,
    pub(super) fingerprint: String,
    /// What was promised and did not happen.
    pub(super) missing: Vec<String>,
}

/// A task that a silent agent lost and another one finished.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Rescued {
    task: String,
    title: String,
    from: String,
    by: String,
}

/// Holds what happened against what the demo promises. `died` names the task that the dead agent held.
pub(super) fn sum_up(
    tape: &mut Tape,
    answers: &Answers,
    project: &str,
    died: Option<&str>,
) -> Summary {
    let fingerprint = tape.fingerprint();
    let log = answers.logs.iter().find(|log| log.project == project);
    let replayed = log.map_or("", |log| log.fingerprint.as_str());
    let plan = tape.plan();
    let total = plan.total();
    let counted = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
    let mut summary = Summary {
        project: project.to_owned(),
        tasks: total.all(),
        tasks_done: total.completed,
        phases_done: counted(
            plan.phases()
                .filter(|phase| phase.closed_at.is_some())
                .count(),
        ),
        events: tape.events(),
        elapsed_ms: tape.elapsed_ms(),
        leases_expired: counted(tape.expired().len()),
        rescued: tape
            .rescues()
            .iter()
            .map(|Rescue { task, from, by }| Rescued {
                task: task.to_string(),
                title: plan.title(*task).to_owned(),
                from: from.clone(),
                by: by.clone(),
            })
            .collect(),
        questions_answered: counted(tape.answered()),
        discovered_promoted: tape.promoted(),
        decisions_made: tape.decided(),
        chain_sound: !answers.logs.is_empty() && answers.logs.iter().all(|log| log.sound),
        replay_equal: !replayed.is_empty() && replayed == fingerprint && replayed == answers.served,
        head: log.map_or_else(String::new, |log| log.hash.clone()),
        fingerprint,
        missing: Vec::new(),
    };
    let is_complete = total.open() == 0 && total.completed > 0 && plan.current_phase().is_none();
    summary.missing = missing(&summary, is_complete, died);
    summary
}

fn missing(summary: &Summary, is_complete: bool, died: Option<&str>) -> Vec<String> {
    let mut missing = Vec::new();
    if !is_complete {
        missing.push("the plan did not complete".to_owned());
    }
    match died {
        None => missing.push("no agent died, so no lease had to run out".to_owned()),
        Some(task) if !summary.rescued.iter().any(|rescued| rescued.task == task) => {
            missing.push(format!(
                "nobody else finished {task}, which the dead agent held"
            ));
        }
        Some(_) => {}
    }
    if !summary.chain_sound {
        missing.push("a log does not verify".to_owned());
    }
    if !summary.replay_equal {
        missing.push("the log folded again gives another plan than the daemon serves".to_owned());
    }
    missing
}

impl Summary {
    /// The summary for people.
    pub(super) fn text(&self) -> String {
        let tenths = self.elapsed_ms / 100;
        let mut lines = vec![
            format!(
                "tasks      {} of {} done in {} phases, {} of them discovered on the way",
                self.tasks_done, self.tasks, self.phases_done, self.discovered_promoted
            ),
            format!(
                "events     {} in {}.{} s",
                self.events,
                tenths / 10,
                tenths % 10
            ),
            format!(
                "questions  {} answered, {} decided",
                self.questions_answered, self.decisions_made
            ),
            format!("leases     {} ran out", self.leases_expired),
        ];
        lines.extend(self.rescued.iter().map(|rescued| {
            format!(
                "           {} fell silent on {} ({}); {} finished it",
                rescued.from, rescued.task, rescued.title, rescued.by
            )
        }));
        lines.push(format!(
            "log        {}, head {}",
            if self.chain_sound {
                "every chain of hashes is whole"
            } else {
                "BROKEN"
            },
            short(&self.head)
        ));
        lines.push(format!(
            "replay     {} ({})",
            if self.replay_equal {
                "the log folded again, the plan served and the plan watched are equal"
            } else {
                "NOT EQUAL"
            },
            short(&self.fingerprint)
        ));
        lines.join("\n")
    }
}

fn short(hash: &str) -> &str {
    hash.get(..12).unwrap_or(hash)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn summary() -> Summary {
        Summary {
            project: "shop".to_owned(),
            tasks: 16,
            tasks_done: 16,
            phases_done: 3,
            events: 140,
            elapsed_ms: 21_350,
            leases_expired: 1,
            rescued: vec![Rescued {
                task: "T-6".to_owned(),
                title: "Build the product catalogue API".to_owned(),
                from: "ben".to_owned(),
                by: "cleo".to_owned(),
            }],
            questions_answered: 1,
            discovered_promoted: 1,
            decisions_made: 1,
            chain_sound: true,
            replay_equal: true,
            head: "0123456789abcdef".to_owned(),
            fingerprint: "fedcba9876543210".to_owned(),
            missing: Vec::new(),
        }
    }

    fn check(
        change: impl FnOnce(&mut Summary),
        is_complete: bool,
        died: Option<&str>,
    ) -> Vec<String> {
        let mut summary = summary();
        change(&mut summary);
        missing(&summary, is_complete, died)
    }

    #[test]
    fn nothing_is_missing_when_every_promise_is_kept() {
        assert_eq!(check(|_| (), true, Some("T-6")), [""; 0]);
    }

    #[test]
    fn each_broken_promise_is_named() {
        let one = |found: Vec<String>, word: &str| {
            assert_eq!(found.len(), 1, "{found:?}");
            assert!(found[0].contains(word), "{found:?}");
        };
        one(check(|_| (), false, Some("T-6")), "did not complete");
        one(check(|_| (), true, None), "no agent died");
        one(check(|_| (), true, Some("T-7")), "T-7");
        one(
            check(|summary| summary.chain_sound = false, true, Some("T-6")),
            "verify",
        );
        one(
            check(|summary| summary.replay_equal = false, true, Some("T-6")),
            "another plan",
        );
    }

    #[test]
    fn the_summary_says_who_rescued_what() {
        let text = summary().text();
        assert!(text.contains("ben fell silent on T-6"), "{text}");
        assert!(text.contains("140 in 21.3 s"), "{text}");
        assert!(text.contains("head 0123456789ab\n"), "{text}");
    }
}
