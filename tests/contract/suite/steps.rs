//! What checks do again and again: name topics, create them, wait until they show, put answers into
//! words.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::time::Duration;

use tokio::time::{Instant, sleep};
use topicctl::admin::{
    Admin, ConfigChange, ConfigsToAlter, ItemError, LeadersToElect, NewPartitions, NewTopic, PerTopic,
    ReplicasToAssign, WriteMode,
};
use topicctl::model::{
    BrokerId, ConfigKey, PartitionCount, ReplicationFactor, TopicId, TopicMetadata, TopicName,
};

use super::Cluster;

pub(crate) const BOTH_MODES: [WriteMode; 2] = [WriteMode::Validate, WriteMode::Write];

/// Real brokers show what was acknowledged some time later.
const PATIENCE: Duration = Duration::from_mins(1);

pub(crate) fn name(on: &impl Cluster, short: &str) -> TopicName {
    TopicName::new(&format!("{}.{short}", on.prefix())).unwrap()
}

pub(crate) fn names(on: &impl Cluster, short: &[&str]) -> Vec<TopicName> {
    short.iter().map(|short| name(on, short)).collect()
}

pub(crate) fn key(key: &str) -> ConfigKey {
    ConfigKey::new(key).unwrap()
}

pub(crate) fn topic(
    on: &impl Cluster,
    short: &str,
    (partitions, replication): (i64, i64),
    configs: &[(&str, &str)],
) -> NewTopic {
    let config = |(name, value): &(&str, &str)| (key(name), (*value).into());
    NewTopic {
        name: name(on, short),
        partitions: Some(PartitionCount::new(partitions).unwrap()),
        replication: Some(ReplicationFactor::new(replication).unwrap()),
        configs: configs.iter().map(config).collect(),
    }
}

pub(crate) fn growth(on: &impl Cluster, short: &str, total: i64) -> NewPartitions {
    NewPartitions {
        name: name(on, short),
        total: PartitionCount::new(total).unwrap(),
        replicas: Vec::new(),
    }
}

pub(crate) fn assignment(on: &impl Cluster, short: &str, partitions: &[(i32, &[i32])]) -> ReplicasToAssign {
    let ids = |ids: &[i32]| ids.iter().copied().map(BrokerId).collect();
    ReplicasToAssign {
        name: name(on, short),
        partitions: partitions
            .iter()
            .map(|(index, replicas)| (*index, ids(replicas)))
            .collect(),
    }
}

pub(crate) fn election(on: &impl Cluster, short: &str, partitions: &[i32]) -> LeadersToElect {
    LeadersToElect {
        name: name(on, short),
        partitions: partitions.to_vec(),
    }
}

/// `None` resets.
pub(crate) fn changes(on: &impl Cluster, short: &str, changes: &[(&str, Option<&str>)]) -> ConfigsToAlter {
    let change = |(name, value): &(&str, Option<&str>)| {
        let change = value.map_or(ConfigChange::Reset, |value| ConfigChange::Set(value.into()));
        (key(name), change)
    };
    ConfigsToAlter {
        name: name(on, short),
        changes: changes.iter().map(change).collect(),
    }
}

/// Creates topics and waits until every broker shows them complete.
pub(crate) async fn create<C: Cluster>(on: &C, topics: &[NewTopic]) {
    let answers = on.client().create_topics(topics, WriteMode::Write).await.unwrap();
    for (name, answer) in answers {
        answer.unwrap_or_else(|error| panic!("{name}: {error}"));
    }
    for topic in topics {
        all_brokers_show(on, &topic.name, is_complete).await;
    }
}

/// One partition, one replica, no configs.
pub(crate) async fn create_plain<C: Cluster>(on: &C, short: &[&str]) {
    let topics: Vec<NewTopic> = short.iter().map(|short| topic(on, short, (1, 1), &[])).collect();
    create(on, &topics).await;
}

/// Deletes a topic and waits until no broker shows it.
pub(crate) async fn delete<C: Cluster>(on: &C, short: &str) {
    let name = name(on, short);
    let id = metadata(on, short).await.id;
    let asked = BTreeMap::from([(name.clone(), id)]);
    let answers = on.client().delete_topics(&asked).await.unwrap();
    assert_eq!(told(on, answers), [format!("{short}: ok")]);
    all_brokers_show(on, &name, |topic| topic.is_none()).await;
}

fn is_complete(topic: Option<&TopicMetadata>) -> bool {
    topic.is_some_and(|topic| {
        let led = |partition: &topicctl::model::Partition| partition.leader.is_some();
        topic.under_replicated() == 0 && topic.partitions.iter().all(led)
    })
}

pub(crate) async fn live_brokers<C: Cluster>(on: &C) -> Vec<BrokerId> {
    let view = on.client().cluster().await.unwrap();
    view.brokers.into_keys().collect()
}

/// Waits until every live broker shows the topic so.
pub(crate) async fn all_brokers_show<C: Cluster>(
    on: &C,
    name: &TopicName,
    is_so: impl Fn(Option<&TopicMetadata>) -> bool,
) {
    for broker in live_brokers(on).await {
        eventually(&format!("broker {broker} to show {name}"), async || {
            let asked = [name.clone()];
            let answer = on.client().topics_on(broker, &asked).await.unwrap().remove(name);
            let topic = answer.unwrap().unwrap();
            is_so(topic.as_ref()).then_some(())
        })
        .await;
    }
}

/// Waits until every live broker shows the topic's overrides so, as `key=value`.
pub(crate) async fn all_brokers_show_overrides<C: Cluster>(on: &C, short: &str, expected: &[&str]) {
    let name = name(on, short);
    for broker in live_brokers(on).await {
        eventually(
            &format!("broker {broker} to show {name} with {expected:?}"),
            async || (overrides_on(on, broker, &name).await == expected).then_some(()),
        )
        .await;
    }
}

async fn overrides_on<C: Cluster>(on: &C, broker: BrokerId, name: &TopicName) -> Vec<String> {
    let keys = topicctl::model::known::all()
        .iter()
        .map(|config| key(config.name));
    let wanted = BTreeMap::from([(name.clone(), keys.collect())]);
    let answer = on
        .client()
        .configs_on(broker, &wanted)
        .await
        .unwrap()
        .remove(name);
    own(&answer.unwrap().unwrap().unwrap())
}

/// The topic's own configs, as `key=value`.
pub(crate) fn own(configs: &topicctl::model::TopicConfigs) -> Vec<String> {
    let own = configs
        .iter()
        .filter(|(_, config)| config.source == topicctl::model::ConfigSource::Topic);
    own.map(|(key, config)| format!("{key}={}", config.value.as_deref().unwrap_or("null")))
        .collect()
}

/// Asks again until there is an answer.
pub(crate) async fn eventually<T>(what: &str, ask: impl AsyncFn() -> Option<T>) -> T {
    let start = Instant::now();
    loop {
        if let Some(answer) = ask().await {
            return answer;
        }
        assert!(
            start.elapsed() < PATIENCE,
            "waited {PATIENCE:?} in vain for {what}"
        );
        sleep(Duration::from_millis(50)).await;
    }
}

pub(crate) async fn metadata<C: Cluster>(on: &C, short: &str) -> TopicMetadata {
    let name = name(on, short);
    let answer = on
        .client()
        .topics(std::slice::from_ref(&name))
        .await
        .unwrap()
        .remove(&name);
    answer.unwrap().unwrap().unwrap()
}

pub(crate) async fn id<C: Cluster>(on: &C, short: &str) -> TopicId {
    metadata(on, short).await.id
}

/// Whether the topics exist: `short: ok` or `short: absent`.
pub(crate) async fn seen<C: Cluster>(on: &C, short: &[&str]) -> Vec<String> {
    told(on, on.client().topics(&names(on, short)).await.unwrap())
}

/// A line a topic, the check's prefix left out: `short: ok`, `short: absent`, `short: the error`.
pub(crate) fn told<T: Debug>(on: &impl Cluster, answers: PerTopic<T>) -> Vec<String> {
    let line = |(name, answer): (TopicName, Result<T, ItemError>)| match answer {
        Ok(answer) if format!("{answer:?}") == "None" => format!("{name}: absent"),
        Ok(_) => format!("{name}: ok"),
        Err(error) => format!("{name}: {error}"),
    };
    let prefix = format!("{}.", on.prefix());
    answers
        .into_iter()
        .map(line)
        .map(|line| line.replace(&prefix, ""))
        .collect()
}
