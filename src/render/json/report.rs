//! The document of `apply`.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::Serialize;

use super::change::Action;
use super::refusal::{NoteJson, RefusalJson, UnreadableJson};
use super::right::MissingRight;
use super::risk::RiskJson;
use super::value::{Cluster, PlaceJson};
use super::{Each, ReportFormat, Version};
use crate::apply::{self, Applied, ApplyStatus, ChangeOutcome, Ending, TopicResult};
use crate::model::TopicName;
use crate::plan::{self, TopicPlan, gate};
use crate::render::{Header, words};

/// What apply did, topic by topic. Written by `topicctl apply --output json`.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Report", title = "topicctl report", deny_unknown_fields)]
pub(super) struct ReportJson<'a, T> {
    /// What kind of document this is.
    format: ReportFormat,
    /// The version of this format. It changes when a field goes or changes its meaning.
    version: Version,
    /// The cluster and the profile.
    cluster: Cluster<'a>,
    /// What the apply came to; stands for the exit code.
    status: ApplyStatus,
    /// What was in the way, if nothing was written because of it; null otherwise.
    blocked: Option<BlockedJson<'a>>,
    /// How many topics and changes ended in which way.
    summary: ReportTallyJson,
    /// The rights that this principal lacks, by which something could not be read, validated or done.
    missing_rights: Vec<MissingRight>,
    /// Every topic of the file, those in sync included, and those that go because the file does not name
    /// them; by name.
    topics: T,
}

/// The document, its topics made one by one while they are written.
pub(super) fn document<'a>(header: &'a Header, applied: Applied<'a>) -> ReportJson<'a, impl Serialize> {
    ReportJson {
        format: ReportFormat::Report,
        version: Version::One,
        cluster: header.into(),
        status: ApplyStatus::of_applied(applied),
        blocked: match applied.ending {
            Ending::Blocked(blocked) => Some(blocked.into()),
            Ending::Moved(moved) => Some(BlockedJson::by(moved)),
            Ending::Ran | Ending::NotWaited | Ending::CutShort => None,
        },
        summary: ReportTallyJson::of_topics(applied),
        missing_rights: MissingRight::all(&applied.missing_acls(), header),
        topics: Each(topics(applied)),
    }
}

/// Every topic of plan and report, by name.
fn topics(applied: Applied<'_>) -> impl Iterator<Item = ReportedTopicJson<'_>> + Clone {
    let planned = applied.plan.topics.keys();
    let names: BTreeSet<&TopicName> = planned.chain(applied.report.topics.keys()).collect();
    let names: Vec<_> = names.into_iter().collect();
    names
        .into_iter()
        .map(move |name| ReportedTopicJson::new(name, applied))
}

/// Why nothing was written. Everything that was in the way at once, as topics by name.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Blocked", deny_unknown_fields)]
struct BlockedJson<'a> {
    /// Topics with something impossible in them; `--skip-blocked` leaves them out.
    refused: Vec<&'a str>,
    /// Topics that would lose data; `--allow-data-loss` with their names allows it.
    needs_data_loss: Vec<&'a str>,
    /// Topics with changes that need confirmation; `--yes` allows them.
    needs_yes: Vec<&'a str>,
    /// More topics to delete than may go in one run; null where that is not so.
    too_many_deletes: Option<TooManyDeletesJson<'a>>,
    /// What is not as it was when the saved plan was made.
    moved: Vec<DriftJson<'a>>,
}

/// Something that is not as it was when a plan was saved.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Movement", deny_unknown_fields)]
struct DriftJson<'a> {
    /// The topic.
    topic: &'a str,
    /// What moved: a config's key, "partitions", "replication", "topic id", "topic", or "changes".
    what: &'a str,
    /// What the plan was made from.
    planned: &'a str,
    /// What is there now.
    found: &'a str,
}

impl<'a> BlockedJson<'a> {
    fn by(moved: &'a [plan::Drift]) -> Self {
        let movement = |moved: &'a plan::Drift| DriftJson {
            topic: moved.topic.as_str(),
            what: &moved.what,
            planned: &moved.planned,
            found: &moved.found,
        };
        Self {
            refused: Vec::new(),
            needs_data_loss: Vec::new(),
            needs_yes: Vec::new(),
            too_many_deletes: None,
            moved: moved.iter().map(movement).collect(),
        }
    }
}

/// More topics to delete than may go in one run.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "TooManyDeletes", deny_unknown_fields)]
struct TooManyDeletesJson<'a> {
    /// How many are allowed; `--max-deletes` allows more.
    allowed: usize,
    /// All topics that would be deleted, by name.
    topics: Vec<&'a str>,
}

impl<'a> From<&'a gate::TooManyDeletes> for TooManyDeletesJson<'a> {
    fn from(deletes: &'a gate::TooManyDeletes) -> Self {
        Self {
            allowed: deletes.allowed,
            topics: deletes.topics.iter().map(TopicName::as_str).collect(),
        }
    }
}

impl<'a> From<&'a gate::Blocked> for BlockedJson<'a> {
    fn from(blocked: &'a gate::Blocked) -> Self {
        let gate::Blocked {
            refused,
            needs_data_loss,
            needs_yes,
            too_many_deletes,
        } = blocked;
        Self {
            refused: refused.iter().map(TopicName::as_str).collect(),
            needs_data_loss: needs_data_loss.iter().map(TopicName::as_str).collect(),
            needs_yes: needs_yes.iter().map(TopicName::as_str).collect(),
            too_many_deletes: too_many_deletes.as_ref().map(Into::into),
            moved: Vec::new(),
        }
    }
}

/// How many topics and changes ended in which way.
#[derive(Default, Serialize, JsonSchema)]
#[schemars(rename = "ReportSummary", deny_unknown_fields)]
struct ReportTallyJson {
    /// All topics; the sum of the seven counts that follow.
    topics: usize,
    /// Topics with nothing to do.
    in_sync: usize,
    /// Topics whose changes are all done.
    done: usize,
    /// Topics with a change that failed.
    failed: usize,
    /// Topics with a change that may or may not have taken effect.
    unknown: usize,
    /// Topics with a change that was not begun.
    not_attempted: usize,
    /// Topics with something impossible in them.
    blocked: usize,
    /// Topics that could not be read.
    unreadable: usize,
    /// All changes by outcome.
    changes: ByOutcome,
}

/// How many changes ended in which way.
#[derive(Default, Serialize, JsonSchema)]
#[schemars(rename = "ChangesByOutcome", deny_unknown_fields)]
struct ByOutcome {
    /// The cluster is as wanted.
    done: usize,
    /// Refused, or could not be made.
    failed: usize,
    /// May or may not have taken effect.
    unknown: usize,
    /// Not begun.
    not_attempted: usize,
}

impl ReportTallyJson {
    fn of_topics(applied: Applied<'_>) -> Self {
        let mut tally = Self::default();
        for topic in topics(applied) {
            tally.add(&topic);
        }
        tally
    }

    fn add(&mut self, topic: &ReportedTopicJson<'_>) {
        self.topics += 1;
        *match topic.status {
            TopicResult::InSync => &mut self.in_sync,
            TopicResult::Done => &mut self.done,
            TopicResult::Failed => &mut self.failed,
            TopicResult::Unknown => &mut self.unknown,
            TopicResult::NotAttempted => &mut self.not_attempted,
            TopicResult::Blocked => &mut self.blocked,
            TopicResult::Unreadable => &mut self.unreadable,
        } += 1;
        for change in &topic.changes {
            *match change.outcome {
                OutcomeJson::Done {} => &mut self.changes.done,
                OutcomeJson::Failed { .. } => &mut self.changes.failed,
                OutcomeJson::Unknown { .. } => &mut self.changes.unknown,
                OutcomeJson::NotAttempted { .. } => &mut self.changes.not_attempted,
            } += 1;
        }
    }
}

/// What became of one topic.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ReportedTopic", deny_unknown_fields)]
pub(super) struct ReportedTopicJson<'a> {
    /// The full name on the cluster.
    name: &'a str,
    /// The worst that happened to it.
    status: TopicResult,
    /// Where the file declares the topic; null where it goes because the file does not name it, and where
    /// the last plan does not have it any more.
    declared_at: Option<PlaceJson<'a>>,
    /// Its changes with what became of them, in the order in which they were to be made.
    changes: Vec<ReportedChangeJson<'a>>,
    /// What cannot be done. A single one keeps the whole topic as it is.
    refusals: Vec<RefusalJson<'a>>,
    /// What is worth knowing.
    notes: Vec<NoteJson<'a>>,
    /// Why nothing is known of the topic; null where it could be read.
    unreadable: Option<UnreadableJson<'a>>,
}

impl<'a> ReportedTopicJson<'a> {
    fn new(name: &'a TopicName, applied: Applied<'a>) -> Self {
        let plan = applied.plan.topics.get(name);
        let outcomes = applied.report.topics.get(name).map_or(&[][..], Vec::as_slice);
        Self {
            name: name.as_str(),
            status: TopicResult::of_topic(plan, outcomes),
            declared_at: plan.and_then(|plan| plan.place.as_ref()).map(Into::into),
            changes: changes(plan, outcomes, applied),
            refusals: of_plan(plan, |plan| plan.refusals.iter().map(Into::into).collect()),
            notes: notes(name, plan, applied),
            unreadable: plan.and_then(|plan| plan.unreadable.as_ref().map(Into::into)),
        }
    }
}

fn of_plan<'a, T>(plan: Option<&'a TopicPlan>, list: impl Fn(&'a TopicPlan) -> Vec<T>) -> Vec<T> {
    plan.map(list).unwrap_or_default()
}

/// What was approved is in the report; what was not stands in the plan and was not attempted.
fn changes<'a>(
    plan: Option<&'a TopicPlan>,
    outcomes: &'a [ChangeOutcome],
    applied: Applied<'_>,
) -> Vec<ReportedChangeJson<'a>> {
    match plan {
        Some(plan) if outcomes.is_empty() => {
            let reason = why_not_approved(plan, applied.ending);
            let held_back = |planned| ReportedChangeJson::new(planned, OutcomeJson::NotAttempted { reason });
            plan.changes.iter().map(held_back).collect()
        }
        Some(_) | None => outcomes.iter().map(Into::into).collect(),
    }
}

/// What was known before, and what the cluster showed afterwards.
fn notes<'a>(name: &TopicName, plan: Option<&'a TopicPlan>, applied: Applied<'a>) -> Vec<NoteJson<'a>> {
    let before = plan.into_iter().flat_map(|plan| &plan.notes);
    let after = applied.report.notes.get(name).into_iter().flatten();
    before.chain(after).map(Into::into).collect()
}

fn why_not_approved(plan: &TopicPlan, ending: Ending<'_>) -> &'static str {
    match ending {
        _ if !plan.refusals.is_empty() => "something about the topic is impossible",
        Ending::Blocked(_) => "nothing was changed, since the whole apply was blocked",
        Ending::Moved(_) => "nothing was changed, since the cluster is not as it was when the plan was made",
        Ending::Ran | Ending::NotWaited | Ending::CutShort => "nothing was changed",
    }
}

/// A change and its end.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ReportedChange", deny_unknown_fields)]
struct ReportedChangeJson<'a> {
    /// What was to be done.
    #[serde(flatten)]
    action: Action<'a>,
    /// The change in a few words.
    message: String,
    /// What could go wrong with it.
    risk: RiskJson<'a>,
    /// What became of it.
    outcome: OutcomeJson<'a>,
}

impl<'a> ReportedChangeJson<'a> {
    fn new(planned: &'a plan::PlannedChange, outcome: OutcomeJson<'a>) -> Self {
        Self {
            action: (&planned.change).into(),
            message: words::change(&planned.change),
            risk: (&planned.risk).into(),
            outcome,
        }
    }
}

impl<'a> From<&'a ChangeOutcome> for ReportedChangeJson<'a> {
    fn from(change: &'a ChangeOutcome) -> Self {
        Self::new(&change.planned, (&change.outcome).into())
    }
}

/// How a change ended.
#[derive(Serialize, JsonSchema)]
#[serde(tag = "status", rename_all = "snake_case")]
#[schemars(rename = "Outcome", deny_unknown_fields)]
pub(super) enum OutcomeJson<'a> {
    /// The cluster is as wanted. Also when somebody else made the same change meanwhile.
    Done {},
    /// It was refused or could not be made.
    Failed {
        /// Why, in the broker's words where there are any.
        reason: &'a str,
    },
    /// It may or may not have taken effect, or not every broker shows it yet.
    Unknown {
        /// Why that is not known.
        reason: &'a str,
    },
    /// It was not begun.
    NotAttempted {
        /// Why not.
        reason: &'a str,
    },
}

impl<'a> From<&'a apply::Outcome> for OutcomeJson<'a> {
    fn from(outcome: &'a apply::Outcome) -> Self {
        match outcome {
            apply::Outcome::Done => Self::Done {},
            apply::Outcome::Failed(reason) => Self::Failed {
                reason: &reason.words,
            },
            apply::Outcome::Unknown(reason) => Self::Unknown { reason },
            apply::Outcome::NotAttempted(reason) => Self::NotAttempted { reason },
        }
    }
}
