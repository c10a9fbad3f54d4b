//! Reads what changes rarely and costs more: how topics stand against the file, `min.insync.replicas`, sizes. Once
//! a minute; where no answer came, with the next look again.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use super::sample::{Part, SettingsSample};
use super::sizes;
use crate::admin::{self, Admin, AdminError, ItemError, ReplicaSizes};
use crate::inspect::{self, Metadata, indexes, read_error};
use crate::model::{
    AclOperation, BrokerId, ClusterView, ConfigKey, Desired, Known, Observation, RequiredAcl, TopicConfigs,
    TopicObservation,
};
use crate::plan::{self, TopicStatus};

/// How often it is read.
const EVERY: Duration = Duration::from_mins(1);

/// So long what was read before stands in for what cannot be read any more.
const KEPT: Duration = Duration::from_mins(5);

/// So many brokers are asked the same, one after the other: each may take as long as a request may.
const MOST_ASKED: usize = 2;

const MIN_INSYNC: &str = "min.insync.replicas";

/// What a look knows before it reads any of it.
pub(super) struct Looked<'l> {
    /// The topics of the file.
    pub(super) declared: &'l Desired,
    pub(super) view: &'l ClusterView,
    pub(super) metadata: &'l Metadata,
    /// Since the monitor began.
    pub(super) elapsed: Duration,
}

/// What was read last.
#[derive(Debug, Default)]
pub(super) struct Settings {
    last: Arc<SettingsSample>,
    /// When it is to be read again, since the monitor began.
    due: Duration,
    /// The broker that told configs last.
    teller: Option<BrokerId>,
}

impl Settings {
    pub(super) fn last(&self) -> Arc<SettingsSample> {
        Arc::clone(&self.last)
    }

    /// Reads it anew where it is time to.
    pub(super) async fn keep_up<A: Admin>(&mut self, admin: &A, looked: &Looked<'_>) {
        if looked.elapsed < self.due {
            return;
        }
        let partitions = indexes(looked.metadata, |_| true);
        let (configs, observed, sizes) = tokio::join!(
            read_min_insync(admin, looked, &mut self.teller),
            inspect::observe(admin, looked.view, looked.declared),
            admin.replica_sizes(&partitions),
        );
        let answers = Answers {
            configs,
            observed,
            sizes,
        };
        // What may come with the next attempt is not waited for longer than that.
        self.due = looked.elapsed
            + if answers.are_complete() {
                EVERY
            } else {
                Duration::ZERO
            };
        let fresh = answers.put_together(looked);
        self.last = Arc::new(self.keep(fresh));
    }

    /// Where something could not be read, what was read before stands, if it is not too old; and then all of it is
    /// only as young as that.
    fn keep(&self, mut fresh: SettingsSample) -> SettingsSample {
        let before = &self.last;
        let (Some(now), Some(then)) = (fresh.elapsed, before.elapsed) else {
            return fresh;
        };
        if now > then + KEPT {
            return fresh;
        }
        for (name, topic) in &mut fresh.topics {
            let Some(before) = before.topics.get(name) else {
                continue;
            };
            if topic.min_insync.read().is_none() && before.min_insync.read().is_some() {
                topic.min_insync = before.min_insync.clone();
                fresh.elapsed = Some(then);
            }
            if topic.status == Some(TopicStatus::Unreadable) && before.status != topic.status {
                topic.status = before.status;
                fresh.elapsed = Some(then);
            }
        }
        fresh
    }
}

type Configs = Result<admin::PerTopic<Option<TopicConfigs>>, AdminError>;

/// What brokers said.
struct Answers {
    configs: Configs,
    observed: Result<Observation, AdminError>,
    sizes: Result<ReplicaSizes, AdminError>,
}

impl Answers {
    /// Whether everybody answered. To ask again at once what a principal may not know, or what a release does not
    /// tell, would be of no use.
    fn are_complete(&self) -> bool {
        let is_read = |sighting: &TopicObservation| match sighting {
            TopicObservation::Unreadable(unreadable) => unreadable.reason.missing.is_some(),
            TopicObservation::Present(_) | TopicObservation::Absent => true,
        };
        let observed = match &self.observed {
            Ok(observed) => observed.topics.values().all(is_read),
            Err(error) => is_final(error),
        };
        let sizes = match &self.sizes {
            Ok(sizes) => sizes.values().all(is_answer),
            Err(error) => is_final(error),
        };
        is_told(&self.configs) && observed && sizes
    }

    fn put_together(self, looked: &Looked<'_>) -> SettingsSample {
        let mut settings = SettingsSample {
            elapsed: Some(looked.elapsed),
            caps_min_insync: looked.view.caps_min_insync(),
            ..SettingsSample::default()
        };
        for name in looked.metadata.keys() {
            settings.topics.entry(name.clone()).or_default();
        }
        take_in_statuses(&mut settings, looked.declared, self.observed);
        take_in_configs(&mut settings, &self.configs);
        sizes::take_in(&mut settings, looked.metadata, self.sizes);
        settings
    }
}

fn is_final(error: &AdminError) -> bool {
    matches!(
        error,
        AdminError::Unsupported { .. } | AdminError::AuthenticationFailed { .. }
    )
}

/// Whether it is an answer, be it a refusal.
fn is_answer<T>(item: &Result<T, ItemError>) -> bool {
    match item {
        Err(ItemError::Request(error)) => is_final(error),
        Err(ItemError::Broker(_)) | Ok(_) => true,
    }
}

fn is_told(configs: &Configs) -> bool {
    match configs {
        Ok(configs) => configs.values().all(is_answer),
        Err(error) => is_final(error),
    }
}

/// One key of each topic, from one broker: all of them show the same. One that keeps silent is passed over, and the
/// one that told is asked first the next time.
async fn read_min_insync<A: Admin>(admin: &A, looked: &Looked<'_>, teller: &mut Option<BrokerId>) -> Configs {
    let Ok(key) = ConfigKey::new(MIN_INSYNC) else {
        return Ok(BTreeMap::new());
    };
    let names = looked.metadata.keys();
    let wanted: BTreeMap<_, _> = names.map(|name| (name.clone(), vec![key.clone()])).collect();
    let mut configs = Ok(BTreeMap::new());
    if wanted.is_empty() {
        return configs;
    }
    for broker in candidates(looked.view, *teller) {
        configs = admin.configs_on(broker, &wanted).await;
        if is_told(&configs) {
            *teller = Some(broker);
            break;
        }
    }
    configs
}

fn candidates(view: &ClusterView, first: Option<BrokerId>) -> Vec<BrokerId> {
    let first = first.filter(|first| view.brokers.contains_key(first));
    let others = view
        .brokers
        .keys()
        .copied()
        .filter(|broker| Some(*broker) != first);
    first.into_iter().chain(others).take(MOST_ASKED).collect()
}

fn take_in_statuses(
    settings: &mut SettingsSample,
    declared: &Desired,
    observed: Result<Observation, AdminError>,
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
        settings.topics.entry(name.clone()).or_default().status = Some(TopicStatus::of_topic(topic));
    }
    for (name, sighting) in &observed.topics {
        if let TopicObservation::Unreadable(unreadable) = sighting {
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
                    let why = read_error(error, || {
                        RequiredAcl::on_topic(AclOperation::DescribeConfigs, name)
                    });
                    troubles.lack(why.missing.as_ref());
                    Err(why.to_string())
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
