//! Remote storage switched off with what it holds: said before, refused without permission, and gone after.

use std::collections::BTreeMap;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;
use topicctl::admin::client::{Address, Client, ConnectOptions};
use topicctl::admin::{Admin, OffsetPoint};
use topicctl::model::TopicName;

use crate::binary::Project;
use crate::contract::wire::Records;
use crate::records::{HOUR, append, now};
use crate::support::Kafka;

/// Tasks that do not let a test wait.
const PROPERTIES: &[(&str, &str)] = &[
    ("log.retention.check.interval.ms", "1000"),
    ("log.initial.task.delay.ms", "1000"),
    ("log.segment.delete.delay.ms", "100"),
    ("remote.log.manager.task.interval.ms", "500"),
];

const TOPIC: &str = "tiered";

/// Copying and deleting, on a busy machine.
const MOVED_WITHIN: Duration = Duration::from_mins(2);

fn file(remote: bool) -> String {
    let remote = if remote {
        "remote.storage.enable: true, "
    } else {
        "remote.storage.enable: false, remote.log.delete.on.disable: true, "
    };
    format!(
        "version: 1\ntopics:\n  - name: {TOPIC}\n    partitions: 1\n    replication: 1\n    retention: forever\n    \
         config: {{{remote}local.retention.ms: {HOUR}, segment.ms: {HOUR}}}\n"
    )
}

fn offset(kafka: &Kafka, point: OffsetPoint) -> i64 {
    let name = TopicName::new(TOPIC).unwrap();
    let asked = BTreeMap::from([(name.clone(), vec![0])]);
    let options = ConnectOptions::new(Address::parse_list(kafka.bootstrap()).unwrap());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let answers = runtime.unwrap().block_on(async {
        let client = Client::connect(options).await.unwrap();
        client.offsets(&asked, point).await.unwrap()
    });
    answers[&(name, 0)].as_ref().unwrap().offset.unwrap_or(0)
}

fn wait_until(what: &str, mut holds: impl FnMut() -> bool) {
    let deadline = Instant::now() + MOVED_WITHIN;
    while !holds() {
        assert!(Instant::now() < deadline, "{what}: not within {MOVED_WITHIN:?}");
        thread::sleep(Duration::from_millis(200));
    }
}

#[test]
fn what_remote_storage_alone_holds_goes_only_with_permission_and_as_said() {
    const BATCHES: u32 = 12;
    const EACH: u32 = 10;
    let kafka = Kafka::with_remote_storage(PROPERTIES);
    let project = Project::new(&kafka, &file(true));
    project.run(&["apply"]).expect(0);
    for age in (0..BATCHES).rev() {
        let timestamp = now() - i64::from(age) * 2 * HOUR;
        append(&kafka, TOPIC, 0, &Records::new(EACH, timestamp));
    }
    // The last batch is in the segment that is being written, which stays on the broker.
    let all_but_the_last = i64::from((BATCHES - 1) * EACH);
    wait_until("only the last segment is held locally", || {
        offset(&kafka, OffsetPoint::EarliestLocal) == all_but_the_last
    });
    project.run(&["diff"]).expect(0);

    project.write(&file(false));
    let diff = project.run(&["diff", "--output", "json"]).expect(2);
    let plan: Value = serde_json::from_str(&diff.stdout).unwrap();
    let topic = &plan["topics"][0];
    assert_eq!(topic["risk"], "lossy", "{plan:#}");
    assert_eq!(topic["loss"]["records"]["at_most"], all_but_the_last, "{plan:#}");
    let before = kafka.topics(TOPIC);
    for flags in [&["apply"][..], &["apply", "--yes"]] {
        let run = project.run(flags).expect(3);
        assert!(run.stdout.contains("Nothing was changed."), "{run}");
    }
    assert_eq!(kafka.topics(TOPIC), before);
    assert_eq!(offset(&kafka, OffsetPoint::Earliest), 0);

    project.run(&["apply", "--allow-data-loss", TOPIC]).expect(0);
    wait_until("what was remote is gone", || {
        offset(&kafka, OffsetPoint::Earliest) == all_but_the_last
    });
    project.run(&["diff"]).expect(0);
}
