//! Tasks that somebody holds, with how long and what is known of the lease.

use std::collections::BTreeMap;

use super::BeatFact;
use super::build::View;
use super::data::{LeaseState, Underway};
use crate::plan::TaskView;
use crate::plan::id::TaskId;
use crate::plan::model::Lease;
use crate::report::data::TaskRef;

const MINUTE_MS: u64 = 60_000;

/// The beats by task.
pub(super) fn beats_by_task(view: &View<'_>) -> BTreeMap<TaskId, BeatFact> {
    let leases = view.beats.map_or(&[] as &[_], |facts| &facts.leases);
    leases.iter().map(|fact| (fact.task, *fact)).collect()
}

/// The silence about progress after which a held task is marked, in milliseconds: what the project
/// allows, or half the term of a lease so long that its holder need not speak more often.
pub(super) fn progress_limit_ms(view: &View<'_>, lease: &Lease) -> u64 {
    let allowed = view
        .plan
        .project()
        .map_or(0, |project| project.settings.progress_timeout_ms);
    allowed.max(lease.lease_ms / 2)
}

/// A held task; none when nobody holds it.
pub(super) fn underway(
    view: &View<'_>,
    task: TaskView<'_>,
    beats: &BTreeMap<TaskId, BeatFact>,
) -> Option<Underway> {
    let lease = task.state.lease.as_deref()?;
    let beat = beats.get(&task.id);
    let held_ms = task.state.held_ms + view.now.since_ms(lease.claimed_at);
    Some(Underway {
        task: TaskRef::new(view.plan, task.id),
        status: task.state.status,
        agent: lease.agent.to_string(),
        session: lease.session,
        attempt: lease.attempt,
        since: view.zone.moment(lease.chain_since),
        age_ms: view.now.since_ms(lease.chain_since),
        progress: lease
            .progress
            .as_ref()
            .map_or_else(String::new, ToString::to_string),
        progress_at: view.zone.moment(lease.progress_at),
        stalled: view.now.since_ms(lease.progress_at) > progress_limit_ms(view, lease),
        blocked: view.plan.is_held_up(task.id),
        outgrown: held_ms > 2 * u64::from(view.plan.session_minutes()) * MINUTE_MS,
        lease: LeaseState {
            term_ms: lease.lease_ms,
            last_beat: beat.map(|beat| view.zone.moment(beat.last_beat)),
            remaining_ms: beat.map(|beat| beat.remaining_ms),
        },
    })
}
