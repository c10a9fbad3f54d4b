//! What the principal may not do. Everything else is allowed.

use super::answer::Code;
use super::{MemoryCluster, state::State};
use crate::admin::BrokerError;
use crate::model::{AclOperation, Pattern, RequiredAcl, TopicName};

/// Whether there are words depends on the request, not on the reason.
fn refusal(operation: AclOperation) -> BrokerError {
    let code = Code::TopicAuthorizationFailed;
    match operation {
        AclOperation::Describe | AclOperation::Alter | AclOperation::Read | AclOperation::Write => {
            code.alone()
        }
        AclOperation::Create => code.saying("Authorization failed."),
        AclOperation::DescribeConfigs | AclOperation::AlterConfigs | AclOperation::Delete => {
            code.saying("Topic authorization failed.")
        }
    }
}

#[derive(Debug)]
pub(super) struct Denial {
    operation: AclOperation,
    topics: Pattern,
}

impl MemoryCluster {
    /// From now on the operation is refused on every topic whose name matches the glob.
    pub fn deny(&self, operation: AclOperation, topics: &str) {
        let topics = Pattern::new(topics);
        self.state.borrow_mut().denials.push(Denial { operation, topics });
    }

    /// From now on brokers do not show their own configs, as to somebody without the right to
    /// `DescribeConfigs` of the cluster.
    pub fn deny_broker_configs(&self) {
        self.state.borrow_mut().broker_configs_are_denied = true;
    }

    /// From now on sizes of replicas and reassignments are refused, and no group is listed, as to somebody
    /// without the rights to `Describe` and `Alter` the cluster, or to any group.
    pub fn deny_cluster(&self) {
        self.state.borrow_mut().cluster_is_denied = true;
    }

    /// Everything is allowed again.
    pub fn allow_everything(&self) {
        let mut state = self.state.borrow_mut();
        state.denials.clear();
        state.broker_configs_are_denied = false;
        state.cluster_is_denied = false;
    }
}

impl State {
    pub(super) fn may(&self, operation: AclOperation, topic: &TopicName) -> Result<(), BrokerError> {
        if self.is_denied(operation, topic) {
            return Err(refusal(operation).needing(|| RequiredAcl::on_topic(operation, topic)));
        }
        Ok(())
    }

    pub(super) fn may_see_broker_configs(&self) -> Result<(), BrokerError> {
        if self.broker_configs_are_denied {
            let refusal = Code::ClusterAuthorizationFailed.saying("Cluster authorization failed.");
            return Err(refusal.needing(|| RequiredAcl::on_cluster(AclOperation::DescribeConfigs)));
        }
        Ok(())
    }

    pub(super) fn may_change_the_cluster(&self) -> Result<(), BrokerError> {
        if self.cluster_is_denied {
            let refusal = Code::ClusterAuthorizationFailed.saying("Cluster authorization failed.");
            return Err(refusal.needing(|| RequiredAcl::on_cluster(AclOperation::Alter)));
        }
        Ok(())
    }

    pub(super) fn may_alter_brokers(&self) -> Result<(), BrokerError> {
        if self.broker_configs_are_denied {
            let refusal = Code::ClusterAuthorizationFailed.saying("Cluster authorization failed.");
            return Err(refusal.needing(|| RequiredAcl::on_cluster(AclOperation::AlterConfigs)));
        }
        Ok(())
    }

    pub(super) fn is_denied(&self, operation: AclOperation, topic: &TopicName) -> bool {
        let matches =
            |denial: &Denial| denial.operation == operation && denial.topics.matches(topic.as_str());
        self.denials.iter().any(matches)
    }
}
