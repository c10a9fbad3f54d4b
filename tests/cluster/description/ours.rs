//! What topicctl says.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::{ids, sorted};

/// A fact a line.
pub(super) fn facts(seen: &BTreeMap<String, Value>, brokers: &Value) -> BTreeSet<String> {
    let mut facts: BTreeSet<String> = brokers.as_array().unwrap().iter().map(broker).collect();
    for (name, topic) in seen {
        let id = topic["metadata"]["value"]["id"].as_str().unwrap();
        facts.insert(format!("id {name}: {id}"));
        facts.extend(moves(name, &topic["reassignments"]["value"]));
        facts.extend(sums(name, &topic["figures"]));
        facts.extend(configs(name, &topic["configs"]["value"]));
        for partition in topic["metadata"]["value"]["partitions"].as_array().unwrap() {
            let of = format!("{name}-{}", partition["index"]);
            let leader = &partition["leader"];
            let (replicas, isr) = (ids(&partition["replicas"]), sorted(&ids(&partition["isr"])));
            facts.insert(format!("state {of}: {leader} of {replicas}, in sync {isr}"));
            facts.extend(lacking(&of, &partition["conditions"]));
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
            let (state, count) = (group["state"].as_str().unwrap(), &group["members"]["value"]);
            facts.insert(format!("group {group_name}: {state}, {count}"));
            for at in group["partitions"].as_array().unwrap() {
                let (committed, lag) = (&at["committed"], &at["lag"]["value"]);
                let of = format!("{name}-{}", at["index"]);
                facts.insert(if committed.is_null() {
                    format!("uncommitted {group_name} {of}")
                } else {
                    format!("committed {group_name} {of}: {committed}, lag {lag}")
                });
            }
            facts.extend(members(group_name, name, &group["at_work"]));
        }
        // A broker that has just stopped may still be taken for alive.
        let unread = topic["unread_groups"].as_array().unwrap().iter();
        facts.extend(unread.map(|why| format!("group unread of {name}: {why}")));
    }
    facts
}

fn broker(broker: &Value) -> String {
    let (host, rack) = (broker["host"].as_str().unwrap(), broker["rack"].as_str().unwrap());
    format!("broker {}: {host}:{} in {rack}", broker["id"], broker["port"])
}

/// What is under way: all replicas, those that come, those that go.
fn moves(name: &str, moves: &Value) -> Vec<String> {
    let said = |moved: &Value| {
        let (target, adding, removing) = (&moved["target"], &moved["adding"], &moved["removing"]);
        let (target, adding, removing) = (ids(target), ids(adding), ids(removing));
        format!(
            "moving {name}-{}: replicas: {target},{removing}. adding: {adding}. removing: {removing}.",
            moved["index"]
        )
    };
    moves.as_array().unwrap().iter().map(said).collect()
}

/// The conditions that Kafka's tools know too.
fn lacking(of: &str, conditions: &Value) -> Vec<String> {
    let known = ["under_replicated", "under_min_isr"];
    let said = conditions.as_array().unwrap().iter();
    let said = said.filter_map(Value::as_str).filter(|said| known.contains(said));
    said.map(|said| format!("{said} {of}")).collect()
}

/// What follows from the numbers of partitions; what is not known is left out.
fn sums(name: &str, figures: &Value) -> Vec<String> {
    let sums = [
        ("records", "records_at_most"),
        ("bytes", "bytes"),
        ("bytes of replicas", "bytes_of_replicas"),
    ];
    let sum = |(what, field): (&str, &str)| Some(format!("sum {name}: {what} {}", figures[field].as_u64()?));
    let skews = ["records", "bytes", "leaders"];
    let skew = |of: &str| {
        let skew = figures[format!("skew_of_{of}")].as_f64()?;
        Some(format!("skew {name}: {of} {skew:.2}"))
    };
    let skews = skews.into_iter().filter_map(skew);
    sums.into_iter().filter_map(sum).chain(skews).collect()
}

/// Each config with everything behind it.
fn configs(name: &str, configs: &Value) -> Vec<String> {
    let link = |link: &Value| {
        let source = link["source"].as_str().unwrap().to_uppercase();
        let (key, raw) = (link["key"].as_str().unwrap(), link["raw"].as_str().unwrap());
        format!("{source}:{key}={raw}")
    };
    let config = |config: &Value| {
        let chain: Vec<String> = config["chain"].as_array().unwrap().iter().map(link).collect();
        let (key, raw) = (&config["key"], &config["value"]["raw"]);
        let (key, raw) = (key.as_str().unwrap(), raw.as_str().unwrap());
        format!("config {name}: {key}={raw} {{{}}}", chain.join(", "))
    };
    configs.as_array().unwrap().iter().map(config).collect()
}

/// Who has which partition.
fn members(group: &str, name: &str, members: &Value) -> Vec<String> {
    let mut facts = Vec::new();
    for member in members.as_array().unwrap() {
        let text = |field: &str| member[field].as_str().unwrap().to_owned();
        let who = format!("{} {} {}", text("member"), text("host"), text("client"));
        let partitions = member["partitions"].as_array().unwrap().iter();
        facts.extend(partitions.map(|index| format!("member {group} {name}-{index}: {who}")));
    }
    facts
}
