//! Where reading starts and, for what is there already, where it ends.

use std::collections::BTreeSet;
use std::fmt;
use std::thread;
use std::time::{Duration, Instant};

use rdkafka::consumer::{Consumer as _, StreamConsumer};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::{Offset, TopicPartitionList};
use thiserror::Error;

use super::connection::{BadConnection, LastTrouble, LogContext};
use super::timestamp::Timestamp;
use crate::model::{AclOperation, RequiredAcl, TopicName};

/// Where reading starts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Start {
    /// With the first record that is still there.
    Earliest,
    /// With the next record to be written.
    Latest,
    /// With the first record of each partition that has this time or a later one.
    Since(Timestamp),
    /// With these offsets; a partition that is not named is read from its first record.
    Offsets(Vec<RecordPosition>),
}

/// A place in a topic.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct RecordPosition {
    /// The topic.
    pub topic: TopicName,
    /// The partition.
    pub partition: i32,
    /// The offset in that partition.
    pub offset: i64,
}

/// Why events cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ConsumeError {
    /// The cluster has no such topic.
    #[error("the cluster has no topic {topic}; `topicctl apply` creates the topics of the file")]
    NoTopic {
        /// Which topic.
        topic: TopicName,
    },
    /// The principal may not read there.
    #[error("the events cannot be read: {code}: needs {}", listed(missing))]
    NotAuthorised {
        /// What the broker said, by Kafka's name of the error.
        code: &'static str,
        /// What would allow it. Of several topics librdkafka does not say which one was refused: then at
        /// least one of these is missing.
        missing: BTreeSet<RequiredAcl>,
    },
    /// No broker answered, or the leader of a partition did not.
    #[error("{place}: nothing came within {waited:?}{trouble}")]
    NoAnswer {
        /// What was being read.
        place: String,
        /// How long it was waited for.
        waited: Duration,
        /// What the brokers were last in trouble with.
        trouble: LastTrouble,
    },
    /// Anything else.
    #[error("the events cannot be read: {words}{trouble}")]
    Other {
        /// What was said.
        words: String,
        /// What the brokers were last in trouble with.
        trouble: LastTrouble,
    },
    /// The client cannot be made.
    #[error("{0}")]
    Connection(#[from] BadConnection),
}

impl ConsumeError {
    /// The rights of which this principal lacks one, if that is why.
    pub fn missing(&self) -> Option<&BTreeSet<RequiredAcl>> {
        match self {
            Self::NotAuthorised { missing, .. } => Some(missing),
            Self::NoTopic { .. } | Self::NoAnswer { .. } | Self::Other { .. } | Self::Connection(_) => None,
        }
    }
}

/// One partition that is to be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct OffsetRange {
    pub(super) topic: TopicName,
    pub(super) partition: i32,
    /// The first offset to read.
    pub(super) from: i64,
    /// The first offset that was not there yet when this was asked for.
    pub(super) end: i64,
}

/// Asks a cluster where to begin and where the end is now. Blocks.
pub(super) struct Survey<'c> {
    pub(super) consumer: &'c StreamConsumer<LogContext>,
    /// For each request.
    pub(super) wait: Duration,
}

impl Survey<'_> {
    /// All partitions of `topics`, in order.
    pub(super) fn stretches(
        &self,
        topics: &[TopicName],
        start: &Start,
    ) -> Result<Vec<OffsetRange>, ConsumeError> {
        let mut stretches = Vec::new();
        for topic in topics {
            for partition in self.partitions(topic)? {
                let (low, high) = self.watermarks(topic, partition)?;
                let from = match start {
                    Start::Earliest | Start::Since(_) => low,
                    Start::Latest => high,
                    Start::Offsets(positions) => {
                        named(positions, topic, partition).map_or(low, |at| at.max(low))
                    }
                };
                let topic = topic.clone();
                stretches.push(OffsetRange {
                    topic,
                    partition,
                    from,
                    end: high,
                });
            }
        }
        if let Start::Since(time) = start {
            self.move_to(*time, &mut stretches)?;
        }
        Ok(stretches)
    }

    /// The first offset and the next one. While the partition's leader changes, asks again for as long as one request
    /// may take.
    fn watermarks(&self, topic: &TopicName, partition: i32) -> Result<(i64, i64), ConsumeError> {
        let began = Instant::now();
        loop {
            let error = match self
                .consumer
                .fetch_watermarks(topic.as_str(), partition, self.wait)
            {
                Ok(watermarks) => return Ok(watermarks),
                Err(error) => error,
            };
            if !leader_changes(&error) || began.elapsed() >= self.wait {
                return Err(self.explain(topic, &error));
            }
            thread::sleep(PAUSE);
        }
    }

    pub(super) fn partitions(&self, topic: &TopicName) -> Result<Vec<i32>, ConsumeError> {
        let metadata = self.consumer.fetch_metadata(Some(topic.as_str()), self.wait);
        let metadata = metadata.map_err(|error| self.explain(topic, &error))?;
        let Some(found) = metadata
            .topics()
            .iter()
            .find(|found| found.name() == topic.as_str())
        else {
            return Err(ConsumeError::NoTopic { topic: topic.clone() });
        };
        if let Some(error) = found.error() {
            let error = KafkaError::MetadataFetch(RDKafkaErrorCode::from(error));
            return Err(self.explain(topic, &error));
        }
        let mut partitions: Vec<i32> = found
            .partitions()
            .iter()
            .map(rdkafka::metadata::MetadataPartition::id)
            .collect();
        partitions.sort_unstable();
        Ok(partitions)
    }

    fn move_to(&self, time: Timestamp, stretches: &mut [OffsetRange]) -> Result<(), ConsumeError> {
        let Some(first) = stretches.first() else {
            return Ok(());
        };
        let explain = |error: KafkaError| self.explain(&first.topic, &error);
        let mut times = TopicPartitionList::new();
        for stretch in &*stretches {
            // The broker takes a time where otherwise an offset stands.
            let at = Offset::Offset(time.milliseconds().max(0));
            times
                .add_partition_offset(stretch.topic.as_str(), stretch.partition, at)
                .map_err(explain)?;
        }
        let found = self
            .consumer
            .offsets_for_times(times, self.wait)
            .map_err(explain)?;
        for stretch in stretches {
            let found = found.find_partition(stretch.topic.as_str(), stretch.partition);
            stretch.from = match found.map(|found| found.offset()) {
                Some(Offset::Offset(offset)) => offset.max(stretch.from),
                // No record is as young.
                Some(_) | None => stretch.end,
            };
        }
        Ok(())
    }

    fn explain(&self, topic: &TopicName, error: &KafkaError) -> ConsumeError {
        explain(self.consumer, ReadPlace::Ends(topic), self.wait, error)
    }
}

/// Between two questions for a partition's ends while its leader changes.
const PAUSE: Duration = Duration::from_millis(100);

/// The broker that was asked does not lead the partition any more, or not yet.
fn leader_changes(error: &KafkaError) -> bool {
    use RDKafkaErrorCode as Code;
    let codes = [
        Code::NotLeaderForPartition,
        Code::LeaderNotAvailable,
        Code::ReplicaNotAvailable,
        Code::FencedLeaderEpoch,
        Code::UnknownLeaderEpoch,
        Code::OffsetNotAvailable,
    ];
    error
        .rdkafka_error_code()
        .is_some_and(|code| codes.contains(&code))
}

fn named(positions: &[RecordPosition], topic: &TopicName, partition: i32) -> Option<i64> {
    let is_it = |position: &&RecordPosition| position.topic == *topic && position.partition == partition;
    positions.iter().find(is_it).map(|position| position.offset)
}

/// What was being read when something went wrong.
#[derive(Clone, Copy)]
pub(super) enum ReadPlace<'a> {
    /// Which partitions a topic has, and where they begin and end.
    Ends(&'a TopicName),
    /// The records of a partition.
    Records(&'a TopicName, i32),
    /// The records of topics, for a group if there is one.
    Topics(&'a [TopicName], Option<&'a str>),
}

impl fmt::Display for ReadPlace<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ends(topic) => topic.fmt(f),
            Self::Records(topic, partition) => write!(f, "{topic} partition {partition}"),
            Self::Topics(topics, _) => f.write_str(&listed(topics.iter())),
        }
    }
}

impl ReadPlace<'_> {
    /// The topic, where it can be no other.
    fn topic(self) -> Option<TopicName> {
        match self {
            Self::Ends(topic) | Self::Records(topic, _) | Self::Topics([topic], _) => Some(topic.clone()),
            Self::Topics(..) => None,
        }
    }

    fn rights_on_topics(self) -> BTreeSet<RequiredAcl> {
        match self {
            Self::Ends(topic) => [RequiredAcl::on_topic(AclOperation::Describe, topic)].into(),
            Self::Records(topic, _) => [RequiredAcl::on_topic(AclOperation::Read, topic)].into(),
            Self::Topics(topics, _) => (topics.iter())
                .map(|topic| RequiredAcl::on_topic(AclOperation::Read, topic))
                .collect(),
        }
    }

    fn rights_on_group(self) -> BTreeSet<RequiredAcl> {
        match self {
            Self::Topics(_, Some(group)) => [RequiredAcl::on_group(AclOperation::Read, group)].into(),
            Self::Topics(_, None) | Self::Ends(_) | Self::Records(..) => BTreeSet::new(),
        }
    }
}

fn listed(items: impl IntoIterator<Item = impl fmt::Display>) -> String {
    let items: Vec<String> = items.into_iter().map(|item| item.to_string()).collect();
    items.join(", ")
}

/// rdkafka's error in this crate's words.
pub(super) fn explain(
    consumer: &StreamConsumer<LogContext>,
    place: ReadPlace<'_>,
    waited: Duration,
    error: &KafkaError,
) -> ConsumeError {
    let trouble = consumer.client().context().trouble();
    let words = error.to_string();
    match error.rdkafka_error_code() {
        Some(RDKafkaErrorCode::UnknownTopic | RDKafkaErrorCode::UnknownTopicOrPartition) => {
            match place.topic() {
                Some(topic) => ConsumeError::NoTopic { topic },
                None => ConsumeError::Other { words, trouble },
            }
        }
        Some(RDKafkaErrorCode::TopicAuthorizationFailed) => ConsumeError::NotAuthorised {
            code: "TOPIC_AUTHORIZATION_FAILED",
            missing: place.rights_on_topics(),
        },
        Some(RDKafkaErrorCode::GroupAuthorizationFailed) => ConsumeError::NotAuthorised {
            code: "GROUP_AUTHORIZATION_FAILED",
            missing: place.rights_on_group(),
        },
        Some(
            RDKafkaErrorCode::BrokerTransportFailure
            | RDKafkaErrorCode::AllBrokersDown
            | RDKafkaErrorCode::OperationTimedOut
            | RDKafkaErrorCode::MessageTimedOut,
        ) => ConsumeError::NoAnswer {
            place: place.to_string(),
            waited,
            trouble,
        },
        Some(_) | None => ConsumeError::Other { words, trouble },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_partition_whose_leader_changes_is_asked_again() {
        let again = |code| leader_changes(&KafkaError::MetadataFetch(code));
        assert!(again(RDKafkaErrorCode::NotLeaderForPartition));
        assert!(again(RDKafkaErrorCode::LeaderNotAvailable));
        assert!(!again(RDKafkaErrorCode::TopicAuthorizationFailed));
        assert!(!again(RDKafkaErrorCode::UnknownTopicOrPartition));
        assert!(!again(RDKafkaErrorCode::OperationTimedOut));
    }
}
