//! Requests that a cluster does not offer.

use kafka_protocol::messages::ApiKey;

use super::Setting;
use super::rules::Dialect;
use crate::support::Kafka;

#[test]
fn without_a_request_for_configs_the_rest_is_done_and_the_reason_is_said_before() {
    let kafka = Kafka::one();
    let dialect = Dialect::lacking(&[ApiKey::IncrementalAlterConfigs]);
    let setting = Setting::of_topics(kafka, dialect, &["name: noalter.a, partitions: 1, retention: 3d"]);
    setting.run_at_once(&["apply"]).expect(0);
    setting.write(&[
        "name: noalter.a, partitions: 1, retention: 5d",
        "name: noalter.b, partitions: 1",
    ]);
    let diff = setting.run_at_once(&["diff"]).expect(3);
    setting.run_at_once(&["apply"]).expect(3);
    let apply = setting.run_at_once(&["apply", "--skip-blocked"]).expect(3);
    assert_eq!(kafka.topics("noalter.").len(), 2);
    insta::assert_snapshot!(format!("{diff}\n{apply}"));
}

#[test]
fn without_topic_ids_no_topic_is_deleted_and_the_reason_is_said_before() {
    let kafka = Kafka::one();
    let dialect = Dialect {
        at_most: vec![(ApiKey::Metadata, 9), (ApiKey::DeleteTopics, 5)],
        ..Dialect::default()
    };
    let setting = Setting::of_topics(kafka, dialect, &["name: noids.a, partitions: 1"]);
    setting.run_at_once(&["apply"]).expect(0);
    setting.write(&["name: noids.a, state: absent", "name: noids.b, partitions: 1"]);
    let diff = setting.run_at_once(&["diff"]).expect(3);
    let flags = ["apply", "--skip-blocked", "--allow-data-loss", "noids.*", "--yes"];
    setting.run_at_once(&flags).expect(3);
    assert_eq!(kafka.topics("noids.").len(), 2);
    insta::assert_snapshot!(diff);
}

#[test]
fn without_a_request_for_moves_replicas_stay_and_the_reason_is_said_before() {
    let kafka = Kafka::three();
    for (number, request) in [
        ApiKey::AlterPartitionReassignments,
        ApiKey::ListPartitionReassignments,
    ]
    .into_iter()
    .enumerate()
    {
        let topic =
            |replication: u8| format!("name: nomoves.{number}, partitions: 1, replication: {replication}");
        let setting = Setting::of_topics(kafka, Dialect::lacking(&[request]), &[&topic(1)]);
        setting.run_at_once(&["apply"]).expect(0);
        setting.write(&[&topic(2)]);
        let diff = setting.run_at_once(&["diff"]).expect(3);
        let apply = setting
            .run_at_once(&["apply", "--skip-blocked", "--yes"])
            .expect(3);
        insta::assert_snapshot!(format!("without_moves_{request:?}"), format!("{diff}\n{apply}"));
    }
}

#[test]
fn without_a_request_for_leaders_replicas_are_moved_all_the_same() {
    let kafka = Kafka::three();
    let dialect = Dialect::lacking(&[ApiKey::ElectLeaders]);
    let topic = |replication: u8| format!("name: noelection.a, partitions: 3, replication: {replication}");
    let setting = Setting::of_topics(kafka, dialect, &[&topic(1)]);
    setting.run_at_once(&["apply"]).expect(0);
    setting.write(&[&topic(2)]);
    setting.run(&["apply", "--yes"]).expect(0);
    setting.run_at_once(&["diff"]).expect(0);
}
