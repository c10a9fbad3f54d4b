//! Reads what tells the cost of risky changes, and nothing of any other topic. Reading is best effort:
//! what a broker refuses, or what takes too long, is in the evidence as not read, with the reason.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::Arc;

use futures_util::future::join_all;

use super::acl::{missing_acl, read_error};
use super::later_ends::read_later_ends;
use crate::admin::{
    Admin, AdminError, ItemError, OffsetPoint, PerTopic, ReplicaEnds, ReplicaSizes, Replicas, SampleRanges,
    TopicGroups,
};
use crate::model::facts::leader_or_largest;
use crate::model::{
    AclOperation, BrokerId, Disks, Evidence, EvidenceKind, EvidenceRequest, GroupUse, Groups, Known, Offset,
    PartitionEvidence, RequiredAcl, Sample, TopicConfigs, TopicEvidence, TopicEvidenceRequest, TopicName,
};

/// The partition of a topic.
type Key = (TopicName, i32);

type Offsets = Result<BTreeMap<Key, Result<Offset, ItemError>>, AdminError>;

type Partitions = BTreeMap<TopicName, Vec<i32>>;

/// Where only the latest records are asked about, these are so many of each partition.
const LATEST_RECORDS: i64 = 200;

/// Answers an inquiry. Without questions, nothing is sent.
pub async fn collect_evidence<A: Admin>(admin: &A, inquiry: &EvidenceRequest) -> Evidence {
    if inquiry.topics.is_empty() {
        return Evidence::default();
    }
    let every = partitions(inquiry, |_| true);
    let timed = partitions(inquiry, |asked| {
        asked.cutoff.is_some() || asked.ask(EvidenceKind::LastWrite)
    });
    let ended = partitions(inquiry, |asked| asked.ask(EvidenceKind::LastWrite));
    let tiered = partitions(inquiry, |asked| asked.ask(EvidenceKind::LocalStart));
    let weighed = partitions(inquiry, |asked| asked.ask(EvidenceKind::Sizes));
    let used = used(inquiry);
    let described = inquiry
        .topics
        .iter()
        .filter(|(_, asked)| asked.ask(EvidenceKind::Configs));
    let described: Vec<TopicName> = described.map(|(name, _)| name.clone()).collect();
    let asks_disks = inquiry
        .topics
        .values()
        .any(|asked| asked.ask(EvidenceKind::Disks));
    let disks = if asks_disks {
        disks(admin).await
    } else {
        BTreeMap::new()
    };
    let replicas = survivors(inquiry);
    let (
        earliest,
        mut latest,
        first,
        last_write,
        local_start,
        at_cutoff,
        sizes,
        groups,
        configs,
        replica_ends,
    ) = tokio::join!(
        offsets(admin, &every, OffsetPoint::Earliest),
        offsets(admin, &every, OffsetPoint::Latest),
        offsets(admin, &timed, OffsetPoint::AtOrAfter(0)),
        offsets(admin, &ended, OffsetPoint::LatestTime),
        offsets(admin, &tiered, OffsetPoint::EarliestLocal),
        at_cutoffs(admin, inquiry),
        sizes(admin, &weighed),
        groups(admin, &used),
        configs(admin, &described),
        admin.replica_ends(&replicas),
    );
    read_later_ends(admin, &groups, &mut latest).await;
    let mut answers = Answers {
        earliest,
        latest,
        first,
        last_write,
        local_start,
        at_cutoff,
        sizes,
        groups,
        configs,
        replica_ends,
        samples: Ok(BTreeMap::new()),
    };
    let ranges = answers.ranges(inquiry);
    if !ranges.is_empty() {
        answers.samples = admin.samples(&ranges).await;
    }
    let topics = inquiry.topics.iter();
    Evidence {
        topics: topics
            .map(|(name, asked)| (name.clone(), answers.of_topic(name, asked)))
            .collect(),
        disks,
    }
}

/// Those that tell. Without them a plan only says less.
async fn disks<A: Admin>(admin: &A) -> BTreeMap<BrokerId, Disks> {
    let told = admin.storage().await.unwrap_or_default().into_iter();
    told.filter_map(|(broker, storage)| Some((broker, storage.ok()?.disks?)))
        .collect()
}

fn partitions(inquiry: &EvidenceRequest, wanted: impl Fn(&TopicEvidenceRequest) -> bool) -> Partitions {
    let asked = inquiry.topics.iter().filter(|(_, asked)| wanted(asked));
    asked
        .filter(|(_, asked)| !asked.partitions.is_empty())
        .map(|(name, asked)| (name.clone(), asked.partitions.keys().copied().collect()))
        .collect()
}

/// Where groups are looked for: in all partitions that are asked about, and in those that have no leader.
fn used(inquiry: &EvidenceRequest) -> Partitions {
    let asked = inquiry
        .topics
        .iter()
        .filter(|(_, asked)| asked.ask(EvidenceKind::Groups));
    let indexes = |asked: &TopicEvidenceRequest| -> BTreeSet<i32> {
        asked
            .partitions
            .keys()
            .chain(asked.survivors.keys())
            .copied()
            .collect()
    };
    asked
        .map(|(name, asked)| (name.clone(), indexes(asked).into_iter().collect()))
        .collect()
}

/// By the brokers that are asked, one request each.
fn survivors(inquiry: &EvidenceRequest) -> Replicas {
    let mut replicas = Replicas::new();
    for (name, asked) in &inquiry.topics {
        for (index, brokers) in &asked.survivors {
            for broker in brokers {
                let topics = replicas.entry(*broker).or_default();
                topics.entry(name.clone()).or_default().push(*index);
            }
        }
    }
    replicas
}

async fn offsets<A: Admin>(admin: &A, partitions: &Partitions, point: OffsetPoint) -> Offsets {
    if partitions.is_empty() {
        return Ok(BTreeMap::new());
    }
    admin.offsets(partitions, point).await
}

async fn sizes<A: Admin>(admin: &A, partitions: &Partitions) -> Result<ReplicaSizes, AdminError> {
    if partitions.is_empty() {
        return Ok(ReplicaSizes::new());
    }
    admin.replica_sizes(partitions).await
}

async fn groups<A: Admin>(admin: &A, partitions: &Partitions) -> Result<TopicGroups, AdminError> {
    if partitions.is_empty() {
        return Ok(TopicGroups::default());
    }
    admin.topic_groups(partitions).await
}

/// Without them a plan only says less.
async fn configs<A: Admin>(admin: &A, names: &[TopicName]) -> PerTopic<Option<TopicConfigs>> {
    if names.is_empty() {
        return PerTopic::new();
    }
    admin.configs(names).await.unwrap_or_default()
}

/// The times that are asked about.
fn times(asked: &TopicEvidenceRequest) -> impl Iterator<Item = i64> {
    let lags = asked.lags.iter().flat_map(|lags| [lags.before, lags.after]);
    asked.cutoff.into_iter().chain(lags)
}

/// Topics with the same cut-off are asked for together.
async fn at_cutoffs<A: Admin>(admin: &A, inquiry: &EvidenceRequest) -> BTreeMap<i64, Offsets> {
    let cutoffs: BTreeSet<i64> = inquiry.topics.values().flat_map(times).collect();
    let ask = async |cutoff: i64| {
        let wanted = partitions(inquiry, |asked| times(asked).any(|time| time == cutoff));
        (
            cutoff,
            offsets(admin, &wanted, OffsetPoint::AtOrAfter(cutoff)).await,
        )
    };
    join_all(cutoffs.into_iter().map(ask)).await.into_iter().collect()
}

/// Which of a partition's records are looked at.
fn sampled(asked: &TopicEvidenceRequest, all: Range<i64>) -> Range<i64> {
    if asked.ask(EvidenceKind::WholeSample) {
        all
    } else {
        all.start.max(all.end.saturating_sub(LATEST_RECORDS))..all.end
    }
}

struct Answers {
    earliest: Offsets,
    latest: Offsets,
    first: Offsets,
    last_write: Offsets,
    local_start: Offsets,
    at_cutoff: BTreeMap<i64, Offsets>,
    sizes: Result<ReplicaSizes, AdminError>,
    groups: Result<TopicGroups, AdminError>,
    configs: PerTopic<Option<TopicConfigs>>,
    replica_ends: ReplicaEnds,
    samples: Result<BTreeMap<Key, Result<Sample, ItemError>>, AdminError>,
}

impl Answers {
    /// Where samples can be taken: partitions whose ends are known and apart.
    fn ranges(&self, inquiry: &EvidenceRequest) -> SampleRanges {
        let asked = inquiry
            .topics
            .iter()
            .filter(|(_, asked)| asked.ask(EvidenceKind::Sample) || asked.ask(EvidenceKind::WholeSample));
        let ranges = asked.filter_map(|(name, asked)| {
            let range = |index: &i32| {
                let key = (name.clone(), *index);
                let (earliest, latest) = (number(&self.earliest, &key), number(&self.latest, &key));
                let range = sampled(asked, *earliest.read()?..*latest.read()?);
                (!range.is_empty()).then_some((*index, range))
            };
            let ranges: BTreeMap<_, _> = asked.partitions.keys().filter_map(range).collect();
            (!ranges.is_empty()).then(|| (name.clone(), ranges))
        });
        ranges.collect()
    }

    fn of_topic(&self, name: &TopicName, asked: &TopicEvidenceRequest) -> TopicEvidence {
        let each = asked.partitions.iter();
        TopicEvidence {
            cutoff: asked.cutoff,
            now: asked.now,
            partitions: each
                .map(|(index, leader)| (*index, self.of_partition(&(name.clone(), *index), asked, *leader)))
                .collect(),
            survivors: self.survivors(name, asked),
            configs: match self.configs.get(name) {
                Some(Ok(configs)) => configs.clone(),
                Some(Err(_)) | None => None,
            },
            groups: if asked.ask(EvidenceKind::Groups) {
                self.groups_of(name)
            } else {
                Groups::default()
            },
            missing: self.missing(name, asked),
        }
    }

    fn survivors(
        &self,
        name: &TopicName,
        asked: &TopicEvidenceRequest,
    ) -> BTreeMap<i32, BTreeMap<BrokerId, Known<Offset>>> {
        let end = |broker: &BrokerId, index: i32| {
            let told = self.replica_ends.get(broker);
            match told.and_then(|ends| ends.get(&(name.clone(), index))) {
                Some(Ok(end)) => Known::Read(*end),
                Some(Err(error)) => Known::Unread(error.to_string().into()),
                None => Known::default(),
            }
        };
        let each = asked.survivors.iter().map(|(index, brokers)| {
            let ends = brokers.iter().map(|broker| (*broker, end(broker, *index)));
            (*index, ends.collect())
        });
        each.collect()
    }

    /// The rights that would have let more be read of a topic.
    fn missing(&self, name: &TopicName, asked: &TopicEvidenceRequest) -> BTreeSet<RequiredAcl> {
        let keys = || asked.partitions.keys().map(|index| (name.clone(), *index));
        let points = [
            &self.earliest,
            &self.latest,
            &self.first,
            &self.last_write,
            &self.local_start,
        ];
        let points = points.into_iter().chain(self.at_cutoff.values());
        let describe = || RequiredAcl::on_topic(AclOperation::Describe, name);
        let offsets = points.flat_map(|offsets| {
            let refused = |key| missing_acl(offsets.as_ref().ok()?.get(&key)?.as_ref().err()?, describe);
            keys().filter_map(refused).collect::<Vec<_>>()
        });
        let read = || RequiredAcl::on_topic(AclOperation::Read, name);
        let samples = keys().filter_map(|key| {
            let sample = self.samples.as_ref().ok()?.get(&key)?;
            missing_acl(sample.as_ref().err()?, read)
        });
        let see = || RequiredAcl::on_cluster(AclOperation::Describe);
        let sizes = self.sizes.iter().flat_map(BTreeMap::values);
        let sizes = sizes.filter_map(|broker| missing_acl(broker.as_ref().err()?, see));
        let groups = self
            .groups
            .iter()
            .flat_map(|groups| groups.missing.iter().cloned());
        let mut missing: BTreeSet<RequiredAcl> = offsets.chain(samples).collect();
        if asked.ask(EvidenceKind::Sizes) {
            missing.extend(sizes);
        }
        if asked.ask(EvidenceKind::Groups) {
            missing.extend(groups);
        }
        missing
    }

    fn of_partition(
        &self,
        key: &Key,
        asked: &TopicEvidenceRequest,
        leader: Option<BrokerId>,
    ) -> PartitionEvidence {
        let at = |time: Option<i64>| {
            let offsets = time.and_then(|time| self.at_cutoff.get(&time));
            offsets.map_or_else(Known::default, |offsets| offset(offsets, key))
        };
        PartitionEvidence {
            earliest: number(&self.earliest, key),
            latest: number(&self.latest, key),
            leader_epoch: leader_epoch(&self.latest, key),
            first: offset(&self.first, key),
            at_cutoff: at(asked.cutoff),
            compacted_before: at(asked.lags.map(|lags| lags.before)),
            compacted_after: at(asked.lags.map(|lags| lags.after)),
            last_write: offset(&self.last_write, key),
            local_start: number(&self.local_start, key),
            bytes: if asked.ask(EvidenceKind::Sizes) {
                self.size(key, leader)
            } else {
                Known::default()
            },
            sample: self.sample(key, asked),
        }
    }

    fn size(&self, key: &Key, leader: Option<BrokerId>) -> Known<i64> {
        let brokers = match &self.sizes {
            Ok(brokers) => brokers,
            Err(error) => return Known::Unread(error.to_string().into()),
        };
        let told = brokers
            .iter()
            .filter_map(|(broker, sizes)| Some((*broker, *sizes.as_ref().ok()?.get(key)?)));
        match leader_or_largest(leader, told) {
            Some(bytes) => Known::Read(bytes),
            None => Known::Unread(why_no_size(brokers)),
        }
    }

    fn groups_of(&self, name: &TopicName) -> Groups<GroupUse> {
        match &self.groups {
            Ok(groups) => Groups {
                read: groups.topics.get(name).cloned().unwrap_or_default(),
                unread: groups.unread.clone(),
            },
            Err(error) => Groups {
                read: BTreeMap::new(),
                unread: BTreeSet::from([error.to_string().into()]),
            },
        }
    }

    fn sample(&self, key: &Key, asked: &TopicEvidenceRequest) -> Known<Sample> {
        let is_whole = || {
            let (earliest, latest) = (number(&self.earliest, key), number(&self.latest, key));
            let all = *earliest.read()?..*latest.read()?;
            Some(sampled(asked, all.clone()) == all)
        };
        match self.samples.as_ref().map(|samples| samples.get(key)) {
            Ok(Some(Ok(sample))) => Known::Read(Sample {
                complete: sample.complete && is_whole().unwrap_or(false),
                ..*sample
            }),
            Ok(Some(Err(error))) => Known::Unread(
                read_error(error, || RequiredAcl::on_topic(AclOperation::Read, &key.0))
                    .words
                    .into(),
            ),
            Ok(None) => Known::default(),
            Err(error) => Known::Unread(error.to_string().into()),
        }
    }
}

fn why_no_size(brokers: &ReplicaSizes) -> Arc<str> {
    let error = brokers.values().find_map(|broker| broker.as_ref().err());
    error.map_or_else(
        || "no broker tells the size of its replica".into(),
        |error| {
            read_error(error, || RequiredAcl::on_cluster(AclOperation::Describe))
                .words
                .into()
        },
    )
}

fn offset(offsets: &Offsets, key: &Key) -> Known<Offset> {
    match offsets.as_ref().map(|offsets| offsets.get(key)) {
        Ok(Some(Ok(offset))) => Known::Read(*offset),
        Ok(Some(Err(error))) => Known::Unread(
            read_error(error, || RequiredAcl::on_topic(AclOperation::Describe, &key.0))
                .words
                .into(),
        ),
        Ok(None) => Known::default(),
        Err(error) => Known::Unread(error.to_string().into()),
    }
}

fn leader_epoch(offsets: &Offsets, key: &Key) -> Option<i32> {
    offset(offsets, key).read()?.leader_epoch
}

fn number(offsets: &Offsets, key: &Key) -> Known<i64> {
    match offset(offsets, key) {
        Known::Read(Offset {
            offset: Some(number), ..
        }) => Known::Read(number),
        Known::Read(Offset { offset: None, .. }) => Known::Unread("the broker names no offset".into()),
        Known::Unread(why) => Known::Unread(why),
    }
}
