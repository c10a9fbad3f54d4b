//! What is not as it was when a plan was made.

use crate::model::TopicName;

/// Something on which a saved plan rests, and that is not as it was.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Drift {
    /// The topic.
    pub topic: TopicName,
    /// What moved: a config's key, `partitions`, `replication`, `topic id`, `topic`, or `changes`.
    pub what: String,
    /// What the plan was made from.
    pub planned: String,
    /// What is there now.
    pub found: String,
}
