//! The vocabulary that every other part shares: names, counts, config keys and values, what is
//! desired, what is observed. No input or output happens here, and nothing here depends on another
//! part of the crate.

pub mod acl;
pub mod address;
pub mod address_list;
pub mod by_broker;
pub mod client;
pub mod committed;
pub mod count;
pub mod desired;
mod digest;
pub mod event;
pub mod evidence;
pub mod facts;
pub mod health;
pub mod internal;
pub mod invisible;
pub mod json_text;
pub mod known;
pub mod login_module_text;
pub mod moment;
pub mod name;
pub mod observed;
pub mod offered;
pub mod origin;
pub mod pattern;
pub mod policy;
pub mod printable;
pub mod prune;
pub mod quantity;
pub mod reading;
pub mod secret;
pub mod service;
pub mod skew;
pub mod throttle;
pub mod value;

pub use acl::{AclOperation, AclResource, RequiredAcl};
pub use address::Address;
pub use address_list::{AddressList, InvalidAddresses, Scheme};
pub use by_broker::{InheritedByBroker, ToldValues, ValueByBroker, ValuesToAsk, is_controllers};
pub use client::ClientProperty;
pub use committed::{Committed, PartitionEnd};
pub use count::{PartitionCount, ReplicationFactor};
pub use desired::{
    ConfigText, Desired, DesiredSettings, DesiredState, DesiredTopic, MaxPartitions, OtherNames, RunPurpose,
    UnknownNames, Unlisted,
};
pub use digest::sha256;
pub use event::{EventName, UnknownEvent};
pub use evidence::{
    CompactionLags, Disks, Evidence, EvidenceKind, EvidenceRequest, GroupKind, GroupMember, GroupName,
    GroupUse, Groups, Known, PartitionEvidence, Sample, TopicEvidence, TopicEvidenceRequest,
};
pub use health::{CLOCKS_DIFFER_MS, ClusterHealth, Quorum, clock_ahead_ms};
pub use internal::MappedTopic;
pub use invisible::{invisible_in, is_invisible};
pub use login_module_text::LoginModuleText;
pub use name::{BrokerId, ConfigKey, InvalidConfigKey, InvalidTopicName, TopicName};
pub use observed::{
    Broker, BrokerStorage, ClusterView, ConfigListing, ConfigSource, Inherited, Moving, Observation,
    ObservedConfig, ObservedTopic, Offset, Partition, Reassignment, RegisteredBrokers, Replication,
    StorageView, Synonym, TopicConfigs, TopicId, TopicMetadata, TopicObservation, Unreadable,
};
pub use offered::{NotOffered, UnvalidatedRequest};
pub use origin::{Declared, Layer, Origin, Place};
pub use pattern::Pattern;
pub use policy::{Exemption, Policy};
pub use printable::{Printable, printable, shell_quoted};
pub use prune::{Prune, PruneReach};
pub use reading::{ReadError, Reading};
pub use secret::Secret;
pub use service::Service;
pub use skew::{Skew, skew};
