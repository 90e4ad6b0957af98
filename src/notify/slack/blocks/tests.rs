//! Letters as blocks: how they look, that people's words stay words, and Slack's limits.

use super::*;
use crate::notify::fixture::letter;

fn of(markdown: &str) -> Value {
    let mut letter = letter();
    markdown.clone_into(&mut letter.markdown);
    message(&letter)
}

/// The texts of the sections, and `---` for each divider.
fn sections(message: &Value) -> Vec<String> {
    let blocks = message["blocks"].as_array().expect("blocks");
    let shown = blocks
        .iter()
        .filter_map(|block| match block["type"].as_str() {
            Some("section") => block["text"]["text"].as_str().map(str::to_owned),
            Some("divider") => Some("---".to_owned()),
            _ => None,
        });
    shown.collect()
}

/// Checks every limit of Slack's and gives the last block's text.
fn check_limits(message: &Value) -> String {
    let blocks = message["blocks"].as_array().expect("blocks");
    assert!(blocks.len() <= 50, "{} blocks", blocks.len());
    for block in blocks {
        let text = block["text"]["text"].as_str().unwrap_or_default();
        let most = if block["type"] == "header" {
            150
        } else {
            3_000
        };
        assert!(text.encode_utf16().count() <= most, "{text}");
        assert!(block["type"] != "section" || !text.trim().is_empty());
        assert_eq!(text.matches("```").count() % 2, 0, "{text}");
        let links = text.matches('<').count();
        assert_eq!(
            links,
            text.matches('>').count() - text.matches("\n> ").count()
        );
    }
    let last = &blocks[blocks.len() - 1]["elements"][0]["text"];
    last.as_str().unwrap_or_default().to_owned()
}

#[test]
fn a_standup_reads_like_one() {
    let message = of(concat!(
        "# Standup\n\n## Done\n\n- **T1** by `ann`, see [plan](https://example.com/a?b=1&c=2)\n",
        "  - [x] reviewed\n  - [ ] merged\n- T2 ~~late~~\n\n1. one\n2. two\n\n---\n\n",
        "## Load\n\n| who | tasks |\n|---|---:|\n| Ann | 3 |\n| Bürger | 12 |\n\n",
        "> quoted *words*\n> go on\n\n```rust\nif a < b {}\n```\n<!-- mark -->\nend\n",
    ));
    assert_eq!(
        sections(&message),
        [
            concat!(
                "*Done*\n• *T1* by `ann`, see <https://example.com/a?b=1&amp;c=2|plan>\n",
                "    • ☑ reviewed\n    • ☐ merged\n• T2 ~late~\n1. one\n2. two"
            ),
            "---",
            concat!(
                "*Load*\n```\nwho     tasks\n------  -----\nAnn     3\nBürger  12\n```\n",
                "> quoted _words_ go on\n```\nif a &lt; b {}\n```\nend"
            ),
        ]
    );
    check_limits(&message);
}

#[test]
fn the_first_blocks_say_what_where_and_when() {
    let mut letter = letter();
    letter.severity = Severity::Critical;
    letter.title = "Build & ship\nnow <!channel>".to_owned();
    let message = message(&letter);
    assert_eq!(
        message["blocks"][0]["text"]["text"],
        "🚨 Build & ship now <!channel>"
    );
    assert_eq!(message["blocks"][0]["text"]["type"], "plain_text");
    assert_eq!(
        message["text"],
        "🚨 shop: Build &amp; ship now &lt;!channel&gt;"
    );
    assert_eq!(
        message["blocks"][1]["elements"][0]["text"],
        "shop · standup · Fri 2026-11-27 · 2026-11-27 09:00 UTC · critical"
    );
}

#[test]
fn words_of_people_call_nobody_and_lead_nowhere() {
    for text in [
        "<!channel> <@U123> <https://evil.example|bank>",
        "\\<!channel>",
        "[a](javascript:alert) [b](<!here>) ![c](data:text/html,x)",
        "`<!channel>` and `a` `` ` ``",
        "- <!here>\n\n<div>\n<!everyone>\n</div>",
        "| a |\n|---|\n| <!here> |",
        "[<!here>](https://example.com/|x>y)",
        "[a [b](https://b.example)](https://a.example)",
    ] {
        let message = of(text);
        for section in sections(&message) {
            let raw = section.replace("<https://", "");
            assert!(!raw.contains('<'), "{section}");
        }
        check_limits(&message);
    }
}

#[test]
fn code_ends_where_its_block_ends_and_a_picture_in_a_link_is_its_words() {
    let fenced = of("~~~~\na ``` b\n~~~~\n");
    assert_eq!(sections(&fenced), ["```\na ''' b\n```"]);
    let picture = of("[![plan](https://a.example/p.png)](https://b.example)");
    assert_eq!(sections(&picture), ["<https://b.example|plan>"]);
}

#[test]
fn a_wide_table_is_a_line_for_each_row() {
    let wide = "word ".repeat(20);
    let message = of(&format!(
        "| name | what & why |\n|---|---|\n| A | {wide} |\n| B | |\n"
    ));
    let expected = format!("• name: A · what &amp; why: {}\n• name: B", wide.trim());
    assert_eq!(sections(&message), [expected]);
}

#[test]
fn what_does_not_fit_is_left_out_in_words() {
    let paragraph = "word ".repeat(550);
    let message = of(&format!("{}\n\n", paragraph.trim()).repeat(60));
    let last = check_limits(&message);
    assert_eq!(
        last,
        "_13 more lines do not fit into a message; the whole report is in shop._"
    );
    assert_eq!(sections(&message).len(), 47);
}

#[test]
fn many_short_chapters_share_blocks_rather_than_be_left_out() {
    let mut markdown = String::new();
    for number in 0..200 {
        markdown.push_str(&format!("## Chapter {number}\n\nshort\n\n---\n\n"));
    }
    let message = of(&markdown);
    check_limits(&message);
    let all = sections(&message).join("\n");
    assert!(
        all.contains("Chapter 0") && all.contains("Chapter 199"),
        "{all}"
    );
}

#[test]
fn long_lines_are_broken_between_words_and_never_inside_an_entity_or_link() {
    let link = "[link](https://example.com/abc) & ".repeat(300);
    let links = format!("x{}", "[link](https://example.com/abc)".repeat(300));
    // The one letter in front keeps the limit from falling between two entities by chance.
    let no_spaces = format!("x{}", "&".repeat(10_000));
    let emoji = "🚨".repeat(4_000);
    let code = format!("```\n{}\n{}\n```\n", "<".repeat(7_000), "x\n".repeat(4_000));
    let long_link = format!("[{}](https://example.com)", "y".repeat(9_000));
    for text in [&link, &links, &no_spaces, &emoji, &code] {
        let message = of(text);
        check_limits(&message);
        for section in sections(&message) {
            let rest = section
                .replace("&amp;", "")
                .replace("&lt;", "")
                .replace("&gt;", "");
            let rest = rest.replace("<https://example.com/abc|link>", "");
            assert!(!rest.contains(['&', '<', '>']), "{rest}");
        }
    }
    let whole: usize = sections(&of(&no_spaces))
        .iter()
        .map(|text| text.matches("&amp;").count())
        .sum();
    assert_eq!(whole, 10_000);
    let blocks = of(&long_link);
    assert!(
        blocks["blocks"]
            .as_array()
            .is_some_and(|blocks| blocks.len() <= 50)
    );
}

#[test]
fn a_title_of_any_length_fits() {
    let mut letter = letter();
    letter.severity = Severity::Warning;
    for title in ["x".repeat(9_000), "🚨".repeat(9_000), String::new()] {
        letter.title = title;
        check_limits(&message(&letter));
    }
}

#[test]
fn hostile_markdown_ends_in_a_message() {
    for text in [
        ">".repeat(5_000),
        "- ".repeat(5_000),
        "[".repeat(5_000),
        "*_`~".repeat(5_000),
        "|".repeat(5_000),
        "| a |\n|---|\n".repeat(2_000),
        "\0\u{202e}\r\r\n\t".repeat(1_000),
    ] {
        let message = of(&text);
        let blocks = message["blocks"].as_array().expect("blocks");
        assert!(blocks.len() <= 50);
        for section in sections(&message) {
            assert!(section.encode_utf16().count() <= 3_000);
        }
    }
}

#[test]
fn without_markdown_the_text_is_shown() {
    let mut letter = letter();
    letter.markdown = String::new();
    letter.text = "a < b\n".to_owned();
    assert_eq!(sections(&message(&letter)), ["a &lt; b"]);
    letter.text = String::new();
    assert!(sections(&message(&letter)).is_empty());
}
