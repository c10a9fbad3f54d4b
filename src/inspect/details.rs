//! Reads what costs requests of its own, for the topics and the purposes that need it. All of it is in flight
//! together, so that a broker that does not answer costs one deadline; what it does not answer is unknown,
//! with the reason, and the rest stands.

use std::collections::{BTreeMap, BTreeSet};

use super::acl::read_error;
use super::by_broker::values_by_broker;
use super::later_ends::read_later_ends;
use super::read_set::{Detail, ReadSet};
use super::reassignments::{doubtful, moving};
use super::topics::Topics;
use super::{DescribedGroup, DescribedOffsets, Position, TopicDescription};
use super::{record_times, values};
use crate::admin::{
    Admin, AdminError, EligibleLeaders, ItemError, OffsetPoint, PerTopic, ReplicaSizes, TopicGroups,
    TopicSynonyms,
};
use crate::model::{
    AclOperation, BrokerId, ClusterView, Committed, GroupName, GroupUse, Groups, Moving, Offset, Partition,
    ReadError, Reading, Reassignment, RequiredAcl, TopicName,
};

pub(super) type Partitions = BTreeMap<TopicName, Vec<i32>>;
pub(super) type Key = (TopicName, i32);
type Offsets = Result<BTreeMap<Key, Result<Offset, ItemError>>, AdminError>;

/// Reads it of the topics that exist; and of those that may be moving, what moves, if that is not known yet.
pub async fn add_details<A: Admin>(admin: &A, cluster: &ClusterView, topics: &mut Topics, reads: &ReadSet) {
    let partitions: Partitions = topics.iter().filter_map(indexes).collect();
    let of = |read: Detail| {
        let wanted = partitions.iter().filter(|_| reads.contains(&read));
        let wanted = wanted.map(|(name, indexes)| (name.clone(), indexes.clone()));
        wanted.collect::<Partitions>()
    };
    let (ends, deep, weighed, used) = (
        of(Detail::Offsets),
        of(Detail::Depth),
        of(Detail::Sizes),
        of(Detail::Groups),
    );
    let to_move = to_ask(topics, &deep);
    let late: Vec<TopicName> = deep
        .keys()
        .filter(|name| lacks_replicas(topics, name))
        .cloned()
        .collect();
    let values = values::to_ask(cluster, topics, &deep);
    let (earliest, mut latest, last_writes, sizes, groups, mut chains, moves, eligible, mut values) = tokio::join!(
        offsets(admin, &ends, OffsetPoint::Earliest),
        offsets(admin, &ends, OffsetPoint::Latest),
        offsets(admin, &deep, OffsetPoint::LatestTime),
        admin.replica_sizes(&weighed),
        admin.topic_groups(&used),
        chains(admin, &deep),
        moving(admin, &to_move),
        eligible_leaders(admin, &late),
        values_by_broker(admin, cluster, &values),
    );
    read_later_ends(admin, &groups, &mut latest).await;
    for (name, indexes) in &partitions {
        let Some(topic) = topics.get_mut(name) else {
            continue;
        };
        if reads.contains(&Detail::Offsets) {
            topic.offsets = ends_of(name, indexes, &earliest, &latest);
        }
        if reads.contains(&Detail::Depth) {
            topic.last_writes = each(indexes, |index| offset(&last_writes, name, index));
            add_chains(name, topic, &mut chains);
            values::add(topic, values.remove(name));
        }
        if to_move.contains_key(name) {
            topic.reassignments = moves_of(name, &moves);
        }
        if late.contains(name) {
            topic.eligible_leaders = eligible_of(name, &eligible);
        }
        if reads.contains(&Detail::Sizes) {
            topic.sizes = sizes_of(name, topic, &sizes);
        }
        if reads.contains(&Detail::Groups) {
            topic.groups = Some(groups_of(name, topic, &groups));
        }
    }
    if reads.contains(&Detail::Depth) {
        record_times::add(admin, topics).await;
    }
}

fn indexes((name, topic): (&TopicName, &TopicDescription)) -> Option<(TopicName, Vec<i32>)> {
    let partitions = topic.seen()?.partitions.iter();
    Some((
        name.clone(),
        partitions.map(|partition| partition.index).collect(),
    ))
}

fn each<T>(indexes: &[i32], of: impl Fn(i32) -> T) -> BTreeMap<i32, T> {
    indexes.iter().map(|index| (*index, of(*index))).collect()
}

async fn offsets<A: Admin>(admin: &A, partitions: &Partitions, point: OffsetPoint) -> Offsets {
    if partitions.is_empty() {
        return Ok(BTreeMap::new());
    }
    admin.offsets(partitions, point).await
}

type Chains = Result<PerTopic<TopicSynonyms>, AdminError>;

async fn chains<A: Admin>(admin: &A, partitions: &Partitions) -> Chains {
    if partitions.is_empty() {
        return Ok(PerTopic::new());
    }
    let wanted = partitions.keys().map(|name| (name.clone(), None)).collect();
    admin.synonyms(&wanted).await
}

/// Where it depends on that whether a partition lacks replicas, and where all of a topic is wanted.
fn to_ask(topics: &Topics, deep: &Partitions) -> Partitions {
    let open = topics
        .iter()
        .filter(|(_, topic)| topic.reassignments == Reading::NotAsked);
    let open = open.filter_map(|(name, topic)| Some((name, topic.seen()?)));
    let mut asked = doubtful(open);
    asked.extend(deep.clone());
    asked
}

/// Only there can a replica be eligible to lead that is not in sync.
fn lacks_replicas(topics: &Topics, name: &TopicName) -> bool {
    let seen = topics.get(name).and_then(TopicDescription::seen);
    seen.is_some_and(|seen| seen.under_replicated() > 0)
}

type Eligible = Result<PerTopic<EligibleLeaders>, AdminError>;

async fn eligible_leaders<A: Admin>(admin: &A, names: &[TopicName]) -> Eligible {
    if names.is_empty() {
        return Ok(PerTopic::new());
    }
    admin.eligible_leaders(names).await
}

fn eligible_of(name: &TopicName, told: &Eligible) -> Reading<EligibleLeaders> {
    match told.as_ref().map(|told| told.get(name)) {
        Ok(Some(Ok(eligible))) => Reading::Read(eligible.clone()),
        Ok(Some(Err(error))) => Reading::Failed(error.read_error()),
        Ok(None) => Reading::Absent,
        Err(error) => Reading::Failed(error.to_string().into()),
    }
}

type Moves = BTreeMap<TopicName, Moving>;

fn moves_of(name: &TopicName, told: &Moves) -> Reading<BTreeMap<i32, Reassignment>> {
    told.get(name).cloned().unwrap_or_default()
}

fn ends_of(
    name: &TopicName,
    indexes: &[i32],
    earliest: &Offsets,
    latest: &Offsets,
) -> BTreeMap<i32, DescribedOffsets> {
    each(indexes, |index| DescribedOffsets {
        earliest: offset(earliest, name, index),
        latest: offset(latest, name, index),
    })
}

fn offset(offsets: &Offsets, name: &TopicName, index: i32) -> Result<Offset, ReadError> {
    match offsets
        .as_ref()
        .map(|offsets| offsets.get(&(name.clone(), index)))
    {
        Ok(Some(answer)) => answer
            .clone()
            .map_err(|error| read_error(&error, || RequiredAcl::on_topic(AclOperation::Describe, name))),
        Ok(None) => Err("no broker answered for the partition".into()),
        Err(error) => Err(error.to_string().into()),
    }
}

/// A chain that could not be read leaves the configs as they are: value and source are known.
fn add_chains(name: &TopicName, topic: &mut TopicDescription, told: &mut Chains) {
    let Reading::Read(configs) = &mut topic.configs else {
        return;
    };
    let chains = match told {
        Ok(told) => told.remove(name),
        Err(error) => Some(Err(ItemError::Request(error.clone()))),
    };
    match chains {
        Some(Ok(chains)) => {
            for (key, (_, chain)) in chains {
                if let Some(described) = configs.get_mut(&key) {
                    described.chain = chain;
                }
            }
        }
        Some(Err(error)) => topic.chains_unread = Some(error.read_error()),
        None => topic.chains_unread = Some("the cluster did not mention its configs".into()),
    }
}

type Sizes = BTreeMap<i32, BTreeMap<BrokerId, Result<u64, ReadError>>>;

fn sizes_of(name: &TopicName, topic: &TopicDescription, told: &Result<ReplicaSizes, AdminError>) -> Sizes {
    let of_partition = |partition: &Partition| {
        let key = (name.clone(), partition.index);
        let of_replica = |broker: &BrokerId| (*broker, size(told, *broker, &key));
        (
            partition.index,
            partition.replicas.iter().map(of_replica).collect(),
        )
    };
    let partitions = topic.seen().into_iter().flat_map(|metadata| &metadata.partitions);
    partitions.map(of_partition).collect()
}

fn size(told: &Result<ReplicaSizes, AdminError>, broker: BrokerId, key: &Key) -> Result<u64, ReadError> {
    let brokers = told
        .as_ref()
        .map_err(|error| ReadError::from(error.to_string()))?;
    match brokers.get(&broker) {
        Some(Ok(sizes)) => {
            let size = sizes.get(key).and_then(|size| u64::try_from(*size).ok());
            size.ok_or_else(|| {
                format!("broker {broker} shows no replica; its log folder may be offline").into()
            })
        }
        Some(Err(error)) => Err(read_error(error, || {
            RequiredAcl::on_cluster(AclOperation::Describe)
        })),
        None => Err(format!("broker {broker} is not alive").into()),
    }
}

fn groups_of(
    name: &TopicName,
    topic: &TopicDescription,
    told: &Result<TopicGroups, AdminError>,
) -> Groups<DescribedGroup> {
    let told = match told {
        Ok(told) => told,
        Err(error) => {
            return Groups {
                read: BTreeMap::new(),
                unread: BTreeSet::from([error.to_string().into()]),
            };
        }
    };
    let group = |(group, found): (&GroupName, &GroupUse)| (group.clone(), described(found, topic));
    Groups {
        read: told.topics.get(name).into_iter().flatten().map(group).collect(),
        unread: told.unread.clone(),
    }
}

fn described(found: &GroupUse, topic: &TopicDescription) -> DescribedGroup {
    let position = |(index, committed): (&i32, &Committed)| {
        (*index, Position::new(*committed, topic.offsets.get(index)))
    };
    let uncommitted = found.partitions_without_offset().into_iter();
    let uncommitted = uncommitted.filter_map(|index| {
        let why = found.why_no_offset(index)?;
        Some((index, Position::uncommitted(why, topic.offsets.get(&index))))
    });
    DescribedGroup {
        kind: found.kind,
        state: found.state.clone(),
        members: found.members.clone(),
        positions: found.committed.iter().map(position).chain(uncommitted).collect(),
    }
}
