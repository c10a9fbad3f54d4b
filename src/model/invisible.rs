//! Characters that nobody sees: what a secret from a file or a console brings along without anybody's doing.

use std::fmt::Write as _;

/// Whether a character cannot be seen at all: controls, marks of direction, blanks without width.
pub fn is_invisible(letter: char) -> bool {
    letter.is_control()
        || matches!(
            letter,
            '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}'
        )
}

/// In words, where a text begins or ends in a blank, or has a character anywhere that cannot be seen; to follow its
/// name. The text itself is not repeated.
pub fn invisible_in(text: &str) -> Option<String> {
    let is_blank = |letter: &char| letter.is_whitespace() || is_invisible(*letter);
    if let Some(last) = text.chars().next_back().filter(is_blank) {
        return Some(format!("ends in {}", spoken(last)));
    }
    if let Some(first) = text.chars().next().filter(is_blank) {
        return Some(format!("begins with {}", spoken(first)));
    }
    let inside = text.chars().find(|letter| is_invisible(*letter))?;
    Some(format!("has {} in it", spoken(inside)))
}

fn spoken(letter: char) -> String {
    let mut words = match letter {
        '\n' | '\r' => "a line end",
        '\t' => "a tab",
        '\u{feff}' => "a byte order mark",
        letter if letter.is_whitespace() => "a blank",
        _ => "an invisible character",
    }
    .to_owned();
    // Writing to a text cannot fail.
    let _ = write!(words, " (U+{:04X})", u32::from(letter));
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_seen_is_named() {
        for (text, expected) in [
            ("hunter2\n", Some("ends in a line end (U+000A)")),
            ("hunter2\r\n", Some("ends in a line end (U+000A)")),
            ("\u{feff}hunter2", Some("begins with a byte order mark (U+FEFF)")),
            ("hunter2 ", Some("ends in a blank (U+0020)")),
            (
                "hun\u{200b}ter2",
                Some("has an invisible character (U+200B) in it"),
            ),
            ("pass word", None),
            ("", None),
        ] {
            assert_eq!(invisible_in(text).as_deref(), expected, "{text:?}");
        }
    }
}
