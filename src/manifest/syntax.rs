//! What is wrong with a file's YAML, said to people who did not write the YAML specification.

use saphyr_parser::ScanError;

use super::compose::{DEPTH_MAX, Fatal, FlawKind, YamlFlaw, located};
use super::fields;
use super::problem::{Location, Problem};
use super::quote::Parsed;

/// The problem that ended the reading of a file.
pub(super) fn fatal(file: &Parsed<'_>, fatal: &Fatal) -> Problem {
    match fatal {
        Fatal::Syntax(error) => syntax(file, error),
        Fatal::TooDeep(span) => {
            let message = format!("the file nests more than {DEPTH_MAX} levels deep");
            Problem::error(at(file, span.line, span.column), message)
                .suggest("a manifest has seven levels; look for brackets that are not closed")
        }
        Fatal::TooHeavy(span) => {
            let message = "the file declares more than a manifest may hold, counting what aliases repeat";
            Problem::error(at(file, span.line, span.column), message)
                .suggest("state what topics share in `defaults` instead of repeating it, or split the file")
        }
        Fatal::AliasInsideItself(span) => Problem::error(
            at(file, span.line, span.column),
            "this alias stands inside what it stands for",
        )
        .suggest("write the value out"),
    }
}

/// A problem with YAML that leaves the rest of the file readable.
pub(super) fn flaw(file: &Parsed<'_>, flaw: &YamlFlaw) -> Problem {
    let place = at(file, flaw.span.line, flaw.span.column);
    match &flaw.kind {
        FlawKind::DuplicateKey { key, first } => {
            let key = if fields::is_given(key) {
                format!("`{key}`")
            } else {
                file.quoted(flaw.span, key, "this key")
            };
            let first = file.text.place(first.line, first.column);
            Problem::error(place, format!("{key} is stated twice in one mapping"))
                .related("first at", &first)
                .suggest("keep one of the two")
        }
        FlawKind::KeyIsNoText(noun) => Problem::error(place, format!("a key must be text, not {noun}"))
            .suggest("write `key: value`; text with `{`, `[`, `*` or `&` in front needs quotes"),
        FlawKind::MergeKey => Problem::error(
            place,
            "`<<` merges nothing here: merge keys are not part of YAML 1.2",
        )
        .suggest("state what topics share in `defaults` or in a profile"),
        FlawKind::Tag => Problem::error(place, "YAML tags mean nothing here")
            .suggest("remove the `!…`; quotes make a value text, fields know their own type"),
        FlawKind::SecondDocument => {
            Problem::error(place, "a second YAML document begins here; a manifest is one")
                .suggest("put it into a file of its own: `--file` can be given several times, or a folder")
        }
    }
}

/// A file without anything in it.
pub(super) fn empty(file: &Parsed<'_>) -> Problem {
    Problem::error(Location::File(file.text.name.clone()), "the file is empty")
        .suggest("a manifest begins with `version: 1` and lists its topics under `topics:`")
}

fn at(file: &Parsed<'_>, line: u32, column: u32) -> Location {
    Location::Place(file.text.place(line, column))
}

/// The parser's words are those of the YAML specification, and its position is where it gave up. Neither
/// repeats text of the file.
fn syntax(file: &Parsed<'_>, error: &ScanError) -> Problem {
    let span = located(*error.marker(), *error.marker());
    let (mut line, mut column) = (span.line, span.column);
    let info = error.info();
    if info.contains("tab") {
        (line, column) = first_tab(file, line).unwrap_or((line, column));
    } else if info == "simple key expect ':'" {
        (line, column) = line_before(file, line).unwrap_or((line, column));
    }
    match in_words(info) {
        Some((message, suggestion)) => Problem::error(at(file, line, column), message).suggest(suggestion),
        None => Problem::error(at(file, line, column), format!("this is not YAML: {info}")),
    }
}

/// The first line from here on that a tab indents.
fn first_tab(file: &Parsed<'_>, from: u32) -> Option<(u32, u32)> {
    let last = file.text.lines();
    (from..=last).find_map(|number| {
        let line = file.text.line(number);
        let indentation = line.len() - line.trim_start().len();
        let tab = line[..indentation].find('\t')?;
        Some((number, u32::try_from(tab).unwrap_or(u32::MAX).saturating_add(1)))
    })
}

/// The last line before this one that says anything, and where it begins.
fn line_before(file: &Parsed<'_>, number: u32) -> Option<(u32, u32)> {
    (1..number).rev().find_map(|number| {
        let line = file.text.line(number);
        let text = line.trim_start();
        let column = u32::try_from(line.len() - text.len())
            .unwrap_or(u32::MAX)
            .saturating_add(1);
        (!text.is_empty() && !text.starts_with('#')).then_some((number, column))
    })
}

const INDENTATION: (&str, &str) = (
    "this line does not fit to what is above it",
    "is the indentation right? fields of one thing stand in one column",
);
const BRACKET: (&str, &str) = (
    "a bracket that opens here or above is not closed",
    "close it; inside `{…}` a variable needs quotes: `\"${NAME}\"`",
);
const QUOTES: (&str, &str) = (
    "the quotes that open here are not closed",
    "close them, or remove them",
);

/// What the parser means, and what to do about it; `None` for what nobody has come across. Long because it is a
/// table.
fn in_words(info: &str) -> Option<(&'static str, &'static str)> {
    Some(match info {
        _ if info.contains("tab") => ("a tab cannot indent YAML", "indent with spaces"),
        _ if info.starts_with("unexpected character") => (
            "a value cannot begin with this character",
            "put the value into quotes",
        ),
        "mapping values are not allowed in this context" => (
            "a field cannot begin here",
            "is the indentation right? a value with `: ` in it needs quotes",
        ),
        "simple key expect ':'" | "simple key expected" => (
            "this is no field",
            "write `field: value`, with a colon and a space after it",
        ),
        "did not find expected <document start>"
        | "invalid indentation"
        | "while parsing a block mapping, did not find expected key"
        | "while parsing a block collection, did not find expected '-' indicator" => INDENTATION,
        "while parsing a flow mapping, did not find expected ',' or '}'"
        | "while parsing a flow sequence, expected ',' or ']'"
        | "illegal placement of ':' indicator"
        | "invalid indentation in flow construct"
        | "while parsing a node, did not find expected node content" => BRACKET,
        "misplaced bracket" => (
            "no bracket was opened that this one could close",
            "remove it, or put the value into quotes",
        ),
        "invalid indentation in quoted scalar"
        | "while scanning a quoted scalar, found unexpected end of stream" => QUOTES,
        "while parsing node, found unknown anchor" => (
            "nothing above is named like this alias",
            "name it with `&name` where it stands first; text that begins with `*` needs quotes",
        ),
        "while scanning an anchor or alias, did not find expected alphabetic or numeric character" => (
            "`*` and `&` have a meaning of their own in YAML",
            "put a value that begins with one of them into quotes: `\"*\"`",
        ),
        "while parsing a quoted scalar, found unknown escape character" => (
            "there is an unknown escape in these quotes",
            "write `\\\\` for a backslash, or use single quotes, which have no escapes",
        ),
        "recursion limit exceeded" => (
            "the file nests too deeply",
            "look for brackets that are not closed",
        ),
        _ => return None,
    })
}
