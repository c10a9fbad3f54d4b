//! Ends of replicas: `ListOffsets` as a debugging client, which a follower answers as well, and with the end of its
//! own log (`ReplicaManager.fetchOffset`).

use futures_util::future::join_all;
use kafka_protocol::messages::{BrokerId as WireBrokerId, ListOffsetsRequest};

use super::list_offsets::{CHUNK, ELECTION, Key, Offsets, keys, read, request};
use crate::admin::client::dispatch::Client;
use crate::admin::client::protocol::api::Api;
use crate::admin::client::session::connection::Connection;
use crate::admin::client::transport::deadline::Deadline;
use crate::admin::{ItemError, OffsetPoint, ReplicaEnds, Replicas};
use crate::model::BrokerId;

/// `ListOffsetsRequest.DEBUGGING_REPLICA_ID`.
const DEBUGGING_REPLICA: WireBrokerId = WireBrokerId(-2);

impl Client {
    /// Nobody waits long for what only makes a plan say more.
    pub(crate) async fn read_replica_ends(&self, replicas: &Replicas) -> ReplicaEnds {
        let deadline = self.deadline().at_most(ELECTION);
        let each = replicas.iter().map(async |(broker, partitions)| {
            let keys: Vec<Key> = keys(partitions).into_iter().collect();
            let mut ends = Offsets::new();
            for chunk in keys.chunks(CHUNK) {
                ends.extend(self.ask_replicas(*broker, chunk, deadline).await);
            }
            (*broker, ends)
        });
        join_all(each).await.into_iter().collect()
    }

    async fn ask_replicas(&self, broker: BrokerId, keys: &[Key], deadline: Deadline) -> Offsets {
        let request = request(keys, OffsetPoint::Latest).with_replica_id(DEBUGGING_REPLICA);
        let ask = async |connection: &Connection| connection.call(&request, deadline).await;
        match self
            .ask_broker(broker, ListOffsetsRequest::NAME, deadline, ask)
            .await
        {
            Ok((connection, answer)) => read(keys, &answer, &connection),
            Err(error) => {
                let failed = |key: &Key| (key.clone(), Err(ItemError::Request(error.clone())));
                keys.iter().map(failed).collect()
            }
        }
    }
}
