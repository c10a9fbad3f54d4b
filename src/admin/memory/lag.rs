//! Brokers that are slow to notice: metadata reaches them a few reads late.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::MemoryCluster;
use super::state::{State, Topics};
use crate::model::BrokerId;

/// How far behind each slow broker is.
#[derive(Debug, Default)]
pub(super) struct Lags(BTreeMap<BrokerId, Lag>);

#[derive(Debug)]
struct Lag {
    reads: u32,
    old: Option<(Rc<Topics>, u32)>,
}

impl MemoryCluster {
    /// After every change, the broker answers that many reads (of metadata or configs) from before it.
    /// Changes that come meanwhile start the count again. 0 ends it.
    ///
    /// Reads that name no broker are answered by the first one that is alive, so a lag of that one
    /// shows in them too.
    pub fn lag(&self, broker: BrokerId, reads: u32) {
        let lags = &mut self.state.borrow_mut().lags.0;
        match reads {
            0 => drop(lags.remove(&broker)),
            reads => drop(lags.insert(broker, Lag { reads, old: None })),
        }
    }
}

impl State {
    /// To be called before topics change.
    pub(super) fn about_to_change(&mut self) {
        if self.lags.0.is_empty() {
            return;
        }
        for lag in self.lags.0.values_mut() {
            let old = lag.old.take().map_or_else(|| self.topics.clone(), |(old, _)| old);
            lag.old = Some((old, lag.reads));
        }
    }

    /// Whether the broker still answers from before the last change.
    pub(super) fn is_behind(&self, broker: BrokerId) -> bool {
        let lag = self.lags.0.get(&broker);
        lag.is_some_and(|lag| lag.old.is_some())
    }

    /// The topics as the broker knows them now; reading brings a slow one closer to the truth.
    pub(super) fn topics_read_from(&mut self, broker: BrokerId) -> Rc<Topics> {
        if let Some(lag) = self.lags.0.get_mut(&broker) {
            match lag.old.take() {
                Some((old, left)) if left > 0 => {
                    lag.old = Some((old.clone(), left - 1));
                    return old;
                }
                _ => {}
            }
        }
        self.topics.clone()
    }
}
