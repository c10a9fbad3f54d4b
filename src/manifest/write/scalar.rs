//! Texts as YAML scalars. A text stands plain only where every reader of YAML takes it for what it is:
//! this tool's own reads `on` and `1e5` as text, others do not, and a file is read by others too.

use std::fmt::Write;

use crate::model::printable::is_unseen;
use crate::model::quantity;

/// Words that some version of YAML takes for a truth value, nothing, or a number.
const WORDS: [&str; 14] = [
    "null", "true", "false", "yes", "no", "on", "off", "y", "n", "inf", "nan", "infinity", "none", "nil",
];

/// A text, such as a name.
pub(super) fn text(text: &str) -> String {
    if is_plain_word(text) {
        text.to_owned()
    } else {
        quoted(text)
    }
}

/// A value whose field says what it is, so that numbers and truth values may stand plain. Variables are read
/// in values, so a dollar is doubled.
pub(super) fn value(raw: &str) -> String {
    let literal = raw.replace('$', "$$");
    if is_number(&literal) || is_quantity(&literal) || matches!(&*literal, "true" | "false") {
        literal
    } else {
        text(&literal)
    }
}

fn is_plain_word(text: &str) -> bool {
    let is_letter = |c: char| c.is_ascii_alphabetic() || c == '_';
    text.starts_with(is_letter)
        && text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-'))
        && !WORDS.iter().any(|word| text.eq_ignore_ascii_case(word))
}

/// Whole numbers as they print, and plain fractions: `7`, `-1`, `0.5`; not `007`, which some read as octal.
fn is_number(text: &str) -> bool {
    let is_whole = |text: &str| text.parse::<i64>().is_ok_and(|number| number.to_string() == text);
    match text.split_once('.') {
        None => is_whole(text),
        Some((whole, rest)) => {
            is_whole(whole) && !rest.is_empty() && rest.chars().all(|c| c.is_ascii_digit())
        }
    }
}

/// `7d`, `256MiB`: no number to anybody, since a unit follows.
fn is_quantity(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_digit())
        && text.ends_with(|c: char| c.is_ascii_alphabetic())
        && text.chars().all(|c| c.is_ascii_alphanumeric())
        && (quantity::parse_duration(text).is_ok() || quantity::parse_size(text).is_ok())
}

fn quoted(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for character in text.chars() {
        match character {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            // Two of them, with a bracket behind, are a command to runners of CI.
            '#' if quoted.ends_with('#') => quoted.push_str("\\x23"),
            ' '..='~' => quoted.push(character),
            // Breaks, what controls a terminal, and what is not seen are better written than meant.
            other if other.is_alphanumeric() && !is_unseen(other) => quoted.push(other),
            other => {
                let _ = write!(quoted, "\\U{:08X}", u32::from(other));
            }
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_another_reader_could_take_for_something_else_is_quoted() {
        for odd in [
            "",
            "~",
            "null",
            "Null",
            "on",
            "OFF",
            "y",
            "No",
            "1e5",
            "0x10",
            "007",
            "1.10",
            ".5",
            "-",
            "-a",
            "...",
            "1_000",
            "a b",
            "#",
            "@x",
            "nan",
            "7d",
            "123",
            "2026-11-26",
        ] {
            assert_eq!(text(odd), format!("\"{odd}\""));
        }
        for plain in ["orders", "orders.placed-v1", "_internal", "e5", "onto", "x10"] {
            assert_eq!(text(plain), plain);
        }
    }

    #[test]
    fn values_stand_as_people_write_them() {
        for plain in [
            "7d",
            "256MiB",
            "-1",
            "0",
            "0.5",
            "true",
            "snappy",
            "9223372036854775807",
            "forever",
        ] {
            assert_eq!(value(plain), plain);
        }
        let odd = [
            ("compact,delete", "\"compact,delete\""),
            ("", "\"\""),
            ("TRUE", "\"TRUE\""),
            ("1e5", "\"1e5\""),
            ("0777", "\"0777\""),
            ("${HOME}", "\"$${HOME}\""),
            ("##[x]\u{3164}", "\"#\\x23[x]\\U00003164\""),
            ("a\nb\u{85}\"\\", "\"a\\U0000000Ab\\U00000085\\\"\\\\\""),
        ];
        for (raw, written) in odd {
            assert_eq!(value(raw), written);
        }
    }
}
