//! Muster runs a project plan for a team of AI agents and the person who coordinates them.
//!
//! The modules stand in reading order; each may use those above it, never those below
//! (`tests/tidy` checks it).

pub mod plan;

pub mod report;

pub mod interchange;

pub mod failpoint;

pub mod store;

pub mod clock;
pub mod config;
pub mod telemetry;

pub mod secret;

pub mod outbound;

pub mod engine;

pub mod schedule;

pub mod probe;

pub mod notify;

pub mod api;

pub mod web;

pub mod cli;

pub mod daemon;

pub mod operate;
