//! `ListPartitionReassignments` (KIP-455): what is under way, whoever began it.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use kafka_protocol::messages::list_partition_reassignments_request::ListPartitionReassignmentsTopics;
use kafka_protocol::messages::list_partition_reassignments_response::OngoingPartitionReassignment;
use kafka_protocol::messages::{
    BrokerId as WireBrokerId, ListPartitionReassignmentsRequest, ListPartitionReassignmentsResponse,
};

use crate::admin::client::dispatch::Client;
use crate::admin::client::dispatch::attempts::Attempts;
use crate::admin::client::dispatch::topic_reads::named_twice;
use crate::admin::client::protocol::answer;
use crate::admin::client::protocol::api::Api;
use crate::admin::client::protocol::wire_text;
use crate::admin::client::session::connection::Connection;
use crate::admin::client::transport::deadline::Deadline;
use crate::admin::{AdminError, ItemError, Reassignments};
use crate::model::{AclOperation, BrokerId, Reassignment, RequiredAcl, TopicName};

type Asked<'a> = Option<&'a BTreeMap<TopicName, Vec<i32>>>;

impl Client {
    pub(crate) async fn read_reassignments(
        &self,
        partitions: Asked<'_>,
    ) -> Result<Result<Reassignments, ItemError>, AdminError> {
        if partitions.is_some_and(BTreeMap::is_empty) {
            return Ok(Ok(Reassignments::new()));
        }
        let deadline = self.deadline();
        let mut attempts = Attempts::new();
        loop {
            let error = match self.ask_reassignments(partitions, deadline).await {
                Ok((connection, answer)) => return Ok(ongoing(partitions, &connection, &answer)),
                Err(error) => error,
            };
            match attempts.again(error, deadline).await {
                Ok(()) => self.routing.forget().await,
                Err(AdminError::Refused { error, .. }) => {
                    let right = || RequiredAcl::on_cluster(AclOperation::Describe);
                    return Ok(Err(ItemError::Broker(error.needing(right))));
                }
                Err(error) => return Err(error),
            }
        }
    }

    /// Before `KRaft` only the controller knows; in `KRaft` any broker forwards.
    async fn ask_reassignments(
        &self,
        partitions: Asked<'_>,
        deadline: Deadline,
    ) -> Result<(Rc<Connection>, ListPartitionReassignmentsResponse), AdminError> {
        let name = ListPartitionReassignmentsRequest::NAME;
        let connection = self.routing.controller(name, deadline).await?;
        let request = request(partitions, deadline);
        let answer = connection.call(&request, deadline).await?;
        let checked = answer::check(answer.error_code, answer.error_message.as_ref());
        checked.map_err(|error| AdminError::Refused {
            request: name,
            broker: connection.peer(),
            error,
        })?;
        Ok((connection, answer))
    }
}

fn request(partitions: Asked<'_>, deadline: Deadline) -> ListPartitionReassignmentsRequest {
    let topic = |(name, indexes): (&TopicName, &Vec<i32>)| {
        ListPartitionReassignmentsTopics::default()
            .with_name(wire_text(name.as_str()).into())
            .with_partition_indexes(indexes.clone())
    };
    let milliseconds = i32::try_from(deadline.remaining().as_millis()).unwrap_or(i32::MAX);
    ListPartitionReassignmentsRequest::default()
        .with_timeout_ms(milliseconds.max(1))
        .with_topics(partitions.map(|partitions| partitions.iter().map(topic).collect()))
}

/// What the answer says of what was asked for.
fn ongoing(
    partitions: Asked<'_>,
    connection: &Connection,
    answer: &ListPartitionReassignmentsResponse,
) -> Result<Reassignments, ItemError> {
    let asked = partitions.map(|partitions| {
        let each = partitions.iter();
        let each = each.flat_map(|(name, indexes)| indexes.iter().map(move |index| (name, *index)));
        each.collect::<BTreeSet<_>>()
    });
    let mut found = Reassignments::new();
    for topic in &answer.topics {
        let Ok(name) = TopicName::new(&topic.name) else {
            continue;
        };
        for partition in &topic.partitions {
            let index = partition.partition_index;
            if asked
                .as_ref()
                .is_some_and(|asked| !asked.contains(&(&name, index)))
            {
                continue;
            }
            if found
                .insert((name.clone(), index), reassignment(partition))
                .is_some()
            {
                return Err(named_twice(ListPartitionReassignmentsRequest::NAME, connection));
            }
        }
    }
    Ok(found)
}

fn reassignment(partition: &OngoingPartitionReassignment) -> Reassignment {
    let ids = |ids: &[WireBrokerId]| ids.iter().map(|id| BrokerId(id.0)).collect();
    Reassignment {
        replicas: ids(&partition.replicas),
        adding: ids(&partition.adding_replicas),
        removing: ids(&partition.removing_replicas),
    }
}
