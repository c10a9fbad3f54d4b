//! What a topic, and a whole plan, loses: the losses of single changes put together.

use super::impact::{Amount, Loss};
use super::risk::{Reason, RiskClass};
use super::{Plan, TopicPlan};

/// What a whole plan loses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TotalLoss {
    /// Topics that would or could lose data.
    pub topics: usize,
    /// Topics of these whose loss was not read, so that it is not among the amounts.
    pub not_read: usize,
    /// Records of all of them.
    pub records: Amount,
    /// Bytes, one replica of each partition.
    pub bytes: Amount,
}

impl TopicPlan {
    /// What goes with all of its changes together: two limits that both cut off the front of a partition
    /// do not add up. `None` where nothing of it was read.
    pub fn loss(&self) -> Option<Loss> {
        let reasons = self.changes.iter().flat_map(|planned| planned.risk.reasons());
        let losses = reasons.filter_map(|reason| reason.loss());
        losses.fold(None, |all: Option<Loss>, loss| {
            Some(all.map_or_else(|| loss.clone(), |all| all.together(loss)))
        })
    }

    /// Whether records would or could be deleted. What is only not found any more is not counted in records.
    fn may_lose_records(&self) -> bool {
        let mut reasons = self.changes.iter().flat_map(|planned| planned.risk.reasons());
        let is_remapped = |reason: &Reason| matches!(reason, Reason::RemapsInternalTopic { .. });
        reasons.any(|reason| reason.class() == RiskClass::Lossy && !is_remapped(reason))
    }
}

impl Plan {
    /// What goes with the whole plan, refused topics left out, since nothing is done to them. `None` where
    /// no topic can lose anything.
    pub fn total_loss(&self) -> Option<TotalLoss> {
        let lossy = |topic: &&TopicPlan| topic.refusals.is_empty() && topic.may_lose_records();
        let mut total = TotalLoss {
            topics: 0,
            not_read: 0,
            records: Amount::NOTHING,
            bytes: Amount::NOTHING,
        };
        for topic in self.topics.values().filter(lossy) {
            total.add(topic.loss().as_ref());
        }
        (total.topics > 0).then_some(total)
    }
}

impl TotalLoss {
    fn add(&mut self, loss: Option<&Loss>) {
        self.topics += 1;
        match loss {
            Some(loss) => {
                self.records = self.records.and(loss.records());
                self.bytes = self.bytes.and(loss.bytes());
            }
            None => self.not_read += 1,
        }
    }
}
