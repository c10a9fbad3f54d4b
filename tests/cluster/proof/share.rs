//! Share groups, by Kafka's own tool: librdkafka has none. All topics of a round that one reads are read by the same,
//! so that the tool is started twice for a round and not for each topic.

use std::collections::BTreeMap;

use super::case::{Case, Group};
use super::data::Committed;
use crate::contract::{Release, release_under_test};
use crate::support::Kafka;

const TOOL: &str = "org.apache.kafka.tools.consumer.group.ShareGroupCommand";

/// The first release in which every cluster has share groups.
const SINCE: Release = Release(4, 2);

pub(super) fn exist() -> bool {
    release_under_test() >= SINCE
}

/// Begins to read at the first record of each topic, and nobody is at work.
pub(super) fn begin(kafka: &Kafka, cases: &[Case]) {
    let shared: Vec<&Case> = cases.iter().filter(|case| case.group == Group::Share).collect();
    let Some(first) = shared.first() else { return };
    let group = first.group_id();
    let mut arguments = vec!["--bootstrap-server", kafka.bootstrap()];
    arguments.extend(["--reset-offsets", "--group", &group, "--to-earliest", "--execute"]);
    arguments.extend(shared.iter().flat_map(|case| ["--topic", &case.name]));
    kafka.tool_output(TOOL, &arguments);
}

/// Where the group of these cases begins to read, by topic. One that is not known to the group is not there.
pub(super) fn places(kafka: &Kafka, cases: &[Case]) -> BTreeMap<String, Committed> {
    let mut places = BTreeMap::new();
    let Some(first) = cases.iter().find(|case| case.group == Group::Share) else {
        return places;
    };
    let group = first.group_id();
    let arguments = [
        "--bootstrap-server",
        kafka.bootstrap(),
        "--describe",
        "--offsets",
        "--group",
        &group,
    ];
    let listed = kafka.tool_output(TOOL, &arguments);
    for line in listed.lines() {
        let words: Vec<&str> = line.split_whitespace().collect();
        let [name, topic, partition, start, ..] = words[..] else {
            continue;
        };
        if let (true, Ok(partition), Ok(start)) = (name == group, partition.parse(), start.parse()) {
            let committed: &mut Committed = places.entry(topic.to_owned()).or_default();
            committed.insert(partition, start);
        }
    }
    places
}
