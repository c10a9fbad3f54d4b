//! Looking at a cluster in memory.

use super::{at, name};
use crate::admin::memory::{Api, Fault, MemoryCluster, Operation};
use crate::admin::{Admin, ReplicasToAssign};
use crate::manifest::{self, ManifestFile, Selection};
use crate::model::{BrokerId, Desired, Known, Pattern};
use crate::monitor::{Others, Part, Sample, Sampler, Unseen, Watched};
use crate::plan::TopicStatus;

pub(super) fn now() -> i64 {
    1_764_187_200_000
}

pub(super) fn desired(topics: &str) -> Desired {
    let bytes = format!("version: 1\ntopics:\n{topics}").into_bytes();
    let file = ManifestFile {
        name: "topics.yaml".into(),
        bytes,
    };
    let loaded = manifest::load_files(vec![file], &Selection::Unspecified, &|_| None);
    loaded.unwrap().desired
}

pub(super) fn declared(topics: &str) -> Watched {
    Watched {
        declared: desired(topics),
        ..Watched::default()
    }
}

pub(super) async fn once(cluster: &MemoryCluster, watched: Watched) -> Sample {
    Sampler::new(cluster, watched, now).sample().await.unwrap()
}

/// The troubles as lines.
pub(super) fn troubles(sample: &Sample) -> Vec<String> {
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
    assert_eq!(orders.groups["billing"].committed, [(0, at(7))].into());
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
        ..Watched::default()
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
async fn what_one_broker_does_not_answer_is_said_and_the_rest_stands() {
    let cluster = MemoryCluster::new(2);
    cluster.create("orders", 4, 1, &[]);
    cluster.append("orders", 0, 5, now());
    cluster.stop(BrokerId(2));
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
            "settings: 1× orders (its size): broker 2 is not alive"
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
/// An alert waits for a minute: a value that goes missing for one would let it begin anew.
/// A right that is missing is missing the next time as well.
#[tokio::test(start_paused = true)]
async fn only_the_groups_that_are_wanted_are_watched() {
    let cluster = MemoryCluster::new(1);
    cluster.create("orders", 1, 1, &[]);
    for group in ["billing", "billing-test", "console-1"] {
        cluster.commit(group, "orders", 0, 0);
    }
    let watched = |patterns: &[&str]| Watched {
        groups: patterns.iter().map(|pattern| Pattern::new(pattern)).collect(),
        ..declared("  - {name: orders}\n")
    };
    let seen = async |patterns: &[&str]| {
        let sample = once(&cluster, watched(patterns)).await;
        let groups = sample.topics["orders"].groups.keys();
        groups.map(|group| group.as_ref().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(seen(&[]).await, ["billing", "billing-test", "console-1"]);
    assert_eq!(seen(&["billing"]).await, ["billing"]);
    assert_eq!(
        seen(&["*-test", "console-?"]).await,
        ["billing-test", "console-1"]
    );
}

/// As `kafka-topics --under-replicated-partitions` has it: a replica that is still copied to was never in sync.
#[tokio::test(start_paused = true)]
async fn a_replica_that_is_being_added_is_not_missing() {
    let cluster = MemoryCluster::new(4);
    cluster.create("orders", 1, 2, &[]);
    cluster.hold_reassignments();
    let to = ReplicasToAssign {
        name: name("orders"),
        partitions: [(0, [1, 2, 3].map(BrokerId).to_vec())].into(),
    };
    let watched = || declared("  - {name: orders}\n");
    once(&cluster, watched()).await;
    assert!(!cluster.requests().contains_key("ListPartitionReassignments"));
    cluster.alter_partition_reassignments(&[to]).await.unwrap()["orders"]
        .as_ref()
        .unwrap();

    let sample = once(&cluster, watched()).await;
    let partition = &sample.topics["orders"].partitions[&0];
    assert_eq!((partition.replicas.len(), partition.isr.len()), (3, 2));
    assert_eq!(partition.adding, [BrokerId(3)]);
    assert!(!partition.is_under_replicated());
    assert_eq!(troubles(&sample), [""; 0]);

    cluster.stop(BrokerId(2));
    let sample = once(&cluster, watched()).await;
    assert!(sample.topics["orders"].partitions[&0].is_under_replicated());
}

/// Whoever may not know of reassignments sees all that is missing, and that some of it may be on its way.
#[tokio::test(start_paused = true)]
async fn reassignments_that_may_not_be_seen_are_said() {
    let cluster = MemoryCluster::new(2);
    cluster.create("orders", 1, 2, &[]);
    cluster.stop(BrokerId(2));
    cluster.inject(Fault::lost_request(Api::ListPartitionReassignments));
    let sample = once(&cluster, declared("  - {name: orders}\n")).await;
    assert!(sample.topics["orders"].partitions[&0].is_under_replicated());
    let said = troubles(&sample);
    assert!(
        said.iter()
            .any(|line| line.starts_with("settings: 1× reassignments: ")),
        "{said:?}"
    );
    assert_eq!(sample.troubles.count(Part::Metadata), 0);
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
