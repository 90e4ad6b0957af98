//! The one vocabulary of statuses and priorities: words and signs, whatever their case and separators. A
//! document's own legend decides what its ambiguous signs mean.

use std::collections::HashMap;

use crate::plan::import::ImportedStatus;

use ImportedStatus::{Blocked, Cancelled, Completed, Deferred, InProgress, InReview, Planned};

/// The most characters in which a status is looked for.
const LONGEST: usize = 200;

const WORDS: &[(ImportedStatus, &[&str])] = &[
    (
        Planned,
        &[
            "planned",
            "not started",
            "todo",
            "to do",
            "pending",
            "open",
            "backlog",
            "ready",
            "ready for dev",
            "draft",
            "drafted",
            "queued",
            "upcoming",
            "future",
            "not yet",
            "optional",
            "not begun",
            "unstarted",
            "待办",
            "未开始",
        ],
    ),
    (
        InProgress,
        &[
            "in progress",
            "wip",
            "active",
            "doing",
            "started",
            "working",
            "ongoing",
            "partial",
            "partially complete",
            "current",
            "hooked",
            "进行中",
            "en cours",
        ],
    ),
    (
        Blocked,
        &[
            "blocked",
            "on hold",
            "waiting",
            "stuck",
            "needs decision",
            "阻塞",
        ],
    ),
    (
        InReview,
        &[
            "review",
            "in review",
            "ready for review",
            "awaiting review",
            "awaiting approval",
            "testing",
            "qa",
            "fixed pending test",
        ],
    ),
    (
        Completed,
        &[
            "complete",
            "completed",
            "done",
            "finished",
            "closed",
            "shipped",
            "merged",
            "implemented",
            "fixed",
            "resolved",
            "verified",
            "passed",
            "pass",
            "approved",
            "live",
            "已完成",
            "완료",
            "hoàn thành",
        ],
    ),
    (
        Deferred,
        &[
            "deferred",
            "postponed",
            "skipped",
            "later",
            "stretch",
            "carried over",
            "moved",
        ],
    ),
    (
        Cancelled,
        &[
            "cancelled",
            "canceled",
            "obsolete",
            "removed",
            "dropped",
            "superseded",
            "rejected",
            "n/a",
            "tombstone",
            "wontfix",
            "won't fix",
        ],
    ),
];

const SIGNS: &[(ImportedStatus, &str)] = &[
    (Planned, "⬜☐🔲⏳📋⚪🔜○⬛"),
    (InProgress, "🚧🔄🟡🔵"),
    (Blocked, "🔴⛔🛑🚫❌⏸⚠"),
    (InReview, "🔍👀"),
    (Completed, "✅✓✔☑🟢"),
    (Deferred, "⏭"),
];

const AMBIGUOUS: &str = "⏳⏸❌🔴⚠🔵🚫⬛";

/// What a text says about a status.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reading {
    /// Nothing is written.
    Empty,
    /// A status, without doubt.
    Is(ImportedStatus),
    /// The usual meaning of a sign that has several.
    Perhaps(ImportedStatus),
    /// Words that are no status.
    Unreadable,
}

/// What the signs of a document mean by its own words.
#[derive(Debug, Clone, Default)]
pub(super) struct Legend(HashMap<char, ImportedStatus>);

impl Legend {
    /// Reads one entry, such as "⏸ Deferred" or the cells of a legend's row.
    pub fn learn(&mut self, signs: &str, words: &str) {
        let Some(status) = word_status(&normal(words)).or_else(|| leading_words(words)) else {
            return;
        };
        for sign in signs
            .chars()
            .take(LONGEST)
            .filter(|sign| sign_status(*sign).is_some())
        {
            self.0.entry(sign).or_insert(status);
        }
    }

    /// Reads a line of entries, such as "✅ done, 🔄 in progress | ⏸ deferred".
    pub fn learn_line(&mut self, line: &str) {
        for entry in line.split(['|', ',', ';', '·', '\n', '/']).take(100) {
            self.learn(entry, entry);
        }
    }

    fn sign(&self, sign: char) -> Option<Reading> {
        if let Some(status) = self.0.get(&sign) {
            return Some(Reading::Is(*status));
        }
        let status = sign_status(sign)?;
        Some(if AMBIGUOUS.contains(sign) {
            Reading::Perhaps(status)
        } else {
            Reading::Is(status)
        })
    }
}

fn sign_status(sign: char) -> Option<ImportedStatus> {
    SIGNS
        .iter()
        .find(|(_, signs)| signs.contains(sign))
        .map(|(status, _)| *status)
}

fn word_status(normal: &str) -> Option<ImportedStatus> {
    WORDS
        .iter()
        .find(|(_, words)| words.contains(&normal))
        .map(|(status, _)| *status)
}

/// Lower case, signs away, separators as single spaces.
fn normal(text: &str) -> String {
    let spaced: String = text
        .chars()
        .take(LONGEST)
        .map(|character| match character {
            '_' | '-' | '*' | '`' | '\u{2013}' | '\u{2014}' => ' ',
            _ if sign_status(character).is_some() => ' ',
            _ => character,
        })
        .collect();
    let lower = spaced.to_lowercase();
    lower
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
        .trim_end_matches(['.', '!'])
        .to_owned()
}

/// A status word before a remark: "Done (session 3)", "Complete: see notes", "Merged 2026-01-02".
fn leading_words(text: &str) -> Option<ImportedStatus> {
    let text: String = text.chars().take(LONGEST).collect();
    let text = text.trim_start_matches(|character: char| {
        character.is_whitespace() || sign_status(character).is_some()
    });
    let remark = [" (", ": ", ", ", " - ", " – ", " — ", "; ", " ["];
    let cut = remark.iter().filter_map(|mark| text.find(mark)).min();
    let dated = text
        .find(|character: char| character.is_ascii_digit())
        .filter(|at| *at > 0);
    [cut, dated]
        .into_iter()
        .flatten()
        .find_map(|end| word_status(&normal(&text[..end]).replace(" on", "")))
}

/// The status of one character in the brackets of a box.
pub(super) fn box_status(mark: char) -> Option<ImportedStatus> {
    match mark {
        ' ' => Some(Planned),
        'x' | 'X' => Some(Completed),
        '~' | '/' => Some(InProgress),
        '!' => Some(Blocked),
        '>' => Some(Deferred),
        '-' => Some(Cancelled),
        _ => Legend::default()
            .sign(mark)
            .and_then(|reading| match reading {
                Reading::Is(status) | Reading::Perhaps(status) => Some(status),
                Reading::Empty | Reading::Unreadable => None,
            }),
    }
}

/// Splits "[x] text" into the box's status and the text; the brackets hold one character.
pub(super) fn split_box(text: &str) -> Option<(ImportedStatus, &str)> {
    let mut characters = text.trim_start().strip_prefix('[')?.chars();
    let status = box_status(characters.next()?)?;
    let rest = characters.as_str().strip_prefix(']')?;
    (rest.is_empty() || rest.starts_with(char::is_whitespace)).then(|| (status, rest.trim()))
}

/// Reads a status cell or line: a box, words, a sign, a percentage or "n/m".
pub(super) fn status(text: &str, legend: &Legend) -> Reading {
    let text = text.trim();
    if text.is_empty() || (is_none(text) && !text.eq_ignore_ascii_case("n/a")) {
        return Reading::Empty;
    }
    if let Some((status, rest)) = split_box(text) {
        return match self::status(rest, legend) {
            Reading::Is(words) => Reading::Is(words),
            Reading::Empty | Reading::Perhaps(_) | Reading::Unreadable => Reading::Is(status),
        };
    }
    let words = normal(text);
    if let Some(status) = word_status(&words)
        .or_else(|| share(&words))
        .or_else(|| leading_words(text))
    {
        return Reading::Is(status);
    }
    text.chars()
        .take(LONGEST)
        .find_map(|sign| legend.sign(sign))
        .unwrap_or(Reading::Unreadable)
}

/// "85%", "67 % complete" and "3/5" as a status.
fn share(words: &str) -> Option<ImportedStatus> {
    let (done, all) = match words.split_once('%') {
        Some((number, rest)) if rest.trim().is_empty() || word_status(rest.trim()).is_some() => {
            (number.trim().parse::<u64>().ok()?, 100)
        }
        Some(_) => return None,
        None => {
            let (done, all) = words.split_once('/')?;
            (
                done.trim().parse::<u64>().ok()?,
                all.trim().parse::<u64>().ok()?,
            )
        }
    };
    match done {
        _ if all == 0 || done > all => None,
        0 => Some(Planned),
        _ if done == all => Some(Completed),
        _ => Some(InProgress),
    }
}

/// What a priority cell says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Priority {
    Empty,
    /// 0 (P0) to 3 (P3).
    Is(u8),
    /// Below P3.
    Lower,
    Unreadable,
}

/// Reads a priority cell.
pub(super) fn priority(text: &str) -> Priority {
    let text = text.trim();
    if is_none(text) {
        return Priority::Empty;
    }
    let words = normal(text);
    let words = words.strip_suffix(" priority").unwrap_or(&words);
    let word = words.split(['(', ':', ',']).next().unwrap_or(words).trim();
    match word {
        "p0" | "0" | "critical" | "highest" | "urgent" | "blocker" => Priority::Is(0),
        "p1" | "1" | "high" => Priority::Is(1),
        "p2" | "2" | "medium" | "med" | "normal" | "moderate" => Priority::Is(2),
        "p3" | "3" | "low" | "lowest" => Priority::Is(3),
        "p4" | "4" | "backlog" | "trivial" => Priority::Lower,
        _ if word.is_empty() && text.starts_with('🔴') => Priority::Is(0),
        _ => Priority::Unreadable,
    }
}

/// Whether a cell says that there is nothing.
pub(super) fn is_none(text: &str) -> bool {
    let text = text.trim();
    text.chars()
        .all(|character| matches!(character, '-' | '–' | '—' | '_'))
        || ["none", "nothing", "n/a", "na", "无", "없음"]
            .iter()
            .any(|word| text.trim_end_matches('.').to_lowercase() == *word)
}

/// Whether a word is a level or a state, as in "High/Med/Low" or "Active/Mitigated".
pub(super) fn is_level_or_state(text: &str) -> bool {
    let word = normal(text);
    matches!(
        word.as_str(),
        "high" | "med" | "medium" | "low" | "critical" | "mitigated" | "yes" | "no"
    ) || word_status(&word).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Reading) {
        assert_eq!(status(text, &Legend::default()), expected, "{text}");
    }

    #[test]
    fn every_word_is_read_whatever_its_case_and_separators() {
        for (expected, words) in WORDS {
            for word in *words {
                check(&word.to_uppercase(), Reading::Is(*expected));
                check(
                    &format!("✅ {}", word.replace(' ', "_")),
                    Reading::Is(*expected),
                );
            }
        }
    }

    #[test]
    fn boxes_signs_and_shares_are_statuses() {
        check("[ ]", Reading::Is(Planned));
        check("[x]", Reading::Is(Completed));
        check("[~] anything", Reading::Is(InProgress));
        check("✅", Reading::Is(Completed));
        check("⏭ skipped", Reading::Is(Deferred));
        check("100%", Reading::Is(Completed));
        check("67% complete", Reading::Is(InProgress));
        check("0 %", Reading::Is(Planned));
        check("3/5", Reading::Is(InProgress));
        check("Done (session 3)", Reading::Is(Completed));
        check("Merged 2026-01-02", Reading::Is(Completed));
    }

    #[test]
    fn prose_is_no_status_and_nothing_is_empty() {
        check("Working but needs verification", Reading::Unreadable);
        check("Phase 2 Complete, Phase 3 Basic", Reading::Unreadable);
        check("--", Reading::Empty);
        check("", Reading::Empty);
    }

    #[test]
    fn an_ambiguous_sign_takes_the_documents_legend() {
        check("⏸️", Reading::Perhaps(Blocked));
        let mut legend = Legend::default();
        legend.learn("⏸", "Deferred");
        legend.learn_line("🔴 not started, 🔵 done | ⚠ needs review");
        assert_eq!(status("⏸", &legend), Reading::Is(Deferred));
        assert_eq!(status("🔴", &legend), Reading::Is(Planned));
        assert_eq!(status("🔵", &legend), Reading::Is(Completed));
        assert_eq!(status("⚠", &legend), Reading::Perhaps(Blocked));
    }

    #[test]
    fn only_one_character_in_brackets_makes_a_box() {
        assert_eq!(split_box("[X] a b"), Some((Completed, "a b")));
        assert_eq!(split_box("[ ]"), Some((Planned, "")));
        for text in [
            "[Current Date] wrote",
            "[P] parallel",
            "[x](link)",
            "[]",
            "x [ ]",
        ] {
            assert_eq!(split_box(text), None, "{text}");
        }
    }

    #[test]
    fn priorities_are_words_or_numbers() {
        for (text, expected) in [
            ("P0", Priority::Is(0)),
            ("High", Priority::Is(1)),
            ("**Medium**", Priority::Is(2)),
            ("low priority", Priority::Is(3)),
            ("P4", Priority::Lower),
            ("--", Priority::Empty),
            ("soon", Priority::Unreadable),
        ] {
            assert_eq!(priority(text), expected, "{text}");
        }
    }
}
