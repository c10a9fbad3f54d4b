//! What every plan and report is headed by.

use crate::model::{ClusterHealth, Observation, Printable};

/// Which cluster is spoken of, and under which profile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    /// The profile of the file; `None` for a file without profiles, or without a file.
    pub profile: Option<Printable>,
    /// The cluster's own id.
    pub cluster_id: Printable,
    /// The bootstrap address that was used.
    pub address: Printable,
    /// The user name of the login, which brokers take for the principal; `None` where there is none.
    pub principal: Option<Printable>,
    /// Whether AWS's IAM decides who may do what, and not Kafka's ACLs.
    pub is_of_aws: bool,
    /// Whether there is a controller, and which brokers do not answer.
    pub health: ClusterHealth,
}

impl Header {
    /// Adds the brokers that hold replicas of what was read and are not alive.
    pub fn note_absent(&mut self, observed: &Observation) {
        self.health.note_absent(&observed.cluster, observed.metadata());
    }
}
