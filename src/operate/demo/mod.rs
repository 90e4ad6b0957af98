//! `demo`: a whole project in under a minute. A daemon, five agents and a coordinator, all over real
//! connections; what is shown is what was recorded, and the exit code is 0 only if every promise was kept.

mod agent;
mod closing;
mod coordinator;
mod pace;
mod place;
mod plan;
mod screen;
mod tape;
mod team;
mod view;

use std::net::SocketAddr;
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use self::agent::Day;
use self::closing::Summary;
use self::coordinator::Coordinator;
use self::pace::Pace;
use self::place::Place;
use self::tape::Tape;
use self::view::Dress;
use super::failure::{caused, failure};
use super::signal::Signals;
use super::wire::Wire;
use crate::cli::Failure;
use crate::cli::output::Output;

/// The demo gives up when the plan is not complete by then, at speed 1.
const PATIENCE: Duration = Duration::from_secs(180);

/// How wide the closing reports are where the terminal does not say.
const COLUMNS: u16 = 100;

/// The flags of the demo.
#[derive(Debug, clap::Args)]
pub struct Demo {
    /// Keep the data directory, to look at it or to serve it again.
    #[arg(long)]
    keep: bool,
    /// The loopback port to listen on; 0 takes a free one.
    #[arg(long, default_value_t = 0, value_name = "PORT")]
    port: u16,
    /// How fast the simulated work goes, 0.1 to 20.
    #[arg(long, default_value_t = 1.0, value_name = "FACTOR", value_parser = speed)]
    speed: f64,
}

fn speed(text: &str) -> Result<f64, String> {
    let factor: f64 = text.parse().map_err(|_| "it must be a number".to_owned())?;
    if Pace::RANGE.contains(&factor) {
        Ok(factor)
    } else {
        let (least, most) = (Pace::RANGE.start(), Pace::RANGE.end());
        Err(format!("it must be between {least} and {most}"))
    }
}

/// Runs the demo.
pub(super) async fn run(demo: Demo, output: Output) -> Result<(), Failure> {
    let pace = Pace::new(demo.speed);
    let mut signals = Signals::listen()?;
    let place = Place::open(demo.port, pace, demo.keep).await?;
    let dress = match (output.as_json(), output.columns().is_some()) {
        (true, _) => Dress::Silent,
        (false, true) => Dress::Screen,
        (false, false) => Dress::Lines,
    };
    if dress != Dress::Silent {
        output.text(&format!(
            "a daemon listens on http://{}, its files are in {}",
            place.address(),
            place.path().display()
        ))?;
    }
    let token = place.token()?;
    let played = tokio::select! {
        biased;
        () = signals.next() => Err(failure("DEMO_STOPPED", "the demo was stopped")),
        played = play(place.address(), &token, pace, dress, output) => played,
        () = tokio::time::sleep(PATIENCE.div_f64(demo.speed.min(1.0))) => Err(failure(
            "DEMO_STUCK",
            "the plan did not complete in time",
        )),
    };
    let kept = demo.keep.then(|| place.path().display().to_string());
    let stopped = place.close().await;
    let closing = played?;
    stopped?;
    show(&closing, kept.as_deref(), output)
}

/// What the demo ends with.
struct Closing {
    summary: Summary,
    tape: Tape,
    standup: String,
    blockers: String,
    dress: Dress,
}

/// Lets everybody work until the plan is complete and everything that happened has been seen.
async fn play(
    address: SocketAddr,
    token: &str,
    pace: Pace,
    dress: Dress,
    output: Output,
) -> Result<Closing, Failure> {
    let chief = Wire::open(address, token).await?;
    let project = team::import_plan(&chief).await?;
    let hired = team::hire(&chief).await?;
    let observer = team::observer_token(&chief).await?;

    let (seen_all, until) = watch::channel(u64::MAX);
    let view = Wire::open(address, &observer).await?;
    let mut view = tokio::spawn(view::follow(view, dress, output, until));
    let done = CancellationToken::new();
    let coordinator = Wire::open(address, token).await?;
    let coordinator = Coordinator::new(coordinator, pace);
    let mut coordinator = tokio::spawn(coordinator.run(done.clone()));
    let mut agents = JoinSet::new();
    for member in hired {
        agents.spawn(team::work(
            member,
            address,
            pace,
            project.first_phase.clone(),
        ));
    }

    let died = tokio::select! {
        biased;
        days = all_days(&mut agents) => days?,
        ended = &mut coordinator => return Err(early(ended, "the coordinator left early")),
        ended = &mut view => return Err(early(ended, "the view ended early")),
    };
    done.cancel();
    coordinator.await.map_err(panicked)??;

    let version = team::version(&chief).await?;
    seen_all.send_replace(version);
    let mut tape = view.await.map_err(panicked)??;
    let columns = u32::from(output.columns().unwrap_or(COLUMNS).clamp(40, 400));
    let answers = closing::ask(&chief, &project.slug, columns).await?;
    let summary = closing::sum_up(&mut tape, &answers, &project.slug, died.as_deref());
    Ok(Closing {
        summary,
        tape,
        standup: answers.standup,
        blockers: answers.blockers,
        dress,
    })
}

/// Waits for every agent; gives the task that the dead one held.
async fn all_days(agents: &mut JoinSet<Result<Day, Failure>>) -> Result<Option<String>, Failure> {
    let mut died = None;
    while let Some(day) = agents.join_next().await {
        if let Day::Died { task } = day.map_err(panicked)?? {
            died = Some(task);
        }
    }
    Ok(died)
}

/// Why somebody who should have stayed has left.
fn early<T>(ended: Result<Result<T, Failure>, tokio::task::JoinError>, words: &str) -> Failure {
    match ended {
        Ok(Ok(_)) => failure("DEMO_BROKEN", words),
        Ok(Err(failed)) => failed,
        Err(error) => panicked(error),
    }
}

#[expect(clippy::needless_pass_by_value, reason = "it is handed to map_err")]
fn panicked(error: tokio::task::JoinError) -> Failure {
    caused("INTERNAL", &error)
}

/// Shows the end; fails when a promise was not kept.
fn show(closing: &Closing, kept: Option<&str>, output: Output) -> Result<(), Failure> {
    let summary = &closing.summary;
    if closing.dress == Dress::Screen {
        // The screen is gone by now; its last picture stays.
        for line in screen::picture(&closing.tape) {
            output.text(&line)?;
        }
        output.text("\n")?;
    }
    output.either(
        || serde_json::to_value(summary).unwrap_or_default(),
        || {
            format!(
                "\n{}\n\n{}\n\n{}\n\n{}",
                closing.standup.trim_end(),
                closing.blockers.trim_end(),
                summary.text(),
                how_to_go_on(kept)
            )
        },
    )?;
    if summary.missing.is_empty() {
        return Ok(());
    }
    Err(failure("DEMO_BROKEN", summary.missing.join("; ")))
}

fn how_to_go_on(kept: Option<&str>) -> String {
    match kept {
        Some(folder) => format!(
            "Go on:\n  muster audit verify --data-dir {folder}\n  muster serve --data-dir {folder}"
        ),
        None => "Go on:\n  muster serve\n  muster plan import PLAN.md".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_speed_outside_its_range_is_refused() {
        assert_eq!(speed("2"), Ok(2.0));
        for text in ["0", "21", "NaN", "fast"] {
            assert!(speed(text).is_err(), "{text}");
        }
    }
}
