//! What partitions weigh, what their last records are like, and who uses them.

use std::collections::BTreeMap;

use topicctl::admin::{Admin, TopicGroups};
use topicctl::model::{Sample, TopicName};

use super::Cluster;
use super::steps::{create, eventually, name, topic};

/// The bytes of a batch of small records, as Kafka writes them.
fn bytes(records: i64) -> i64 {
    61 + 13 * records
}

fn forever() -> [(&'static str, &'static str); 1] {
    // No broker removes records of any age by itself.
    [("retention.ms", "-1")]
}

/// `topic-partition: bytes` of every replica, by broker.
async fn sizes<C: Cluster>(on: &C, asked: &[(&str, &[i32])]) -> Vec<String> {
    let asked: BTreeMap<TopicName, Vec<i32>> = asked
        .iter()
        .map(|(short, partitions)| (name(on, short), partitions.to_vec()))
        .collect();
    let mut told = Vec::new();
    for (broker, sizes) in on.client().replica_sizes(&asked).await.unwrap() {
        for ((topic, partition), bytes) in sizes.unwrap() {
            let short = topic.as_str().replace(&format!("{}.", on.prefix()), "");
            told.push(format!("{broker}: {short}-{partition}: {bytes}"));
        }
    }
    told
}

pub(crate) async fn sizes_are_those_of_batches_and_of_nothing_that_is_not_there(on: &impl Cluster) {
    create(on, &[topic(on, "a", (2, 1), &forever())]).await;
    on.append(&name(on, "a"), 1, 10, 1_000).await;
    on.append(&name(on, "a"), 1, 5, 2_000).await;
    let expected = [
        "1: a-0: 0".to_owned(),
        format!("1: a-1: {}", bytes(10) + bytes(5)),
    ];
    assert_eq!(sizes(on, &[("a", &[0, 1, 7]), ("missing", &[0])]).await, expected);
    assert_eq!(sizes(on, &[("a", &[1])]).await, expected[1..]);
}

pub(crate) async fn every_broker_tells_the_size_of_its_own_replica(on: &impl Cluster) {
    create(on, &[topic(on, "a", (1, 3), &forever())]).await;
    on.append(&name(on, "a"), 0, 10, 1_000).await;
    let expected: Vec<String> = (1..=3)
        .map(|broker| format!("{broker}: a-0: {}", bytes(10)))
        .collect();
    eventually("every replica to have the records", async || {
        (sizes(on, &[("a", &[0])]).await == expected).then_some(())
    })
    .await;
}

async fn sample<C: Cluster>(on: &C, partition: i32, range: std::ops::Range<i64>) -> Sample {
    let topic = name(on, "a");
    let ranges = BTreeMap::from([(topic.clone(), BTreeMap::from([(partition, range)]))]);
    let answers = on.client().samples(&ranges).await.unwrap();
    assert_eq!(answers.len(), 1);
    answers[&(topic, partition)].clone().unwrap()
}

pub(crate) async fn samples_tell_keys_and_the_largest_batch(on: &impl Cluster) {
    create(on, &[topic(on, "a", (2, 1), &forever())]).await;
    on.append(&name(on, "a"), 0, 20, 1_000).await;
    on.append_keyed(&name(on, "a"), 0, 7, 2_000).await;
    let all = sample(on, 0, 0..27).await;
    assert_eq!((all.keyed, all.unkeyed, all.complete), (7, 20, true));
    assert_eq!((all.reached_end, all.oldest), (true, Some(1_000)));
    assert_eq!(i64::from(all.largest_batch), bytes(20));
    assert!(all.largest_sent >= bytes(20) && !all.is_thinned, "{all:?}");
    for _ in 0..5 {
        on.append_keyed(&name(on, "a"), 1, 50, 3_000).await;
    }
    let few = sample(on, 1, 0..250).await;
    assert_eq!((few.keyed, few.unkeyed, few.complete), (250, 0, true));
    for _ in 0..10 {
        on.append(&name(on, "a"), 1, 1_000, 4_000).await;
    }
    let many = sample(on, 1, 0..10_250).await;
    assert!(many.unkeyed >= 200 && many.unkeyed <= 1_000, "{many:?}");
    assert_eq!((many.keyed, many.reached_end, many.complete), (0, true, false));
}

pub(crate) async fn samples_of_what_is_not_there_are_errors(on: &impl Cluster) {
    create(on, &[topic(on, "a", (1, 1), &forever())]).await;
    on.append(&name(on, "a"), 0, 1, 1_000).await;
    let ranges = BTreeMap::from([
        (name(on, "a"), BTreeMap::from([(0, 0..1), (3, 0..1)])),
        (name(on, "missing"), BTreeMap::from([(0, 0..1)])),
    ]);
    let answers = on.client().samples(&ranges).await.unwrap();
    let told: Vec<String> = answers
        .into_values()
        .map(|answer| answer.map_or_else(|error| error.to_string(), |sample| sample.unkeyed.to_string()))
        .collect();
    assert_eq!(
        told,
        ["1", "UNKNOWN_TOPIC_OR_PARTITION", "UNKNOWN_TOPIC_OR_PARTITION"]
    );
}

async fn groups<C: Cluster>(on: &C, asked: &[&str]) -> TopicGroups {
    let asked = asked.iter().map(|short| (name(on, short), vec![0, 1])).collect();
    on.client().topic_groups(&asked).await.unwrap()
}

pub(crate) async fn groups_are_found_by_what_they_committed(on: &impl Cluster) {
    create(
        on,
        &[
            topic(on, "a", (2, 1), &[]),
            topic(on, "b", (2, 1), &[]),
            topic(on, "c", (2, 1), &[]),
        ],
    )
    .await;
    on.append(&name(on, "a"), 1, 10, 1_000).await;
    let group = |short: &str| format!("{}-{short}", on.prefix());
    on.commit(&group("one"), &name(on, "a"), 1, 4).await;
    on.commit(&group("one"), &name(on, "b"), 0, 0).await;
    on.commit(&group("two"), &name(on, "a"), 0, 0).await;
    let found = groups(on, &["a", "c"]).await;
    assert_eq!(found.unread.iter().next(), None);
    let told: Vec<String> = found.topics[&name(on, "a")]
        .iter()
        .map(|(name, group)| {
            let state = group.state.as_deref().unwrap_or("not told");
            let (kind, members) = (group.kind, group.members.read().map(|members| members.len()));
            let committed = group
                .committed
                .iter()
                .map(|(index, committed)| (*index, committed.offset));
            let committed: BTreeMap<i32, i64> = committed.collect();
            format!("{name} {kind} {state} {committed:?} {members:?}")
        })
        .collect();
    assert_eq!(
        told,
        [
            format!("{} classic Empty {{1: 4}} Some(0)", group("one")),
            format!("{} classic Empty {{0: 0}} Some(0)", group("two"))
        ]
    );
    assert_eq!(found.topics.len(), 1, "nobody uses c, and b was not asked for");
}

pub(crate) async fn records_tell_when_they_were_written(on: &impl Cluster) {
    create(on, &[topic(on, "a", (2, 1), &forever())]).await;
    on.append(&name(on, "a"), 0, 10, 1_000).await;
    on.append_keyed(&name(on, "a"), 0, 5, 2_000).await;
    on.append(&name(on, "a"), 1, 3, 3_000).await;
    let mut told = Vec::new();
    for (first, second) in [(0, 0), (9, 1), (10, 2), (14, 2)] {
        let positions = BTreeMap::from([(name(on, "a"), BTreeMap::from([(0, first), (1, second)]))]);
        let answers = on.client().record_times(&positions).await.unwrap();
        told.extend(answers.into_values().map(|time| time.unwrap().unwrap()));
    }
    assert_eq!(told, [1_000, 3_000, 1_000, 3_000, 2_000, 3_000, 2_000, 3_000]);
}

pub(crate) async fn records_that_are_not_there_tell_no_time(on: &impl Cluster) {
    create(on, &[topic(on, "a", (2, 1), &forever())]).await;
    on.append(&name(on, "a"), 0, 10, 1_000).await;
    on.trim(&name(on, "a"), 0, 4).await;
    let positions = BTreeMap::from([
        (name(on, "a"), BTreeMap::from([(0, 3), (1, 1), (3, 0)])),
        (name(on, "missing"), BTreeMap::from([(0, 0)])),
    ]);
    let answers = on.client().record_times(&positions).await.unwrap();
    let told: Vec<String> = answers
        .into_values()
        .map(|answer| answer.map_or_else(|error| error.to_string(), |time| format!("{time:?}")))
        .collect();
    assert_eq!(
        told,
        [
            "OFFSET_OUT_OF_RANGE",
            "OFFSET_OUT_OF_RANGE",
            "UNKNOWN_TOPIC_OR_PARTITION",
            "UNKNOWN_TOPIC_OR_PARTITION"
        ]
    );
}

/// Releases before 3.3 do not tell, and are not among those under test.
pub(crate) async fn brokers_tell_how_full_their_disks_are(on: &impl Cluster) {
    let disks = on.client().storage().await.unwrap();
    assert_eq!(disks.len(), 3);
    for (broker, disks) in disks {
        let disks = disks.unwrap().disks.unwrap();
        assert!(
            disks.total > 0 && (0..=disks.total).contains(&disks.usable),
            "broker {broker}: {disks:?}"
        );
    }
}
