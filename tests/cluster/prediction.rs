//! What diff says will go, against what went once the broker's cleaner had been there: generated topics on
//! three brokers, with records of known age, in small segments.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;
use topicctl::admin::client::{Address, Client, ConnectOptions};
use topicctl::admin::{Admin, OffsetPoint};
use topicctl::model::TopicName;

use crate::binary::Project;
use crate::contract::wire::{self, Records};
use crate::dice::Dice;
use crate::records::{HOUR, now};
use crate::support::{Brokers, Kafka};

const CASES: u32 = 30;
const PARTITIONS: i32 = 3;

/// A cleaner that does not let a test wait.
const PROPERTIES: &[(&str, &str)] = &[
    ("log.retention.check.interval.ms", "1000"),
    ("log.initial.task.delay.ms", "1000"),
    ("log.segment.delete.delay.ms", "100"),
    ("log.cleaner.backoff.ms", "500"),
];

/// How long the cleaner may take on a busy machine.
const CLEANED_WITHIN: Duration = Duration::from_mins(2);

/// Which limits a case makes tighter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Tightens {
    Age,
    Size,
    Both,
    /// From `compact` to `compact,delete`, with a limit on age.
    Policy,
}

/// How old the records of a case are against the limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ages {
    Rising,
    Mixed,
    AllOld,
    NoneOld,
}

#[derive(Debug)]
struct Case {
    name: String,
    tightens: Tightens,
    ages: Ages,
    replication: u8,
    /// In hours; records are half an hour off the limit at least.
    limit_hours: i64,
    limit_bytes: i64,
    partitions: Vec<Vec<Records>>,
}

impl Case {
    fn new(number: u32, now: i64) -> Self {
        let mut dice =
            Dice(0x9e37_79b9_7f4a_7c15 ^ u64::from(number + 1).wrapping_mul(0x2545_f491_4f6c_dd1d));
        let tightens = [
            Tightens::Age,
            Tightens::Size,
            Tightens::Both,
            Tightens::Age,
            Tightens::Policy,
        ];
        let tightens = tightens[number as usize % 5];
        let ages = [
            Ages::Rising,
            Ages::Mixed,
            Ages::AllOld,
            Ages::NoneOld,
            Ages::Rising,
            Ages::Mixed,
            Ages::Rising,
        ];
        let ages = ages[number as usize % 7];
        let limit_hours = 10 + dice.number(20);
        let partitions = (0..PARTITIONS).map(|_| batches(&mut dice, tightens, ages, limit_hours, now));
        let partitions: Vec<_> = partitions.collect();
        Self {
            name: format!("predicted.{number:02}"),
            tightens,
            ages,
            replication: if dice.one_in(2) { 3 } else { 1 },
            limit_hours,
            limit_bytes: dice.number(60_000),
            partitions,
        }
    }

    /// As the file declares it before and after.
    fn declared(&self, tight: bool) -> String {
        let age = if tight && self.tightens != Tightens::Size {
            self.limit_hours * HOUR
        } else {
            -1
        };
        let by_size = matches!(self.tightens, Tightens::Size | Tightens::Both);
        let size = if tight && by_size { self.limit_bytes } else { -1 };
        let policy = match (self.tightens, tight) {
            (Tightens::Policy, false) => "compact",
            (Tightens::Policy, true) => "\"compact,delete\"",
            _ => "delete",
        };
        let age = if self.tightens == Tightens::Policy {
            self.limit_hours * HOUR
        } else {
            age
        };
        format!(
            "  - name: {}\n    partitions: {PARTITIONS}\n    replication: {}\n    cleanup: {policy}\n    config:\n      \
             retention.ms: {age}\n      retention.bytes: {size}\n      segment.ms: {HOUR}\n",
            self.name, self.replication
        )
    }
}

/// A batch rolls a new segment where it is an hour younger than the first of the segment.
fn batches(dice: &mut Dice, tightens: Tightens, ages: Ages, limit_hours: i64, now: i64) -> Vec<Records> {
    let mut hours: Vec<i64> = (0..dice.below(14))
        .map(|_| match ages {
            Ages::Rising | Ages::Mixed => dice.number(48),
            Ages::AllOld => limit_hours + dice.number(20),
            Ages::NoneOld => dice.number(u64::try_from(limit_hours).unwrap()),
        })
        .collect();
    if ages != Ages::Mixed {
        hours.sort_unstable_by(|a, b| b.cmp(a));
    }
    let batch = |hours: i64| {
        let timestamp = now - hours * HOUR - HOUR / 2;
        let count = u32::try_from(1 + dice.below(30)).unwrap();
        let records =
            Records::new(count, timestamp).of_bytes(usize::try_from(10 + dice.below(1_000)).unwrap());
        let records = if dice.one_in(3) {
            records.gzipped()
        } else {
            records
        };
        if tightens == Tightens::Policy {
            records.keyed()
        } else {
            records
        }
    };
    hours.into_iter().map(batch).collect()
}

fn file(cases: &[Case], tight: bool, witnesses: &str) -> String {
    let topics: Vec<String> = cases.iter().map(|case| case.declared(tight)).collect();
    format!("version: 1\ntopics:\n{}{witnesses}", topics.concat())
}

struct Cluster {
    client: Client,
    runtime: tokio::runtime::Runtime,
}

/// The first or the next offset of each partition of each topic.
type Offsets = BTreeMap<(TopicName, i32), i64>;

impl Cluster {
    fn of(kafka: &Kafka) -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        let options = ConnectOptions::new(Address::parse_list(kafka.bootstrap()).unwrap());
        let client = runtime.block_on(Client::connect(options)).unwrap();
        Self { client, runtime }
    }

    fn offsets(&self, topics: &[String], point: OffsetPoint) -> Offsets {
        let asked = topics
            .iter()
            .map(|topic| (TopicName::new(topic).unwrap(), (0..PARTITIONS).collect()));
        let answers = self
            .runtime
            .block_on(self.client.offsets(&asked.collect(), point))
            .unwrap();
        let known =
            |(key, answer): (_, Result<topicctl::admin::Offset, _>)| (key, answer.unwrap().offset.unwrap());
        answers.into_iter().map(known).collect()
    }

    /// `host:port` of the leader of each partition.
    fn leaders(&self, topics: &[String]) -> BTreeMap<(TopicName, i32), String> {
        let names: Vec<TopicName> = topics
            .iter()
            .map(|topic| TopicName::new(topic).unwrap())
            .collect();
        let (topics, cluster) = self.runtime.block_on(async {
            (
                self.client.topics(&names).await.unwrap(),
                self.client.cluster().await.unwrap(),
            )
        });
        let mut leaders = BTreeMap::new();
        for (name, topic) in topics {
            for partition in topic.unwrap().unwrap().partitions {
                let broker = &cluster.brokers[&partition.leader.unwrap()];
                leaders.insert(
                    (name.clone(), partition.index),
                    format!("{}:{}", broker.host, broker.port),
                );
            }
        }
        leaders
    }

    fn append(&self, topics: &[(String, Vec<Vec<Records>>)]) {
        let names: Vec<String> = topics.iter().map(|(name, _)| name.clone()).collect();
        let leaders = self.leaders(&names);
        for (name, partitions) in topics {
            let name = TopicName::new(name).unwrap();
            for (index, batches) in (0..).zip(partitions) {
                for records in batches {
                    wire::append(&leaders[&(name.clone(), index)], &name, index, records);
                }
            }
        }
    }
}

/// Topics, on every broker, with records that the cleaner takes once it is told to: one that is empty
/// again shows that it has been there. One for each of the two ways in which brokers clean.
fn witnesses() -> Vec<String> {
    let each = |round| [format!("witness.{round}.delete"), format!("witness.{round}.both")];
    (0..3).flat_map(each).collect()
}

fn witnesses_declared(tight: usize) -> String {
    let mut declared = String::new();
    for (index, name) in witnesses().iter().enumerate() {
        let policy = if name.ends_with("both") {
            "\"compact,delete\""
        } else {
            "delete"
        };
        let age = if index < tight { HOUR } else { -1 };
        let _ = write!(
            declared,
            "  - name: {name}\n    partitions: {PARTITIONS}\n    replication: 1\n    cleanup: {policy}\n    retention: {age}\n"
        );
    }
    declared
}

/// Three times in a row the cleaner is told to empty witnesses and seen to have done it: by then it went
/// over everything at least twice.
fn wait_for_the_cleaner(cluster: &Cluster, project: &Project, cases: &[Case]) {
    for round in 1..=3 {
        project.write(&file(cases, true, &witnesses_declared(2 * round)));
        project
            .run(&["apply", "--allow-data-loss", "witness.*"])
            .expect(0);
        let cleaned = &witnesses()[..2 * round];
        let deadline = Instant::now() + CLEANED_WITHIN;
        while cluster.offsets(cleaned, OffsetPoint::Earliest) != cluster.offsets(cleaned, OffsetPoint::Latest)
        {
            assert!(Instant::now() < deadline, "the cleaner does not come");
            thread::sleep(Duration::from_millis(200));
        }
    }
}

/// At least and at most, by partition; what is not listed loses nothing.
fn predicted(topic: &Value) -> BTreeMap<i64, (i64, i64)> {
    let partitions = topic["loss"]["partitions"].as_array().unwrap();
    let bounds = |partition: &Value| {
        let records = &partition["records"];
        let number = |name: &str| records[name].as_i64().unwrap();
        (
            partition["partition"].as_i64().unwrap(),
            (number("at_least"), number("at_most")),
        )
    };
    partitions.iter().map(bounds).collect()
}

#[test]
#[allow(clippy::print_stdout, reason = "the figures, for `--nocapture`")]
fn what_goes_lies_within_what_was_said() {
    let kafka = Kafka::dedicated(Brokers::Three, PROPERTIES);
    let cases: Vec<Case> = (0..CASES).map(|number| Case::new(number, now())).collect();
    let names: Vec<String> = cases.iter().map(|case| case.name.clone()).collect();
    let project = Project::new(&kafka, &file(&cases, false, &witnesses_declared(0)));
    project.run(&["apply"]).expect(0);
    let cluster = Cluster::of(&kafka);
    let filled = cases
        .iter()
        .map(|case| (case.name.clone(), case.partitions.clone()));
    cluster.append(&filled.collect::<Vec<_>>());
    let old = vec![vec![Records::new(3, now() - 5 * HOUR).keyed()]; 3];
    cluster.append(
        &witnesses()
            .into_iter()
            .map(|name| (name, old.clone()))
            .collect::<Vec<_>>(),
    );

    let before = cluster.offsets(&names, OffsetPoint::Earliest);
    let latest = cluster.offsets(&names, OffsetPoint::Latest);
    project.write(&file(&cases, true, &witnesses_declared(0)));
    let diff = project.run(&["diff", "--output", "json"]).expect(2);
    project
        .run(&["apply", "--allow-data-loss", "predicted.*"])
        .expect(0);
    wait_for_the_cleaner(&cluster, &project, &cases);
    let after = cluster.offsets(&names, OffsetPoint::Earliest);

    let plan: Value = serde_json::from_str(&diff.stdout).unwrap();
    let topics = plan["topics"].as_array().unwrap().iter();
    let topics: BTreeMap<&str, &Value> = topics
        .map(|topic| (topic["name"].as_str().unwrap(), topic))
        .collect();
    let (mut gone_in_all, mut widest) = (0, 0);
    for case in &cases {
        let topic = topics[case.name.as_str()];
        let said = predicted(topic);
        let name = TopicName::new(&case.name).unwrap();
        for index in 0..PARTITIONS {
            let key = (name.clone(), index);
            let gone = after[&key] - before[&key];
            let held = latest[&key] - before[&key];
            let (least, most) = said.get(&i64::from(index)).copied().unwrap_or((0, 0));
            println!(
                "{} {index}: {gone} of {held} went, said {least} to {most}",
                case.name
            );
            assert!(
                least <= gone && gone <= most,
                "{gone} of {held} went, said {least} to {most}: {case:#?}\n{topic:#}"
            );
            assert!(most <= held, "{case:#?}");
            if case.ages == Ages::AllOld && case.tightens == Tightens::Age {
                assert_eq!((least, gone), (held, held), "{case:#?}");
            }
            gone_in_all += gone;
            widest = widest.max(most - least);
        }
        if case.ages == Ages::NoneOld && case.tightens == Tightens::Age {
            assert_eq!(topic["risk"], "safe", "{topic:#}");
        }
    }
    println!(
        "{gone_in_all} records went in {CASES} cases; the widest bounds of a partition are {widest} apart"
    );
    assert!(gone_in_all > 1_000, "a test in which nothing goes says nothing");
}
