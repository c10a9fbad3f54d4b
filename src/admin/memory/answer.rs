//! Error codes with the words that Kafka 4.4 finds for them.

use crate::admin::BrokerError;
use crate::model::TopicName;

macro_rules! codes {
    ($($(#[$doc:meta])* $variant:ident = $number:literal, $name:literal;)*) => {
        /// Error codes of Kafka's protocol, as far as tests need them.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Code {
            $($(#[$doc])* $variant,)*
        }

        impl Code {
            /// The number on the wire.
            pub fn number(self) -> i16 {
                match self { $(Self::$variant => $number,)* }
            }

            /// Kafka's name of it.
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }
        }
    };
}

codes! {
    /// Something went wrong in the controller, and nothing is said of what it did.
    UnknownServerError = -1, "UNKNOWN_SERVER_ERROR";
    /// The partition has no record there (any more, or yet).
    OffsetOutOfRange = 1, "OFFSET_OUT_OF_RANGE";
    /// No such topic, as far as this broker knows.
    UnknownTopicOrPartition = 3, "UNKNOWN_TOPIC_OR_PARTITION";
    /// The partition has no leader.
    LeaderNotAvailable = 5, "LEADER_NOT_AVAILABLE";
    /// The broker asked is not the leader (any more, or yet).
    NotLeaderOrFollower = 6, "NOT_LEADER_OR_FOLLOWER";
    /// The controller did not finish in time; whether it will is not known.
    RequestTimedOut = 7, "REQUEST_TIMED_OUT";
    /// The name is not one that Kafka takes.
    InvalidTopic = 17, "INVALID_TOPIC_EXCEPTION";
    /// The principal may not do this to the topic.
    TopicAuthorizationFailed = 29, "TOPIC_AUTHORIZATION_FAILED";
    /// The principal may not do this to the cluster.
    ClusterAuthorizationFailed = 31, "CLUSTER_AUTHORIZATION_FAILED";
    /// There is a topic of this name.
    TopicAlreadyExists = 36, "TOPIC_ALREADY_EXISTS";
    /// The number of partitions cannot be that.
    InvalidPartitions = 37, "INVALID_PARTITIONS";
    /// The number of replicas cannot be that.
    InvalidReplicationFactor = 38, "INVALID_REPLICATION_FACTOR";
    /// A key or a value is refused.
    InvalidConfig = 40, "INVALID_CONFIG";
    /// Replicas cannot be placed so.
    InvalidReplicaAssignment = 39, "INVALID_REPLICA_ASSIGNMENT";
    /// The controller has moved.
    NotController = 41, "NOT_CONTROLLER";
    /// The request makes no sense.
    InvalidRequest = 42, "INVALID_REQUEST";
    /// A policy, or a limit of the controller, forbids it.
    PolicyViolation = 44, "POLICY_VIOLATION";
    /// The controllers delete no topics.
    TopicDeletionDisabled = 73, "TOPIC_DELETION_DISABLED";
    /// The first of the replicas is not in sync.
    PreferredLeaderNotAvailable = 80, "PREFERRED_LEADER_NOT_AVAILABLE";
    /// The partition is not being moved.
    NoReassignmentInProgress = 85, "NO_REASSIGNMENT_IN_PROGRESS";
    /// Too many changes for now.
    ThrottlingQuotaExceeded = 89, "THROTTLING_QUOTA_EXCEEDED";
    /// No topic has this id.
    UnknownTopicId = 100, "UNKNOWN_TOPIC_ID";
}

impl Code {
    /// The code alone.
    pub fn alone(self) -> BrokerError {
        BrokerError {
            code: self.number(),
            name: self.name().into(),
            message: None,
            missing: None,
        }
    }

    /// The code with the broker's words.
    pub fn saying(self, message: impl AsRef<str>) -> BrokerError {
        BrokerError {
            message: Some(message.as_ref().into()),
            ..self.alone()
        }
    }
}

pub(super) fn no_such_topic() -> BrokerError {
    Code::UnknownTopicOrPartition.alone()
}

pub(super) fn no_such_topic_to_alter(name: &TopicName) -> BrokerError {
    Code::UnknownTopicOrPartition.saying(format!("The topic '{name}' does not exist."))
}

pub(super) fn no_such_id() -> BrokerError {
    Code::UnknownTopicId.saying("This server does not host this topic ID.")
}

pub(super) fn exists(name: &TopicName) -> BrokerError {
    Code::TopicAlreadyExists.saying(format!("Topic '{name}' already exists."))
}

pub(super) fn twice() -> BrokerError {
    Code::InvalidRequest.saying("Duplicate topic name.")
}

pub(super) fn collides(name: &TopicName, with: &TopicName) -> BrokerError {
    Code::InvalidTopic.saying(format!("Topic '{name}' collides with existing topic: {with}"))
}

pub(super) fn too_many_replicas(wanted: usize, registered: usize) -> BrokerError {
    Code::InvalidReplicationFactor.saying(format!(
        "Unable to replicate the partition {wanted} time(s): The target replication factor of {wanted} \
         cannot be reached because only {registered} broker(s) are registered or some brokers have all \
         their log directories cordoned."
    ))
}

pub(super) fn too_many_new_partitions() -> BrokerError {
    Code::PolicyViolation.saying("Excessively large number of partitions per request.")
}

pub(super) fn too_many_more_partitions() -> BrokerError {
    Code::PolicyViolation.saying("Excessively large number of additional partitions per request.")
}

pub(super) fn already_has(partitions: usize) -> BrokerError {
    Code::InvalidPartitions.saying(format!("Topic already has {partitions} partition(s)."))
}

pub(super) fn no_increase(name: &TopicName, partitions: usize, wanted: i32) -> BrokerError {
    Code::InvalidPartitions.saying(format!(
        "The topic {name} currently has {partitions} partition(s); {wanted} would not be an increase."
    ))
}
