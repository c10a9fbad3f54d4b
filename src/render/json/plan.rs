//! The document of `diff`, and of `apply --dry-run`.

use schemars::JsonSchema;
use serde::Serialize;

use super::change::PlannedChangeJson;
use super::impact::{ForecastJson, TopicLoss, TotalLossJson};
use super::refusal::{NoteJson, RefusalJson, UnreadableJson};
use super::right::MissingRight;
use super::risk::RiskClassJson;
use super::value::{Cluster, PlaceJson};
use super::{Each, PlanFormat, Version};
use crate::model::TopicName;
use crate::plan::{self, Plan, PlanStatus, PlanTally, TopicPlan, TopicStatus};
use crate::render::{Header, words};

/// What apply would do, with its risk. Written by `topicctl diff --output json` and by
/// `topicctl apply --dry-run --output json`.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Plan", title = "topicctl plan", deny_unknown_fields)]
pub(super) struct PlanJson<'a, T> {
    /// What kind of document this is.
    format: PlanFormat,
    /// The version of this format. It changes when a field goes or changes its meaning.
    version: Version,
    /// The cluster and the profile.
    cluster: Cluster<'a>,
    /// What the plan comes to; stands for the exit code.
    status: PlanStatus,
    /// How many topics and changes there are of each kind.
    summary: PlanTally,
    /// The rights that this principal lacks, by which something could not be read, validated or done.
    missing_rights: Vec<MissingRight>,
    /// What goes with the whole plan; null where no topic can lose data.
    loss: Option<TotalLossJson>,
    /// What brokers copy for the whole plan; null where nothing is copied.
    forecast: Option<ForecastJson>,
    /// The overrides that are reset because the file does not set them; null where there are none.
    unlisted_resets: Option<UnlistedResetsJson>,
    /// Every topic of the file, those in sync included, and those that go because the file does not name
    /// them; by name.
    topics: T,
}

/// The document, its topics made one by one while they are written.
pub(super) fn document<'a>(header: &'a Header, plan: &'a Plan) -> PlanJson<'a, impl Serialize> {
    PlanJson {
        format: PlanFormat::Plan,
        version: Version::One,
        cluster: header.into(),
        status: PlanStatus::of_plan(plan),
        summary: PlanTally::of_plan(plan),
        missing_rights: MissingRight::all(&plan.missing_acls(), header),
        loss: plan.total_loss().map(Into::into),
        forecast: plan.forecast().as_ref().map(Into::into),
        unlisted_resets: plan.unlisted_resets().map(Into::into),
        topics: Each(plan.topics.iter().map(PlannedTopicJson::from)),
    }
}

/// The overrides that are reset because the file does not set them. Refused topics are left out.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "UnlistedResets", deny_unknown_fields)]
struct UnlistedResetsJson {
    /// How many overrides.
    overrides: usize,
    /// How many topics lose any.
    topics: usize,
    /// The same as a sentence, with what keeps them.
    message: String,
}

impl From<plan::UnlistedResets> for UnlistedResetsJson {
    fn from(resets: plan::UnlistedResets) -> Self {
        Self {
            overrides: resets.overrides,
            topics: resets.topics,
            message: words::unlisted_resets(resets),
        }
    }
}

/// What the plan says of one topic.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "PlannedTopic", deny_unknown_fields)]
pub(super) struct PlannedTopicJson<'a> {
    /// The full name on the cluster.
    name: &'a str,
    /// What would become of it.
    status: TopicStatus,
    /// The worst class of any change; null without changes. What is impossible is not a class but
    /// a refusal.
    risk: Option<RiskClassJson>,
    /// What goes with all changes together, which is not their sum where two of them cut off the front of
    /// the same partition; null where no change can delete data, or nothing was read of it.
    loss: Option<TopicLoss>,
    /// Where the file declares the topic; null for one that goes because the file does not name it.
    declared_at: Option<PlaceJson<'a>>,
    /// What apply would do, in the order in which it would do it.
    changes: Vec<PlannedChangeJson<'a>>,
    /// What cannot be done. A single one keeps the whole topic as it is.
    refusals: Vec<RefusalJson<'a>>,
    /// What is worth knowing.
    notes: Vec<NoteJson<'a>>,
    /// Why nothing is known of the topic; null where it could be read.
    unreadable: Option<UnreadableJson<'a>>,
}

impl<'a> From<(&'a TopicName, &'a TopicPlan)> for PlannedTopicJson<'a> {
    fn from((name, topic): (&'a TopicName, &'a TopicPlan)) -> Self {
        Self {
            name: name.as_str(),
            status: TopicStatus::of_topic(topic),
            risk: topic.class().map(Into::into),
            loss: topic.loss().as_ref().map(Into::into),
            declared_at: topic.place.as_ref().map(Into::into),
            changes: topic.changes.iter().map(Into::into).collect(),
            refusals: topic.refusals.iter().map(Into::into).collect(),
            notes: topic.notes.iter().map(Into::into).collect(),
            unreadable: topic.unreadable.as_ref().map(Into::into),
        }
    }
}
