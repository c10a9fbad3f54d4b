//! Keys and partitions: the same as with Kafka's own producer, whoever publishes.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::generate::Dice;
use super::reading::failed;
use super::{Topics, block_on};
use crate::support::Kafka;

const KEYS: usize = 200;

/// Keys of every length modulo the hash's block of four bytes, with letters of one to four bytes.
fn keys() -> Vec<String> {
    let letters: Vec<char> = "abcXYZ019-_.äé€日本𝄞".chars().collect();
    let mut dice = Dice(11);
    let key = |number: usize| {
        let letters: String = (0..number % 41).map(|_| *dice.pick(&letters)).collect();
        format!("{number}{letters}")
    };
    (0..KEYS).map(key).collect()
}

#[test]
fn keys_have_the_partitions_that_kafkas_own_producer_gives_them() {
    let kafka = Kafka::one();
    let topics = Topics::new(kafka, "keys", 7);
    let keys = keys();
    let mut lines = String::new();
    for key in &keys {
        let _ = writeln!(lines, "{key}\tfrom Java");
    }
    let started = topics.names.started.as_str();
    kafka.tool_fed(
        "console-producer",
        &[
            "--bootstrap-server",
            kafka.bootstrap(),
            "--topic",
            started,
            "--property",
            "parse.key=true",
        ],
        &lines,
    );
    let (java, rust) = block_on(async {
        let publisher = topics.publisher();
        let mut rust = BTreeMap::new();
        for key in &keys {
            let at = publisher.publish(&topics.names.failed, &failed(key, 1)).await;
            rust.insert(key.clone(), at.unwrap().partition);
        }
        let records = topics.records().await.into_iter();
        let java = records.filter(|record| record.topic == topics.names.started);
        let java: BTreeMap<_, _> = java
            .map(|record| (record.key.unwrap(), record.partition))
            .collect();
        (java, rust)
    });
    assert_eq!(java.len(), KEYS);
    assert_eq!(java, rust);
    let used: std::collections::BTreeSet<_> = rust.values().collect();
    assert_eq!(used.len(), 7, "not all partitions are chosen at all");
}
