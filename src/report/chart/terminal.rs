//! Charts of plain characters for terminals and code blocks, between 40 and 100 columns wide whatever is asked
//! for: wider ones are harder to read.

use super::{Bar, Bars, Burndown, Chart};
use crate::report::words::{clip, width};

const WIDTH_MIN: usize = 40;
const WIDTH_MAX: usize = 100;
const INDENT: &str = "  ";
const BAR_MIN: usize = 8;
const BAR_MAX: usize = 40;
const LEVELS: [char; 9] = [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
const ROWS: u64 = 6;
/// A day is drawn no wider than this.
const DAY_MAX: usize = 6;

/// The chart in lines with a line break each; empty when there is nothing to draw.
pub(in crate::report) fn terminal(chart: &Chart, columns: usize) -> String {
    if chart.is_empty() {
        return String::new();
    }
    let columns = columns.clamp(WIDTH_MIN, WIDTH_MAX) - INDENT.len();
    let lines = match chart {
        Chart::Bars(bars) => self::bars(bars, columns),
        Chart::Burndown(days) => burndown(days, columns),
    };
    let mut out = String::new();
    let title = match chart {
        Chart::Burndown(days) if days.planned > 1 => format!("{} (· even pace)", chart.title()),
        Chart::Bars(_) | Chart::Burndown(_) => chart.title().to_owned(),
    };
    for line in std::iter::once(clip(&title, columns)).chain(lines) {
        out.push_str(INDENT);
        out.push_str(line.trim_end());
        out.push('\n');
    }
    out
}

fn bars(bars: &Bars, columns: usize) -> Vec<String> {
    let widest = |of: fn(&Bar) -> &str| {
        let each = bars.bars.iter().map(|bar| width(of(bar)));
        each.max().unwrap_or(0)
    };
    let figure = widest(|bar| &bar.figure).min(columns / 2);
    let label = widest(|bar| &bar.label).min((columns - figure - BAR_MIN).saturating_sub(2));
    let room = columns.saturating_sub(label + figure + 2).clamp(1, BAR_MAX);
    let line = |bar: &Bar| {
        let name = clip(&bar.label, label);
        let padding = " ".repeat(label.saturating_sub(width(&name)));
        let filled = (bar.value.min(bar.of) * room as u64).checked_div(bar.of);
        let filled = usize::try_from(filled.unwrap_or(0)).unwrap_or(room);
        let filled = filled.max(usize::from(bar.value > 0 && bar.of > 0));
        format!(
            "{name}{padding} {}{} {}",
            "█".repeat(filled),
            "░".repeat(room - filled.min(room)),
            clip(&bar.figure, figure),
        )
    };
    let mut lines: Vec<String> = bars.bars.iter().map(line).collect();
    if bars.left_out > 0 {
        lines.push(format!("… and {} more", bars.left_out));
    }
    lines
}

fn burndown(burndown: &Burndown, columns: usize) -> Vec<String> {
    let most = u64::from(burndown.most());
    let scale = most.to_string().len();
    let room = columns - scale - 2;
    // Several days share a column when there are more of them than columns.
    let shared = burndown.across().div_ceil(room);
    let across = burndown.across().div_ceil(shared);
    let wide = (room / across).clamp(1, DAY_MAX);
    let columns_of_days: Vec<Option<u64>> = (0..across)
        .map(|column| {
            let last = ((column + 1) * shared).min(burndown.days.len());
            let there = column * shared < burndown.days.len();
            let end = burndown.days.get(last.checked_sub(1)?).filter(|_| there);
            end.map(|end| end.open.into())
        })
        .collect();
    let mut lines = Vec::new();
    for row in 0..ROWS {
        let floor = (ROWS - 1 - row) * LEVEL_STEPS;
        let mut line = match row {
            0 => format!("{most} │"),
            _ => format!("{:scale$} │", ""),
        };
        for (column, open) in columns_of_days.iter().enumerate() {
            let level = open
                .map_or(0, |open| level(open, most))
                .saturating_sub(floor);
            let level = usize::try_from(level.min(LEVEL_STEPS)).unwrap_or(0);
            let pace = pace(burndown, column * shared, most);
            let on_pace = pace.is_some_and(|pace| (floor..floor + LEVEL_STEPS).contains(&pace));
            let mark = match level {
                0 if on_pace => '·',
                level => LEVELS[level],
            };
            let drawn = if wide > 2 { wide - 1 } else { wide };
            for place in 0..wide {
                let dot_elsewhere = mark == '·' && place != drawn / 2;
                let gap = place >= drawn || dot_elsewhere;
                line.push(if gap { ' ' } else { mark });
            }
        }
        lines.push(line);
    }
    lines.push(format!("{:>scale$} └{}", 0, "─".repeat(across * wide)));
    lines.push(axis(burndown, scale + 2, across * wide));
    lines
}

/// Steps within one row.
const LEVEL_STEPS: u64 = 8;

/// How high a column stands in steps; what is there is seen.
fn level(open: u64, most: u64) -> u64 {
    let level = open * ROWS * LEVEL_STEPS / most.max(1);
    level.max(u64::from(open > 0))
}

/// How high the even pace to the last planned day stands on a day, in steps; none behind it.
fn pace(burndown: &Burndown, day: usize, most: u64) -> Option<u64> {
    let steps = burndown.planned.checked_sub(1)? as u64;
    let left = steps.checked_sub(day as u64).filter(|_| steps > 0)?;
    let first: u64 = burndown.days.first()?.open.into();
    let top = ROWS * LEVEL_STEPS;
    Some((first * left * top / (steps * most.max(1))).min(top - 1))
}

/// The first day at the left end and the last one at the right.
fn axis(burndown: &Burndown, indent: usize, wide: usize) -> String {
    let first = burndown.days.first().map_or("", |day| &day.day);
    let last = burndown.right_label();
    let gap = wide.saturating_sub(width(first) + width(last));
    let margin = " ".repeat(indent);
    match gap {
        _ if burndown.across() == 1 => format!("{margin}{first}"),
        0 => format!("{margin}{first} to {last}"),
        gap => format!("{margin}{first}{}{last}", " ".repeat(gap)),
    }
}
