//! What samples find, and what they come to. Figures on real Kafka are held against Kafka's own tools elsewhere.

mod exposition;
mod outcome;
mod places;
mod read;
mod serve;
mod settings;
mod window;

use std::collections::BTreeMap;
use std::time::Duration;

use super::{GroupSample, PartitionSample, Sample, TopicSample};
use crate::model::{BrokerId, Committed, Known, TopicId, TopicName};

pub(crate) fn name(topic: &str) -> TopicName {
    TopicName::new(topic).unwrap()
}

/// A sample of this second, with nothing in it.
pub(crate) fn sample(second: u64) -> Sample {
    Sample {
        taken_at: 1_764_187_200_000 + i64::try_from(second).unwrap() * 1_000,
        elapsed: Duration::from_secs(second),
        took: Duration::from_millis(12),
        brokers: 3,
        topics: BTreeMap::new(),
        unseen: BTreeMap::new(),
        settings: std::sync::Arc::default(),
        troubles: super::Troubles::default(),
    }
}

/// A topic of one incarnation, with the first and the next offset of each partition.
pub(crate) fn topic(id: u128, ends: &[(i64, i64)]) -> TopicSample {
    let partition = |(earliest, latest): &(i64, i64)| PartitionSample {
        leader: Some(BrokerId(1)),
        replicas: vec![BrokerId(1), BrokerId(2)],
        adding: Vec::new(),
        isr: vec![BrokerId(1), BrokerId(2)],
        earliest: Known::Read(*earliest),
        latest: Known::Read(*latest),
        leader_epoch: None,
    };
    TopicSample {
        id: TopicId(uuid::Uuid::from_u128(id)),
        partitions: (0..).zip(ends.iter().map(partition)).collect(),
        groups: BTreeMap::new(),
    }
}

/// The same topic with a group that committed these offsets.
pub(crate) fn read_by(mut topic: TopicSample, group: &str, committed: &[(i32, i64)]) -> TopicSample {
    let group_use = GroupSample {
        committed: committed
            .iter()
            .map(|(index, offset)| (*index, at(*offset)))
            .collect(),
        members: Known::Read(1),
    };
    topic.groups.insert(group.into(), group_use);
    topic
}

/// An offset that a group committed.
pub(crate) fn at(offset: i64) -> Committed {
    Committed {
        offset,
        leader_epoch: None,
    }
}

/// A sample of this second with one topic, `orders`.
pub(crate) fn orders(second: u64, topic: TopicSample) -> Sample {
    let mut sample = sample(second);
    sample.topics.insert(name("orders"), topic);
    sample
}
