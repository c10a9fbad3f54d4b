//! What is known of something that a cluster can be asked: the one shape of "not known".

use std::fmt;

use super::acl::RequiredAcl;
use super::printable::Printable;

/// Something that was read, or why it was not.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Reading<T> {
    /// It was read.
    Read(T),
    /// Nobody needed it.
    #[default]
    NotAsked,
    /// The cluster has no such thing.
    Absent,
    /// It could not be read, and why. Never the same as absent.
    Failed(ReadError),
}

impl<T> Reading<T> {
    /// What was read, if it was.
    pub fn read(&self) -> Option<&T> {
        match self {
            Self::Read(read) => Some(read),
            Self::NotAsked | Self::Absent | Self::Failed(_) => None,
        }
    }

    /// What kept it from being read.
    pub fn failure(&self) -> Option<&ReadError> {
        match self {
            Self::Failed(error) => Some(error),
            Self::Read(_) | Self::NotAsked | Self::Absent => None,
        }
    }
}

/// What kept something from being read or done.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ReadError {
    /// What happened, in the broker's words where there are any.
    pub words: Printable,
    /// The right that this principal lacks, if that is what it was.
    pub missing: Option<RequiredAcl>,
}

impl ReadError {
    /// The same, with what it kept from being done.
    #[must_use]
    pub fn in_context(self, what: impl fmt::Display) -> Self {
        Self {
            words: format!("{what}: {}", self.words).into(),
            ..self
        }
    }
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.words)
    }
}

impl<T: Into<Printable>> From<T> for ReadError {
    fn from(words: T) -> Self {
        Self {
            words: words.into(),
            missing: None,
        }
    }
}
