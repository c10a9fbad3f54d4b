//! Every number against somebody else's.

use serde_json::Value;

use super::{commit, write};
use crate::binary::Project;
use crate::support::Kafka;

fn sample(project: &Project, arguments: &[&str]) -> Value {
    let once = ["monitor", "--once", "--interval", "100ms", "--output", "json"];
    let run = project.run(&[&once[..], arguments].concat()).expect(0);
    serde_json::from_str(&run.stdout).unwrap()
}

/// What Kafka's own tool says of a group: partition, committed offset, end and lag.
fn as_kafka_says(kafka: &Kafka, group: &str) -> Vec<[i64; 4]> {
    let told = kafka.tool_output("consumer-groups", &["--describe", "--group", group]);
    let lines = told.lines().filter(|line| line.starts_with(group));
    let numbers = lines.map(|line| {
        let words: Vec<&str> = line.split_whitespace().collect();
        [2, 3, 4, 5].map(|column| words[column].parse().unwrap_or(-1))
    });
    let mut numbers: Vec<[i64; 4]> = numbers.collect();
    numbers.sort_unstable();
    numbers
}

#[test]
fn offsets_and_lag_are_those_of_kafkas_own_tools() {
    let kafka = Kafka::three();
    let file = "version: 1\ntopics:\n  - {name: monitor.numbers, partitions: 3, replication: 3}\n  - {name: monitor.missing}\n";
    let project = Project::new(kafka, file);
    project.run(&["apply", "monitor.numbers"]).expect(0);
    for (partition, records) in [(0, 30), (1, 10), (2, 2)] {
        write(kafka, "monitor.numbers", partition, records);
    }
    commit(kafka, "monitor.lagging", "monitor.numbers", &[(0, 12), (1, 10)]);
    commit(
        kafka,
        "monitor.ahead",
        "monitor.numbers",
        &[(0, 30), (1, 10), (2, 2)],
    );

    let sample = sample(&project, &[]);

    let topic = &sample["topics"][0];
    assert_eq!(topic["name"], "monitor.numbers");
    assert_eq!(topic["id"], kafka.topics("monitor.numbers")["monitor.numbers"].id);
    assert_eq!(topic["status"], "in_sync");
    assert_eq!((&topic["lag"], &topic["records"]), (&18.into(), &42.into()));
    let skew = topic["skew"].as_f64().unwrap();
    assert!((skew - 30.0 * 3.0 / 42.0).abs() < 1e-9, "{skew}");
    assert_eq!(topic["rate_in"], 0.0);
    assert!(topic["bytes"].as_i64().unwrap() > 0, "{topic}");
    for group in ["monitor.lagging", "monitor.ahead"] {
        let ours = topic["groups"].as_array().unwrap();
        let ours = ours.iter().find(|ours| ours["name"] == group).unwrap();
        let told = as_kafka_says(kafka, group);
        let lag: i64 = told.iter().map(|[.., lag]| lag).sum();
        assert_eq!(ours["lag"], lag, "{group}: {told:?}");
        let committed = ours["committed"].as_array().unwrap().iter();
        let committed: Vec<[i64; 2]> = committed
            .map(|of| ["partition", "offset"].map(|key| of[key].as_i64().unwrap()))
            .collect();
        let told: Vec<[i64; 2]> = told
            .iter()
            .map(|[partition, offset, ..]| [*partition, *offset])
            .collect();
        assert_eq!(committed, told, "{group}");
    }
    let latest = topic["partitions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|of| of["latest"].as_i64().unwrap());
    assert_eq!(latest.collect::<Vec<_>>(), [30, 10, 2]);
    assert_eq!(sample["unseen"][0]["name"], "monitor.missing");
    assert_eq!(sample["unseen"][0]["status"], "create");
    assert_eq!(sample["brokers"], 3);
    assert_eq!(
        sample["troubles"].as_array().unwrap().len(),
        0,
        "{}",
        sample["troubles"]
    );
}

#[test]
fn without_a_file_all_topics_but_internal_ones_are_watched() {
    let kafka = Kafka::one();
    let project = Project::new(
        kafka,
        "version: 1\ntopics:\n  - {name: monitor.found, partitions: 1}\n",
    );
    project.run(&["apply"]).expect(0);
    commit(kafka, "monitor.finder", "monitor.found", &[(0, 0)]);
    std::fs::remove_file(project.path("topics.yaml")).unwrap();

    let names = |sample: &Value| {
        let topics = sample["topics"].as_array().unwrap().iter();
        topics
            .map(|topic| topic["name"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    let all = names(&sample(&project, &[]));
    assert!(all.iter().any(|name| name == "monitor.found"), "{all:?}");
    assert!(!all.iter().any(|name| name == "__consumer_offsets"), "{all:?}");
    let some = names(&sample(&project, &["monitor.fou?d", "__consumer_offsets"]));
    assert_eq!(some, ["__consumer_offsets", "monitor.found"]);
    let run = project.run(&["monitor", "--once", "monitor.nothing*"]).expect(1);
    assert_eq!(
        run.stderr,
        "error: neither the file nor the cluster has a topic named monitor.nothing*\n"
    );
}

/// Two looks, whatever the number of topics: what a monitor costs the cluster. Of three runs the cheapest counts: a
/// leader that was elected a moment ago refuses `ListOffsets`, and is asked again.
#[test]
fn a_look_costs_a_handful_of_requests_and_no_write() {
    let kafka = Kafka::three();
    let topic = |number: usize| format!("  - {{name: monitor.cost.{number:02}, partitions: 3}}\n");
    let topics: String = (0..40).map(topic).collect();
    let project = Project::new(kafka, &format!("version: 1\ntopics:\n{topics}"));
    project.run(&["apply"]).expect(0);
    commit(kafka, "monitor.payer", "monitor.cost.00", &[(0, 0)]);
    let looks = ["monitor", "--once", "--interval", "100ms", "-v"];
    let runs = (0..3).map(|_| project.run(&looks).expect(0));
    let run = runs
        .min_by_key(|run| run.requests().values().sum::<u64>())
        .unwrap();
    run.expect_no_writes();
    let requests = run.requests();
    let of = |request: &str| requests.get(request).copied().unwrap_or(0);
    assert!(of("ListOffsets") <= 2 * 2 * 3, "{requests:?}");
    assert!(
        of("ListGroups") <= 2 * 3 && of("OffsetFetch") <= 2 * 3,
        "{requests:?}"
    );
    assert!(
        of("DescribeLogDirs") <= 3 && of("DescribeConfigs") <= 6,
        "{requests:?}"
    );
    assert!(of("Metadata") <= 12, "{requests:?}");
}

#[test]
fn a_stream_is_one_line_of_json_for_each_look() {
    let kafka = Kafka::one();
    let project = Project::new(
        kafka,
        "version: 1\ntopics:\n  - {name: monitor.stream, partitions: 1}\n",
    );
    project.run(&["apply"]).expect(0);
    let mut command = project.command(&["monitor", "--output", "json", "--interval", "50ms"]);
    let mut running = crate::process::Running::start({
        command.arg("-q");
        command
    });
    let first: Value = serde_json::from_str(&running.hear("topicctl/sample")).unwrap();
    assert_eq!(first["topics"][0]["rate_in"], Value::Null);
    write(kafka, "monitor.stream", 0, 20);
    let written =
        std::iter::repeat_with(|| serde_json::from_str::<Value>(&running.hear("topicctl/sample")).unwrap());
    let written: Vec<Value> = written
        .take_while(|line| line["topics"][0]["records"] != 20)
        .take(2_000)
        .collect();
    assert!(written.len() < 2_000, "the records are never seen");
    running.signal(rustix::process::Signal::INT);
    running.end().expect(0);
}
