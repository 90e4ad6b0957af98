//! Where the next page is, from the `Link` header of an answer.

/// Bytes of a header that are looked at; GitHub's are some hundred.
const HEADER_BYTES_MAX: usize = 8192;

/// The target that a `Link` header calls `next`, as it stands there.
pub(super) fn next(header: &str) -> Option<&str> {
    if header.len() > HEADER_BYTES_MAX {
        return None;
    }
    let mut rest = header;
    loop {
        let (_, after) = rest.split_once('<')?;
        let (target, after) = after.split_once('>')?;
        let end = outside_quotes(after, ',');
        if is_next(&after[..end]) {
            return Some(target);
        }
        rest = &after[end..];
    }
}

/// The first place of a sign outside of quotes, or the end.
fn outside_quotes(text: &str, sign: char) -> usize {
    let (mut quoted, mut escaped) = (false, false);
    for (at, character) in text.char_indices() {
        match character {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            _ if character == sign && !quoted => return at,
            _ => {}
        }
    }
    text.len()
}

/// Whether one of a link's parameters calls it `next`.
fn is_next(mut parameters: &str) -> bool {
    while !parameters.is_empty() {
        let (parameter, after) = parameters.split_at(outside_quotes(parameters, ';'));
        let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
        let mut relations = value.trim().trim_matches('"').split_ascii_whitespace();
        if name.trim().eq_ignore_ascii_case("rel")
            && relations.any(|relation| relation.eq_ignore_ascii_case("next"))
        {
            return true;
        }
        parameters = after.strip_prefix(';').unwrap_or(after);
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_page_is_found_among_other_links() {
        for (header, expected) in [
            (
                "<https://a/1?page=2>; rel=\"next\", <https://a/1?page=9>; rel=\"last\"",
                Some("https://a/1?page=2"),
            ),
            (
                "<https://a/1?page=1>; rel=\"prev\",<https://a/1?b=1,2&page=3>;rel=next",
                Some("https://a/1?b=1,2&page=3"),
            ),
            (
                "<x>; title=\"a, <y>; rel=next\"; rel=\"prev\", <z>; REL=\"last NEXT\"",
                Some("z"),
            ),
            ("<x>; rel=\"previous-next\"", None),
            ("<x>; rel=\"last\"", None),
            ("<x", None),
            ("x>; rel=next", None),
            ("<x>; title=\"open, rel=next", None),
            ("", None),
            (",,,;;<>", None),
        ] {
            assert_eq!(next(header), expected, "{header}");
        }
        let long = format!("<x>; rel=next{}", " ".repeat(HEADER_BYTES_MAX));
        assert_eq!(next(&long), None);
    }
}
