//! The last door before a terminal or a log. Renderers make foreign text printable where they know that it is
//! foreign; what one of them forgets ends here: of all that controls a terminal only ends of lines, tabs and this
//! program's own colors pass, and no line is a command to a runner of CI.

use std::borrow::Cow;
use std::io::{self, Write};

use super::Style;
use crate::model::printable::{is_unseen, printable_character, without_commands};

/// To the first line and column, and everything after it gone: how `describe --watch` draws over the look before.
/// Not the whole screen at once, which flickers, and not what was scrolled away before, which is not ours.
pub const TO_THE_TOP: &str = "\x1b[H\x1b[J";

/// What this program and its command-line parser put into `ESC [ … m`: no color of the ground, and nothing hidden.
const OWN_COLORS: [&str; 9] = ["", "0", "1", "2", "4", "31", "32", "33", "36"];

/// The commands of GitHub's runner that put words beside a line of a file.
const ANNOTATIONS: [&str; 3] = ["::error ", "::warning ", "::notice "];

/// Passes text on line by line; what follows the last end of a line waits for [`Write::flush`].
#[derive(Debug)]
pub struct OutputGuard<W: Write> {
    inner: W,
    style: Style,
    /// Whether lines may be drawn over.
    is_screen: bool,
    /// Whether lines may annotate files for GitHub's runner.
    annotates: bool,
    pending: Vec<u8>,
    /// Whether the pending text begins a line.
    begins_line: bool,
}

impl<W: Write> OutputGuard<W> {
    /// Guards results or messages in this style.
    pub fn new(inner: W, style: Style) -> Self {
        Self {
            inner,
            style,
            is_screen: false,
            annotates: false,
            pending: Vec::new(),
            begins_line: true,
        }
    }

    /// Lets [`TO_THE_TOP`] pass at the beginning of a line.
    #[must_use]
    pub fn on_screen(mut self, is_screen: bool) -> Self {
        self.is_screen = is_screen;
        self
    }

    /// Lets the commands pass at the beginning of a line that only annotate files. Whatever else is a command to a
    /// runner stays text.
    #[must_use]
    pub fn annotating(mut self, annotates: bool) -> Self {
        self.annotates = annotates;
        self
    }

    fn pass(&mut self, length: usize) -> io::Result<()> {
        let waiting = self.pending.split_off(length);
        let text = std::mem::replace(&mut self.pending, waiting);
        for line in text.split_inclusive(|byte| *byte == b'\n') {
            self.inner.write_all(&self.harmless(line))?;
            self.begins_line = line.ends_with(b"\n");
        }
        Ok(())
    }

    fn harmless<'l>(&self, line: &'l [u8]) -> Cow<'l, [u8]> {
        if is_plain(line) {
            return Cow::Borrowed(line);
        }
        let (line, end) = match line.split_last() {
            Some((b'\n', line)) => (line, "\n"),
            _ => (line, ""),
        };
        let text = String::from_utf8_lossy(line);
        let mut passed = String::with_capacity(text.len() + 1);
        let mut rest = &*text;
        if let Some(after) = self.after_top(rest) {
            passed.push_str(TO_THE_TOP);
            rest = after;
        }
        if self.begins_line && !(self.annotates && is_annotation(rest)) {
            rest = push_unless_command(rest, &mut passed);
        }
        self.push_visible(&without_commands(rest), &mut passed);
        passed.push_str(end);
        Cow::Owned(passed.into_bytes())
    }

    fn after_top<'t>(&self, text: &'t str) -> Option<&'t str> {
        let may_draw = self.is_screen && self.begins_line;
        text.strip_prefix(TO_THE_TOP).filter(|_| may_draw)
    }

    fn push_visible(&self, mut text: &str, passed: &mut String) {
        while let Some(character) = text.chars().next() {
            let color = match self.style {
                Style::Colored => own_color(text),
                Style::Plain => None,
            };
            let length = color.map_or(character.len_utf8(), str::len);
            match (color, character) {
                (Some(color), _) => passed.push_str(color),
                (None, '\t') => passed.push('\t'),
                (None, seen) if !is_unseen(seen) => passed.push(seen),
                (None, unseen) => passed.push(printable_character(unseen)),
            }
            text = &text[length..];
        }
    }
}

/// Nearly all lines are: only ASCII, without anything that is looked into.
fn is_plain(line: &[u8]) -> bool {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    let is_plain = |byte: &u8| matches!(byte, b' '..=b'~') && *byte != b'#';
    line.iter().all(is_plain) && !line.trim_ascii_start().starts_with(b"::")
}

/// A line that begins with `::name` is a command to GitHub's runner, whatever blanks stand before it.
fn push_unless_command<'t>(text: &'t str, passed: &mut String) -> &'t str {
    let trimmed = text.trim_start();
    let Some(rest) = trimmed.strip_prefix("::") else {
        return text;
    };
    passed.extend(
        text[..text.len() - trimmed.len()]
            .chars()
            .map(printable_character),
    );
    passed.push_str(": :");
    rest
}

/// Whether it is one of the commands that put words beside a line of a file, and can do nothing else.
fn is_annotation(text: &str) -> bool {
    ANNOTATIONS.iter().any(|command| text.starts_with(command))
}

/// The sequence that the text begins with, if it is one of this program's own.
fn own_color(text: &str) -> Option<&str> {
    let inside = text.strip_prefix("\x1b[")?;
    let length = inside.find(|c: char| !c.is_ascii_digit() && c != ';')?;
    let is_own = inside[..length].split(';').all(|part| OWN_COLORS.contains(&part));
    (is_own && inside[length..].starts_with('m')).then(|| &text[..length + 3])
}

impl<W: Write> Write for OutputGuard<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.pending.extend_from_slice(bytes);
        let new = self.pending.len() - bytes.len();
        if let Some(end) = bytes.iter().rposition(|byte| *byte == b'\n') {
            self.pass(new + end + 1)?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.pass(self.pending.len())?;
        self.inner.flush()
    }
}

impl<W: Write> Drop for OutputGuard<W> {
    fn drop(&mut self) {
        // Whoever wants to know whether it arrived flushes before.
        let _ = self.flush();
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn passed(style: Style, is_screen: bool, pieces: &[&[u8]]) -> String {
        let mut out = Vec::new();
        let mut guard = OutputGuard::new(&mut out, style).on_screen(is_screen);
        for piece in pieces {
            guard.write_all(piece).unwrap();
        }
        drop(guard);
        String::from_utf8(out).unwrap()
    }

    fn plain(text: &str) -> String {
        passed(Style::Plain, false, &[text.as_bytes()])
    }

    #[test]
    fn ordinary_text_passes_as_it_is() {
        for text in [
            "  orders\t3  ⚠\u{fe0f} – ü ✅\n\nend\n? ",
            "\x1b[1m\x1b[31merror:\x1b[0m x\n",
        ] {
            assert_eq!(passed(Style::Colored, false, &[text.as_bytes()]), text);
        }
    }

    #[test]
    fn nothing_else_that_controls_a_terminal_passes() {
        assert_eq!(
            plain("\x1b[31ma\x1b]0;b\x07\r\u{9b}2J\u{202e}c\n"),
            "\u{fffd}[31ma\u{fffd}]0;b\u{fffd} \u{fffd}2J\u{fffd}c\n"
        );
        let hidden = "\x1b[8ma\x1b[1;41mb\x1b[1";
        assert_eq!(
            passed(Style::Colored, false, &[hidden.as_bytes()]),
            "\u{fffd}[8ma\u{fffd}[1;41mb\u{fffd}[1"
        );
        assert_eq!(
            passed(Style::Plain, false, &[b"a\xff\xc3\n"]),
            "a\u{fffd}\u{fffd}\n"
        );
    }

    #[test]
    fn only_a_screen_is_drawn_over_and_only_from_the_beginning_of_a_line() {
        let text = format!("{TO_THE_TOP}a\n{TO_THE_TOP}b {TO_THE_TOP}c\n");
        let kept = format!("{TO_THE_TOP}a\n{TO_THE_TOP}b \u{fffd}[H\u{fffd}[Jc\n");
        assert_eq!(passed(Style::Plain, true, &[text.as_bytes()]), kept);
        assert!(!plain(&text).contains('\x1b'));
    }

    #[test]
    fn no_line_is_a_command() {
        assert_eq!(
            plain("::error file=a::b\n \u{a0}::stop-commands::x\na ::warning::\n"),
            ": :error file=a::b\n \u{a0}: :stop-commands::x\na ::warning::\n"
        );
        assert_eq!(plain("a ##[error]b ##vso[c]\n"), "a ## [error]b ## vso[c]\n");
    }

    #[test]
    fn a_question_is_shown_when_it_is_flushed() {
        let mut out = Vec::new();
        let mut guard = OutputGuard::new(&mut out, Style::Plain);
        guard.write_all(b"Apply? ").unwrap();
        guard.flush().unwrap();
        guard.write_all(b"::no\n").unwrap();
        drop(guard);
        assert_eq!(out, b"Apply? ::no\n");
    }

    proptest! {
        /// However the text is cut into pieces.
        #[test]
        fn nothing_passes_in_pieces(
            bytes in prop::collection::vec(prop_oneof![any::<u8>(), prop::sample::select(b"\x1b[m#:1\n \xc2\x9b".to_vec())], 0..200),
            cuts in prop::collection::vec(1_usize..9, 1..9),
        ) {
            let (mut pieces, mut rest, mut index) = (Vec::new(), &bytes[..], 0);
            while !rest.is_empty() {
                let (piece, after) = rest.split_at(cuts[index % cuts.len()].min(rest.len()));
                pieces.push(piece);
                (rest, index) = (after, index + 1);
            }
            let text = passed(Style::Plain, true, &pieces);
            let drawn = text.replace(&format!("\n{TO_THE_TOP}"), "\n");
            let drawn = drawn.strip_prefix(TO_THE_TOP).unwrap_or(&drawn);
            prop_assert!(drawn.chars().all(|c| matches!(c, '\n' | '\t') || !is_unseen(c)), "{:?}", text);
            prop_assert!(!text.contains("##["), "{:?}", text);
            prop_assert!(!drawn.lines().any(|line| line.trim_start().starts_with("::")), "{:?}", text);
            prop_assert_eq!(text, passed(Style::Plain, true, &[&bytes]));
        }
    }
}
