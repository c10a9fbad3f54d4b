//! Globs over whole names, for topics and config keys: `*` and `?`; everything else, dots included,
//! stands for itself. The matching is the `wildmatch` crate's.

use std::fmt;

use serde::{Serialize, Serializer};
use wildmatch::WildMatch;

use super::name::TopicName;

/// A glob over a whole name.
#[derive(Debug, Clone)]
pub struct Pattern {
    text: String,
    matcher: WildMatch,
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for Pattern {}

impl Pattern {
    /// Every text is a pattern; one without `*` and `?` matches exactly itself.
    pub fn new(text: &str) -> Self {
        Self {
            text: text.to_owned(),
            matcher: WildMatch::new(text),
        }
    }

    /// Whether the whole of `name` matches.
    pub fn matches(&self, name: &str) -> bool {
        self.matcher.matches(name)
    }

    /// Whether it can match more than one name.
    pub fn is_glob(&self) -> bool {
        self.text.contains(['*', '?'])
    }

    /// The pattern as it was written.
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl Pattern {
    /// Whether a flag with this pattern means the topic. `flagged`: whether brokers call the topic internal. Such a
    /// topic, and one whose name begins with `_`, is meant by its own name only: a glob is too easily wider than
    /// it was meant to be.
    pub fn covers(&self, name: &TopicName, flagged: bool) -> bool {
        self.matches(name.as_str()) && !(self.is_glob() && name.needs_exact_name(flagged))
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.text)
    }
}

impl Serialize for Pattern {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_covers_the_whole_name_and_a_dot_is_a_dot() {
        let matches = |pattern: &str, name: &str| Pattern::new(pattern).matches(name);
        assert!(matches("dev.*", "dev.orders.v1"));
        assert!(!matches("dev.*", "xdev.orders"));
        assert!(!matches("dev.*", "devXorders"));
        assert!(matches("orders.v?", "orders.v1"));
        assert!(!matches("orders.v?", "orders.v12"));
        assert!(!matches("orders", "orders.v1"));
        assert!(matches("*", ""));
    }
}
