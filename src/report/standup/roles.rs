//! The line of each role. A task counts for the role it falls to, else for the main role of the agent
//! that worked on it; roles with a parent speak in their parent's line.

use std::collections::BTreeMap;

use super::build::View;
use super::data::{DoneTask, EntryLine, OwedChecks, RoleLine, SessionNote, SilentAgent, Underway};
use super::underway::{beats_by_task, underway};
use super::{entries, sentence};
use crate::plan::Plan;
use crate::plan::event::{Event, SessionEnding};
use crate::plan::id::{RoleNo, TaskId};
use crate::plan::model::{Standup, Status};
use crate::report::data::{TaskRef, counted, cut};
use crate::report::waits::Waits;

/// The roles that speak first, in this order, whether they have something to say or not.
const FIRST: [&str; 4] = ["architect", "developer", "data", "devops"];
/// The role that speaks last.
pub(super) const LAST: &str = "coordinator";
/// The line of what falls to no role.
pub(super) const ANY: &str = "any";
/// How many ready tasks a line names.
const NEXT_MAX: usize = 3;
/// How many ready tasks are looked at to find those of a role that nobody has.
const NEXT_LOOKED_AT: usize = 200;

/// What is gathered for one line before it is put in words.
#[derive(Default)]
struct Group {
    roles: Vec<(RoleNo, String)>,
    title: String,
    agents: Vec<String>,
    done: Vec<DoneTask>,
    in_progress: Vec<Underway>,
    next: Vec<TaskId>,
    notes: Vec<SessionNote>,
    entries: Vec<EntryLine>,
}

/// The lines in speaking order.
pub(super) fn lines(view: &View<'_>, waits: &Waits<'_>, silent: &[SilentAgent]) -> Vec<RoleLine> {
    let mut groups = groups(view.plan);
    for agent in view.plan.agents().filter(|agent| !agent.retired) {
        let group = group_of(view.plan, agent.roles.first().copied());
        let agents = &mut groups.entry(group).or_default().agents;
        agents.push(agent.name.to_string());
    }
    gather_events(view, &mut groups);
    gather_underway(view, &mut groups);
    gather_next(view.plan, &mut groups);
    for (role, said) in entries::by_role(view) {
        let role = view.plan.resolve_role(&role).ok();
        let group = group_of(view.plan, role);
        groups.entry(group).or_default().entries.extend(said);
    }
    let without_agent = waits.roles_without_agent();
    let standup = entries::at_hand(view);
    let mut lines = Vec::new();
    for slug in speaking_order(view.plan) {
        let Some(group) = groups.remove(&slug) else {
            continue;
        };
        let always = FIRST.contains(&slug.as_str()) || slug == LAST;
        if always || group.says_something() || (slug != ANY && !group.agents.is_empty()) {
            lines.push(line(
                view.plan,
                slug,
                group,
                silent,
                standup,
                &without_agent,
            ));
        }
    }
    lines
}

impl Group {
    fn says_something(&self) -> bool {
        !(self.done.is_empty()
            && self.in_progress.is_empty()
            && self.next.is_empty()
            && self.notes.is_empty()
            && self.entries.is_empty())
    }
}

/// The slugs of the lines in the order they speak.
fn speaking_order(plan: &Plan) -> Vec<String> {
    let others = plan
        .roles()
        .iter()
        .map(|role| role.slug.as_str())
        .filter(|slug| !FIRST.contains(slug) && ![LAST, ANY].contains(slug));
    FIRST
        .into_iter()
        .chain(others)
        .chain([ANY, LAST])
        .map(str::to_owned)
        .collect()
}

/// An empty group for every line there may be.
fn groups(plan: &Plan) -> BTreeMap<String, Group> {
    let mut groups: BTreeMap<String, Group> = BTreeMap::new();
    for slug in FIRST.into_iter().chain([ANY, LAST]) {
        groups.entry(slug.to_owned()).or_default();
    }
    for (place, role) in (0..).zip(plan.roles()) {
        let no = RoleNo(place);
        let slug = group_of(plan, Some(no));
        let group = groups.entry(slug.clone()).or_default();
        if slug == role.slug {
            group.title.clone_from(&role.title);
        }
        group.roles.push((no, role.slug.clone()));
    }
    groups
}

/// The slug of the line a role speaks in: its most general parent's.
fn group_of(plan: &Plan, role: Option<RoleNo>) -> String {
    let Some(mut role) = role.and_then(|no| plan.role(no)) else {
        return ANY.to_owned();
    };
    // A catalogue is no deeper than it is long, so this ends even if parents form a circle.
    for _ in 0..plan.roles().len() {
        let parent = role
            .parent
            .as_deref()
            .and_then(|parent| plan.roles().iter().find(|other| other.slug == parent));
        match parent {
            Some(parent) => role = parent,
            None => break,
        }
    }
    role.slug.clone()
}

/// The line of a task worked on by an agent.
fn group_of_work(plan: &Plan, task: TaskId, agent: &str) -> String {
    let own = plan.task(task).and_then(|task| task.state.role);
    let role = own.or_else(|| {
        plan.agent(agent)
            .and_then(|agent| agent.roles.first().copied())
    });
    group_of(plan, role)
}

fn gather_events(view: &View<'_>, groups: &mut BTreeMap<String, Group>) {
    for recorded in view.events {
        let finished = match &recorded.event {
            Event::TaskCompleted(event) => Some((event.task, event.tests_passed_percent)),
            Event::TaskApproved(event) => Some((event.task, None)),
            _ => None,
        };
        if let Some((task, tests)) = finished {
            if let Some(done) = done(view, task, tests, recorded.version) {
                let group = group_of_work(view.plan, task, &done.agent);
                groups.entry(group).or_default().done.push(done);
            }
        } else if let Event::SessionEnded(event) = &recorded.event {
            let summary = &event.summary;
            let said = [&summary.done, &summary.blockers, &summary.next];
            let session = view.plan.session(event.session);
            if let Some(session) = session.filter(|_| said.iter().any(|text| !text.is_empty())) {
                let role = view
                    .plan
                    .agent(&session.agent)
                    .and_then(|agent| agent.roles.first().copied());
                let note = SessionNote {
                    session: event.session,
                    agent: session.agent.to_string(),
                    abandoned: event.ending == SessionEnding::Abandoned,
                    done: summary.done.to_string(),
                    blockers: summary.blockers.to_string(),
                    next: summary.next.to_string(),
                };
                let group = group_of(view.plan, role);
                groups.entry(group).or_default().notes.push(note);
            }
        }
    }
}

/// A completion that still stands: not one of a task that was reopened since.
fn done(
    view: &View<'_>,
    id: TaskId,
    tests_passed_percent: Option<u8>,
    version: u64,
) -> Option<DoneTask> {
    let task = view.plan.task(id)?;
    let completion = task
        .state
        .completion
        .as_deref()
        .filter(|completion| completion.version == version)
        .filter(|_| task.state.status == Status::Completed)?;
    Some(DoneTask {
        task: TaskRef::new(view.plan, id),
        agent: completion.agent.as_deref().unwrap_or_default().to_owned(),
        at: view.zone.moment(completion.at),
        summary: completion.summary.to_string(),
        held_ms: completion.held_ms,
        tests_passed_percent,
    })
}

fn gather_underway(view: &View<'_>, groups: &mut BTreeMap<String, Group>) {
    let beats = beats_by_task(view);
    for task in view.plan.live() {
        if let Some(held) = underway(view, task, &beats) {
            let group = group_of_work(view.plan, task.id, &held.agent);
            groups.entry(group).or_default().in_progress.push(held);
        }
    }
    for group in groups.values_mut() {
        let key = |held: &Underway| (held.since.at_ms, held.task.id);
        group.in_progress.sort_by_key(key);
    }
}

/// Ready tasks of each line: those its agents may claim; of a line without agents those that fall to its
/// roles. What falls to no role and is named nowhere else stands in the line of none.
fn gather_next(plan: &Plan, groups: &mut BTreeMap<String, Group>) {
    let role_of = |task: TaskId| plan.task(task).and_then(|task| task.state.role);
    let mut named: Vec<TaskId> = Vec::new();
    for (slug, group) in groups.iter_mut().filter(|(slug, _)| slug.as_str() != ANY) {
        // The general role first: its agents may claim the tasks of its children too.
        group.roles.sort_by_key(|(no, role)| (role != slug, *no));
        let staffed = !group.agents.is_empty();
        let wanted = if staffed { NEXT_MAX } else { NEXT_LOOKED_AT };
        for &(no, _) in &group.roles {
            if group.next.len() >= NEXT_MAX {
                break;
            }
            for task in plan.next_ready(Some(no), wanted) {
                let own = role_of(task).is_some_and(|role| group_of(plan, Some(role)) == *slug);
                if (staffed || own) && !group.next.contains(&task) {
                    group.next.push(task);
                }
            }
        }
        group.next.truncate(NEXT_MAX);
        named.extend(&group.next);
    }
    let of_none = plan
        .next_ready(None, NEXT_LOOKED_AT)
        .into_iter()
        .filter(|task| role_of(*task).is_none() && !named.contains(task))
        .take(NEXT_MAX);
    groups.entry(ANY.to_owned()).or_default().next = of_none.collect();
}

/// The post-checks these agents left open.
fn owed(plan: &Plan, agents: &[String]) -> Vec<OwedChecks> {
    let agents = agents.iter().filter_map(|name| plan.agent(name));
    let tasks = agents.flat_map(|agent| agent.owes.iter().map(|id| (&agent.name, *id)));
    let owed = tasks.filter_map(|(name, task)| {
        let done = plan.handed_over(task)?;
        let names = done.open_checks.iter();
        Some(OwedChecks {
            task,
            agent: name.to_string(),
            checks: names.map(|check| check.as_str().to_owned()).collect(),
        })
    });
    owed.collect()
}

fn line(
    plan: &Plan,
    role: String,
    group: Group,
    silent: &[SilentAgent],
    standup: Option<&Standup>,
    without_agent: &[&str],
) -> RoleLine {
    let roles: Vec<String> = group.roles.into_iter().map(|(_, slug)| slug).collect();
    let no_report = match standup {
        Some(standup) => entries::silent(standup, &group.agents),
        None => {
            let agents = group.agents.iter();
            let without = agents.filter(|&name| silent.iter().any(|silent| silent.agent == *name));
            without.cloned().collect()
        }
    };
    let tests_passed_percent = group
        .done
        .iter()
        .filter_map(|done| done.tests_passed_percent)
        .min();
    let (owed, _) = cut(owed(plan, &group.agents));
    let (done, done_total) = cut(group.done);
    let (in_progress, in_progress_total) = cut(group.in_progress);
    let (notes, notes_total) = cut(group.notes);
    let mut line = RoleLine {
        label: sentence::label(&role, &group.title),
        without_agent: roles
            .iter()
            .any(|slug| without_agent.contains(&slug.as_str())),
        role,
        roles,
        agents: group.agents,
        sentence: String::new(),
        done,
        done_total,
        in_progress,
        in_progress_total,
        next: TaskRef::all(plan, &group.next),
        tests_passed_percent,
        notes,
        notes_total,
        slots: Vec::new(),
        entries_total: counted(group.entries.len()),
        entries: group.entries,
        no_report,
        owed,
    };
    if standup.is_some() {
        line.slots = entries::slots(&line.role, &line.entries, |slot| {
            sentence::derived(&line, slot)
        });
    }
    line.entries.truncate(entries::KEPT_MAX);
    line.sentence = sentence::spoken(&line);
    line
}
