//! A plan file taken in, whole or not at all. What it says is a fact, not a transition; what cannot be
//! in force as stated is kept with a diagnostic.

mod circles;
mod phases;
mod queues;
mod sprint;

use std::collections::BTreeSet;

use super::super::bench::Bench;
use super::super::event::{
    AddedPhase, AddedTask, Arrival, Dependency, ImportCounts, On, PlanImported, ProjectUpdated,
    Text,
};
use super::super::id::{PhaseNo, TaskId};
use super::super::import::{
    Diagnostic, ImportedPlan, ImportedSprint, ImportedStatus, ImportedTarget, ImportedTask,
};
use super::super::refusal::{Reason, Refusal};
use super::super::state::Plan;
use super::phase::PHASES_MAX;
use super::{dependency, task, text};

/// Diagnostics kept with the project; what goes beyond is counted in the last one.
const DIAGNOSTICS_MAX: usize = 1_000;
/// Bytes of one of them, and of all: an import is one event with these and the sprints.
const DIAGNOSTIC_BYTES_MAX: usize = 2_000;
const DIAGNOSTICS_BYTES_MAX: usize = 128 * 1024;
/// Sprint rows kept as history.
const SPRINTS_MAX: usize = 100;
/// The highest session number taken from a file; what is beyond it is no count of sessions.
const SESSION_MAX: u32 = 1_000_000;

pub fn import(bench: &mut Bench<'_>, file: &ImportedPlan) -> Result<(), Refusal> {
    if known_bytes(&bench.plan, file) {
        return Ok(());
    }
    check_may_fill(&bench.plan, file)?;
    let mut diagnostics = file.diagnostics.clone();
    let phases = phases::phases(&bench.plan, file, &mut diagnostics);
    let (external, ids) = task_ids(&bench.plan, file, &mut diagnostics)?;
    let tasks = tasks(
        &bench.plan,
        file,
        &phases,
        &external,
        &ids,
        &mut diagnostics,
    )?;
    let sprint = sprint::stated(&bench.plan, file, &ids, &mut diagnostics);
    let words = clip_long(file.header.description.as_deref().unwrap_or(""));
    if !words.is_empty() {
        bench.record(ProjectUpdated {
            description: Some(words),
            ..ProjectUpdated::default()
        });
    }
    bench.record(PlanImported {
        source: file.source.clone(),
        counts: counts(file),
        sprints: sprints(file, &mut diagnostics),
        diagnostics: cut(diagnostics),
        sprint_goal: file.header.sprint_goal.as_deref().map(clip_long),
        highest_session: file.highest_session.min(SESSION_MAX),
    });
    phases::record(bench, phases);
    task::record(bench, tasks)?;
    queues::record(bench, file, &ids)?;
    for (place, reason) in queues::unlisted_blockers(file) {
        queues::open_blocker(bench, vec![ids[place]], reason, "".into(), "".into());
    }
    if let Some(sprint) = sprint {
        super::sprint::add(bench, &sprint)?;
    }
    let filled: Vec<PhaseNo> = bench
        .plan
        .phases()
        .map(|phase| phase.no)
        .filter(|no| bench.plan.tally(*no).all() > 0)
        .collect();
    for phase in filled {
        bench.touch(phase);
    }
    Ok(())
}

/// What a file states, counted.
pub fn counts(file: &ImportedPlan) -> ImportCounts {
    let count = |length: usize| u32::try_from(length).unwrap_or(u32::MAX);
    ImportCounts {
        phases: count(file.phases.len()),
        tasks: count(file.tasks.len()),
        dependencies: count(file.stated_dependencies()),
        discovered: count(file.discovered.len()),
        blockers: count(file.blockers.len()),
        decisions: count(file.decisions.len()),
        sprints: count(file.sprints.len()),
    }
}

fn known_bytes(plan: &Plan, file: &ImportedPlan) -> bool {
    plan.project().is_some_and(|project| {
        project
            .sources
            .iter()
            .any(|source| source.digest == file.source.digest)
    })
}

fn check_may_fill(plan: &Plan, file: &ImportedPlan) -> Result<(), Refusal> {
    let known = plan.project().is_some_and(|project| {
        project
            .sources
            .iter()
            .any(|source| source.name == file.source.name)
    });
    let new = counts(file);
    let (old_phases, old_tasks) = (plan.phases().count(), plan.task_count());
    if known {
        return Err(Refusal::new(
            Reason::SourceChanged,
            format!(
                "`{}` was imported before with other bytes: the plan has {old_phases} phases and {old_tasks} tasks, the file now states {} and {}; nothing was changed",
                file.source.name, new.phases, new.tasks
            ),
        )
        .fact("phases", old_phases)
        .fact("tasks", old_tasks)
        .fact("file_phases", new.phases)
        .fact("file_tasks", new.tasks)
        .next("plan show"));
    }
    if old_phases > 0 || old_tasks > 0 {
        return Err(Refusal::new(
            Reason::ProjectNotEmpty,
            format!("the project has {old_phases} phases and {old_tasks} tasks already; a file fills an empty project"),
        )
        .fact("phases", old_phases)
        .fact("tasks", old_tasks)
        .next("plan import FILE"));
    }
    if file.tasks.is_empty() {
        return Err(Refusal::field("content", "states no task"));
    }
    if file.phases.len() > PHASES_MAX {
        return Err(Refusal::new(
            Reason::LimitReached,
            format!(
                "the file states {} phases; {PHASES_MAX} are the limit; split it",
                file.phases.len()
            ),
        )
        .fact("limit", PHASES_MAX));
    }
    Ok(())
}

fn diagnose(diagnostics: &mut Vec<Diagnostic>, line: u32, code: &str, message: String) {
    diagnostics.push(Diagnostic {
        line,
        code: code.to_owned(),
        message,
    });
}

/// A line of a file, cut to what a field takes.
fn clip_line(words: &str, max: usize) -> String {
    let plain = words.chars().map(|character| {
        if character.is_control() {
            ' '
        } else {
            character
        }
    });
    let cut: String = plain
        .skip_while(|it| it.is_whitespace())
        .take(max)
        .collect();
    cut.trim_end().to_owned()
}

/// Several lines of a file, cut to what a field takes.
fn clip_long(words: &str) -> String {
    let plain = words
        .chars()
        .filter(|character| !character.is_control() || matches!(character, '\n' | '\t'));
    let cut: String = plain
        .skip_while(|it| it.is_whitespace())
        .take(text::TEXT_CHARS_MAX)
        .collect();
    cut.trim_end().to_owned()
}

/// The diagnostics that are kept: as many and as long as one event carries.
fn cut(mut diagnostics: Vec<Diagnostic>) -> Vec<Diagnostic> {
    let more = diagnostics.len().saturating_sub(DIAGNOSTICS_MAX);
    diagnostics.truncate(DIAGNOSTICS_MAX);
    for diagnostic in &mut diagnostics {
        if diagnostic.message.len() > DIAGNOSTIC_BYTES_MAX {
            let chars = DIAGNOSTIC_BYTES_MAX / 4;
            diagnostic.message = clip_line(&diagnostic.message, chars) + "…";
        }
    }
    let mut bytes = 0;
    let fit = diagnostics.iter().take_while(|diagnostic| {
        let written = serde_json::to_string(diagnostic).map_or(usize::MAX, |json| json.len());
        bytes += written;
        bytes <= DIAGNOSTICS_BYTES_MAX
    });
    let fit = fit.count();
    let more = more + diagnostics.len() - fit;
    diagnostics.truncate(fit);
    if more > 0 {
        let message = format!("{more} more diagnostics are not kept; check the file to see all");
        diagnose(&mut diagnostics, 0, "diagnostics_cut", message);
    }
    diagnostics
}

/// The sprint rows that are kept as history; those beyond the limit are a diagnostic.
fn sprints(file: &ImportedPlan, diagnostics: &mut Vec<Diagnostic>) -> Vec<ImportedSprint> {
    let short = |words: &Option<String>| words.as_deref().map(|words| clip_line(words, 100));
    if let Some(first) = file.sprints.get(SPRINTS_MAX) {
        let more = file.sprints.len() - SPRINTS_MAX;
        let message = format!("{more} more sprints are not kept");
        diagnose(diagnostics, first.line, "sprints_cut", message);
    }
    let kept = file.sprints.iter().take(SPRINTS_MAX);
    kept.map(|sprint| ImportedSprint {
        sprint: clip_line(&sprint.sprint, 100),
        dates: short(&sprint.dates),
        goal: short(&sprint.goal),
        velocity: short(&sprint.velocity),
        ..*sprint
    })
    .collect()
}

fn arrival(status: ImportedStatus) -> Arrival {
    match status {
        ImportedStatus::Completed => Arrival::Completed,
        ImportedStatus::Deferred => Arrival::Deferred,
        ImportedStatus::Cancelled => Arrival::Cancelled,
        ImportedStatus::Planned
        | ImportedStatus::InProgress
        | ImportedStatus::Blocked
        | ImportedStatus::InReview => Arrival::Planned,
    }
}

/// The authored ids that can be kept, empty where none can, and the short ids of all tasks.
fn task_ids<'a>(
    plan: &Plan,
    file: &'a ImportedPlan,
    diagnostics: &mut Vec<Diagnostic>,
) -> Result<(Vec<&'a str>, Vec<TaskId>), Refusal> {
    let mut seen = BTreeSet::new();
    let mut external = Vec::with_capacity(file.tasks.len());
    for task in &file.tasks {
        let id = task.external_id.as_deref().unwrap_or("").trim();
        let usable =
            id.is_empty() || (text::id("id", id).is_ok() && seen.insert(id.to_lowercase()));
        if !usable {
            let message = format!(
                "the id `{}` is malformed or stands for another task; this one has its own number only",
                clip_line(id, 40)
            );
            diagnose(diagnostics, task.line, "duplicate_external_id", message);
        }
        external.push(if usable { id } else { "" });
    }
    let ids = task::assign_ids(plan, external.iter().copied())?;
    Ok((external, ids))
}

fn tasks(
    plan: &Plan,
    file: &ImportedPlan,
    phases: &[AddedPhase],
    external: &[&str],
    ids: &[TaskId],
    diagnostics: &mut Vec<Diagnostic>,
) -> Result<Vec<AddedTask>, Refusal> {
    let dropped = circles::find(file, diagnostics);
    let mut added = Vec::with_capacity(file.tasks.len());
    for (place, task) in file.tasks.iter().enumerate() {
        let Some(phase) = phases.get(task.phase) else {
            return Err(Refusal::field(
                "content",
                format!("line {}: the task has no phase", task.line),
            ));
        };
        let role = task.role.as_deref().and_then(|written| {
            let found = plan.resolve_role(written).ok();
            if found.is_none() {
                let message = format!(
                    "no role `{}` in the catalogue; the task goes by its area and phase",
                    clip_line(written, 40)
                );
                diagnose(diagnostics, task.line, "unknown_role", message);
            }
            found.map(|role| plan.role_slug(Some(role)).to_owned())
        });
        let mut dependencies: Vec<Dependency> = Vec::new();
        for (edge, stated) in task.dependencies.iter().enumerate() {
            let on = match stated.target {
                ImportedTarget::Task(target) => ids.get(target).copied().map(On::Task),
                ImportedTarget::Phase(target) => phases
                    .get(target)
                    .map(|phase| On::Phase(phase.id.as_str().into())),
                ImportedTarget::AllAbove => Some(On::AllAbove),
            };
            let Some(on) = on else { continue };
            if !dependencies.iter().any(|other| other.on == on) {
                dependencies.push(Dependency {
                    on,
                    in_force: !dropped.contains(&(place, edge)),
                });
            }
        }
        dependency::check_count(dependencies.len())?;
        let more = task.acceptance.len().saturating_sub(text::LIST_MAX);
        if more > 0 {
            let message = format!("{more} more acceptance criteria of the task are not taken");
            diagnose(diagnostics, task.line, "criteria_cut", message);
        }
        let authored = external[place];
        added.push(admit(
            task,
            authored,
            ids[place],
            &phase.id,
            role,
            dependencies,
        ));
    }
    Ok(added)
}

fn admit(
    task: &ImportedTask,
    external: &str,
    id: TaskId,
    phase: &str,
    role: Option<String>,
    dependencies: Vec<Dependency>,
) -> AddedTask {
    let alias =
        (!external.is_empty() && external.parse::<TaskId>() != Ok(id)).then(|| external.to_owned());
    let line = |words: Option<&str>| -> Option<Text> {
        let words = clip_line(words.unwrap_or(""), text::LINE_CHARS_MAX);
        (!words.is_empty()).then(|| words.into())
    };
    let notes = clip_long(task.notes.as_deref().unwrap_or(""));
    AddedTask {
        id,
        title: line(Some(&task.title)).unwrap_or_else(|| "(no title)".into()),
        phase: phase.to_owned(),
        aliases: alias.into_iter().collect(),
        description: None,
        area: line(task.area.as_deref()),
        role,
        review: None,
        priority: task.priority.filter(|priority| *priority <= 3).unwrap_or(2),
        estimate: task.estimate,
        notes: (!notes.is_empty()).then(|| notes.into()),
        acceptance: task
            .acceptance
            .iter()
            .take(text::LIST_MAX)
            .filter_map(|words| line(Some(words)))
            .collect(),
        skills: Vec::new(),
        dependencies,
        origin: None,
        arrival: arrival(task.status),
    }
}
