//! What config changes do beside deleting by age and size, said before and seen to happen by Kafka's own tools.

use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::binary::Project;
use crate::contract::wire::Records;
use crate::contract::{Release, release_under_test};
use crate::features::has_feature;
use crate::records::{DAY, HOUR, append, now};
use crate::support::{Brokers, Kafka};

/// On a busy machine.
const HAPPENS_WITHIN: Duration = Duration::from_mins(2);

fn wait_until(what: &str, mut holds: impl FnMut() -> bool) {
    let deadline = Instant::now() + HAPPENS_WITHIN;
    while !holds() {
        assert!(Instant::now() < deadline, "{what}: not within {HAPPENS_WITHIN:?}");
        thread::sleep(Duration::from_millis(300));
    }
}

fn file(topics: &[(&str, &str)]) -> String {
    let topic = |(name, settings): &(&str, &str)| format!("  - {{name: {name}, {settings}}}\n");
    let topics: Vec<String> = topics.iter().map(topic).collect();
    format!("version: 1\ntopics:\n{}", topics.concat())
}

/// The topics of a diff as JSON, in the order of their names.
fn planned(project: &Project) -> Vec<Value> {
    let diff = project.run(&["diff", "--output", "json"]).expect(2);
    let plan: Value = serde_json::from_str(&diff.stdout).unwrap();
    plan["topics"].as_array().unwrap().clone()
}

/// The records that a consumer gets.
fn readable(kafka: &Kafka, topic: &str) -> usize {
    let arguments = ["--topic", topic, "--from-beginning", "--timeout-ms", "4000"];
    let output = kafka.tool("console-consumer", &arguments);
    String::from_utf8_lossy(&output.stdout).lines().count()
}

const COMPACTED: &str = "partitions: 1, replication: 1, cleanup: compact, \
                         config: {segment.ms: 1h, min.cleanable.dirty.ratio: 0.01, min.compaction.lag.ms: ";

#[test]
fn superseded_records_that_are_no_longer_kept_are_counted_before_they_vanish() {
    let cleaner = [("log.cleaner.backoff.ms", "500")];
    let kafka = Kafka::dedicated(Brokers::One, &cleaner);
    let of = |lag: &str, compression: &str| {
        let settings = format!("{COMPACTED}{lag}}}");
        let compressed = format!("partitions: 1, replication: 1, compression: {compression}");
        file(&[
            ("effects.empty", &settings),
            ("effects.kept", &settings),
            ("effects.long-past", &settings),
            ("effects.zstd", &compressed),
        ])
    };
    let project = Project::new(&kafka, &of("7d", "gzip"));
    project.run(&["apply"]).expect(0);
    for age in [4 * DAY, 3 * DAY, DAY, HOUR, 0] {
        append(&kafka, "effects.kept", 0, &Records::new(100, now() - age).keyed());
    }
    // Only the last batch is in the active segment, so that the others were compacted already.
    for age in [20 * DAY, 10 * DAY, 9 * DAY] {
        append(
            &kafka,
            "effects.long-past",
            0,
            &Records::new(10, now() - age).keyed(),
        );
    }
    assert_eq!(readable(&kafka, "effects.kept"), 500);

    project.write(&of("2d", "zstd"));
    let topics = planned(&project);
    assert_eq!(topics[0]["risk"], "safe", "{topics:#?}");
    assert_eq!(topics[1]["risk"], "lossy", "{topics:#?}");
    assert_eq!(topics[2]["risk"], "safe", "{topics:#?}");
    // The release is known by the configs that the broker lists.
    let for_old_clients = if release_under_test() < Release(4, 0) {
        "caution"
    } else {
        "safe"
    };
    assert_eq!(topics[3]["risk"], for_old_clients, "{topics:#?}");
    let reason = &topics[1]["changes"][0]["risk"]["reasons"][0];
    assert_eq!(reason["code"], "compacts_sooner");
    assert_eq!(reason["loss"]["records"]["at_most"], 200, "{reason:#}");
    let refused = project.run(&["apply", "--yes"]).expect(3);
    let sentence = "up to 200 records older than 2d can be compacted away where newer ones of the same key supersede them";
    assert!(refused.stdout.contains(sentence), "{refused}");

    project
        .run(&["apply", "--yes", "--allow-data-loss", "effects.kept"])
        .expect(0);
    let mut left = 500;
    wait_until("records to be compacted away", || {
        left = readable(&kafka, "effects.kept");
        left < 500
    });
    assert!(left >= 300, "{left}");
}

/// Brokers 3 and 4 hold the topic; 1 and 2 go on as a quorum.
#[test]
fn an_unclean_election_of_a_partition_without_a_leader_is_lossy() {
    let kafka = Kafka::dedicated(Brokers::Four, &[("unclean.leader.election.interval.ms", "1000")]);
    let topic = "effects.leaderless";
    let create = ["--create", "--topic", topic, "--replica-assignment", "3:4"];
    kafka.tool_output("topics", &create);
    let settings = |unclean: &str| {
        file(&[(
            topic,
            &format!("config: {{unclean.leader.election.enable: {unclean}}}"),
        )])
    };
    let project = Project::new(&kafka, &settings("true"));
    let led = project.run_until(2, &["diff"]);
    assert!(
        led.stdout
            .contains("needs confirmation: a replica that missed records may become leader"),
        "{led}"
    );
    append(&kafka, topic, 0, &Records::new(10, now()));
    let described = |what: &str| {
        let described = kafka.tool_output("topics", &["--describe", "--topic", topic]);
        described.contains(what)
    };
    wait_until("both replicas to be in sync", || described("Isr: 3,4"));
    kafka.kill_broker(4);
    wait_until("one replica to be in sync", || {
        described("Isr: 3\t") || described("Isr: 3\n")
    });
    append(&kafka, topic, 0, &Records::new(100, now()));
    let read = [
        "--topic",
        topic,
        "--group",
        "effects.reader",
        "--max-messages",
        "110",
    ];
    let read = [&read[..], &["--from-beginning", "--timeout-ms", "60000"]].concat();
    kafka.tool_output("console-consumer", &read);
    kafka.kill_broker(3);
    kafka.start_broker(4);
    wait_until("the partition to have no leader", || described("Leader: none"));

    let topics = planned(&project);
    let reason = &topics[0]["changes"][0]["risk"]["reasons"][0];
    assert_eq!(topics[0]["risk"], "lossy", "{topics:#?}");
    assert_eq!(reason["code"], "unclean_election", "{reason:#}");
    assert_eq!(reason["leaderless"][0]["partition"], 0, "{reason:#}");
    assert_eq!(reason["leaderless"][0]["replicas_down"][0], 3, "{reason:#}");
    assert_eq!(reason["leaderless"][0]["end"], 10, "{reason:#}");
    assert_eq!(reason["leaderless"][0]["committed"], 110, "{reason:#}");
    assert_eq!(
        reason["leaderless"][0]["committed_by"], "effects.reader",
        "{reason:#}"
    );
    assert_eq!(reason["leaderless"][0]["at_least"], 100, "{reason:#}");
    let refused = project.run(&["apply", "--yes"]).expect(3);
    let sentence = "partition 0: at least 100 records from offset 10 on are lost, less what retention has deleted already: \
                    group effects.reader has read up to 110; how many more only broker 3 knows, which is down";
    assert!(refused.stdout.contains(sentence), "{refused}");
    if !has_feature("unclean elections that a topic's config starts", Release(4, 0)) {
        return;
    }
    project.run(&["apply", "--allow-data-loss", topic]);
    wait_until("another replica to lead", || described("Leader: 4"));
    let end = kafka.tool_output("get-offsets", &["--topic", topic, "--time", "latest"]);
    assert_eq!(end.trim(), format!("{topic}:0:10"));
}
