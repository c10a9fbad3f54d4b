//! How many items fit into one write.
//!
//! A KRaft controller refuses a request whose metadata records pass 10,000 as a whole
//! (`POLICY_VIOLATION`, "Unable to perform excessively large batch operation"), `validate_only`
//! included. The records are one for each topic, each partition and each config.

use crate::model::{PartitionCount, TopicId, TopicName};

use super::operation::{
    ConfigsToAlter, LeadersToElect, MovesToCancel, NewPartitions, NewTopic, ReplicasToAssign,
};

/// Below the controller's limit of 10,000, with room for records that newer versions may add.
const MAX_RECORDS: usize = 9_000;

/// What the number of partitions is taken to be where the cluster's default decides: room for a
/// generous `num.partitions`.
const PARTITIONS_IF_DEFAULT: usize = 12;

/// An item of a write, with the metadata records that it costs.
pub trait WriteItem {
    /// The metadata records that the controller writes for it.
    fn records(&self) -> usize;
}

impl WriteItem for NewTopic {
    fn records(&self) -> usize {
        let partitions = self
            .partitions
            .map_or(PARTITIONS_IF_DEFAULT, PartitionCount::as_usize);
        1 + partitions + self.configs.len()
    }
}

impl WriteItem for NewPartitions {
    /// Only the new partitions cost a record; how many that are is not said here, so all count.
    fn records(&self) -> usize {
        self.total.as_usize()
    }
}

impl WriteItem for ConfigsToAlter {
    fn records(&self) -> usize {
        self.changes.len()
    }
}

impl WriteItem for ReplicasToAssign {
    fn records(&self) -> usize {
        self.partitions.len()
    }
}

impl WriteItem for MovesToCancel {
    fn records(&self) -> usize {
        self.partitions.len()
    }
}

impl WriteItem for LeadersToElect {
    fn records(&self) -> usize {
        self.partitions.len()
    }
}

/// A deletion: the controller writes one record for the topic, whatever its partitions.
impl WriteItem for (TopicName, TopicId) {
    fn records(&self) -> usize {
        1
    }
}

/// Splits items into runs that each fit into one request. An item that is too large by itself is a
/// run of its own, for the broker to refuse in its own words.
pub fn batches<T: WriteItem>(items: &[T]) -> Vec<&[T]> {
    let mut runs = Vec::new();
    let (mut start, mut records) = (0, 0);
    for (index, item) in items.iter().enumerate() {
        if index > start && records + item.records() > MAX_RECORDS {
            runs.push(&items[start..index]);
            (start, records) = (index, 0);
        }
        records += item.records();
    }
    if start < items.len() {
        runs.push(&items[start..]);
    }
    runs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Clone, PartialEq)]
    struct Item(usize);

    impl WriteItem for Item {
        fn records(&self) -> usize {
            self.0
        }
    }

    #[test]
    fn a_request_stays_within_the_controllers_limit() {
        let topics = vec![Item(7); 3_000];
        let runs = batches(&topics);
        assert_eq!(
            runs.iter().map(|run| run.len()).collect::<Vec<_>>(),
            [1_285, 1_285, 430]
        );
    }

    #[test]
    fn an_item_over_the_limit_goes_alone_and_nothing_is_lost() {
        let items = [Item(1), Item(20_000), Item(8_999), Item(1), Item(1)];
        let runs = batches(&items);
        assert_eq!(runs.iter().map(|run| run.len()).collect::<Vec<_>>(), [1, 1, 2, 1]);
        assert_eq!(runs.concat(), items);
        assert!(batches::<Item>(&[]).is_empty());
    }
}
