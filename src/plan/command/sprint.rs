//! Sprints: planned, committed under the guard of what the sprints before got done, changed in scope with a
//! reason, closed with a row of history. No clock decides anything about them.

use super::super::bench::Bench;
use super::super::day::Day;
use super::super::event::{
    SprintClosed, SprintCommitted, SprintPlanned, SprintScopeChanged, SprintUpdated,
    SprintWithdrawn, Text, Triage,
};
use super::super::id::{DiscoveredId, SprintId, TaskId};
use super::super::model::{Sprint, SprintStatus, Status};
use super::super::refusal::{Reason, Refusal};
use super::super::settings::CommitmentGuard;
use super::super::state::Plan;
use super::{CarryTo, NewSprint, SprintChanges, queue, task, text};

/// Sprints a project may have.
pub const SPRINTS_MAX: usize = 1_000;
/// Tasks a sprint may have; the parts of a task that is split come on top.
pub const TASKS_MAX: usize = 500;
/// Changes of one commitment.
const SCOPE_CHANGES_MAX: usize = 200;
/// Sprints whose average guards a commitment.
const GUARDING: usize = 3;

/// What the last sprints completed.
struct Experience {
    completed: u64,
    sprints: u64,
}

impl Experience {
    /// Whether so many tasks are more than the average.
    fn is_exceeded_by(&self, tasks: usize) -> bool {
        let tasks = u64::try_from(tasks).unwrap_or(u64::MAX);
        self.sprints > 0 && tasks.saturating_mul(self.sprints) > self.completed
    }

    /// The average with two decimals, rounded half up.
    fn average(&self) -> String {
        let twice = 2 * self.sprints.max(1);
        let hundredths = (self.completed * 200 + self.sprints) / twice;
        format!("{}.{:02}", hundredths / 100, hundredths % 100)
    }

    /// In words, for so many tasks.
    fn warning(&self, tasks: usize) -> String {
        let of = if self.sprints == 1 {
            "the last sprint completed".to_owned()
        } else {
            format!("the last {} sprints completed on average", self.sprints)
        };
        let noun = if tasks == 1 { "task is" } else { "tasks are" };
        format!("{tasks} {noun} more than the {} that {of}", self.average())
    }
}

pub fn add(bench: &mut Bench<'_>, new: &NewSprint) -> Result<(), Refusal> {
    if bench.plan.sprints.len() >= SPRINTS_MAX {
        return Err(Refusal::new(
            Reason::LimitReached,
            format!(
                "the project has {SPRINTS_MAX} sprints, which is the limit; nothing can be added"
            ),
        )
        .fact("limit", SPRINTS_MAX));
    }
    in_order(new.start, new.end)?;
    let tasks = open_tasks(&bench.plan, "tasks", &new.tasks)?;
    check_size(tasks.len())?;
    let newest = bench.plan.sprints.last();
    let returned = put_off(&bench.plan);
    bench.record(SprintPlanned {
        sprint: SprintId(newest.map_or(1, |(id, _)| id.0 + 1)),
        goal: text::required_line("goal", &new.goal)?,
        start: new.start,
        end: new.end,
        tasks,
        returned,
    });
    Ok(())
}

/// Discovered tasks that were put off, the oldest first, as many as may wait for triage together.
fn put_off(plan: &Plan) -> Vec<DiscoveredId> {
    let room = queue::UNTRIAGED_MAX.saturating_sub(plan.index.untriaged.len());
    let put_off = plan.discovered.values();
    let put_off = put_off.filter(|it| it.triage == Some(Triage::Deferred));
    put_off.map(|it| it.id).take(room).collect()
}

/// Changes a sprint's goal or days; its first day stays once it is committed.
pub fn update(bench: &mut Bench<'_>, id: SprintId, changes: &SprintChanges) -> Result<(), Refusal> {
    let sprint = found(&bench.plan, id)?;
    if !sprint.status.is_ahead() {
        return Err(illegal(sprint, "changed"));
    }
    let goal = match &changes.goal {
        Some(goal) => Some(text::required_line("goal", goal)?),
        None => None,
    };
    let goal = goal.filter(|goal| *goal != sprint.goal);
    let start = changes.start.filter(|start| *start != sprint.start);
    let end = changes.end.filter(|end| *end != sprint.end);
    if start.is_some() && sprint.status == SprintStatus::Active {
        let begun = format!("is {} for good: {id} was committed", sprint.start);
        return Err(Refusal::field("start_date", begun));
    }
    in_order(start.unwrap_or(sprint.start), end.unwrap_or(sprint.end))?;
    if goal.is_none() && start.is_none() && end.is_none() {
        return Err(Refusal::field("update_mask", "names nothing to change"));
    }
    bench.record(SprintUpdated {
        sprint: id,
        goal,
        start,
        end,
    });
    Ok(())
}

pub fn withdraw(bench: &mut Bench<'_>, id: SprintId, reason: &str) -> Result<(), Refusal> {
    let sprint = found(&bench.plan, id)?;
    if sprint.status != SprintStatus::Planned {
        return Err(illegal(sprint, "withdrawn"));
    }
    let reason = text::required_long("reason", reason)?;
    bench.record(SprintWithdrawn { sprint: id, reason });
    Ok(())
}

fn in_order(start: Day, end: Day) -> Result<(), Refusal> {
    if end < start {
        let early = format!("is {end}, before the sprint begins on {start}");
        return Err(Refusal::field("end_date", early));
    }
    Ok(())
}

fn check_size(tasks: usize) -> Result<(), Refusal> {
    if tasks <= TASKS_MAX {
        return Ok(());
    }
    Err(Refusal::new(
        Reason::LimitReached,
        format!("a sprint has at most {TASKS_MAX} tasks, not {tasks}; put some into the next one"),
    )
    .fact("limit", TASKS_MAX))
}

/// The tasks that are named, each once, none of them finished.
fn open_tasks(plan: &Plan, field: &str, written: &[String]) -> Result<Vec<TaskId>, Refusal> {
    let tasks = named_tasks(plan, field, written)?;
    for id in &tasks {
        let status = plan
            .task(*id)
            .map_or(Status::Cancelled, |it| it.state.status);
        if status.is_terminal() {
            return Err(task::illegal(*id, status, "put into a sprint"));
        }
    }
    Ok(tasks)
}

fn named_tasks(plan: &Plan, field: &str, written: &[String]) -> Result<Vec<TaskId>, Refusal> {
    if written.len() > TASKS_MAX {
        let many = format!(
            "has {} entries; at most {TASKS_MAX} are taken",
            written.len()
        );
        return Err(Refusal::field(field, many).fact("limit", TASKS_MAX));
    }
    let mut tasks = Vec::new();
    for written in written {
        let id = plan.resolve_task(written)?;
        if !tasks.contains(&id) {
            tasks.push(id);
        }
    }
    Ok(tasks)
}

fn found(plan: &Plan, id: SprintId) -> Result<&Sprint, Refusal> {
    plan.sprint(id).ok_or_else(|| not_found(id))
}

/// That there is no such sprint.
pub fn not_found(id: SprintId) -> Refusal {
    Refusal::new(
        Reason::SprintNotFound,
        format!("no sprint {id} in this project"),
    )
    .item(id, "does not exist")
    .next("sprint list --all")
}

fn illegal(sprint: &Sprint, step: &str) -> Refusal {
    let (id, status) = (sprint.id, sprint.status.as_str());
    Refusal::new(
        Reason::IllegalTransition,
        format!("{id} is {status} and cannot be {step}"),
    )
    .item(id, status)
    .fact("status", status)
    .next(format!("sprint show {id}"))
}

pub fn commit(bench: &mut Bench<'_>, id: SprintId, written: &[String]) -> Result<(), Refusal> {
    let plan = &bench.plan;
    let sprint = found(plan, id)?;
    if sprint.status != SprintStatus::Planned {
        return Err(illegal(sprint, "committed"));
    }
    if let Some(active) = plan.active_sprint() {
        let active = active.id;
        return Err(Refusal::new(
            Reason::IllegalTransition,
            format!("{active} is active, and one sprint is at a time; close it first"),
        )
        .item(active, "active")
        .next(format!("sprint close {active}")));
    }
    let mut tasks = plan.still_planned(sprint);
    for id in open_tasks(plan, "tasks", written)? {
        if !tasks.contains(&id) {
            tasks.push(id);
        }
    }
    if tasks.is_empty() {
        let none = "is missing; a sprint commits at least one task that is not finished";
        return Err(Refusal::field("tasks", none));
    }
    check_size(tasks.len())?;
    let warning = guarded(plan, tasks.len())?;
    bench.record(SprintCommitted {
        sprint: id,
        tasks,
        warning,
    });
    Ok(())
}

/// The warning a commitment of so many tasks carries; empty when it is within what the last sprints got
/// done, or nothing is known of any.
fn guarded(plan: &Plan, tasks: usize) -> Result<Text, Refusal> {
    let settings = plan.project().map(|project| &project.settings);
    let guard = settings.map_or(CommitmentGuard::Off, |settings| settings.commitment_guard);
    let experience = plan.last_sprints();
    if guard == CommitmentGuard::Off || !experience.is_exceeded_by(tasks) {
        return Ok("".into());
    }
    let warning = experience.warning(tasks);
    if guard == CommitmentGuard::Warn {
        return Ok(warning.into());
    }
    Err(Refusal::new(
        Reason::OverCommitted,
        format!("{warning}; commit fewer, or change the project's commitment guard"),
    )
    .fact("tasks", tasks)
    .fact("average", experience.average()))
}

pub fn change_scope(
    bench: &mut Bench<'_>,
    id: SprintId,
    add: &[String],
    remove: &[String],
    reason: &str,
) -> Result<(), Refusal> {
    let plan = &bench.plan;
    let sprint = found(plan, id)?;
    if !sprint.status.is_ahead() {
        return Err(illegal(sprint, "changed"));
    }
    let mut added = open_tasks(plan, "add", add)?;
    let removed = named_tasks(plan, "remove", remove)?;
    let out = removed.iter().filter(|task| !sprint.tasks.contains(task));
    if let Some(task) = out.clone().next() {
        return Err(
            Refusal::field("remove", format!("names {task}, which is not in {id}"))
                .item(task, "is not in the sprint"),
        );
    }
    added.retain(|task| !sprint.tasks.contains(task));
    if added.is_empty() && removed.is_empty() {
        let none = format!("names no task that is not in {id} already");
        return Err(Refusal::field("add", none));
    }
    check_size(sprint.tasks.len() - removed.len() + added.len())?;
    let is_active = sprint.status == SprintStatus::Active;
    if is_active && sprint.scope_changes.len() >= SCOPE_CHANGES_MAX {
        return Err(Refusal::new(
            Reason::LimitReached,
            format!("{id} was changed {SCOPE_CHANGES_MAX} times, which is the limit; close it"),
        )
        .fact("limit", SCOPE_CHANGES_MAX)
        .next(format!("sprint close {id}")));
    }
    let reason = if is_active {
        text::required_long("reason", reason)?
    } else {
        text::long("reason", reason)?
    };
    bench.record(SprintScopeChanged {
        sprint: id,
        added,
        removed,
        reason,
    });
    Ok(())
}

pub fn close(bench: &mut Bench<'_>, id: SprintId, carry_to: CarryTo) -> Result<(), Refusal> {
    let plan = &bench.plan;
    let sprint = found(plan, id)?;
    if sprint.status != SprintStatus::Active {
        return Err(illegal(sprint, "closed"));
    }
    let tasks = sprint.tasks.iter().copied();
    let carried_over: Vec<TaskId> = tasks.filter(|task| plan.is_open(*task)).collect();
    let target = match carry_to {
        CarryTo::Nowhere => None,
        CarryTo::Next => Some(plan.next_sprint().ok_or_else(|| {
            Refusal::new(
                Reason::IllegalTransition,
                format!("no sprint is planned that what is left of {id} could go into"),
            )
            .item(id, "has no next one")
            .next(plan.way_to_a_plan())
        })?),
        CarryTo::Sprint(next) => Some(found(plan, next)?),
    };
    if let Some(target) = target {
        if target.status != SprintStatus::Planned {
            return Err(illegal(target, "given what another leaves over"));
        }
        let new = carried_over.iter();
        let new = new.filter(|task| !target.tasks.contains(task)).count();
        check_size(target.tasks.len() + new)?;
    }
    let event = SprintClosed {
        sprint: id,
        completed: plan.progress_of(sprint).1,
        sessions: u32::try_from(plan.sprint_sessions.len()).unwrap_or(u32::MAX),
        carried_to: target.map(|sprint| sprint.id),
        carried_over,
    };
    bench.record(event);
    Ok(())
}

impl Plan {
    /// What the last closed sprints completed, those that plan files tell of before those closed here.
    fn last_sprints(&self) -> Experience {
        let mut closed: Vec<_> = self
            .sprints()
            .filter_map(|sprint| Some((sprint.result.as_ref()?, sprint.id)))
            .collect();
        closed.sort_by_key(|(result, id)| (result.at, *id));
        let here = closed.iter().rev().map(|(result, _)| result.completed);
        let told = self.sprint_history.iter().rev();
        let told = told.filter_map(|row| row.completed);
        let last: Vec<u64> = here.chain(told).take(GUARDING).map(u64::from).collect();
        Experience {
            completed: last.iter().sum(),
            sprints: u64::try_from(last.len()).unwrap_or(0),
        }
    }

    /// Of a planned sprint's tasks those that can be committed: what was finished since is left out, and the
    /// parts of a task that was split stand in its place.
    fn still_planned(&self, sprint: &Sprint) -> Vec<TaskId> {
        let mut todo: Vec<TaskId> = sprint.tasks.iter().rev().copied().collect();
        let mut tasks = Vec::new();
        while let Some(id) = todo.pop() {
            let Some(view) = self.task(id) else { continue };
            todo.extend(view.spec.split_into().iter().rev());
            if !view.state.status.is_terminal() && !tasks.contains(&id) {
                tasks.push(id);
            }
        }
        tasks
    }

    /// The planned sprint that begins first.
    pub fn next_sprint(&self) -> Option<&Sprint> {
        let planned = self.sprints();
        planned
            .filter(|sprint| sprint.status == SprintStatus::Planned)
            .min_by_key(|sprint| (sprint.start, sprint.id))
    }

    /// The command line that plans a sprint.
    pub(in super::super) fn way_to_a_plan(&self) -> String {
        "sprint plan GOAL --start DAY --end DAY".to_owned()
    }

    /// The command line that brings a sprint nearer while none is active.
    pub(in super::super) fn way_to_a_sprint(&self) -> String {
        match self.next_sprint() {
            Some(sprint) => format!("sprint commit {}", sprint.id),
            None => self.way_to_a_plan(),
        }
    }
}
