//! Puts the oversight digest together from its parts.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use super::OversightInput;
use super::acts::acts;
use super::data::{BlockerAges, DiscoveredQueue, FailingTask, OldestDiscovered, OversightDigest};
use super::needs::needs;
use crate::plan::Plan;
use crate::plan::event::{BlockerKind, Severity};
use crate::plan::id::TaskId;
use crate::plan::model::BlockerStatus;
use crate::plan::time::Timestamp;
use crate::plan::workflow::COORDINATOR;
use crate::report::data::{ProjectRef, TaskRef, counted, cut, window, zone_of};
use crate::report::marks::Marks;
use crate::report::standup::{View, silent};
use crate::report::waits::Waits;
use crate::report::words::{DAY_MS, HOUR_MS};
use crate::report::zone::Zone;

/// Makes the oversight digest.
pub fn build(input: OversightInput<'_>) -> OversightDigest {
    let OversightInput {
        plan,
        events,
        since,
        now,
        beats,
        role,
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
    let (role, role_title) = addressed(plan, role);
    let waits = Waits::of(plan, &zone, now);
    let (needs, needs_total) = cut(needs(plan, &waits, &role));
    let needs = needs.into_iter().map(|waiting| waits.entry(waiting));
    let (blockers, blockers_total) = waits.blockers_where(|blocker, age_ms| {
        blocker.status == BlockerStatus::Escalated || age_ms > 2 * HOUR_MS
    });
    let events = view.events.iter().map(AsRef::as_ref);
    let (acts, acts_total) = cut(acts(plan, &zone, events));
    let (failing, failing_total) = cut(failing(plan));
    let (silent, silent_total) = cut(silent(&view));
    OversightDigest {
        project: ProjectRef::new(plan, &zone),
        role,
        role_title,
        since: zone.moment(since),
        now: zone.moment(now),
        window_ms: now.since_ms(since),
        needs: needs.collect(),
        needs_total,
        acts,
        acts_total,
        blockers,
        blockers_total,
        blocker_ages: ages(plan, &waits),
        failing,
        failing_total,
        silent,
        silent_total,
        marks: Marks::of(plan, &zone),
        with_beats: beats.is_some(),
        discovered: discovered(plan, &zone, now),
        inbox_total: counted(waits.waiting().len()),
        head,
    }
}

/// The role's slug and its name; a word that means no role stays as it is.
fn addressed(plan: &Plan, role: &str) -> (String, String) {
    let role = role.trim();
    let wanted = if role.is_empty() { COORDINATOR } else { role };
    match plan.resolve_role(wanted).ok().and_then(|no| plan.role(no)) {
        Some(known) => (known.slug.clone(), known.title.clone()),
        None if wanted.eq_ignore_ascii_case(COORDINATOR) => {
            (COORDINATOR.to_owned(), "Coordinator".to_owned())
        }
        None => (wanted.to_owned(), wanted.to_owned()),
    }
}

fn ages(plan: &Plan, waits: &Waits<'_>) -> BlockerAges {
    let mut ages = BlockerAges::default();
    for blocker in plan.open_blockers() {
        let age_ms = waits.age_ms(blocker);
        ages.open += 1;
        ages.critical += u32::from(blocker.severity == Severity::Critical);
        ages.escalated += u32::from(blocker.status == BlockerStatus::Escalated);
        ages.over_2h += u32::from(age_ms > 2 * HOUR_MS);
        ages.over_24h += u32::from(age_ms > DAY_MS);
        ages.over_3d += u32::from(age_ms > 3 * DAY_MS);
    }
    ages
}

/// Open tasks with strikes or parked, the parked ones first and the most strikes before fewer.
fn failing(plan: &Plan) -> Vec<FailingTask> {
    let parked: BTreeSet<TaskId> = plan
        .open_blockers()
        .filter(|blocker| blocker.kind == BlockerKind::Failure)
        .flat_map(|blocker| blocker.tasks.iter().copied())
        .collect();
    let failing = plan.tasks().filter(|view| {
        let open = !view.state.status.is_terminal();
        open && (view.state.strikes > 0 || parked.contains(&view.id))
    });
    let failing = failing.map(|view| {
        let left = view.state.leftover.as_deref();
        FailingTask {
            task: TaskRef::new(plan, view.id),
            strikes: view.state.strikes,
            attempts: view.state.attempt,
            parked: parked.contains(&view.id),
            last_agent: left.map_or_else(String::new, |left| left.agent.to_string()),
            last_note: left.map_or_else(String::new, |left| left.note.to_string()),
        }
    });
    let mut failing: Vec<FailingTask> = failing.collect();
    failing.sort_by_key(|it| (!it.parked, Reverse(it.strikes), it.task.id));
    failing
}

fn discovered(plan: &Plan, zone: &Zone, now: Timestamp) -> DiscoveredQueue {
    let oldest = plan.untriaged().min_by_key(|it| (it.found_at, it.id));
    let old = plan.untriaged();
    let old = old.filter(|it| now.since_ms(it.found_at) > DAY_MS);
    DiscoveredQueue {
        total: counted(plan.untriaged().count()),
        over_24h: counted(old.count()),
        oldest: oldest.map(|found| OldestDiscovered {
            id: found.id,
            title: found.title.to_string(),
            since: zone.moment(found.found_at),
            age_ms: now.since_ms(found.found_at),
        }),
    }
}
