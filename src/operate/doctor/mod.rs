//! `doctor`: whether this machine, the files and the daemon are as they should be, a line for each thing
//! with what to do about it. It changes nothing: its only file is a probe that it takes away again.

mod files;
mod logs;
mod server;

use std::path::PathBuf;

use serde::Serialize;
use serde_json::json;

use super::failure::{caused, chain};
use super::settings::{flags, load, path_text};
use crate::cli::output::{Output, stdout_has_colour};
use crate::cli::{Exit, Failure, Globals};
use crate::config::Settings;
use crate::store::sqlite::{self, Holder};

/// What to look at.
#[derive(Debug, clap::Args)]
pub struct Doctor {
    /// The daemon's data directory [default: $XDG_STATE_HOME/muster or ~/.local/state/muster]
    #[arg(long, value_name = "DIR", env = "MUSTER_DATA_DIR")]
    data_dir: Option<PathBuf>,
    /// The settings file the daemon is started with
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

/// What a check came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum State {
    /// As it should be.
    Ok,
    /// It goes on, but not as it should.
    Warn,
    /// It does not go on, or something can be lost.
    Fail,
}

impl State {
    fn word(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warn => "warn",
            Self::Fail => "FAIL",
        }
    }

    fn colour(self) -> &'static str {
        match self {
            Self::Ok => "\u{1b}[32m",
            Self::Warn => "\u{1b}[33m",
            Self::Fail => "\u{1b}[1;31m",
        }
    }
}

/// One line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Check {
    /// What was looked at.
    pub name: String,
    /// What it came to.
    pub state: State,
    /// What was found.
    pub found: String,
    /// What to do; empty when there is nothing.
    pub advice: String,
}

impl Check {
    /// As it should be.
    pub fn ok(name: &str, found: impl Into<String>) -> Self {
        Self::new(name, State::Ok, found, "")
    }

    /// Not as it should be.
    pub fn warn(name: &str, found: impl Into<String>, advice: impl Into<String>) -> Self {
        Self::new(name, State::Warn, found, advice)
    }

    /// Something does not go on.
    pub fn fail(name: &str, found: impl Into<String>, advice: impl Into<String>) -> Self {
        Self::new(name, State::Fail, found, advice)
    }

    fn new(name: &str, state: State, found: impl Into<String>, advice: impl Into<String>) -> Self {
        Self {
            name: name.to_owned(),
            state,
            found: found.into(),
            advice: advice.into(),
        }
    }
}

/// Looks at everything; exit code 1 when something fails.
pub(super) async fn run(doctor: Doctor, globals: &Globals, output: Output) -> Result<(), Failure> {
    let checks = examine(doctor, globals).await?;
    output.either(
        || json!({ "checks": checks }),
        || text(&checks, stdout_has_colour()),
    )?;
    if checks.iter().any(|check| check.state == State::Fail) {
        return Err(Failure::Answered(Exit::Other));
    }
    Ok(())
}

async fn examine(doctor: Doctor, globals: &Globals) -> Result<Vec<Check>, Failure> {
    let mut checks = vec![Check::ok(
        "program",
        format!(
            "muster {}, SQLite {}, database form {}",
            env!("CARGO_PKG_VERSION"),
            sqlite::library_version(),
            sqlite::STEPS_KNOWN
        ),
    )];
    let given = doctor.data_dir.clone();
    let data_dir = doctor.data_dir.map(path_text).transpose()?;
    let settings = load(
        doctor.config.as_deref(),
        flags([("server.data_dir", data_dir)]),
    );
    let settings = match settings {
        Ok(settings) => {
            let found = doctor.config.map_or_else(
                || "defaults and variables; no file was named".to_owned(),
                |file| format!("{} is sound", file.display()),
            );
            checks.push(Check::ok("settings", found));
            Some(settings)
        }
        Err(Failure::Said(fault)) => {
            let advice = "correct them, then: muster config check";
            checks.push(Check::fail("settings", fault.message, advice));
            None
        }
        Err(other) => return Err(other),
    };
    let data_dir = settings
        .as_ref()
        .map(|settings| settings.server.data_dir.clone())
        .or(given);
    if let Some(tls) = settings.as_ref().and_then(|settings| settings.tls.as_ref()) {
        checks.push(files::tls(&tls.cert_file, &tls.key_file));
    }
    let mut heads = Vec::new();
    let mut is_running = false;
    if let Some(data_dir) = data_dir {
        let reading = tokio::task::spawn_blocking(move || {
            let (lock, is_running) = lock(&data_dir);
            let mut found = vec![lock];
            found.extend(files::look(&data_dir));
            let (logs, heads) = logs::look(&data_dir);
            found.extend(logs);
            (found, heads, is_running)
        });
        let (found, seen, running) = reading.await.map_err(|error| caused("INTERNAL", &error))?;
        checks.extend(found);
        (heads, is_running) = (seen, running);
    }
    checks.extend(server::ask(globals, settings.as_ref(), is_running, &heads).await);
    Ok(checks)
}

/// Who works on the directory.
fn lock(data_dir: &std::path::Path) -> (Check, bool) {
    let path = data_dir.display();
    match sqlite::holder(data_dir) {
        Ok(Holder::Nobody) => (Check::ok("daemon", format!("none runs on {path}")), false),
        Ok(Holder::Process(pid)) => {
            let who = pid.map_or_else(|| "a process".to_owned(), |pid| format!("process {pid}"));
            (Check::ok("daemon", format!("{who} runs on {path}")), true)
        }
        Err(error) => (
            Check::fail(
                "daemon",
                format!("the lock of {path} cannot be read: {}", chain(&error)),
                "run the doctor as the user who runs the daemon",
            ),
            false,
        ),
    }
}

/// The address the settings say the daemon listens on; none for a port that is chosen at the start.
fn address_of(settings: &Settings) -> Option<String> {
    let listen = settings.server.listen;
    let scheme = if settings.tls.is_some() {
        "https"
    } else {
        "http"
    };
    (listen.port() != 0).then(|| format!("{scheme}://{listen}"))
}

/// Lines in columns; what to do stands under what was found.
fn text(checks: &[Check], colour: bool) -> String {
    let name_width = checks
        .iter()
        .map(|check| check.name.chars().count())
        .max()
        .unwrap_or(0);
    let mut text = String::new();
    for check in checks {
        let word = check.state.word();
        let (on, off) = if colour {
            (check.state.colour(), "\u{1b}[0m")
        } else {
            ("", "")
        };
        let found = check.found.replace('\n', " ");
        text.push_str(&format!(
            "{on}{word:<4}{off}  {:<name_width$}  {found}\n",
            check.name
        ));
        if !check.advice.is_empty() {
            text.push_str(&format!(
                "{:width$}do: {}\n",
                "",
                check.advice,
                width = name_width + 8
            ));
        }
    }
    let fails = checks
        .iter()
        .filter(|check| check.state == State::Fail)
        .count();
    let warns = checks
        .iter()
        .filter(|check| check.state == State::Warn)
        .count();
    text.push_str(&match (fails, warns) {
        (0, 0) => "\nall is well\n".to_owned(),
        (0, warns) => format!("\nnothing fails; {warns} to look at\n"),
        (fails, 0) => format!("\n{fails} failed\n"),
        (fails, warns) => format!("\n{fails} failed, {warns} to look at\n"),
    });
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checks() -> Vec<Check> {
        vec![
            Check::ok("program", "muster 0.1.0"),
            Check::warn("permissions", "muster.db is 0644", "chmod 600 muster.db"),
            Check::fail("disk", "3.0 MiB free", "free some space"),
        ]
    }

    #[test]
    fn each_line_says_what_was_found_and_what_to_do() {
        insta::assert_snapshot!(text(&checks(), false), @r"
        ok    program      muster 0.1.0
        warn  permissions  muster.db is 0644
                           do: chmod 600 muster.db
        FAIL  disk         3.0 MiB free
                           do: free some space

        1 failed, 1 to look at
        ");
    }

    #[test]
    fn only_the_states_are_coloured() {
        let text = text(&checks()[..1], true);
        assert!(
            text.starts_with("\u{1b}[32mok  \u{1b}[0m  program"),
            "{text:?}"
        );
    }

    #[test]
    fn the_document_is_what_scripts_are_promised() {
        let document = serde_json::to_string(&checks()[1]).unwrap();
        assert_eq!(
            document,
            r#"{"name":"permissions","state":"warn","found":"muster.db is 0644","advice":"chmod 600 muster.db"}"#
        );
    }
}
