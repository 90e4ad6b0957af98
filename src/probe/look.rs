//! What a plan says of itself when a checklist asks: pure functions of the published plan and the clock.

use std::fmt::Write as _;
use std::sync::Arc;

use super::checklist::Found;
use crate::plan::Plan;
use crate::plan::event::{GateScope, ItemState};
use crate::plan::id::GateId;
use crate::plan::model::PhaseStatus;
use crate::plan::time::Timestamp;
use crate::report::data::moment;
use crate::report::milestones;
use crate::schedule::forecast;

/// Runs of the forecast that is made for a look.
const FORECAST_RUNS: u32 = 200;
/// Agents and milestones that are named.
const NAMED_MAX: usize = 20;

/// Progress, the sprint's burndown, who carries how much, and milestones that will be late.
pub(super) fn dashboard(plan: &Arc<Plan>, now_ms: i64) -> Found {
    let total = plan.total();
    let percent = total
        .percent()
        .map_or_else(|| "-".to_owned(), |it| format!("{it} %"));
    let mut text = format!(
        "{percent} done: {} of {} tasks completed, {} in progress, {} under review, {} planned",
        total.completed,
        total.counted(),
        total.in_progress + total.claimed,
        total.in_review,
        total.planned
    );
    if let Some(sprint) = plan.active_sprint() {
        let (open, done) = plan.progress_of(sprint);
        let _ = write!(
            text,
            "\n{}: {done} completed, {open} open, until {}",
            sprint.id, sprint.end
        );
        let points: Vec<String> = sprint
            .burndown
            .iter()
            .rev()
            .take(10)
            .map(|it| it.open.to_string())
            .collect();
        if points.len() > 1 {
            let down: Vec<String> = points.into_iter().rev().collect();
            let _ = write!(text, "\nburndown: {}", down.join(" "));
        }
    }
    let mut load: Vec<String> = plan
        .agents()
        .filter(|agent| !agent.retired)
        .take(NAMED_MAX)
        .map(|agent| format!("{} {}/{}", agent.name, agent.holds.len(), agent.capacity))
        .collect();
    if load.is_empty() {
        load.push("nobody is registered".to_owned());
    }
    let _ = write!(text, "\nload: {}", load.join(", "));
    let late = late_milestones(plan, Timestamp(now_ms));
    if !late.is_empty() {
        let _ = write!(text, "\nat risk: {}", late.join(", "));
    }
    (ItemState::Done, text)
}

fn late_milestones(plan: &Arc<Plan>, now: Timestamp) -> Vec<String> {
    let dated = plan.milestones_ahead().any(|it| plan.due_day(it).is_some());
    if !dated {
        return Vec::new();
    }
    let forecast = forecast(plan, now, FORECAST_RUNS);
    let late = milestones::at_risk(plan, now, forecast.as_ref()).into_iter();
    late.take(NAMED_MAX)
        .map(|milestone| format!("{} {}", milestone.id, milestone.name))
        .collect()
}

/// Where the day's standup stands, and when it is published.
pub(super) fn standup(plan: &Arc<Plan>, now_ms: i64) -> Found {
    let now = Timestamp(now_ms).max(plan.last_at());
    let local = |at: Timestamp| moment(plan, at).local;
    let nobody = "no schedule publishes a standup; muster schedule add --job standup --cron WHEN";
    let next = match plan.next_standup(now) {
        None if !plan.keeps_time() => {
            "nothing is published while the project is not active".to_owned()
        }
        None => nobody.to_owned(),
        Some((due, schedule)) => format!(
            "nothing publishes it today: {} is due next at {}",
            schedule.name,
            local(Timestamp(due.at_ms))
        ),
    };
    let Some(standup) = plan.standup_at_hand(now) else {
        return (ItemState::NeedsAttention, format!("not opened; {next}"));
    };
    if let Some(held) = &standup.held {
        let said = format!("{} was published at {}", held.report, local(held.at));
        return (ItemState::Done, said);
    }
    let until = local(standup.closes_at);
    let entries = match standup.entries.len() {
        0 => String::new(),
        1 => "; 1 entry so far".to_owned(),
        many => format!("; {many} entries so far"),
    };
    let window = if standup.is_over(now) {
        format!("entries were on time until {until}{entries}")
    } else {
        format!("open to entries until {until}{entries}")
    };
    match plan.standup_due(now) {
        Some((due, schedule)) => {
            let at = local(Timestamp(due.at_ms));
            let said = format!("{window}; {} publishes it at {at}", schedule.name);
            (ItemState::Done, said)
        }
        None => (ItemState::NeedsAttention, format!("{window}\n{next}")),
    }
}

/// The gates that are run in the morning: those in force, but for those of single tasks and of phases that are
/// not open.
pub(super) fn gates_to_run(plan: &Plan) -> Vec<GateId> {
    let gates = plan.gates().filter(|gate| gate.retired.is_none());
    let runs = gates.filter(|gate| match &gate.scope {
        GateScope::Completion(_) => false,
        GateScope::Phase(id) => plan.resolve_phase(id).ok().is_some_and(|no| {
            let phase = plan.phase(no);
            phase.is_some_and(|phase| {
                matches!(
                    plan.phase_status(phase.no),
                    PhaseStatus::Active | PhaseStatus::Gating
                )
            })
        }),
        GateScope::Deployment(_)
        | GateScope::Workflow(_)
        | GateScope::Project
        | GateScope::Daily => true,
    });
    runs.map(|gate| gate.id).collect()
}

/// How the gates came out.
pub(super) fn gates(plan: &Arc<Plan>, now_ms: i64, gates: &[GateId], refused: &[String]) -> Found {
    let (mut passed, mut lines) = (0_usize, Vec::new());
    for gate in gates.iter().filter_map(|id| plan.gate(*id)) {
        let run = plan.newest_run(gate);
        match run {
            Some(run) if run.holds(Timestamp(now_ms)) => passed += 1,
            Some(run) if run.is_pending() => {
                lines.push(format!(
                    "{} {}: {} waits for people",
                    gate.id, gate.name, run.id
                ));
            }
            Some(run) => lines.push(format!("{} {}: {} failed", gate.id, gate.name, run.id)),
            None => lines.push(format!("{} {} never ran", gate.id, gate.name)),
        }
    }
    lines.extend(refused.iter().cloned());
    lines.insert(0, format!("{passed} of {} gates let pass", gates.len()));
    let in_order = passed == gates.len() && refused.is_empty();
    let state = if in_order {
        ItemState::Done
    } else {
        ItemState::NeedsAttention
    };
    (state, lines.join("\n"))
}
