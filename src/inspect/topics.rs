//! Reads what every description begins with: metadata and configs, and how they differ from the file.

use std::collections::BTreeMap;

use super::observe::observe;
use super::{DescribedConfig, TopicDescription};
use crate::admin::{Admin, AdminError, ItemError, PerTopic};
use crate::model::{
    ClusterView, ConfigKey, Desired, DesiredState, DesiredTopic, Observation, ReadError, Reading,
    TopicConfigs, TopicMetadata, TopicName, TopicObservation, ValueByBroker,
};
use crate::plan::{self, TopicPlan};

/// What is known of each topic so far.
pub type Topics = BTreeMap<TopicName, TopicDescription>;

/// Reads metadata and configs of the declared topics and of the others.
///
/// # Errors
/// Where the cluster as a whole could not be asked.
pub async fn gather<A: Admin>(
    admin: &A,
    cluster: &ClusterView,
    declared: &Desired,
    others: &[TopicName],
) -> Result<Topics, AdminError> {
    let (observed, metadata, configs) = tokio::join!(
        Box::pin(observe(admin, cluster, declared)),
        admin.topics(others),
        admin.configs(others),
    );
    let (observed, metadata, configs) = (observed?, metadata?, configs?);
    let mut topics = declared_topics(declared, &observed);
    let undeclared = |name: &TopicName| (name.clone(), undeclared(name, &metadata, &configs));
    topics.extend(others.iter().map(undeclared));
    for topic in topics.values_mut() {
        topic.caps_min_insync = cluster.caps_min_insync();
    }
    Ok(topics)
}

fn declared_topics(declared: &Desired, observed: &Observation) -> Topics {
    let mut plans = plan::plan(declared, observed).topics;
    let describe = |(name, topic): (&TopicName, &DesiredTopic)| {
        let sighting = observed.topics.get(name)?;
        Some((name.clone(), describe(topic, sighting, plans.remove(name))))
    };
    declared.topics.iter().filter_map(describe).collect()
}

fn describe(topic: &DesiredTopic, sighting: &TopicObservation, plan: Option<TopicPlan>) -> TopicDescription {
    let reassignments = match sighting {
        TopicObservation::Present(seen) => seen.moving.clone(),
        TopicObservation::Absent | TopicObservation::Unreadable(_) => Reading::Absent,
    };
    let (metadata, configs) = match sighting {
        TopicObservation::Present(seen) => (
            Reading::Read(seen.metadata.clone()),
            Reading::Read(described(&seen.configs, Some(topic))),
        ),
        TopicObservation::Absent => (Reading::Absent, Reading::Absent),
        TopicObservation::Unreadable(unreadable) => {
            let why = ReadError {
                words: format!("{}: {}", unreadable.what, unreadable.reason).into(),
                missing: unreadable.reason.missing.clone(),
            };
            (Reading::Failed(why.clone()), Reading::Failed(why))
        }
    };
    TopicDescription {
        declared: Some(topic.clone()),
        plan,
        reassignments,
        ..TopicDescription::new(metadata, configs)
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
    TopicDescription::new(readable(metadata.get(name), TopicMetadata::clone), configs)
}

fn readable<T, U>(answer: Option<&Result<Option<T>, ItemError>>, read: impl Fn(&T) -> U) -> Reading<U> {
    match answer {
        Some(Ok(Some(found))) => Reading::Read(read(found)),
        Some(Ok(None)) | None => Reading::Absent,
        Some(Err(error)) => Reading::Failed(error.read_error()),
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
            by_broker: ValueByBroker::default(),
            declared: declared(key),
        };
        (key.clone(), described)
    };
    configs.iter().map(describe).collect()
}
