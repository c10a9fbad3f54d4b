//! A cluster that limits how many partitions a client may create a second
//! (`controller_mutation_rate`, KIP-599): an apply takes as long as that takes, and gets there.

use crate::binary::Project;
use crate::contract::{Release, release_under_test};
use crate::support::{Brokers, Kafka};

/// What a validation says that has to wait.
const WAITING: &str = "Waiting for the controller's quota on changes (controller_mutation_rate), which\n\
                       the validation of a plan counts against: ";

/// With the validation before it, more than twice what the quota lets through at once (eleven seconds'
/// worth, by Kafka's default of `controller.quota.window.num`).
const TOPICS: usize = 40;
const PARTITIONS_PER_SECOND: &str = "controller_mutation_rate=10";

#[test]
fn an_apply_goes_as_fast_as_the_quota_lets_it_and_no_faster() {
    let kafka = Kafka::dedicated(Brokers::One, &[]);
    let everybody = ["--entity-type", "clients", "--entity-default"];
    let limit = ["--alter", "--add-config", PARTITIONS_PER_SECOND];
    kafka.tool_output("configs", &[&limit[..], &everybody].concat());
    let topic = |number: usize| format!("  - {{name: limited.{number:02}, partitions: 3, replication: 1}}\n");
    let topics: String = (0..TOPICS).map(topic).collect();
    let project = Project::new(&kafka, &format!("version: 1\ntopics:\n{topics}"));

    let diff = || project.run(&["diff"]).expect(2).stderr.contains(WAITING);
    assert!(!diff(), "the quota lets the first validation through at once");
    let is_waited_for = diff();
    let apply = project.run(&["apply", "-v"]).expect(0);

    assert!(apply.stdout.ends_with("created\n40 done.\n"), "{apply}");
    // Of the releases under test, 3.3 takes the quota and does not keep to it.
    let keeps_to_it = release_under_test() >= Release(3, 7);
    assert_eq!(
        apply.requests()["CreateTopics"] > 2,
        keeps_to_it,
        "whether a quota was met: {apply}"
    );
    assert_eq!(
        is_waited_for, keeps_to_it,
        "whether the second diff says that it waits"
    );
    project.run(&["diff"]).expect(0);
}
