//! Text that came from outside, as one line that is safe to show: its words and markup are kept as they are,
//! what would steer a terminal or turn the writing around is not.

/// The text in one line of at most so many characters.
pub(super) fn line(text: &str, chars_max: usize) -> String {
    let mut line = String::new();
    let (mut chars, mut gap) = (0, false);
    for character in text.chars() {
        if character.is_whitespace() {
            gap = chars > 0;
            continue;
        }
        if character.is_control() || misleads(character) {
            continue;
        }
        let adds = if gap { 2 } else { 1 };
        if chars + adds > chars_max {
            break;
        }
        if gap {
            line.push(' ');
        }
        line.push(character);
        chars += adds;
        gap = false;
    }
    line
}

/// Marks that make a text look like another one: direction overrides, invisible and tag characters.
fn misleads(character: char) -> bool {
    matches!(
        character,
        '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{061c}' | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e007f}'
    )
}

/// The address of a page for people, or nothing when it is none that a browser should be led to.
pub(super) fn page_address(text: &str) -> String {
    const CHARS_MAX: usize = 500;
    match reqwest::Url::parse(text) {
        Ok(url) if matches!(url.scheme(), "https" | "http") && url.as_str().len() <= CHARS_MAX => {
            url.into()
        }
        Ok(_) | Err(_) => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, chars_max: usize, expected: &str) {
        assert_eq!(line(text, chars_max), expected, "{text:?}");
    }

    #[test]
    fn a_line_keeps_words_and_markup_and_loses_what_steers() {
        check("<b>Fix</b> & *go*", 100, "<b>Fix</b> & *go*");
        check("  a\r\n\tb \u{2028} c  ", 100, "a b c");
        check("\u{1b}[31mred\u{7}\u{0}\u{9b}", 100, "[31mred");
        check("abc\u{202e}fed\u{feff}", 100, "abcfed");
        check("äöü €uro", 5, "äöü €");
        check("ab cd", 3, "ab");
        check("x", 0, "");
    }

    #[test]
    fn only_web_addresses_are_pages() {
        for (text, expected) in [
            ("https://github.com/a/b/issues/1", true),
            ("http://enterprise/a/b/pull/1", true),
            ("javascript:alert(1)", false),
            ("data:text/html,x", false),
            ("/a/b", false),
            ("", false),
        ] {
            assert_eq!(!page_address(text).is_empty(), expected, "{text}");
        }
        let long = format!("https://github.com/{}", "x".repeat(500));
        assert_eq!(page_address(&long), "");
    }
}
