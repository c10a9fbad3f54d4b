//! Looks at topics once: a few batched requests, in flight together. What one broker does not answer is said
//! in the sample, and the rest stands.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::sample::{GroupSample, Part, PartitionSample, Sample, TopicSample, Troubles, Unseen};
use super::settings::{Looked, Settings};
use crate::admin::{Admin, AdminError, TopicGroups};
use crate::inspect::{Flow, Metadata, end, leader_epoch, leaderless, missing_acl, read_error, read_flow};
use crate::model::{
    AclOperation, BrokerId, Desired, GroupName, GroupUse, Known, Partition, Pattern, RequiredAcl, TopicName,
};

/// Which topics are looked at.
#[derive(Debug, Clone, Default)]
pub struct Watched {
    /// The topics of the file. They are asked for by name, so that one that may not be seen is not taken for
    /// absent.
    pub declared: Desired,
    /// Which others.
    pub others: Others,
    /// Only groups that match one of these; all where there are none.
    pub groups: Vec<Pattern>,
}

impl Watched {
    fn includes(&self, group: &GroupName) -> bool {
        self.groups.is_empty() || self.groups.iter().any(|pattern| pattern.matches(group))
    }
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
        if let Some(why) = view.health.no_controller() {
            let why = format!("the cluster has no controller, and shows what it last heard: {why}");
            troubles.add(Part::Metadata, &why.into(), String::new);
        }
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
            watched: &self.watched,
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
                    let why = read_error(&error, || RequiredAcl::on_topic(AclOperation::Describe, &name));
                    troubles.lack(why.missing.as_ref());
                    let why: Arc<str> = why.words.into();
                    troubles.add(Part::Metadata, &why, || name.to_string());
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

fn sampled((name, used): (GroupName, GroupUse)) -> (GroupName, GroupSample) {
    (name, used.into())
}

/// Puts together what was read, and says what was not.
struct Assembly<'t> {
    flow: Flow,
    watched: &'t Watched,
    troubles: &'t mut Troubles,
}

impl Assembly<'_> {
    fn topics(&mut self, metadata: Metadata) -> BTreeMap<TopicName, TopicSample> {
        let mut groups = self.groups();
        if let Err(error) = &self.flow.moving {
            let why = read_error(error, || RequiredAcl::on_cluster(AclOperation::Describe));
            self.troubles.lack(why.missing.as_ref());
            self.troubles
                .add(Part::Settings, &why.words.into(), || "reassignments".to_owned());
        }
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
                    .filter(|(group, _)| self.watched.includes(group))
                    .map(sampled)
                    .collect(),
            };
            self.add_doubts(&name, &sample);
            (name, sample)
        });
        topics.collect()
    }

    /// Commits that do not belong to the log that is there.
    fn add_doubts(&mut self, name: &TopicName, topic: &TopicSample) {
        for (group, used) in &topic.groups {
            for (index, committed) in &used.committed {
                let partition = topic.partitions.get(index);
                let known = partition.filter(|partition| partition.latest.read().is_some());
                if let Some(Known::Unread(why)) = known.map(|partition| partition.lag(*committed)) {
                    let place = || format!("{name} partition {index}, group {group}");
                    self.troubles.add(Part::Groups, &why, place);
                }
            }
        }
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

    /// Where it could not be read, nothing is taken for being added.
    fn adding(&self, name: &TopicName, index: i32) -> Vec<BrokerId> {
        let moving = self.flow.moving.as_ref().ok();
        let moving = moving.and_then(|moving| moving.get(&(name.clone(), index)));
        moving.map(|moving| moving.adding.clone()).unwrap_or_default()
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
                let answer = ends.as_ref().ok().and_then(|ends| ends.get(&key)?.as_ref().err());
                let describe = || RequiredAcl::on_topic(AclOperation::Describe, name);
                let missing = answer.and_then(|error| missing_acl(error, describe));
                self.troubles.lack(missing.as_ref());
            }
        }
        PartitionSample {
            leader: partition.leader,
            replicas: partition.replicas.clone(),
            adding: self.adding(name, partition.index),
            isr: partition.isr.clone(),
            earliest,
            latest,
            leader_epoch: leader_epoch(&self.flow.latest, &(name.clone(), partition.index)),
        }
    }
}
