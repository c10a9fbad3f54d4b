//! Reads what a plan has to know of a cluster, and nothing else: metadata of the declared topics by
//! name, the configs of those that exist, what lies behind the overrides that may be reset, and with
//! `--prune` which other topics there are.

use std::collections::{BTreeMap, BTreeSet};

use super::{Admin, AdminError, ItemError, PerTopic, Reassignments, TopicSynonyms, inherited};
use crate::model::{
    ClusterView, ConfigKey, ConfigSource, Desired, DesiredState, DesiredTopic, Inherited, Moving,
    Observation, ObservedTopic, Obstacle, Partition, PruneReach, Reassignment, Sighting, TopicConfigs,
    TopicMetadata, TopicName, Unreadable,
};

/// Observes every topic of `desired`, and which of their aliases exist.
///
/// A topic that could not be read is in the result as such; the call fails only where the cluster
/// as a whole could not be asked.
pub async fn observe<A: Admin>(
    admin: &A,
    cluster: &ClusterView,
    desired: &Desired,
) -> Result<Observation, AdminError> {
    let names: Vec<TopicName> = desired.topics.keys().cloned().collect();
    let aliases: BTreeSet<TopicName> = desired
        .topics
        .values()
        .flat_map(|topic| topic.aliases.clone())
        .collect();
    let wanted = with_aliases(&names, &aliases);
    let (metadata, others) = tokio::try_join!(admin.topics(&wanted), candidates(admin, desired))?;
    let found = aliases
        .into_iter()
        .filter(|alias| matches!(metadata.get(alias), Some(Ok(Some(_)))))
        .collect();
    let (configs, moving) = tokio::try_join!(
        read_configs(admin, desired, &metadata),
        read_moving(admin, desired, &metadata)
    )?;
    let chains = read_chains(admin, desired, &metadata, &configs).await?;
    let (inherited, inherited_unread) = inherited::inherited(admin, chains).await;
    let mut reading = Reading {
        metadata,
        configs,
        inherited,
        inherited_unread,
        moving,
    };
    Ok(Observation {
        cluster: cluster.clone(),
        topics: desired
            .topics
            .values()
            .map(|topic| (topic.name.clone(), reading.sighting(topic)))
            .chain(others)
            .collect(),
        aliases_found: found,
    })
}

/// Topics that the file does not name and that may go. Their configs do not matter.
async fn candidates<A: Admin>(
    admin: &A,
    desired: &Desired,
) -> Result<BTreeMap<TopicName, Sighting>, AdminError> {
    let goes = |name: &TopicName, internal| desired.prune.pattern_for(name, internal).is_some();
    match desired.prune.reach() {
        PruneReach::Nowhere => Ok(BTreeMap::new()),
        PruneReach::Cluster => {
            let all = admin.all_topics().await?.into_iter();
            let found = all.filter(|(name, metadata)| goes(name, metadata.internal));
            Ok(found
                .map(|(name, metadata)| (name, without_configs(metadata)))
                .collect())
        }
        PruneReach::Only(names) => {
            let names: Vec<TopicName> = names.iter().cloned().collect();
            let metadata = admin.topics(&names).await?.into_iter();
            Ok(metadata.map(|(name, answer)| (name, candidate(answer))).collect())
        }
    }
}

fn candidate(answer: Result<Option<TopicMetadata>, ItemError>) -> Sighting {
    match answer {
        Ok(Some(metadata)) => without_configs(metadata),
        Ok(None) => Sighting::Absent,
        Err(error) => unreadable("its metadata", &error),
    }
}

fn without_configs(metadata: TopicMetadata) -> Sighting {
    Sighting::Present(Box::new(ObservedTopic {
        metadata,
        configs: TopicConfigs::default(),
        inherited: BTreeMap::new(),
        inherited_unread: None,
        moving: Moving::NotAsked,
    }))
}

fn with_aliases(names: &[TopicName], aliases: &BTreeSet<TopicName>) -> Vec<TopicName> {
    let all: BTreeSet<&TopicName> = names.iter().chain(aliases).collect();
    all.into_iter().cloned().collect()
}

/// Configs only matter for topics that exist and should.
async fn read_configs<A: Admin>(
    admin: &A,
    desired: &Desired,
    metadata: &PerTopic<Option<TopicMetadata>>,
) -> Result<PerTopic<Option<TopicConfigs>>, AdminError> {
    let exists = |name: &TopicName| matches!(metadata.get(name), Some(Ok(Some(_))));
    let wanted = desired
        .topics
        .values()
        .filter(|topic| matches!(topic.state, DesiredState::Present(_)));
    let names: Vec<TopicName> = wanted
        .filter(|topic| exists(&topic.name))
        .map(|topic| topic.name.clone())
        .collect();
    if names.is_empty() {
        return Ok(PerTopic::new());
    }
    admin.configs(&names).await
}

/// What is being moved, of topics whose declared replication may depend on it: it is not the one that
/// metadata shows, or replicas are not in sync, as those are that are only being added.
async fn read_moving<A: Admin>(
    admin: &A,
    desired: &Desired,
    metadata: &PerTopic<Option<TopicMetadata>>,
) -> Result<BTreeMap<TopicName, Moving>, AdminError> {
    let doubtful = desired.topics.iter().filter_map(|(name, topic)| {
        let DesiredState::Present(settings) = &topic.state else {
            return None;
        };
        let (Some(to), Some(Ok(Some(seen)))) = (&settings.replication, metadata.get(name)) else {
            return None;
        };
        let is_so = |partition: &Partition| partition.replicas.len() == to.value.as_usize();
        let plain = seen.partitions.iter().all(is_so) && !seen.may_be_moving();
        let indexes = seen.partitions.iter().map(|partition| partition.index);
        (!plain).then(|| (name.clone(), indexes.collect()))
    });
    Ok(moving(admin, &doubtful.collect()).await)
}

/// What is being moved of these partitions.
///
/// Not being told is in the result. Only the controller tells: where it is lost with its quorum, brokers still show
/// everything else.
pub async fn moving<A: Admin>(
    admin: &A,
    asked: &BTreeMap<TopicName, Vec<i32>>,
) -> BTreeMap<TopicName, Moving> {
    if asked.is_empty() {
        return BTreeMap::new();
    }
    let found = admin.list_partition_reassignments(Some(asked)).await;
    let found = found.unwrap_or_else(|error| Err(ItemError::Request(error)));
    by_topic(asked.keys().cloned(), found.map_err(|error| error.obstacle()))
}

fn by_topic(
    names: impl Iterator<Item = TopicName>,
    found: Result<Reassignments, Obstacle>,
) -> BTreeMap<TopicName, Moving> {
    let found = match found {
        Ok(found) => found,
        Err(why) => return names.map(|name| (name, Moving::Unread(why.clone()))).collect(),
    };
    let mut each: BTreeMap<TopicName, BTreeMap<i32, Reassignment>> =
        names.map(|name| (name, BTreeMap::new())).collect();
    for ((name, index), moving) in found {
        each.entry(name).or_default().insert(index, moving);
    }
    each.into_iter()
        .map(|(name, moving)| (name, Moving::Read(moving)))
        .collect()
}

/// What a reset leads to. Asked only for overrides that a plan may reset, since the chains inflate
/// the answer.
async fn read_chains<A: Admin>(
    admin: &A,
    desired: &Desired,
    metadata: &PerTopic<Option<TopicMetadata>>,
    configs: &PerTopic<Option<TopicConfigs>>,
) -> Result<PerTopic<TopicSynonyms>, AdminError> {
    let wanted: BTreeMap<TopicName, Option<Vec<ConfigKey>>> = desired
        .topics
        .iter()
        .filter_map(|(name, topic)| {
            let (Some(Ok(Some(metadata))), Some(Ok(Some(configs)))) = (metadata.get(name), configs.get(name))
            else {
                return None;
            };
            let keys = resettable(topic, metadata, configs);
            (!keys.is_empty()).then(|| (name.clone(), Some(keys)))
        })
        .collect();
    if wanted.is_empty() {
        return Ok(PerTopic::new());
    }
    admin.synonyms(&wanted).await
}

fn resettable(topic: &DesiredTopic, metadata: &TopicMetadata, configs: &TopicConfigs) -> Vec<ConfigKey> {
    let DesiredState::Present(settings) = &topic.state else {
        return Vec::new();
    };
    let is_internal = topic.name.is_internal(metadata.internal);
    let overrides = configs
        .iter()
        .filter(|(_, config)| config.source == ConfigSource::Topic);
    overrides
        .map(|(key, _)| key)
        .filter(|key| settings.resets(key, is_internal))
        .cloned()
        .collect()
}

struct Reading {
    metadata: PerTopic<Option<TopicMetadata>>,
    configs: PerTopic<Option<TopicConfigs>>,
    inherited: BTreeMap<TopicName, BTreeMap<ConfigKey, Inherited>>,
    inherited_unread: Option<Obstacle>,
    moving: BTreeMap<TopicName, Moving>,
}

impl Reading {
    fn sighting(&mut self, topic: &DesiredTopic) -> Sighting {
        match self.metadata.remove(&topic.name) {
            Some(Ok(Some(metadata))) => self.present(topic, metadata),
            Some(Ok(None)) => Sighting::Absent,
            Some(Err(error)) => unreadable("its metadata", &error),
            None => no_answer("its metadata"),
        }
    }

    fn present(&mut self, topic: &DesiredTopic, metadata: TopicMetadata) -> Sighting {
        let configs = match (&topic.state, self.configs.remove(&topic.name)) {
            // Its configs do not matter and were not read.
            (DesiredState::Absent(_), _) => TopicConfigs::default(),
            (DesiredState::Present(_), Some(Ok(Some(configs)))) => configs,
            // Deleted between the two reads.
            (DesiredState::Present(_), Some(Ok(None))) => return Sighting::Absent,
            (DesiredState::Present(_), Some(Err(error))) => return unreadable("its configs", &error),
            (DesiredState::Present(_), None) => return no_answer("its configs"),
        };
        let inherited = self.inherited.remove(&topic.name).unwrap_or_default();
        Sighting::Present(Box::new(ObservedTopic {
            metadata,
            configs,
            inherited,
            inherited_unread: self.inherited_unread.clone(),
            moving: self.moving.remove(&topic.name).unwrap_or_default(),
        }))
    }
}

fn unreadable(what: &'static str, error: &ItemError) -> Sighting {
    Sighting::Unreadable(Unreadable {
        what,
        reason: error.obstacle(),
    })
}

fn no_answer(what: &'static str) -> Sighting {
    Sighting::Unreadable(Unreadable {
        what,
        reason: "the cluster did not mention the topic in its answer".into(),
    })
}
