//! What a description says beside the topic's own state: brokers, sums, groups.

use schemars::JsonSchema;
use serde::Serialize;

use super::description::Reading;
use crate::model::{self, BrokerId, GroupKind, GroupMember, GroupName, Reassignment, Skew};
use crate::render::{DescribedGroup, Description, Position, Sum, TopicDescription};

/// A live broker.
#[derive(Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(super) struct Broker<'a> {
    /// Its `node.id`.
    id: i32,
    /// Its advertised host.
    host: &'a str,
    /// Its advertised port.
    port: u16,
    /// `broker.rack`; null where it is not set.
    rack: Option<&'a str>,
}

impl<'a> From<(&'a BrokerId, &'a model::Broker)> for Broker<'a> {
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
#[schemars(deny_unknown_fields)]
pub(super) struct Figures {
    /// The number of offsets between the ends: at most so many records.
    records_at_most: Option<u64>,
    /// The bytes of the topic, each partition counted once, by its leader's replica.
    bytes: Option<u64>,
    /// The bytes of all replicas.
    bytes_of_replicas: Option<u64>,
    /// The same sums as far as partitions and replicas tell.
    told: Told,
    /// Milliseconds since 1970, UTC, of the record with the latest time, as far as partitions tell.
    last_write_ms: Option<i64>,
    /// The lag of the group that is furthest behind, as far as groups could be read.
    largest_lag: Option<u64>,
    /// How many times the mean the partition with the most records has; 1 is even.
    skew_of_records: Option<f64>,
    /// How many times the mean the partition with the most bytes has; 1 is even.
    skew_of_bytes: Option<f64>,
    /// How many times as many partitions as it has to the live broker leads that leads the most; 1 is as even
    /// as can be.
    skew_of_leaders: Option<f64>,
}

impl Figures {
    pub(super) fn new(topic: &TopicDescription, description: &Description) -> Self {
        Self {
            records_at_most: topic.records().whole(),
            bytes: topic.bytes().whole(),
            bytes_of_replicas: topic.bytes_of_replicas().whole(),
            told: Told {
                records_at_most: topic.records().into(),
                bytes: topic.bytes().into(),
                bytes_of_replicas: topic.bytes_of_replicas().into(),
            },
            last_write_ms: topic.last_write(),
            largest_lag: topic.largest_lag().map(|(lag, _)| lag),
            skew_of_records: topic.skew_of_records().map(number),
            skew_of_bytes: topic.skew_of_bytes().map(number),
            skew_of_leaders: description.skew_of_leaders(topic).map(number),
        }
    }
}

/// Sums as far as there are answers.
#[derive(Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Told {
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
        let shares = description.shares(topic).into_iter();
        let of_broker = |(id, share): (BrokerId, crate::render::Share)| Self {
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
pub(super) struct Move {
    /// The partition.
    index: i32,
    /// The replicas that it has in the end, preferred leader first.
    target: Vec<i32>,
    /// Those that are being copied to.
    adding: Vec<i32>,
    /// Those that go once the others are in sync.
    removing: Vec<i32>,
}

impl From<(&i32, &Reassignment)> for Move {
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

/// Reasons why groups may be missing.
pub(super) type UnreadGroups<'a> = Vec<&'a str>;

/// What a consumer group does with the topic.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "DescribedGroup", deny_unknown_fields)]
pub(super) struct Group<'a> {
    /// The group's id.
    name: &'a str,
    /// By which protocol its members work together.
    kind: KindWord,
    /// What it is doing, in Kafka's words, such as `Stable` and `Empty`; null where its broker does not tell.
    state: Option<&'a str>,
    /// Its members that subscribe to the topic or are assigned partitions of it.
    members: Reading<'a, usize>,
    /// Who they are, by their first partitions; empty where that could not be read.
    at_work: Vec<AtWork<'a>>,
    /// How many records it has not read in all partitions together.
    lag: u64,
    /// Whether that is all of it: false where the lag in some partition is not known.
    lag_is_complete: bool,
    /// How far it is behind in time where it is furthest behind, in milliseconds; null where that is not known
    /// of every partition.
    behind_ms: Option<u64>,
    /// Where it is, in the partitions of which it committed an offset or has a member at work.
    partitions: Vec<At<'a>>,
}

impl<'a> From<(&'a GroupName, &'a DescribedGroup)> for Group<'a> {
    fn from((name, group): (&'a GroupName, &'a DescribedGroup)) -> Self {
        let (lag, lag_is_complete) = group.lag();
        Self {
            name,
            kind: group.kind.into(),
            state: group.state.as_deref(),
            members: Reading::of_known(&group.members, |members| members.len()),
            at_work: group
                .members
                .read()
                .into_iter()
                .flat_map(|members| members.iter())
                .map(Into::into)
                .collect(),
            lag,
            lag_is_complete,
            behind_ms: group.behind_ms(),
            partitions: group.positions.iter().map(Into::into).collect(),
        }
    }
}

/// Somebody at work in a group.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "GroupMember", deny_unknown_fields)]
struct AtWork<'a> {
    /// The id that it has in its group.
    member: &'a str,
    /// Its `client.id`.
    client: &'a str,
    /// The address that its coordinator sees it at.
    host: &'a str,
    /// The partitions of the topic that it is assigned.
    partitions: Vec<i32>,
}

impl<'a> From<&'a GroupMember> for AtWork<'a> {
    fn from(member: &'a GroupMember) -> Self {
        Self {
            member: &member.id,
            client: &member.client,
            host: &member.host,
            partitions: member.partitions.iter().copied().collect(),
        }
    }
}

/// By which protocol the members of a group work together.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "GroupKind")]
enum KindWord {
    /// Consumers that agree among themselves.
    Classic,
    /// Consumers that are told by the coordinator (KIP-848).
    Consumer,
    /// Consumers that share partitions (KIP-932).
    Share,
    /// Instances of Kafka Streams that are told by the coordinator (KIP-1071).
    Streams,
    /// Something else, such as the workers of Connect.
    Other,
}

impl From<GroupKind> for KindWord {
    fn from(kind: GroupKind) -> Self {
        match kind {
            GroupKind::Classic => Self::Classic,
            GroupKind::Consumer => Self::Consumer,
            GroupKind::Share => Self::Share,
            GroupKind::Streams => Self::Streams,
            GroupKind::Other => Self::Other,
        }
    }
}

/// Where a group is in a partition.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "GroupPosition", deny_unknown_fields)]
struct At<'a> {
    /// The partition.
    index: i32,
    /// The offset that it committed: the next record that it will read, if that is still there; null where it
    /// committed nothing.
    committed: Option<i64>,
    /// How many offsets lie between it and the end.
    lag: Reading<'a, u64>,
    /// How many of them are gone, so that it will never read them.
    lost: Reading<'a, u64>,
    /// How many milliseconds lie between the record that it will read next and the last one that was written;
    /// 0 without lag.
    behind_ms: Reading<'a, u64>,
}

impl<'a> From<(&'a i32, &'a Position)> for At<'a> {
    fn from((index, position): (&'a i32, &'a Position)) -> Self {
        Self {
            index: *index,
            committed: position.committed,
            lag: Reading::of_known(&position.lag, |lag| *lag),
            lost: Reading::of_known(&position.lost, |lost| *lost),
            behind_ms: Reading::of_known(&position.behind_ms, |behind| *behind),
        }
    }
}
