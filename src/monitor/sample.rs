//! What one look at topics finds, and what it could not find out.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use crate::model::facts;
use crate::model::{
    BrokerId, Committed, GroupName, GroupUse, Known, PartitionEnd, RequiredAcl, TopicId, TopicName, printable,
};
use crate::plan::TopicStatus;

/// One look at topics.
#[derive(Debug, Clone, PartialEq)]
pub struct Sample {
    /// When the ends of the partitions were asked for: milliseconds since 1970, UTC.
    pub taken_at: i64,
    /// The same moment, since the monitor began; on a clock that nobody sets, so that rates are right.
    pub elapsed: Duration,
    /// How long the look took.
    pub took: Duration,
    /// How many brokers are alive.
    pub brokers: usize,
    /// The topics that are there.
    pub topics: BTreeMap<TopicName, TopicSample>,
    /// The topics of the file that are not there, or of which nothing could be read.
    pub unseen: BTreeMap<TopicName, Unseen>,
    /// What is read less often.
    pub settings: Arc<SettingsSample>,
    /// What could not be read, and why.
    pub troubles: Troubles,
}

/// One topic that is there.
#[derive(Debug, Clone, PartialEq)]
pub struct TopicSample {
    /// Another id under the same name is another topic.
    pub id: TopicId,
    /// By the partition's number.
    pub partitions: BTreeMap<i32, PartitionSample>,
    /// The groups with committed offsets or members in it, as far as groups could be read.
    pub groups: BTreeMap<GroupName, GroupSample>,
}

/// A group in a topic. Samples are kept for a while, so who its members are is not.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct GroupSample {
    /// The offsets that it committed, by partition.
    pub committed: BTreeMap<i32, Committed>,
    /// How many of its members read the topic.
    pub members: Known<usize>,
}

impl From<GroupUse> for GroupSample {
    fn from(used: GroupUse) -> Self {
        Self {
            members: used.members.map(|members| members.len()),
            committed: used.committed,
        }
    }
}

/// One partition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartitionSample {
    /// `None` while there is none: then nobody writes to or reads from the partition.
    pub leader: Option<BrokerId>,
    /// The assigned replicas, preferred leader first.
    pub replicas: Vec<BrokerId>,
    /// Those of them that a reassignment adds, which are still being copied to.
    pub adding: Vec<BrokerId>,
    /// The replicas that are in sync.
    pub isr: Vec<BrokerId>,
    /// The first offset that is still there.
    pub earliest: Known<i64>,
    /// The offset that the next record gets.
    pub latest: Known<i64>,
    /// The epoch of the leader that told it, where it tells.
    pub leader_epoch: Option<i32>,
}

impl PartitionSample {
    /// How far a group that committed this is behind.
    pub fn lag(&self, committed: Committed) -> Known<u64> {
        match &self.latest {
            Known::Read(offset) => committed.lag(PartitionEnd {
                offset: *offset,
                leader_epoch: self.leader_epoch,
            }),
            Known::Unread(why) => Known::Unread(Arc::clone(why)),
        }
    }

    /// How many records it holds at most.
    pub fn records(&self) -> Option<i64> {
        let records = facts::records_at_most(*self.earliest.read()?, *self.latest.read()?)?;
        i64::try_from(records).ok()
    }

    /// Whether the leader is the broker that the assignment prefers.
    pub fn is_led_as_preferred(&self) -> bool {
        self.leader.is_some() && self.leader.as_ref() == self.replicas.first()
    }

    /// Fewer replicas in sync than assigned, less those that are being added: as Kafka's own tools count.
    pub fn is_under_replicated(&self) -> bool {
        facts::is_under_replicated(self.isr.len(), self.replicas.len(), self.adding.len())
    }

    /// Fewer replicas in sync than producers with acks=all need, at this `min.insync.replicas`.
    pub fn is_under_min_isr(&self, value: usize, is_capped: bool) -> bool {
        let value = i64::try_from(value).unwrap_or(i64::MAX);
        let needed = facts::effective_min_insync(value, self.replicas.len(), is_capped);
        facts::is_under_min_isr(self.isr.len(), needed)
    }
}

/// A topic of the file that is not in the sample.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unseen {
    /// The cluster has none of this name.
    Absent,
    /// Why nothing is known of it.
    Unread(Arc<str>),
}

/// What changes rarely and costs more to read: read once a minute at most.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SettingsSample {
    /// When it was read, since the monitor began; `None`: never yet.
    pub elapsed: Option<Duration>,
    /// Every topic that was looked at then.
    pub topics: BTreeMap<TopicName, TopicSettings>,
    /// Whether brokers take `min.insync.replicas` for at most the number of replicas.
    pub caps_min_insync: bool,
    /// What could not be read, and why.
    pub troubles: Troubles,
}

/// What is read less often, of one topic.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TopicSettings {
    /// How it stands against the file; `None` for a topic that the file does not declare.
    pub status: Option<TopicStatus>,
    /// `min.insync.replicas`.
    pub min_insync: Known<usize>,
    /// The bytes of all its replicas, on brokers' own disks.
    pub bytes: Known<i64>,
}

/// What a trouble is about. Each stands for a value of the label `part` in metrics.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// Which topics and brokers there are, leaders and replicas in sync.
    Metadata,
    /// The ends of partitions.
    Offsets,
    /// Groups: what they committed, and their members.
    Groups,
    /// How topics stand against the file, their configs and sizes.
    Settings,
    /// The events of the contract.
    Events,
}

impl Part {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::Metadata,
        Self::Offsets,
        Self::Groups,
        Self::Settings,
        Self::Events,
    ];

    /// A stable word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Metadata => "metadata",
            Self::Offsets => "offsets",
            Self::Groups => "groups",
            Self::Settings => "settings",
            Self::Events => "events",
        }
    }
}

/// Something that could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trouble {
    /// What it is about.
    pub part: Part,
    /// Why, in the broker's own words where there are any.
    pub why: Arc<str>,
    /// The first of what it concerns, such as `orders partition 3`; empty where it concerns everything.
    pub place: Arc<str>,
    /// How many such things could not be read for this reason.
    pub count: usize,
}

impl Trouble {
    /// In one line, fit for a terminal.
    pub fn in_words(&self) -> String {
        let place = match (self.place.is_empty(), self.count) {
            (true, _) => String::new(),
            (false, 1) => format!(" of {}", printable(&self.place)),
            (false, count) => format!(" of {} and {} more", printable(&self.place), count - 1),
        };
        format!("{}{place}: {}", self.part.as_str(), printable(&self.why))
    }
}

/// What could not be read, each reason once: a broker that is gone is one trouble, and not one for each of its
/// ten thousand partitions.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Troubles {
    reasons: BTreeMap<(Part, Arc<str>), (Arc<str>, usize)>,
    /// The rights that this principal lacked.
    rights: BTreeSet<RequiredAcl>,
}

impl Troubles {
    /// Adds one thing that could not be read. `place` is asked for only where it is the first of its reason.
    pub fn add(&mut self, part: Part, why: &Arc<str>, place: impl FnOnce() -> String) {
        let entry = self.reasons.entry((part, Arc::clone(why)));
        entry.or_insert_with(|| (place().into(), 0)).1 += 1;
    }

    /// Each reason, by part.
    pub fn iter(&self) -> impl Iterator<Item = Trouble> {
        let each = self.reasons.iter();
        each.map(|((part, why), (place, count))| Trouble {
            part: *part,
            why: Arc::clone(why),
            place: Arc::clone(place),
            count: *count,
        })
    }

    /// How many things of a part could not be read.
    pub fn count(&self, part: Part) -> usize {
        let of_part = self.reasons.iter().filter(|((of, _), _)| *of == part);
        of_part.map(|(_, (_, count))| count).sum()
    }

    /// Adds a right that was missing, if that is what it was.
    pub fn lack(&mut self, right: Option<&RequiredAcl>) {
        self.rights.extend(right.cloned());
    }

    /// The rights that this principal lacked.
    pub fn rights(&self) -> &BTreeSet<RequiredAcl> {
        &self.rights
    }
}
