//! Which configs of an existing topic are set and reset.

use super::words::lines;
use super::{Row, Seen, Wanted, check, key, plan_of};
use crate::plan::{Change, ChangeKind};

#[test]
fn a_declared_value_is_set_unless_the_topic_has_it_as_its_own() {
    let rows: &[Row<'_>] = &[
        ("compression.type=lz4", "own compression.type=lz4", &[]),
        (
            "compression.type=lz4",
            "own compression.type=zstd",
            &["set compression.type: zstd (topic override) -> lz4 [safe]"],
        ),
        (
            "compression.type=lz4",
            "",
            &["set compression.type: producer (Kafka default) -> lz4 [safe]"],
        ),
        (
            "vendor.key=x",
            "",
            &["set vendor.key: not listed -> x [caution: unknown key vendor.key]"],
        ),
        (
            "vendor.key=x",
            "own vendor.key=null",
            &["set vendor.key: null (topic override) -> x [caution: unknown key vendor.key]"],
        ),
    ];
    check(rows);
}

#[test]
fn a_declared_value_equal_to_the_inherited_one_is_set_all_the_same() {
    let rows: &[Row<'_>] = &[
        (
            "retention.ms=604800000",
            "",
            &["set retention.ms: 604800000 (Kafka default) -> 604800000 [safe]"],
        ),
        (
            "retention.ms=604800000",
            "file retention.ms=604800000",
            &["set retention.ms: 604800000 (broker file) -> 604800000 [safe]"],
        ),
        (
            "retention.ms=604800000",
            "cluster retention.ms=604800000",
            &["set retention.ms: 604800000 (cluster, dynamic) -> 604800000 [safe]"],
        ),
        (
            "retention.ms=604800000",
            "broker retention.ms=604800000",
            &["set retention.ms: 604800000 (broker, dynamic) -> 604800000 [safe]"],
        ),
        (
            "retention.ms=604800000",
            "other retention.ms=604800000",
            &["set retention.ms: 604800000 (source 99) -> 604800000 [safe]"],
        ),
    ];
    check(rows);
}

#[test]
fn values_are_compared_as_kafka_reads_them() {
    let same = [
        (
            "cleanup.policy=compact,delete",
            "own cleanup.policy=delete, compact",
        ),
        (
            "min.cleanable.dirty.ratio=0.50",
            "own min.cleanable.dirty.ratio=0.5",
        ),
        ("retention.ms=7", "own retention.ms= 7 "),
        ("preallocate=true", "own preallocate=TRUE"),
        ("retention.ms=-1", "own retention.ms=-1"),
    ];
    for (wanted, seen) in same {
        check(&[(wanted, seen, &[])]);
    }
    check(&[
        (
            "vendor.ratio=0.50",
            "own vendor.ratio=0.5",
            &["set vendor.ratio: 0.5 (topic override) -> 0.50 [caution: unknown key vendor.ratio]"],
        ),
        (
            "compression.type=lz4",
            "own compression.type=LZ4",
            &["set compression.type: LZ4 (topic override) -> lz4 [safe]"],
        ),
    ]);
}

#[test]
fn what_the_topic_merely_inherits_is_never_drift() {
    for source in ["broker", "cluster", "file", "default", "other"] {
        check(&[("", &format!("{source} min.insync.replicas=1"), &[])]);
    }
}

#[test]
fn an_override_that_no_layer_declares_is_reset_to_what_it_hides() {
    check(&[
        (
            "",
            "own flush.ms=5 over cluster 4",
            &["reset flush.ms: 5 (topic override) -> 4 (cluster, dynamic) [caution: unlisted]"],
        ),
        (
            "",
            "own flush.ms=5",
            &["reset flush.ms: 5 (topic override) -> not told [caution: unknown inherited, unlisted]"],
        ),
        (
            "",
            "own vendor.secret=? over default ?",
            &[
                "reset vendor.secret: hidden (topic override) -> hidden (Kafka default) [caution: unknown key vendor.secret, unlisted]",
            ],
        ),
        (
            "retention.ms=5",
            "own retention.ms=5; own flush.ms=5 over default 4",
            &["reset flush.ms: 5 (topic override) -> 4 (Kafka default) [caution: unlisted]"],
        ),
    ]);
}

#[test]
fn unlisted_keep_leaves_overrides_and_still_sets_what_is_declared() {
    let seen = || Seen::stock().with("own flush.ms=5 over default 4; own segment.ms=5");
    let wanted = Wanted::configs("segment.ms=6").keep_unlisted();
    assert_eq!(
        lines(&plan_of(wanted, seen())),
        ["set segment.ms: 5 (topic override) -> 6 [safe]"]
    );
    assert_eq!(
        lines(&plan_of(Wanted::nothing().keep_unlisted(), seen())),
        [""; 0]
    );
}

#[test]
fn ignored_keys_are_left_alone_by_glob() {
    let reset = "reset flush.ms: 5 (topic override) -> 4 (Kafka default) [caution: unlisted]";
    let rows: &[(&[&str], &[&str])] = &[
        (&[], &[reset]),
        (&["flush.ms"], &[]),
        (&["flush.*"], &[]),
        (&["nothing", "*"], &[]),
        (&["flush.m?"], &[]),
        (&["flush"], &[reset]),
        (&["flush?*.ms"], &[reset]),
        (&["flush-*", "FLUSH.MS"], &[reset]),
    ];
    for (patterns, expected) in rows {
        let seen = Seen::stock().with("own flush.ms=5 over default 4");
        let planned = plan_of(Wanted::nothing().ignoring(patterns), seen);
        assert_eq!(lines(&planned), *expected, "ignoring {patterns:?}");
    }
}

#[test]
fn a_declared_key_is_set_even_where_a_pattern_ignores_it() {
    let wanted = Wanted::configs("flush.ms=4").ignoring(&["flush.*"]);
    let planned = plan_of(wanted, Seen::stock().with("own flush.ms=5"));
    assert_eq!(lines(&planned), ["set flush.ms: 5 (topic override) -> 4 [safe]"]);
}

#[test]
fn throttles_belong_to_whoever_moves_replicas_unless_they_are_declared() {
    let leader = "leader.replication.throttled.replicas";
    let follower = "follower.replication.throttled.replicas";
    for throttle in [leader, follower] {
        check(&[
            ("", &format!("own {throttle}=* over default none"), &[]),
            (
                &format!("{throttle}=0:1"),
                &format!("own {throttle}=*"),
                &[&format!("set {throttle}: * (topic override) -> 0:1 [safe]")],
            ),
        ]);
    }
    check(&[(
        "",
        "own replication.throttled.replicas=* over default 1",
        &[
            "reset replication.throttled.replicas: * (topic override) -> 1 (Kafka default) [caution: unknown key replication.throttled.replicas, unlisted]",
        ],
    )]);
}

#[test]
fn a_hidden_override_of_a_declared_key_is_noted_and_not_set_again_and_again() {
    check(&[
        (
            "vendor.secret=x",
            "own vendor.secret=?",
            &["note: vendor.secret is hidden"],
        ),
        (
            "vendor.secret=x",
            "default vendor.secret=?",
            &["set vendor.secret: hidden (Kafka default) -> x [caution: unknown key vendor.secret]"],
        ),
    ]);
}

#[test]
fn changes_come_by_kind_and_then_by_key_and_name_where_they_were_declared() {
    let wanted = Wanted::configs("segment.ms=6; compression.type=lz4").partitions(5);
    let seen = Seen::stock().with("own flush.ms=5 over default 4");
    let planned = plan_of(wanted, seen);
    assert_eq!(
        lines(&planned),
        [
            "set compression.type: producer (Kafka default) -> lz4 [safe]",
            "reset flush.ms: 5 (topic override) -> 4 (Kafka default) [caution: unlisted]",
            "set segment.ms: not listed -> 6 [safe]",
            "partitions 3 -> 5 [caution: moves keys 3 -> 5]",
        ]
    );
    assert_eq!(planned.of_kind(ChangeKind::Configs).count(), 3);
    assert_eq!(planned.of_kind(ChangeKind::Partitions).count(), 1);
    let Change::SetConfig(set) = &planned.changes[0].change else {
        panic!("not a set: {:?}", planned.changes[0]);
    };
    assert_eq!(set.key, key("compression.type"));
    assert_eq!(set.to.origin.to_string(), "topics.yaml:7 (topic)");
}
