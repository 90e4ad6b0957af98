//! Headings that name a phase or a task: "Phase 2: Core (Week 3-4) ✅", "3. Testing Phase", "v0.4 — Tools",
//! "Task 1.2: Parser". A number is kept as written.

use crate::plan::import::ImportedStatus;
use crate::plan::window::{Window, WindowUnit};

use super::vocabulary::{self, Legend, Reading};

/// What kind of word makes a heading a phase, strongest first: a file's phases are those of the strongest
/// kind that it has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Kind {
    Phase,
    Stage,
    Wave,
    Tier,
    Epic,
    Milestone,
    Sprint,
    Version,
    Priority,
    Week,
    Day,
}

const WORDS: &[(&str, Kind)] = &[
    ("phase", Kind::Phase),
    ("phases", Kind::Phase),
    ("stage", Kind::Stage),
    ("wave", Kind::Wave),
    ("tier", Kind::Tier),
    ("epic", Kind::Epic),
    ("milestone", Kind::Milestone),
    ("sprint", Kind::Sprint),
    ("iteration", Kind::Sprint),
    ("week", Kind::Week),
    ("weeks", Kind::Week),
    ("day", Kind::Day),
    ("days", Kind::Day),
];

/// A phase as its heading names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct PhaseHeading {
    pub kind: Kind,
    /// Its number as written.
    pub id: Option<String>,
    /// Its name, with the brackets of placeholders still on.
    pub name: String,
    /// The status at its end.
    pub status: Option<ImportedStatus>,
    /// A remark at its end that is no part of the name.
    pub remark: Option<String>,
    /// The days or weeks at its end, or those that it is named by.
    pub window: Option<Window>,
}

/// A task as its heading names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct TaskHeading {
    pub id: String,
    pub title: String,
    /// Whether the heading says by a word or a prefixed id that it is a task; a bare number may group tasks.
    pub certain: bool,
}

/// The text after leading signs that are no part of a name.
fn without_signs(text: &str) -> &str {
    text.trim_start_matches(|character: char| {
        !(character.is_alphanumeric() || matches!(character, '[' | '<' | '(' | '#' | '"' | '\''))
    })
}

/// A number as phases carry it: "0", "2.1", "3a", "A", "IV", "1-2"; with what follows it.
pub(super) fn number(text: &str) -> Option<(&str, &str)> {
    let text = text.trim_start().trim_start_matches(['#', '[']);
    let mut end = text.bytes().take_while(u8::is_ascii_digit).count();
    if end > 0 {
        let bytes = text.as_bytes();
        while end + 1 < bytes.len()
            && matches!(bytes[end], b'.' | b'-')
            && bytes[end + 1].is_ascii_digit()
        {
            end += 1 + bytes[end + 1..]
                .iter()
                .take_while(|byte| byte.is_ascii_digit())
                .count();
        }
        if bytes.get(end).is_some_and(u8::is_ascii_alphabetic)
            && !bytes.get(end + 1).is_some_and(u8::is_ascii_alphanumeric)
        {
            end += 1;
        }
    } else {
        let letters = text.bytes().take_while(u8::is_ascii_alphabetic).count();
        let roman = text[..letters].bytes().all(|byte| b"IVX".contains(&byte));
        let single = letters == 1 && text.as_bytes()[0].is_ascii_uppercase();
        if letters == 0 || letters > 5 || !(single || roman) {
            return None;
        }
        end = letters;
    }
    let rest = &text[end..];
    let ends =
        rest.is_empty() || !rest.starts_with(|next: char| next.is_alphanumeric() || next == '_');
    (end <= 16 && ends).then_some((&text[..end], rest.strip_prefix(']').unwrap_or(rest)))
}

/// The word that names phases at the start of a text, with what follows it.
pub(super) fn phase_word(text: &str) -> Option<(Kind, &str)> {
    let end = text
        .bytes()
        .take_while(u8::is_ascii_alphabetic)
        .take(12)
        .count();
    let word = text[..end].to_ascii_lowercase();
    let (_, kind) = WORDS.iter().find(|(name, _)| *name == word)?;
    Some((*kind, &text[end..]))
}

/// Reads a heading as a phase of any kind.
pub(super) fn phase(text: &str, legend: &Legend) -> Option<PhaseHeading> {
    let text = without_signs(text.trim());
    let listed = text
        .split_once(['.', ')'])
        .filter(|(number, rest)| {
            (1..=3).contains(&number.len())
                && number.bytes().all(|byte| byte.is_ascii_digit())
                && rest.starts_with(' ')
        })
        .map(|(number, rest)| (number, rest.trim_start()));
    let body = listed.map_or(text, |(_, rest)| rest);
    if let Some((kind, rest)) = phase_word(body)
        && rest.starts_with([' ', '\u{a0}', '-', '#'])
        && let Some((id, rest)) = number(rest.trim_start_matches(['-', ' ', '\u{a0}']))
    {
        let fallback = body[..body.len() - rest.len()].trim();
        return Some(finish(kind, Some(id.to_owned()), rest, fallback, legend));
    }
    if let Some((id, rest)) = listed {
        let phase = finish(Kind::Phase, Some(id.to_owned()), rest, rest, legend);
        let name = phase
            .name
            .strip_suffix("Phase")
            .or_else(|| phase.name.strip_suffix("phase"))?;
        let name = name.trim();
        return (!name.is_empty()).then(|| PhaseHeading {
            name: name.to_owned(),
            ..phase
        });
    }
    let end = text
        .find(|next: char| next.is_whitespace() || next == ':')
        .unwrap_or(text.len());
    let (word, rest) = text.split_at(end);
    let kind = match word.as_bytes() {
        [b'v' | b'V', b'0'..=b'9', ..] if word.contains('.') => Kind::Version,
        [b'P', b'0'..=b'4'] => Kind::Priority,
        _ => return None,
    };
    Some(finish(kind, Some(word.to_owned()), rest, word, legend))
}

/// A heading that is a phase only because tasks stand under it: its text as the name.
pub(super) fn implicit(text: &str, legend: &Legend) -> PhaseHeading {
    let name = without_signs(text.trim());
    finish(Kind::Phase, None, name, name, legend)
}

fn finish(
    kind: Kind,
    id: Option<String>,
    rest: &str,
    fallback: &str,
    legend: &Legend,
) -> PhaseHeading {
    let is_separator = |next: char| {
        next.is_whitespace() || matches!(next, ':' | '-' | '–' | '—' | '.' | ')' | '|' | '·')
    };
    let mut name = rest.trim_start_matches(is_separator).trim_end();
    let mut status = None;
    let mut remarks = Vec::new();
    let mut window = None;
    // A heading carries a few remarks at most; the bound keeps a hostile one linear.
    for _ in 0..4 {
        let Some((shorter, suffix)) = split_suffix(name, legend) else {
            break;
        };
        name = shorter;
        match suffix {
            Suffix::Status(found) => status = status.or(Some(found)),
            Suffix::Remark(text) => match super::heading_window::read(&text) {
                Some(found) if window.is_none() => window = Some(found),
                Some(_) | None => remarks.push(text),
            },
        }
    }
    let name = name
        .trim_end_matches(|next| next != ')' && is_separator(next))
        .trim();
    let name = if name.is_empty() {
        fallback.trim()
    } else {
        name
    };
    let remark = (!remarks.is_empty()).then(|| remarks.join(" "));
    let named = match kind {
        Kind::Week => id
            .as_deref()
            .and_then(|id| super::heading_window::span(WindowUnit::Week, id)),
        Kind::Day => id
            .as_deref()
            .and_then(|id| super::heading_window::span(WindowUnit::Day, id)),
        _ => None,
    };
    PhaseHeading {
        kind,
        id,
        name: name.to_owned(),
        status,
        remark,
        window: window.or(named),
    }
}

enum Suffix {
    Status(ImportedStatus),
    Remark(String),
}

fn split_suffix<'a>(name: &'a str, legend: &Legend) -> Option<(&'a str, Suffix)> {
    let name = name.trim_end();
    let last = name.chars().next_back()?;
    if let Some(open) = match last {
        ')' => name.rfind('('),
        ']' => name.rfind('['),
        _ => None,
    } {
        let inner = &name[open + 1..name.len() - 1];
        let suffix = bracket_suffix(inner, legend)?;
        return Some((&name[..open], suffix));
    }
    if !last.is_alphanumeric()
        && let Reading::Is(status) | Reading::Perhaps(status) =
            vocabulary::status(&last.to_string(), legend)
    {
        return Some((
            &name[..name.len() - last.len_utf8()],
            Suffix::Status(status),
        ));
    }
    let word_start = name.rfind(char::is_whitespace)? + 1;
    let word = &name[word_start..];
    let before = name[..word_start].trim_end();
    let separated = before.ends_with(['-', '–', '—', ':', '|']);
    let shouted = word.chars().all(|letter| letter.is_ascii_uppercase());
    match vocabulary::status(word, legend) {
        Reading::Is(ImportedStatus::Completed) if shouted || separated => {
            Some((before, Suffix::Status(ImportedStatus::Completed)))
        }
        Reading::Is(status) if separated => Some((before, Suffix::Status(status))),
        _ => None,
    }
}

fn bracket_suffix(inner: &str, legend: &Legend) -> Option<Suffix> {
    let lower = inner.to_lowercase();
    if lower.starts_with("checkpoint") {
        return Some(Suffix::Status(ImportedStatus::Completed));
    }
    if let Reading::Is(status) = vocabulary::status(inner, legend) {
        return Some(Suffix::Status(status));
    }
    let digits = lower.contains(|next: char| next.is_ascii_digit());
    let units = [
        "week", "day", "month", "hour", "min", "sprint", "session", "est", "20", "h",
    ];
    let window = digits && lower.len() <= 60 && units.iter().any(|unit| lower.contains(unit));
    (window || lower.starts_with("priority")).then(|| Suffix::Remark(inner.to_owned()))
}

/// Reads a heading as a task.
pub(super) fn task(text: &str) -> Option<TaskHeading> {
    let text = without_signs(text.trim());
    let (word, rest) = text.split_once(' ').unwrap_or((text, ""));
    let separators =
        |next: char| next.is_whitespace() || matches!(next, ':' | '-' | '–' | '—' | '.');
    if matches!(
        word.to_ascii_lowercase().as_str(),
        "task" | "story" | "subtask"
    ) {
        let (id, title) = number(rest)?;
        let title = title.trim_start_matches(separators);
        let title = if title.is_empty() { text } else { title };
        return Some(TaskHeading {
            id: id.to_owned(),
            title: title.to_owned(),
            certain: true,
        });
    }
    let id = word
        .trim_end_matches([':', '.', ')'])
        .trim_matches(['[', ']']);
    let title = rest.trim_start_matches(separators);
    if title.is_empty() {
        return None;
    }
    let certain = is_prefixed_id(id);
    let dotted = id.contains('.') && id.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    (certain || dotted).then(|| TaskHeading {
        id: id.to_owned(),
        title: title.to_owned(),
        certain,
    })
}

/// "SETUP-01", "T001", "US-2.4": capital letters and a number.
pub(super) fn is_prefixed_id(text: &str) -> bool {
    let letters = text.bytes().take_while(u8::is_ascii_uppercase).count();
    let rest = text[letters..].trim_start_matches(['-', '_']);
    let dashed = rest.len() + letters < text.len();
    let digits = rest.bytes().filter(u8::is_ascii_digit).count();
    (1..=10).contains(&letters)
        && (dashed || digits >= 3)
        && digits > 0
        && rest.len() <= 12
        && rest.starts_with(|next: char| next.is_ascii_digit())
        && rest
            .bytes()
            .all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'-'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, id: Option<&str>, name: &str, status: Option<ImportedStatus>) {
        let found = phase(text, &Legend::default()).unwrap_or_else(|| panic!("no phase: {text}"));
        assert_eq!(
            (found.id.as_deref(), found.name.as_str(), found.status),
            (id, name, status),
            "{text}"
        );
    }

    #[test]
    fn a_phase_is_read_with_every_word_and_separator() {
        let done = Some(ImportedStatus::Completed);
        check("Phase 1: Foundation", Some("1"), "Foundation", None);
        check("Phase 0 - Setup", Some("0"), "Setup", None);
        check(
            "🚀 Phase 2.1 — Inserted work",
            Some("2.1"),
            "Inserted work",
            None,
        );
        check("Phase A. Letters", Some("A"), "Letters", None);
        check("Phase 3", Some("3"), "Phase 3", None);
        check(
            "1. Architecture & Planning Phase ✓",
            Some("1"),
            "Architecture & Planning",
            done,
        );
        check("3. Phase 4: Odd", Some("4"), "Odd", None);
        check(
            "Phase 2: Core Services (Week 3-4)",
            Some("2"),
            "Core Services",
            None,
        );
        check(
            "Phase 5: Done already (67% complete)",
            Some("5"),
            "Done already",
            Some(ImportedStatus::InProgress),
        );
        check(
            "Phase 1: Setup [checkpoint: c87d8ff]",
            Some("1"),
            "Setup",
            done,
        );
        check("Phase 1: Setup - COMPLETE ✅", Some("1"), "Setup", done);
        check(
            "Phase 6: Tagging (lower half)",
            Some("6"),
            "Tagging (lower half)",
            None,
        );
        check("Sprint 3", Some("3"), "Sprint 3", None);
        check("Weeks 1-2: Start", Some("1-2"), "Start", None);
        check("v0.4.0 — Tooling", Some("v0.4.0"), "Tooling", None);
        check("P1 — follow-up", Some("P1"), "follow-up", None);
        check(
            "Phase 2: [Next Phase Name]",
            Some("2"),
            "[Next Phase Name]",
            None,
        );
    }

    #[test]
    fn other_headings_are_no_phase() {
        for text in [
            "Phase Overview",
            "2. Phase Tracker",
            "Sprint History",
            "Performance",
            "",
            "P9 x",
            "✅",
            "Phased rollout",
            "Project Overview",
            "Before Moving to Next Phase",
        ] {
            assert_eq!(phase(text, &Legend::default()), None, "{text}");
        }
    }

    #[test]
    fn a_task_heading_carries_its_id() {
        for (text, id, title, certain) in [
            ("Task 1.2: Parser", "1.2", "Parser", true),
            ("SETUP-01: Init", "SETUP-01", "Init", true),
            ("1.1 Create structure", "1.1", "Create structure", false),
        ] {
            let found = task(text).unwrap_or_else(|| panic!("no task: {text}"));
            assert_eq!(
                (found.id.as_str(), found.title.as_str(), found.certain),
                (id, title, certain)
            );
        }
        for text in [
            "1. Fill the gaps",
            "API layer",
            "Task tracker",
            "SETUP-01",
            "H2 headings",
        ] {
            assert_eq!(task(text), None, "{text}");
        }
    }
}
