//! Text from elsewhere made fit for a terminal: no control characters, nothing that turns the direction
//! of writing round.

/// One line: line ends and tabs become spaces.
pub fn line(text: &str) -> String {
    let spaced = text.chars().map(|character| match character {
        '\n' | '\r' | '\t' => ' ',
        other => other,
    });
    spaced.filter(|character| is_harmless(*character)).collect()
}

/// Several lines: line ends stay, tabs become spaces.
pub fn lines(text: &str) -> String {
    let spaced = text.chars().map(|character| match character {
        '\t' => ' ',
        other => other,
    });
    spaced
        .filter(|character| *character == '\n' || is_harmless(*character))
        .collect()
}

/// One line of at most so many characters; what is cut off leaves an ellipsis.
pub fn clipped(text: &str, characters_max: usize) -> String {
    let line = line(text);
    let line = line.trim();
    if line.chars().count() <= characters_max {
        return line.to_owned();
    }
    let cut: String = line
        .chars()
        .take(characters_max.saturating_sub(1))
        .collect();
    format!("{}…", cut.trim_end())
}

/// Whether a character turns the direction of writing round, so that a line reads other than it is.
pub fn is_direction(character: char) -> bool {
    matches!(character, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}' | '\u{61c}')
}

fn is_harmless(character: char) -> bool {
    !character.is_control() && !is_direction(character)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escape_sequences_lose_their_teeth() {
        assert_eq!(line("a\u{1b}[31mb\u{9b}2Jc\u{7}"), "a[31mb2Jc");
        assert_eq!(line("one\ntwo\tthree\r"), "one two three ");
        assert_eq!(lines("one\ntwo\u{8}\tthree\r\n"), "one\ntwo three\n");
        assert_eq!(line("\u{202e}evil\u{2066}"), "evil");
    }

    #[test]
    fn long_lines_are_cut_at_whole_characters() {
        assert_eq!(clipped("äöü", 3), "äöü");
        assert_eq!(clipped("äöüß", 3), "äö…");
        assert_eq!(clipped(" a b ", 9), "a b");
    }
}
