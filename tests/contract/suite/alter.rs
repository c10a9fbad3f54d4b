//! Configs that are set and reset.

use topicctl::admin::{Admin, ConfigsToAlter, WriteMode};

use super::Cluster;
use super::releases::assert_answers;
use super::steps::{BOTH_MODES, all_brokers_show_overrides, changes, create, create_plain, told, topic};

async fn alter<C: Cluster>(on: &C, asked: &[ConfigsToAlter], mode: WriteMode) -> Vec<String> {
    told(on, on.client().alter_configs(asked, mode).await.unwrap())
}

pub(crate) async fn keys_are_set_and_reset_one_by_one(on: &impl Cluster) {
    let configs = [
        ("cleanup.policy", "compact"),
        ("retention.ms", "5"),
        ("segment.ms", "7"),
    ];
    create(
        on,
        &[topic(on, "a", (1, 1), &configs), topic(on, "b", (1, 1), &configs)],
    )
    .await;
    let asked = [
        ("preallocate", Some("TRUE")),
        ("retention.ms", Some("604800000")),
        ("segment.ms", None),
    ];
    assert_eq!(
        alter(on, &[changes(on, "a", &asked)], WriteMode::Write).await,
        ["a: ok"]
    );
    let expected = [
        "cleanup.policy=compact",
        "preallocate=true",
        "retention.ms=604800000",
    ];
    all_brokers_show_overrides(on, "a", &expected).await;
    all_brokers_show_overrides(
        on,
        "b",
        &["cleanup.policy=compact", "retention.ms=5", "segment.ms=7"],
    )
    .await;
}

pub(crate) async fn resetting_what_is_not_set_is_no_error(on: &impl Cluster) {
    create(on, &[topic(on, "a", (1, 1), &[("retention.ms", "5")])]).await;
    for (reset, left) in [
        ("segment.ms", &["retention.ms=5"][..]),
        ("no.such.key", &["retention.ms=5"]),
        ("retention.ms", &[]),
        ("retention.ms", &[]),
    ] {
        assert_eq!(
            alter(on, &[changes(on, "a", &[(reset, None)])], WriteMode::Write).await,
            ["a: ok"]
        );
        all_brokers_show_overrides(on, "a", left).await;
    }
}

pub(crate) async fn one_bad_topic_does_not_hurt_the_others(on: &impl Cluster) {
    create_plain(on, &["bad", "good", "unknown"]).await;
    let asked = [
        changes(on, "bad", &[("retention.ms", Some("soon"))]),
        changes(on, "good", &[("retention.ms", Some("5"))]),
        changes(on, "missing", &[("retention.ms", Some("5"))]),
        changes(on, "missing-too", &[("retention.ms", None)]),
        changes(on, "unknown", &[("no.such.key", Some("5"))]),
    ];
    for mode in BOTH_MODES {
        assert_eq!(
            alter(on, &asked, mode).await,
            [
                "bad: Invalid value soon for configuration retention.ms: Not a number of type LONG (INVALID_CONFIG)",
                "good: ok",
                "missing: The topic 'missing' does not exist. (UNKNOWN_TOPIC_OR_PARTITION)",
                "missing-too: The topic 'missing-too' does not exist. (UNKNOWN_TOPIC_OR_PARTITION)",
                "unknown: Unknown topic config name: no.such.key (INVALID_CONFIG)",
            ]
        );
    }
    all_brokers_show_overrides(on, "good", &["retention.ms=5"]).await;
    all_brokers_show_overrides(on, "bad", &[]).await;
}

pub(crate) async fn the_changes_of_a_topic_are_made_together_or_not_at_all(on: &impl Cluster) {
    create(
        on,
        &[
            topic(on, "a", (1, 1), &[("segment.ms", "7")]),
            topic(on, "later", (1, 1), &[]),
        ],
    )
    .await;
    let asked = [
        ("retention.ms", Some("5")),
        ("segment.bytes", Some("1")),
        ("segment.ms", None),
    ];
    let asked = [
        changes(on, "a", &asked),
        changes(on, "later", &[("retention.ms", Some("5"))]),
    ];
    assert_answers(
        on,
        "alter_together_or_not_at_all",
        &alter(on, &asked, WriteMode::Write).await,
        &[
            "a: Invalid value 1 for configuration segment.bytes: Value must be at least 1048576 (INVALID_CONFIG)",
            "later: ok",
        ],
    );
    all_brokers_show_overrides(on, "later", &["retention.ms=5"]).await;
    all_brokers_show_overrides(on, "a", &["segment.ms=7"]).await;
}

pub(crate) async fn a_value_must_fit_the_overrides_that_are_there(on: &impl Cluster) {
    create(on, &[topic(on, "a", (1, 1), &[("max.compaction.lag.ms", "5")])]).await;
    let min = |value| [changes(on, "a", &[("min.compaction.lag.ms", Some(value))])];
    for mode in BOTH_MODES {
        assert_eq!(
            alter(on, &min("9"), mode).await,
            [
                "a: conflict topic config setting min.compaction.lag.ms (9) > max.compaction.lag.ms (5) (INVALID_CONFIG)"
            ]
        );
        assert_eq!(alter(on, &min("5"), mode).await, ["a: ok"]);
    }
}

pub(crate) async fn validation_alters_nothing(on: &impl Cluster) {
    create_plain(on, &["a", "later"]).await;
    let set = |short| [changes(on, short, &[("retention.ms", Some("5"))])];
    assert_eq!(alter(on, &set("a"), WriteMode::Validate).await, ["a: ok"]);
    assert_eq!(alter(on, &set("later"), WriteMode::Write).await, ["later: ok"]);
    // Brokers show changes in their order.
    all_brokers_show_overrides(on, "later", &["retention.ms=5"]).await;
    all_brokers_show_overrides(on, "a", &[]).await;
}
