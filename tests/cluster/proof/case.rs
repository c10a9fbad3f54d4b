//! Random topics, and a random change of each: how it is before, and what the file says then.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::outage::Outage;
use super::share;
use crate::contract::{Release, release_under_test};
use crate::dice::Dice;
use crate::records::HOUR;

/// The brokers of the cluster.
pub(super) const BROKERS: [i32; 3] = [1, 2, 3];

/// A config, how likely a case is to have it (one in so many), and the values.
type Config = (&'static str, u64, &'static [&'static str]);

/// What a topic config may be set to. Limits in time
/// lie on whole hours; the ages of records lie half an hour beside, so that no test run crosses one.
const CONFIGS: &[Config] = &[
    (
        "retention.ms",
        2,
        &["-1", "2592000000", "604800000", "86400000", "7200000"],
    ),
    ("retention.bytes", 4, &["-1", "10000000", "20000", "2000"]),
    ("cleanup.policy", 2, &["delete", "compact", "compact,delete"]),
    ("min.compaction.lag.ms", 4, &["0", "3600000", "604800000"]),
    (
        "max.compaction.lag.ms",
        6,
        &["9223372036854775807", "1209600000", "691200000"],
    ),
    ("min.cleanable.dirty.ratio", 4, &["0.5", "0.01", "0.9"]),
    ("delete.retention.ms", 8, &["86400000", "0"]),
    ("segment.ms", 4, &["3600000", "604800000"]),
    ("segment.bytes", 6, &["1048576", "1073741824"]),
    ("max.message.bytes", 4, &["1048588", "30000", "4000", "300"]),
    ("message.timestamp.type", 6, &["CreateTime", "LogAppendTime"]),
    (
        "message.timestamp.before.max.ms",
        6,
        &["9223372036854775807", "864000000", "3600000"],
    ),
    ("message.timestamp.after.max.ms", 8, &["3600000", "86400000"]),
    ("min.insync.replicas", 4, &["1", "2", "3"]),
    ("unclean.leader.election.enable", 6, &["true", "false"]),
    (
        "compression.type",
        6,
        &["producer", "gzip", "zstd", "uncompressed"],
    ),
    ("flush.ms", 10, &["1000", "60000"]),
    ("file.delete.delay.ms", 10, &["1000", "60000"]),
    ("index.interval.bytes", 12, &["4096", "1024"]),
    (
        "message.timestamp.difference.max.ms",
        8,
        &["9223372036854775807", "3600000"],
    ),
];

/// Configs that not every release has: from which on, and up to which.
const RELEASES: &[(&str, Release, Release)] = &[
    ("message.timestamp.before.max.ms", Release(3, 6), Release::NEWEST),
    ("message.timestamp.after.max.ms", Release(3, 6), Release::NEWEST),
    (
        "message.timestamp.difference.max.ms",
        Release(0, 0),
        Release(3, 9),
    ),
];

/// The release under test has the config, which a broker may have under its own name.
pub(super) fn is_there(key: &str) -> bool {
    let mut limits = RELEASES.iter().filter(|(name, ..)| key.ends_with(name));
    limits.all(|(_, since, until)| (*since..=*until).contains(&release_under_test()))
}

/// Words in the names of configs that say what is kept.
const LIMITS: &[&str] = &["retention", "segment", "cleanup", "compaction"];

/// What a broker may have set for itself, for the topics that inherit it.
const BROKER_CONFIGS: &[(&str, &[&str])] = &[
    ("log.retention.ms", &["3600000", "86400000", "2592000000"]),
    ("log.retention.bytes", &["2000", "10000000"]),
    ("message.max.bytes", &["4000", "30000"]),
    ("log.cleanup.policy", &["compact", "compact,delete"]),
    ("log.cleaner.min.compaction.lag.ms", &["3600000", "604800000"]),
    ("log.message.timestamp.before.max.ms", &["3600000"]),
];

/// Settings of single brokers for one round. Empty as often as not, as most clusters are.
pub(super) fn broker_settings(dice: &mut Dice) -> BTreeMap<i32, BTreeMap<String, String>> {
    let mut settings: BTreeMap<i32, BTreeMap<String, String>> = BTreeMap::new();
    for _ in 0..dice.below(4) {
        let (key, values) = pick(dice, BROKER_CONFIGS);
        let value = pick(dice, values);
        if !is_there(key) {
            continue;
        }
        let broker = *pick(dice, &BROKERS);
        let of_broker = settings.entry(broker).or_default();
        of_broker.insert((*key).to_owned(), (*value).to_owned());
    }
    settings
}

/// How the keys of a topic's records are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Keys {
    Without,
    /// Each key again and again, so that compaction finds something.
    Few,
    /// A key that nothing else has.
    Probe,
}

impl Keys {
    /// The key of the record with this number in its batch.
    pub(super) fn of(self, index: usize) -> Option<String> {
        match self {
            Self::Without => None,
            Self::Few => Some(format!("key-{}", index % 3)),
            Self::Probe => Some("probe".to_owned()),
        }
    }
}

/// Records of one batch, all of the same age and size.
#[derive(Clone, Copy, Debug)]
pub(super) struct Batch {
    pub(super) age: i64,
    pub(super) records: usize,
    pub(super) bytes: usize,
    pub(super) keys: Keys,
}

/// A consumer group's place in a topic.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Group {
    None,
    /// It has committed half of what there is.
    Behind,
    /// It has read all.
    AtEnd,
    /// It has committed an offset that the log does not have, as after a topic was made anew.
    BeyondEnd,
    /// A share group, which reads from the first record on and is idle.
    Share,
}

/// A topic and its change.
#[derive(Debug)]
pub(super) struct Case {
    pub(super) name: String,
    /// The brokers of each partition's replicas.
    pub(super) placement: Vec<Vec<i32>>,
    /// The first partition has another number of replicas than the others, which it gets after creation.
    pub(super) is_mixed: bool,
    pub(super) overrides: BTreeMap<String, String>,
    pub(super) partitions: Vec<Vec<Batch>>,
    pub(super) group: Group,
    /// What the file says of the topic.
    pub(super) declared: String,
}

impl Case {
    pub(super) fn new(name: String, outage: Outage, dice: &mut Dice) -> Self {
        let mut placement = placement(dice);
        let is_mixed = dice.one_in(8) && placement.len() > 1 && placement[0].len() < 3;
        if is_mixed {
            let others = BROKERS.iter().filter(|broker| !placement[0].contains(broker));
            let others: Vec<i32> = others.copied().collect();
            placement[0].extend(others);
        }
        let configs = configs(outage, dice);
        let overrides = overrides(&configs, dice);
        let compacted = overrides
            .get("cleanup.policy")
            .is_some_and(|policy| policy.contains("compact"));
        let keys = if compacted || dice.one_in(2) {
            Keys::Few
        } else {
            Keys::Without
        };
        let batches = |_| batches(dice, keys);
        let partitions = (0..placement.len()).map(batches).collect();
        let groups = [
            Group::None,
            Group::Behind,
            Group::AtEnd,
            Group::BeyondEnd,
            Group::Share,
        ];
        let group = match *pick(dice, &groups) {
            Group::Share if !share::exist() => Group::None,
            group => group,
        };
        let changed = changed(&configs, &overrides, dice);
        let declared = declared(&name, placement.len(), changed, dice);
        Self {
            name,
            placement,
            is_mixed,
            overrides,
            partitions,
            group,
            declared,
        }
    }

    /// The replicas at creation, where all partitions have as many.
    pub(super) fn placement_at_creation(&self) -> Vec<Vec<i32>> {
        let mut placement = self.placement.clone();
        if self.is_mixed {
            let replicas = placement[1].len();
            placement[0].truncate(replicas);
        }
        placement
    }

    /// A small record that is new changes nothing for the others, before the change and after it: nothing is compacted,
    /// no limit is on its size, and none lets its file go.
    pub(super) fn takes_probes(&self) -> bool {
        let own = format!("{:?}", self.overrides);
        let mut limits = LIMITS.iter().chain(&["absent"]);
        !limits.any(|word| own.contains(word) || self.declared.contains(word))
    }

    /// The name of its consumer group. A share group is one for all topics of a round.
    pub(super) fn group_id(&self) -> String {
        let round = self.name.rsplit_once('.').map_or("", |(round, _)| round);
        match self.group {
            Group::Share => format!("{round}.share"),
            Group::None | Group::Behind | Group::AtEnd | Group::BeyondEnd => format!("{}.group", self.name),
        }
    }
}

fn pick<'a, T>(dice: &mut Dice, from: &'a [T]) -> &'a T {
    let index = dice.below(u64::try_from(from.len()).unwrap());
    &from[usize::try_from(index).unwrap()]
}

fn placement(dice: &mut Dice) -> Vec<Vec<i32>> {
    let replication = 1 + dice.below(3);
    let partitions = 1 + dice.below(3);
    let partition = |_| {
        let first = usize::try_from(dice.below(3)).unwrap();
        let step = usize::try_from(1 + dice.below(2)).unwrap();
        let broker = |index: usize| BROKERS[(first + index * step) % 3];
        (0..usize::try_from(replication).unwrap()).map(broker).collect()
    };
    (0..partitions).map(partition).collect()
}

/// What a case may set: all that the release has. While a broker is down, every second case has nothing that limits
/// what is kept, so that small records can be written to it.
fn configs(outage: Outage, dice: &mut Dice) -> Vec<&'static Config> {
    let is_limited = outage.down().is_none() || dice.one_in(2);
    let is_limit = |key: &str| LIMITS.iter().any(|word| key.contains(word));
    let wanted = |(key, ..): &&Config| is_there(key) && (is_limited || !is_limit(key));
    CONFIGS.iter().filter(wanted).collect()
}

/// Some configs; those that Kafka takes only together are kept apart from each other.
fn overrides(configs: &[&Config], dice: &mut Dice) -> BTreeMap<String, String> {
    let mut chosen = BTreeMap::new();
    for (key, likely, values) in configs {
        if dice.one_in(*likely + 1) {
            chosen.insert((*key).to_owned(), (*pick(dice, values)).to_owned());
        }
    }
    chosen
}

fn batches(dice: &mut Dice, keys: Keys) -> Vec<Batch> {
    if dice.one_in(5) {
        return Vec::new();
    }
    let mut batches: Vec<Batch> = (0..dice.below(9))
        .map(|_| Batch {
            age: age(dice),
            records: usize::try_from(1 + dice.below(20)).unwrap(),
            bytes: *pick(dice, &[10, 100, 1_000, 5_000, 40_000]),
            keys,
        })
        .collect();
    // The oldest first, as they were written; now and then in no order.
    if !dice.one_in(5) {
        batches.sort_by_key(|batch| -batch.age);
    }
    batches
}

/// From seconds to forty days.
fn age(dice: &mut Dice) -> i64 {
    match dice.below(4) {
        0 => 1_000,
        1 => dice.number(3) * HOUR + HOUR / 2,
        2 => dice.number(24) * HOUR + HOUR / 2,
        _ => dice.number(40 * 24) * HOUR + HOUR / 2,
    }
}

fn declared(name: &str, partitions: usize, mut configs: BTreeMap<String, String>, dice: &mut Dice) -> String {
    let mut text = format!("  - name: {name}\n");
    if dice.one_in(12) {
        text.push_str("    state: absent\n");
        return text;
    }
    if dice.one_in(6) {
        let _ = writeln!(text, "    partitions: {}", partitions as u64 + dice.below(3));
    }
    let replication = dice.one_in(6).then(|| 1 + dice.below(3));
    if let Some(replication) = replication {
        let _ = writeln!(text, "    replication: {replication}");
    }
    if dice.one_in(8) {
        text.push_str("    unlisted: keep\n");
    }
    let in_sync = configs
        .get("min.insync.replicas")
        .and_then(|value| value.parse().ok());
    if replication
        .zip(in_sync)
        .is_some_and(|(replicas, in_sync): (u64, u64)| in_sync > replicas)
    {
        // The file itself would be wrong.
        configs.remove("min.insync.replicas");
    }
    if !configs.is_empty() {
        text.push_str("    config:\n");
    }
    for (key, value) in configs {
        let _ = writeln!(text, "      {key}: \"{value}\"");
    }
    text
}

/// Of the overrides some stay, some get another value, some are no longer declared; a few are new.
fn changed(
    known: &[&Config],
    overrides: &BTreeMap<String, String>,
    dice: &mut Dice,
) -> BTreeMap<String, String> {
    let mut configs = BTreeMap::new();
    for (key, likely, values) in known {
        match overrides.get(*key) {
            Some(value) if dice.one_in(3) => {
                configs.insert((*key).to_owned(), value.clone());
            }
            Some(_) if dice.one_in(3) => {}
            None if !dice.one_in(2 * likely) => {}
            Some(_) | None => {
                configs.insert((*key).to_owned(), (*pick(dice, values)).to_owned());
            }
        }
    }
    configs
}
