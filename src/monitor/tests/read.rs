//! Looking at a cluster in memory.

use std::time::Duration;

use super::name;
use crate::admin::Admin;
use crate::admin::memory::{Api, Fault, MemoryCluster, Operation};
use crate::manifest::{self, ManifestFile, Selection};
use crate::model::{Desired, Known, Pattern};
use crate::monitor::{Others, Part, Sample, Sampler, Unseen, Watched};
use crate::plan::TopicStatus;

fn now() -> i64 {
    1_764_187_200_000
}

fn desired(topics: &str) -> Desired {
    let bytes = format!("version: 1\ntopics:\n{topics}").into_bytes();
    let file = ManifestFile {
        name: "topics.yaml".into(),
        bytes,
    };
    let loaded = manifest::load_files(vec![file], &Selection::Unspecified, &|_| None);
    loaded.unwrap().desired
}

fn declared(topics: &str) -> Watched {
    Watched {
        declared: desired(topics),
        others: Others::None,
    }
}

async fn once(cluster: &MemoryCluster, watched: Watched) -> Sample {
    Sampler::new(cluster, watched, now).sample().await.unwrap()
}

/// The troubles as lines.
fn troubles(sample: &Sample) -> Vec<String> {
    let all = sample.troubles.iter().chain(sample.settings.troubles.iter());
    let line = |trouble: crate::monitor::Trouble| {
        let (part, place) = (trouble.part.as_str(), &trouble.place);
        format!("{part}: {}× {place}: {}", trouble.count, trouble.why)
    };
    all.map(line).collect()
}

#[tokio::test(start_paused = true)]
async fn a_sample_has_everything_of_the_topics_of_the_file() {
    let cluster = MemoryCluster::new(3);
    cluster.create("orders", 2, 3, &[("min.insync.replicas", "2")]);
    cluster.create("drifted", 1, 1, &[("retention.ms", "5000")]);
    cluster.create("not-in-the-file", 1, 1, &[]);
    cluster.append("orders", 0, 10, now());
    cluster.trim("orders", 0, 4);
    cluster.commit("billing", "orders", 0, 7);
    cluster.join("billing", "orders", 2);

    let file =
        "  - {name: orders, config: {min.insync.replicas: 2}}\n  - {name: drifted}\n  - {name: missing}\n";
    let sample = once(&cluster, declared(file)).await;

    let names: Vec<&str> = sample
        .topics
        .keys()
        .map(crate::model::TopicName::as_str)
        .collect();
    assert_eq!(names, ["drifted", "orders"]);
    assert_eq!(sample.unseen, [(name("missing"), Unseen::Absent)].into());
    assert_eq!(sample.brokers, 3);
    let orders = &sample.topics["orders"];
    assert_eq!(orders.partitions[&0].earliest, Known::Read(4));
    assert_eq!(orders.partitions[&0].latest, Known::Read(10));
    assert_eq!(orders.partitions[&1].latest, Known::Read(0));
    assert_eq!(orders.groups["billing"].committed, [(0, 7)].into());
    assert_eq!(orders.groups["billing"].members, Known::Read(2));
    let settings = &sample.settings.topics;
    assert_eq!(settings["orders"].status, Some(TopicStatus::InSync));
    assert_eq!(settings["orders"].min_insync, Known::Read(2));
    assert_eq!(settings["drifted"].status, Some(TopicStatus::Change));
    assert_eq!(settings["missing"].status, Some(TopicStatus::Create));
    assert!(settings["orders"].bytes.read().is_some());
    assert_eq!(troubles(&sample), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn others_are_found_anew_each_time() {
    let cluster = MemoryCluster::new(1);
    cluster.create("orders.one", 1, 1, &[]);
    cluster.create("other", 1, 1, &[]);
    let matching = |pattern: &str| Watched {
        declared: Desired::default(),
        others: Others::Matching(vec![Pattern::new(pattern)]),
    };
    let watched = matching("orders.*");
    let mut sampler = Sampler::new(&cluster, watched, now);
    assert_eq!(sampler.sample().await.unwrap().topics.len(), 1);
    cluster.create("orders.two", 1, 1, &[]);
    cluster.delete("orders.one");
    let sample = sampler.sample().await.unwrap();
    assert_eq!(sample.topics.keys().collect::<Vec<_>>(), [&name("orders.two")]);
    assert!(sample.unseen.is_empty());
    let all = Watched {
        others: Others::All,
        ..Watched::default()
    };
    assert_eq!(once(&cluster, all).await.topics.len(), 2);
}

#[test]
fn internal_topics_come_by_their_exact_name_only() {
    let matching = |pattern: &str| Others::Matching(vec![Pattern::new(pattern)]);
    let internal = name("__consumer_offsets");
    assert!(!matching("*").include(&internal, true));
    assert!(matching("__consumer_offsets").include(&internal, true));
    assert!(!Others::All.include(&internal, true));
    assert!(!Others::None.include(&name("orders"), false));
}

/// What changes rarely is not asked for with every sample.
#[tokio::test(start_paused = true)]
async fn settings_are_read_once_a_minute() {
    let cluster = MemoryCluster::new(1);
    cluster.create("orders", 1, 1, &[]);
    let mut sampler = Sampler::new(&cluster, declared("  - {name: orders}\n"), now);
    let mut asked = Vec::new();
    for _ in 0..14 {
        sampler.sample().await.unwrap();
        asked.push(cluster.requests()["DescribeLogDirs"]);
        tokio::time::advance(Duration::from_secs(5)).await;
    }
    assert_eq!(asked[..12], [1; 12]);
    assert_eq!(asked[12..], [2; 2]);
}

#[tokio::test(start_paused = true)]
async fn what_one_broker_does_not_answer_is_said_and_the_rest_stands() {
    let cluster = MemoryCluster::new(2);
    cluster.create("orders", 4, 1, &[]);
    cluster.append("orders", 0, 5, now());
    cluster.stop(crate::model::BrokerId(2));
    let sample = once(&cluster, declared("  - {name: orders}\n")).await;
    let partitions = &sample.topics["orders"].partitions;
    let known = partitions
        .values()
        .filter(|partition| partition.latest.read().is_some());
    assert_eq!(known.count(), 2);
    assert_eq!(sample.troubles.count(Part::Offsets), 2);
    assert_eq!(
        troubles(&sample),
        ["offsets: 2× orders partition 1: the partition has no leader"]
    );
}

#[tokio::test(start_paused = true)]
async fn a_failed_request_is_a_trouble_and_not_the_end() {
    let cluster = MemoryCluster::new(1);
    cluster.create("orders", 3, 1, &[]);
    cluster.commit("billing", "orders", 0, 0);
    cluster.inject(Fault::lost_request(Api::OffsetFetch));
    let sample = once(&cluster, declared("  - {name: orders}\n")).await;
    let lost = "OffsetFetch to broker 1 (127.0.0.1:19092): the connection was closed before the answer";
    assert_eq!(troubles(&sample), [format!("groups: 1× : {lost}")]);
}

#[tokio::test(start_paused = true)]
async fn a_topic_that_may_not_be_seen_is_not_absent() {
    let cluster = MemoryCluster::new(1);
    cluster.create("orders", 1, 1, &[]);
    cluster.deny(Operation::Describe, "orders");
    let sample = once(&cluster, declared("  - {name: orders}\n")).await;
    assert!(
        matches!(sample.unseen["orders"], Unseen::Unread(_)),
        "{:?}",
        sample.unseen
    );
    let said = "TOPIC_AUTHORIZATION_FAILED: needs Describe on topic orders";
    let expected = [
        format!("metadata: 1× orders: {said}"),
        format!("settings: 1× orders: its metadata: {said}"),
    ];
    assert_eq!(troubles(&sample), expected);
}
