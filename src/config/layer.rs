//! The layers in order: each is held against the defaults, key by key, before they are merged, so that the
//! merge never meets a key or a type it does not know.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::Path;

use config::{Config, Map, Source, Value, ValueKind};
use toml::de::{DeTable, DeValue};

use super::document::{PROBLEMS_MAX, Walk};
use super::error::{ConfigError, Problem};
use super::expected::{Expected, find, joined, read_text};
use super::origin::{Origin, Origins, Placed};
use super::{DEFAULTS, LoadOptions};

const ENVIRONMENT_PREFIX: &str = "MUSTER__";
const SEPARATOR: &str = "__";
const FILE_BYTES_MAX: u64 = 1 << 16;

/// All layers in order, with what is wrong in them.
pub(super) struct Layers {
    layers: Vec<Layer>,
    pub(super) origins: Origins,
    pub(super) problems: Vec<Problem>,
    /// A file could not be read as a whole; what the merge would then miss makes any check of it idle.
    pub(super) is_incomplete: bool,
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

impl Layers {
    /// Reads every layer and holds it against the defaults.
    pub(super) fn collect(options: &LoadOptions) -> Self {
        let mut layers = Self {
            layers: Vec::new(),
            origins: Origins::new(),
            problems: Vec::new(),
            is_incomplete: false,
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
        match read_file(path) {
            Ok(text) => self.add_toml(&text, Some(&name), expected),
            Err(message) => {
                self.is_incomplete = true;
                self.problems.push(Problem::at(name, message));
            }
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
        self.is_incomplete |= !errors.is_empty();
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
                let key = joined(&path);
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

fn read_file(path: &Path) -> Result<String, String> {
    let mut text = String::new();
    std::fs::File::open(path)
        .and_then(|file| file.take(FILE_BYTES_MAX + 1).read_to_string(&mut text))
        .map_err(|error| format!("the file cannot be read: {error}"))?;
    if u64::try_from(text.len()).is_ok_and(|bytes| bytes <= FILE_BYTES_MAX) {
        Ok(text)
    } else {
        Err(format!(
            "the file is longer than {FILE_BYTES_MAX} bytes; is it a settings file?"
        ))
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
