//! What a description says beside the topic's own state: brokers, sums, moves.

use schemars::JsonSchema;
use serde::Serialize;

use crate::inspect::{Share, TopicDescription};
use crate::model::facts::Sum;
use crate::model::{self, BrokerId, Reassignment, Skew};
use crate::render::Description;

/// A live broker.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Broker", deny_unknown_fields)]
pub(super) struct BrokerJson<'a> {
    /// Its `node.id`.
    id: i32,
    /// Its advertised host.
    host: &'a str,
    /// Its advertised port.
    port: u16,
    /// `broker.rack`; null where it is not set.
    rack: Option<&'a str>,
}

impl<'a> From<(&'a BrokerId, &'a model::Broker)> for BrokerJson<'a> {
    fn from((id, broker): (&'a BrokerId, &'a model::Broker)) -> Self {
        Self {
            id: id.0,
            host: &broker.host,
            port: broker.port,
            rack: broker.rack.as_deref(),
        }
    }
}

/// Sums over all partitions. Each is null where it was not asked for, or where a part of it could not be read; what
/// those have that tell is in `told`.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Figures", deny_unknown_fields)]
pub(super) struct TopicFiguresJson {
    /// The number of offsets between the ends: at most so many records.
    records_at_most: Option<u64>,
    /// The bytes of the topic, each partition counted once, by its leader's replica.
    bytes: Option<u64>,
    /// The bytes of all replicas.
    bytes_of_replicas: Option<u64>,
    /// The same sums as far as partitions and replicas tell.
    told: PartialSumsJson,
    /// Milliseconds since 1970, UTC, of the record with the latest time, as far as partitions tell.
    last_write_ms: Option<i64>,
    /// Whether all partitions tell when they were last written: otherwise there may be a later record. False
    /// where that was not asked.
    last_write_is_complete: bool,
    /// The lag of the group that is furthest behind, as far as groups could be read; null where nothing is known
    /// of it.
    largest_lag: Option<u64>,
    /// Whether that is the largest: false where the lag of some group is not known, or not all of it. False where
    /// groups were not asked for.
    largest_lag_is_complete: bool,
    /// How many times the mean the partition with the most records has; 1 is even.
    skew_of_records: Option<f64>,
    /// How many times the mean the partition with the most bytes has; 1 is even.
    skew_of_bytes: Option<f64>,
    /// How many times as many partitions as it has to the live broker leads that leads the most; 1 is as even
    /// as can be.
    skew_of_leaders: Option<f64>,
}

impl TopicFiguresJson {
    pub(super) fn new(topic: &TopicDescription, description: &Description) -> Self {
        Self {
            records_at_most: topic.records().whole(),
            bytes: topic.bytes().whole(),
            bytes_of_replicas: topic.bytes_of_replicas().whole(),
            told: PartialSumsJson {
                records_at_most: topic.records().into(),
                bytes: topic.bytes().into(),
                bytes_of_replicas: topic.bytes_of_replicas().into(),
            },
            last_write_ms: topic.last_write().time,
            last_write_is_complete: topic.last_write().is_complete,
            largest_lag: topic.known_lag(),
            largest_lag_is_complete: matches!(topic.largest_lag(), Some((_, false))),
            skew_of_records: topic.skew_of_records().map(number),
            skew_of_bytes: topic.skew_of_bytes().map(number),
            skew_of_leaders: topic.skew_of_leaders(&description.brokers).map(number),
        }
    }
}

/// Sums as far as there are answers.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Told", deny_unknown_fields)]
struct PartialSumsJson {
    /// The number of offsets between the ends, by partition.
    records_at_most: PartialSum,
    /// The bytes of the topic, by partition.
    bytes: PartialSum,
    /// The bytes of all replicas, by replica.
    bytes_of_replicas: PartialSum,
}

/// A sum over those that tell.
#[derive(Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
struct PartialSum {
    /// What those have that tell.
    known: u64,
    /// How many tell.
    told: usize,
    /// How many there are.
    of: usize,
}

impl From<Sum> for PartialSum {
    fn from(sum: Sum) -> Self {
        Self {
            known: sum.known,
            told: sum.told,
            of: sum.of,
        }
    }
}

#[allow(clippy::cast_precision_loss, reason = "no skew has more than 53 bits")]
fn number(skew: Skew) -> f64 {
    skew.hundredths() as f64 / 100.0
}

/// What one broker has of a topic.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "OfBroker", deny_unknown_fields)]
pub(super) struct OfBroker {
    /// Its `node.id`.
    id: i32,
    /// Whether it is alive.
    alive: bool,
    /// Partitions that it leads.
    leaders: usize,
    /// Replicas assigned to it.
    replicas: usize,
    /// The bytes of its replicas; null where they were not asked for or those of any are not known.
    bytes: Option<u64>,
}

impl OfBroker {
    pub(super) fn all(topic: &TopicDescription, description: &Description) -> Vec<Self> {
        if topic.seen().is_none() {
            return Vec::new();
        }
        let shares = topic.shares(&description.brokers).into_iter();
        let of_broker = |(id, share): (BrokerId, Share)| Self {
            id: id.0,
            alive: description.brokers.contains_key(&id),
            leaders: share.leaders,
            replicas: share.replicas,
            bytes: share.bytes.filter(|_| !topic.sizes.is_empty()),
        };
        shares.map(of_broker).collect()
    }
}

/// A partition that is being moved.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Reassignment", deny_unknown_fields)]
pub(super) struct ReassignmentJson {
    /// The partition.
    index: i32,
    /// The replicas that it has in the end, preferred leader first.
    target: Vec<i32>,
    /// Those that are being copied to.
    adding: Vec<i32>,
    /// Those that go once the others are in sync.
    removing: Vec<i32>,
}

impl From<(&i32, &Reassignment)> for ReassignmentJson {
    fn from((index, moved): (&i32, &Reassignment)) -> Self {
        let ids = |brokers: &[BrokerId]| brokers.iter().map(|broker| broker.0).collect();
        Self {
            index: *index,
            target: ids(&moved.target()),
            adding: ids(&moved.adding),
            removing: ids(&moved.removing),
        }
    }
}
