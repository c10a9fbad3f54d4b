//! Every number of `describe`, held against Kafka's own tools on three brokers, in good times and with a broker
//! stopped. Times are those that the records were given.

use std::collections::{BTreeMap, BTreeSet};
use std::thread;
use std::time::{Duration, Instant};

use rdkafka::ClientConfig;
use rdkafka::consumer::{BaseConsumer, CommitMode, Consumer};
use rdkafka::producer::{BaseProducer, BaseRecord, Producer};
use rdkafka::topic_partition_list::{Offset, TopicPartitionList};
use serde_json::Value;
use topicctl::model::TopicName;

use crate::binary::{Project, SHOWN_WITHIN};
use crate::contract::wire::{self, Records};
use crate::records::{HOUR, append, now};
use crate::support::{Brokers, Kafka};

const MANIFEST: &str = "\
version: 1
defaults: { replication: 3, retention: forever }
topics:
  - { name: described.plain, partitions: 3 }
  - { name: described.compacted, partitions: 2, cleanup: compact }
  - { name: described.transactional, partitions: 2, min_insync_replicas: 3 }
  - { name: described.empty, partitions: 1 }
  - { name: described.moving, partitions: 1, replication: 1 }
";

const PATIENCE: Duration = Duration::from_mins(1);

#[test]
fn every_number_is_that_of_kafkas_own_tools() {
    let kafka = Kafka::dedicated(Brokers::Three, &[]);
    // On a broker that stays, so that the tools need not wait for the one that is stopped.
    let moving = [
        "--create",
        "--topic",
        "described.moving",
        "--replica-assignment",
        "1",
    ];
    kafka.tool_output("topics", &moving);
    let project = Project::new(&kafka, MANIFEST);
    project.run_until(0, &["apply", "--yes"]);
    let oldest = now() - 10 * HOUR;
    fill(&kafka, oldest);
    commit(&kafka);
    let _classic = at_work(&kafka, "described-classic", "classic");
    let _consumer = at_work(&kafka, "described-consumer", "consumer");
    move_slowly(&kafka);

    let seen = compare(&kafka, &project, "1,2,3");
    check_times(&seen, oldest);
    let moving = &seen["described.moving"]["reassignments"]["value"];
    let listed = kafka.tool_output("reassign-partitions", &["--list"]);
    assert_eq!(moving.as_array().unwrap().len(), 1, "{listed}");
    let said = format!("adding: {}.", ids(&moving[0]["adding"]));
    assert!(
        listed.contains("described.moving-0") && listed.contains(&said),
        "{said} {listed}"
    );

    kafka.stop_broker(3);
    let seen = compare(&kafka, &project, "1,2");
    let plain = &seen["described.plain"];
    assert_eq!(plain["metadata"]["value"]["under_replicated"], 3);
    let transactional = &seen["described.transactional"];
    assert_eq!(transactional["metadata"]["value"]["under_min_isr"], 2);
    let of_stopped = &plain["metadata"]["value"]["partitions"][0]["replica_bytes"];
    let of_stopped = of_stopped
        .as_array()
        .unwrap()
        .iter()
        .find(|replica| replica["broker"] == 3);
    assert_eq!(of_stopped.unwrap()["bytes"]["reason"], "broker 3 is not alive");
    check_filters(&kafka, &project);
}

/// Records of known times: two partitions of one topic differ, the third is empty.
fn fill(kafka: &Kafka, oldest: i64) {
    append(kafka, "described.plain", 0, &Records::new(100, oldest));
    append(
        kafka,
        "described.plain",
        0,
        &Records::new(50, oldest + HOUR).gzipped(),
    );
    append(
        kafka,
        "described.plain",
        1,
        &Records::new(10, oldest + 2 * HOUR).of_bytes(5_000),
    );
    for _ in 0..2 {
        append(kafka, "described.compacted", 1, &Records::new(20, oldest).keyed());
    }
    // More than a follower fetches at once, so that its throttle holds it up.
    let large = Records::new(100, oldest).of_bytes(5_000);
    for _ in 0..10 {
        append(kafka, "described.moving", 0, &large);
    }
    transact(kafka);
}

/// Three transactions, the second of which is aborted.
fn transact(kafka: &Kafka) {
    let producer: BaseProducer = ClientConfig::new()
        .set("bootstrap.servers", kafka.bootstrap())
        .set("transactional.id", "described")
        .create()
        .unwrap();
    producer.init_transactions(PATIENCE).unwrap();
    for round in 0..3 {
        producer.begin_transaction().unwrap();
        for _ in 0..5 {
            let record: BaseRecord<'_, str, str> = BaseRecord::to("described.transactional")
                .partition(0)
                .payload("x");
            producer.send(record).map_err(|(error, _)| error).unwrap();
        }
        producer.flush(PATIENCE).unwrap();
        if round == 1 {
            producer.abort_transaction(PATIENCE).unwrap();
        } else {
            producer.commit_transaction(PATIENCE).unwrap();
        }
    }
}

/// One group that has read everything and is gone, and one that is behind.
fn commit(kafka: &Kafka) {
    let plain = TopicName::new("described.plain").unwrap();
    for (group, partition, offset) in [
        ("described-idle", 0, 150),
        ("described-idle", 1, 10),
        ("described-lagging", 0, 20),
        ("described-lagging", 1, 3),
    ] {
        wire::commit(kafka.bootstrap(), group, &plain, partition, offset);
    }
}

/// A consumer that has partitions and has committed, by librdkafka; it goes on in a thread of its own.
fn at_work(kafka: &Kafka, group: &str, protocol: &str) -> AtWork {
    let consumer: BaseConsumer = ClientConfig::new()
        .set("bootstrap.servers", kafka.bootstrap())
        .set("group.id", group)
        .set("group.protocol", protocol)
        .set("enable.auto.commit", "false")
        .create()
        .unwrap();
    consumer.subscribe(&["described.plain"]).unwrap();
    let deadline = Instant::now() + PATIENCE;
    while consumer.assignment().unwrap().count() < 3 {
        assert!(Instant::now() < deadline, "{group} is assigned nothing");
        let _ = consumer.poll(Duration::from_millis(100));
    }
    let mut offsets = TopicPartitionList::new();
    offsets
        .add_partition_offset("described.plain", 0, Offset::Offset(10))
        .unwrap();
    consumer.commit(&offsets, CommitMode::Sync).unwrap();
    let (stop, stopped) = std::sync::mpsc::channel();
    let polling = thread::spawn(move || {
        while stopped.try_recv().is_err() {
            let _ = consumer.poll(Duration::from_millis(100));
        }
    });
    AtWork {
        stop,
        polling: Some(polling),
    }
}

struct AtWork {
    stop: std::sync::mpsc::Sender<()>,
    polling: Option<thread::JoinHandle<()>>,
}

impl Drop for AtWork {
    fn drop(&mut self) {
        let _ = self.stop.send(());
        if let Some(polling) = self.polling.take() {
            let _ = polling.join();
        }
    }
}

/// A replica on its way to another broker, at a thousand bytes a second.
fn move_slowly(kafka: &Kafka) {
    let folder = tempfile::TempDir::new().unwrap();
    let plan = folder.path().join("reassignment.json");
    let moved = r#"{"version":1,"partitions":[{"topic":"described.moving","partition":0,"replicas":[2]}]}"#;
    std::fs::write(&plan, moved).unwrap();
    let plan = plan.to_string_lossy().into_owned();
    kafka.tool_output(
        "reassign-partitions",
        &[
            "--reassignment-json-file",
            &plan,
            "--execute",
            "--throttle",
            "1000",
        ],
    );
}

/// Until both agree: brokers show what has just happened one after the other.
fn compare(kafka: &Kafka, project: &Project, brokers: &str) -> BTreeMap<String, Value> {
    let deadline = Instant::now() + SHOWN_WITHIN * 2;
    loop {
        let run = project
            .run(&["describe", "described.*", "--output", "json"])
            .expect(0);
        let document: Value = serde_json::from_str(&run.stdout).unwrap();
        let topics = document["topics"].as_array().unwrap().iter();
        let seen: BTreeMap<String, Value> = topics
            .map(|topic| (topic["name"].as_str().unwrap().to_owned(), topic.clone()))
            .collect();
        assert_eq!(seen.len(), 5, "{run}");
        let (ours, theirs) = (ours(&seen), theirs(kafka, brokers));
        if ours == theirs || Instant::now() > deadline {
            let only_ours: Vec<_> = ours.difference(&theirs).collect();
            let only_theirs: Vec<_> = theirs.difference(&ours).collect();
            assert!(
                only_ours.is_empty() && only_theirs.is_empty(),
                "only topicctl says: {only_ours:#?}\nonly Kafka's tools say: {only_theirs:#?}"
            );
            // Partitions, ends, replicas' sizes, committed offsets: none of them may be missing on both sides.
            for kind in [
                "state",
                "earliest",
                "latest",
                "last",
                "size",
                "committed",
                "group",
            ] {
                assert!(
                    ours.iter().any(|fact| fact.starts_with(kind)),
                    "no {kind} in {ours:#?}"
                );
            }
            return seen;
        }
    }
}

/// What topicctl says, a fact a line.
fn ours(seen: &BTreeMap<String, Value>) -> BTreeSet<String> {
    let mut facts = BTreeSet::new();
    for (name, topic) in seen {
        for partition in topic["metadata"]["value"]["partitions"].as_array().unwrap() {
            let of = format!("{name}-{}", partition["index"]);
            let leader = &partition["leader"];
            let (replicas, isr) = (ids(&partition["replicas"]), sorted(&ids(&partition["isr"])));
            facts.insert(format!("state {of}: {leader} of {replicas}, in sync {isr}"));
            for end in ["earliest", "latest"] {
                facts.insert(format!("{end} {of}: {}", partition[end]["value"]["offset"]));
            }
            let last = &partition["last_write"]["value"]["offset"];
            if !last.is_null() {
                facts.insert(format!("last {of}: {last}"));
            }
            for replica in partition["replica_bytes"].as_array().unwrap() {
                if replica["bytes"]["status"] == "read" {
                    let bytes = &replica["bytes"]["value"];
                    facts.insert(format!("size {of} on {}: {bytes}", replica["broker"]));
                }
            }
        }
        for group in topic["groups"].as_array().unwrap() {
            let group_name = group["name"].as_str().unwrap();
            let (state, members) = (group["state"].as_str().unwrap(), &group["members"]["value"]);
            facts.insert(format!("group {group_name}: {state}, {members}"));
            for at in group["partitions"].as_array().unwrap() {
                let (committed, lag) = (&at["committed"], &at["lag"]["value"]);
                let of = format!("{name}-{}", at["index"]);
                facts.insert(format!("committed {group_name} {of}: {committed}, lag {lag}"));
            }
        }
        assert_eq!(topic["unread_groups"].as_array().unwrap().len(), 0, "{topic}");
    }
    facts
}

/// The same from Kafka's own tools.
fn theirs(kafka: &Kafka, brokers: &str) -> BTreeSet<String> {
    let tool = |name, arguments: &[&str]| {
        let address = ["--bootstrap-server", kafka.bootstrap()];
        kafka.tool_output(name, &[&address, arguments].concat())
    };
    let offsets = |time| tool("get-offsets", &["--topic", "described\\..*", "--time", time]);
    let all_groups = ["--describe", "--all-groups"];
    let mut facts = BTreeSet::new();
    thread::scope(|scope| {
        let sizes = scope.spawn(|| {
            let all = "described.plain,described.compacted,described.transactional,described.empty,described.moving";
            tool("log-dirs", &["--describe", "--broker-list", brokers, "--topic-list", all])
        });
        let groups = scope.spawn(|| tool("consumer-groups", &all_groups));
        facts.extend(states(&tool(
            "topics",
            &["--describe", "--topic", "described\\..*"],
        )));
        facts.extend(ends("earliest", &offsets("earliest")));
        facts.extend(ends("latest", &offsets("latest")));
        facts.extend(ends("last", &offsets("max-timestamp")));
        facts.extend(group_states(&tool(
            "consumer-groups",
            &[&all_groups[..], &["--state"]].concat(),
        )));
        facts.extend(sizes_of(&sizes.join().unwrap()));
        facts.extend(committed(&groups.join().unwrap()));
    });
    facts
}

fn field<'a>(line: &'a str, name: &str) -> &'a str {
    let fields = line.split('\t').filter_map(|field| field.split_once(": "));
    let found = fields.into_iter().find(|(key, _)| key.trim() == name);
    found.map_or("", |(_, value)| value.trim())
}

/// `⇥Topic: a⇥Partition: 0⇥Leader: 1⇥Replicas: 1,2⇥Isr: 2,1…`
fn states(text: &str) -> Vec<String> {
    let partitions = text.lines().filter(|line| line.contains("\tPartition: "));
    let state = |line: &str| {
        let of = format!("{}-{}", field(line, "Topic"), field(line, "Partition"));
        let (leader, replicas) = (field(line, "Leader"), field(line, "Replicas"));
        format!(
            "state {of}: {leader} of {replicas}, in sync {}",
            sorted(field(line, "Isr"))
        )
    };
    partitions.map(state).collect()
}

/// `topic:partition:offset`; no offset where there is none.
fn ends(kind: &str, text: &str) -> Vec<String> {
    let end = |line: &str| {
        let mut parts = line.trim().rsplitn(3, ':');
        let (offset, partition, topic) = (parts.next()?, parts.next()?, parts.next()?);
        let is_there = offset.parse::<i64>().is_ok_and(|offset| offset >= 0);
        is_there.then(|| format!("{kind} {topic}-{partition}: {offset}"))
    };
    text.lines().filter_map(end).collect()
}

/// One line of JSON after two of words.
fn sizes_of(text: &str) -> Vec<String> {
    let json = text.lines().find(|line| line.starts_with('{')).unwrap();
    let document: Value = serde_json::from_str(json).unwrap();
    let mut sizes = Vec::new();
    for broker in document["brokers"].as_array().unwrap() {
        for folder in broker["logDirs"].as_array().unwrap() {
            for partition in folder["partitions"].as_array().unwrap() {
                let (of, bytes) = (partition["partition"].as_str().unwrap(), &partition["size"]);
                sizes.push(format!("size {of} on {}: {bytes}", broker["broker"]));
            }
        }
    }
    sizes
}

/// `GROUP TOPIC PARTITION CURRENT-OFFSET LOG-END-OFFSET LAG …`; partitions without an offset have a dash.
fn committed(text: &str) -> Vec<String> {
    let line = |line: &str| {
        let words: Vec<&str> = line.split_whitespace().collect();
        let [group, topic, partition, offset, _, lag, ..] = words[..] else {
            return None;
        };
        let is_there = topic.starts_with("described.") && offset.parse::<i64>().is_ok();
        is_there.then(|| format!("committed {group} {topic}-{partition}: {offset}, lag {lag}"))
    };
    text.lines().filter_map(line).collect()
}

/// `GROUP COORDINATOR (ID) ASSIGNMENT-STRATEGY STATE #MEMBERS`, the strategy empty where there is none.
fn group_states(text: &str) -> Vec<String> {
    let line = |line: &str| {
        let words: Vec<&str> = line.split_whitespace().collect();
        let (group, rest) = words.split_first()?;
        let [.., state, members] = rest else { return None };
        group
            .starts_with("described-")
            .then(|| format!("group {group}: {state}, {members}"))
    };
    text.lines().filter_map(line).collect()
}

fn ids(list: &Value) -> String {
    let ids = list.as_array().unwrap().iter().map(ToString::to_string);
    ids.collect::<Vec<_>>().join(",")
}

/// The tools show who is in sync in no particular order.
fn sorted(ids: &str) -> String {
    let mut ids: Vec<&str> = ids.split(',').map(str::trim).collect();
    ids.sort_unstable();
    ids.join(",")
}

/// What no tool shows: when records were written, and how far groups are behind them.
fn check_times(seen: &BTreeMap<String, Value>, oldest: i64) {
    let plain = &seen["described.plain"];
    let partitions = &plain["metadata"]["value"]["partitions"];
    let last = |index: usize| partitions[index]["last_write"]["value"]["timestamp_ms"].as_i64();
    assert_eq!(
        (last(0), last(1), last(2)),
        (Some(oldest + HOUR), Some(oldest + 2 * HOUR), None)
    );
    let figures = &plain["figures"];
    assert_eq!(figures["last_write_ms"], oldest + 2 * HOUR);
    assert_eq!(figures["records_at_most"], 160);
    assert_eq!(figures["skew_of_records"], 2.81);
    assert_eq!(figures["skew_of_leaders"], 1.0);
    let groups = plain["groups"].as_array().unwrap();
    let told: Vec<String> = groups
        .iter()
        .map(|group| {
            let behind = group["partitions"].as_array().unwrap().iter();
            let behind: Vec<String> = behind.map(|at| at["behind_ms"]["value"].to_string()).collect();
            let (name, kind) = (group["name"].as_str().unwrap(), group["kind"].as_str().unwrap());
            format!("{name} {kind} {} behind {}", group["lag"], behind.join(" "))
        })
        .collect();
    assert_eq!(
        told,
        [
            "described-classic classic 140 behind 3600000",
            "described-consumer consumer 140 behind 3600000",
            "described-idle classic 0 behind 0 0",
            "described-lagging classic 137 behind 3600000 0",
        ]
    );
    let compacted = &seen["described.compacted"]["figures"]["records_at_most"];
    assert_eq!(compacted, 40);
    // Fifteen records and three markers: at most, not exactly.
    assert_eq!(seen["described.transactional"]["figures"]["records_at_most"], 18);
}

/// With one broker of three stopped.
fn check_filters(kafka: &Kafka, project: &Project) {
    let names = |arguments: &[&str]| {
        let run = project
            .run(&[&["describe", "--output", "json"], arguments].concat())
            .expect(0);
        let document: Value = serde_json::from_str(&run.stdout).unwrap();
        let topics = document["topics"].as_array().unwrap().iter();
        let names = topics.map(|topic| topic["name"].as_str().unwrap().replace("described.", ""));
        names.collect::<Vec<_>>().join(" ")
    };
    assert_eq!(names(&["--under-min-isr"]), "transactional");
    assert_eq!(names(&["--lagging", "138"]), "plain");
    assert_eq!(names(&["--lagging", "141"]), "");
    assert_eq!(names(&["--empty"]), "empty");
    assert_eq!(names(&["--empty", "--lagging", "1"]), "");
    let drifted = || names(&["--drifted"]);
    assert!(!drifted().contains("compacted"), "{}", drifted());
    let alter = [
        "--alter",
        "--entity-type",
        "topics",
        "--entity-name",
        "described.compacted",
    ];
    kafka.tool_output(
        "configs",
        &[&alter[..], &["--add-config", "segment.ms=7000000"]].concat(),
    );
    let deadline = Instant::now() + SHOWN_WITHIN;
    while !drifted().contains("compacted") {
        assert!(Instant::now() < deadline, "{}", drifted());
    }
    assert_eq!(
        names(&["--sort", "records"]),
        "moving plain compacted transactional empty"
    );
    assert!(names(&["--sort", "partitions"]).starts_with("plain compacted transactional "));
}
