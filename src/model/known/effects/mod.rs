//! What each topic config can do to records, producers and consumers when it is changed.
//!
//! The table is written by hand, from Kafka's sources, and a test holds it against the generated table of
//! configs: a release with a new config fails that test until somebody has looked at what the config does. A
//! key that is not in it at run time, a vendor's or a newer release's, is not known to be harmless.
//!
//! The values before and after decide, and the other configs of the topic beside them: whether records can be
//! compacted away earlier depends on the cleanup policy. Here is only what can happen; `plan` says whether it
//! does.

// The rows of the table are as long as what they say.
#[rustfmt::skip]
mod table;
#[cfg(test)]
mod tests;

use super::Release;

/// What a change can do, by kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EffectKind {
    /// Records are deleted that would have stayed.
    DeletesRecords,
    /// Records that newer ones of the same key supersede are compacted away earlier.
    CompactsEarlier,
    /// Markers of deleted keys are removed earlier, and who is behind misses the deletion.
    DropsTombstonesEarlier,
    /// A replica that missed records can become leader, and what it missed is lost.
    UncleanElection,
    /// Records that were acknowledged are safe on fewer brokers or disks.
    LessDurable,
    /// Producers are refused.
    RefusesProducers,
    /// Consumers of older releases cannot read.
    LocksOutOldClients,
    /// Records get their times from somebody else.
    ChangesRecordTimes,
    /// Brokers cannot open the topic.
    BreaksTopic,
    /// Disks, memory, network or time, and nothing else.
    Costs,
    /// Nothing.
    Harmless,
}

impl EffectKind {
    /// Its name in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::DeletesRecords => "deletes_records",
            Self::CompactsEarlier => "compacts_earlier",
            Self::DropsTombstonesEarlier => "drops_tombstones_earlier",
            Self::UncleanElection => "unclean_election",
            Self::LessDurable => "less_durable",
            Self::RefusesProducers => "refuses_producers",
            Self::LocksOutOldClients => "locks_out_old_clients",
            Self::ChangesRecordTimes => "changes_record_times",
            Self::BreaksTopic => "breaks_topic",
            Self::Costs => "costs",
            Self::Harmless => "harmless",
        }
    }

    /// Only on records that are there: an empty topic has nothing to lose.
    pub fn needs_records(self) -> bool {
        matches!(
            self,
            Self::DeletesRecords | Self::CompactsEarlier | Self::DropsTombstonesEarlier
        )
    }
}

/// How bad a change can be, before anything is read of the cluster.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Worst {
    /// Nobody loses anything and nobody is hindered.
    Nothing,
    /// Clients can be hindered, or records be less safe.
    Care,
    /// Records can be lost.
    Loss,
}

/// Which change of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum When {
    /// A number becomes smaller.
    Lowered,
    /// A number becomes larger.
    Raised,
    /// A number becomes less than this.
    Below(i64),
    /// `false` becomes `true`.
    TurnedOn,
    /// `true` becomes `false`.
    TurnedOff,
    /// A list gets this item.
    Gains(&'static str),
    /// Something else becomes this.
    Becomes(&'static str),
    /// Any change.
    Changed,
}

/// Only then does a change have an effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Only {
    /// Always.
    Always,
    /// Where the topic is compacted afterwards.
    Compacted,
    /// Where `message.timestamp.type` is `CreateTime` afterwards.
    CreateTime,
    /// Where `remote.storage.enable` is `true` afterwards.
    Tiered,
    /// On brokers before this release.
    Before(Release),
}

/// What one change of one config can do.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Effect {
    /// The config.
    pub key: &'static str,
    /// Which change of it.
    pub when: When,
    /// Where.
    pub only: Only,
    /// What it does.
    pub kind: EffectKind,
    /// How bad that can be, before anything is read.
    pub worst: Worst,
    /// What it does, as a clause without its full stop.
    pub says: &'static str,
    /// What is read to judge it; empty: nothing.
    pub read: &'static str,
    /// Where Kafka does it: class and member of its sources, or the proposal.
    pub source: &'static str,
}

impl Effect {
    /// The other configs of the topic that decide whether the change has this effect.
    pub fn decided_beside(&self) -> &'static [&'static str] {
        match (self.only, self.kind, self.key) {
            (Only::Compacted, ..) => &["cleanup.policy"],
            (Only::CreateTime, ..) => &["message.timestamp.type"],
            (Only::Tiered, ..) => &["remote.storage.enable"],
            (_, EffectKind::DeletesRecords, "cleanup.policy") => &["retention.bytes", "retention.ms"],
            (_, EffectKind::DeletesRecords, "retention.bytes" | "retention.ms") => &["cleanup.policy"],
            (Only::Always | Only::Before(_), ..) => &[],
        }
    }
}

/// The effects of this key that are not safe at worst. Empty: no value of it matters to a risk, or it is not known.
pub fn risky(key: &str) -> impl Iterator<Item = &'static Effect> {
    effects(key).iter().filter(|effect| effect.worst > Worst::Nothing)
}

/// The keys whose change can be other than safe, each once, in order.
pub fn risky_keys() -> impl Iterator<Item = &'static str> {
    let keys = table::EFFECTS.chunk_by(|one, other| one.key == other.key);
    let keys = keys.filter_map(|rows| rows.first()).map(|row| row.key);
    keys.filter(|key| risky(key).next().is_some())
}

/// All of it, in the order of the keys.
pub fn all() -> &'static [Effect] {
    table::EFFECTS
}

/// What changes of this key can do, as Kafka spells it. Empty: not known.
pub fn effects(key: &str) -> &'static [Effect] {
    let from = table::EFFECTS.partition_point(|effect| effect.key < key);
    let to = table::EFFECTS.partition_point(|effect| effect.key <= key);
    table::EFFECTS.get(from..to).unwrap_or_default()
}
