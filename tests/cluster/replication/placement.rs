//! Where replicas cannot go, and how many new partitions get: cordoned and dead brokers, mixed topics, topics that
//! are being moved. One cluster for all of it, since brokers stop and start.

use std::time::{Duration, Instant};

use super::{assign, client, metadata, name, on_this_thread};
use crate::binary::{Project, SHOWN_WITHIN};
use crate::support::{Brokers, Kafka, version_under_test};
use topicctl::admin::{Admin, ReplicasToAssign};
use topicctl::model::BrokerId;

fn create(kafka: &Kafka, topic: &str, replicas: &str) {
    kafka.tool_output(
        "topics",
        &["--create", "--topic", topic, "--replica-assignment", replicas],
    );
}

/// A move that the controller takes on and that cannot end while a broker is down.
fn begin(kafka: &Kafka, topic: &str, partition: i32, replicas: &[i32]) {
    let ids = replicas.iter().copied().map(BrokerId).collect();
    let wanted = ReplicasToAssign {
        name: name(topic),
        partitions: [(partition, ids)].into(),
    };
    on_this_thread(async {
        let answers = client(kafka).await.alter_partition_reassignments(&[wanted]).await;
        assert!(answers.unwrap().values().all(Result::is_ok));
    });
}

/// The brokers of each partition.
fn rows(kafka: &Kafka, topic: &str) -> Vec<Vec<i32>> {
    let partitions = metadata(kafka, topic).partitions.into_iter();
    let row = |ids: Vec<BrokerId>| ids.into_iter().map(|id| id.0).collect();
    partitions.map(|partition| row(partition.replicas)).collect()
}

fn counts(kafka: &Kafka, topic: &str) -> Vec<usize> {
    rows(kafka, topic).iter().map(Vec::len).collect()
}

#[test]
fn replicas_go_where_they_can_and_new_partitions_get_the_right_number() {
    let kafka = Kafka::dedicated(Brokers::Four, &[]);
    mixed_topics_grow(&kafka);
    if version_under_test().is_none() {
        no_replica_goes_to_a_cordoned_broker(&kafka);
    }
    growth_beside_moves_gets_the_number_that_all_will_have(&kafka);
    a_move_that_is_stuck_is_taken_back(&kafka);
    if version_under_test().is_none() {
        eligible_leaders_are_shown_and_not_forgotten_unasked(&kafka);
    }
}

fn mixed_topics_grow(kafka: &Kafka) {
    let topic = "mixed";
    create(kafka, topic, "1,2,3");
    assign(kafka, topic, &[(2, &[3, 1])]);
    let project = Project::new(kafka, "version: 1\ntopics: [{name: mixed, partitions: 4}]\n");
    let diff = project.run_until(2, &["diff"]);
    assert!(
        diff.stdout
            .contains("the replicas of its partitions are 1 to 2, mixed"),
        "{diff}"
    );
    project.run(&["apply", "--yes"]).expect(0);
    assert_eq!(counts(kafka, topic).len(), 4);
    project.write("version: 1\ntopics: [{name: mixed, partitions: 5, replication: 2}]\n");
    let diff = project.run_until(2, &["diff"]);
    assert!(
        diff.stdout.contains("4 → 5, after the replicas have moved"),
        "{diff}"
    );
    project.run(&["apply", "--yes"]).expect(0);
    project.run_until(0, &["diff"]);
    assert_eq!(counts(kafka, topic), [2; 5]);
}

fn no_replica_goes_to_a_cordoned_broker(kafka: &Kafka) {
    create(kafka, "cordoned.a", "1,2,4");
    create(kafka, "cordoned.b", "1:2,2:3,3:4");
    let cordon = |change: &str| {
        let entity = ["--alter", "--entity-type", "brokers", "--entity-name", "4"];
        kafka.tool_output(
            "configs",
            &[&entity[..], &[change, "cordoned.log.dirs=*"]].concat(),
        );
    };
    cordon("--add-config");
    let project = Project::new(
        kafka,
        "version: 1\ntopics:\n  - {name: cordoned.a, replication: 2}\n  - {name: cordoned.b, partitions: 8}\n",
    );
    let diff = project.run_until(2, &["diff", "-v"]);
    assert!(
        diff.stdout
            .contains("broker 4 is cordoned, so no replica is placed there"),
        "{diff}"
    );
    project.run(&["apply", "--yes"]).expect(0);
    let on_four = |topic: &str| {
        let rows = rows(kafka, topic);
        rows.iter().map(|row| row.contains(&4)).collect::<Vec<_>>()
    };
    assert_eq!(on_four("cordoned.a"), [false; 3]);
    assert_eq!(on_four("cordoned.b")[3..], [false; 5]);
    project.run_until(0, &["diff"]);
    project.write("version: 1\ntopics:\n  - {name: cordoned.a, replication: 4}\n");
    let diff = project.run(&["diff"]).expect(3);
    assert!(diff.stdout.contains("broker 4 is cordoned"), "{diff}");
    cordon_no_more(kafka);
    project.run_until(2, &["diff"]);
}

fn cordon_no_more(kafka: &Kafka) {
    let entity = ["--alter", "--entity-type", "brokers", "--entity-name", "4"];
    kafka.tool_output(
        "configs",
        &[&entity[..], &["--delete-config", "cordoned.log.dirs"]].concat(),
    );
}

fn growth_beside_moves_gets_the_number_that_all_will_have(kafka: &Kafka) {
    create(kafka, "moving.last", "1,2,3");
    create(kafka, "moving.first", "1,2,3");
    create(kafka, "leaderless", "1,4");
    kafka.stop_broker(4);
    begin(kafka, "moving.last", 2, &[4]);
    begin(kafka, "moving.first", 0, &[4]);
    let project = Project::new(
        kafka,
        "version: 1\ntopics:\n  - {name: moving.last, partitions: 4}\n  - {name: moving.first, partitions: 4}\n",
    );
    // Which partition the controller looks at is the release's business: one of the two is in its way.
    let run = project.run_until(3, &["diff"]);
    assert!(
        run.stdout
            .contains("partitions 3 → 4: 1 partition is being moved"),
        "{run}"
    );
    assert!(
        run.stdout.contains("not consistent with previous partitions"),
        "{run}"
    );
    project.run(&["apply", "--yes", "--skip-blocked"]).expect(3);
    what_has_no_leader_is_not_moved(kafka);
    kafka.start_broker(4);
    project.run_until(2, &["diff"]);
    project.run_until(0, &["apply", "--yes"]);
    for topic in ["moving.last", "moving.first"] {
        assert_eq!(counts(kafka, topic), [1; 4], "{topic}: {:?}", rows(kafka, topic));
    }
}

fn what_has_no_leader_is_not_moved(kafka: &Kafka) {
    let project = Project::new(
        kafka,
        "version: 1\ntopics: [{name: leaderless, replication: 2}]\n",
    );
    let run = project.run_until(3, &["diff"]);
    assert!(
        run.stdout
            .contains("no leader (partition 1, last in sync on broker 4)"),
        "{run}"
    );
    assert!(run.stdout.contains("bring broker 4 back"), "{run}");
    project.run(&["apply", "--yes"]).expect(3);
}

fn a_move_that_is_stuck_is_taken_back(kafka: &Kafka) {
    let topic = "stuck";
    create(kafka, topic, "1,2");
    create(kafka, "not.named", "1,2");
    kafka.stop_broker(4);
    begin(kafka, topic, 1, &[4]);
    begin(kafka, "not.named", 0, &[4]);
    let manifest = "version: 1\ntopics:\n  - {name: stuck, replication: 2}\n  - {name: not.named}\n";
    let project = Project::new(kafka, manifest);
    let diff = project.run_until(3, &["diff"]);
    assert!(
        diff.stdout.contains("topicctl apply --cancel-moves TOPIC"),
        "{diff}"
    );
    project.run(&["apply", "--cancel-moves", "--yes"]).expect(1);
    let forecast = project.run(&["diff", "stuck", "--cancel-moves"]).expect(2);
    assert!(
        forecast.stdout.contains("cancelled: partition 1 stays on 2"),
        "{forecast}"
    );
    assert!(
        forecast.stdout.contains("what broker 4 copied so far is deleted"),
        "{forecast}"
    );
    project.run(&["apply", "stuck", "--cancel-moves"]).expect(3);
    let run = project
        .run(&["apply", "stuck", "--cancel-moves", "--yes"])
        .expect(0);
    assert!(
        run.stdout.contains("✅ Topic stuck changed: moves cancelled"),
        "{run}"
    );
    assert_eq!(moved_topics(kafka), ["not.named"]);
    project.run(&["diff", "stuck", "--cancel-moves"]).expect(0);
    project.run_until(2, &["diff"]);
    project.run(&["apply", "--yes"]).expect(0);
    assert_eq!(counts(kafka, topic), [2; 2]);
    kafka.start_broker(4);
}

fn moved_topics(kafka: &Kafka) -> Vec<String> {
    on_this_thread(async {
        let moving = client(kafka).await.list_partition_reassignments(None).await;
        let moving = moving.unwrap().unwrap();
        moving.keys().map(|(topic, _)| topic.to_string()).collect()
    })
}

/// Brokers 3 and 4 are the only ones of the partition; broker 4 misses nothing, and may lead when it is back.
fn eligible_leaders_are_shown_and_not_forgotten_unasked(kafka: &Kafka) {
    let topic = "eligible";
    create(kafka, topic, "4:3");
    let project = Project::new(
        kafka,
        "version: 1\ntopics: [{name: eligible, min_insync_replicas: 2, config: {flush.ms: 5}}]\n",
    );
    project.run_until(2, &["diff"]);
    project.run(&["apply", "--yes"]).expect(0);
    kafka.stop_broker(4);
    kafka.stop_broker(3);
    shows(|| {
        project
            .run(&["describe", topic])
            .stdout
            .contains("eligible to lead: 3,4")
    });
    project.write("version: 1\ntopics: [{name: eligible, min_insync_replicas: 1, config: {flush.ms: 5}}]\n");
    let diff = project.run_until(2, &["diff"]);
    assert!(
        diff.stdout
            .contains("partition 0, which has no leader, on brokers 3 and 4"),
        "{diff}"
    );
    let run = project.run(&["apply", "--yes"]).expect(3);
    assert!(run.stdout.contains("--allow-data-loss"), "{run}");
    kafka.start_broker(3);
    kafka.start_broker(4);
    shows(|| {
        let seen = metadata(kafka, topic);
        seen.partitions[0].leader.is_some() && seen.under_replicated() == 0
    });
    let run = project.run(&["apply", "--yes"]).expect(0);
    assert!(!run.stdout.contains("forgets"), "{run}");
    assert!(metadata(kafka, topic).partitions[0].leader.is_some());
}

fn shows(is_so: impl Fn() -> bool) {
    let deadline = Instant::now() + SHOWN_WITHIN;
    while !is_so() {
        assert!(Instant::now() < deadline, "it is never shown");
        std::thread::sleep(Duration::from_millis(200));
    }
}
