//! The layers as they are written: each is held against the defaults, key by key, before they are merged,
//! so that a misspelt key or a wrong type is told with its line and its caret and none hides another.

use std::collections::BTreeMap;
use std::io::Read;
use std::ops::Range;
use std::path::Path;

use config::{Config, Map, Source, Value, ValueKind};
use toml::de::{DeInteger, DeTable, DeValue};

use super::error::{ConfigError, Problem};
use super::excerpt::{excerpt, position};
use super::origin::{Origin, Origins, Placed, join};
use super::{DEFAULTS, LoadOptions};

const ENVIRONMENT_PREFIX: &str = "MUSTER__";
const SEPARATOR: &str = "__";
const FILE_BYTES_MAX: u64 = 1 << 16;
const PROBLEMS_MAX: usize = 50;

/// All layers in order, with what is wrong in them.
pub(super) struct Layers {
    layers: Vec<Layer>,
    pub(super) origins: Origins,
    pub(super) problems: Vec<Problem>,
}

/// One layer's values, in the shape the merge takes.
#[derive(Debug, Clone, Default)]
struct Layer(Map<String, Value>);

impl Source for Layer {
    fn clone_into_box(&self) -> Box<dyn Source + Send + Sync> {
        Box::new(self.clone())
    }

    fn collect(&self) -> Result<Map<String, Value>, config::ConfigError> {
        Ok(self.0.clone())
    }
}

/// What may stand at a key: the defaults file is the one list of keys and of their types.
enum Expected {
    Section(BTreeMap<String, Expected>),
    /// A table whose keys are the user's own, each with a text.
    Words,
    Text,
    Number,
}

impl Expected {
    fn of(value: &DeValue<'_>, key: &str) -> Self {
        match value {
            DeValue::Table(_) if key == "project.areas" => Self::Words,
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
            DeValue::String(_)
            | DeValue::Float(_)
            | DeValue::Boolean(_)
            | DeValue::Datetime(_)
            | DeValue::Array(_) => Self::Text,
        }
    }

    fn in_words(&self) -> &'static str {
        match self {
            Self::Section(_) | Self::Words => "a table",
            Self::Text => "a text",
            Self::Number => "a whole number of at least 0",
        }
    }
}

impl Layers {
    /// Reads every layer and holds it against the defaults.
    pub(super) fn collect(options: &LoadOptions) -> Self {
        let mut layers = Self {
            layers: Vec::new(),
            origins: Origins::new(),
            problems: Vec::new(),
        };
        let (defaults, _) = DeTable::parse_recoverable(DEFAULTS);
        let expected = Expected::of(&DeValue::Table(defaults.into_inner()), "");
        layers.add_toml(DEFAULTS, None, &expected);
        if let Some(path) = &options.file {
            layers.add_file(path, &expected);
        }
        layers.add_environment(&options.environment, &expected);
        layers.add_flags(&options.flags, &expected);
        layers.problems.truncate(PROBLEMS_MAX);
        layers
    }

    /// All layers in one, later ones over earlier ones.
    pub(super) fn merge(&self) -> Result<Config, ConfigError> {
        self.layers
            .iter()
            .cloned()
            .fold(Config::builder(), |builder, layer| {
                builder.add_source(layer)
            })
            .build()
            .map_err(|error| ConfigError::new(vec![Problem::anywhere(error.to_string())]))
    }

    fn add_file(&mut self, path: &Path, expected: &Expected) {
        let name = path.display().to_string();
        let mut text = String::new();
        let read = std::fs::File::open(path)
            .and_then(|file| file.take(FILE_BYTES_MAX + 1).read_to_string(&mut text));
        match read {
            Err(error) => self.problems.push(Problem::at(
                name,
                format!("the file cannot be read: {error}"),
            )),
            Ok(_) if u64::try_from(text.len()).is_ok_and(|bytes| bytes > FILE_BYTES_MAX) => {
                self.problems.push(Problem::at(
                    name,
                    format!(
                        "the file is longer than {FILE_BYTES_MAX} bytes; is it a settings file?"
                    ),
                ));
            }
            Ok(_) => self.add_toml(&text, Some(&name), expected),
        }
    }

    /// Adds a TOML text; `name` is `None` for the defaults.
    fn add_toml(&mut self, text: &str, name: Option<&str>, expected: &Expected) {
        let (table, errors) = DeTable::parse_recoverable(text);
        let mut walk = Walk {
            text,
            name,
            origins: &mut self.origins,
            found: Vec::new(),
        };
        for error in &errors {
            let message = format!("this is not TOML: {}", error.message().replace('\n', ", "));
            walk.complain(error.span().unwrap_or(0..0), message);
        }
        if errors.is_empty()
            && let Expected::Section(known) = expected
        {
            let values = walk.section("", table.get_ref(), known);
            self.layers.push(Layer(values));
        }
        let mut found = walk.found;
        found.sort_by_key(|(offset, _)| *offset);
        self.problems
            .extend(found.into_iter().map(|(_, problem)| problem));
    }

    fn add_environment(&mut self, environment: &BTreeMap<String, String>, expected: &Expected) {
        let mut layer = Layer::default();
        for (variable, text) in environment {
            let Some(name) = variable.strip_prefix(ENVIRONMENT_PREFIX) else {
                continue;
            };
            // An empty variable is how a shell or a unit file says "not set".
            if text.is_empty() {
                continue;
            }
            let segments: Vec<&str> = name.split(SEPARATOR).collect();
            let origin = Origin::Environment {
                variable: variable.clone(),
            };
            self.add_text(&mut layer, &segments, text, &origin, expected);
        }
        self.layers.push(layer);
    }

    fn add_flags(&mut self, flags: &BTreeMap<String, String>, expected: &Expected) {
        let mut layer = Layer::default();
        for (key, text) in flags {
            let segments: Vec<&str> = key.split('.').collect();
            self.add_text(&mut layer, &segments, text, &Origin::Flag, expected);
        }
        self.layers.push(layer);
    }

    /// Adds one value given as text, its key as segments in any case.
    fn add_text(
        &mut self,
        layer: &mut Layer,
        segments: &[&str],
        text: &str,
        origin: &Origin,
        expected: &Expected,
    ) {
        match find(segments, expected) {
            Ok((path, expected)) => {
                let key = path
                    .iter()
                    .fold(String::new(), |key, name| join(&key, name));
                let Some(kind) = read_text(text, expected) else {
                    let wanted = expected.in_words();
                    let message = format!("`{key}` is {text:?}; it must be {wanted}");
                    self.problems.push(Problem::at(origin.to_string(), message));
                    return;
                };
                insert(
                    &mut layer.0,
                    &path,
                    Value::new(Some(&origin.to_string()), kind),
                );
                self.origins.insert(
                    key,
                    Placed {
                        origin: origin.clone(),
                        excerpt: None,
                    },
                );
            }
            Err(message) => self.problems.push(Problem::at(origin.to_string(), message)),
        }
    }
}

/// The key as the defaults write it, with what may stand there.
fn find<'expected>(
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
            Expected::Words => {
                let key = joined(&path);
                return Err(format!("`{key}` can be set in a settings file only"));
            }
            Expected::Text | Expected::Number => {
                let key = joined(&path);
                return Err(format!("`{key}` is a value and has no `{segment}` in it"));
            }
        }
    }
    Ok((path, here))
}

fn joined(path: &[&str]) -> String {
    path.iter()
        .fold(String::new(), |key, name| join(&key, name))
}

fn unknown(parent: &str, segment: &str, known: &BTreeMap<String, Expected>) -> String {
    let key = join(parent, segment);
    let names: Vec<&str> = known.keys().map(String::as_str).collect();
    let names = names.join(", ");
    if parent.is_empty() {
        format!("there is no section `{key}`; the sections are {names}")
    } else {
        format!("there is no key `{key}`; [{parent}] has {names}")
    }
}

fn read_text(text: &str, expected: &Expected) -> Option<ValueKind> {
    match expected {
        Expected::Text => Some(ValueKind::String(text.to_owned())),
        Expected::Number => text.trim().parse().ok().map(ValueKind::U64),
        Expected::Section(_) | Expected::Words => None,
    }
}

fn insert(table: &mut Map<String, Value>, path: &[&str], value: Value) {
    let Some((first, rest)) = path.split_first() else {
        return;
    };
    if rest.is_empty() {
        table.insert((*first).to_owned(), value);
        return;
    }
    let inner = table
        .entry((*first).to_owned())
        .or_insert_with(|| Value::new(None, ValueKind::Table(Map::new())));
    if let ValueKind::Table(inner) = &mut inner.kind {
        insert(inner, rest, value);
    }
}

/// One walk over a TOML text.
struct Walk<'text, 'layers> {
    text: &'text str,
    name: Option<&'text str>,
    origins: &'layers mut Origins,
    /// Problems with the offset they are at: a table gives its keys by name, a person reads by line.
    found: Vec<(usize, Problem)>,
}

impl Walk<'_, '_> {
    fn section(
        &mut self,
        key: &str,
        table: &DeTable<'_>,
        known: &BTreeMap<String, Expected>,
    ) -> Map<String, Value> {
        let mut values = Map::new();
        for (name, value) in table {
            let (segment, span) = (name.get_ref(), name.span());
            let Some(expected) = known.get(segment.as_ref()) else {
                self.complain(span, unknown(key, segment, known));
                continue;
            };
            let inner = join(key, segment);
            if let Some(value) = self.value(&inner, span, value.get_ref(), value.span(), expected) {
                values.insert(segment.to_string(), value);
            }
        }
        values
    }

    fn value(
        &mut self,
        key: &str,
        key_span: Range<usize>,
        value: &DeValue<'_>,
        span: Range<usize>,
        expected: &Expected,
    ) -> Option<Value> {
        let kind = match (expected, value) {
            (Expected::Section(known), DeValue::Table(table)) => {
                return Some(Value::new(
                    None,
                    ValueKind::Table(self.section(key, table, known)),
                ));
            }
            (Expected::Words, DeValue::Table(table)) => {
                let words = self.words(key, table);
                return Some(Value::new(None, ValueKind::Table(words)));
            }
            (Expected::Text, DeValue::String(text)) => Some(ValueKind::String(text.to_string())),
            (Expected::Number, DeValue::Integer(number)) => read_integer(number),
            _ => None,
        };
        let Some(kind) = kind else {
            let wanted = expected.in_words();
            // A table has no span of its own worth showing; its key has.
            let span = if value.is_table() { key_span } else { span };
            self.complain(span, format!("`{key}` must be {wanted}"));
            return None;
        };
        let origin = self.origin(span.start);
        let value = Value::new(Some(&origin.to_string()), kind);
        let excerpt = self.name.and_then(|_| excerpt(self.text, span));
        self.origins
            .insert(key.to_owned(), Placed { origin, excerpt });
        Some(value)
    }

    fn words(&mut self, key: &str, table: &DeTable<'_>) -> Map<String, Value> {
        let mut words = Map::new();
        for (name, value) in table {
            let inner = join(key, name.get_ref());
            let found = self.value(
                &inner,
                name.span(),
                value.get_ref(),
                value.span(),
                &Expected::Text,
            );
            if let Some(word) = found {
                words.insert(name.get_ref().to_string(), word);
            }
        }
        words
    }

    fn origin(&self, offset: usize) -> Origin {
        match self.name {
            None => Origin::Default,
            Some(name) => {
                let (line, column) = position(self.text, offset);
                Origin::File {
                    path: name.to_owned(),
                    line,
                    column,
                }
            }
        }
    }

    fn complain(&mut self, span: Range<usize>, message: String) {
        if self.found.len() >= PROBLEMS_MAX {
            return;
        }
        let offset = span.start;
        let place = match self.name {
            None => "the defaults".to_owned(),
            Some(_) => self.origin(span.start).to_string(),
        };
        let problem = Problem {
            place: Some(place),
            message,
            excerpt: excerpt(self.text, span),
        };
        self.found.push((offset, problem));
    }
}

fn read_integer(number: &DeInteger<'_>) -> Option<ValueKind> {
    u64::from_str_radix(number.as_str(), number.radix())
        .ok()
        .map(ValueKind::U64)
}
