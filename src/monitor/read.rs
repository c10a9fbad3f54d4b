//! Looks at topics once: a few batched requests, in flight together. What one broker does not answer is said
//! in the sample, and the rest stands.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::sample::{
    GroupSample, Part, PartitionSample, Sample, SettingsSample, TopicSample, Troubles, Unseen,
};
use crate::admin::{self, Admin, AdminError, ItemError, Meaning, OffsetPoint, TopicGroups};
use crate::model::{
    AclOperation, BrokerId, ClusterView, ConfigKey, Desired, GroupName, GroupUse, Known, Offset, Partition,
    Pattern, Right, Sighting, TopicConfigs, TopicMetadata, TopicName,
};
use crate::plan::{self, TopicStatus};

/// How often it is read what changes rarely and costs more.
const SETTINGS_EVERY: Duration = Duration::from_mins(1);

const MIN_INSYNC: &str = "min.insync.replicas";

type Offsets = BTreeMap<(TopicName, i32), Result<Offset, ItemError>>;
type Metadata = BTreeMap<TopicName, TopicMetadata>;
type Partitions = BTreeMap<TopicName, Vec<i32>>;

/// Which topics are looked at.
#[derive(Debug, Clone, Default)]
pub struct Watched {
    /// The topics of the file. They are asked for by name, so that one that may not be seen is not taken for
    /// absent.
    pub declared: Desired,
    /// Which others.
    pub others: Others,
}

/// Topics that the file does not declare. Which there are is asked each time, so that new ones are seen.
#[derive(Debug, Clone, Default)]
pub enum Others {
    /// None.
    #[default]
    None,
    /// Those that match; an internal one only by its exact name.
    Matching(Vec<Pattern>),
    /// All but internal ones.
    All,
}

impl Others {
    pub(super) fn include(&self, name: &TopicName, internal: bool) -> bool {
        match self {
            Self::None => false,
            Self::All => !internal,
            Self::Matching(patterns) => patterns.iter().any(|pattern| {
                pattern.matches(name.as_str()) && (!internal || pattern.as_str() == name.as_str())
            }),
        }
    }
}

/// Looks at the same topics again and again.
pub struct Sampler<'a, A> {
    admin: &'a A,
    watched: Watched,
    /// Milliseconds since 1970, UTC.
    now: fn() -> i64,
    begun: Instant,
    settings: Arc<SettingsSample>,
}

impl<'a, A: Admin> Sampler<'a, A> {
    /// The clock of the samples begins with this.
    pub fn new(admin: &'a A, watched: Watched, now: fn() -> i64) -> Self {
        Self {
            admin,
            watched,
            now,
            begun: Instant::now(),
            settings: Arc::default(),
        }
    }

    /// How long the monitor has been at work, on the clock of the samples.
    pub fn elapsed(&self) -> Duration {
        self.begun.elapsed()
    }

    /// One look.
    ///
    /// # Errors
    /// Where the cluster could not be asked at all which topics there are. Anything else is in the sample.
    pub async fn sample(&mut self) -> Result<Sample, AdminError> {
        let begun = Instant::now();
        let mut troubles = Troubles::default();
        let (view, found) = tokio::try_join!(self.admin.cluster(), self.find(&mut troubles))?;
        let (metadata, unseen) = found;
        let (taken_at, elapsed) = ((self.now)(), self.begun.elapsed());
        let (flow, settings) = tokio::join!(
            read_flow(self.admin, &metadata),
            self.read_settings(&view, &metadata)
        );
        if let Some(settings) = settings {
            self.settings = Arc::new(settings);
        }
        let mut assembly = Assembly {
            flow,
            troubles: &mut troubles,
        };
        let topics = assembly.topics(metadata);
        Ok(Sample {
            taken_at,
            elapsed,
            took: begun.elapsed(),
            brokers: view.brokers.len(),
            topics,
            unseen,
            settings: Arc::clone(&self.settings),
            troubles,
        })
    }

    /// Which topics there are.
    async fn find(
        &self,
        troubles: &mut Troubles,
    ) -> Result<(Metadata, BTreeMap<TopicName, Unseen>), AdminError> {
        let names: Vec<TopicName> = self.watched.declared.topics.keys().cloned().collect();
        let (declared, others) = tokio::try_join!(self.admin.topics(&names), self.find_others())?;
        let mut unseen = BTreeMap::new();
        let mut found = others;
        for (name, answer) in declared {
            match answer {
                Ok(Some(metadata)) => _ = found.insert(name, metadata),
                Ok(None) => _ = unseen.insert(name, Unseen::Absent),
                Err(error) => {
                    let why: Arc<str> = error.to_string().into();
                    troubles.add(Part::Metadata, &why, || name.to_string());
                    troubles.lack(error.missing());
                    unseen.insert(name, Unseen::Unread(why));
                }
            }
        }
        found.retain(|name, _| !unseen.contains_key(name));
        Ok((found, unseen))
    }

    async fn find_others(&self) -> Result<Metadata, AdminError> {
        if matches!(self.watched.others, Others::None) {
            return Ok(Metadata::new());
        }
        let mut all = self.admin.all_topics().await?;
        all.retain(|name, topic| self.watched.others.include(name, topic.internal));
        Ok(all)
    }

    /// `None`: what was read is young enough.
    async fn read_settings(&self, view: &ClusterView, metadata: &Metadata) -> Option<SettingsSample> {
        let elapsed = self.begun.elapsed();
        let is_young = |read: Duration| elapsed < read + SETTINGS_EVERY;
        if self.settings.elapsed.is_some_and(is_young) {
            return None;
        }
        let partitions = indexes(metadata, |_| true);
        let (configs, observed, sizes) = tokio::join!(
            read_min_insync(self.admin, view, metadata),
            admin::observe(self.admin, view, &self.watched.declared),
            self.admin.replica_sizes(&partitions),
        );
        let mut settings = SettingsSample {
            elapsed: Some(elapsed),
            ..SettingsSample::default()
        };
        for name in metadata.keys() {
            settings.topics.entry(name.clone()).or_default();
        }
        take_in_statuses(&mut settings, &self.watched.declared, observed);
        take_in_configs(&mut settings, &configs);
        take_in_sizes(&mut settings, sizes);
        Some(settings)
    }
}

/// What flows: the ends of the partitions, and how far groups are.
struct Flow {
    earliest: Result<Offsets, AdminError>,
    latest: Result<Offsets, AdminError>,
    groups: Result<TopicGroups, AdminError>,
}

async fn read_flow<A: Admin>(admin: &A, metadata: &Metadata) -> Flow {
    // Without a leader nobody can tell, and asking would wait for an election.
    let led = indexes(metadata, |partition| partition.leader.is_some());
    let all = indexes(metadata, |_| true);
    let (earliest, latest, groups) = tokio::join!(
        admin.offsets(&led, OffsetPoint::Earliest),
        admin.offsets(&led, OffsetPoint::Latest),
        admin.topic_groups(&all),
    );
    Flow {
        earliest,
        latest,
        groups,
    }
}

fn indexes(metadata: &Metadata, wanted: impl Fn(&Partition) -> bool) -> Partitions {
    let of_topic = |topic: &TopicMetadata| -> Vec<i32> {
        let wanted = topic.partitions.iter().filter(|partition| wanted(partition));
        wanted.map(|partition| partition.index).collect()
    };
    let each = metadata
        .iter()
        .map(|(name, topic)| (name.clone(), of_topic(topic)));
    each.filter(|(_, indexes)| !indexes.is_empty()).collect()
}

fn sampled((name, used): (GroupName, GroupUse)) -> (GroupName, GroupSample) {
    (name, used.into())
}

/// Puts together what was read, and says what was not.
struct Assembly<'t> {
    flow: Flow,
    troubles: &'t mut Troubles,
}

impl Assembly<'_> {
    fn topics(&mut self, metadata: Metadata) -> BTreeMap<TopicName, TopicSample> {
        let mut groups = self.groups();
        let topics = metadata.into_iter().map(|(name, topic)| {
            let partitions = topic.partitions.iter();
            let partitions = partitions.map(|partition| (partition.index, self.partition(&name, partition)));
            let sample = TopicSample {
                id: topic.id,
                partitions: partitions.collect(),
                groups: groups
                    .topics
                    .remove(&name)
                    .into_iter()
                    .flatten()
                    .map(sampled)
                    .collect(),
            };
            (name, sample)
        });
        topics.collect()
    }

    fn groups(&mut self) -> TopicGroups {
        let groups = std::mem::replace(&mut self.flow.groups, Ok(TopicGroups::default()));
        let groups = groups.unwrap_or_else(|error| TopicGroups {
            unread: [error.to_string().into()].into(),
            ..TopicGroups::default()
        });
        for why in &groups.unread {
            self.troubles.add(Part::Groups, why, String::new);
        }
        for right in &groups.missing {
            self.troubles.lack(Some(right));
        }
        groups
    }

    fn partition(&mut self, name: &TopicName, partition: &Partition) -> PartitionSample {
        let (earliest, latest) = if partition.leader.is_some() {
            let key = (name.clone(), partition.index);
            (end(&self.flow.earliest, &key), end(&self.flow.latest, &key))
        } else {
            (leaderless(), leaderless())
        };
        if let Some(why) = latest.why_not().or(earliest.why_not()) {
            let place = || format!("{name} partition {}", partition.index);
            self.troubles.add(Part::Offsets, why, place);
            let key = (name.clone(), partition.index);
            for ends in [&self.flow.earliest, &self.flow.latest] {
                let answer = ends.as_ref().ok().and_then(|ends| ends.get(&key));
                self.troubles
                    .lack(answer.and_then(|answer| answer.as_ref().err()?.missing()));
            }
        }
        PartitionSample {
            leader: partition.leader,
            replicas: partition.replicas.clone(),
            isr: partition.isr.clone(),
            earliest,
            latest,
        }
    }
}

fn leaderless() -> Known<i64> {
    Known::Unread("the partition has no leader".into())
}

fn end(offsets: &Result<Offsets, AdminError>, key: &(TopicName, i32)) -> Known<i64> {
    let unread = |why: String| Known::Unread(why.into());
    match offsets {
        Err(error) => unread(error.to_string()),
        Ok(offsets) => match offsets.get(key) {
            Some(Ok(Offset {
                offset: Some(offset), ..
            })) => Known::Read(*offset),
            Some(Ok(_)) | None => unread("the broker named no offset".to_owned()),
            Some(Err(error)) => unread(error.to_string()),
        },
    }
}

type Configs = Result<admin::PerTopic<Option<TopicConfigs>>, AdminError>;

/// One key of each topic, from one broker: all of them show the same.
async fn read_min_insync<A: Admin>(admin: &A, view: &ClusterView, metadata: &Metadata) -> Configs {
    let (Some(broker), Ok(key)) = (first_broker(view), ConfigKey::new(MIN_INSYNC)) else {
        return Ok(BTreeMap::new());
    };
    let wanted = metadata.keys().map(|name| (name.clone(), vec![key.clone()]));
    let wanted: BTreeMap<_, _> = wanted.collect();
    if wanted.is_empty() {
        return Ok(BTreeMap::new());
    }
    admin.configs_on(broker, &wanted).await
}

fn first_broker(view: &ClusterView) -> Option<BrokerId> {
    view.brokers.keys().next().copied()
}

fn take_in_statuses(
    settings: &mut SettingsSample,
    declared: &Desired,
    observed: Result<crate::model::Observation, AdminError>,
) {
    let observed = match observed {
        Ok(observed) => observed,
        Err(error) => {
            let why = error.to_string().into();
            settings.troubles.add(Part::Settings, &why, String::new);
            for name in declared.topics.keys() {
                settings.topics.entry(name.clone()).or_default().status = Some(TopicStatus::Unreadable);
            }
            return;
        }
    };
    for (name, topic) in &plan::plan(declared, &observed).topics {
        settings.topics.entry(name.clone()).or_default().status = Some(TopicStatus::of(topic));
    }
    for (name, sighting) in &observed.topics {
        if let Sighting::Unreadable(unreadable) = sighting {
            let why = format!("{}: {}", unreadable.what, unreadable.reason).into();
            settings.troubles.add(Part::Settings, &why, || name.to_string());
            settings.troubles.lack(unreadable.reason.missing.as_ref());
        }
    }
}

fn take_in_configs(settings: &mut SettingsSample, configs: &Configs) {
    let SettingsSample { topics, troubles, .. } = settings;
    for (name, topic) in topics {
        let value = match configs {
            Err(error) => Err(error.to_string()),
            Ok(configs) => match configs.get(name) {
                Some(Ok(Some(configs))) => min_insync(configs).ok_or_else(|| "it is not a number".to_owned()),
                Some(Err(error)) => {
                    troubles.lack(error.missing());
                    Err(error.to_string())
                }
                // It came or went meanwhile.
                Some(Ok(None)) | None => continue,
            },
        };
        topic.min_insync = Known::from(value);
        if let Some(why) = topic.min_insync.why_not() {
            troubles.add(Part::Settings, why, || format!("{MIN_INSYNC} of {name}"));
        }
    }
}

fn min_insync(configs: &TopicConfigs) -> Option<usize> {
    configs.get(MIN_INSYNC)?.value.as_deref()?.parse().ok()
}

/// A broker that does not tell leaves every topic's size unknown: any of them may have a replica there.
fn take_in_sizes(settings: &mut SettingsSample, sizes: Result<admin::ReplicaSizes, AdminError>) {
    let mut totals: BTreeMap<TopicName, i64> = BTreeMap::new();
    let mut unread: Option<Arc<str>> = None;
    for (broker, answer) in sizes.unwrap_or_default() {
        match answer {
            Ok(replicas) => {
                for ((name, _), bytes) in replicas {
                    *totals.entry(name).or_default() += bytes;
                }
            }
            Err(error) => {
                let why = error.to_string().into();
                settings
                    .troubles
                    .add(Part::Settings, &why, || format!("sizes on broker {broker}"));
                if error.meaning() == Some(Meaning::NotAuthorized) {
                    let right = Right::on_cluster(AclOperation::Describe);
                    settings.troubles.lack(Some(&right));
                }
                unread.get_or_insert(why);
            }
        }
    }
    for (name, topic) in &mut settings.topics {
        topic.bytes = match (&unread, totals.get(name)) {
            (Some(why), _) => Known::Unread(Arc::clone(why)),
            (None, Some(bytes)) => Known::Read(*bytes),
            (None, None) => Known::Unread("no broker told of it".into()),
        };
    }
}
