//! Whether a cluster can be believed: who leads its controllers, and which brokers do not answer. What one broker
//! remembers is not the state of the cluster: without a controller it goes on showing what it last heard.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::name::BrokerId;
use super::observed::{ClusterView, TopicMetadata};

/// What is known of a cluster beside what one broker remembers.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ClusterHealth {
    /// Whether a controller answers.
    pub quorum: Quorum,
    /// Brokers that are down, each with how that is known: others still list it as alive, and it neither follows the
    /// controller nor answers; or nobody lists it, and it holds replicas of a topic that was read.
    pub down: BTreeMap<BrokerId, Arc<str>>,
    /// How far the leading controller's clock is ahead of this machine's, in milliseconds; negative where it is behind.
    /// `None` where they agree, by [`CLOCKS_DIFFER_MS`], or the cluster does not tell.
    pub clock_ahead_ms: Option<i64>,
}

/// Clocks that are kept by NTP differ by less.
pub const CLOCKS_DIFFER_MS: i64 = 300_000;

/// How far a clock is ahead of this machine's, if that is more than clocks differ.
pub fn clock_ahead_ms(theirs: i64, here: i64) -> Option<i64> {
    let ahead = theirs.saturating_sub(here);
    (ahead.saturating_abs() > CLOCKS_DIFFER_MS).then_some(ahead)
}

/// Whether most of the controllers are there.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Quorum {
    /// A controller answers.
    Led,
    /// The cluster does not tell: before Kafka 3.3, or with `ZooKeeper`.
    #[default]
    NotTold,
    /// There is no controller, and by what that is known.
    Lost(Arc<str>),
}

impl ClusterHealth {
    /// By what it is known that there is no controller, if that is so.
    pub fn no_controller(&self) -> Option<&Arc<str>> {
        match &self.quorum {
            Quorum::Lost(why) => Some(why),
            Quorum::Led | Quorum::NotTold => None,
        }
    }

    /// Adds the brokers that hold replicas of these topics, and that the cluster does not list as alive: the
    /// controller has noticed by itself.
    pub fn note_absent<'t>(&mut self, view: &ClusterView, topics: impl Iterator<Item = &'t TopicMetadata>) {
        let mut absent: BTreeMap<BrokerId, usize> = BTreeMap::new();
        for topic in topics {
            let holders = topic.partitions.iter().flat_map(|partition| &partition.replicas);
            let holders: BTreeSet<BrokerId> = holders.copied().collect();
            for broker in holders.into_iter().filter(|id| !view.brokers.contains_key(id)) {
                *absent.entry(broker).or_default() += 1;
            }
        }
        for (broker, topics) in absent {
            let word = if topics == 1 { "topic" } else { "topics" };
            let why = || format!("not listed as alive, has replicas of {topics} {word}");
            self.down.entry(broker).or_insert_with(|| why().into());
        }
    }

    /// Everything that is wrong, in lines for people.
    pub fn problems(&self) -> Vec<String> {
        let no_controller = self.no_controller().map(|why| {
            format!("the cluster has no controller; what follows is what brokers last heard: {why}")
        });
        no_controller.into_iter().chain(self.down_in_words()).collect()
    }

    /// `broker 3 is down: connection refused`.
    pub fn down_in_words(&self) -> impl Iterator<Item = String> {
        self.down
            .iter()
            .map(|(broker, why)| format!("broker {broker} is down: {why}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Broker, Partition, RegisteredBrokers, TopicId};

    fn broker() -> Broker {
        Broker {
            host: "127.0.0.1".into(),
            port: 9092,
            rack: None,
        }
    }

    fn topic(replicas: &[i32]) -> TopicMetadata {
        let partition = |index: i32| Partition {
            index,
            leader: None,
            replicas: replicas.iter().map(|id| BrokerId(*id)).collect(),
            isr: Vec::new(),
            offline: Vec::new(),
        };
        TopicMetadata {
            id: TopicId(uuid::Uuid::nil()),
            internal: false,
            partitions: vec![partition(0), partition(1)],
        }
    }

    #[test]
    fn a_broker_with_replicas_that_nobody_lists_is_down_and_said_once() {
        let view = ClusterView {
            id: "id".into(),
            controller: None,
            metadata_version: None,
            brokers: [(BrokerId(1), broker())].into(),
            registered: RegisteredBrokers::AtLeast(1),
            fenced: BTreeSet::from([BrokerId(4)]),
            health: ClusterHealth::default(),
        };
        let mut health = ClusterHealth {
            down: [(BrokerId(2), Arc::from("127.0.0.1:9093: connection refused"))].into(),
            ..ClusterHealth::default()
        };
        health.note_absent(&view, [topic(&[1, 2, 3]), topic(&[3])].iter());
        assert_eq!(
            health.problems(),
            [
                "broker 2 is down: 127.0.0.1:9093: connection refused",
                "broker 3 is down: not listed as alive, has replicas of 2 topics",
            ]
        );
    }

    #[test]
    fn clocks_differ_by_more_than_five_minutes_in_either_direction() {
        let now = 1_790_000_000_000;
        for (theirs, expected) in [
            (now, None),
            (now + 300_000, None),
            (now - 300_000, None),
            (now + 300_001, Some(300_001)),
            (now - 300_001, Some(-300_001)),
            (i64::MIN, Some(i64::MIN)),
        ] {
            assert_eq!(clock_ahead_ms(theirs, now), expected, "{theirs}");
        }
    }
}
