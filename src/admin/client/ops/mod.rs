//! One file for each request of the admin protocol, by the name that Kafka gives it.

pub(crate) mod alter_partition_reassignments;
pub(crate) mod cancel_partition_reassignments;
pub(crate) mod cluster_health;
pub(crate) mod create_partitions;
pub(crate) mod create_topics;
pub(crate) mod delete_topics;
pub(crate) mod describe_broker_configs;
pub(crate) mod describe_configs;
pub(crate) mod describe_log_dirs;
pub(crate) mod describe_quorum;
pub(crate) mod describe_topic_partitions;
pub(crate) mod elect_leaders;
pub(crate) mod fetch_samples;
pub(crate) mod groups;
pub(crate) mod incremental_alter_configs;
pub(crate) mod list_offsets;
pub(crate) mod list_partition_reassignments;
pub(crate) mod metadata;
mod not_offered;
pub(crate) mod replica_ends;
pub(crate) mod validate_create_topics;
