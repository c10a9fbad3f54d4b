//! What was said of a change against what came of it.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::case::{Batch, Case, Group};
use super::data::{self, Committed, Contents, Seen, Writer};

/// Reasons that tell whoever says yes that producers may be refused.
const ABOUT_PRODUCERS: &[&str] = &[
    "smaller_messages",
    "min_insync_above_isr",
    "no_broker_to_spare",
    "unknown_inherited",
    "starts_compacting",
];

/// What the plan says of one topic.
#[derive(Debug)]
pub(super) struct Said {
    pub(super) document: Value,
}

impl Said {
    /// By topic.
    pub(super) fn all(plan: &str) -> BTreeMap<String, Self> {
        let plan: Value = serde_json::from_str(plan).unwrap();
        let topics = plan["topics"].as_array().unwrap().iter();
        let said = |topic: &Value| {
            let name = topic["name"].as_str().unwrap().to_owned();
            (
                name,
                Self {
                    document: topic.clone(),
                },
            )
        };
        topics.map(said).collect()
    }

    fn class(&self) -> Option<&str> {
        self.document["risk"].as_str()
    }

    pub(super) fn is_refused(&self) -> bool {
        !self.document["refusals"].as_array().unwrap().is_empty() || !self.document["unreadable"].is_null()
    }

    pub(super) fn is_lossy(&self) -> bool {
        self.class() == Some("lossy")
    }

    pub(super) fn is_caution(&self) -> bool {
        self.class() == Some("caution")
    }

    pub(super) fn has_changes(&self) -> bool {
        self.class().is_some()
    }

    fn deletes(&self) -> bool {
        self.changes().any(|change| change["action"] == "delete")
    }

    fn changes(&self) -> impl Iterator<Item = &Value> {
        self.document["changes"].as_array().unwrap().iter()
    }

    /// Whoever said yes was told that producers may be refused. A reason that a later release brings is found by its
    /// message.
    fn warns_of_producers(&self) -> bool {
        let reasons = self
            .changes()
            .flat_map(|change| change["risk"]["reasons"].as_array().unwrap().iter());
        let mut warning = reasons.filter(|reason| reason["class"] != "safe");
        warning.any(|reason| {
            let code = reason["code"].as_str().unwrap();
            let message = reason["message"].as_str().unwrap();
            ABOUT_PRODUCERS.contains(&code) || message.contains("producer")
        })
    }
}

/// How the cases were before their changes.
pub(super) struct Before {
    pub(super) contents: Contents,
    pub(super) in_use: BTreeMap<(String, i32), Vec<Batch>>,
    pub(super) committed: BTreeMap<String, Committed>,
}

/// Something that a change took from somebody.
#[derive(Debug)]
#[expect(dead_code, reason = "what a finding says of it")]
pub(super) enum Harm {
    /// Records that are not there any more, of this partition.
    Records(i32, Vec<(i64, Seen)>),
    /// What producers wrote before is refused now.
    Producer(i32, String),
    /// A group lost its place.
    Group(Committed, Committed),
    /// The topic is gone, and it was in use.
    Topic,
}

/// All harm that came to the topic of a case, by whatever reads and writes Kafka but topicctl.
pub(super) fn harm(
    bootstrap: &str,
    case: &Case,
    said: &Said,
    before: &Before,
    after: &Contents,
) -> Vec<Harm> {
    if said.deletes() {
        let was_used = case.group != Group::None
            || (0..)
                .zip(&case.placement)
                .any(|(index, _)| !before.contents[&(case.name.clone(), index)].is_empty());
        return if was_used { vec![Harm::Topic] } else { Vec::new() };
    }
    let mut harm = Vec::new();
    for (index, _) in (0..).zip(&case.placement) {
        let key = (case.name.clone(), index);
        let lost = lost(
            &before.contents[&key],
            &after[&key],
            could_be_compacted_before(case),
        );
        if !lost.is_empty() {
            harm.push(Harm::Records(index, lost));
        }
    }
    let committed = data::committed(bootstrap, case);
    let committed_before = before.committed.get(&case.name).cloned().unwrap_or_default();
    if committed != committed_before {
        harm.push(Harm::Group(committed_before, committed));
    }
    harm
}

/// Compaction is free to take superseded records whenever it comes by, change or no change.
fn could_be_compacted_before(case: &Case) -> bool {
    let set = |key| case.overrides.get(key).map(String::as_str);
    let compacts = set("cleanup.policy").is_some_and(|policy| policy.contains("compact"));
    compacts && matches!(set("min.compaction.lag.ms"), None | Some("0"))
}

fn lost(before: &BTreeMap<i64, Seen>, after: &BTreeMap<i64, Seen>, may_compact: bool) -> Vec<(i64, Seen)> {
    let last: BTreeMap<_, _> = before.iter().map(|(offset, seen)| (&seen.key, *offset)).collect();
    let is_superseded = |offset: i64, seen: &Seen| seen.key.is_some() && last[&seen.key] > offset;
    let missing = before.iter().filter(|(offset, seen)| {
        after.get(offset) != Some(*seen) && !(may_compact && is_superseded(**offset, seen))
    });
    missing.map(|(offset, seen)| (*offset, seen.clone())).collect()
}

/// Producers write what they wrote before: the same sizes, keys and ages.
pub(super) fn refused_producers(bootstrap: &str, case: &Case, before: &Before) -> Vec<Harm> {
    let writer = Writer::new(bootstrap);
    let mut harm = Vec::new();
    for (index, _) in (0..).zip(&case.placement) {
        let batches = before.in_use.get(&(case.name.clone(), index));
        for batch in batches.into_iter().flatten() {
            if let Err(error) = writer.write(&case.name, index, *batch) {
                harm.push(Harm::Producer(index, format!("{error}: {batch:?}")));
                break;
            }
        }
    }
    harm
}

/// Harm that was not allowed by what was said.
pub(super) fn not_said(said: &Said, harm: Vec<Harm>) -> Vec<Harm> {
    let is_hidden = |harm: &Harm| match harm {
        Harm::Producer(..) => !(said.is_caution() && said.warns_of_producers()),
        Harm::Records(..) | Harm::Group(..) | Harm::Topic => true,
    };
    harm.into_iter().filter(is_hidden).collect()
}

/// The names of cases whose plan meets a condition.
pub(super) fn names<'a>(
    said: &'a BTreeMap<String, Said>,
    wanted: impl Fn(&Said) -> bool + 'a,
) -> BTreeSet<&'a str> {
    let found = said.iter().filter(move |(_, said)| wanted(said));
    found.map(|(name, _)| name.as_str()).collect()
}
