//! Groups that have not read what they seem to have read: idle share groups, and commits of a log that is gone.

use std::time::Instant;

use serde_json::Value;

use crate::binary::{Project, SHOWN_WITHIN};
use crate::contract::Release;
use crate::contract::wire::{self, Records};
use crate::features::has_feature;
use crate::records::{DAY, append, fill, now};
use crate::support::{Brokers, Kafka};
use topicctl::model::TopicName;

const SHARE_GROUPS: &str = "org.apache.kafka.tools.consumer.group.ShareGroupCommand";

/// The first release in which every cluster has share groups.
const SHARE_GROUPS_SINCE: Release = Release(4, 2);

fn json(project: &Project, arguments: &[&str], code: i32) -> Value {
    let run = project
        .run(&[arguments, &["--output", "json"]].concat())
        .expect(code);
    serde_json::from_str(&run.stdout).unwrap()
}

/// The only reason of the only change of the topic.
fn reason(plan: &Value, topic: &str) -> Value {
    let topics = plan["topics"].as_array().unwrap();
    let topic = topics.iter().find(|found| found["name"] == topic).unwrap();
    topic["changes"][0]["risk"]["reasons"][0].clone()
}

/// Sets the offset at which a share group begins to read, which makes the group: nobody is at work in it. The
/// coordinator can lose the offset of one topic where that of another is set right after it, and shows what it kept
/// with a delay, so that this ends when Kafka's own tool shows the offset.
fn share_from(kafka: &Kafka, group: &str, topic: &str, offset: i64) {
    let deadline = Instant::now() + SHOWN_WITHIN;
    loop {
        reset_share_offset(kafka, group, topic, offset);
        for _ in 0..3 {
            let shown = share_offsets(kafka, group);
            if shows_offset(&shown, topic, offset) {
                return;
            }
            assert!(
                Instant::now() < deadline,
                "{group} does not begin at {offset} of {topic}: {shown}"
            );
        }
    }
}

fn share_offsets(kafka: &Kafka, group: &str) -> String {
    let describe = [
        "--bootstrap-server",
        kafka.bootstrap(),
        "--describe",
        "--offsets",
        "--group",
        group,
    ];
    kafka.tool_output(SHARE_GROUPS, &describe)
}

/// Whether a line of the tool is `GROUP TOPIC PARTITION START-OFFSET ...` with this topic and offset.
fn shows_offset(shown: &str, topic: &str, offset: i64) -> bool {
    let offset = offset.to_string();
    shown.lines().any(|line| {
        let words: Vec<&str> = line.split_whitespace().collect();
        words.get(1..4) == Some(&[topic, "0", &offset][..])
    })
}

fn reset_share_offset(kafka: &Kafka, group: &str, topic: &str, offset: i64) {
    let (topic, offset) = (format!("{topic}:0"), offset.to_string());
    let set = [
        "--reset-offsets",
        "--group",
        group,
        "--topic",
        &topic,
        "--to-offset",
        &offset,
        "--execute",
    ];
    let all = [&["--bootstrap-server", kafka.bootstrap()][..], &set].concat();
    kafka.tool_output(SHARE_GROUPS, &all);
}

fn file(read: &str, empty: &str) -> String {
    format!(
        "version: 1\ntopics:\n  - {{name: readers.shared, {read}}}\n  - {{name: readers.empty, {empty}}}\n"
    )
}

#[test]
fn an_idle_share_group_stands_in_the_way_of_what_it_has_not_read() {
    if !has_feature("share groups", SHARE_GROUPS_SINCE) {
        return;
    }
    // Other tests' topics come and go on the shared cluster, and then its coordinator at times keeps no offset of a share
    // group, as Kafka's own tool shows.
    let kafka = &Kafka::dedicated(Brokers::One, &[]);
    let wide = "partitions: 1, replication: 1, retention: 30d";
    let project = Project::new(kafka, &file(wide, wide));
    project.run(&["apply"]).expect(0);
    append(kafka, "readers.shared", 0, &Records::new(15, now() - 10 * DAY));
    share_from(kafka, "readers-idle", "readers.shared", 3);
    share_from(kafka, "readers-idle", "readers.empty", 0);

    project.write(&file("state: absent", "state: absent"));
    // What was set for the first topic is still there after the second.
    share_from(kafka, "readers-idle", "readers.shared", 3);
    let plan = json(&project, &["diff"], 2);
    let deleted = reason(&plan, "readers.shared");
    let group = &deleted["loss"]["groups"][0];
    assert_eq!(group["group"], "readers-idle", "{plan:#}");
    assert_eq!(group["unread"]["at_most"], 12, "{plan:#}");
    let empty = reason(&plan, "readers.empty");
    assert_eq!(empty["users"]["groups"][0]["group"], "readers-idle", "{plan:#}");
    // It is empty, and still nothing that a mere yes covers.
    project.run(&["apply", "--yes"]).expect(3);

    let grown = "partitions: 2, replication: 1, retention: 30d";
    project.write(&file(&wide.replace("30d", "1d"), grown));
    let plan = json(&project, &["diff"], 2);
    let shorter = reason(&plan, "readers.shared");
    assert_eq!(shorter["loss"]["groups"][0]["unread"]["at_most"], 12, "{plan:#}");
    assert_eq!(
        reason(&plan, "readers.empty")["found"]["users"]["groups"][0]["group"],
        "readers-idle",
        "{plan:#}"
    );

    let described = json(&project, &["describe", "readers.shared"], 0);
    let group = &described["topics"][0]["groups"][0];
    assert_eq!(
        (&group["name"], &group["kind"]),
        (&"readers-idle".into(), &"share".into()),
        "{described:#}"
    );
    assert_eq!(
        (&group["lag"], &group["lag_is_complete"]),
        (&12.into(), &true.into()),
        "{described:#}"
    );
    let seen = json(&project, &["monitor", "--once", "readers.shared"], 0);
    assert_eq!(seen["topics"][0]["groups"][0]["lag"], 12, "{seen:#}");
}

/// Its own log was truncated, or it is of a topic that was deleted while its coordinator was away. A tool can
/// commit it as well.
#[test]
fn a_commit_beyond_the_end_has_read_nothing_that_is_known() {
    let kafka = Kafka::one();
    let file = |state: &str| format!("version: 1\ntopics:\n  - {{name: readers.beyond, {state}}}\n");
    let project = Project::new(kafka, &file("partitions: 1, replication: 1"));
    project.run(&["apply"]).expect(0);
    fill(kafka, "readers.beyond");
    let topic = TopicName::new("readers.beyond").unwrap();
    wire::commit(kafka.bootstrap(), "readers-beyond", &topic, 0, 1_000);
    wire::commit(kafka.bootstrap(), "readers-done", &topic, 0, 10);
    let beyond = "committed 1000 lies beyond the end 10";

    let described = project.run(&["describe", "readers.beyond"]).expect(0);
    assert!(
        described.stdout.contains(&format!("? groups: {beyond}")),
        "{described}"
    );
    let described = json(&project, &["describe", "readers.beyond"], 0);
    let group = &described["topics"][0]["groups"][0];
    assert_eq!(group["lag_is_complete"], false, "{described:#}");
    assert_eq!(group["behind_ms"], Value::Null, "{described:#}");
    let at = &group["partitions"][0];
    for figure in ["lag", "lost", "behind_ms"] {
        assert_eq!(at[figure]["reason"], beyond, "{described:#}");
    }
    assert_eq!(
        described["topics"][0]["groups"][1]["lag_is_complete"], true,
        "{described:#}"
    );
    let lagging = project
        .run(&["describe", "--lagging", "1000000", "readers.beyond"])
        .expect(0);
    assert!(lagging.stdout.contains("readers.beyond"), "{lagging}");

    let seen = json(&project, &["monitor", "--once", "readers.beyond"], 0);
    let group = &seen["topics"][0]["groups"][0];
    assert_eq!(
        (&group["lag"], &group["lag_unread"]),
        (&Value::Null, &beyond.into()),
        "{seen:#}"
    );

    project.write(&file("state: absent"));
    let plan = json(&project, &["diff"], 2);
    let groups = reason(&plan, "readers.beyond")["loss"]["groups"].clone();
    assert_eq!(
        groups.as_array().unwrap().len(),
        1,
        "who has read all misses nothing: {plan:#}"
    );
    assert_eq!(groups[0]["unread"]["at_least"], 0, "{plan:#}");
    assert_eq!(groups[0]["unread"]["at_most"], 10, "{plan:#}");
    assert_eq!(groups[0]["doubts"][0], beyond, "{plan:#}");
}
