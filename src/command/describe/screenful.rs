//! As much of a text as a terminal can show at once. What does not fit would scroll the beginning away: the
//! header, and with an order the topics that matter most.

use std::io::{self, Write};

use crate::command::ScreenSize;

/// Writes the lines that fit, and how many are left out.
pub(super) fn write(text: &str, size: ScreenSize, out: &mut dyn Write) -> io::Result<()> {
    let rows = |line: &str| width(line).div_ceil(size.columns.max(1)).max(1);
    // One row stays free for the cursor.
    let room = size.rows.saturating_sub(1);
    if text.lines().map(rows).sum::<usize>() <= room {
        return out.write_all(text.as_bytes());
    }
    let (mut left, mut shown) = (room.saturating_sub(1), 0);
    for line in text.lines() {
        match left.checked_sub(rows(line)) {
            Some(rest) => left = rest,
            None => break,
        }
        writeln!(out, "{line}")?;
        shown += 1;
    }
    let more = text.lines().count() - shown;
    writeln!(out, "… {more} more lines: filter them, or make the window larger")
}

/// The characters that take a place, which colors do not. Topics have none of double width.
fn width(line: &str) -> usize {
    let mut characters = line.chars();
    let mut width = 0;
    while let Some(character) = characters.next() {
        if character == '\u{1b}' {
            characters.by_ref().find(char::is_ascii_alphabetic);
        } else {
            width += 1;
        }
    }
    width
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str, rows: usize, columns: usize) -> String {
        let mut out = Vec::new();
        write(text, ScreenSize { rows, columns }, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    const NOTE: &str = "more lines: filter them, or make the window larger\n";

    #[test]
    fn what_fits_is_shown_as_it_is() {
        assert_eq!(shown("a\nb\nc\n", 4, 80), "a\nb\nc\n");
    }

    #[test]
    fn the_beginning_stays_and_the_rest_is_counted() {
        assert_eq!(shown("a\nb\nc\n", 3, 80), format!("a\n… 2 {NOTE}"));
        assert_eq!(shown("a\nb\nc\n", 1, 80), format!("… 3 {NOTE}"));
    }

    #[test]
    fn a_line_that_wraps_takes_more_rows_and_colors_take_none() {
        assert_eq!(shown("12345\nb\nc\n", 5, 4), "12345\nb\nc\n".to_owned());
        assert_eq!(shown("12345\nb\nc\n", 4, 4), format!("12345\n… 2 {NOTE}"));
        assert_eq!(
            shown("\u{1b}[1m1234\u{1b}[0m\nb\n", 3, 4),
            "\u{1b}[1m1234\u{1b}[0m\nb\n"
        );
    }
}
