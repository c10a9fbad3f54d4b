//! Where events are read on, whatever becomes of their topics.

use std::sync::Arc;

use super::{name, orders, sample, topic};
use crate::admin::Admin;
use crate::admin::memory::MemoryCluster;
use crate::model::TopicName;
use crate::monitor::places::Places;
use crate::monitor::{Layout, Seen, Unseen, has_topics, layout};

const NOW: i64 = 1_764_187_200_000;

/// Long before the window.
const LONG_AGO: i64 = NOW - 3_600_000;

/// The layout as a look at this cluster would have it.
async fn seen(cluster: &MemoryCluster) -> Layout {
    let topic = cluster.topics(&[name("failed")]).await.unwrap().remove("failed");
    let seen = match topic.unwrap().unwrap() {
        None => Seen::Absent,
        Some(topic) => Seen::There {
            id: topic.id,
            partitions: topic.partitions.iter().map(|partition| partition.index).collect(),
        },
    };
    [(name("failed"), seen)].into()
}

/// The partition, where it is read on, and from where on events are new.
fn places(places: &Places) -> Vec<(i32, i64, i64)> {
    let there = places.there();
    there
        .map(|((_, index), place)| (*index, place.next, place.new_from))
        .collect()
}

/// A topic with seven old events and three of this minute in its first partition.
fn written() -> MemoryCluster {
    let cluster = MemoryCluster::new(1);
    cluster.create("failed", 1, 1, &[]);
    cluster.append("failed", 0, 7, LONG_AGO);
    cluster.append("failed", 0, 3, NOW - 60_000);
    cluster
}

#[tokio::test]
async fn reading_begins_some_minutes_ago_with_nothing_new() {
    let cluster = written();
    let mut found = Places::default();
    found.find(&cluster, &seen(&cluster).await, NOW).await.unwrap();
    assert_eq!(places(&found), [(0, 7, 10)]);
    assert!(!found.is_up_to_date());
}

/// The right to see it came while the monitor was at work.
#[tokio::test]
async fn a_topic_that_is_seen_late_has_no_new_events_either() {
    let cluster = written();
    let mut found = Places::default();
    found.see(&Layout::new());
    found.find(&cluster, &Layout::new(), NOW).await.unwrap();
    found.find(&cluster, &seen(&cluster).await, NOW).await.unwrap();
    assert_eq!(places(&found), [(0, 7, 10)]);
}

#[tokio::test]
async fn a_topic_that_is_not_seen_for_a_look_is_read_on() {
    let cluster = written();
    let there = seen(&cluster).await;
    let absent: Layout = [(name("failed"), Seen::Absent)].into();
    for meanwhile in [Layout::new(), absent] {
        let mut found = Places::default();
        found.find(&cluster, &there, NOW).await.unwrap();
        found.get_mut(&name("failed"), 0).unwrap().next = 10;
        found.see(&meanwhile);
        assert_eq!(places(&found), []);
        found.find(&cluster, &there, NOW).await.unwrap();
        assert_eq!(places(&found), [(0, 10, 10)], "{meanwhile:?}");
    }
}

#[tokio::test]
async fn a_topic_that_was_absent_begins_with_its_first_event() {
    let cluster = MemoryCluster::new(1);
    let mut found = Places::default();
    found.find(&cluster, &seen(&cluster).await, NOW).await.unwrap();
    cluster.create("failed", 1, 1, &[]);
    cluster.append("failed", 0, 4, NOW);
    found.find(&cluster, &seen(&cluster).await, NOW).await.unwrap();
    assert_eq!(places(&found), [(0, 0, 0)]);
}

#[tokio::test]
async fn so_do_a_topic_that_was_created_anew_and_a_partition_that_was_added() {
    let cluster = written();
    let mut found = Places::default();
    let before = seen(&cluster).await;
    found.find(&cluster, &before, NOW).await.unwrap();
    let mut grown = before.clone();
    let Some(Seen::There { partitions, .. }) = grown.get_mut("failed") else {
        panic!("it is there");
    };
    partitions.insert(1);
    found.find(&cluster, &grown, NOW).await.unwrap();
    assert_eq!(places(&found), [(0, 7, 10), (1, 0, 0)]);
    cluster.delete("failed");
    cluster.create("failed", 1, 1, &[]);
    cluster.append("failed", 0, 2, NOW);
    found.find(&cluster, &seen(&cluster).await, NOW).await.unwrap();
    assert_eq!(places(&found), [(0, 0, 0)]);
}

/// An end that cannot be read leaves no place that another look would take for read.
#[tokio::test]
async fn a_trouble_leaves_no_place() {
    let cluster = written();
    let there = seen(&cluster).await;
    cluster.stop(crate::model::BrokerId(1));
    let mut found = Places::default();
    found.find(&cluster, &there, NOW).await.unwrap_err();
    assert_eq!(places(&found), []);
    cluster.start(crate::model::BrokerId(1));
    found.find(&cluster, &there, NOW).await.unwrap();
    assert_eq!(places(&found), [(0, 7, 10)]);
}

#[test]
fn nothing_is_said_of_what_was_not_read() {
    let names: [TopicName; 3] = ["orders", "gone", "hidden"].map(name);
    let mut looked = orders(0, topic(1, &[(0, 9)]));
    looked.unseen.insert(name("gone"), Unseen::Absent);
    looked
        .unseen
        .insert(name("hidden"), Unseen::Unread(Arc::from("not allowed")));
    let seen = layout(&names, &looked);
    assert_eq!(seen.keys().collect::<Vec<_>>(), [&name("gone"), &name("orders")]);
    assert!(has_topics(&seen));
    assert_eq!(seen["gone"], Seen::Absent);
    assert!(!has_topics(&layout(&names[1..], &looked)));
    assert!(
        layout(&names, &sample(0)).is_empty(),
        "a list is silent about what may not be seen"
    );
}
