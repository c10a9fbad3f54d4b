//! What the principal may not do. Everything else is allowed.

use super::answer::Code;
use super::{MemoryCluster, state::State};
use crate::admin::BrokerError;
use crate::model::{Pattern, TopicName};

/// Operations on topics, as Kafka's authorizer knows them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operation {
    /// See that the topic exists, its partitions and offsets. Denying it hides the topic.
    Describe,
    /// Read its configs.
    DescribeConfigs,
    /// Create it.
    Create,
    /// Add partitions.
    Alter,
    /// Set and reset its configs.
    AlterConfigs,
    /// Delete it.
    Delete,
}

impl Operation {
    /// Whether there are words depends on the request, not on the reason.
    fn refusal(self) -> BrokerError {
        let code = Code::TopicAuthorizationFailed;
        match self {
            Self::Describe | Self::Alter => code.alone(),
            Self::Create => code.saying("Authorization failed."),
            Self::DescribeConfigs | Self::AlterConfigs | Self::Delete => {
                code.saying("Topic authorization failed.")
            }
        }
    }
}

#[derive(Debug)]
pub(super) struct Denial {
    operation: Operation,
    topics: Pattern,
}

impl MemoryCluster {
    /// From now on the operation is refused on every topic whose name matches the glob.
    pub fn deny(&self, operation: Operation, topics: &str) {
        let topics = Pattern::new(topics);
        self.state.borrow_mut().denials.push(Denial { operation, topics });
    }

    /// From now on brokers do not show their own configs, as to somebody without the right to
    /// `DescribeConfigs` of the cluster.
    pub fn deny_broker_configs(&self) {
        self.state.borrow_mut().broker_configs_are_denied = true;
    }

    /// Everything is allowed again.
    pub fn allow_everything(&self) {
        let mut state = self.state.borrow_mut();
        state.denials.clear();
        state.broker_configs_are_denied = false;
    }
}

impl State {
    pub(super) fn may(&self, operation: Operation, topic: &TopicName) -> Result<(), BrokerError> {
        if self.is_denied(operation, topic) {
            return Err(operation.refusal());
        }
        Ok(())
    }

    pub(super) fn may_see_broker_configs(&self) -> Result<(), BrokerError> {
        if self.broker_configs_are_denied {
            return Err(Code::ClusterAuthorizationFailed.saying("Cluster authorization failed."));
        }
        Ok(())
    }

    pub(super) fn is_denied(&self, operation: Operation, topic: &TopicName) -> bool {
        let matches =
            |denial: &Denial| denial.operation == operation && denial.topics.matches(topic.as_str());
        self.denials.iter().any(matches)
    }
}
