//! One broker, watched until it has caught up.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use tokio::time::Instant;

use super::control::{ApplyProgress, Control};
use super::expected::Expected;
use super::kept::{Hope, MANY, NotAsWritten, SETTLED_AFTER};
use crate::admin::{Admin, AdminError, ItemError, PerTopic};
use crate::model::{BrokerId, ConfigKey, TopicConfigs, TopicMetadata, TopicName};

/// How many topics a poll asks a broker for while it catches up.
const SAMPLES: usize = 8;
pub(super) const FIRST_PAUSE: Duration = Duration::from_millis(10);
pub(super) const LONGEST_PAUSE: Duration = Duration::from_millis(500);

/// How it ended, and which configs it shows otherwise than they were written.
pub(super) struct WatchResult {
    pub(super) end: WatchEnd,
    pub(super) not_as_written: NotAsWritten,
}

/// How it ended.
pub(super) enum WatchEnd {
    /// The broker shows everything.
    Shown,
    /// The broker is not among the live ones any more.
    Left,
    /// Somebody wanted to stop.
    Interrupted,
    /// It made no progress for too long.
    Missing { names: BTreeSet<TopicName>, why: String },
}

pub(super) struct Watch<'a, A> {
    pub(super) admin: &'a A,
    pub(super) broker: BrokerId,
    pub(super) expected: &'a BTreeMap<TopicName, Expected>,
    pub(super) seen: &'a PropagationProgress<'a>,
    pub(super) control: &'a Control<'a>,
}

/// What one look found.
struct WatchSnapshot {
    /// Pending topics for which the samples vouch.
    vouched: usize,
    /// Why a topic could not be looked at.
    trouble: Option<ItemError>,
}

impl<A: Admin> Watch<'_, A> {
    pub(super) async fn run(self, order: &[TopicName]) -> WatchResult {
        let mut not_as_written = NotAsWritten::new();
        let end = self.run_to_the_end(order, &mut not_as_written).await;
        WatchResult { end, not_as_written }
    }

    async fn run_to_the_end(&self, order: &[TopicName], not_as_written: &mut NotAsWritten) -> WatchEnd {
        let mut pending = order.to_vec();
        let mut pause = FIRST_PAUSE;
        let (mut best, mut progress_at) = (0, Instant::now());
        loop {
            let look = self.look(&mut pending).await;
            let vouched = look.as_ref().map_or(0, |look| look.vouched);
            let reached = self.expected.len() - pending.len() + vouched;
            if reached > best {
                (best, progress_at) = (reached, Instant::now());
                self.seen.report(self.broker, best);
            }
            if look.is_ok() && progress_at.elapsed() >= SETTLED_AFTER {
                let stalled_for = progress_at.elapsed();
                self.find_not_kept(&mut pending, stalled_for, not_as_written)
                    .await;
            }
            if pending.is_empty() {
                return WatchEnd::Shown;
            }
            if look.is_err() && self.has_left().await {
                return WatchEnd::Left;
            }
            if self.control.interrupt.is_raised() {
                return WatchEnd::Interrupted;
            }
            if progress_at.elapsed() >= self.control.visible_within {
                return self.missing(pending, look);
            }
            self.control.interrupt.or_sleep(pause).await;
            pause = (pause * 3 / 2).min(LONGEST_PAUSE);
        }
    }

    /// Samples what is pending; once the last sample shows, verifies everything and keeps what does
    /// not.
    async fn look(&self, pending: &mut Vec<TopicName>) -> Result<WatchSnapshot, AdminError> {
        if pending.len() > SAMPLES {
            let look = self.sample(pending).await?;
            if look.vouched < pending.len() {
                return Ok(look);
            }
        }
        let (shown, trouble) = self.shown(pending).await?;
        pending.retain(|name| !shown.contains(name));
        Ok(WatchSnapshot { vouched: 0, trouble })
    }

    async fn sample(&self, pending: &[TopicName]) -> Result<WatchSnapshot, AdminError> {
        let positions = (1..=SAMPLES).map(|nth| nth * pending.len() / SAMPLES - 1);
        let names: Vec<(usize, &TopicName)> = positions
            .filter_map(|position| Some((position, pending.get(position)?)))
            .collect();
        let asked: Vec<TopicName> = names.iter().map(|(_, name)| (*name).clone()).collect();
        let (shown, trouble) = self.shown(&asked).await?;
        let last = names.iter().take_while(|(_, name)| shown.contains(*name)).last();
        Ok(WatchSnapshot {
            vouched: last.map_or(0, |(position, _)| position + 1),
            trouble,
        })
    }

    async fn shown(
        &self,
        names: &[TopicName],
    ) -> Result<(BTreeSet<TopicName>, Option<ItemError>), AdminError> {
        let expected: Vec<(&TopicName, &Expected)> = names
            .iter()
            .filter_map(|name| self.expected.get_key_value(name))
            .collect();
        let metadata = self.metadata(&expected).await?;
        let configs = self.configs(&expected).await?;
        let is_shown = |(name, expected): &&(&TopicName, &Expected)| {
            let fine = !expected.in_metadata()
                || answered(&metadata, name).is_some_and(|seen| expected.metadata_shown(seen.as_ref()));
            let configs_fine = expected.config_keys().is_empty()
                || answered(&configs, name).is_some_and(|seen| expected.configs_shown(seen.as_ref()));
            fine && configs_fine
        };
        let shown = expected
            .iter()
            .filter(is_shown)
            .map(|(name, _)| (*name).clone())
            .collect();
        Ok((shown, first_error(&metadata).or_else(|| first_error(&configs))))
    }

    async fn metadata(
        &self,
        expected: &[(&TopicName, &Expected)],
    ) -> Result<PerTopic<Option<TopicMetadata>>, AdminError> {
        let wanted = expected.iter().filter(|(_, expected)| expected.in_metadata());
        let names: Vec<TopicName> = wanted.map(|(name, _)| (*name).clone()).collect();
        if names.is_empty() {
            Ok(PerTopic::new())
        } else {
            self.admin.topics_on(self.broker, &names).await
        }
    }

    async fn configs(
        &self,
        expected: &[(&TopicName, &Expected)],
    ) -> Result<PerTopic<Option<TopicConfigs>>, AdminError> {
        let keys = |(name, expected): &(&TopicName, &Expected)| ((*name).clone(), expected.config_keys());
        let wanted: BTreeMap<TopicName, Vec<ConfigKey>> = expected
            .iter()
            .map(keys)
            .filter(|(_, keys)| !keys.is_empty())
            .collect();
        if wanted.is_empty() {
            Ok(PerTopic::new())
        } else {
            self.admin.configs_on(self.broker, &wanted).await
        }
    }

    /// Takes out topics that lack nothing but configs which will not show as they were written.
    async fn find_not_kept(
        &self,
        pending: &mut Vec<TopicName>,
        stalled_for: Duration,
        found: &mut NotAsWritten,
    ) {
        if pending.len() > MANY {
            return;
        }
        let is_behind = self.admin.is_caught_up(self.broker).await == Some(false);
        let hope = Hope::after(stalled_for, self.expected.len(), is_behind);
        let expected: Vec<(&TopicName, &Expected)> = pending
            .iter()
            .filter_map(|name| self.expected.get_key_value(name))
            .collect();
        let (metadata, configs) = tokio::join!(self.metadata(&expected), self.configs(&expected));
        let (Ok(metadata), Ok(configs)) = (metadata, configs) else {
            return;
        };
        for (name, expected) in expected {
            let is_there = !expected.in_metadata()
                || answered(&metadata, name).is_some_and(|seen| expected.metadata_shown(seen.as_ref()));
            let Some(Some(seen)) = answered(&configs, name).filter(|_| is_there) else {
                continue;
            };
            let shown = expected.not_as_written(seen);
            if !shown.iter().any(|(_, kept)| hope.is_for(kept)) {
                found.insert(name.clone(), shown);
            }
        }
        pending.retain(|name| !found.contains_key(name));
    }

    /// A broker that died while it was waited for is not live any more. A list of nobody is not believed: it
    /// comes from a broker that has just started.
    async fn has_left(&self) -> bool {
        let now = self.admin.cluster().await;
        now.is_ok_and(|cluster| !cluster.brokers.is_empty() && !cluster.brokers.contains_key(&self.broker))
    }

    fn missing(&self, pending: Vec<TopicName>, look: Result<WatchSnapshot, AdminError>) -> WatchEnd {
        let waited = self.control.visible_within.as_secs();
        let why = match look.map(|look| look.trouble) {
            Err(error) => format!("could not be asked whether it shows it: {error}"),
            Ok(Some(error)) => format!("could not say whether it shows it: {error}"),
            Ok(None) => format!("did not show it and made no progress for {waited} s; it may still catch up"),
        };
        WatchEnd::Missing {
            names: pending.into_iter().collect(),
            why,
        }
    }
}

fn answered<'a, T>(answers: &'a PerTopic<Option<T>>, name: &TopicName) -> Option<&'a Option<T>> {
    answers.get(name).and_then(|answer| answer.as_ref().ok())
}

fn first_error<T>(answers: &PerTopic<T>) -> Option<ItemError> {
    answers.values().find_map(|answer| answer.as_ref().err().cloned())
}

/// How far each broker is, for whoever follows the wait.
pub(super) struct PropagationProgress<'a> {
    by_broker: RefCell<BTreeMap<BrokerId, usize>>,
    total: usize,
    control: &'a Control<'a>,
}

impl<'a> PropagationProgress<'a> {
    pub(super) fn new(total: usize, control: &'a Control<'a>) -> Self {
        Self {
            by_broker: RefCell::default(),
            total,
            control,
        }
    }

    pub(super) fn report(&self, broker: BrokerId, seen: usize) {
        let mut by_broker = self.by_broker.borrow_mut();
        by_broker.insert(broker, seen);
        let slowest = by_broker.values().copied().min().unwrap_or(0);
        (self.control.progress)(ApplyProgress::Waiting {
            seen: slowest,
            total: self.total,
        });
    }
}
