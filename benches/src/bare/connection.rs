//! One blocking connection: requests out, answers in, in order.

use std::collections::{BTreeMap, VecDeque};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};

use anyhow::{Context, Result, bail, ensure};
use bytes::{BufMut, Bytes, BytesMut};
use kafka_protocol::messages::{ApiVersionsRequest, ApiVersionsResponse, RequestHeader, ResponseHeader};
use kafka_protocol::protocol::{Decodable, Encodable, HeaderVersion, Request, StrBytes, VersionRange};

/// Every broker since Kafka 2.4 has it.
const API_VERSIONS: i16 = 3;

/// A connection whose versions are negotiated.
pub(super) struct Connection {
    stream: TcpStream,
    remote: SocketAddr,
    versions: BTreeMap<i16, VersionRange>,
    /// What the cluster as a whole has agreed on, by name.
    pub(super) features: BTreeMap<String, i16>,
    sent: i32,
    waiting: VecDeque<i32>,
}

impl Connection {
    /// Connects to the first of the addresses that accepts.
    pub(super) fn open(addresses: &[SocketAddr]) -> Result<Self> {
        let stream = TcpStream::connect(addresses)
            .with_context(|| format!("no Kafka accepts a connection at {addresses:?}"))?;
        stream.set_nodelay(true)?;
        let mut connection = Self {
            remote: stream.peer_addr()?,
            stream,
            versions: BTreeMap::new(),
            features: BTreeMap::new(),
            sent: 0,
            waiting: VecDeque::new(),
        };
        connection.negotiate()?;
        Ok(connection)
    }

    /// The other end.
    pub(super) fn remote(&self) -> SocketAddr {
        self.remote
    }

    fn negotiate(&mut self) -> Result<()> {
        let request = ApiVersionsRequest::default()
            .with_client_software_name(StrBytes::from_static_str("bare"))
            .with_client_software_version(StrBytes::from_static_str("1"));
        self.send_as(&request, API_VERSIONS)?;
        let answer: ApiVersionsResponse = self.receive_as::<ApiVersionsRequest>(API_VERSIONS)?;
        ensure!(answer.error_code == 0, "ApiVersions: error {}", answer.error_code);
        let range = |min, max| VersionRange { min, max };
        let keys = answer.api_keys.iter();
        self.versions = keys
            .map(|api| (api.api_key, range(api.min_version, api.max_version)))
            .collect();
        let finalized = answer.finalized_features.iter();
        self.features = finalized
            .map(|feature| (feature.name.to_string(), feature.max_version_level))
            .collect();
        Ok(())
    }

    fn version<R: Request>(&self) -> Result<i16> {
        let theirs = self.versions.get(&R::KEY);
        let shared = theirs.map(|theirs| theirs.intersect(&R::VERSIONS));
        match shared {
            Some(shared) if !shared.is_empty() => Ok(shared.max),
            _ => bail!(
                "the broker has no version of request {} that is known here",
                R::KEY
            ),
        }
    }

    /// Sends a request and does not wait.
    pub(super) fn send<R: Request>(&mut self, request: &R) -> Result<()> {
        let version = self.version::<R>()?;
        self.send_as(request, version)
    }

    /// The answer to the oldest request that has none yet, which has to be an `R`.
    pub(super) fn receive<R: Request>(&mut self) -> Result<R::Response> {
        let version = self.version::<R>()?;
        self.receive_as::<R>(version)
    }

    /// Sends and waits.
    pub(super) fn call<R: Request>(&mut self, request: &R) -> Result<R::Response> {
        self.call_at_most(request, i16::MAX)
    }

    /// Sends in a version that is not newer than this one, and waits.
    pub(super) fn call_at_most<R: Request>(&mut self, request: &R, newest: i16) -> Result<R::Response> {
        let version = self.version::<R>()?.min(newest);
        self.send_as(request, version)?;
        self.receive_as::<R>(version)
    }

    fn send_as<R: Request>(&mut self, request: &R, version: i16) -> Result<()> {
        let header = RequestHeader::default()
            .with_request_api_key(R::KEY)
            .with_request_api_version(version)
            .with_correlation_id(self.sent);
        let mut frame = BytesMut::new();
        frame.put_i32(0);
        header.encode(&mut frame, R::header_version(version))?;
        request.encode(&mut frame, version)?;
        let length = i32::try_from(frame.len() - 4)?;
        frame[..4].copy_from_slice(&length.to_be_bytes());
        self.stream.write_all(&frame)?;
        self.waiting.push_back(self.sent);
        self.sent += 1;
        Ok(())
    }

    fn receive_as<R: Request>(&mut self, version: i16) -> Result<R::Response> {
        let mut length = [0; 4];
        self.stream.read_exact(&mut length)?;
        let mut frame = vec![0; usize::try_from(i32::from_be_bytes(length))?];
        self.stream.read_exact(&mut frame)?;
        let mut frame = Bytes::from(frame);
        let header = ResponseHeader::decode(&mut frame, R::Response::header_version(version))?;
        ensure!(
            self.waiting.pop_front() == Some(header.correlation_id),
            "an answer out of order"
        );
        R::Response::decode(&mut frame, version)
    }
}
