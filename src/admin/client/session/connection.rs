//! One broker, seen through one connection: requests in, answers out, in the versions that both
//! sides have.

use std::cell::Cell;
use std::net::SocketAddr;
use std::rc::Rc;
use std::sync::Arc;

use bytes::{Buf, BufMut, Bytes, BytesMut};
use kafka_protocol::messages::RequestHeader;
use kafka_protocol::protocol::{Decodable, Encodable, HeaderVersion, Request, StrBytes};
use tokio::time::Instant;
use tracing::debug;

use crate::admin::client::protocol::api::Api;
use crate::admin::client::protocol::counters::Counters;
use crate::admin::client::protocol::shape::header_length;
use crate::admin::client::session::api_versions::Versions;
use crate::admin::client::session::login::Refusal;
use crate::admin::client::session::renewal::Session;
use crate::admin::client::transport::channel::{Alone, Channel, NoAnswer};
use crate::admin::client::transport::deadline::Deadline;
use crate::admin::client::transport::frame::TransportError;
use crate::admin::{AdminError, Peer};
use crate::connection::Sasl;
use crate::model::BrokerId;

/// A connection with its negotiated versions.
pub(crate) struct Connection {
    wire: Wire,
    versions: Versions,
    session: Option<Session>,
}

/// A connection before negotiation: it sends what it is given, in the version it is told.
pub(crate) struct Wire {
    channel: Channel,
    address: Arc<str>,
    remote: SocketAddr,
    broker: Cell<Option<BrokerId>>,
    client_id: StrBytes,
    counters: Rc<Counters>,
}

impl Connection {
    /// Logs in where that is asked for; from then on the connection is ready for any request.
    pub(crate) async fn open(
        wire: Wire,
        versions: Versions,
        sasl: Option<Rc<Sasl>>,
        deadline: Deadline,
    ) -> Result<Self, Refusal> {
        let session = match sasl {
            None => None,
            Some(sasl) => Some(Session::begin(sasl, &wire, &versions, deadline).await?),
        };
        Ok(Self {
            wire,
            versions,
            session,
        })
    }

    pub(crate) fn is_usable(&self) -> bool {
        self.wire.channel.is_usable()
    }

    pub(crate) fn peer(&self) -> Peer {
        self.wire.peer()
    }

    /// The other end, as the socket knows it.
    pub(crate) fn remote(&self) -> SocketAddr {
        self.wire.remote
    }

    /// Nothing more is to be sent here.
    pub(crate) fn retire(&self) {
        self.wire.retire();
    }

    /// A bootstrap address turned out to be this broker.
    pub(crate) fn identify(&self, broker: BrokerId) {
        self.wire.broker.set(Some(broker));
    }

    /// The finalized level of `metadata.version`, as the broker told when the connection was opened.
    pub(crate) fn metadata_version(&self) -> Option<i16> {
        self.versions.metadata_version()
    }

    /// The version in which `R` will be sent here.
    pub(crate) fn version<R: Api>(&self) -> Result<i16, AdminError> {
        self.versions.pick::<R>(&self.peer())
    }

    /// Whether the broker offers what only Apache Kafka's own code does.
    pub(crate) fn is_apache_kafka(&self) -> bool {
        self.versions.is_apache_kafka()
    }

    /// The same, of those that are no newer than this one.
    pub(crate) fn version_at_most<R: Api>(&self, newest: i16) -> Result<i16, AdminError> {
        self.versions.pick_at_most::<R>(newest, &self.peer())
    }

    /// Sends a request and waits for its answer. Error codes inside the answer are the caller's.
    pub(crate) async fn call<R: Api>(
        &self,
        request: &R,
        deadline: Deadline,
    ) -> Result<R::Response, AdminError> {
        self.call_at_most(i16::MAX, request, deadline).await
    }

    /// The same in no newer version than this one, if the broker has it.
    pub(crate) async fn call_at_most<R: Api>(
        &self,
        newest: i16,
        request: &R,
        deadline: Deadline,
    ) -> Result<R::Response, AdminError> {
        let version = self.versions.pick_at_most::<R>(newest, &self.peer())?;
        if let Some(session) = &self.session {
            let kept = session.keep(&self.wire, &self.versions, deadline).await;
            kept.map_err(|refusal| self.authentication_failed(R::NAME, refusal))?;
        }
        self.wire.call(request, version, deadline).await
    }

    fn authentication_failed(&self, request: &'static str, refusal: Refusal) -> AdminError {
        let broker = self.peer();
        match refusal {
            Refusal::Login(reason) | Refusal::Security(reason) => AdminError::AuthenticationFailed {
                request,
                broker,
                reason,
            },
            Refusal::NoToken(reason) => AdminError::NotSent {
                request,
                broker,
                reason,
            },
            Refusal::Failed(error) | Refusal::Unheard(error) => AdminError::NotSent {
                request,
                broker,
                reason: format!("logging in again failed: {error}").into(),
            },
        }
    }
}

impl Wire {
    pub(crate) fn new(
        channel: Channel,
        peer: Peer,
        remote: SocketAddr,
        client_id: StrBytes,
        counters: Rc<Counters>,
    ) -> Self {
        Self {
            channel,
            remote,
            address: peer.address,
            broker: Cell::new(peer.id),
            client_id,
            counters,
        }
    }

    pub(crate) fn peer(&self) -> Peer {
        Peer {
            id: self.broker.get(),
            address: Arc::clone(&self.address),
        }
    }

    /// What ended the connection, if it has ended.
    pub(crate) fn fault(&self) -> Option<TransportError> {
        self.channel.fault()
    }

    pub(crate) async fn call<R: Api>(
        &self,
        request: &R,
        version: i16,
        deadline: Deadline,
    ) -> Result<R::Response, AdminError> {
        let answer = self.exchange(request, version, deadline).await?;
        decode::<R>(answer, version).map_err(|reason| self.invalid_response::<R>(reason))
    }

    /// As [`Self::call`], for who has the connection to themselves.
    pub(crate) async fn call_alone<R: Api>(
        &self,
        alone: &Alone,
        request: &R,
        version: i16,
        deadline: Deadline,
    ) -> Result<R::Response, AdminError> {
        let answer = self.send(Some(alone), request, version, deadline).await?;
        decode::<R>(answer, version).map_err(|reason| self.invalid_response::<R>(reason))
    }

    /// Waits until nothing is in flight here, and keeps it so.
    pub(crate) async fn alone<R: Api>(&self, deadline: Deadline) -> Result<Alone, AdminError> {
        let alone = self.channel.alone(deadline).await;
        alone.map_err(|reason| self.no_answer::<R>(reason, deadline))
    }

    /// Nothing more is to be sent here.
    pub(crate) fn retire(&self) {
        self.channel.retire();
    }

    /// Sends a request; the answer comes as the frame that it is.
    pub(crate) async fn exchange<R: Api>(
        &self,
        request: &R,
        version: i16,
        deadline: Deadline,
    ) -> Result<Bytes, AdminError> {
        self.send(None, request, version, deadline).await
    }

    async fn send<R: Api>(
        &self,
        alone: Option<&Alone>,
        request: &R,
        version: i16,
        deadline: Deadline,
    ) -> Result<Bytes, AdminError> {
        let started = Instant::now();
        let encode = |correlation| {
            let frame = encode(request, version, correlation, &self.client_id)?;
            self.counters.add(R::NAME);
            debug!(broker = %self.peer(), version, correlation, bytes = frame.len(), "{} sent", R::NAME);
            Ok(frame)
        };
        let answered = match alone {
            None => self.channel.exchange(encode, deadline).await,
            Some(alone) => self.channel.exchange_alone(alone, encode, deadline).await,
        };
        match answered {
            Ok(answer) => {
                let elapsed = started.elapsed();
                debug!(broker = %self.peer(), bytes = answer.len(), ?elapsed, "{} answered", R::NAME);
                Ok(answer)
            }
            Err(reason) => {
                let error = self.no_answer::<R>(reason, deadline);
                debug!(broker = %self.peer(), %error, "{} failed", R::NAME);
                Err(error)
            }
        }
    }

    pub(crate) fn invalid_response<R: Api>(&self, reason: Arc<str>) -> AdminError {
        AdminError::Protocol {
            request: R::NAME,
            broker: self.peer(),
            reason,
        }
    }

    fn no_answer<R: Api>(&self, reason: NoAnswer, deadline: Deadline) -> AdminError {
        let (request, broker) = (R::NAME, self.peer());
        match reason {
            NoAnswer::NotSent(reason) => AdminError::NotSent {
                request,
                broker,
                reason,
            },
            NoAnswer::Late => AdminError::Timeout {
                request,
                broker,
                waited: deadline.waited(),
            },
            NoAnswer::Ended(TransportError::InvalidResponse(reason)) => AdminError::Protocol {
                request,
                broker,
                reason,
            },
            NoAnswer::Ended(fault) => AdminError::Disconnected {
                request,
                broker,
                reason: self.with_hint(fault.text()),
            },
        }
    }

    /// A SASL listener answers `ApiVersions` to everybody and closes at the next request.
    fn with_hint(&self, reason: &Arc<str>) -> Arc<str> {
        if self.channel.answered() == 1 {
            format!(
                "{reason} after the first request; does this listener want SASL authentication \
                 (security.protocol SASL_PLAINTEXT or SASL_SSL)?"
            )
            .into()
        } else {
            Arc::clone(reason)
        }
    }
}

fn encode<R: Request>(
    request: &R,
    version: i16,
    correlation: i32,
    client_id: &StrBytes,
) -> Result<Bytes, Arc<str>> {
    let header = RequestHeader::default()
        .with_request_api_key(R::KEY)
        .with_request_api_version(version)
        .with_correlation_id(correlation)
        .with_client_id(Some(client_id.clone()));
    let mut frame = BytesMut::with_capacity(1024);
    frame.put_i32(0);
    header
        .encode(&mut frame, R::header_version(version))
        .map_err(|error| cannot_be_encoded(&error.to_string()))?;
    request
        .encode(&mut frame, version)
        .map_err(|error| cannot_be_encoded(&error.to_string()))?;
    let length = i32::try_from(frame.len() - 4).map_err(|_| Arc::from("it is too long"))?;
    frame[..4].copy_from_slice(&length.to_be_bytes());
    Ok(frame.freeze())
}

fn cannot_be_encoded(why: &str) -> Arc<str> {
    format!("it cannot be encoded: {why}").into()
}

/// Decodes a frame: header, then body. What the channel did not need of the header nobody needs.
pub(crate) fn decode<R: Api>(mut frame: Bytes, version: i16) -> Result<R::Response, Arc<str>> {
    let has_tags = R::Response::header_version(version) >= 1;
    let header = header_length(&frame, has_tags).map_err(|_| Arc::from("its header is broken"))?;
    frame.advance(header);
    R::ANSWER
        .check(&frame, version, R::is_flexible(version))
        .map_err(|malformed| Arc::from(malformed.to_string()))?;
    R::Response::decode(&mut frame, version).map_err(|error| Arc::from(error.to_string().trim()))
}
