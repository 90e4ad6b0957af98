//! A relative link in a document leads to a file that is there.

use pulldown_cmark::{Event, Parser, Tag};

/// Links of the document at `path` that lead nowhere; `exists` tells whether a path from the top does.
pub fn check(path: &str, text: &str, exists: impl Fn(&str) -> bool) -> Vec<String> {
    let mut problems = Vec::new();
    for (event, range) in Parser::new(text).into_offset_iter() {
        let (Event::Start(Tag::Link { dest_url, .. }) | Event::Start(Tag::Image { dest_url, .. })) =
            event
        else {
            continue;
        };
        let target = dest_url.split('#').next().unwrap_or_default();
        if target.is_empty() || target.contains("://") || target.starts_with("mailto:") {
            continue;
        }
        let found = from_top(path, target).is_some_and(|target| exists(&target));
        if !found {
            let line = text[..range.start].matches('\n').count() + 1;
            problems.push(format!(
                "{path}:{line}: the link to `{target}` leads nowhere"
            ));
        }
    }
    problems
}

/// The path from the top that `target` means in the document at `path`; `None` when it leaves the top.
fn from_top(path: &str, target: &str) -> Option<String> {
    let mut segments: Vec<&str> = path.split('/').collect();
    segments.pop();
    for segment in target.split('/') {
        match segment {
            "" | "." => {}
            ".." => {
                segments.pop()?;
            }
            name => segments.push(name),
        }
    }
    Some(segments.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problems(text: &str) -> usize {
        let there = ["docs/a.md", "README.md", "docs/decisions/0001-x.md"];
        check("docs/b.md", text, |path| there.contains(&path)).len()
    }

    #[test]
    fn a_link_that_leads_nowhere_is_found() {
        assert_eq!(problems("[a](gone.md)"), 1);
        assert_eq!(problems("[a](../../a.md) ![b](pic.svg)"), 2);
        assert_eq!(problems("[a][1]\n\n[1]: gone.md"), 1);
    }

    #[test]
    fn good_links_and_links_in_code_pass() {
        assert_eq!(
            problems("[a](a.md#part) [r](../README.md) [d](decisions/0001-x.md)"),
            0
        );
        assert_eq!(
            problems("[w](https://example.org/x) [h](#here) `[c](gone.md)`"),
            0
        );
    }
}
