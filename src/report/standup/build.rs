//! Puts the standup together from its parts.

use std::sync::Arc;

use super::data::{Beats, LeaseBeat, ReviewWaiting, Staleness, Standup, Totals};
use super::{BeatFacts, StandupInput, changes, entries, roles, sentence, silence};
use crate::plan::Plan;
use crate::plan::event::Recorded;
use crate::plan::time::Timestamp;
use crate::report::data::{PhaseRef, ProjectRef, TaskRef, cut, window, zone_of};
use crate::report::dates::late_phases;
use crate::report::marks::Marks;
use crate::report::sprint::SprintProgress;
use crate::report::waits::Waits;
use crate::report::workflow::open_runs;
use crate::report::zone::Zone;

/// What every part of the standup looks at.
pub(in crate::report) struct View<'a> {
    pub(in crate::report) plan: &'a Plan,
    pub(in crate::report) zone: &'a Zone,
    /// The events of the window, in order.
    pub(in crate::report) events: &'a [Arc<Recorded>],
    pub(in crate::report) since: Timestamp,
    pub(in crate::report) now: Timestamp,
    pub(in crate::report) beats: Option<&'a BeatFacts>,
}

/// Makes the standup.
pub fn build(input: StandupInput<'_>) -> Standup {
    let StandupInput {
        plan,
        events,
        since,
        now,
        beats,
        head,
    } = input;
    let zone = zone_of(plan);
    let view = View {
        plan,
        zone: &zone,
        events: window(events, since, now),
        since,
        now,
        beats: beats.as_ref(),
    };
    let waits = Waits::of(plan, &zone, now);
    let (blockers, blockers_total) = waits.blockers();
    let (decisions, decisions_total) = waits.decisions();
    let (reviews, reviews_total) = cut(under_review(&view));
    let (gating, gating_total) = cut(waits.gating());
    let (inbox, inbox_total) = cut(waits.inbox());
    let silent = silence::silent(&view);
    let mut roles = roles::lines(&view, &waits, &silent);
    if let Some(last) = roles.last_mut().filter(|line| line.role == roles::LAST) {
        sentence::coordinator(last, blockers.first(), blockers_total, &waits);
    }
    let (silent, silent_total) = cut(silent);
    let (workflows, workflows_total) = cut(open_runs(plan, now));
    let (late, late_total) = cut(late_phases(plan, &zone, now));
    let done_in_window = roles.iter().map(|line| line.done_total).sum();
    Standup {
        project: ProjectRef::new(plan, &zone),
        since: zone.moment(since),
        now: zone.moment(now),
        window_ms: now.since_ms(since),
        totals: totals(plan, done_in_window),
        sprint: SprintProgress::of(plan, &zone, now),
        workflows,
        workflows_total,
        late,
        late_total,
        meeting: entries::meeting(&view),
        roles,
        blockers,
        blockers_total,
        decisions,
        decisions_total,
        reviews,
        reviews_total,
        gating,
        gating_total,
        changes: changes::changes(&view),
        silent,
        silent_total,
        marks: Marks::of(plan, &zone),
        inbox,
        inbox_total,
        beats: beats.map(|facts| kept(&facts, &zone)),
        head,
    }
}

/// Work that waits for a review, the longest waiting first.
fn under_review(view: &View<'_>) -> Vec<ReviewWaiting> {
    let roles = view
        .plan
        .project()
        .map_or(&[] as &[String], |it| &it.settings.reviewing_roles);
    let waiting = view.plan.reviews().map(|(id, review)| {
        let age_ms = view.now.since_ms(review.at);
        ReviewWaiting {
            task: TaskRef::new(view.plan, id),
            author: review.author.to_string(),
            since: view.zone.moment(review.at),
            age_ms,
            staleness: Staleness::of(age_ms),
            reviewers: roles.to_vec(),
        }
    });
    let mut waiting: Vec<ReviewWaiting> = waiting.collect();
    waiting.sort_by_key(|it| it.since.at_ms);
    waiting
}

fn totals(plan: &Plan, done_in_window: u32) -> Totals {
    let total = plan.total();
    Totals {
        counted: total.counted(),
        completed: total.completed,
        percent: total.percent(),
        in_progress: total.claimed + total.in_progress + total.in_review,
        blocked: plan.held_up(),
        deferred: total.deferred,
        cancelled: total.cancelled,
        phase: plan.current_phase().map(|no| PhaseRef::new(plan, no)),
        done_in_window,
    }
}

fn kept(facts: &BeatFacts, zone: &Zone) -> Beats {
    let mut leases: Vec<LeaseBeat> = facts
        .leases
        .iter()
        .map(|fact| LeaseBeat {
            task: fact.task,
            last_beat: zone.moment(fact.last_beat),
            remaining_ms: fact.remaining_ms,
        })
        .collect();
    leases.sort_by_key(|lease| lease.task);
    Beats {
        at: zone.moment(facts.at),
        leases: cut(leases).0,
    }
}
