//! How these commands answer: text for people or one JSON document, on stdout and nowhere else.

use std::io::{self, IsTerminal, Write};

use serde::Serialize;

use super::failed::{Failed, OUTPUT_CLOSED};

/// Which dress an answer wears.
#[derive(Debug, Clone, Copy)]
pub(super) struct Output {
    json: bool,
}

impl Output {
    pub(super) fn new(json: bool) -> Self {
        Self { json }
    }

    /// Whether scripts read.
    pub(super) fn is_json(self) -> bool {
        self.json
    }

    /// Writes an answer: as JSON where that was asked for, else as `text` says it.
    pub(super) fn answer<T: Serialize>(
        self,
        value: &T,
        text: impl FnOnce(&T) -> String,
    ) -> Result<(), Failed> {
        let line = if self.json {
            serde_json::to_string(value).map_err(|error| Failed::caused("INTERNAL", &error))?
        } else {
            text(value)
        };
        say(&line)
    }
}

/// Writes a line to stdout at once. Whoever reads us may have gone; that is the end, not a crash.
pub(super) fn say(line: &str) -> Result<(), Failed> {
    let mut stdout = io::stdout().lock();
    writeln!(stdout, "{line}")
        .and_then(|()| stdout.flush())
        .map_err(|error| Failed::new(OUTPUT_CLOSED, format!("cannot write the answer: {error}")))
}

/// Whether a person watches stdout.
pub(super) fn is_terminal() -> bool {
    io::stdout().is_terminal()
}
