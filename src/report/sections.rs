//! Sections that more than one report shows, laid out once.

use super::data::{Head, TaskRef};
use super::page::{Item, Line, Page, Table};
use super::waiting::{GatingPhase, OpenBlocker, OpenDecision};
use super::words::{clean, clip, count, duration};
use crate::plan::event::{BlockerKind, Severity};
use crate::plan::model::BlockerStatus;

/// How much of a text a cell or an entry shows.
pub(super) const CELL_COLUMNS: usize = 80;
const TITLE_COLUMNS: usize = 48;
const TASKS_SHOWN: usize = 3;
const CRITERIA_SHOWN: usize = 5;

/// The project's name, with its slug where that says more.
pub(super) fn named(name: &str, slug: &str) -> String {
    let name = clip(name, CELL_COLUMNS);
    if name.is_empty() || name == slug {
        clean(slug)
    } else {
        format!("{name} ({})", clean(slug))
    }
}

/// The section of open blockers.
pub(super) fn blockers(page: &mut Page, blockers: &[OpenBlocker], total: u32) {
    let table = Table {
        header: vec![
            "Blocker",
            "Task",
            "Blocked by",
            "Since",
            "Age",
            "Owner",
            "Resolution path",
            "Holds up",
        ],
        right: vec![7],
        rows: blockers.iter().map(row).collect(),
    };
    page.table("Blockers", total, table, "No open blockers.");
}

fn row(blocker: &OpenBlocker) -> Vec<Line> {
    let named = match &blocker.phase {
        Some(phase) => format!("phase {} {}", phase.id, clip(&phase.name, TITLE_COLUMNS)),
        None => tasks(&blocker.tasks, TASKS_SHOWN),
    };
    let waits_for = blocker
        .waits_for
        .as_ref()
        .map_or_else(String::new, |task| format!(" (waits for {})", task.id));
    let since = match blocker.since_text.as_str() {
        "" => blocker.since.local.clone(),
        written => clip(written, 20),
    };
    let path = match blocker.resolution_path.as_str() {
        "" => "not stated",
        path => path,
    };
    vec![
        Line::plain(&format!("{} {}", blocker.id, kind(blocker))),
        Line::plain(&named),
        Line::plain(&format!(
            "{}{waits_for}",
            clip(&blocker.blocked_by, CELL_COLUMNS)
        )),
        Line::plain(&since),
        Line::plain(&format!(
            "{}{}",
            duration(blocker.age_ms),
            blocker.staleness.mark()
        )),
        Line::clipped(&blocker.owner, 24),
        Line::clipped(path, CELL_COLUMNS),
        Line::plain(&blocker.holds_up.to_string()),
    ]
}

/// The kind in words, and what stands out about it.
fn kind(blocker: &OpenBlocker) -> String {
    let kind = match blocker.kind {
        BlockerKind::Dependency => "dependency",
        BlockerKind::Decision => "decision",
        BlockerKind::External => "external",
        BlockerKind::Inconsistency => "inconsistency",
        BlockerKind::Input => "question",
        BlockerKind::Failure => "failure",
        BlockerKind::Other => "other",
    };
    let severity = match blocker.severity {
        Severity::Low => ", low",
        Severity::Medium => "",
        Severity::High => ", high",
        Severity::Critical => ", critical",
    };
    let escalated = match blocker.status {
        BlockerStatus::Escalated => ", escalated",
        BlockerStatus::Open | BlockerStatus::Resolved | BlockerStatus::Withdrawn => "",
    };
    format!("{kind}{severity}{escalated}")
}

/// Tasks in a line: the first ones by id and title, the others counted.
pub(super) fn tasks(tasks: &[TaskRef], shown: usize) -> String {
    let named: Vec<String> = tasks.iter().take(shown).map(task).collect();
    let named = named.join(", ");
    match tasks.len().saturating_sub(shown) {
        0 => named,
        left => format!("{named} and {left} more"),
    }
}

/// A task by id and title.
pub(super) fn task(task: &TaskRef) -> String {
    format!("{} {}", task.id, clip(&task.title, TITLE_COLUMNS))
        .trim_end()
        .to_owned()
}

/// The section of decisions that block tasks; left out when there are none.
pub(super) fn decisions(page: &mut Page, decisions: &[OpenDecision], total: u32) {
    if total == 0 {
        return;
    }
    let item = |decision: &OpenDecision| {
        let options = match decision.options.as_slice() {
            [] => String::new(),
            options => format!(" ({})", clip(&options.join(" / "), CELL_COLUMNS)),
        };
        let blocks = match decision.tasks.as_slice() {
            [] => "blocks no task".to_owned(),
            blocked => format!(
                "blocks {}, holds up {}",
                tasks(blocked, TASKS_SHOWN),
                count(decision.holds_up, "task", "tasks")
            ),
        };
        let line = format!(
            "{} {}{options}: open for {}{}, {blocks}",
            decision.id,
            clip(&decision.question, CELL_COLUMNS),
            duration(decision.age_ms),
            decision.staleness.mark(),
        );
        Item {
            line: Line::plain(&line),
            below: commands([decision.command.as_str()]),
        }
    };
    let items = decisions.iter().map(item).collect();
    page.list("Decisions needed", total, items, "");
}

/// The section of phases that only wait for a word; left out when there are none.
pub(super) fn gating(page: &mut Page, phases: &[GatingPhase], total: u32) {
    if total == 0 {
        return;
    }
    let item = |gating: &GatingPhase| {
        let wanted = lacks(gating);
        let line = format!(
            "Phase {} {}: all tasks are finished, it {wanted}; waits for the {}, holds up {}",
            gating.phase.id,
            clip(&gating.phase.name, TITLE_COLUMNS),
            gating.who,
            count(gating.holds_up, "task", "tasks"),
        );
        let criteria = gating
            .missing
            .iter()
            .map(|criterion| {
                Line::plain(&format!(
                    "criterion {}: {}",
                    criterion.number,
                    clip(&criterion.text, CELL_COLUMNS)
                ))
            })
            .take(CRITERIA_SHOWN);
        let deliverables = gating
            .deliverables
            .iter()
            .map(|missing| {
                let status = missing.status.as_str();
                let name = clip(&missing.name, CELL_COLUMNS);
                Line::plain(&format!("deliverable {} ({status}): {name}", missing.id))
            })
            .take(CRITERIA_SHOWN);
        let criteria = criteria.chain(deliverables);
        let gates = gating.gates.iter().take(CRITERIA_SHOWN).map(|gate| {
            Line::plain(&format!(
                "{}: {} (from {})",
                gate.subject,
                clip(&gate.text, CELL_COLUMNS),
                gate.who
            ))
        });
        let mut of_gates: Vec<&str> = Vec::new();
        for gate in &gating.gates {
            let command = gate.command.as_str();
            if !of_gates.contains(&command) {
                of_gates.push(command);
            }
        }
        Item {
            line: Line::plain(&line),
            below: criteria
                .chain(gates)
                .chain(commands(
                    gating
                        .commands
                        .iter()
                        .map(String::as_str)
                        .take(CRITERIA_SHOWN),
                ))
                .chain(commands(of_gates.into_iter().take(CRITERIA_SHOWN)))
                .collect(),
        }
    };
    let items = phases.iter().map(item).collect();
    page.list("Phases waiting for a word", total, items, "");
}

/// What a phase lacks, in words behind its name.
fn lacks(gating: &GatingPhase) -> String {
    let missing = u32::try_from(gating.missing.len()).unwrap_or(u32::MAX);
    let criteria = (missing > 0).then(|| {
        let of = count(gating.criteria, "criterion", "criteria");
        format!("{missing} of {of}")
    });
    let missing = u32::try_from(gating.deliverables.len()).unwrap_or(u32::MAX);
    let deliverables = (missing > 0).then(|| count(missing, "deliverable", "deliverables"));
    let words: Vec<String> = criteria.into_iter().chain(deliverables).collect();
    match words.as_slice() {
        [] if !gating.gates.is_empty() => "waits for its gate".to_owned(),
        [] => "only has to be closed".to_owned(),
        words => format!("lacks {}", words.join(" and ")),
    }
}

/// The commands that settle an entry, as lines below it.
pub(super) fn commands<'a>(commands: impl IntoIterator<Item = &'a str>) -> Vec<Line> {
    commands
        .into_iter()
        .filter(|command| !command.is_empty())
        .map(|command| Line::code(&format!("muster {command}")))
        .collect()
}

/// The footer's line on how far the report reaches.
pub(super) fn head(head: &Head) -> Line {
    Line::plain(&format!(
        "As of version {}, chain {}",
        head.version,
        clean(&head.hash)
    ))
}
