//! What a reassignment copies, from the sizes of the leaders' replicas: those are what is copied.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::RiskClass;
use super::change::ReplicationChange;
use crate::model::{BrokerId, Known, TopicEvidence};

/// What brokers copy for one topic. Records that arrive meanwhile come on top.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Copied {
    /// The bytes that each broker gets.
    pub to: BTreeMap<BrokerId, i64>,
    /// The bytes that each broker can delete afterwards.
    pub freed: BTreeMap<BrokerId, i64>,
    /// Why there may be more: partitions whose size could not be read.
    pub unread: BTreeSet<Arc<str>>,
}

impl Copied {
    /// All bytes that are copied.
    pub fn bytes(&self) -> i64 {
        self.to.values().fold(0, |all, bytes| all.saturating_add(*bytes))
    }

    /// Of a topic without data nothing is copied.
    pub(super) fn class(&self) -> RiskClass {
        if self.bytes() == 0 && self.unread.is_empty() {
            RiskClass::Safe
        } else {
            RiskClass::Caution
        }
    }
}

/// What is on its way already is not copied for this change.
pub(super) fn copied(change: &ReplicationChange, found: &TopicEvidence) -> Copied {
    let mut copied = Copied::default();
    for (index, moved) in change.sent() {
        // A partition that this very plan makes is empty.
        let Some(evidence) = found.partitions.get(&index) else {
            continue;
        };
        match &evidence.bytes {
            Known::Read(bytes) => {
                add(&mut copied.to, moved.added(), *bytes);
                add(&mut copied.freed, moved.removed(), *bytes);
            }
            Known::Unread(_) if moved.added().is_empty() => {}
            Known::Unread(why) => {
                copied.unread.insert(Arc::clone(why));
            }
        }
    }
    copied
}

fn add(to: &mut BTreeMap<BrokerId, i64>, brokers: Vec<BrokerId>, bytes: i64) {
    for broker in brokers {
        let all = to.entry(broker).or_default();
        *all = all.saturating_add(bytes);
    }
}
