//! Starts the log of the process, once, on stderr: stdout belongs to what a command answers.

use std::error::Error;
use std::io::IsTerminal;

use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::ParseError;

use crate::config::{Log, LogFormat};

/// Libraries whose own steps drown ours; their warnings stay.
const QUIETED: [&str; 3] = ["h2", "hyper", "tonic"];

/// The log could not be started.
#[derive(Debug, thiserror::Error)]
#[error(
    "MUSTER_LOG is {directives:?}, which is no list of log directives; write one such as \
     `info,muster::engine=debug`"
)]
pub struct TelemetryError {
    directives: String,
    #[source]
    source: ParseError,
}

/// Starts logging as the settings say. `directives` is the value of `MUSTER_LOG` where it is set; it
/// goes before `[log] level`, and what it does not name is silent.
///
/// The first call wins: a later one changes nothing and is no error, so every test may make it.
///
/// # Errors
/// `directives` cannot be read.
pub fn start(log: &Log, directives: Option<&str>) -> Result<(), TelemetryError> {
    let filter = filter(log, directives)?;
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr);
    let colour = std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none();
    // The one error is that a subscriber is already there.
    let _already_started = match log.format {
        LogFormat::Text => builder.with_ansi(colour).try_init(),
        LogFormat::Json => builder
            .json()
            .flatten_event(true)
            // The request's span stands in `span`; a list of one would say it twice.
            .with_span_list(false)
            .try_init(),
    };
    Ok(())
}

/// An error and its causes in one sentence, as the log tells them.
pub fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let words = error.to_string();
        // A transparent error shows its cause as itself; nobody wants to read it twice.
        if !text.ends_with(&words) {
            text.push_str(": ");
            text.push_str(&words);
        }
        cause = error.source();
    }
    text
}

fn filter(log: &Log, directives: Option<&str>) -> Result<EnvFilter, TelemetryError> {
    let text = match directives {
        Some(own) if !own.trim().is_empty() => own.to_owned(),
        _ => {
            let quieted = QUIETED.map(|library| format!(",{library}={}", quiet(&log.level)));
            log.level.clone() + &quieted.concat()
        }
    };
    EnvFilter::builder()
        .parse(&text)
        .map_err(|source| TelemetryError {
            directives: text,
            source,
        })
}

/// A library is never louder than the daemon itself.
fn quiet(level: &str) -> &str {
    if level == "error" { "error" } else { "warn" }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(level: &str, directives: Option<&str>, expected: &[&str]) {
        let log = Log {
            format: LogFormat::Text,
            level: level.to_owned(),
        };
        let shown = filter(&log, directives).unwrap().to_string();
        let mut parts: Vec<&str> = shown.split(',').collect();
        parts.sort_unstable();
        assert_eq!(parts, expected);
    }

    #[test]
    fn libraries_are_quieter_than_the_daemon() {
        check(
            "debug",
            None,
            &["debug", "h2=warn", "hyper=warn", "tonic=warn"],
        );
        check(
            "error",
            None,
            &["error", "h2=error", "hyper=error", "tonic=error"],
        );
    }

    #[test]
    fn directives_of_the_environment_go_before_the_level() {
        check(
            "info",
            Some("muster=trace,h2=debug"),
            &["h2=debug", "muster=trace"],
        );
        check(
            "info",
            Some(" "),
            &["h2=warn", "hyper=warn", "info", "tonic=warn"],
        );
    }

    #[test]
    fn unreadable_directives_are_named() {
        let log = Log {
            format: LogFormat::Json,
            level: "info".to_owned(),
        };
        let error = start(&log, Some("muster=loudly")).expect_err("no such level");
        assert!(error.to_string().contains("muster=loudly"), "{error}");
    }

    #[test]
    fn starting_twice_is_no_error() {
        for format in [LogFormat::Text, LogFormat::Json] {
            let log = Log {
                format,
                level: "warn".to_owned(),
            };
            start(&log, None).unwrap();
        }
    }
}
