//! The words of a role line. Each role speaks in its own verb, and a role with nothing to tell says so.

use std::collections::BTreeMap;

use super::data::RoleLine;
use super::roles::{ANY, LAST};
use crate::report::data::TaskRef;
use crate::report::waiting::{OpenBlocker, kind_name};
use crate::report::waits::Waits;
use crate::report::words::{clean, clip, count, duration};

const TITLE_COLUMNS: usize = 60;
const DONE_NAMED: usize = 3;

/// What a line starts with.
pub(super) fn label(role: &str, title: &str) -> String {
    match role {
        "architect" => "Arch".to_owned(),
        "developer" => "Dev".to_owned(),
        "data" => "Data".to_owned(),
        "devops" => "DevOps".to_owned(),
        LAST => "Coordinator".to_owned(),
        ANY => "Any role".to_owned(),
        _ => match clip(title, 40).as_str() {
            "" => clean(role),
            title => title.to_owned(),
        },
    }
}

/// What a role did, and what it says when it did nothing.
fn verbs(role: &str) -> (&'static str, &'static str) {
    match role {
        "architect" => ("Built", "Nothing built"),
        "developer" => ("Shipped", "Nothing shipped"),
        "data" => ("Tracking", "Nothing new tracked"),
        "devops" => ("Deployed", "Nothing deployed"),
        _ => ("Finished", "Nothing finished"),
    }
}

/// The line of a role that works: done, in progress, next, who did not report.
pub(super) fn spoken(line: &RoleLine) -> String {
    let mut parts = vec![done(line)];
    if let Some(tests) = tests(line) {
        parts.push(tests);
    }
    match line.in_progress_total {
        0 if line.done_total == 0 => parts.push("nothing in progress".to_owned()),
        0 => {}
        number => parts.push(format!("{number} in progress")),
    }
    parts.push(match line.next.first() {
        Some(task) => format!("next is {}", named(task)),
        None => "nothing ready".to_owned(),
    });
    let mut sentence = parts.join(", ");
    if !line.no_report.is_empty() {
        let agents: Vec<String> = line.no_report.iter().map(|name| clean(name)).collect();
        sentence.push_str(&format!("; no report from {}", some_of(&agents, 5)));
    }
    if !line.owed.is_empty() {
        let owed = line.owed.iter();
        let owed = owed.map(|owed| format!("{} of {}", owed.checks.join(", "), owed.task));
        let owed: Vec<String> = owed.collect();
        sentence.push_str(&format!("; to attest: {}", some_of(&owed, 3)));
    }
    if line.without_agent {
        sentence.push_str("; no agent can take its open tasks");
    }
    sentence.push('.');
    sentence
}

fn done(line: &RoleLine) -> String {
    let (did, nothing) = verbs(&line.role);
    if line.done_total == 0 {
        return nothing.to_owned();
    }
    let first: Vec<String> = line
        .done
        .iter()
        .take(DONE_NAMED)
        .map(|done| named(&done.task))
        .collect();
    let left = usize::try_from(line.done_total)
        .unwrap_or(usize::MAX)
        .saturating_sub(first.len());
    match left {
        0 => format!("{did} {}", first.join(", ")),
        _ => format!("{did} {} and {left} more", first.join(", ")),
    }
}

/// Developers always say how their tests stand, the others when they know.
fn tests(line: &RoleLine) -> Option<String> {
    let known = |percent| {
        if line.done_total == 1 {
            format!("tests {percent} %")
        } else {
            format!("tests {percent} % or better")
        }
    };
    let unknown =
        (line.role == "developer" && line.done_total > 0).then(|| "tests not reported".to_owned());
    line.tests_passed_percent.map(known).or(unknown)
}

fn named(task: &TaskRef) -> String {
    format!("{} {}", task.id, clip(&task.title, TITLE_COLUMNS))
        .trim_end()
        .to_owned()
}

fn some_of(names: &[String], shown: usize) -> String {
    let listed = names.iter().take(shown).cloned().collect::<Vec<_>>();
    match names.len().saturating_sub(shown) {
        0 => listed.join(", "),
        left => format!("{} and {left} more", listed.join(", ")),
    }
}

/// The coordinator's line: what stands in the way, and what asks for a word.
pub(super) fn coordinator(
    line: &RoleLine,
    oldest: Option<&OpenBlocker>,
    open: u32,
    waits: &Waits<'_>,
) -> String {
    let own = match (line.done_total, line.in_progress_total) {
        (0, 0) => String::new(),
        _ => format!("{} ", line.sentence),
    };
    format!(
        "{own}Blockers? {} Changes needed? {}",
        blockers(oldest, open),
        wanted(waits)
    )
}

fn blockers(oldest: Option<&OpenBlocker>, open: u32) -> String {
    match oldest {
        None => "None open.".to_owned(),
        Some(oldest) => format!(
            "{open} open, the oldest is {} for {} ({}).",
            oldest.id,
            duration(oldest.age_ms),
            clip(&oldest.blocked_by, TITLE_COLUMNS),
        ),
    }
}

fn wanted(waits: &Waits<'_>) -> String {
    let mut kinds: BTreeMap<&str, u32> = BTreeMap::new();
    for waiting in waits.waiting() {
        *kinds.entry(kind_name(waiting.kind)).or_default() += 1;
    }
    let words = [
        ("criterion", "criterion to confirm", "criteria to confirm"),
        ("question", "question to answer", "questions to answer"),
        ("decision", "decision to make", "decisions to make"),
        ("revisit", "task to look at again", "tasks to look at again"),
        (
            "discovered",
            "discovered task to triage",
            "discovered tasks to triage",
        ),
        (
            "parked",
            "parked task to look at",
            "parked tasks to look at",
        ),
        (
            "role_without_agent",
            "role without an agent",
            "roles without an agent",
        ),
        ("phase_to_close", "phase to close", "phases to close"),
        (
            "deliverable",
            "deliverable to bring on",
            "deliverables to bring on",
        ),
        ("milestone", "milestone to tick", "milestones to tick"),
        ("gate", "word for a gate", "words for gates"),
        ("sprint", "sprint to close", "sprints to close"),
        (
            "overdue_milestone",
            "overdue milestone",
            "overdue milestones",
        ),
        (
            "skill_without_agent",
            "skill without an agent",
            "skills without an agent",
        ),
        ("mark", "mark to look at", "marks to look at"),
        (
            "project_to_complete",
            "project to complete",
            "projects to complete",
        ),
    ];
    let parts: Vec<String> = words
        .into_iter()
        .filter_map(|(kind, one, many)| kinds.get(kind).map(|&number| count(number, one, many)))
        .collect();
    match parts.as_slice() {
        [] => "None asked for.".to_owned(),
        parts => format!("{}.", parts.join(", ")),
    }
}
