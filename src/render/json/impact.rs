//! What a change costs, in numbers.

use schemars::JsonSchema;
use serde::Serialize;

use crate::model::{BrokerId, Groups as Found, Known};
use crate::plan;

/// Bounds of a number of records or bytes. What goes lies between them.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Amount", deny_unknown_fields)]
pub(super) struct AmountJson {
    /// So many for certain.
    at_least: i64,
    /// No more than so many; null where that could not be read.
    at_most: Option<i64>,
    /// A guess between both; null where there is no ground for one.
    about: Option<i64>,
}

impl From<plan::Amount> for AmountJson {
    fn from(amount: plan::Amount) -> Self {
        Self {
            at_least: amount.at_least,
            at_most: amount.at_most,
            about: amount.about,
        }
    }
}

/// What brokers copy, as much as there is now. Records that arrive meanwhile come on top.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Copied", deny_unknown_fields)]
pub(super) struct CopiedJson<'a> {
    /// All bytes that are copied.
    bytes: i64,
    /// The bytes that each broker gets.
    to: Vec<BrokerBytes>,
    /// The bytes that each broker sends, as the leader that it is now.
    from: Vec<BrokerBytes>,
    /// The bytes that each broker can delete afterwards.
    freed: Vec<BrokerBytes>,
    /// Brokers that lose a replica and cannot delete it: they are down, or its log folder has failed.
    kept: Vec<i32>,
    /// Why there may be more: what could not be read.
    unread: Vec<&'a str>,
}

/// What brokers copy for a whole plan.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Forecast", deny_unknown_fields)]
pub(super) struct ForecastJson {
    /// All bytes that are copied, as far as they could be read.
    bytes: i64,
    /// The bytes that each broker gets.
    to: Vec<BrokerBytes>,
    /// The bytes that each broker sends.
    from: Vec<BrokerBytes>,
    /// The bytes that each broker can delete afterwards.
    freed: Vec<BrokerBytes>,
    /// The disks of these brokers, where they tell of them (Kafka 3.3).
    disks: Vec<BrokerDisks>,
    /// The bytes per second that `--throttle` allows; null where nothing is limited.
    throttle: Option<i64>,
    /// How many seconds that takes at the least; null where nothing is limited.
    seconds: Option<i64>,
}

/// How full the disks of a broker are.
#[derive(Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(super) struct BrokerDisks {
    /// The broker's id.
    broker: i32,
    /// Bytes in all.
    total: i64,
    /// Bytes in use now.
    used: i64,
    /// Bytes in use afterwards.
    used_then: i64,
}

impl From<&plan::Forecast> for ForecastJson {
    fn from(forecast: &plan::Forecast) -> Self {
        let disks = forecast.disks.iter().filter_map(|(broker, disks)| {
            let (used, used_then) = forecast.used(*broker)?;
            Some(BrokerDisks {
                broker: broker.0,
                total: disks.total,
                used,
                used_then,
            })
        });
        Self {
            bytes: forecast.copied.bytes(),
            to: forecast.copied.to.iter().map(Into::into).collect(),
            from: forecast.copied.from.iter().map(Into::into).collect(),
            freed: forecast.copied.freed.iter().map(Into::into).collect(),
            disks: disks.collect(),
            throttle: forecast.throttle,
            seconds: forecast.seconds(),
        }
    }
}

/// Bytes on a broker.
#[derive(Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(super) struct BrokerBytes {
    /// The broker's id.
    broker: i32,
    /// So many.
    bytes: i64,
}

impl From<(&BrokerId, &i64)> for BrokerBytes {
    fn from((broker, bytes): (&BrokerId, &i64)) -> Self {
        Self {
            broker: broker.0,
            bytes: *bytes,
        }
    }
}

impl<'a> From<&'a plan::Copied> for CopiedJson<'a> {
    fn from(copied: &'a plan::Copied) -> Self {
        Self {
            bytes: copied.bytes(),
            to: copied.to.iter().map(Into::into).collect(),
            from: copied.from.iter().map(Into::into).collect(),
            freed: copied.freed.iter().map(Into::into).collect(),
            kept: copied.kept.iter().map(|id| id.0).collect(),
            unread: copied.unread.iter().map(|why| &**why).collect(),
        }
    }
}

/// What goes with a change. Records are counted by offsets: compaction and transactions leave gaps, so
/// there may be fewer. Bytes are those of one replica of each partition.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Loss", deny_unknown_fields)]
pub(super) struct LossJson<'a> {
    /// Records of all partitions.
    records: AmountJson,
    /// Bytes of all partitions.
    bytes: AmountJson,
    /// The time of the first record that goes, in milliseconds since 1970, UTC; null where it is not known.
    from_ms: Option<i64>,
    /// The time of the last one; null where it is not known.
    to_ms: Option<i64>,
    /// The partitions that lose anything, or of which that is not known; most first.
    partitions: Vec<PartitionLossJson>,
    /// The groups that have not read some of the records.
    groups: Vec<GroupLoss<'a>>,
    /// Why there may be more groups than these.
    groups_unread: Vec<&'a str>,
    /// What could not be read, so that the bounds are wider than they could be.
    unread: Vec<&'a str>,
}

impl<'a> From<&'a plan::Loss> for LossJson<'a> {
    fn from(loss: &'a plan::Loss) -> Self {
        Self {
            records: loss.records().into(),
            bytes: loss.bytes().into(),
            from_ms: loss.span.map(|span| span.from),
            to_ms: loss.span.map(|span| span.to),
            partitions: partitions(loss),
            groups: loss
                .groups
                .read
                .iter()
                .map(|(name, unread)| GroupLoss::new(name, unread))
                .collect(),
            groups_unread: why(&loss.groups),
            unread: loss.unread.iter().map(AsRef::as_ref).collect(),
        }
    }
}

fn why<T>(groups: &Found<T>) -> Vec<&str> {
    groups.unread.iter().map(AsRef::as_ref).collect()
}

/// What one partition loses.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "PartitionLoss", deny_unknown_fields)]
struct PartitionLossJson {
    /// The partition's number.
    partition: i32,
    /// Its records.
    records: AmountJson,
    /// Its bytes.
    bytes: AmountJson,
}

/// A group that has not read some of what goes.
#[derive(Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
struct GroupLoss<'a> {
    /// The group's name.
    group: &'a str,
    /// The records that it has not read.
    unread: AmountJson,
    /// The same by partition.
    partitions: Vec<PartitionUnread>,
    /// Why it is not known what the group has read of some of them.
    doubts: Vec<&'a str>,
}

impl<'a> GroupLoss<'a> {
    fn new(group: &'a str, unread: &'a plan::Unread) -> Self {
        let each = unread.partitions.iter();
        Self {
            group,
            unread: unread.partitions.values().copied().sum::<plan::Amount>().into(),
            partitions: each
                .map(|(partition, unread)| PartitionUnread {
                    partition: *partition,
                    unread: (*unread).into(),
                })
                .collect(),
            doubts: unread.doubts.iter().map(AsRef::as_ref).collect(),
        }
    }
}

/// What a group has not read of one partition.
#[derive(Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
struct PartitionUnread {
    /// The partition's number.
    partition: i32,
    /// The records.
    unread: AmountJson,
}

/// The groups that use a topic.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Users", deny_unknown_fields)]
pub(super) struct UsersJson<'a> {
    /// Those with committed offsets or members.
    groups: Vec<User<'a>>,
    /// Why there may be more groups than these.
    unread: Vec<&'a str>,
}

impl<'a> From<&'a plan::Users> for UsersJson<'a> {
    fn from(users: &'a plan::Users) -> Self {
        let user = |(group, at_work): (&'a crate::model::GroupName, &'a plan::GroupAtWork)| User {
            group,
            committed_partitions: at_work.committed,
            members: at_work.members.read().copied(),
            members_unread: at_work.members.why_not().map(AsRef::as_ref),
        };
        Self {
            groups: users.read.iter().map(user).collect(),
            unread: why(users),
        }
    }
}

/// A group that uses a topic.
#[derive(Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
struct User<'a> {
    /// The group's name.
    group: &'a str,
    /// The partitions that it committed offsets of.
    committed_partitions: usize,
    /// Members that subscribe to the topic or are assigned partitions of it; null where that could not be
    /// read.
    members: Option<usize>,
    /// Why members could not be read; null where they could.
    members_unread: Option<&'a str>,
}

/// What the latest records of a topic are like.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "RecordSample", deny_unknown_fields)]
pub(super) struct RecordSampleJson<'a> {
    /// Records with a key; null where none could be read.
    keyed: Option<i64>,
    /// Records without one; null where none could be read.
    unkeyed: Option<i64>,
    /// The bytes of the largest batch; null where none could be read.
    largest_batch_bytes: Option<i64>,
    /// The most bytes that any batch can have had when its producer sent it: brokers may have recompressed it. Null where
    /// none could be read.
    largest_sent_bytes: Option<i64>,
    /// Whether compaction took records out of a batch, so that nothing tells how large it was when it was sent.
    thinned: bool,
    /// Whether the last record of every partition was looked at, so that these are the latest.
    reached_end: bool,
    /// Whether every record of the topic was looked at.
    complete: bool,
    /// Why none could be read; null where they could.
    unread: Option<&'a str>,
}

impl<'a> From<&'a Known<plan::Sampled>> for RecordSampleJson<'a> {
    fn from(sample: &'a Known<plan::Sampled>) -> Self {
        let read = sample.read();
        Self {
            keyed: read.map(|sample| sample.keyed),
            unkeyed: read.map(|sample| sample.unkeyed),
            largest_batch_bytes: read.map(|sample| sample.largest_batch),
            largest_sent_bytes: read.map(|sample| sample.largest_sent),
            thinned: read.is_some_and(|sample| sample.is_thinned),
            reached_end: read.is_some_and(|sample| sample.reached_end),
            complete: read.is_some_and(|sample| sample.complete),
            unread: sample.why_not().map(AsRef::as_ref),
        }
    }
}

/// Whom more partitions concern.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Growth", deny_unknown_fields)]
pub(super) struct GrowthJson<'a> {
    /// The records that are there, counted by offsets.
    records: AmountJson,
    /// The latest of them.
    sample: RecordSampleJson<'a>,
    /// Whether the topic is compacted.
    compacted: bool,
    /// The groups that use it.
    users: UsersJson<'a>,
}

impl<'a> From<&'a plan::Grown> for GrowthJson<'a> {
    fn from(grown: &'a plan::Grown) -> Self {
        Self {
            records: grown.records.into(),
            sample: (&grown.sample).into(),
            compacted: grown.compacted,
            users: (&grown.users).into(),
        }
    }
}

/// What compaction would find.
#[derive(Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(super) struct Compaction<'a> {
    /// The records that are there, counted by offsets.
    records: AmountJson,
    /// The latest of them.
    sample: RecordSampleJson<'a>,
}

impl<'a> From<&'a plan::Compacted> for Compaction<'a> {
    fn from(found: &'a plan::Compacted) -> Self {
        Self {
            records: found.records.into(),
            sample: (&found.sample).into(),
        }
    }
}

/// What one topic loses with all changes together.
#[derive(Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(super) struct TopicLoss {
    /// Records, counted by offsets.
    records: AmountJson,
    /// Bytes, one replica of each partition.
    bytes: AmountJson,
    /// The same by partition, most first.
    partitions: Vec<PartitionLossJson>,
}

impl From<&plan::Loss> for TopicLoss {
    fn from(loss: &plan::Loss) -> Self {
        Self {
            records: loss.records().into(),
            bytes: loss.bytes().into(),
            partitions: partitions(loss),
        }
    }
}

fn partitions(loss: &plan::Loss) -> Vec<PartitionLossJson> {
    let each = loss.by_size().into_iter();
    each.map(|(partition, loss)| PartitionLossJson {
        partition,
        records: loss.records.into(),
        bytes: loss.bytes.into(),
    })
    .collect()
}

/// What a whole plan loses, as far as it was read.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "TotalLoss", deny_unknown_fields)]
pub(super) struct TotalLossJson {
    /// Topics that would or could lose data.
    topics: usize,
    /// Topics of these whose loss was not read, so that it is not among the amounts.
    topics_not_read: usize,
    /// Records of all of them.
    records: AmountJson,
    /// Bytes of all of them, one replica of each partition.
    bytes: AmountJson,
}

impl From<plan::TotalLoss> for TotalLossJson {
    fn from(total: plan::TotalLoss) -> Self {
        Self {
            topics: total.topics,
            topics_not_read: total.not_read,
            records: total.records.into(),
            bytes: total.bytes.into(),
        }
    }
}
