//! What goes to stdout and stderr. A reader that goes away ends the program quietly, and nothing that
//! came from elsewhere can steer a terminal.

use std::io::{self, ErrorKind, IsTerminal, Write};

use serde_json::Value;

use super::Globals;
use super::exit::Exit;
use super::failure::Failure;

/// Lines are wrapped to this width where the terminal does not say its own.
const COLUMNS_DEFAULT: u16 = 100;

/// Where answers go and in which dress.
#[derive(Debug, Clone, Copy)]
pub struct Output {
    as_json: bool,
    /// The width to lay text out for; none where stdout is no terminal, so that lines stay whole.
    columns: Option<u16>,
}

impl Output {
    /// The output that the flags ask for.
    pub fn new(globals: &Globals) -> Self {
        Self {
            as_json: globals.json,
            columns: columns(),
        }
    }

    /// Answers are JSON documents.
    pub fn as_json(self) -> bool {
        self.as_json
    }

    /// The width of the terminal in characters; none where stdout is none.
    pub fn columns(self) -> Option<u16> {
        self.columns
    }

    /// Prints a document on a line of its own.
    ///
    /// # Errors
    /// Stdout cannot be written.
    pub fn document(self, document: &Value) -> Result<(), Failure> {
        write(&one_line(document))
    }

    /// Prints text that was cleaned already; ends it with a line end.
    ///
    /// # Errors
    /// Stdout cannot be written.
    pub fn text(self, text: &str) -> Result<(), Failure> {
        if text.is_empty() || text.ends_with('\n') {
            write(text)
        } else {
            write(&format!("{text}\n"))
        }
    }

    /// Prints the document or the text, whichever was asked for.
    ///
    /// # Errors
    /// Stdout cannot be written.
    pub fn either(
        self,
        document: impl FnOnce() -> Value,
        text: impl FnOnce() -> String,
    ) -> Result<(), Failure> {
        if self.as_json {
            self.document(&document())
        } else {
            self.text(&text())
        }
    }

    /// Says something beside the answer, on stderr. Who does not read it misses nothing.
    pub fn note(self, text: &str) {
        let _unread = writeln!(io::stderr(), "{text}");
    }
}

/// A document on one line, with its line end. Characters that steer terminals are escaped beyond what
/// JSON asks for.
pub(super) fn one_line(document: &Value) -> String {
    let plain = document.to_string();
    let mut line = String::with_capacity(plain.len() + 1);
    for character in plain.chars() {
        // Outside strings JSON has none of these, so escaping them keeps the document what it is.
        if character.is_control() || super::text::clean::is_direction(character) {
            line.push_str(&format!("\\u{:04x}", u32::from(character)));
        } else {
            line.push(character);
        }
    }
    line.push('\n');
    line
}

/// Whether what goes to stderr may be coloured.
pub fn stderr_has_colour() -> bool {
    io::stderr().is_terminal() && !colour_is_unwanted()
}

/// Whether what goes to stdout may be coloured.
pub fn stdout_has_colour() -> bool {
    io::stdout().is_terminal() && !colour_is_unwanted()
}

fn colour_is_unwanted() -> bool {
    std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty())
}

/// Writes to stdout.
fn write(text: &str) -> Result<(), Failure> {
    let mut stdout = io::stdout().lock();
    let written = stdout
        .write_all(text.as_bytes())
        .and_then(|()| stdout.flush());
    written.map_err(|error| match error.kind() {
        ErrorKind::BrokenPipe => Failure::StdoutClosed,
        _ => Failure::new(
            Exit::Other,
            "STDOUT",
            format!("stdout cannot be written: {error}"),
        ),
    })
}

fn columns() -> Option<u16> {
    let stdout = io::stdout();
    if !stdout.is_terminal() {
        return None;
    }
    let size = rustix::termios::tcgetwinsize(&stdout).ok();
    let columns = size.map(|size| size.ws_col).filter(|columns| *columns > 0);
    Some(columns.unwrap_or(COLUMNS_DEFAULT))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_document_cannot_steer_a_terminal_and_stays_what_it_is() {
        let document = json!({"title": "a\u{1b}[31mb\u{9b}c\u{7f}d\ne\u{202e}f"});
        let line = one_line(&document);
        assert!(
            line.trim_end()
                .chars()
                .all(|character| !character.is_control()),
            "{line:?}"
        );
        assert!(!line.contains('\u{202e}'));
        let read: Value = serde_json::from_str(&line).unwrap();
        assert_eq!(read, document);
    }
}
