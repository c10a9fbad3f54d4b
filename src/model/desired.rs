//! What the manifest wants of a cluster. Desired state is partial: what no layer states is absent
//! here and left to the broker. Observed state is another type, in [`super::observed`].

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

use super::count::{PartitionCount, ReplicationFactor};
use super::event::EventName;
use super::name::{ConfigKey, TopicName};
use super::origin::{Declared, Origin, Place};
use super::pattern::Pattern;
use super::policy::{Exemption, Policy};
use super::printable::Printable;
use super::prune::Prune;
use super::secret::names_secret;

/// Every topic that the file declares for one profile, by its full name, and what is to become of others.
#[derive(Debug, Clone, Default)]
pub struct Desired {
    /// The topics, prefix applied.
    pub topics: BTreeMap<TopicName, DesiredTopic>,
    /// Which topics of the cluster go because the file does not name them. Nobody writes that into a file:
    /// it is asked for run by run.
    pub prune: Prune,
    /// The bounds that every topic that should exist must keep.
    pub policy: Policy,
    /// What the run is for. Nobody writes that into a file either.
    pub purpose: RunPurpose,
    /// What the file names in its other profiles. None of it is pruned.
    pub other_names: OtherNames,
    /// How many partitions a run may give a topic. Asked for run by run, as pruning is.
    pub max_partitions: MaxPartitions,
    /// Whether bounds of the policy that cannot be judged pass. Asked for run by run.
    pub unjudged_policy_passes: bool,
}

/// What a run is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum RunPurpose {
    /// The cluster is to match the file.
    #[default]
    Converge,
    /// Replicas of its topics that are being moved are to stay where they were; nothing else is done.
    CancelMoves,
}

/// So many partitions may a topic be given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MaxPartitions(pub PartitionCount);

impl MaxPartitions {
    /// More than any sensible topic has: a larger number is rather a slip of some zeros.
    pub const DEFAULT: i64 = 100_000;
}

impl Default for MaxPartitions {
    fn default() -> Self {
        Self(PartitionCount::new(Self::DEFAULT).unwrap_or(PartitionCount::ONE))
    }
}

impl Desired {
    /// The part of it that concerns these topics, those included that the file does not name.
    #[must_use]
    pub fn only<'a>(&self, names: impl Iterator<Item = &'a TopicName>) -> Self {
        let (declared, others): (Vec<_>, Vec<_>) = names.partition(|name| self.topics.contains_key(*name));
        let topic = |name: &TopicName| Some((name.clone(), self.topics.get(name)?.clone()));
        Self {
            topics: declared.into_iter().filter_map(topic).collect(),
            prune: self.prune.only(others.into_iter().cloned().collect()),
            policy: self.policy.clone(),
            purpose: self.purpose,
            other_names: self.other_names.clone(),
            max_partitions: self.max_partitions,
            unjudged_policy_passes: self.unjudged_policy_passes,
        }
    }

    /// The same file, of which what matches the patterns and is not named by it goes.
    #[must_use]
    pub fn pruning(self, patterns: Vec<Pattern>) -> Self {
        let own = self.topics.keys();
        let aliases = self.topics.values().flat_map(|topic| &topic.aliases);
        let mut named: BTreeSet<TopicName> = own.chain(aliases).cloned().collect();
        if !patterns.is_empty() {
            let declared = self.topics.values().map(|topic| &*topic.declared_name);
            named.extend(self.other_names.topics(&declared));
        }
        let prune = Prune::new(patterns, named);
        Self { prune, ..self }
    }
}

/// What the file names in the profiles that were not chosen.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OtherNames {
    /// The prefixes of these profiles; empty text for one that states none.
    pub prefixes: BTreeSet<Arc<str>>,
    /// The aliases that topics have there.
    pub aliases: BTreeSet<TopicName>,
    /// Why the file may name more.
    pub unknown: Vec<UnknownNames>,
}

impl OtherNames {
    /// The full names that topics with these names have in the other profiles, and their aliases.
    fn topics<'d>(&self, declared: &(impl Iterator<Item = &'d str> + Clone)) -> BTreeSet<TopicName> {
        let with_prefix = |prefix: &Arc<str>| {
            let prefix = Arc::clone(prefix);
            let full = move |name: &str| TopicName::new(&format!("{prefix}{name}")).ok();
            declared.clone().filter_map(full)
        };
        let names = self.prefixes.iter().flat_map(with_prefix);
        names.chain(self.aliases.iter().cloned()).collect()
    }
}

/// Names of the file that this run cannot know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UnknownNames {
    /// A prefix or an alias of another profile reads a variable that is not set.
    UnsetVariable {
        /// The variable.
        variable: Arc<str>,
        /// Where it is read.
        place: Place,
    },
    /// A file of a subfolder, which is not read.
    UnreadFile(Printable),
}

/// One topic of the file.
#[derive(Debug, Clone)]
pub struct DesiredTopic {
    /// The full name on the cluster, prefix included.
    pub name: TopicName,
    /// The name as the file writes it, without the profile's prefix.
    pub declared_name: Arc<str>,
    /// What the topic is for, for people.
    pub description: Option<Arc<str>>,
    /// Older names of the same topic; full cluster names, never prefixed. Information only.
    pub aliases: Vec<TopicName>,
    /// The event of the contract that the topic carries.
    pub event: Option<Declared<EventName>>,
    /// Where the topic is declared.
    pub place: Place,
    /// Where the file says `protect: true`, if that is what holds: the topic is not deleted then, whatever
    /// is allowed.
    pub protected: Option<Origin>,
    /// Why no policy holds for it, if somebody said so.
    pub exempt: Option<Exemption>,
    /// Whether it should exist, and how.
    pub state: DesiredState,
}

/// Whether a topic should exist.
#[derive(Debug, Clone)]
pub enum DesiredState {
    /// It should exist with these settings.
    Present(DesiredSettings),
    /// `state: absent`: it should not exist. The place is that of the statement.
    Absent(Place),
}

/// The effective settings of a topic that should exist. Keys that the manifest undeclared with
/// `inherit` are not here.
#[derive(Debug, Clone, Default)]
pub struct DesiredSettings {
    /// `None`: the cluster's default on creation, not compared afterwards.
    pub partitions: Option<Declared<PartitionCount>>,
    /// `None`: the cluster's default on creation, not compared afterwards.
    pub replication: Option<Declared<ReplicationFactor>>,
    /// Declared topic configs by Kafka's own names; short names are resolved.
    pub configs: BTreeMap<ConfigKey, Declared<ConfigText>>,
    /// What to do with overrides on the cluster that no layer declares.
    pub unlisted: Unlisted,
    /// Keys to leave alone when no layer declares them.
    pub ignore: Vec<Pattern>,
}

/// The value of a declared config.
#[derive(Clone, PartialEq, Eq)]
pub struct ConfigText {
    raw: Arc<str>,
    written: Arc<str>,
    is_secret: bool,
}

impl ConfigText {
    /// The value of `key`: `raw` in Kafka's own unit (`604800000`), `written` as the file writes it, environment
    /// expanded (`7d`). Whether it may be shown follows from the key.
    pub fn new(key: &str, raw: impl Into<Arc<str>>, written: impl Into<Arc<str>>) -> Self {
        Self {
            raw: raw.into(),
            written: written.into(),
            is_secret: names_secret(key),
        }
    }

    /// The value for the broker, and to be compared with what a broker shows. It may be a secret: what is shown to
    /// anybody else comes from [`ConfigText::raw`].
    pub fn reveal(&self) -> &Arc<str> {
        &self.raw
    }

    /// The value to be shown, in Kafka's own unit; `None` if its key names a secret.
    pub fn raw(&self) -> Option<&str> {
        (!self.is_secret).then_some(&*self.raw)
    }

    /// The value to be shown as the file writes it; `None` if its key names a secret.
    pub fn written(&self) -> Option<&str> {
        (!self.is_secret).then_some(&*self.written)
    }

    /// Somebody else's words, without this value where it is a secret.
    pub fn hidden_in<'w>(&self, words: &'w str) -> Cow<'w, str> {
        let is_in = self.is_secret && !self.raw.is_empty() && words.contains(&*self.raw);
        if is_in {
            Cow::Owned(words.replace(&*self.raw, HIDDEN))
        } else {
            Cow::Borrowed(words)
        }
    }
}

impl fmt::Debug for ConfigText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.raw().unwrap_or(HIDDEN))
    }
}

const HIDDEN: &str = "[hidden]";

/// What happens to an override that the file does not set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Unlisted {
    /// It is reset to its inherited value, unless it is on one of Kafka's own topics or belongs to a service.
    #[default]
    Reset,
    /// It is reset, whatever it is: the topic's own entry says so.
    ResetAll,
    /// It stays.
    Keep,
}

impl DesiredSettings {
    /// Whether an override of `key` that the file does not set is to be reset. `is_internal`: the topic is one
    /// of Kafka's own.
    pub fn resets(&self, key: &ConfigKey, is_internal: bool) -> bool {
        let is_meant = match self.unlisted {
            Unlisted::Reset => !is_internal && !key.is_owned_by_service(),
            Unlisted::ResetAll => true,
            Unlisted::Keep => false,
        };
        is_meant
            && !key.is_replication_throttle()
            && !self.configs.contains_key(key)
            && !self.ignore.iter().any(|pattern| pattern.matches(key.as_str()))
    }
}
