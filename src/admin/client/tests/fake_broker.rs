//! Small brokers for tests, on loopback: each answers what the test tells it to.

use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use bytes::{BufMut, Bytes, BytesMut};
use kafka_protocol::messages::api_versions_response::ApiVersion;
use kafka_protocol::messages::describe_cluster_response::DescribeClusterBroker;
use kafka_protocol::messages::describe_quorum_response::{
    PartitionData as QuorumData, ReplicaState, TopicData as QuorumLog,
};
use kafka_protocol::messages::{
    ApiKey, ApiVersionsRequest, ApiVersionsResponse, BrokerId, DescribeClusterRequest,
    DescribeClusterResponse, DescribeQuorumRequest, DescribeQuorumResponse, RequestHeader, ResponseHeader,
};
use kafka_protocol::protocol::{Decodable, Encodable, HeaderVersion, StrBytes};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

use crate::admin::client::protocol::api::Api;
use crate::model::Address;

/// A request as it arrived.
pub(crate) struct Asked {
    pub(crate) key: i16,
    pub(crate) version: i16,
    pub(crate) correlation: i32,
    /// How many requests of this kind came before, over all connections.
    pub(crate) before: usize,
    body: Bytes,
}

/// What a fake does about a request.
pub(crate) enum Reply {
    /// Writes these bytes, whatever they are.
    Bytes(Vec<u8>),
    /// Writes these bytes, then one more again and again, and never an end.
    Drip(Vec<u8>),
    /// Writes these bytes again and again.
    Flood(Vec<u8>),
    /// Writes these bytes after a while.
    Late(Duration, Vec<u8>),
    Silence,
    Close,
}

impl Asked {
    pub(crate) fn is<R: Api>(&self) -> bool {
        self.key == R::KEY
    }

    pub(crate) fn request<R: Api>(&self) -> R {
        R::decode(&mut self.body.clone(), self.version).unwrap()
    }

    pub(crate) fn answer<R: Api>(&self, response: &R::Response) -> Reply {
        self.answer_in::<R>(self.version, response)
    }

    pub(crate) fn answer_in<R: Api>(&self, version: i16, response: &R::Response) -> Reply {
        let mut body = BytesMut::new();
        response.encode(&mut body, version).unwrap();
        self.answer_with::<R>(version, &body)
    }

    /// A sound frame around any body.
    pub(crate) fn answer_with<R: Api>(&self, version: i16, body: &[u8]) -> Reply {
        let mut frame = BytesMut::new();
        frame.put_i32(0);
        let header = ResponseHeader::default().with_correlation_id(self.correlation);
        header
            .encode(&mut frame, R::Response::header_version(version))
            .unwrap();
        frame.put_slice(body);
        let length = i32::try_from(frame.len() - 4).unwrap();
        frame[..4].copy_from_slice(&length.to_be_bytes());
        Reply::Bytes(frame.to_vec())
    }

    /// The usual answers to what every client asks first: all versions, and a cluster of the brokers
    /// with these ports.
    pub(crate) fn usual(&self, ports: &[u16]) -> Reply {
        if self.is::<ApiVersionsRequest>() {
            return self.answer::<ApiVersionsRequest>(&all_versions());
        }
        if self.is::<DescribeQuorumRequest>() {
            return self.answer::<DescribeQuorumRequest>(&quorum_of(ports));
        }
        assert!(
            self.is::<DescribeClusterRequest>(),
            "not told what to say to {}",
            self.key
        );
        self.answer::<DescribeClusterRequest>(&cluster_of(ports))
    }
}

/// A server that listens on a free port until it is dropped.
pub(crate) struct Fake {
    pub(crate) port: u16,
    pub(crate) kinds: Arc<Mutex<Vec<i16>>>,
    task: JoinHandle<()>,
}

impl Fake {
    /// A fake that speaks the protocol.
    pub(crate) async fn broker(answer: impl Fn(&Asked) -> Reply + Send + Sync + 'static) -> Self {
        Self::broker_on(TcpListener::bind("127.0.0.1:0").await.unwrap(), answer)
    }

    pub(crate) fn broker_on(
        listener: TcpListener,
        answer: impl Fn(&Asked) -> Reply + Send + Sync + 'static,
    ) -> Self {
        let answer = Arc::new(answer);
        let kinds = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&kinds);
        Self::serve(listener, kinds, move |stream| {
            let (answer, seen) = (Arc::clone(&answer), Arc::clone(&seen));
            async move { converse(stream, &*answer, &seen).await }
        })
    }

    /// A fake that does anything with its connections.
    pub(crate) async fn raw<F>(serve: impl Fn(TcpStream) -> F + Send + 'static) -> Self
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        Self::serve(listener, Arc::default(), serve)
    }

    /// Reads the first request and writes these bytes.
    pub(crate) async fn saying(bytes: &'static [u8]) -> Self {
        Self::raw(move |mut stream| async move {
            let _ = stream.read(&mut [0; 512]).await;
            let _ = stream.write_all(bytes).await;
        })
        .await
    }

    fn serve<F>(
        listener: TcpListener,
        kinds: Arc<Mutex<Vec<i16>>>,
        serve: impl Fn(TcpStream) -> F + Send + 'static,
    ) -> Self
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let port = listener.local_addr().unwrap().port();
        let task = tokio::spawn(async move {
            let mut open = tokio::task::JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                open.spawn(serve(stream));
            }
        });
        Self { port, kinds, task }
    }

    pub(crate) fn address(&self) -> Address {
        format!("127.0.0.1:{}", self.port).parse().unwrap()
    }

    /// How many requests of a kind arrived.
    pub(crate) fn count<R: Api>(&self) -> usize {
        let kinds = self.kinds.lock().unwrap();
        kinds.iter().filter(|kind| **kind == R::KEY).count()
    }
}

impl Drop for Fake {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// A port on which nothing listens, and which nobody else gets while the tests run: the near end of a connection.
pub(crate) async fn dead_port() -> u16 {
    let far = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let near = std::net::TcpStream::connect(far.local_addr().unwrap()).unwrap();
    let port = near.local_addr().unwrap().port();
    std::mem::forget((near, far));
    port
}

/// A port on which nothing listens yet.
pub(crate) async fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    listener.local_addr().unwrap().port()
}

async fn converse(
    mut stream: TcpStream,
    answer: &(dyn Fn(&Asked) -> Reply + Send + Sync),
    seen: &Mutex<Vec<i16>>,
) {
    // A second answer would wait until the first is acknowledged, which takes longer than some tests.
    stream.set_nodelay(true).unwrap();
    while let Some(asked) = read_request(&mut stream, seen).await {
        match answer(&asked) {
            Reply::Bytes(bytes) => stream.write_all(&bytes).await.unwrap(),
            Reply::Drip(bytes) => return drip(stream, &bytes).await,
            Reply::Flood(bytes) => while stream.write_all(&bytes).await.is_ok() {},
            Reply::Late(pause, bytes) => {
                tokio::time::sleep(pause).await;
                // Whoever asked may have gone.
                let _ = stream.write_all(&bytes).await;
            }
            Reply::Silence => {}
            Reply::Close => return,
        }
    }
}

async fn drip(mut stream: TcpStream, bytes: &[u8]) {
    let _ = stream.write_all(bytes).await;
    while stream.write_all(&[0]).await.is_ok() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

async fn read_request(stream: &mut TcpStream, seen: &Mutex<Vec<i16>>) -> Option<Asked> {
    let length = stream.read_i32().await.ok()?;
    let mut frame = vec![0; usize::try_from(length).unwrap()];
    stream.read_exact(&mut frame).await.ok()?;
    let mut frame = Bytes::from(frame);
    let key = i16::from_be_bytes([frame[0], frame[1]]);
    let version = i16::from_be_bytes([frame[2], frame[3]]);
    let header_version = ApiKey::try_from(key).unwrap().request_header_version(version);
    let header = RequestHeader::decode(&mut frame, header_version).unwrap();
    let mut seen = seen.lock().unwrap();
    let before = seen.iter().filter(|kind| **kind == key).count();
    seen.push(key);
    Some(Asked {
        key,
        version,
        correlation: header.correlation_id,
        before,
        body: frame,
    })
}

pub(crate) fn all_versions() -> ApiVersionsResponse {
    let apis = ApiKey::iter().map(|key| {
        let range = key.valid_versions();
        ApiVersion::default()
            .with_api_key(key as i16)
            .with_min_version(range.min)
            .with_max_version(range.max)
    });
    ApiVersionsResponse::default().with_api_keys(apis.collect())
}

/// As [`all_versions`], but this request only up to a version; not at all if that is negative.
pub(crate) fn versions_with<R: Api>(most: i16) -> ApiVersionsResponse {
    let mut versions = all_versions();
    for api in &mut versions.api_keys {
        if api.api_key == R::KEY {
            api.max_version = most;
        }
    }
    versions.api_keys.retain(|api| api.max_version >= 0);
    versions
}

/// Controller 1 leads, and all the brokers at these ports follow it.
pub(crate) fn quorum_of(ports: &[u16]) -> DescribeQuorumResponse {
    let since_1970 = SystemTime::UNIX_EPOCH.elapsed().unwrap().as_millis();
    let now = i64::try_from(since_1970).unwrap();
    let node = |(id, _)| {
        ReplicaState::default()
            .with_replica_id(BrokerId(id))
            .with_last_fetch_timestamp(now)
    };
    let mut nodes = (1..).zip(ports).map(node);
    let quorum = QuorumData::default()
        .with_leader_id(BrokerId(1))
        .with_current_voters(nodes.next().into_iter().collect())
        .with_observers(nodes.collect());
    let log = QuorumLog::default().with_partitions(vec![quorum]);
    DescribeQuorumResponse::default().with_topics(vec![log])
}

/// Brokers 1, 2, … at these ports of loopback; the first is the controller.
pub(crate) fn cluster_of(ports: &[u16]) -> DescribeClusterResponse {
    let brokers = (1..).zip(ports).map(|(id, port)| {
        DescribeClusterBroker::default()
            .with_broker_id(BrokerId(id))
            .with_host(StrBytes::from_static_str("127.0.0.1"))
            .with_port(i32::from(*port))
    });
    DescribeClusterResponse::default()
        .with_cluster_id(StrBytes::from_static_str("fake-cluster"))
        .with_controller_id(BrokerId(1))
        .with_brokers(brokers.collect())
}
