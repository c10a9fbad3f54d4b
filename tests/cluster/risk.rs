//! Each row of the table of risks on real Kafka: which class a change has by what is there, what is refused
//! without permission, what each permission covers, and that nothing changed when it was refused.

use std::collections::BTreeMap;

use serde_json::Value;
use topicctl::model::TopicName;

use crate::binary::Project;
use crate::contract::wire::{self, Records};
use crate::records::{DAY, HOUR, append, now};
use crate::support::{Kafka, TopicOnKafka};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Class {
    Safe,
    Caution,
    Lossy,
    Impossible,
}

impl Class {
    fn name(self) -> Option<&'static str> {
        match self {
            Self::Safe => Some("safe"),
            Self::Caution => Some("caution"),
            Self::Lossy => Some("lossy"),
            Self::Impossible => None,
        }
    }

    /// Flags that do not allow it.
    fn refused(self, topic: &str) -> Vec<Vec<String>> {
        let flags = |flags: &[&str]| flags.iter().map(ToString::to_string).collect();
        match self {
            Self::Safe => Vec::new(),
            Self::Caution => vec![flags(&[]), flags(&["--allow-data-loss", topic])],
            Self::Lossy => vec![
                flags(&[]),
                flags(&["--yes"]),
                flags(&["--yes", "--allow-data-loss", "another.topic"]),
            ],
            Self::Impossible => vec![flags(&[]), flags(&["--yes", "--allow-data-loss", "*"])],
        }
    }

    /// The flags that allow it, and nothing more.
    fn allowed(self, topic: &str) -> Option<Vec<String>> {
        match self {
            Self::Safe => Some(Vec::new()),
            Self::Caution => Some(vec!["--yes".to_owned()]),
            Self::Lossy => Some(vec!["--allow-data-loss".to_owned(), topic.to_owned()]),
            Self::Impossible => None,
        }
    }
}

/// What is in the topic before the change.
#[derive(Clone, Copy)]
enum Holds {
    Nothing,
    /// Ten records without keys, this old in milliseconds.
    Unkeyed(i64),
    /// Ten records with keys, this old in milliseconds.
    Keyed(i64),
    /// Fresh records of this many bytes each.
    Large(usize),
    /// Nothing, but a group that committed an offset.
    Group,
}

struct Row {
    topic: &'static str,
    before: &'static str,
    holds: Holds,
    after: &'static str,
    class: Class,
}

const fn row(
    topic: &'static str,
    before: &'static str,
    holds: Holds,
    after: &'static str,
    class: Class,
) -> Row {
    Row {
        topic,
        before,
        holds,
        after,
        class,
    }
}

/// Settings as the file has them, in one line.
const ROWS: &[Row] = &[
    row(
        "longer",
        "retention: 1d",
        Holds::Unkeyed(HOUR),
        "retention: 2d",
        Class::Safe,
    ),
    row(
        "compression",
        "retention: 1d",
        Holds::Unkeyed(HOUR),
        "retention: 1d, compression: lz4",
        Class::Safe,
    ),
    row(
        "config",
        "retention: 1d",
        Holds::Unkeyed(HOUR),
        "retention: 1d, config: {segment.ms: 1h}",
        Class::Safe,
    ),
    row(
        "grown-empty",
        "partitions: 1",
        Holds::Nothing,
        "partitions: 2",
        Class::Safe,
    ),
    row(
        "grown-unkeyed",
        "partitions: 1",
        Holds::Unkeyed(0),
        "partitions: 2",
        Class::Caution,
    ),
    row(
        "grown-keyed",
        "partitions: 1",
        Holds::Keyed(0),
        "partitions: 2",
        Class::Caution,
    ),
    row(
        "grown-used",
        "partitions: 1",
        Holds::Group,
        "partitions: 2",
        Class::Caution,
    ),
    row(
        "replicated-empty",
        "replication: 1",
        Holds::Nothing,
        "replication: 3",
        Class::Safe,
    ),
    row(
        "replicated",
        "replication: 1",
        Holds::Unkeyed(0),
        "replication: 3",
        Class::Caution,
    ),
    row(
        "replicated-less",
        "replication: 3",
        Holds::Nothing,
        "replication: 2",
        Class::Caution,
    ),
    row(
        "insync",
        "replication: 3, min_insync_replicas: 2",
        Holds::Nothing,
        "replication: 3, min_insync_replicas: 3",
        Class::Caution,
    ),
    row(
        "insync-lower",
        "replication: 3, min_insync_replicas: 2",
        Holds::Nothing,
        "replication: 3, min_insync_replicas: 1",
        Class::Caution,
    ),
    row(
        "times-by-broker",
        "config: {message.timestamp.type: CreateTime}",
        Holds::Nothing,
        "config: {message.timestamp.type: LogAppendTime}",
        Class::Caution,
    ),
    row(
        "tombstones-empty",
        "cleanup: compact, config: {delete.retention.ms: 1d}",
        Holds::Nothing,
        "cleanup: compact, config: {delete.retention.ms: 1h}",
        Class::Safe,
    ),
    row(
        "tombstones",
        "cleanup: compact, config: {delete.retention.ms: 1d}",
        Holds::Keyed(0),
        "cleanup: compact, config: {delete.retention.ms: 1h}",
        Class::Caution,
    ),
    row(
        "dirty",
        "cleanup: compact, config: {min.cleanable.dirty.ratio: 0.9}",
        Holds::Keyed(0),
        "cleanup: compact, config: {min.cleanable.dirty.ratio: 0.1}",
        Class::Caution,
    ),
    row(
        "lag",
        "cleanup: compact, config: {min.compaction.lag.ms: 7d}",
        Holds::Keyed(2 * DAY),
        "cleanup: compact, config: {min.compaction.lag.ms: 1d}",
        Class::Lossy,
    ),
    row(
        "lag-fresh",
        "cleanup: compact, config: {min.compaction.lag.ms: 7d}",
        Holds::Keyed(0),
        "cleanup: compact, config: {min.compaction.lag.ms: 1d}",
        Class::Safe,
    ),
    row(
        "messages-empty",
        "config: {max.message.bytes: 1MiB}",
        Holds::Nothing,
        "config: {max.message.bytes: 10KiB}",
        Class::Safe,
    ),
    row(
        "messages-small",
        "config: {max.message.bytes: 1MiB}",
        Holds::Unkeyed(0),
        "config: {max.message.bytes: 10KiB}",
        Class::Safe,
    ),
    row(
        "messages-large",
        "config: {max.message.bytes: 1MiB}",
        Holds::Large(5_000),
        "config: {max.message.bytes: 10KiB}",
        Class::Caution,
    ),
    row(
        "absent-empty",
        "partitions: 1",
        Holds::Nothing,
        "state: absent",
        Class::Caution,
    ),
    row(
        "absent-used",
        "partitions: 1",
        Holds::Group,
        "state: absent",
        Class::Lossy,
    ),
    row(
        "absent-full",
        "partitions: 1",
        Holds::Unkeyed(0),
        "state: absent",
        Class::Lossy,
    ),
    row(
        "shorter-empty",
        "retention: 30d",
        Holds::Nothing,
        "retention: 1h",
        Class::Safe,
    ),
    row(
        "shorter-fresh",
        "retention: 30d",
        Holds::Unkeyed(0),
        "retention: 1h",
        Class::Safe,
    ),
    row(
        "shorter-old",
        "retention: 30d",
        Holds::Unkeyed(2 * DAY),
        "retention: 1d",
        Class::Lossy,
    ),
    row(
        "smaller-empty",
        "retention_bytes: 1GiB",
        Holds::Nothing,
        "retention_bytes: 1KiB",
        Class::Safe,
    ),
    row(
        "smaller-fits",
        "retention_bytes: 1GiB",
        Holds::Unkeyed(0),
        "retention_bytes: 1KiB",
        Class::Safe,
    ),
    row(
        "smaller-full",
        "retention_bytes: 1GiB",
        Holds::Large(5_000),
        "retention_bytes: 1KiB",
        Class::Lossy,
    ),
    row(
        "deleting-fresh",
        "cleanup: compact, retention: 1d",
        Holds::Keyed(HOUR),
        "cleanup: \"compact,delete\", retention: 1d",
        Class::Safe,
    ),
    row(
        "deleting-instead",
        "cleanup: compact, retention: 1d",
        Holds::Keyed(HOUR),
        "cleanup: delete, retention: 1d",
        Class::Safe,
    ),
    row(
        "deleting-old",
        "cleanup: compact, retention: 1d",
        Holds::Keyed(2 * DAY),
        "cleanup: \"compact,delete\", retention: 1d",
        Class::Lossy,
    ),
    row(
        "compacting-empty",
        "cleanup: delete",
        Holds::Nothing,
        "cleanup: compact",
        Class::Safe,
    ),
    row(
        "compacting-keyed",
        "cleanup: delete",
        Holds::Keyed(0),
        "cleanup: compact",
        Class::Caution,
    ),
    row(
        "compacting-unkeyed",
        "cleanup: delete",
        Holds::Unkeyed(0),
        "cleanup: compact",
        Class::Lossy,
    ),
    row(
        "waiting",
        "cleanup: compact, config: {max.compaction.lag.ms: 30d}",
        Holds::Keyed(0),
        "cleanup: compact, config: {max.compaction.lag.ms: 8d}",
        Class::Caution,
    ),
    row(
        "waiting-empty",
        "cleanup: compact, config: {max.compaction.lag.ms: 30d}",
        Holds::Nothing,
        "cleanup: compact, config: {max.compaction.lag.ms: 8d}",
        Class::Safe,
    ),
    row(
        "segments",
        "cleanup: compact, config: {segment.ms: 7d}",
        Holds::Keyed(0),
        "cleanup: compact, config: {segment.ms: 1h}",
        Class::Caution,
    ),
    row(
        "segments-smaller",
        "cleanup: compact, config: {segment.bytes: 1GiB}",
        Holds::Keyed(0),
        "cleanup: compact, config: {segment.bytes: 1MiB}",
        Class::Caution,
    ),
    row(
        "segments-deleted",
        "cleanup: delete, config: {segment.bytes: 1GiB}",
        Holds::Keyed(0),
        "cleanup: delete, config: {segment.bytes: 1MiB}",
        Class::Safe,
    ),
    row(
        "unpacked",
        "compression: producer",
        Holds::Nothing,
        "compression: uncompressed",
        Class::Caution,
    ),
    row(
        "flushes",
        "config: {flush.messages: 1}",
        Holds::Nothing,
        "config: {flush.messages: 1000}",
        Class::Caution,
    ),
    row(
        "flushes-more",
        "config: {flush.messages: 1000}",
        Holds::Nothing,
        "config: {flush.messages: 1}",
        Class::Safe,
    ),
    row(
        "elections",
        "replication: 3, config: {unclean.leader.election.enable: false}",
        Holds::Nothing,
        "replication: 3, config: {unclean.leader.election.enable: true}",
        Class::Caution,
    ),
    row(
        "elections-clean",
        "replication: 3, config: {unclean.leader.election.enable: true}",
        Holds::Nothing,
        "replication: 3, config: {unclean.leader.election.enable: false}",
        Class::Safe,
    ),
    row(
        "times-by-producer",
        "config: {message.timestamp.type: LogAppendTime}",
        Holds::Nothing,
        "config: {message.timestamp.type: CreateTime}",
        Class::Caution,
    ),
    row(
        "reset",
        "config: {flush.ms: 1s}",
        Holds::Nothing,
        "cleanup: delete",
        Class::Caution,
    ),
    row(
        "reset-equal",
        "retention: 7d",
        Holds::Unkeyed(HOUR),
        "cleanup: delete",
        Class::Safe,
    ),
    row(
        "fewer",
        "partitions: 2",
        Holds::Nothing,
        "partitions: 1",
        Class::Impossible,
    ),
    row(
        "replicas",
        "replication: 3",
        Holds::Nothing,
        "replication: 4",
        Class::Impossible,
    ),
    row(
        "rejected",
        "retention: 1d",
        Holds::Nothing,
        "retention: 1d, config: {no.such.key: 1}",
        Class::Impossible,
    ),
];

impl Row {
    fn name(&self) -> String {
        format!("risk.{}", self.topic)
    }

    fn declared(&self, settings: &str) -> String {
        let replication = if settings.contains("repli") || settings.contains("absent") {
            String::new()
        } else {
            ", replication: 1".to_owned()
        };
        let partitions = if settings.contains("partitions") || settings.contains("absent") {
            String::new()
        } else {
            ", partitions: 1".to_owned()
        };
        format!(
            "  - {{name: {}, {settings}{partitions}{replication}}}\n",
            self.name()
        )
    }

    fn fill(&self, kafka: &Kafka) {
        let name = self.name();
        let records = match self.holds {
            Holds::Nothing => return,
            Holds::Unkeyed(age) => Records::new(10, now() - age),
            Holds::Keyed(age) => Records::new(10, now() - age).keyed(),
            Holds::Large(bytes) => Records::new(10, now()).of_bytes(bytes),
            Holds::Group => {
                let topic = TopicName::new(&name).unwrap();
                return wire::commit(kafka.bootstrap(), "risk-group", &topic, 0, 0);
            }
        };
        append(kafka, &name, 0, &records);
    }

    fn refused_without_permission(&self, project: &Project) {
        project.write(&manifest(&self.declared(self.after)));
        let code = if self.class == Class::Impossible { 3 } else { 2 };
        let diff = project.run(&["diff", "--output", "json"]).expect(code);
        let plan: Value = serde_json::from_str(&diff.stdout).unwrap();
        if let Some(class) = self.class.name() {
            assert_eq!(plan["topics"][0]["risk"], class, "{}: {plan:#}", self.topic);
        }
        for flags in self.class.refused(&self.name()) {
            let flags: Vec<&str> = flags.iter().map(String::as_str).collect();
            let run = project.run(&[&["apply"], &flags[..]].concat()).expect(3);
            assert!(run.stdout.contains("Nothing was changed."), "{flags:?}\n{run}");
        }
    }

    fn done_with_permission(&self, project: &Project) {
        let Some(flags) = self.class.allowed(&self.name()) else {
            return;
        };
        project.write(&manifest(&self.declared(self.after)));
        let flags: Vec<&str> = flags.iter().map(String::as_str).collect();
        let run = project.run(&[&["apply"], &flags[..]].concat()).expect(0);
        assert!(run.stdout.ends_with("1 done.\n"), "{run}");
        project.run(&["diff"]).expect(0);
    }
}

fn manifest(topics: &str) -> String {
    format!("version: 1\ntopics:\n{topics}")
}

fn topics(kafka: &Kafka) -> BTreeMap<String, TopicOnKafka> {
    kafka.topics("risk.")
}

#[test]
fn each_class_is_refused_without_its_own_permission_and_done_with_it() {
    let kafka = Kafka::three();
    let before: Vec<String> = ROWS.iter().map(|row| row.declared(row.before)).collect();
    let project = Project::new(kafka, &manifest(&before.concat()));
    project.run(&["apply"]).expect(0);
    for row in ROWS {
        row.fill(kafka);
    }
    let untouched = topics(kafka);
    for row in ROWS {
        row.refused_without_permission(&project);
    }
    assert_eq!(topics(kafka), untouched);
    for row in ROWS {
        row.done_with_permission(&project);
    }
}
