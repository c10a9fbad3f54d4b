//! Bytes to text with lines, and which of that text may be shown to whoever reads the output.

use std::cell::OnceCell;
use std::string::FromUtf8Error;

use super::problem::{Location, Problem};
use super::source::{FILE_MAX, ManifestFile, too_large};
use crate::model::printable::{is_unseen, without_commands};
use crate::model::{Place, Printable};

/// The most of YAML's punctuation that may stand inside `{…}` and `[…]`. The parser keeps such a
/// collection in memory, at a cost of some 300 bytes for each mark, until its last bracket.
const BRACKETED_MARKS_MAX: usize = 1_000_000;

/// What a byte means before parsing.
#[derive(Clone, Copy)]
enum Byte {
    Plain,
    Control,
    Opening,
    Closing,
    /// What makes the parser keep something, inside brackets.
    Mark,
}

const BYTES: [Byte; 256] = {
    let mut bytes = [Byte::Plain; 256];
    let mut control = 0;
    while control < 0x20 {
        bytes[control] = Byte::Control;
        control += 1;
    }
    bytes[0x7f] = Byte::Control;
    bytes[b'\t' as usize] = Byte::Plain;
    bytes[b'\n' as usize] = Byte::Plain;
    bytes[b'\r' as usize] = Byte::Plain;
    bytes[b'[' as usize] = Byte::Opening;
    bytes[b'{' as usize] = Byte::Opening;
    bytes[b']' as usize] = Byte::Closing;
    bytes[b'}' as usize] = Byte::Closing;
    let mut index = 0;
    let marks = b",:?\"'&*!";
    while index < marks.len() {
        bytes[marks[index] as usize] = Byte::Mark;
        index += 1;
    }
    bytes
};

/// The longest line that is looked into, in bytes. Machines write a whole file in one line, with ten thousand
/// problems in it.
const LINE_MAX: usize = 100_000;

/// The longest excerpt, in characters.
const EXCERPT_MAX: usize = 120;

/// A file's text.
#[derive(Debug)]
pub(super) struct SourceText {
    pub(super) name: Printable,
    content: String,
    /// Where each line starts; found when the first problem asks.
    starts: OnceCell<Vec<usize>>,
}

impl SourceText {
    /// Decodes a file: UTF-8, with or without a byte order mark, no control characters.
    ///
    /// # Errors
    /// Why the file cannot be taken for text.
    pub(super) fn decode(file: ManifestFile) -> Result<Self, Box<Problem>> {
        if let Some(problem) = odd_file(&file) {
            return Err(Box::new(problem));
        }
        let mut content = match String::from_utf8(file.bytes) {
            Ok(content) => content,
            Err(error) => return Err(Box::new(not_utf8(&file.name, &error))),
        };
        if content.starts_with('\u{feff}') {
            content.drain(..'\u{feff}'.len_utf8());
        }
        let text = Self {
            name: file.name,
            content,
            starts: OnceCell::new(),
        };
        match text.refusal() {
            Some(problem) => Err(Box::new(problem)),
            None => Ok(text),
        }
    }

    /// Why the text cannot be given to the parser.
    fn refusal(&self) -> Option<Problem> {
        let (mut depth, mut marks) = (0_usize, 0_usize);
        for (offset, byte) in self.content.bytes().enumerate() {
            match BYTES[usize::from(byte)] {
                Byte::Plain => continue,
                Byte::Control => return Some(self.control_character(offset, byte)),
                Byte::Opening => depth += 1,
                Byte::Closing => depth = depth.saturating_sub(1),
                Byte::Mark => {}
            }
            marks += usize::from(depth > 0);
        }
        (marks > BRACKETED_MARKS_MAX).then(|| self.too_much_in_brackets())
    }

    /// The parser takes NUL for the end of the text, and what followed would be lost in silence.
    fn control_character(&self, offset: usize, byte: u8) -> Problem {
        let place = end_of(&self.name, &self.content[..offset]);
        Problem::error(Location::Place(place), format!("control character U+{byte:04X}"))
            .suggest("remove it; text has no use for it")
    }

    fn too_much_in_brackets(&self) -> Problem {
        let message = format!("the file has more than {BRACKETED_MARKS_MAX} marks of YAML inside brackets");
        Problem::error(Location::File(self.name.clone()), message)
            .suggest("write large lists as a block (`- name: …`), or split the file")
    }

    fn starts(&self) -> &[usize] {
        self.starts.get_or_init(|| line_starts(&self.content))
    }

    pub(super) fn content(&self) -> &str {
        &self.content
    }

    /// The line with this number, counted from 1, without its end; empty past the last one.
    pub(super) fn line(&self, number: u32) -> &str {
        let index = number.saturating_sub(1) as usize;
        let Some(start) = self.starts().get(index) else {
            return "";
        };
        let end = self
            .starts()
            .get(index + 1)
            .copied()
            .unwrap_or(self.content.len());
        self.content[*start..end].trim_end_matches(['\n', '\r'])
    }

    /// The rest of a line from a column on; nothing of a line that no person wrote.
    pub(super) fn line_from(&self, number: u32, column: u32) -> &str {
        let line = Some(self.line(number))
            .filter(|line| line.len() <= LINE_MAX)
            .unwrap_or_default();
        let start = line
            .char_indices()
            .nth(column.saturating_sub(1) as usize)
            .map_or(line.len(), |(start, _)| start);
        &line[start..]
    }

    /// How many lines there are.
    pub(super) fn lines(&self) -> u32 {
        u32::try_from(self.starts().len()).unwrap_or(u32::MAX)
    }

    pub(super) fn place(&self, line: u32, column: u32) -> Place {
        Place {
            file: self.name.clone(),
            line,
            column,
        }
    }

    /// The place itself, or where the text ends if the place is beyond: the last line with anything in it.
    pub(super) fn nearest(&self, place: &Place) -> Place {
        let is_blank = |number: &u32| self.line(*number).trim().is_empty();
        if place.line > self.lines() || (place.line == self.lines() && is_blank(&place.line)) {
            let last = (1..=self.lines()).rev().find(|number| !is_blank(number));
            let line = last.unwrap_or(1);
            let indent = self.line(line).chars().take_while(|c| c.is_whitespace()).count();
            return self.place(line, u32::try_from(indent + 1).unwrap_or(u32::MAX));
        }
        let length = self.line(place.line).chars().count();
        let end = u32::try_from(length + 1).unwrap_or(u32::MAX);
        self.place(place.line, place.column.min(end))
    }

    /// The line as it may be printed: what is around `column` if it is long, control characters escaped.
    /// `None` for an empty line, and for one that no person wrote.
    pub(super) fn excerpt(&self, line: u32, column: u32) -> Option<String> {
        let line = self.line(line);
        if line.len() > LINE_MAX || line.trim().is_empty() {
            return None;
        }
        let length = line.chars().count();
        if length <= EXCERPT_MAX {
            return Some(printable(line.trim_end()));
        }
        let column = (column.saturating_sub(1) as usize).min(length);
        let start = column.saturating_sub(EXCERPT_MAX / 2).min(length - EXCERPT_MAX);
        let part: String = line.chars().skip(start).take(EXCERPT_MAX).collect();
        let before = if start > 0 { "…" } else { "" };
        let after = if start + EXCERPT_MAX < length { "…" } else { "" };
        Some(format!("{before}{}{after}", printable(part.trim_end())))
    }
}

/// A terminal obeys control characters and some invisible ones; shown text must not command it.
pub(super) fn printable(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\t' => shown.push('→'),
            control if control.is_control() => shown.extend(control.escape_default()),
            unseen if is_unseen(unseen) => shown.extend(unseen.escape_unicode()),
            plain => shown.push(plain),
        }
    }
    without_commands(&shown).into_owned()
}

/// YAML ends a line with `\n`, `\r\n` or `\r`.
fn line_starts(content: &str) -> Vec<usize> {
    let bytes = content.as_bytes();
    let mut starts = vec![0];
    for (index, byte) in bytes.iter().enumerate() {
        let ends = match byte {
            b'\n' => true,
            b'\r' => bytes.get(index + 1) != Some(&b'\n'),
            _ => false,
        };
        if ends {
            starts.push(index + 1);
        }
    }
    starts
}

fn odd_file(file: &ManifestFile) -> Option<Problem> {
    let whole = Location::File(file.name.clone());
    if file.bytes.len() > FILE_MAX {
        return Some(too_large(whole));
    }
    let is_utf16 = file.bytes.starts_with(&[0xff, 0xfe]) || file.bytes.starts_with(&[0xfe, 0xff]);
    is_utf16.then(|| Problem::error(whole, "the file is UTF-16").suggest("save it as UTF-8"))
}

fn not_utf8(file: &Printable, error: &FromUtf8Error) -> Problem {
    let (before, rest) = error.as_bytes().split_at(error.utf8_error().valid_up_to());
    let byte = rest.first().copied().unwrap_or_default();
    let place = end_of(file, &String::from_utf8_lossy(before));
    Problem::error(Location::Place(place), format!("byte 0x{byte:02x} is not UTF-8"))
        .suggest("save the file as UTF-8")
}

/// The place right after `before`.
fn end_of(file: &Printable, before: &str) -> Place {
    let starts = line_starts(before);
    let start = starts.last().copied().unwrap_or_default();
    let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
    Place {
        file: file.clone(),
        line: count(starts.len()),
        column: count(before[start..].chars().filter(|c| *c != '\u{feff}').count() + 1),
    }
}
