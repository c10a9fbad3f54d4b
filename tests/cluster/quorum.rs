//! Without a controller brokers go on showing what they last heard. Nothing may take that for the state of the cluster.

use std::time::{Duration, Instant};

use serde_json::Value;

use crate::binary::{Project, Run, WRITES};
use crate::records::{fill, now};
use crate::support::{Brokers, Kafka};

const FILE: &str =
    "version: 1\ntopics:\n  - {name: quorum.topic, partitions: 3, replication: 3, retention: 7d}\n";

/// What a run may take without a controller: it is waited for once, and not for the request timeout of 30 s and
/// more.
const AT_ONCE: Duration = Duration::from_secs(25);

/// For what brokers that have just stopped or come back are taken for.
const NOTICED_WITHIN: Duration = Duration::from_mins(1);

const NO_CONTROLLER: &str = "the cluster has no controller, and what its brokers show may be out of date; nothing was \
                             read or changed";

fn json(run: &Run) -> Value {
    serde_json::from_str(&run.stdout).unwrap_or_else(|error| panic!("{error}: {run}"))
}

/// Everything that reads or writes says so at once, and believes nothing.
fn check(project: &Project, why_down: &str) {
    let refused = |arguments: &[&str]| {
        let began = Instant::now();
        let run = project.run(arguments).expect(1);
        assert!(began.elapsed() < AT_ONCE, "{:?}\n{run}", began.elapsed());
        assert_eq!(run.stdout, "", "{run}");
        assert!(run.stderr.contains(NO_CONTROLLER), "{run}");
        for broker in [2, 3] {
            let down = format!("\n  broker {broker} is down: 127.0.0.1:");
            assert!(run.stderr.contains(&down), "{run}");
        }
        assert!(run.stderr.contains(why_down), "{run}");
        assert!(!run.stderr.contains("advertised.listeners"), "{run}");
        for write in WRITES {
            assert!(!run.stderr.contains(&format!("{write} sent")), "{run}");
        }
    };
    refused(&["diff", "-v"]);
    refused(&["export", "-v"]);
    refused(&["apply", "--yes", "-v"]);
}

fn check_described(project: &Project) {
    let text = project.run(&["describe"]).expect(1);
    for line in [
        "! the cluster has no controller; what follows is what brokers last heard: ",
        "! broker 2 is down: ",
    ] {
        assert_eq!(text.stdout.matches(line).count(), 1, "{text}");
    }
    let run = project
        .run(&["describe", "quorum.topic", "--output", "json"])
        .expect(1);
    let document = json(&run);
    assert!(document["cluster"]["no_controller"].is_string(), "{run}");
    assert_eq!(
        document["cluster"]["down_brokers"].as_array().unwrap().len(),
        2,
        "{run}"
    );
    let metadata = &document["topics"][0]["metadata"]["value"];
    let partitions = metadata["partitions"].as_array().unwrap();
    let in_sync = |partition: &Value| partition["isr"].as_array().unwrap().len();
    assert!(
        // None, where the ISR had shrunk to a broker that is gone by now.
        partitions.iter().all(|partition| in_sync(partition) <= 1),
        "{run}"
    );
    let led = partitions
        .iter()
        .filter(|partition| partition["leader"] == 1)
        .count();
    let leaderless = partitions
        .iter()
        .filter(|partition| partition["leader"].is_null())
        .count();
    assert_eq!((led, leaderless), (1, 2), "{run}");
    let filtered = project.run(&["describe", "--offline"]).expect(1);
    assert!(filtered.stdout.contains("quorum.topic"), "{filtered}");

    let run = project
        .run(&["monitor", "--once", "--output", "json", "--interval", "1s"])
        .expect(1);
    let seen = json(&run);
    let troubles = seen["troubles"].as_array().unwrap();
    let told = troubles.iter().filter(|trouble| trouble["part"] == "metadata");
    let told: Vec<&str> = told.map(|trouble| trouble["reason"].as_str().unwrap()).collect();
    assert!(
        told.iter()
            .any(|why| why.starts_with("the cluster has no controller")),
        "{run}"
    );
}

/// Repeats `diff` until it ends with this code.
fn wait_for(project: &Project, code: i32) -> Run {
    let deadline = Instant::now() + NOTICED_WITHIN;
    loop {
        let run = project.run(&["diff"]);
        if run.code == Some(code) || Instant::now() > deadline {
            return run.expect(code);
        }
    }
}

#[test]
fn without_a_controller_nothing_is_believed_and_nothing_begins() {
    let kafka = Kafka::dedicated(Brokers::Three, &[]);
    let bootstrap = kafka.bootstrap().split(',').next().unwrap();
    let project = Project::at(bootstrap, FILE);
    project.run(&["apply"]).expect(0);
    fill(&kafka, "quorum.topic");
    project.write(&FILE.replace("7d", "8d"));
    project.run(&["diff"]).expect(2);

    for broker in [2, 3] {
        kafka.freeze_broker(broker);
    }
    wait_for(&project, 1);
    let hung = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        check(&project, "does not answer");
    }));
    for broker in [2, 3] {
        kafka.thaw_broker(broker);
    }
    hung.unwrap_or_else(|panic| std::panic::resume_unwind(panic));
    wait_for(&project, 2);

    for broker in [2, 3] {
        kafka.kill_broker(broker);
    }
    wait_for(&project, 1);
    check(&project, "refused");
    check_described(&project);

    kafka.start_broker(2);
    let pending = wait_for(&project, 2);
    assert!(!pending.stdout.contains("has no controller"), "{pending}");
}

/// Of itself it says the current time, whenever it fetched: what this machine's clock is held against.
#[test]
fn the_leading_controller_says_what_time_it_has() {
    let kafka = Kafka::three();
    let before = now();
    let listed = kafka.tool_output("metadata-quorum", &["describe", "--replication"]);
    let leader = listed.lines().find(|line| line.contains("Leader")).unwrap();
    let numbers = leader
        .split_whitespace()
        .filter_map(|word| word.parse::<i64>().ok());
    let times: Vec<i64> = numbers.filter(|number| *number > 1_000_000_000_000).collect();
    assert_eq!(times.len(), 2, "{listed}");
    assert!(
        times.iter().all(|time| (before..=now()).contains(time)),
        "{before}\n{listed}"
    );
}
