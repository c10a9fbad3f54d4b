//! Kafka's own command-line tools, as a witness that shares no code with topicctl.
//!
//! Each call starts a Java program, which takes about a second. What can be asked for many
//! topics at once is therefore asked once: see [`Kafka::topics`].

use std::collections::BTreeMap;
use std::io::Write as _;
use std::process::{Command, Output, Stdio};
use std::thread;

use super::kafka::Kafka;
use super::supervisor::{in_folder, script};

/// A topic as `kafka-topics` and `kafka-configs` show it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TopicOnKafka {
    /// Kafka's id of the topic; another one after it was deleted and created again.
    pub(crate) id: String,
    pub(crate) partitions: u32,
    pub(crate) replication: u32,
    /// The topic's own overrides; nothing that it inherits.
    pub(crate) overrides: BTreeMap<String, String>,
}

impl Kafka {
    /// Runs one of Kafka's tools by its short name (`topics` for `kafka-topics.sh`) on this
    /// cluster.
    pub(crate) fn tool(&self, name: &str, arguments: &[&str]) -> Output {
        Command::new(script())
            .arg("tool")
            .args(in_folder(self.folder()))
            .arg(name)
            .args(arguments)
            .output()
            .unwrap_or_else(|error| panic!("{}: {error}", script()))
    }

    /// Like [`Kafka::tool_output`], for a tool that reads this from its standard input.
    pub(crate) fn tool_fed(&self, name: &str, arguments: &[&str], input: &str) {
        let mut tool = Command::new(script());
        tool.arg("tool")
            .args(in_folder(self.folder()))
            .arg(name)
            .args(arguments);
        tool.stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut process = tool
            .spawn()
            .unwrap_or_else(|error| panic!("{}: {error}", script()));
        let fed = process
            .stdin
            .take()
            .map(|mut stdin| stdin.write_all(input.as_bytes()));
        assert!(matches!(fed, Some(Ok(()))), "kafka-{name}: {fed:?}");
        let output = process.wait_with_output();
        let output = output.unwrap_or_else(|error| panic!("kafka-{name}: {error}"));
        must_succeed(name, arguments, &output);
    }

    /// Like [`Kafka::tool`], for a call that must succeed: its standard output.
    pub(crate) fn tool_output(&self, name: &str, arguments: &[&str]) -> String {
        must_succeed(name, arguments, &self.tool(name, arguments))
    }

    /// Like [`Kafka::tool_output`], for a tool that lists all topics and then asks about each: again,
    /// as long as one of them (another test's) was deleted in between.
    fn tool_output_about_all_topics(&self, name: &str, arguments: &[&str]) -> String {
        for _ in 0..ATTEMPTS_WHILE_TOPICS_GO {
            let output = self.tool(name, arguments);
            let said = [&output.stdout[..], &output.stderr].concat();
            if !String::from_utf8_lossy(&said).contains("UnknownTopicOrPartitionException") {
                return must_succeed(name, arguments, &output);
            }
        }
        self.tool_output(name, arguments)
    }

    /// A broker's process stops where it is: its connections stay open, and nothing is answered any more. The
    /// others notice after some seconds that it no longer reports to the controller.
    pub(crate) fn freeze_broker(&self, id: u8) {
        self.signal_broker(id, "-STOP");
    }

    /// The process of a frozen broker goes on.
    pub(crate) fn thaw_broker(&self, id: u8) {
        self.signal_broker(id, "-CONT");
    }

    fn signal_broker(&self, id: u8, signal: &str) {
        let status = Command::new(script())
            .arg("status")
            .args(in_folder(self.folder()))
            .output()
            .unwrap_or_else(|error| panic!("{}: {error}", script()));
        let status = String::from_utf8_lossy(&status.stdout).into_owned();
        let line = status
            .lines()
            .find(|line| line.starts_with(&format!("broker {id} ")));
        let process = line
            .and_then(|line| line.split_once("process "))
            .map(|(_, process)| process.trim());
        let process = process.unwrap_or_else(|| panic!("no process of broker {id} in\n{status}"));
        let sent = Command::new("kill").args([signal, process]).status();
        assert!(sent.is_ok_and(|sent| sent.success()), "kill {signal} {process}");
    }

    /// All topics whose names begin with a prefix, by name, in two tool calls side by side.
    pub(crate) fn topics(&self, prefix: &str) -> BTreeMap<String, TopicOnKafka> {
        let (topics, configs) = thread::scope(|scope| {
            let configs = scope.spawn(|| {
                self.tool_output_about_all_topics("configs", &["--describe", "--entity-type", "topics"])
            });
            let topics = self.tool_output_about_all_topics("topics", &["--describe"]);
            (topics, configs.join())
        });
        let configs = configs.unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        let mut overrides = parse_overrides(&configs);
        topics
            .lines()
            .filter_map(parse_topic)
            .filter(|(name, _)| name.starts_with(prefix))
            .map(|(name, mut topic)| {
                topic.overrides = overrides.remove(&name).unwrap_or_default();
                (name, topic)
            })
            .collect()
    }

    /// Leaves everyone, on a cluster of one broker that was started with
    /// [`READ_ONLY_PROPERTIES`], with the rights to describe topics and their configs, and no
    /// way back. What a test needs on the cluster has to be there before.
    ///
    /// The brokers speak to each other as the same nameless principal, hence `ClusterAction`.
    pub(crate) fn restrict_to_reading(&self) {
        let add = ["--add", "--force", "--allow-principal", "User:*"];
        let reading = ["--operation", "Describe", "--operation", "DescribeConfigs"];
        let topics = [&add[..], &reading, &["--topic", "*"]].concat();
        self.tool_output("acls", &topics);
        // Last, since it takes away the right to add more.
        let cluster = [&add[..], &reading, &["--operation", "ClusterAction", "--cluster"]].concat();
        self.tool_output("acls", &cluster);
    }
}

const ATTEMPTS_WHILE_TOPICS_GO: usize = 10;

fn must_succeed(name: &str, arguments: &[&str], output: &Output) -> String {
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(
        output.status.success(),
        "kafka-{name} {arguments:?} failed:\n{said}{}",
        String::from_utf8_lossy(&output.stderr)
    );
    said
}

/// Broker settings for [`Kafka::restrict_to_reading`]: everything is allowed until the first
/// rule about a resource exists.
pub(crate) const READ_ONLY_PROPERTIES: &[(&str, &str)] = &[
    (
        "authorizer.class.name",
        "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
    ),
    ("allow.everyone.if.no.acl.found", "true"),
];

/// A line of `kafka-topics --describe` that heads a topic:
/// `Topic: a⇥TopicId: …⇥PartitionCount: 2⇥ReplicationFactor: 1⇥Configs: …`. Other lines are
/// about single partitions.
fn parse_topic(line: &str) -> Option<(String, TopicOnKafka)> {
    let fields: BTreeMap<&str, &str> = line
        .split('\t')
        .filter_map(|field| field.split_once(": "))
        .collect();
    let topic = TopicOnKafka {
        id: (*fields.get("TopicId")?).to_owned(),
        partitions: fields.get("PartitionCount")?.parse().ok()?,
        replication: fields.get("ReplicationFactor")?.parse().ok()?,
        overrides: BTreeMap::new(),
    };
    Some(((*fields.get("Topic")?).to_owned(), topic))
}

/// The output of `kafka-configs --describe --entity-type topics`: for each topic a line
/// `Dynamic configs for topic a are:`, then `  key=value sensitive=false synonyms={…}` lines.
fn parse_overrides(text: &str) -> BTreeMap<String, BTreeMap<String, String>> {
    let mut topics: BTreeMap<String, BTreeMap<String, String>> = BTreeMap::new();
    let mut topic = String::new();
    for line in text.lines() {
        let heading = line.strip_prefix("Dynamic configs for topic ");
        if let Some(name) = heading.and_then(|rest| rest.strip_suffix(" are:")) {
            name.clone_into(&mut topic);
        } else if let Some((key, value)) = parse_override(line) {
            topics.entry(topic.clone()).or_default().insert(key, value);
        }
    }
    topics
}

fn parse_override(line: &str) -> Option<(String, String)> {
    let (entry, _) = line.trim_start().split_once(" sensitive=")?;
    let (key, value) = entry.split_once('=')?;
    Some((key.to_owned(), value.to_owned()))
}
