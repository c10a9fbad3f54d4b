//! The same from Kafka's own tools, and by counting what they say.

use std::collections::BTreeSet;
use std::thread;

use serde_json::Value;

use super::{sorted, sums};
use crate::support::Kafka;

/// A fact a line, as topicctl's are.
pub(super) fn facts(kafka: &Kafka, brokers: &str) -> BTreeSet<String> {
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
        let configs_told =
            scope.spawn(|| tool("configs", &["--describe", "--all", "--entity-type", "topics"]));
        let brokers_told = scope.spawn(|| tool("broker-api-versions", &[]));
        let topics = |more: &[&str]| {
            let of_ours = ["--describe", "--topic", "described\\..*"];
            tool("topics", &[&of_ours, more].concat())
        };
        let all = topics(&[]);
        facts.extend(states(&all));
        facts.extend(topic_ids(&all));
        let lacking = [
            ("under_replicated", "--under-replicated-partitions"),
            ("under_min_isr", "--under-min-isr-partitions"),
        ];
        for (condition, flag) in lacking {
            facts.extend(partitions(&topics(&[flag])).map(|of| format!("{condition} {of}")));
        }
        facts.extend(moves(&tool("reassign-partitions", &["--list"])));
        facts.extend(ends("earliest", &offsets("earliest")));
        facts.extend(ends("latest", &offsets("latest")));
        facts.extend(ends("last", &offsets("max-timestamp")));
        facts.extend(group_states(&tool(
            "consumer-groups",
            &[&all_groups[..], &["--state"]].concat(),
        )));
        facts.extend(sizes_of(&sizes.join().unwrap()));
        let groups = groups.join().unwrap();
        facts.extend(committed(&groups));
        facts.extend(members(&groups));
        facts.extend(configs(&configs_told.join().unwrap()));
        facts.extend(brokers_of(&brokers_told.join().unwrap()));
    });
    facts.extend(sums::of(&facts, brokers.split(',').count()));
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

/// The same lines, of which partitions they are.
fn partitions(text: &str) -> impl Iterator<Item = String> {
    let partitions = text.lines().filter(|line| line.contains("\tPartition: "));
    partitions.map(|line| format!("{}-{}", field(line, "Topic"), field(line, "Partition")))
}

/// `Topic: a⇥TopicId: b⇥…`
fn topic_ids(text: &str) -> Vec<String> {
    let topics = text.lines().filter(|line| line.contains("\tTopicId: "));
    let id = |line: &str| format!("id {}: {}", field(line, "Topic"), field(line, "TopicId"));
    topics.map(id).collect()
}

/// `127.0.0.1:9092 (id: 1 rack: a …) -> (`
fn brokers_of(text: &str) -> Vec<String> {
    let broker = |line: &str| {
        let (address, rest) = line.split_once(" (id: ")?;
        let (id, rest) = rest.split_once(" rack: ")?;
        let rack = rest.split([' ', ')']).next()?;
        Some(format!("broker {id}: {address} in {rack}"))
    };
    text.lines().filter_map(broker).collect()
}

/// `topic-partition: replicas: 2,1. adding: 2. removing: 1.`
fn moves(text: &str) -> Vec<String> {
    let moves = text.lines().filter(|line| line.contains(": replicas: "));
    moves.map(|line| format!("moving {}", line.trim())).collect()
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
        let of = format!("{group} {topic}-{partition}");
        topic.starts_with("described.").then(|| match offset {
            "-" => format!("uncommitted {of}"),
            offset => format!("committed {of}: {offset}, lag {lag}"),
        })
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

/// `… LAG CONSUMER-ID HOST CLIENT-ID`; dashes where nobody has the partition.
fn members(text: &str) -> Vec<String> {
    let line = |line: &str| {
        let words: Vec<&str> = line.split_whitespace().collect();
        let [group, topic, partition, _, _, _, member, host, client] = words[..] else {
            return None;
        };
        let is_there = topic.starts_with("described.") && member != "-";
        let host = host.trim_start_matches('/');
        is_there.then(|| format!("member {group} {topic}-{partition}: {member} {host} {client}"))
    };
    text.lines().filter_map(line).collect()
}

/// `All configs for topic a are:`, then `  key=value sensitive=false synonyms={SOURCE:key=value, …}`.
fn configs(text: &str) -> Vec<String> {
    let (mut facts, mut topic) = (Vec::new(), "");
    for line in text.lines() {
        let heading = line.strip_prefix("All configs for topic ");
        if let Some(name) = heading.and_then(|rest| rest.strip_suffix(" are:")) {
            topic = name;
        } else if let Some((config, rest)) = line.trim_start().split_once(" sensitive=")
            && topic.starts_with("described.")
        {
            let (_, synonyms) = rest.split_once("synonyms=").unwrap();
            facts.push(format!("config {topic}: {config} {synonyms}"));
        }
    }
    facts
}
