//! What was probably meant by a key or a word that Kafka does not know.

use super::{KnownConfig, table};

/// The config that was probably meant by a key that is in no release: a slip of the keyboard, other
/// separators (`retention_ms`, `retentionMs`), or the broker's name for it (`log.retention.hours`).
/// Keys that newer releases dropped are never suggested.
pub fn suggest(key: &str) -> Option<&'static str> {
    let wanted = dotted(key);
    by_name(&wanted)
        .or_else(|| by_broker_name(&wanted))
        .or_else(|| nearest_name(&wanted))
        .map(|config| config.name)
}

/// The nearest of the words, case aside.
pub(super) fn word(wrong: &str, words: &[&'static str]) -> Option<&'static str> {
    let wrong = wrong.to_ascii_lowercase();
    // Producers call it "none", topics "uncompressed".
    if wrong == "none" && words.contains(&"uncompressed") {
        return Some("uncompressed");
    }
    nearest(&wrong, words.iter().copied(), |word| word.to_ascii_lowercase())
}

fn current() -> impl Iterator<Item = &'static KnownConfig> {
    table::CONFIGS.iter().filter(|config| config.until().is_none())
}

fn by_name(wanted: &str) -> Option<&'static KnownConfig> {
    current().find(|config| config.name == wanted)
}

fn by_broker_name(wanted: &str) -> Option<&'static KnownConfig> {
    current().find(|config| config.broker_names.contains(&wanted))
}

fn nearest_name(wanted: &str) -> Option<&'static KnownConfig> {
    nearest(wanted, current(), |config| config.name.to_owned())
}

/// The first of the nearest, if it is near enough: one slip in a short word, up to three in a long key.
fn nearest<T>(
    wanted: &str,
    candidates: impl Iterator<Item = T>,
    spelled: impl Fn(&T) -> String,
) -> Option<T> {
    let length = wanted.chars().count();
    // An edit distance takes time by the product of both lengths; no key is anywhere near this long.
    if length > 100 {
        return None;
    }
    let slips = (length / 4).clamp(1, 3);
    candidates
        .map(|candidate| {
            (
                strsim::damerau_levenshtein(wanted, &spelled(&candidate)),
                candidate,
            )
        })
        .filter(|(distance, _)| *distance <= slips)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// In Kafka's spelling: lower case with dots, from `retentionMs`, `retention-ms` or `RETENTION_MS`.
fn dotted(key: &str) -> String {
    let has_small = key.chars().any(|c| c.is_ascii_lowercase());
    let mut dotted = String::with_capacity(key.len());
    for c in key.trim().chars() {
        match c {
            '_' | '-' | ' ' => dotted.push('.'),
            capital if capital.is_ascii_uppercase() => {
                if has_small && !dotted.is_empty() && !dotted.ends_with('.') {
                    dotted.push('.');
                }
                dotted.push(capital.to_ascii_lowercase());
            }
            other => dotted.push(other),
        }
    }
    dotted
}
