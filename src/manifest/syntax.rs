//! What is wrong with a file's YAML, said to people who did not write the YAML specification.

use super::compose::{DEPTH_MAX, Fatal, Flaw, FlawKind, located};
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
pub(super) fn flaw(file: &Parsed<'_>, flaw: &Flaw) -> Problem {
    let place = at(file, flaw.span.line, flaw.span.column);
    match &flaw.kind {
        FlawKind::DuplicateKey { key, first } => {
            let key = file.quoted(flaw.span, key, "this key");
            let first = file.text.place(first.line, first.column);
            Problem::error(place, format!("{key} stands twice in one mapping"))
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

fn syntax(file: &Parsed<'_>, error: &saphyr_parser::ScanError) -> Problem {
    let span = located(*error.marker(), *error.marker());
    let (message, suggestion) = in_words(error.info());
    Problem::error(at(file, span.line, span.column), message).suggest_if(suggestion)
}

fn in_words(info: &str) -> (String, Option<&'static str>) {
    let plain = |message: &str, suggestion| (message.to_owned(), Some(suggestion));
    match info {
        _ if info.contains("tab") => plain("a tab cannot indent YAML", "indent with spaces"),
        _ => (format!("this is not YAML: {info}"), None),
    }
}
