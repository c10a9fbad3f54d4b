//! Kafka's own topics, and configs that a service keeps for itself.

use super::known;
use super::name::{ConfigKey, TopicName};

/// Topics of Kafka itself begin so by convention. Brokers flag only some of them as internal:
/// `__remote_log_metadata` is not (`org.apache.kafka.common.internals.Topic`).
const INTERNAL_PREFIX: &str = "__";

/// Services that speak Kafka's protocol keep topic configs of their own under their name.
const SERVICE_PREFIXES: [&str; 4] = ["automq.", "confluent.", "inkless.", "redpanda."];

impl TopicName {
    /// Whether it is one of Kafka's own topics. `flagged`: whether brokers call it internal.
    pub fn is_internal(&self, flagged: bool) -> bool {
        flagged || self.as_str().starts_with(INTERNAL_PREFIX)
    }

    /// Whether no pattern is meant to cover it: Kafka's own topics, and names that begin with `_`, as those
    /// of its tools do (`_schemas`).
    pub fn needs_exact_name(&self, flagged: bool) -> bool {
        flagged || self.as_str().starts_with('_')
    }
}

impl ConfigKey {
    /// Whether a service that speaks Kafka's protocol owns the key. A key that Kafka itself has is Kafka's.
    pub fn is_owned_by_service(&self) -> bool {
        let mut prefixes = SERVICE_PREFIXES.iter();
        let is_of_service = prefixes.any(|prefix| self.as_str().starts_with(prefix));
        is_of_service && known::lookup(self.as_str()).is_none()
    }
}

/// Topics of Kafka itself whose number of partitions decides where brokers look for something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum MappedTopic {
    /// `__consumer_offsets`: the offsets of a group lie in the partition that the group's name and the number
    /// of partitions give. Brokers take the number when they start (`GroupCoordinatorService.partitionFor`).
    ConsumerOffsets,
    /// `__transaction_state`: the same for transactional ids. A broker that has to load a partition, and finds
    /// another number than when it started, does not load it (`TransactionStateManager`).
    TransactionState,
    /// `__share_group_state`: the same for share groups (`ShareCoordinatorService.partitionFor`).
    ShareGroupState,
    /// `__remote_log_metadata`: brokers with another number in `remote.log.metadata.topic.num.partitions` do not
    /// start tiered storage (`TopicBasedRemoteLogMetadataManager`).
    RemoteLogMetadata,
}

impl MappedTopic {
    /// Which of them has this name, if any.
    pub fn with_name(name: &TopicName) -> Option<Self> {
        match name.as_str() {
            "__consumer_offsets" => Some(Self::ConsumerOffsets),
            "__transaction_state" => Some(Self::TransactionState),
            "__share_group_state" => Some(Self::ShareGroupState),
            "__remote_log_metadata" => Some(Self::RemoteLogMetadata),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(name: &str) -> TopicName {
        TopicName::new(name).unwrap()
    }

    #[test]
    fn topics_of_kafka_itself_are_known_by_flag_or_name() {
        for (topic, flagged, is_internal, by_exact_name) in [
            ("__consumer_offsets", true, true, true),
            ("__remote_log_metadata", false, true, true),
            ("_schemas", false, false, true),
            ("odd", true, true, true),
            ("a__b", false, false, false),
            ("connect-configs", false, false, false),
        ] {
            assert_eq!(name(topic).is_internal(flagged), is_internal, "{topic}");
            assert_eq!(name(topic).needs_exact_name(flagged), by_exact_name, "{topic}");
        }
    }

    #[test]
    fn services_own_the_keys_under_their_names() {
        let owned = |key: &str| ConfigKey::new(key).unwrap().is_owned_by_service();
        for key in [
            "confluent.placement.constraints",
            "redpanda.iceberg.mode",
            "automq.table.topic.enable",
        ] {
            assert!(owned(key), "{key}");
        }
        for key in [
            "retention.ms",
            "confluent",
            "vendor.confluent.x",
            "remote.storage.enable",
        ] {
            assert!(!owned(key), "{key}");
        }
    }
}
