//! The first connection: several addresses, of which any one will do.

use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use futures_util::stream::{FuturesUnordered, StreamExt};
use kafka_protocol::protocol::StrBytes;
use tokio::sync::Notify;
use tokio::time::timeout;
use tracing::debug;

use super::address::Address;
use super::authentication::{Authentication, authenticate};
use super::channel::Channel;
use super::connection::{Connection, Wire};
use super::counters::Counters;
use super::frame::Fault;
use super::negotiation::negotiate;
use super::retry::{Backoff, Deadline};
use super::stream::dial;
use crate::admin::{AdminError, FailedAttempt, Peer};
use crate::model::BrokerId;

/// An address that is only slow keeps its turn for so long before the next one is tried beside it.
const HEAD_START: Duration = Duration::from_millis(250);

/// A peer that accepts and says nothing for so long is tried anew, while the deadline lasts: behind a
/// port forwarding the broker itself may be still starting.
const LONGEST_ATTEMPT: Duration = Duration::from_secs(10);

/// Makes connections that are ready for use.
pub(super) struct Dialer {
    pub(super) client_id: StrBytes,
    pub(super) authentication: Authentication,
    pub(super) counters: Rc<Counters>,
}

/// A connection could not be made.
struct Failure {
    reason: Arc<str>,
    /// Trying again changes nothing.
    is_final: bool,
    /// The time was over.
    is_late: bool,
}

impl Dialer {
    /// Connects to one address, until the deadline: stream, authentication, versions.
    pub(super) async fn connect(
        &self,
        address: &Address,
        broker: Option<BrokerId>,
        deadline: Deadline,
    ) -> Result<Connection, Arc<str>> {
        self.attempt(address, broker, deadline)
            .await
            .map_err(|failure| failure.reason)
    }

    /// The first of the addresses that answers. All are tried again and again until the deadline.
    pub(super) async fn connect_any(
        &self,
        addresses: &[Address],
        deadline: Deadline,
    ) -> Result<Connection, AdminError> {
        let failed: Vec<Notify> = addresses.iter().map(|_| Notify::new()).collect();
        let mut attempts: FuturesUnordered<_> = (0..addresses.len())
            .map(|index| self.keep_trying(index, addresses, &failed, deadline))
            .collect();
        let mut failures = vec![None; addresses.len()];
        while let Some((index, result)) = attempts.next().await {
            match result {
                Ok(connection) => return Ok(connection),
                Err(reason) => failures[index] = Some(reason),
            }
        }
        let attempts = addresses
            .iter()
            .zip(failures)
            .map(|(address, reason)| FailedAttempt {
                address: address.to_string().into(),
                reason: reason.unwrap_or_else(|| "was not tried".into()),
            });
        Err(AdminError::Unreachable {
            attempts: attempts.collect(),
            waited: deadline.waited(),
        })
    }

    /// Each address starts once the one before it has failed, or has had its head start.
    async fn keep_trying(
        &self,
        index: usize,
        addresses: &[Address],
        failed: &[Notify],
        deadline: Deadline,
    ) -> (usize, Result<Connection, Arc<str>>) {
        if let Some(before) = index.checked_sub(1) {
            let turn = HEAD_START * u32::try_from(index).unwrap_or(u32::MAX);
            let _ = timeout(turn.min(deadline.remaining()), failed[before].notified()).await;
        }
        let mut backoff = Backoff::new();
        let mut earlier: Option<Arc<str>> = None;
        loop {
            let attempt = deadline.at_most(LONGEST_ATTEMPT);
            let failure = match self.attempt(&addresses[index], None, attempt).await {
                Ok(connection) => return (index, Ok(connection)),
                Err(failure) => failure,
            };
            failed[index].notify_one();
            // An attempt that had only the last moments says nothing.
            let cut_short = failure.is_late && attempt.waited() * 4 < deadline.waited();
            let reason = earlier.filter(|_| cut_short).unwrap_or(failure.reason);
            if failure.is_final || !backoff.wait(deadline).await {
                return (index, Err(reason));
            }
            earlier = Some(reason);
        }
    }

    async fn attempt(
        &self,
        address: &Address,
        broker: Option<BrokerId>,
        deadline: Deadline,
    ) -> Result<Connection, Failure> {
        let peer = Peer {
            id: broker,
            address: address.to_string().into(),
        };
        debug!(broker = %peer, "connecting");
        let stream = dial(address, deadline).await?;
        let stream = authenticate(stream, &self.authentication).await?;
        let channel = Channel::open(stream.bytes);
        let counters = Rc::clone(&self.counters);
        let wire = Wire::new(channel, peer, stream.remote, self.client_id.clone(), counters);
        let versions = negotiate(&wire, deadline)
            .await
            .map_err(|error| first_words(error, &wire))?;
        Ok(Connection::new(wire, versions))
    }
}

impl From<Fault> for Failure {
    fn from(fault: Fault) -> Self {
        Self {
            reason: Arc::clone(fault.text()),
            is_final: matches!(fault, Fault::NotKafka(_)),
            is_late: false,
        }
    }
}

/// What it means when the very first request fails.
fn first_words(error: AdminError, wire: &Wire) -> Failure {
    let hint = "is this a TLS port, or no Kafka broker?";
    let is_late = matches!(error, AdminError::Timeout { .. });
    let fault = wire.fault();
    let is_final = matches!(fault, Some(Fault::NotKafka(_) | Fault::Nonsense(_)))
        || matches!(error, AdminError::Protocol { .. });
    let reason = match (fault, error) {
        (Some(Fault::NotKafka(reason) | Fault::Nonsense(reason)), _) => reason,
        (_, AdminError::Timeout { .. }) => {
            format!("it accepted the connection but did not answer; {hint}").into()
        }
        (_, AdminError::Protocol { reason, .. }) => {
            format!("its answer makes no sense ({reason}); {hint}").into()
        }
        (Some(Fault::Lost(reason)), _) => format!("{reason} at the first request; {hint}").into(),
        (None, other) => other.to_string().into(),
    };
    Failure {
        reason,
        is_final,
        is_late,
    }
}
