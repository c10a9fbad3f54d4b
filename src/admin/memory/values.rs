//! Topic configs as the broker takes or refuses them, in the words of Kafka 4.4, and in the form in
//! which it shows them afterwards: ` 5 ` as `5`, `TRUE` as `true`, `0.50` as `0.5`.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::answer::Code;
use crate::admin::BrokerError;
use crate::model::ConfigKey;
use crate::model::known::{self, Domain, Kind, KnownConfig};

/// The order in which `LogConfig` defines its configs, which decides whose error is told.
const ORDER_OF_CHECKS: [&str; 37] = [
    "segment.bytes",
    "segment.ms",
    "segment.jitter.ms",
    "segment.index.bytes",
    "flush.messages",
    "flush.ms",
    "retention.bytes",
    "retention.ms",
    "max.message.bytes",
    "max.decompressed.message.bytes",
    "index.interval.bytes",
    "delete.retention.ms",
    "min.compaction.lag.ms",
    "max.compaction.lag.ms",
    "file.delete.delay.ms",
    "min.cleanable.dirty.ratio",
    "cleanup.policy",
    "unclean.leader.election.enable",
    "min.insync.replicas",
    "compression.type",
    "compression.gzip.level",
    "compression.lz4.level",
    "compression.zstd.level",
    "preallocate",
    "message.timestamp.type",
    "message.timestamp.before.max.ms",
    "message.timestamp.after.max.ms",
    "leader.replication.throttled.replicas",
    "follower.replication.throttled.replicas",
    "remote.storage.enable",
    "local.retention.ms",
    "local.retention.bytes",
    "remote.log.copy.disable",
    "remote.copy.lag.ms",
    "remote.copy.lag.bytes",
    "remote.log.delete.on.disable",
    "errors.deadletterqueue.group.enable",
];

/// A topic's own configs.
type Overrides = BTreeMap<ConfigKey, Arc<str>>;

/// The config, if the newest release has it.
pub(super) fn config(key: &str) -> Option<&'static KnownConfig> {
    known::lookup(key).filter(|config| config.until().is_none())
}

/// Every config that the newest release has.
pub(super) fn all() -> impl Iterator<Item = &'static KnownConfig> {
    known::all().iter().filter(|config| config.until().is_none())
}

/// All overrides of a topic together, in the form in which the broker shows them.
pub(super) fn accept(overrides: &Overrides) -> Result<Overrides, BrokerError> {
    if let Some(key) = overrides.keys().find(|key| config(key.as_str()).is_none()) {
        return Err(refused(format!("Unknown topic config name: {key}")));
    }
    let mut shown = Overrides::new();
    let in_order = ORDER_OF_CHECKS
        .iter()
        .filter_map(|name| overrides.get_key_value(*name));
    for (key, raw) in in_order {
        if let Some(config) = config(key.as_str()) {
            shown.insert(key.clone(), read(config, raw).map_err(refused)?);
        }
    }
    fit_together(&shown).map_err(refused)?;
    Ok(shown)
}

fn refused(message: String) -> BrokerError {
    Code::InvalidConfig.saying(message)
}

/// Rules about more than one config, or about the broker.
fn fit_together(overrides: &Overrides) -> Result<(), String> {
    let number = |key: &str| {
        let own = overrides.get(key).map(Arc::as_ref);
        let text = own.or_else(|| config(key).map(KnownConfig::default));
        text.and_then(|text| text.parse::<i64>().ok()).unwrap_or(0)
    };
    let (min, max) = (number("min.compaction.lag.ms"), number("max.compaction.lag.ms"));
    if min > max {
        return Err(format!(
            "conflict topic config setting min.compaction.lag.ms ({min}) > max.compaction.lag.ms ({max})"
        ));
    }
    if overrides.get("remote.storage.enable").map(Arc::as_ref) == Some("true") {
        return Err("Tiered Storage functionality is disabled in the broker. \
                    Topic cannot be configured with remote log storage."
            .to_owned());
    }
    Ok(())
}

/// One value as `ConfigDef` parses and checks it.
fn read(config: &KnownConfig, raw: &str) -> Result<Arc<str>, String> {
    let invalid =
        |value: &str, why: &str| format!("Invalid value {value} for configuration {}: {why}", config.name);
    let text = raw.trim_matches(|c| c <= ' ');
    match config.kind {
        Kind::Int => {
            let number: i32 = text
                .parse()
                .map_err(|_| invalid(raw, "Not a number of type INT"))?;
            whole(config, number.into()).map_err(|why| invalid(&number.to_string(), &why))
        }
        Kind::Long => {
            let number: i64 = text
                .parse()
                .map_err(|_| invalid(raw, "Not a number of type LONG"))?;
            whole(config, number).map_err(|why| invalid(&number.to_string(), &why))
        }
        Kind::Double => {
            let number: f64 = text
                .parse()
                .map_err(|_| invalid(raw, "Not a number of type DOUBLE"))?;
            decimal(config, number).map_err(|why| invalid(&as_java(number), &why))
        }
        Kind::Boolean => {
            boolean(text).ok_or_else(|| invalid(raw, "Expected value to be either true or false"))
        }
        Kind::String => match config_words(config) {
            Some(words) if !words.contains(&text) => Err(invalid(text, &one_of(&words))),
            _ => Ok(text.into()),
        },
        Kind::List => list(config, text, &invalid),
    }
}

fn boolean(text: &str) -> Option<Arc<str>> {
    let matching = ["true", "false"]
        .into_iter()
        .find(|word| word.eq_ignore_ascii_case(text));
    matching.map(Arc::from)
}

fn whole(config: &KnownConfig, number: i64) -> Result<Arc<str>, String> {
    let shown = || Ok(number.to_string().into());
    match domain(config) {
        Domain::Integer { also, .. } if also.contains(&number) => shown(),
        // Levels of gzip say their bounds in one sentence.
        Domain::Integer {
            min: Some(min),
            max: Some(max),
            also: [also],
        } if number < min || number > max => Err(format!(
            "Value must be between {min} and {max} or equal to {also}"
        )),
        Domain::Integer { min: Some(min), .. } if number < min => {
            Err(format!("Value must be at least {min}"))
        }
        Domain::Integer { max: Some(max), .. } if number > max => {
            Err(format!("Value must be no more than {max}"))
        }
        _ => shown(),
    }
}

fn decimal(config: &KnownConfig, number: f64) -> Result<Arc<str>, String> {
    match domain(config) {
        Domain::Decimal { min: Some(min), .. } if number < min => {
            Err(format!("Value must be at least {min}"))
        }
        Domain::Decimal { max: Some(max), .. } if number > max => {
            Err(format!("Value must be no more than {max}"))
        }
        _ => Ok(as_java(number).into()),
    }
}

/// `Double.toString`: exponents below a thousandth, and at least one decimal.
fn as_java(number: f64) -> String {
    if number == 0.0 || number.abs() >= 1e-3 {
        return format!("{number:?}");
    }
    let text = format!("{number:E}");
    match text.split_once('E') {
        Some((digits, exponent)) if !digits.contains('.') => format!("{digits}.0E{exponent}"),
        _ => text,
    }
}

fn list(
    config: &KnownConfig,
    text: &str,
    invalid: &dyn Fn(&str, &str) -> String,
) -> Result<Arc<str>, String> {
    let items: Vec<&str> = match text {
        "" => Vec::new(),
        text => text.split(',').map(str::trim).collect(),
    };
    let Some(words) = config_words(config) else {
        return throttled_replicas(config, &items, invalid);
    };
    if items.iter().any(|item| item.is_empty()) {
        return Err(format!(
            "Configuration '{}' values must not be empty.",
            config.name
        ));
    }
    if let Some(odd) = items.iter().find(|item| !words.contains(item)) {
        return Err(invalid(odd, &one_of(&words)));
    }
    let mut distinct: Vec<&str> = Vec::new();
    for item in items {
        distinct.extend((!distinct.contains(&item)).then_some(item));
    }
    Ok(distinct.join(",").into())
}

/// `*`, or `partition:broker` as often as you like (`ThrottledReplicaListValidator`).
fn throttled_replicas(
    config: &KnownConfig,
    items: &[&str],
    invalid: &dyn Fn(&str, &str) -> String,
) -> Result<Arc<str>, String> {
    let number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let pair = |item: &&str| {
        item.split_once(':')
            .is_some_and(|(partition, broker)| number(partition) && number(broker))
    };
    if items == ["*"] || items.iter().all(pair) {
        return Ok(items.join(",").into());
    }
    let why = format!(
        "{} must be the literal '*' or a list of replicas in the following format: \
         [partitionId]:[brokerId],[partitionId]:[brokerId],...",
        config.name
    );
    Err(invalid(&format!("[{}]", items.join(", ")), &why))
}

/// The words that are allowed, in the order in which the broker lists them.
fn config_words(config: &KnownConfig) -> Option<Vec<&'static str>> {
    match (config.name, domain(config)) {
        ("compression.type", _) => Some(vec!["uncompressed", "zstd", "lz4", "snappy", "gzip", "producer"]),
        (_, Domain::OneOf(words) | Domain::ListOf { words, .. }) => Some(words.to_vec()),
        (_, Domain::Any | Domain::Integer { .. } | Domain::Decimal { .. }) => None,
    }
}

fn one_of(words: &[&str]) -> String {
    format!("String must be one of: {}", words.join(", "))
}

/// What the newest release allows.
fn domain(config: &KnownConfig) -> Domain {
    config.history.last().map_or(Domain::Any, |facts| facts.domain)
}
