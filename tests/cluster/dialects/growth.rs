//! Placement that is the cluster's own affair.

use super::Setting;
use super::rules::Dialect;
use crate::support::Kafka;
use kafka_protocol::messages::ApiKey;

fn refuses_placement(validates_nothing: bool) -> Dialect {
    Dialect {
        places_growth: Some("Redpanda does not yet support custom partitions assignment"),
        validates_nothing,
        ..Dialect::default()
    }
}

#[test]
fn new_partitions_are_left_to_a_cluster_that_refuses_their_placement() {
    let kafka = Kafka::three();
    for (name, validates_nothing) in [("placed.a", false), ("placed.b", true)] {
        let topic = |partitions: u32| format!("name: {name}, partitions: {partitions}, replication: 1");
        let setting = Setting::of_topics(kafka, refuses_placement(validates_nothing), &[&topic(3)]);
        setting.run_at_once(&["apply"]).expect(0);
        setting.write(&[&topic(6)]);
        setting.run_at_once(&["diff"]).expect(2);
        setting.run_at_once(&["apply", "--yes"]).expect(0);
        setting.run_at_once(&["diff"]).expect(0);
        assert_eq!(kafka.topics(name)[name].partitions, 6);
    }
}

#[test]
fn a_replication_that_the_cluster_fixes_is_said_and_refused_where_it_cannot_change() {
    let kafka = Kafka::three();
    let dialect = Dialect {
        replication: Some(3),
        lacks: vec![
            ApiKey::AlterPartitionReassignments,
            ApiKey::ListPartitionReassignments,
        ],
        ..Dialect::default()
    };
    let topics = ["name: fixed.a, partitions: 2, replication: 1"];
    let setting = Setting::of_topics(kafka, dialect, &topics);
    let created = setting.run_at_once(&["apply"]).expect(0);
    let after = setting.run_at_once(&["diff"]).expect(3);
    setting.write(&["name: fixed.a, partitions: 2, replication: 3"]);
    setting.run_at_once(&["diff"]).expect(0);
    insta::assert_snapshot!(format!("{created}\n{after}"));
}
