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
use super::authentication::Refusal;
use super::channel::Channel;
use super::connection::{Connection, Wire};
use super::counters::Counters;
use super::frame::Fault;
use super::negotiation::negotiate;
use super::probe;
use super::retry::{Backoff, Deadline};
use super::stream::{NoStream, dial};
use crate::admin::{AdminError, FailedAttempt, Hindrance, Peer};
use crate::connection::{Sasl, Security, TlsSession, client_certificate_required};
use crate::model::BrokerId;

/// An address that is only slow keeps its turn for so long before the next one is tried beside it.
const HEAD_START: Duration = Duration::from_millis(250);

/// A peer that accepts and says nothing for so long is tried anew, while the deadline lasts: behind a
/// port forwarding the broker itself may be still starting.
const LONGEST_ATTEMPT: Duration = Duration::from_secs(10);

/// Makes connections that are ready for use.
pub(super) struct Dialer {
    pub(super) client_id: StrBytes,
    pub(super) security: Security,
    pub(super) sasl: Option<Rc<Sasl>>,
    pub(super) counters: Rc<Counters>,
}

/// A connection could not be made.
#[derive(Clone)]
pub(super) struct Failure {
    pub(super) reason: Arc<str>,
    pub(super) hindrance: Hindrance,
    /// The time was over.
    is_late: bool,
    /// The other side took the first words and closed, as one does that speaks something else.
    is_closed: bool,
}

impl Dialer {
    /// Connects to one address, until the deadline: stream, versions, login.
    pub(super) async fn connect(
        &self,
        address: &Address,
        broker: Option<BrokerId>,
        deadline: Deadline,
    ) -> Result<Connection, Failure> {
        self.attempt(address, broker, deadline).await
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
                Err(failure) => {
                    let is_everywhere = failure.hindrance == Hindrance::Login;
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
                hindrance: failure.hindrance,
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
        deadline: Deadline,
    ) -> (usize, Result<Connection, Failure>) {
        if let Some(before) = index.checked_sub(1) {
            let turn = HEAD_START * u32::try_from(index).unwrap_or(u32::MAX);
            let _ = timeout(turn.min(deadline.remaining()), failed[before].notified()).await;
        }
        let mut backoff = Backoff::new();
        let mut earlier: Option<Failure> = None;
        loop {
            let attempt = deadline.at_most(LONGEST_ATTEMPT);
            let failure = match self.attempt(&addresses[index], None, attempt).await {
                Ok(connection) => return (index, Ok(connection)),
                Err(failure) => failure,
            };
            failed[index].notify_one();
            // An attempt that had only the last moments says nothing.
            let cut_short = failure.is_late && attempt.waited() * 4 < deadline.waited();
            let failure = earlier.filter(|_| cut_short).unwrap_or(failure);
            if !failure.hindrance.may_pass() || !backoff.wait(deadline).await {
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
        deadline: Deadline,
    ) -> Result<Connection, Failure> {
        let failure = match self.open(address, broker, deadline).await {
            Ok(connection) => return Ok(connection),
            Err(failure) => failure,
        };
        if failure.is_closed
            && let Some(reason) = probe::other_way(address, &self.security, deadline).await
        {
            return Err(Failure::new(reason, Hindrance::Security));
        }
        Err(failure)
    }

    async fn open(
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
        let stream = dial(address, &self.security, deadline).await?;
        let tls = stream.tls;
        let channel = Channel::open(stream.bytes);
        let counters = Rc::clone(&self.counters);
        let wire = Wire::new(channel, peer, stream.remote, self.client_id.clone(), counters);
        let versions = negotiate(&wire, deadline)
            .await
            .map_err(|error| first_words(error, wire.fault(), tls.as_ref()))?;
        let sasl = self.sasl.clone();
        let opened = Connection::open(wire, versions, sasl, deadline).await;
        opened.map_err(Failure::from)
    }
}

impl Failure {
    fn new(reason: impl Into<Arc<str>>, hindrance: Hindrance) -> Self {
        Self {
            reason: reason.into(),
            hindrance,
            is_late: false,
            is_closed: false,
        }
    }
}

impl From<NoStream> for Failure {
    fn from(failure: NoStream) -> Self {
        match failure {
            NoStream::Handshake(Fault::Lost(reason)) => Self {
                is_closed: true,
                ..Self::new(
                    format!("{reason} during the TLS handshake; is this no TLS port?"),
                    Hindrance::NoAnswer,
                )
            },
            NoStream::Socket(fault) | NoStream::Handshake(fault) => {
                Self::new(Arc::clone(fault.text()), hindrance(&fault))
            }
            NoStream::Late => Self {
                is_late: true,
                ..Self::new(
                    "it accepted the connection but did not answer the TLS handshake; is this no TLS port?",
                    Hindrance::NoAnswer,
                )
            },
        }
    }
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Login(reason) => Self::new(reason, Hindrance::Login),
            Refusal::Security(reason) => Self::new(reason, Hindrance::Security),
            Refusal::NoToken(reason) => Self::new(reason, Hindrance::NoToken),
            Refusal::Failed(error) => Self {
                is_late: matches!(error, AdminError::Timeout { .. }),
                ..Self::new(format!("logging in failed: {error}"), Hindrance::NoAnswer)
            },
        }
    }
}

fn hindrance(fault: &Fault) -> Hindrance {
    match fault {
        Fault::Lost(_) => Hindrance::NoAnswer,
        Fault::Nonsense(_) | Fault::NotKafka(_) => Hindrance::NotKafka,
        Fault::Security(_) => Hindrance::Security,
    }
}

/// What it means when the very first request fails.
fn first_words(error: AdminError, fault: Option<Fault>, tls: Option<&TlsSession>) -> Failure {
    let hint = match tls {
        None => "is this a TLS port, or no Kafka broker?",
        Some(_) => "is this a Kafka broker?",
    };
    match (fault, error) {
        // Java's TLS says that the certificate is bad when it means that there is none.
        (Some(Fault::Lost(_) | Fault::Security(_)), _) if tls.is_some_and(TlsSession::lacks_certificate) => {
            Failure::new(client_certificate_required(), Hindrance::Security)
        }
        (Some(fault @ (Fault::NotKafka(_) | Fault::Nonsense(_) | Fault::Security(_))), _) => {
            Failure::new(Arc::clone(fault.text()), hindrance(&fault))
        }
        (_, AdminError::Timeout { .. }) => Failure {
            is_late: true,
            ..Failure::new(
                format!("it accepted the connection but did not answer; {hint}"),
                Hindrance::NoAnswer,
            )
        },
        (_, AdminError::Protocol { reason, .. }) => {
            let reason = format!("its answer makes no sense ({reason}); {hint}");
            Failure::new(reason, Hindrance::NotKafka)
        }
        (Some(Fault::Lost(reason)), _) => Failure {
            is_closed: true,
            ..Failure::new(
                format!("{reason} at the first request; {hint}"),
                Hindrance::NoAnswer,
            )
        },
        (None, other) => Failure::new(other.to_string(), Hindrance::NoAnswer),
    }
}
