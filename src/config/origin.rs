//! Where each setting comes from, kept beside its value so that `config show` and every message about it
//! can say so.

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;

use config::{Value, ValueKind};

/// The layer that set a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// The defaults that are part of the program.
    Default,
    /// The settings file.
    File {
        /// The file as it was named.
        path: String,
        /// The line, from 1.
        line: usize,
        /// The column in characters, from 1.
        column: usize,
    },
    /// An environment variable.
    Environment {
        /// Its name.
        variable: String,
    },
    /// A flag of the command line.
    Flag,
}

impl fmt::Display for Origin {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => formatter.write_str("default"),
            Self::File { path, line, column } => write!(formatter, "{path}:{line}:{column}"),
            Self::Environment { variable } => write!(formatter, "variable {variable}"),
            Self::Flag => formatter.write_str("flag"),
        }
    }
}

/// One setting in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// The key from the top, such as `limits.projects`.
    pub key: String,
    /// Its value as text; a text value without quotes, empty when not set.
    pub value: String,
    /// The layer it comes from.
    pub origin: Origin,
}

/// An origin and, for a file, the line with a caret, ready for a message.
#[derive(Debug, Clone)]
pub(super) struct Placed {
    pub(super) origin: Origin,
    pub(super) excerpt: Option<String>,
}

/// Key from the top to where its value comes from.
pub(super) type Origins = BTreeMap<String, Placed>;

/// Adds a segment to a key, in quotes where TOML would want them.
pub(super) fn join(parent: &str, segment: &str) -> String {
    let bare = !segment.is_empty()
        && segment
            .chars()
            .all(|character| character.is_ascii_alphanumeric() || "_-".contains(character));
    let segment = if bare {
        segment.to_owned()
    } else {
        format!("{segment:?}")
    };
    if parent.is_empty() {
        segment
    } else {
        format!("{parent}.{segment}")
    }
}

/// The merged settings as a flat list, ordered by key.
pub(super) fn show(merged: &Value, origins: &Origins) -> Vec<Shown> {
    let mut shown = Vec::new();
    flatten("", merged, origins, &mut shown);
    shown.sort_by(|left, right| left.key.cmp(&right.key));
    shown
}

fn flatten(key: &str, value: &Value, origins: &Origins, shown: &mut Vec<Shown>) {
    if let ValueKind::Table(table) = &value.kind {
        for (segment, inner) in table {
            flatten(&join(key, segment), inner, origins, shown);
        }
    } else {
        shown.push(Shown {
            key: key.to_owned(),
            value: value.kind.to_string(),
            origin: origins
                .get(key)
                .map_or(Origin::Default, |placed| placed.origin.clone()),
        });
    }
}

/// Shows the folder in force where the default, "not set", says nothing.
pub(super) fn show_data_dir(shown: &mut [Shown], data_dir: &Path) {
    for setting in shown {
        if setting.key == "server.data_dir" && setting.value.is_empty() {
            setting.value = data_dir.display().to_string();
        }
    }
}
