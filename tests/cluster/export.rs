//! A file that was exported describes the cluster it comes from: `diff` with it finds nothing, whatever the
//! topics are called and however they are configured.

use std::collections::BTreeMap;
use std::time::Instant;

use topicctl::admin::client::{Address, Client, ConnectOptions};
use topicctl::admin::{Admin, NewTopic, WriteMode};
use topicctl::model::known::{self, Domain, Kind, KnownConfig};
use topicctl::model::{ConfigKey, PartitionCount, ReplicationFactor, TopicName};

use crate::binary::{Project, SHOWN_WITHIN};
use crate::dice::Dice;
use crate::support::{Brokers, Kafka, version_under_test};

const TOPICS: usize = 200;

/// What some reader of YAML takes for a number, a truth value, or nothing.
const ODD_NAMES: [&str; 24] = [
    "1e5",
    "null",
    "Null",
    "0x10",
    "on",
    "OFF",
    "yes",
    "y",
    "true",
    "False",
    "-",
    "--",
    "---",
    "...",
    "-a",
    "007",
    "1.10",
    ".5",
    "inherit",
    "_",
    "123",
    "NaN",
    ".inf",
    "2026-11-26",
];

#[test]
fn what_was_exported_is_in_sync() {
    let kafka = Kafka::dedicated(Brokers::Three, &[]);
    let created = create(&kafka);
    assert_eq!(created.len(), TOPICS);
    let mixed = mix_replication(&kafka);

    let project = Project::new(&kafka, "");
    std::fs::remove_file(project.path("topics.yaml")).unwrap();
    let deadline = Instant::now() + SHOWN_WITHIN;
    let export = loop {
        let export = project.run(&["export"]).expect(0);
        let all_are_there = export.stdout.matches("- name: ").count() == TOPICS + 1;
        let is_mixed = export.stdout.contains("partitions have 1 to 2 replicas");
        if (all_are_there && is_mixed) || Instant::now() > deadline {
            break export;
        }
    };
    assert!(
        export.stderr.contains(&format!(
            "note: {mixed}: replication is not stated: partitions have 1 to 2 replicas"
        )),
        "{export}"
    );
    assert!(!export.stdout.contains("__"), "{export}");

    project.write(&export.stdout);
    let diff = project.run_alone(&["diff"]).expect(0);
    assert!(
        diff.stdout
            .contains(&format!("Up to date: {} topics.", TOPICS + 1)),
        "{diff}"
    );
    // Random values of min.insync.replicas are above the replication.
    let mut warnings = diff.stderr.lines().filter(|line| line.starts_with("warning: "));
    assert!(
        warnings.all(|line| line.contains(": min.insync.replicas ")),
        "{diff}"
    );
    // Kafka's own tools see the overrides that the file states, and no others.
    let overrides: usize = kafka.topics("").values().map(|topic| topic.overrides.len()).sum();
    let stated = created.values().map(BTreeMap::len).sum::<usize>();
    assert_eq!(overrides, stated);

    let again = project.run_alone(&["export", "--profile", "dev"]).expect(0);
    assert_eq!(
        again.stdout, export.stdout,
        "the same cluster gives the same file"
    );
}

#[test]
fn only_what_was_asked_for_is_exported_and_what_is_not_there_is_said() {
    let kafka = Kafka::one();
    let project = Project::new(
        kafka,
        "\
version: 1
topics:
  - {name: exported.one, partitions: 2, replication: 1, retention: 7d}
  - {name: exported.two, partitions: 2, replication: 1, retention: 7d}
",
    );
    project.run(&["apply"]).expect(0);
    let one = project.run(&["export", "exported.o*"]).expect(0);
    assert!(one.stdout.contains("- name: exported.one\n"), "{one}");
    assert!(!one.stdout.contains("exported.two"), "{one}");
    assert!(one.stdout.contains("retention: 7d  # 604800000\n"), "{one}");
    let missing = project
        .run(&["export", "exported.one", "exported.three"])
        .expect(1);
    assert!(missing.stdout.contains("- name: exported.one\n"), "{missing}");
    assert_eq!(
        missing.stderr, "error: the cluster has no topic named exported.three\n",
        "{missing}"
    );
    let json = project.run(&["export", "--output", "json"]).expect(1);
    assert_eq!(json.stdout, "");
    assert!(json.stderr.contains("describe --all --output json"), "{json}");
}

/// Creates topics with configs at random, as many as were wanted: the broker judges which go together.
fn create(kafka: &Kafka) -> BTreeMap<TopicName, BTreeMap<ConfigKey, std::sync::Arc<str>>> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let options = ConnectOptions::new(Address::parse_list(kafka.bootstrap()).unwrap());
        let client = Client::connect(options).await.unwrap();
        let mut dice = Dice(20_261_126);
        let mut created = BTreeMap::new();
        let mut open: Vec<usize> = (0..TOPICS).collect();
        while !open.is_empty() {
            let wanted: Vec<NewTopic> = open.iter().map(|number| topic(*number, &mut dice)).collect();
            let judged = client.create_topics(&wanted, WriteMode::Validate).await.unwrap();
            let is_good = |topic: &NewTopic| judged[&topic.name].is_ok();
            let refused = open.iter().zip(&wanted).filter(|(_, topic)| !is_good(topic));
            open = refused.map(|(number, _)| *number).collect();
            let good: Vec<NewTopic> = wanted.into_iter().filter(is_good).collect();
            for (name, outcome) in client.create_topics(&good, WriteMode::Write).await.unwrap() {
                outcome.unwrap_or_else(|error| panic!("{name}: {error}"));
            }
            created.extend(good.into_iter().map(|topic| (topic.name, topic.configs)));
        }
        created
    })
}

/// The controllers of Kafka 3.3 take values of these that its brokers then fail over, whoever sets them: a local
/// retention above the whole one, an index of a few bytes.
fn breaks_brokers(key: &str) -> bool {
    let is_old = version_under_test().is_some_and(|version| version.starts_with("3.3"));
    is_old && (key.starts_with("local.retention.") || key == "segment.index.bytes")
}

fn topic(number: usize, dice: &mut Dice) -> NewTopic {
    let name = match ODD_NAMES.get(number) {
        Some(odd) => (*odd).to_owned(),
        None => format!("exported.{number:03}-v2"),
    };
    let mut configs = BTreeMap::new();
    for _ in 0..dice.below(6) {
        let index = usize::try_from(dice.below(known::all().len() as u64)).unwrap();
        let config = &known::all()[index];
        let is_left_alone =
            config.name.contains("throttled") || config.until().is_some() || breaks_brokers(config.name);
        if !is_left_alone {
            configs.insert(ConfigKey::new(config.name).unwrap(), value(config, dice).into());
        }
    }
    NewTopic {
        name: TopicName::new(&name).unwrap(),
        partitions: PartitionCount::new(1 + dice.number(3)),
        replication: ReplicationFactor::new(1 + dice.number(3)),
        configs,
    }
}

/// A value that the newest release takes; some of them round, some odd, some at the edge.
fn value(config: &KnownConfig, dice: &mut Dice) -> String {
    let facts = config.history.last().unwrap();
    match facts.domain {
        Domain::Integer { min, max, also } => {
            let largest = if config.kind == Kind::Int {
                i64::from(i32::MAX)
            } else {
                i64::MAX
            };
            let (low, high) = (min.unwrap_or(-1), max.unwrap_or(largest));
            let round = [
                86_400_000,
                604_800_000,
                3_600_000,
                1 << 20,
                1 << 28,
                10_000_000,
                1_048_588,
            ];
            let chosen = match dice.below(6) {
                0 => low,
                1 => high,
                2 => also.first().copied().unwrap_or(low),
                3 | 4 => round[usize::try_from(dice.below(7)).unwrap()],
                _ => low.saturating_add(dice.number(100_000_000)),
            };
            chosen.clamp(low.min(chosen.min(-2)), high).to_string()
        }
        Domain::Decimal { .. } => {
            ["0", "0.25", "0.5", "0.50", "1.0"][usize::try_from(dice.below(5)).unwrap()].to_owned()
        }
        Domain::OneOf(words) => words[usize::try_from(dice.below(words.len() as u64)).unwrap()].to_owned(),
        Domain::ListOf { words, empty } => {
            let chosen: Vec<&str> = words.iter().copied().filter(|_| dice.one_in(2)).collect();
            if chosen.is_empty() && !empty {
                words[0].to_owned()
            } else {
                chosen.join(",")
            }
        }
        Domain::Any => ["true", "false", "TRUE"][usize::try_from(dice.below(3)).unwrap()].to_owned(),
    }
}

/// A topic whose partitions differ in their replicas, which only a reassignment makes.
fn mix_replication(kafka: &Kafka) -> &'static str {
    let topic = "exported.mixed";
    kafka.tool_output(
        "topics",
        &["--create", "--topic", topic, "--replica-assignment", "1,2,3"],
    );
    let folder = tempfile::TempDir::new().unwrap();
    let plan = folder.path().join("reassignment.json");
    let replicas =
        format!(r#"{{"version":1,"partitions":[{{"topic":"{topic}","partition":0,"replicas":[1,2]}}]}}"#);
    std::fs::write(&plan, replicas).unwrap();
    kafka.tool_output(
        "reassign-partitions",
        &["--reassignment-json-file", &plan.to_string_lossy(), "--execute"],
    );
    topic
}
