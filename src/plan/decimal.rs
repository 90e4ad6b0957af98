//! Decimal numbers as they are written: kept as text and compared digit by digit, so that exactly 80.0 is
//! never more than 80 and no rounding decides a gate.

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Characters a number may have.
const CHARS_MAX: usize = 60;

/// A decimal number of any size that fits into 60 characters, in its shortest form: `80`, `-0.5`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Decimal(Arc<str>);

/// A text that is no decimal number.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("is not a number; write it like 80 or 80.5")]
pub struct NotANumber;

impl Decimal {
    /// The number as text, in its shortest form.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn parts(&self) -> (bool, &str, &str) {
        let (negative, digits) = match self.0.strip_prefix('-') {
            Some(digits) => (true, digits),
            None => (false, &*self.0),
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        (negative, whole, fraction)
    }
}

/// The longer whole part is the larger one; fractions compare like words.
fn compare(one: (&str, &str), other: (&str, &str)) -> Ordering {
    let whole = one.0.len().cmp(&other.0.len()).then(one.0.cmp(other.0));
    whole.then(one.1.cmp(other.1))
}

impl Ord for Decimal {
    fn cmp(&self, other: &Self) -> Ordering {
        let (minus, whole, fraction) = self.parts();
        let (other_minus, other_whole, other_fraction) = other.parts();
        match (minus, other_minus) {
            (false, true) => Ordering::Greater,
            (true, false) => Ordering::Less,
            (false, false) => compare((whole, fraction), (other_whole, other_fraction)),
            (true, true) => compare((other_whole, other_fraction), (whole, fraction)),
        }
    }
}

impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl FromStr for Decimal {
    type Err = NotANumber;

    fn from_str(text: &str) -> Result<Self, NotANumber> {
        let text = text.trim();
        if text.is_empty() || text.len() > CHARS_MAX {
            return Err(NotANumber);
        }
        let (negative, digits) = match text.strip_prefix('-') {
            Some(digits) => (true, digits),
            None => (false, text.strip_prefix('+').unwrap_or(text)),
        };
        let (whole, fraction) = match digits.split_once('.') {
            Some((_, "")) => return Err(NotANumber),
            Some(parts) => parts,
            None => (digits, ""),
        };
        let are_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        if whole.is_empty() || !are_digits(whole) || !are_digits(fraction) {
            return Err(NotANumber);
        }
        let whole = whole.trim_start_matches('0');
        let whole = if whole.is_empty() { "0" } else { whole };
        let fraction = fraction.trim_end_matches('0');
        let zero = whole == "0" && fraction.is_empty();
        let sign = if negative && !zero { "-" } else { "" };
        let point = if fraction.is_empty() { "" } else { "." };
        Ok(Self(format!("{sign}{whole}{point}{fraction}").into()))
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl Serialize for Decimal {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Decimal {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Decimal {
        text.parse().expect("a number")
    }

    #[test]
    fn a_number_is_kept_in_its_shortest_form() {
        for (written, kept) in [
            ("80.0", "80"),
            ("+007.50", "7.5"),
            ("-0.00", "0"),
            (" 12 ", "12"),
            ("0.10", "0.1"),
        ] {
            assert_eq!(of(written).as_str(), kept, "{written}");
        }
    }

    #[test]
    fn what_is_no_number_is_not_taken_for_one() {
        let long = "1".repeat(61);
        for text in [
            "", "-", ".5", "5.", "1e9", "80%", "NaN", "inf", "1,5", "0x10", "1 2", "--1", &long,
        ] {
            assert_eq!(text.parse::<Decimal>(), Err(NotANumber), "{text}");
        }
    }

    #[test]
    fn numbers_compare_by_value_however_they_are_written() {
        let ordered = [
            "-10",
            "-9.5",
            "-0.01",
            "0",
            "0.09",
            "0.1",
            "9.99",
            "10",
            "80",
            "80.0000001",
        ];
        for (place, one) in ordered.iter().enumerate() {
            for (other_place, other) in ordered.iter().enumerate() {
                let expected = place.cmp(&other_place);
                assert_eq!(of(one).cmp(&of(other)), expected, "{one} and {other}");
            }
        }
        assert_eq!(of("80.0"), of("80"));
        // Two that are one as 64-bit floats.
        assert!(of("0.10000000000000000001") > of("0.1"));
    }
}
