//! Reads a crontab line of five fields; what it writes back reads the same and is never longer.

use super::error::{Field, RecurrenceError, shown};
use super::fields::{Fields, Numbers, full};

const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];
/// As a crontab counts them.
pub(super) const WEEKDAYS: [&str; 7] = [
    "sunday",
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
];
const SUNDAY: u8 = 7;

/// Part of a field: a number, or a range with its step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Item {
    from: u8,
    to: u8,
    step: u8,
}

/// Reads a line in lower case.
pub(super) fn parse(line: &str) -> Result<(String, Fields), RecurrenceError> {
    if line.starts_with('@') {
        return Err(RecurrenceError::Foreign {
            sign: shown(line),
            instead: "write times, such as `hourly` or `daily at 00:00`; nothing runs at a start",
        });
    }
    let parts: Vec<&str> = line.split_whitespace().collect();
    let count = parts.len();
    if count != Field::ALL.len() {
        return Err(RecurrenceError::FieldCount { count });
    }
    let mut sets = [Numbers::default(); 5];
    let mut written = Vec::with_capacity(count);
    for ((field, part), set) in Field::ALL.into_iter().zip(parts).zip(&mut sets) {
        let items = part
            .split(',')
            .map(|item| read_item(field, item))
            .collect::<Result<Vec<Item>, RecurrenceError>>()?;
        *set = items
            .iter()
            .flat_map(|item| numbers(field, *item))
            .collect();
        written.push(write_items(field, items, *set));
    }
    let [minutes, hours, days, months, weekdays] = sets;
    let fields = Fields {
        minutes,
        hours,
        days,
        months,
        weekdays,
    };
    Ok((written.join(" "), fields))
}

fn read_item(field: Field, item: &str) -> Result<Item, RecurrenceError> {
    refuse_foreign(field, item)?;
    let (body, step) = match item.split_once('/') {
        Some((body, step)) => (body, Some(step)),
        None => (item, None),
    };
    let (least, most) = field.bounds();
    let (from, to) = if body == "*" {
        (least, if field == Field::Weekday { 6 } else { most })
    } else if let Some((from, to)) = body.split_once('-') {
        let from = read_value(field, from, item)?;
        let to = match read_value(field, to, item)? {
            0 if field == Field::Weekday && from > 0 => SUNDAY,
            to => to,
        };
        if from > to {
            return Err(RecurrenceError::Backwards {
                field,
                range: shown(body),
            });
        }
        (from, to)
    } else if step.is_some() {
        return Err(RecurrenceError::StepAlone {
            field,
            item: shown(item),
        });
    } else {
        let value = read_value(field, body, item)?;
        (value, value)
    };
    let longest = (to - from).max(1);
    let step = match step.map(|step| (step, read_number(step))) {
        None => 1,
        Some((_, Some(step))) if (1..=u64::from(longest)).contains(&step) => {
            u8::try_from(step).unwrap_or(1)
        }
        Some((_, Some(_))) => {
            return Err(RecurrenceError::Step {
                field,
                item: shown(item),
                most: longest,
            });
        }
        Some((_, None)) => return Err(unreadable(field, item)),
    };
    Ok(Item { from, to, step })
}

fn read_value(field: Field, text: &str, item: &str) -> Result<u8, RecurrenceError> {
    let (least, most) = field.bounds();
    if let Some(value) = read_number(text) {
        return match u8::try_from(value) {
            Ok(value) if value < least => Err(RecurrenceError::TooSmall {
                field,
                value,
                least,
            }),
            Ok(value) if value <= most => Ok(value),
            _ => Err(RecurrenceError::TooLarge { field, value, most }),
        };
    }
    let named = match field {
        Field::Month => position(&MONTHS, text).map(|place| place + 1),
        Field::Weekday => position(&WEEKDAYS, text),
        Field::Minute | Field::Hour | Field::DayOfMonth => None,
    };
    named.ok_or_else(|| unreadable(field, item))
}

/// The place of a name among others, written out or as its first three letters.
pub(super) fn position(names: &[&str], text: &str) -> Option<u8> {
    let place = names
        .iter()
        .position(|name| *name == text || name.get(..3) == Some(text))?;
    u8::try_from(place).ok()
}

/// A number of digits alone; the greatest there is when it is longer.
pub(super) fn read_number(text: &str) -> Option<u64> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| text.parse().unwrap_or(u64::MAX))
}

fn unreadable(field: Field, item: &str) -> RecurrenceError {
    RecurrenceError::Unreadable {
        field,
        item: shown(item),
    }
}

/// Names what other schedulers have and a crontab has not.
fn refuse_foreign(field: Field, item: &str) -> Result<(), RecurrenceError> {
    let day = matches!(field, Field::DayOfMonth | Field::Weekday);
    let numbered = |sign: char| {
        day && item
            .strip_suffix(sign)
            .is_some_and(|rest| rest.bytes().all(|byte| byte.is_ascii_digit()))
    };
    let (sign, instead) = if item.contains('?') {
        ("?", "write `*`")
    } else if item.contains('#') {
        ("#", "write the weekday alone, or days of the month")
    } else if item == "lw" || numbered('l') || (day && item.starts_with("l-")) {
        (
            "L",
            "months end on 28 to 31; write a day that all of them have",
        )
    } else if numbered('w') {
        (
            "W",
            "end the recurrence with `on working days` to leave other days out",
        )
    } else {
        return Ok(());
    };
    Err(RecurrenceError::Foreign {
        sign: sign.to_owned(),
        instead,
    })
}

fn numbers(field: Field, item: Item) -> impl Iterator<Item = u8> {
    let steps = (item.from..=item.to).step_by(usize::from(item.step.max(1)));
    steps.map(move |number| match field {
        Field::Weekday => number % SUNDAY,
        _ => number,
    })
}

fn write_items(field: Field, mut items: Vec<Item>, set: Numbers) -> String {
    if set == full(field) {
        return "*".to_owned();
    }
    for item in &mut items {
        if field == Field::Weekday && item.from == SUNDAY {
            (item.from, item.to) = (0, 0);
        }
    }
    items.sort_unstable();
    items.dedup();
    let texts: Vec<String> = items
        .into_iter()
        .map(|item| write_item(field, item))
        .collect();
    texts.join(",")
}

fn write_item(field: Field, Item { from, to, step }: Item) -> String {
    let (least, most) = field.bounds();
    let whole = from == least && (to == most || field == Field::Weekday && to == 6);
    match (from == to, step) {
        (true, _) => from.to_string(),
        (false, 1) => format!("{from}-{to}"),
        (false, step) if whole => format!("*/{step}"),
        (false, step) => format!("{from}-{to}/{step}"),
    }
}
