//! The text of a saved plan back to what was wanted and what it rests on.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use thiserror::Error;

use super::basis::Basis;
use super::change::SavedChange;
use super::document::{FORMAT, SavedContent, SavedDocument, VERSION};
use crate::model::{Desired, Observation, Pattern, Prune, TopicName};
use crate::plan::{Drift, Plan};

/// A saved plan that was read and is as it was written.
#[derive(Debug, Clone)]
pub struct SavedPlan {
    /// The profile it was made for; `None` for a file without profiles.
    pub profile: Option<String>,
    /// The id of the cluster it was made for.
    pub cluster_id: String,
    /// The address it was made with.
    pub address: String,
    /// Topics that were blocked when it was made. With any, the plan is for reading only.
    pub blocked: Vec<String>,
    /// What was wanted of the topics that would change, and of no others.
    pub desired: Desired,
    basis: Basis,
    changes: BTreeMap<TopicName, Vec<SavedChange>>,
}

/// Why a text is no saved plan that can be carried out.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Unusable {
    /// The text ends in the middle.
    #[error("the file is cut off: {0}")]
    Truncated(String),
    /// The text is no JSON, or has other fields than a saved plan.
    #[error("this is no saved plan: {0}")]
    NoPlan(String),
    /// It is another kind of document.
    #[error("this is a {0} document, not a saved plan; `topicctl diff --out FILE` writes one")]
    OtherFormat(String),
    /// It is of another version.
    #[error(
        "this is version {0} of the format, and this topicctl reads version {VERSION}; make the plan with the same topicctl that applies it"
    )]
    OtherVersion(String),
    /// The digest does not match.
    #[error("the file was changed after it was made: its digest does not match; make a new plan")]
    Changed,
    /// A value in it cannot be.
    #[error("the plan for topic {topic} makes no sense: {why}")]
    Senseless {
        /// The topic, as it stands in the file.
        topic: String,
        /// What is wrong.
        why: String,
    },
}

/// What every document of topicctl begins with.
#[derive(Deserialize)]
struct Head {
    format: Option<String>,
    version: Option<serde_json::Value>,
}

/// Reads a saved plan.
///
/// # Errors
/// Why it cannot be used.
pub fn read(text: &str) -> Result<SavedPlan, Unusable> {
    let head: Head = serde_json::from_str(text).map_err(|error| malformed(&error))?;
    match head.format {
        Some(format) if format == FORMAT => {}
        Some(other) => return Err(Unusable::OtherFormat(other)),
        None => return Err(Unusable::NoPlan("it does not say its `format`".to_owned())),
    }
    let version = head.version.unwrap_or_default();
    if version != VERSION {
        return Err(Unusable::OtherVersion(version.to_string()));
    }
    let document: SavedDocument = serde_json::from_str(text).map_err(|error| malformed(&error))?;
    if document.plan.digest() != document.digest {
        return Err(Unusable::Changed);
    }
    parse_content(document.plan)
}

fn malformed(error: &serde_json::Error) -> Unusable {
    if error.is_eof() {
        Unusable::Truncated(error.to_string())
    } else {
        Unusable::NoPlan(error.to_string())
    }
}

fn parse_content(content: SavedContent) -> Result<SavedPlan, Unusable> {
    let mut desired = Desired::default();
    let mut basis = BTreeMap::new();
    let mut changes = BTreeMap::new();
    let mut pruned = BTreeSet::new();
    for topic in content.topics {
        let senseless = |why: String| Unusable::Senseless {
            topic: topic.name.clone(),
            why,
        };
        let name = TopicName::new(&topic.name).map_err(|invalid| senseless(invalid.to_string()))?;
        match topic.wanted.topic(&name).map_err(|wrong| senseless(wrong.0))? {
            Some(wanted) => _ = desired.topics.insert(name.clone(), wanted),
            None => _ = pruned.insert(name.clone()),
        }
        basis.insert(name.clone(), topic.found);
        changes.insert(name, topic.changes);
    }
    let patterns = content
        .prune
        .iter()
        .map(|pattern| Pattern::new(pattern))
        .collect();
    desired.prune = Prune::new(patterns, BTreeSet::new()).only(pruned);
    Ok(SavedPlan {
        profile: content.profile,
        cluster_id: content.cluster_id,
        address: content.address,
        blocked: content.blocked,
        desired,
        basis: Basis { topics: basis },
        changes,
    })
}

impl SavedPlan {
    /// Holds the plan to what a manifest forbids: its policy, and which topics it protects. Gives the topics that the
    /// plan deletes as not in the file, and that the file names.
    pub fn hold_to(&mut self, manifest: Desired) -> Vec<TopicName> {
        for (name, topic) in &mut self.desired.topics {
            let declared = manifest.topics.get(name);
            topic.declared_name =
                declared.map_or_else(|| name.as_str().into(), |declared| declared.declared_name.clone());
            topic.protected = declared.and_then(|declared| declared.protected.clone());
            topic.exempt = declared.and_then(|declared| declared.exempt.clone());
        }
        self.desired.policy = manifest.policy.clone();
        let patterns = self.desired.prune.patterns().to_vec();
        let allowed = manifest.pruning(patterns).prune;
        let pruned = self
            .changes
            .keys()
            .filter(|name| !self.desired.topics.contains_key(*name));
        pruned
            .filter(|name| allowed.pattern_for(name, false).is_none())
            .cloned()
            .collect()
    }

    /// Whether there was anything to do when it was made.
    pub fn has_changes(&self) -> bool {
        !self.changes.is_empty()
    }

    /// Everything that keeps the plan from being carried out as it was saved: what the cluster shows
    /// otherwise than it did, and topics for which planning now comes to other changes, as another
    /// topicctl may.
    pub fn moved(&self, now: &Observation, plan: &Plan) -> Vec<Drift> {
        let mut moved = self.basis.moved(&self.desired.topics, now);
        let said: BTreeSet<TopicName> = moved.iter().map(|movement| movement.topic.clone()).collect();
        for (name, saved) in &self.changes {
            let fresh = plan.topics.get(name).into_iter().flat_map(|topic| &topic.changes);
            let fresh: Vec<SavedChange> = fresh.map(|planned| (&planned.change).into()).collect();
            if !said.contains(name) && !same_changes(saved, &fresh) {
                moved.push(Drift {
                    topic: name.clone(),
                    what: "changes".to_owned(),
                    planned: words(saved),
                    found: words(&fresh),
                });
            }
        }
        moved.sort();
        moved
    }
}

fn same_changes(saved: &[SavedChange], fresh: &[SavedChange]) -> bool {
    saved.len() == fresh.len() && saved.iter().zip(fresh).all(|(saved, fresh)| saved.does_as(fresh))
}

fn words(changes: &[SavedChange]) -> String {
    match serde_json::to_string(changes) {
        Ok(text) => text,
        Err(error) => error.to_string(),
    }
}
