//! Reads what a plan has to know of a cluster, and nothing else: metadata of the declared topics by
//! name, the configs of those that exist, what lies behind the overrides that may be reset, and with
//! `--prune` which other topics there are.

use std::collections::{BTreeMap, BTreeSet};

use super::inherited;
use super::reassignments::{indexes, moving};
use crate::admin::{Admin, AdminError, EligibleLeaders, ItemError, PerTopic, TopicSynonyms};
use crate::model::{
    ClusterView, ConfigKey, ConfigListing, ConfigSource, ConfigText, Declared, Desired, DesiredSettings,
    DesiredState, DesiredTopic, Inherited, InheritedByBroker, Moving, NotOffered, Observation,
    ObservedConfig, ObservedTopic, PruneReach, ReadError, Replication, RunPurpose, StorageView, Synonym,
    TopicConfigs, TopicMetadata, TopicName, TopicObservation, Unreadable, known,
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
    let (configs, moving) = tokio::join!(
        read_configs(admin, desired, &metadata),
        read_moving(admin, desired, &metadata)
    );
    let moving = moving?;
    let (configs, configs_unread) = match configs {
        Ok(configs) => (configs, None),
        // Everything else of the topics is compared all the same.
        Err(AdminError::Unsupported { request, since, .. }) => {
            let why = NotOffered { request, since }.to_string();
            (PerTopic::new(), Some(why.into()))
        }
        Err(error) => return Err(error),
    };
    let asks_storage = places_replicas(desired, cluster, &metadata, &moving);
    let with_other_min_insync = with_other_min_insync(desired, &metadata, &configs);
    let (chains, storage, eligible_leaders) = tokio::join!(
        read_chains(admin, desired, &metadata, &configs),
        read_storage(admin, asks_storage),
        read_eligible_leaders(admin, &with_other_min_insync)
    );
    let chains = chains?;
    let own_behind = own_behind(&chains);
    let chains = of_overrides(chains);
    let (inherited, inherited_unread) = inherited::inherited(admin, chains).await;
    let mut reading = Reading {
        metadata,
        configs,
        configs_unread,
        own_behind,
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
        storage,
        eligible_leaders,
    })
}

/// Topics that the file does not name and that may go. Their configs do not matter.
async fn candidates<A: Admin>(
    admin: &A,
    desired: &Desired,
) -> Result<BTreeMap<TopicName, TopicObservation>, AdminError> {
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

fn candidate(answer: Result<Option<TopicMetadata>, ItemError>) -> TopicObservation {
    match answer {
        Ok(Some(metadata)) => without_configs(metadata),
        Ok(None) => TopicObservation::Absent,
        Err(error) => unreadable("its metadata", &error),
    }
}

fn without_configs(metadata: TopicMetadata) -> TopicObservation {
    TopicObservation::Present(Box::new(ObservedTopic {
        metadata,
        configs: TopicConfigs::default(),
        listing: ConfigListing::default(),
        inherited: BTreeMap::new(),
        inherited_unread: None,
        by_broker: InheritedByBroker::default(),
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

/// What is being moved, of topics for which it may matter: another replication is declared than metadata shows, or
/// there are to be more partitions and those that are there differ; or replicas are not in sync, as those are that
/// are only being added.
async fn read_moving<A: Admin>(
    admin: &A,
    desired: &Desired,
    metadata: &PerTopic<Option<TopicMetadata>>,
) -> Result<BTreeMap<TopicName, Moving>, AdminError> {
    let doubtful = existing(desired, metadata).filter_map(|(name, settings, seen)| {
        let is_mixed = matches!(seen.replication(), Some(Replication::Mixed { .. }));
        let differs = has_other_replicas(settings, seen) || (grows(settings, seen) && is_mixed);
        let matters = settings.replication.is_some() || grows(settings, seen);
        let is_asked_for = desired.purpose == RunPurpose::CancelMoves;
        (is_asked_for || (matters && (differs || seen.may_be_moving())))
            .then(|| (name.clone(), indexes(seen)))
    });
    Ok(moving(admin, &doubtful.collect()).await)
}

/// Topics that are there and should be, with what is wanted of them.
fn existing<'a>(
    desired: &'a Desired,
    metadata: &'a PerTopic<Option<TopicMetadata>>,
) -> impl Iterator<Item = (&'a TopicName, &'a DesiredSettings, &'a TopicMetadata)> {
    desired
        .topics
        .iter()
        .filter_map(|(name, topic)| match (&topic.state, metadata.get(name)) {
            (DesiredState::Present(settings), Some(Ok(Some(seen)))) => Some((name, settings, seen)),
            _ => None,
        })
}

fn grows(settings: &DesiredSettings, seen: &TopicMetadata) -> bool {
    let wanted = settings.partitions.as_ref();
    wanted.is_some_and(|to| to.value.as_usize() > seen.partitions.len())
}

fn has_other_replicas(settings: &DesiredSettings, seen: &TopicMetadata) -> bool {
    let differs = |wanted: usize| seen.partitions.iter().any(|p| p.replicas.len() != wanted);
    let wanted = settings.replication.as_ref();
    wanted.is_some_and(|to| differs(to.value.as_usize()))
}

/// Whether a plan may have to choose brokers. Where the controller can, and nothing else depends on it, it does.
fn places_replicas(
    desired: &Desired,
    cluster: &ClusterView,
    metadata: &PerTopic<Option<TopicMetadata>>,
    moving: &BTreeMap<TopicName, Moving>,
) -> bool {
    let has_racks = cluster.brokers.values().any(|broker| broker.rack.is_some());
    existing(desired, metadata).any(|(name, settings, seen)| {
        let is_moving = matches!(moving.get(name), Some(Moving::Read(found)) if !found.is_empty());
        has_other_replicas(settings, seen) || (grows(settings, seen) && (has_racks || is_moving))
    })
}

const MIN_INSYNC: &str = "min.insync.replicas";

/// Topics that lack replicas in sync and are to get another `min.insync.replicas`: only there is a replica eligible to
/// lead that is not in sync, and only then is that forgotten.
fn with_other_min_insync(
    desired: &Desired,
    metadata: &PerTopic<Option<TopicMetadata>>,
    configs: &PerTopic<Option<TopicConfigs>>,
) -> Vec<TopicName> {
    let may_forget = existing(desired, metadata).filter(|(name, settings, seen)| {
        let Some(Ok(Some(configs))) = configs.get(*name) else {
            return false;
        };
        let shown = configs.get(MIN_INSYNC);
        let own = shown.filter(|config| config.source == ConfigSource::Topic);
        let changes = match settings.configs.get(MIN_INSYNC) {
            Some(to) => own.and_then(|own| own.value.as_deref()) != Some(&**to.value.reveal()),
            None => own.is_some(),
        };
        changes && seen.under_replicated() > 0
    });
    may_forget.map(|(name, _, _)| name.clone()).collect()
}

/// Where a broker does not tell, nothing is known of the topic.
async fn read_eligible_leaders<A: Admin>(
    admin: &A,
    names: &[TopicName],
) -> BTreeMap<TopicName, EligibleLeaders> {
    if names.is_empty() {
        return BTreeMap::new();
    }
    let told = admin
        .eligible_leaders(names)
        .await
        .unwrap_or_default()
        .into_iter();
    told.filter_map(|(name, eligible)| Some((name, eligible.ok()?)))
        .collect()
}

/// What every live broker tells of its log folders. A broker that does not tell is in the result as such.
async fn read_storage<A: Admin>(admin: &A, is_asked: bool) -> StorageView {
    if !is_asked {
        return StorageView::default();
    }
    let mut view = StorageView {
        is_asked,
        ..StorageView::default()
    };
    match admin.storage().await {
        Err(error) => view.unread = Some(ItemError::Request(error).read_error()),
        Ok(told) => {
            for (broker, told) in told {
                match told {
                    Ok(storage) => {
                        view.disks.extend(storage.disks.map(|disks| (broker, disks)));
                        view.cordoned.extend(storage.is_cordoned.then_some(broker));
                    }
                    Err(error) => _ = view.unread.get_or_insert_with(|| error.read_error()),
                }
            }
        }
    }
    view
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

/// Keys whose value is the topic's own although the cluster shows it as inherited.
fn own_behind(chains: &PerTopic<TopicSynonyms>) -> BTreeMap<TopicName, BTreeSet<ConfigKey>> {
    let own = |(key, (shown, chain)): (&ConfigKey, &(ObservedConfig, Vec<Synonym>))| {
        let is_hidden = shown.source != ConfigSource::Topic
            && chain.iter().any(|link| link.source == ConfigSource::Topic);
        is_hidden.then(|| key.clone())
    };
    let told = chains.iter().filter_map(|(name, chains)| {
        let chains = chains.as_ref().ok()?;
        Some((name.clone(), chains.iter().filter_map(own).collect()))
    });
    told.collect()
}

fn of_overrides(chains: PerTopic<TopicSynonyms>) -> PerTopic<TopicSynonyms> {
    let only_own = |mut chains: TopicSynonyms| {
        chains.retain(|_, (shown, _)| shown.source == ConfigSource::Topic);
        chains
    };
    chains
        .into_iter()
        .map(|(name, chains)| (name, chains.map(only_own)))
        .collect()
}

/// Keys that the file states and that show the stated value as an inherited one.
fn in_force<'a>(
    settings: &'a DesiredSettings,
    configs: &'a TopicConfigs,
) -> impl Iterator<Item = &'a ConfigKey> {
    let stated = settings.configs.iter();
    let is_in_force = move |(key, to): &(&ConfigKey, &Declared<ConfigText>)| {
        configs
            .get(*key)
            .is_some_and(|shown| shown.is_inherited_as(key, to.value.reveal()))
    };
    stated.filter(is_in_force).map(|(key, _)| key)
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
        .chain(in_force(settings, configs))
        .cloned()
        .collect()
}

struct Reading {
    metadata: PerTopic<Option<TopicMetadata>>,
    configs: PerTopic<Option<TopicConfigs>>,
    configs_unread: Option<ReadError>,
    own_behind: BTreeMap<TopicName, BTreeSet<ConfigKey>>,
    inherited: BTreeMap<TopicName, BTreeMap<ConfigKey, Inherited>>,
    inherited_unread: Option<ReadError>,
    moving: BTreeMap<TopicName, Moving>,
}

impl Reading {
    fn sighting(&mut self, topic: &DesiredTopic) -> TopicObservation {
        match self.metadata.remove(&topic.name) {
            Some(Ok(Some(metadata))) => self.present(topic, metadata),
            Some(Ok(None)) => TopicObservation::Absent,
            Some(Err(error)) => unreadable("its metadata", &error),
            None => no_answer("its metadata"),
        }
    }

    fn present(&mut self, topic: &DesiredTopic, metadata: TopicMetadata) -> TopicObservation {
        let configs = match (&topic.state, self.configs.remove(&topic.name)) {
            // Its configs do not matter and were not read.
            (DesiredState::Absent(_), _) => TopicConfigs::default(),
            (DesiredState::Present(_), Some(Ok(Some(configs)))) => configs,
            // Deleted between the two reads.
            (DesiredState::Present(_), Some(Ok(None))) => return TopicObservation::Absent,
            (DesiredState::Present(_), Some(Err(error))) => return unreadable("its configs", &error),
            (DesiredState::Present(_), None) if self.configs_unread.is_some() => TopicConfigs::default(),
            (DesiredState::Present(_), None) => return no_answer("its configs"),
        };
        let inherited = self.inherited.remove(&topic.name).unwrap_or_default();
        let listing = ConfigListing {
            unread: self.configs_unread.clone(),
            is_partial: known::is_partial(configs.iter().map(|(key, config)| (key.as_str(), config.source))),
            own_behind: self.own_behind.remove(&topic.name).unwrap_or_default(),
        };
        TopicObservation::Present(Box::new(ObservedTopic {
            metadata,
            configs,
            listing,
            inherited,
            inherited_unread: self.inherited_unread.clone(),
            by_broker: InheritedByBroker::default(),
            moving: self.moving.remove(&topic.name).unwrap_or_default(),
        }))
    }
}

fn unreadable(what: &'static str, error: &ItemError) -> TopicObservation {
    TopicObservation::Unreadable(Unreadable {
        what,
        reason: error.read_error(),
    })
}

fn no_answer(what: &'static str) -> TopicObservation {
    TopicObservation::Unreadable(Unreadable {
        what,
        reason: "the cluster did not mention the topic in its answer".into(),
    })
}
