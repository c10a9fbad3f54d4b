//! How many requests of which kind a call sends.

use std::collections::BTreeMap;

use topicctl::admin::{Admin, OffsetPoint, RequestCounts, WriteMode};

use super::Cluster;
use super::steps::{assignment, changes, create_plain, election, growth, id, key, name, names, topic};

/// What was sent since `before`.
fn since(before: &RequestCounts, now: RequestCounts) -> RequestCounts {
    now.into_iter()
        .map(|(kind, count)| (kind, count - before.get(kind).copied().unwrap_or(0)))
        .filter(|(_, count)| *count > 0)
        .collect()
}

macro_rules! sent {
    ($on:expr, $call:ident($($argument:expr),*)) => {{
        let before = $on.client().requests();
        let _answer = $on.client().$call($($argument),*).await.unwrap();
        since(&before, $on.client().requests())
    }};
}

pub(crate) async fn each_call_sends_its_own_kind_of_request_and_no_other(on: &impl Cluster) {
    create_plain(on, &["a", "b", "c"]).await;
    let asked = names(on, &["a", "b", "c", "missing"]);
    let broker = *on
        .client()
        .cluster()
        .await
        .unwrap()
        .brokers
        .keys()
        .next()
        .unwrap();
    let keys: BTreeMap<_, _> = asked
        .iter()
        .map(|name| (name.clone(), vec![key("retention.ms")]))
        .collect();
    let all_keys = asked.iter().map(|name| (name.clone(), None)).collect();
    let once = |kind| RequestCounts::from([(kind, 1)]);
    assert_eq!(sent!(on, topics(&asked)), once("Metadata"));
    assert_eq!(sent!(on, topics_on(broker, &asked)), once("Metadata"));
    assert_eq!(sent!(on, all_topics()), once("Metadata"));
    assert_eq!(sent!(on, configs(&asked)), once("DescribeConfigs"));
    assert_eq!(sent!(on, configs_on(broker, &keys)), once("DescribeConfigs"));
    assert_eq!(sent!(on, synonyms(&all_keys)), once("DescribeConfigs"));
    assert_eq!(sent!(on, synonyms_on(broker, &keys)), once("DescribeConfigs"));
    let hours = [key("log.retention.hours")];
    assert_eq!(sent!(on, broker_configs(&hours)), once("DescribeConfigs"));

    let topics = ["d", "e", "a"].map(|short| topic(on, short, (1, 1), &[]));
    let growth = ["a", "b", "missing"].map(|short| growth(on, short, 2));
    let set = ["a", "b", "missing"].map(|short| changes(on, short, &[("retention.ms", Some("5"))]));
    for mode in [WriteMode::Validate, WriteMode::Write] {
        assert_eq!(sent!(on, create_topics(&topics, mode)), once("CreateTopics"));
        assert_eq!(
            sent!(on, create_partitions(&growth, mode)),
            once("CreatePartitions")
        );
        assert_eq!(
            sent!(on, alter_configs(&set, mode)),
            once("IncrementalAlterConfigs")
        );
    }
    let replicas = [assignment(on, "a", &[(0, &[1])])];
    assert_eq!(
        sent!(on, alter_partition_reassignments(&replicas)),
        once("AlterPartitionReassignments")
    );
    let partitions = BTreeMap::from([(name(on, "a"), vec![0])]);
    for asked in [Some(&partitions), None] {
        assert_eq!(
            sent!(on, list_partition_reassignments(asked)),
            once("ListPartitionReassignments")
        );
    }
    let elected = [election(on, "a", &[0])];
    assert_eq!(sent!(on, elect_leaders(&elected)), once("ElectLeaders"));
    let ids = BTreeMap::from([
        (name(on, "b"), id(on, "b").await),
        (name(on, "c"), id(on, "c").await),
    ]);
    assert_eq!(sent!(on, delete_topics(&ids)), once("DeleteTopics"));
}

pub(crate) async fn nothing_asked_is_nothing_sent(on: &impl Cluster) {
    create_plain(on, &["a"]).await;
    let client = on.client();
    let broker = *client.cluster().await.unwrap().brokers.keys().next().unwrap();
    let before = client.requests();
    assert!(client.topics(&[]).await.unwrap().is_empty());
    assert!(client.topics_on(broker, &[]).await.unwrap().is_empty());
    assert!(client.configs(&[]).await.unwrap().is_empty());
    assert!(
        client
            .configs_on(broker, &BTreeMap::new())
            .await
            .unwrap()
            .is_empty()
    );
    assert!(client.synonyms(&BTreeMap::new()).await.unwrap().is_empty());
    assert!(
        client
            .synonyms_on(broker, &BTreeMap::new())
            .await
            .unwrap()
            .is_empty()
    );
    assert!(client.broker_configs(&[]).await.unwrap().unwrap().is_empty());
    for mode in [WriteMode::Validate, WriteMode::Write] {
        assert!(client.create_topics(&[], mode).await.unwrap().is_empty());
        assert!(client.create_partitions(&[], mode).await.unwrap().is_empty());
        assert!(client.alter_configs(&[], mode).await.unwrap().is_empty());
    }
    assert!(
        client
            .alter_partition_reassignments(&[])
            .await
            .unwrap()
            .is_empty()
    );
    assert!(
        client
            .cancel_partition_reassignments(&[])
            .await
            .unwrap()
            .is_empty()
    );
    assert!(client.eligible_leaders(&[]).await.unwrap().is_empty());
    assert!(client.elect_leaders(&[]).await.unwrap().is_empty());
    let moving = client.list_partition_reassignments(Some(&BTreeMap::new())).await;
    assert!(moving.unwrap().unwrap().is_empty());
    assert!(client.delete_topics(&BTreeMap::new()).await.unwrap().is_empty());
    assert!(
        client
            .offsets(&BTreeMap::new(), OffsetPoint::Latest)
            .await
            .unwrap()
            .is_empty()
    );
    assert_eq!(client.requests(), before);
}
