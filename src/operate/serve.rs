//! `serve`: the daemon until it is told to stop. What is printed on stdout is only where it listens, and
//! only once it does.

use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::json;

use super::failure::{caused, chain, failure, unusable};
use super::settings::{flags, load, path_text};
use super::signal::Signals;
use crate::api;
use crate::cli::output::Output;
use crate::cli::{self, Failure};
use crate::config::Settings;
use crate::daemon::{Daemon, DaemonOptions, Running, Service};
use crate::telemetry;

/// The flags of the daemon.
#[derive(Debug, clap::Args)]
pub struct Serve {
    /// Where the daemon keeps its files [default: $XDG_STATE_HOME/muster or ~/.local/state/muster]
    #[arg(long, value_name = "DIR", env = "MUSTER_DATA_DIR")]
    data_dir: Option<PathBuf>,
    /// The address and port to listen on; port 0 takes a free one [default: 127.0.0.1:7733]
    #[arg(long, value_name = "ADDR")]
    listen: Option<String>,
    /// A settings file; `muster config show` lists what it may say
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// A plan file to take in at the start; the same bytes again change nothing
    #[arg(long, value_name = "FILE")]
    plan: Option<PathBuf>,
}

/// Serves until a signal, or until the server fails.
pub(super) async fn run(serve: Serve, output: Output) -> Result<(), Failure> {
    let data_dir = serve.data_dir.map(path_text).transpose()?;
    let flags = flags([
        ("server.data_dir", data_dir),
        ("server.listen", serve.listen),
    ]);
    let settings = load(serve.config.as_deref(), flags).map_err(|failed| {
        let file = serve.config.as_deref().and_then(Path::to_str);
        failed.next(file.map_or_else(
            || "config check".to_owned(),
            |file| format!("config check --config {file}"),
        ))
    })?;
    let directives = std::env::var("MUSTER_LOG").ok();
    telemetry::start(&settings.log, directives.as_deref())
        .map_err(|error| unusable("CONFIG_INVALID", chain(&error)))?;
    raise_file_limit();
    let plan = serve.plan.as_deref().map(read_plan).transpose()?;
    let mut signals = Signals::listen()?;
    let starting = start(settings.clone(), plan, output);
    let running = tokio::select! {
        biased;
        () = signals.next() => {
            tracing::info!("stopped before the start was complete");
            return Ok(());
        }
        started = starting => started?,
    };
    let service = Service::ready(&running.handle);
    let failed = tokio::select! {
        biased;
        () = signals.next() => None,
        () = running.ended() => Some(failure(
            "SERVER_FAILED",
            "the server ended by itself; the log says why",
        )),
    };
    service.stopping();
    stop(running, &settings, &mut signals).await;
    failed.map_or(Ok(()), Err)
}

/// A plan file, read before anything is started so that a wrong path is told at once.
struct PlanFile {
    name: String,
    content: Vec<u8>,
}

fn read_plan(path: &Path) -> Result<PlanFile, Failure> {
    let unreadable = |why: &dyn std::fmt::Display| {
        unusable(
            "PLAN_UNREADABLE",
            format!("the plan file {} cannot be read: {why}", path.display()),
        )
    };
    let name = path.file_name().and_then(|name| name.to_str());
    let name = name
        .ok_or_else(|| unreadable(&"its name is no text"))?
        .to_owned();
    let content = std::fs::read(path).map_err(|error| unreadable(&error))?;
    Ok(PlanFile { name, content })
}

/// Starts the daemon, takes the plan in, and says where it listens.
async fn start(
    settings: Settings,
    plan: Option<PlanFile>,
    output: Output,
) -> Result<Running, Failure> {
    let scheme = if settings.tls.is_some() {
        "https"
    } else {
        "http"
    };
    let data_dir = settings.server.data_dir.clone();
    let started = Daemon::start(DaemonOptions::new(settings)).await;
    let running = started.map_err(|error| caused("START_FAILED", &error))?;
    tracing::info!(
        address = %running.address,
        data_dir = %data_dir.display(),
        token_file = %running.token_file.display(),
        "the daemon listens on {}",
        running.address
    );
    if let Some(address) = running.metrics_address() {
        tracing::info!(%address, "figures and health are served on {address}");
    }
    if let Some(plan) = plan {
        take_in(&running, plan).await;
    }
    let url = format!("{scheme}://{}", running.address);
    output.either(
        || json!({ "listening": url }),
        || format!("listening on {url}"),
    )?;
    Ok(running)
}

/// Imports a plan file. A refusal is the coordinator's business; the daemon serves all the same.
async fn take_in(running: &Running, plan: PlanFile) {
    let name = plan.name.clone();
    match running.api.import_plan(plan.name, plan.content).await {
        Ok(answer) if answer.changed => tracing::info!(
            file = ?name,
            project.id = answer.project,
            tasks = answer.counts.map_or(0, |counts| counts.tasks),
            diagnostics = answer.diagnostics.len(),
            "took the plan in as project {}",
            answer.project
        ),
        Ok(answer) => tracing::info!(
            file = ?name,
            project.id = answer.project,
            "the plan of project {} is already taken in; nothing changed",
            answer.project
        ),
        // The sentence quotes what the file says, and that is not for the log.
        Err(status) => tracing::error!(
            file = ?name,
            outcome = api::reason_of(&status),
            "the plan was not taken in; serving without it: `muster plan import` says why"
        ),
    }
}

/// Stops in the time that the settings give; a second signal ends at once.
async fn stop(running: Running, settings: &Settings, signals: &mut Signals) {
    tracing::info!("stopping");
    let timeout = Duration::from_millis(settings.server.shutdown_timeout_ms);
    tokio::select! {
        biased;
        () = signals.next() => {
            tracing::warn!("stopped at once; calls under way were cut off");
            // Leaving by the usual way would wait for the writer; what it acknowledged is durable.
            std::process::exit(cli::Exit::Other.number().into());
        }
        stopped = running.stop(timeout) => match stopped {
            Ok(()) => tracing::info!("stopped"),
            Err(error) => tracing::warn!(%error, "stopped"),
        },
    }
}

/// Lets the process open as many files as the system allows: each connection is one.
fn raise_file_limit() {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let limit = getrlimit(Resource::Nofile);
    let raised = Rlimit {
        current: limit.maximum,
        maximum: limit.maximum,
    };
    if let Err(error) = setrlimit(Resource::Nofile, raised) {
        tracing::warn!(%error, "the limit of open files stays as it is");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::Exit;
    use crate::operate::failure::words;

    #[test]
    fn a_plan_file_that_is_not_there_is_told_before_anything_starts() {
        let failed = read_plan(Path::new("/no/such/PLAN.md")).err().unwrap();
        assert_eq!(failed.exit(), Exit::Usage);
        assert!(words(&failed).contains("/no/such/PLAN.md"), "{failed:?}");
    }
}
