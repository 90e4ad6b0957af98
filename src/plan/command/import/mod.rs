//! A plan file taken in, whole or not at all. What it says is a fact, not a transition; what cannot be
//! in force as stated is kept with a diagnostic.

mod circles;

use std::collections::BTreeSet;
use std::sync::Arc;

use circles::Circles;

use super::super::decide::Bench;
use super::super::event::{
    AddedPhase, AddedTask, Arrival, BlockerKind, BlockerOpened, DecisionDecided, DecisionOpened,
    Dependency, ImportCounts, On, PhasesAdded, PlanImported, ProjectUpdated, Severity,
    TaskDiscovered, Text,
};
use super::super::id::{DecisionId, DiscoveredId, PhaseNo, TaskId};
use super::super::import::{
    Diagnostic, ImportedPhase, ImportedPlan, ImportedStatus, ImportedTarget, ImportedTask,
};
use super::super::refusal::{Reason, Refusal};
use super::super::state::Plan;
use super::lease::next_blocker;
use super::phase::PHASES_MAX;
use super::{dependency, task, text};

/// Diagnostics kept with the project; what goes beyond is counted in the last one.
const DIAGNOSTICS_MAX: usize = 1_000;

pub fn import(bench: &mut Bench<'_>, file: &ImportedPlan) -> Result<(), Refusal> {
    if known_bytes(&bench.plan, file) {
        return Ok(());
    }
    check_may_fill(&bench.plan, file)?;
    let mut diagnostics = file.diagnostics.clone();
    let phases = phases(&bench.plan, file, &mut diagnostics)?;
    let ids = task_ids(&bench.plan, file, &mut diagnostics)?;
    let tasks = tasks(&bench.plan, file, &phases, &ids, &mut diagnostics)?;
    let blockers = unlisted_blockers(file);
    if let Some(more) = diagnostics
        .len()
        .checked_sub(DIAGNOSTICS_MAX)
        .filter(|more| *more > 0)
    {
        diagnostics.truncate(DIAGNOSTICS_MAX);
        let message = format!("{more} more diagnostics are not kept");
        diagnostics.push(Diagnostic {
            line: 0,
            code: "diagnostics_cut".to_owned(),
            message,
        });
    }
    if let Some(words) = file
        .header
        .description
        .as_deref()
        .filter(|words| !words.is_empty())
    {
        let words = text::long("description", words)?.to_string();
        bench.record(ProjectUpdated {
            description: Some(words),
            ..ProjectUpdated::default()
        });
    }
    bench.record(PlanImported {
        source: file.source.clone(),
        counts: counts(file),
        diagnostics,
        sprints: file.sprints.clone(),
        sprint_goal: file.header.sprint_goal.clone(),
        highest_session: file.highest_session,
    });
    bench.record(PhasesAdded { phases });
    task::record(bench, tasks)?;
    queues(bench, file, &ids)?;
    for (place, reason) in blockers {
        open_blocker(bench, vec![ids[place]], reason, "".into(), "".into());
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
                "the file states {} phases; {PHASES_MAX} are the limit",
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
fn clip(words: &str, max: usize) -> String {
    words
        .chars()
        .filter(|character| !character.is_control())
        .take(max)
        .collect()
}

fn phases(
    plan: &Plan,
    file: &ImportedPlan,
    diagnostics: &mut Vec<Diagnostic>,
) -> Result<Vec<AddedPhase>, Refusal> {
    let stated: BTreeSet<String> = file
        .phases
        .iter()
        .filter_map(|phase| phase.id.as_deref())
        .map(str::to_lowercase)
        .collect();
    let mut taken = BTreeSet::new();
    let mut next = 1_u32;
    let mut added = Vec::with_capacity(file.phases.len());
    for (place, phase) in file.phases.iter().enumerate() {
        let written = phase
            .id
            .as_deref()
            .and_then(|id| text::id("phase", id).ok());
        let id = match written.filter(|id| !taken.contains(&id.to_lowercase())) {
            Some(id) => id.to_string(),
            None => {
                while taken.contains(&next.to_string()) || stated.contains(&next.to_string()) {
                    next += 1;
                }
                if let Some(id) = &phase.id {
                    let message = format!(
                        "phase id `{}` is taken or malformed; the phase is {next} here",
                        clip(id, 40)
                    );
                    diagnose(diagnostics, phase.line, "phase_id_changed", message);
                }
                next.to_string()
            }
        };
        taken.insert(id.to_lowercase());
        let lead_role = phase.lead_role.as_deref().and_then(|written| {
            let found = plan.resolve_role(written).ok();
            if found.is_none() {
                let message = format!(
                    "no role `{}` in the catalogue; the phase leads to any role",
                    clip(written, 40)
                );
                diagnose(diagnostics, phase.line, "unknown_role", message);
            }
            found.map(|role| plan.role_slug(Some(role)).to_owned())
        });
        added.push(AddedPhase {
            name: required(&phase.name, &id),
            goal: clip(phase.goal.as_deref().unwrap_or(""), text::TEXT_CHARS_MAX),
            lead_role,
            criteria: phase
                .criteria
                .iter()
                .map(|text| clip(text, text::LINE_CHARS_MAX))
                .collect(),
            predecessors: None,
            after: None,
            completed: comes_in_completed(file, place, phase, diagnostics),
            id,
        });
    }
    Ok(added)
}

fn required(name: &str, id: &str) -> String {
    let name = clip(name, text::LINE_CHARS_MAX);
    if name.trim().is_empty() {
        format!("Phase {id}")
    } else {
        name
    }
}

/// A phase written complete comes in completed when all its tasks are terminal.
fn comes_in_completed(
    file: &ImportedPlan,
    place: usize,
    phase: &ImportedPhase,
    diagnostics: &mut Vec<Diagnostic>,
) -> bool {
    if phase.status != ImportedStatus::Completed {
        return false;
    }
    let open = file
        .tasks
        .iter()
        .filter(|task| task.phase == place && arrival(task.status) == Arrival::Planned)
        .count();
    if open > 0 {
        let message = format!(
            "the phase is written complete, but {open} of its tasks are not; it comes in open"
        );
        diagnose(diagnostics, phase.line, "phase_not_complete", message);
    }
    open == 0
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

fn task_ids(
    plan: &Plan,
    file: &ImportedPlan,
    diagnostics: &mut Vec<Diagnostic>,
) -> Result<Vec<TaskId>, Refusal> {
    let mut seen = BTreeSet::new();
    let mut external = Vec::with_capacity(file.tasks.len());
    for task in &file.tasks {
        let id = task.external_id.as_deref().unwrap_or("").trim();
        let usable =
            id.is_empty() || (text::id("id", id).is_ok() && seen.insert(id.to_lowercase()));
        if !usable {
            let message = format!(
                "the id `{}` is malformed or stands for another task; this one has its own number only",
                clip(id, 40)
            );
            diagnose(diagnostics, task.line, "duplicate_external_id", message);
        }
        external.push(if usable { id } else { "" });
    }
    task::assign_ids(plan, external.iter().copied())
}

fn tasks(
    plan: &Plan,
    file: &ImportedPlan,
    phases: &[AddedPhase],
    ids: &[TaskId],
    diagnostics: &mut Vec<Diagnostic>,
) -> Result<Vec<AddedTask>, Refusal> {
    let dropped = Circles::find(file, diagnostics);
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
                    clip(written, 40)
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
        added.push(admit(task, ids[place], &phase.id, role, dependencies));
    }
    Ok(added)
}

fn admit(
    task: &ImportedTask,
    id: TaskId,
    phase: &str,
    role: Option<String>,
    dependencies: Vec<Dependency>,
) -> AddedTask {
    let external = task.external_id.as_deref().unwrap_or("").trim();
    let authored = external.parse::<TaskId>() == Ok(id);
    let alias = (!external.is_empty() && !authored && text::id("id", external).is_ok())
        .then(|| external.to_owned());
    let some = |words: Option<&str>, max: usize| -> Option<Text> {
        let words = clip(words.unwrap_or(""), max);
        (!words.trim().is_empty()).then(|| words.trim().into())
    };
    AddedTask {
        id,
        title: some(Some(&task.title), text::LINE_CHARS_MAX).unwrap_or_else(|| "(no title)".into()),
        phase: phase.to_owned(),
        aliases: alias.into_iter().collect(),
        description: None,
        area: some(task.area.as_deref(), text::LINE_CHARS_MAX),
        role,
        priority: task.priority.filter(|priority| *priority <= 3).unwrap_or(2),
        estimate: task.estimate,
        notes: some(task.notes.as_deref(), text::TEXT_CHARS_MAX),
        acceptance: task
            .acceptance
            .iter()
            .take(text::LIST_MAX)
            .filter_map(|line| some(Some(line), text::LINE_CHARS_MAX))
            .collect(),
        skills: Vec::new(),
        dependencies,
        origin: None,
        arrival: arrival(task.status),
    }
}

/// Tasks written as blocked that no row of the blocked queue names, with why as far as the file says.
fn unlisted_blockers(file: &ImportedPlan) -> Vec<(usize, Text)> {
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
        let notes = clip(task.notes.as_deref().unwrap_or(""), text::LINE_CHARS_MAX);
        if notes.trim().is_empty() {
            "written as blocked, with no reason".into()
        } else {
            notes.trim().into()
        }
    };
    blocked.map(|(place, task)| (place, reason(task))).collect()
}

fn open_blocker(
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

fn queues(bench: &mut Bench<'_>, file: &ImportedPlan, ids: &[TaskId]) -> Result<(), Refusal> {
    let line = |words: &str| -> Text { clip(words, text::LINE_CHARS_MAX).trim().into() };
    for (place, found) in file.discovered.iter().enumerate() {
        let last = bench.plan.discovered().last().map_or(0, |other| other.id.0);
        let title = line(&found.title);
        if title.is_empty() {
            return Err(Refusal::field(
                "content",
                format!("discovered task {} has no title", place + 1),
            ));
        }
        bench.record(TaskDiscovered {
            discovered: DiscoveredId(last + 1),
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
        let last = bench.plan.decisions().last().map_or(0, |other| other.id.0);
        let id = DecisionId(last + 1);
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
        let options = decision.options.iter().map(|option| line(option)).collect();
        bench.record(DecisionOpened {
            decision: id,
            question: line(&decision.question),
            options,
            blocks,
        });
        if decision.decided {
            let answer = Arc::from("decided before the import; the file does not say how");
            let (rationale, record_uri) = ("".into(), "".into());
            bench.record(DecisionDecided {
                decision: id,
                answer,
                rationale,
                record_uri,
            });
        }
    }
    Ok(())
}
