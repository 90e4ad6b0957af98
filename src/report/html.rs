//! A page as a fragment of HTML that stands for itself in a mail or on any page: no script, no style sheet, no
//! colour of its own, so that it is read on light and dark ground; every word is escaped.

use super::chart::{Chart, svg};
use super::page::{Block, Item, Line, Page, Style, Table};
use super::words::width;

const SECTION: &str = "font-family:system-ui,-apple-system,'Segoe UI',Roboto,Arial,sans-serif;\
                       font-size:15px;line-height:1.45;max-width:64em";
const TABLE: &str = "border-collapse:collapse;font-size:14px";
/// Grey that is seen on white and on black.
const HEAD: &str = "padding:4px 10px;vertical-align:bottom;border-bottom:2px solid #888888";
const CELL: &str = "padding:4px 10px;vertical-align:top;border-bottom:1px solid #888888";
/// Cells that are no wider stay on one line.
const UNTORN_COLUMNS: usize = 24;

/// The page as one `<section class="muster-report">`, with a line break at the end.
pub(super) fn html(page: &Page) -> String {
    let mut out = format!("<section class=\"muster-report\" style=\"{SECTION}\">\n");
    for block in &page.0 {
        match block {
            Block::Title(text) => element(&mut out, "h1", &escaped(text)),
            Block::Heading(text) => element(&mut out, "h2", &escaped(text)),
            Block::Subheading(text) => element(&mut out, "h3", &escaped(text)),
            Block::Paragraph(line) => element(&mut out, "p", &inline(line)),
            Block::List(items) => list(&mut out, items),
            Block::Table(block) => table(&mut out, block),
            Block::Chart(chart) | Block::Picture(chart) => figure(&mut out, chart),
            Block::Footer(lines) => footer(&mut out, lines),
        }
    }
    out.push_str("</section>\n");
    out
}

fn element(out: &mut String, name: &str, inner: &str) {
    out.push_str(&format!("<{name}>{inner}</{name}>\n"));
}

fn list(out: &mut String, items: &[Item]) {
    out.push_str("<ul>\n");
    for item in items {
        let inner = inline(&item.line);
        if item.below.is_empty() {
            element(out, "li", &inner);
            continue;
        }
        out.push_str(&format!("<li>{inner}\n<ul>\n"));
        for below in &item.below {
            element(out, "li", &inline(below));
        }
        out.push_str("</ul>\n</li>\n");
    }
    out.push_str("</ul>\n");
}

fn table(out: &mut String, table: &Table) {
    let side = |column: usize| match table.right.contains(&column) {
        true => "right",
        false => "left",
    };
    out.push_str(&format!(
        "<div style=\"overflow-x:auto\">\n<table style=\"{TABLE}\">\n<thead>\n<tr>\n"
    ));
    for (column, name) in table.header.iter().enumerate() {
        out.push_str(&format!(
            "<th scope=\"col\" style=\"text-align:{};{HEAD}\">{}</th>\n",
            side(column),
            escaped(name)
        ));
    }
    out.push_str("</tr>\n</thead>\n<tbody>\n");
    for row in &table.rows {
        out.push_str("<tr>\n");
        for (column, cell) in row.iter().enumerate() {
            let (open, close) = match column {
                0 => ("th scope=\"row\"", "th"),
                _ => ("td", "td"),
            };
            // Dates and numbers are not torn apart.
            let wrap = match width(&cell.words()) {
                0..=UNTORN_COLUMNS => "white-space:nowrap;",
                _ => "",
            };
            out.push_str(&format!(
                "<{open} style=\"text-align:{};font-weight:normal;{wrap}{CELL}\">{}</{close}>\n",
                side(column),
                inline(cell)
            ));
        }
        out.push_str("</tr>\n");
    }
    out.push_str("</tbody>\n</table>\n</div>\n");
}

/// A chart with what it shows in words below it, for mails that leave pictures out.
fn figure(out: &mut String, chart: &Chart) {
    if chart.is_empty() {
        return;
    }
    let lines = match chart {
        Chart::Bars(_) => "",
        Chart::Burndown(_) => " (dashed: an even pace)",
    };
    out.push_str(&format!(
        "<figure style=\"margin:1em 0\">\n{}\n<figcaption style=\"font-size:13px\">{}{lines}. {}</figcaption>\n\
         </figure>\n",
        svg(chart),
        escaped(chart.title()),
        escaped(&chart.told())
    ));
}

fn footer(out: &mut String, lines: &[Line]) {
    let lines: Vec<String> = lines.iter().map(inline).collect();
    out.push_str(&format!(
        "<footer style=\"font-size:13px\">\n<p>{}</p>\n</footer>\n",
        lines.join("<br>\n")
    ));
}

fn inline(line: &Line) -> String {
    let formed = |(style, text): &(Style, String)| match style {
        Style::Plain => escaped(text),
        Style::Strong => format!("<strong>{}</strong>", escaped(text)),
        Style::Code => format!("<code>{}</code>", escaped(text)),
    };
    line.0.iter().map(formed).collect()
}

/// The words with everything escaped that HTML would read as more than words, in an element and in the quotes
/// of an attribute; control characters are left out.
pub(super) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            control if control.is_control() => {}
            _ => out.push(character),
        }
    }
    out
}

#[cfg(test)]
pub(super) mod tests {
    use super::super::chart::Bar;
    use super::*;

    /// Elements a report consists of; anything else came out of somebody's words.
    const ELEMENTS: [&str; 29] = [
        "section",
        "h1",
        "h2",
        "h3",
        "p",
        "ul",
        "li",
        "div",
        "table",
        "thead",
        "tbody",
        "tr",
        "th",
        "td",
        "figure",
        "figcaption",
        "footer",
        "br",
        "strong",
        "code",
        "svg",
        "title",
        "desc",
        "text",
        "rect",
        "line",
        "polygon",
        "polyline",
        "circle",
    ];
    const ATTRIBUTES: [&str; 29] = [
        "class",
        "style",
        "scope",
        "xmlns",
        "viewBox",
        "width",
        "height",
        "role",
        "aria-label",
        "font-family",
        "font-size",
        "fill",
        "fill-opacity",
        "x",
        "y",
        "x1",
        "y1",
        "x2",
        "y2",
        "rx",
        "cx",
        "cy",
        "r",
        "points",
        "stroke",
        "stroke-width",
        "stroke-opacity",
        "stroke-dasharray",
        "text-anchor",
    ];

    /// What is wrong with a fragment: elements and attributes that no report has, tags that are not closed,
    /// control characters, a bare `&`.
    pub(in crate::report) fn faults(html: &str) -> Vec<String> {
        let mut faults = Vec::new();
        let strange = html.chars().find(|&c| c.is_control() && c != '\n');
        faults.extend(strange.map(|c| format!("control character {c:?}")));
        for behind in html.split('&').skip(1) {
            let known = ["amp;", "lt;", "gt;", "quot;", "#39;"];
            if !known.iter().any(|entity| behind.starts_with(entity)) {
                faults.push(format!("a bare & in front of {behind:.10}"));
            }
        }
        let mut open: Vec<&str> = Vec::new();
        let mut pieces = html.split('<');
        let first = pieces.next().unwrap_or_default();
        if !first.is_empty() {
            faults.push("words in front of the section".to_owned());
        }
        for piece in pieces {
            let Some((tag, words)) = piece.split_once('>') else {
                faults.push(format!("a tag without an end: {piece}"));
                continue;
            };
            if words.contains(['"', '\'', '>']) {
                faults.push(format!("not escaped: {words}"));
            }
            if let Some(name) = tag.strip_prefix('/') {
                if open.pop() != Some(name) {
                    faults.push(format!("</{name}> closes something else"));
                }
                continue;
            }
            let closed = tag.ends_with('/');
            let tag = tag.trim_end_matches('/');
            let (name, attributes) = tag.split_once(' ').unwrap_or((tag, ""));
            if !ELEMENTS.contains(&name) {
                faults.push(format!("an element <{name}>"));
            }
            let mut parts = attributes.split('"');
            while let (Some(key), Some(_)) = (parts.next(), parts.next()) {
                let key = key.trim().trim_end_matches('=');
                if !ATTRIBUTES.contains(&key) {
                    faults.push(format!("an attribute {key}"));
                }
            }
            if !closed && name != "br" {
                open.push(name);
            }
        }
        if !open.is_empty() {
            faults.push(format!("left open: {open:?}"));
        }
        faults
    }

    const HOSTILE: &str = "<script>alert(1)</script> \" onload=\"x ' & \u{1b}[31m\u{7}";

    fn hostile_page() -> Page {
        let mut page = Page::default();
        page.title(HOSTILE);
        page.paragraph(HOSTILE);
        let item = Item {
            line: Line::labelled(HOSTILE, HOSTILE),
            below: vec![Line::code(HOSTILE)],
        };
        page.list("List", 1, vec![item], "");
        let table = Table {
            header: vec!["One", "Two"],
            right: vec![1],
            rows: vec![vec![Line::plain(HOSTILE), Line::clipped(HOSTILE, 30)]],
        };
        page.table("Table", 1, table, "");
        page.chart(Chart::progress(
            HOSTILE,
            vec![Bar::progress(HOSTILE, 1, 2, true)],
        ));
        page.footer(vec![Line::plain(HOSTILE)]);
        page
    }

    #[test]
    fn hostile_words_stay_words_in_every_element_and_attribute() {
        let shown = html(&hostile_page());
        assert_eq!(faults(&shown), Vec::<String>::new(), "{shown}");
        assert!(
            shown.contains(
                "&lt;script&gt;alert(1)&lt;/script&gt; &quot; onload=&quot;x &#39; &amp;"
            )
        );
    }

    #[test]
    fn the_check_finds_a_word_that_was_not_escaped() {
        let shown = html(&hostile_page());
        for (escaped, raw) in [
            ("&lt;script&gt;", "<script>"),
            ("&quot; onload=&quot;x", "\" onload=\"x"),
            ("&#39;", "'"),
            (" &amp;", " & "),
            ("</h1>", "\u{7}</h1>"),
        ] {
            assert!(shown.contains(escaped), "{escaped}");
            let broken = shown.replacen(escaped, raw, 1);
            assert_ne!(faults(&broken), Vec::<String>::new(), "{raw:?}");
        }
        // An attribute that words opened.
        let broken = shown.replacen(
            "aria-label=\"&lt;script&gt;alert(1)&lt;/script&gt; &quot; onload",
            "aria-label=\"\" onload",
            1,
        );
        assert_ne!(faults(&broken), Vec::<String>::new());
    }

    #[test]
    fn a_table_names_its_columns_and_rows_for_readers_that_speak() {
        let mut page = Page::default();
        let table = Table {
            header: vec!["Task", "For"],
            right: vec![1],
            rows: vec![vec![Line::plain("T-1"), Line::plain("2 h")]],
        };
        page.table("In progress", 1, table, "");
        insta::assert_snapshot!(html(&page));
    }
}
