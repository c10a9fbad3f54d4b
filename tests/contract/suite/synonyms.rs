//! The chains behind values.

use std::collections::BTreeMap;

use topicctl::admin::Admin;
use topicctl::model::{BrokerId, ConfigKey, ObservedConfig, Synonym};

use super::Cluster;
use super::releases::assert_answers;
use super::steps::{create, create_plain, eventually, key, name, names, told, topic};

/// The chains of one topic: `key: value (source) < name=value (source) < …`.
async fn chains<C: Cluster>(on: &C, short: &str, keys: Option<Vec<ConfigKey>>) -> Vec<String> {
    let wanted = BTreeMap::from([(name(on, short), keys)]);
    let answer = on
        .client()
        .synonyms(&wanted)
        .await
        .unwrap()
        .remove(&name(on, short));
    let link = |link: &Synonym| {
        let value = link.value.as_deref().unwrap_or("null");
        format!(" < {}={value} ({})", link.key, link.source)
    };
    answer
        .unwrap()
        .unwrap()
        .into_iter()
        .map(|(key, (config, chain))| {
            let links: String = chain.iter().map(link).collect();
            let value = config.value.as_deref().unwrap_or("null");
            format!("{key}: {value} ({}){links}", config.source)
        })
        .collect()
}

pub(crate) async fn chains_lead_from_the_topic_to_kafkas_default(on: &impl Cluster) {
    let configs = [
        ("cleanup.policy", "compact"),
        ("retention.ms", "5"),
        ("min.insync.replicas", "1"),
    ];
    create(
        on,
        &[topic(on, "a", (1, 1), &configs), topic(on, "b", (1, 1), &[])],
    )
    .await;
    let keys = [
        "cleanup.policy",
        "max.message.bytes",
        "min.insync.replicas",
        "no.such.key",
        "remote.storage.enable",
        "retention.ms",
    ];
    let keys = keys.map(key).to_vec();
    assert_answers(
        on,
        "chains_of_overrides",
        &chains(on, "a", Some(keys.clone())).await,
        &[
            "cleanup.policy: compact (topic override) < cleanup.policy=compact (topic override) \
             < log.cleanup.policy=delete (Kafka default)",
            "max.message.bytes: 1048588 (Kafka default) < message.max.bytes=1048588 (Kafka default)",
            "min.insync.replicas: 1 (topic override) < min.insync.replicas=1 (topic override) \
             < min.insync.replicas=1 (cluster, dynamic) < min.insync.replicas=1 (Kafka default)",
            "remote.storage.enable: false (Kafka default)",
            "retention.ms: 5 (topic override) < retention.ms=5 (topic override)",
        ],
    );
    assert_answers(
        on,
        "chains_of_defaults",
        &chains(on, "b", Some(keys)).await,
        &[
            "cleanup.policy: delete (Kafka default) < log.cleanup.policy=delete (Kafka default)",
            "max.message.bytes: 1048588 (Kafka default) < message.max.bytes=1048588 (Kafka default)",
            "min.insync.replicas: 1 (cluster, dynamic) < min.insync.replicas=1 (cluster, dynamic) \
             < min.insync.replicas=1 (Kafka default)",
            "remote.storage.enable: false (Kafka default)",
            "retention.ms: 604800000 (Kafka default)",
        ],
    );
}

pub(crate) async fn without_a_list_all_keys_have_their_chains(on: &impl Cluster) {
    create_plain(on, &["a"]).await;
    let asked = names(on, &["a"]);
    let configs = on.client().configs(&asked).await.unwrap().remove(&asked[0]);
    let keys: Vec<String> = configs
        .unwrap()
        .unwrap()
        .unwrap()
        .keys()
        .map(ToString::to_string)
        .collect();
    let chains = chains(on, "a", None).await;
    let chained: Vec<&str> = chains
        .iter()
        .filter_map(|line| Some(line.split_once(": ")?.0))
        .collect();
    assert_eq!(chained, keys);
    let linked = chains.iter().filter(|line| line.contains(" < ")).count();
    assert_answers(on, "number_of_chains", &[linked.to_string()], &["27"]);
}

pub(crate) async fn a_missing_topic_is_an_error(on: &impl Cluster) {
    create_plain(on, &["a"]).await;
    let keys = Some(vec![key("retention.ms")]);
    let wanted = BTreeMap::from([(name(on, "a"), keys.clone()), (name(on, "missing"), keys)]);
    assert_eq!(
        told(on, on.client().synonyms(&wanted).await.unwrap()),
        ["a: ok", "missing: UNKNOWN_TOPIC_OR_PARTITION"]
    );
}

pub(crate) async fn a_single_broker_tells_the_chains_of_the_named_keys(on: &impl Cluster) {
    create(on, &[topic(on, "a", (1, 1), &[("cleanup.policy", "compact")])]).await;
    let keys = || ["cleanup.policy", "no.such.key"].map(key).to_vec();
    let wanted = BTreeMap::from([(name(on, "a"), keys()), (name(on, "missing"), keys())]);
    for broker in (1..=3).map(BrokerId) {
        let mut shown = on.client().synonyms_on(broker, &wanted).await.unwrap();
        let chains = shown.remove(&name(on, "a")).unwrap().unwrap();
        let sources = |(key, (config, chain)): &(ConfigKey, (ObservedConfig, Vec<Synonym>))| {
            let chain: Vec<String> = chain.iter().map(|link| link.source.to_string()).collect();
            format!(
                "{key}={} {}",
                config.value.as_deref().unwrap_or("null"),
                chain.join(" < ")
            )
        };
        let shown_keys: Vec<String> = chains.into_iter().map(|chain| sources(&chain)).collect();
        assert_eq!(
            shown_keys,
            ["cleanup.policy=compact topic override < Kafka default"]
        );
        assert_eq!(told(on, shown), ["missing: UNKNOWN_TOPIC_OR_PARTITION"]);
    }
}

pub(crate) async fn a_chain_begins_under_the_brokers_finest_name(on: &impl Cluster) {
    create(on, &[topic(on, "a", (1, 1), &[("segment.bytes", "2000000")])]).await;
    let keys = || Some(["retention.ms", "segment.bytes"].map(key).to_vec());
    let segment = "segment.bytes: 2000000 (topic override) < segment.bytes=2000000 (topic override) \
                   < log.segment.bytes=536870912 (broker file) < log.segment.bytes=1073741824 (Kafka default)";
    assert_eq!(
        chains(on, "a", keys()).await,
        ["retention.ms: 360000000 (Kafka default)", segment]
    );
    on.set_for_all_brokers("log.retention.ms", "7200000");
    let shown = eventually("the cluster's retention", async || {
        let chains = chains(on, "a", keys()).await;
        chains[0].starts_with("retention.ms: 7200000").then_some(chains)
    })
    .await;
    assert_eq!(
        shown,
        [
            "retention.ms: 7200000 (cluster, dynamic) < log.retention.ms=7200000 (cluster, dynamic) \
             < log.retention.hours=100 (broker file) < log.retention.hours=168 (Kafka default)",
            segment
        ]
    );
}
