//! The bounds of a policy by their names.

use schemars::JsonSchema;
use serde::Serialize;

use crate::model::policy::Rule;

/// A bound of a policy, by its field in the file.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "PolicyRule")]
pub(super) enum RuleName {
    /// Replication is at least this.
    MinReplication,
    /// Partitions are at most so many.
    MaxPartitions,
    /// Records are kept at least so long.
    MinRetention,
    /// Records are kept at most so long.
    MaxRetention,
    /// `min.insync.replicas` is at least this.
    MinInsyncReplicas,
    /// Replication less `min.insync.replicas` is at least this.
    MinSpareReplicas,
    /// The name matches one of these.
    Names,
    /// For each of these a config is declared.
    RequiredConfig,
    /// None of these is set.
    ForbiddenConfig,
}

impl From<Rule> for RuleName {
    fn from(rule: Rule) -> Self {
        match rule {
            Rule::MinReplication => Self::MinReplication,
            Rule::MaxPartitions => Self::MaxPartitions,
            Rule::MinRetention => Self::MinRetention,
            Rule::MaxRetention => Self::MaxRetention,
            Rule::MinInsyncReplicas => Self::MinInsyncReplicas,
            Rule::MinSpareReplicas => Self::MinSpareReplicas,
            Rule::Names => Self::Names,
            Rule::RequiredConfig => Self::RequiredConfig,
            Rule::ForbiddenConfig => Self::ForbiddenConfig,
        }
    }
}
