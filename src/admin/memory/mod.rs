//! A cluster in memory, for tests: it answers as Apache Kafka 4.4 does in everything that the
//! contract suite checks against a real one, and does on demand what a real one does only on bad days.
//!
//! One [`MemoryCluster`] is both the cluster and a client of it. As a client it implements
//! [`super::Admin`]. As the cluster it is in the test's hands:
//!
//! - what is there: [`MemoryCluster::create`] and its neighbours change topics as somebody else would,
//!   with no request counted and no fault met; [`MemoryCluster::append`] puts records into them;
//! - brokers: [`MemoryCluster::stop`], [`MemoryCluster::start`], [`MemoryCluster::lag`];
//! - bad days: [`MemoryCluster::inject`] a [`Fault`], [`MemoryCluster::before`] a request let something
//!   happen, [`MemoryCluster::deny`] an operation, make a request [`MemoryCluster::slow`].
//!
//! Everything is deterministic: placement, ids, the order of faults. Time is tokio's, so a test may
//! pause it.
//!
//! Left out on purpose: batching and the 10,000-record limit of a request (the real client's affair: a
//! call here is one request, whatever its size), retries (a fault reaches the caller at once), record
//! contents.

mod admin;
mod answer;
mod brokers;
mod builder;
mod by_hand;
mod call;
mod configs;
mod data;
mod denial;
mod fault;
mod groups;
mod lag;
mod log;
mod placement;
mod reassignments;
mod replica_ends;
mod requests;
mod state;
#[cfg(test)]
mod tests;
mod topic;
mod values;

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

pub use crate::model::AclOperation as Operation;
pub use answer::Code;
pub use builder::Builder;
pub use call::{Api, Call};
pub use configs::Scope;
pub use fault::Fault;
pub use log::Records;

use super::RequestCounts;
use crate::model::TopicName;
use fault::Script;
use state::State;

/// A cluster in memory, and a client of it. A clone is the same cluster and the same client;
/// [`MemoryCluster::another_client`] is the same cluster with request counts of its own.
#[derive(Clone)]
pub struct MemoryCluster {
    state: Rc<RefCell<State>>,
    script: Rc<RefCell<Script>>,
    requests: Rc<RefCell<RequestCounts>>,
    asked: Rc<RefCell<BTreeMap<Api, BTreeSet<TopicName>>>>,
}

impl MemoryCluster {
    /// A fresh cluster with this many brokers, numbered from 1, each in a rack of its own, with Kafka's
    /// defaults.
    pub fn new(brokers: i32) -> Self {
        Self::builder().brokers(brokers).build()
    }

    /// A cluster with settings of its own.
    pub fn builder() -> Builder {
        Builder::default()
    }

    /// Another client of the same cluster. Faults and hooks belong to the cluster and meet whoever comes
    /// first; request counts belong to the client.
    #[must_use]
    pub fn another_client(&self) -> Self {
        Self {
            requests: Rc::default(),
            asked: Rc::default(),
            ..self.clone()
        }
    }

    fn from_state(state: State) -> Self {
        Self {
            state: Rc::new(RefCell::new(state)),
            script: Rc::default(),
            requests: Rc::default(),
            asked: Rc::default(),
        }
    }

    /// The topics that this client's requests of a kind were about.
    pub fn asked(&self, api: Api) -> BTreeSet<TopicName> {
        self.asked.borrow().get(&api).cloned().unwrap_or_default()
    }
}
