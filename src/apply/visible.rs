//! Waits until every live broker shows what the controller acknowledged.
//!
//! Brokers learn of changes from the metadata log, in order. So a broker is asked for a handful of
//! samples, spread over everything that was written, until the last of them shows; only then is all
//! of it verified, once. That keeps the wait cheap for a cluster that is busy digesting ten thousand
//! new topics, and still shows progress.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use tokio::time::Instant;

use super::control::{Control, Progress};
use super::report::{Outcome, Report};
use crate::admin::{Admin, AdminError, PerTopic};
use crate::model::{
    BrokerId, ClusterView, ConfigKey, ConfigSource, TopicConfigs, TopicMetadata, TopicName, value,
};
use crate::plan::Change;

/// How many topics a poll asks a broker for while it catches up.
const SAMPLES: usize = 8;
const FIRST_PAUSE: Duration = Duration::from_millis(10);
const LONGEST_PAUSE: Duration = Duration::from_millis(500);
/// An interrupt finishes what is in flight: what was acknowledged just before it has this long to show.
/// Less than the ten seconds after which container runtimes kill what they asked to stop.
const AFTER_INTERRUPT: Duration = Duration::from_secs(5);

/// What a broker should show of one topic.
#[derive(Debug, Clone, Default)]
struct Expected {
    /// The topic is gone, or another one has its name.
    gone: Option<crate::model::TopicId>,
    /// At least this many partitions, all with a leader.
    partitions: usize,
    /// Values that were set (`Some`) or reset (`None`).
    configs: BTreeMap<ConfigKey, Option<std::sync::Arc<str>>>,
}

/// Waits for everything that the report says is done. What some broker does not show in time is
/// unknown afterwards, with the name of the broker.
pub async fn wait<A: Admin>(admin: &A, cluster: &ClusterView, report: &mut Report, control: &Control<'_>) {
    let expected = expected(report);
    if expected.is_empty() {
        return;
    }
    let total = expected.len();
    let seen = Seen::new(cluster.brokers.keys().copied(), total, control);
    let order: Vec<TopicName> = in_write_order(report);
    let watches = cluster.brokers.keys().map(|broker| {
        let watch = Watch {
            admin,
            broker: *broker,
            expected: &expected,
            seen: &seen,
            control,
        };
        watch.run(&order)
    });
    for (broker, missing) in cluster.brokers.keys().zip(join_all(watches).await) {
        if let Missing::Topics { names, why } = missing {
            report.downgrade(
                &names,
                &Outcome::Unknown(format!("acknowledged, but broker {broker} {why}").into()),
            );
        }
    }
}

/// All of them at once, on this thread.
async fn join_all<F: Future>(futures: impl Iterator<Item = F>) -> Vec<F::Output> {
    futures_util::future::join_all(futures).await
}

fn expected(report: &Report) -> BTreeMap<TopicName, Expected> {
    let mut all: BTreeMap<TopicName, Expected> = BTreeMap::new();
    for (name, changes) in &report.topics {
        for change in changes.iter().filter(|change| change.outcome == Outcome::Done) {
            all.entry(name.clone()).or_default().add(&change.planned.change);
        }
    }
    all
}

impl Expected {
    fn add(&mut self, change: &Change) {
        match change {
            Change::Create(creation) => {
                self.partitions = creation
                    .partitions
                    .as_ref()
                    .map_or(1, |count| count.value.as_usize());
            }
            Change::GrowPartitions(growth) => self.partitions = growth.to.value.as_usize(),
            Change::Delete(deletion) => self.gone = Some(deletion.id),
            Change::SetConfig(set) => {
                _ = self
                    .configs
                    .insert(set.key.clone(), Some(set.to.value.raw.clone()));
            }
            Change::ResetConfig(reset) => _ = self.configs.insert(reset.key.clone(), None),
        }
    }

    fn metadata_shown(&self, metadata: Option<&TopicMetadata>) -> bool {
        match (self.gone, metadata) {
            (Some(id), Some(metadata)) => metadata.id != id,
            (Some(_), None) => true,
            (None, None) => false,
            (None, Some(metadata)) => {
                let led = metadata
                    .partitions
                    .iter()
                    .filter(|partition| partition.leader.is_some())
                    .count();
                led == metadata.partitions.len() && led >= self.partitions
            }
        }
    }

    fn configs_shown(&self, configs: Option<&TopicConfigs>) -> bool {
        let Some(configs) = configs else { return false };
        self.configs.iter().all(|(key, wanted)| {
            let own = configs
                .get(key)
                .filter(|config| config.source == ConfigSource::Topic);
            match (wanted, own) {
                (None, own) => own.is_none(),
                (Some(_), None) => false,
                (Some(wanted), Some(own)) => {
                    let shown = own.value.as_deref();
                    shown.is_none_or(|shown| value::same_value(key, shown, wanted))
                }
            }
        })
    }
}

/// The order in which the changes were acknowledged, and so the order in which brokers learn of them.
fn in_write_order(report: &Report) -> Vec<TopicName> {
    let last_kind = |name: &TopicName| {
        let changes = report.topics.get(name).into_iter().flatten();
        changes.map(|change| change.planned.change.kind()).max()
    };
    let mut names: Vec<TopicName> = report.topics.keys().cloned().collect();
    names.sort_by_key(last_kind);
    names
}

/// How far each broker is, for progress and for the deadline.
struct Seen<'a> {
    by_broker: std::cell::RefCell<BTreeMap<BrokerId, usize>>,
    total: usize,
    control: &'a Control<'a>,
}

impl<'a> Seen<'a> {
    fn new(brokers: impl Iterator<Item = BrokerId>, total: usize, control: &'a Control<'a>) -> Self {
        let by_broker = std::cell::RefCell::new(brokers.map(|broker| (broker, 0)).collect());
        Self {
            by_broker,
            total,
            control,
        }
    }

    fn tell(&self, broker: BrokerId, seen: usize) {
        let mut by_broker = self.by_broker.borrow_mut();
        by_broker.insert(broker, seen);
        let slowest = by_broker.values().copied().min().unwrap_or(0);
        (self.control.progress)(Progress::Waiting {
            seen: slowest,
            total: self.total,
        });
    }
}

enum Missing {
    Nothing,
    Topics { names: BTreeSet<TopicName>, why: String },
}

/// One broker being watched until it has caught up.
struct Watch<'a, A> {
    admin: &'a A,
    broker: BrokerId,
    expected: &'a BTreeMap<TopicName, Expected>,
    seen: &'a Seen<'a>,
    control: &'a Control<'a>,
}

impl<A: Admin> Watch<'_, A> {
    async fn run(self, order: &[TopicName]) -> Missing {
        let mut pending: Vec<TopicName> = order
            .iter()
            .filter(|name| self.expected.contains_key(*name))
            .cloned()
            .collect();
        let mut pause = FIRST_PAUSE;
        let mut progress_at = Instant::now();
        let mut best = 0;
        let mut interrupted_at = None;
        loop {
            let step = self.look(&mut pending).await;
            let reached = self.expected.len() - pending.len() + step.as_ref().copied().unwrap_or(0);
            if reached > best {
                (best, progress_at) = (reached, Instant::now());
                self.seen.tell(self.broker, best);
            }
            if pending.is_empty() || (step.is_err() && self.has_left().await) {
                return Missing::Nothing;
            }
            if self.control.interrupt.is_raised() {
                interrupted_at.get_or_insert_with(Instant::now);
            }
            let interrupted = interrupted_at.is_some_and(|at| at.elapsed() >= AFTER_INTERRUPT);
            if interrupted || progress_at.elapsed() >= self.control.visible_within {
                return self.missing(pending, step.err());
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 3 / 2).min(LONGEST_PAUSE);
        }
    }

    /// Samples what is pending; once the last sample shows, verifies everything and keeps what does
    /// not. Returns how many of the pending ones the samples vouch for.
    async fn look(&self, pending: &mut Vec<TopicName>) -> Result<usize, AdminError> {
        if pending.len() > SAMPLES {
            let vouched = self.sample(pending).await?;
            if vouched < pending.len() {
                return Ok(vouched);
            }
        }
        let shown = self.shown(pending).await?;
        pending.retain(|name| !shown.contains(name));
        Ok(0)
    }

    async fn sample(&self, pending: &[TopicName]) -> Result<usize, AdminError> {
        let positions: Vec<usize> = (1..=SAMPLES)
            .map(|nth| nth * pending.len() / SAMPLES - 1)
            .collect();
        let names: Vec<TopicName> = positions
            .iter()
            .map(|position| pending[*position].clone())
            .collect();
        let shown = self.shown(&names).await?;
        let vouched = positions
            .iter()
            .take_while(|position| shown.contains(&pending[**position]))
            .last();
        Ok(vouched.map_or(0, |position| position + 1))
    }

    async fn shown(&self, names: &[TopicName]) -> Result<BTreeSet<TopicName>, AdminError> {
        let changed = |name: &&TopicName| {
            self.expected
                .get(*name)
                .is_some_and(|expected| expected.partitions == 0)
        };
        let with_configs: BTreeMap<TopicName, Vec<ConfigKey>> =
            names.iter().filter_map(|name| self.config_keys(name)).collect();
        // A topic whose configs alone changed needs no look at its metadata.
        let configs_only = |name: &&TopicName| changed(name) && self.gone(name).is_none();
        let for_metadata: Vec<TopicName> = names.iter().filter(|name| !configs_only(name)).cloned().collect();
        let metadata = self.metadata(&for_metadata).await?;
        let configs = self.configs(&with_configs).await?;
        let is_shown = |name: &&TopicName| {
            let Some(expected) = self.expected.get(*name) else {
                return true;
            };
            let metadata_fine = configs_only(name)
                || answered(&metadata, name).is_some_and(|seen| expected.metadata_shown(seen.as_ref()));
            let configs_fine = expected.configs.is_empty()
                || answered(&configs, name).is_some_and(|seen| expected.configs_shown(seen.as_ref()));
            metadata_fine && configs_fine
        };
        Ok(names.iter().filter(is_shown).cloned().collect())
    }

    fn gone(&self, name: &TopicName) -> Option<crate::model::TopicId> {
        self.expected.get(name).and_then(|expected| expected.gone)
    }

    fn config_keys(&self, name: &TopicName) -> Option<(TopicName, Vec<ConfigKey>)> {
        let expected = self.expected.get(name)?;
        let keys: Vec<ConfigKey> = expected.configs.keys().cloned().collect();
        (!keys.is_empty()).then(|| (name.clone(), keys))
    }

    async fn metadata(&self, names: &[TopicName]) -> Result<PerTopic<Option<TopicMetadata>>, AdminError> {
        if names.is_empty() {
            return Ok(PerTopic::new());
        }
        self.admin.topics_on(self.broker, names).await
    }

    async fn configs(
        &self,
        wanted: &BTreeMap<TopicName, Vec<ConfigKey>>,
    ) -> Result<PerTopic<Option<TopicConfigs>>, AdminError> {
        if wanted.is_empty() {
            return Ok(PerTopic::new());
        }
        self.admin.configs_on(self.broker, wanted).await
    }

    /// A broker that died while it was waited for is not live any more.
    async fn has_left(&self) -> bool {
        let now = self.admin.cluster().await;
        now.is_ok_and(|cluster| !cluster.brokers.contains_key(&self.broker))
    }

    fn missing(&self, pending: Vec<TopicName>, error: Option<AdminError>) -> Missing {
        let waited = self.control.visible_within.as_secs();
        let why = match error {
            Some(error) => format!("could not be asked whether it shows it: {error}"),
            None if self.control.interrupt.is_raised() => {
                "did not show it when the wait was interrupted".to_owned()
            }
            None => format!("did not show it and made no progress for {waited} s; it may still catch up"),
        };
        Missing::Topics {
            names: pending.into_iter().collect(),
            why,
        }
    }
}

fn answered<'a, T>(answers: &'a PerTopic<Option<T>>, name: &TopicName) -> Option<&'a Option<T>> {
    answers.get(name).and_then(|answer| answer.as_ref().ok())
}
