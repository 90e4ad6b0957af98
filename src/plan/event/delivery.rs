//! Events of published reports on their way to the channels.

use serde::{Deserialize, Serialize};

use super::super::id::ReportId;
use super::Text;

/// See [`Event::ReportDelivered`](super::Event::ReportDelivered).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ReportDelivered {
    /// The report.
    pub report: ReportId,
    /// The channel that took it.
    pub channel: Text,
    /// The attempts it needed since the daemon started or somebody asked for it again.
    pub attempts: u32,
    /// What the other side said, or where it was put.
    #[serde(default, skip_serializing_if = "str::is_empty")]
    pub note: Text,
}

/// See [`Event::ReportUndelivered`](super::Event::ReportUndelivered).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ReportUndelivered {
    /// The report.
    pub report: ReportId,
    /// The channel that did not take it.
    pub channel: Text,
    /// The attempts that were made since the daemon started or somebody asked for it again.
    pub attempts: u32,
    /// What came of the last one.
    pub reason: Text,
}

/// See [`Event::ReportReaddressed`](super::Event::ReportReaddressed).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ReportReaddressed {
    /// The report.
    pub report: ReportId,
    /// The channel.
    pub channel: Text,
}
