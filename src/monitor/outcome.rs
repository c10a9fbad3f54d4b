//! How much of what began failed: events counted by kind and by error code, in all and over a window. Pure.
//!
//! Everything that is kept is bounded, whoever writes the events: so many codes by name, so many characters of
//! each, and one entry for each second of the window.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use crate::model::printable;

/// How many error codes are told apart. Codes are names of errors in programs, of which there are few; but
/// nothing keeps a program from putting a number of its own into each, and a label per event would drown
/// Prometheus.
pub const MOST_CODES: usize = 20;

/// The code that stands for all others.
pub const OTHER: &str = "other";

/// So much of a code is kept, in characters.
const LONGEST_CODE: usize = 64;

/// The window over which failures are held against starts.
pub const WINDOW: Duration = Duration::from_mins(5);

/// What was read from an event's topic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Occurrence {
    /// Something began.
    Started,
    /// It was done.
    Completed,
    /// A failed event, with its error code.
    Failed(Arc<str>),
    /// A message that is no event.
    Malformed,
}

/// Counts of events.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Tally {
    /// Events that say that something began.
    pub started: u64,
    /// Events that say that it was done.
    pub completed: u64,
    /// Events that say that it failed, by error code.
    pub failed: BTreeMap<Arc<str>, u64>,
    /// Messages that are no events.
    pub malformed: u64,
}

impl Tally {
    /// All failures together.
    pub fn failures(&self) -> u64 {
        self.failed.values().sum()
    }

    /// Failures as a share of what started. Above 1 where workflows failed that started earlier; `None` where
    /// neither was seen.
    pub fn failed_share(&self) -> Option<f64> {
        match (self.failures(), self.started) {
            (0, 0) => None,
            (failed, started) => Some(whole(failed) / whole(started.max(1))),
        }
    }

    fn add(&mut self, occurrence: &Occurrence, code: impl FnOnce(&Arc<str>) -> Arc<str>) {
        match occurrence {
            Occurrence::Started => self.started += 1,
            Occurrence::Completed => self.completed += 1,
            Occurrence::Failed(named) => *self.failed.entry(code(named)).or_default() += 1,
            Occurrence::Malformed => self.malformed += 1,
        }
    }

    fn take_in(&mut self, other: &Self) {
        self.started += other.started;
        self.completed += other.completed;
        self.malformed += other.malformed;
        for (code, count) in &other.failed {
            *self.failed.entry(Arc::clone(code)).or_default() += count;
        }
    }
}

#[allow(clippy::cast_precision_loss, reason = "shares are shown with a few digits")]
fn whole(count: u64) -> f64 {
    count as f64
}

/// What events came to, as far as they were read.
#[derive(Debug, Clone, Default)]
pub struct Outcomes {
    /// Since the monitor began: what was written before does not count, so that a monitor that starts again
    /// counts nothing twice.
    total: Tally,
    /// By the second in which an event was written, the oldest first.
    seconds: VecDeque<(i64, Tally)>,
    /// The codes that are told apart, first come first served.
    codes: Vec<Arc<str>>,
}

impl Outcomes {
    /// Counts one event, by the time at which it was written; times are milliseconds since 1970, UTC. `is_new`: it
    /// was written after the monitor began. A time to come counts as now: clocks of publishers differ.
    pub fn count(&mut self, occurrence: &Occurrence, written_at: i64, now: i64, is_new: bool) {
        let codes = &mut self.codes;
        let mut code = |named: &Arc<str>| known_code(codes, named);
        if is_new {
            self.total.add(occurrence, &mut code);
        }
        let first = first_second(now);
        while self.seconds.front().is_some_and(|(second, _)| *second < first) {
            self.seconds.pop_front();
        }
        let second = written_at.min(now).div_euclid(1_000);
        if second < first {
            return;
        }
        // Partitions are read side by side, so that times are only almost in order.
        let at = self.seconds.partition_point(|(known, _)| *known < second);
        if self.seconds.get(at).is_none_or(|(known, _)| *known != second) {
            self.seconds.insert(at, (second, Tally::default()));
        }
        if let Some((_, tally)) = self.seconds.get_mut(at) {
            tally.add(occurrence, code);
        }
    }

    /// Everything since the monitor began.
    pub fn total(&self) -> &Tally {
        &self.total
    }

    /// What was written in the [`WINDOW`] up to now (milliseconds since 1970, UTC).
    pub fn lately(&self, now: i64) -> Tally {
        let first = first_second(now);
        let mut sum = Tally::default();
        for (_, tally) in self.seconds.iter().filter(|(second, _)| *second >= first) {
            sum.take_in(tally);
        }
        sum
    }

    /// How many seconds are kept.
    #[cfg(test)]
    pub(super) fn kept(&self) -> usize {
        self.seconds.len()
    }
}

/// The first second of the window that ends now.
fn first_second(now: i64) -> i64 {
    let window = i64::try_from(WINDOW.as_secs()).unwrap_or(i64::MAX);
    now.div_euclid(1_000).saturating_sub(window).saturating_add(1)
}

fn known_code(codes: &mut Vec<Arc<str>>, named: &Arc<str>) -> Arc<str> {
    let code: String = printable(named).chars().take(LONGEST_CODE).collect();
    if let Some(known) = codes.iter().find(|known| ***known == *code) {
        return Arc::clone(known);
    }
    if codes.len() == MOST_CODES {
        return OTHER.into();
    }
    let code: Arc<str> = code.into();
    codes.push(Arc::clone(&code));
    code
}
