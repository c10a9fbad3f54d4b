//! What a cluster says of itself. Observed state is complete where it could be read, and says so
//! where it could not; it never borrows defaults from this tool.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::Serialize;
use uuid::Uuid;

use super::by_broker::InheritedByBroker;
use super::committed::PartitionEnd;
use super::count::{PartitionCount, ReplicationFactor};
use super::evidence::Disks;
use super::facts::is_under_replicated;
use super::health::ClusterHealth;
use super::name::{BrokerId, ConfigKey, TopicName};
use super::reading::{ReadError, Reading};
use super::value::same_value;

/// The cluster behind the address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClusterView {
    /// The cluster's id, as `cluster.id` in its metadata.
    pub id: Arc<str>,
    /// The controller that clients are told of (in KRaft: some broker that forwards).
    pub controller: Option<BrokerId>,
    /// The brokers that are alive; those that are down are not among them.
    pub brokers: BTreeMap<BrokerId, Broker>,
    /// How many brokers count for replication.
    pub registered: RegisteredBrokers,
    /// Registered brokers that are not alive, where the cluster tells of them (Kafka 4.0).
    pub fenced: BTreeSet<BrokerId>,
    /// The finalized level of `metadata.version`; none with `ZooKeeper` and before Kafka 3.3.
    pub metadata_version: Option<i16>,
    /// Whether there is a controller, and who does not answer.
    pub health: ClusterHealth,
}

impl ClusterView {
    /// Whether every broker takes `min.insync.replicas` for at most the number of replicas (`Partition.effectiveMinIsr`,
    /// from Kafka 3.7 on). The controller finalizes no level that a registered broker does not support, and registers
    /// no broker that does not support the finalized one (`ClusterControlManager`). Not known where this is false.
    pub fn caps_min_insync(&self) -> bool {
        self.metadata_version.is_some_and(|level| level >= V3_7_IV0)
    }
}

/// `MetadataVersion.IBP_3_7_IV0`; brokers of Kafka 3.6 support 14 at most.
const V3_7_IV0: i16 = 15;

/// A live broker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Broker {
    /// Its advertised host.
    pub host: Arc<str>,
    /// Its advertised port.
    pub port: u16,
    /// `broker.rack`, where it is set.
    pub rack: Option<Arc<str>>,
}

/// Placement counts registered brokers, those included that are down. Kafka 4.0 and later say how
/// many that are (`DescribeCluster` with fenced brokers, KIP-1073); before, only the live ones are known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RegisteredBrokers {
    /// The number of registered brokers, dead ones included.
    Exactly(usize),
    /// Only the number of live ones is known; more may be registered.
    AtLeast(usize),
}

/// A topic's id: it changes when a topic is deleted and created again under the same name (KIP-516).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TopicId(pub Uuid);

impl std::fmt::Display for TopicId {
    /// Kafka prints ids as URL-safe base64 without padding; so that they can be compared by eye with
    /// what Kafka's own tools print, so do we.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
        let bits = self.0.as_u128();
        // 128 bits are 21 full sextets and 2 bits, which the last character carries high.
        for index in 0..22_u32 {
            let sextet = if index < 21 {
                bits >> (122 - 6 * index)
            } else {
                bits << 4
            };
            let letter = ALPHABET[usize::try_from(sextet & 63).unwrap_or(0)];
            write!(f, "{}", char::from(letter))?;
        }
        Ok(())
    }
}

impl std::fmt::Debug for TopicId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        std::fmt::Display::fmt(self, f)
    }
}

impl Serialize for TopicId {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// What the cluster's metadata says of a topic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TopicMetadata {
    /// The topic's id; all zeros on brokers before 2.8.
    pub id: TopicId,
    /// Kafka's own topics, such as `__consumer_offsets`.
    pub internal: bool,
    /// The partitions in order of their index; never empty.
    pub partitions: Vec<Partition>,
}

/// One partition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Partition {
    /// The partition's number, from 0.
    pub index: i32,
    /// The leader; `None` while there is none.
    pub leader: Option<BrokerId>,
    /// The assigned replicas, preferred leader first.
    pub replicas: Vec<BrokerId>,
    /// The replicas that are in sync.
    pub isr: Vec<BrokerId>,
    /// Replicas whose broker or log folder is down.
    pub offline: Vec<BrokerId>,
}

impl Partition {
    /// Fewer replicas in sync than assigned, those counted that are only being added.
    pub fn is_under_replicated(&self) -> bool {
        is_under_replicated(self.isr.len(), self.replicas.len(), 0)
    }
}

/// A reassignment of a partition that is under way (KIP-455).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reassignment {
    /// All replicas for now: those of the end, preferred leader first, then those that will go.
    pub replicas: Vec<BrokerId>,
    /// Those that are being copied to.
    pub adding: Vec<BrokerId>,
    /// Those that go once the others are in sync.
    pub removing: Vec<BrokerId>,
}

impl Reassignment {
    /// The replicas that the partition has in the end, preferred leader first.
    pub fn target(&self) -> Vec<BrokerId> {
        let stays = |id: &&BrokerId| !self.removing.contains(id);
        self.replicas.iter().filter(stays).copied().collect()
    }

    /// The replicas that the partition keeps if the move is cancelled: all but those that are being added.
    pub fn without_added(&self) -> Vec<BrokerId> {
        let stays = |id: &&BrokerId| !self.adding.contains(id);
        self.replicas.iter().filter(stays).copied().collect()
    }

    /// The partition less the replicas that are only being added: what it is until they have caught up.
    #[must_use]
    pub fn less_added(&self, partition: &Partition) -> Partition {
        let is_there = |id: &&BrokerId| !self.adding.contains(id);
        Partition {
            replicas: self.replicas.iter().filter(is_there).copied().collect(),
            isr: partition.isr.iter().filter(is_there).copied().collect(),
            ..partition.clone()
        }
    }
}

/// The replication of a whole topic, by assigned replicas (never by the ISR, which shrinks when a
/// broker is down).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Replication {
    /// Every partition has this many replicas.
    Uniform(ReplicationFactor),
    /// Partitions differ.
    Mixed {
        /// The fewest replicas of any partition.
        lowest: ReplicationFactor,
        /// The most replicas of any partition.
        highest: ReplicationFactor,
    },
}

impl std::fmt::Display for Replication {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Uniform(factor) => std::fmt::Display::fmt(factor, f),
            Self::Mixed { lowest, highest } => write!(f, "{lowest} to {highest}, mixed"),
        }
    }
}

impl TopicMetadata {
    /// `None` only if the cluster showed no partitions, which a healthy one never does.
    pub fn partition_count(&self) -> Option<PartitionCount> {
        i64::try_from(self.partitions.len())
            .ok()
            .and_then(PartitionCount::new)
    }

    /// `None` only if the cluster showed a partition without replicas.
    pub fn replication(&self) -> Option<Replication> {
        let factor = |p: &Partition| {
            i64::try_from(p.replicas.len())
                .ok()
                .and_then(ReplicationFactor::new)
        };
        let lowest = self.partitions.iter().map(factor).min()??;
        let highest = self.partitions.iter().map(factor).max()??;
        Some(if lowest == highest {
            Replication::Uniform(lowest)
        } else {
            Replication::Mixed { lowest, highest }
        })
    }

    /// The topic without what these brokers had: they lead nothing, and are in sync with nobody.
    #[must_use]
    pub fn without_brokers(mut self, down: &BTreeSet<BrokerId>) -> Self {
        for partition in &mut self.partitions {
            partition.leader = partition.leader.filter(|leader| !down.contains(leader));
            partition.isr.retain(|replica| !down.contains(replica));
            let lost = partition.replicas.iter().filter(|replica| down.contains(replica));
            let lost: Vec<BrokerId> = lost
                .filter(|id| !partition.offline.contains(id))
                .copied()
                .collect();
            partition.offline.extend(lost);
        }
        self
    }

    /// The topic less the replicas that are only being added.
    #[must_use]
    pub fn less_added(&self, moving: &BTreeMap<i32, Reassignment>) -> Self {
        let less_added = |partition: &Partition| match moving.get(&partition.index) {
            Some(moving) => moving.less_added(partition),
            None => partition.clone(),
        };
        Self {
            partitions: self.partitions.iter().map(less_added).collect(),
            ..self.clone()
        }
    }

    /// The topic once everything that is under way has arrived.
    #[must_use]
    pub fn arrived(&self, moving: &BTreeMap<i32, Reassignment>) -> Self {
        let arrived = |partition: &Partition| Partition {
            replicas: moving
                .get(&partition.index)
                .map_or_else(|| partition.replicas.clone(), Reassignment::target),
            ..partition.clone()
        };
        Self {
            partitions: self.partitions.iter().map(arrived).collect(),
            ..self.clone()
        }
    }

    /// Whether replicas may be on their way: those that are only being added are not in sync.
    pub fn may_be_moving(&self) -> bool {
        self.under_replicated() > 0
    }

    /// How many partitions have fewer replicas in sync than assigned. Replicas that are only being added are
    /// among those assigned, so that all of them may be moving.
    pub fn under_replicated(&self) -> usize {
        self.partitions.iter().filter(|p| p.is_under_replicated()).count()
    }

    /// The size of the smallest ISR.
    pub fn smallest_isr(&self) -> Option<usize> {
        self.partitions.iter().map(|p| p.isr.len()).min()
    }
}

/// Where a config's value comes from (KIP-226). Only [`ConfigSource::Topic`] is the topic's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ConfigSource {
    /// `DYNAMIC_TOPIC_CONFIG`: an override of this topic.
    Topic,
    /// `DYNAMIC_BROKER_CONFIG`: set at run time for one broker.
    Broker,
    /// `DYNAMIC_DEFAULT_BROKER_CONFIG`: set at run time for the whole cluster.
    Cluster,
    /// `STATIC_BROKER_CONFIG`: the broker's properties file.
    BrokerFile,
    /// `DEFAULT_CONFIG`: what Kafka comes with.
    Default,
    /// A source that this tool does not know, by its number on the wire.
    Other(i8),
}

impl std::fmt::Display for ConfigSource {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Topic => f.write_str("topic override"),
            Self::Broker => f.write_str("broker, dynamic"),
            Self::Cluster => f.write_str("cluster, dynamic"),
            Self::BrokerFile => f.write_str("broker file"),
            Self::Default => f.write_str("Kafka default"),
            Self::Other(number) => write!(f, "source {number}"),
        }
    }
}

/// A config as one broker shows it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ObservedConfig {
    /// `None` where the broker hides it (sensitive) or it is null.
    pub value: Option<Arc<str>>,
    /// Where the value comes from.
    pub source: ConfigSource,
    /// The broker hides the value.
    pub sensitive: bool,
}

impl ObservedConfig {
    /// Whether this value is in force without being the topic's own.
    pub fn is_inherited_as(&self, key: &ConfigKey, value: &str) -> bool {
        let is_same = |shown: &str| same_value(key, shown, value);
        self.source != ConfigSource::Topic && self.value.as_deref().is_some_and(is_same)
    }
}

/// How a cluster lists a topic's configs, where it differs from Apache Kafka.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ConfigListing {
    /// Why the configs could not be read, where the cluster has no request for that.
    pub unread: Option<ReadError>,
    /// It lists inherited values too, and leaves out configs that every release of Apache Kafka would list beside
    /// those: what it does not list it does not have.
    pub is_partial: bool,
    /// Keys that show an inherited value although the chain behind it begins with a value of the topic's own.
    pub own_behind: BTreeSet<ConfigKey>,
}

/// All configs of a topic. Shared, since of ten thousand topics most have the same ones.
pub type TopicConfigs = Arc<BTreeMap<ConfigKey, ObservedConfig>>;

/// One link of the chain behind a config's value: what the topic, the broker and Kafka itself say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Synonym {
    /// The key in that place, such as `log.retention.ms` on the broker.
    pub key: ConfigKey,
    /// The value there; `None` where it is hidden or null.
    pub value: Option<Arc<str>>,
    /// The place.
    pub source: ConfigSource,
}

/// What a key would be without the topic's own override.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inherited {
    /// The inherited value; `None` where it is hidden or null.
    pub value: Option<Arc<str>>,
    /// Where it comes from.
    pub source: ConfigSource,
}

impl Inherited {
    /// The first link that is not the topic's own, from the highest precedence down.
    pub fn from_synonyms(chain: &[Synonym]) -> Option<Self> {
        let link = chain.iter().find(|link| link.source != ConfigSource::Topic)?;
        Some(Self {
            value: link.value.clone(),
            source: link.source,
        })
    }
}

/// An offset of a partition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Offset {
    /// `None`: there is no such record (asked for a time after the last one).
    pub offset: Option<i64>,
    /// Milliseconds since 1970, UTC, of the record found, where the broker says it.
    pub timestamp: Option<i64>,
    /// The leader epoch of the record found; for the end of the partition that of its leader. `None` where the
    /// broker does not tell (before Kafka 2.1).
    pub leader_epoch: Option<i32>,
}

impl Offset {
    /// This offset as the end of its partition.
    pub fn as_end(&self) -> Option<PartitionEnd> {
        Some(PartitionEnd {
            offset: self.offset?,
            leader_epoch: self.leader_epoch,
        })
    }
}

/// A topic that exists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObservedTopic {
    /// Partitions, replicas, id.
    pub metadata: TopicMetadata,
    /// All its configs with their sources; empty where they could not be read.
    pub configs: TopicConfigs,
    /// How the cluster lists them.
    pub listing: ConfigListing,
    /// What the overrides that no layer declares hide; only for those keys, and only where the
    /// broker told.
    pub inherited: BTreeMap<ConfigKey, Inherited>,
    /// Why the broker did not tell of the others, if it was asked.
    pub inherited_unread: Option<ReadError>,
    /// What single brokers inherit to it, where a change depends on that.
    pub by_broker: InheritedByBroker,
    /// Which of its partitions are being moved between brokers.
    pub moving: Moving,
}

impl ObservedTopic {
    /// Adds what single brokers tell. What is inherited then shows as the broker with the lowest id has it, whichever
    /// broker was asked first, and as not known where none of them tells.
    pub fn add_values(&mut self, told: InheritedByBroker) {
        for key in &told.keys {
            let inherited = told.value_by_broker(key).first().cloned();
            let is_own = |config: &ObservedConfig| config.source == ConfigSource::Topic;
            match (Arc::make_mut(&mut self.configs).get_mut(key), inherited) {
                (Some(config), Some(inherited)) if is_own(config) => {
                    self.inherited.insert(key.clone(), inherited);
                }
                (Some(config), None) if is_own(config) => {
                    self.inherited.remove(key);
                }
                (Some(config), Some(Inherited { value, source })) => {
                    (config.value, config.source) = (value, source);
                }
                (Some(config), None) => config.value = None,
                (None, _) => {}
            }
        }
        self.by_broker = told;
    }

    /// The values of a config that is not the topic's own on the brokers that were asked for it; `None` where one is
    /// not known.
    pub fn inherited_values(&self, key: &str) -> impl Iterator<Item = Option<&str>> {
        let shown = self.configs.get(key);
        let is_asked = shown.is_some_and(|config| config.source != ConfigSource::Topic)
            && self.by_broker.keys.contains(key);
        let brokers = self.by_broker.brokers.values().filter(move |_| is_asked);
        brokers.map(move |told| told.as_ref().ok()?.get(key)?.value.as_deref())
    }
}

/// What is known of the reassignments of a topic, by partition.
pub type Moving = Reading<BTreeMap<i32, Reassignment>>;

/// Whether a topic exists, as far as this principal may know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TopicObservation {
    /// It exists.
    Present(Box<ObservedTopic>),
    /// The cluster says that there is none.
    Absent,
    /// The cluster did not tell: not authorised, or no answer. Never the same as absent.
    Unreadable(Unreadable),
}

impl TopicObservation {
    /// The topic's id; `None` where there is no topic, or it could not be read.
    pub fn id(&self) -> Option<TopicId> {
        match self {
            Self::Present(seen) => Some(seen.metadata.id),
            Self::Absent | Self::Unreadable(_) => None,
        }
    }
}

/// Why a topic could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unreadable {
    /// What was asked, such as `its configs`.
    pub what: &'static str,
    /// The reason in the broker's own words where there are any.
    pub reason: ReadError,
}

impl Observation {
    /// The metadata of the topics that exist and could be read.
    pub fn metadata(&self) -> impl Iterator<Item = &TopicMetadata> {
        self.topics.values().filter_map(|sighting| match sighting {
            TopicObservation::Present(seen) => Some(&seen.metadata),
            TopicObservation::Absent | TopicObservation::Unreadable(_) => None,
        })
    }

    /// Adds what single brokers tell of topics.
    pub fn add_values(&mut self, told: BTreeMap<TopicName, InheritedByBroker>) {
        for (name, told) in told {
            if let Some(TopicObservation::Present(seen)) = self.topics.get_mut(&name) {
                seen.add_values(told);
            }
        }
    }
}

/// What was seen of the topics that were asked for.
#[derive(Debug, Clone)]
pub struct Observation {
    /// The cluster.
    pub cluster: ClusterView,
    /// Every topic that was asked for.
    pub topics: BTreeMap<TopicName, TopicObservation>,
    /// Which of the aliases asked for exist on the cluster.
    pub aliases_found: BTreeSet<TopicName>,
    /// What brokers tell of their log folders, where replicas have to be placed.
    pub storage: StorageView,
    /// Replicas that may lead without loss although they are not in sync (KIP-966), by partition; only of topics where
    /// a change depends on it.
    pub eligible_leaders: BTreeMap<TopicName, BTreeMap<i32, BTreeSet<BrokerId>>>,
}

/// What brokers tell of their log folders. Asked only where replicas have to be placed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct StorageView {
    /// Whether brokers were asked at all.
    pub is_asked: bool,
    /// How large their disks are, where they tell.
    pub disks: BTreeMap<BrokerId, Disks>,
    /// Live brokers all of whose log folders are cordoned (KIP-1066): they get no new replica.
    pub cordoned: BTreeSet<BrokerId>,
    /// Why a live broker did not tell.
    pub unread: Option<ReadError>,
}

/// What one broker tells of its log folders.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct BrokerStorage {
    /// How large its disks are; `None` where it does not tell (before Kafka 3.3).
    pub disks: Option<Disks>,
    /// Every log folder in use is cordoned (KIP-1066, Kafka 4.3): the controller places nothing there.
    pub is_cordoned: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn partition(index: i32, replicas: &[i32], isr: &[i32]) -> Partition {
        let ids = |list: &[i32]| list.iter().copied().map(BrokerId).collect::<Vec<_>>();
        Partition {
            index,
            leader: isr.first().copied().map(BrokerId),
            replicas: ids(replicas),
            isr: ids(isr),
            offline: Vec::new(),
        }
    }

    fn topic(partitions: Vec<Partition>) -> TopicMetadata {
        TopicMetadata {
            id: TopicId(Uuid::nil()),
            internal: false,
            partitions,
        }
    }

    #[test]
    fn replication_counts_assigned_replicas_and_not_the_isr() {
        let one_down = topic(vec![
            partition(0, &[1, 2, 3], &[1]),
            partition(1, &[2, 3, 1], &[2, 1]),
        ]);
        assert_eq!(one_down.replication().unwrap().to_string(), "3");
        assert_eq!(one_down.under_replicated(), 2);
        assert_eq!(one_down.smallest_isr(), Some(1));
        let mixed = topic(vec![partition(0, &[1], &[1]), partition(1, &[2, 3], &[2])]);
        assert_eq!(mixed.replication().unwrap().to_string(), "1 to 2, mixed");
    }

    #[test]
    fn ids_print_as_kafkas_tools_print_them() {
        let id = Uuid::from_bytes([0xfb, 0xef, 0xbe, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 0xff]);
        assert_eq!(TopicId(id).to_string(), "----AAECAwQFBgcICQoL_w");
        assert_eq!(TopicId(Uuid::nil()).to_string(), "AAAAAAAAAAAAAAAAAAAAAA");
    }

    #[test]
    fn the_inherited_value_is_the_first_that_is_not_the_topics_own() {
        let link = |source, value: &str| Synonym {
            key: ConfigKey::new("retention.ms").unwrap(),
            value: Some(value.into()),
            source,
        };
        let chain = [
            link(ConfigSource::Topic, "1"),
            link(ConfigSource::Cluster, "2"),
            link(ConfigSource::Default, "3"),
        ];
        assert_eq!(
            Inherited::from_synonyms(&chain).unwrap().value.as_deref(),
            Some("2")
        );
        assert_eq!(Inherited::from_synonyms(&chain[..1]), None);
    }
}
