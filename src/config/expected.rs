//! What may stand where: read off the defaults, so that they are the one list of keys and of their types.

use std::collections::BTreeMap;

use config::{Value, ValueKind};
use toml::de::DeValue;

use super::origin::join;

/// What may stand at a key.
pub(super) enum Expected {
    Section(BTreeMap<String, Expected>),
    /// A table whose keys are the user's own, each with a text.
    Words,
    /// A table whose keys are the user's own, each with a section, and what must be in each.
    Sections(BTreeMap<String, Expected>, &'static [&'static str]),
    Text,
    /// A list of texts.
    Texts,
    Number,
}

impl Expected {
    /// Reads the expectation off the defaults.
    pub(super) fn of(value: &DeValue<'_>, key: &str) -> Self {
        match value {
            DeValue::Table(_) if key == "project.areas" => Self::Words,
            DeValue::Table(_) if key == "gates.commands" => {
                Self::Sections(gate_command(), &["program", "working_directory"])
            }
            DeValue::Table(_) if key == "github.projects" => {
                Self::Sections(github_project(), &["repository"])
            }
            DeValue::Table(_) if key == "channels" => Self::Sections(channel(), &["kind"]),
            DeValue::Table(table) => Self::Section(
                table
                    .iter()
                    .map(|(name, value)| {
                        let name = name.get_ref();
                        let inner = Self::of(value.get_ref(), &join(key, name));
                        (name.to_string(), inner)
                    })
                    .collect(),
            ),
            DeValue::Integer(_) => Self::Number,
            DeValue::String(_) | DeValue::Float(_) | DeValue::Boolean(_) | DeValue::Datetime(_) => {
                Self::Text
            }
            DeValue::Array(_) => Self::Texts,
        }
    }

    pub(super) fn in_words(&self) -> &'static str {
        match self {
            Self::Section(_) | Self::Words | Self::Sections(..) => "a table",
            Self::Texts => "a list of texts",
            Self::Text => "a text",
            Self::Number => "a whole number of at least 0",
        }
    }
}

/// What may stand in a table of `[gates.commands]`; the defaults have none to read it off.
fn gate_command() -> BTreeMap<String, Expected> {
    [
        ("program", Expected::Text),
        ("arguments", Expected::Texts),
        ("working_directory", Expected::Text),
        ("timeout_ms", Expected::Number),
        ("output_bytes", Expected::Number),
        ("number_after", Expected::Text),
    ]
    .map(|(name, expected)| (name.to_owned(), expected))
    .into()
}

/// What may stand in a table of `[github.projects]`.
fn github_project() -> BTreeMap<String, Expected> {
    [
        ("repository", Expected::Text),
        ("labels", Expected::Texts),
        ("milestone", Expected::Text),
        ("stale_after_days", Expected::Number),
    ]
    .map(|(name, expected)| (name.to_owned(), expected))
    .into()
}

/// What may stand in a table of `[channels]`; which of it a kind has is checked behind.
fn channel() -> BTreeMap<String, Expected> {
    let texts = [
        "kind",
        "severity",
        "dir",
        "url_env",
        "url_file",
        "private_addresses",
        "host",
        "tls",
        "ca_file",
        "username",
        "password_env",
        "password_file",
        "from",
        "program",
        "working_directory",
    ]
    .map(|name| (name.to_owned(), Expected::Text));
    let lists = [
        "projects",
        "kinds",
        "roles",
        "secrets_env",
        "secrets_file",
        "networks",
        "to",
        "arguments",
        "environment",
    ]
    .map(|name| (name.to_owned(), Expected::Texts));
    let numbers = ["port", "output_bytes", "connect_timeout_ms", "timeout_ms"]
        .map(|name| (name.to_owned(), Expected::Number));
    texts.into_iter().chain(lists).chain(numbers).collect()
}

/// The key as the defaults write it, found without regard to case, with what may stand there.
pub(super) fn find<'expected>(
    segments: &[&str],
    expected: &'expected Expected,
) -> Result<(Vec<&'expected str>, &'expected Expected), String> {
    let mut path = Vec::new();
    let mut here = expected;
    for segment in segments {
        match here {
            Expected::Section(known) => {
                let found = known
                    .iter()
                    .find(|(name, _)| name.eq_ignore_ascii_case(segment));
                let Some((name, inner)) = found else {
                    return Err(unknown(&joined(&path), segment, known));
                };
                path.push(name.as_str());
                here = inner;
            }
            Expected::Words | Expected::Sections(..) => {
                let key = joined(&path);
                return Err(format!("`{key}` can be set in a settings file only"));
            }
            Expected::Text | Expected::Texts | Expected::Number => {
                let key = joined(&path);
                return Err(format!("`{key}` is a value and has no `{segment}` in it"));
            }
        }
    }
    Ok((path, here))
}

/// Segments as one key.
pub(super) fn joined(path: &[&str]) -> String {
    path.iter()
        .fold(String::new(), |key, name| join(&key, name))
}

/// Says that a section has no such key, and which it has.
pub(super) fn unknown(parent: &str, segment: &str, known: &BTreeMap<String, Expected>) -> String {
    let key = join(parent, segment);
    let names: Vec<&str> = known.keys().map(String::as_str).collect();
    let names = names.join(", ");
    if parent.is_empty() {
        format!("there is no section `{key}`; the sections are {names}")
    } else {
        format!("there is no key `{key}`; [{parent}] has {names}")
    }
}

/// A value given as text, as what is expected; `None` where it cannot be read as that.
pub(super) fn read_text(text: &str, expected: &Expected) -> Option<ValueKind> {
    match expected {
        Expected::Text => Some(ValueKind::String(text.to_owned())),
        Expected::Number => text.trim().parse().ok().map(ValueKind::U64),
        Expected::Texts => {
            let texts = text.split(',').map(|text| text.trim().to_owned());
            Some(ValueKind::Array(
                texts.map(|text| Value::new(None, text)).collect(),
            ))
        }
        Expected::Section(_) | Expected::Words | Expected::Sections(..) => None,
    }
}
