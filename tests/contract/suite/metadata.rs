//! Topics, partitions, brokers.

use std::collections::BTreeSet;

use topicctl::admin::Admin;
use topicctl::model::{BrokerId, RegisteredBrokers, TopicName};

use super::steps::{
    all_brokers_show, create, create_plain, delete, id, live_brokers, metadata, name, names, seen, topic,
};
use super::{Cluster, Release};

pub(crate) async fn missing_and_existing_topics_in_one_answer(on: &impl Cluster) {
    create_plain(on, &["a", "c"]).await;
    assert_eq!(
        seen(on, &["c", "b", "a", "d"]).await,
        ["a: ok", "b: absent", "c: ok", "d: absent"]
    );
}

pub(crate) async fn partitions_come_in_order_with_their_replicas(on: &impl Cluster) {
    create(on, &[topic(on, "a", (12, 2), &[]), topic(on, "b", (3, 3), &[])]).await;
    let [a, b] = [metadata(on, "a").await, metadata(on, "b").await];
    for (topic, replication) in [(&a, 2), (&b, 3)] {
        assert!(!topic.internal);
        for (index, partition) in (0..).zip(&topic.partitions) {
            assert_eq!(partition.index, index);
            let distinct: BTreeSet<_> = partition.replicas.iter().collect();
            assert_eq!(distinct.len(), replication);
            assert_eq!(partition.leader, partition.replicas.first().copied());
            assert_eq!(partition.isr, partition.replicas);
            assert_eq!(partition.offline, []);
        }
    }
    assert_eq!(a.partitions.len(), 12);
    let leaders: BTreeSet<_> = b.partitions.iter().filter_map(|p| p.leader).collect();
    assert_eq!(leaders, (1..=3).map(BrokerId).collect());
}

pub(crate) async fn a_topic_created_anew_has_another_id(on: &impl Cluster) {
    create_plain(on, &["a", "b"]).await;
    let (first, other) = (id(on, "a").await, id(on, "b").await);
    assert_eq!(first, id(on, "a").await);
    delete(on, "a").await;
    create_plain(on, &["a"]).await;
    assert_eq!(BTreeSet::from([first, other, id(on, "a").await]).len(), 3);
}

pub(crate) async fn every_broker_shows_the_same_topic(on: &impl Cluster) {
    create(on, &[topic(on, "a", (2, 3), &[])]).await;
    let expected = metadata(on, "a").await;
    let asked = names(on, &["a", "missing"]);
    for broker in live_brokers(on).await {
        let shown = on.client().topics_on(broker, &asked).await.unwrap();
        assert_eq!(shown.len(), 2);
        assert_eq!(shown[&asked[0]], Ok(Some(expected.clone())));
        assert_eq!(shown[&asked[1]], Ok(None));
    }
}

pub(crate) async fn all_topics_are_listed_and_kafkas_own_are_marked(on: &impl Cluster) {
    create_plain(on, &["a"]).await;
    let internal = TopicName::new("__share_group_state").unwrap();
    let mut ours = topic(on, "b", (1, 1), &[]);
    ours.name = internal.clone();
    create(on, &[ours]).await;
    all_brokers_show(on, &internal, |topic| topic.is_some()).await;
    let all = on.client().all_topics().await.unwrap();
    // Share groups, and with them this topic, are Kafka's own from 3.9 on.
    assert_eq!(all[&internal].internal, on.release() >= Release(3, 9));
    assert!(!all[&name(on, "a")].internal);
    assert_eq!(all[&name(on, "a")], metadata(on, "a").await);
    assert!(!all.contains_key(&name(on, "b")));
}

/// Before 4.0 a broker tells only of those that are alive (KIP-1073).
pub(crate) fn registered(on: &impl Cluster, alive: usize, registered: usize) -> RegisteredBrokers {
    if on.release() >= Release(4, 0) {
        RegisteredBrokers::Exactly(registered)
    } else {
        RegisteredBrokers::AtLeast(alive)
    }
}

pub(crate) async fn the_cluster_tells_its_brokers_and_racks(on: &impl Cluster) {
    let view = on.client().cluster().await.unwrap();
    let ids: Vec<i32> = view.brokers.keys().map(|id| id.0).collect();
    assert_eq!(ids, [1, 2, 3]);
    let racks: BTreeSet<_> = view
        .brokers
        .values()
        .filter_map(|broker| broker.rack.clone())
        .collect();
    assert_eq!(racks.len(), 3);
    let addresses: BTreeSet<_> = view
        .brokers
        .values()
        .map(|broker| (broker.host.clone(), broker.port))
        .collect();
    assert_eq!(addresses.len(), 3);
    assert_eq!(view.registered, registered(on, 3, 3));
    assert!(view.controller.is_some_and(|id| view.brokers.contains_key(&id)));
    assert_eq!(view.id.len(), 22, "{}", view.id);
    assert_eq!(view.id, on.client().cluster().await.unwrap().id);
}
