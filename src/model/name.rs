//! Names as Kafka has them: topics, config keys, brokers. A value of these types is valid by
//! construction, so nobody further in checks again.

use std::fmt;
use std::sync::Arc;

use serde::Serialize;
use thiserror::Error;

/// Kafka's limit on the length of a topic name, in bytes (`org.apache.kafka.common.internals.Topic`).
pub const TOPIC_NAME_MAX: usize = 249;

/// The full name of a topic, as the cluster knows it (prefix included).
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct TopicName(Arc<str>);

/// Why Kafka would refuse a topic name.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum InvalidTopicName {
    /// The name has no characters.
    #[error("a topic name cannot be empty")]
    Empty,
    /// `.` and `..` are refused by every broker.
    #[error("`.` and `..` are not topic names")]
    Dots,
    /// The name is longer than [`TOPIC_NAME_MAX`].
    #[error("a topic name has at most {TOPIC_NAME_MAX} characters; this one has {0}")]
    TooLong(usize),
    /// A character outside `[a-zA-Z0-9._-]`.
    #[error("a topic name has only letters, digits, `.`, `_` and `-`; {0:?} is none of these")]
    Character(char),
}

impl TopicName {
    /// Checks Kafka's rule for topic names: 1 to 249 of `[a-zA-Z0-9._-]`, neither `.` nor `..`.
    pub fn new(name: &str) -> Result<Self, InvalidTopicName> {
        if name.is_empty() {
            return Err(InvalidTopicName::Empty);
        }
        if name == "." || name == ".." {
            return Err(InvalidTopicName::Dots);
        }
        let legal = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
        if let Some(character) = name.chars().find(|c| !legal(*c)) {
            return Err(InvalidTopicName::Character(character));
        }
        if name.len() > TOPIC_NAME_MAX {
            return Err(InvalidTopicName::TooLong(name.len()));
        }
        Ok(Self(name.into()))
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The form under which Kafka's metrics know the topic. Two topics that share it collide there,
    /// which is why brokers warn of names that differ only by `.` and `_`.
    pub fn metric_name(&self) -> String {
        self.0.replace('.', "_")
    }
}

impl fmt::Display for TopicName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl fmt::Debug for TopicName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&*self.0, f)
    }
}

impl std::borrow::Borrow<str> for TopicName {
    fn borrow(&self) -> &str {
        &self.0
    }
}

/// The name of a topic config, such as `retention.ms`. A string and not an enum, since brokers
/// (and vendors) add keys.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct ConfigKey(Arc<str>);

/// Why a text is no config key.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum InvalidConfigKey {
    /// The key has no characters.
    #[error("a config key cannot be empty")]
    Empty,
    /// White space or a control character.
    #[error("a config key has no {0:?} in it")]
    Character(char),
}

impl ConfigKey {
    /// Accepts any text that could be a key on some broker: not empty, no white space.
    pub fn new(key: &str) -> Result<Self, InvalidConfigKey> {
        if key.is_empty() {
            return Err(InvalidConfigKey::Empty);
        }
        let odd = |c: &char| c.is_whitespace() || c.is_control();
        match key.chars().find(odd) {
            Some(character) => Err(InvalidConfigKey::Character(character)),
            None => Ok(Self(key.into())),
        }
    }

    /// The key as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Throttles belong to whoever is moving replicas right now; touching them slows or floods a
    /// cluster in the middle of somebody's work, so they are never drift unless declared.
    pub fn is_replication_throttle(&self) -> bool {
        matches!(
            self.as_str(),
            "leader.replication.throttled.replicas" | "follower.replication.throttled.replicas"
        )
    }
}

impl fmt::Display for ConfigKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl fmt::Debug for ConfigKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&*self.0, f)
    }
}

impl std::borrow::Borrow<str> for ConfigKey {
    fn borrow(&self) -> &str {
        &self.0
    }
}

/// A broker's `node.id`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct BrokerId(pub i32);

impl fmt::Display for BrokerId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn topic_names_follow_kafkas_rule() {
        for good in ["a", "dev.x-y_z.v1", "__consumer_offsets", &"a".repeat(249)] {
            assert!(TopicName::new(good).is_ok(), "{good}");
        }
        let refused = |name: &str| TopicName::new(name).unwrap_err().to_string();
        assert_eq!(refused(""), "a topic name cannot be empty");
        assert_eq!(refused(".."), "`.` and `..` are not topic names");
        assert_eq!(
            refused(&"a".repeat(250)),
            "a topic name has at most 249 characters; this one has 250"
        );
        assert_eq!(
            refused("a b"),
            "a topic name has only letters, digits, `.`, `_` and `-`; ' ' is none of these"
        );
    }

    #[test]
    fn names_that_differ_only_by_dot_and_underscore_share_a_metric_name() {
        let metric = |name| TopicName::new(name).unwrap().metric_name();
        assert_eq!(metric("a.b_c"), metric("a_b.c"));
        assert_ne!(metric("a-b"), metric("a_b"));
    }

    #[test]
    fn config_keys_have_no_white_space() {
        assert!(ConfigKey::new("retention.ms").is_ok());
        assert!(ConfigKey::new("confluent.placement.constraints").is_ok());
        assert!(ConfigKey::new("retention ms").is_err());
        assert!(ConfigKey::new("").is_err());
    }
}
