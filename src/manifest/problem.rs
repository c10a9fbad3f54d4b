//! What is wrong with a manifest, in words and as data. Colours are added elsewhere, from the fields.

use std::fmt;

use crate::model::{Place, Printable};

/// Whether a problem stops the run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Nothing is done until it is mended.
    Error,
    /// It is said, and the run goes on.
    Warning,
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Error => "error",
            Self::Warning => "warning",
        })
    }
}

/// Where a problem is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Location {
    /// The file (or folder) as a whole.
    File(Printable),
    /// A position in a file.
    Place(Place),
}

impl Location {
    /// The file, as the user named it.
    pub fn file(&self) -> &Printable {
        match self {
            Self::File(file) => file,
            Self::Place(place) => &place.file,
        }
    }

    /// The position in the file, if the problem has one.
    pub fn place(&self) -> Option<&Place> {
        match self {
            Self::File(_) => None,
            Self::Place(place) => Some(place),
        }
    }

    /// Problems are told in the order of the text; what concerns a whole file comes first.
    fn order(&self) -> (&str, u32, u32) {
        let (line, column) = self.place().map_or((0, 0), |place| (place.line, place.column));
        (self.file(), line, column)
    }
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(file) => f.pad(file),
            Self::Place(place) => place.fmt(f),
        }
    }
}

/// The line of the file that a problem is about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Excerpt {
    /// There is no line: the problem concerns a whole file.
    None,
    /// The line, made safe to print.
    Line(String),
    /// The line could hold a secret, so it is not repeated.
    Withheld(Withheld),
}

/// Why a line is not repeated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Withheld {
    /// It is under a `client` block.
    Client,
    /// It names a password, secret, token, jaas or key.
    NamesSecret,
    /// The file cannot be parsed, and somewhere it holds one of the above.
    Unparsed,
}

impl fmt::Display for Withheld {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Client => "not shown: text under `client` may be secret",
            Self::NamesSecret => "not shown: it names a password, secret, token, jaas or key",
            Self::Unparsed => "not shown: the file may hold secrets",
        })
    }
}

/// Another place that belongs to a problem: `first declared at topics.yaml:3:5`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Related {
    /// What is there, to be followed by the place: "first declared at".
    pub label: &'static str,
    /// The place.
    pub place: Place,
}

/// One thing that is wrong with a manifest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Whether it stops the run.
    pub severity: Severity,
    /// Where it is.
    pub location: Location,
    /// What is wrong, in one sentence without a full stop.
    pub message: String,
    /// The offending line.
    pub excerpt: Excerpt,
    /// Other places that belong to it.
    pub related: Vec<Related>,
    /// What to do about it.
    pub suggestion: Option<String>,
}

impl Problem {
    pub(super) fn error(location: Location, message: impl Into<String>) -> Self {
        Self {
            severity: Severity::Error,
            location,
            message: message.into(),
            excerpt: Excerpt::None,
            related: Vec::new(),
            suggestion: None,
        }
    }

    pub(super) fn warning(location: Location, message: impl Into<String>) -> Self {
        Self {
            severity: Severity::Warning,
            ..Self::error(location, message)
        }
    }

    #[must_use]
    pub(super) fn suggest(mut self, suggestion: impl Into<String>) -> Self {
        self.suggestion = Some(suggestion.into());
        self
    }

    #[must_use]
    pub(super) fn suggest_if(self, suggestion: Option<impl Into<String>>) -> Self {
        match suggestion {
            Some(suggestion) => self.suggest(suggestion),
            None => self,
        }
    }

    #[must_use]
    pub(super) fn related(mut self, label: &'static str, place: &Place) -> Self {
        self.related.push(Related {
            label,
            place: place.clone(),
        });
        self
    }
}

/// As a compiler would say it:
///
/// ```text
/// error: topics.yaml:12:5: unknown field `partition` in a topic
///    |     partition: 3
///    = did you mean `partitions`?
/// ```
impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}: {}", self.severity, self.location, self.message)?;
        match &self.excerpt {
            Excerpt::None => {}
            Excerpt::Line(line) => write!(f, "\n   | {line}")?,
            Excerpt::Withheld(why) => write!(f, "\n   | ({why})")?,
        }
        for related in &self.related {
            write!(f, "\n   = {} {}", related.label, related.place)?;
        }
        match &self.suggestion {
            Some(suggestion) => write!(f, "\n   = {suggestion}"),
            None => Ok(()),
        }
    }
}

/// Everything that is wrong, in the order of the text, errors and warnings together.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Problems {
    /// The problems.
    pub problems: Vec<Problem>,
    /// How many more there are than are kept. Only a file made to be wrong has so many.
    pub omitted: usize,
}

impl Problems {
    /// Whether any of them stops the run.
    pub fn has_errors(&self) -> bool {
        self.problems
            .iter()
            .any(|problem| problem.severity == Severity::Error)
    }

    /// How many there are of one severity, among those that are kept.
    pub fn count(&self, severity: Severity) -> usize {
        self.problems
            .iter()
            .filter(|problem| problem.severity == severity)
            .count()
    }

    /// In the order of the text, each once: text that is used in many places through a YAML alias is
    /// wrong once.
    pub(super) fn sort(&mut self) {
        self.problems.sort_by(|one, other| {
            let key = |problem: &Problem| problem.severity;
            (one.location.order(), key(one), &one.message, &one.related).cmp(&(
                other.location.order(),
                key(other),
                &other.message,
                &other.related,
            ))
        });
        self.problems.dedup();
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.problems.iter().enumerate() {
            if index > 0 {
                f.write_str("\n\n")?;
            }
            problem.fmt(f)?;
        }
        match self.omitted {
            0 => Ok(()),
            omitted => write!(f, "\n\n… and {omitted} more"),
        }
    }
}

impl std::error::Error for Problems {}
