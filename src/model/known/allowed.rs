//! The allowed values of a config in words, to follow "must be".

use super::{ConfigFacts, Domain, Kind, KnownConfig, Meaning, Release, Unit};

/// "a whole number of bytes, at least 14 (from Kafka 4.1: at least 1048576)".
///
/// The ceiling is the largest number of the type. It is worth saying only to somebody who went beyond it.
pub(super) fn allowed_values(config: &KnownConfig, ceiling: Option<i64>) -> String {
    let mut parts = vec![noun(config), limits(config, ceiling), meanings(config)];
    parts.retain(|part| !part.is_empty());
    parts.join(", ")
}

fn noun(config: &KnownConfig) -> String {
    let plain = match config.kind {
        Kind::Int | Kind::Long => "a whole number",
        Kind::Double => "a number",
        Kind::Boolean => "true or false",
        Kind::String | Kind::List => "",
    };
    match config.unit {
        Some(Unit::Milliseconds) => format!("{plain} of milliseconds"),
        Some(Unit::Bytes) => format!("{plain} of bytes"),
        Some(Unit::Ratio | Unit::Count) | None => plain.to_owned(),
    }
}

/// Of the oldest release, and in brackets what newer ones changed.
fn limits(config: &KnownConfig, ceiling: Option<i64>) -> String {
    let mut changes: Vec<(Release, String)> = Vec::new();
    for facts in config.history {
        let limit = limit(config, facts, ceiling);
        if changes.last().is_none_or(|(_, last)| *last != limit) {
            changes.push((facts.since, limit));
        }
    }
    let mut changes = changes.into_iter();
    let oldest = changes.next().map(|(_, limit)| limit).unwrap_or_default();
    changes.fold(oldest, |text, (since, limit)| {
        format!("{text} (from Kafka {since}: {limit})")
    })
}

fn limit(config: &KnownConfig, facts: &ConfigFacts, ceiling: Option<i64>) -> String {
    match facts.domain {
        Domain::Any => between(None, ceiling),
        Domain::Integer { min, max, .. } => {
            between(min.map(|min| smallest_plain(config, min)), max.or(ceiling))
        }
        Domain::Decimal { min, max } => between(min, max),
        Domain::OneOf([one, other]) => format!("{one} or {other}"),
        Domain::OneOf(words) => format!("one of {}", words.join(", ")),
        Domain::ListOf { words, empty: false } => {
            format!("one or more of {}, separated by commas", words.join(", "))
        }
        Domain::ListOf { words, empty: true } => {
            format!("any of {}, separated by commas, or empty", words.join(", "))
        }
    }
}

/// The lowest number that is a number, not a word in disguise: 0 where -1 means unlimited.
fn smallest_plain(config: &KnownConfig, min: i64) -> i64 {
    let mut smallest = min;
    for (number, _) in config.meanings {
        if *number == smallest && *number < 0 {
            smallest += 1;
        }
    }
    smallest
}

fn between<N: ToString>(min: Option<N>, max: Option<N>) -> String {
    match (min.map(|min| min.to_string()), max.map(|max| max.to_string())) {
        (Some(min), Some(max)) => format!("between {min} and {max}"),
        (Some(min), None) => format!("at least {min}"),
        (None, Some(max)) => format!("at most {max}"),
        (None, None) => String::new(),
    }
}

/// "or -1 for unlimited". Those that are just the largest number are left out: no one types them.
fn meanings(config: &KnownConfig) -> String {
    let negative = config.meanings.iter().rev().filter(|(number, _)| *number < 0);
    let words = negative.map(|(number, meaning)| match meaning {
        Meaning::Unlimited => format!("or {number} for unlimited"),
        Meaning::ValueOf(other) => format!("or {number} for the value of {other}"),
        Meaning::CodecDefault => format!("or {number} for the codec's own default"),
    });
    words.collect::<Vec<_>>().join(", ")
}
