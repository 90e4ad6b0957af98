//! One settings text held against what is expected, key by key: every misfit is noted with its line and
//! caret, and none hides another.

use std::collections::BTreeMap;
use std::ops::Range;

use config::{Map, Value, ValueKind};
use toml::de::{DeArray, DeInteger, DeTable, DeValue};

use super::error::Problem;
use super::excerpt::{excerpt, position};
use super::expected::{Expected, unknown};
use super::origin::{Origin, Origins, Placed, join};

/// More than anyone reads at once; a hostile text gets no longer answer.
pub(super) const PROBLEMS_MAX: usize = 50;

/// One walk over a TOML text.
pub(super) struct Walk<'text, 'layers> {
    pub(super) text: &'text str,
    /// The file's name; `None` for the defaults.
    pub(super) name: Option<&'text str>,
    pub(super) origins: &'layers mut Origins,
    /// Problems with the offset they are at: a table gives its keys by name, a person reads by line.
    pub(super) found: Vec<(usize, Problem)>,
}

impl Walk<'_, '_> {
    /// The values of a section; what does not belong there is noted and left out.
    pub(super) fn section(
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
            (Expected::Sections(known, must), DeValue::Table(table)) => {
                return Some(Value::new(
                    None,
                    ValueKind::Table(self.sections(key, table, known, must)),
                ));
            }
            (Expected::Texts, DeValue::Array(array)) => read_texts(array),
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

    /// Tables by names of the user's own, with what must be in each.
    fn sections(
        &mut self,
        key: &str,
        table: &DeTable<'_>,
        known: &BTreeMap<String, Expected>,
        must: &[&str],
    ) -> Map<String, Value> {
        let mut sections = Map::new();
        for (name, value) in table {
            let inner = join(key, name.get_ref());
            let DeValue::Table(found) = value.get_ref() else {
                self.complain(name.span(), format!("`{inner}` must be a table"));
                continue;
            };
            let section = self.section(&inner, found, known);
            for wanted in must {
                if !found.keys().any(|key| key.get_ref() == wanted) {
                    self.complain(name.span(), format!("`{inner}` lacks `{wanted}`"));
                }
            }
            let name = name.get_ref().to_string();
            sections.insert(name, Value::new(None, ValueKind::Table(section)));
        }
        sections
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

    /// Notes a problem at a spot of the text.
    pub(super) fn complain(&mut self, span: Range<usize>, message: String) {
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

fn read_texts(array: &DeArray<'_>) -> Option<ValueKind> {
    let texts = array.iter().map(|value| match value.get_ref() {
        DeValue::String(text) => Some(Value::new(None, text.to_string())),
        _ => None,
    });
    texts.collect::<Option<Vec<_>>>().map(ValueKind::Array)
}

fn read_integer(number: &DeInteger<'_>) -> Option<ValueKind> {
    u64::from_str_radix(number.as_str(), number.radix())
        .ok()
        .map(ValueKind::U64)
}
