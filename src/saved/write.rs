//! A plan to the text that is saved.

use std::fmt;

use super::basis::SavedTopicState;
use super::document::{FORMAT, SavedContent, SavedDocument, SavedFile, SavedTopic, VERSION};
use super::wanted::SavedWanted;
use crate::model::json_text;
use crate::model::{
    ConfigKey, ConfigText, Declared, Desired, DesiredState, DesiredTopic, Observation, TopicName,
    TopicObservation, sha256,
};
use crate::plan::{Plan, TopicPlan};

/// How and from what a plan was made.
#[derive(Debug, Clone)]
pub struct Made {
    /// The version of topicctl.
    pub topicctl: String,
    /// The profile; `None` for a file without profiles.
    pub profile: Option<String>,
    /// The cluster.
    pub cluster_id: String,
    /// The bootstrap address.
    pub address: String,
    /// The files.
    pub files: Vec<SourceFile>,
    /// The topics that were named on the command line.
    pub arguments: Vec<String>,
    /// The patterns of `--prune`.
    pub prune: Vec<String>,
}

/// A file that a plan was made from.
#[derive(Debug, Clone)]
pub struct SourceFile {
    /// As the user named it.
    pub path: String,
    /// The [`sha256`] of its bytes.
    pub sha256: String,
}

/// Configs whose values may not be written into a file, each with its topic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unsavable(pub Vec<(TopicName, ConfigKey)>);

impl fmt::Display for Unsavable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the plan cannot be saved, since it would hold values that may be secret:")?;
        for (topic, key) in &self.0 {
            write!(f, "\n  {key} of topic {topic}")?;
        }
        f.write_str("\nApply it without a saved plan, or leave these topics out by naming others.")
    }
}

impl std::error::Error for Unsavable {}

/// The text of a saved plan.
///
/// # Errors
/// The configs whose values would be in it and may be secret.
pub fn save(made: Made, desired: &Desired, observed: &Observation, plan: &Plan) -> Result<String, Unsavable> {
    let changing = || plan.topics.iter().filter(|(_, topic)| !topic.changes.is_empty());
    let secret: Vec<_> = changing()
        .flat_map(|(name, _)| secrets(name, desired, observed))
        .collect();
    if !secret.is_empty() {
        return Err(Unsavable(secret));
    }
    let blocked = plan
        .topics
        .iter()
        .filter(|(_, topic)| !topic.refusals.is_empty() || topic.unreadable.is_some());
    let content = SavedContent {
        topicctl: made.topicctl,
        profile: made.profile,
        cluster_id: made.cluster_id,
        address: made.address,
        files: made.files.into_iter().map(Into::into).collect(),
        arguments: made.arguments,
        prune: made.prune,
        blocked: blocked.map(|(name, _)| name.to_string()).collect(),
        in_sync: plan.in_sync(),
        topics: changing()
            .filter_map(|(name, topic)| saved(name, topic, desired, observed))
            .collect(),
    };
    let document = SavedDocument {
        format: FORMAT.to_owned(),
        version: VERSION,
        digest: content.digest(),
        plan: content,
    };
    Ok(pretty(&document))
}

fn pretty(document: &SavedDocument) -> String {
    // Strings, numbers and maps with text for keys: there is nothing in it that JSON has no form for.
    let mut text = Vec::new();
    let _ = json_text::write_indented(&mut text, document);
    text.push(b'\n');
    String::from_utf8(text).unwrap_or_default()
}

fn saved(
    name: &TopicName,
    topic: &TopicPlan,
    desired: &Desired,
    observed: &Observation,
) -> Option<SavedTopic> {
    let wanted = desired.topics.get(name);
    Some(SavedTopic {
        name: name.to_string(),
        wanted: wanted.map_or(SavedWanted::Pruned {}, SavedWanted::of_topic),
        found: SavedTopicState::of_sighting(
            wanted,
            observed.topics.get(name)?,
            observed.cluster.brokers.len(),
        )?,
        changes: topic
            .changes
            .iter()
            .map(|planned| (&planned.change).into())
            .collect(),
    })
}

/// Declared values that are not to be shown, by their keys or because the broker hides them.
fn secrets(name: &TopicName, desired: &Desired, observed: &Observation) -> Vec<(TopicName, ConfigKey)> {
    let Some(DesiredTopic {
        state: DesiredState::Present(settings),
        ..
    }) = desired.topics.get(name)
    else {
        return Vec::new();
    };
    let is_hidden = |(key, to): &(&ConfigKey, &Declared<ConfigText>)| {
        let shown = match observed.topics.get(name) {
            Some(TopicObservation::Present(seen)) => seen.configs.get(*key),
            Some(TopicObservation::Absent | TopicObservation::Unreadable(_)) | None => None,
        };
        to.value.raw().is_none() || shown.is_some_and(|config| config.sensitive)
    };
    let hidden = settings.configs.iter().filter(is_hidden);
    hidden.map(|(key, _)| (name.clone(), key.clone())).collect()
}

impl SavedContent {
    /// The digest of everything in it, in the one form in which it is written.
    pub(super) fn digest(&self) -> String {
        sha256(&serde_json::to_vec(self).unwrap_or_default())
    }
}

impl From<SourceFile> for SavedFile {
    fn from(file: SourceFile) -> Self {
        Self {
            path: file.path,
            sha256: file.sha256,
        }
    }
}
