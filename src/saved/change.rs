//! The changes of a saved plan. They are not carried out from here: they are held against those that
//! planning comes to again, so that what was reviewed is what is done.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::model::Replication;
use crate::plan::Change;

/// One thing that would be done to a topic.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "action", rename_all = "snake_case", deny_unknown_fields)]
pub(super) enum SavedChange {
    /// It is created as wanted.
    Create {},
    /// It is deleted.
    Delete {
        /// The id that was seen, as Kafka's tools print it.
        topic_id: String,
    },
    /// It gets more partitions.
    GrowPartitions {
        /// How many there are.
        from: i32,
        /// How many there are to be.
        to: i32,
    },
    /// Its partitions get other replicas. Which ones is chosen when that is done, by the same rules.
    Reassign {
        /// The fewest replicas of any partition now.
        from_lowest: i16,
        /// The most replicas of any partition now.
        from_highest: i16,
        /// How many there are to be.
        to: i16,
    },
    /// Its partitions keep the replicas that they had before they were moved. `--out` is not for such plans.
    #[schemars(skip)]
    CancelMoves {
        /// Those partitions.
        partitions: Vec<i32>,
    },
    /// It gets its own value for a config.
    SetConfig {
        /// Which config.
        key: String,
        /// The value now; null where the broker does not list the key, or shows none.
        from: Option<String>,
        /// The value wanted.
        to: String,
    },
    /// It loses an override.
    ResetConfig {
        /// Which config.
        key: String,
        /// The override; null where the broker hides it.
        from: Option<String>,
        /// What shows in its place; null where that is not known.
        to: Option<String>,
    },
}

impl SavedChange {
    /// Whether both do the same. What a topic inherits before and after is what the plan rests on, and compared there.
    pub(super) fn does_as(&self, other: &Self) -> bool {
        self.without_inherited() == other.without_inherited()
    }

    fn without_inherited(&self) -> Self {
        let mut bare = self.clone();
        match &mut bare {
            Self::SetConfig { from, .. } => *from = None,
            Self::ResetConfig { to, .. } => *to = None,
            Self::Create {}
            | Self::Delete { .. }
            | Self::GrowPartitions { .. }
            | Self::Reassign { .. }
            | Self::CancelMoves { .. } => {}
        }
        bare
    }
}

impl From<&Change> for SavedChange {
    fn from(change: &Change) -> Self {
        let text = |value: &std::sync::Arc<str>| value.to_string();
        match change {
            Change::Create(_) => Self::Create {},
            Change::Delete(deletion) => Self::Delete {
                topic_id: deletion.id.to_string(),
            },
            Change::GrowPartitions(growth) => Self::GrowPartitions {
                from: growth.from.get(),
                to: growth.to.value.get(),
            },
            Change::Reassign(change) => {
                let (lowest, highest) = match change.from {
                    Replication::Uniform(factor) => (factor, factor),
                    Replication::Mixed { lowest, highest } => (lowest, highest),
                };
                Self::Reassign {
                    from_lowest: lowest.get(),
                    from_highest: highest.get(),
                    to: change.to.value.get(),
                }
            }
            Change::CancelMoves(cancellation) => Self::CancelMoves {
                partitions: cancellation.moves.keys().copied().collect(),
            },
            Change::SetConfig(set) => Self::SetConfig {
                key: set.key.to_string(),
                from: set.from.as_ref().and_then(|from| from.value.as_ref()).map(text),
                to: set.to.value.raw().unwrap_or_default().to_owned(),
            },
            Change::ResetConfig(reset) => Self::ResetConfig {
                key: reset.key.to_string(),
                from: reset.from.value.as_ref().map(text),
                to: reset.to.as_ref().and_then(|to| to.value.as_ref()).map(text),
            },
        }
    }
}
