//! A forecast as text: dates by how sure they are, a picture of all ends, and what would change them.

use muster_proto::v1 as wire;

use super::{clean, count, pasted, span, table, when};

const MINUTE_MS: u64 = 60_000;
/// The longest bar.
const BAR_CHARACTERS: u64 = 40;

/// When the plan will be done.
pub fn forecast(forecast: &wire::GetForecastResponse, columns: Option<u16>) -> String {
    if forecast.open_tasks == 0 {
        return "no task is open\n".to_owned();
    }
    let mut text = format!(
        "{} open, {} through the plan with seed {}\n\n",
        count(forecast.open_tasks as usize, "task"),
        count(forecast.runs as usize, "run"),
        forecast.seed,
    );
    let target = match (forecast.target_at_risk, forecast.target_date.as_str()) {
        (_, "") => String::new(),
        (false, day) => format!(" (target {day})"),
        (true, day) => format!(" (at risk: target {day})"),
    };
    let all = (format!("everything{target}"), forecast.finish.as_ref());
    let phases = forecast.phases.iter();
    let phases = phases.map(|phase| {
        let window = match (phase.late, phase.window_end_date.as_str()) {
            (_, "") => String::new(),
            (false, last) => format!(" (until {last})"),
            (true, last) => format!(" (late: until {last})"),
        };
        (
            format!("phase {}, {}{window}", phase.phase, phase.name),
            phase.end.as_ref(),
        )
    });
    let milestones = forecast.milestones.iter().map(|milestone| {
        let due = match (milestone.at_risk, milestone.due_date.as_str()) {
            (_, "") => String::new(),
            (false, due) => format!(" (due {due})"),
            (true, due) => format!(" (at risk: due {due})"),
        };
        let name = format!("{}, {}{due}", milestone.milestone, milestone.name);
        (name, milestone.end.as_ref())
    });
    let rows = phases
        .chain(milestones)
        .chain([all])
        .map(|(name, end)| ends(name, end));
    let header = [
        "done",
        "in half of all runs",
        "in 85 of 100",
        "in 95 of 100",
    ];
    text.push_str(&table(header, rows, columns));
    text.push_str(&picture(&forecast.bars));
    text.push_str(&what_decides(forecast, columns));
    text.push_str(&one_more(&forecast.roles, columns));
    text.push_str(&grounds(forecast));
    text
}

fn ends(name: String, end: Option<&wire::ForecastEnd>) -> [String; 4] {
    let end = end.cloned().unwrap_or_default();
    [
        name,
        when(end.p50.as_ref()),
        when(end.p85.as_ref()),
        when(end.p95.as_ref()),
    ]
}

/// All ends, a bar a line.
fn picture(bars: &[wire::ForecastBar]) -> String {
    let most = bars.iter().map(|bar| bar.runs).max().unwrap_or(0);
    if most == 0 {
        return String::new();
    }
    let all: u64 = bars.iter().map(|bar| u64::from(bar.runs)).sum();
    let mut so_far = 0;
    let mut text = "\nruns that end then, and how many of 100 have ended by then\n".to_owned();
    for bar in bars {
        so_far += u64::from(bar.runs);
        let length = (u64::from(bar.runs) * BAR_CHARACTERS).div_ceil(u64::from(most));
        let length = usize::try_from(length).unwrap_or(0);
        let line = format!(
            "{}  {:<width$}  {:>3} %",
            when(bar.from.as_ref()),
            "█".repeat(length),
            so_far * 100 / all.max(1),
            width = 40,
        );
        text.push_str(&line);
        text.push('\n');
    }
    text
}

fn what_decides(forecast: &wire::GetForecastResponse, columns: Option<u16>) -> String {
    if forecast.decisive.is_empty() {
        return String::new();
    }
    let rows = forecast.decisive.iter().map(|step| {
        let task = step.task.clone().unwrap_or_default();
        [
            format!("{} of 100", step.percent),
            task.id.clone(),
            task.role.clone(),
            task.title.clone(),
        ]
    });
    let rows = table(["runs", "id", "role", "title"], rows, columns);
    format!(
        "\nwhat decides the end most often\n{rows}next: {}\n",
        pasted("plan critical-path")
    )
}

fn one_more(roles: &[wire::ForecastRole], columns: Option<u16>) -> String {
    if roles.is_empty() {
        return String::new();
    }
    let rows = roles.iter().map(|role| {
        let with = role.with.unwrap_or_default();
        let without = role.without.unwrap_or_default();
        let saved = without.p85_minutes.saturating_sub(with.p85_minutes);
        [
            role.role.clone(),
            when(without.p85.as_ref()),
            when(with.p85.as_ref()),
            work(saved),
            work(role.waiting_minutes),
        ]
    });
    let header = [
        "one more",
        "as it is, 85 of 100",
        "with it",
        "work saved",
        "tasks wait now",
    ];
    format!("\n{}", table(header, rows, columns))
}

fn work(minutes: u64) -> String {
    if minutes == 0 {
        return "nothing".to_owned();
    }
    span(minutes.saturating_mul(MINUTE_MS))
}

/// What the forecast rests on.
fn grounds(forecast: &wire::GetForecastResponse) -> String {
    let mut text = format!(
        "\nfrom the estimates and {}; a task without an estimate counts {}\n",
        count(forecast.seen_tasks as usize, "finished task"),
        work(forecast.minutes_without_estimate.into()),
    );
    if let Some(velocity) = forecast.velocity_hundredths {
        text.push_str(&format!(
            "velocity: {}.{:02} tasks a session\n",
            velocity / 100,
            velocity % 100
        ));
    }
    for role in &forecast.supposed_roles {
        let role = clean::line(role);
        text.push_str(&format!("no agent is there for {role}; one is assumed\n"));
    }
    if forecast.unsettled > 0 {
        text.push_str(&format!(
            "open blockers and decisions, {} of them, are assumed to be settled in time\n",
            forecast.unsettled
        ));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn end(minutes: u64) -> wire::ForecastEnd {
        let at = |hours: i64| {
            Some(prost_types::Timestamp {
                seconds: 1_795_683_600 + hours * 3_600,
                nanos: 0,
            })
        };
        wire::ForecastEnd {
            p50_minutes: minutes,
            p85_minutes: minutes + 60,
            p95_minutes: minutes + 120,
            p50: at(0),
            p85: at(1),
            p95: at(2),
        }
    }

    fn found() -> wire::GetForecastResponse {
        let bar = |from: i64, runs| wire::ForecastBar {
            from: Some(prost_types::Timestamp {
                seconds: 1_795_683_600 + from * 3_600,
                nanos: 0,
            }),
            runs,
            ..Default::default()
        };
        wire::GetForecastResponse {
            seed: 7,
            runs: 100,
            open_tasks: 3,
            finish: Some(end(480)),
            phases: vec![wire::ForecastPhase {
                phase: "1".to_owned(),
                late: true,
                window_end_date: "2026-11-25".to_owned(),
                name: "Foundation".to_owned(),
                end: Some(end(240)),
            }],
            milestones: vec![wire::ForecastMilestone {
                milestone: "M-2".to_owned(),
                name: "Launch".to_owned(),
                end: Some(end(480)),
                due_date: "2026-11-25".to_owned(),
                at_risk: true,
            }],
            decisive: vec![wire::ForecastTask {
                task: Some(wire::TaskBrief {
                    id: "T-1".to_owned(),
                    title: "Build it\u{1b}[2J".to_owned(),
                    role: "developer".to_owned(),
                    ..Default::default()
                }),
                percent: 81,
            }],
            roles: vec![wire::ForecastRole {
                role: "developer".to_owned(),
                without: Some(end(480)),
                with: Some(end(360)),
                waiting_minutes: 95,
            }],
            bars: vec![bar(0, 50), bar(1, 49), bar(2, 1)],
            seen_tasks: 12,
            velocity_hundredths: Some(167),
            minutes_without_estimate: 60,
            supposed_roles: vec!["qa".to_owned()],
            unsettled: 2,
            ..Default::default()
        }
    }

    #[test]
    fn a_forecast_shows_dates_the_spread_and_what_would_change_them() {
        insta::assert_snapshot!(forecast(&found(), None), @r"
        3 tasks open, 100 runs through the plan with seed 7

        DONE                                          IN HALF OF ALL RUNS  IN 85 OF 100       IN 95 OF 100
        phase 1, Foundation (late: until 2026-11-25)  2026-11-26 09:00Z    2026-11-26 10:00Z  2026-11-26 11:00Z
        M-2, Launch (at risk: due 2026-11-25)         2026-11-26 09:00Z    2026-11-26 10:00Z  2026-11-26 11:00Z
        everything                                    2026-11-26 09:00Z    2026-11-26 10:00Z  2026-11-26 11:00Z

        runs that end then, and how many of 100 have ended by then
        2026-11-26 09:00Z  ████████████████████████████████████████   50 %
        2026-11-26 10:00Z  ████████████████████████████████████████   99 %
        2026-11-26 11:00Z  █                                         100 %

        what decides the end most often
        RUNS       ID   ROLE       TITLE
        81 of 100  T-1  developer  Build it[2J
        next: muster plan critical-path

        ONE MORE   AS IT IS, 85 OF 100  WITH IT            WORK SAVED  TASKS WAIT NOW
        developer  2026-11-26 10:00Z    2026-11-26 10:00Z  2 h         1 h 35 min

        from the estimates and 12 finished tasks; a task without an estimate counts 1 h
        velocity: 1.67 tasks a session
        no agent is there for qa; one is assumed
        open blockers and decisions, 2 of them, are assumed to be settled in time
        ");
    }

    #[test]
    fn a_plan_without_open_work_has_no_forecast() {
        let empty = wire::GetForecastResponse::default();
        assert_eq!(forecast(&empty, None), "no task is open\n");
    }
}
