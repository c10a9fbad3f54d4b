//! The class and the reasons of config changes. Until the cluster's data is read, whatever could delete
//! any of it counts as lossy.

use std::collections::BTreeMap;

use super::sides::{Seen, Wanted};
use super::words::lines;
use super::{check, plan_of};
use crate::model::known::{self, Release};
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
        ("compression.type", "gzip", "lz4"),
        ("segment.bytes", "1048576", "2097152"),
        ("segment.ms", "1", "2"),
        ("delete.retention.ms", "1", "2"),
        ("min.compaction.lag.ms", "1", "2"),
        ("local.retention.ms", "-2", "2"),
        ("preallocate", "false", "true"),
    ] {
        for (from, to) in [(low, high), (high, low)] {
            let line = format!("set {name}: {from} (topic override) -> {to} [safe]");
            check(&[(&format!("{name}={to}"), &format!("own {name}={from}"), &[&line])]);
        }
    }
}

fn unclean() -> Reason {
    Reason::UncleanElection {
        leaderless: BTreeMap::new(),
    }
}

/// One change of each effect that needs no more than care, with the way back.
#[test]
fn what_the_table_of_effects_warns_of_needs_care_in_that_direction_only() {
    for (key, from, to, effect) in [
        ("message.timestamp.before.max.ms", "9", "8", "refuses_producers"),
        ("message.timestamp.after.max.ms", "9", "8", "refuses_producers"),
        (
            "message.timestamp.difference.max.ms",
            "9",
            "8",
            "refuses_producers",
        ),
        ("max.decompressed.message.bytes", "9", "8", "refuses_producers"),
        (
            "errors.deadletterqueue.group.enable",
            "true",
            "false",
            "refuses_producers",
        ),
        (
            "compression.type",
            "producer",
            "uncompressed",
            "refuses_producers",
        ),
        ("compression.type", "producer", "zstd", "locks_out_old_clients"),
        (
            "message.downconversion.enable",
            "true",
            "false",
            "locks_out_old_clients",
        ),
        ("flush.messages", "8", "9", "less_durable"),
        ("flush.ms", "8", "9223372036854775807", "less_durable"),
        ("min.cleanable.dirty.ratio", "0.5", "0.1", "compacts_earlier"),
        ("max.compaction.lag.ms", "9", "8", "compacts_earlier"),
        ("segment.ms", "9", "8", "compacts_earlier"),
        ("segment.jitter.ms", "8", "9", "compacts_earlier"),
        ("delete.retention.ms", "9", "8", "drops_tombstones_earlier"),
        ("segment.index.bytes", "4096", "12", "compacts_earlier"),
        ("segment.bytes", "2097152", "1000", "breaks_topic"),
    ] {
        let compacted = "; own cleanup.policy=compact";
        let wanted = |to: &str| format!("{key}={to}; cleanup.policy=compact");
        let judged = |from: &str, to: &str| {
            let seen = Seen::stock().with(&format!("own {key}={from}{compacted}"));
            lines(&plan_of(Wanted::configs(&wanted(to)), seen)).remove(0)
        };
        let there = judged(from, to);
        assert!(there.contains("[caution: ") && there.contains(effect), "{there}");
        let back = judged(to, from);
        assert!(back.ends_with("[safe]"), "{back}");
    }
}

#[test]
fn an_effect_that_the_other_configs_rule_out_is_none() {
    check(&[
        (
            "min.compaction.lag.ms=5",
            "own min.compaction.lag.ms=9",
            &["set min.compaction.lag.ms: 9 (topic override) -> 5 [safe]"],
        ),
        (
            "message.timestamp.before.max.ms=5; message.timestamp.type=LogAppendTime",
            "own message.timestamp.before.max.ms=9; own message.timestamp.type=LogAppendTime",
            &["set message.timestamp.before.max.ms: 9 (topic override) -> 5 [safe]"],
        ),
        (
            "remote.log.copy.disable=true",
            "own remote.log.copy.disable=false",
            &["set remote.log.copy.disable: false (topic override) -> true [safe]"],
        ),
        (
            "remote.log.copy.disable=true; remote.storage.enable=true",
            "own remote.log.copy.disable=false; own remote.storage.enable=true",
            &["set remote.log.copy.disable: false (topic override) -> true [caution: costs]"],
        ),
    ]);
}

#[test]
fn a_key_that_no_release_has_needs_care() {
    check(&[
        (
            "vendor.key=a",
            "own vendor.key=b",
            &["set vendor.key: b (topic override) -> a [caution: unknown key vendor.key]"],
        ),
        (
            "",
            "own vendor.key=b",
            &["reset vendor.key: b (topic override) -> not told [caution: unknown key vendor.key, unlisted]"],
        ),
        (
            "vendor.key=a",
            "default vendor.key=a",
            &["set vendor.key: a (Kafka default) -> a [safe]"],
        ),
    ]);
}

#[test]
fn superseded_records_that_were_kept_are_lossy_to_give_up() {
    let compacted = "own cleanup.policy=compact; own min.compaction.lag.ms=9";
    check(&[
        (
            "min.compaction.lag.ms=5; cleanup.policy=compact",
            compacted,
            &["set min.compaction.lag.ms: 9 (topic override) -> 5 [lossy: compacts sooner 9 -> 5]"],
        ),
        (
            "cleanup.policy=compact",
            compacted,
            &[
                "reset min.compaction.lag.ms: 9 (topic override) -> not told [lossy: unknown inherited, unlisted]",
            ],
        ),
    ]);
}

#[test]
fn fewer_acknowledging_replicas_need_care_where_the_topic_has_more() {
    let judged = |replicas: &[i32]| {
        let seen = Seen::stock()
            .with("own min.insync.replicas=2")
            .replicas(&[replicas]);
        lines(&plan_of(Wanted::configs("min.insync.replicas=1"), seen))
    };
    let line = |risk: &str| format!("set min.insync.replicas: 2 (topic override) -> 1 [{risk}]");
    assert_eq!(judged(&[1, 2, 3]), [line("caution: less_durable")]);
    assert_eq!(judged(&[1]), [line("safe")]);
}

#[test]
fn an_unclean_election_loses_records_where_a_partition_waits_for_a_leader() {
    let seen = Seen::stock().without_leader(1);
    assert_eq!(
        lines(&plan_of(
            Wanted::configs("unclean.leader.election.enable=true"),
            seen
        )),
        [
            "set unclean.leader.election.enable: false (Kafka default) -> true \
          [lossy: unclean election of 1: down [BrokerId(2)]]"
        ]
    );
    let hidden = Seen::stock()
        .with("own unclean.leader.election.enable=false")
        .without_leader(1);
    assert_eq!(
        lines(&plan_of(Wanted::nothing(), hidden)),
        [
            "reset unclean.leader.election.enable: false (topic override) -> not told [lossy: unknown inherited, unlisted]"
        ]
    );
}

#[test]
fn what_brokers_cannot_open_is_refused() {
    let line = "set segment.index.bytes: not listed -> 11 [caution: breaks_topic]";
    let refused = "refused: segment.index.bytes 11 cannot be opened: IndexWithoutRoom";
    check(&[
        ("segment.index.bytes=11", "", &[line, refused]),
        ("segment.index.bytes=11", "own segment.index.bytes=11", &[]),
        (
            "segment.index.bytes=12",
            "",
            &["set segment.index.bytes: not listed -> 12 [safe]"],
        ),
    ]);
}

/// By the configs that its broker lists, as each release has them.
#[test]
fn local_limits_above_the_others_are_refused_where_brokers_fail_over_them() {
    let refused = |release: Release, wanted: &str, own: &str| {
        let listed = known::all().iter().filter_map(|config| {
            let mut history = config.history.iter();
            let facts = history.find(|facts| (facts.since..=facts.until).contains(&release))?;
            Some(format!("default {}={}", config.name, facts.default))
        });
        let listed: Vec<String> = listed.collect();
        let seen = Seen::stock().only(&listed.join("; ")).with(own);
        let planned = plan_of(Wanted::configs(wanted).keep_unlisted(), seen);
        planned.refusals.len()
    };
    let old = Release::new(3, 3);
    for (wanted, own) in [
        ("local.retention.ms=-1", ""),
        ("local.retention.ms=604800001", ""),
        ("retention.ms=5", "own local.retention.ms=6"),
        ("local.retention.bytes=2; retention.bytes=1", ""),
    ] {
        assert_eq!(refused(old, wanted, own), 1, "{wanted}");
        assert_eq!(refused(Release::new(3, 9), wanted, own), 0, "{wanted}");
    }
    for wanted in [
        "local.retention.ms=-2",
        "local.retention.ms=604800000",
        "local.retention.bytes=9",
    ] {
        assert_eq!(refused(old, wanted, ""), 0, "{wanted}");
    }
}

#[test]
fn the_worst_reason_gives_the_class() {
    let mixed = Risk::because([unclean(), Reason::DeletesTopic { deleted: None }]);
    assert_eq!(mixed.class(), RiskClass::Lossy);
    assert_eq!(mixed.reasons().count(), 2);
    assert_eq!(Risk::because([unclean()]).class(), RiskClass::Caution);
    assert_eq!(Risk::none().class(), RiskClass::Safe);
    assert!(RiskClass::Safe < RiskClass::Caution && RiskClass::Caution < RiskClass::Lossy);
    assert_eq!(serde_json::to_string(&RiskClass::Lossy).unwrap(), "\"lossy\"");
}
