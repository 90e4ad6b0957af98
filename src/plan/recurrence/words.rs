//! Reads a recurrence as people say it, such as `weekdays at 09:00`, and writes the one spelling that stands
//! for all others of the same meaning.

use super::crontab::{WEEKDAYS, position, read_number};
use super::error::{Field, RecurrenceError, shown};
use super::fields::{Fields, Numbers, full};

const HOUR_MINUTES: u64 = 60;
const DAY_HOURS: u64 = 24;
/// Monday first, as people list them.
const WEEK: [u8; 7] = [1, 2, 3, 4, 5, 6, 0];
/// A run of so many days is written as a range.
const RUN: usize = 3;

/// What was read: the one spelling without its working days, the fields, and whether only working days count.
type Read = (String, Fields, bool);

/// Reads words in lower case with single spaces.
pub(super) fn parse(text: &str) -> Result<Read, RecurrenceError> {
    let unknown = || RecurrenceError::Unknown(shown(text));
    let words: Vec<&str> = text
        .split([' ', ','])
        .filter(|word| !word.is_empty() && *word != "and")
        .collect();
    if let Some(read) = interval(&words)? {
        return Ok(read);
    }
    let at = words.iter().position(|word| *word == "at");
    let (days, times) = words.split_at(at.ok_or_else(unknown)?);
    let days = days.strip_prefix(&["every"]).unwrap_or(days);
    if let Some(numbers) = days.strip_prefix(&["monthly", "on"]) {
        let days = month_days(numbers)?.ok_or_else(unknown)?;
        let (times, minutes, hours) = read_times(&times[1..])?;
        let listed: Vec<String> = days.iter().map(|day| day.to_string()).collect();
        let fields = Fields {
            days,
            ..Fields::every_day(minutes, hours)
        };
        let written = format!("monthly on {} at {times}", listed.join(", "));
        return Ok((written, fields, false));
    }
    let days = days.strip_prefix(&["weekly", "on"]).unwrap_or(days);
    let working = matches!(days, ["working", "days" | "day"]);
    let weekdays = if working {
        full(Field::Weekday)
    } else {
        week_days(days)?.ok_or_else(unknown)?
    };
    let (times, minutes, hours) = read_times(&times[1..])?;
    let fields = Fields {
        weekdays,
        ..Fields::every_day(minutes, hours)
    };
    let written = format!("{} at {times}", write_week_days(weekdays));
    Ok((written, fields, working))
}

/// `hourly`, `every 15 minutes` and their like; none for other words.
fn interval(words: &[&str]) -> Result<Option<Read>, RecurrenceError> {
    let (count, hours, past) = match words {
        ["hourly", past @ ..] | ["every", "hour", past @ ..] => (1, true, past),
        ["every", "minute"] => (1, false, &[][..]),
        ["every", count, "minute" | "minutes"] => match read_number(count) {
            Some(count) => (count, false, &[][..]),
            None => return Ok(None),
        },
        ["every", count, "hour" | "hours", past @ ..] => match read_number(count) {
            Some(count) => (count, true, past),
            None => return Ok(None),
        },
        _ => return Ok(None),
    };
    let past = match past {
        [] => None,
        ["at", past] => Some(past_the_hour(past)?),
        _ => return Ok(None),
    };
    if !hours && count != HOUR_MINUTES {
        if !HOUR_MINUTES.is_multiple_of(count) {
            return Err(RecurrenceError::Uneven {
                count,
                unit: "minutes",
                allowed: "1, 2, 3, 4, 5, 6, 10, 12, 15, 20 or 30, or hours",
            });
        }
        let fields = Fields::every_day(every(Field::Minute, count), full(Field::Hour));
        let written = match count {
            1 => "every minute".to_owned(),
            count => format!("every {count} minutes"),
        };
        return Ok(Some((written, fields, false)));
    }
    let count = if hours { count } else { 1 };
    if count >= DAY_HOURS || !DAY_HOURS.is_multiple_of(count) {
        return Err(RecurrenceError::Uneven {
            count,
            unit: "hours",
            allowed: "1, 2, 3, 4, 6, 8 or 12, or `daily at 09:00`",
        });
    }
    let minute = past.unwrap_or(0);
    let minutes = Numbers::range(minute, minute);
    let fields = Fields::every_day(minutes, every(Field::Hour, count));
    let mut written = match count {
        1 => "hourly".to_owned(),
        count => format!("every {count} hours"),
    };
    if minute > 0 {
        written.push_str(&format!(" at :{minute:02}"));
    }
    Ok(Some((written, fields, false)))
}

fn every(field: Field, count: u64) -> Numbers {
    full(field)
        .iter()
        .filter(|number| u64::from(*number) % count == 0)
        .collect()
}

fn past_the_hour(text: &str) -> Result<u8, RecurrenceError> {
    let digits = text.strip_prefix(':').filter(|digits| digits.len() == 2);
    digits
        .and_then(|digits| below(digits, HOUR_MINUTES))
        .ok_or_else(|| RecurrenceError::PastTheHour(shown(text)))
}

fn below(digits: &str, bound: u64) -> Option<u8> {
    let number = read_number(digits).filter(|number| *number < bound)?;
    u8::try_from(number).ok()
}

/// The days of the month; none when a word is no number.
fn month_days(words: &[&str]) -> Result<Option<Numbers>, RecurrenceError> {
    let mut days = Numbers::default();
    let (least, most) = Field::DayOfMonth.bounds();
    for word in words {
        let endings = ["st", "nd", "rd", "th"];
        let digits = endings.iter().find_map(|ending| word.strip_suffix(ending));
        let Some(value) = read_number(digits.unwrap_or(word)) else {
            return Ok(None);
        };
        let field = Field::DayOfMonth;
        match u8::try_from(value) {
            Ok(value) if value < least => {
                return Err(RecurrenceError::TooSmall {
                    field,
                    value,
                    least,
                });
            }
            Ok(day) if day <= most => days.insert(day),
            _ => return Err(RecurrenceError::TooLarge { field, value, most }),
        }
    }
    Ok((!words.is_empty()).then_some(days))
}

/// The days of the week; none when a word is no such day.
fn week_days(words: &[&str]) -> Result<Option<Numbers>, RecurrenceError> {
    let mut days = Numbers::default();
    for word in words {
        let found: Vec<u8> = match *word {
            "daily" | "day" => WEEK.to_vec(),
            "weekdays" | "weekday" => WEEK[..5].to_vec(),
            "weekends" | "weekend" => WEEK[5..].to_vec(),
            word => match word.split_once('-') {
                None => week_day(word).into_iter().collect(),
                Some((from, to)) => {
                    let place = |text| {
                        let day = week_day(text)?;
                        WEEK.iter().position(|other| *other == day)
                    };
                    let (Some(from), Some(to)) = (place(from), place(to)) else {
                        return Ok(None);
                    };
                    if from > to {
                        return Err(RecurrenceError::Backwards {
                            field: Field::Weekday,
                            range: shown(word),
                        });
                    }
                    WEEK[from..=to].to_vec()
                }
            },
        };
        if found.is_empty() {
            return Ok(None);
        }
        for day in found {
            days.insert(day);
        }
    }
    Ok((!words.is_empty()).then_some(days))
}

fn week_day(word: &str) -> Option<u8> {
    position(&WEEKDAYS, word).or_else(|| position(&WEEKDAYS, word.strip_suffix('s')?))
}

fn write_week_days(days: Numbers) -> String {
    let held: Vec<bool> = WEEK.iter().map(|day| days.contains(*day)).collect();
    match held.as_slice() {
        [true, true, true, true, true, true, true] => return "daily".to_owned(),
        [true, true, true, true, true, false, false] => return "weekdays".to_owned(),
        [false, false, false, false, false, true, true] => return "weekends".to_owned(),
        _ => {}
    }
    let name = |place: usize| WEEKDAYS[usize::from(WEEK[place])];
    if let Some(only) = held.iter().position(|held| *held)
        && days.count() == 1
    {
        return format!("{}s", name(only));
    }
    let mut parts = Vec::new();
    let mut place = 0;
    while place < WEEK.len() {
        let run = held[place..].iter().take_while(|held| **held).count();
        if run >= RUN {
            let (first, last) = (name(place), name(place + run - 1));
            parts.push(format!("{}-{}", &first[..3], &last[..3]));
        } else {
            parts.extend((place..place + run).map(|place| name(place)[..3].to_owned()));
        }
        place += run.max(1);
    }
    parts.join(", ")
}

/// Times of day: as they are written, their minutes and their hours.
fn read_times(words: &[&str]) -> Result<(String, Numbers, Numbers), RecurrenceError> {
    let (mut minutes, mut hours) = (Numbers::default(), Numbers::default());
    let mut times = Vec::new();
    for word in words {
        let time = word
            .split_once(':')
            .filter(|(hour, minute)| (1..=2).contains(&hour.len()) && minute.len() == 2)
            .and_then(|(hour, minute)| {
                Some((below(hour, DAY_HOURS)?, below(minute, HOUR_MINUTES)?))
            })
            .ok_or_else(|| RecurrenceError::Time(shown(word)))?;
        hours.insert(time.0);
        minutes.insert(time.1);
        times.push(time);
    }
    if times.is_empty() {
        return Err(RecurrenceError::Time(String::new()));
    }
    times.sort_unstable();
    times.dedup();
    if u64::try_from(times.len()) != Ok(minutes.count() * hours.count()) {
        return Err(RecurrenceError::TimesDiffer);
    }
    let times: Vec<String> = times
        .into_iter()
        .map(|(hour, minute)| format!("{hour:02}:{minute:02}"))
        .collect();
    Ok((times.join(", "), minutes, hours))
}
