//! `min.insync.replicas` against what is in sync while a broker is down, and against the brokers that may
//! go down next.

use serde_json::Value;

use crate::binary::Project;
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
    insta::assert_snapshot!(said.join("\n"), @"      caution: a partition has only 2 in sync, so producers with acks=all stop until 3 are");
    project.run(&["apply", "--yes"]).expect(0);
    project.run(&["diff"]).expect(0);
}
