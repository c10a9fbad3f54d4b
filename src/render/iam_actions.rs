//! How a right that was missing is granted on AWS MSK with IAM: the action that a policy has to allow.
//! <https://docs.aws.amazon.com/msk/latest/developerguide/kafka-actions.html>

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{AclOperation, AclResource, RequiredAcl};

/// What stands above the lines.
pub(super) const HEADING: &str = "Rights were missing. The principal's IAM policy grants them with:";

/// The action for one right, with what it is needed on.
pub(super) fn line(right: &RequiredAcl) -> String {
    format!("{} on {}", action(right), right.resource)
}

/// One line for each action, with everything that it is needed on.
pub(super) fn lines(rights: &BTreeSet<RequiredAcl>) -> Vec<String> {
    let mut together: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for right in rights {
        together
            .entry(action(right))
            .or_default()
            .push(right.resource.to_string());
    }
    let line = |(action, resources): (&str, Vec<String>)| format!("{action} on {}", resources.join(", "));
    together.into_iter().map(line).collect()
}

fn action(right: &RequiredAcl) -> &'static str {
    match &right.resource {
        AclResource::Cluster => on_cluster(right.operation),
        AclResource::Group(_) => match right.operation {
            AclOperation::Delete => "kafka-cluster:DeleteGroup",
            AclOperation::Read | AclOperation::Write | AclOperation::Alter | AclOperation::Create => {
                "kafka-cluster:AlterGroup"
            }
            AclOperation::Describe | AclOperation::DescribeConfigs | AclOperation::AlterConfigs => {
                "kafka-cluster:DescribeGroup"
            }
        },
        AclResource::Topic(_) => on_topic(right.operation),
    }
}

fn on_topic(operation: AclOperation) -> &'static str {
    match operation {
        AclOperation::Describe => "kafka-cluster:DescribeTopic",
        AclOperation::DescribeConfigs => "kafka-cluster:DescribeTopicDynamicConfiguration",
        AclOperation::Create => "kafka-cluster:CreateTopic",
        AclOperation::Alter => "kafka-cluster:AlterTopic",
        AclOperation::AlterConfigs => "kafka-cluster:AlterTopicDynamicConfiguration",
        AclOperation::Delete => "kafka-cluster:DeleteTopic",
        AclOperation::Read => "kafka-cluster:ReadData",
        AclOperation::Write => "kafka-cluster:WriteData",
    }
}

fn on_cluster(operation: AclOperation) -> &'static str {
    match operation {
        AclOperation::Describe | AclOperation::Read => "kafka-cluster:DescribeCluster",
        AclOperation::DescribeConfigs => "kafka-cluster:DescribeClusterDynamicConfiguration",
        AclOperation::AlterConfigs => "kafka-cluster:AlterClusterDynamicConfiguration",
        AclOperation::Alter | AclOperation::Delete => "kafka-cluster:AlterCluster",
        // IAM has it on topics only.
        AclOperation::Create => "kafka-cluster:CreateTopic",
        AclOperation::Write => "kafka-cluster:WriteDataIdempotently",
    }
}
