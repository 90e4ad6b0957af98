//! `[limits]`: what the process takes on at most. Nothing it takes from outside is without one.

use serde::Deserialize;

use super::check::Checker;

const MANY: u64 = 1_000_000;

/// What the process takes on at most.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    /// The largest message taken or sent, in bytes. Default 4 MiB.
    pub message_bytes: usize,
    /// The largest plan file that an import takes, in bytes. Default 16 MiB.
    pub import_bytes: usize,
    /// Requests waiting for the writer at one time. Default 4,096.
    pub queued_requests: usize,
    /// Open watches over all projects. Default 10,000.
    pub watchers: usize,
    /// Claims waiting for work over all projects. Default 10,000.
    pub waiting_claims: usize,
    /// The most entries in one page of a list. Default 1,000.
    pub page_size_max: usize,
    /// Projects of this daemon, archived ones included. Default 1,000.
    pub projects: usize,
    /// Open connections. Default 4,096.
    pub connections: usize,
}

impl Limits {
    pub(super) fn check(&self, checker: &mut Checker<'_>) {
        let mut range = |key: &str, value: usize, least: u64, most: u64, unit: &str| {
            let value = u64::try_from(value).unwrap_or(u64::MAX);
            checker.range(&format!("limits.{key}"), value, least..=most, unit);
        };
        range(
            "message_bytes",
            self.message_bytes,
            65_536,
            256 << 20,
            "bytes",
        );
        range("import_bytes", self.import_bytes, 1_024, 256 << 20, "bytes");
        range("queued_requests", self.queued_requests, 1, MANY, "requests");
        range("watchers", self.watchers, 1, MANY, "watches");
        range("waiting_claims", self.waiting_claims, 1, MANY, "claims");
        range("page_size_max", self.page_size_max, 1, 100_000, "entries");
        range("projects", self.projects, 1, MANY, "projects");
        range("connections", self.connections, 1, MANY, "connections");
    }
}
