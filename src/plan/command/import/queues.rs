//! The queues of a plan file: discovered tasks, blockers, decisions, as they come in.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::super::super::bench::Bench;
use super::super::super::event::{
    BlockerKind, BlockerOpened, DecisionDecided, DecisionOpened, Severity, TaskDiscovered, Text,
};
use super::super::super::id::TaskId;
use super::super::super::import::{ImportedPlan, ImportedStatus, ImportedTask};
use super::super::super::refusal::Refusal;
use super::super::decision::next_decision;
use super::super::lease::next_blocker;
use super::super::queue::next_discovered;
use super::super::text;
use super::clip_line;

/// Tasks written as blocked that no row of the blocked queue names, with why as far as the file says.
pub fn unlisted_blockers(file: &ImportedPlan) -> Vec<(usize, Text)> {
    let listed: BTreeSet<usize> = file
        .blockers
        .iter()
        .filter_map(|blocker| blocker.task)
        .collect();
    let blocked =
        file.tasks.iter().enumerate().filter(|(place, task)| {
            task.status == ImportedStatus::Blocked && !listed.contains(place)
        });
    let reason = |task: &ImportedTask| -> Text {
        let notes = clip_line(task.notes.as_deref().unwrap_or(""), text::LINE_CHARS_MAX);
        if notes.is_empty() {
            "written as blocked, with no reason".into()
        } else {
            notes.into()
        }
    };
    blocked.map(|(place, task)| (place, reason(task))).collect()
}

pub fn open_blocker(
    bench: &mut Bench<'_>,
    tasks: Vec<TaskId>,
    reason: Text,
    resolution_path: Text,
    since_text: Text,
) {
    let tasks = tasks
        .into_iter()
        .filter(|id| {
            bench
                .plan
                .task(*id)
                .is_some_and(|view| !view.state.status.is_terminal())
        })
        .collect();
    let blocker = next_blocker(&bench.plan);
    bench.record(BlockerOpened {
        blocker,
        kind: BlockerKind::Other,
        tasks,
        phase: None,
        reason,
        waits_for: None,
        owner: "".into(),
        resolution_path,
        severity: Severity::default(),
        since_text,
    });
}

pub fn record(bench: &mut Bench<'_>, file: &ImportedPlan, ids: &[TaskId]) -> Result<(), Refusal> {
    let line = |words: &str| -> Text { clip_line(words, text::LINE_CHARS_MAX).into() };
    for (place, found) in file.discovered.iter().enumerate() {
        let title = line(&found.title);
        if title.is_empty() {
            return Err(Refusal::field(
                "content",
                format!("discovered task {} has no title", place + 1),
            ));
        }
        bench.record(TaskDiscovered {
            discovered: next_discovered(&bench.plan),
            title,
            notes: "".into(),
            priority: found
                .priority
                .filter(|priority| *priority <= 3)
                .unwrap_or(2),
            area: "".into(),
            found_on: None,
            found_in_text: line(found.found_in.as_deref().unwrap_or("")),
            suggested_phase: None,
        });
    }
    for blocker in &file.blockers {
        let tasks = blocker
            .task
            .and_then(|place| ids.get(place).copied())
            .into_iter()
            .collect();
        let reason = match line(&blocker.reason) {
            reason if reason.is_empty() && blocker.task_text.trim().is_empty() => {
                "written as blocked, with no reason".into()
            }
            reason if reason.is_empty() => line(&blocker.task_text),
            reason if blocker.task.is_none() => {
                format!("{}: {reason}", line(&blocker.task_text)).into()
            }
            reason => reason,
        };
        let path = line(blocker.resolution_path.as_deref().unwrap_or(""));
        let since = line(blocker.since.as_deref().unwrap_or(""));
        open_blocker(bench, tasks, reason, path, since);
    }
    for decision in &file.decisions {
        let id = next_decision(&bench.plan);
        let blocks = decision
            .blocks
            .iter()
            .filter_map(|place| ids.get(*place).copied());
        let open = |task: &TaskId| {
            bench
                .plan
                .task(*task)
                .is_some_and(|view| !view.state.status.is_terminal())
        };
        let blocks: Vec<TaskId> = blocks.filter(open).collect();
        let options = decision.options.iter().take(text::LIST_MAX);
        let options = options.map(|option| line(option)).collect();
        bench.record(DecisionOpened {
            phases: Vec::new(),
            selectors: Vec::new(),
            supersedes: None,
            decision: id,
            question: match line(&decision.question) {
                question if question.is_empty() => "(no question)".into(),
                question => question,
            },
            options,
            blocks,
        });
        if decision.decided {
            let answer = Arc::from("decided before the import; the file does not say how");
            let (rationale, record_uri) = ("".into(), "".into());
            bench.record(DecisionDecided {
                consequences: "".into(),
                revisit: Vec::new(),
                decision: id,
                answer,
                rationale,
                record_uri,
            });
        }
    }
    Ok(())
}
