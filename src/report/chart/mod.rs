//! Charts of a report: bars and a burndown as numbers with labels, drawn as SVG for pages and mails and with
//! plain characters for terminals. The same numbers give the same bytes, for nothing here is a fraction.

mod svg;
mod terminal;

#[cfg(test)]
mod tests;

pub(super) use svg::svg;
pub(super) use terminal::terminal;

use super::words::clean;

/// At most so many bars stand in one chart; how many more there are is said below it.
pub(super) const BARS_MAX: usize = 20;

/// A bar with what it stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Bar {
    label: String,
    /// What is written behind it.
    figure: String,
    value: u64,
    /// The value of a whole bar; 0 = nothing can be said.
    of: u64,
    /// It stands out.
    marked: bool,
}

impl Bar {
    /// How much of something is done.
    pub(super) fn progress(label: &str, done: u32, of: u32, late: bool) -> Self {
        let figure = match (u64::from(of), late) {
            (0, _) => "no tasks".to_owned(),
            (whole, late) => {
                let percent = (u64::from(done) * 200 + whole) / (2 * whole);
                let late = if late { ", late" } else { "" };
                format!("{percent} % ({done}/{of}){late}")
            }
        };
        Self {
            label: clean(label),
            figure,
            value: u64::from(done.min(of)),
            of: of.into(),
            marked: late,
        }
    }

    /// A number beside others, `figure` its words.
    pub(super) fn number(label: &str, value: u32, figure: &str) -> Self {
        Self {
            label: clean(label),
            figure: clean(figure),
            value: value.into(),
            of: 0,
            marked: false,
        }
    }
}

/// Bars below each other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Bars {
    title: String,
    bars: Vec<Bar>,
    left_out: usize,
}

/// The end of one day of a burndown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct BurndownEnd {
    /// The day, `2026-11-24`.
    pub(super) day: String,
    /// Tasks that were open at its end.
    pub(super) open: u32,
}

/// How open tasks became fewer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Burndown {
    title: String,
    days: Vec<BurndownEnd>,
    /// How many days were planned, from the first one on.
    planned: usize,
    last_planned: String,
}

/// A chart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Chart {
    Bars(Bars),
    Burndown(Burndown),
}

/// Planned days beyond this are not drawn.
const PLANNED_DAYS_MAX: u32 = 366;

impl Chart {
    /// How much of several things is done.
    pub(super) fn progress(title: &str, bars: Vec<Bar>) -> Self {
        Self::bars(title, bars)
    }

    /// Numbers beside each other: the largest is a whole bar.
    pub(super) fn numbers(title: &str, mut bars: Vec<Bar>) -> Self {
        let most = bars.iter().map(|bar| bar.value).max().unwrap_or(0);
        for bar in &mut bars {
            bar.of = most;
        }
        Self::bars(title, bars)
    }

    fn bars(title: &str, mut bars: Vec<Bar>) -> Self {
        let left_out = bars.len().saturating_sub(BARS_MAX);
        bars.truncate(BARS_MAX);
        Self::Bars(Bars {
            title: clean(title),
            bars,
            left_out,
        })
    }

    /// Open tasks day by day, and the day on which none was to be left.
    pub(super) fn burndown(
        title: &str,
        days: Vec<BurndownEnd>,
        planned: u32,
        last_planned: &str,
    ) -> Self {
        Self::Burndown(Burndown {
            title: clean(title),
            days,
            planned: planned.min(PLANNED_DAYS_MAX) as usize,
            last_planned: clean(last_planned),
        })
    }

    /// What it is called.
    pub(super) fn title(&self) -> &str {
        match self {
            Self::Bars(bars) => &bars.title,
            Self::Burndown(burndown) => &burndown.title,
        }
    }

    /// Whether there is nothing to draw.
    pub(super) fn is_empty(&self) -> bool {
        match self {
            Self::Bars(bars) => bars.bars.is_empty(),
            Self::Burndown(burndown) => burndown.days.is_empty(),
        }
    }

    /// What it shows, in words for whoever does not see it.
    pub(super) fn told(&self) -> String {
        match self {
            Self::Bars(bars) => {
                let each = bars.bars.iter();
                let each = each.map(|bar| format!("{}: {}", bar.label, bar.figure));
                let mut told: Vec<String> = each.collect();
                if bars.left_out > 0 {
                    told.push(format!("and {} more", bars.left_out));
                }
                format!("{}.", told.join("; "))
            }
            Self::Burndown(burndown) => {
                let Some((first, last)) = burndown.days.first().zip(burndown.days.last()) else {
                    return "Nothing was committed yet.".to_owned();
                };
                format!(
                    "{} open on {}, {} open on {}; none was to be open after {}.",
                    first.open, first.day, last.open, last.day, burndown.last_planned
                )
            }
        }
    }
}

impl Burndown {
    /// The days across: those that passed, or those that were planned if they are more.
    fn across(&self) -> usize {
        self.days.len().max(self.planned).max(1)
    }

    fn most(&self) -> u32 {
        let most = self.days.iter().map(|day| day.open).max();
        most.unwrap_or(0).max(1)
    }

    /// The day at the right end.
    fn right_label(&self) -> &str {
        match self.days.last() {
            Some(last) if self.days.len() >= self.planned => &last.day,
            Some(_) | None => &self.last_planned,
        }
    }
}
