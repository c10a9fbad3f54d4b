//! Answers that lie, through the whole client: it connects, logs in and asks for all that there is.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;
use std::time::{Duration, Instant};

use kafka_protocol::messages::list_groups_response::ListedGroup;
use kafka_protocol::messages::metadata_response::{MetadataResponsePartition, MetadataResponseTopic};
use kafka_protocol::messages::{
    ApiVersionsRequest, BrokerId as WireBrokerId, DescribeClusterRequest, DescribeQuorumRequest,
    FetchRequest, ListGroupsRequest, ListGroupsResponse, MetadataRequest, MetadataResponse,
    SaslAuthenticateRequest, SaslAuthenticateResponse, SaslHandshakeRequest, SaslHandshakeResponse,
};
use kafka_protocol::protocol::StrBytes;
use proptest::prelude::*;
use tokio::net::TcpListener;

use super::for_each_request;
use super::recipe::Recipe;
use super::records::fetched;
use crate::admin::client::protocol::api::{self, Api, Visitor};
use crate::admin::client::protocol::shape::bodies::Honesty;
use crate::admin::client::tests::fake_broker::{Asked, Fake, Reply};
use crate::admin::client::tests::reading::name;
use crate::admin::client::{Client, ConnectOptions};
use crate::admin::{
    Admin, ConfigChange, ConfigsToAlter, LeadersToElect, MovesToCancel, NewPartitions, NewTopic, OffsetPoint,
    PerTopic, ReplicasToAssign, WriteMode,
};
use crate::connection::{Authentication, ConnectionConfig, Credentials, PropertyOrigin, Sasl};
use crate::fuzz::fuzz;
use crate::model::{BrokerId, ConfigKey, PartitionCount, Secret, TopicId, TopicName};

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
        if asked.is::<ApiVersionsRequest>()
            || asked.is::<DescribeClusterRequest>()
            || asked.is::<DescribeQuorumRequest>()
        {
            return asked.usual(&[port]);
        }
        if asked.is::<MetadataRequest>() {
            return asked.answer::<MetadataRequest>(&metadata(asked));
        }
        if asked.is::<ListGroupsRequest>() {
            return asked.answer::<ListGroupsRequest>(&groups(asked.version));
        }
        if asked.is::<FetchRequest>() {
            return fetched(asked, &recipe);
        }
        makers.0[&asked.key](asked, &recipe.clone().made_sound())
    })
}

/// A group of each kind that can be looked into, with members; one of them is listed twice.
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
    let twice = vec![
        group("classic"),
        group("consumer"),
        group("share"),
        group("consumer"),
    ];
    ListGroupsResponse::default().with_groups(twice)
}

/// Every topic that is asked for, with one partition.
pub(crate) fn metadata(asked: &Asked) -> MetadataResponse {
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
    said.each(client.eligible_leaders(&names).await);
    said.each(client.synonyms(&names.iter().map(all).collect()).await);
    said.each(
        client
            .synonyms_on(BrokerId(1), &names.iter().map(keys).collect())
            .await,
    );
    if let Some(configs) = said.whole(client.broker_configs(std::slice::from_ref(&key)).await) {
        said.whole(configs);
    }
    let of_brokers = client.configs_of_brokers(&[BrokerId(1)], std::slice::from_ref(&key));
    for configs in said
        .whole(of_brokers.await)
        .into_iter()
        .flat_map(BTreeMap::into_values)
    {
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
    let disks = client.storage().await;
    for broker in said.whole(disks).into_iter().flat_map(BTreeMap::into_values) {
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
    let positions = partitions
        .iter()
        .map(|(name, indexes)| (name.clone(), indexes.iter().map(|index| (*index, 5)).collect()));
    let times = client.record_times(&positions.collect()).await;
    for time in said.whole(times).into_iter().flat_map(BTreeMap::into_values) {
        said.whole(time);
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
    let cancelled = MovesToCancel {
        name: name("orders"),
        partitions: vec![0],
    };
    said.each(client.cancel_partition_reassignments(&[cancelled]).await);
    said.each(client.elect_leaders(&[elected]).await);
    let of_broker = [(
        ConfigKey::new("leader.replication.throttled.rate").unwrap(),
        ConfigChange::Reset,
    )];
    let changes = [(BrokerId(1), of_broker.into())].into();
    let altered = client.alter_broker_configs(&changes).await;
    for broker in said.whole(altered).into_iter().flat_map(BTreeMap::into_values) {
        said.whole(broker);
    }
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
