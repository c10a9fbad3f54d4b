//! Which metrics there are. The dashboard and the alerts may use these and no others, which a test sees to.

/// A metric with its labels' values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Family {
    /// Its name as it is queried; that of a counter ends in `_total`.
    pub name: &'static str,
    /// What kind it is.
    pub kind: MetricKind,
    /// What it says, for people.
    pub help: &'static str,
}

/// The kind of a metric.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MetricKind {
    /// It goes up and down.
    Gauge,
    /// It only grows, and begins with nothing when the exporter does.
    Counter,
}

macro_rules! families {
    ($($id:ident = $kind:ident $name:literal, $help:literal;)*) => {
        $(pub(super) const $id: Family = Family { name: $name, kind: MetricKind::$kind, help: $help };)*

        /// All of them.
        pub const ALL: &[Family] = &[$($id),*];
    };
}

families! {
    BROKERS = Gauge "kafka_brokers", "Brokers that are alive.";
    TOPIC_PARTITIONS = Gauge "kafka_topic_partitions", "Partitions of the topic.";
    CURRENT_OFFSET = Gauge "kafka_topic_partition_current_offset", "Offset that the next record of the partition gets.";
    OLDEST_OFFSET = Gauge "kafka_topic_partition_oldest_offset", "First offset of the partition that is still there.";
    IN_SYNC_REPLICA = Gauge "kafka_topic_partition_in_sync_replica", "Replicas of the partition that are in sync.";
    REPLICAS = Gauge "kafka_topic_partition_replicas", "Replicas that are assigned to the partition.";
    LEADER = Gauge "kafka_topic_partition_leader", "Broker that leads the partition; -1 while none does.";
    LEADER_IS_PREFERRED = Gauge "kafka_topic_partition_leader_is_preferred", "1 if the preferred replica leads the partition.";
    UNDER_REPLICATED = Gauge "kafka_topic_partition_under_replicated_partition", "1 if fewer replicas of the partition are in sync than assigned, less those that are being added.";
    GROUP_CURRENT_OFFSET = Gauge "kafka_consumergroup_current_offset", "Offset that the group committed in the partition.";
    GROUP_LAG = Gauge "kafka_consumergroup_lag", "Records of the partition that the group has not committed.";
    GROUP_CURRENT_OFFSET_SUM = Gauge "kafka_consumergroup_current_offset_sum", "Offsets that the group committed, over all partitions of the topic.";
    GROUP_LAG_SUM = Gauge "kafka_consumergroup_lag_sum", "Records that the group has not committed, over the partitions of the topic where it committed anything.";
    GROUP_MEMBERS = Gauge "kafka_consumergroup_members", "Members of the group that read a watched topic; of several topics, the most.";
    GROUPS_LEFT_OUT = Gauge "topicctl_groups_left_out", "Groups that have no metrics here because there are more than a thousand; those with the least lag.";
    IN_SYNC = Gauge "topicctl_topic_in_sync", "1 if the topic is as the file declares it.";
    BYTES = Gauge "topicctl_topic_bytes", "Bytes of all replicas of the topic on brokers' own disks.";
    RECORDS = Gauge "topicctl_topic_records", "Records that the topic holds at most.";
    RECORDS_PER_SECOND = Gauge "topicctl_topic_records_per_second", "Records written to the topic per second, between the last two samples.";
    SKEW = Gauge "topicctl_topic_skew", "Records of the fullest partition as a multiple of an even share; 1 is even.";
    UNDER_MIN_ISR = Gauge "topicctl_topic_under_min_isr_partitions", "Partitions with fewer replicas in sync than min.insync.replicas.";
    EVENTS_STARTED = Counter "topicctl_events_started_total", "Events that say that something began, since the exporter began.";
    EVENTS_COMPLETED = Counter "topicctl_events_completed_total", "Events that say that it was done.";
    EVENTS_FAILED = Counter "topicctl_events_failed_total", "Events that say that it failed.";
    EVENTS_FAILED_BY_CODE = Counter "topicctl_events_failed_by_code_total", "The same by error code; codes beyond the first twenty are other.";
    EVENTS_MALFORMED = Counter "topicctl_events_malformed_total", "Messages in topics of events that are no events.";
    SAMPLE_AGE = Gauge "topicctl_sample_age_seconds", "Time since the cluster was last looked at with success.";
    SAMPLE_DURATION = Gauge "topicctl_sample_duration_seconds", "Time that this look took.";
    SAMPLE_ERRORS = Gauge "topicctl_sample_errors", "Things that could not be read at the last attempt, by what they are about.";
    SETTINGS_AGE = Gauge "topicctl_settings_age_seconds", "Time since drift, min.insync.replicas and sizes were read.";
    FILE_READ = Gauge "topicctl_file_read_timestamp_seconds", "When the file was read that topics are held against, since 1970.";
    REQUESTS = Counter "topicctl_requests_total", "Requests sent to the cluster, by Kafka's name of the kind.";
}
