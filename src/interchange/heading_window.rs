//! The days or weeks that a phase's heading names, as in "(Week 1-2)" and "(Days 1-3)". What is not exactly that
//! is none and stays a remark.

use crate::plan::window::{Window, WindowUnit};

const WORDS: [(&str, WindowUnit); 4] = [
    ("weeks", WindowUnit::Week),
    ("week", WindowUnit::Week),
    ("days", WindowUnit::Day),
    ("day", WindowUnit::Day),
];

/// Reads a remark: a word for days or weeks, then a number or two.
pub(super) fn read(remark: &str) -> Option<Window> {
    let remark = remark.trim().to_lowercase();
    let (word, unit) = WORDS.iter().find(|(word, _)| remark.starts_with(*word))?;
    span(*unit, &remark[word.len()..])
}

/// Reads "3", "1-2", "1 – 3" or "1 to 3".
pub(super) fn span(unit: WindowUnit, text: &str) -> Option<Window> {
    let text = text.trim();
    let two = ["-", "–", "—", " to "]
        .iter()
        .find_map(|between| text.split_once(between));
    let (from, to) = two.unwrap_or((text, text));
    let number = |text: &str| {
        let text = text.trim();
        let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        digits.then(|| text.parse::<u32>().ok()).flatten()
    };
    let window = Window {
        unit,
        from: number(from)?,
        to: number(to)?,
    };
    window.is_sound().then_some(window)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_and_weeks_are_read_as_people_write_them() {
        let shown = |text: &str| read(text).map(|window| window.to_string());
        for (text, expected) in [
            ("Week 1-2", "weeks 1-2"),
            ("Weeks 3 – 4", "weeks 3-4"),
            ("Days 12 to 14", "days 12-14"),
            ("day 4", "day 4"),
        ] {
            assert_eq!(shown(text).as_deref(), Some(expected), "{text}");
        }
        for text in [
            "2 weeks",
            "Week",
            "Week 2-1",
            "Week 0",
            "Weekend 3",
            "Days 1-3, part time",
            "Day 99999999999",
            "3h",
        ] {
            assert_eq!(shown(text), None, "{text}");
        }
    }
}
