//! Retention and the cleanup policy, which only together say what is deleted.

use super::check;

#[test]
fn retention_is_lossy_where_it_gets_shorter() {
    check(&[
        (
            "retention.ms=3600000",
            "",
            &["set retention.ms: 604800000 (Kafka default) -> 3600000 [lossy: shorter 604800000 -> 3600000]"],
        ),
        (
            "retention.ms=3600000",
            "own retention.ms=-1",
            &["set retention.ms: -1 (topic override) -> 3600000 [lossy: shorter endless -> 3600000]"],
        ),
        (
            "retention.ms=0",
            "own retention.ms=1",
            &["set retention.ms: 1 (topic override) -> 0 [lossy: shorter 1 -> 0]"],
        ),
        (
            "retention.ms=604800001",
            "",
            &["set retention.ms: 604800000 (Kafka default) -> 604800001 [safe]"],
        ),
        (
            "retention.ms=-1",
            "",
            &["set retention.ms: 604800000 (Kafka default) -> -1 [safe]"],
        ),
    ]);
}

#[test]
fn retention_bytes_is_lossy_where_it_gets_smaller() {
    check(&[
        (
            "retention.bytes=1024",
            "",
            &["set retention.bytes: -1 (Kafka default) -> 1024 [lossy: smaller endless -> 1024]"],
        ),
        (
            "retention.bytes=1024",
            "own retention.bytes=2048",
            &["set retention.bytes: 2048 (topic override) -> 1024 [lossy: smaller 2048 -> 1024]"],
        ),
        (
            "retention.bytes=4096",
            "own retention.bytes=2048",
            &["set retention.bytes: 2048 (topic override) -> 4096 [safe]"],
        ),
        (
            "retention.bytes=-1",
            "own retention.bytes=2048",
            &["set retention.bytes: 2048 (topic override) -> -1 [safe]"],
        ),
        (
            "retention.bytes=-2",
            "own retention.bytes=-1",
            &["set retention.bytes: -1 (topic override) -> -2 [safe]"],
        ),
    ]);
}

#[test]
fn a_policy_is_lossy_where_it_begins_to_delete_or_to_compact() {
    let line = |from: &str, to: &str, risk: &str| {
        format!("set cleanup.policy: {from} (topic override) -> {to} [{risk}]")
    };
    let rows = [
        ("compact", "delete", "lossy: starts deleting"),
        ("compact", "compact,delete", "lossy: starts deleting"),
        ("delete", "compact", "lossy: starts compacting"),
        ("delete", "delete, compact", "lossy: starts compacting"),
        ("", "delete", "lossy: starts deleting"),
        ("", "compact,delete", "lossy: starts deleting, starts compacting"),
        ("compact,delete", "delete", "safe"),
        ("compact,delete", "compact", "safe"),
        ("delete", "", "safe"),
    ];
    for (from, to, risk) in rows {
        let wanted = format!("cleanup.policy={to}");
        let seen = format!("own cleanup.policy={from}");
        check(&[(&wanted, &seen, &[&line(from, to, risk)])]);
    }
}

#[test]
fn a_policy_without_any_limit_deletes_nothing() {
    check(&[
        (
            "cleanup.policy=delete; retention.ms=-1",
            "own cleanup.policy=compact; own retention.ms=-1",
            &["set cleanup.policy: compact (topic override) -> delete [safe]"],
        ),
        (
            "cleanup.policy=delete; retention.ms=-1",
            "own cleanup.policy=compact",
            &[
                "set cleanup.policy: compact (topic override) -> delete [safe]",
                "set retention.ms: 604800000 (Kafka default) -> -1 [safe]",
            ],
        ),
        (
            "cleanup.policy=delete; retention.ms=-1",
            "own cleanup.policy=compact; own retention.ms=-1; file retention.bytes=5",
            &["set cleanup.policy: compact (topic override) -> delete [lossy: starts deleting]"],
        ),
        (
            "cleanup.policy=delete",
            "own cleanup.policy=compact; own retention.ms=-1",
            &[
                "set cleanup.policy: compact (topic override) -> delete [lossy: starts deleting]",
                "reset retention.ms: -1 (topic override) -> not told [lossy: unknown inherited, unlisted]",
            ],
        ),
    ]);
}

#[test]
fn retention_only_counts_where_the_policy_deletes_in_the_end() {
    check(&[
        (
            "cleanup.policy=compact; retention.ms=5; retention.bytes=5",
            "own cleanup.policy=compact",
            &[
                "set retention.bytes: -1 (Kafka default) -> 5 [safe]",
                "set retention.ms: 604800000 (Kafka default) -> 5 [safe]",
            ],
        ),
        (
            "cleanup.policy=delete; retention.ms=5",
            "own cleanup.policy=compact",
            &[
                "set cleanup.policy: compact (topic override) -> delete [lossy: starts deleting]",
                "set retention.ms: 604800000 (Kafka default) -> 5 [lossy: shorter 604800000 -> 5]",
            ],
        ),
        (
            "cleanup.policy=compact; retention.ms=5",
            "own cleanup.policy=delete",
            &[
                "set cleanup.policy: delete (topic override) -> compact [lossy: starts compacting]",
                "set retention.ms: 604800000 (Kafka default) -> 5 [safe]",
            ],
        ),
        (
            "retention.ms=5",
            "own cleanup.policy=compact",
            &[
                "reset cleanup.policy: compact (topic override) -> not told [lossy: unknown inherited, unlisted]",
                "set retention.ms: 604800000 (Kafka default) -> 5 [lossy: shorter 604800000 -> 5]",
            ],
        ),
        (
            "retention.ms=5",
            "own cleanup.policy=compact over default compact",
            &[
                "reset cleanup.policy: compact (topic override) -> compact (Kafka default) [safe]",
                "set retention.ms: 604800000 (Kafka default) -> 5 [safe]",
            ],
        ),
    ]);
}

#[test]
fn a_policy_or_limit_that_is_not_shown_is_taken_for_the_worst() {
    let shorter = "set retention.ms: 604800000 (Kafka default) -> 5 [lossy: shorter 604800000 -> 5]";
    let deletes = "set cleanup.policy: compact (topic override) -> delete [lossy: starts deleting]";
    check(&[
        ("retention.ms=5", "no cleanup.policy", &[shorter]),
        ("retention.ms=5", "default cleanup.policy=?", &[shorter]),
        (
            "cleanup.policy=delete",
            "own cleanup.policy=compact; no retention.ms",
            &[deletes],
        ),
        (
            "cleanup.policy=delete",
            "own cleanup.policy=compact; default retention.ms=?",
            &[deletes],
        ),
    ]);
}
