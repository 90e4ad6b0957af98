//! A page as plain aligned text for a terminal: no colour, no line wider than asked for unless a single
//! word is.

use super::chart::terminal;
use super::page::{Block, Item, Line, Page, Table};
use super::words::{clip, width};

const WIDTH_MIN: usize = 40;
/// A column is not cut below this: a table that would need it is written row by row.
const COLUMN_MIN: usize = 16;
const GAP: &str = "  ";

/// The page in lines of at most `columns` (at least 40), with a line break at the end.
pub(super) fn text(page: &Page, columns: usize) -> String {
    let columns = columns.max(WIDTH_MIN);
    let mut out = String::new();
    let mut headed = false;
    for block in &page.0 {
        match block {
            Block::Title(text) => wrapped(&mut out, "", "", text, columns),
            Block::Heading(text) => {
                headed = true;
                out.push('\n');
                wrapped(&mut out, "", "", text, columns);
            }
            Block::Subheading(text) => {
                out.push('\n');
                wrapped(&mut out, GAP, GAP, &format!("{text}:"), columns);
            }
            Block::Chart(chart) => {
                out.push('\n');
                out.push_str(&terminal(chart, columns));
            }
            Block::Picture(_) => {}
            Block::Paragraph(line) => wrapped(&mut out, GAP, GAP, &line.words(), columns),
            Block::List(items) => {
                if !headed {
                    out.push('\n');
                }
                list(&mut out, items, columns);
            }
            Block::Table(block) => table(&mut out, block, columns),
            Block::Footer(lines) => {
                out.push('\n');
                for line in lines {
                    wrapped(&mut out, "", GAP, &line.words(), columns);
                }
            }
        }
    }
    out
}

fn list(out: &mut String, items: &[Item], columns: usize) {
    for item in items {
        wrapped(out, "  ", "    ", &item.line.words(), columns);
        for below in &item.below {
            wrapped(out, "    - ", "      ", &below.words(), columns);
        }
    }
}

/// Words filled into lines: `first` in front of the first one, `next` in front of the others.
fn wrapped(out: &mut String, first: &str, next: &str, words: &str, columns: usize) {
    let mut line = first.to_owned();
    let mut used = width(first);
    let mut empty = true;
    for word in words.split(' ').filter(|word| !word.is_empty()) {
        let needed = width(word);
        if !empty && used + 1 + needed > columns {
            push(out, &line);
            line = next.to_owned();
            used = width(next);
            empty = true;
        }
        if !empty {
            line.push(' ');
            used += 1;
        }
        line.push_str(word);
        used += needed;
        empty = false;
    }
    push(out, &line);
}

fn push(out: &mut String, line: &str) {
    out.push_str(line.trim_end());
    out.push('\n');
}

fn table(out: &mut String, table: &Table, columns: usize) {
    let header: Vec<String> = table.header.iter().map(|&name| name.to_owned()).collect();
    let rows: Vec<Vec<String>> = table
        .rows
        .iter()
        .map(|row| row.iter().map(Line::words).collect())
        .collect();
    let Some(widths) = fitted(&header, &rows, columns) else {
        return records(out, &header, &rows, columns);
    };
    for row in std::iter::once(&header).chain(&rows) {
        let mut line = String::new();
        for (column, (cell, &wide)) in row.iter().zip(&widths).enumerate() {
            let cell = clip(cell, wide);
            let padding = " ".repeat(wide.saturating_sub(width(&cell)));
            line.push_str(GAP);
            if table.right.contains(&column) {
                line.push_str(&padding);
                line.push_str(&cell);
            } else {
                line.push_str(&cell);
                line.push_str(&padding);
            }
        }
        push(out, &line);
    }
}

/// A table too wide for its page: each row as an entry, its cells named.
fn records(out: &mut String, header: &[String], rows: &[Vec<String>], columns: usize) {
    for row in rows {
        let mut cells = header.iter().zip(row);
        if let Some((_, first)) = cells.next() {
            wrapped(out, "  ", "    ", first, columns);
        }
        let named: Vec<String> = cells
            .filter(|(_, cell)| !cell.is_empty())
            .map(|(name, cell)| format!("{}: {cell}", name.to_lowercase()))
            .collect();
        wrapped(out, "    ", "    ", &named.join("; "), columns);
    }
}

/// How wide each column is: as its widest cell, the widest columns narrowed until the row fits; none
/// when that would leave too little of them.
fn fitted(header: &[String], rows: &[Vec<String>], columns: usize) -> Option<Vec<usize>> {
    let natural = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column));
        cells
            .chain(header.get(column))
            .map(|cell| width(cell))
            .max()
            .unwrap_or(0)
    };
    let mut widths: Vec<usize> = (0..header.len()).map(natural).collect();
    loop {
        let total: usize = widths.iter().map(|wide| wide + GAP.len()).sum();
        let widest = widths.iter().copied().max().unwrap_or(0);
        if total <= columns {
            return Some(widths);
        }
        if widest <= COLUMN_MIN {
            return None;
        }
        // Down to the next narrower column, shared by all that are as wide, or as far as needed.
        let second = widths
            .iter()
            .copied()
            .filter(|&wide| wide < widest)
            .max()
            .unwrap_or(0);
        let level = second.max(COLUMN_MIN).min(widest - 1);
        let sharing = widths.iter().filter(|&&wide| wide == widest).count();
        let each = (total - columns).div_ceil(sharing);
        let target = level.max(widest.saturating_sub(each)).max(COLUMN_MIN);
        for wide in widths.iter_mut().filter(|wide| **wide == widest) {
            *wide = target;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(rows: &[[&str; 3]], columns: usize) -> String {
        let block = Table {
            header: vec!["Task", "For", "Holds up"],
            right: vec![2],
            rows: rows
                .iter()
                .map(|row| row.iter().map(|cell| Line::plain(cell)).collect())
                .collect(),
        };
        let mut out = String::new();
        table(&mut out, &block, columns);
        out
    }

    #[test]
    fn columns_are_aligned_by_the_width_on_screen() {
        let out = shown(&[["日本語", "2 h", "3"], ["plain", "1 d 2 h", "12"]], 80);
        insta::assert_snapshot!(out, @r"
          Task    For      Holds up
          日本語  2 h             3
          plain   1 d 2 h        12
        ");
    }

    #[test]
    fn a_table_too_wide_gives_up_the_end_of_its_longest_cells() {
        let long = "a title that goes on and on until nobody reads it any more";
        let out = shown(&[[long, "2 h", "3"], ["plain", "1 d 2 h", "12"]], 40);
        assert!(out.lines().all(|line| width(line) <= 40), "{out}");
        assert!(out.contains("a title that goes…"), "{out}");
        assert!(out.contains("1 d 2 h"), "{out}");
    }

    #[test]
    fn a_table_that_would_lose_too_much_is_written_row_by_row() {
        let rows = [["a title of some length", "many hours", "1234567890"]];
        insta::assert_snapshot!(shown(&rows, 40), @r"
        a title of some length
          for: many hours; holds up:
          1234567890
        ");
    }

    #[test]
    fn a_column_is_cut_no_further_than_it_can_be_read() {
        let long = "a title that goes on and on until nobody reads it any more";
        for columns in 40..100 {
            let out = shown(&[[long, long, "1234567890"]], columns);
            let cut = out.lines().any(|line| line.contains("a title that…"));
            assert!(
                !cut && out.lines().all(|line| width(line) <= columns),
                "{out}"
            );
        }
    }

    #[test]
    fn long_lines_go_on_below_with_an_indent() {
        let mut out = String::new();
        wrapped(&mut out, "- ", "  ", "one two three four", 10);
        assert_eq!(out, "- one two\n  three\n  four\n");
    }
}
