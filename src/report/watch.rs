//! What people should know between two reports, found in a plan, the calendar and the signs of life. What is said of
//! it does not change by the hour, so that it is told once.

use super::data::zone_of;
use super::dates::late_phases;
use super::milestones;
use super::standup::{BeatFact, BeatFacts, View, silent};
use super::words::clip;
use super::zone::Zone;
use crate::plan::event::{DISCOVERED, MarkKind, RaisedMark};
use crate::plan::forecast::Forecast;
use crate::plan::model::{Discovered, Lease};
use crate::plan::time::Timestamp;
use crate::plan::{Plan, TaskView};

/// A lease is marked with no more than one of so many parts of its term left.
const LEASE_PARTS: u64 = 4;
/// How long such a mark stands at least while the lease lives, in milliseconds: whoever renews at the last moment
/// each time is told of once, and not again and again.
const LEASE_STAYS_MS: u64 = 15 * 60 * 1_000;
/// Untriaged tasks below which the queue does not count as growing.
const DISCOVERED_LEAST: usize = 5;
/// How far back the queue is looked at, in milliseconds.
const DAY_MS: i64 = 24 * 60 * 60 * 1_000;
/// How much of a name stands in what a mark says.
const NAME_COLUMNS: usize = 64;

/// What marks are found in.
#[derive(Debug, Clone, Copy)]
pub struct MarkInput<'a> {
    /// The plan.
    pub plan: &'a Plan,
    /// The instant.
    pub now: Timestamp,
    /// What is known of live leases beside the log.
    pub beats: &'a BeatFacts,
    /// A forecast and the instant it was made for; without it milestones are at risk once their day has passed.
    pub forecast: Option<(&'a Forecast, Timestamp)>,
}

/// The marks that there are, each kind and subject once.
pub fn present(input: MarkInput<'_>) -> Vec<RaisedMark> {
    let zone = zone_of(input.plan);
    let mut found = Vec::new();
    leases(&input, &mut found);
    over_estimates(&input, &mut found);
    late(&input, &zone, &mut found);
    at_risk(&input, &mut found);
    silent_agents(&input, &zone, &mut found);
    discovered(&input, &mut found);
    found
}

fn mark(kind: MarkKind, subject: &str, detail: String) -> RaisedMark {
    RaisedMark {
        kind,
        subject: subject.into(),
        detail: detail.into(),
    }
}

/// Whether a lease is close to its end, or was a short while ago.
fn ends(input: &MarkInput<'_>, fact: &BeatFact, lease: &Lease) -> bool {
    let left_ms = fact.remaining_ms;
    if left_ms.saturating_mul(LEASE_PARTS) <= lease.lease_ms {
        return true;
    }
    let known = input
        .plan
        .mark(MarkKind::LeaseEnding, &fact.task.to_string());
    // It is of whoever held the task then, and of nobody who came later.
    let known = known.filter(|mark| lease.claimed_at <= mark.since);
    known.is_some_and(|mark| {
        let young = input.now.since_ms(mark.since) < LEASE_STAYS_MS;
        young || left_ms.saturating_mul(2) <= lease.lease_ms
    })
}

fn leases(input: &MarkInput<'_>, found: &mut Vec<RaisedMark>) {
    for fact in &input.beats.leases {
        let lease = input.plan.task(fact.task);
        let lease = lease.and_then(|view| view.state.lease.as_deref());
        if let Some(lease) = lease.filter(|lease| ends(input, fact, lease)) {
            let holder = clip(&lease.agent, NAME_COLUMNS);
            let detail = format!("held by {holder}; it ends unless it is renewed");
            let task = fact.task.to_string();
            found.push(mark(MarkKind::LeaseEnding, &task, detail));
        }
    }
}

fn over_estimates(input: &MarkInput<'_>, found: &mut Vec<RaisedMark>) {
    let session = input.plan.session_minutes();
    let over = |view: &TaskView<'_>, lease: &Lease| {
        let estimate = view.spec.estimate.as_ref()?;
        let thought_ms = u64::from(estimate.minutes(session)) * 60_000;
        let held_ms = view.state.held_ms + input.now.since_ms(lease.claimed_at);
        (held_ms > 2 * thought_ms).then(|| format!("estimated at {estimate}"))
    };
    for view in input.plan.live() {
        let Some(lease) = view.state.lease.as_deref() else {
            continue;
        };
        if let Some(thought) = over(&view, lease) {
            let holder = clip(&lease.agent, NAME_COLUMNS);
            let detail = format!("{thought}, held by {holder}");
            let task = view.id.to_string();
            found.push(mark(MarkKind::OverEstimate, &task, detail));
        }
    }
}

fn late(input: &MarkInput<'_>, zone: &Zone, found: &mut Vec<RaisedMark>) {
    for phase in late_phases(input.plan, zone, input.now) {
        let detail = format!("its window ended on {}", phase.end_date);
        found.push(mark(MarkKind::PhaseLate, &phase.id, detail));
    }
}

fn at_risk(input: &MarkInput<'_>, found: &mut Vec<RaisedMark>) {
    let MarkInput { plan, now, .. } = *input;
    let overdue = milestones::at_risk(plan, now, None);
    // What a forecast says holds for the instant it was made for.
    let foretold = input.forecast.map_or_else(Vec::new, |(forecast, at)| {
        let mut foretold = milestones::at_risk(plan, at, Some(forecast));
        // What is marked stays so until it is a day better, or forecasts of chance would take it back and raise it.
        let edge = milestones::on_the_edge(plan, at, forecast).into_iter();
        foretold.extend(edge.filter(|line| {
            let id = line.id.to_string();
            plan.mark(MarkKind::MilestoneAtRisk, &id).is_some()
        }));
        foretold
    });
    let told = |line: &milestones::MilestoneLine, words: &str| {
        let detail = format!("{words} {}", line.due_date);
        mark(MarkKind::MilestoneAtRisk, &line.id.to_string(), detail)
    };
    let overdue_ids: Vec<_> = overdue.iter().map(|line| line.id).collect();
    found.extend(overdue.iter().map(|line| told(line, "was due on")));
    let foretold = foretold
        .iter()
        .filter(|line| !overdue_ids.contains(&line.id));
    found.extend(foretold.map(|line| told(line, "a forecast reaches it after")));
}

fn silent_agents(input: &MarkInput<'_>, zone: &Zone, found: &mut Vec<RaisedMark>) {
    let view = View {
        plan: input.plan,
        zone,
        events: &[],
        // Who merely has nothing to do is silent over a whole window, and no concern here.
        since: Timestamp(i64::MIN),
        now: input.now,
        beats: Some(input.beats),
    };
    for agent in silent(&view).into_iter().filter(|it| !it.holds.is_empty()) {
        let detail = match agent.holds.as_slice() {
            [task] => format!("holds {}", task.id),
            tasks => format!("holds {} tasks", tasks.len()),
        };
        found.push(mark(MarkKind::AgentSilent, &agent.agent, detail));
    }
}

/// Whether a discovered task waited for triage at an instant.
fn waited(found: &Discovered, at: Timestamp) -> bool {
    found.found_at <= at && found.triaged_at.is_none_or(|triaged| triaged > at)
}

fn discovered(input: &MarkInput<'_>, found: &mut Vec<RaisedMark>) {
    let now = input.plan.untriaged().count();
    if now < DISCOVERED_LEAST {
        return;
    }
    let day_ago = Timestamp(input.now.0.saturating_sub(DAY_MS));
    let then = input.plan.discovered();
    let then = then.filter(|it| waited(it, day_ago)).count();
    if now * 2 >= then * 3 {
        let detail = "at least half as many again wait for triage as a day before".to_owned();
        found.push(mark(MarkKind::DiscoveredGrowing, DISCOVERED, detail));
    }
}

#[cfg(test)]
mod tests;
