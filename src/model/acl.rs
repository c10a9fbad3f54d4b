//! Rights, in the words of Kafka's ACLs: what a principal has to be allowed to do, and to what.

use std::fmt;

use super::name::TopicName;
use super::printable::Printable;

/// What may be done to a resource, as Kafka's authorizer knows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AclOperation {
    /// See that a topic or group exists, and what stands in it: partitions, offsets, lag. Without it a topic
    /// is hidden. On the cluster: see the brokers' disks, reassignments and all groups.
    Describe,
    /// Read configs.
    DescribeConfigs,
    /// Create topics: one, or on the cluster any.
    Create,
    /// Add partitions to a topic; on the cluster, move replicas.
    Alter,
    /// Set and reset configs.
    AlterConfigs,
    /// Delete.
    Delete,
    /// Read records, or commit as a group.
    Read,
    /// Write records.
    Write,
}

/// Kafka's own name, as `kafka-acls --operation` takes it.
impl fmt::Display for AclOperation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Describe => "Describe",
            Self::DescribeConfigs => "DescribeConfigs",
            Self::Create => "Create",
            Self::Alter => "Alter",
            Self::AlterConfigs => "AlterConfigs",
            Self::Delete => "Delete",
            Self::Read => "Read",
            Self::Write => "Write",
        })
    }
}

/// What something may be done to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AclResource {
    /// The cluster as a whole.
    Cluster,
    /// A consumer group, by its id.
    Group(Printable),
    /// A topic, by its full name.
    Topic(TopicName),
}

impl fmt::Display for AclResource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cluster => f.write_str("the cluster"),
            Self::Group(group) => write!(f, "group {group}"),
            Self::Topic(topic) => write!(f, "topic {topic}"),
        }
    }
}

/// A right: `AlterConfigs on topic orders`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RequiredAcl {
    /// What has to be allowed.
    pub operation: AclOperation,
    /// On what.
    pub resource: AclResource,
}

impl RequiredAcl {
    /// The right to do something to a topic.
    pub fn on_topic(operation: AclOperation, topic: &TopicName) -> Self {
        Self {
            operation,
            resource: AclResource::Topic(topic.clone()),
        }
    }

    /// The right to do something with a consumer group.
    pub fn on_group(operation: AclOperation, group: &str) -> Self {
        Self {
            operation,
            resource: AclResource::Group(group.into()),
        }
    }

    /// The right to do something to the cluster.
    pub fn on_cluster(operation: AclOperation) -> Self {
        Self {
            operation,
            resource: AclResource::Cluster,
        }
    }
}

impl fmt::Display for RequiredAcl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} on {}", self.operation, self.resource)
    }
}
