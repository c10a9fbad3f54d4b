//! Values that a cluster drops, keeps as others, shows as inherited, or refuses although they are in force.

use super::Setting;
use super::rules::{Chains, Dialect};
use super::services;
use crate::support::Kafka;

#[test]
fn what_the_cluster_drops_is_said_once_and_hinders_nothing() {
    let kafka = Kafka::one();
    let before = ["name: drops.a, partitions: 1, retention: 3d, min_insync_replicas: 1"];
    let setting = Setting::of_topics(kafka, services::redpanda(), &before);
    let created = setting.run_at_once(&["apply"]).expect(0);
    setting.write(&["name: drops.a, partitions: 1, retention: 5d, min_insync_replicas: 2"]);
    let changed = setting.run_at_once(&["apply", "--yes"]).expect(0);
    setting.run_at_once(&["apply", "-v"]).expect(0).expect_no_writes();
    let after = setting.run_at_once(&["diff"]).expect(0);
    insta::assert_snapshot!(format!("{created}\n{changed}\n{after}"));
}

#[test]
fn a_value_that_is_kept_as_another_fails_at_once_and_the_rest_is_done() {
    let kafka = Kafka::one();
    let dialect = Dialect {
        keeps_otherwise: vec![("retention.ms", "60000", "3600000")],
        ..Dialect::default()
    };
    let before = ["name: clamps.a, partitions: 1, retention: 3d"];
    let setting = Setting::of_topics(kafka, dialect, &before);
    setting.run_at_once(&["apply"]).expect(0);
    setting.write(&[
        "name: clamps.a, partitions: 2, retention: 1m, config: {segment.bytes: 1MiB}",
        "name: clamps.b, partitions: 1, retention: 1m",
    ]);
    let run = setting.run_at_once(&["apply", "--yes"]).expect(1);
    insta::assert_snapshot!(run);
}

#[test]
fn a_value_that_is_ignored_is_said_to_be_unknown_and_the_rest_is_done() {
    let kafka = Kafka::one();
    let dialect = Dialect {
        ignores: vec!["max.message.bytes"],
        ..Dialect::default()
    };
    let before = ["name: ignores.a, partitions: 1, retention: 3d"];
    let setting = Setting::of_topics(kafka, dialect, &before);
    setting.run_at_once(&["apply"]).expect(0);
    setting.write(&["name: ignores.a, partitions: 2, retention: 5d, config: {max.message.bytes: 2MiB}"]);
    let run = setting.run_at_once(&["apply", "--yes"]).expect(1);
    insta::assert_snapshot!(run);
}

#[test]
fn a_value_that_shows_as_the_default_is_up_to_date() {
    let kafka = Kafka::one();
    let dialect = Dialect {
        hides_equal: Some(Chains::Tell),
        ..Dialect::default()
    };
    let setting = Setting::of_topics(kafka, dialect, &["name: hides.a, partitions: 1"]);
    setting.run_at_once(&["apply"]).expect(0);
    setting.write(&["name: hides.a, partitions: 1, retention: 7d, cleanup: delete"]);
    setting.run_at_once(&["diff"]).expect(2);
    let run = setting.run_at_once(&["apply"]).expect(0);
    setting.run_at_once(&["apply", "-v"]).expect(0).expect_no_writes();
    setting.run_at_once(&["diff"]).expect(0);
    insta::assert_snapshot!(run);
}

#[test]
fn a_value_that_is_in_force_and_refused_blocks_nothing() {
    let kafka = Kafka::one();
    let setting = Setting::of_topics(
        kafka,
        services::msk_serverless(),
        &["name: pins.a, partitions: 1"],
    );
    setting.run_at_once(&["apply"]).expect(0);
    setting.write(&[
        "name: pins.a, partitions: 1, retention: 8d, cleanup: delete",
        "name: pins.b, partitions: 1",
    ]);
    let run = setting.run_at_once(&["apply"]).expect(0);
    let after = setting.run_at_once(&["diff"]).expect(0);
    insta::assert_snapshot!(format!("{run}\n{after}"));
}

#[test]
fn a_value_that_is_in_force_and_refused_only_when_it_is_written_is_left() {
    let kafka = Kafka::one();
    let dialect = Dialect {
        validates_nothing: true,
        ..services::msk_serverless()
    };
    let setting = Setting::of_topics(kafka, dialect, &["name: late.a, partitions: 1"]);
    setting.run_at_once(&["apply"]).expect(0);
    setting.write(&["name: late.a, partitions: 1, retention: 8d, cleanup: delete"]);
    let run = setting.run_at_once(&["apply"]).expect(0);
    insta::assert_snapshot!(run);
}

/// The broker creates what it is asked to validate. Nothing tells that it does, and it is not Apache Kafka.
#[test]
fn a_cluster_that_is_not_known_to_validate_only_is_not_asked_to() {
    let kafka = Kafka::one();
    let dialect = Dialect {
        has_no_features: true,
        creates_on_validation: true,
        ..Dialect::default()
    };
    let setting = Setting::of_topics(kafka, dialect, &["name: novalidate.a, partitions: 1"]);
    let run = setting.run(&["diff", "-v"]).expect(2);
    run.expect_no_writes();
    assert!(kafka.topics("novalidate.").is_empty());
    let quiet = setting.run(&["diff"]).expect(2);
    insta::assert_snapshot!(quiet);
    setting.run_at_once(&["apply"]).expect(0);
    setting.run_at_once(&["diff"]).expect(0);
}
