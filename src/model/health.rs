//! Whether a cluster can be believed: who leads its controllers, and which brokers do not answer. What one broker
//! remembers is not the state of the cluster: without a controller it goes on showing what it last heard.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::name::BrokerId;

/// What is known of a cluster beside what one broker remembers.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ClusterHealth {
    /// Whether a controller answers.
    pub quorum: Quorum,
    /// Brokers that others still list as alive, and that neither follow the controller nor answer; with what became
    /// of the attempt.
    pub down: BTreeMap<BrokerId, Arc<str>>,
}

/// Whether most of the controllers are there.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Quorum {
    /// A controller answers.
    Led,
    /// The cluster does not tell: before Kafka 3.3, or with `ZooKeeper`.
    #[default]
    NotTold,
    /// There is no controller, and by what that is known.
    Lost(Arc<str>),
}

impl ClusterHealth {
    /// By what it is known that there is no controller, if that is so.
    pub fn no_controller(&self) -> Option<&Arc<str>> {
        match &self.quorum {
            Quorum::Lost(why) => Some(why),
            Quorum::Led | Quorum::NotTold => None,
        }
    }

    /// Everything that is wrong, in lines for people.
    pub fn problems(&self) -> Vec<String> {
        let no_controller = self.no_controller().map(|why| {
            format!("the cluster has no controller; what follows is what brokers last heard: {why}")
        });
        no_controller.into_iter().chain(self.down_in_words()).collect()
    }

    /// `broker 3 is down: connection refused`.
    pub fn down_in_words(&self) -> impl Iterator<Item = String> {
        self.down
            .iter()
            .map(|(broker, why)| format!("broker {broker} is down: {why}"))
    }
}
