//! A forecast as a document.

use muster_proto::v1 as wire;
use serde_json::{Value, json};

use super::{instant, text};

fn end(end: Option<&wire::ForecastEnd>) -> Value {
    let end = end.cloned().unwrap_or_default();
    json!({
        "p50": instant(end.p50.as_ref()),
        "p85": instant(end.p85.as_ref()),
        "p95": instant(end.p95.as_ref()),
        "p50_minutes": end.p50_minutes,
        "p85_minutes": end.p85_minutes,
        "p95_minutes": end.p95_minutes,
    })
}

fn id(task: &wire::ForecastTask) -> &str {
    task.task.as_ref().map_or("", |task| &task.id)
}

/// The day the project is to be done; null when nothing is said.
fn target(forecast: &wire::GetForecastResponse) -> Value {
    if forecast.target_date.is_empty() {
        return Value::Null;
    }
    json!({"date": forecast.target_date, "at_risk": forecast.target_at_risk})
}

/// When the plan will be done.
pub fn forecast(forecast: &wire::GetForecastResponse) -> Value {
    let phase = |phase: &wire::ForecastPhase| {
        let mut row = end(phase.end.as_ref());
        row["phase"] = json!(phase.phase);
        row["name"] = json!(phase.name);
        row["window_end_date"] = text(&phase.window_end_date);
        row["late"] = json!(phase.late);
        row
    };
    let milestone = |milestone: &wire::ForecastMilestone| {
        let mut row = end(milestone.end.as_ref());
        row["milestone"] = json!(milestone.milestone);
        row["name"] = json!(milestone.name);
        row["due_date"] = text(&milestone.due_date);
        row["at_risk"] = json!(milestone.at_risk);
        row
    };
    let role = |role: &wire::ForecastRole| {
        json!({
            "role": role.role,
            "without": end(role.without.as_ref()),
            "with": end(role.with.as_ref()),
            "waiting_minutes": role.waiting_minutes,
        })
    };
    let bar = |bar: &wire::ForecastBar| {
        json!({
            "from": instant(bar.from.as_ref()),
            "from_minutes": bar.from_minutes,
            "to_minutes": bar.to_minutes,
            "runs": bar.runs,
        })
    };
    let decisive = |task: &wire::ForecastTask| json!({"task": id(task), "percent": task.percent});
    json!({
        "version": forecast.version,
        "as_of": instant(forecast.as_of.as_ref()),
        "seed": forecast.seed,
        "runs": forecast.runs,
        "open_tasks": forecast.open_tasks,
        "finish": end(forecast.finish.as_ref()),
        "target": target(forecast),
        "phases": forecast.phases.iter().map(phase).collect::<Vec<_>>(),
        "milestones": forecast.milestones.iter().map(milestone).collect::<Vec<_>>(),
        "critical_path": forecast.critical_path.iter().map(id).collect::<Vec<_>>(),
        "decisive": forecast.decisive.iter().map(decisive).collect::<Vec<_>>(),
        "roles": forecast.roles.iter().map(role).collect::<Vec<_>>(),
        "bars": forecast.bars.iter().map(bar).collect::<Vec<_>>(),
        "seen_tasks": forecast.seen_tasks,
        "velocity": forecast.velocity_hundredths.map(|it| f64::from(it) / 100.0),
        "minutes_without_estimate": forecast.minutes_without_estimate,
        "supposed_roles": forecast.supposed_roles,
        "unsettled": forecast.unsettled,
    })
}
