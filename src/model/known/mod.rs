//! What is known about topic configs: type, unit, allowed values, default, and since and until which
//! release of Kafka.
//!
//! The table comes from real Kafka releases: `scripts/generate-config-table` loads each one's jars, asks
//! its `LogConfig` and writes `table.rs`, together with `broker_verdicts.tsv`, how those releases judge
//! some 1,400 ordinary and odd values, which the tests hold this module against. `--check` says whether
//! both files are current. A new release is one more line in that script.
//!
//! It serves validation with no cluster, units and "did you mean". It never stands in a broker's way: a
//! key that is not in the table may exist on a newer or patched broker, and a value is impossible only
//! if every release that was examined refuses it. Whatever one of them takes is the broker's to decide.
//! Presence goes by the newest patch of each minor release, and a patch can bring a config:
//! `max.decompressed.message.bytes` is in 4.2.2 and 4.4.0, and not in 4.3.1.
//!
//! Configs that Kafka keeps internal are left out. Durations, sizes and short names as people write them
//! belong to others: values here are in Kafka's own words.

mod allowed;
pub mod effects;
mod releases;
mod suggest;
// The lines of the generated table are as long as its facts.
#[rustfmt::skip]
mod table;
#[cfg(test)]
mod tests;
mod value;
#[cfg(test)]
mod verdict_tests;

use std::fmt;

pub use releases::{is_partial, release_with};
pub use suggest::suggest;

/// A minor release of Kafka, such as 4.1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Release {
    major: u16,
    minor: u16,
}

impl Release {
    /// `Release::new(4, 1)` is Kafka 4.1.
    pub const fn new(major: u16, minor: u16) -> Self {
        Self { major, minor }
    }
}

impl fmt::Display for Release {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}

/// How Kafka reads a value: the `ConfigDef.Type` of its sources.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// 32 bits, signed.
    Int,
    /// 64 bits, signed.
    Long,
    /// A floating-point number.
    Double,
    /// `true` or `false`, in any case.
    Boolean,
    /// Text.
    String,
    /// Items separated by commas. Every list there is among topic configs is a set to Kafka: neither order
    /// nor repetition means anything. (The generator stops at a list nobody has looked at.)
    List,
}

/// What a number counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// Milliseconds.
    Milliseconds,
    /// Bytes.
    Bytes,
    /// A share of a whole: 0.5 is one half.
    Ratio,
    /// Messages or replicas.
    Count,
}

/// What a single number stands for, beside its own size.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Meaning {
    /// No limit at all.
    Unlimited,
    /// Whatever the other config says; -2 of `local.retention.ms` is `retention.ms`.
    ValueOf(&'static str),
    /// What the codec does when no level is asked for.
    CodecDefault,
}

/// The values that a release allows.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Domain {
    /// Every value of the kind, or a rule that only the broker can apply.
    Any,
    /// Whole numbers between two inclusive bounds, and single ones outside them.
    Integer {
        /// The smallest, if there is one.
        min: Option<i64>,
        /// The largest, if there is one.
        max: Option<i64>,
        /// Allowed although out of bounds.
        also: &'static [i64],
    },
    /// Numbers between two inclusive bounds.
    Decimal {
        /// The smallest, if there is one.
        min: Option<f64>,
        /// The largest, if there is one.
        max: Option<f64>,
    },
    /// One of these words; case matters.
    OneOf(&'static [&'static str]),
    /// A list of these words; case matters.
    ListOf {
        /// In alphabetical order.
        words: &'static [&'static str],
        /// Whether no word at all is allowed too.
        empty: bool,
    },
}

/// What releases in a row say about a config.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ConfigFacts {
    /// The first of them.
    pub since: Release,
    /// The last of them.
    pub until: Release,
    /// What Kafka takes where neither topic nor broker says anything.
    pub default: &'static str,
    /// The values it allows.
    pub domain: Domain,
}

/// A topic config that some examined release of Kafka has.
#[derive(Debug)]
pub struct KnownConfig {
    /// `retention.ms`.
    pub name: &'static str,
    /// How Kafka reads its values.
    pub kind: Kind,
    /// What its numbers count; `None` for what is no number, and for plain levels.
    pub unit: Option<Unit>,
    /// Numbers that stand for something else, in ascending order.
    pub meanings: &'static [(i64, Meaning)],
    /// The broker configs a topic inherits it from, the one that wins first. Some are in other units:
    /// `log.retention.hours`.
    pub broker_names: &'static [&'static str],
    /// What the releases that have it say, oldest first, never empty. A gap between two entries is a
    /// release without it.
    pub history: &'static [ConfigFacts],
}

impl KnownConfig {
    /// The first release that has it; `None` if the oldest one examined already did.
    pub fn since(&self) -> Option<Release> {
        let first = self.history.first()?.since;
        (table::EXAMINED.first() != Some(&first)).then_some(first)
    }

    /// The last release that had it; `None` if the newest one examined still does.
    pub fn until(&self) -> Option<Release> {
        let last = self.history.last()?.until;
        (table::EXAMINED.last() != Some(&last)).then_some(last)
    }

    /// The default in the newest release that has it. Older ones may differ: see `history`.
    pub fn default(&self) -> &'static str {
        self.history.last().map_or("", |facts| facts.default)
    }

    /// The number that says "no limit": -1 of `retention.ms`, the largest 64-bit number of `flush.ms`. `None` where
    /// Kafka has no such number.
    pub fn unlimited(&self) -> Option<i64> {
        self.meanings
            .iter()
            .find(|(_, meaning)| *meaning == Meaning::Unlimited)
            .map(|(number, _)| *number)
    }

    /// What the number stands for beside its own size, if anything.
    pub fn meaning(&self, number: i64) -> Option<Meaning> {
        self.meanings
            .iter()
            .find(|(special, _)| *special == number)
            .map(|(_, meaning)| *meaning)
    }
}

/// Everything that is known, in the order of the names.
pub fn all() -> &'static [KnownConfig] {
    table::CONFIGS
}

/// What is known about a key, spelled exactly as Kafka spells it.
pub fn lookup(key: &str) -> Option<&'static KnownConfig> {
    let index = table::CONFIGS
        .binary_search_by_key(&key, |config| config.name)
        .ok()?;
    table::CONFIGS.get(index)
}

/// A value that every examined release of Kafka refuses. Displayed, it says what is allowed:
/// "must be true or false".
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Impossible {
    allowed: String,
    suggestion: Option<&'static str>,
}

impl Impossible {
    /// What was probably meant, where a word is close to an allowed one.
    pub fn suggestion(&self) -> Option<&'static str> {
        self.suggestion
    }
}

impl fmt::Display for Impossible {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "must be {}", self.allowed)
    }
}

impl std::error::Error for Impossible {}
