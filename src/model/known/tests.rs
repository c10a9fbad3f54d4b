use proptest::prelude::*;

use super::{Kind, KnownConfig, Meaning, Release, Unit, all, is_partial, lookup, suggest, table};
use crate::model::ConfigSource;

fn known(key: &str) -> &'static KnownConfig {
    lookup(key).unwrap_or_else(|| panic!("{key} is not in the table"))
}

fn refusal(key: &str, value: &str) -> String {
    known(key)
        .check(value)
        .expect_err("possible after all")
        .to_string()
}

#[test]
fn the_table_is_in_order_and_agrees_with_itself() {
    assert!(all().is_sorted_by(|one, next| one.name < next.name));
    assert!(table::EXAMINED.is_sorted());
    for config in all() {
        assert!(!config.history.is_empty(), "{}", config.name);
        assert!(
            config.history.is_sorted_by(|one, next| one.until < next.since),
            "{}",
            config.name
        );
        for facts in config.history {
            assert!(facts.since <= facts.until, "{}", config.name);
            assert_eq!(config.check(facts.default), Ok(()), "{}", config.name);
        }
        for (number, _) in config.meanings {
            assert_eq!(config.check(&number.to_string()), Ok(()), "{}", config.name);
        }
    }
}

#[test]
fn kafka_says_what_a_config_is() {
    let retention = known("retention.ms");
    assert_eq!(
        (retention.kind, retention.unit),
        (Kind::Long, Some(Unit::Milliseconds))
    );
    assert_eq!(retention.default(), "604800000");
    assert_eq!((retention.since(), retention.until()), (None, None));
    assert_eq!(
        retention.broker_names,
        ["log.retention.ms", "log.retention.minutes", "log.retention.hours"]
    );
    assert_eq!(known("min.insync.replicas").unit, Some(Unit::Count));
    assert_eq!(known("min.cleanable.dirty.ratio").unit, Some(Unit::Ratio));
    assert_eq!(known("segment.index.bytes").unit, Some(Unit::Bytes));
    assert_eq!(known("compression.zstd.level").unit, None);
    assert!(lookup("retention").is_none() && lookup("").is_none() && lookup("RETENTION.MS").is_none());
    assert!(
        lookup("internal.segment.bytes").is_none(),
        "internal configs are nobody's business"
    );
}

#[test]
fn releases_come_and_go() {
    assert_eq!(known("compression.zstd.level").since(), Some(Release::new(3, 8)));
    assert_eq!(known("message.format.version").until(), Some(Release::new(3, 9)));
    let patched = known("max.decompressed.message.bytes").history;
    assert_eq!(
        patched
            .iter()
            .map(|facts| facts.since.to_string())
            .collect::<Vec<_>>(),
        ["4.2", "4.4"]
    );
    let defaults = known("message.timestamp.after.max.ms")
        .history
        .iter()
        .map(|facts| facts.default);
    assert_eq!(defaults.collect::<Vec<_>>(), ["9223372036854775807", "3600000"]);
}

#[test]
fn numbers_may_stand_for_something_else() {
    assert_eq!(known("retention.bytes").unlimited(), Some(-1));
    assert_eq!(known("flush.ms").unlimited(), Some(i64::MAX));
    assert_eq!(known("segment.ms").unlimited(), None);
    assert_eq!(
        known("local.retention.ms").meaning(-2),
        Some(Meaning::ValueOf("retention.ms"))
    );
    assert_eq!(known("local.retention.ms").unlimited(), Some(-1));
    assert_eq!(known("retention.ms").meaning(0), None);
}

#[test]
fn a_refusal_says_what_is_allowed() {
    for (key, value, message) in [
        ("preallocate", "yes", "must be true or false"),
        (
            "message.timestamp.type",
            "createtime",
            "must be CreateTime or LogAppendTime",
        ),
        (
            "compression.type",
            "br",
            "must be one of gzip, lz4, producer, snappy, uncompressed, zstd",
        ),
        (
            "cleanup.policy",
            "compact;delete",
            "must be any of compact, delete, separated by commas, or empty",
        ),
        ("min.insync.replicas", "0", "must be a whole number, at least 1"),
        ("min.insync.replicas", "two", "must be a whole number, at least 1"),
        (
            "min.cleanable.dirty.ratio",
            "50%",
            "must be a number, between 0 and 1",
        ),
        (
            "compression.lz4.level",
            "99999999999",
            "must be a whole number, between 1 and 17",
        ),
        (
            "compression.gzip.level",
            "0",
            "must be a whole number, between 1 and 9, or -1 for the codec's own default",
        ),
        (
            "retention.ms",
            "-2",
            "must be a whole number of milliseconds, at least 0, or -1 for unlimited",
        ),
        (
            "retention.bytes",
            "1e3",
            "must be a whole number of bytes, or -1 for unlimited",
        ),
        (
            "retention.bytes",
            "9223372036854775808",
            "must be a whole number of bytes, at most 9223372036854775807, or -1 for unlimited",
        ),
        (
            "local.retention.ms",
            "-3",
            "must be a whole number of milliseconds, at least 0, or -1 for unlimited, or -2 for the value of retention.ms",
        ),
        (
            "flush.ms",
            "-1",
            "must be a whole number of milliseconds, at least 0",
        ),
        (
            "segment.bytes",
            "13",
            "must be a whole number of bytes, at least 14 (from Kafka 4.1: at least 1048576)",
        ),
        (
            "max.message.bytes",
            "3000000000",
            "must be a whole number of bytes, between 0 and 2147483647",
        ),
    ] {
        assert_eq!(refusal(key, value), message, "{key} = {value}");
    }
}

#[test]
fn a_value_that_some_release_takes_is_left_to_the_broker() {
    assert_eq!(known("segment.bytes").check("14"), Ok(()));
    assert!(known("segment.bytes").check("13").is_err());
}

#[test]
fn a_refused_word_gets_the_word_that_was_meant() {
    let suggestion = |key, value| known(key).check(value).expect_err("possible").suggestion();
    assert_eq!(suggestion("compression.type", "snapy"), Some("snappy"));
    assert_eq!(suggestion("compression.type", "ZSTD"), Some("zstd"));
    assert_eq!(suggestion("compression.type", "none"), Some("uncompressed"));
    assert_eq!(suggestion("compression.type", "brotli"), None);
    assert_eq!(suggestion("cleanup.policy", "delete,compcat"), Some("compact"));
    assert_eq!(suggestion("retention.ms", "-5"), None);
}

#[test]
fn a_wrong_key_gets_the_key_that_was_meant() {
    for (wrong, meant) in [
        ("retention.mss", "retention.ms"),
        ("rentention.ms", "retention.ms"),
        ("retention_ms", "retention.ms"),
        ("retentionMs", "retention.ms"),
        ("RETENTION_MS", "retention.ms"),
        ("log.retention.hours", "retention.ms"),
        ("log.segment.bytes", "segment.bytes"),
        ("message.max.bytes", "max.message.bytes"),
        ("min.in.sync.replicas", "min.insync.replicas"),
        ("cleanup.polcy", "cleanup.policy"),
        (
            "unclean.leader.election.enabled",
            "unclean.leader.election.enable",
        ),
    ] {
        assert_eq!(suggest(wrong), Some(meant), "{wrong}");
    }
    for unlike in [
        "",
        "flush",
        ".",
        "acks",
        "bootstrap.servers",
        "message.format.versio",
        &"retention.ms".repeat(1000),
    ] {
        assert_eq!(suggest(unlike), None, "{unlike}");
    }
}

/// Any text, and text that looks like a value.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        "[-+ 0-9.eExXdfNaI,:*\t\u{0}\u{ff17}]{0,24}",
        "(delete|compact| |,){0,4}"
    ]
}

proptest! {
    #[test]
    fn no_text_is_too_much_for_any_config(one in text(), other in text()) {
        for config in all() {
            if let Err(impossible) = config.check(&one) {
                prop_assert!(impossible.to_string().starts_with("must be "));
            }
            prop_assert!(config.same_value(&one, &one), "{} = {:?}", config.name, one);
            prop_assert_eq!(config.same_value(&one, &other), config.same_value(&other, &one));
        }
    }

    #[test]
    fn the_same_values_are_possible_together(one in text(), other in text()) {
        for config in all().iter().filter(|config| config.same_value(&one, &other)) {
            prop_assert_eq!(config.check(&one).is_ok(), config.check(&other).is_ok(), "{}", config.name);
        }
    }

    #[test]
    fn no_text_is_too_much_for_a_suggestion(key in any::<String>()) {
        prop_assert!(suggest(&key).is_none_or(|meant| lookup(meant).is_some()));
    }
}

/// The configs of a release, all of them inherited.
fn listed(release: Release) -> Vec<(&'static str, ConfigSource)> {
    let has = |config: &&KnownConfig| {
        let mut history = config.history.iter();
        history.any(|facts| (facts.since..=facts.until).contains(&release))
    };
    let names = all().iter().filter(has).map(|config| config.name);
    names.map(|name| (name, ConfigSource::Default)).collect()
}

#[test]
fn only_a_list_that_no_release_has_is_partial() {
    for release in table::EXAMINED {
        assert!(!is_partial(listed(*release)), "{release}");
    }
    let mut without = listed(Release::new(4, 4));
    without.retain(|(name, _)| *name != "min.insync.replicas");
    assert!(is_partial(without));
    let mut without = listed(Release::new(4, 4));
    without.retain(|(name, _)| *name != "remote.storage.enable");
    assert!(is_partial(without));
    // A new config that an older release keeps internal is listed where it is set.
    let mut early = listed(Release::new(3, 3));
    early.push(("remote.storage.enable", ConfigSource::Topic));
    assert!(!is_partial(early));
    // A leftover of an older release.
    let mut late = listed(Release::new(4, 4));
    late.push(("message.format.version", ConfigSource::Topic));
    assert!(!is_partial(late));
    assert!(!is_partial([("retention.ms", ConfigSource::Topic)]));
    assert!(!is_partial([]));
}
