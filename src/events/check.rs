//! Checking a stream of events against the contract: envelopes or payloads, as JSON or as JSON lines, with
//! the place of every problem.

use std::fmt;
use std::io::{self, BufRead};

use serde_json::Value;

use super::locate::{Spot, locate};
use super::parse::{Document, NotJson, parse_json};
use super::violation::{FieldPath, Violation};
use crate::bounded_read::read_stream_bounded;

/// One problem of one event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocumentProblem {
    /// Where it is.
    pub spot: Spot,
    /// What it is.
    pub flaw: Flaw,
}

/// What is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Flaw {
    /// The text is no JSON, and why.
    NotJson(String),
    /// A rule of the contract is broken.
    Broken(Violation),
}

impl fmt::Display for Flaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotJson(reason) => write!(f, "not JSON: {reason}"),
            Self::Broken(violation) => violation.fmt(f),
        }
    }
}

/// How many events there were.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct EventCounts {
    /// All of them, broken ones included.
    pub events: u64,
    /// Those that break the contract, or are no JSON.
    pub broken: u64,
}

/// The longest line of JSON lines, and the largest document that is none: both are kept in memory.
pub const DOCUMENT_MAX: usize = 64 << 20;

/// Checks everything in `input`, and tells each problem as soon as it is found. JSON lines are read line
/// by line, so that their number does not matter.
///
/// # Errors
/// Only if `input` cannot be read.
pub fn check(input: &mut dyn BufRead, tell: &mut dyn FnMut(DocumentProblem)) -> io::Result<EventCounts> {
    let mut checker = Checker {
        tell,
        checked: EventCounts::default(),
    };
    let mut text = Vec::new();
    read_line(input, &mut text)?;
    if !is_object(&text) {
        let rest = DOCUMENT_MAX.saturating_sub(text.len());
        text.extend(read_stream_bounded(&mut *input, 0, rest)?);
    }
    if is_object(
        text.split_inclusive(|byte| *byte == b'\n')
            .next()
            .unwrap_or_default(),
    ) {
        checker.lines(&mut io::Read::chain(text.as_slice(), input))?;
        return Ok(checker.checked);
    }
    match parse_json(&text) {
        Ok(value) => checker.document(&text, value),
        Err(_) if text.trim_ascii().is_empty() => {}
        Err(_) if second_line(&text).is_some_and(is_object) => checker.lines(&mut text.as_slice())?,
        Err(not_json) => checker.not_json(&not_json, 0),
    }
    Ok(checker.checked)
}

/// As `read_until`, up to [`DOCUMENT_MAX`].
fn read_line(input: &mut dyn BufRead, line: &mut Vec<u8>) -> io::Result<usize> {
    let count = io::Read::take(&mut *input, DOCUMENT_MAX as u64 + 1).read_until(b'\n', line)?;
    if line.len() > DOCUMENT_MAX {
        let message = "a line is longer than 64 MiB, which is the limit";
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, message));
    }
    Ok(count)
}

/// Whether a line is an event of its own, rather than the beginning of a longer text.
fn is_object(line: &[u8]) -> bool {
    matches!(parse_json(line), Ok(Value::Object(_)))
}

/// A first line that is broken does not make JSON lines something else.
fn second_line(text: &[u8]) -> Option<&[u8]> {
    text.split(|byte| *byte == b'\n')
        .filter(|line| !line.trim_ascii().is_empty())
        .nth(1)
}

struct Checker<'t> {
    tell: &'t mut dyn FnMut(DocumentProblem),
    checked: EventCounts,
}

impl Checker<'_> {
    fn lines(&mut self, input: &mut dyn BufRead) -> io::Result<()> {
        let (mut line, mut number) = (Vec::new(), 0);
        while read_line(input, &mut line)? > 0 {
            if !line.trim_ascii().is_empty() {
                match parse_json(&line) {
                    Ok(value) => self.event(&line, value, &FieldPath::default(), number),
                    Err(not_json) => self.not_json(&not_json, number),
                }
            }
            line.clear();
            number += 1;
        }
        Ok(())
    }

    /// One event, or a list of them.
    fn document(&mut self, text: &[u8], value: Value) {
        match value {
            Value::Array(items) => {
                for (index, item) in items.into_iter().enumerate() {
                    self.event(text, item, &FieldPath::default().item(index), 0);
                }
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_) => {
                self.event(text, value, &FieldPath::default(), 0);
            }
        }
    }

    fn event(&mut self, text: &[u8], value: Value, path: &FieldPath, lines_before: usize) {
        self.checked.events += 1;
        let Err(invalid) = Document::from_value(value) else {
            return;
        };
        self.checked.broken += 1;
        // JSON is UTF-8, and this has been parsed.
        let text = std::str::from_utf8(text).unwrap_or_default();
        for violation in invalid.violations {
            let mut spot = locate(text, &path.join(&violation.field));
            spot.line += lines_before;
            let flaw = Flaw::Broken(violation);
            (self.tell)(DocumentProblem { spot, flaw });
        }
    }

    fn not_json(&mut self, not_json: &NotJson, lines_before: usize) {
        self.checked.events += 1;
        self.checked.broken += 1;
        let spot = Spot {
            line: not_json.line + lines_before,
            column: not_json.column.max(1),
        };
        let flaw = Flaw::NotJson(not_json.reason().to_owned());
        (self.tell)(DocumentProblem { spot, flaw });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STARTED: &str = r#"{"correlation_id": "16c2acae-d574-4530-ae26-ecc50e69a589", "test_contract_name": "c", "test_types": [], "node_name": "n", "output_directory": "."}"#;

    fn said(text: &str) -> String {
        let mut lines = Vec::new();
        let mut tell = |problem: DocumentProblem| {
            let Spot { line, column } = problem.spot;
            lines.push(format!("{line}:{column}: {}", problem.flaw));
        };
        let checked = check(&mut text.as_bytes(), &mut tell).unwrap();
        lines.push(format!("{} of {} broken", checked.broken, checked.events));
        lines.join("\n")
    }

    #[test]
    fn an_event_a_list_and_lines_are_all_read() {
        let pretty = STARTED.replace(", ", ",\n");
        for (text, count) in [
            (STARTED.to_owned(), 1),
            (pretty.clone(), 1),
            (format!("[{pretty}, {STARTED}]"), 2),
            (format!("[\n{STARTED},\n{STARTED}\n]\n"), 2),
            (format!("{STARTED}\n\n{STARTED}\r\n{STARTED}"), 3),
            (String::new(), 0),
            ("\n \n".to_owned(), 0),
            ("[]".to_owned(), 0),
        ] {
            assert_eq!(said(&text), format!("0 of {count} broken"), "{text}");
        }
    }

    #[test]
    fn every_problem_has_its_place() {
        let bad = STARTED
            .replace("[]", r#"["unit", 5]"#)
            .replace(r#""node_name": "n", "#, "");
        insta::assert_snapshot!(said(&format!("{STARTED}\n{bad}\n{{\"correlation_id\": NaN}}\n{STARTED}")), @r"
        2:110: `test_types[1]` must be text, not 5
        2:1: `node_name` is missing
        3:20: not JSON: NaN in `correlation_id` is no number that JSON has; Python's json writes it unless it is told allow_nan=False
        2 of 4 broken
        ");
        insta::assert_snapshot!(said(&format!("[\n{STARTED},\n{}\n]", bad.replace(", ", ",\n"))), @r"
        6:1: `test_types[1]` must be text, not 5
        3:1: `node_name` is missing
        1 of 2 broken
        ");
    }

    #[test]
    fn a_broken_first_line_does_not_hide_the_others() {
        insta::assert_snapshot!(said(&format!("{{\"a\": }}\n{STARTED}\n7\n")), @r"
        1:7: not JSON: expected value
        3:1: an event must be an envelope, or the payload of TestGenerationStarted, TestGenerationCompleted or TestGenerationFailed, not 7
        2 of 3 broken
        ");
    }

    #[test]
    fn a_broken_document_is_one_problem() {
        insta::assert_snapshot!(said("{\n  \"correlation_id\": \n}"), @r"
        3:1: not JSON: expected value
        1 of 1 broken
        ");
        insta::assert_snapshot!(said("[1, {}]"), @r"
        1:2: an event must be an envelope, or the payload of TestGenerationStarted, TestGenerationCompleted or TestGenerationFailed, not 1
        1:5: an event must be an envelope, or the payload of TestGenerationStarted, TestGenerationCompleted or TestGenerationFailed, not an object with none of their fields
        2 of 2 broken
        ");
    }
}
