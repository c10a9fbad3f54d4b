//! Asks for what flows through topics: their partitions' ends, what groups committed, and what is being moved.

use std::collections::BTreeMap;

use super::acl::read_error;
use super::later_ends::read_later_ends;
use crate::admin::{Admin, AdminError, ItemError, OffsetPoint, Reassignments, TopicGroups};
use crate::model::{AclOperation, Known, Offset, Partition, RequiredAcl, TopicMetadata, TopicName};

type Offsets = BTreeMap<(TopicName, i32), Result<Offset, ItemError>>;
/// Metadata of the topics that are looked at.
pub type Metadata = BTreeMap<TopicName, TopicMetadata>;
type Partitions = BTreeMap<TopicName, Vec<i32>>;

/// What flows: the ends of the partitions, how far groups are, and replicas that are on their way.
pub struct Flow {
    /// The moves under way; empty where nothing hints at any.
    pub moving: Result<Reassignments, ItemError>,
    /// The first offsets that are still there.
    pub earliest: Result<Offsets, AdminError>,
    /// The offsets that the next records get.
    pub latest: Result<Offsets, AdminError>,
    /// What groups committed, and who is at work in them.
    pub groups: Result<TopicGroups, AdminError>,
}

/// Reads it of these topics.
pub async fn read_flow<A: Admin>(admin: &A, metadata: &Metadata) -> Flow {
    // Without a leader nobody can tell, and asking would wait for an election.
    let led = indexes(metadata, |partition| partition.leader.is_some());
    let all = indexes(metadata, |_| true);
    let (moving, earliest, mut latest, groups) = tokio::join!(
        read_moving(admin, metadata),
        admin.offsets(&led, OffsetPoint::Earliest),
        admin.offsets(&led, OffsetPoint::Latest),
        admin.topic_groups(&all),
    );
    read_later_ends(admin, &groups, &mut latest).await;
    Flow {
        moving,
        earliest,
        latest,
        groups,
    }
}

/// Asked only where it makes a difference; and for all topics at once, since only what is under way is answered.
async fn read_moving<A: Admin>(admin: &A, metadata: &Metadata) -> Result<Reassignments, ItemError> {
    if !metadata.values().any(TopicMetadata::may_be_moving) {
        return Ok(Reassignments::new());
    }
    match admin.list_partition_reassignments(None).await {
        Ok(moving) => moving,
        // Before Kafka 2.4 there was no such thing.
        Err(AdminError::Unsupported { .. }) => Ok(Reassignments::new()),
        Err(error) => Err(ItemError::Request(error)),
    }
}

/// The numbers of the wanted partitions, by topic; topics without any are left out.
pub fn indexes(metadata: &Metadata, wanted: impl Fn(&Partition) -> bool) -> Partitions {
    let of_topic = |topic: &TopicMetadata| -> Vec<i32> {
        let wanted = topic.partitions.iter().filter(|partition| wanted(partition));
        wanted.map(|partition| partition.index).collect()
    };
    let each = metadata
        .iter()
        .map(|(name, topic)| (name.clone(), of_topic(topic)));
    each.filter(|(_, indexes)| !indexes.is_empty()).collect()
}

/// Why the end of a partition without a leader is not known.
pub fn leaderless() -> Known<i64> {
    Known::Unread("the partition has no leader".into())
}

/// The epoch of the leader that told the end.
pub fn leader_epoch(offsets: &Result<Offsets, AdminError>, key: &(TopicName, i32)) -> Option<i32> {
    offsets.as_ref().ok()?.get(key)?.as_ref().ok()?.leader_epoch
}

/// The end of a partition, if its leader told.
pub fn end(offsets: &Result<Offsets, AdminError>, key: &(TopicName, i32)) -> Known<i64> {
    let unread = |why: String| Known::Unread(why.into());
    match offsets {
        Err(error) => unread(error.to_string()),
        Ok(offsets) => match offsets.get(key) {
            Some(Ok(Offset {
                offset: Some(offset), ..
            })) => Known::Read(*offset),
            Some(Ok(_)) | None => unread("the broker named no offset".to_owned()),
            Some(Err(error)) => {
                let needed = || RequiredAcl::on_topic(AclOperation::Describe, &key.0);
                Known::Unread(read_error(error, needed).words.into())
            }
        },
    }
}
