//! The daemon's settings: defaults, then a file, then the environment, then flags. Nothing is guessed:
//! an unknown key or an unusable value refuses the start, and all problems are told together.

mod channels;
mod check;
mod document;
mod error;
mod excerpt;
mod expected;
mod gates;
mod github;
mod layer;
mod limits;
mod log;
mod metrics;
mod origin;
mod project;
mod server;
#[cfg(test)]
mod tests;
mod tls;
mod watch;

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::Deserialize;

pub use channels::{CHANNEL_KINDS, ChannelSettings, Channels, MAIL_TLS, REPORT_KINDS, SEVERITIES};
pub use error::{ConfigError, Problem};
pub use gates::{GateCommand, Gates};
pub use github::{GitHub, GitHubProject};
pub use limits::Limits;
pub use log::{Log, LogFormat};
pub use metrics::Metrics;
pub use origin::{Origin, Shown};
pub use project::ProjectDefaults;
pub use server::Server;
pub use tls::Tls;
pub use watch::Watch;

use check::Checker;
use layer::Layers;

/// The defaults with a comment for every key: the reference for whoever writes a file of their own.
pub const DEFAULTS: &str = include_str!("../../config/muster.toml");

/// All settings, checked; they do not change while the daemon runs.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Where the daemon listens and keeps its files.
    pub server: Server,
    /// The certificate, when the daemon speaks TLS.
    pub tls: Option<Tls>,
    /// What the process takes on at most.
    pub limits: Limits,
    /// What a new project starts with.
    pub project: ProjectDefaults,
    /// The commands of quality gates.
    pub gates: Gates,
    /// What checklists ask GitHub.
    pub github: GitHub,
    /// Where published reports are delivered, by the channel's name.
    pub channels: Channels,
    /// How projects are watched.
    pub watch: Watch,
    /// Where figures may be fetched, when they may.
    pub metrics: Option<Metrics>,
    /// How the daemon logs.
    pub log: Log,
    shown: Vec<Shown>,
}

/// Where settings come from, all handed in: `load` reads neither the process's environment nor its
/// arguments, so tests are free of both.
#[derive(Debug, Clone, Default)]
pub struct LoadOptions {
    /// A settings file; `None` means defaults only.
    pub file: Option<PathBuf>,
    /// The environment. Variables named `MUSTER__…` are settings; `XDG_STATE_HOME` and `HOME` say where
    /// data goes by default; every other one, `MUSTER_SERVER` and its like among them, is not looked at.
    pub environment: BTreeMap<String, String>,
    /// What flags set: the key as written in messages (`server.listen`) and its value as text.
    pub flags: BTreeMap<String, String>,
}

/// The merged settings as written, before they are checked.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    server: server::Written,
    tls: tls::Written,
    limits: Limits,
    project: ProjectDefaults,
    gates: Gates,
    github: GitHub,
    #[serde(default)]
    channels: Channels,
    watch: Watch,
    metrics: metrics::Written,
    log: log::Written,
}

impl Settings {
    /// Reads, merges and checks all layers.
    ///
    /// # Errors
    /// Every problem found, each with the file and line, variable or flag it comes from.
    pub fn load(options: LoadOptions) -> Result<Self, ConfigError> {
        let layers = Layers::collect(&options);
        if layers.is_incomplete {
            return Err(ConfigError::new(layers.problems));
        }
        let merged = layers.merge()?;
        let mut shown = origin::show(&merged.cache, &layers.origins);
        let written: Written = merged
            .try_deserialize()
            .map_err(|error| ConfigError::new(vec![Problem::anywhere(error.to_string())]))?;

        let mut checker = Checker::new(&layers.origins, layers.problems);
        let server = written.server.check(&options.environment, &mut checker);
        let tls = written.tls.check(&mut checker);
        written.limits.check(&mut checker);
        written.project.check(&mut checker);
        written.gates.check(&mut checker);
        written.github.check(&mut checker);
        channels::check(&written.channels, &mut checker);
        written.watch.check(&mut checker);
        let metrics = written
            .metrics
            .check(server.as_ref(), tls.is_some(), &mut checker);
        let log = written.log.check(&mut checker);
        if let Some(server) = &server {
            server.check_exposure(tls.is_some(), &mut checker);
        }
        match (server, log) {
            (Some(server), Some(log)) if checker.problems.is_empty() => {
                origin::show_data_dir(&mut shown, &server.data_dir);
                Ok(Self {
                    server,
                    tls,
                    limits: written.limits,
                    project: written.project,
                    gates: written.gates,
                    github: written.github,
                    channels: written.channels,
                    watch: written.watch,
                    metrics,
                    log,
                    shown,
                })
            }
            _ => Err(ConfigError::new(checker.problems)),
        }
    }

    /// Every setting in force with where it comes from, ordered by key. None of them is a secret: keys
    /// and tokens are given as files, and only the file's name stands here.
    pub fn show(&self) -> Vec<Shown> {
        self.shown.clone()
    }
}
