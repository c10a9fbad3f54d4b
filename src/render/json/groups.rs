//! What consumer groups do with a topic, in the document of `describe`.

use schemars::JsonSchema;
use serde::Serialize;

use super::description::ReadingJson;
use crate::inspect::{DescribedGroup, Position};
use crate::model::{GroupKind, GroupMember, GroupName};

/// Reasons why groups may be missing.
pub(super) type UnreadGroups<'a> = Vec<&'a str>;

/// What a consumer group does with the topic.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "DescribedGroup", deny_unknown_fields)]
pub(super) struct DescribedGroupJson<'a> {
    /// The group's id.
    name: &'a str,
    /// By which protocol its members work together.
    kind: KindWord,
    /// What it is doing, in Kafka's words, such as `Stable` and `Empty`; null where its broker does not tell.
    state: Option<&'a str>,
    /// Its members that subscribe to the topic or are assigned partitions of it.
    members: ReadingJson<'a, usize>,
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
    partitions: Vec<GroupPositionJson<'a>>,
}

impl<'a> From<(&'a GroupName, &'a DescribedGroup)> for DescribedGroupJson<'a> {
    fn from((name, group): (&'a GroupName, &'a DescribedGroup)) -> Self {
        let (lag, lag_is_complete) = group.lag();
        Self {
            name,
            kind: group.kind.into(),
            state: group.state.as_deref(),
            members: ReadingJson::of_known(&group.members, |members| members.len()),
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
struct GroupPositionJson<'a> {
    /// The partition.
    index: i32,
    /// The offset that it committed: the next record that it will read, if that is still there; null where it
    /// committed nothing.
    committed: Option<i64>,
    /// How many offsets lie between it and the end.
    lag: ReadingJson<'a, u64>,
    /// How many of them are gone, so that it will never read them.
    lost: ReadingJson<'a, u64>,
    /// How many milliseconds lie between the record that it will read next and the last one that was written;
    /// 0 without lag.
    behind_ms: ReadingJson<'a, u64>,
}

impl<'a> From<(&'a i32, &'a Position)> for GroupPositionJson<'a> {
    fn from((index, position): (&'a i32, &'a Position)) -> Self {
        Self {
            index: *index,
            committed: position.committed,
            lag: ReadingJson::of_known(&position.lag, |lag| *lag),
            lost: ReadingJson::of_known(&position.lost, |lost| *lost),
            behind_ms: ReadingJson::of_known(&position.behind_ms, |behind| *behind),
        }
    }
}
