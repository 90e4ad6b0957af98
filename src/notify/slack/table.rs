//! A table in a chat that knows none: columns of a fixed pitch while they fit, else a readable line a row.

use unicode_width::UnicodeWidthStr as _;

/// The widest table that is shown in columns; more would be broken where it hurts.
const COLUMNS_MAX: usize = 76;

/// The text of a table's cells, unescaped, row by row; the first row is its head.
#[derive(Default)]
pub(super) struct Table {
    pub rows: Vec<Vec<String>>,
}

impl Table {
    /// Its lines in columns; none when they would be too wide.
    pub fn in_columns(&self) -> Option<Vec<String>> {
        let columns = self.rows.iter().map(Vec::len).max()?;
        let mut widths = vec![0; columns];
        for row in &self.rows {
            for (width, cell) in widths.iter_mut().zip(row) {
                *width = (*width).max(cell.width());
            }
        }
        let between = 2 * columns.saturating_sub(1);
        if widths.iter().sum::<usize>() + between > COLUMNS_MAX {
            return None;
        }
        let mut lines = Vec::with_capacity(self.rows.len() + 1);
        for (number, row) in self.rows.iter().enumerate() {
            let mut line = String::new();
            for (width, cell) in widths.iter().zip(row) {
                line.push_str(cell);
                line.extend(std::iter::repeat_n(' ', width - cell.width() + 2));
            }
            lines.push(line.trim_end().to_owned());
            if number == 0 {
                let rules = widths.iter().map(|width| "-".repeat(*width));
                lines.push(rules.collect::<Vec<_>>().join("  "));
            }
        }
        Some(lines)
    }

    /// Its rows as pairs of head and cell, empty cells left out.
    pub fn in_pairs(&self) -> Vec<Vec<(&str, &str)>> {
        let Some((head, rows)) = self.rows.split_first() else {
            return Vec::new();
        };
        rows.iter().map(|row| named(head, row)).collect()
    }
}

fn named<'a>(head: &'a [String], row: &'a [String]) -> Vec<(&'a str, &'a str)> {
    let names = head.iter().map(String::as_str);
    let pairs = names.chain(std::iter::repeat("")).zip(row);
    let filled = pairs.filter(|(_, cell)| !cell.is_empty());
    filled.map(|(name, cell)| (name, cell.as_str())).collect()
}
