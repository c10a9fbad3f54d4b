//! Bounds that every topic of a profile must keep, and what is said of a topic that does not. A small
//! declarative set on purpose: a rule that needs an expression needs a program, and a review.

mod judge;
#[cfg(test)]
mod tests;
mod worst;

use std::fmt;
use std::sync::Arc;

pub use judge::{Fact, PolicyJudgement, TopicFacts, UnjudgedBound, judge};
pub use worst::ConfigOnTopic;

use super::by_broker::ValueByBroker;
use super::count::{PartitionCount, ReplicationFactor};
use super::name::ConfigKey;
use super::origin::{Origin, Place};
use super::pattern::Pattern;
use super::quantity;

/// A bound together with where the file states it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bound<T> {
    /// The bound.
    pub value: T,
    /// Where it is stated.
    pub place: Place,
}

/// The bounds of one profile. What is `None` is not bounded.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Policy {
    /// Replication is at least this.
    pub min_replication: Option<Bound<ReplicationFactor>>,
    /// Partitions are at most so many.
    pub max_partitions: Option<Bound<PartitionCount>>,
    /// Milliseconds for which records are kept at least, where they are deleted by age; -1 is forever.
    pub min_retention: Option<Bound<i64>>,
    /// Milliseconds for which records are kept at most, where they are deleted by age; -1 is forever.
    pub max_retention: Option<Bound<i64>>,
    /// `min.insync.replicas` is at least this.
    pub min_insync_replicas: Option<Bound<ReplicationFactor>>,
    /// So many replicas can be lost before producers with acks=all stop: replication less
    /// `min.insync.replicas`.
    pub min_spare_replicas: Option<Bound<ReplicationFactor>>,
    /// The name as the file declares it, without the profile's prefix, matches one of these.
    pub names: Option<Bound<Vec<Pattern>>>,
    /// For each of these some layer declares a config that matches.
    pub required_config: Option<Bound<Vec<Pattern>>>,
    /// No layer declares a config that matches, and no override on the cluster that stays does.
    pub forbidden_config: Option<Bound<Vec<Pattern>>>,
}

impl Policy {
    /// Whether nothing is bounded.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// The bounds by their names in the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Rule {
    /// `min_replication`
    MinReplication,
    /// `max_partitions`
    MaxPartitions,
    /// `min_retention`
    MinRetention,
    /// `max_retention`
    MaxRetention,
    /// `min_insync_replicas`
    MinInsyncReplicas,
    /// `min_spare_replicas`
    MinSpareReplicas,
    /// `names`
    Names,
    /// `required_config`
    RequiredConfig,
    /// `forbidden_config`
    ForbiddenConfig,
}

impl Rule {
    /// The field of the file.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::MinReplication => "min_replication",
            Self::MaxPartitions => "max_partitions",
            Self::MinRetention => "min_retention",
            Self::MaxRetention => "max_retention",
            Self::MinInsyncReplicas => "min_insync_replicas",
            Self::MinSpareReplicas => "min_spare_replicas",
            Self::Names => "names",
            Self::RequiredConfig => "required_config",
            Self::ForbiddenConfig => "forbidden_config",
        }
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// A topic that no bound holds for, since somebody said why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exemption {
    /// Why, in the words of the file.
    pub reason: Arc<str>,
    /// Where the file says so.
    pub place: Place,
}

/// A bound that a topic does not keep.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Breach {
    /// What is wrong.
    pub broken: BrokenBound,
    /// Where the bound is stated.
    pub policy: Place,
    /// Where the offending value is stated; `None` where no layer does.
    pub stated: Option<Origin>,
    /// The values of each broker that lead to it, of the configs that brokers inherit differently to the topic.
    pub by_broker: Vec<(ConfigKey, ValueByBroker)>,
}

/// What is wrong, with the numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BrokenBound {
    /// Too few replicas.
    Replication {
        /// The bound.
        at_least: ReplicationFactor,
        /// What the topic has or would have.
        is: ReplicationFactor,
    },
    /// Too many partitions.
    Partitions {
        /// The bound.
        at_most: PartitionCount,
        /// What the topic has or would have.
        is: PartitionCount,
        /// The topic has more than the bound already.
        are_there: bool,
    },
    /// Records are kept too short; in milliseconds, -1 is forever.
    ShortRetention {
        /// The bound.
        at_least: i64,
        /// What the topic has or would have.
        is: i64,
    },
    /// Records are kept too long; in milliseconds, -1 is forever.
    LongRetention {
        /// The bound.
        at_most: i64,
        /// What the topic has or would have.
        is: i64,
    },
    /// A write is acknowledged with too few copies.
    MinInsync {
        /// The bound.
        at_least: ReplicationFactor,
        /// What the topic has or would have.
        is: i64,
    },
    /// Too few replicas can be lost before producers with acks=all stop.
    SpareReplicas {
        /// The bound.
        at_least: ReplicationFactor,
        /// The `min.insync.replicas` that the topic has or would have.
        min_insync: i64,
        /// The replicas that it has or would have.
        replication: ReplicationFactor,
    },
    /// The name is not of the agreed form.
    Name {
        /// The name as declared.
        name: Arc<str>,
        /// The forms there are.
        allowed: Vec<Pattern>,
    },
    /// No layer declares a config that has to be declared.
    MissingConfig {
        /// What has to be declared.
        required: Pattern,
    },
    /// A config that nobody is to set.
    ForbiddenConfig {
        /// What is forbidden.
        forbidden: Pattern,
        /// What matches it.
        key: ConfigKey,
        /// It is an override on the cluster that the file leaves alone.
        is_kept: bool,
    },
}

impl BrokenBound {
    /// The bound that is not kept.
    pub fn rule(&self) -> Rule {
        match self {
            Self::Replication { .. } => Rule::MinReplication,
            Self::Partitions { .. } => Rule::MaxPartitions,
            Self::ShortRetention { .. } => Rule::MinRetention,
            Self::LongRetention { .. } => Rule::MaxRetention,
            Self::MinInsync { .. } => Rule::MinInsyncReplicas,
            Self::SpareReplicas { .. } => Rule::MinSpareReplicas,
            Self::Name { .. } => Rule::Names,
            Self::MissingConfig { .. } => Rule::RequiredConfig,
            Self::ForbiddenConfig { .. } => Rule::ForbiddenConfig,
        }
    }

    /// The bound: a number in Kafka's own unit, or patterns with commas.
    pub fn wanted(&self) -> String {
        match self {
            Self::Replication { at_least, .. }
            | Self::MinInsync { at_least, .. }
            | Self::SpareReplicas { at_least, .. } => at_least.to_string(),
            Self::Partitions { at_most, .. } => at_most.to_string(),
            Self::ShortRetention { at_least, .. } => at_least.to_string(),
            Self::LongRetention { at_most, .. } => at_most.to_string(),
            Self::Name { allowed, .. } => joined(allowed),
            Self::MissingConfig { required } => required.to_string(),
            Self::ForbiddenConfig { forbidden, .. } => forbidden.to_string(),
        }
    }

    /// What is there instead, in the same form; `None` where nothing is.
    pub fn found(&self) -> Option<String> {
        Some(match self {
            Self::Replication { is, .. } => is.to_string(),
            Self::Partitions { is, .. } => is.to_string(),
            Self::ShortRetention { is, .. } | Self::LongRetention { is, .. } | Self::MinInsync { is, .. } => {
                is.to_string()
            }
            Self::SpareReplicas {
                min_insync,
                replication,
                ..
            } => spare(*min_insync, *replication).to_string(),
            Self::Name { name, .. } => name.to_string(),
            Self::MissingConfig { .. } => return None,
            Self::ForbiddenConfig { key, .. } => key.to_string(),
        })
    }

    /// What to do about it.
    pub fn instead(&self) -> String {
        match self {
            Self::Replication { at_least, .. } => format!("declare a replication of at least {at_least}"),
            Self::Partitions { are_there: true, .. } => {
                "Kafka cannot remove partitions: raise the bound, or exempt the topic with `policy: { exempt: REASON }`"
                    .to_owned()
            }
            Self::Partitions { at_most, .. } => format!("declare at most {at_most} partitions"),
            Self::ShortRetention { at_least, .. } => {
                format!(
                    "declare a retention of at least {}",
                    quantity::human_duration(*at_least)
                )
            }
            Self::LongRetention { at_most, .. } => {
                format!(
                    "declare a retention of at most {}",
                    quantity::human_duration(*at_most)
                )
            }
            Self::MinInsync { at_least, .. } => format!("declare min_insync_replicas of at least {at_least}"),
            Self::SpareReplicas { at_least, .. } => {
                format!("declare min_insync_replicas at least {at_least} below replication")
            }
            Self::Name { .. } => "rename the topic".to_owned(),
            Self::MissingConfig { required } if required.is_glob() => {
                format!("declare a config that matches {required}")
            }
            Self::MissingConfig { required } => format!("declare {required}"),
            Self::ForbiddenConfig { is_kept: true, .. } => {
                "let it be reset: `unlisted: reset` in the topic's own entry, and no `ignore` that matches it".to_owned()
            }
            Self::ForbiddenConfig { .. } => "leave it out".to_owned(),
        }
    }
}

pub(super) fn spare(min_insync: i64, replication: ReplicationFactor) -> i64 {
    i64::from(replication.get()).saturating_sub(min_insync)
}

fn joined(patterns: &[Pattern]) -> String {
    let texts: Vec<&str> = patterns.iter().map(Pattern::as_str).collect();
    texts.join(", ")
}

/// As a sentence without its full stop.
impl fmt::Display for BrokenBound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Replication { at_least, is } => {
                write!(f, "replication {is} is below the policy's {at_least}")
            }
            Self::Partitions { at_most, is, .. } => {
                write!(f, "{is} partitions are above the policy's {at_most}")
            }
            Self::ShortRetention { at_least, is } => write!(
                f,
                "retention {} is below the policy's {}",
                quantity::human_duration(*is),
                quantity::human_duration(*at_least)
            ),
            Self::LongRetention { at_most, is } => write!(
                f,
                "retention {} is above the policy's {}",
                quantity::human_duration(*is),
                quantity::human_duration(*at_most)
            ),
            Self::MinInsync { at_least, is } => {
                write!(f, "min.insync.replicas {is} is below the policy's {at_least}")
            }
            Self::SpareReplicas {
                at_least,
                min_insync,
                replication,
            } => write!(
                f,
                "min.insync.replicas {min_insync} with replication {replication} leaves {} to spare, below the policy's {at_least}",
                spare(*min_insync, *replication)
            ),
            Self::Name { name, allowed } => {
                write!(
                    f,
                    "the name {name} matches none of the policy's names: {}",
                    joined(allowed)
                )
            }
            Self::MissingConfig { required } if required.is_glob() => {
                write!(
                    f,
                    "the policy requires a config that matches {required}, and the file sets none"
                )
            }
            Self::MissingConfig { required } => {
                write!(f, "the policy requires {required}, which is not in the file")
            }
            Self::ForbiddenConfig { forbidden, key, .. } if forbidden.is_glob() => {
                write!(f, "the policy forbids {key}, by {forbidden}")
            }
            Self::ForbiddenConfig { key, .. } => write!(f, "the policy forbids {key}"),
        }
    }
}
