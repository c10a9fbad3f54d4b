//! Brokers that stop and start.

use std::rc::Rc;

use super::MemoryCluster;
use super::state::State;
use crate::admin::{AdminError, ConnectErrorKind, FailedAttempt, Peer};
use crate::model::BrokerId;

impl MemoryCluster {
    /// The broker goes away: its replicas leave the ISRs, leaders move.
    pub fn stop(&self, broker: BrokerId) {
        self.state.borrow_mut().switch(broker, false);
    }

    /// The next so many answers list nobody as alive, as those of a broker that has just started and is still
    /// fenced. It answers everything else.
    pub fn list_nobody(&self, answers: u32) {
        self.state.borrow_mut().lists_nobody = answers;
    }

    /// From now on the broker takes no new replicas, as one whose `cordoned.log.dirs` is `*`.
    pub fn cordon(&self, broker: BrokerId) {
        if let Some(state) = self.state.borrow_mut().brokers.get_mut(&broker) {
            state.is_cordoned = true;
        }
    }

    /// How errors name a broker; for those that a test makes up.
    pub fn peer(&self, broker: i32) -> Peer {
        self.state.borrow().peer(BrokerId(broker))
    }

    /// The broker comes back and is in sync at once.
    pub fn start(&self, broker: BrokerId) {
        self.state.borrow_mut().switch(broker, true);
    }
}

impl State {
    /// Whether this answer lists nobody.
    pub(super) fn lists_nobody(&mut self) -> bool {
        let is_fenced = self.lists_nobody > 0;
        self.lists_nobody = self.lists_nobody.saturating_sub(1);
        is_fenced
    }

    fn switch(&mut self, broker: BrokerId, on: bool) {
        match self.brokers.get_mut(&broker) {
            Some(state) if state.alive != on => state.alive = on,
            _ => return,
        }
        for topic in Rc::make_mut(&mut self.topics).values_mut() {
            if topic.partitions.iter().any(|p| p.replicas.contains(&broker)) {
                for partition in &mut Rc::make_mut(topic).partitions {
                    partition.broker_switched(broker, &self.brokers);
                }
            }
        }
        if !self.copies_are_held {
            self.catch_up();
        }
    }

    /// The broker that answers what any broker may: the first that is alive.
    pub(super) fn any_broker(&self) -> Result<BrokerId, AdminError> {
        let alive = self.brokers.iter().find(|(_, broker)| broker.alive);
        alive.map(|(id, _)| *id).ok_or_else(|| self.unreachable())
    }

    /// Asks whether this very broker answers.
    pub(super) fn must_be_alive(&self, broker: BrokerId, request: &'static str) -> Result<(), AdminError> {
        match self.brokers.get(&broker) {
            Some(state) if state.alive => Ok(()),
            _ => Err(AdminError::NotSent {
                request,
                broker: self.peer(broker),
                reason: "Connection refused".into(),
            }),
        }
    }

    pub(super) fn peer(&self, broker: BrokerId) -> Peer {
        let address = match self.brokers.get(&broker) {
            Some(state) => format!("{}:{}", state.view.host, state.view.port),
            None => "unknown address".to_owned(),
        };
        Peer {
            id: Some(broker),
            address: address.into(),
        }
    }

    fn unreachable(&self) -> AdminError {
        let attempts = self.brokers.keys().map(|id| FailedAttempt {
            address: self.peer(*id).address,
            reason: "Connection refused".into(),
            kind: ConnectErrorKind::NoAnswer,
        });
        AdminError::Unreachable {
            attempts: attempts.collect(),
            waited: std::time::Duration::from_secs(10),
        }
    }
}
