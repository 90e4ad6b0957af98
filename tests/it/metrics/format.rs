//! The rules of the OpenMetrics text format and of Prometheus's names, as far as the daemon's figures use
//! them. Each rule is also fed a page that breaks it.

use std::collections::{BTreeMap, BTreeSet};

/// Labels by name.
pub type Labels = BTreeMap<String, String>;

/// Scales that a unit never has in a name: Prometheus counts in seconds and bytes.
const SCALED: &[&str] = &[
    "ms",
    "millis",
    "milliseconds",
    "micros",
    "microseconds",
    "ns",
    "minutes",
    "kb",
    "mib",
    "kilobytes",
    "megabytes",
    "percent",
];

/// A page of figures.
#[derive(Debug, Default)]
pub struct Exposition {
    /// Families by name, as TYPE says it.
    pub families: BTreeMap<String, String>,
    samples: Vec<(String, Labels, f64)>,
}

impl Exposition {
    /// Reads a page; the error is the first rule it breaks.
    pub fn read(page: &str) -> Result<Self, String> {
        let body = page
            .strip_suffix("# EOF\n")
            .ok_or("the page does not end with EOF")?;
        let mut read = Self::default();
        let mut family: Option<Family> = None;
        for line in body.lines() {
            if let Some(comment) = line.strip_prefix("# ") {
                let mut words = comment.splitn(3, ' ');
                let (Some(kind), Some(name), Some(text)) =
                    (words.next(), words.next(), words.next())
                else {
                    return Err(format!("a comment is no metadata: {line}"));
                };
                if kind == "HELP" {
                    read.close(family.take())?;
                    family = Some(Family::named(name, text)?);
                    continue;
                }
                let open = family.as_mut().filter(|open| open.name == name);
                let open = open.ok_or(format!("{kind} of {name} stands apart from its HELP"))?;
                match kind {
                    "TYPE" => open.kind = text.to_owned(),
                    "UNIT" if name.ends_with(&format!("_{text}")) => {}
                    "UNIT" => return Err(format!("{name} does not end with its unit {text}")),
                    _ => return Err(format!("no metadata is called {kind}")),
                }
                continue;
            }
            let (name, labels, value) = sample(line)?;
            let open = family
                .as_mut()
                .ok_or(format!("{name} comes before any family"))?;
            open.check(&name, &labels, value)?;
            open.samples.push((name, labels, value));
        }
        read.close(family)?;
        Ok(read)
    }

    fn close(&mut self, family: Option<Family>) -> Result<(), String> {
        let Some(family) = family else {
            return Ok(());
        };
        if family.kind == "histogram" {
            family.check_histograms()?;
        }
        let mut seen = BTreeSet::new();
        for (name, labels, _) in &family.samples {
            if !seen.insert((name, labels)) {
                return Err(format!("{name} {labels:?} stands there twice"));
            }
        }
        let before = self
            .families
            .insert(family.name.clone(), family.kind.clone());
        if before.is_some() {
            return Err(format!("{} stands there twice", family.name));
        }
        if family.kind.is_empty() {
            return Err(format!("{} has no TYPE", family.name));
        }
        self.samples.extend(family.samples);
        Ok(())
    }

    /// The series of a name.
    pub fn named(&self, name: &str) -> impl Iterator<Item = (&Labels, f64)> {
        let name = name.to_owned();
        let all = self.samples.iter();
        all.filter(move |(found, ..)| *found == name)
            .map(|(_, labels, value)| (labels, *value))
    }

    /// The value of the one series with exactly these labels.
    pub fn find(&self, name: &str, labels: &[(&str, &str)]) -> Option<f64> {
        let wanted: Labels = labels
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        let mut found = self.named(name).filter(|(labels, _)| **labels == wanted);
        found.next().map(|(_, value)| value)
    }

    /// The same, which must be there.
    #[track_caller]
    pub fn value(&self, name: &str, labels: &[(&str, &str)]) -> f64 {
        let there: Vec<_> = self.named(name).collect();
        self.find(name, labels)
            .unwrap_or_else(|| panic!("no {name} {labels:?}; there is {there:?}"))
    }
}

/// A family while it is read.
struct Family {
    name: String,
    kind: String,
    samples: Vec<(String, Labels, f64)>,
}

impl Family {
    fn named(name: &str, help: &str) -> Result<Self, String> {
        let plain = |character: char| character.is_ascii_lowercase() || character == '_';
        if !name.chars().all(plain) {
            return Err(format!("{name} is not in lower snake case"));
        }
        if !["muster_", "process_"]
            .iter()
            .any(|prefix| name.starts_with(prefix))
        {
            return Err(format!("{name} does not say whose it is"));
        }
        if name.split('_').any(|word| SCALED.contains(&word)) {
            return Err(format!("{name} is not in a base unit"));
        }
        if name.ends_with("_total") || name.ends_with("_count") || name.ends_with("_sum") {
            return Err(format!("{name} ends as only a sample may"));
        }
        if help.trim().len() < 8 {
            return Err(format!("the HELP of {name} says nothing"));
        }
        Ok(Self {
            name: name.to_owned(),
            kind: String::new(),
            samples: Vec::new(),
        })
    }

    fn check(&self, name: &str, labels: &Labels, value: f64) -> Result<(), String> {
        let suffix = name
            .strip_prefix(self.name.as_str())
            .ok_or(format!("{name} stands among the series of {}", self.name))?;
        let suits = match self.kind.as_str() {
            "counter" => suffix == "_total",
            "gauge" => suffix.is_empty(),
            "histogram" => ["_bucket", "_sum", "_count"].contains(&suffix),
            "info" => suffix == "_info" && value == 1.0,
            other => return Err(format!("{} is of an unknown type {other:?}", self.name)),
        };
        if !suits {
            return Err(format!("{name} is no series of a {}", self.kind));
        }
        if self.kind != "gauge" && !(value >= 0.0 && value.is_finite()) {
            return Err(format!("{name} is {value}"));
        }
        if labels.contains_key("le") != (suffix == "_bucket") {
            return Err(format!("{name} and the label le do not go together"));
        }
        Ok(())
    }

    fn check_histograms(&self) -> Result<(), String> {
        let mut buckets: BTreeMap<Labels, Vec<(f64, f64)>> = BTreeMap::new();
        let mut counts: BTreeMap<Labels, f64> = BTreeMap::new();
        for (name, labels, value) in &self.samples {
            let mut labels = labels.clone();
            let bound = labels.remove("le");
            if let Some(bound) = bound {
                let bound = number(&bound)?;
                buckets.entry(labels).or_default().push((bound, *value));
            } else if name.ends_with("_count") {
                counts.insert(labels, *value);
            }
        }
        if buckets.keys().ne(counts.keys()) {
            return Err(format!("{} lacks buckets or a count", self.name));
        }
        for (labels, buckets) in &buckets {
            let rises = buckets
                .windows(2)
                .all(|two| two[0].0 < two[1].0 && two[0].1 <= two[1].1);
            if !rises {
                return Err(format!("the buckets of {} {labels:?} fall", self.name));
            }
            let last = buckets.last().copied();
            if last != Some((f64::INFINITY, counts[labels])) {
                return Err(format!("{} {labels:?} does not add up", self.name));
            }
        }
        Ok(())
    }
}

/// One line with a figure.
fn sample(line: &str) -> Result<(String, Labels, f64), String> {
    let wrong = || format!("this is no sample: {line}");
    let (series, value) = line.rsplit_once(' ').ok_or_else(wrong)?;
    let (name, labels) = match series.split_once('{') {
        None => (series, Labels::new()),
        Some((name, rest)) => {
            let inner = rest.strip_suffix('}').ok_or_else(wrong)?;
            (name, labels(inner).ok_or_else(wrong)?)
        }
    };
    Ok((name.to_owned(), labels, number(value)?))
}

fn labels(mut inner: &str) -> Option<Labels> {
    let mut labels = Labels::new();
    loop {
        let (name, rest) = inner.split_once("=\"")?;
        let mut value = String::new();
        let mut characters = rest.char_indices();
        let end = loop {
            match characters.next()? {
                (at, '"') => break at,
                (_, '\\') => match characters.next()?.1 {
                    'n' => value.push('\n'),
                    other @ ('"' | '\\') => value.push(other),
                    _ => return None,
                },
                (_, other) => value.push(other),
            }
        };
        let plain = |character: char| character.is_ascii_lowercase() || character == '_';
        if name.is_empty() || !name.chars().all(plain) {
            return None;
        }
        if labels.insert(name.to_owned(), value).is_some() {
            return None;
        }
        match &rest[end + 1..] {
            "" => return Some(labels),
            more => inner = more.strip_prefix(',')?,
        }
    }
}

fn number(text: &str) -> Result<f64, String> {
    match text {
        "+Inf" => Ok(f64::INFINITY),
        _ => text.parse().map_err(|_| format!("{text:?} is no number")),
    }
}

#[test]
fn a_sound_page_is_read() {
    let page = "# HELP muster_x_seconds What it is\n# TYPE muster_x_seconds histogram\n\
        # UNIT muster_x_seconds seconds\n\
        muster_x_seconds_sum{a=\"q\\\"\"} 1.5\nmuster_x_seconds_count{a=\"q\\\"\"} 2\n\
        muster_x_seconds_bucket{le=\"0.1\",a=\"q\\\"\"} 1\n\
        muster_x_seconds_bucket{le=\"+Inf\",a=\"q\\\"\"} 2\n# EOF\n";
    let read = Exposition::read(page).unwrap();
    assert_eq!(read.value("muster_x_seconds_sum", &[("a", "q\"")]), 1.5);
}

#[test]
fn a_page_that_breaks_a_rule_is_found_out() {
    let family = |name: &str, kind: &str, samples: &str| {
        format!("# HELP {name} What it is for\n# TYPE {name} {kind}\n{samples}# EOF\n")
    };
    for (page, word) in [
        ("".to_owned(), "EOF"),
        ("muster_x 1\n# EOF\n".to_owned(), "before any family"),
        (family("muster_x", "counter", "muster_x 1\n"), "no series"),
        (
            family("muster_x", "gauge", "muster_x_total 1\n"),
            "no series",
        ),
        (
            family("muster_x", "gauge", "muster_y 1\n"),
            "among the series",
        ),
        (
            family("muster_x", "gauge", "muster_x 1\nmuster_x 2\n"),
            "twice",
        ),
        (family("muster_x", "gauge", "muster_x one\n"), "no number"),
        (
            family("muster_x", "gauge", "muster_x{A=\"1\"} 1\n"),
            "no sample",
        ),
        (
            family("muster_x", "gauge", "muster_x{a=1} 1\n"),
            "no sample",
        ),
        (family("muster_x", "counter", "muster_x_total -1\n"), "-1"),
        (family("muster_x_ms", "gauge", ""), "base unit"),
        (family("muster_x_total", "counter", ""), "only a sample"),
        (family("other_x", "gauge", ""), "whose it is"),
        (family("musterX", "gauge", ""), "snake case"),
        (
            family(
                "muster_x",
                "histogram",
                "muster_x_count 2\nmuster_x_bucket{le=\"1\"} 2\nmuster_x_bucket{le=\"+Inf\"} 1\n",
            ),
            "fall",
        ),
        (
            family(
                "muster_x",
                "histogram",
                "muster_x_count 3\nmuster_x_bucket{le=\"+Inf\"} 2\n",
            ),
            "add up",
        ),
        (
            "# HELP muster_x What it is for\n# EOF\n".to_owned(),
            "no TYPE",
        ),
        (
            "# HELP muster_x What it is for\n# TYPE muster_y gauge\n# EOF\n".to_owned(),
            "apart",
        ),
    ] {
        let wrong = Exposition::read(&page).expect_err(&page);
        assert!(wrong.contains(word), "{page} is refused with: {wrong}");
    }
}
