//! `min.insync.replicas` against what is in sync while a broker is down, and against the brokers that may
//! go down next.

use serde_json::Value;
use topicctl::model::TopicName;

use crate::binary::Project;
use crate::contract::wire::{self, Records};
use crate::contract::{Release, release_under_test};
use crate::records::{append, now};
use crate::support::{Brokers, Kafka};

fn file(min_insync: u8) -> String {
    format!(
        "version: 1\ntopics:\n  - {{name: insync, partitions: 2, replication: 3, min_insync_replicas: {min_insync}}}\n"
    )
}

/// The one change of the plan.
fn change(project: &Project, min_insync: u8) -> Value {
    project.write(&file(min_insync));
    let diff = project.run_until(2, &["diff", "--output", "json"]);
    let plan: Value = serde_json::from_str(&diff.stdout).unwrap();
    plan["topics"][0]["changes"][0].clone()
}

fn reasons(change: &Value) -> Vec<&str> {
    let reasons = change["risk"]["reasons"].as_array().unwrap().iter();
    reasons.map(|reason| reason["code"].as_str().unwrap()).collect()
}

#[test]
fn acks_of_all_that_would_stop_are_foreseen() {
    let kafka = Kafka::dedicated(Brokers::Three, &[("min.insync.replicas", "1")]);
    let project = Project::new(&kafka, &file(1));
    project.run(&["apply"]).expect(0);

    // Equal to the replication: any one broker that goes down stops producers.
    let to_all = change(&project, 3);
    assert_eq!(reasons(&to_all), ["no_broker_to_spare"], "{to_all:#}");
    assert_eq!(to_all["risk"]["class"], "caution");

    // With one down, two are in sync: two are safe to ask for, three would stop producers now.
    kafka.stop_broker(3);
    let to_two = change(&project, 2);
    assert_eq!(reasons(&to_two), [""; 0], "{to_two:#}");
    let to_all = change(&project, 3);
    assert_eq!(
        reasons(&to_all),
        ["min_insync_above_isr", "no_broker_to_spare"],
        "{to_all:#}"
    );
    let before = kafka.topics("insync");
    for flags in [&["apply"][..], &["apply", "--allow-data-loss", "insync"]] {
        let run = project.run(flags).expect(3);
        assert!(run.stdout.contains("Nothing was changed."), "{run}");
    }
    assert_eq!(kafka.topics("insync"), before);
    let text = project.run(&["diff"]).expect(2).stdout;
    let said: Vec<&str> = text.lines().filter(|line| line.contains("in sync")).collect();
    insta::assert_snapshot!(said.join("\n"), @"      needs confirmation: a partition has only 2 in sync, so producers with acks=all stop until 3 are");
    project.run(&["apply", "--yes"]).expect(0);
    project.run(&["diff"]).expect(0);
}

const NOT_ENOUGH_REPLICAS: i16 = 19;

/// From Kafka 3.7 on brokers take the smaller of both; before, they refuse acks=all.
#[test]
fn a_value_above_the_replication_is_judged_by_the_release_of_the_cluster() {
    let kafka = Kafka::dedicated(Brokers::One, &[]);
    let cluster_wide = ["--alter", "--entity-type", "brokers", "--entity-default"];
    kafka.tool_output(
        "configs",
        &[&cluster_wide[..], &["--add-config", "min.insync.replicas=2"]].concat(),
    );
    kafka.tool_output(
        "topics",
        &[
            "--create",
            "--topic",
            "insync.inherits",
            "--partitions",
            "1",
            "--replication-factor",
            "1",
        ],
    );
    let declared = "partitions: 1, replication: 1, min_insync_replicas: 2";
    let file = format!(
        "version: 1\ntopics:\n  - {{name: insync.declares, {declared}}}\n  - name: insync.inherits\n    replication: 1\n"
    );
    let project = Project::new(&kafka, &file);
    let counts_replicas = release_under_test() >= Release(3, 7);
    let diff = project
        .run_until(if counts_replicas { 2 } else { 3 }, &["diff"])
        .text();
    let appended = |topic: &str| {
        wire::try_append(
            kafka.bootstrap(),
            &TopicName::new(topic).unwrap(),
            0,
            &Records::new(1, now()),
        )
    };
    if counts_replicas {
        insta::assert_snapshot!(diff, @"
        exit code 2
        --- stdout
        cluster CLUSTER · ADDRESS

        + insync.declares  to create
            partitions           1  topics.yaml:3 (topic)
            replication          1  topics.yaml:3 (topic)
            min.insync.replicas  2  topics.yaml:3 (topic)
            note: min.insync.replicas 2 counts as 1: the topic has 1 replica

        1 to create, 1 up to date.
        --- stderr
        warning: topics.yaml:3:81: min.insync.replicas 2 is above replication 1: before Kafka 3.7 every write with acks=all fails, and from then on it counts as 1
           |   - {name: insync.declares, partitions: 1, replication: 1, min_insync_replicas: 2}
           = replication is stated at topics.yaml:3:57
           = raise replication, or lower min.insync.replicas
        ");
        project.run(&["apply"]).expect(0);
        append(&kafka, "insync.declares", 0, &Records::new(1, now()));
        assert_eq!(appended("insync.inherits"), Ok(()));
        project.run(&["diff"]).expect(0);
    } else {
        insta::assert_snapshot!(diff, @"
        exit code 3
        --- stdout
        cluster CLUSTER · ADDRESS

        ✗ insync.declares  blocked
            partitions           1  topics.yaml:3 (topic)
            replication          1  topics.yaml:3 (topic)
            min.insync.replicas  2  topics.yaml:3 (topic)
            impossible: min.insync.replicas 2 with replication 1: no producer with acks=all could ever write  topics.yaml:3 (topic)
              instead: declare at most 1; one less leaves a broker to spare

        = insync.inherits  up to date
            note: min.insync.replicas 2 is above replication 1: before Kafka 3.7, producers with acks=all fail; declare a lower min_insync_replicas or a higher replication

        1 blocked, 1 up to date.
        --- stderr
        warning: topics.yaml:3:81: min.insync.replicas 2 is above replication 1: before Kafka 3.7 every write with acks=all fails, and from then on it counts as 1
           |   - {name: insync.declares, partitions: 1, replication: 1, min_insync_replicas: 2}
           = replication is stated at topics.yaml:3:57
           = raise replication, or lower min.insync.replicas
        ");
        assert_eq!(appended("insync.inherits"), Err(NOT_ENOUGH_REPLICAS));
        project.run(&["apply"]).expect(3);
    }
}
