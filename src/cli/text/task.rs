//! Tasks, and why they are not ready, as text.

use std::collections::BTreeMap;

use muster_proto::v1 as wire;

use super::super::json::{evidence_kind, open_checks, stage, task_status};
use super::points::refers_to;
use super::{clean, fields, listed, or_dash, span, table, updated, when};

/// A status with what stands beside it.
fn standing(task: &wire::Task) -> String {
    let status = task_status(task.status()).replace('_', " ");
    match (&task.holder, task.ready, task.blocked) {
        (Some(holder), _, _) => format!("{status} ({})", holder.agent),
        (None, true, _) => "ready".to_owned(),
        (None, false, true) if task.phase_blocked => format!("{status}, phase blocked"),
        (None, false, true) => format!("{status}, blocked"),
        (None, false, false) => status,
    }
}

/// A table of tasks.
pub fn tasks(tasks: &[wire::Task], columns: Option<u16>) -> String {
    if tasks.is_empty() {
        return "no tasks\n".to_owned();
    }
    let rows = tasks.iter().map(|task| {
        [
            task.id.clone(),
            task.phase.clone(),
            format!("P{}", task.priority),
            task.role.clone(),
            standing(task),
            task.title.clone(),
        ]
    });
    table(
        ["id", "phase", "prio", "role", "status", "title"],
        rows,
        columns,
    )
}

/// All that is known about a task.
pub fn task(task: &wire::Task) -> String {
    let mut text = format!("{} {}\n\n", clean::line(&task.id), clean::line(&task.title));
    let role = if task.own_role.is_empty() {
        format!("{} (by area or phase)", task.role)
    } else {
        task.role.clone()
    };
    text.push_str(&fields(&[
        ("status", standing(task)),
        ("phase", format!("{} {}", task.phase, task.phase_name)),
        ("priority", format!("P{}", task.priority)),
        ("role", role),
        ("area", task.area.clone()),
        ("estimate", task.estimate.clone()),
        ("skills", task.skills.join(", ")),
        ("aliases", task.aliases.join(", ")),
        ("origin", task.origin.clone()),
        ("reason", task.reason.clone()),
        ("part of", task.split_from.clone()),
        ("parts", task.split_into.join(", ")),
        ("waits for", dependencies(task)),
        ("refers to", refers_to(&task.references)),
        ("blockers", task.open_blockers.join(", ")),
        ("decisions", task.open_decisions.join(", ")),
        (
            "held by",
            task.holder.as_ref().map(holder).unwrap_or_default(),
        ),
        (
            "handed in",
            task.review.as_ref().map(handed_in).unwrap_or_default(),
        ),
        (
            "completed",
            task.completion.as_ref().map(completion).unwrap_or_default(),
        ),
        ("attempts", attempts(task)),
        (
            "size",
            if task.too_large {
                "more than one session; split it".to_owned()
            } else {
                String::new()
            },
        ),
        (
            "stages",
            task.stages.as_ref().map(stages).unwrap_or_default(),
        ),
        ("checked", task.checks.join(", ")),
        ("to attest", open_checks(task).join(", ")),
        (
            "updated",
            updated(task.updated_at.as_ref(), &task.updated_by),
        ),
    ]));
    let paragraphs = [("description", &task.description), ("notes", &task.notes)];
    for (name, words) in paragraphs.iter().filter(|(_, words)| !words.is_empty()) {
        text.push_str(&format!("\n{name}:\n{}\n", clean::lines(words).trim_end()));
    }
    if !task.acceptance.is_empty() {
        text.push_str("\nacceptance:\n");
        for (place, criterion) in task.acceptance.iter().enumerate() {
            text.push_str(&format!("  {}. {}\n", place + 1, clean::line(criterion)));
        }
    }
    text
}

/// The three stages of a task, each with what is missing.
fn stages(stages: &wire::TaskStages) -> String {
    let shown = |name: &str, status: wire::StageStatus, missing: &[String]| {
        let status = stage(status).replace('_', " ");
        match missing {
            [] => format!("{name} {status}"),
            missing => format!("{name} {status} ({} missing)", missing.join(", ")),
        }
    };
    [
        shown("pre-check", stages.pre_check(), &stages.pre_missing),
        shown("work", stages.work(), &[]),
        shown("post-check", stages.post_check(), &stages.post_missing),
    ]
    .join("\n")
}

fn dependencies(task: &wire::Task) -> String {
    let words: Vec<String> = task
        .dependencies
        .iter()
        .map(|dependency| {
            let remark = match (dependency.in_force, dependency.waived, dependency.satisfied) {
                (false, _, _) => " (not in force)",
                (true, true, _) => " (waived)",
                (true, false, true) => " (done)",
                (true, false, false) => "",
            };
            format!("{}{remark}", dependency.label)
        })
        .collect();
    words.join(", ")
}

/// What a reviewer looks at.
fn handed_in(review: &wire::Review) -> String {
    let when = when(review.submitted_at.as_ref());
    let mut text = format!(
        "by {} in {}, attempt {}, at {when}",
        review.author, review.session, review.attempt
    );
    let (summary, verification) = (&review.summary, &review.verification);
    for (name, words) in [
        ("what was done", summary),
        ("how it was shown", verification),
    ] {
        if !words.is_empty() {
            text.push_str(&format!("\n{name}: {}", clean::line(words)));
        }
    }
    text.push_str(&shown_by(
        &by_kind(&review.evidence, review.evidence_kinds()),
        &review.technologies,
        review.tests_passed_percent,
        &review.accepted,
    ));
    for check in &review.gate_checks {
        let verdict = if check.passed { "passed" } else { "failed" };
        text.push_str(&format!(
            "\n{} of {}: {verdict}",
            clean::line(&check.command),
            check.gate
        ));
    }
    text
}

fn holder(holder: &wire::Holder) -> String {
    let mut text = format!(
        "{} in {}, attempt {}, since {}, lease until {}",
        holder.agent,
        holder.session,
        holder.attempt,
        when(holder.claimed_at.as_ref()),
        when(holder.expires_at.as_ref()),
    );
    if holder.fence > 0 {
        text.push_str(&format!(", fence {}", holder.fence));
    }
    if !holder.progress.is_empty() {
        text.push_str(&format!("\nlast said: {}", clean::line(&holder.progress)));
    }
    text
}

fn completion(completion: &wire::Completion) -> String {
    let by = if completion.agent.is_empty() {
        String::new()
    } else {
        format!(" by {} in {}", completion.agent, completion.session)
    };
    let held = if completion.held_ms > 0 {
        format!(", held {}", span(completion.held_ms))
    } else {
        String::new()
    };
    let said = [&completion.summary, &completion.verification]
        .iter()
        .filter(|words| !words.is_empty())
        .map(|words| format!("\n{}", clean::line(words)))
        .collect::<String>();
    let shown = shown_by(
        &by_kind(&completion.evidence, completion.evidence_kinds()),
        &completion.technologies,
        completion.tests_passed_percent,
        &completion.accepted,
    );
    format!("{}{by}{held}{said}{shown}", when(completion.at.as_ref()))
}

/// Evidence by its kind, that of no kind last.
fn by_kind(
    lines: &[String],
    kinds: impl Iterator<Item = wire::EvidenceKind>,
) -> Vec<(String, String)> {
    let mut found: BTreeMap<Option<i32>, Vec<&str>> = BTreeMap::new();
    let kinds = kinds.chain(std::iter::repeat(wire::EvidenceKind::Unspecified));
    for (line, kind) in lines.iter().zip(kinds) {
        match line.split_once(':') {
            Some((_, rest)) if kind != wire::EvidenceKind::Unspecified => {
                found
                    .entry(Some(kind.into()))
                    .or_default()
                    .push(rest.trim());
            }
            _ => found.entry(None).or_default().push(line),
        }
    }
    let of_none = found.remove(&None);
    let named = found.into_iter().filter_map(|(kind, lines)| {
        let kind = evidence_kind(wire::EvidenceKind::try_from(kind?).ok()?)?;
        Some((format!("evidence ({kind})"), lines.join(", ")))
    });
    let of_none = of_none.map(|lines| ("evidence".to_owned(), lines.join(", ")));
    named.chain(of_none).collect()
}

/// What came with the words of a finished task, a line each.
fn shown_by(
    evidence: &[(String, String)],
    technologies: &[String],
    tests: Option<u32>,
    accepted: &[u32],
) -> String {
    let accepted: Vec<String> = accepted.iter().map(u32::to_string).collect();
    let tests = tests.map_or_else(String::new, |percent| format!("{percent} % passed"));
    let more = [
        ("with", technologies.join(", ")),
        ("tests", tests),
        ("accepted", accepted.join(", ")),
    ];
    let more = more.map(|(name, words)| (name.to_owned(), words));
    let lines = evidence.iter().chain(&more);
    let said = lines.filter(|(_, words)| !words.is_empty());
    said.map(|(name, words)| format!("\n{name}: {}", clean::line(words)))
        .collect()
}

fn attempts(task: &wire::Task) -> String {
    match (task.attempts, task.strikes) {
        (0, _) => String::new(),
        (attempts, 0) => attempts.to_string(),
        (attempts, strikes) => format!("{attempts}, {strikes} of them failed"),
    }
}

/// Why a task is not ready.
pub fn why(answer: &wire::ExplainTaskResponse) -> String {
    let task = answer.task.clone().unwrap_or_default();
    let name = format!("{} {}", clean::line(&task.id), clean::line(&task.title));
    let mut text = if answer.ready {
        format!("{name}\nis ready: it can be claimed right now\n")
    } else {
        format!("{name}\nis not ready:\n")
    };
    for reason in &answer.reasons {
        text.push_str(&format!(
            "  - {} ({})\n",
            clean::line(&reason.message),
            clean::line(&reason.code)
        ));
        let who = clean::line(&reason.who);
        match (who.is_empty(), reason.next.is_empty()) {
            (_, false) => text.push_str(&format!(
                "    {}: muster {}\n",
                or_dash(&who),
                clean::line(&reason.next)
            )),
            (false, true) => text.push_str(&format!("    waits for {who}\n")),
            (true, true) => {}
        }
        if !reason.refs.is_empty() {
            let refs = clean::line(&listed(&reason.refs));
            if !reason.message.contains(&refs) {
                text.push_str(&format!("    see {refs}\n"));
            }
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn planned(id: &str, title: &str) -> wire::Task {
        wire::Task {
            id: id.to_owned(),
            title: title.to_owned(),
            phase: "1".to_owned(),
            phase_name: "Foundation".to_owned(),
            status: wire::TaskStatus::Planned.into(),
            role: "backend".to_owned(),
            priority: 1,
            ..wire::Task::default()
        }
    }

    fn held() -> wire::Task {
        let at = |seconds| Some(prost_types::Timestamp { seconds, nanos: 0 });
        wire::Task {
            status: wire::TaskStatus::InProgress.into(),
            own_role: "backend".to_owned(),
            notes: "first line\nsecond\u{1b}[2J line".to_owned(),
            acceptance: vec!["GET /health answers".to_owned()],
            attempts: 2,
            strikes: 1,
            dependencies: vec![
                wire::Dependency {
                    label: "T-1".to_owned(),
                    satisfied: true,
                    in_force: true,
                    ..wire::Dependency::default()
                },
                wire::Dependency {
                    label: "all above".to_owned(),
                    in_force: true,
                    ..wire::Dependency::default()
                },
            ],
            holder: Some(wire::Holder {
                agent: "dev-1".to_owned(),
                session: "S-3".to_owned(),
                attempt: 2,
                fence: 17,
                claimed_at: at(1_795_251_600),
                expires_at: at(1_795_253_400),
                progress: "half of it".to_owned(),
                ..wire::Holder::default()
            }),
            ..planned("T-12", "Serve the health page")
        }
    }

    #[test]
    fn tasks_stand_in_a_table() {
        let ready = wire::Task {
            ready: true,
            ..planned("T-3", "Write the schema")
        };
        let blocked = wire::Task {
            blocked: true,
            ..planned("T-4", "Take payments")
        };
        let list = [held(), ready, blocked, planned("T-5", "Wait")];
        insta::assert_snapshot!(tasks(&list, None), @r"
        ID    PHASE  PRIO  ROLE     STATUS               TITLE
        T-12  1      P1    backend  in progress (dev-1)  Serve the health page
        T-3   1      P1    backend  ready                Write the schema
        T-4   1      P1    backend  planned, blocked     Take payments
        T-5   1      P1    backend  planned              Wait
        ");
        insta::assert_snapshot!(tasks(&[], None), @"no tasks");
    }

    #[test]
    fn a_task_is_shown_with_all_that_is_known_of_it() {
        insta::assert_snapshot!(task(&held()), @r"
        T-12 Serve the health page

        status     in progress (dev-1)
        phase      1 Foundation
        priority   P1
        role       backend
        waits for  T-1 (done), all above
        held by    dev-1 in S-3, attempt 2, since 2026-11-21 09:00Z, lease until 2026-11-21 09:30Z, fence 17
                   last said: half of it
        attempts   2, 1 of them failed

        notes:
        first line
        second[2J line

        acceptance:
          1. GET /health answers
        ");
    }

    #[test]
    fn why_names_every_reason_who_can_change_it_and_how() {
        let answer = wire::ExplainTaskResponse {
            ready: false,
            reasons: vec![
                wire::NotReadyReason {
                    code: "DEPENDENCY_UNMET".to_owned(),
                    message: "waits for T-1 (Write the schema)".to_owned(),
                    refs: vec!["T-1".to_owned()],
                    who: "dev-1".to_owned(),
                    next: String::new(),
                },
                wire::NotReadyReason {
                    code: "DECISION_OPEN".to_owned(),
                    message: "a decision is open: which provider?".to_owned(),
                    refs: vec!["DEC-1".to_owned()],
                    who: "coordinator".to_owned(),
                    next: "decision decide DEC-1 --answer …".to_owned(),
                },
            ],
            task: Some(planned("T-4", "Take payments")),
        };
        insta::assert_snapshot!(why(&answer), @r"
        T-4 Take payments
        is not ready:
          - waits for T-1 (Write the schema) (DEPENDENCY_UNMET)
            waits for dev-1
          - a decision is open: which provider? (DECISION_OPEN)
            coordinator: muster decision decide DEC-1 --answer …
            see DEC-1
        ");
    }

    #[test]
    fn why_says_that_a_task_is_ready() {
        let answer = wire::ExplainTaskResponse {
            ready: true,
            reasons: Vec::new(),
            task: Some(planned("T-3", "Write the schema")),
        };
        insta::assert_snapshot!(why(&answer), @r"
        T-3 Write the schema
        is ready: it can be claimed right now
        ");
    }
}
