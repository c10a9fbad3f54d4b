//! Services that are not Apache Kafka, as far as their public source and documentation tell of habits that matter to a
//! plan. `docs/compatibility.md` names where each comes from.

use kafka_protocol::messages::ApiKey;

use super::rules::{Chains, Dialect};

/// What no broker but Apache Kafka's tells.
const KAFKA_ONLY: [ApiKey; 6] = [
    ApiKey::DescribeQuorum,
    ApiKey::DescribeTopicPartitions,
    ApiKey::ConsumerGroupDescribe,
    ApiKey::ShareGroupDescribe,
    ApiKey::DescribeShareGroupOffsets,
    ApiKey::ElectLeaders,
];

fn lacking(more: &[ApiKey]) -> Vec<ApiKey> {
    [&KAFKA_ONLY, more].concat()
}

/// `allowlist_topic_noop_confs`, `create_partitions.cc`, `override_if_not_default` and `handlers.h` of its source.
pub(super) fn redpanda() -> Dialect {
    Dialect {
        cluster_id: Some("redpanda.5f0c2a4e-5b0c-4f3e-9d5b-3d9a4d1b7c11"),
        lacks: lacking(&[ApiKey::DescribeCluster]),
        at_most: vec![(ApiKey::Metadata, 8), (ApiKey::DeleteTopics, 4)],
        has_no_features: true,
        drops: vec![
            "min.insync.replicas",
            "unclean.leader.election.enable",
            "segment.index.bytes",
            "segment.jitter.ms",
            "index.interval.bytes",
            "flush.messages",
            "file.delete.delay.ms",
            "preallocate",
            "leader.replication.throttled.replicas",
            "follower.replication.throttled.replicas",
        ],
        lists: vec![
            ("redpanda.remote.read", "false"),
            ("redpanda.remote.write", "false"),
            ("write.caching", "false"),
        ],
        hides_equal: Some(Chains::HideToo),
        places_growth: Some("Redpanda does not yet support custom partitions assignment"),
        ..Dialect::default()
    }
}

/// Its documentation lists the configs that may be altered; everything is placed by the service.
pub(super) fn msk_serverless() -> Dialect {
    Dialect {
        lacks: lacking(&[
            ApiKey::AlterPartitionReassignments,
            ApiKey::ListPartitionReassignments,
            ApiKey::DescribeLogDirs,
        ]),
        has_no_features: true,
        refuses_to_alter: vec![
            ("cleanup.policy", "Altering cleanup.policy is not allowed"),
            (
                "min.insync.replicas",
                "Altering min.insync.replicas is not allowed",
            ),
        ],
        ..Dialect::default()
    }
}

/// Its documentation lists the topic configs that may be edited; what else is altered is refused by policy.
pub(super) fn confluent_cloud() -> Dialect {
    Dialect {
        lacks: lacking(&[
            ApiKey::AlterPartitionReassignments,
            ApiKey::ListPartitionReassignments,
            ApiKey::DescribeLogDirs,
        ]),
        has_no_features: true,
        lists: vec![
            ("confluent.value.schema.validation", "false"),
            ("confluent.key.schema.validation", "false"),
        ],
        refuses_to_alter: vec![
            (
                "unclean.leader.election.enable",
                "Config property 'unclean.leader.election.enable' with value 'false' exceeded max limit",
            ),
            (
                "preallocate",
                "Altering resource config property 'preallocate' is not allowed",
            ),
        ],
        ..Dialect::default()
    }
}

/// Its documentation names `retention.ms`, `cleanup.policy` and few others, and no requests for reassignments and disks.
pub(super) fn event_hubs() -> Dialect {
    Dialect {
        lacks: lacking(&[
            ApiKey::AlterPartitionReassignments,
            ApiKey::ListPartitionReassignments,
            ApiKey::DescribeLogDirs,
            ApiKey::IncrementalAlterConfigs,
            ApiKey::DescribeCluster,
        ]),
        at_most: vec![
            (ApiKey::Metadata, 7),
            (ApiKey::DeleteTopics, 3),
            (ApiKey::CreateTopics, 3),
        ],
        has_no_features: true,
        lists_only_overrides: true,
        ..Dialect::default()
    }
}

/// Its documentation: no replication of its own, and few configs that count.
pub(super) fn warpstream() -> Dialect {
    Dialect {
        lacks: lacking(&[
            ApiKey::AlterPartitionReassignments,
            ApiKey::ListPartitionReassignments,
            ApiKey::DescribeLogDirs,
        ]),
        has_no_features: true,
        drops: vec![
            "min.insync.replicas",
            "segment.bytes",
            "segment.ms",
            "flush.ms",
            "flush.messages",
        ],
        ..Dialect::default()
    }
}
