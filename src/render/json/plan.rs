//! The document of `diff`, and of `apply --dry-run`.

use schemars::JsonSchema;
use serde::Serialize;

use super::change::PlannedChange;
use super::impact::{Forecast, TopicLoss, TotalLoss};
use super::refusal::{Note, Refusal, Unreadable};
use super::right::MissingRight;
use super::risk::RiskClass;
use super::value::{Cluster, Place};
use super::{Each, PlanFormat, Version};
use crate::model::TopicName;
use crate::plan::{self, Plan, PlanStatus, PlanTally, TopicPlan, TopicStatus};
use crate::render::{Header, words};

/// What apply would do, with its risk. Written by `topicctl diff --output json` and by
/// `topicctl apply --dry-run --output json`.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Plan", title = "topicctl plan", deny_unknown_fields)]
pub(super) struct Document<'a, T> {
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
    loss: Option<TotalLoss>,
    /// What brokers copy for the whole plan; null where nothing is copied.
    forecast: Option<Forecast>,
    /// The overrides that are reset because the file does not set them; null where there are none.
    unlisted_resets: Option<UnlistedResets>,
    /// Every topic of the file, those in sync included, and those that go because the file does not name
    /// them; by name.
    topics: T,
}

/// The document, its topics made one by one while they are written.
pub(super) fn document<'a>(header: &'a Header, plan: &'a Plan) -> Document<'a, impl Serialize> {
    Document {
        format: PlanFormat::Plan,
        version: Version::One,
        cluster: header.into(),
        status: PlanStatus::of(plan),
        summary: PlanTally::of(plan),
        missing_rights: MissingRight::all(&plan.missing_rights(), header),
        loss: plan.total_loss().map(Into::into),
        forecast: plan.forecast().as_ref().map(Into::into),
        unlisted_resets: plan.unlisted_resets().map(Into::into),
        topics: Each(plan.topics.iter().map(Topic::from)),
    }
}

/// The overrides that are reset because the file does not set them. Refused topics are left out.
#[derive(Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
struct UnlistedResets {
    /// How many overrides.
    overrides: usize,
    /// How many topics lose any.
    topics: usize,
    /// The same as a sentence, with what keeps them.
    message: String,
}

impl From<plan::UnlistedResets> for UnlistedResets {
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
pub(super) struct Topic<'a> {
    /// The full name on the cluster.
    name: &'a str,
    /// What would become of it.
    status: TopicStatus,
    /// The worst class of any change; null without changes. What is impossible is not a class but
    /// a refusal.
    risk: Option<RiskClass>,
    /// What goes with all changes together, which is not their sum where two of them cut off the front of
    /// the same partition; null where no change can delete data, or nothing was read of it.
    loss: Option<TopicLoss>,
    /// Where the file declares the topic; null for one that goes because the file does not name it.
    declared_at: Option<Place<'a>>,
    /// What apply would do, in the order in which it would do it.
    changes: Vec<PlannedChange<'a>>,
    /// What cannot be done. A single one keeps the whole topic as it is.
    refusals: Vec<Refusal<'a>>,
    /// What is worth knowing.
    notes: Vec<Note<'a>>,
    /// Why nothing is known of the topic; null where it could be read.
    unreadable: Option<Unreadable<'a>>,
}

impl<'a> From<(&'a TopicName, &'a TopicPlan)> for Topic<'a> {
    fn from((name, topic): (&'a TopicName, &'a TopicPlan)) -> Self {
        Self {
            name: name.as_str(),
            status: TopicStatus::of(topic),
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
