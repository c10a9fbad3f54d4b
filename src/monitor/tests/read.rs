//! Looking at a cluster in memory.

use std::time::Duration;

use super::name;
use crate::admin::memory::{Api, Fault, MemoryCluster, Operation};
use crate::admin::{Admin, AdminError};
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
        [
            "offsets: 2× orders partition 1: the partition has no leader",
            "settings: 1× the size of orders: broker 2 is not alive"
        ]
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

/// Half a topic's bytes are no number of bytes of the topic.
#[tokio::test(start_paused = true)]
async fn sizes_are_those_of_all_replicas_or_none() {
    let cluster = MemoryCluster::new(3);
    cluster.create("orders", 1, 3, &[]);
    cluster.create("small", 1, 1, &[]);
    let file = "  - {name: orders}\n  - {name: small}\n";
    let whole = once(&cluster, declared(file)).await;
    assert!(whole.settings.topics["orders"].bytes.read().is_some());
    cluster.stop(crate::model::BrokerId(3));
    let sample = once(&cluster, declared(file)).await;
    let settings = &sample.settings.topics;
    let why = settings["orders"].bytes.why_not().unwrap();
    assert_eq!(why.as_ref(), "broker 3 is not alive");
    assert!(settings["small"].bytes.read().is_some());
    assert_eq!(
        troubles(&sample),
        ["settings: 1× the size of orders: broker 3 is not alive"]
    );
}

#[tokio::test(start_paused = true)]
async fn sizes_that_nobody_tells_are_said() {
    let cluster = MemoryCluster::new(1);
    cluster.create("orders", 1, 1, &[]);
    let unsupported = AdminError::Unsupported {
        request: "DescribeLogDirs",
        broker: cluster.peer(1),
        since: "1.0",
    };
    cluster.inject(Fault::failure(Api::DescribeLogDirs, unsupported.clone()));
    let sample = once(&cluster, declared("  - {name: orders}\n")).await;
    assert_eq!(sample.settings.topics["orders"].bytes.read(), None);
    let said = troubles(&sample);
    assert_eq!(said.len(), 1, "{said:?}");
    assert!(said[0].ends_with(&unsupported.to_string()), "{said:?}");
}

/// Looks again after so many seconds.
async fn later(sampler: &mut Sampler<'_, MemoryCluster>, seconds: u64) -> Sample {
    tokio::time::advance(Duration::from_secs(seconds)).await;
    sampler.sample().await.unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_broker_that_tells_no_configs_is_passed_over() {
    let cluster = MemoryCluster::new(3);
    cluster.create("orders", 1, 3, &[("min.insync.replicas", "2")]);
    let others = || Watched {
        others: Others::All,
        ..Watched::default()
    };
    cluster.inject(Fault::lost_request(Api::DescribeConfigs));
    let sample = once(&cluster, others()).await;
    assert!(cluster.script_is_over());
    assert_eq!(sample.settings.topics["orders"].min_insync, Known::Read(2));
    assert_eq!(troubles(&sample), [""; 0]);
}

/// An alert waits for a minute: a value that goes missing for one would let it begin anew.
#[tokio::test(start_paused = true)]
async fn settings_that_do_not_come_are_asked_for_again_and_the_last_ones_stand() {
    let cluster = MemoryCluster::new(2);
    cluster.create("orders", 1, 2, &[("min.insync.replicas", "2")]);
    let file = "  - {name: orders, config: {min.insync.replicas: 2}}\n";
    let mut sampler = Sampler::new(&cluster, declared(file), now);
    sampler.sample().await.unwrap();
    cluster.inject(Fault::lost_request(Api::DescribeConfigs).times(3));

    let old = later(&mut sampler, 61).await;
    let settings = &old.settings.topics["orders"];
    assert!(cluster.script_is_over());
    assert_eq!(settings.min_insync, Known::Read(2));
    assert_eq!(settings.status, Some(TopicStatus::InSync));
    assert_eq!(
        old.settings.elapsed,
        Some(Duration::ZERO),
        "they are as old as they are"
    );
    assert_eq!(
        old.settings.troubles.count(Part::Settings),
        2,
        "{:?}",
        troubles(&old)
    );

    let anew = later(&mut sampler, 5).await;
    assert_eq!(anew.settings.elapsed, Some(Duration::from_secs(66)));
    assert_eq!(troubles(&anew), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn settings_that_stay_away_are_not_shown_for_ever() {
    let cluster = MemoryCluster::new(1);
    cluster.create("orders", 1, 1, &[]);
    let mut sampler = Sampler::new(&cluster, declared("  - {name: orders}\n"), now);
    sampler.sample().await.unwrap();
    cluster.inject(Fault::lost_request(Api::DescribeConfigs).times(u32::MAX));
    let kept = later(&mut sampler, 300).await;
    assert_eq!(kept.settings.topics["orders"].min_insync, Known::Read(1));
    let gone = later(&mut sampler, 1).await;
    assert_eq!(gone.settings.topics["orders"].min_insync.read(), None);
    assert_eq!(
        gone.settings.topics["orders"].status,
        Some(TopicStatus::Unreadable)
    );
    assert_eq!(gone.settings.elapsed, Some(Duration::from_secs(301)));
}

/// A right that is missing is missing the next time as well.
#[tokio::test(start_paused = true)]
async fn what_may_not_be_read_is_not_asked_for_with_every_look() {
    let cluster = MemoryCluster::new(1);
    cluster.create("orders", 1, 1, &[]);
    cluster.deny(Operation::DescribeConfigs, "orders");
    let mut sampler = Sampler::new(&cluster, declared("  - {name: orders}\n"), now);
    let first = sampler.sample().await.unwrap();
    assert!(first.settings.troubles.count(Part::Settings) > 0);
    let asked = cluster.requests()["DescribeConfigs"];
    later(&mut sampler, 5).await;
    assert_eq!(cluster.requests()["DescribeConfigs"], asked);
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
