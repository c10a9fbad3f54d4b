//! Which groups a broker coordinates: `ListGroups`; and whether it shows all of them.

use std::ops::RangeInclusive;
use std::sync::Arc;

use kafka_protocol::messages::{DescribeClusterRequest, ListGroupsRequest, MetadataRequest};

use crate::admin::client::dispatch::Client;
use crate::admin::client::protocol::answer;
use crate::admin::client::protocol::api::Api;
use crate::admin::client::session::connection::Connection;
use crate::admin::client::transport::deadline::Deadline;
use crate::admin::{AdminError, ItemError};
use crate::model::{AclOperation, BrokerId, GroupKind, GroupName, ReadError, RequiredAcl};

/// The bit of `DESCRIBE` among the operations that a principal may do (`AclOperation`).
const DESCRIBE: i32 = 1 << 8;
/// What a broker answers that was not asked or does not know.
const NOT_TOLD: i32 = i32::MIN;

/// A group as its coordinator lists it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Listed {
    pub(crate) name: GroupName,
    pub(crate) kind: GroupKind,
    /// `None`: the broker does not tell (before Kafka 2.6).
    pub(crate) state: Option<Arc<str>>,
}

impl Listed {
    /// No member is there.
    pub(crate) fn is_at_rest(&self) -> bool {
        self.kind == GroupKind::Other || matches!(self.state.as_deref(), Some("Empty" | "Dead"))
    }
}

impl Client {
    pub(crate) async fn list_groups(
        &self,
        broker: BrokerId,
        deadline: Deadline,
    ) -> Result<Vec<Listed>, ItemError> {
        let request = ListGroupsRequest::default();
        let ask = async |connection: &Connection| connection.call(&request, deadline).await;
        let asked = self
            .ask_broker(broker, ListGroupsRequest::NAME, deadline, ask)
            .await;
        let (_, answer) = asked.map_err(ItemError::Request)?;
        answer::check(answer.error_code, None).map_err(ItemError::Broker)?;
        let listed = answer.groups.into_iter().map(|group| Listed {
            name: Arc::from(&*group.group_id.0),
            kind: kind(&group.group_type, &group.protocol_type),
            state: Some(group.group_state.to_string())
                .filter(|state| !state.is_empty())
                .map(Arc::from),
        });
        Ok(listed.collect())
    }

    /// The error is what keeps this principal from seeing all groups.
    pub(crate) async fn sees_all_groups(&self, deadline: Deadline) -> Result<(), ReadError> {
        let request = DescribeClusterRequest::default().with_include_cluster_authorized_operations(true);
        let said = |error: AdminError| ReadError::from(error.to_string());
        let connection = self.routing.any(deadline).await.map_err(said)?;
        let operations = match connection.call(&request, deadline).await {
            Ok(answer) => answer.cluster_authorized_operations,
            Err(AdminError::Unsupported { .. }) => by_metadata(&connection, deadline).await.map_err(said)?,
            Err(error) => return Err(said(error)),
        };
        match operations {
            NOT_TOLD => Err("the broker does not tell whether it lists all groups".into()),
            operations if operations & DESCRIBE == 0 => {
                let right = RequiredAcl::on_cluster(AclOperation::Describe);
                let words = format!("groups that may not be described are not listed; needs {right}");
                Err(ReadError {
                    words: words.into(),
                    missing: Some(right),
                })
            }
            _ => Ok(()),
        }
    }
}

/// Versions 8 to 10 of `Metadata` tell what `DescribeCluster` tells (KIP-430, KIP-700).
async fn by_metadata(connection: &Connection, deadline: Deadline) -> Result<i32, AdminError> {
    const TELLS: RangeInclusive<i16> = 8..=10;
    let is_told = connection
        .version_at_most::<MetadataRequest>(*TELLS.end())
        .is_ok_and(|version| TELLS.contains(&version));
    if !is_told {
        return Ok(NOT_TOLD);
    }
    let request = MetadataRequest::default()
        .with_topics(Some(Vec::new()))
        .with_allow_auto_topic_creation(false)
        .with_include_cluster_authorized_operations(true);
    let answer = connection.call_at_most(*TELLS.end(), &request, deadline).await?;
    Ok(answer.cluster_authorized_operations)
}

/// Before Kafka 3.8 there is no type: then every group is a classic one. A group that only keeps offsets
/// has no protocol.
fn kind(group_type: &str, protocol_type: &str) -> GroupKind {
    match group_type.to_ascii_lowercase().as_str() {
        "consumer" => GroupKind::Consumer,
        "share" => GroupKind::Share,
        "streams" => GroupKind::Streams,
        "" | "classic" if matches!(protocol_type, "consumer" | "") => GroupKind::Classic,
        _ => GroupKind::Other,
    }
}
