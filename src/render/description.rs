//! What `describe` shows: the cluster's view of topics, next to what the file says of them.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{
    ConfigKey, ConfigText, Declared, DesiredTopic, ObservedConfig, Obstacle, Offset, Right, Synonym,
    TopicMetadata, TopicName,
};
use crate::plan::TopicPlan;

/// The topics that were asked for.
#[derive(Debug, Clone, Default)]
pub struct Description {
    /// By full name.
    pub topics: BTreeMap<TopicName, TopicDescription>,
    /// Whether single topics were named, so that partitions and configs are shown too.
    pub detailed: bool,
}

impl Description {
    /// The rights that this principal lacked.
    pub fn missing_rights(&self) -> BTreeSet<Right> {
        self.topics
            .values()
            .flat_map(TopicDescription::missing_rights)
            .collect()
    }
}

impl TopicDescription {
    fn missing_rights(&self) -> impl Iterator<Item = Right> {
        let metadata = self.metadata.obstacle();
        let ends = self
            .offsets
            .values()
            .flat_map(|ends| [&ends.earliest, &ends.latest]);
        let ends = ends.filter_map(|end| end.as_ref().err());
        let obstacles = metadata.into_iter().chain(self.configs.obstacle()).chain(ends);
        obstacles.filter_map(|obstacle| obstacle.missing.clone())
    }
}

/// One topic as the cluster shows it.
#[derive(Debug, Clone)]
pub struct TopicDescription {
    /// What the file says; `None` for a topic that it does not mention.
    pub declared: Option<DesiredTopic>,
    /// How it differs from the file; `None` for a topic that the file does not mention.
    pub plan: Option<TopicPlan>,
    /// Partitions, replicas, id.
    pub metadata: Readable<TopicMetadata>,
    /// Configs, only in detail.
    pub configs: Readable<BTreeMap<ConfigKey, DescribedConfig>>,
    /// First and next offset of each partition, only in detail.
    pub offsets: BTreeMap<i32, DescribedOffsets>,
}

/// Something that was read, was found not to exist, or could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Readable<T> {
    /// It was read.
    Read(T),
    /// There is no such topic, or it was not asked for.
    Absent,
    /// It could not be read, and why.
    Unknown(Obstacle),
}

impl<T> Readable<T> {
    /// What kept it from being read.
    fn obstacle(&self) -> Option<&Obstacle> {
        match self {
            Self::Unknown(obstacle) => Some(obstacle),
            Self::Read(_) | Self::Absent => None,
        }
    }
}

/// A config with everything behind it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DescribedConfig {
    /// The value in force, and its source.
    pub config: ObservedConfig,
    /// Where else the key has a value, highest precedence first.
    pub chain: Vec<Synonym>,
    /// What the file declares.
    pub declared: Option<Declared<ConfigText>>,
}

/// The ends of a partition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DescribedOffsets {
    /// The first record that is still there.
    pub earliest: Result<Offset, Obstacle>,
    /// The next record to be written.
    pub latest: Result<Offset, Obstacle>,
}

impl DescribedOffsets {
    /// The number of offsets between both ends: at most so many records, since compaction and
    /// transaction markers leave gaps. `None` where an end is not known.
    pub fn records_at_most(&self) -> Option<u64> {
        let earliest = self.earliest.as_ref().ok()?.offset?;
        let latest = self.latest.as_ref().ok()?.offset?;
        u64::try_from(latest - earliest).ok()
    }
}
