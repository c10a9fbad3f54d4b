//! The form of a saved plan. Its own, and strict: an older or newer topicctl, or a hand that edited it,
//! is noticed instead of guessed at.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::basis::SavedTopicState;
use super::change::SavedChange;
use super::wanted::SavedWanted;

/// What `format` says.
pub(super) const FORMAT: &str = "topicctl/saved-plan";
/// What `version` says.
pub(super) const VERSION: u32 = 1;

/// A plan to be carried out later. Written by `topicctl diff --out` and read by `topicctl apply --plan`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "SavedPlan", title = "topicctl saved plan")]
pub struct SavedDocument {
    /// What kind of document this is.
    #[schemars(extend("const" = FORMAT))]
    pub(super) format: String,
    /// The version of this format. A topicctl reads its own version only.
    #[schemars(extend("const" = VERSION))]
    pub(super) version: u32,
    /// The SHA-256 of the plan, in hexadecimal digits. It finds accidents, not malice: whoever edits the
    /// plan can compute it again.
    #[schemars(regex(pattern = "^[0-9a-f]{64}$"))]
    pub(super) digest: String,
    /// The plan.
    pub(super) plan: SavedContent,
}

/// Everything that the digest covers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "SavedPlanContent")]
pub(super) struct SavedContent {
    /// The version of topicctl that made it.
    pub(super) topicctl: String,
    /// The profile of the file; null for a file without profiles.
    pub(super) profile: Option<String>,
    /// The id of the cluster that it is for.
    pub(super) cluster_id: String,
    /// The bootstrap address that was used.
    pub(super) address: String,
    /// The files that it was made from, for information: they are not read again.
    pub(super) files: Vec<SavedFile>,
    /// The topics that were named on the command line; empty where all were meant.
    pub(super) arguments: Vec<String>,
    /// The patterns of `--prune`.
    pub(super) prune: Vec<String>,
    /// Topics that nothing would be done to, since something about them is impossible or refused, or they
    /// could not be read. A plan that has any is for reading only.
    pub(super) blocked: Vec<String>,
    /// How many topics were in sync. They are no part of the plan.
    pub(super) in_sync: usize,
    /// The topics that would change, by name.
    pub(super) topics: Vec<SavedTopic>,
}

/// A file that a plan was made from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SavedFile {
    /// The file as the user named it.
    pub(super) path: String,
    /// The SHA-256 of its bytes, in hexadecimal digits.
    #[schemars(regex(pattern = "^[0-9a-f]{64}$"))]
    pub(super) sha256: String,
}

/// A topic that would change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SavedTopic {
    /// The full name on the cluster.
    pub(super) name: String,
    /// What the file wants of it.
    pub(super) wanted: SavedWanted,
    /// What the cluster showed of it, as far as the plan rests on it.
    pub(super) found: SavedTopicState,
    /// What would be done, in order.
    pub(super) changes: Vec<SavedChange>,
}
