//! The HTML of a letter as a page of its own. What is inserted here is escaped here; the letter's own HTML was
//! escaped by whoever rendered it.

/// The letter's HTML as a whole document: itself when it is one, else inside a plain page. Without any, the
/// text takes its place.
pub(super) fn page(title: &str, html: &str, text: &str) -> String {
    if is_document(html) {
        return html.to_owned();
    }
    let body = if html.trim().is_empty() {
        format!("<pre>{}</pre>", escaped(text))
    } else {
        html.to_owned()
    };
    let title = escaped(title);
    format!(
        "<!doctype html>\n<html>\n<head>\n<meta charset=\"utf-8\">\n<title>{title}</title>\n</head>\n<body>\n{body}\n</body>\n</html>\n"
    )
}

fn is_document(html: &str) -> bool {
    let html = html.trim_start();
    ["<!doctype", "<html"].iter().any(|begin| {
        html.get(..begin.len())
            .is_some_and(|own| own.eq_ignore_ascii_case(begin))
    })
}

fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            other => safe.push(other),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_with_markup_is_text() {
        let page = page("</title><script>alert(\"1\")</script>", "<p>a</p>", "");
        assert!(!page.contains("<script>"), "{page}");
        assert!(page.contains("<title>&lt;/title&gt;&lt;script&gt;alert(&quot;1&quot;)"));
        assert!(page.contains("<body>\n<p>a</p>\n</body>"));
    }

    #[test]
    fn a_whole_document_stays_as_it_is() {
        for html in ["<!DOCTYPE html><p>a", " \n<html><p>a"] {
            assert_eq!(page("t", html, "text"), html);
        }
        assert_ne!(page("t", "<htm", "text"), "<htm");
        assert_ne!(page("t", "äääää", "text"), "äääää");
    }

    #[test]
    fn without_html_the_text_takes_its_place() {
        assert!(page("t", " ", "a < b").contains("<pre>a &lt; b</pre>"));
    }
}
