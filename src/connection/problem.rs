//! What is wrong with client properties. A property is named and its place is said; its value never is.

use std::fmt;

use crate::model::{Origin, Printable};

/// Where a property was given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PropertyOrigin {
    /// Under `client` of a manifest.
    Manifest(Origin),
    /// In a properties file.
    File {
        /// The file as the user named it.
        file: Printable,
        /// The line, from 1.
        line: u32,
    },
}

impl PropertyOrigin {
    /// Whether a manifest says so, which is not the operator's word.
    pub fn is_manifests(&self) -> bool {
        matches!(self, Self::Manifest(_))
    }

    /// Which of two properties that exclude each other counts: a file that was named for this run beats
    /// the manifest, a profile beats `defaults`.
    pub(super) fn precedence(&self) -> (bool, Option<&crate::model::Layer>) {
        match self {
            Self::Manifest(origin) => (false, Some(&origin.layer)),
            Self::File { .. } => (true, None),
        }
    }
}

impl fmt::Display for PropertyOrigin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Manifest(origin) => origin.fmt(f),
            Self::File { file, line } => write!(f, "{file}:{line}"),
        }
    }
}

/// Something about the properties that stops the run, or that people should know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PropertyProblem {
    /// Whether the run cannot go on.
    pub is_error: bool,
    /// Where; for a property that is missing, where the one is that asks for it.
    pub origin: PropertyOrigin,
    /// What, with the property's name.
    pub message: String,
    /// What to do.
    pub suggestion: Option<String>,
}

impl PropertyProblem {
    pub(super) fn error(origin: &PropertyOrigin, message: impl Into<String>) -> Self {
        Self {
            is_error: true,
            origin: origin.clone(),
            message: message.into(),
            suggestion: None,
        }
    }

    pub(super) fn warning(origin: &PropertyOrigin, message: impl Into<String>) -> Self {
        Self {
            is_error: false,
            ..Self::error(origin, message)
        }
    }

    #[must_use]
    pub(super) fn suggest(self, suggestion: impl Into<String>) -> Self {
        Self {
            suggestion: Some(suggestion.into()),
            ..self
        }
    }
}

impl fmt::Display for PropertyProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let severity = if self.is_error { "error" } else { "warning" };
        write!(f, "{severity}: {}: {}", self.origin, self.message)?;
        match &self.suggestion {
            Some(suggestion) => write!(f, "\n   = {suggestion}"),
            None => Ok(()),
        }
    }
}

/// Everything about the properties of a run, in the order in which it was found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PropertyProblems(pub Vec<PropertyProblem>);

impl PropertyProblems {
    /// Whether any of them stops the run.
    pub fn has_errors(&self) -> bool {
        self.0.iter().any(|problem| problem.is_error)
    }
}

impl fmt::Display for PropertyProblems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.0.iter().enumerate() {
            if index > 0 {
                f.write_str("\n\n")?;
            }
            problem.fmt(f)?;
        }
        Ok(())
    }
}

impl std::error::Error for PropertyProblems {}
