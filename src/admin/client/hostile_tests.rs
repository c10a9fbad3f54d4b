//! Brokers that lie, on purpose or by a fault: whatever bytes an answer to any request is made of, this
//! tool neither panics nor hangs, takes memory in proportion to what arrived, and says nothing that a
//! terminal would obey.
//!
//! Answers are made from the shapes in [`super::api`], so every kind of request is tried without a line
//! for it here; one that nothing here ever sends fails the last test.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;
use std::time::{Duration, Instant};

use bytes::{BufMut, Bytes, BytesMut};
use kafka_protocol::messages::list_groups_response::ListedGroup;
use kafka_protocol::messages::metadata_response::{MetadataResponsePartition, MetadataResponseTopic};
use kafka_protocol::messages::{
    ApiVersionsRequest, BrokerId as WireBrokerId, DescribeClusterRequest, DescribeConfigsRequest,
    ListGroupsRequest, ListGroupsResponse, MetadataRequest, MetadataResponse, SaslAuthenticateRequest,
    SaslAuthenticateResponse, SaslHandshakeRequest, SaslHandshakeResponse,
};
use kafka_protocol::protocol::{Decodable, HeaderVersion, StrBytes};
use proptest::prelude::*;
use proptest::sample::Index;
use proptest::test_runner::TestCaseError;
use tokio::net::TcpListener;

use super::api::{self, Api, Visitor};
use super::connection::decode;
use super::fake::{Asked, Fake, Reply};
use super::reading_tests::name;
use super::shape::bodies::{Honesty, Tape, body};
use super::{Client, ConnectOptions};
use crate::admin::{
    Admin, ConfigChange, ConfigsToAlter, LeadersToElect, NewPartitions, NewTopic, OffsetPoint, PerTopic,
    ReplicasToAssign, WriteMode,
};
use crate::connection::{Authentication, ConnectionConfig, Credentials, PropertyOrigin, Sasl};
use crate::fuzz::fuzz;
use crate::model::{BrokerId, ConfigKey, PartitionCount, Secret, TopicId, TopicName};

/// What decoding may take beyond the sizes of what it makes: an error with its backtrace.
const SLACK: u64 = 64 << 10;

/// Far above what decoding some kilobytes takes on a busy machine.
const A_WHILE: Duration = Duration::from_secs(5);

/// What may happen to a body on its way.
#[derive(Debug, Clone)]
enum Damage {
    Set(Index, u8),
    Cut(Index),
    Insert(Index, Vec<u8>),
    Remove(Index, usize),
    Repeat(Index, usize, usize),
}

impl Damage {
    fn any() -> impl Strategy<Value = Self> {
        let at = any::<Index>;
        prop_oneof![
            4 => (at(), any::<u8>()).prop_map(|(at, byte)| Self::Set(at, byte)),
            1 => at().prop_map(Self::Cut),
            1 => (at(), prop::collection::vec(any::<u8>(), 1..12)).prop_map(|(at, bytes)| Self::Insert(at, bytes)),
            1 => (at(), 1..12_usize).prop_map(|(at, length)| Self::Remove(at, length)),
            1 => (at(), 1..40_usize, 1..6_usize).prop_map(|(at, length, times)| Self::Repeat(at, length, times)),
        ]
    }

    fn befall(&self, body: &mut Vec<u8>) {
        if body.is_empty() {
            return;
        }
        let part = |at: &Index, length: usize, body: &[u8]| {
            let start = at.index(body.len());
            start..(start + length).min(body.len())
        };
        match self {
            Self::Set(at, byte) => {
                let position = at.index(body.len());
                body[position] = *byte;
            }
            Self::Cut(at) => body.truncate(at.index(body.len())),
            Self::Insert(at, bytes) => {
                let start = at.index(body.len());
                body.splice(start..start, bytes.iter().copied());
            }
            Self::Remove(at, length) => drop(body.drain(part(at, *length, body))),
            Self::Repeat(at, length, times) => {
                let repeated = body[part(at, *length, body)].repeat(*times);
                let start = at.index(body.len());
                body.splice(start..start, repeated);
            }
        }
    }
}

/// How an answer comes about.
#[derive(Debug, Clone)]
struct Recipe {
    /// Which of the versions that may be negotiated.
    version: usize,
    tape: Vec<u8>,
    honesty: Honesty,
    damages: Vec<Damage>,
    /// Instead of all of the above.
    noise: Option<Vec<u8>>,
}

impl Recipe {
    fn any() -> impl Strategy<Value = Self> {
        let honesty = prop_oneof![Just(Honesty::Sound), Just(Honesty::Lying)];
        let damages = prop_oneof![
            1 => Just(Vec::new()),
            2 => prop::collection::vec(Damage::any(), 1..6),
        ];
        let noise = proptest::option::weighted(0.05, prop::collection::vec(any::<u8>(), 0..300));
        let tape = prop::collection::vec(any::<u8>(), 0..400);
        (any::<usize>(), tape, honesty, damages, noise).prop_map(
            |(version, tape, honesty, damages, noise)| Self {
                version,
                tape,
                honesty,
                damages,
                noise,
            },
        )
    }

    /// Nothing is wrong with the answer but what it says.
    fn sound() -> impl Strategy<Value = Self> {
        Self::any().prop_map(Self::made_sound)
    }

    fn made_sound(self) -> Self {
        Self {
            honesty: Honesty::Sound,
            damages: Vec::new(),
            noise: None,
            ..self
        }
    }

    fn version<R: Api>(&self) -> i16 {
        let versions: Vec<i16> = versions::<R>().collect();
        versions[self.version % versions.len()]
    }

    fn body<R: Api>(&self, version: i16) -> Vec<u8> {
        if let Some(noise) = &self.noise {
            return noise.clone();
        }
        let mut tape = Tape::new(&self.tape);
        let mut body = body(
            &R::ANSWER,
            version,
            R::is_flexible(version),
            self.honesty,
            &mut tape,
        );
        for damage in &self.damages {
            damage.befall(&mut body);
        }
        body
    }
}

/// Every version that may be negotiated.
fn versions<R: Api>() -> impl Iterator<Item = i16> {
    R::OLDEST.max(R::VERSIONS.min)..=R::NEWEST
}

fn frame<R: Api>(version: i16, body: &[u8]) -> Bytes {
    let mut frame = BytesMut::from(&[0, 0, 0, 1][..]);
    if R::Response::header_version(version) >= 1 {
        frame.put_u8(0);
    }
    frame.put_slice(body);
    frame.freeze()
}

/// Does the same with every kind of request, under the name given.
macro_rules! for_each_request {
    (|$request:ident| $body:block) => {{
        struct Each;
        impl Visitor for Each {
            fn visit<$request: Api>(&mut self) $body
        }
        api::each(&mut Each);
    }};
}

#[test]
fn shapes_and_crate_agree_on_every_sound_answer() {
    for_each_request!(|R| {
        fuzz(&format!("sound {}", R::NAME), 128, &Recipe::sound(), |recipe| {
            let version = recipe.version::<R>();
            let mut body = Bytes::from(recipe.body::<R>(version));
            let flexible = R::is_flexible(version);
            prop_assert!(
                R::ANSWER.check(&body, version, flexible).is_ok(),
                "version {version}"
            );
            let decoded = R::Response::decode(&mut body, version);
            prop_assert!(decoded.is_ok(), "version {version}: {:?}", decoded.err());
            prop_assert!(body.is_empty(), "version {version}: {} bytes left", body.len());
            Ok(())
        });
    });
}

#[test]
fn no_answer_panics_hangs_or_swells_in_the_decoder() {
    for_each_request!(|R| {
        fuzz(&format!("decoding {}", R::NAME), 256, &Recipe::any(), |recipe| {
            let version = recipe.version::<R>();
            survives::<R>(version, &recipe.body::<R>(version))
        });
    });
}

/// Nothing is set aside for an answer that the shape refuses, and no more than it said for others.
fn survives<R: Api>(version: i16, body: &[u8]) -> Result<(), TestCaseError> {
    let frame = frame::<R>(version, body);
    let announced = R::ANSWER
        .decoded_size(body, version, R::is_flexible(version))
        .unwrap_or(0);
    let began = Instant::now();
    let taken = allocation_counter::measure(|| drop(decode::<R>(frame, version)));
    prop_assert!(
        began.elapsed() < A_WHILE,
        "version {version} took {:?}",
        began.elapsed()
    );
    prop_assert!(
        taken.bytes_max <= announced as u64 + SLACK,
        "version {version}: {} bytes of memory for {} on the wire, announced as {announced}",
        taken.bytes_max,
        body.len()
    );
    Ok(())
}

/// An item of one byte would let a count of four thousand million pass, and an item of none would.
#[test]
fn no_item_of_a_list_is_empty_in_any_version() {
    for_each_request!(|R| {
        for version in versions::<R>() {
            let endless = [0xff; 64];
            let flexible = R::is_flexible(version);
            let began = Instant::now();
            assert!(
                R::ANSWER.check(&endless, version, flexible).is_err(),
                "{} {version}",
                R::NAME
            );
            assert!(began.elapsed() < A_WHILE, "{} {version}", R::NAME);
        }
    });
}

/// How long the client may try in these tests.
const LIMIT: Duration = Duration::from_millis(25);

/// What all of [`ask_everything`] may take, with every request at its limit several times over.
const ALL_LIMITS: Duration = Duration::from_mins(1);

/// What a client may take in memory for answers of some kilobytes.
const CLIENT_MEMORY: u64 = 32 << 20;

/// For each kind of request, by its number, what makes an answer to it.
struct Makers(BTreeMap<i16, fn(&Asked, &Recipe) -> Reply>);

impl Makers {
    fn new() -> Self {
        let mut makers = Self(BTreeMap::new());
        api::each(&mut makers);
        makers
    }
}

impl Visitor for Makers {
    fn visit<R: Api>(&mut self) {
        self.0.insert(R::KEY, |asked, recipe| {
            let body = recipe.body::<R>(asked.version);
            asked.answer_with::<R>(asked.version, &body)
        });
    }
}

/// A broker that is honest about itself and about where topics are, and says anything else as the recipe
/// has it; to requests of the victim's kind it always does.
async fn broker(recipe: Recipe, victim: i16) -> Fake {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let makers = Makers::new();
    Fake::broker_on(listener, move |asked| {
        if asked.key == victim {
            return makers.0[&asked.key](asked, &recipe);
        }
        if asked.is::<SaslHandshakeRequest>() {
            return asked.answer::<SaslHandshakeRequest>(&SaslHandshakeResponse::default());
        }
        if asked.is::<SaslAuthenticateRequest>() {
            return asked.answer::<SaslAuthenticateRequest>(&SaslAuthenticateResponse::default());
        }
        if asked.is::<ApiVersionsRequest>() || asked.is::<DescribeClusterRequest>() {
            return asked.usual(&[port]);
        }
        if asked.is::<MetadataRequest>() {
            return asked.answer::<MetadataRequest>(&metadata(asked));
        }
        if asked.is::<ListGroupsRequest>() {
            return asked.answer::<ListGroupsRequest>(&groups(asked.version));
        }
        makers.0[&asked.key](asked, &recipe.clone().made_sound())
    })
}

/// A group of each kind that can be looked into, with members.
fn groups(version: i16) -> ListGroupsResponse {
    let group = |kind| {
        let mut group = ListedGroup::default()
            .with_group_id(StrBytes::from_static_str(kind).into())
            .with_protocol_type(StrBytes::from_static_str("consumer"));
        if version >= 4 {
            group = group.with_group_state(StrBytes::from_static_str("Stable"));
        }
        if version >= 5 {
            group = group.with_group_type(StrBytes::from_static_str(kind));
        }
        group
    };
    ListGroupsResponse::default().with_groups(vec![group("classic"), group("consumer")])
}

/// Every topic that is asked for, with one partition.
fn metadata(asked: &Asked) -> MetadataResponse {
    let topics = asked.request::<MetadataRequest>().topics.unwrap_or_default();
    let topics = topics.into_iter().map(|topic| {
        let partition = MetadataResponsePartition::default().with_leader_id(WireBrokerId(1));
        MetadataResponseTopic::default()
            .with_name(topic.name)
            .with_partitions(vec![partition])
    });
    MetadataResponse::default().with_topics(topics.collect())
}

/// A login that takes the broker's word for it. What SCRAM does with such words is tried where it is.
fn with_a_login() -> ConnectionConfig {
    let credentials = Credentials {
        username: Secret::new("user"),
        password: Secret::new("password"),
        origin: PropertyOrigin::File {
            file: "client.properties".into(),
            line: 1,
        },
    };
    ConnectionConfig {
        authentication: Authentication::Sasl(Sasl::Plain(credentials)),
        ..ConnectionConfig::default()
    }
}

/// Connects and asks for all that there is to ask, whatever comes of it, and returns what was said.
async fn ask_everything(fake: &Fake) -> Vec<String> {
    let options = ConnectOptions {
        connect_timeout: LIMIT,
        request_timeout: LIMIT,
        connection: with_a_login(),
        ..ConnectOptions::new(vec![fake.address()])
    };
    let client = match Client::connect(options).await {
        Ok(client) => client,
        Err(error) => return vec![error.to_string()],
    };
    let mut said = Said::default();
    read_everything(&client, &mut said).await;
    write_everything(&client, &mut said).await;
    said.0
}

/// The errors that people would see.
#[derive(Default)]
struct Said(Vec<String>);

impl Said {
    fn whole<T>(&mut self, answer: Result<T, impl Display>) -> Option<T> {
        answer.map_err(|error| self.0.push(error.to_string())).ok()
    }

    fn each<T>(&mut self, answer: Result<PerTopic<T>, impl Display>) {
        for item in self.whole(answer).into_iter().flat_map(BTreeMap::into_values) {
            self.whole(item);
        }
    }
}

async fn read_everything(client: &Client, said: &mut Said) {
    let names = [name("orders"), name("payments")];
    let key = ConfigKey::new("retention.ms").unwrap();
    let keys = |name: &TopicName| (name.clone(), vec![key.clone()]);
    let all = |name: &TopicName| (name.clone(), None);
    let partitions = names.iter().map(|name| (name.clone(), vec![0, 1])).collect();
    said.whole(client.cluster().await);
    said.each(client.topics(&names).await);
    said.each(client.topics_on(BrokerId(1), &names).await);
    said.whole(client.all_topics().await);
    said.each(client.configs(&names).await);
    said.each(
        client
            .configs_on(BrokerId(1), &names.iter().map(keys).collect())
            .await,
    );
    said.each(client.synonyms(&names.iter().map(all).collect()).await);
    if let Some(configs) = said.whole(client.broker_configs(std::slice::from_ref(&key)).await) {
        said.whole(configs);
    }
    let offsets = client.offsets(&partitions, OffsetPoint::Latest).await;
    for offset in said.whole(offsets).into_iter().flat_map(BTreeMap::into_values) {
        said.whole(offset);
    }
    read_contents(client, &partitions, said).await;
}

async fn read_contents(client: &Client, partitions: &BTreeMap<TopicName, Vec<i32>>, said: &mut Said) {
    let sizes = client.replica_sizes(partitions).await;
    for broker in said.whole(sizes).into_iter().flat_map(BTreeMap::into_values) {
        said.whole(broker);
    }
    for asked in [Some(partitions), None] {
        if let Some(moving) = said.whole(client.list_partition_reassignments(asked).await) {
            said.whole(moving);
        }
    }
    if let Some(groups) = said.whole(client.topic_groups(partitions).await) {
        said.0.extend(groups.unread.iter().map(ToString::to_string));
    }
    let ranges = |indexes: &Vec<i32>| indexes.iter().map(|index| (*index, 0..10)).collect();
    let ranges = partitions
        .iter()
        .map(|(name, indexes)| (name.clone(), ranges(indexes)));
    let samples = client.samples(&ranges.collect()).await;
    for sample in said.whole(samples).into_iter().flat_map(BTreeMap::into_values) {
        said.whole(sample);
    }
}

async fn write_everything(client: &Client, said: &mut Said) {
    let created = NewTopic {
        name: name("orders"),
        partitions: PartitionCount::new(1),
        replication: None,
        configs: BTreeMap::new(),
    };
    let grown = NewPartitions {
        name: name("orders"),
        total: PartitionCount::new(3).unwrap(),
        replicas: vec![vec![BrokerId(1)]],
    };
    let altered = ConfigsToAlter {
        name: name("orders"),
        changes: [(ConfigKey::new("retention.ms").unwrap(), ConfigChange::Reset)].into(),
    };
    said.each(client.create_topics(&[created], WriteMode::Write).await);
    said.each(client.create_partitions(&[grown], WriteMode::Write).await);
    said.each(client.alter_configs(&[altered], WriteMode::Write).await);
    let assigned = ReplicasToAssign {
        name: name("orders"),
        partitions: [(0, vec![BrokerId(1)])].into(),
    };
    let elected = LeadersToElect {
        name: name("orders"),
        partitions: vec![0],
    };
    said.each(client.alter_partition_reassignments(&[assigned]).await);
    said.each(client.elect_leaders(&[elected]).await);
    let deleted = [(name("orders"), TopicId(uuid::Uuid::nil()))].into();
    said.each(client.delete_topics(&deleted).await);
}

/// Runs on one thread, whose allocations are counted.
fn run(recipe: Recipe, victim: i16) -> (Vec<String>, BTreeSet<i16>) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let result = runtime.block_on(async {
        let fake = broker(recipe, victim).await;
        let said = ask_everything(&fake).await;
        let kinds = fake.kinds.lock().unwrap().iter().copied().collect();
        (said, kinds)
    });
    // A name that takes long to look up is looked up on a thread of its own.
    runtime.shutdown_background();
    result
}

#[test]
fn no_answer_panics_hangs_or_swells_in_the_client() {
    for_each_request!(|R| {
        fuzz(&format!("client {}", R::NAME), 16, &Recipe::any(), |recipe| {
            let began = Instant::now();
            let mut said = Vec::new();
            let taken = allocation_counter::measure(|| said = run(recipe, R::KEY).0);
            prop_assert!(began.elapsed() < ALL_LIMITS, "took {:?}", began.elapsed());
            prop_assert!(
                taken.bytes_max < CLIENT_MEMORY,
                "{} bytes of memory",
                taken.bytes_max
            );
            let obeyed = |text: &&String| text.chars().any(|c| c != '\n' && c.is_control());
            let obeyed = said.iter().find(obeyed);
            prop_assert!(obeyed.is_none(), "a terminal would obey {obeyed:?}");
            Ok(())
        });
    });
}

/// A new request without a call here that sends it would not be tried.
#[test]
fn every_kind_of_request_is_sent_in_these_tests() {
    let quiet = Recipe {
        version: 0,
        tape: Vec::new(),
        honesty: Honesty::Sound,
        damages: Vec::new(),
        noise: None,
    };
    let (_, sent) = run(quiet, -1);
    let listed: BTreeSet<i16> = Makers::new().0.into_keys().collect();
    assert_eq!(sent, listed);
}

/// An answer of 14 MiB that would be more than a gigabyte in memory: items of nine bytes, each with a
/// tagged field that nobody knows.
#[test]
fn an_answer_that_is_made_to_swell_is_refused_before_it_does() {
    const ITEMS: u32 = 1_600_000;
    let item = [0, 0, 1, 2, 1, 1, 1, 9, 0];
    let count: [u8; 3] = std::array::from_fn(|index| {
        let seven_bits = u8::try_from((ITEMS + 1) >> (7 * index) & 0x7f).unwrap();
        if index < 2 { seven_bits | 0x80 } else { seven_bits }
    });
    let body = [&[0; 4][..], &count, &item.repeat(ITEMS as usize), &[0]].concat();
    let frame = frame::<DescribeConfigsRequest>(4, &body);
    let mut said = None;
    let taken = allocation_counter::measure(|| said = decode::<DescribeConfigsRequest>(frame, 4).err());
    assert_eq!(
        said.as_deref(),
        Some("it would take more than 1024 MiB of memory")
    );
    assert!(taken.bytes_max < SLACK, "{} bytes", taken.bytes_max);
}
