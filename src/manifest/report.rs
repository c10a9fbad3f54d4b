//! Where problems gather while a manifest is read.

use std::collections::BTreeMap;

use super::fields;
use super::problem::{Location, Problem, Problems};
use super::quote::Parsed;
use crate::model::{ConfigKey, Place, Printable};

/// The most problems that are kept. They are counted beyond; a manifest with so many was made to be wrong.
pub(super) const PROBLEMS_MAX: usize = 10_000;

/// Collects problems in any order; [`ProblemReport::finish`] brings them into that of the text.
#[derive(Debug, Default)]
pub(super) struct ProblemReport {
    problems: Problems,
    /// No room is left, and sorting out repetitions makes none.
    full: bool,
    /// Config keys that no examined release of Kafka has.
    unknown_keys: BTreeMap<ConfigKey, Occurrences>,
}

#[derive(Debug)]
struct Occurrences {
    first: Place,
    more: usize,
}

impl ProblemReport {
    pub(super) fn add(&mut self, problem: Problem) {
        if !self.full && self.problems.problems.len() >= PROBLEMS_MAX {
            self.problems.sort();
            self.full = self.problems.problems.len() >= PROBLEMS_MAX;
        }
        if self.full {
            self.problems.omitted += 1;
        } else {
            self.problems.problems.push(problem);
        }
    }

    /// One key in ten thousand topics is one warning.
    pub(super) fn add_unknown_key(&mut self, key: &ConfigKey, place: Place) {
        match self.unknown_keys.get_mut(key) {
            None => {
                self.unknown_keys.insert(
                    key.clone(),
                    Occurrences {
                        first: place,
                        more: 0,
                    },
                );
            }
            // Text repeated through an alias stands in one place.
            Some(seen) if seen.first == place => {}
            Some(seen) => {
                seen.more += 1;
                if place < seen.first {
                    seen.first = place;
                }
            }
        }
    }

    pub(super) fn has_errors(&self) -> bool {
        self.problems.has_errors()
    }

    /// Everything that was found, in order, with the lines that may be shown.
    pub(super) fn finish(mut self, files: &[Parsed<'_>]) -> Problems {
        for (key, seen) in std::mem::take(&mut self.unknown_keys) {
            self.add(unknown_key(&key, seen, files));
        }
        for problem in &mut self.problems.problems {
            keep_inside(&mut problem.location, files);
        }
        self.problems.sort();
        for problem in &mut self.problems.problems {
            if let Location::Place(place) = &problem.location
                && let Some(file) = file_of(files, &place.file)
            {
                problem.excerpt = file.excerpt(place.line, place.column);
            }
        }
        self.problems
    }
}

/// The parser notices some things only at the end of the text, and calls the line after the last one
/// their place. Nobody finds anything there.
fn keep_inside(location: &mut Location, files: &[Parsed<'_>]) {
    if let Location::Place(place) = location
        && let Some(file) = file_of(files, &place.file)
    {
        *place = file.text.nearest(place);
    }
}

fn unknown_key(key: &ConfigKey, seen: Occurrences, files: &[Parsed<'_>]) -> Problem {
    let file = file_of(files, &seen.first.file);
    let shown = file.is_none_or(|file| file.may_show(seen.first.line, key.as_str()));
    let subject = if shown {
        format!("`{key}`")
    } else {
        "this key".to_owned()
    };
    let elsewhere = match seen.more {
        0 => String::new(),
        1 => " (and in one other place)".to_owned(),
        more => format!(" (and in {more} other places)"),
    };
    let message = format!("{subject}{elsewhere} is no topic config of any Kafka release that topicctl knows");
    Problem::warning(Location::Place(seen.first), message).suggest(fields::meant_config_key(key.as_str()))
}

fn file_of<'f, 't>(files: &'f [Parsed<'t>], name: &Printable) -> Option<&'f Parsed<'t>> {
    files.iter().find(|file| file.text.name == *name)
}
