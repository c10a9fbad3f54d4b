//! What was said of a change against what came of it.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::case::{Batch, Case, Group};
use super::data::{self, Committed, Contents, Seen, Shown};
use crate::binary::Run;

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
        self.why_refused().is_some()
    }

    /// The code of the first refusal.
    pub(super) fn why_refused(&self) -> Option<String> {
        let refusals = self.document["refusals"].as_array().unwrap();
        let refused = refusals
            .first()
            .map(|refusal| refusal["code"].as_str().unwrap().to_owned());
        let unreadable = &self.document["unreadable"];
        refused.or_else(|| (!unreadable.is_null()).then(|| format!("unreadable {unreadable}")))
    }

    /// The codes of the reasons by which it is lossy, with the keys of configs.
    pub(super) fn lossy_reasons(&self) -> BTreeSet<String> {
        let mut codes = BTreeSet::new();
        for change in self.changes() {
            let reasons = change["risk"]["reasons"].as_array().unwrap().iter();
            let key = change["key"].as_str().unwrap_or_default();
            let lossy = reasons.filter(|reason| reason["class"] == "lossy");
            codes.extend(lossy.map(|reason| {
                format!("{} {key}", reason["code"].as_str().unwrap())
                    .trim()
                    .to_owned()
            }));
        }
        codes
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

    pub(super) fn deletes(&self) -> bool {
        self.changes().any(|change| change["action"] == "delete")
    }

    fn changes(&self) -> impl Iterator<Item = &Value> {
        self.document["changes"].as_array().unwrap().iter()
    }

    /// Whoever said yes was told that only the latest record of each key is kept, or that the others go earlier.
    fn warns_of_compaction(&self) -> bool {
        self.reasons()
            .any(|reason| reason["code"] == "starts_compacting" || reason["effect"] == "compacts_earlier")
    }

    /// Why it is not safe.
    fn reasons(&self) -> impl Iterator<Item = &Value> {
        self.changes()
            .flat_map(|change| change["risk"]["reasons"].as_array().unwrap())
            .filter(|reason| reason["class"] != "safe")
    }

    /// Whoever said yes was told that producers may be refused. A reason that a later release brings is found by its
    /// message.
    fn warns_of_producers(&self) -> bool {
        self.reasons().any(|reason| {
            let code = reason["code"].as_str().unwrap();
            let message = reason["message"].as_str().unwrap();
            ABOUT_PRODUCERS.contains(&code)
                || reason["effect"] == "refuses_producers"
                || message.contains("producer")
        })
    }
}

/// How the cases were before their changes.
pub(super) struct Before {
    pub(super) contents: Contents,
    pub(super) in_use: BTreeMap<(String, i32), Vec<Batch>>,
    pub(super) committed: BTreeMap<String, Committed>,
    pub(super) shown: Shown,
}

/// Something that a change took from somebody.
#[derive(Debug)]
#[expect(dead_code, reason = "what a finding says of it")]
pub(super) enum Harm {
    /// Records that are not there any more, of this partition.
    Records(i32, Vec<(i64, Seen)>),
    /// Records of this partition that newer ones of the same key supersede.
    Superseded(i32, Vec<(i64, Seen)>),
    /// What producers wrote before is refused now.
    Producer(i32, String),
    /// This partition has no leader and gets none.
    Leader(i32),
    /// A group lost its place.
    Group(Committed, Committed),
    /// The topic is gone, and it was in use.
    Topic,
}

/// All harm that came to the topic of a case, by whatever reads and writes Kafka but topicctl.
pub(super) fn harm(
    case: &Case,
    said: &Said,
    before: &Before,
    (after, committed): (&Contents, &BTreeMap<String, Committed>),
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
        // Without a leader nothing is read, which is harm of another kind.
        let Some(left) = after.get(&key) else { continue };
        let (superseded, lost) = lost(&before.contents[&key], left);
        if !superseded.is_empty() && !could_be_compacted_before(case) {
            harm.push(Harm::Superseded(index, superseded));
        }
        if !lost.is_empty() {
            harm.push(Harm::Records(index, lost));
        }
    }
    let of_case =
        |committed: &BTreeMap<String, Committed>| committed.get(&case.name).cloned().unwrap_or_default();
    let (place_before, place) = (of_case(&before.committed), of_case(committed));
    if place_before
        .iter()
        .any(|(index, offset)| place.get(index) != Some(offset))
    {
        harm.push(Harm::Group(place_before, place));
    }
    harm
}

/// Compaction is free to take superseded records whenever it comes by, change or no change.
fn could_be_compacted_before(case: &Case) -> bool {
    let set = |key| case.overrides.get(key).map(String::as_str);
    let compacts = set("cleanup.policy").is_some_and(|policy| policy.contains("compact"));
    compacts && matches!(set("min.compaction.lag.ms"), None | Some("0"))
}

type Records = Vec<(i64, Seen)>;

/// What is not there any more: records that newer ones superseded, and others.
fn lost(before: &BTreeMap<i64, Seen>, after: &BTreeMap<i64, Seen>) -> (Records, Records) {
    let last: BTreeMap<_, _> = before.iter().map(|(offset, seen)| (&seen.key, *offset)).collect();
    let is_superseded = |(offset, seen): &(i64, Seen)| seen.key.is_some() && last[&seen.key] > *offset;
    let missing = before
        .iter()
        .filter(|(offset, seen)| after.get(offset) != Some(*seen));
    missing
        .map(|(offset, seen)| (*offset, seen.clone()))
        .partition(is_superseded)
}

/// Producers write what they wrote before: the same sizes, keys and ages. The first refusal of each partition.
pub(super) fn refused_producers(
    bootstrap: &str,
    partitions: &BTreeSet<(String, i32)>,
    before: &Before,
) -> Vec<(String, Harm)> {
    let mut batches = before.in_use.clone();
    batches.retain(|key, _| partitions.contains(key));
    let mut refused = Vec::new();
    data::write_in_turn(bootstrap, &batches, |(name, index), batch, result| match result {
        Ok(()) => true,
        Err(error) => {
            refused.push((
                name.clone(),
                Harm::Producer(*index, format!("{error}: {batch:?}")),
            ));
            false
        }
    });
    refused
}

/// The topics of a report that were not done, with the reason of the first of their changes.
pub(super) fn left(run: &Run) -> BTreeMap<String, String> {
    let Ok(report) = serde_json::from_str::<Value>(&run.stdout) else {
        return BTreeMap::new();
    };
    let topics = report["topics"].as_array().unwrap().iter();
    let undone = topics.filter(|topic| !matches!(topic["status"].as_str(), Some("done" | "in_sync")));
    let why = |topic: &Value| {
        let changes = topic["changes"].as_array().unwrap().iter();
        let reasons = changes.filter_map(|change| change["outcome"]["reason"].as_str());
        let refusals = topic["refusals"].as_array().unwrap().iter();
        let refusals = refusals.filter_map(|refusal| refusal["message"].as_str());
        let unreadable = topic["unreadable"].is_null().then_some("no reason");
        let why = reasons.chain(refusals).chain(unreadable).next();
        why.map_or_else(|| topic["unreadable"].to_string(), str::to_owned)
    };
    undone
        .map(|topic| (topic["name"].as_str().unwrap().to_owned(), why(topic)))
        .collect()
}

/// It says which broker is down, or what cannot be without it.
pub(super) fn is_about_outage(why: &str, broker: i32) -> bool {
    let consequences = ["no leader", "not enough replicas", "in sync"];
    why.contains(&format!("broker {broker}")) || consequences.iter().any(|words| why.contains(words))
}

/// Harm that was not allowed by what was said.
pub(super) fn not_said(said: &Said, harm: Vec<Harm>) -> Vec<Harm> {
    let is_hidden = |harm: &Harm| match harm {
        Harm::Producer(..) => !(said.is_caution() && said.warns_of_producers()),
        Harm::Superseded(..) => !(said.is_caution() && said.warns_of_compaction()),
        Harm::Records(..) | Harm::Leader(..) | Harm::Group(..) | Harm::Topic => true,
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
