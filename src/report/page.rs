//! A report as a page of headings, lines, lists and tables, so that each report is laid out once and
//! every form of it says the same.

use super::chart::Chart;
use super::words::{clean, clip};

/// How a piece of a line stands out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Style {
    Plain,
    Strong,
    Code,
}

/// A line: pieces of one-line text, already cleaned.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Line(pub(super) Vec<(Style, String)>);

impl Line {
    /// A line of plain words.
    pub(super) fn plain(text: &str) -> Self {
        Self::default().and(text)
    }

    /// Plain words of at most `columns`.
    pub(super) fn clipped(text: &str, columns: usize) -> Self {
        Self(vec![(Style::Plain, clip(text, columns))])
    }

    /// A line that starts with a label that stands out.
    pub(super) fn labelled(label: &str, text: &str) -> Self {
        Self(vec![(Style::Strong, format!("{}:", clean(label)))])
            .and_raw(" ")
            .and(text)
    }

    /// A command line.
    pub(super) fn code(text: &str) -> Self {
        let text = clean(text);
        if text.is_empty() {
            return Self::default();
        }
        Self(vec![(Style::Code, text)])
    }

    /// Plain words behind what is there.
    pub(super) fn and(self, text: &str) -> Self {
        let text = clean(text);
        self.and_raw(&text)
    }

    fn and_raw(mut self, text: &str) -> Self {
        self.0.push((Style::Plain, text.to_owned()));
        self
    }

    /// The words alone.
    pub(super) fn words(&self) -> String {
        self.0.iter().map(|(_, text)| text.as_str()).collect()
    }
}

/// A list entry and the entries below it.
#[derive(Debug, Clone, Default)]
pub(super) struct Item {
    pub(super) line: Line,
    pub(super) below: Vec<Line>,
}

/// A table; the columns named in `right` hold numbers.
#[derive(Debug, Clone, Default)]
pub(super) struct Table {
    pub(super) header: Vec<&'static str>,
    pub(super) right: Vec<usize>,
    pub(super) rows: Vec<Vec<Line>>,
}

/// A part of a page.
#[derive(Debug, Clone)]
pub(super) enum Block {
    Title(String),
    Heading(String),
    Subheading(String),
    Paragraph(Line),
    List(Vec<Item>),
    Table(Table),
    /// A chart in every form.
    Chart(Chart),
    /// A chart that only a page of HTML shows.
    Picture(Chart),
    Footer(Vec<Line>),
}

/// A whole page.
#[derive(Debug, Clone, Default)]
pub(super) struct Page(pub(super) Vec<Block>);

/// At most so many rows of a section are shown; the data holds more.
pub(super) const SHOWN_MAX: usize = 20;

impl Page {
    pub(super) fn title(&mut self, text: &str) {
        self.0.push(Block::Title(clean(text)));
    }

    pub(super) fn paragraph(&mut self, text: &str) {
        self.0.push(Block::Paragraph(Line::plain(text)));
    }

    /// A chart in every form; nothing where there is nothing to draw.
    pub(super) fn chart(&mut self, chart: Chart) {
        if !chart.is_empty() {
            self.0.push(Block::Chart(chart));
        }
    }

    /// A chart that only a page of HTML shows, in front of the block at a place.
    pub(super) fn picture(&mut self, place: usize, chart: Chart) {
        if !chart.is_empty() {
            let place = place.min(self.0.len());
            self.0.insert(place, Block::Picture(chart));
        }
    }

    /// A part of a section.
    pub(super) fn subheading(&mut self, text: &str) {
        self.0.push(Block::Subheading(clean(text)));
    }

    /// A list below a subheading, or nothing at all when it is empty.
    pub(super) fn part(&mut self, heading: &str, total: u32, mut items: Vec<Item>) {
        if items.is_empty() {
            return;
        }
        self.subheading(&format!("{heading} ({total})"));
        items.truncate(SHOWN_MAX);
        let shown = items.len();
        self.0.push(Block::List(items));
        self.rest(total, shown);
    }

    pub(super) fn footer(&mut self, lines: Vec<Line>) {
        self.0.push(Block::Footer(lines));
    }

    /// A section that is a table, or a sentence when there are no rows.
    pub(super) fn table(&mut self, heading: &str, total: u32, mut table: Table, empty: &str) {
        self.heading(heading, total);
        if table.rows.is_empty() {
            return self.paragraph(empty);
        }
        table.rows.truncate(SHOWN_MAX);
        let shown = table.rows.len();
        self.0.push(Block::Table(table));
        self.rest(total, shown);
    }

    /// A section that is a list, or a sentence when it is empty.
    pub(super) fn list(&mut self, heading: &str, total: u32, mut items: Vec<Item>, empty: &str) {
        self.heading(heading, total);
        if items.is_empty() {
            return self.paragraph(empty);
        }
        items.truncate(SHOWN_MAX);
        let shown = items.len();
        self.0.push(Block::List(items));
        self.rest(total, shown);
    }

    /// A list without a heading, shown whole.
    pub(super) fn lines(&mut self, items: Vec<Item>) {
        self.0.push(Block::List(items));
    }

    /// A section whose entries sum up more than one thing each, shown whole.
    pub(super) fn whole_list(&mut self, heading: &str, total: u32, items: Vec<Item>, empty: &str) {
        self.heading(heading, total);
        if items.is_empty() {
            return self.paragraph(empty);
        }
        self.lines(items);
    }

    /// The heading of a section; a total of 0 is not said.
    pub(super) fn heading(&mut self, heading: &str, total: u32) {
        let text = match total {
            0 => heading.to_owned(),
            _ => format!("{heading} ({total})"),
        };
        self.0.push(Block::Heading(text));
    }

    fn rest(&mut self, total: u32, shown: usize) {
        let left = usize::try_from(total)
            .unwrap_or(usize::MAX)
            .saturating_sub(shown);
        if left > 0 {
            self.paragraph(&format!("… and {left} more"));
        }
    }
}
