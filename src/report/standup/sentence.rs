//! The words of a role line. Each role speaks in its own verb, and a role with nothing to tell says so.

use std::collections::BTreeMap;

use super::data::{RoleLine, SlotSource};
use super::entries;
use super::roles::{ANY, LAST};
use crate::report::data::TaskRef;
use crate::report::waiting::{OpenBlocker, kind_name};
use crate::report::waits::Waits;
use crate::report::words::{clean, clip, count, duration};

const TITLE_COLUMNS: usize = 60;
const DONE_NAMED: usize = 3;
const SAID_COLUMNS: usize = 120;
/// The mark of what nobody said.
const DERIVED: &str = " (derived)";

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
    let all_derived = line
        .slots
        .iter()
        .all(|slot| slot.source == SlotSource::Derived);
    // Where nobody spoke one mark says so of the whole line; else each part has its own.
    let mark = if line.slots.is_empty() || all_derived {
        ""
    } else {
        DERIVED
    };
    let mut parts = vec![match submitted(line, doing(&line.role)) {
        Some(said) => format!("{} {said}", verbs(&line.role).0),
        None => format!("{}{mark}", done(line)),
    }];
    match submitted(line, entries::TESTS) {
        Some(percent) => parts.push(format!("tests {percent} %")),
        None => parts.extend(tests(line).map(|tests| format!("{tests}{mark}"))),
    }
    if line.slots.iter().any(|slot| slot.slot == "monitoring") {
        let said = submitted(line, "monitoring");
        parts.push(format!(
            "monitoring {}",
            said.as_deref().unwrap_or("not reported")
        ));
    }
    match line.in_progress_total {
        0 if line.done_total == 0 && mark.is_empty() => {
            parts.push("nothing in progress".to_owned());
        }
        0 => {}
        number => parts.push(format!("{number} in progress")),
    }
    parts.push(match (submitted(line, "next"), line.next.first()) {
        (Some(said), _) => format!("next is {said}"),
        (None, Some(task)) => format!("next is {}{mark}", named(task)),
        (None, None) => "nothing ready".to_owned(),
    });
    let mut sentence = parts.join(", ");
    if all_derived && !line.slots.is_empty() {
        sentence.push_str(DERIVED);
    }
    if line.role != LAST {
        for slot in ["blockers", "changes"] {
            if let Some(said) = submitted(line, slot) {
                sentence.push_str(&format!("; {slot}: {said}"));
            }
        }
    }
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

/// The slot in which a role says what it did.
fn doing(role: &str) -> &'static str {
    match role {
        "developer" => "shipped",
        "data" => "metrics",
        "devops" => "version",
        _ => "built",
    }
}

/// What somebody said for a slot of a line.
fn submitted(line: &RoleLine, slot: &str) -> Option<String> {
    let mut said = line.slots.iter().filter(|it| it.slot == slot);
    let said = said.find(|it| it.source == SlotSource::Submitted)?;
    Some(clip(&said.said, SAID_COLUMNS))
}

/// What the log knows of a slot that nobody filled; empty when it knows nothing.
pub(super) fn derived(line: &RoleLine, slot: &str) -> String {
    match slot {
        "built" | "shipped" | "metrics" | "version" => done_named(line),
        entries::TESTS => line
            .tests_passed_percent
            .map_or_else(String::new, |percent| percent.to_string()),
        "next" => line.next.first().map_or_else(String::new, named),
        _ => String::new(),
    }
}

fn done(line: &RoleLine) -> String {
    let (did, nothing) = verbs(&line.role);
    if line.done_total == 0 {
        return nothing.to_owned();
    }
    format!("{did} {}", done_named(line))
}

/// The tasks that were done, the first of them by name.
fn done_named(line: &RoleLine) -> String {
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
        0 => first.join(", "),
        _ => format!("{} and {left} more", first.join(", ")),
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

/// Gives the coordinator its line: what stands in the way, and what asks for a word.
pub(super) fn coordinator(
    line: &mut RoleLine,
    oldest: Option<&OpenBlocker>,
    open: u32,
    waits: &Waits<'_>,
) {
    let known = [
        ("blockers", blockers(oldest, open)),
        ("changes", wanted(waits)),
    ];
    for slot in line.slots.iter_mut() {
        let known = known.iter().find(|(name, _)| *name == slot.slot);
        if let (Some((_, known)), SlotSource::Derived) = (known, slot.source) {
            slot.said.clone_from(known);
        }
    }
    let is_open = !line.slots.is_empty();
    let answers = known.map(|(slot, known)| match submitted(line, slot) {
        // What was said stands before what is known, for neither makes up for the other.
        Some(said) if known.starts_with("None ") => format!("{said}."),
        Some(said) => format!("{said}; {known}"),
        None if is_open => format!("{}{DERIVED}.", known.trim_end_matches('.')),
        None => known,
    });
    let [blockers, changes] = answers;
    let own = match (line.done_total, line.in_progress_total) {
        (0, 0) => String::new(),
        _ => format!("{} ", line.sentence),
    };
    line.sentence = format!("{own}Blockers? {blockers} Changes needed? {changes}");
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
        ("checklist", "checklist to look at", "checklists to look at"),
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
