//! A policy of the file for one round, and whether the topics that were changed comply with it. Kafka's own tool
//! tells the overrides; what they inherit follows from what the round set on its brokers.

use std::collections::BTreeMap;
use std::fmt;

use super::data::{Partition, Shown};
use super::outage::Settings;
use crate::dice::Dice;
use crate::support::Kafka;

const DAY: i64 = 24 * 3_600_000;

/// What a broker of this suite inherits to a topic where the round set nothing on it.
const RETENTION: i64 = 7 * DAY;

/// At most one bound, so that most topics are still changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Policy {
    None,
    MinReplication(usize),
    MaxPartitions(usize),
    MaxRetentionDays(i64),
    MinInsyncReplicas(i64),
}

impl Policy {
    /// Every second round has a bound.
    pub(super) fn new(dice: &mut Dice) -> Self {
        match dice.below(8) {
            0 => Self::MinReplication(2),
            1 => Self::MaxPartitions(3),
            2 => Self::MaxRetentionDays(30),
            3 => Self::MinInsyncReplicas(1),
            _ => Self::None,
        }
    }

    /// What is wrong with a changed topic.
    fn violation(self, partitions: &[&Partition], values: &Values<'_>) -> Option<String> {
        match self {
            Self::None => None,
            Self::MinReplication(least) => {
                let fewest = partitions
                    .iter()
                    .map(|partition| partition.replicas.len())
                    .min()?;
                (fewest < least).then(|| format!("replication {fewest}"))
            }
            Self::MaxPartitions(most) => {
                (partitions.len() > most).then(|| format!("{} partitions", partitions.len()))
            }
            Self::MaxRetentionDays(days) => {
                let is_over = |value: &i64| *value < 0 || *value > days * DAY;
                let deletes = values
                    .policies(partitions)
                    .any(|policy| policy.contains("delete"));
                let over = values.numbers("retention.ms", "log.retention.ms", RETENTION, partitions);
                over.into_iter()
                    .filter(|_| deletes)
                    .find(is_over)
                    .map(|value| format!("retention.ms {value}"))
            }
            Self::MinInsyncReplicas(least) => {
                let all = values.numbers("min.insync.replicas", "min.insync.replicas", 1, partitions);
                all.into_iter()
                    .find(|value| *value < least)
                    .map(|value| format!("min.insync.replicas {value}"))
            }
        }
    }

    /// The topics of these that do not comply, with the values that say so.
    pub(super) fn violations(
        self,
        kafka: &Kafka,
        settings: &Settings,
        shown: &Shown,
        names: &[&str],
    ) -> Vec<String> {
        if self == Self::None {
            return Vec::new();
        }
        let overrides = overrides(&kafka.tool_output("configs", &["--describe", "--entity-type", "topics"]));
        let violation = |name: &&str| {
            let of_topic = shown.iter().filter(|((topic, _), _)| topic == name);
            let partitions: Vec<&Partition> = of_topic.map(|(_, partition)| partition).collect();
            let own = overrides.get(*name);
            let found = self.violation(&partitions, &Values { own, settings });
            found.map(|found| format!("{name} has {found}"))
        };
        names.iter().filter_map(violation).collect()
    }
}

/// As the file states it.
impl fmt::Display for Policy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => Ok(()),
            Self::MinReplication(least) => writeln!(f, "policy: {{ min_replication: {least} }}"),
            Self::MaxPartitions(most) => writeln!(f, "policy: {{ max_partitions: {most} }}"),
            Self::MaxRetentionDays(days) => writeln!(f, "policy: {{ max_retention: {days}d }}"),
            Self::MinInsyncReplicas(least) => writeln!(f, "policy: {{ min_insync_replicas: {least} }}"),
        }
    }
}

/// The values of one topic: its own, and those of each broker with a replica.
struct Values<'a> {
    own: Option<&'a BTreeMap<String, String>>,
    settings: &'a Settings,
}

impl Values<'_> {
    fn values<'a>(
        &'a self,
        key: &str,
        on_broker: &'a str,
        partitions: &[&'a Partition],
    ) -> Vec<Option<&'a str>> {
        if let Some(value) = self.own.and_then(|own| own.get(key)) {
            return vec![Some(value)];
        }
        let holders = partitions.iter().flat_map(|partition| &partition.replicas);
        let inherited = |broker: &i32| self.settings.get(broker)?.get(on_broker).map(String::as_str);
        holders.map(inherited).collect()
    }

    fn numbers(&self, key: &str, on_broker: &str, default: i64, partitions: &[&Partition]) -> Vec<i64> {
        let number = |value: Option<&str>| value.map_or(default, |value| value.parse().unwrap());
        let values = self.values(key, on_broker, partitions);
        values.into_iter().map(number).collect()
    }

    fn policies<'a>(&'a self, partitions: &[&'a Partition]) -> impl Iterator<Item = &'a str> {
        let values = self.values("cleanup.policy", "log.cleanup.policy", partitions);
        values.into_iter().map(|value| value.unwrap_or("delete"))
    }
}

/// The overrides of every topic, as `kafka-configs --describe` prints them.
fn overrides(printed: &str) -> BTreeMap<String, BTreeMap<String, String>> {
    let mut topics = BTreeMap::<String, BTreeMap<String, String>>::new();
    let mut topic = None;
    for line in printed.lines() {
        if let Some(rest) = line.strip_prefix("Dynamic configs for topic ") {
            topic = rest.split(' ').next().map(str::to_owned);
        } else if let Some((key, rest)) = line.trim().split_once('=') {
            let value = rest.split(" sensitive=").next().unwrap_or_default();
            let name = topic.clone().expect("a config belongs to a topic");
            topics
                .entry(name)
                .or_default()
                .insert(key.to_owned(), value.to_owned());
        }
    }
    topics
}
