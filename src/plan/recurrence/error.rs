//! Why a text is no recurrence: each says which part is wrong and what may stand there.

use std::fmt;

use super::LENGTH_MAX;

/// How much of a text from outside an error repeats, in characters.
const SHOWN: usize = 40;

/// A part of a crontab line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Field {
    /// The first: 0 to 59.
    Minute,
    /// The second: 0 to 23.
    Hour,
    /// The third: 1 to 31.
    DayOfMonth,
    /// The fourth: 1 to 12 or a name.
    Month,
    /// The fifth: 0 to 7, where 0 and 7 are Sunday, or a name.
    Weekday,
}

impl Field {
    /// All five, as they stand in a line.
    pub(super) const ALL: [Self; 5] = [
        Self::Minute,
        Self::Hour,
        Self::DayOfMonth,
        Self::Month,
        Self::Weekday,
    ];

    /// The least and the greatest number it takes.
    pub(super) fn bounds(self) -> (u8, u8) {
        match self {
            Self::Minute => (0, 59),
            Self::Hour => (0, 23),
            Self::DayOfMonth => (1, 31),
            Self::Month => (1, 12),
            Self::Weekday => (0, 7),
        }
    }

    /// What may stand in it.
    fn allowed(self) -> &'static str {
        match self {
            Self::Minute => "0 to 59",
            Self::Hour => "0 to 23",
            Self::DayOfMonth => "1 to 31",
            Self::Month => "1 to 12 or jan to dec",
            Self::Weekday => "0 to 7 (0 and 7 are Sunday) or sun to sat",
        }
    }
}

impl fmt::Display for Field {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Minute => "minute",
            Self::Hour => "hour",
            Self::DayOfMonth => "day of month",
            Self::Month => "month",
            Self::Weekday => "weekday",
        })
    }
}

/// A text that is no recurrence.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RecurrenceError {
    /// There is none.
    #[error("the recurrence is empty; write one such as `weekdays at 09:00` or `0 9 * * 1-5`")]
    Empty,
    /// It is longer than 100 bytes, read or written out.
    #[error("the recurrence is longer than {LENGTH_MAX} bytes; write two shorter ones")]
    TooLong,
    /// It looks like a crontab line and has not five fields.
    #[error(
        "the crontab line has {count} fields; write five: minute, hour, day of month, month and \
         weekday (seconds and years are not kept)"
    )]
    FieldCount {
        /// How many it has.
        count: usize,
    },
    /// A number is above its field's greatest.
    #[error("{field} {value} is more than {most}; write {}", field.allowed())]
    TooLarge {
        /// The field.
        field: Field,
        /// What stands in it.
        value: u64,
        /// The greatest it takes.
        most: u8,
    },
    /// A number is below its field's least.
    #[error("{field} {value} is less than {least}; write {}", field.allowed())]
    TooSmall {
        /// The field.
        field: Field,
        /// What stands in it.
        value: u8,
        /// The least it takes.
        least: u8,
    },
    /// A range ends before it begins.
    #[error("{field} {range} runs backwards; write it as two, with a comma between")]
    Backwards {
        /// The field.
        field: Field,
        /// The range.
        range: String,
    },
    /// A step is 0 or longer than what it walks through.
    #[error(
        "{field} {item} has a step that never comes round; write 1 to {most}, for a step counts anew \
         each time the field begins again"
    )]
    Step {
        /// The field.
        field: Field,
        /// What stands in it.
        item: String,
        /// The longest step.
        most: u8,
    },
    /// A step has neither `*` nor a range to walk through.
    #[error("{field} {item} has a step and no end; write `*/n` or a range such as `0-30/10`")]
    StepAlone {
        /// The field.
        field: Field,
        /// What stands in it.
        item: String,
    },
    /// A part of the field is neither number, name, range nor `*`.
    #[error("{field} `{item}` cannot be read; write {}, `*`, a range, a list or a step", field.allowed())]
    Unreadable {
        /// The field.
        field: Field,
        /// What stands in it.
        item: String,
    },
    /// Another scheduler's word or sign.
    #[error("`{sign}` is not understood here: {instead}")]
    Foreign {
        /// The word or sign.
        sign: String,
        /// What to write.
        instead: &'static str,
    },
    /// Both kinds of days are restricted; schedulers disagree about whether one or both must hold.
    #[error(
        "day of month and weekday are both restricted, which some read as `and` and others as `or`; \
         leave one of them `*`"
    )]
    BothDays,
    /// A day that no year has.
    #[error("{day} {month} never comes; write a day that the month has")]
    NeverComes {
        /// The day of the month.
        day: u8,
        /// The month's English name.
        month: &'static str,
    },
    /// A text that is no time of day.
    #[error("`{0}` is no time of day; write one from 00:00 to 23:59, such as `09:00`")]
    Time(String),
    /// A text that is no minute of the hour.
    #[error("`{0}` is no minute of the hour; write one from :00 to :59, such as `:15`")]
    PastTheHour(String),
    /// Times of one recurrence have unlike minutes.
    #[error(
        "the times of one recurrence share their minutes, and these do not; write one recurrence for \
         each minute of the hour"
    )]
    TimesDiffer,
    /// An interval that does not divide the hour or the day.
    #[error("every {count} {unit} does not come out even; write {allowed}")]
    Uneven {
        /// How many.
        count: u64,
        /// `minutes` or `hours`.
        unit: &'static str,
        /// The intervals there are.
        allowed: &'static str,
    },
    /// None of the forms.
    #[error(
        "`{0}` is no recurrence; write a crontab line such as `0 9 * * 1-5`, or `hourly`, `every 15 \
         minutes`, `daily at 09:00`, `weekdays at 09:00`, `working days at 09:00`, `mon, wed at \
         10:00` or `monthly on 1 at 08:00`"
    )]
    Unknown(String),
}

/// So much of a text from outside as an error repeats.
pub(super) fn shown(text: &str) -> String {
    text.chars().take(SHOWN).collect()
}
