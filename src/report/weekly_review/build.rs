//! Puts the weekly review together from its parts.

use super::WeeklyInput;
use super::data::{Attendee, RoleNext, WeeklyReview};
use crate::plan::Plan;
use crate::plan::workflow::COORDINATOR;
use crate::report::data::{ProjectRef, TaskRef, counted, cut, window, zone_of};
use crate::report::marks::Marks;
use crate::report::milestones::Milestones;
use crate::report::progress::{
    ForecastEnd, Overall, done_by_phase, paces, phases, roles, title_of,
};
use crate::report::risks::Risks;
use crate::report::sprint::SprintProgress;
use crate::report::standup::data::{Change, ChangeKind, Changes};
use crate::report::standup::{View, changes};
use crate::report::waits::Waits;

/// How many ready tasks of a role are named.
const NEXT_MAX: usize = 5;

/// Makes the weekly review.
pub fn build(input: WeeklyInput<'_>) -> WeeklyReview {
    let WeeklyInput {
        plan,
        events,
        since,
        now,
        forecast,
        attendees,
        head,
    } = input;
    let zone = zone_of(plan);
    let done = done_by_phase(plan, since, now);
    let (decided, scope) = told(changes(&View {
        plan,
        zone: &zone,
        events: window(events, since, now),
        since,
        now,
        beats: None,
    }));
    let waits = Waits::of(plan, &zone, now);
    let (decisions, decisions_total) = waits.decisions_where(|_| true);
    let (attendees, attendees_total) = cut(self::attendees(plan, attendees));
    let phases = phases(plan, &zone, now, &done, forecast);
    let phases_late = counted(phases.iter().filter(|phase| phase.is_late()).count());
    let (phases, phases_total) = cut(phases);
    let (roles, roles_total) = cut(roles(plan, since, now));
    let (next, next_total) = cut(next(plan));
    let (decided, decided_total) = decided;
    WeeklyReview {
        project: ProjectRef::new(plan, &zone),
        since: zone.moment(since),
        now: zone.moment(now),
        window_ms: now.since_ms(since),
        attendees,
        attendees_total,
        overall: Overall::of(plan, &done),
        sprint: SprintProgress::of(plan, &zone, now),
        forecast: ForecastEnd::of(plan, &zone, now, forecast),
        phases,
        phases_total,
        phases_late,
        roles,
        roles_total,
        paces: paces(plan, &zone, since, now),
        overall_hundredths: plan.velocity().hundredths(),
        milestones: Milestones::of(plan, &zone, since, now, forecast),
        risks: Risks::of(plan, &zone, since, now),
        marks: Marks::of(plan, &zone),
        decided,
        decided_total,
        decisions,
        decisions_total,
        scope,
        next,
        next_total,
        head,
    }
}

/// Decisions made with their number, and what else changed in what is to be done.
fn told(changes: Vec<Changes>) -> ((Vec<Change>, u32), Vec<Changes>) {
    let mut decided = (Vec::new(), 0);
    let mut scope = Vec::new();
    for change in changes {
        match change.kind {
            ChangeKind::Decided => decided = (change.items, change.total),
            ChangeKind::Imported
            | ChangeKind::Added
            | ChangeKind::Promoted
            | ChangeKind::Discovered
            | ChangeKind::Deferred
            | ChangeKind::Reinstated
            | ChangeKind::Cancelled
            | ChangeKind::Reopened
            | ChangeKind::Split
            | ChangeKind::PhaseAdded
            | ChangeKind::PhaseSkipped
            | ChangeKind::PhaseReopened => scope.push(change),
            ChangeKind::Project
            | ChangeKind::Triaged
            | ChangeKind::Edited
            | ChangeKind::Expired
            | ChangeKind::Review
            | ChangeKind::Failed
            | ChangeKind::Revoked
            | ChangeKind::Unblocked
            | ChangeKind::CriterionMet
            | ChangeKind::PhaseCompleted
            | ChangeKind::PhaseOpened
            | ChangeKind::PhaseOverridden
            | ChangeKind::Deliverable
            | ChangeKind::Milestone
            | ChangeKind::Sprint
            | ChangeKind::Assignment
            | ChangeKind::RoleTime
            | ChangeKind::Risk
            | ChangeKind::Integration
            | ChangeKind::Rollout
            | ChangeKind::Workflow
            | ChangeKind::GateDefined
            | ChangeKind::GateRun
            | ChangeKind::Joined
            | ChangeKind::Left => {}
        }
    }
    (decided, scope)
}

/// The roles that attend: those that were named, else every role that somebody has and the coordinator.
fn attendees(plan: &Plan, named: &[String]) -> Vec<Attendee> {
    let of = |role: &str, title: &str| {
        let here = plan.agents().filter(|agent| !agent.retired);
        let own = here.filter(|agent| {
            let mut roles = agent.roles.iter();
            roles.any(|no| plan.role_slug(Some(*no)) == role)
        });
        let (agents, agents_total) = cut(own.map(|agent| agent.name.to_string()).collect());
        Attendee {
            role: role.to_owned(),
            title: title.to_owned(),
            agents,
            agents_total,
        }
    };
    if named.is_empty() {
        let others = plan.roles().iter().filter(|role| role.slug != COORDINATOR);
        let others = others.map(|role| of(&role.slug, &role.title));
        let mut all: Vec<Attendee> = others.filter(|it| it.agents_total > 0).collect();
        all.push(of(COORDINATOR, "Coordinator"));
        return all;
    }
    let each = named.iter().map(|role| {
        let known = plan.roles().iter().find(|known| known.slug == *role);
        of(role, known.map_or(role, |known| &known.title))
    });
    each.collect()
}

/// Roles with ready tasks, in the order of the catalogue.
fn next(plan: &Plan) -> Vec<RoleNext> {
    let rows = plan.outlook(NEXT_MAX).roles.into_iter();
    let rows = rows.filter(|row| row.ready > 0).map(|row| RoleNext {
        role: plan.role_slug(row.role).to_owned(),
        title: title_of(plan, row.role),
        ready: row.ready,
        tasks: TaskRef::all(plan, &row.ready_tasks),
        agents: row.agents,
    });
    rows.collect()
}
