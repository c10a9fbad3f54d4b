//! Overrides that the file does not set: which are reset, with what risk, and topics of Kafka itself.

use super::words::{decision, lines};
use super::{Scene, Seen, Wanted, name, only};
use crate::model::{Evidence, Known, PartitionEvidence, Pattern, TopicEvidence, TopicObservation};
use crate::plan::gate::{Permissions, judge};
use crate::plan::{Plan, UnlistedResets};

/// The sighting of a topic that brokers flag as internal.
fn flagged(seen: Seen) -> TopicObservation {
    let TopicObservation::Present(mut topic) = seen.sighting() else {
        panic!("a stock topic is there");
    };
    topic.metadata.internal = true;
    TopicObservation::Present(topic)
}

fn planned(topic: &str, wanted: Wanted, sighting: TopicObservation) -> Vec<String> {
    lines(&only(&Scene::new().topic(topic, wanted, sighting).plan()))
}

#[test]
fn a_reset_needs_care_unless_the_value_in_force_stays_the_same() {
    let reset = |seen: &str| planned("orders", Wanted::nothing(), Seen::stock().with(seen).sighting());
    for (seen, class) in [
        ("own flush.ms=5 over default 4", "caution: unlisted"),
        ("own retention.ms=5 over default 604800000", "caution: unlisted"),
        (
            "own vendor.key=a over default b",
            "caution: unknown key vendor.key, unlisted",
        ),
        ("own vendor.key=?", "caution: unknown key vendor.key, unlisted"),
        ("own flush.ms=5", "caution: unknown inherited, unlisted"),
        ("own flush.ms=9 over default 9", "safe"),
        (
            "own cleanup.policy=compact,delete over file delete, compact",
            "safe",
        ),
    ] {
        let said = reset(seen);
        assert!(said[0].ends_with(&format!("[{class}]")), "{seen}: {said:?}");
    }
}

#[test]
fn a_reset_on_an_empty_topic_needs_care_all_the_same() {
    let seen = Seen::stock().with("own cleanup.policy=compact over default delete");
    let scene = Scene::new().topic("connect-configs", Wanted::nothing(), seen.sighting());
    let empty = PartitionEvidence {
        earliest: Known::Read(0),
        latest: Known::Read(0),
        ..PartitionEvidence::default()
    };
    let found = TopicEvidence {
        partitions: [(0, empty)].into(),
        ..TopicEvidence::default()
    };
    let evidence = Evidence {
        topics: [(name("connect-configs"), found)].into(),
        ..Evidence::default()
    };
    let plan = scene.plan().with_evidence(&scene.observed, &evidence);
    assert_eq!(
        lines(&only(&plan)),
        [
            "reset cleanup.policy: compact (topic override) -> delete (Kafka default) [caution: starts deleting losing \
          [], unlisted]"
        ]
    );
}

#[test]
fn topics_of_kafka_itself_keep_their_overrides_unless_their_own_entry_says_otherwise() {
    let seen = || Seen::stock().with("own segment.bytes=5 over default 9");
    let reset = "reset segment.bytes: 5 (topic override) -> 9 (Kafka default) [caution: unlisted]";
    for (topic, sighting) in [
        ("__consumer_offsets", flagged(seen())),
        ("__remote_log_metadata", seen().sighting()),
        ("flagged", flagged(seen())),
    ] {
        assert_eq!(
            planned(topic, Wanted::nothing(), sighting.clone()),
            [""; 0],
            "{topic}"
        );
        assert_eq!(
            planned(topic, Wanted::nothing().reset_all_unlisted(), sighting),
            [reset],
            "{topic}"
        );
    }
    assert_eq!(planned("_schemas", Wanted::nothing(), seen().sighting()), [reset]);
}

#[test]
fn services_keep_their_configs_unless_the_topics_own_entry_says_otherwise() {
    for key in ["confluent.placement.constraints", "redpanda.iceberg.mode"] {
        let seen = || {
            Seen::stock()
                .with(&format!("own {key}=a over default b"))
                .sighting()
        };
        assert_eq!(planned("orders", Wanted::nothing(), seen()), [""; 0]);
        let reset = format!(
            "reset {key}: a (topic override) -> b (Kafka default) [caution: unknown key {key}, unlisted]"
        );
        assert_eq!(
            planned("orders", Wanted::nothing().reset_all_unlisted(), seen()),
            [reset]
        );
        let set = format!("set {key}: a (topic override) -> c [caution: unknown key {key}]");
        assert_eq!(
            planned("orders", Wanted::configs(&format!("{key}=c")), seen()),
            [set]
        );
    }
}

#[test]
fn more_partitions_of_a_topic_that_brokers_map_by_their_number_are_never_safe() {
    for (topic, risk) in [
        (
            "__consumer_offsets",
            "lossy: moves keys 3 -> 9, remaps ConsumerOffsets",
        ),
        (
            "__transaction_state",
            "lossy: moves keys 3 -> 9, remaps TransactionState",
        ),
        (
            "__share_group_state",
            "lossy: moves keys 3 -> 9, remaps ShareGroupState",
        ),
        (
            "__remote_log_metadata",
            "caution: moves keys 3 -> 9, remaps RemoteLogMetadata",
        ),
        ("__other", "caution: moves keys 3 -> 9"),
    ] {
        let said = planned(topic, Wanted::nothing().partitions(9), Seen::stock().sighting());
        assert_eq!(said, [format!("partitions 3 -> 9 [{risk}]")]);
    }
}

#[test]
fn no_glob_allows_data_loss_of_kafkas_own_topics() {
    let lossy = || Wanted::configs("retention.ms=5");
    let plan = Scene::new()
        .topic("__consumer_offsets", lossy(), flagged(Seen::stock()))
        .topic("_schemas", lossy(), Seen::stock().sighting())
        .topic("flagged", lossy(), flagged(Seen::stock()))
        .topic("orders", lossy(), Seen::stock().sighting())
        .plan();
    let judged = |patterns: &[&str]| {
        let permissions = Permissions {
            may_lose_data: patterns.iter().map(|pattern| Pattern::new(pattern)).collect(),
            ..Permissions::default()
        };
        decision(&judge(&plan, &permissions))
    };
    assert_eq!(
        judged(&["*", "_*", "__consumer_offset?", "flagge?"]),
        "blocked: data loss __consumer_offsets _schemas flagged"
    );
    assert_eq!(
        judged(&["*", "__consumer_offsets", "_schemas", "flagged"]),
        "approved __consumer_offsets _schemas flagged orders"
    );
}

#[test]
fn resets_are_counted_but_for_topics_that_are_refused() {
    let seen = || Seen::stock().with("own flush.ms=5 over default 4; own segment.ms=5 over default 5");
    let plan = |second: Wanted| -> Plan {
        Scene::new()
            .topic("a", Wanted::nothing(), seen().sighting())
            .topic("b", second, seen().sighting())
            .topic("c", Wanted::nothing().keep_unlisted(), seen().sighting())
            .plan()
    };
    let both = UnlistedResets {
        overrides: 3,
        topics: 2,
    };
    assert_eq!(plan(Wanted::configs("flush.ms=9")).unlisted_resets(), Some(both));
    let one = UnlistedResets {
        overrides: 2,
        topics: 1,
    };
    assert_eq!(plan(Wanted::nothing().partitions(1)).unlisted_resets(), Some(one));
    let none = Scene::new().topic("a", Wanted::nothing().keep_unlisted(), seen().sighting());
    assert_eq!(none.plan().unlisted_resets(), None);
}
