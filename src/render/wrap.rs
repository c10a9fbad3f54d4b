//! Long lines on a terminal: broken between words at its width, so that no word is cut and what belongs to a line
//! stays indented below it. Elsewhere a sentence stays one line, which is what searching needs.

use std::io::{self, Write};

use textwrap::core::display_width;
use textwrap::{Options, WordSplitter, wrap};

/// What follows the first line of a sentence stands further in.
const HANGING: usize = 2;

/// What a person copies into a shell begins so. The terminal itself breaks such a line, without an end of line in it.
const COMMANDS: [&str; 5] = ["kafka-", "topicctl ", "--", "chmod ", "openssl "];

/// Passes lines on, broken at this width where there is one.
#[derive(Debug)]
pub struct Wrapped<W: Write> {
    inner: W,
    columns: Option<usize>,
    pending: Vec<u8>,
}

impl<W: Write> Wrapped<W> {
    /// Breaks lines that take more than `columns` characters; `None` breaks none.
    pub fn new(inner: W, columns: Option<usize>) -> Self {
        Self {
            inner,
            columns,
            pending: Vec::new(),
        }
    }

    /// From the next line on.
    pub fn set_columns(&mut self, columns: Option<usize>) {
        self.columns = columns;
    }

    fn pass(&mut self, columns: usize, line: &str) -> io::Result<()> {
        if display_width(line) <= columns || is_command(line) {
            return writeln!(self.inner, "{line}");
        }
        let indent = line.len() - line.trim_start().len();
        let hanging = " ".repeat((indent + HANGING).min(columns / 2));
        let options = Options::new(columns)
            .subsequent_indent(&hanging)
            .break_words(false)
            .word_splitter(WordSplitter::NoHyphenation);
        for part in wrap(line, options) {
            writeln!(self.inner, "{part}")?;
        }
        Ok(())
    }
}

fn is_command(line: &str) -> bool {
    COMMANDS
        .iter()
        .any(|command| line.trim_start().starts_with(command))
}

impl<W: Write> Write for Wrapped<W> {
    fn write(&mut self, text: &[u8]) -> io::Result<usize> {
        let Some(columns) = self.columns else {
            return self.inner.write(text);
        };
        self.pending.extend_from_slice(text);
        let Some(last) = self.pending.iter().rposition(|byte| *byte == b'\n') else {
            return Ok(text.len());
        };
        let waiting = self.pending.split_off(last + 1);
        let lines = std::mem::replace(&mut self.pending, waiting);
        for line in String::from_utf8_lossy(&lines).lines() {
            self.pass(columns, line)?;
        }
        Ok(text.len())
    }

    /// What follows the last end of a line is a question or a prompt, and passes as it is.
    fn flush(&mut self) -> io::Result<()> {
        let pending = std::mem::take(&mut self.pending);
        self.inner.write_all(&pending)?;
        self.inner.flush()
    }
}

impl<W: Write> Drop for Wrapped<W> {
    fn drop(&mut self) {
        let pending = std::mem::take(&mut self.pending);
        let _ = self.inner.write_all(&pending);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wrapped(columns: Option<usize>, text: &str) -> String {
        let mut out = Vec::new();
        let mut wrapped = Wrapped::new(&mut out, columns);
        for part in text.split_inclusive(' ') {
            write!(wrapped, "{part}").unwrap();
        }
        drop(wrapped);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn words_stay_whole_and_what_follows_is_indented() {
        let long = "    lossy: 100 records older than 1h will be deleted\nnext\n";
        let expected = "    lossy: 100 records\n      older than 1h will\n      be deleted\nnext\n";
        assert_eq!(wrapped(Some(25), long), expected);
    }

    #[test]
    fn only_a_terminal_has_a_width() {
        let long = "a line of more than ten characters\n";
        assert_eq!(wrapped(None, long), long);
    }

    #[test]
    fn colors_take_no_room() {
        let painted = "\u{1b}[31mred\u{1b}[0m and ten\n";
        assert_eq!(wrapped(Some(11), painted), painted);
    }

    #[test]
    fn a_command_stays_in_one_piece() {
        let command = "    kafka-acls --bootstrap-server a:9092 --add --topic x\n";
        assert_eq!(wrapped(Some(20), command), command);
    }

    #[test]
    fn a_question_waits_on_its_line() {
        assert_eq!(wrapped(Some(20), "one\nGo on? "), "one\nGo on? ");
    }

    #[test]
    fn a_word_longer_than_the_line_is_not_cut() {
        let name = "x".repeat(30);
        let text = format!("topic {name} is there\n");
        assert_eq!(wrapped(Some(20), &text), format!("topic\n  {name}\n  is there\n"));
    }
}
