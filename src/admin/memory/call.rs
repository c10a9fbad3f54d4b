//! Which requests a fault or a hook is about.

use crate::admin::WriteMode;

/// The kinds of requests, by Kafka's names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Api {
    /// Topics, partitions, leaders.
    Metadata,
    /// Cluster id, controller, brokers.
    DescribeCluster,
    /// Configs with their sources, and their synonyms.
    DescribeConfigs,
    /// New topics.
    CreateTopics,
    /// More partitions.
    CreatePartitions,
    /// Configs set and reset.
    IncrementalAlterConfigs,
    /// Topics removed.
    DeleteTopics,
    /// First and last offsets, and by time.
    ListOffsets,
    /// Sizes of replicas.
    DescribeLogDirs,
    /// Which groups there are.
    ListGroups,
    /// What groups committed.
    OffsetFetch,
    /// What the members of groups read.
    DescribeGroups,
    /// Records.
    Fetch,
    /// Replicas moved.
    AlterPartitionReassignments,
    /// What is being moved.
    ListPartitionReassignments,
    /// Preferred leaders elected.
    ElectLeaders,
    /// Partitions, with their eligible leaders.
    DescribeTopicPartitions,
}

impl Api {
    /// Kafka's name of it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Metadata => "Metadata",
            Self::DescribeCluster => "DescribeCluster",
            Self::DescribeConfigs => "DescribeConfigs",
            Self::CreateTopics => "CreateTopics",
            Self::CreatePartitions => "CreatePartitions",
            Self::IncrementalAlterConfigs => "IncrementalAlterConfigs",
            Self::DeleteTopics => "DeleteTopics",
            Self::ListOffsets => "ListOffsets",
            Self::DescribeLogDirs => "DescribeLogDirs",
            Self::ListGroups => "ListGroups",
            Self::OffsetFetch => "OffsetFetch",
            Self::DescribeGroups => "DescribeGroups",
            Self::Fetch => "Fetch",
            Self::AlterPartitionReassignments => "AlterPartitionReassignments",
            Self::ListPartitionReassignments => "ListPartitionReassignments",
            Self::ElectLeaders => "ElectLeaders",
            Self::DescribeTopicPartitions => "DescribeTopicPartitions",
        }
    }
}

/// Requests of one kind; of those that can be validated only, perhaps just one mode.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Call {
    pub(super) api: Api,
    pub(super) mode: Option<WriteMode>,
}

impl Call {
    /// Only those that are carried out: `Call::write(Api::CreateTopics)` leaves `validate_only` alone.
    pub fn write(api: Api) -> Self {
        Self::in_mode(api, WriteMode::Write)
    }

    /// Only those with `validate_only`.
    pub fn validate(api: Api) -> Self {
        Self::in_mode(api, WriteMode::Validate)
    }

    pub(super) fn in_mode(api: Api, mode: WriteMode) -> Self {
        Self {
            api,
            mode: Some(mode),
        }
    }

    /// Whether `self`, as somebody asked for it, covers the request that is being made.
    pub(super) fn covers(self, request: Self) -> bool {
        self.api == request.api && (self.mode.is_none() || self.mode == request.mode)
    }
}

impl From<Api> for Call {
    /// All requests of the kind.
    fn from(api: Api) -> Self {
        Self { api, mode: None }
    }
}
