//! Every dialect with every command.

use std::fmt::Write as _;

use kafka_protocol::messages::ApiKey;

use super::rules::{Chains, Dialect};
use super::{Setting, services};
use crate::binary::Run;
use crate::support::Kafka;

/// With what people state of topics in production.
fn manifest(prefix: &str) -> String {
    format!(
        "version: 1\n\
         topics:\n\
         \x20 - {{name: {prefix}orders.v1, partitions: 3, replication: 1, retention: 3d, min_insync_replicas: 1}}\n\
         \x20 - {{name: {prefix}payments.v1, partitions: 1, replication: 1, retention: 7d, cleanup: delete}}\n\
         \x20 - {{name: {prefix}refunds.v1, partitions: 1}}\n"
    )
}

fn dialects() -> Vec<(&'static str, Dialect)> {
    let lacking = |request| Dialect::lacking(&[request]);
    vec![
        ("Apache Kafka", Dialect::default()),
        ("Redpanda", services::redpanda()),
        ("MSK Serverless", services::msk_serverless()),
        ("Confluent Cloud", services::confluent_cloud()),
        ("Event Hubs", services::event_hubs()),
        ("WarpStream", services::warpstream()),
        (
            "no IncrementalAlterConfigs",
            lacking(ApiKey::IncrementalAlterConfigs),
        ),
        ("no DescribeConfigs", lacking(ApiKey::DescribeConfigs)),
        ("no DescribeCluster", lacking(ApiKey::DescribeCluster)),
        ("no DescribeLogDirs", lacking(ApiKey::DescribeLogDirs)),
        (
            "no ListPartitionReassignments",
            lacking(ApiKey::ListPartitionReassignments),
        ),
        ("no ElectLeaders", lacking(ApiKey::ElectLeaders)),
        ("no DescribeQuorum", lacking(ApiKey::DescribeQuorum)),
        (
            "no topic ids",
            Dialect {
                at_most: vec![(ApiKey::Metadata, 9), (ApiKey::DeleteTopics, 5)],
                ..Dialect::default()
            },
        ),
        (
            "shows what equals the default as the default",
            Dialect {
                hides_equal: Some(Chains::Tell),
                ..Dialect::default()
            },
        ),
        (
            "lists overrides only",
            Dialect {
                lists_only_overrides: true,
                ..Dialect::default()
            },
        ),
    ]
}

/// The same topics, with other settings; one of them is to go.
fn changed_manifest(prefix: &str) -> String {
    format!(
        "version: 1\n\
         topics:\n\
         \x20 - {{name: {prefix}orders.v1, partitions: 4, replication: 1, retention: 5d, min_insync_replicas: 1}}\n\
         \x20 - {{name: {prefix}payments.v1, partitions: 1, replication: 1, retention: 7d, cleanup: delete, config: \
         {{max.message.bytes: 1048588}}}}\n\
         \x20 - {{name: {prefix}refunds.v1, state: absent}}\n"
    )
}

const APPLY: &[&str] = &[
    "apply",
    "-v",
    "--yes",
    "--skip-blocked",
    "--allow-data-loss",
    "dialect*",
];

#[test]
fn every_command_ends_well_in_every_dialect() {
    let kafka = Kafka::one();
    let mut table = String::new();
    for (number, (name, dialect)) in dialects().into_iter().enumerate() {
        let prefix = format!("dialect{number}.");
        let own = format!("{prefix}*");
        let setting = Setting::new(kafka, dialect, &manifest(&prefix));
        let mut row = Row::new(name);
        row.add(&setting.project.run_offline(&["validate"]), "validate");
        row.add(&setting.run_at_once(&["diff"]), "diff");
        row.add(&setting.run_at_once(APPLY), "apply");
        let second = setting.run_at_once(APPLY);
        second.expect_no_writes();
        row.add(&second, "apply");
        row.add(&setting.run_at_once(&["diff"]), "diff");
        row.add(&setting.run_at_once(&["describe", &own]), "describe");
        row.add(&setting.run_at_once(&["export", &own]), "export");
        row.add(&setting.run_at_once(&["monitor", "--once", &own]), "monitor");
        setting.project.write(&changed_manifest(&prefix));
        row.add(&setting.run_at_once(&["diff"]), "| diff");
        row.add(&setting.run_at_once(APPLY), "apply");
        let last = setting.run_at_once(APPLY);
        assert!(!writes(&last), "{name}: the second apply writes\n{last}");
        row.add(&last, "apply");
        row.add(&setting.run_at_once(&["diff"]), "diff");
        table.push_str(&row.text);
        table.push('\n');
    }
    insta::assert_snapshot!(table);
}

/// Whether anything was written. What is refused is validated each time.
fn writes(run: &Run) -> bool {
    ["✅", "❌", "❓"].iter().any(|mark| run.stdout.contains(mark))
}

/// The exit codes of one dialect.
struct Row {
    text: String,
}

impl Row {
    fn new(name: &'static str) -> Self {
        let text = format!("{name:<45}");
        Self { text }
    }

    fn add(&mut self, run: &Run, step: &str) {
        let code = run.code.map_or_else(|| "?".to_owned(), |code| code.to_string());
        let _ = write!(self.text, " {step} {code}");
    }
}
