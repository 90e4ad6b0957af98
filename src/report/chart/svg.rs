//! Charts as inline SVG: readable on light and dark ground, for what is written has the colour of the text
//! around it; whole coordinates only; every label escaped; words for whoever does not see it.

use super::{Bar, Bars, Burndown, Chart};
use crate::report::html::escaped;
use crate::report::words::clip;

const WIDTH: u64 = 640;
const ROW: u64 = 26;
const BAR_LEFT: u64 = 204;
const BAR_WIDTH: u64 = 276;
const BAR_HEIGHT: u64 = 14;
/// What fits beside the bars, in columns of a terminal: letters of SVG are about as wide as high in steps of
/// half of that.
const LABEL_COLUMNS: usize = 26;
const FIGURE_COLUMNS: usize = 22;
/// Seen on white and on black.
const FILL: &str = "#3b82d6";
const MARKED: &str = "#d9534f";

const PLOT_LEFT: u64 = 44;
const PLOT_RIGHT: u64 = 624;
const PLOT_TOP: u64 = 14;
const PLOT_BOTTOM: u64 = 170;
const BURNDOWN_HEIGHT: u64 = 200;

/// The chart as an `<svg>` element; empty when there is nothing to draw.
pub(in crate::report) fn svg(chart: &Chart) -> String {
    if chart.is_empty() {
        return String::new();
    }
    let (height, drawn) = match chart {
        Chart::Bars(bars) => (bars.bars.len() as u64 * ROW + 4, self::bars(bars)),
        Chart::Burndown(days) => (BURNDOWN_HEIGHT, burndown(days)),
    };
    let title = escaped(chart.title());
    let told = escaped(&chart.told());
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" width=\"{WIDTH}\" \
         height=\"{height}\" role=\"img\" aria-label=\"{title}: {told}\" \
         style=\"max-width:100%;height:auto\" font-family=\"inherit\" font-size=\"13\" \
         fill=\"currentColor\">\n<title>{title}</title>\n<desc>{told}</desc>\n{drawn}</svg>"
    )
}

fn bars(bars: &Bars) -> String {
    let rows = (0..).zip(&bars.bars).map(|(row, one)| bar(row * ROW, one));
    rows.collect()
}

fn bar(top: u64, bar: &Bar) -> String {
    let (at, base) = (top + (ROW - BAR_HEIGHT) / 2, top + ROW / 2 + 5);
    let filled = (bar.value.min(bar.of) * BAR_WIDTH)
        .checked_div(bar.of)
        .unwrap_or(0);
    let filled = filled.max(if bar.value > 0 && bar.of > 0 { 2 } else { 0 });
    let colour = if bar.marked { MARKED } else { FILL };
    let label = escaped(&clip(&bar.label, LABEL_COLUMNS));
    let figure = escaped(&clip(&bar.figure, FIGURE_COLUMNS));
    let label_right = BAR_LEFT - 8;
    let figure_left = BAR_LEFT + BAR_WIDTH + 8;
    let mut row = format!(
        "<text x=\"{label_right}\" y=\"{base}\" text-anchor=\"end\">{label}</text>\n\
         <rect x=\"{BAR_LEFT}\" y=\"{at}\" width=\"{BAR_WIDTH}\" height=\"{BAR_HEIGHT}\" rx=\"3\" \
         fill-opacity=\"0.15\"/>\n"
    );
    if filled > 0 {
        row.push_str(&format!(
            "<rect x=\"{BAR_LEFT}\" y=\"{at}\" width=\"{filled}\" height=\"{BAR_HEIGHT}\" rx=\"3\" \
             fill=\"{colour}\"/>\n"
        ));
    }
    row.push_str(&format!(
        "<text x=\"{figure_left}\" y=\"{base}\">{figure}</text>\n"
    ));
    row
}

fn burndown(burndown: &Burndown) -> String {
    let most = u64::from(burndown.most());
    let steps = (burndown.across() as u64 - 1).max(1);
    let x = |day: u64| PLOT_LEFT + day.min(steps) * (PLOT_RIGHT - PLOT_LEFT) / steps;
    let y = |open: u64| PLOT_BOTTOM - open.min(most) * (PLOT_BOTTOM - PLOT_TOP) / most;
    let mut out = grid(most, &y);
    if let Some(first) = burndown.days.first().filter(|_| burndown.planned > 1) {
        let last = burndown.planned as u64 - 1;
        out.push_str(&format!(
            "<line x1=\"{}\" y1=\"{}\" x2=\"{}\" y2=\"{PLOT_BOTTOM}\" stroke=\"currentColor\" \
             stroke-opacity=\"0.6\" stroke-dasharray=\"5 4\"/>\n",
            x(0),
            y(first.open.into()),
            x(last),
        ));
    }
    let points = (0..).zip(&burndown.days);
    let points = points.map(|(day, end)| format!("{},{}", x(day), y(end.open.into())));
    let points: Vec<String> = points.collect();
    let last = x((burndown.days.len() as u64).saturating_sub(1));
    let line = points.join(" ");
    out.push_str(&format!(
        "<polygon points=\"{PLOT_LEFT},{PLOT_BOTTOM} {line} {last},{PLOT_BOTTOM}\" fill=\"{FILL}\" \
         fill-opacity=\"0.2\"/>\n\
         <polyline points=\"{line}\" fill=\"none\" stroke=\"{FILL}\" stroke-width=\"2\"/>\n"
    ));
    if let Some((at, end)) = points.last().zip(burndown.days.last()) {
        let (left, above) = at.split_once(',').unwrap_or((at, "0"));
        out.push_str(&format!(
            "<circle cx=\"{left}\" cy=\"{above}\" r=\"4\" fill=\"{FILL}\"><title>{}: {} open</title>\
             </circle>\n",
            escaped(&end.day),
            end.open
        ));
    }
    let below = PLOT_BOTTOM + 18;
    let first = burndown.days.first().map_or("", |day| &day.day);
    out.push_str(&format!(
        "<text x=\"{PLOT_LEFT}\" y=\"{below}\">{}</text>\n",
        escaped(first)
    ));
    if burndown.across() > 1 {
        out.push_str(&format!(
            "<text x=\"{PLOT_RIGHT}\" y=\"{below}\" text-anchor=\"end\">{}</text>\n",
            escaped(burndown.right_label())
        ));
    }
    out
}

/// Lines across at nothing, at half and at the most.
fn grid(most: u64, y: &impl Fn(u64) -> u64) -> String {
    let mut marks = vec![0, most];
    if most >= 4 {
        marks.insert(1, most / 2);
    }
    let right = PLOT_LEFT - 8;
    let lines = marks.into_iter().map(|mark| {
        let at = y(mark);
        let base = at + 4;
        format!(
            "<line x1=\"{PLOT_LEFT}\" y1=\"{at}\" x2=\"{PLOT_RIGHT}\" y2=\"{at}\" \
             stroke=\"currentColor\" stroke-opacity=\"0.2\"/>\n\
             <text x=\"{right}\" y=\"{base}\" text-anchor=\"end\">{mark}</text>\n"
        )
    });
    lines.collect()
}
