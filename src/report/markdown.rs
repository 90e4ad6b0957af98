//! A page as markdown. Every word is escaped, so no title can open a table cell, a link or an element
//! of HTML.

use super::chart::{Chart, terminal};
use super::page::{Block, Item, Line, Page, Style, Table};

/// The page as GitHub-flavoured markdown, with a line break at the end.
pub(super) fn markdown(page: &Page) -> String {
    let mut out = String::new();
    for block in &page.0 {
        if matches!(block, Block::Picture(_)) {
            continue;
        }
        if !out.is_empty() {
            out.push('\n');
        }
        match block {
            Block::Title(text) => line(&mut out, &format!("# {}", escaped(text))),
            Block::Heading(text) => line(&mut out, &format!("## {}", escaped(text))),
            Block::Subheading(text) => line(&mut out, &format!("### {}", escaped(text))),
            Block::Chart(chart) => fenced(&mut out, chart),
            Block::Picture(_) => {}
            Block::Paragraph(text) => line(&mut out, &inline(text)),
            Block::List(items) => list(&mut out, items),
            Block::Table(table_block) => table(&mut out, table_block),
            Block::Footer(lines) => {
                line(&mut out, "---\n");
                for (place, text) in lines.iter().enumerate() {
                    // Two spaces at the end keep the lines of a footer apart.
                    let end = if place + 1 < lines.len() { "  " } else { "" };
                    line(&mut out, &format!("{}{end}", inline(text)));
                }
            }
        }
    }
    out
}

/// How wide a chart stands in its code block.
const CHART_COLUMNS: usize = 72;

/// A chart as a code block, which none of its labels can end.
fn fenced(out: &mut String, chart: &Chart) {
    let drawn = terminal(chart, CHART_COLUMNS).replace('`', "'");
    line(out, &format!("```text\n{drawn}```"));
}

fn line(out: &mut String, text: &str) {
    out.push_str(text);
    out.push('\n');
}

fn list(out: &mut String, items: &[Item]) {
    for item in items {
        line(out, &format!("- {}", inline(&item.line)));
        for below in &item.below {
            line(out, &format!("  - {}", inline(below)));
        }
    }
}

fn table(out: &mut String, table: &Table) {
    let row = |cells: Vec<String>| format!("| {} |", cells.join(" | "));
    let header = table.header.iter().map(|name| escaped(name)).collect();
    line(out, &row(header));
    let rule = (0..table.header.len()).map(|column| {
        let rule = if table.right.contains(&column) {
            "---:"
        } else {
            "---"
        };
        rule.to_owned()
    });
    line(out, &row(rule.collect()));
    for cells in &table.rows {
        line(out, &row(cells.iter().map(cell).collect()));
    }
}

fn inline(text: &Line) -> String {
    text.0.iter().map(|piece| formed(piece, "|")).collect()
}

/// In a table a bar ends the cell even inside a code span.
fn cell(text: &Line) -> String {
    text.0.iter().map(|piece| formed(piece, r"\|")).collect()
}

fn formed((style, text): &(Style, String), bar: &str) -> String {
    match style {
        Style::Plain => escaped(text),
        Style::Strong => format!("**{}**", escaped(text)),
        Style::Code => format!("`{}`", text.replace('`', "'").replace('|', bar)),
    }
}

/// The words with everything escaped that markdown or HTML would read as more than words.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut before = ' ';
    let mut rest = text.chars().peekable();
    while let Some(character) = rest.next() {
        let within_word =
            before.is_alphanumeric() && rest.peek().is_some_and(|next| next.is_alphanumeric());
        match character {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            // Inside a word an underscore is only an underscore, and names are easier to read so.
            '_' if within_word => out.push('_'),
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '~' | '&' => {
                out.push('\\');
                out.push(character);
            }
            _ => out.push(character),
        }
        before = character;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_that_would_be_markup_are_escaped() {
        for (text, shown) in [
            ("a | b", r"a \| b"),
            ("<script>", "&lt;script&gt;"),
            ("[x](javascript:1)", r"\[x\](javascript:1)"),
            ("**bold** _it_ `code`", r"\*\*bold\*\* \_it\_ \`code\`"),
            ("user_id", "user_id"),
            (r"C:\|", r"C:\\\|"),
            ("&lt; ~~gone~~", r"\&lt; \~\~gone\~\~"),
        ] {
            assert_eq!(escaped(text), shown);
        }
    }

    #[test]
    fn a_command_cannot_leave_its_code_span() {
        let line = Line::code("task show `x` | rm");
        assert_eq!(inline(&line), "`task show 'x' | rm`");
        assert_eq!(cell(&line), r"`task show 'x' \| rm`");
    }
}
