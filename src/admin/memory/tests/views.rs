//! Brokers that lag behind or are down, records, and ten thousand topics.

use std::collections::BTreeMap;
use std::time::Instant;

use super::{create, name, retention, seen, told, topic};
use crate::admin::memory::{MemoryCluster, Scope};
use crate::admin::{Admin, NewTopic, Offset, OffsetPoint, WriteMode};
use crate::model::{BrokerId, ConfigKey, TopicName};

async fn seen_by(cluster: &MemoryCluster, broker: i32) -> Vec<String> {
    told(cluster.topics_on(BrokerId(broker), &[name("a")]).await.unwrap())
}

#[tokio::test]
async fn a_slow_broker_shows_the_old_state_for_so_many_reads() {
    let cluster = MemoryCluster::new(2);
    cluster.lag(BrokerId(2), 2);
    create(&cluster, &["a"]).await;
    assert_eq!(seen_by(&cluster, 1).await, ["a: ok"]);
    assert_eq!(seen_by(&cluster, 2).await, ["a: absent"]);
    assert_eq!(seen_by(&cluster, 2).await, ["a: absent"]);
    assert_eq!(seen_by(&cluster, 2).await, ["a: ok"]);
    assert_eq!(seen(&cluster, &["a"]).await, ["a: ok"]);
}

#[tokio::test]
async fn only_changes_start_the_count_of_reads_again() {
    let cluster = MemoryCluster::new(2);
    cluster.lag(BrokerId(2), 2);
    create(&cluster, &["a"]).await;
    assert_eq!(seen_by(&cluster, 2).await, ["a: absent"]);
    let validated = cluster.create_topics(&[topic("b")], WriteMode::Validate).await;
    assert_eq!(told(validated.unwrap()), ["b: ok"]);
    assert_eq!(seen_by(&cluster, 2).await, ["a: absent"]);
    assert_eq!(seen_by(&cluster, 2).await, ["a: ok"]);
    create(&cluster, &["b"]).await;
    cluster.set("a", "retention.ms", "5");
    cluster.lag(BrokerId(2), 0);
    assert_eq!(seen_by(&cluster, 2).await, ["a: ok"]);
}

#[tokio::test]
async fn configs_lag_as_well() {
    let cluster = MemoryCluster::new(2);
    cluster.create("a", 1, 1, &[("retention.ms", "1")]);
    cluster.lag(BrokerId(2), 1);
    let change = [retention("a", "2")];
    cluster.alter_configs(&change, WriteMode::Validate).await.unwrap();
    let shown = async |broker| {
        let wanted = BTreeMap::from([(name("a"), vec![ConfigKey::new("retention.ms").unwrap()])]);
        let answer = cluster.configs_on(BrokerId(broker), &wanted).await.unwrap();
        let configs = answer[&name("a")].clone().unwrap().unwrap();
        assert_eq!(configs.len(), 1);
        configs["retention.ms"].value.clone().unwrap().to_string()
    };
    assert_eq!(shown(2).await, "1");
    cluster.alter_configs(&change, WriteMode::Write).await.unwrap();
    assert_eq!(
        (shown(1).await, shown(2).await, shown(2).await),
        ("2".into(), "1".into(), "2".into())
    );
}

#[tokio::test]
async fn leaders_move_when_a_broker_stops_and_the_last_replica_takes_its_partition_along() {
    let cluster = MemoryCluster::new(3);
    cluster.create("a", 3, 3, &[]);
    cluster.create("single", 3, 1, &[]);
    let leaders = |topic| {
        let partitions = cluster.topic(topic).unwrap().partitions;
        partitions
            .iter()
            .map(|p| p.leader.map(|id| id.0))
            .collect::<Vec<_>>()
    };
    let before = leaders("single");
    cluster.stop(BrokerId(1));
    assert!(leaders("a").iter().all(|leader| leader.is_some_and(|id| id != 1)));
    assert_eq!(cluster.topic("a").unwrap().under_replicated(), 3);
    assert_eq!(
        leaders("single").iter().filter(|leader| leader.is_none()).count(),
        1
    );
    assert!(cluster.topics_on(BrokerId(1), &[name("a")]).await.is_err());
    assert_eq!(cluster.cluster().await.unwrap().brokers.len(), 2);
    cluster.start(BrokerId(1));
    assert_eq!(cluster.topic("a").unwrap().under_replicated(), 0);
    assert_eq!(leaders("single"), before);
}

#[tokio::test]
async fn offsets_follow_what_was_appended_and_trimmed() {
    let cluster = MemoryCluster::new(1);
    cluster.create("a", 1, 1, &[]);
    cluster.append("a", 0, 10, 1_000);
    cluster.append("a", 0, 5, 2_000);
    cluster.trim("a", 0, 4);
    let offset = async |point| {
        let asked = BTreeMap::from([(name("a"), vec![0])]);
        let Offset {
            offset, timestamp, ..
        } = cluster.offsets(&asked, point).await.unwrap()[&(name("a"), 0)]
            .clone()
            .unwrap();
        (offset, timestamp)
    };
    assert_eq!(offset(OffsetPoint::Earliest).await, (Some(4), None));
    assert_eq!(offset(OffsetPoint::Latest).await, (Some(15), None));
    assert_eq!(offset(OffsetPoint::AtOrAfter(0)).await, (Some(4), Some(1_000)));
    assert_eq!(
        offset(OffsetPoint::AtOrAfter(1_001)).await,
        (Some(10), Some(2_000))
    );
    assert_eq!(offset(OffsetPoint::AtOrAfter(2_001)).await, (None, None));
}

#[tokio::test]
async fn a_brokers_own_setting_shows_on_that_broker_only() {
    let cluster = MemoryCluster::new(2);
    cluster.create("a", 1, 1, &[]);
    cluster.set_broker_config(Scope::Cluster, "log.retention.ms", Some("2"));
    cluster.set_broker_config(Scope::Broker(BrokerId(2)), "log.retention.ms", Some("3"));
    let wanted = BTreeMap::from([(name("a"), vec![ConfigKey::new("retention.ms").unwrap()])]);
    for (broker, expected) in [(1, "2"), (2, "3")] {
        let answer = cluster.configs_on(BrokerId(broker), &wanted).await.unwrap();
        let configs = answer[&name("a")].clone().unwrap().unwrap();
        assert_eq!(configs["retention.ms"].value.as_deref(), Some(expected));
    }
}

/// Not a benchmark: quadratic behaviour would take minutes here.
#[tokio::test]
async fn ten_thousand_topics_are_cheap() {
    let cluster = MemoryCluster::new(3);
    cluster.lag(BrokerId(3), 1);
    let start = Instant::now();
    let topics: Vec<NewTopic> = (0..10_000).map(|i| topic(&format!("t.{i}"))).collect();
    let names: Vec<TopicName> = topics.iter().map(|topic| topic.name.clone()).collect();
    cluster.create_topics(&topics, WriteMode::Validate).await.unwrap();
    cluster.create_topics(&topics, WriteMode::Write).await.unwrap();
    let changes: Vec<_> = names
        .iter()
        .map(|name| retention(name.as_str(), "60000"))
        .collect();
    cluster.alter_configs(&changes, WriteMode::Write).await.unwrap();
    assert_eq!(cluster.topics(&names).await.unwrap().len(), 10_000);
    assert_eq!(cluster.configs(&names).await.unwrap().len(), 10_000);
    assert!(start.elapsed().as_secs() < 20, "{:?}", start.elapsed());
}
