//! Partitions that move from broker to broker.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::MemoryCluster;
use super::answer::Code;
use super::call::{Api, Call};
use super::state::State;
use super::topic::{PartitionState, Topic};
use crate::admin::{
    AdminError, BrokerError, EligibleLeaders, ItemError, LeadersToElect, MovesToCancel, Reassignments,
    ReplicasToAssign,
};
use crate::model::{AclOperation, BrokerId, Reassignment, RequiredAcl, TopicName};

impl MemoryCluster {
    /// From now on replicas that are added stay behind until [`Self::finish_reassignments`]. Without it they
    /// are in sync as soon as their broker is alive.
    pub fn hold_reassignments(&self) {
        self.state.borrow_mut().copies_are_held = true;
    }

    /// Replicas that are being added catch up now, where their brokers are alive, and later ones at once.
    pub fn finish_reassignments(&self) {
        let mut state = self.state.borrow_mut();
        state.about_to_change();
        state.copies_are_held = false;
        state.catch_up();
    }

    /// Replicas of one topic that are being added catch up now; those of others stay behind.
    pub fn finish_of(&self, topic: &str) {
        let mut state = self.state.borrow_mut();
        state.about_to_change();
        let brokers = state.brokers.clone();
        for (name, topic_state) in Rc::make_mut(&mut state.topics) {
            if name.as_str() == topic {
                for partition in &mut Rc::make_mut(topic_state).partitions {
                    partition.catch_up(&brokers);
                }
            }
        }
    }

    pub(super) async fn read_reassignments(
        &self,
        partitions: Option<&BTreeMap<TopicName, Vec<i32>>>,
    ) -> Result<Result<Reassignments, ItemError>, AdminError> {
        if partitions.is_some_and(BTreeMap::is_empty) {
            return Ok(Ok(Reassignments::new()));
        }
        let call = Call::from(Api::ListPartitionReassignments);
        let topics = partitions.into_iter().flat_map(BTreeMap::keys);
        self.begin(call, topics).await;
        let broker = self.state.borrow().any_broker()?;
        let lost = call.api.lost(self.state.borrow().peer(broker));
        if let Some(error) = self.script.borrow_mut().befalls_whole(call, &lost) {
            return match error {
                ItemError::Request(error) => Err(error),
                error @ ItemError::Broker(_) => Ok(Err(error)),
            };
        }
        let state = self.state.borrow();
        if state.cluster_is_denied {
            let refusal = Code::ClusterAuthorizationFailed.saying("Cluster authorization failed.");
            let refusal = refusal.needing(|| RequiredAcl::on_cluster(AclOperation::Describe));
            return Ok(Err(ItemError::Broker(refusal)));
        }
        Ok(Ok(state.reassignments(partitions)))
    }
}

impl State {
    /// One topic of an `AlterPartitionReassignments` request: every partition that can be, is.
    pub(super) fn assign(&mut self, wanted: &ReplicasToAssign) -> Result<(), BrokerError> {
        let Some(topic) = self.topics.get(&wanted.name) else {
            let index = wanted.partitions.keys().next().copied().unwrap_or(0);
            let words = format!("Unable to find a topic named {}.", wanted.name);
            return Err(at(index, Code::UnknownTopicOrPartition, &words));
        };
        let mut topic = Topic::clone(topic);
        let mut refusal = None;
        for (index, replicas) in &wanted.partitions {
            let assigned = partition(&mut topic, &wanted.name, *index).and_then(|partition| {
                self.can_be_replicas(*index, replicas)?;
                partition.assign(replicas);
                if !self.copies_are_held {
                    partition.catch_up(&self.brokers);
                }
                Ok(())
            });
            refusal = refusal.or(assigned.err());
        }
        self.insert(wanted.name.clone(), topic);
        refusal.map_or(Ok(()), Err)
    }

    /// The moves of one topic are taken back.
    pub(super) fn cancel(&mut self, wanted: &MovesToCancel) -> Result<(), BrokerError> {
        let Some(topic) = self.topics.get(&wanted.name) else {
            let index = wanted.partitions.first().copied().unwrap_or(0);
            let words = format!("Unable to find a topic named {}.", wanted.name);
            return Err(at(index, Code::UnknownTopicOrPartition, &words));
        };
        let mut topic = Topic::clone(topic);
        for index in &wanted.partitions {
            partition(&mut topic, &wanted.name, *index)?.cancel();
        }
        self.insert(wanted.name.clone(), topic);
        Ok(())
    }

    /// The last replica that was in sync, where there is none now.
    pub(super) fn eligible_leaders(&self, name: &TopicName) -> Result<EligibleLeaders, BrokerError> {
        self.may(AclOperation::Describe, name)?;
        let Some(topic) = self.topics.get(name) else {
            return Ok(EligibleLeaders::new());
        };
        let each = (0..).zip(&topic.partitions);
        Ok(each
            .map(|(index, partition)| (index, partition.eligible_leaders()))
            .collect())
    }

    /// Whether a new partition may have these replicas, where others have so many.
    pub(super) fn can_be_new_replicas(
        &self,
        replicas: &[BrokerId],
        others: usize,
    ) -> Result<(), BrokerError> {
        self.may_be_assigned(replicas)?;
        if replicas.len() == others {
            return Ok(());
        }
        let words = format!(
            "The manual partition assignment includes a partition with {} replica(s), but this is not consistent with \
             previous partitions, which have {others} replica(s).",
            replicas.len()
        );
        Err(Code::InvalidReplicaAssignment.saying(&words))
    }

    fn can_be_replicas(&self, index: i32, replicas: &[BrokerId]) -> Result<(), BrokerError> {
        self.may_be_assigned(replicas).map_err(|error| {
            let words = error.message.unwrap_or_default();
            at(index, Code::InvalidReplicaAssignment, &words)
        })
    }

    fn may_be_assigned(&self, replicas: &[BrokerId]) -> Result<(), BrokerError> {
        let refused = |words: &str| {
            let words = format!("The manual partition assignment includes {words}.");
            Err(Code::InvalidReplicaAssignment.saying(&words))
        };
        if replicas.is_empty() {
            return refused("an empty replica list");
        }
        let mut sorted = replicas.to_vec();
        sorted.sort_unstable();
        for (position, id) in sorted.iter().enumerate() {
            let Some(broker) = self.brokers.get(id) else {
                return refused(&format!("broker {id}, but no such broker is registered"));
            };
            if broker.is_cordoned {
                return refused(&format!("broker {id}, but all its log directories are cordoned"));
            }
            if sorted[..position].contains(id) {
                return refused(&format!("the broker {id} more than once"));
            }
        }
        Ok(())
    }

    /// One topic of an `ElectLeaders` request.
    pub(super) fn elect(&mut self, wanted: &LeadersToElect) -> Result<(), BrokerError> {
        let Some(topic) = self.topics.get(&wanted.name) else {
            let index = wanted.partitions.first().copied().unwrap_or(0);
            let words = format!("No such topic as {}", wanted.name);
            return Err(at(index, Code::UnknownTopicOrPartition, &words));
        };
        let mut topic = Topic::clone(topic);
        let mut refusal = None;
        for index in &wanted.partitions {
            let elected = partition_to_lead(&mut topic, &wanted.name, *index).and_then(|partition| {
                let preferred = partition.replicas.first().copied();
                if !preferred.is_some_and(|id| partition.isr.contains(&id)) {
                    let words = "The preferred leader was not available.";
                    return Err(at(*index, Code::PreferredLeaderNotAvailable, words));
                }
                partition.leader = preferred;
                Ok(())
            });
            refusal = refusal.or(elected.err());
        }
        self.insert(wanted.name.clone(), topic);
        refusal.map_or(Ok(()), Err)
    }

    fn reassignments(&self, partitions: Option<&BTreeMap<TopicName, Vec<i32>>>) -> Reassignments {
        let is_asked = |name: &TopicName, index: i32| {
            partitions.is_none_or(|asked| asked.get(name).is_some_and(|indexes| indexes.contains(&index)))
        };
        let mut found = Reassignments::new();
        for (name, topic) in self.topics.iter() {
            for (index, partition) in (0..).zip(&topic.partitions) {
                let is_moving = !partition.adding.is_empty() || !partition.removing.is_empty();
                if is_moving && is_asked(name, index) {
                    found.insert((name.clone(), index), partition.reassignment());
                }
            }
        }
        found
    }

    pub(super) fn catch_up(&mut self) {
        for topic in Rc::make_mut(&mut self.topics).values_mut() {
            if topic
                .partitions
                .iter()
                .any(|partition| !partition.adding.is_empty())
            {
                for partition in &mut Rc::make_mut(topic).partitions {
                    partition.catch_up(&self.brokers);
                }
            }
        }
    }
}

impl PartitionState {
    fn reassignment(&self) -> Reassignment {
        Reassignment {
            replicas: self.replicas.clone(),
            adding: self.adding.clone(),
            removing: self.removing.clone(),
        }
    }
}

fn partition<'a>(
    topic: &'a mut Topic,
    name: &TopicName,
    index: i32,
) -> Result<&'a mut PartitionState, BrokerError> {
    let found = usize::try_from(index)
        .ok()
        .and_then(|index| topic.partitions.get_mut(index));
    let words = || format!("Unable to find partition {name}:{index}.");
    found.ok_or_else(|| at(index, Code::UnknownTopicOrPartition, &words()))
}

fn partition_to_lead<'a>(
    topic: &'a mut Topic,
    name: &TopicName,
    index: i32,
) -> Result<&'a mut PartitionState, BrokerError> {
    let words = format!("No such partition as {name}-{index}");
    partition(topic, name, index).map_err(|_| at(index, Code::UnknownTopicOrPartition, &words))
}

/// As the real client tells of a partition in what it says of a topic.
fn at(index: i32, code: Code, words: &str) -> BrokerError {
    code.saying(format!("partition {index}: {words}"))
}
