//! Numbers of partitions that are refused before anything is computed or sent. A slip of some zeros costs a controller its
//! memory: Kafka 3.7 runs out of it when it only validates a topic of thirty million partitions.

use super::{Change, Plan, Refusal, TopicPlan};
use crate::model::{Declared, Desired, DesiredSettings, PartitionCount, TopicName};

/// So many metadata records can one request make (`QuorumController.MAX_RECORDS_PER_USER_OP`): the topic takes one, and
/// each partition and config another.
const RECORDS_AT_ONCE: usize = 10_000;

/// Why a topic cannot be created with so many partitions, if so.
pub(super) fn of_creation(desired: &Desired, settings: &DesiredSettings) -> Option<Refusal> {
    let to = settings.partitions.as_ref()?;
    let others = settings.configs.len().saturating_add(1);
    let at_once = i64::try_from(RECORDS_AT_ONCE.saturating_sub(others)).ok();
    let at_once = at_once.and_then(PartitionCount::new)?;
    above_limit(desired, to).or_else(|| {
        (to.value > at_once).then(|| Refusal::TooManyToCreate {
            to: to.clone(),
            at_most: at_once,
        })
    })
}

/// Why a topic may not get so many partitions, if so.
pub(super) fn above_limit(desired: &Desired, to: &Declared<PartitionCount>) -> Option<Refusal> {
    let at_most = desired.max_partitions.0;
    (to.value > at_most).then(|| Refusal::PartitionsAboveLimit {
        to: to.clone(),
        at_most,
    })
}

/// Refuses new topics whose names collide with topics that are deleted, which is done last.
pub(super) fn refuse_collisions(plan: &mut Plan) {
    let has =
        |topic: &TopicPlan, is: fn(&Change) -> bool| topic.changes.iter().any(|planned| is(&planned.change));
    let deleted: Vec<(String, TopicName)> = plan
        .topics
        .iter()
        .filter(|(_, topic)| has(topic, |change| matches!(change, Change::Delete(_))))
        .map(|(name, _)| (name.metric_name(), name.clone()))
        .collect();
    if deleted.is_empty() {
        return;
    }
    for (name, topic) in &mut plan.topics {
        let is_created = has(topic, |change| matches!(change, Change::Create(_)));
        let other = deleted.iter().find(|(metric, _)| *metric == name.metric_name());
        if let Some((_, other)) = other.filter(|_| is_created) {
            let other = other.clone();
            topic.refusals.push(Refusal::CollidesWithDeleted { other });
        }
    }
}
