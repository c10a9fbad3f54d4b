//! The first connection: several addresses, of which any one will do.

use std::rc::Rc;
use std::time::Duration;

use futures_util::stream::{FuturesUnordered, StreamExt};
use kafka_protocol::protocol::StrBytes;
use tokio::sync::Notify;
use tokio::time::timeout;
use tracing::debug;

use crate::admin::client::dispatch::connect_failure::{Failure, LoginEnd, first_words};
use crate::admin::client::dispatch::probe;
use crate::admin::client::protocol::counters::Counters;
use crate::admin::client::session::api_versions::negotiate;
use crate::admin::client::session::connection::{Connection, Wire};
use crate::admin::client::session::login_permit::{Held, LoginTurn};
use crate::admin::client::transport::channel::Channel;
use crate::admin::client::transport::deadline::{Backoff, Deadline};
use crate::admin::client::transport::stream::dial;
use crate::admin::{AdminError, ConnectErrorKind, FailedAttempt, Peer};
use crate::connection::{AllowedAddresses, Sasl, Security};
use crate::model::Address;
use crate::model::BrokerId;

/// An address that is only slow keeps its turn for so long before the next one is tried beside it.
const HEAD_START: Duration = Duration::from_millis(250);

/// A peer that accepts and says nothing for so long is tried anew, while the deadline lasts: behind a
/// port forwarding the broker itself may be still starting.
const LONGEST_ATTEMPT: Duration = Duration::from_secs(10);

/// Known before anything is sent to log in.
const CONTROLLER: &str = "this is a KRaft controller's listener; give a broker's";

/// Makes connections that are ready for use.
pub(crate) struct Dialer {
    pub(crate) client_id: StrBytes,
    pub(crate) security: Security,
    pub(crate) sasl: Option<Rc<Sasl>>,
    pub(crate) counters: Rc<Counters>,
    pub(crate) allowed: AllowedAddresses,
}

impl Dialer {
    /// Connects to one address, until the deadline: stream, versions, login.
    pub(crate) async fn connect(
        &self,
        address: &Address,
        broker: Option<BrokerId>,
        deadline: Deadline,
    ) -> Result<Connection, Failure> {
        self.attempt(address, broker, None, deadline).await
    }

    /// The first of the addresses that answers. All are tried again and again until the deadline.
    pub(crate) async fn connect_any(
        &self,
        addresses: &[Address],
        deadline: Deadline,
    ) -> Result<Connection, AdminError> {
        let failed: Vec<Notify> = addresses.iter().map(|_| Notify::new()).collect();
        let turn = LoginTurn::new(deadline);
        let mut attempts: FuturesUnordered<_> = (0..addresses.len())
            .map(|index| self.keep_trying(index, addresses, &failed, &turn))
            .collect();
        let mut failures = vec![None; addresses.len()];
        while let Some((index, result)) = attempts.next().await {
            match result {
                Ok(connection) => return Ok(connection),
                Err(failure) => {
                    let is_everywhere =
                        failure.login == LoginEnd::GivenUp || failure.kind == ConnectErrorKind::Login;
                    failures[index] = Some(failure);
                    // The others would say the same, and so many wrong passwords can lock an account.
                    if is_everywhere {
                        break;
                    }
                }
            }
        }
        let attempts = addresses.iter().zip(failures).filter_map(|(address, failure)| {
            let failure = failure?;
            Some(FailedAttempt {
                address: address.to_string().into(),
                reason: failure.reason,
                kind: failure.kind,
            })
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
        turn: &LoginTurn,
    ) -> (usize, Result<Connection, Failure>) {
        let deadline = turn.deadline();
        if let Some(before) = index.checked_sub(1) {
            let start = HEAD_START * u32::try_from(index).unwrap_or(u32::MAX);
            let _ = timeout(start.min(deadline.remaining()), failed[before].notified()).await;
        }
        let mut backoff = Backoff::new();
        let mut earlier: Option<Failure> = None;
        loop {
            let attempt = deadline.at_most(LONGEST_ATTEMPT);
            let failure = match self.attempt(&addresses[index], None, Some(turn), attempt).await {
                Ok(connection) => return (index, Ok(connection)),
                Err(failure) => failure,
            };
            if failure.login == LoginEnd::Unheard && !turn.may_repeat() {
                return (index, Err(failure.for_good()));
            }
            failed[index].notify_one();
            // An attempt that had only the last moments says nothing.
            let cut_short = failure.is_late && attempt.waited() * 4 < deadline.waited();
            let failure = earlier.filter(|_| cut_short).unwrap_or(failure);
            if !failure.kind.is_transient() || !backoff.wait(deadline).await {
                return (index, Err(failure));
            }
            earlier = Some(failure);
        }
    }

    /// One attempt. Where the other side closed without a word, it is asked what it speaks.
    async fn attempt(
        &self,
        address: &Address,
        broker: Option<BrokerId>,
        turn: Option<&LoginTurn>,
        deadline: Deadline,
    ) -> Result<Connection, Failure> {
        if !self.allowed.allows(address.host(), address.port()) {
            let reason = "no pattern of --allow-bootstrap matches it, and it is not connected to";
            return Err(Failure::new(reason, ConnectErrorKind::Security));
        }
        let failure = match self.open(address, broker, turn, deadline).await {
            Ok(connection) => return Ok(connection),
            Err(failure) => failure,
        };
        if failure.is_closed
            && let Some(reason) = probe::other_way(address, &self.security, deadline).await
        {
            return Err(Failure::new(reason, ConnectErrorKind::Security));
        }
        Err(failure)
    }

    async fn open(
        &self,
        address: &Address,
        broker: Option<BrokerId>,
        turn: Option<&LoginTurn>,
        deadline: Deadline,
    ) -> Result<Connection, Failure> {
        let peer = Peer {
            id: broker,
            address: address.to_string().into(),
        };
        debug!(broker = %peer, "connecting");
        let stream = dial(address, &self.security, deadline).await?;
        let tls = stream.tls;
        let channel = Channel::open(stream.bytes);
        let counters = Rc::clone(&self.counters);
        let wire = Wire::new(channel, peer, stream.remote, self.client_id.clone(), counters);
        let versions = negotiate(&wire, deadline)
            .await
            .map_err(|error| first_words(error, wire.fault(), tls.as_ref()))?;
        if versions.are_controllers() {
            return Err(Failure::new(CONTROLLER, ConnectErrorKind::NotKafka));
        }
        let sasl = self.sasl.clone();
        let mut deadline = deadline;
        let held = match turn.filter(|_| sasl.is_some()) {
            None => None,
            Some(turn) => Some(turn.take().await.ok_or_else(Failure::waiting)?),
        };
        if let (Some(turn), Some(Held { has_waited: true, .. })) = (turn, &held) {
            deadline = turn.deadline().at_most(LONGEST_ATTEMPT);
        }
        let opened = Connection::open(wire, versions, sasl, deadline).await;
        opened.map_err(Failure::from)
    }
}
