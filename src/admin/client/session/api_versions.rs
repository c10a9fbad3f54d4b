//! Which version of each request a broker and this tool share (KIP-35).

use std::collections::BTreeMap;

use bytes::Bytes;
use kafka_protocol::messages::{
    ApiVersionsRequest, ApiVersionsResponse, BrokerRegistrationRequest, MetadataRequest,
};
use kafka_protocol::protocol::{Request, StrBytes, VersionRange};

use crate::admin::client::protocol::answer;
use crate::admin::client::protocol::api::Api;
use crate::admin::client::session::connection::{Wire, decode};
use crate::admin::client::transport::deadline::Deadline;
use crate::admin::{AdminError, Peer};

/// The version that every broker since Kafka 2.4 has, and that tells it who asks (KIP-511).
const FIRST_TRY: i16 = 3;
const FALLBACK: i16 = 0;

const METADATA_VERSION: &str = "metadata.version";

/// What a broker understands.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Versions {
    ranges: BTreeMap<i16, VersionRange>,
    metadata_version: Option<i16>,
}

impl Versions {
    /// Whether this is a listener of a `KRaft` controller: it registers brokers, and has no `Metadata`, which every
    /// broker has (`listeners` in Kafka's `MetadataRequest.json` and `BrokerRegistrationRequest.json`, 3.3 to 4.4).
    pub(crate) fn are_controllers(&self) -> bool {
        let has = |key| self.ranges.contains_key(&key);
        has(BrokerRegistrationRequest::KEY) && !has(MetadataRequest::KEY)
    }

    /// The finalized level of `metadata.version`, where the cluster has one (KIP-584, KIP-778).
    pub(crate) fn metadata_version(&self) -> Option<i16> {
        self.metadata_version
    }

    /// Whether the broker has feature levels of Apache Kafka's controllers, or, with `ZooKeeper`, the requests of its
    /// brokers to each other (`LeaderAndIsr`, `StopReplica`, `UpdateMetadata`).
    pub(crate) fn is_apache_kafka(&self) -> bool {
        const BETWEEN_BROKERS: [i16; 3] = [4, 5, 6];
        let has_all = || BETWEEN_BROKERS.iter().all(|key| self.ranges.contains_key(key));
        self.metadata_version.is_some() || has_all()
    }

    /// The newest version of `R` that both sides have and that is no newer than this; the oldest that
    /// both have, where all of them are newer.
    pub(crate) fn pick_at_most<R: Api>(&self, newest: i16, broker: &Peer) -> Result<i16, AdminError> {
        let shared = self.pick::<R>(broker)?;
        let theirs = self.ranges.get(&R::KEY).map_or(shared, |range| range.min);
        Ok(newest.max(theirs).max(R::OLDEST).min(shared))
    }

    /// The newest version of `R` that both sides have.
    pub(crate) fn pick<R: Api>(&self, broker: &Peer) -> Result<i16, AdminError> {
        let ours = VersionRange {
            min: R::OLDEST.max(R::VERSIONS.min),
            max: R::NEWEST,
        };
        let theirs = self.ranges.get(&R::KEY).copied();
        match theirs.map(|theirs| (theirs, ours.intersect(&theirs))) {
            Some((_, shared)) if !shared.is_empty() => Ok(shared.max),
            Some((theirs, _)) if theirs.min > ours.max => Err(AdminError::NotSent {
                request: R::NAME,
                broker: broker.clone(),
                reason: format!(
                    "the broker is too new: it wants version {} or later of this request, and this tool knows \
                     {} at most",
                    theirs.min, ours.max
                )
                .into(),
            }),
            _ => Err(AdminError::Unsupported {
                request: R::NAME,
                broker: broker.clone(),
                since: R::SINCE,
            }),
        }
    }
}

/// Asks a broker what it understands; the first thing said on a connection.
pub(crate) async fn negotiate(wire: &Wire, deadline: Deadline) -> Result<Versions, AdminError> {
    let request = ApiVersionsRequest::default()
        .with_client_software_name(StrBytes::from_static_str(env!("CARGO_PKG_NAME")))
        .with_client_software_version(StrBytes::from_static_str(env!("CARGO_PKG_VERSION")));
    let answer = wire.exchange(&request, FIRST_TRY, deadline).await?;
    if is_too_old(&answer) {
        let request = ApiVersionsRequest::default();
        let answer = wire.exchange(&request, FALLBACK, deadline).await?;
        return read(wire, answer, FALLBACK);
    }
    read(wire, answer, FIRST_TRY)
}

/// A broker that does not know the version answers in version 0, whatever was asked:
/// correlation id, then the error code.
fn is_too_old(frame: &Bytes) -> bool {
    const UNSUPPORTED_VERSION: [u8; 2] = 35_i16.to_be_bytes();
    frame.get(4..6) == Some(&UNSUPPORTED_VERSION)
}

fn read(wire: &Wire, answer: Bytes, version: i16) -> Result<Versions, AdminError> {
    let response = decode::<ApiVersionsRequest>(answer, version)
        .map_err(|reason| wire.invalid_response::<ApiVersionsRequest>(reason))?;
    answer::check(response.error_code, None).map_err(|error| AdminError::Refused {
        request: ApiVersionsRequest::NAME,
        broker: wire.peer(),
        error,
    })?;
    Ok(versions(&response))
}

fn versions(response: &ApiVersionsResponse) -> Versions {
    let range = |min, max| VersionRange { min, max };
    let mut finalized = response.finalized_features.iter();
    let metadata_version = finalized.find(|feature| &*feature.name == METADATA_VERSION);
    Versions {
        ranges: response
            .api_keys
            .iter()
            .map(|api| (api.api_key, range(api.min_version, api.max_version)))
            .collect(),
        metadata_version: metadata_version.map(|feature| feature.max_version_level),
    }
}
