//! Who leads the controllers' quorum, and who follows it: `DescribeQuorum` (KIP-595, KIP-836). Brokers pass it on to
//! the active controller, so that an answer, a refusal for want of a right included, shows that there is one. It
//! names every node that follows the controller's log, with the time of its last fetch: brokers fetch twice a second.

use std::collections::BTreeMap;
use std::time::Duration;

use kafka_protocol::error::ResponseError;
use kafka_protocol::messages::describe_quorum_request::{PartitionData, TopicData};
use kafka_protocol::messages::describe_quorum_response::{PartitionData as Described, ReplicaState};
use kafka_protocol::messages::{DescribeQuorumRequest, DescribeQuorumResponse};
use kafka_protocol::protocol::StrBytes;

use crate::admin::client::protocol::answer;
use crate::admin::client::protocol::api::Api;
use crate::admin::client::session::connection::Connection;
use crate::admin::client::transport::deadline::{Backoff, Deadline};
use crate::admin::{AdminError, BrokerError};
use crate::model::BrokerId;

/// The controllers' log.
const LOG: &str = "__cluster_metadata";

/// Who follows the controller.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Followers {
    /// How long each controller has been silent, as the leading one sees it; `None` where it does not tell.
    pub(crate) voters: BTreeMap<BrokerId, Option<Duration>>,
    /// The same of every node that follows the log, controllers included.
    pub(crate) nodes: BTreeMap<BrokerId, Option<Duration>>,
    /// How far each node has the log.
    pub(crate) ends: BTreeMap<BrokerId, i64>,
    /// How far the log is committed.
    pub(crate) committed: i64,
    /// What the leading controller's clock showed (milliseconds since 1970, UTC), where it tells.
    pub(crate) controller_now: Option<i64>,
}

/// What was answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum QuorumAnswer {
    /// The controller tells who follows it.
    Followers(Followers),
    /// A controller refuses to tell, and so is there.
    Refused,
    /// The broker has no such request.
    NotTold,
    /// Nobody answers as a controller.
    Unanswered(AdminError),
}

/// Asks until somebody answers as the controller, or the deadline is over.
pub(crate) async fn describe_quorum(connection: &Connection, deadline: Deadline) -> QuorumAnswer {
    let mut backoff = Backoff::new();
    loop {
        let error = match connection.call(&request(), deadline).await {
            Ok(answer) => match followers(&answer) {
                Ok(followers) => return QuorumAnswer::Followers(followers),
                Err(error) if is_refusal(&error) => return QuorumAnswer::Refused,
                Err(error) => AdminError::Refused {
                    request: DescribeQuorumRequest::NAME,
                    broker: connection.peer(),
                    error,
                },
            },
            Err(AdminError::Unsupported { .. }) => return QuorumAnswer::NotTold,
            Err(error) => error,
        };
        let is_answer = matches!(error, AdminError::Refused { .. });
        if !is_answer || !backoff.wait(deadline).await {
            return QuorumAnswer::Unanswered(error);
        }
    }
}

fn request() -> DescribeQuorumRequest {
    let log = TopicData::default()
        .with_topic_name(StrBytes::from_static_str(LOG).into())
        .with_partitions(vec![PartitionData::default()]);
    DescribeQuorumRequest::default().with_topics(vec![log])
}

/// Whether it is about the right: of the client, or of a topic that the principal may not see.
fn is_refusal(error: &BrokerError) -> bool {
    let refusals = [
        ResponseError::ClusterAuthorizationFailed,
        ResponseError::TopicAuthorizationFailed,
    ];
    refusals.iter().any(|refusal| refusal.code() == error.code)
}

fn followers(answer: &DescribeQuorumResponse) -> Result<Followers, BrokerError> {
    answer::check(answer.error_code, answer.error_message.as_ref())?;
    let partition = answer.topics.iter().flat_map(|topic| &topic.partitions).next();
    let no_leader = || answer::broker_error(ResponseError::LeaderNotAvailable, None);
    let partition = partition.ok_or_else(no_leader)?;
    answer::check(partition.error_code, partition.error_message.as_ref())?;
    if partition.leader_id.0 < 0 {
        return Err(no_leader());
    }
    Ok(silences(partition))
}

/// By the leader's clock alone: of itself it tells the current time (`LeaderState.describeReplicaState`).
fn silences(partition: &Described) -> Followers {
    let all = || partition.current_voters.iter().chain(&partition.observers);
    let now = all().map(|state| state.last_fetch_timestamp).max().unwrap_or(-1);
    let silence = |state: &ReplicaState| {
        let fetched = state.last_fetch_timestamp;
        let is_told = fetched >= 0 || state.replica_id == partition.leader_id;
        let silent = u64::try_from(now.saturating_sub(fetched.max(0))).unwrap_or(0);
        let silent = if state.replica_id == partition.leader_id {
            0
        } else {
            silent
        };
        (
            BrokerId(state.replica_id.0),
            is_told.then(|| Duration::from_millis(silent)),
        )
    };
    Followers {
        voters: partition.current_voters.iter().map(silence).collect(),
        nodes: all().map(silence).collect(),
        ends: all()
            .map(|state| (BrokerId(state.replica_id.0), state.log_end_offset))
            .collect(),
        committed: partition.high_watermark,
        controller_now: (now >= 0).then_some(now),
    }
}
