//! The exporter, scraped as Prometheus does it.

use std::collections::BTreeMap;
use std::thread;
use std::time::Instant;

use rustix::process::Signal;

use super::{PATIENCE, get, value, write};
use crate::binary::{Project, SHOWN_WITHIN};
use crate::process::Running;
use crate::support::{Brokers, Kafka};

/// An exporter that serves; its address.
pub(super) fn exporting(project: &Project, arguments: &[&str]) -> (Running, String) {
    let listen = ["monitor", "--listen", "127.0.0.1:0"];
    let mut running = Running::start(project.command(&[&listen[..], arguments].concat()));
    let line = running.hear("metrics at http://");
    let address = line.trim().trim_start_matches("metrics at http://");
    let address = address.trim_end_matches("/metrics").to_owned();
    (running, address)
}

pub(super) fn topics(prefix: &str) -> String {
    let topic = |event: &str| {
        let short = event.to_lowercase();
        format!("  - {{ name: {prefix}.{short}.v1, event: TestGeneration{event} }}\n")
    };
    let topics = ["Started", "Completed", "Failed"].map(topic).concat();
    format!("version: 1\ndefaults: {{ partitions: 3, replication: 1 }}\ntopics:\n{topics}")
}

pub(super) const STARTED: &[&str] = &[
    "started",
    "--test-contract-name",
    "c",
    "--test-type",
    "unit",
    "--node-name",
    "n",
    "--output-directory",
    "o",
];

/// To be followed by the code.
pub(super) const FAILED: &[&str] = &["failed", "--error-message", "m", "--error-code"];

pub(super) fn publish(project: &Project, arguments: &[&str]) {
    project
        .run(&[&["events", "publish"], arguments].concat())
        .expect(0);
}

/// Scrapes until what is wanted is there.
fn scraped(address: &str, is_wanted: impl Fn(&str) -> bool) -> String {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let metrics = get(address, "/metrics");
        if is_wanted(&metrics) {
            return metrics;
        }
        assert!(Instant::now() < deadline, "it never comes:\n{metrics}");
    }
}

#[test]
fn metrics_are_those_of_the_cluster_and_failures_are_counted_by_code() {
    let kafka = Kafka::one();
    let project = Project::new(kafka, &topics("exported"));
    project.run(&["apply"]).expect(0);
    publish(&project, &[FAILED, &["BEFORE"]].concat());
    let (running, address) = exporting(&project, &["--interval", "1ms"]);
    // What was written before is no news.
    let before = scraped(&address, |metrics| {
        metrics.contains("topicctl_events_started_total 0\n")
    });
    assert!(before.contains("topicctl_events_failed_total 0\n"), "{before}");
    assert!(!before.contains("error_code"), "{before}");

    publish(&project, STARTED);
    publish(&project, &[FAILED, &["A\"B"]].concat());
    write(kafka, "exported.failed.v1", 0, 1);
    let metrics = scraped(&address, |metrics| {
        metrics.contains("topicctl_events_malformed_total 1\n")
            && metrics.contains("topicctl_events_started_total 1\n")
    });

    assert_eq!(
        value(
            &metrics,
            r#"topicctl_events_failed_by_code_total{error_code="A\"B"}"#
        ),
        Some(1.0),
        "{metrics}"
    );
    assert_eq!(value(&metrics, "kafka_brokers"), Some(1.0));
    assert_eq!(
        value(&metrics, r#"kafka_topic_partitions{topic="exported.failed.v1"}"#),
        Some(3.0)
    );
    assert_eq!(
        value(&metrics, r#"topicctl_topic_in_sync{topic="exported.failed.v1"}"#),
        Some(1.0)
    );
    let ends = (0..3).filter_map(|partition| {
        value(&metrics, &format!(r#"kafka_topic_partition_current_offset{{partition="{partition}",topic="exported.failed.v1"}}"#))
    });
    assert!((ends.sum::<f64>() - 3.0).abs() < 1e-9, "{metrics}");
    assert!(get(&address, "/healthz").ends_with(" s ago\n"));

    running.signal(Signal::TERM);
    running.end().expect(0);
}

/// The requests of each kind that an exporter has sent, by its own count.
fn requests(metrics: &str) -> BTreeMap<String, u64> {
    let lines = metrics
        .lines()
        .filter_map(|line| line.strip_prefix("topicctl_requests_total{request=\""));
    let count = |line: &str| {
        let (request, count) = line.split_once("\"} ")?;
        Some((request.to_owned(), count.parse().ok()?))
    };
    lines.filter_map(count).collect()
}

#[test]
fn many_scrapers_cost_the_cluster_what_one_does() {
    let kafka = Kafka::three();
    let project = Project::new(
        kafka,
        "version: 1\ntopics:\n  - {name: monitor.shared, partitions: 6}\n",
    );
    project.run(&["apply"]).expect(0);
    // Longer than the test, so that every scrape may share.
    let (running, address) = exporting(&project, &["--interval", "10m"]);
    let first = requests(&scraped(&address, |metrics| {
        metrics.contains("kafka_brokers 3\n")
    }));
    let scrapers: Vec<_> = (0..30)
        .map(|_| {
            let address = address.clone();
            thread::spawn(move || get(&address, "/metrics"))
        })
        .collect();
    for scraper in scrapers {
        let metrics = scraper.join().unwrap();
        assert!(metrics.contains("kafka_brokers 3\n"), "{metrics}");
        assert_eq!(requests(&metrics), first);
    }
    running.signal(Signal::INT);
    running.end().expect(0);
}

#[test]
fn brokers_that_go_and_come_back_leave_no_old_number() {
    let kafka = Kafka::dedicated(Brokers::One, &[]);
    let project = Project::new(
        &kafka,
        "version: 1\ntopics:\n  - {name: restarted, partitions: 2}\n  - {name: deleted, partitions: 1}\n",
    );
    project.run(&["apply"]).expect(0);
    let (running, address) = exporting(&project, &["--interval", "1ms"]);
    let alive = scraped(&address, |metrics| {
        metrics.contains(r#"kafka_topic_partitions{topic="deleted"} 1"#)
    });
    assert_eq!(
        value(&alive, r#"topicctl_sample_errors{part="metadata"}"#),
        Some(0.0)
    );

    kafka.stop_broker(1);
    let gone = get(&address, "/metrics");
    assert!(!gone.contains("kafka_"), "{gone}");
    assert_eq!(
        value(&gone, r#"topicctl_sample_errors{part="metadata"}"#),
        Some(1.0),
        "{gone}"
    );
    let age = |metrics: &str| value(metrics, "topicctl_sample_age_seconds").unwrap();
    let older = scraped(&address, |metrics| age(metrics) > age(&gone));
    assert!(!older.contains("kafka_"), "{older}");
    let health = get(&address, "/healthz");
    assert!(health.starts_with("HTTP/1.1 503 "), "{health}");

    kafka.start_broker(1);
    kafka.tool_output("topics", &["--delete", "--topic", "deleted"]);
    let deadline = Instant::now() + SHOWN_WITHIN + PATIENCE;
    loop {
        let back = get(&address, "/metrics");
        let is_there = back.contains(r#"kafka_topic_partitions{topic="restarted"} 2"#);
        if is_there && !back.contains(r#"kafka_topic_partitions{topic="deleted"}"#) {
            break;
        }
        assert!(Instant::now() < deadline, "{back}");
    }
    assert!(get(&address, "/healthz").starts_with("HTTP/1.1 200 OK\r\n"));
    running.signal(Signal::TERM);
    running.end().expect(0);
}
