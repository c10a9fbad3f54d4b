//! Text that somebody else wrote, made fit for a terminal: a broker's words are data, and must not move
//! the cursor, set the window's title, or turn the direction of what follows.

use std::borrow::Cow;

/// The text in one line, with a mark in the place of what cannot be seen.
pub fn printable(text: &str) -> Cow<'_, str> {
    if text
        .chars()
        .all(|character| printable_character(character) == character)
    {
        Cow::Borrowed(text)
    } else {
        Cow::Owned(text.chars().map(printable_character).collect())
    }
}

/// A character as it can be shown: breaks and tabs are blanks, what controls a terminal or the direction
/// of text is U+FFFD.
pub fn printable_character(character: char) -> char {
    match character {
        '\n' | '\r' | '\t' | '\u{85}' | '\u{2028}' | '\u{2029}' => ' ',
        '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}' => {
            '\u{fffd}'
        }
        control if control.is_control() => '\u{fffd}',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_controls_a_terminal_is_marked_and_breaks_are_blanks() {
        assert_eq!(
            printable("a\u{1b}[2Jb\nc\r\nd\u{7}\u{9b}\u{202e}e\u{2028}ü"),
            "a\u{fffd}[2Jb c  d\u{fffd}\u{fffd}\u{fffd}e ü"
        );
        assert!(matches!(printable("plain: \"text\""), Cow::Borrowed(_)));
    }
}
