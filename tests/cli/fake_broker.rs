//! A broker on loopback that lets nobody in and keeps everything that it is sent.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use bytes::{BufMut, BytesMut};
use kafka_protocol::messages::api_versions_response::ApiVersion;
use kafka_protocol::messages::describe_cluster_response::DescribeClusterBroker;
use kafka_protocol::messages::{
    ApiKey, ApiVersionsResponse, BrokerId, DescribeClusterResponse, ResponseHeader, SaslAuthenticateResponse,
    SaslHandshakeResponse,
};
use kafka_protocol::protocol::{Encodable, HeaderVersion, StrBytes};

/// Kafka's number of a login that fails.
const SASL_AUTHENTICATION_FAILED: i16 = 58;

pub(crate) struct FakeBroker {
    port: u16,
    heard: Arc<Mutex<Vec<u8>>>,
}

impl FakeBroker {
    pub(crate) fn start() -> Self {
        Self::naming(None)
    }

    /// Says that the cluster's only broker is there, or else where it is itself.
    pub(crate) fn naming(broker: Option<(&'static str, i32)>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let named = broker.unwrap_or(("127.0.0.1", i32::from(port)));
        let heard = Arc::new(Mutex::new(Vec::new()));
        let ears = Arc::clone(&heard);
        // It ends with the process.
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let ears = Arc::clone(&ears);
                thread::spawn(move || while converse(&stream, &ears, named).is_some() {});
            }
        });
        Self { port, heard }
    }

    pub(crate) fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// The same, by a number that is not loopback's: the system connects to this machine.
    pub(crate) fn network_address(&self) -> String {
        format!("0.0.0.0:{}", self.port)
    }

    /// Whether anybody came at all.
    pub(crate) fn was_visited(&self) -> bool {
        !self.heard.lock().unwrap().is_empty()
    }

    pub(crate) fn heard(&self, text: &str) -> bool {
        let heard = self.heard.lock().unwrap();
        heard.windows(text.len()).any(|window| window == text.as_bytes())
    }
}

fn converse(mut stream: &TcpStream, heard: &Mutex<Vec<u8>>, named: (&'static str, i32)) -> Option<()> {
    let mut length = [0; 4];
    stream.read_exact(&mut length).ok()?;
    // TLS and other strangers are heard as well.
    heard.lock().unwrap().extend(length);
    let length = usize::try_from(i32::from_be_bytes(length))
        .ok()
        .filter(|length| *length < 1 << 20)?;
    let mut request = vec![0; length];
    stream.read_exact(&mut request).ok()?;
    heard.lock().unwrap().extend(&request);
    let number = |at: usize| i16::from_be_bytes([request[at], request[at + 1]]);
    let (key, version) = (number(0), number(2));
    let correlation = i32::from_be_bytes(request[4..8].try_into().ok()?);
    let answer = match ApiKey::try_from(key).ok()? {
        ApiKey::ApiVersions => framed(correlation, version, &all_versions()),
        ApiKey::SaslHandshake => {
            let mechanisms = ["PLAIN", "OAUTHBEARER", "SCRAM-SHA-256", "SCRAM-SHA-512"];
            let mechanisms = mechanisms.map(StrBytes::from_static_str).to_vec();
            framed(
                correlation,
                version,
                &SaslHandshakeResponse::default().with_mechanisms(mechanisms),
            )
        }
        ApiKey::SaslAuthenticate => {
            let refused = SaslAuthenticateResponse::default()
                .with_error_code(SASL_AUTHENTICATION_FAILED)
                .with_error_message(Some(StrBytes::from_static_str("not here")));
            framed(correlation, version, &refused)
        }
        ApiKey::DescribeCluster => framed(correlation, version, &cluster(named)),
        _ => return None,
    };
    stream.write_all(&answer).ok()
}

fn cluster((host, port): (&'static str, i32)) -> DescribeClusterResponse {
    let broker = DescribeClusterBroker::default()
        .with_broker_id(BrokerId(1))
        .with_host(StrBytes::from_static_str(host))
        .with_port(port);
    DescribeClusterResponse::default()
        .with_cluster_id(StrBytes::from_static_str("fake-cluster"))
        .with_controller_id(BrokerId(1))
        .with_brokers(vec![broker])
}

fn all_versions() -> ApiVersionsResponse {
    let versions = ApiKey::iter().map(|key| {
        let range = key.valid_versions();
        ApiVersion::default()
            .with_api_key(key as i16)
            .with_min_version(range.min)
            .with_max_version(range.max)
    });
    ApiVersionsResponse::default().with_api_keys(versions.collect())
}

fn framed<R: Encodable + HeaderVersion>(correlation: i32, version: i16, response: &R) -> Vec<u8> {
    let mut frame = BytesMut::new();
    frame.put_i32(0);
    let header = ResponseHeader::default().with_correlation_id(correlation);
    header.encode(&mut frame, R::header_version(version)).unwrap();
    response.encode(&mut frame, version).unwrap();
    let length = i32::try_from(frame.len() - 4).unwrap();
    frame[..4].copy_from_slice(&length.to_be_bytes());
    frame.to_vec()
}
