//! Values of topic configs: whether two say the same, and how people read them.

use super::known::{self, Meaning, Unit};
use super::name::ConfigKey;
use super::quantity;

/// Whether two values mean the same to Kafka: `compact,delete` and `delete,compact`, `0.50` and
/// `0.5`. Keys that are not known compare as text, which is all that can be said of them.
pub fn same_value(key: &ConfigKey, a: &str, b: &str) -> bool {
    match known::lookup(key.as_str()) {
        Some(config) => config.same_value(a, b),
        None => a.trim() == b.trim(),
    }
}

/// The value in human units where it has any: `7d` for 604800000 of `retention.ms`. `None` where
/// the raw value is as good as it gets.
pub fn human(key: &ConfigKey, raw: &str) -> Option<String> {
    let config = known::lookup(key.as_str())?;
    let number: i64 = raw.trim().parse().ok()?;
    let text = match config.meaning(number) {
        Some(meaning) => special(config.unit, meaning)?,
        None => in_units(config.unit?, number)?,
    };
    (text != raw).then_some(text)
}

fn special(unit: Option<Unit>, meaning: Meaning) -> Option<String> {
    match meaning {
        Meaning::Unlimited if unit == Some(Unit::Milliseconds) => Some("forever".to_owned()),
        Meaning::Unlimited => Some("unlimited".to_owned()),
        Meaning::ValueOf(other) => Some(format!("as {other}")),
        Meaning::CodecDefault => None,
    }
}

fn in_units(unit: Unit, number: i64) -> Option<String> {
    let text = match unit {
        Unit::Milliseconds => quantity::human_duration(number),
        Unit::Bytes => quantity::human_size(number),
        Unit::Ratio | Unit::Count => return None,
    };
    // `1048588B (1048588)` says the same twice.
    let scaled = !text.starts_with(&number.to_string());
    scaled.then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(name: &str) -> ConfigKey {
        ConfigKey::new(name).unwrap()
    }

    #[test]
    fn values_are_compared_as_kafka_understands_them() {
        assert!(same_value(
            &key("cleanup.policy"),
            "compact,delete",
            "delete, compact"
        ));
        assert!(same_value(&key("min.cleanable.dirty.ratio"), "0.50", "0.5"));
        assert!(!same_value(&key("retention.ms"), "604800000", "604800001"));
        assert!(same_value(&key("vendor.key"), "x", "x "));
        assert!(!same_value(&key("vendor.key"), "0.50", "0.5"));
    }

    #[test]
    fn people_read_units() {
        assert_eq!(human(&key("retention.ms"), "604800000").as_deref(), Some("7d"));
        assert_eq!(human(&key("retention.ms"), "-1").as_deref(), Some("forever"));
        assert_eq!(human(&key("retention.bytes"), "-1").as_deref(), Some("unlimited"));
        assert_eq!(
            human(&key("segment.bytes"), "1073741824").as_deref(),
            Some("1GiB")
        );
        assert_eq!(human(&key("max.message.bytes"), "1048588"), None);
        assert_eq!(human(&key("min.compaction.lag.ms"), "0"), None);
        assert_eq!(human(&key("cleanup.policy"), "delete"), None);
        assert_eq!(human(&key("vendor.key"), "1000"), None);
        assert_eq!(human(&key("min.insync.replicas"), "2"), None);
    }
}
