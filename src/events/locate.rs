//! Where in a JSON text a field stands, so that a problem can be shown with its line. Only for text that
//! has been parsed already: what is walked here is known to be JSON.

use super::violation::{FieldPath, PathStep};

/// A place in a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Spot {
    /// Counts from 1.
    pub line: usize,
    /// In characters; counts from 1.
    pub column: usize,
}

/// The place of a field's value, or of the nearest that is there around it. `path` begins at the first
/// value of `text`.
pub fn locate(text: &str, path: &FieldPath) -> Spot {
    let mut walk = JsonWalk {
        bytes: text.as_bytes(),
        at: 0,
    };
    walk.blank();
    let mut found = walk.at;
    for step in path.steps() {
        if !walk.enter(step) {
            break;
        }
        found = walk.at;
    }
    spot(text, found)
}

fn spot(text: &str, offset: usize) -> Spot {
    let before = text.get(..offset).unwrap_or(text);
    let line = before.rsplit('\n').next().unwrap_or_default();
    Spot {
        line: before.matches('\n').count() + 1,
        column: line.chars().count() + 1,
    }
}

struct JsonWalk<'t> {
    bytes: &'t [u8],
    at: usize,
}

impl JsonWalk<'_> {
    fn next(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn blank(&mut self) {
        while self.next().is_some_and(|byte| byte.is_ascii_whitespace()) {
            self.at += 1;
        }
    }

    fn skip(&mut self) {
        self.at += 1;
        self.blank();
    }

    /// Goes to the value of a step, from the start of the value around it; not if there is none. The
    /// last of several fields of one name counts, as it does for the parser.
    fn enter(&mut self, step: &PathStep) -> bool {
        let (start, mut found, mut index) = (self.at, None, 0);
        let is_object = self.next() == Some(b'{');
        if !is_object && self.next() != Some(b'[') {
            return false;
        }
        self.skip();
        while !matches!(self.next(), None | Some(b'}' | b']')) {
            let named = is_object.then(|| self.key());
            let is_it = match (step, &named) {
                (PathStep::Field(name), Some(key)) => key.as_deref() == Some(name),
                (PathStep::Item(wanted), None) => index == *wanted,
                (PathStep::Field(_), None) | (PathStep::Item(_), Some(_)) => false,
            };
            if is_it {
                found = Some(self.at);
            }
            self.value();
            if self.next() == Some(b',') {
                self.skip();
            }
            index += 1;
        }
        self.at = found.unwrap_or(start);
        found.is_some()
    }

    /// Reads a key and goes to its value.
    fn key(&mut self) -> Option<String> {
        let start = self.at;
        self.text();
        let key = serde_json::from_slice(self.bytes.get(start..self.at)?).ok();
        self.blank();
        self.skip();
        key
    }

    /// Goes behind a text in quotes.
    fn text(&mut self) {
        self.at += 1;
        while let Some(byte) = self.next() {
            self.at += if byte == b'\\' { 2 } else { 1 };
            if byte == b'"' {
                break;
            }
        }
    }

    /// Goes behind a value and the blanks after it.
    fn value(&mut self) {
        let mut depth = 0_usize;
        while let Some(byte) = self.next() {
            match byte {
                b'"' => self.text(),
                b'{' | b'[' => {
                    depth += 1;
                    self.at += 1;
                }
                b'}' | b']' if depth > 0 => {
                    depth -= 1;
                    self.at += 1;
                }
                b'}' | b']' | b',' if depth == 0 => return,
                _ => self.at += 1,
            }
            if depth == 0 && matches!(self.next(), None | Some(b',' | b'}' | b']')) {
                return;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = r#"
{ "a": 1, "b\u0063" : [ "x,}]\"", {"d": [], "é": {"e" : 2} } ],
  "f": {},
  "a": 3
}"#;

    fn path(steps: &[&str]) -> FieldPath {
        steps
            .iter()
            .fold(FieldPath::default(), |path, step| match step.parse() {
                Ok(index) => path.item(index),
                Err(_) => path.field(step),
            })
    }

    fn at(steps: &[&str]) -> (usize, usize) {
        let Spot { line, column } = locate(TEXT, &path(steps));
        (line, column)
    }

    #[test]
    fn fields_are_found_where_they_stand() {
        assert_eq!(at(&[]), (2, 1));
        assert_eq!(at(&["a"]), (4, 8));
        assert_eq!(at(&["bc", "0"]), (2, 25));
        assert_eq!(at(&["bc", "1", "é", "e"]), (2, 57));
        assert_eq!(at(&["f"]), (3, 8));
    }

    #[test]
    fn a_missing_field_is_shown_at_what_misses_it() {
        assert_eq!(at(&["none"]), (2, 1));
        assert_eq!(at(&["f", "none"]), (3, 8));
        assert_eq!(at(&["bc", "7"]), (2, 23));
        assert_eq!(at(&["a", "none"]), (4, 8));
    }
}
