//! What topics inherit can differ by broker, and the brokers with a replica decide: the same answer through every
//! broker, the worst class, and no alarm for a broker that does not hold the topic.

use std::time::Instant;

use crate::binary::{Project, Run, SHOWN_WITHIN};
use crate::contract::wire::Records;
use crate::records::{DAY, append, now};
use crate::support::{Brokers, Kafka};

const HOUR_MS: &str = "3600000";

/// Broker 2 keeps records for an hour and takes larger batches; broker 3 compacts.
fn with_brokers_that_differ() -> Kafka {
    let kafka = Kafka::dedicated(Brokers::Three, &[("log.retention.check.interval.ms", "1000")]);
    set_on(
        &kafka,
        2,
        &format!("log.retention.ms={HOUR_MS},message.max.bytes=2000000"),
    );
    set_on(&kafka, 3, "log.cleanup.policy=compact");
    kafka
}

fn set_on(kafka: &Kafka, broker: u8, configs: &str) {
    let id = broker.to_string();
    let of_broker = ["--alter", "--entity-type", "brokers", "--entity-name", &id];
    kafka.tool_output("configs", &[&of_broker[..], &["--add-config", configs]].concat());
}

/// One partition on these brokers, made by Kafka's own tool.
fn create(kafka: &Kafka, topic: &str, brokers: &str, configs: &[&str]) {
    let create = ["--create", "--topic", topic, "--replica-assignment", brokers];
    let configs = configs.iter().flat_map(|config| ["--config", config]);
    let arguments: Vec<&str> = create.into_iter().chain(configs).collect();
    kafka.tool_output("topics", &arguments);
}

/// The first offset and the one after the last, as Kafka's own tool has them: `0 100`.
fn offsets(kafka: &Kafka, topic: &str) -> String {
    let at = |time| {
        let said = kafka.tool_output("get-offsets", &["--topic", topic, "--time", time]);
        let offset = said
            .lines()
            .find_map(|line| line.strip_prefix(&format!("{topic}:0:")));
        offset.unwrap_or_else(|| panic!("{said}")).to_owned()
    };
    format!("{} {}", at("-2"), at("-1"))
}

/// The same run through each of the brokers, which must all say the same once they show the topic.
fn through_each(kafka: &Kafka, manifest: &str, arguments: &[&str], code: i32) -> String {
    let deadline = Instant::now() + SHOWN_WITHIN;
    loop {
        let addresses = kafka.bootstrap().split(',');
        let runs = addresses.map(|address| Project::at(address, manifest).run(arguments).expect(code).text());
        let mut runs: Vec<String> = runs.collect();
        if runs.windows(2).all(|pair| pair[0] == pair[1]) && !runs[0].contains("to create") {
            return runs.remove(0);
        }
        assert!(Instant::now() < deadline, "{runs:#?}");
    }
}

fn file(topics: &str) -> String {
    format!("version: 1\ntopics:\n{topics}")
}

/// Until brokers show what the tools have set, runs through them may differ.
fn await_values(kafka: &Kafka) {
    let deadline = Instant::now() + SHOWN_WITHIN;
    for broker in ["2", "3"] {
        let of_broker = ["--describe", "--entity-type", "brokers", "--entity-name", broker];
        while !kafka
            .tool_output("configs", &of_broker)
            .contains("DYNAMIC_BROKER_CONFIG")
        {
            assert!(
                Instant::now() < deadline,
                "broker {broker} does not show its values"
            );
        }
    }
}

#[test]
fn the_brokers_that_hold_a_topic_decide_through_whichever_broker_it_is_asked() {
    let kafka = with_brokers_that_differ();
    await_values(&kafka);
    a_reset_is_lossy_where_the_leader_keeps_less(&kafka);
    a_broker_without_a_replica_does_not_matter(&kafka);
    a_set_is_judged_from_the_value_of_each_replica(&kafka);
    larger_batches_of_one_broker_count(&kafka);
    a_policy_that_is_inherited_decides_beside_a_limit(&kafka);
    a_policy_holds_on_every_broker_with_a_replica(&kafka);
    a_replica_is_judged_by_where_it_goes(&kafka);
    describe_says_which_broker_has_which_value(&kafka);
    a_replica_that_stays_is_judged_by_what_it_keeps(&kafka);
    replicas_on_a_dead_broker_are_taken_for_the_worst(&kafka);
}

fn a_reset_is_lossy_where_the_leader_keeps_less(kafka: &Kafka) {
    create(kafka, "inh.reset", "2", &["retention.ms=2592000000"]);
    append(kafka, "inh.reset", 0, &Records::new(100, now() - 2 * DAY));
    let manifest = file("  - name: inh.reset\n");

    let diff = through_each(kafka, &manifest, &["diff"], 2);
    let project = Project::new(kafka, &manifest);
    project.run(&["apply", "--yes"]).expect(3);
    assert_eq!(offsets(kafka, "inh.reset"), "0 100");
    project
        .run(&["apply", "--allow-data-loss", "inh.reset"])
        .expect(0);

    insta::assert_snapshot!(diff, @"
    exit code 2
    --- stdout
    cluster CLUSTER · ADDRESS

    ~ inh.reset  to change · lossy
        retention.ms  30d (2592000000) → 1h (3600000) [broker, dynamic]  not set in the file
          lossy: 100 records (1.36 KiB) older than 1h will be deleted, of 9999-99-99
          needs confirmation: it was set on the cluster, and the file does not mention it

    1 to change; 1 can lose data (--allow-data-loss).
    In total 100 records (1.36 KiB) would be deleted, from 1 topic.
    1 override on 1 topic is not set in the file and will be reset. `unlisted: keep` keeps it; `topicctl export` writes it into a file.
    ");
    // It was true.
    let deadline = Instant::now() + SHOWN_WITHIN;
    while offsets(kafka, "inh.reset") != "100 100" {
        assert!(Instant::now() < deadline, "{}", offsets(kafka, "inh.reset"));
    }
}

fn a_broker_without_a_replica_does_not_matter(kafka: &Kafka) {
    create(kafka, "inh.elsewhere", "1", &["retention.ms=2592000000"]);
    append(kafka, "inh.elsewhere", 0, &Records::new(100, now() - 2 * DAY));
    let diff = through_each(kafka, &file("  - name: inh.elsewhere\n"), &["diff"], 2);
    insta::assert_snapshot!(diff, @"
    exit code 2
    --- stdout
    cluster CLUSTER · ADDRESS

    ~ inh.elsewhere  to change · needs confirmation
        retention.ms  30d (2592000000) → 7d (604800000) [Kafka default]  not set in the file
          safe: no record is older than 7d
          needs confirmation: it was set on the cluster, and the file does not mention it

    1 to change; 1 needs confirmation (--yes).
    1 override on 1 topic is not set in the file and will be reset. `unlisted: keep` keeps it; `topicctl export` writes it into a file.
    ");
}

fn a_set_is_judged_from_the_value_of_each_replica(kafka: &Kafka) {
    create(kafka, "inh.set", "1:2", &[]);
    append(kafka, "inh.set", 0, &Records::new(10, now() - DAY / 2));
    let shorter = file("  - {name: inh.set, retention: 6h}\n");
    let diff = through_each(kafka, &shorter, &["diff"], 2);
    insta::assert_snapshot!(diff, @"
    exit code 2
    --- stdout
    cluster CLUSTER · ADDRESS

    ~ inh.set  to change · lossy
        retention.ms  7d (604800000) [Kafka default] on 1, 1h (3600000) [broker, dynamic] on 2 → 6h (21600000)  topics.yaml:3 (topic)
          lossy: 10 records (191 B) older than 6h will be deleted, of 9999-99-99

    1 to change; 1 can lose data (--allow-data-loss).
    In total 10 records (191 B) would be deleted, from 1 topic.
    ");
    let json: serde_json::Value = serde_json::from_str(
        &Project::new(kafka, &shorter)
            .run(&["diff", "--output", "json"])
            .stdout,
    )
    .unwrap();
    let change = &json["topics"][0]["changes"][0];
    assert_eq!(
        change["from_by_broker"],
        serde_json::json!([
            {"brokers": [1], "value": {"raw": "604800000", "human": "7d", "source": "default_config"}},
            {"brokers": [2], "value": {"raw": "3600000", "human": "1h", "source": "dynamic_broker_config"}},
        ])
    );
}

fn larger_batches_of_one_broker_count(kafka: &Kafka) {
    create(kafka, "inh.large", "2", &[]);
    append(kafka, "inh.large", 0, &Records::new(1, now()).of_bytes(1_500_000));
    let manifest = file("  - {name: inh.large, config: {max.message.bytes: 1048588}}\n");
    let diff = through_each(kafka, &manifest, &["diff"], 2);
    insta::assert_snapshot!(diff, @"
    exit code 2
    --- stdout
    cluster CLUSTER · ADDRESS

    ~ inh.large  to change · needs confirmation
        max.message.bytes  2MB (2000000) [broker, dynamic] → 1048588  topics.yaml:3 (topic)
          needs confirmation: the largest of all batches has 1.43 MiB: producers that send more than 1048588B start to fail

    1 to change; 1 needs confirmation (--yes).
    ");
}

fn a_policy_that_is_inherited_decides_beside_a_limit(kafka: &Kafka) {
    for (topic, brokers) in [("inh.compacted", "3"), ("inh.deleted", "1:3")] {
        create(kafka, topic, brokers, &["retention.ms=2592000000"]);
        append(kafka, topic, 0, &Records::new(10, now() - 2 * DAY).keyed());
    }
    let manifest = file("  - {name: inh.compacted, retention: 1d}\n  - {name: inh.deleted, retention: 1d}\n");
    let diff = through_each(kafka, &manifest, &["diff"], 2);
    insta::assert_snapshot!(diff, @"
    exit code 2
    --- stdout
    cluster CLUSTER · ADDRESS

    ~ inh.compacted  to change
        retention.ms  30d (2592000000) → 1d (86400000)  topics.yaml:3 (topic)

    ~ inh.deleted  to change · lossy
        retention.ms  30d (2592000000) → 1d (86400000)  topics.yaml:4 (topic)
          lossy: up to 10 records (about 201 B) older than 1d will be deleted, of 9999-99-99

    2 to change; 1 can lose data (--allow-data-loss).
    In total up to 10 records (about 201 B) would be deleted, from 1 topic.
    ");
}

fn a_policy_holds_on_every_broker_with_a_replica(kafka: &Kafka) {
    create(kafka, "inh.bound", "1:2:3", &[]);
    create(kafka, "inh.bound-elsewhere", "1", &[]);
    let manifest = "version: 1\npolicy: {min_retention: 1d}\ntopics:\n  - name: inh.bound\n  - name: inh.bound-elsewhere\n  - name: inh.bound-new\n";
    let diff = through_each(kafka, manifest, &["diff"], 3);
    insta::assert_snapshot!(diff, @"
    exit code 3
    --- stdout
    cluster CLUSTER · ADDRESS

    ✗ inh.bound  blocked
        violates the policy: retention 1h is below the policy's 1d; retention.ms is 7d (604800000) [Kafka default] on 1 and 3, 1h (3600000) [broker, dynamic] on 2; cleanup.policy is delete [Kafka default] on 1 and 2, compact [broker, dynamic] on 3 (min_retention)  topics.yaml:2 (policy)
          instead: declare a retention of at least 1d

    ✗ inh.bound-new  blocked
        partitions   cluster default  not set in the file
        replication  cluster default  not set in the file
        violates the policy: retention 1h is below the policy's 1d; retention.ms is 7d (604800000) [Kafka default] on 1 and 3, 1h (3600000) [broker, dynamic] on 2; cleanup.policy is delete [Kafka default] on 1 and 2, compact [broker, dynamic] on 3 (min_retention)  topics.yaml:2 (policy)
          instead: declare a retention of at least 1d

    2 blocked, 1 up to date.
    ");
    let project = Project::new(kafka, manifest);
    let json = project.run(&["diff", "--output", "json"]).expect(3).stdout;
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(
        json["topics"][0]["refusals"][0]["by_broker"][0]["values"],
        serde_json::json!([
            {"brokers": [1, 3], "value": {"raw": "604800000", "human": "7d", "source": "default_config"}},
            {"brokers": [2], "value": {"raw": "3600000", "human": "1h", "source": "dynamic_broker_config"}},
        ])
    );
}

const VALUES: [&str; 9] = [
    "cleanup.policy delete Kafka default -",
    "max.message.bytes 2MB (2000000) broker, dynamic -",
    "retention.ms 1h (3600000) broker, dynamic -",
    "cleanup.policy delete Kafka default -",
    "by broker: delete [Kafka default] on 1 and 2, compact [broker, dynamic] on 3",
    "max.message.bytes 1048588 Kafka default -",
    "by broker: 1048588 [Kafka default] on 1 and 3, 2MB (2000000) [broker, dynamic] on 2",
    "retention.ms 7d (604800000) Kafka default -",
    "by broker: 7d (604800000) [Kafka default] on 1 and 3, 1h (3600000) [broker, dynamic] on 2",
];

/// The lines of a description about three configs, with single spaces.
fn values_of_three(described: &str) -> Vec<String> {
    let told = [
        "by broker",
        "cleanup.policy ",
        "max.message.bytes ",
        "retention.ms ",
    ];
    let is_told = |line: &&str| told.iter().any(|told| line.trim_start().starts_with(told));
    let words = |line: &str| line.split_whitespace().collect::<Vec<_>>().join(" ");
    described.lines().filter(is_told).map(words).collect()
}

fn describe_says_which_broker_has_which_value(kafka: &Kafka) {
    create(kafka, "inh.shown", "3:2:1", &[]);
    create(kafka, "inh.second", "2", &[]);
    for address in kafka.bootstrap().split(',') {
        let project = Project::at(address, &file(""));
        let described = project.run_until(0, &["describe", "inh.shown", "inh.second"]);
        assert_eq!(values_of_three(&described.stdout), VALUES, "{address}");
    }
    let project = Project::new(kafka, &file(""));
    let json = project
        .run(&["describe", "inh.shown", "--output", "json"])
        .expect(0)
        .stdout;
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    let configs = json["topics"][0]["configs"]["value"].as_array().unwrap();
    let retention = configs
        .iter()
        .find(|config| config["key"] == "retention.ms")
        .unwrap();
    assert_eq!(
        retention["by_broker"],
        serde_json::json!([
            {"brokers": [1, 3], "value": {"raw": "604800000", "human": "7d", "source": "default_config"}},
            {"brokers": [2], "value": {"raw": "3600000", "human": "1h", "source": "dynamic_broker_config"}},
        ])
    );
}

fn a_replica_is_judged_by_where_it_goes(kafka: &Kafka) {
    create(kafka, "inh.moved", "1", &[]);
    append(kafka, "inh.moved", 0, &Records::new(10, now() - 2 * DAY));
    let project = Project::new(kafka, &file("  - {name: inh.moved, replication: 2}\n"));
    // Broker 2 keeps an hour, broker 3 compacts.
    let diff = project.run_until(2, &["diff"]);
    assert!(diff.stdout.contains("to change · lossy"), "{diff}");
    project.run(&["apply", "--yes"]).expect(3);
}

/// Broker 2 follows, and has deleted for itself what broker 1 keeps. Of each broker one replica stays.
fn a_replica_that_stays_is_judged_by_what_it_keeps(kafka: &Kafka) {
    create(kafka, "inh.stays", "1:2,1:2", &[]);
    for partition in [0, 1] {
        append(kafka, "inh.stays", partition, &Records::new(10, now() - 2 * DAY));
    }
    let project = Project::new(kafka, &file("  - {name: inh.stays, replication: 1}\n"));
    let diff = project.run_until(2, &["diff"]);
    assert!(diff.stdout.contains("to change · lossy"), "{diff}");
    project.run(&["apply", "--yes"]).expect(3);
    assert_eq!(offsets(kafka, "inh.stays"), "0 10");
}

fn replicas_on_a_dead_broker_are_taken_for_the_worst(kafka: &Kafka) {
    create(kafka, "inh.dead", "1:2", &["retention.ms=2592000000"]);
    append(kafka, "inh.dead", 0, &Records::new(10, now()));
    kafka.stop_broker(2);
    let project = Project::new(kafka, &file("  - name: inh.dead\n"));
    let diff: Run = project.run(&["diff"]).expect(2);
    for line in ["lossy", "not known on 2", "broker 2"] {
        assert!(diff.stdout.contains(line), "no {line} in\n{diff}");
    }
    project.run(&["apply", "--yes"]).expect(3);
}
