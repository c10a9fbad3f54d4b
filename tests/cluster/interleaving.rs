//! Several at work on the same topics: two applies of one file, two of different files, an apply and an
//! operator who changes things by hand. What moved must be seen and judged again before it is written
//! over, but for the one request between reading and writing that Kafka leaves to everybody.
//!
//! Each kind runs a number of times with random delays. A seed that failed is in the message of the
//! failure, and `TOPICCTL_SEED` runs it again; `TOPICCTL_INTERLEAVINGS` says how many of each kind.

use std::env;
use std::fmt::Write as _;
use std::fs;
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use serde_json::Value;
use topicctl::admin::client::{Address, Client, ConnectOptions};
use topicctl::admin::{Admin, ConfigChange, ConfigsToAlter, NewPartitions, WriteMode};
use topicctl::model::{ConfigKey, PartitionCount, TopicName};

use crate::binary::{Project, Run};
use crate::contract::wire::Records;
use crate::records::{DAY, append, now};
use crate::support::{Kafka, TopicOnKafka};

/// In a normal run; enough for an overwritten change to show sooner or later, few enough to wait for.
const USUALLY: usize = 12;

/// What the file wants, in milliseconds: seven days, thirty days. The topics begin with five days. To set
/// seven where thirty are deletes records, and nobody here allows that.
const SEVEN: &str = "604800000";
const THIRTY: &str = "2592000000";

fn repetitions() -> usize {
    let asked = env::var("TOPICCTL_INTERLEAVINGS").ok();
    asked.map_or(USUALLY, |number| number.parse().expect("a number"))
}

/// Random delays from a seed (`SplitMix64`): the same seed gives the same ones.
struct Delays {
    seed: u64,
    state: u64,
}

impl Delays {
    /// A test that fails shows what it said before, and so the seed.
    #[expect(clippy::print_stderr, reason = "whoever looks into a failure needs the seed")]
    fn new(salt: u64) -> Self {
        let seed = env::var("TOPICCTL_SEED")
            .ok()
            .map(|seed| seed.parse().expect("a number"));
        let seed = seed.unwrap_or(20_261_126);
        eprintln!("TOPICCTL_SEED={seed}");
        let state = seed ^ salt;
        Self { seed, state }
    }

    fn below(&mut self, most: Duration) -> Duration {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^= mixed >> 31;
        let most = u64::try_from(most.as_micros()).unwrap_or(u64::MAX).max(1);
        Duration::from_micros(mixed % most)
    }
}

/// Three topics to an interleaving: one whose retention both sides change, one that both grow, one
/// that both create.
fn topics(prefix: &str, index: usize, retention: &str, partitions: u32) -> String {
    format!(
        "  - {{name: {prefix}{index}.config, partitions: 1, retention: {retention}}}\n  \
           - {{name: {prefix}{index}.grow, partitions: {partitions}}}\n  \
           - {{name: {prefix}{index}.new, partitions: 1, retention: {retention}}}\n"
    )
}

/// The topics that are there before, on the cluster.
fn begin(kafka: &Kafka, prefix: &str, interleavings: usize) {
    let mut file = "version: 1\ntopics:\n".to_owned();
    for index in 0..interleavings {
        let _ = write!(
            file,
            "  - {{name: {prefix}{index}.config, partitions: 1, retention: 5d}}\n  \
               - {{name: {prefix}{index}.grow, partitions: 1}}\n"
        );
    }
    Project::new(kafka, &file).run(&["apply"]).expect(0);
    for index in 0..interleavings {
        let topic = format!("{prefix}{index}.config");
        hold_old_records(kafka, &topic);
    }
}

/// What seven days of retention delete and thirty do not. Younger records in the same segment keep
/// the cleaner from deleting them under five days; they are near enough not to begin a segment of their own.
fn hold_old_records(kafka: &Kafka, topic: &str) {
    for days in [10, 4] {
        append(kafka, topic, 0, &Records::new(10, now() - days * DAY));
    }
}

fn project(kafka: &Kafka, topics: &str) -> Project {
    Project::new(kafka, &format!("version: 1\ntopics:\n{topics}"))
}

const APPLY: [&str; 2] = ["apply", "--yes"];

/// Where somebody else changes what was just written, no broker will ever show it, and to wait for that
/// takes long.
const APPLY_AGAINST_OTHERS: [&str; 6] = ["apply", "--yes", "--visible-timeout", "4s", "--record", RECORD];

const RECORD: &str = "record.jsonl";

/// How long an apply takes here and now, for delays that reach all of it.
fn usual_duration(kafka: &Kafka, prefix: &str) -> Duration {
    let project = project(kafka, &topics(&format!("{prefix}warm-up."), 0, "1d", 2));
    let started = Instant::now();
    project.run(&APPLY).expect(0);
    started.elapsed()
}

/// Runs both, the second a random moment after the first, or the other way round.
fn both([first, second]: [&Project; 2], arguments: &[&str], delays: &mut Delays, most: Duration) -> [Run; 2] {
    let waits = [delays.below(most), delays.below(most)];
    thread::scope(|scope| {
        let runs = [(first, waits[0]), (second, waits[1])].map(|(project, wait)| {
            scope.spawn(move || {
                thread::sleep(wait);
                project.run(arguments)
            })
        });
        runs.map(|run| run.join().unwrap())
    })
}

#[test]
fn two_applies_of_the_same_file_always_end_well() {
    let kafka = Kafka::one();
    let count = repetitions();
    begin(kafka, "same.", count);
    let usual = usual_duration(kafka, "same.");
    let mut delays = Delays::new(1);
    for index in 0..count {
        let project = project(kafka, &topics("same.", index, "7d", 3));
        for run in both([&project, &project], &APPLY, &mut delays, usual / 2) {
            assert!(
                run.code == Some(0),
                "seed {}, interleaving {index}:\n{run}",
                delays.seed
            );
        }
        project.run(&["diff"]).expect(0);
    }
}

/// When a run wrote to a topic for the last time, as its record has it: from when on it was on its way, and
/// when the answer was there.
#[derive(Debug, Clone, Copy)]
struct Write {
    sent: SystemTime,
    answered: SystemTime,
}

impl Write {
    /// `None`: the run never got to write to it.
    fn last(project: &Project, topic: &str) -> Option<Self> {
        let text = fs::read_to_string(project.path(RECORD)).ok()?;
        let lines: Vec<Value> = text
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        let is_sent = |line: &Value| {
            let changes = line["changes"].as_array().into_iter().flatten();
            line["event"] == "attempting" && changes.clone().any(|change| change["topic"] == topic)
        };
        let is_answered = |line: &&Value| line["event"] == "ended" && line["change"]["topic"] == topic;
        let sent = lines.iter().rposition(is_sent)?;
        let answered = lines[sent..].iter().find(is_answered)?;
        let time = |line: &Value| humantime::parse_rfc3339(line["time"].as_str().unwrap()).unwrap();
        Some(Self {
            sent: time(&lines[sent]),
            answered: time(answered),
        })
    }
}

/// How the topics of one kind of interleaving ended.
#[derive(Debug, Default, PartialEq, Eq)]
struct Ends {
    /// Everybody got through.
    smooth: usize,
    /// Somebody said that the topic moved, or is not as it was asked to be, and ended so.
    said: usize,
    /// A change was written over in the one request that is left.
    overwritten: usize,
    /// How long it had been acknowledged at most when it was written over; zero where both were on their
    /// way at the same time.
    stale_for: Duration,
}

/// A read that comes right after somebody else's write was acknowledged may still show what was before:
/// brokers learn of it with a delay. To miss what was there for longer would mean not to look.
const SEEN_WITHIN: Duration = Duration::from_secs(2);

impl Ends {
    /// The last word on a topic that one side wants for seven days and the other for thirty, neither
    /// allowing data loss: seven at the end, after thirty were acknowledged, were written over them unseen.
    fn count(
        &mut self,
        end: Option<&TopicOnKafka>,
        seven: Option<Write>,
        thirty: Option<SystemTime>,
        runs: &[&Run],
    ) {
        let retention = end.and_then(|topic| topic.overrides.get("retention.ms").map(String::as_str));
        match (retention, seven, thirty) {
            (Some(SEVEN), Some(seven), Some(thirty)) => {
                let stale = seven.sent.duration_since(thirty).unwrap_or_default();
                assert!(
                    stale < SEEN_WITHIN,
                    "written over unseen after {stale:?}:{}",
                    all(runs)
                );
                self.overwritten += 1;
                self.stale_for = self.stale_for.max(stale);
            }
            (Some(THIRTY), ..) if runs.iter().all(|run| run.code == Some(0)) => self.smooth += 1,
            (Some(SEVEN | THIRTY), ..) => self.said += 1,
            (other, ..) => panic!("retention.ms {other:?}:{}", all(runs)),
        }
    }

    /// Says the figures where somebody looks for them.
    #[expect(
        clippy::print_stderr,
        reason = "the figures of a test are for whoever runs it"
    )]
    fn tell(&self, kind: &str, seed: u64) {
        eprintln!("{kind}, seed {seed}: {self:?}");
    }
}

fn all(runs: &[&Run]) -> String {
    runs.iter()
        .fold(String::new(), |said, run| format!("{said}\n{run}"))
}

/// A run that did not get through says why in words that name the topic and what to do.
fn expect_honest(run: &Run, about: &str) {
    let honest = match run.code {
        Some(0) => true,
        Some(1) => {
            run.stdout.contains("run apply again")
                || run.stdout.contains("its new plan is blocked")
                || run.stdout.contains("did not show it")
        }
        Some(3) => run.stdout.contains("Nothing was changed."),
        _ => false,
    };
    assert!(honest, "{about}:\n{run}");
}

#[test]
fn two_applies_of_different_files_see_each_other() {
    let kafka = Kafka::one();
    let count = repetitions();
    begin(kafka, "differ.", count);
    let usual = usual_duration(kafka, "differ.");
    let mut delays = Delays::new(2);
    let mut all = Vec::new();
    for index in 0..count {
        let seven = project(kafka, &topics("differ.", index, "7d", 3));
        let thirty = project(kafka, &topics("differ.", index, "30d", 5));
        let runs = both([&seven, &thirty], &APPLY_AGAINST_OTHERS, &mut delays, usual / 2);
        for run in &runs {
            expect_honest(run, &format!("seed {}, interleaving {index}", delays.seed));
        }
        all.push((seven, thirty, runs));
    }
    let after = kafka.topics("differ.");
    let mut ends = Ends::default();
    for (index, (seven, thirty, runs)) in all.iter().enumerate() {
        let runs: Vec<&Run> = runs.iter().collect();
        let topic = format!("differ.{index}.config");
        let thirty = Write::last(thirty, &topic).map(|write| write.answered);
        ends.count(after.get(&topic), Write::last(seven, &topic), thirty, &runs);
        let grown = after
            .get(&format!("differ.{index}.grow"))
            .map(|topic| topic.partitions);
        assert!(
            matches!(grown, Some(3 | 5)),
            "interleaving {index}: {grown:?} partitions"
        );
    }
    ends.tell("two files", delays.seed);
}

/// What an operator does by hand, with the same protocol and nobody's permission.
struct Operator {
    runtime: tokio::runtime::Runtime,
    client: Client,
}

impl Operator {
    fn of(kafka: &Kafka) -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        let options = ConnectOptions::new(Address::parse_list(kafka.bootstrap()).unwrap());
        let client = runtime.block_on(Client::connect(options)).unwrap();
        Self { runtime, client }
    }

    fn keep_for_thirty_days(&self, topic: &str) {
        let name = TopicName::new(topic).unwrap();
        let set = ConfigChange::Set(THIRTY.into());
        let changes = [(ConfigKey::new("retention.ms").unwrap(), set)].into();
        let alter = [ConfigsToAlter { name, changes }];
        let answers = self
            .runtime
            .block_on(self.client.alter_configs(&alter, WriteMode::Write));
        answers.unwrap().into_values().for_each(|answer| answer.unwrap());
    }

    /// Where the apply was first there are three already, and five are possible all the same.
    fn grow(&self, topic: &str) {
        let name = TopicName::new(topic).unwrap();
        let total = PartitionCount::new(5).unwrap();
        let growth = [NewPartitions {
            name,
            total,
            replicas: Vec::new(),
        }];
        let answers = self
            .runtime
            .block_on(self.client.create_partitions(&growth, WriteMode::Write));
        answers.unwrap().into_values().for_each(|answer| answer.unwrap());
    }
}

#[test]
fn an_apply_sees_what_an_operator_does_by_hand() {
    let kafka = Kafka::one();
    let count = repetitions();
    begin(kafka, "by-hand.", count);
    let usual = usual_duration(kafka, "by-hand.");
    let operator = Operator::of(kafka);
    let mut delays = Delays::new(3);
    let mut all = Vec::new();
    for index in 0..count {
        let name = |what: &str| format!("by-hand.{index}.{what}");
        let lines = topics("by-hand.", index, "7d", 3);
        let existing: Vec<&str> = lines.lines().take(2).collect();
        let seven = project(kafka, &format!("{}\n", existing.join("\n")));
        let wait = delays.below(usual);
        let (run, acknowledged) = thread::scope(|scope| {
            let run = scope.spawn(|| seven.run(&APPLY_AGAINST_OTHERS));
            thread::sleep(wait);
            operator.keep_for_thirty_days(&name("config"));
            let acknowledged = SystemTime::now();
            operator.grow(&name("grow"));
            (run.join().unwrap(), acknowledged)
        });
        expect_honest(&run, &format!("seed {}, interleaving {index}", delays.seed));
        all.push((seven, acknowledged, run));
    }
    let after = kafka.topics("by-hand.");
    let mut ends = Ends::default();
    for (index, (seven, acknowledged, run)) in all.iter().enumerate() {
        let topic = format!("by-hand.{index}.config");
        ends.count(
            after.get(&topic),
            Write::last(seven, &topic),
            Some(*acknowledged),
            &[run],
        );
        let grown = after
            .get(&format!("by-hand.{index}.grow"))
            .map(|topic| topic.partitions);
        assert_eq!(grown, Some(5), "seed {}, interleaving {index}", delays.seed);
    }
    ends.tell("an operator", delays.seed);
}
