//! `[log]`: how the daemon logs.

use serde::Deserialize;

use super::check::Checker;

const FORMATS: [&str; 2] = ["text", "json"];
const LEVELS: [&str; 5] = ["error", "warn", "info", "debug", "trace"];

/// How the daemon logs, always on stderr.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Log {
    /// Default text.
    pub format: LogFormat,
    /// `error`, `warn`, `info`, `debug` or `trace`. Default `info`.
    pub level: String,
}

/// The form of a log line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// A line for people.
    Text,
    /// One JSON object a line.
    Json,
}

/// `[log]` as written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Written {
    format: String,
    level: String,
}

impl Written {
    /// The section with its words known, or `None`.
    pub(super) fn check(self, checker: &mut Checker<'_>) -> Option<Log> {
        checker.one_of("log.format", &self.format, &FORMATS);
        checker.one_of("log.level", &self.level, &LEVELS);
        let format = match self.format.as_str() {
            "text" => LogFormat::Text,
            "json" => LogFormat::Json,
            _ => return None,
        };
        Some(Log {
            format,
            level: self.level,
        })
    }
}
