//! Which requests a cluster offers, as far as a plan depends on it and no validation tells.

use std::fmt;

/// A request that a change needs and that no broker validates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UnvalidatedRequest {
    /// Topics are created with counts that the cluster decides on.
    CreateTopicsByDefaults,
    /// Topics are deleted by id.
    DeleteTopics,
    /// Replicas are moved, and moves are taken back.
    AlterPartitionReassignments,
    /// Which replicas are being moved is read before others are.
    ListPartitionReassignments,
}

/// A request that the cluster does not offer (`ApiVersions`), in no version that does what is needed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct NotOffered {
    /// The request, by its Kafka name.
    pub request: &'static str,
    /// The first Kafka release that has it.
    pub since: &'static str,
}

impl fmt::Display for NotOffered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "the cluster does not offer {} (Kafka {})",
            self.request, self.since
        )
    }
}
