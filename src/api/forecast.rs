//! A forecast: its runs shared out over the cores, its minutes laid on the project's working days. What comes
//! out depends on plan, moment and seed alone, however many cores there are.

use std::sync::Arc;

use muster_proto::v1 as wire;
use tonic::Status;

use super::aside::{aside, side_by_side};
use super::validate::bad;
use super::{status, views};
use crate::plan::Plan;
use crate::plan::forecast::{Critical, Forecast, Forecasting, Likely, RUNS_MAX};
use crate::plan::settings::Settings;
use crate::plan::time::Timestamp;
use crate::report::calendar::Calendar;

/// More threads than this gain little and take cores from those who work.
const THREADS_MAX: u32 = 8;
const PHASES_LISTED_MAX: usize = 1_000;
const STEPS_LISTED_MAX: usize = 1_000;

pub(super) async fn forecast(
    plan: Arc<Plan>,
    now: Timestamp,
    body: &wire::GetForecastRequest,
) -> Result<wire::GetForecastResponse, Status> {
    if body.runs > RUNS_MAX {
        let most = format!("is {}; at most {RUNS_MAX} are made", body.runs);
        return Err(bad("runs", most));
    }
    let runs = body.runs;
    let seed = match body.seed {
        0 => plan.version(),
        seed => seed,
    };
    let of = Arc::clone(&plan);
    let forecasting = aside(move || Forecasting::of(of, now, seed, runs)).await?;
    let forecasting = Arc::new(forecasting.map_err(|refusal| status::refused(&refusal))?);
    let parts = side_by_side(shares(forecasting.runs(), cores()).map(|range| {
        let forecasting = Arc::clone(&forecasting);
        move || forecasting.run(range)
    }))
    .await?;
    let tried = side_by_side(forecasting.short_of(&parts).into_iter().map(|short| {
        let forecasting = Arc::clone(&forecasting);
        move || forecasting.try_one_more(short)
    }))
    .await?;
    aside(move || message(&plan, now, &forecasting.finish(parts, tried))).await
}

fn cores() -> u32 {
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    u32::try_from(cores).unwrap_or(1).min(THREADS_MAX)
}

/// All runs in so many ranges of about the same length.
fn shares(runs: u32, shares: u32) -> impl Iterator<Item = std::ops::Range<u32>> {
    let border = move |share: u32| {
        let border = u64::from(runs) * u64::from(share) / u64::from(shares.max(1));
        u32::try_from(border).unwrap_or(runs)
    };
    (0..shares).map(move |share| border(share)..border(share + 1))
}

fn message(plan: &Plan, now: Timestamp, forecast: &Forecast) -> wire::GetForecastResponse {
    let fallback = Settings::default();
    let settings = plan
        .project()
        .map_or(&fallback, |project| &project.settings);
    let calendar = Calendar::of(settings);
    let at = |minutes: u64| Some(views::time(calendar.after(now, minutes)));
    let end = |likely: &Likely| wire::ForecastEnd {
        p50_minutes: likely.p50,
        p85_minutes: likely.p85,
        p95_minutes: likely.p95,
        p50: at(likely.p50),
        p85: at(likely.p85),
        p95: at(likely.p95),
    };
    let tasks = |steps: &[Critical]| -> Vec<wire::ForecastTask> {
        let listed = steps.iter().take(STEPS_LISTED_MAX);
        listed
            .map(|step| wire::ForecastTask {
                task: Some(views::task_brief(plan, step.task)),
                percent: step.percent,
            })
            .collect()
    };
    let phases = forecast.phases.iter().take(PHASES_LISTED_MAX);
    wire::GetForecastResponse {
        version: plan.version(),
        as_of: Some(views::time(now)),
        seed: forecast.seed,
        runs: forecast.runs,
        open_tasks: forecast.open,
        finish: Some(end(&forecast.finish)),
        target_date: settings
            .target_date
            .map_or_else(String::new, |day| day.to_string()),
        target_at_risk: settings
            .target_date
            .is_some_and(|day| calendar.is_after(calendar.after(now, forecast.finish.p85), day)),
        phases: phases
            .map(|(no, likely)| {
                let phase = plan.phase(*no);
                let window = phase.and_then(|phase| plan.phase_dates(phase));
                let ended = calendar.after(now, likely.p85);
                wire::ForecastPhase {
                    phase: plan.phase_id(*no).to_owned(),
                    name: phase.map_or_else(String::new, |phase| phase.name.to_string()),
                    end: Some(end(likely)),
                    window_end_date: window.map_or_else(String::new, |(_, last)| last.to_string()),
                    late: window.is_some_and(|(_, last)| calendar.is_after(ended, last)),
                }
            })
            .collect(),
        milestones: forecast
            .milestones
            .iter()
            .filter_map(|(id, likely)| {
                let milestone = plan.milestone(*id)?;
                let due = plan.due_day(milestone);
                let reached = calendar.after(now, likely.p85);
                Some(wire::ForecastMilestone {
                    milestone: id.to_string(),
                    name: milestone.name.to_string(),
                    end: Some(end(likely)),
                    due_date: due.map_or_else(String::new, |day| day.to_string()),
                    at_risk: due.is_some_and(|day| calendar.is_after(reached, day)),
                })
            })
            .collect(),
        critical_path: tasks(&forecast.critical_path),
        decisive: tasks(&forecast.decisive),
        roles: forecast
            .one_more
            .iter()
            .map(|more| wire::ForecastRole {
                role: plan.role_slug(Some(more.role)).to_owned(),
                without: Some(end(&more.without)),
                with: Some(end(&more.with)),
                waiting_minutes: more.waiting_minutes,
            })
            .collect(),
        bars: forecast
            .bars
            .iter()
            .map(|bar| wire::ForecastBar {
                from_minutes: bar.from,
                to_minutes: bar.to,
                from: at(bar.from),
                runs: bar.runs,
            })
            .collect(),
        seen_tasks: forecast.seen,
        velocity_hundredths: forecast.velocity.hundredths(),
        minutes_without_estimate: forecast.minutes_without_estimate,
        supposed_roles: forecast
            .supposed
            .iter()
            .map(|role| {
                role.map_or("any", |role| plan.role_slug(Some(role)))
                    .to_owned()
            })
            .collect(),
        unsettled: forecast.unsettled,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_run_has_one_share() {
        for (runs, cores) in [(10_000, 2), (100, 8), (3, 8), (1, 1), (0, 2)] {
            let all: Vec<u32> = shares(runs, cores).flatten().collect();
            assert_eq!(all, (0..runs).collect::<Vec<u32>>(), "{runs} on {cores}");
        }
    }
}
