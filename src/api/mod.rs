//! The interface: requests become commands, plans become messages, refusals become statuses. Wire types
//! stop here; every rule about the plan is decided by the core, every right by one table.

mod access;
mod admin;
mod agent;
mod as_of;
mod aside;
mod at_risk;
mod backup;
mod board;
mod call;
mod ceremony;
mod channel;
mod checklist;
mod claim;
mod connections;
mod enums;
mod event;
mod figures;
mod finish;
mod forecast;
mod frames;
mod gate;
mod gates;
mod import;
mod meter;
mod page;
mod phase;
mod plan_file;
mod project;
mod project_door;
mod queue;
mod queue_edit;
mod reference;
mod register;
mod report;
mod role_window;
mod rule;
mod schedule;
mod serve;
mod session;
mod settings;
mod sprint;
mod stamp;
mod standup;
mod status;
mod task;
mod task_filter;
mod task_words;
mod token;
mod validate;
mod views;
mod work;
mod workflow;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use crate::clock::Stopwatch;
use crate::engine::EngineHandle;
use crate::notify::Channels;
use crate::plan::settings::Settings;
use crate::probe::Commands;

pub use crate::engine::Counted;
pub use connections::{Connection, Connections};
pub use figures::{Figures, OTHERS, PlanFigures};
pub use meter::CallFigures;
pub use serve::{Health, ServeError, ServeOptions, TlsFiles, serve, tls_config, without_port};
pub use status::reason_of;
pub use token::{MintedToken, is_valid as token_is_valid, mint as mint_token};

/// What the services need beside the engine.
#[derive(Debug, Clone)]
pub struct ApiOptions {
    /// The settings of a new project.
    pub defaults: Settings,
    /// Whether a new project begins with the usual schedules.
    pub usual_schedules: bool,
    /// The most entries in one page of a list.
    pub page_size_max: usize,
    /// The largest plan file that an import takes, in bytes.
    pub import_bytes: usize,
    /// The largest other message taken or sent, in bytes.
    pub message_bytes: usize,
    /// The commands that quality gates may ask for.
    pub commands: Commands,
    /// Where published reports are delivered.
    pub channels: Channels,
}

/// The services; cheap to clone.
#[derive(Clone)]
pub struct Api {
    engine: EngineHandle,
    options: Arc<ApiOptions>,
    up: Stopwatch,
    meter: Arc<meter::CallMeter>,
    at_risk: Arc<at_risk::Kept>,
}

impl Api {
    /// The services of a running engine.
    pub fn new(engine: EngineHandle, options: ApiOptions) -> Self {
        Self {
            engine,
            options: Arc::new(options),
            up: Stopwatch::start(),
            meter: Arc::new(meter::CallMeter::new()),
            at_risk: Arc::default(),
        }
    }
}
