//! Words of the command line turned into values: durations, instants, priorities, dependency targets.
//! What cannot be read is said with an example of what can.

use std::time::Duration;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use muster_proto::v1 as wire;
use muster_proto::v1::dependency_target::On;

const MS_PER_SECOND: u64 = 1_000;
const MS_PER_MINUTE: u64 = 60 * MS_PER_SECOND;
const MS_PER_HOUR: u64 = 60 * MS_PER_MINUTE;
const MS_PER_DAY: u64 = 24 * MS_PER_HOUR;

/// No duration on the command line is longer than ten years.
const DURATION_MS_MAX: u64 = 3_660 * MS_PER_DAY;

/// A fencing token.
pub fn fence(text: &str) -> Result<u64, String> {
    text.trim().parse().map_err(|_| {
        format!("`{text}` is no fence; write the number that the claim gave, such as 48")
    })
}

/// A ticked acceptance criterion, or all of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Accepted {
    /// All that there are.
    All,
    /// One, by its number from 1.
    Number(u32),
}

/// The number of an acceptance criterion, or `all`.
pub fn accepted(text: &str) -> Result<Accepted, String> {
    match text.trim() {
        "all" => Ok(Accepted::All),
        number => number
            .parse()
            .ok()
            .filter(|number| *number > 0)
            .map(Accepted::Number)
            .ok_or_else(|| {
                format!("`{text}` is no criterion; write their numbers, such as 1,3, or all")
            }),
    }
}

/// The numbers among ticked criteria, and whether all are.
pub fn acceptance(ticked: &[Accepted]) -> (Vec<u32>, bool) {
    let numbers = ticked.iter().filter_map(|one| match one {
        Accepted::Number(number) => Some(*number),
        Accepted::All => None,
    });
    (numbers.collect(), ticked.contains(&Accepted::All))
}

/// Which acceptance criteria go to which part: `PART=NUMBERS`, all counted from 1.
pub fn criteria(text: &str) -> Result<(usize, Vec<u32>), String> {
    let complaint = || format!("`{text}` says no part and its criteria; write such as 1=1,3");
    let (part, numbers) = text.split_once('=').ok_or_else(complaint)?;
    let part = part.trim().parse().map_err(|_| complaint())?;
    let numbers = numbers.split(',').map(|number| number.trim().parse());
    let numbers: Result<Vec<u32>, _> = numbers.collect();
    Ok((part, numbers.map_err(|_| complaint())?))
}

/// A duration such as `30s`, `45m`, `1h30m`, `2d`, `500ms`; `0` is none.
pub fn duration(text: &str) -> Result<Duration, String> {
    let complaint = || {
        format!("`{text}` is no duration; write a number and a unit, such as 30s, 45m, 2h or 1h30m")
    };
    let trimmed = text.trim();
    if trimmed == "0" {
        return Ok(Duration::ZERO);
    }
    let mut rest = trimmed;
    let mut total_ms: u64 = 0;
    while !rest.is_empty() {
        let digits = rest.len()
            - rest
                .trim_start_matches(|next: char| next.is_ascii_digit())
                .len();
        let number: u64 = rest[..digits].parse().map_err(|_| complaint())?;
        rest = &rest[digits..];
        let letters = rest.len()
            - rest
                .trim_start_matches(|next: char| next.is_ascii_alphabetic())
                .len();
        let unit_ms = match &rest[..letters] {
            "ms" => 1,
            "s" => MS_PER_SECOND,
            "m" | "min" => MS_PER_MINUTE,
            "h" => MS_PER_HOUR,
            "d" => MS_PER_DAY,
            _ => return Err(complaint()),
        };
        rest = &rest[letters..];
        total_ms = number
            .checked_mul(unit_ms)
            .and_then(|part| total_ms.checked_add(part))
            .filter(|total| *total <= DURATION_MS_MAX)
            .ok_or_else(|| format!("`{text}` is longer than ten years"))?;
    }
    if trimmed.is_empty() {
        return Err(complaint());
    }
    Ok(Duration::from_millis(total_ms))
}

/// Where a stretch of time begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Since {
    /// At an instant.
    At(jiff::Timestamp),
    /// So long before now.
    Ago(Duration),
    /// At the start of a day in the project's time zone.
    Day(Date),
}

/// A beginning such as `2026-11-21T09:00:00Z`, `24h`, `2d` or `2026-11-21`.
pub fn since(text: &str) -> Result<Since, String> {
    let trimmed = text.trim();
    if let Ok(at) = trimmed.parse::<jiff::Timestamp>() {
        return Ok(Since::At(at));
    }
    if trimmed.len() == "YYYY-MM-DD".len()
        && let Ok(day) = trimmed.parse::<Date>()
    {
        return Ok(Since::Day(day));
    }
    duration(trimmed).map(Since::Ago).map_err(|_| {
        format!(
            "`{text}` is no beginning; write an instant (2026-11-21T09:00:00Z), a date (2026-11-21) or \
             how long ago (24h, 2d)"
        )
    })
}

impl Since {
    /// The instant it stands for, where that needs no time zone. `now_ms` is in Unix milliseconds.
    pub fn instant(&self, now_ms: i64) -> Option<prost_types::Timestamp> {
        match self {
            Self::At(at) => Some(timestamp(*at)),
            Self::Ago(ago) => {
                let ago_ms = i64::try_from(ago.as_millis()).unwrap_or(i64::MAX);
                let at_ms = now_ms.saturating_sub(ago_ms);
                jiff::Timestamp::from_millisecond(at_ms).ok().map(timestamp)
            }
            Self::Day(_) => None,
        }
    }

    /// The instant it stands for in a time zone.
    ///
    /// # Errors
    /// A sentence, when there is no such time zone or day.
    pub fn instant_in(
        &self,
        now_ms: i64,
        time_zone: &str,
    ) -> Result<prost_types::Timestamp, String> {
        if let Self::Day(day) = self {
            let zone = TimeZone::get(time_zone)
                .map_err(|_| format!("the project's time zone `{time_zone}` is not known here"))?;
            let start = day
                .to_zoned(zone)
                .map_err(|_| format!("there is no {day} in {time_zone}"))?;
            return Ok(timestamp(start.timestamp()));
        }
        self.instant(now_ms)
            .ok_or_else(|| "the beginning lies too far back".to_owned())
    }
}

fn timestamp(at: jiff::Timestamp) -> prost_types::Timestamp {
    prost_types::Timestamp {
        seconds: at.as_second(),
        nanos: at.subsec_nanosecond(),
    }
}

/// A priority, `P0` (most urgent) to `P3`; the letter may be left out.
pub fn priority(text: &str) -> Result<u32, String> {
    let digits = text.trim().trim_start_matches(['P', 'p']);
    match digits.parse() {
        Ok(number @ 0..=3) => Ok(number),
        _ => Err(format!(
            "`{text}` is no priority; write P0 (most urgent), P1, P2 or P3"
        )),
    }
}

/// What a dependency points at: `T-3` or another name of a task, `phase:2`, `all-above`.
pub fn target(text: &str) -> Result<wire::DependencyTarget, String> {
    let trimmed = text.trim();
    let on = if let Some(phase) = trimmed.strip_prefix("phase:") {
        On::Phase(phase.trim().to_owned())
    } else if matches!(trimmed, "all-above" | "all above") {
        On::AllAbove(true)
    } else {
        On::Task(trimmed.to_owned())
    };
    if matches!(&on, On::Task(name) | On::Phase(name) if name.is_empty()) {
        return Err("names nothing to wait for; write T-3, phase:2 or all-above".to_owned());
    }
    Ok(wire::DependencyTarget { on: Some(on) })
}

/// A percentage, 0 to 100; a sign behind it may stand.
pub fn percent(text: &str) -> Result<u32, String> {
    match text.trim().trim_end_matches('%').trim_end().parse() {
        Ok(number @ 0..=100) => Ok(number),
        _ => Err(format!(
            "`{text}` is no percentage; write a whole number from 0 to 100"
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticked_criteria_are_numbers_or_all() {
        assert_eq!(accepted(" 3 "), Ok(Accepted::Number(3)));
        assert_eq!(accepted("all"), Ok(Accepted::All));
        for text in ["0", "-1", "every", "", "4294967296"] {
            assert!(accepted(text).is_err(), "{text}");
        }
        let ticked = [Accepted::Number(1), Accepted::Number(3)];
        assert_eq!(acceptance(&ticked), (vec![1, 3], false));
        assert_eq!(acceptance(&[Accepted::All]), (Vec::new(), true));
    }

    #[test]
    fn criteria_of_a_part_are_its_number_and_theirs() {
        assert_eq!(criteria("2=1, 3"), Ok((2, vec![1, 3])));
        for text in ["2", "2=", "=1", "x=1", "1=x", "1=1,"] {
            assert!(criteria(text).is_err(), "{text}");
        }
    }

    fn ms(text: &str) -> Option<u64> {
        duration(text)
            .ok()
            .map(|duration| u64::try_from(duration.as_millis()).unwrap())
    }

    #[test]
    fn a_duration_is_a_number_and_a_unit() {
        let expected = [
            ("500ms", Some(500)),
            ("30s", Some(30_000)),
            ("45m", Some(2_700_000)),
            ("45min", Some(2_700_000)),
            ("2h", Some(7_200_000)),
            ("1h30m", Some(5_400_000)),
            ("2d", Some(172_800_000)),
            ("0", Some(0)),
            (" 5s ", Some(5_000)),
            ("", None),
            ("30", None),
            ("s", None),
            ("-5s", None),
            ("5 s", None),
            ("5x", None),
            ("5sä", None),
            ("99999999999999999999s", None),
            ("18446744073709551615d", None),
            ("9999d", None),
        ];
        for (text, expected) in expected {
            assert_eq!(ms(text), expected, "{text}");
        }
    }

    #[test]
    fn a_beginning_is_an_instant_a_date_or_how_long_ago() {
        let now_ms = 1_800_000_000_000;
        let at = |text: &str| since(text).unwrap().instant_in(now_ms, "Europe/Berlin");
        let seconds = |text: &str| at(text).unwrap().seconds;
        assert_eq!(seconds("24h"), 1_800_000_000 - 86_400);
        assert_eq!(seconds("2d"), 1_800_000_000 - 2 * 86_400);
        assert_eq!(seconds("1970-01-02T00:00:00Z"), 86_400);
        assert_eq!(seconds("1970-01-02T00:00:00+01:00"), 86_400 - 3_600);
        assert_eq!(
            seconds("1970-01-02"),
            86_400 - 3_600,
            "a day of the project's zone"
        );
        for text in ["", "yesterday", "2026-13-01", "24", "2026-11-21T09:00"] {
            let complaint = since(text).unwrap_err();
            assert!(complaint.contains("24h"), "{text}: {complaint}");
        }
    }

    #[test]
    fn a_date_needs_the_zone_of_the_project() {
        let day = since("2026-11-21").unwrap();
        assert_eq!(day.instant(0), None);
        let complaint = day.instant_in(0, "Nowhere/Else").unwrap_err();
        assert!(complaint.contains("Nowhere/Else"));
    }

    #[test]
    fn a_priority_is_p0_to_p3() {
        for (text, expected) in [("P0", 0), ("p1", 1), ("2", 2), ("P3", 3)] {
            assert_eq!(priority(text), Ok(expected));
        }
        for text in ["P4", "", "high", "-1", "P"] {
            assert!(priority(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_target_is_a_task_a_phase_or_all_above() {
        let on = |text: &str| target(text).unwrap().on.unwrap();
        assert_eq!(on("T-3"), On::Task("T-3".to_owned()));
        assert_eq!(on("SETUP-01"), On::Task("SETUP-01".to_owned()));
        assert_eq!(on("phase:2.1"), On::Phase("2.1".to_owned()));
        assert_eq!(on("all-above"), On::AllAbove(true));
        assert!(target("").is_err());
        assert!(target("phase:").is_err());
    }

    #[test]
    fn a_percentage_is_0_to_100() {
        assert_eq!(percent("98"), Ok(98));
        assert_eq!(percent("98%"), Ok(98));
        assert_eq!(percent("98 %"), Ok(98));
        assert!(percent("101").is_err());
        assert!(percent("all").is_err());
    }
}
