//! The real client: Kafka's admin protocol over TCP, on one thread.
//!
//! From the wire up: `stream` opens a connection, `frame` cuts it into frames, `channel` keeps requests in
//! flight on it, `negotiation` finds the versions, `authentication` logs in and `session` does so again in
//! time, `probe` finds out what else a port speaks, `connection` sends typed requests, `brokers` keeps the connections, `routing` knows whom to ask. `spread` and
//! `reading` carry large reads, `writing` batched writes. Each operation of [`Admin`] is a file of
//! its own on top of these.
//!
//! What should be read or written is decided elsewhere.

mod address;
mod alter;
mod answer;
mod api;
mod api_impact;
mod api_replicas;
mod attempts;
mod authentication;
mod batch;
mod batches;
mod bootstrap;
mod broker_configs;
mod brokers;
mod budget;
mod cancel;
mod channel;
mod cluster;
mod configs;
mod connection;
mod counters;
mod create;
mod created;
mod delete;
mod elect;
mod eligible;
mod failure;
#[cfg(test)]
mod fake;
mod frame;
mod groups;
mod health;
mod interning;
mod log_dirs;
mod log_dirs_message;
mod login_turn;
mod metadata;
mod negotiation;
mod offsets;
mod partitions;
mod probe;
mod quorum;
mod reading;
mod reassign;
mod reassignments;
mod retry;
mod routing;
mod samples;
mod scram;
mod session;
mod shape;
mod spread;
mod stream;
mod unpack;
mod writing;

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Duration;

use kafka_protocol::protocol::StrBytes;
use tokio::time::Instant;

pub use address::{Address, InvalidAddress};

use self::alter::Alter;
use self::attempts::Attempts;
use self::bootstrap::Dialer;
use self::brokers::Brokers;
use self::cancel::Cancel;
use self::connection::Connection;
use self::counters::Counters;
use self::create::Create;
use self::delete::Delete;
use self::elect::Elect;
use self::interning::Interner;
use self::partitions::Grow;
use self::reassign::Reassign;
use self::retry::Deadline;
use self::routing::Routing;
use self::writing::Quota;
use super::{
    Admin, AdminError, BrokerConfigs, ConfigChange, ConfigsToAlter, CreatedTopic, EligibleLeaders, ItemError,
    LeadersToElect, MovesToCancel, NewPartitions, NewTopic, Offset, OffsetPoint, PerTopic, Positions,
    Reassignments, ReplicaSizes, ReplicasToAssign, RequestCounts, SampleRanges, TopicGroups, TopicSynonyms,
    WriteMode,
};
use crate::connection::{AllowedAddresses, Authentication, ConnectionConfig};
use crate::model::{
    BrokerId, BrokerStorage, ClusterHealth, ClusterView, ConfigKey, ObservedConfig, Sample, TopicConfigs,
    TopicId, TopicMetadata, TopicName,
};

/// How to reach a cluster.
#[derive(Debug, Clone)]
pub struct ConnectOptions {
    /// Addresses of which any one will do; in order of preference.
    pub bootstrap: Vec<Address>,
    /// How long to try all of them together, again and again: a broker may still be starting.
    pub connect_timeout: Duration,
    /// How long a request may take, its retries included.
    pub request_timeout: Duration,
    /// How to be secure, who to be.
    pub connection: ConnectionConfig,
    /// Where to connect at all: neither address nor broker elsewhere is dialled.
    pub allowed: AllowedAddresses,
}

impl ConnectOptions {
    /// The addresses with the usual limits: 10 s to connect, 30 s a request.
    pub fn new(bootstrap: Vec<Address>) -> Self {
        Self {
            bootstrap,
            connect_timeout: Duration::from_secs(10),
            request_timeout: Duration::from_secs(30),
            connection: ConnectionConfig::default(),
            allowed: AllowedAddresses::default(),
        }
    }
}

/// A cluster that is there.
///
/// Needs a tokio runtime with time and network, and lives on one thread. Calls may run side by side
/// (`tokio::join!`): they share connections, and requests on one connection are pipelined, so that
/// `cluster`, `topics` and `configs` of a few topics together take one round trip.
pub struct Client {
    routing: Routing,
    request_timeout: Duration,
    counters: Rc<Counters>,
    interner: RefCell<Interner>,
    quota: Cell<Quota>,
    health: RefCell<Option<(Instant, ClusterHealth)>>,
}

impl Client {
    /// Connects to the first of the addresses that answers as a Kafka broker. Connections to other
    /// brokers are opened when there is work for them.
    pub async fn connect(options: ConnectOptions) -> Result<Self, AdminError> {
        let counters = Rc::new(Counters::default());
        let dialer = Dialer {
            client_id: wire_text(&options.connection.client_id),
            security: options.connection.security,
            sasl: match options.connection.authentication {
                Authentication::None => None,
                Authentication::Sasl(sasl) => Some(Rc::new(sasl)),
            },
            counters: Rc::clone(&counters),
            allowed: options.allowed,
        };
        let brokers = Brokers::new(dialer, options.bootstrap, options.connect_timeout);
        let deadline = Deadline::after(options.connect_timeout);
        brokers.bootstrap(&BTreeMap::new(), deadline).await?;
        Ok(Self {
            routing: Routing::new(brokers),
            request_timeout: options.request_timeout,
            counters,
            interner: RefCell::new(Interner::default()),
            quota: Cell::new(Quota::NotKnown),
            health: RefCell::new(None),
        })
    }

    /// The cluster as one broker lists it, before anybody else is connected to.
    ///
    /// # Errors
    /// Where no broker answers.
    pub async fn listed_cluster(&self) -> Result<ClusterView, AdminError> {
        let view = self.routing.fresh_view(self.deadline()).await?;
        Ok(ClusterView::clone(&view))
    }

    /// The same less the brokers that are down, and whether there is a controller. Brokers that the controller has
    /// not heard of are connected to.
    pub async fn with_health(&self, view: ClusterView) -> ClusterView {
        Box::pin(self.checked_view(view, self.deadline())).await
    }

    fn deadline(&self) -> Deadline {
        Deadline::after(self.request_timeout)
    }

    /// Asks one broker something that changes nothing, again where the connection breaks.
    async fn ask_broker<T>(
        &self,
        broker: BrokerId,
        request: &'static str,
        deadline: Deadline,
        ask: impl AsyncFn(&Connection) -> Result<T, AdminError>,
    ) -> Result<(Rc<Connection>, T), AdminError> {
        let mut attempts = Attempts::new();
        loop {
            let asked = match self.routing.broker(broker, request, deadline).await {
                Ok(connection) => ask(&connection).await.map(|answer| (connection, answer)),
                Err(error) => Err(error),
            };
            match asked {
                Ok(answered) => return Ok(answered),
                Err(error) => attempts.again(error, deadline).await?,
            }
            self.routing.forget().await;
            self.routing.check_alive(broker, request, deadline).await?;
        }
    }
}

fn wire_text(text: &str) -> StrBytes {
    StrBytes::from_string(text.to_owned())
}

impl Admin for Client {
    async fn cluster(&self) -> Result<ClusterView, AdminError> {
        let view = self.listed_cluster().await?;
        Ok(self.with_health(view).await)
    }

    async fn topics(&self, names: &[TopicName]) -> Result<PerTopic<Option<TopicMetadata>>, AdminError> {
        self.read_metadata(names, self.request_timeout).await
    }

    async fn topics_on(
        &self,
        broker: BrokerId,
        names: &[TopicName],
    ) -> Result<PerTopic<Option<TopicMetadata>>, AdminError> {
        self.read_metadata_on(broker, names).await
    }

    async fn all_topics(&self) -> Result<BTreeMap<TopicName, TopicMetadata>, AdminError> {
        self.read_all_metadata().await
    }

    async fn configs(&self, names: &[TopicName]) -> Result<PerTopic<Option<TopicConfigs>>, AdminError> {
        self.read_configs(names).await
    }

    async fn configs_on(
        &self,
        broker: BrokerId,
        wanted: &BTreeMap<TopicName, Vec<ConfigKey>>,
    ) -> Result<PerTopic<Option<TopicConfigs>>, AdminError> {
        self.read_configs_on(broker, wanted).await
    }

    async fn synonyms(
        &self,
        wanted: &BTreeMap<TopicName, Option<Vec<ConfigKey>>>,
    ) -> Result<PerTopic<TopicSynonyms>, AdminError> {
        self.read_synonyms(wanted).await
    }

    async fn synonyms_on(
        &self,
        broker: BrokerId,
        wanted: &BTreeMap<TopicName, Vec<ConfigKey>>,
    ) -> Result<PerTopic<TopicSynonyms>, AdminError> {
        self.read_synonyms_on(broker, wanted).await
    }

    async fn broker_configs(
        &self,
        keys: &[ConfigKey],
    ) -> Result<Result<BTreeMap<ConfigKey, ObservedConfig>, ItemError>, AdminError> {
        self.read_broker_configs(keys).await
    }

    async fn configs_of_brokers(
        &self,
        brokers: &[BrokerId],
        keys: &[ConfigKey],
    ) -> Result<BrokerConfigs, AdminError> {
        Ok(self.read_configs_of_brokers(brokers, keys).await)
    }

    async fn alter_broker_configs(
        &self,
        changes: &BTreeMap<BrokerId, BTreeMap<ConfigKey, ConfigChange>>,
    ) -> Result<BTreeMap<BrokerId, Result<(), ItemError>>, AdminError> {
        Ok(self.write_broker_configs(changes).await)
    }

    async fn create_topics(&self, topics: &[NewTopic], mode: WriteMode) -> Result<PerTopic<()>, AdminError> {
        self.write::<Create>(topics, mode).await
    }

    async fn created_settings(&self, topics: &[NewTopic]) -> Result<PerTopic<CreatedTopic>, AdminError> {
        self.read_created_settings(topics).await
    }

    async fn create_partitions(
        &self,
        growth: &[NewPartitions],
        mode: WriteMode,
    ) -> Result<PerTopic<()>, AdminError> {
        self.write::<Grow>(growth, mode).await
    }

    async fn alter_configs(
        &self,
        changes: &[ConfigsToAlter],
        mode: WriteMode,
    ) -> Result<PerTopic<()>, AdminError> {
        self.write::<Alter>(changes, mode).await
    }

    async fn delete_topics(&self, topics: &BTreeMap<TopicName, TopicId>) -> Result<PerTopic<()>, AdminError> {
        let topics: Vec<(TopicName, TopicId)> = topics.iter().map(|(name, id)| (name.clone(), *id)).collect();
        self.write::<Delete>(&topics, WriteMode::Write).await
    }

    async fn deletes_topics(&self) -> Result<bool, AdminError> {
        let answers = self
            .write::<Delete>(&delete::no_topic(), WriteMode::Write)
            .await?;
        Ok(!answers.values().any(delete::is_disabled))
    }

    async fn alter_partition_reassignments(
        &self,
        replicas: &[ReplicasToAssign],
    ) -> Result<PerTopic<()>, AdminError> {
        self.write::<Reassign>(replicas, WriteMode::Write).await
    }

    async fn cancel_partition_reassignments(
        &self,
        moves: &[MovesToCancel],
    ) -> Result<PerTopic<()>, AdminError> {
        self.write::<Cancel>(moves, WriteMode::Write).await
    }

    async fn eligible_leaders(&self, names: &[TopicName]) -> Result<PerTopic<EligibleLeaders>, AdminError> {
        self.read_eligible_leaders(names).await
    }

    async fn list_partition_reassignments(
        &self,
        partitions: Option<&BTreeMap<TopicName, Vec<i32>>>,
    ) -> Result<Result<Reassignments, ItemError>, AdminError> {
        self.read_reassignments(partitions).await
    }

    async fn elect_leaders(&self, partitions: &[LeadersToElect]) -> Result<PerTopic<()>, AdminError> {
        self.write::<Elect>(partitions, WriteMode::Write).await
    }

    async fn offsets(
        &self,
        partitions: &BTreeMap<TopicName, Vec<i32>>,
        point: OffsetPoint,
    ) -> Result<BTreeMap<(TopicName, i32), Result<Offset, ItemError>>, AdminError> {
        self.read_offsets(partitions, point).await
    }

    async fn replica_sizes(
        &self,
        partitions: &BTreeMap<TopicName, Vec<i32>>,
    ) -> Result<ReplicaSizes, AdminError> {
        self.read_replica_sizes(partitions).await
    }

    async fn storage(&self) -> Result<BTreeMap<BrokerId, Result<BrokerStorage, ItemError>>, AdminError> {
        self.read_storage().await
    }

    async fn topic_groups(
        &self,
        partitions: &BTreeMap<TopicName, Vec<i32>>,
    ) -> Result<TopicGroups, AdminError> {
        self.read_topic_groups(partitions).await
    }

    async fn samples(
        &self,
        ranges: &SampleRanges,
    ) -> Result<BTreeMap<(TopicName, i32), Result<Sample, ItemError>>, AdminError> {
        self.read_samples(ranges).await
    }

    async fn record_times(
        &self,
        positions: &Positions,
    ) -> Result<BTreeMap<(TopicName, i32), Result<Option<i64>, ItemError>>, AdminError> {
        self.read_record_times(positions).await
    }

    fn requests(&self) -> RequestCounts {
        self.counters.read()
    }
}

#[cfg(test)]
mod connect_tests;
#[cfg(test)]
mod contested_tests;
#[cfg(test)]
mod health_tests;
#[cfg(test)]
mod hostile_tests;
#[cfg(test)]
mod login_tests;
#[cfg(test)]
mod misleading_tests;
#[cfg(test)]
mod offsets_tests;
#[cfg(test)]
mod reading_tests;
#[cfg(test)]
mod tls_tests;
#[cfg(test)]
mod writing_tests;
