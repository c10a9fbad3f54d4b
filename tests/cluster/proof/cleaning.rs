//! Waits until brokers have deleted and compacted what they are going to.
//!
//! Witnesses are topics on every broker that the cleaners have to take something from. Once that is gone
//! the cleaners have been there; once two readings of the cases with witnesses between them are the same,
//! nothing more will be deleted.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

use super::case::{self, BROKERS, Batch, Case, Group, Keys};
use super::data::{self, Contents};
use crate::records::HOUR;

/// Readings until nothing changes any more; a busy machine needs more of them.
const MOST_READINGS: usize = 12;

/// Cleaners that do not let a test wait, and elections that come as soon as they may.
pub(super) const PROPERTIES: &[(&str, &str)] = &[
    ("log.retention.check.interval.ms", "1000"),
    ("log.initial.task.delay.ms", "1000"),
    ("log.segment.delete.delay.ms", "100"),
    ("log.cleaner.backoff.ms", "200"),
    ("unclean.leader.election.interval.ms", "2000"),
    ("leader.imbalance.check.interval.seconds", "5"),
];

/// Makes witnesses, each under a name of its own.
pub(super) struct Cleaning {
    bootstrap: String,
    made: usize,
}

impl Cleaning {
    pub(super) fn new(bootstrap: &str) -> Self {
        Self {
            bootstrap: bootstrap.to_owned(),
            made: 0,
        }
    }

    /// What the partitions hold once nothing more is taken from them.
    pub(super) fn settled(&mut self, partitions: &BTreeSet<(String, i32)>) -> Contents {
        let mut before = data::read(&self.bootstrap, partitions);
        for _ in 0..MOST_READINGS {
            self.pass();
            let after = data::read(&self.bootstrap, partitions);
            if after == before {
                return after;
            }
            before = after;
        }
        panic!("brokers delete on and on");
    }

    /// The cleaners of all brokers have begun and ended a pass.
    fn pass(&mut self) {
        let witnesses = self.witnesses();
        let in_use = data::fill(&self.bootstrap, &witnesses);
        let written: usize = in_use.values().map(Vec::len).sum();
        let wanted: usize = witnesses
            .iter()
            .flat_map(|witness| &witness.partitions)
            .map(Vec::len)
            .sum();
        assert_eq!(written, wanted, "witnesses take no records");
        self.wait(&witnesses);
    }

    /// A broker that has just come back may not take topics yet.
    fn witnesses(&mut self) -> Vec<Case> {
        let deadline = Instant::now() + data::ANSWERED_WITHIN;
        loop {
            self.made += 1;
            let wanted = vec![
                witness(format!("witness.{}.delete", self.made), &DELETED),
                witness(format!("witness.{}.compact", self.made), &COMPACTED),
            ];
            let (witnesses, refused) = data::create(&self.bootstrap, wanted);
            if witnesses.len() == 2 {
                return witnesses;
            }
            assert!(Instant::now() < deadline, "witnesses are refused: {refused:?}");
        }
    }

    fn wait(&self, witnesses: &[Case]) {
        let partitions = partitions(witnesses);
        let deadline = Instant::now() + data::ANSWERED_WITHIN * 2;
        loop {
            let contents = data::read(&self.bootstrap, &partitions);
            let left = |(key, records): (&(String, i32), &BTreeMap<_, _>)| {
                // Of the compacted one, one record of each key in the closed segment and all in the open one.
                let most = if key.0.ends_with("delete") { 0 } else { 6 };
                records.len() > most
            };
            if !contents.iter().any(left) {
                return;
            }
            assert!(Instant::now() < deadline, "the cleaners do not come");
        }
    }
}

/// All partitions of the cases' topics, as they are before the change.
pub(super) fn partitions<'a>(cases: impl IntoIterator<Item = &'a Case>) -> BTreeSet<(String, i32)> {
    let of_case = |case: &Case| {
        let name = case.name.clone();
        (0..)
            .zip(&case.placement)
            .map(move |(index, _)| (name.clone(), index))
            .collect::<Vec<_>>()
    };
    cases.into_iter().flat_map(of_case).collect()
}

type Overrides = [(&'static str, &'static str)];

/// Everything that a broker may have set otherwise is the witness's own.
const DELETED: [(&str, &str); 5] = [
    ("cleanup.policy", "delete"),
    ("retention.ms", "3600000"),
    ("retention.bytes", "-1"),
    ("message.timestamp.type", "CreateTime"),
    ("message.timestamp.before.max.ms", "9223372036854775807"),
];

const COMPACTED: [(&str, &str); 6] = [
    ("cleanup.policy", "compact"),
    ("min.compaction.lag.ms", "0"),
    ("min.cleanable.dirty.ratio", "0.01"),
    ("segment.ms", "3600000"),
    ("message.timestamp.type", "CreateTime"),
    ("message.timestamp.before.max.ms", "9223372036854775807"),
];

fn witness(name: String, overrides: &Overrides) -> Case {
    let batch = |age, records| Batch {
        age,
        records,
        bytes: 10,
        keys: Keys::Few,
    };
    // The second is so much younger that it begins a segment, where both are needed.
    let batches = if name.ends_with("delete") {
        vec![batch(5 * HOUR, 3)]
    } else {
        vec![batch(5 * HOUR, 12), batch(1_000, 3)]
    };
    Case {
        declared: String::new(),
        group: Group::None,
        is_mixed: false,
        overrides: overrides
            .iter()
            .filter(|(key, _)| case::is_there(key))
            .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
            .collect(),
        partitions: BROKERS.map(|_| batches.clone()).to_vec(),
        placement: BROKERS.map(|broker| vec![broker]).to_vec(),
        name,
    }
}
