//! What a file says its own signs mean: a "Status key" line, a list under a legend heading, or a table of
//! icons.

use super::block::Block;
use super::key::{self, Key};
use super::section::{self, Section};
use super::table;
use super::vocabulary::Legend;

/// What the file says its signs mean, wherever it says so.
pub(super) fn read(blocks: &[Block]) -> Legend {
    let mut legend = Legend::default();
    let mut in_legend = false;
    for block in blocks {
        match block {
            Block::Heading { text, .. } => {
                in_legend = section::of_heading(&text.flat(), false) == Some(Section::Legend);
            }
            Block::Paragraph(lines) => {
                let mut list_follows = false;
                for line in lines {
                    if let Some((Key::Legend, value)) = key::split(&line.text) {
                        legend.learn_line(&line.text[value..]);
                        list_follows = true;
                    } else if in_legend {
                        legend.learn_line(&line.text);
                    }
                }
                in_legend |= list_follows;
            }
            Block::Item { lines, .. } if in_legend => {
                for line in lines {
                    legend.learn_line(&line.text);
                }
            }
            Block::Table { header, rows } => {
                let names = table::names(header);
                if table::kind(&names, &[], Section::Plain) == table::Kind::Legend {
                    for row in rows {
                        if let [signs, words, ..] = row.cells.as_slice() {
                            legend.learn(&signs.text, &words.text);
                        }
                    }
                }
            }
            Block::Item { .. } | Block::Code { .. } | Block::Html { .. } => {}
        }
    }
    legend
}
