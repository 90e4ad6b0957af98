//! The number that a command measured, read from its output without patterns that could run away.

use crate::plan::decimal::Decimal;

/// The first number behind the last place where the output has `after`; none without both.
pub(super) fn number_after(output: &str, after: &str) -> Option<Decimal> {
    if after.is_empty() {
        return None;
    }
    let (_, behind) = output.rsplit_once(after)?;
    let begin = behind.find(|character: char| character.is_ascii_digit())?;
    let negative = behind[..begin].ends_with('-');
    let digits = &behind[begin..];
    let end = digits
        .char_indices()
        .find(|(place, character)| {
            let point =
                *character == '.' && digits[place + 1..].starts_with(|c: char| c.is_ascii_digit());
            !character.is_ascii_digit() && (!point || digits[..*place].contains('.'))
        })
        .map_or(digits.len(), |(place, _)| place);
    let sign = if negative { "-" } else { "" };
    format!("{sign}{}", &digits[..end]).parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(output: &str, after: &str, expected: Option<&str>) {
        let found = number_after(output, after);
        assert_eq!(found.as_ref().map(Decimal::as_str), expected, "{output}");
    }

    #[test]
    fn it_is_the_first_number_behind_the_last_such_text() {
        check("TOTAL 12 3 80.50%\n", "TOTAL", Some("12"));
        check(
            "coverage: 12%\ncoverage: 80.50%\n",
            "coverage:",
            Some("80.5"),
        );
        check("lines covered = 80.\n", "covered", Some("80"));
        check("v 1.2.3", "v", Some("1.2"));
        check("change -4.5 ms", "change", Some("-4.5"));
        check("coverage: ünknown 7", "coverage:", Some("7"));
    }

    #[test]
    fn without_the_text_or_a_number_there_is_none() {
        check("12", "", None);
        check("12", "coverage", None);
        check("coverage: none", "coverage:", None);
        check(&format!("coverage: {}", "9".repeat(100)), "coverage:", None);
    }
}
