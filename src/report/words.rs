//! Text for people: one line, no control characters, no longer than its place. What others wrote passes
//! through here before it is shown.

use std::borrow::Cow;

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

const SECOND_MS: u64 = 1_000;
const MINUTE_MS: u64 = 60 * SECOND_MS;
pub(super) const HOUR_MS: u64 = 60 * MINUTE_MS;
pub(super) const DAY_MS: u64 = 24 * HOUR_MS;

/// A duration in milliseconds in at most two units: `45 s`, `1 min 30 s`, `5 min`, `2 h 5 min`, `3 d`.
pub(super) fn duration(ms: u64) -> String {
    let pair = |large: u64, large_unit: &str, small: u64, small_unit: &str| match small {
        0 => format!("{large} {large_unit}"),
        _ => format!("{large} {large_unit} {small} {small_unit}"),
    };
    if ms < MINUTE_MS {
        format!("{} s", ms / SECOND_MS)
    } else if ms < 10 * MINUTE_MS {
        pair(ms / MINUTE_MS, "min", ms % MINUTE_MS / SECOND_MS, "s")
    } else if ms < HOUR_MS {
        format!("{} min", ms / MINUTE_MS)
    } else if ms < DAY_MS {
        pair(ms / HOUR_MS, "h", ms % HOUR_MS / MINUTE_MS, "min")
    } else {
        pair(ms / DAY_MS, "d", ms % DAY_MS / HOUR_MS, "h")
    }
}

/// `1 task`, `2 tasks`.
pub(super) fn count(number: u32, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}

/// How wide a text stands on a terminal, in columns.
pub(super) fn width(text: &str) -> usize {
    UnicodeWidthStr::width(text)
}

/// The text in one line of at most `columns`, with an ellipsis where something was left out.
pub(super) fn clip(text: &str, columns: usize) -> String {
    let line = clean(text);
    if width(&line) <= columns {
        return line;
    }
    let mut clipped = String::new();
    let mut used = 0;
    for character in line.chars() {
        used += character.width().unwrap_or(0);
        if used >= columns.max(1) {
            break;
        }
        clipped.push(character);
    }
    clipped.truncate(clipped.trim_end().len());
    clipped.push('…');
    clipped
}

/// The text in one line, without terminal sequences, control characters and marks that turn the
/// direction of writing around.
pub(super) fn clean(text: &str) -> String {
    let plain = without_sequences(text);
    let mut line = String::with_capacity(plain.len());
    let mut gap = false;
    for character in plain.chars() {
        if character.is_whitespace() {
            gap = true;
        } else if !character.is_control() && !misleads(character) {
            if gap && !line.is_empty() {
                line.push(' ');
            }
            gap = false;
            line.push(character);
        }
    }
    line
}

/// Marks that make a text look like another one: direction overrides, byte order marks, tag characters.
fn misleads(character: char) -> bool {
    matches!(
        character,
        '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{061c}' | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e007f}'
    )
}

/// The text without terminal escape sequences; a sequence that never ends loses its introducer only.
fn without_sequences(text: &str) -> Cow<'_, str> {
    if !text.contains(['\u{1b}', '\u{9b}', '\u{9d}', '\u{90}']) {
        return Cow::Borrowed(text);
    }
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(character) = rest.chars().next() {
        let after = &rest[character.len_utf8()..];
        rest = match character {
            '\u{9b}' => behind_control(after),
            '\u{9d}' | '\u{90}' => behind_string(after),
            '\u{1b}' => match after.chars().next() {
                Some('[') => behind_control(&after[1..]),
                Some(']' | 'P' | 'X' | '^' | '_') => behind_string(&after[1..]),
                Some(' '..='~') => &after[1..],
                Some(_) | None => after,
            },
            _ => {
                plain.push(character);
                after
            }
        };
    }
    Cow::Owned(plain)
}

/// What follows a control sequence: parameters, then one final byte.
fn behind_control(text: &str) -> &str {
    let rest = text.trim_start_matches(|character| matches!(character, ' '..='?'));
    match rest.chars().next() {
        Some('@'..='~') => &rest[1..],
        Some(_) | None => text,
    }
}

/// What follows a control string: all up to a bell or a string terminator.
fn behind_string(text: &str) -> &str {
    let end = ["\u{7}", "\u{1b}\\", "\u{9c}"]
        .into_iter()
        .filter_map(|end| text.find(end).map(|place| place + end.len()))
        .min();
    end.map_or(text, |end| &text[end..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_is_said_in_at_most_two_units() {
        for (ms, said) in [
            (0, "0 s"),
            (999, "0 s"),
            (45_000, "45 s"),
            (90_000, "1 min 30 s"),
            (5 * MINUTE_MS, "5 min"),
            (59 * MINUTE_MS + 59_999, "59 min"),
            (2 * HOUR_MS + 5 * MINUTE_MS, "2 h 5 min"),
            (3 * HOUR_MS, "3 h"),
            (3 * DAY_MS, "3 d"),
            (3 * DAY_MS + 4 * HOUR_MS + 1, "3 d 4 h"),
        ] {
            assert_eq!(duration(ms), said);
        }
    }

    #[test]
    fn terminal_sequences_and_control_characters_are_taken_out() {
        for (hostile, shown) in [
            ("\u{1b}[31mred\u{1b}[0m", "red"),
            ("\u{9b}2Jcleared", "cleared"),
            ("\u{1b}]0;title\u{7}behind", "behind"),
            ("\u{1b}]8;;http://x\u{1b}\\link\u{1b}]8;;\u{1b}\\", "link"),
            ("\u{1b}]never ends", "never ends"),
            ("\u{1b}[", ""),
            ("\u{1b}", ""),
            ("a\u{0}b\u{8}c\u{7f}d\u{85}e", "abcd e"),
            ("one\r\ntwo\tthree", "one two three"),
            ("\u{202e}drawkcab\u{2066}", "drawkcab"),
            ("  kept  apart  ", "kept apart"),
        ] {
            assert_eq!(clean(hostile), shown, "{hostile:?}");
        }
    }

    #[test]
    fn a_long_text_is_clipped_by_its_width_on_screen() {
        assert_eq!(clip("short", 5), "short");
        assert_eq!(clip("a bit longer", 6), "a bit…");
        assert_eq!(clip("日本語の題名", 7), "日本語…");
        assert_eq!(width(&clip("日本語の題名", 6)), 5);
        assert_eq!(clip("anything", 0), "…");
    }
}
