//! Looks at topics once: a few batched requests, in flight together. What one broker does not answer is said
//! in the sample, and the rest stands.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::sample::{GroupSample, Part, PartitionSample, Sample, TopicSample, Troubles, Unseen};
use super::settings::{Looked, Settings};
use crate::admin::{Admin, AdminError, ItemError, OffsetPoint, TopicGroups};
use crate::model::{
    Desired, GroupName, GroupUse, Known, Offset, Partition, Pattern, TopicMetadata, TopicName,
};

type Offsets = BTreeMap<(TopicName, i32), Result<Offset, ItemError>>;
pub(super) type Metadata = BTreeMap<TopicName, TopicMetadata>;
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
    settings: Settings,
}

impl<'a, A: Admin> Sampler<'a, A> {
    /// The clock of the samples begins with this.
    pub fn new(admin: &'a A, watched: Watched, now: fn() -> i64) -> Self {
        Self {
            admin,
            watched,
            now,
            begun: Instant::now(),
            settings: Settings::default(),
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
        let looked = Looked {
            declared: &self.watched.declared,
            view: &view,
            metadata: &metadata,
            elapsed,
        };
        let (flow, ()) = tokio::join!(
            read_flow(self.admin, &metadata),
            self.settings.keep_up(self.admin, &looked)
        );
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
            settings: self.settings.last(),
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

pub(super) fn indexes(metadata: &Metadata, wanted: impl Fn(&Partition) -> bool) -> Partitions {
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
