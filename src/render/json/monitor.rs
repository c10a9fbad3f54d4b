//! The lines of `monitor --output json`: one look each.

use std::sync::Arc;
use std::time::Duration;

use schemars::JsonSchema;
use serde::Serialize;

use super::Version;
use super::right::MissingRight;
use super::value::Cluster;
use crate::model::{BrokerId, Known};
use crate::monitor;
use crate::monitor::{Figures, GroupFigures, TopicFigures, TopicSample, TopicSettings, View};
use crate::plan::TopicStatus;
use crate::render::Header;

/// The kind of a document.
#[derive(Serialize, JsonSchema)]
#[schemars(inline)]
enum SampleFormat {
    #[serde(rename = "topicctl/sample")]
    Sample,
}

/// One look at topics. Written by `topicctl monitor --output json`, one on each line. A number that is null is
/// not known; `troubles` says why.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Sample", title = "topicctl sample", deny_unknown_fields)]
pub(super) struct SampleJson<'a> {
    /// What kind of document this is.
    format: SampleFormat,
    /// The version of this format. It changes when a field goes or changes its meaning.
    version: Version,
    /// Which cluster was looked at.
    cluster: Cluster<'a>,
    /// When the ends of the partitions were asked for: milliseconds since 1970, UTC.
    taken_at_ms: i64,
    /// How long the look took, in milliseconds.
    took_ms: u64,
    /// The time between the two looks that rates are of, in milliseconds; null for the first one.
    span_ms: Option<u64>,
    /// How old the settings are, in milliseconds: how topics stand against the file, `min.insync.replicas`,
    /// sizes. They are read once a minute. Null where they were never read.
    settings_age_ms: Option<u64>,
    /// How many brokers are alive.
    brokers: usize,
    /// The topics that are there, by name.
    topics: Vec<SampledTopicJson<'a>>,
    /// The topics of the file that are not there or could not be read.
    unseen: Vec<UnseenTopicJson<'a>>,
    /// What became of workflows; null where no topic that is watched carries events, or none was read yet.
    events: Option<SampledEventsJson<'a>>,
    /// Everything that could not be read.
    troubles: Vec<TroubleJson>,
    /// The rights that this principal lacked.
    missing_rights: Vec<MissingRight>,
}

/// One topic.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "SampledTopic", deny_unknown_fields)]
struct SampledTopicJson<'a> {
    /// Its full name.
    name: &'a str,
    /// Its id, as Kafka's tools print it.
    id: String,
    /// How it stands against the file; null for a topic that the file does not declare, or not read yet.
    status: Option<TopicStatus>,
    /// Records written per second since the look before.
    rate_in: Option<f64>,
    /// Records per second that groups committed since the look before, all groups together.
    rate_out: Option<f64>,
    /// The lag of the group that lags most, in records; null where no group committed anything, or not known.
    lag: Option<i64>,
    /// Records per second by which that lag grew over five minutes, or since the monitor began.
    lag_per_second: Option<f64>,
    /// How many records it holds at most.
    records: Option<i64>,
    /// The bytes of all its replicas, on brokers' own disks.
    bytes: Option<i64>,
    /// The records of the fullest partition as a multiple of an even share: 1 is even; null where it is empty.
    skew: Option<f64>,
    /// Partitions with fewer replicas in sync than assigned.
    under_replicated: usize,
    /// Partitions with fewer replicas in sync than `min.insync.replicas`.
    under_min_isr: Option<usize>,
    /// Partitions that nobody leads.
    leaderless: usize,
    /// `min.insync.replicas`.
    min_insync_replicas: Option<usize>,
    /// Its partitions, by number.
    partitions: Vec<SampledPartitionJson<'a>>,
    /// The groups with committed offsets or members in it, by name.
    groups: Vec<SampledGroupJson<'a>>,
}

/// One partition.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "SampledPartition", deny_unknown_fields)]
struct SampledPartitionJson<'a> {
    /// Its number, from 0.
    index: i32,
    /// The broker that leads it; null while none does.
    leader: Option<BrokerNumber>,
    /// The brokers that it is assigned to, the preferred leader first.
    replicas: Numbers<'a>,
    /// The brokers whose replicas are in sync.
    isr: Numbers<'a>,
    /// The first offset that is still there.
    earliest: Option<i64>,
    /// The offset that the next record gets.
    latest: Option<i64>,
}

type BrokerNumber = i32;

/// Brokers by their numbers.
#[derive(JsonSchema)]
#[schemars(inline)]
struct Numbers<'a>(#[schemars(with = "Vec<i32>")] &'a [BrokerId]);

impl Serialize for Numbers<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.iter().map(|broker| broker.0))
    }
}

/// A group that reads the topic.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "SampledGroup", deny_unknown_fields)]
struct SampledGroupJson<'a> {
    /// Its name.
    name: &'a str,
    /// Records that it has not committed, over the partitions where it committed anything; null where that is none,
    /// or not known.
    lag: Option<i64>,
    /// Why it is not known how many; null where it is, or where no offset is committed.
    lag_unread: Option<&'a str>,
    /// Records per second that it committed since the look before.
    rate: Option<f64>,
    /// Its members that read the topic now.
    members: Option<usize>,
    /// What it committed, by partition.
    committed: Vec<SampledCommitJson>,
}

/// What a group committed in one partition.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "SampledCommit", deny_unknown_fields)]
struct SampledCommitJson {
    /// The partition's number.
    partition: i32,
    /// The offset that it reads next.
    offset: i64,
}

/// A topic of the file that is not there or could not be read.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "UnseenTopic", deny_unknown_fields)]
struct UnseenTopicJson<'a> {
    /// Its full name.
    name: &'a str,
    /// Which of the two.
    state: UnseenState,
    /// How it stands against the file; null if not read yet.
    status: Option<TopicStatus>,
    /// Why it could not be read; null where it is absent.
    reason: Option<&'a str>,
}

/// Why a topic is not seen.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum UnseenState {
    /// The cluster has none of this name.
    Absent,
    /// It could not be read.
    Unknown,
}

/// What became of workflows, by the events written in the last minutes.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "SampledEvents", deny_unknown_fields)]
struct SampledEventsJson<'a> {
    /// How many seconds they are of.
    window_seconds: u64,
    /// Events that say that something began.
    started: u64,
    /// Events that say that it was done.
    completed: u64,
    /// Events that say that it failed.
    failed: u64,
    /// Failures as a share of what started; null where there was neither, or only one of them is watched.
    failed_share: Option<f64>,
    /// Failures by error code. Codes beyond the first twenty that were met are counted as `other`.
    failed_by_code: Vec<Failures<'a>>,
    /// Messages that are no events.
    malformed: u64,
}

/// How often something failed with one code.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "SampledFailures", deny_unknown_fields)]
struct Failures<'a> {
    /// The error code.
    code: &'a str,
    /// How often.
    count: u64,
}

/// Something that could not be read.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "SampleTrouble", deny_unknown_fields)]
struct TroubleJson {
    /// What it is about.
    part: TroublePart,
    /// The first of what it concerns, such as `orders partition 3`; null where it concerns everything.
    place: Option<Arc<str>>,
    /// How many such things could not be read for this reason.
    count: usize,
    /// Why, in the broker's words where there are any.
    reason: Arc<str>,
}

/// What a trouble is about.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum TroublePart {
    /// Which topics and brokers there are, leaders and replicas in sync.
    Metadata,
    /// The ends of partitions.
    Offsets,
    /// What groups committed, and their members.
    Groups,
    /// How topics stand against the file, their configs and sizes.
    Settings,
    /// The events of the contract.
    Events,
}

pub(super) fn sample<'a>(header: &'a Header, view: &'a View) -> SampleJson<'a> {
    let read = &*view.sample;
    let age = |elapsed| milliseconds(read.elapsed.saturating_sub(elapsed));
    SampleJson {
        format: SampleFormat::Sample,
        version: Version::One,
        cluster: Cluster::from(header),
        taken_at_ms: read.taken_at,
        took_ms: milliseconds(read.took),
        span_ms: view.figures.span.map(milliseconds),
        settings_age_ms: read.settings.elapsed.map(age),
        brokers: read.brokers,
        topics: topics(view),
        unseen: unseen(read),
        events: view
            .events
            .lately
            .as_ref()
            .map(|lately| events(lately, view.events.failed_share())),
        troubles: view.troubles().into_iter().map(trouble).collect(),
        missing_rights: MissingRight::all(&view.missing_acls(), header),
    }
}

fn milliseconds(span: Duration) -> u64 {
    u64::try_from(span.as_millis()).unwrap_or(u64::MAX)
}

fn topics(view: &View) -> Vec<SampledTopicJson<'_>> {
    let Figures { topics, .. } = &*view.figures;
    let settings = &view.sample.settings.topics;
    let each = view.sample.topics.iter().filter_map(|(name, sample)| {
        let figures = topics.get(name)?;
        Some(topic(name.as_str(), sample, figures, settings.get(name)))
    });
    each.collect()
}

fn topic<'a>(
    name: &'a str,
    sample: &'a TopicSample,
    figures: &'a TopicFigures,
    settings: Option<&'a TopicSettings>,
) -> SampledTopicJson<'a> {
    SampledTopicJson {
        name,
        id: sample.id.to_string(),
        status: settings.and_then(|settings| settings.status),
        rate_in: known(&figures.rate_in),
        rate_out: known(&figures.rate_out),
        lag: figures.lag.as_ref().and_then(known),
        lag_per_second: figures.trend.map(|trend| trend.per_second),
        records: known(&figures.records),
        bytes: settings.and_then(|settings| known(&settings.bytes)),
        skew: figures.skew,
        under_replicated: figures.under_replicated,
        under_min_isr: known(&figures.under_min_isr),
        leaderless: figures.leaderless,
        min_insync_replicas: settings.and_then(|settings| known(&settings.min_insync)),
        partitions: sample.partitions.iter().map(partition).collect(),
        groups: sample
            .groups
            .iter()
            .filter_map(|(name, used)| Some(group(name, used, figures.groups.get(name)?)))
            .collect(),
    }
}

fn known<T: Copy>(known: &Known<T>) -> Option<T> {
    known.read().copied()
}

fn partition<'a>((index, partition): (&i32, &'a monitor::PartitionSample)) -> SampledPartitionJson<'a> {
    SampledPartitionJson {
        index: *index,
        leader: partition.leader.map(|broker| broker.0),
        replicas: Numbers(&partition.replicas),
        isr: Numbers(&partition.isr),
        earliest: known(&partition.earliest),
        latest: known(&partition.latest),
    }
}

fn group<'a>(name: &'a str, used: &monitor::GroupSample, figures: &'a GroupFigures) -> SampledGroupJson<'a> {
    let committed = used.committed.iter();
    SampledGroupJson {
        name,
        lag: figures.lag.as_ref().and_then(known),
        lag_unread: figures
            .lag
            .as_ref()
            .and_then(|lag| lag.why_not().map(AsRef::as_ref)),
        rate: known(&figures.rate),
        members: known(&figures.members),
        committed: committed
            .map(|(partition, offset)| SampledCommitJson {
                partition: *partition,
                offset: offset.offset,
            })
            .collect(),
    }
}

fn unseen(sample: &monitor::Sample) -> Vec<UnseenTopicJson<'_>> {
    let each = sample.unseen.iter().map(|(name, why)| {
        let (state, reason) = match why {
            monitor::Unseen::Absent => (UnseenState::Absent, None),
            monitor::Unseen::Unread(why) => (UnseenState::Unknown, Some(&**why)),
        };
        let settings = sample.settings.topics.get(name);
        UnseenTopicJson {
            name: name.as_str(),
            state,
            status: settings.and_then(|settings| settings.status),
            reason,
        }
    });
    each.collect()
}

fn events(lately: &monitor::Tally, failed_share: Option<f64>) -> SampledEventsJson<'_> {
    let by_code = lately.failed.iter();
    SampledEventsJson {
        window_seconds: monitor::WINDOW.as_secs(),
        started: lately.started,
        completed: lately.completed,
        failed: lately.failures(),
        failed_share,
        failed_by_code: by_code
            .map(|(code, count)| Failures { code, count: *count })
            .collect(),
        malformed: lately.malformed,
    }
}

fn trouble(trouble: monitor::Trouble) -> TroubleJson {
    use monitor::Part;
    TroubleJson {
        part: match trouble.part {
            Part::Metadata => TroublePart::Metadata,
            Part::Offsets => TroublePart::Offsets,
            Part::Groups => TroublePart::Groups,
            Part::Settings => TroublePart::Settings,
            Part::Events => TroublePart::Events,
        },
        place: Some(trouble.place).filter(|place| !place.is_empty()),
        count: trouble.count,
        reason: trouble.why,
    }
}
