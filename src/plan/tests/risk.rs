//! The class and the reasons of config changes. Until the cluster's data is read, whatever could delete
//! any of it counts as lossy.

use super::check;
use crate::plan::{Reason, Risk, RiskClass};

#[test]
fn a_reset_is_judged_by_the_value_that_it_uncovers() {
    check(&[
        (
            "",
            "own retention.ms=9 over default 5",
            &[
                "reset retention.ms: 9 (topic override) -> 5 (Kafka default) [lossy: shorter 9 -> 5, unlisted]",
            ],
        ),
        (
            "",
            "own retention.ms=5 over default 9",
            &["reset retention.ms: 5 (topic override) -> 9 (Kafka default) [caution: unlisted]"],
        ),
        (
            "",
            "own retention.bytes=-1 over file 5",
            &[
                "reset retention.bytes: -1 (topic override) -> 5 (broker file) [lossy: smaller endless -> 5, unlisted]",
            ],
        ),
        (
            "",
            "own cleanup.policy=compact over default delete",
            &[
                "reset cleanup.policy: compact (topic override) -> delete (Kafka default) [lossy: starts deleting, unlisted]",
            ],
        ),
        (
            "",
            "own remote.storage.enable=true over default false",
            &[
                "reset remote.storage.enable: true (topic override) -> false (Kafka default) \
                 [lossy: remote storage disabled, unlisted]",
            ],
        ),
        (
            "",
            "own unclean.leader.election.enable=false over cluster true",
            &[
                "reset unclean.leader.election.enable: false (topic override) -> true (cluster, dynamic) \
                 [caution: unclean election, unlisted]",
            ],
        ),
        (
            "",
            "own max.message.bytes=9 over default 5",
            &[
                "reset max.message.bytes: 9 (topic override) -> 5 (Kafka default) [caution: smaller messages 9 -> 5, unlisted]",
            ],
        ),
    ]);
}

#[test]
fn a_reset_to_a_value_that_was_not_told_is_taken_for_the_worst_that_the_key_can_do() {
    for (key, value, class) in [
        ("retention.ms", "9", "lossy"),
        ("retention.bytes", "9", "lossy"),
        ("cleanup.policy", "delete", "lossy"),
        ("remote.storage.enable", "true", "lossy"),
        ("unclean.leader.election.enable", "false", "caution"),
        ("max.message.bytes", "9", "caution"),
        ("min.insync.replicas", "1", "caution"),
    ] {
        for (behind, to) in [("", "not told"), (" over default ?", "hidden (Kafka default)")] {
            let line = format!(
                "reset {key}: {value} (topic override) -> {to} [{class}: unknown inherited, unlisted]"
            );
            check(&[("", &format!("own {key}={value}{behind}"), &[&line])]);
        }
    }
}

#[test]
fn a_reset_that_can_only_lead_to_the_same_or_better_loses_nothing() {
    for config in [
        "remote.storage.enable=false",
        "unclean.leader.election.enable=true",
    ] {
        let (key, value) = config.split_once('=').unwrap();
        let line = format!("reset {key}: {value} (topic override) -> not told [caution: unlisted]");
        check(&[("", &format!("own {config}"), &[&line])]);
    }
}

#[test]
fn what_cannot_be_compared_is_taken_for_the_worst() {
    check(&[
        (
            "retention.ms=5",
            "default retention.ms=?",
            &["set retention.ms: hidden (Kafka default) -> 5 [lossy: cannot compare retention.ms]"],
        ),
        (
            "retention.bytes=5",
            "no retention.bytes",
            &["set retention.bytes: not listed -> 5 [lossy: cannot compare retention.bytes]"],
        ),
        (
            "retention.ms=7d",
            "",
            &["set retention.ms: 604800000 (Kafka default) -> 7d [lossy: cannot compare retention.ms]"],
        ),
    ]);
}

#[test]
fn remote_storage_is_lossy_where_it_is_turned_off() {
    check(&[
        (
            "remote.storage.enable=false",
            "own remote.storage.enable=true",
            &["set remote.storage.enable: true (topic override) -> false [lossy: remote storage disabled]"],
        ),
        (
            "remote.storage.enable=true",
            "",
            &["set remote.storage.enable: false (Kafka default) -> true [safe]"],
        ),
        (
            "remote.storage.enable=false",
            "",
            &["set remote.storage.enable: false (Kafka default) -> false [safe]"],
        ),
    ]);
}

#[test]
fn unclean_elections_and_smaller_messages_need_care() {
    check(&[
        (
            "unclean.leader.election.enable=true",
            "",
            &[
                "set unclean.leader.election.enable: false (Kafka default) -> true [caution: unclean election]",
            ],
        ),
        (
            "unclean.leader.election.enable=false",
            "own unclean.leader.election.enable=true",
            &["set unclean.leader.election.enable: true (topic override) -> false [safe]"],
        ),
        (
            "max.message.bytes=1000",
            "",
            &[
                "set max.message.bytes: 1048588 (Kafka default) -> 1000 [caution: smaller messages 1048588 -> 1000]",
            ],
        ),
        (
            "max.message.bytes=1048588",
            "",
            &["set max.message.bytes: 1048588 (Kafka default) -> 1048588 [safe]"],
        ),
        (
            "max.message.bytes=2000000",
            "",
            &["set max.message.bytes: 1048588 (Kafka default) -> 2000000 [safe]"],
        ),
    ]);
}

#[test]
fn most_configs_are_safe_in_both_directions() {
    for (name, low, high) in [
        ("compression.type", "gzip", "zstd"),
        ("segment.bytes", "1048576", "2097152"),
        ("delete.retention.ms", "1", "2"),
        ("vendor.key", "a", "b"),
    ] {
        for (from, to) in [(low, high), (high, low)] {
            let line = format!("set {name}: {from} (topic override) -> {to} [safe]");
            check(&[(&format!("{name}={to}"), &format!("own {name}={from}"), &[&line])]);
        }
    }
}

#[test]
fn the_worst_reason_gives_the_class() {
    let mixed = Risk::because([Reason::UncleanElection, Reason::DeletesTopic { deleted: None }]);
    assert_eq!(mixed.class(), RiskClass::Lossy);
    assert_eq!(mixed.reasons().count(), 2);
    assert_eq!(
        Risk::because([Reason::UncleanElection]).class(),
        RiskClass::Caution
    );
    assert_eq!(Risk::none().class(), RiskClass::Safe);
    assert!(RiskClass::Safe < RiskClass::Caution && RiskClass::Caution < RiskClass::Lossy);
    assert_eq!(serde_json::to_string(&RiskClass::Lossy).unwrap(), "\"lossy\"");
}
