//! Milestones: stated, ticked, reached or missed on a coordinator's word; and reached by themselves with
//! the last thing they wait for.

use std::collections::BTreeSet;

use super::super::apply::links_of;
use super::super::bench::Bench;
use super::super::day::Day;
use super::super::event::{
    Due, Event, Links, MilestoneAdded, MilestoneMissed, MilestoneReached, MilestoneTicked,
    MilestoneUpdated, TaskApproved, TaskCompleted,
};
use super::super::id::{MilestoneId, TaskId};
use super::super::model::{Milestone, MilestoneStatus, PhaseState};
use super::super::read::LINE_MAX;
use super::super::refusal::{Reason, Refusal};
use super::super::state::{Link, Plan};
use super::{LinksRef, MilestoneChanges, NewMilestone, text};

/// Milestones a project may have.
const MILESTONES_MAX: usize = 1_000;
/// The last week of a project.
const WEEKS_MAX: u32 = 10_000;

pub fn add(bench: &mut Bench<'_>, new: &NewMilestone) -> Result<(), Refusal> {
    if bench.plan.milestones.len() >= MILESTONES_MAX {
        return Err(Refusal::new(
            Reason::LimitReached,
            format!("the project has {MILESTONES_MAX} milestones, which is the limit; nothing can be added"),
        )
        .fact("limit", MILESTONES_MAX));
    }
    let newest = bench.plan.milestones.last();
    bench.record(MilestoneAdded {
        milestone: MilestoneId(newest.map_or(1, |(id, _)| id.0 + 1)),
        name: text::required_line("name", &new.name)?,
        kind: new.kind,
        due: new.due.map(|due| in_order(&bench.plan, due)).transpose()?,
        checklist: text::list("checklist", &new.checklist)?,
        links: links(&bench.plan, &new.links)?,
    });
    Ok(())
}

/// A due date that is not before the project begins.
fn in_order(plan: &Plan, due: Due) -> Result<Due, Refusal> {
    let start = plan.start_date();
    match due {
        Due::Week(week) if !(1..=WEEKS_MAX).contains(&week) => Err(Refusal::field(
            "due.week",
            format!("is {week}; weeks are counted from 1 to {WEEKS_MAX}"),
        )),
        Due::Day(day) if start.is_some_and(|start| day < start) => {
            let start = start.map_or_else(String::new, |start| start.to_string());
            Err(Refusal::field(
                "due.date",
                format!("is {day}, before the project begins on {start}"),
            ))
        }
        Due::Day(_) | Due::Week(_) => Ok(due),
    }
}

/// What a milestone is to stand for; each thing once.
fn links(plan: &Plan, written: &LinksRef) -> Result<Links, Refusal> {
    let limit = text::LIST_MAX;
    let lists = [
        ("phases", written.phases.len()),
        ("tasks", written.tasks.len()),
        ("deliverables", written.deliverables.len()),
    ];
    if let Some((field, count)) = lists.iter().find(|(_, count)| *count > limit) {
        let many = format!("has {count} entries; at most {limit} are taken");
        return Err(Refusal::field(field, many).fact("limit", limit));
    }
    let mut links = Links::default();
    for phase in &written.phases {
        let id = plan.phase_id(plan.resolve_phase(phase)?).to_owned();
        push_once(&mut links.phases, id);
    }
    for task in &written.tasks {
        push_once(&mut links.tasks, plan.resolve_task(task)?);
    }
    for id in &written.deliverables {
        super::deliverable::found(plan, *id)?;
        push_once(&mut links.deliverables, *id);
    }
    Ok(links)
}

fn push_once<T: PartialEq>(list: &mut Vec<T>, entry: T) {
    if !list.contains(&entry) {
        list.push(entry);
    }
}

/// The milestone, while it is ahead.
fn ahead<'a>(plan: &'a Plan, id: MilestoneId, step: &str) -> Result<&'a Milestone, Refusal> {
    let Some(milestone) = plan.milestone(id) else {
        return Err(Refusal::new(
            Reason::MilestoneNotFound,
            format!("no milestone {id} in this project"),
        )
        .item(id, "does not exist")
        .next("milestone list"));
    };
    if milestone.status == MilestoneStatus::Pending {
        return Ok(milestone);
    }
    let status = milestone.status.as_str();
    Err(Refusal::new(
        Reason::IllegalTransition,
        format!("{id} is {status} and can no longer be {step}; what was settled stays"),
    )
    .item(id, status)
    .next("milestone list --all"))
}

pub fn update(
    bench: &mut Bench<'_>,
    id: MilestoneId,
    changes: &MilestoneChanges,
) -> Result<(), Refusal> {
    let milestone = ahead(&bench.plan, id, "changed")?;
    if *changes == MilestoneChanges::default() {
        return Err(Refusal::field("update_mask", "names nothing to change"));
    }
    let items = milestone.checklist.len() + changes.checklist_added.len();
    if items > text::LIST_MAX {
        let limit = text::LIST_MAX;
        return Err(Refusal::new(
            Reason::LimitReached,
            format!(
                "a milestone has at most {limit} items to tick, not {items}; put some into one"
            ),
        )
        .fact("limit", limit));
    }
    let name = changes.name.as_deref();
    let name = name.map(|name| text::required_line("name", name));
    let due = changes.due.map(|due| in_order(&bench.plan, due));
    let stands_for = changes.links.as_ref();
    let stands_for = stands_for.map(|written| links(&bench.plan, written));
    bench.record(MilestoneUpdated {
        milestone: id,
        name: name.transpose()?,
        kind: changes.kind,
        due: due.transpose()?,
        checklist_added: text::list("checklist", &changes.checklist_added)?,
        links: stands_for.transpose()?,
    });
    Ok(())
}

pub fn tick(bench: &mut Bench<'_>, id: MilestoneId, item: u32) -> Result<(), Refusal> {
    let milestone = ahead(&bench.plan, id, "ticked")?;
    let count = milestone.checklist.len();
    let place = (item as usize).checked_sub(1);
    match place.and_then(|place| milestone.checklist.get(place)) {
        None => Err(Refusal::new(
            Reason::CriterionNotFound,
            format!("{id} has {count} items to tick, and no number {item}"),
        )
        .next("milestone list")),
        Some(found) if found.ticked.is_some() => Err(Refusal::new(
            Reason::IllegalTransition,
            format!("item {item} of {id} is ticked already; there is nothing to do"),
        )
        .next("milestone list")),
        Some(_) => {
            bench.record(MilestoneTicked {
                milestone: id,
                item,
            });
            Ok(())
        }
    }
}

pub fn reach(bench: &mut Bench<'_>, id: MilestoneId, note: &str) -> Result<(), Refusal> {
    ahead(&bench.plan, id, "reached")?;
    let note = text::required_long("note", note)?;
    bench.record(MilestoneReached {
        milestone: id,
        note,
    });
    Ok(())
}

pub fn miss(bench: &mut Bench<'_>, id: MilestoneId, reason: &str) -> Result<(), Refusal> {
    ahead(&bench.plan, id, "missed")?;
    let reason = text::required_long("reason", reason)?;
    bench.record(MilestoneMissed {
        milestone: id,
        reason,
    });
    Ok(())
}

/// Records, in the same append, the milestones whose last condition came true with what was recorded.
pub fn reach_those_done(bench: &mut Bench<'_>) {
    if bench.plan.index.milestones_ahead.is_empty() {
        return;
    }
    let mut concerned = BTreeSet::new();
    for recorded in &bench.events {
        bench.plan.concerned_by(&recorded.event, &mut concerned);
    }
    for milestone in concerned {
        if bench.plan.has_all_it_waits_for(milestone) {
            bench.record(MilestoneReached {
                milestone,
                note: "".into(),
            });
        }
    }
}

impl Plan {
    /// The day a milestone is due; none when nothing is said, or a week while the project has no start
    /// date.
    pub fn due_day(&self, milestone: &Milestone) -> Option<Day> {
        match milestone.due? {
            Due::Day(day) => Some(day),
            Due::Week(week) => self.start_date()?.end_of_week(week),
        }
    }

    /// Whether something a milestone may wait for is done.
    fn is_done(&self, link: Link) -> bool {
        match link {
            Link::Phase(no) => self
                .phase(no)
                .is_some_and(|phase| phase.state == PhaseState::Completed),
            Link::Task(id) => self.is_completed_with_its_parts(id),
            Link::Deliverable(id) => self
                .deliverable(id)
                .is_some_and(|it| it.status == super::super::model::DeliverableStatus::Accepted),
        }
    }

    /// Whether a task is completed, or all the parts that stand in its place are.
    fn is_completed_with_its_parts(&self, id: TaskId) -> bool {
        let mut todo = vec![id];
        while let Some(id) = todo.pop() {
            let Some(view) = self.task(id) else {
                return false;
            };
            match view.spec.split_into() {
                [] if self.is_completed(id) => {}
                [] => return false,
                parts => todo.extend(parts),
            }
        }
        true
    }

    /// Whether all that a milestone ahead is linked to is done.
    pub fn has_its_links(&self, milestone: &Milestone) -> bool {
        links_of(milestone).all(|link| self.is_done(link))
    }

    /// Whether a milestone is ahead and nothing is left that it waits for.
    pub(in super::super) fn has_all_it_waits_for(&self, id: MilestoneId) -> bool {
        self.milestone(id).is_some_and(|milestone| {
            milestone.status == MilestoneStatus::Pending
                && milestone.stands_for_something()
                && milestone.checklist.iter().all(|item| item.ticked.is_some())
                && self.has_its_links(milestone)
        })
    }

    /// The milestones ahead that an event may have been the last condition of.
    fn concerned_by(&self, event: &Event, found: &mut BTreeSet<MilestoneId>) {
        match event {
            Event::MilestoneAdded(added) => drop(found.insert(added.milestone)),
            Event::MilestoneUpdated(updated) => drop(found.insert(updated.milestone)),
            Event::MilestoneTicked(ticked) => drop(found.insert(ticked.milestone)),
            Event::TaskCompleted(TaskCompleted { task, .. })
            | Event::TaskApproved(TaskApproved { task, .. }) => {
                for id in self.line_of(*task).take(LINE_MAX) {
                    found.extend(self.milestones_on(Link::Task(id)));
                }
            }
            Event::PhaseCompleted(completed) => {
                let no = self.phase_no(&completed.phase);
                found.extend(
                    no.into_iter()
                        .flat_map(|no| self.milestones_on(Link::Phase(no))),
                );
            }
            Event::DeliverableAccepted(accepted) => {
                found.extend(self.milestones_on(Link::Deliverable(accepted.deliverable)));
            }
            _ => {}
        }
    }
}
