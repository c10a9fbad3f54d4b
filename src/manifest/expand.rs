//! `${NAME}`, `${NAME:-default}` and `$$` in values. What a variable holds is a value and never YAML: it
//! is put in after parsing.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::model::{LoginModuleText, Place};

/// A variable of the environment that the manifest reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Variable {
    /// `KAFKA_PASSWORD`.
    pub name: Arc<str>,
    /// Whether it has to be set: some place reads it without a default.
    pub required: bool,
    /// Where it is read.
    pub places: Vec<Place>,
}

/// Where values come from.
pub(super) enum VariableSource<'e> {
    /// The environment, or what a test puts in its place.
    Environment(&'e dyn Fn(&str) -> Option<String>),
    /// Nowhere: defaults count, and what has none stays unknown.
    Defaults,
    /// Nowhere, since the file is not trusted: defaults count, and what has none is an error.
    Untrusted,
}

/// The environment, and what was asked of it.
pub(super) struct Variables<'e> {
    source: VariableSource<'e>,
    read: BTreeMap<Arc<str>, Noted>,
}

struct Noted {
    required: bool,
    places: BTreeSet<Place>,
}

/// What a text amounts to.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Expanded<'t> {
    Text(Cow<'t, str>),
    /// These variables are not set and have no default; the number is the offset of the reference in
    /// characters.
    Unset(Vec<(&'t str, usize)>),
    /// What this variable holds is not UTF-8; the number is the offset of the reference in characters.
    NoText(&'t str, usize),
    /// Variables are not read, so the value cannot be known.
    Unknown,
}

/// A `$` that is no reference.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct MalformedReference {
    /// Of the `$`, in characters.
    pub(super) offset: usize,
    pub(super) why: &'static str,
    pub(super) suggestion: &'static str,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Piece<'t> {
    Literal(&'t str),
    Dollar,
    Variable {
        name: &'t str,
        default: Option<&'t str>,
        offset: usize,
    },
}

impl<'e> Variables<'e> {
    pub(super) fn new(source: VariableSource<'e>) -> Self {
        Self {
            source,
            read: BTreeMap::new(),
        }
    }

    /// As [`Self::expand`], into the text of a login module, where a value stays one value.
    pub(super) fn expand_login_module<'t>(
        &mut self,
        text: &'t str,
        place: impl Fn(&str, usize) -> Place,
    ) -> Result<Expanded<'t>, MalformedReference> {
        let expanded = self.expand(text, place)?;
        if !matches!(expanded, Expanded::Text(Cow::Owned(_))) {
            return Ok(expanded);
        }
        let mut module = LoginModuleText::default();
        for piece in pieces(text)? {
            match piece {
                Piece::Literal(literal) => module.push_written(literal),
                Piece::Dollar => module.push_written("$"),
                Piece::Variable { name, default, .. } => match self.value(name, default) {
                    Some(Cow::Owned(value)) => module.push_value(&value),
                    Some(Cow::Borrowed(default)) => module.push_written(default),
                    None => {}
                },
            }
        }
        Ok(Expanded::Text(Cow::Owned(module.into_text())))
    }

    /// Puts the values of the variables in. `place` is told a variable and the offset of its reference.
    pub(super) fn expand<'t>(
        &mut self,
        text: &'t str,
        place: impl Fn(&str, usize) -> Place,
    ) -> Result<Expanded<'t>, MalformedReference> {
        if !text.contains('$') {
            return Ok(Expanded::Text(Cow::Borrowed(text)));
        }
        for piece in pieces(text)? {
            if let Piece::Variable {
                name,
                default,
                offset,
            } = piece
            {
                self.note(name, default.is_none(), place(name, offset));
            }
        }
        self.peek(text)
    }

    /// As [`Self::expand`], of a text that this run does not need: no variable counts as read.
    pub(super) fn peek<'t>(&self, text: &'t str) -> Result<Expanded<'t>, MalformedReference> {
        if !text.contains('$') {
            return Ok(Expanded::Text(Cow::Borrowed(text)));
        }
        let mut expanded = String::with_capacity(text.len());
        let mut unset = Vec::new();
        for piece in pieces(text)? {
            match piece {
                Piece::Literal(literal) => expanded.push_str(literal),
                Piece::Dollar => expanded.push('$'),
                Piece::Variable {
                    name,
                    default,
                    offset,
                } => match self.value(name, default) {
                    Some(value) if is_no_text(&value) => return Ok(Expanded::NoText(name, offset)),
                    Some(value) => expanded.push_str(&value),
                    None => unset.push((name, offset)),
                },
            }
        }
        Ok(match (&self.source, unset.is_empty()) {
            (_, true) => Expanded::Text(Cow::Owned(expanded)),
            (VariableSource::Environment(_) | VariableSource::Untrusted, false) => Expanded::Unset(unset),
            (VariableSource::Defaults, false) => Expanded::Unknown,
        })
    }

    /// Whether the files may read nothing of the environment.
    pub(super) fn are_of_untrusted(&self) -> bool {
        matches!(self.source, VariableSource::Untrusted)
    }

    /// As in a shell, `:-` also fills in for a variable that is set to nothing.
    fn value<'t>(&self, name: &str, default: Option<&'t str>) -> Option<Cow<'t, str>> {
        let set = match self.source {
            VariableSource::Environment(environment) => environment(name),
            VariableSource::Defaults | VariableSource::Untrusted => None,
        };
        match (set, default) {
            (Some(value), None) => Some(Cow::Owned(value)),
            (Some(value), Some(_)) if !value.is_empty() => Some(Cow::Owned(value)),
            (_, Some(default)) => Some(Cow::Borrowed(default)),
            (None, None) => None,
        }
    }

    fn note(&mut self, name: &str, required: bool, place: Place) {
        if let Some(noted) = self.read.get_mut(name) {
            noted.required |= required;
            noted.places.insert(place);
        } else {
            let noted = Noted {
                required,
                places: BTreeSet::from([place]),
            };
            self.read.insert(name.into(), noted);
        }
    }

    /// Every variable that was read, in the order of their names.
    pub(super) fn into_read(self) -> Vec<Variable> {
        let variable = |(name, noted): (Arc<str>, Noted)| Variable {
            name,
            required: noted.required,
            places: noted.places.into_iter().collect(),
        };
        self.read.into_iter().map(variable).collect()
    }
}

/// Whoever reads the environment puts this character in the place of what is not UTF-8.
pub(super) fn is_no_text(value: &str) -> bool {
    value.contains(char::REPLACEMENT_CHARACTER)
}

/// Finds fault with the `$` of a text whose variables are nobody's business now.
pub(super) fn check(text: &str) -> Result<(), MalformedReference> {
    if text.contains('$') {
        pieces(text).map(drop)
    } else {
        Ok(())
    }
}

/// Whether the text waits for a variable, or would if its profile were chosen.
pub(super) fn refers(text: &str) -> bool {
    text.contains("${")
}

/// Whether a variable is put into the text.
pub(super) fn reads(text: &str) -> bool {
    let is_variable = |piece: &Piece<'_>| matches!(piece, Piece::Variable { .. });
    pieces(text).is_ok_and(|pieces| pieces.iter().any(is_variable))
}

/// The variables that a text refers to, with the offsets of the references in characters.
pub(super) fn references(text: &str) -> Vec<(&str, usize)> {
    if !refers(text) {
        return Vec::new();
    }
    let mut references = Vec::new();
    for piece in pieces(text).unwrap_or_default() {
        if let Piece::Variable { name, offset, .. } = piece {
            references.push((name, offset));
        }
    }
    references
}

/// Whether nothing of the text itself comes to be in the value: it consists of variables, and no default holds
/// anything but the name of a file.
pub(super) fn is_all_from_elsewhere(text: &str) -> bool {
    let is_from_elsewhere = |piece: &Piece<'_>| match piece {
        Piece::Variable { default, .. } => {
            default.is_none_or(|default| default.is_empty() || default.starts_with("file:"))
        }
        Piece::Literal(_) | Piece::Dollar => false,
    };
    pieces(text).is_ok_and(|pieces| !pieces.is_empty() && pieces.iter().all(is_from_elsewhere))
}

fn pieces(text: &str) -> Result<Vec<Piece<'_>>, MalformedReference> {
    let mut pieces = Vec::new();
    let mut rest = text;
    let mut offset = 0;
    while let Some(dollar) = rest.find('$') {
        if dollar > 0 {
            pieces.push(Piece::Literal(&rest[..dollar]));
        }
        offset += rest[..dollar].chars().count();
        let start = &rest[dollar..];
        let after = &rest[dollar + 1..];
        rest = if let Some(after) = after.strip_prefix('$') {
            pieces.push(Piece::Dollar);
            after
        } else {
            let (piece, after) = reference(after, offset)?;
            pieces.push(piece);
            after
        };
        offset += start[..start.len() - rest.len()].chars().count();
    }
    if !rest.is_empty() {
        pieces.push(Piece::Literal(rest));
    }
    Ok(pieces)
}

const ALONE: (&str, &str) = (
    "a `$` stands alone",
    "write `$$` for a dollar, `${NAME}` for a variable",
);
const UNCLOSED: (&str, &str) = ("`${` has no closing `}`", "write `${NAME}`, or `$$` for a dollar");
const NESTED: (&str, &str) = (
    "a default cannot hold a variable or a dollar",
    "use one variable with a plain default",
);
const NO_NAME: (&str, &str) = (
    "this is no reference to a variable",
    "write `${NAME}` or `${NAME:-default}`, with letters, digits and `_` in the name; `$$` is a dollar",
);

/// The reference after a `$` that stands `offset` characters into a text, and what follows it.
fn reference(after_dollar: &str, offset: usize) -> Result<(Piece<'_>, &str), MalformedReference> {
    let malformed = |(why, suggestion)| MalformedReference {
        offset,
        why,
        suggestion,
    };
    let inside = after_dollar.strip_prefix('{').ok_or_else(|| malformed(ALONE))?;
    let (reference, rest) = inside.split_once('}').ok_or_else(|| malformed(UNCLOSED))?;
    let (name, default) = match reference.split_once(":-") {
        Some((name, default)) => (name, Some(default)),
        None => (reference, None),
    };
    if default.is_some_and(|default| default.contains('$')) {
        return Err(malformed(NESTED));
    }
    if !is_name(name) {
        return Err(malformed(NO_NAME));
    }
    Ok((
        Piece::Variable {
            name,
            default,
            offset,
        },
        rest,
    ))
}

fn is_name(name: &str) -> bool {
    !name.starts_with(|c: char| c.is_ascii_digit())
        && !name.is_empty()
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn expanded(text: &str) -> String {
        let environment = |name: &str| match name {
            "SET" => Some("value".to_owned()),
            "EMPTY" => Some(String::new()),
            "LATIN" => Some("caf\u{fffd}".to_owned()),
            _ => None,
        };
        let mut variables = Variables::new(VariableSource::Environment(&environment));
        let place = |_: &str, _| Place {
            file: "f".into(),
            line: 1,
            column: 1,
        };
        match variables.expand(text, place) {
            Ok(Expanded::Text(text)) => text.into_owned(),
            Ok(Expanded::Unset(unset)) => format!("unset {unset:?}"),
            Ok(Expanded::NoText(name, offset)) => format!("{name} is no text at {offset}"),
            Ok(Expanded::Unknown) => "unknown".to_owned(),
            Err(malformed) => format!("{} at {}", malformed.why, malformed.offset),
        }
    }

    #[test]
    fn variables_and_defaults_are_put_in_as_a_shell_would() {
        assert_eq!(expanded("a ${SET} b"), "a value b");
        assert_eq!(expanded("${SET}${SET}"), "valuevalue");
        assert_eq!(expanded("${SET:-x}"), "value");
        assert_eq!(expanded("${EMPTY}"), "");
        assert_eq!(expanded("${EMPTY:-x}"), "x");
        assert_eq!(expanded("${UNSET:-localhost:9092}"), "localhost:9092");
        assert_eq!(expanded("${UNSET:-}"), "");
        assert_eq!(expanded("$${SET} costs 5$$"), "${SET} costs 5$");
        assert_eq!(expanded("a${LATIN}"), "LATIN is no text at 1");
        assert_eq!(expanded("${LATIN:-x}"), "LATIN is no text at 0");
        assert_eq!(expanded("ü${A}${B}"), r#"unset [("A", 1), ("B", 5)]"#);
    }

    #[test]
    fn a_dollar_that_is_no_reference_is_found() {
        assert_eq!(expanded("5$"), "a `$` stands alone at 1");
        assert_eq!(expanded("$SET"), "a `$` stands alone at 0");
        assert_eq!(expanded("ab${SET"), "`${` has no closing `}` at 2");
        assert_eq!(expanded("${}"), "this is no reference to a variable at 0");
        assert_eq!(expanded("${1A}"), "this is no reference to a variable at 0");
        assert_eq!(expanded("${A-b}"), "this is no reference to a variable at 0");
        assert_eq!(
            expanded("${A:-${B}}"),
            "a default cannot hold a variable or a dollar at 0"
        );
    }

    #[test]
    fn without_an_environment_defaults_count_and_the_rest_is_unknown() {
        let mut variables = Variables::new(VariableSource::Defaults);
        let place = |_: &str, offset| Place {
            file: "f".into(),
            line: 1,
            column: 1 + u32::try_from(offset).unwrap(),
        };
        assert_eq!(variables.expand("${A:-x}${B}", place), Ok(Expanded::Unknown));
        assert_eq!(variables.expand("and ${A}", place), Ok(Expanded::Unknown));
        assert_eq!(variables.expand("${C:-c}", place), Ok(Expanded::Text("c".into())));
        let read = variables.into_read();
        let summary: Vec<_> = read
            .iter()
            .map(|v| (&*v.name, v.required, v.places.len()))
            .collect();
        assert_eq!(summary, [("A", true, 2), ("B", true, 1), ("C", false, 1)]);
    }

    #[test]
    fn a_file_that_is_not_trusted_reads_nothing() {
        let mut variables = Variables::new(VariableSource::Untrusted);
        let place = |_: &str, _| Place {
            file: "f".into(),
            line: 1,
            column: 1,
        };
        assert_eq!(
            variables.expand("${HOME:-x}", place),
            Ok(Expanded::Text("x".into()))
        );
        assert_eq!(
            variables.expand("a${HOME}", place),
            Ok(Expanded::Unset(vec![("HOME", 1)]))
        );
    }

    #[test]
    fn only_variables_read_the_environment() {
        assert!(reads("${A}") && reads("a${A:-b}c"));
        assert!(!reads("$${A}") && !reads("a") && !reads("${A"));
    }

    proptest! {
        #[test]
        fn no_text_panics(text in "[ab$ü{}:-]{0,20}") {
            let _ = pieces(&text);
        }

        #[test]
        fn text_with_doubled_dollars_comes_back(text in ".*") {
            prop_assert_eq!(expanded(&text.replace('$', "$$")), text);
        }
    }
}
