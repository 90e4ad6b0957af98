//! Who has not been heard of. The log alone decides when nothing is known of beats; a beat handed in
//! counts as a sign of life like an event.

use super::build::View;
use super::data::SilentAgent;
use super::underway::{beats_by_task, progress_limit_ms};
use crate::plan::model::Agent;
use crate::plan::time::Timestamp;
use crate::report::data::TaskRef;

/// Agents without a sign of life, the longest silent first.
pub(in crate::report) fn silent(view: &View<'_>) -> Vec<SilentAgent> {
    let beats = beats_by_task(view);
    let mut silent: Vec<SilentAgent> = view
        .plan
        .agents()
        .filter(|agent| !agent.retired)
        .filter_map(|agent| {
            let beat = agent
                .holds
                .iter()
                .filter_map(|task| beats.get(task))
                .map(|beat| beat.last_beat)
                .max();
            // Registering is the coordinator's doing, not a sign of the agent.
            let said = (agent.last_event_at > agent.registered_at).then_some(agent.last_event_at);
            let last_sign = said.max(beat);
            is_silent(view, agent, last_sign).then(|| SilentAgent {
                agent: agent.name.to_string(),
                role: view.plan.role_slug(agent.roles.first().copied()).to_owned(),
                last_sign: last_sign.map(|at| view.zone.moment(at)),
                silent_ms: view.now.since_ms(last_sign.unwrap_or(agent.registered_at)),
                holds: TaskRef::all(view.plan, &agent.holds),
            })
        })
        .collect();
    silent.sort_by(|one, other| (other.silent_ms, &one.agent).cmp(&(one.silent_ms, &other.agent)));
    silent
}

/// Silent over the whole window, or while holding a task for longer than the project allows.
fn is_silent(view: &View<'_>, agent: &Agent, last_sign: Option<Timestamp>) -> bool {
    let Some(last_sign) = last_sign else {
        return true;
    };
    let too_long = |lease| view.now.since_ms(last_sign) > progress_limit_ms(view, lease);
    let mut held = agent.holds.iter().filter_map(|&id| {
        view.plan
            .task(id)
            .and_then(|task| task.state.lease.as_deref())
    });
    last_sign <= view.since || held.any(too_long)
}
