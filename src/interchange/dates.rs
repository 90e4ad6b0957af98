//! Days as people write them in a header: "2026-11-02 to 2026-11-15", "Nov 2 - Nov 15, 2026". A form in which day
//! and month could be mixed up is not read.

use jiff::civil::Date;

use crate::plan::day::Day;

/// A text is looked at up to this length, in bytes.
const LONGEST: usize = 100;

/// What may stand between two days, what is surer first.
const MARKS: &[&str] = &[
    " to ",
    " until ",
    " through ",
    " – ",
    " — ",
    " - ",
    "→",
    "..",
    "–",
    "—",
];

/// The forms of a day; the first is the one that files are to use.
const FORMS: &[&str] = &[
    "%Y-%m-%d",
    "%Y/%m/%d",
    "%B %d, %Y",
    "%b %d, %Y",
    "%B %d %Y",
    "%b %d %Y",
    "%d %B %Y",
    "%d %b %Y",
];

/// Why two days were not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unread {
    /// They are not there, or written in no form that is known.
    Unknown,
    /// The last is before the first.
    OutOfOrder(Day, Day),
}

/// The first and the last day of a span.
pub(super) fn span(text: &str) -> Result<(Day, Day), Unread> {
    if text.len() > LONGEST {
        return Err(Unread::Unknown);
    }
    let read = |mark: &&str| {
        let (first, last) = text.split_once(*mark)?;
        let last = day(last)?;
        // "Nov 2 - Nov 15, 2026" says the year once.
        let year = last.to_string();
        let with_year = |form: &str| day(&format!("{}{form}{}", first.trim(), &year[..4]));
        let first = day(first)
            .or_else(|| with_year(", "))
            .or_else(|| with_year(" "))?;
        Some((first, last))
    };
    match MARKS.iter().find_map(read) {
        Some((first, last)) if last < first => Err(Unread::OutOfOrder(first, last)),
        found => found.ok_or(Unread::Unknown),
    }
}

fn day(text: &str) -> Option<Day> {
    let text = text.trim().trim_end_matches('.');
    let dates = FORMS
        .iter()
        .filter_map(|form| Date::strptime(form, text).ok());
    // A year of other than four digits is a slip of the pen.
    let mut days = dates.filter_map(|date| date.to_string().parse().ok());
    days.next()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<(String, String)> {
        let (first, last) = span(text).ok()?;
        Some((first.to_string(), last.to_string()))
    }

    #[test]
    fn days_are_read_in_the_usual_forms() {
        for text in [
            "2026-11-02 to 2026-11-15",
            "2026-11-02 – 2026-11-15",
            "2026-11-02 - 2026-11-15",
            "2026-11-02→2026-11-15",
            "2026-11-02..2026-11-15",
            "Nov 2 - Nov 15, 2026",
            "November 2, 2026 to November 15, 2026",
            "2 November 2026 until 15 November 2026",
            "2 Nov – 15 Nov 2026",
        ] {
            let days = ("2026-11-02".to_owned(), "2026-11-15".to_owned());
            assert_eq!(read(text), Some(days), "{text}");
        }
    }

    #[test]
    fn what_is_no_span_or_could_mean_two_is_not_read() {
        for text in [
            "",
            "soon",
            "2026-11-02",
            "11/02/2026 to 11/15/2026",
            "2026-11-31 to 2026-12-02",
            " to ",
            "é – ",
            &"2026-11-02 to ".repeat(20),
        ] {
            assert_eq!(span(text), Err(Unread::Unknown), "{text}");
        }
        let late = span("2026-11-15 to 2026-11-02");
        assert!(matches!(late, Err(Unread::OutOfOrder(first, last)) if last < first));
    }
}
