//! Topics that get more partitions.

use topicctl::admin::{Admin, WriteMode};

use super::releases::assert_answers;
use super::steps::{BOTH_MODES, all_brokers_show, create, growth, metadata, name, told, topic};
use super::{Cluster, Release};

async fn wait_for<C: Cluster>(on: &C, short: &str, partitions: usize) {
    all_brokers_show(on, &name(on, short), |topic| {
        topic.is_some_and(|topic| topic.partitions.len() == partitions && topic.under_replicated() == 0)
    })
    .await;
}

pub(crate) async fn partitions_are_added_and_the_others_stay(on: &impl Cluster) {
    create(
        on,
        &[
            topic(on, "a", (2, 2), &[("retention.ms", "5")]),
            topic(on, "b", (1, 1), &[]),
        ],
    )
    .await;
    let before = metadata(on, "a").await;
    let answers = on
        .client()
        .create_partitions(&[growth(on, "a", 7)], WriteMode::Write)
        .await
        .unwrap();
    assert_eq!(told(on, answers), ["a: ok"]);
    wait_for(on, "a", 7).await;
    let after = metadata(on, "a").await;
    assert_eq!(after.id, before.id);
    assert_eq!(after.partitions[..2], before.partitions[..]);
    assert_eq!(after.replication().unwrap().to_string(), "2");
    assert!(
        (0..)
            .zip(&after.partitions)
            .all(|(index, partition)| partition.index == index)
    );
    assert_eq!(metadata(on, "b").await.partitions.len(), 1);
}

pub(crate) async fn refusals_name_both_counts(on: &impl Cluster) {
    let topics = ["fewer", "good", "many", "same"].map(|short| topic(on, short, (3, 1), &[]));
    create(on, &topics).await;
    // Kafka 4.0 and older know no limit: 3.3 makes them all, and of 3.7, 3.9 and 4.0 the controller falls over.
    let many = if on.release() >= Release(4, 1) { 10_004 } else { 4 };
    let asked = [
        ("fewer", 2),
        ("good", 4),
        ("many", many),
        ("missing", 3),
        ("same", 3),
    ]
    .map(|(short, total)| growth(on, short, total));
    for mode in BOTH_MODES {
        let answers = on.client().create_partitions(&asked, mode).await.unwrap();
        assert_answers(
            on,
            "grow_refusals",
            &told(on, answers),
            &[
                "fewer: The topic fewer currently has 3 partition(s); 2 would not be an increase. (INVALID_PARTITIONS)",
                "good: ok",
                "many: Excessively large number of additional partitions per request. (POLICY_VIOLATION)",
                "missing: UNKNOWN_TOPIC_OR_PARTITION",
                "same: Topic already has 3 partition(s). (INVALID_PARTITIONS)",
            ],
        );
    }
    wait_for(on, "good", 4).await;
}

pub(crate) async fn validation_grows_nothing(on: &impl Cluster) {
    create(on, &["a", "later"].map(|short| topic(on, short, (1, 1), &[]))).await;
    let validated = on
        .client()
        .create_partitions(&[growth(on, "a", 2)], WriteMode::Validate)
        .await
        .unwrap();
    assert_eq!(told(on, validated), ["a: ok"]);
    let written = on
        .client()
        .create_partitions(&[growth(on, "later", 2)], WriteMode::Write)
        .await
        .unwrap();
    assert_eq!(told(on, written), ["later: ok"]);
    // Brokers show changes in their order.
    wait_for(on, "later", 2).await;
    assert_eq!(metadata(on, "a").await.partitions.len(), 1);
}
