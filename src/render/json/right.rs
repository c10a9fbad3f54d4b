//! Rights that were missing.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::Serialize;

use crate::model::{AclOperation, AclResource, RequiredAcl};
use crate::render::{Header, grants};

/// A right that this principal lacks, by which something could not be read or done.
#[derive(Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(super) struct MissingRight {
    /// What has to be allowed, in Kafka's own words.
    operation: Operation,
    /// What kind of thing it is to be allowed on.
    resource: Resource,
    /// The name of the topic or group; null for the cluster.
    name: Option<String>,
    /// The command that grants it. `User:PRINCIPAL` stands for whoever runs topicctl, where no user name of a
    /// login says it.
    grant: String,
}

impl MissingRight {
    pub(super) fn all(rights: &BTreeSet<RequiredAcl>, header: &Header) -> Vec<Self> {
        rights.iter().map(|right| Self::new(right, header)).collect()
    }

    fn new(right: &RequiredAcl, header: &Header) -> Self {
        let (resource, name) = match &right.resource {
            AclResource::Cluster => (Resource::Cluster, None),
            AclResource::Group(group) => (Resource::Group, Some(group.to_string())),
            AclResource::Topic(topic) => (Resource::Topic, Some(topic.to_string())),
        };
        Self {
            operation: right.operation.into(),
            resource,
            name,
            grant: grants::line(right, header),
        }
    }
}

/// Kafka's own names of operations, as `kafka-acls --operation` takes them.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "AclOperation")]
enum Operation {
    /// See that it exists, and what stands in it.
    Describe,
    /// Read its configs.
    DescribeConfigs,
    /// Create it.
    Create,
    /// Add partitions.
    Alter,
    /// Set and reset its configs.
    AlterConfigs,
    /// Delete it.
    Delete,
    /// Read records.
    Read,
    /// Write records.
    Write,
}

impl From<AclOperation> for Operation {
    fn from(operation: AclOperation) -> Self {
        match operation {
            AclOperation::Describe => Self::Describe,
            AclOperation::DescribeConfigs => Self::DescribeConfigs,
            AclOperation::Create => Self::Create,
            AclOperation::Alter => Self::Alter,
            AclOperation::AlterConfigs => Self::AlterConfigs,
            AclOperation::Delete => Self::Delete,
            AclOperation::Read => Self::Read,
            AclOperation::Write => Self::Write,
        }
    }
}

/// What a right is about.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "AclResource")]
enum Resource {
    /// The cluster as a whole.
    Cluster,
    /// A consumer group.
    Group,
    /// A topic.
    Topic,
}
