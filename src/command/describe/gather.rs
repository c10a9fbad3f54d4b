//! Reads what describe shows. What cannot be read is marked with the reason, and the rest stands.

use std::collections::BTreeMap;

use crate::admin::{self, Admin, AdminError, ItemError, OffsetPoint, PerTopic, TopicSynonyms};
use crate::model::{
    ClusterView, ConfigKey, Desired, DesiredState, DesiredTopic, Observation, Obstacle, Offset, Sighting,
    TopicConfigs, TopicMetadata, TopicName,
};
use crate::plan::{self, TopicPlan};
use crate::render::{DescribedConfig, DescribedOffsets, Description, Readable, TopicDescription};

type Offsets = BTreeMap<(TopicName, i32), Result<Offset, ItemError>>;

pub(super) async fn gather<A: Admin>(
    admin: &A,
    cluster: &ClusterView,
    declared: &Desired,
    others: &[TopicName],
    detailed: bool,
) -> Result<Description, AdminError> {
    let observed = admin::observe(admin, cluster, declared).await?;
    let metadata = admin.topics(others).await?;
    let configs = admin.configs(others).await?;
    let mut topics = declared_topics(declared, &observed);
    topics.extend(
        others
            .iter()
            .map(|name| (name.clone(), undeclared(name, &metadata, &configs))),
    );
    let mut description = Description { topics, detailed };
    if detailed {
        add_detail(admin, &mut description).await?;
    }
    Ok(description)
}

fn declared_topics(declared: &Desired, observed: &Observation) -> BTreeMap<TopicName, TopicDescription> {
    let mut plans = plan::plan(declared, observed).topics;
    let describe = |(name, topic): (&TopicName, &DesiredTopic)| {
        let sighting = observed.topics.get(name)?;
        Some((name.clone(), describe(topic, sighting, plans.remove(name))))
    };
    declared.topics.iter().filter_map(describe).collect()
}

fn describe(topic: &DesiredTopic, sighting: &Sighting, plan: Option<TopicPlan>) -> TopicDescription {
    let (metadata, configs) = match sighting {
        Sighting::Present(seen) => (
            Readable::Read(seen.metadata.clone()),
            Readable::Read(described(&seen.configs, Some(topic))),
        ),
        Sighting::Absent => (Readable::Absent, Readable::Absent),
        Sighting::Unreadable(unreadable) => {
            let why = Obstacle {
                words: format!("{}: {}", unreadable.what, unreadable.reason).into(),
                missing: unreadable.reason.missing.clone(),
            };
            (Readable::Unknown(why.clone()), Readable::Unknown(why))
        }
    };
    TopicDescription {
        declared: Some(topic.clone()),
        plan,
        metadata,
        configs,
        offsets: BTreeMap::new(),
    }
}

fn undeclared(
    name: &TopicName,
    metadata: &PerTopic<Option<TopicMetadata>>,
    configs: &PerTopic<Option<TopicConfigs>>,
) -> TopicDescription {
    let configs = readable(configs.get(name), |configs: &TopicConfigs| {
        described(configs, None)
    });
    TopicDescription {
        declared: None,
        plan: None,
        metadata: readable(metadata.get(name), TopicMetadata::clone),
        configs,
        offsets: BTreeMap::new(),
    }
}

fn readable<T, U>(answer: Option<&Result<Option<T>, ItemError>>, read: impl Fn(&T) -> U) -> Readable<U> {
    match answer {
        Some(Ok(Some(found))) => Readable::Read(read(found)),
        Some(Ok(None)) | None => Readable::Absent,
        Some(Err(error)) => Readable::Unknown(error.obstacle()),
    }
}

fn described(configs: &TopicConfigs, topic: Option<&DesiredTopic>) -> BTreeMap<ConfigKey, DescribedConfig> {
    let declared = |key: &ConfigKey| match topic.map(|topic| &topic.state) {
        Some(DesiredState::Present(settings)) => settings.configs.get(key).cloned(),
        Some(DesiredState::Absent(_)) | None => None,
    };
    let describe = |(key, config): (&ConfigKey, &crate::model::ObservedConfig)| {
        let described = DescribedConfig {
            config: config.clone(),
            chain: Vec::new(),
            declared: declared(key),
        };
        (key.clone(), described)
    };
    configs.iter().map(describe).collect()
}

/// Offsets and the chains behind the configs, of the topics that exist.
async fn add_detail<A: Admin>(admin: &A, description: &mut Description) -> Result<(), AdminError> {
    let partitions: BTreeMap<TopicName, Vec<i32>> = description
        .topics
        .iter()
        .filter_map(|(name, topic)| Some((name.clone(), indexes(topic)?)))
        .collect();
    if partitions.is_empty() {
        return Ok(());
    }
    let wanted = partitions.keys().map(|name| (name.clone(), None)).collect();
    let (earliest, latest, chains) = tokio::join!(
        admin.offsets(&partitions, OffsetPoint::Earliest),
        admin.offsets(&partitions, OffsetPoint::Latest),
        admin.synonyms(&wanted),
    );
    let (earliest, latest, mut chains) = (earliest?, latest?, chains?);
    for (name, indexes) in &partitions {
        let Some(topic) = description.topics.get_mut(name) else {
            continue;
        };
        topic.offsets = ends(name, indexes, &earliest, &latest);
        add_chains(topic, chains.remove(name));
    }
    Ok(())
}

fn indexes(topic: &TopicDescription) -> Option<Vec<i32>> {
    match &topic.metadata {
        Readable::Read(metadata) => Some(
            metadata
                .partitions
                .iter()
                .map(|partition| partition.index)
                .collect(),
        ),
        Readable::Absent | Readable::Unknown(_) => None,
    }
}

fn ends(
    name: &TopicName,
    indexes: &[i32],
    earliest: &Offsets,
    latest: &Offsets,
) -> BTreeMap<i32, DescribedOffsets> {
    let end = |offsets: &Offsets, index: i32| match offsets.get(&(name.clone(), index)) {
        Some(answer) => answer.clone().map_err(|error| error.obstacle()),
        None => Err("no broker answered for the partition".into()),
    };
    let both = |index: i32| DescribedOffsets {
        earliest: end(earliest, index),
        latest: end(latest, index),
    };
    indexes.iter().map(|index| (*index, both(*index))).collect()
}

/// A chain that could not be read leaves the configs as they are: value and source are known.
fn add_chains(topic: &mut TopicDescription, chains: Option<Result<TopicSynonyms, ItemError>>) {
    let (Readable::Read(configs), Some(Ok(chains))) = (&mut topic.configs, chains) else {
        return;
    };
    for (key, (_, chain)) in chains {
        if let Some(described) = configs.get_mut(&key) {
            described.chain = chain;
        }
    }
}
