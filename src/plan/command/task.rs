//! Tasks outside their working: added, changed, put off, given up, planned again.

use super::super::bench::Bench;
use super::super::event::{
    AddedTask, Arrival, BlockerKind, BlockerOpened, Dependency, DependencyWaived, On,
    PhaseReopened, Severity, TaskCancelled, TaskChanges, TaskDeferred, TaskReinstated,
    TaskReopened, TaskUpdated, TasksAdded,
};
use super::super::id::{DiscoveredId, PhaseNo, TaskId};
use super::super::model::{PhaseState, Status};
use super::super::refusal::{Reason, Refusal};
use super::super::settings::SizePolicy;
use super::super::state::Plan;
use super::super::time::Estimate;
use super::lease::{end_live_claim, next_blocker};
use super::phase::open_phase;
use super::queue::withdraw_idle_blockers;
use super::{NewTask, dependency, queue, text};

/// Tasks one `TasksAdded` carries at most.
pub const TASKS_AN_EVENT_MAX: usize = 256;
/// Bytes of JSON one `TasksAdded` carries at most, well below the limit of a stored event.
pub const EVENT_BYTES_MAX: usize = 192 * 1024;
/// Tasks one command adds at most.
pub const TASKS_A_COMMAND_MAX: usize = 1_000;
/// Tasks a project may have.
pub const TASKS_MAX: u32 = 1_100_000;

pub fn create(bench: &mut Bench<'_>, tasks: &[NewTask]) -> Result<(), Refusal> {
    if tasks.is_empty() || tasks.len() > TASKS_A_COMMAND_MAX {
        let count = tasks.len();
        return Err(Refusal::field(
            "tasks",
            format!("holds {count} tasks; 1 to {TASKS_A_COMMAND_MAX} are taken at once"),
        )
        .fact("limit", TASKS_A_COMMAND_MAX));
    }
    let ids = assign_ids(
        &bench.plan,
        tasks.iter().map(|task| task.external_id.trim()),
    )?;
    let mut added = Vec::with_capacity(tasks.len());
    for (task, id) in tasks.iter().zip(&ids) {
        added.push(admit(&bench.plan, task, *id, &ids, None)?);
    }
    record(bench, added)?;
    let asked = ids.iter().zip(tasks);
    for (id, task) in asked.filter(|(_, task)| !task.elicit.trim().is_empty()) {
        elicit(bench, *id, &task.elicit)?;
    }
    bench.plan.check_whole()
}

/// Holds a task behind a question that a person must answer; the answer stands in its brief.
fn elicit(bench: &mut Bench<'_>, task: TaskId, question: &str) -> Result<(), Refusal> {
    let reason = text::required_long("elicit", question)?;
    queue::room_for_a_blocker(&bench.plan)?;
    let blocker = next_blocker(&bench.plan);
    bench.record(BlockerOpened {
        blocker,
        kind: BlockerKind::Input,
        tasks: vec![task],
        phase: None,
        reason,
        waits_for: None,
        owner: "".into(),
        resolution_path: "".into(),
        severity: Severity::Medium,
        since_text: "".into(),
    });
    Ok(())
}

/// Records added tasks in as many events as the limits ask for.
pub fn record(bench: &mut Bench<'_>, tasks: Vec<AddedTask>) -> Result<(), Refusal> {
    let mut chunk: Vec<AddedTask> = Vec::new();
    let mut bytes = 0;
    for task in tasks {
        let size = serde_json::to_string(&task).map_or(usize::MAX, |json| json.len());
        if size > EVENT_BYTES_MAX {
            return Err(Refusal::new(
                Reason::LimitReached,
                format!(
                    "the task `{}` holds {size} bytes of text; {EVENT_BYTES_MAX} are the limit; shorten it",
                    task.title
                ),
            )
            .fact("limit", EVENT_BYTES_MAX));
        }
        if chunk.len() == TASKS_AN_EVENT_MAX || bytes + size > EVENT_BYTES_MAX {
            bench.record(TasksAdded {
                tasks: std::mem::take(&mut chunk),
            });
            bytes = 0;
        }
        bytes += size;
        chunk.push(task);
    }
    if !chunk.is_empty() {
        bench.record(TasksAdded { tasks: chunk });
    }
    Ok(())
}

/// Short ids for tasks to come: an authored `T-21` is taken as it is, the counter goes on after the
/// highest.
pub fn assign_ids<'a>(
    plan: &Plan,
    external: impl Iterator<Item = &'a str> + Clone,
) -> Result<Vec<TaskId>, Refusal> {
    let authored = |text: &str| {
        text.parse::<TaskId>()
            .ok()
            .filter(|id| id.0 <= TASKS_MAX * 2)
    };
    let mut highest = plan.highest_task;
    let mut seen = std::collections::BTreeSet::new();
    for text in external.clone().filter(|text| !text.is_empty()) {
        let folded = text.to_lowercase();
        let id = authored(text);
        let known = id.is_some_and(|id| plan.specs.contains_key(&id))
            || plan.index.aliases.contains_key(folded.as_str());
        if known || !seen.insert(folded) {
            return Err(taken(text).next(format!("task show {text}")));
        }
        highest = highest.max(id.map_or(0, |id| id.0));
    }
    let ids: Vec<TaskId> = external
        .map(|text| {
            authored(text).unwrap_or_else(|| {
                highest += 1;
                TaskId(highest)
            })
        })
        .collect();
    if plan.task_count() + ids.len() > TASKS_MAX as usize {
        return Err(Refusal::new(
            Reason::LimitReached,
            format!("a project holds at most {TASKS_MAX} tasks; go on in another project"),
        )
        .fact("limit", TASKS_MAX));
    }
    Ok(ids)
}

fn taken(id: &str) -> Refusal {
    Refusal::new(
        Reason::IdTaken,
        format!("the id `{id}` is taken; an id means one task only, write another one"),
    )
    .item(id, "is taken")
}

/// The phase a task goes to: as written, else the only one, else the current one.
fn phase_for(plan: &Plan, written: &str) -> Result<PhaseNo, Refusal> {
    let no = match written.trim() {
        "" => {
            let mut phases = plan.phases();
            match (phases.next(), phases.next()) {
                (Some(only), None) => only.no,
                _ => plan.current_phase().ok_or_else(|| {
                    Refusal::field("phase", "is missing, and no phase is current")
                        .next("phase list")
                })?,
            }
        }
        written => plan.resolve_phase(written)?,
    };
    open_phase(plan, no)?;
    Ok(no)
}

/// A task as it will come in, checked against the plan.
pub fn admit(
    plan: &Plan,
    task: &NewTask,
    id: TaskId,
    batch: &[TaskId],
    origin: Option<DiscoveredId>,
) -> Result<AddedTask, Refusal> {
    let phase = phase_for(plan, &task.phase)?;
    check_size(plan, task.estimate)?;
    let role = match task.role.trim() {
        "" => None,
        role => Some(plan.role_slug(Some(plan.resolve_role(role)?)).to_owned()),
    };
    let external = task.external_id.trim();
    let aliases = if external.is_empty() || external.parse::<TaskId>() == Ok(id) {
        Vec::new()
    } else {
        vec![text::id("external_id", external)?.to_string()]
    };
    let mut dependencies: Vec<Dependency> = Vec::new();
    for on in &task.dependencies {
        let on = dependency::target(plan, on, batch)?;
        dependency::check_not_split(plan, &on)?;
        if on == On::Task(id) {
            return Err(Refusal::new(
                Reason::Cycle,
                format!("`{}` would wait for itself; leave this out", task.title),
            ));
        }
        if !dependencies.iter().any(|other| other.on == on) {
            dependencies.push(Dependency { on, in_force: true });
        }
    }
    dependency::check_count(dependencies.len())?;
    Ok(AddedTask {
        id,
        title: text::required_line("title", &task.title)?,
        phase: plan.phase_id(phase).to_owned(),
        aliases,
        description: text::some(text::long("description", &task.description)?),
        area: text::some(text::line("area", &task.area)?),
        role,
        priority: text::priority(task.priority)?,
        review: task.review.stated(),
        estimate: task.estimate,
        notes: text::some(text::long("notes", &task.notes)?),
        acceptance: text::list("acceptance", &task.acceptance)?,
        skills: text::list("skills", &task.skills)?,
        dependencies,
        origin,
        arrival: Arrival::Planned,
    })
}

pub fn check_size(plan: &Plan, estimate: Option<Estimate>) -> Result<(), Refusal> {
    let Some((project, estimate)) = plan.project().zip(estimate) else {
        return Ok(());
    };
    if estimate.tenths == 0 {
        return Err(Refusal::field(
            "estimate",
            "is nothing; leave it out instead",
        ));
    }
    let session = project.settings.session_minutes;
    if project.settings.size_policy == SizePolicy::Refuse && estimate.minutes(session) > session {
        return Err(Refusal::new(
            Reason::TaskTooLarge,
            format!("{estimate} is more than one session of {session} minutes; split the task"),
        )
        .fact("limit_minutes", session));
    }
    Ok(())
}

pub fn update(
    bench: &mut Bench<'_>,
    task: &str,
    changes: &TaskChanges,
    revision: u64,
) -> Result<(), Refusal> {
    let id = bench.plan.resolve_task(task)?;
    let now = bench.plan.task(id).map_or(0, |view| view.state.revision);
    if revision != 0 && revision != now {
        return Err(Refusal::new(
            Reason::VersionConflict,
            format!("{id} is at revision {now}, not {revision}; read it again"),
        )
        .fact("revision", now)
        .next(format!("task show {id}")));
    }
    let mut changes = changes.clone();
    if let Some(title) = &changes.title {
        changes.title = Some(text::required_line("title", title)?);
    }
    for (field, value) in [
        ("description", &mut changes.description),
        ("notes", &mut changes.notes),
    ] {
        if let Some(value) = value {
            *value = text::long(field, value)?;
        }
    }
    if let Some(area) = &changes.area {
        changes.area = Some(text::line("area", area)?);
    }
    if let Some(role) = changes
        .role
        .as_deref()
        .filter(|role| !role.trim().is_empty())
    {
        let no = bench.plan.resolve_role(role)?;
        changes.role = Some(bench.plan.role_slug(Some(no)).to_owned());
    }
    if let Some(priority) = changes.priority {
        text::priority(Some(priority))?;
    }
    check_size(&bench.plan, changes.estimate)?;
    for (field, list) in [
        ("acceptance", &mut changes.acceptance),
        ("skills", &mut changes.skills),
    ] {
        if let Some(list) = list {
            let written: Vec<String> = list.iter().map(ToString::to_string).collect();
            *list = text::list(field, &written)?;
        }
    }
    if let Some(alias) = &changes.alias {
        let alias = text::id("external_id", alias)?.to_string();
        if alias.parse::<TaskId>().is_ok() {
            return Err(Refusal::field(
                "external_id",
                "looks like a short id, which the daemon alone gives; write another one",
            ));
        }
        if let Ok(other) = bench.plan.resolve_task(&alias) {
            return Err(taken(&alias).next(format!("task show {other}")));
        }
        changes.alias = Some(alias);
    }
    if changes == TaskChanges::default() {
        return Err(Refusal::field("update_mask", "names nothing to change"));
    }
    bench.record(TaskUpdated { task: id, changes });
    Ok(())
}

fn status(plan: &Plan, id: TaskId) -> Status {
    plan.task(id)
        .map_or(Status::Planned, |view| view.state.status)
}

/// The refusal of a step that does not exist from where a task stands.
pub fn illegal(id: TaskId, status: Status, step: &str) -> Refusal {
    let word = status.as_str().replace('_', " ");
    Refusal::new(
        Reason::IllegalTransition,
        format!("{id} is {word} and cannot be {step}"),
    )
    .item(id, word)
    .fact("status", status.as_str())
    .next(format!("task show {id}"))
}

pub fn defer(bench: &mut Bench<'_>, task: &str, target: &str, reason: &str) -> Result<(), Refusal> {
    let id = bench.plan.resolve_task(task)?;
    let target = text::line("target", target)?;
    let reason = text::long("reason", reason)?;
    if target.is_empty() && reason.is_empty() {
        return Err(Refusal::field(
            "reason",
            "is missing; say why, or to which phase or release",
        ));
    }
    match status(&bench.plan, id) {
        Status::Planned => {}
        Status::Claimed | Status::InProgress | Status::InReview => {
            return Err(held(&bench.plan, id));
        }
        other @ (Status::Completed | Status::Deferred | Status::Cancelled) => {
            return Err(illegal(id, other, "deferred"));
        }
    }
    bench.record(TaskDeferred {
        task: id,
        target,
        reason,
    });
    touch_phase(bench, id);
    Ok(())
}

/// The refusal of a step that nobody may hold the task for.
pub fn held(plan: &Plan, id: TaskId) -> Refusal {
    let holder = plan.task(id).and_then(|view| view.state.lease.clone());
    if let (None, Some(review)) = (&holder, plan.review(id)) {
        let message = format!("{id} is under review, handed in by {}", review.author);
        return Refusal::new(Reason::TaskHeld, message)
            .item(id, "is under review")
            .fact("author", &review.author)
            .next("review list");
    }
    let name = holder.as_ref().map_or("somebody", |lease| &lease.agent);
    Refusal::new(Reason::TaskHeld, format!("{id} is held by {name}"))
        .item(id, format!("held by {name}"))
        .fact("holder", name)
        .next(format!("task show {id}"))
}

fn touch_phase(bench: &mut Bench<'_>, id: TaskId) {
    if let Some(phase) = bench.plan.task(id).map(|view| view.spec.phase) {
        bench.touch(phase);
    }
}

pub fn reinstate(bench: &mut Bench<'_>, task: &str) -> Result<(), Refusal> {
    let id = bench.plan.resolve_task(task)?;
    match status(&bench.plan, id) {
        Status::Deferred => {}
        other => return Err(illegal(id, other, "reinstated")),
    }
    if let Some(phase) = bench.plan.task(id).map(|view| view.spec.phase) {
        open_phase(&bench.plan, phase)?;
    }
    bench.record(TaskReinstated { task: id });
    Ok(())
}

pub fn cancel(
    bench: &mut Bench<'_>,
    task: &str,
    reason: &str,
    waive_dependents: bool,
) -> Result<(), Refusal> {
    let id = bench.plan.resolve_task(task)?;
    let reason = text::required_long("reason", reason)?;
    match status(&bench.plan, id) {
        other @ (Status::Completed | Status::Cancelled) => {
            return Err(illegal(id, other, "cancelled"));
        }
        Status::Planned
        | Status::Claimed
        | Status::InProgress
        | Status::InReview
        | Status::Deferred => {}
    }
    end_live_claim(bench, id, &reason);
    bench.record(TaskCancelled {
        task: id,
        reason: reason.clone(),
    });
    if waive_dependents {
        let waits = |other: &TaskId| {
            bench.plan.task(*other).is_some_and(|view| {
                !view.state.status.is_terminal() && !Plan::is_waived(view.spec, &On::Task(id))
            })
        };
        let mut dependents = bench.plan.waiting_on(id);
        dependents.retain(waits);
        for dependent in dependents {
            let reason = format!("{id} was cancelled: {reason}");
            let on = On::Task(id);
            bench.record(DependencyWaived {
                task: dependent,
                on,
                reason,
            });
        }
    }
    withdraw_idle_blockers(bench, id, &format!("{id} was cancelled"));
    touch_phase(bench, id);
    Ok(())
}

pub fn reopen(bench: &mut Bench<'_>, task: &str, reason: &str) -> Result<(), Refusal> {
    let id = bench.plan.resolve_task(task)?;
    let reason = text::required_long("reason", reason)?;
    match status(&bench.plan, id) {
        Status::Completed => {}
        other => return Err(illegal(id, other, "reopened")),
    }
    bench.record(TaskReopened {
        task: id,
        reason: reason.clone(),
    });
    let phase = bench
        .plan
        .task(id)
        .and_then(|view| bench.plan.phase(view.spec.phase));
    if let Some(phase) = phase.filter(|phase| phase.state != PhaseState::Open) {
        let phase = phase.id.to_string();
        bench.record(PhaseReopened {
            phase,
            reason: format!("{id} was reopened: {reason}"),
        });
    }
    let mut under_way = bench.plan.waiting_on(id);
    under_way.retain(|dependent| {
        bench.plan.task(*dependent).is_some_and(|view| {
            let works = matches!(view.state.status, Status::InProgress | Status::InReview);
            works && view.spec.waits_for(id)
        })
    });
    if !under_way.is_empty() {
        let blocker = next_blocker(&bench.plan);
        let why: String = format!("{id} was reopened: {reason}")
            .chars()
            .take(text::LINE_CHARS_MAX)
            .collect();
        bench.record(BlockerOpened {
            blocker,
            kind: BlockerKind::Dependency,
            tasks: under_way,
            phase: None,
            reason: why.into(),
            waits_for: Some(id),
            owner: "".into(),
            resolution_path: format!("resolves by itself when {id} is completed again").into(),
            severity: Severity::High,
            since_text: "".into(),
        });
    }
    Ok(())
}
