//! JSON that can be shown on a terminal and in a log as it is: what controls a terminal, cannot be seen, or is
//! a command to a runner of CI stands escaped in it. To whoever parses it, it is the same text.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::ser::{CompactFormatter, Formatter, PrettyFormatter, Serializer};

use super::printable::{begins_command, is_unseen};

/// Writes a value on one line, without the end of the line.
///
/// # Errors
/// Those of the writer, and of values that JSON has no form for.
pub fn write_line(out: &mut dyn Write, value: &impl Serialize) -> io::Result<()> {
    let mut serializer = Serializer::with_formatter(out, Escaping(CompactFormatter));
    value.serialize(&mut serializer).map_err(Into::into)
}

/// Writes a value indented, without the end of the last line.
///
/// # Errors
/// Those of the writer, and of values that JSON has no form for.
pub fn write_indented(out: &mut dyn Write, value: &impl Serialize) -> io::Result<()> {
    let mut serializer = Serializer::with_formatter(out, Escaping(PrettyFormatter::new()));
    value.serialize(&mut serializer).map_err(Into::into)
}

/// Lays JSON out as another formatter does.
struct Escaping<F>(F);

impl<F: Formatter> Formatter for Escaping<F> {
    fn write_string_fragment<W: ?Sized + Write>(&mut self, out: &mut W, fragment: &str) -> io::Result<()> {
        let mut plain_from = 0;
        for (at, character) in fragment.char_indices() {
            if is_unseen(character) || continues_command(fragment, at) {
                out.write_all(&fragment.as_bytes()[plain_from..at])?;
                for unit in character.encode_utf16(&mut [0; 2]) {
                    write!(out, "\\u{unit:04x}")?;
                }
                plain_from = at + character.len_utf8();
            }
        }
        out.write_all(&fragment.as_bytes()[plain_from..])
    }

    fn begin_array<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.0.begin_array(out)
    }

    fn end_array<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.0.end_array(out)
    }

    fn begin_array_value<W: ?Sized + Write>(&mut self, out: &mut W, first: bool) -> io::Result<()> {
        self.0.begin_array_value(out, first)
    }

    fn end_array_value<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.0.end_array_value(out)
    }

    fn begin_object<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.0.begin_object(out)
    }

    fn end_object<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.0.end_object(out)
    }

    fn begin_object_key<W: ?Sized + Write>(&mut self, out: &mut W, first: bool) -> io::Result<()> {
        self.0.begin_object_key(out, first)
    }

    fn begin_object_value<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.0.begin_object_value(out)
    }

    fn end_object_value<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.0.end_object_value(out)
    }
}

/// Whether the second `#` of a command stands there.
fn continues_command(fragment: &str, at: usize) -> bool {
    fragment[..at].ends_with('#') && fragment[at..].starts_with('#') && begins_command(&fragment[at + 1..])
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn line(value: &Value) -> String {
        let mut out = Vec::new();
        write_line(&mut out, value).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn what_a_terminal_or_a_runner_obeys_is_escaped_and_parses_back() {
        let value = json!({"a\u{9b}": ["\u{1b}]0;x\u{7}\u{7f}\u{202e}\u{e0041}", "##[error]x ###vso[y]", "ü # ## [x]"]});
        let written = line(&value);
        assert_eq!(
            written,
            "{\"a\\u009b\":[\"\\u001b]0;x\\u0007\\u007f\\u202e\\udb40\\udc41\",\"#\\u0023[error]x ##\\u0023vso[y]\",\"ü # ## [x]\"]}"
        );
        assert_eq!(serde_json::from_str::<Value>(&written).unwrap(), value);
    }

    #[test]
    fn ordinary_documents_are_laid_out_as_ever() {
        let value =
            json!({"topics": [{"name": "orders", "n": 1.5, "none": null, "empty": [], "no": {}}, []]});
        assert_eq!(line(&value), serde_json::to_string(&value).unwrap());
        let mut out = Vec::new();
        write_indented(&mut out, &value).unwrap();
        assert_eq!(
            String::from_utf8(out).unwrap(),
            serde_json::to_string_pretty(&value).unwrap()
        );
    }
}
