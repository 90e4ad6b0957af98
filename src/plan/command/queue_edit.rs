//! What waits for somebody, corrected while it waits: an open blocker, an open decision, a discovered task before
//! its triage. What is settled stays as it was settled.

use super::super::bench::Bench;
use super::super::event::{BlockerKind, BlockerUpdated, DecisionUpdated, DiscoveredUpdated};
use super::super::id::{BlockerId, DecisionId, DiscoveredId, TaskId};
use super::super::model::Blocker;
use super::super::refusal::{Reason, Refusal};
use super::super::state::Plan;
use super::decision::{NAMED_MAX, holdable, undecided};
use super::queue::{self, TASKS_MAX, settle_session};
use super::task::illegal;
use super::{BlockerChanges, DecisionChanges, DiscoveredChanges, text};

pub fn blocker(
    bench: &mut Bench<'_>,
    id: BlockerId,
    changes: &BlockerChanges,
) -> Result<(), Refusal> {
    let plan = &bench.plan;
    let blocker = queue::open(plan, id)?;
    let (added, removed) = (&changes.tasks_added, &changes.tasks_removed);
    if !(added.is_empty() && removed.is_empty()) {
        not_parked(blocker)?;
    }
    let tasks_removed = taken_out(plan, removed, &blocker.tasks)?;
    let left = blocker.tasks.len() - tasks_removed.len();
    let tasks_added = put_in(plan, added, &blocker.tasks, left, TASKS_MAX)?;
    if let Some(on) = blocker.waits_for.filter(|on| tasks_added.contains(on)) {
        let itself = format!("names {on}, which {id} waits for itself");
        return Err(Refusal::field("tasks_added", itself));
    }
    let path = changes.resolution_path.as_deref();
    let path = path.map(|it| text::long("resolution_path", it));
    let owner = changes.owner.as_deref().map(|it| text::line("owner", it));
    let event = BlockerUpdated {
        blocker: id,
        tasks_added,
        tasks_removed,
        severity: changes.severity.filter(|it| *it != blocker.severity),
        resolution_path: path
            .transpose()?
            .filter(|it| *it != blocker.resolution_path),
        owner: owner.transpose()?.filter(|it| *it != blocker.owner),
    };
    let nothing = event.tasks_added.is_empty()
        && event.tasks_removed.is_empty()
        && event.severity.is_none()
        && event.resolution_path.is_none()
        && event.owner.is_none();
    something(!nothing)?;
    bench.record(event);
    Ok(())
}

/// What a failure parks is no question of words: settling it is what gives the task another try.
fn not_parked(blocker: &Blocker) -> Result<(), Refusal> {
    if blocker.kind != BlockerKind::Failure {
        return Ok(());
    }
    let id = blocker.id;
    let message = format!("{id} parks a task whose attempts failed; settle it to let that go on");
    Err(Refusal::new(Reason::IllegalTransition, message)
        .next(format!("blockers resolve {id} --resolution …")))
}

pub fn decision(
    bench: &mut Bench<'_>,
    id: DecisionId,
    changes: &DecisionChanges,
) -> Result<(), Refusal> {
    let plan = &bench.plan;
    let decision = undecided(plan, id)?;
    let tasks_removed = taken_out(plan, &changes.tasks_removed, &decision.blocks)?;
    let left = decision.blocks.len() - tasks_removed.len();
    let tasks_added = put_in(
        plan,
        &changes.tasks_added,
        &decision.blocks,
        left,
        NAMED_MAX,
    )?;
    let held = decision.phases.iter().map(|no| plan.phase_id(*no));
    let held: Vec<&str> = held.collect();
    let mut phases_removed: Vec<String> = Vec::new();
    for written in &changes.phases_removed {
        let phase = plan.phase_id(plan.resolve_phase(written)?).to_owned();
        if !held.contains(&phase.as_str()) {
            let absent = format!("names phase {phase}, which does not wait for {id}");
            return Err(Refusal::field("phases_removed", absent));
        }
        if !phases_removed.contains(&phase) {
            phases_removed.push(phase);
        }
    }
    let mut phases_added: Vec<String> = Vec::new();
    for written in &changes.phases_added {
        let phase = holdable(plan, written)?;
        if !held.contains(&phase.as_str()) && !phases_added.contains(&phase) {
            phases_added.push(phase);
        }
    }
    room("phases_added", held.len() + phases_added.len(), NAMED_MAX)?;
    let question = changes.question.as_deref();
    let question = question.map(|it| text::required_long("question", it));
    let options = changes.options.as_deref();
    let options = options.map(|it| text::list("options", it)).transpose()?;
    let event = DecisionUpdated {
        decision: id,
        question: question.transpose()?.filter(|it| *it != decision.question),
        options: options.filter(|it| it[..] != decision.options[..]),
        tasks_added,
        tasks_removed,
        phases_added,
        phases_removed,
    };
    let nothing = event.question.is_none()
        && event.options.is_none()
        && event.tasks_added.is_empty()
        && event.tasks_removed.is_empty()
        && event.phases_added.is_empty()
        && event.phases_removed.is_empty();
    something(!nothing)?;
    bench.record(event);
    Ok(())
}

pub fn discovered(
    bench: &mut Bench<'_>,
    id: DiscoveredId,
    changes: &DiscoveredChanges,
) -> Result<(), Refusal> {
    let found = queue::discovered(&bench.plan, id)?;
    let actor = &bench.facts.actor;
    if found.found_by != *actor && !actor.coordinates() {
        let message = format!(
            "{id} was reported by {}; only they or a coordinator change its words",
            found.found_by.name()
        );
        return Err(Refusal::new(Reason::NotAllowed, message));
    }
    if let Some(triage) = &found.triage {
        let word = queue::word_for(triage);
        let message = format!("{id} was {word} already; its words stay");
        return Err(Refusal::new(Reason::IllegalTransition, message)
            .item(id, word)
            .next("triage"));
    }
    let title = changes.title.as_deref();
    let title = title.map(|it| text::required_line("title", it));
    let notes = changes.notes.as_deref().map(|it| text::long("notes", it));
    let area = changes.area.as_deref().map(|it| text::line("area", it));
    let priority = changes.priority.map(|it| text::priority(Some(it)));
    let event = DiscoveredUpdated {
        discovered: id,
        title: title.transpose()?.filter(|it| *it != found.title),
        notes: notes.transpose()?.filter(|it| *it != found.notes),
        priority: priority.transpose()?.filter(|it| *it != found.priority),
        area: area.transpose()?.filter(|it| *it != found.area),
    };
    let nothing = event.title.is_none()
        && event.notes.is_none()
        && event.priority.is_none()
        && event.area.is_none();
    something(!nothing)?;
    settle_session(bench);
    bench.record(event);
    Ok(())
}

/// Tasks that are named already and are to be so no more.
fn taken_out(plan: &Plan, written: &[String], named: &[TaskId]) -> Result<Vec<TaskId>, Refusal> {
    let mut tasks = Vec::new();
    for text in written {
        let id = plan.resolve_task(text)?;
        if !named.contains(&id) {
            let absent = format!("names {id}, which is not among what is held up");
            return Err(Refusal::field("tasks_removed", absent));
        }
        if !tasks.contains(&id) {
            tasks.push(id);
        }
    }
    Ok(tasks)
}

/// Open tasks that are not named yet and are to be so, as far as there is room beside those that stay.
fn put_in(
    plan: &Plan,
    written: &[String],
    named: &[TaskId],
    staying: usize,
    most: usize,
) -> Result<Vec<TaskId>, Refusal> {
    room("tasks_added", written.len(), most)?;
    let mut tasks = Vec::new();
    for text in written {
        let id = plan.resolve_task(text)?;
        let status = plan.task(id).map(|view| view.state.status);
        if let Some(status) = status.filter(|status| status.is_terminal()) {
            return Err(illegal(id, status, "blocked"));
        }
        if !named.contains(&id) && !tasks.contains(&id) {
            tasks.push(id);
        }
    }
    if !tasks.is_empty() {
        room("tasks_added", staying + tasks.len(), most)?;
    }
    Ok(tasks)
}

fn room(field: &str, count: usize, most: usize) -> Result<(), Refusal> {
    if count <= most {
        return Ok(());
    }
    let description = format!("makes it {count}; at most {most} are taken");
    Err(Refusal::field(field, description).fact("limit", most))
}

fn something(is_there: bool) -> Result<(), Refusal> {
    if is_there {
        return Ok(());
    }
    Err(Refusal::field("update_mask", "names nothing to change"))
}
