//! Where a declared value comes from: the file, the line, and the layer that won.

use std::fmt;

use serde::Serialize;

use super::printable::Printable;

/// A position in a file. Lines and columns count from 1, columns in characters.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Place {
    /// The file as the user named it.
    pub file: Printable,
    /// Line, from 1.
    pub line: u32,
    /// Column in characters, from 1.
    pub column: u32,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.file, self.line, self.column)
    }
}

/// The layers of a manifest, lowest precedence first.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Layer {
    /// `defaults:`
    Defaults,
    /// `profiles.NAME:`
    Profile(Printable),
    /// the topic itself
    Topic,
    /// the topic's own `profiles.NAME:`
    TopicProfile(Printable),
}

impl fmt::Display for Layer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Defaults => f.write_str("defaults"),
            Self::Profile(profile) => write!(f, "profile {profile}"),
            Self::Topic => f.write_str("topic"),
            Self::TopicProfile(profile) => write!(f, "topic, profile {profile}"),
        }
    }
}

/// Where a value was declared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// The position of the value in its file.
    pub place: Place,
    /// The layer that declared it and won over the lower ones.
    pub layer: Layer,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{} ({})", self.place.file, self.place.line, self.layer)
    }
}

/// A value together with where it was declared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Declared<T> {
    /// The effective value.
    pub value: T,
    /// Where it comes from.
    pub origin: Origin,
}

impl<T> Declared<T> {
    /// The same origin with another value.
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Declared<U> {
        Declared {
            value: change(self.value),
            origin: self.origin,
        }
    }
}
