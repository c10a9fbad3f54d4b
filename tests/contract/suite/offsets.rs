//! What partitions hold.

use std::collections::BTreeMap;

use topicctl::admin::{Admin, OffsetPoint};

use super::Cluster;
use super::steps::{create, name, topic};

/// `topic-partition: offset @ timestamp`, or the error.
async fn offsets<C: Cluster>(on: &C, asked: &[(&str, &[i32])], point: OffsetPoint) -> Vec<String> {
    let asked: BTreeMap<_, _> = asked
        .iter()
        .map(|(short, partitions)| (name(on, short), partitions.to_vec()))
        .collect();
    let answers = on.client().offsets(&asked, point).await.unwrap();
    let number = |number: Option<i64>| number.map_or("none".to_owned(), |number| number.to_string());
    answers
        .into_iter()
        .map(|((name, partition), answer)| {
            let short = name.as_str().replace(&format!("{}.", on.prefix()), "");
            match answer {
                Ok(found) => format!(
                    "{short}-{partition}: {} @ {}",
                    number(found.offset),
                    number(found.timestamp)
                ),
                Err(error) => format!("{short}-{partition}: {error}"),
            }
        })
        .collect()
}

pub(crate) async fn an_empty_partition_begins_and_ends_at_zero(on: &impl Cluster) {
    create(on, &[topic(on, "a", (2, 1), &[])]).await;
    let asked: &[(&str, &[i32])] = &[("a", &[0, 1])];
    for point in [OffsetPoint::Earliest, OffsetPoint::Latest] {
        assert_eq!(
            offsets(on, asked, point).await,
            ["a-0: 0 @ none", "a-1: 0 @ none"]
        );
    }
    assert_eq!(
        offsets(on, asked, OffsetPoint::AtOrAfter(0)).await,
        ["a-0: none @ none", "a-1: none @ none"]
    );
}

pub(crate) async fn records_are_found_by_place_and_by_time(on: &impl Cluster) {
    // No broker removes records of this age by itself.
    let forever = [("retention.ms", "-1")];
    create(
        on,
        &[topic(on, "a", (3, 1), &forever), topic(on, "b", (1, 2), &forever)],
    )
    .await;
    on.append(&name(on, "a"), 0, 10, 1_000).await;
    on.append(&name(on, "a"), 0, 5, 2_000).await;
    on.append(&name(on, "a"), 2, 1, 3_000).await;
    on.append(&name(on, "b"), 0, 7, 1_500).await;
    on.trim(&name(on, "a"), 0, 4).await;
    let asked: &[(&str, &[i32])] = &[("a", &[0, 1, 2]), ("b", &[0])];
    let after = OffsetPoint::AtOrAfter;
    for (point, expected) in [
        (
            OffsetPoint::Earliest,
            ["4 @ none", "0 @ none", "0 @ none", "0 @ none"],
        ),
        (
            OffsetPoint::Latest,
            ["15 @ none", "0 @ none", "1 @ none", "7 @ none"],
        ),
        (after(0), ["4 @ 1000", "none @ none", "0 @ 3000", "0 @ 1500"]),
        (
            after(1_501),
            ["10 @ 2000", "none @ none", "0 @ 3000", "none @ none"],
        ),
        (
            after(2_000),
            ["10 @ 2000", "none @ none", "0 @ 3000", "none @ none"],
        ),
        (after(3_001), ["none @ none"; 4]),
    ] {
        let partitions = ["a-0", "a-1", "a-2", "b-0"].into_iter();
        let expected: Vec<String> = partitions
            .zip(expected)
            .map(|(partition, found)| format!("{partition}: {found}"))
            .collect();
        assert_eq!(offsets(on, asked, point).await, expected, "{point:?}");
    }
}

pub(crate) async fn missing_topics_and_partitions_are_errors_of_their_own(on: &impl Cluster) {
    create(on, &[topic(on, "a", (1, 1), &[])]).await;
    let asked: &[(&str, &[i32])] = &[("a", &[0, 1]), ("missing", &[0])];
    assert_eq!(
        offsets(on, asked, OffsetPoint::Latest).await,
        [
            "a-0: 0 @ none",
            "a-1: UNKNOWN_TOPIC_OR_PARTITION",
            "missing-0: UNKNOWN_TOPIC_OR_PARTITION"
        ]
    );
}
