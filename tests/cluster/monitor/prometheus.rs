//! A real Prometheus that scrapes the real exporter and runs the real alerts.

use std::fs;
use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::time::Instant;

use rustix::process::Signal;
use serde_json::Value;
use tempfile::TempDir;

use super::serving::exporting;
use super::{PATIENCE, commit, get, write};
use crate::binary::Project;
use crate::process::send;
use crate::support::Kafka;

/// A running Prometheus. It ends with this value.
struct Prometheus {
    child: Child,
    address: String,
    folder: TempDir,
}

impl Prometheus {
    /// Scrapes the exporter every second, and runs the alerts as often.
    fn start(exporter: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let rules = concat!(env!("CARGO_MANIFEST_DIR"), "/monitoring/rules.yml");
        let config = format!(
            "global: {{ scrape_interval: 1s, evaluation_interval: 1s }}\n\
             rule_files: [{rules:?}]\n\
             scrape_configs:\n  - job_name: topicctl\n    static_configs: [{{ targets: [{exporter:?}] }}]\n"
        );
        let file = folder.path().join("prometheus.yml");
        fs::write(&file, config).unwrap();
        let address = {
            let free = TcpListener::bind("127.0.0.1:0").unwrap();
            free.local_addr().unwrap().to_string()
        };
        let child = Command::new("prometheus")
            .arg(format!("--config.file={}", file.display()))
            .arg(format!(
                "--storage.tsdb.path={}",
                folder.path().join("data").display()
            ))
            .arg(format!("--web.listen-address={address}"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(fs::File::create(folder.path().join("log")).unwrap())
            .spawn();
        let child = child.unwrap_or_else(|error| {
            panic!(
                "this test needs a real Prometheus ({error}):\n  \
                 Debian, Ubuntu   sudo apt-get install prometheus\n  \
                 Fedora, RHEL     sudo dnf install golang-github-prometheus\n  \
                 macOS            brew install prometheus"
            )
        });
        Self {
            child,
            address,
            folder,
        }
    }

    /// Asks its API until the answer is as wanted.
    fn asked(&mut self, path: &str, is_wanted: impl Fn(&Value) -> bool) -> Value {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let ended = self.child.try_wait().unwrap();
            let log = || fs::read_to_string(self.folder.path().join("log")).unwrap_or_default();
            assert!(ended.is_none(), "Prometheus ended:\n{}", log());
            let answer = std::net::TcpStream::connect(&self.address).map(|_| get(&self.address, path));
            let body = answer
                .as_deref()
                .ok()
                .and_then(|answer| answer.split_once("\r\n\r\n"));
            if let Some(body) = body.and_then(|(_, body)| json(body))
                && is_wanted(&body["data"])
            {
                return body["data"].clone();
            }
            assert!(Instant::now() < deadline, "{path}: {answer:?}\n{}", log());
        }
    }

    /// The value of a query that has one, once it is as wanted.
    fn query(&mut self, query: &str, wanted: &str) {
        let percent = |byte: u8| format!("%{byte:02X}");
        let encoded: String = query.bytes().map(percent).collect();
        let path = format!("/api/v1/query?query={encoded}");
        self.asked(&path, |data| data["result"][0]["value"][1] == wanted);
    }
}

/// The answer may come in chunks, each headed by its length.
fn json(body: &str) -> Option<Value> {
    let (first, last) = (body.find('{')?, body.rfind('}')?);
    serde_json::from_str(&body[first..=last]).ok()
}

impl Drop for Prometheus {
    fn drop(&mut self) {
        send(&self.child, Signal::TERM);
        let _ = self.child.wait();
    }
}

#[test]
fn prometheus_reads_the_metrics_and_runs_the_alerts() {
    let kafka = Kafka::three();
    let file = "version: 1\ntopics:\n  - {name: scraped.in-sync, partitions: 2, replication: 3}\n  - {name: scraped.drifted, partitions: 1, retention: 1d}\n";
    let project = Project::new(kafka, &file.replace("1d", "2d"));
    project.run(&["apply"]).expect(0);
    project.write(file);
    write(kafka, "scraped.in-sync", 0, 12);
    commit(kafka, "scraped.reader", "scraped.in-sync", &[(0, 5)]);
    let (running, address) = exporting(&project, &["--interval", "100ms"]);
    let mut prometheus = Prometheus::start(&address);

    prometheus.query("up{job=\"topicctl\"}", "1");
    prometheus.query("kafka_brokers", "3");
    prometheus.query(
        "kafka_topic_partition_current_offset{topic=\"scraped.in-sync\",partition=\"0\"}",
        "12",
    );
    prometheus.query(
        "kafka_consumergroup_lag_sum{consumergroup=\"scraped.reader\",topic=\"scraped.in-sync\"}",
        "7",
    );
    prometheus.query("topicctl_topic_in_sync{topic=\"scraped.in-sync\"}", "1");
    prometheus.query("topicctl_topic_in_sync{topic=\"scraped.drifted\"}", "0");
    prometheus.query("topicctl_topic_skew{topic=\"scraped.in-sync\"}", "2");
    prometheus.query(
        "ALERTS{alertname=\"TopicDrifted\",topic=\"scraped.drifted\",alertstate=\"pending\"}",
        "1",
    );
    let types = prometheus.asked("/api/v1/metadata", |data| data["topicctl_requests"].is_array());
    assert_eq!(types["topicctl_requests"][0]["type"], "counter");
    assert_eq!(types["kafka_consumergroup_lag_sum"][0]["type"], "gauge");
    let rules = prometheus.asked("/api/v1/rules", |data| {
        let rules = data["groups"][0]["rules"].as_array();
        rules.is_some_and(|rules| rules.iter().all(|rule| rule["health"] == "ok"))
    });
    assert_eq!(rules["groups"][0]["rules"].as_array().unwrap().len(), 11);
    running.signal(Signal::TERM);
    running.end().expect(0);
}
