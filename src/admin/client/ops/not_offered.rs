//! What the broker at hand says that it offers (KIP-35). Clusters other than Apache Kafka leave out requests.

use kafka_protocol::messages::{
    AlterPartitionReassignmentsRequest, CreateTopicsRequest, DeleteTopicsRequest,
    ListPartitionReassignmentsRequest,
};

use crate::admin::AdminError;
use crate::admin::client::dispatch::Client;
use crate::admin::client::ops::create_topics::LETS_BROKER_DECIDE;
use crate::admin::client::protocol::api::Api;
use crate::admin::client::session::connection::Connection;
use crate::model::{NotOffered, Service, UnvalidatedRequest};

impl Client {
    pub(crate) async fn find_honours_validate_only(&self) -> bool {
        let deadline = self.deadline();
        let (connection, view) = tokio::join!(self.routing.any(deadline), self.routing.view(deadline));
        let (Ok(connection), Ok(view)) = (connection, view) else {
            return false;
        };
        let service = Service::recognise(&view);
        connection.is_apache_kafka() || service.is_some_and(Service::honours_validate_only)
    }

    pub(crate) async fn find_not_offered(
        &self,
        request: UnvalidatedRequest,
    ) -> Result<Option<NotOffered>, AdminError> {
        let connection = self.routing.any(self.deadline()).await?;
        Ok(match request {
            UnvalidatedRequest::CreateTopicsByDefaults => {
                let version = connection.version::<CreateTopicsRequest>();
                let is_missing = version.is_ok_and(|version| version < LETS_BROKER_DECIDE);
                let missing = NotOffered {
                    request: "CreateTopics with partitions and replication by its defaults",
                    since: "2.4",
                };
                is_missing.then_some(missing)
            }
            UnvalidatedRequest::DeleteTopics => {
                let missing = missing::<DeleteTopicsRequest>(&connection);
                missing.map(|missing| NotOffered {
                    request: "DeleteTopics by topic id",
                    ..missing
                })
            }
            UnvalidatedRequest::AlterPartitionReassignments => {
                missing::<AlterPartitionReassignmentsRequest>(&connection)
            }
            UnvalidatedRequest::ListPartitionReassignments => {
                missing::<ListPartitionReassignmentsRequest>(&connection)
            }
        })
    }
}

fn missing<R: Api>(connection: &Connection) -> Option<NotOffered> {
    match connection.version::<R>() {
        Err(AdminError::Unsupported { request, since, .. }) => Some(NotOffered { request, since }),
        Ok(_) | Err(_) => None,
    }
}
