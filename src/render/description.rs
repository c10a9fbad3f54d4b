//! What `describe` shows, and how much of it.

use std::collections::{BTreeMap, BTreeSet};

use crate::inspect::TopicDescription;
use crate::model::{Broker, BrokerId, RequiredAcl, TopicName};

/// The topics that were asked for.
#[derive(Debug, Clone, Default)]
pub struct Description {
    /// In the order in which they are shown.
    pub topics: Vec<(TopicName, TopicDescription)>,
    /// The brokers that are alive.
    pub brokers: BTreeMap<BrokerId, Broker>,
    /// How much of each topic is shown.
    pub view: View,
}

/// How much of each topic is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum View {
    /// One line, with these columns beside the usual ones.
    Overview(Columns),
    /// Everything.
    Detailed,
}

impl Default for View {
    fn default() -> Self {
        Self::Overview(Columns::default())
    }
}

/// What an overview has beside what every one has: what was read for a filter or for the order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Columns {
    /// How many records there are at most.
    pub records: bool,
    /// The bytes of all replicas.
    pub bytes: bool,
    /// How far the group is behind that is furthest behind.
    pub lag: bool,
}

impl Description {
    /// The rights that this principal lacked.
    pub fn missing_acls(&self) -> BTreeSet<RequiredAcl> {
        let topics = self.topics.iter();
        topics.flat_map(|(_, topic)| topic.missing_acls()).collect()
    }
}
