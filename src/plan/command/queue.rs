//! The blocked and the discovered queue: opened by holders and coordinators, settled by whoever may.

use super::super::bench::Bench;
use super::super::event::{
    BlockerEscalated, BlockerKind, BlockerOpened, BlockerResolved, DiscoveredTriaged, ReleaseCause,
    TaskDiscovered, TaskReleased, Triage,
};
use super::super::fact::Actor;
use super::super::id::{BlockerId, DiscoveredId, TaskId};
use super::super::model::{Blocker, Discovered, Status};
use super::super::refusal::{Reason, Refusal};
use super::super::state::Plan;
use super::lease::next_blocker;
use super::task::illegal;
use super::work::held_by_actor;
use super::{NewBlocker, NewDiscovered, NewTask, Verdict, session, task, text};

/// Tasks one blocker may name.
pub const TASKS_MAX: usize = 1_000;
/// Untriaged discovered tasks a project may have.
pub const UNTRIAGED_MAX: usize = 10_000;
/// Open blockers a project may have.
const OPEN_BLOCKERS_MAX: usize = 10_000;

pub fn open_blocker(bench: &mut Bench<'_>, blocker: &NewBlocker) -> Result<(), Refusal> {
    let by_agent = bench.facts.actor.agent().is_some();
    let held = if by_agent {
        Some(of_holder(bench, blocker)?)
    } else {
        None
    };
    let reason = text::required_long("reason", &blocker.reason)?;
    let owner = text::line("owner", &blocker.owner)?;
    let resolution_path = text::long("resolution_path", &blocker.resolution_path)?;
    if blocker.kind == BlockerKind::Failure {
        return Err(Refusal::field(
            "kind",
            "is FAILURE, which the daemon alone opens; release the task with a failure instead",
        ));
    }
    room_for_a_blocker(&bench.plan)?;
    let (tasks, phase) = match &held {
        Some((id, _)) => (vec![*id], None),
        None => targets(&bench.plan, blocker)?,
    };
    let id = next_blocker(&bench.plan);
    bench.record(BlockerOpened {
        blocker: id,
        kind: blocker.kind,
        tasks,
        phase,
        reason: reason.clone(),
        waits_for: None,
        owner,
        resolution_path,
        severity: blocker.severity,
        since_text: "".into(),
    });
    if let Some((task, fence)) = held.filter(|_| !blocker.keep_lease) {
        let reason = format!("blocked by {id}: {reason}").into();
        bench.record(TaskReleased {
            task,
            fence,
            cause: ReleaseCause::Blocked,
            reason,
        });
    }
    Ok(())
}

/// Refuses one more open blocker when there are as many as there may be.
pub fn room_for_a_blocker(plan: &Plan) -> Result<(), Refusal> {
    if plan.index.open_blockers.len() < OPEN_BLOCKERS_MAX {
        return Ok(());
    }
    Err(Refusal::new(
        Reason::LimitReached,
        format!("{OPEN_BLOCKERS_MAX} blockers are open, which is the limit"),
    )
    .fact("limit", OPEN_BLOCKERS_MAX)
    .next("blockers"))
}

/// The one task an agent may block: the one it holds, under its fence.
fn of_holder(bench: &mut Bench<'_>, blocker: &NewBlocker) -> Result<(TaskId, u64), Refusal> {
    let [task] = &blocker.tasks[..] else {
        return Err(Refusal::field("task", "must name the one task you hold"));
    };
    if !blocker.phase.is_empty() {
        return Err(Refusal::new(
            Reason::NotAllowed,
            "only a coordinator blocks a whole phase; name the task you hold",
        ));
    }
    let (id, lease) = held_by_actor(bench, task, blocker.fence)?;
    Ok((id, lease.fence))
}

fn targets(plan: &Plan, blocker: &NewBlocker) -> Result<(Vec<TaskId>, Option<String>), Refusal> {
    if blocker.tasks.len() > TASKS_MAX {
        return Err(Refusal::field(
            "tasks",
            format!("names more than {TASKS_MAX} tasks"),
        ));
    }
    let mut tasks = Vec::new();
    for written in &blocker.tasks {
        let id = plan.resolve_task(written)?;
        let status = plan.task(id).map(|view| view.state.status);
        if let Some(status) = status.filter(|status| status.is_terminal()) {
            return Err(illegal(id, status, "blocked"));
        }
        if !tasks.contains(&id) {
            tasks.push(id);
        }
    }
    let phase = match blocker.phase.trim() {
        "" => None,
        phase => Some(plan.phase_id(plan.resolve_phase(phase)?).to_owned()),
    };
    if tasks.is_empty() && phase.is_none() {
        return Err(Refusal::field("tasks", "is empty; name tasks or a phase"));
    }
    Ok((tasks, phase))
}

/// A blocker that is not settled.
pub fn open(plan: &Plan, id: BlockerId) -> Result<&Blocker, Refusal> {
    let blocker = plan.blocker(id).ok_or_else(|| {
        Refusal::new(
            Reason::BlockerNotFound,
            format!("no blocker {id} in this project"),
        )
        .next("blockers")
    })?;
    if blocker.status.is_open() {
        return Ok(blocker);
    }
    let how = blocker
        .resolution
        .as_ref()
        .map_or(String::new(), |(by, _, text)| {
            format!(" by {}: {text}", by.name())
        });
    Err(Refusal::new(
        Reason::IllegalTransition,
        format!("{id} is settled already{how}"),
    )
    .next("blockers"))
}

pub fn resolve_blocker(
    bench: &mut Bench<'_>,
    id: BlockerId,
    resolution: &str,
    withdraw: bool,
) -> Result<(), Refusal> {
    let blocker = open(&bench.plan, id)?;
    let actor = &bench.facts.actor;
    let opened = blocker.opened_by == *actor;
    let owns = actor.agent().is_some_and(|name| *name == blocker.owner);
    let for_coordinator = matches!(
        blocker.kind,
        BlockerKind::Inconsistency | BlockerKind::Input | BlockerKind::Failure
    );
    // Whoever fails a task for the last time does not unpark it, and whoever asked does not answer
    // (requirements 65, D.20).
    let takes_back = withdraw && opened && !for_coordinator;
    let allowed = actor.coordinates() || takes_back || (!withdraw && owns && !for_coordinator);
    if !allowed {
        let who = match (for_coordinator, blocker.owner.is_empty()) {
            (true, _) | (false, true) => "a coordinator".to_owned(),
            (false, false) => format!("{} or a coordinator", blocker.owner),
        };
        return Err(Refusal::new(
            Reason::NotAllowed,
            format!("{id} is settled by {who}; leave it to them, or escalate it"),
        )
        .fact("owner", &blocker.owner));
    }
    let resolution = if withdraw {
        text::long("resolution", resolution)?
    } else {
        text::required_long("resolution", resolution)?
    };
    settle_session(bench);
    bench.record(BlockerResolved {
        blocker: id,
        resolution,
        withdrawn: withdraw,
    });
    Ok(())
}

/// Takes back the open blockers that name nothing but finished or cancelled tasks.
pub fn withdraw_idle_blockers(bench: &mut Bench<'_>, task: TaskId, why: &str) {
    let over = |id: &TaskId| {
        bench
            .plan
            .task(*id)
            .is_some_and(|view| matches!(view.state.status, Status::Completed | Status::Cancelled))
    };
    let idle: Vec<BlockerId> = bench
        .plan
        .blockers_of(task)
        .filter(|blocker| blocker.status.is_open() && blocker.phase.is_none())
        .filter(|blocker| blocker.tasks.iter().all(over))
        .map(|blocker| blocker.id)
        .collect();
    for blocker in idle {
        bench.record(BlockerResolved {
            blocker,
            resolution: why.into(),
            withdrawn: true,
        });
    }
}

/// An agent's call belongs to its open session.
pub fn settle_session(bench: &mut Bench<'_>) {
    if let Some(name) = bench.facts.actor.agent() {
        bench.session = session::current(&bench.plan, name, None).ok().flatten();
    }
}

pub fn escalate_blocker(
    bench: &mut Bench<'_>,
    id: BlockerId,
    reason: &str,
    owner: &str,
) -> Result<(), Refusal> {
    let blocker = open(&bench.plan, id)?;
    let actor = &bench.facts.actor;
    let concerned = blocker.opened_by == *actor || actor.agent() == Some(&blocker.owner);
    if !actor.coordinates() && !concerned {
        return Err(Refusal::new(
            Reason::NotAllowed,
            format!(
                "{id} is escalated by who opened it, its owner or a coordinator; ask one of them"
            ),
        ));
    }
    let reason = text::required_long("reason", reason)?;
    let owner = text::line("owner", owner)?;
    settle_session(bench);
    bench.record(BlockerEscalated {
        blocker: id,
        reason,
        owner,
    });
    Ok(())
}

pub fn report_discovered(bench: &mut Bench<'_>, found: &NewDiscovered) -> Result<(), Refusal> {
    if bench.plan.index.untriaged.len() >= UNTRIAGED_MAX {
        return Err(Refusal::new(
            Reason::LimitReached,
            format!("{UNTRIAGED_MAX} discovered tasks wait for triage, which is the limit"),
        )
        .fact("limit", UNTRIAGED_MAX)
        .next("triage"));
    }
    settle_session(bench);
    let found_on = match found.found_on.trim() {
        "" => only_held(&bench.plan, &bench.facts.actor),
        written => Some(bench.plan.resolve_task(written)?),
    };
    let suggested_phase = match found.suggested_phase.trim() {
        "" => None,
        phase => Some(
            bench
                .plan
                .phase_id(bench.plan.resolve_phase(phase)?)
                .to_owned(),
        ),
    };
    let event = TaskDiscovered {
        discovered: next_discovered(&bench.plan),
        title: text::required_line("title", &found.title)?,
        notes: text::long("notes", &found.notes)?,
        priority: text::priority(found.priority)?,
        area: text::line("area", &found.area)?,
        found_on,
        found_in_text: "".into(),
        suggested_phase,
    };
    bench.record(event);
    Ok(())
}

/// The next discovered task's id.
pub fn next_discovered(plan: &Plan) -> DiscoveredId {
    DiscoveredId(plan.discovered.last().map_or(1, |(id, _)| id.0 + 1))
}

fn only_held(plan: &Plan, actor: &Actor) -> Option<TaskId> {
    match plan.agent(actor.agent()?)?.holds[..] {
        [only] => Some(only),
        _ => None,
    }
}

/// A discovered task.
pub fn discovered(plan: &Plan, id: DiscoveredId) -> Result<&Discovered, Refusal> {
    plan.discovered_task(id).ok_or_else(|| {
        let message = format!("no discovered task {id} in this project");
        Refusal::new(Reason::DiscoveredNotFound, message).next("triage")
    })
}

/// What became of a discovered task, in words.
pub fn word_for(triage: &Triage) -> String {
    match triage {
        Triage::Promoted(task) => format!("promoted to {task}"),
        Triage::Rejected => "rejected".to_owned(),
        Triage::Duplicate(other) => format!("marked as a duplicate of {other}"),
        Triage::Deferred => "deferred".to_owned(),
    }
}

pub fn triage(
    bench: &mut Bench<'_>,
    id: DiscoveredId,
    verdict: &Verdict,
    note: &str,
) -> Result<(), Refusal> {
    let found = discovered(&bench.plan, id)?.clone();
    let note = text::long("note", note)?;
    if let Some(triage) = found
        .triage
        .as_ref()
        .filter(|triage| **triage != Triage::Deferred)
    {
        let word = word_for(triage);
        return Err(Refusal::new(
            Reason::IllegalTransition,
            format!("{id} was {word} already; what was triaged stays, report it anew if need be"),
        )
        .item(id, word)
        .next("triage"));
    }
    let triage = match verdict {
        Verdict::Defer => Triage::Deferred,
        Verdict::Reject => Triage::Rejected,
        Verdict::Duplicate(other) => Triage::Duplicate(twin(&bench.plan, id, other)?),
        Verdict::Promote {
            phase,
            role,
            priority,
            estimate,
            dependencies,
        } => {
            let suggested = found
                .suggested_phase
                .map(|no| bench.plan.phase_id(no).to_owned());
            let phase = if phase.trim().is_empty() {
                suggested.unwrap_or_default()
            } else {
                phase.clone()
            };
            let new = NewTask {
                title: found.title.to_string(),
                phase,
                area: found.area.to_string(),
                role: role.clone(),
                priority: Some(priority.unwrap_or(found.priority)),
                estimate: *estimate,
                notes: found.notes.to_string(),
                dependencies: dependencies.clone(),
                ..NewTask::default()
            };
            let ids = task::assign_ids(&bench.plan, [""].into_iter())?;
            let mut added = Vec::new();
            for promoted in &ids {
                added.push(task::admit(&bench.plan, &new, *promoted, &ids, Some(id))?);
            }
            task::record(bench, added)?;
            let promoted = ids[0];
            bench.plan.check_whole()?;
            Triage::Promoted(promoted)
        }
    };
    bench.record(DiscoveredTriaged {
        discovered: id,
        triage,
        note,
    });
    Ok(())
}

/// What a discovered task is a duplicate of: another one, or a task.
fn twin(plan: &Plan, id: DiscoveredId, written: &str) -> Result<String, Refusal> {
    if let Ok(other) = written.trim().parse::<DiscoveredId>() {
        if other == id {
            return Err(Refusal::field(
                "duplicate_of",
                "names the discovered task itself",
            ));
        }
        if plan.discovered_task(other).is_none() {
            return Err(Refusal::new(
                Reason::DiscoveredNotFound,
                format!("no discovered task {other} in this project"),
            )
            .next("triage"));
        }
        return Ok(other.to_string());
    }
    plan.resolve_task(written).map(|task| task.to_string())
}
