//! Durations and sizes as people write them, and back. Kafka's own units are milliseconds and
//! bytes; `-1` is infinity in both.
//!
//! The grammar is closed on purpose: one whole number and one unit. General parsers accept `1month`
//! or `0.5GB`, and a retention that depends on somebody's idea of a month deletes data.

use thiserror::Error;

/// A duration or size that means nothing.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum InvalidQuantity {
    /// Not a whole number with a known unit.
    #[error("is not a duration; write a whole number with ms, s, m, h, d or w, such as `7d`, or `forever`")]
    Duration,
    /// Not a whole number with a known unit.
    #[error(
        "is not a size; write a whole number with B, KiB, MiB, GiB, TiB, KB, MB, GB or TB, such as `10GiB`, or `unlimited`"
    )]
    Size,
    /// It does not fit into Kafka's 64 bits.
    #[error("is too large: Kafka counts up to 9223372036854775807")]
    TooLarge,
}

const DURATION_UNITS: [(&str, i64); 6] = [
    ("w", 604_800_000),
    ("d", 86_400_000),
    ("h", 3_600_000),
    ("m", 60_000),
    ("s", 1_000),
    ("ms", 1),
];

const SIZE_UNITS: [(&str, i64); 9] = [
    ("TiB", 1 << 40),
    ("GiB", 1 << 30),
    ("MiB", 1 << 20),
    ("KiB", 1 << 10),
    ("TB", 1_000_000_000_000),
    ("GB", 1_000_000_000),
    ("MB", 1_000_000),
    ("KB", 1_000),
    ("B", 1),
];

/// Milliseconds of `90s`, `7d`, `forever` (-1) or a plain number, which already is milliseconds.
pub fn parse_duration(text: &str) -> Result<i64, InvalidQuantity> {
    parse(text, "forever", &DURATION_UNITS, InvalidQuantity::Duration)
}

/// Bytes of `512KiB`, `10GB`, `unlimited` (-1) or a plain number, which already is bytes.
pub fn parse_size(text: &str) -> Result<i64, InvalidQuantity> {
    parse(text, "unlimited", &SIZE_UNITS, InvalidQuantity::Size)
}

fn parse(
    text: &str,
    infinite: &str,
    units: &[(&str, i64)],
    odd: InvalidQuantity,
) -> Result<i64, InvalidQuantity> {
    let text = text.trim();
    if text == infinite {
        return Ok(-1);
    }
    let digits_end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (digits, unit) = text.split_at(digits_end);
    if digits.is_empty() {
        return plain_number(text).ok_or(odd);
    }
    let Some(factor) = unit_factor(unit.trim_start(), units) else {
        return Err(odd);
    };
    let number: i64 = digits.parse().map_err(|_| InvalidQuantity::TooLarge)?;
    number.checked_mul(factor).ok_or(InvalidQuantity::TooLarge)
}

/// Negative numbers pass through as Kafka's own units: `-1`, and `-2` of the tiered keys.
fn plain_number(text: &str) -> Option<i64> {
    text.parse().ok()
}

fn unit_factor(unit: &str, units: &[(&str, i64)]) -> Option<i64> {
    if unit.is_empty() {
        return Some(1);
    }
    units
        .iter()
        .find(|(name, _)| *name == unit)
        .map(|(_, factor)| *factor)
}

/// The shortest exact form of a duration in milliseconds: `7d`, `90s`, `forever`. Weeks are not
/// used, since people compare retention in days.
pub fn human_duration(milliseconds: i64) -> String {
    human(milliseconds, "forever", &DURATION_UNITS[1..], "ms")
}

/// The shortest exact form of a size in bytes: `256MiB`, `10GB`, `unlimited`; a size that is no
/// multiple of a unit stays in bytes.
pub fn human_size(bytes: i64) -> String {
    human(bytes, "unlimited", &SIZE_UNITS, "B")
}

fn human(number: i64, infinite: &str, units: &[(&str, i64)], smallest: &str) -> String {
    match number {
        -1 => infinite.to_owned(),
        i64::MIN..=0 => format!("{number}{smallest}"),
        _ => units
            .iter()
            .filter(|(_, factor)| number % factor == 0)
            // 10 GB is a whole number of KiB too: the unit that leaves the fewest of itself reads best.
            .max_by_key(|(_, factor)| *factor)
            .map_or_else(
                || format!("{number}{smallest}"),
                |(unit, factor)| format!("{}{unit}", number / factor),
            ),
    }
}

/// A size for people, rounded to three figures: `1.5 GiB`. For amounts that were measured; declared
/// values are shown exactly by [`human_size`].
pub fn rounded_size(bytes: u64) -> String {
    const UNITS: [&str; 6] = ["KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];
    if bytes < 1024 {
        return format!("{bytes} B");
    }
    let mut scale = 1_u128 << 10;
    let mut unit = 0;
    while u128::from(bytes) >= scale << 10 && unit + 1 < UNITS.len() {
        scale <<= 10;
        unit += 1;
    }
    let hundredths = u128::from(bytes) * 100 / scale;
    match hundredths {
        0..1_000 => format!("{}.{:02} {}", hundredths / 100, hundredths % 100, UNITS[unit]),
        1_000..10_000 => format!("{}.{} {}", hundredths / 100, hundredths % 100 / 10, UNITS[unit]),
        _ => format!("{} {}", hundredths / 100, UNITS[unit]),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn durations_are_read_in_every_unit() {
        let cases = [
            ("90s", 90_000),
            ("12h", 43_200_000),
            ("7d", 604_800_000),
            ("4w", 2_419_200_000),
            ("15m", 900_000),
            ("250ms", 250),
            ("7 d", 604_800_000),
            ("604800000", 604_800_000),
            ("forever", -1),
            ("-1", -1),
            ("0", 0),
        ];
        for (text, expected) in cases {
            assert_eq!(parse_duration(text), Ok(expected), "{text}");
        }
    }

    #[test]
    fn what_is_no_duration_is_refused() {
        for text in [
            "",
            "7days",
            "1.5d",
            "d",
            "7D",
            "1month",
            "seven",
            "7d12h",
            "unlimited",
        ] {
            assert_eq!(parse_duration(text), Err(InvalidQuantity::Duration), "{text}");
        }
        assert_eq!(
            parse_duration("99999999999999999999"),
            Err(InvalidQuantity::TooLarge)
        );
        assert_eq!(
            parse_duration("9223372036854775807d"),
            Err(InvalidQuantity::TooLarge)
        );
    }

    #[test]
    fn sizes_are_read_in_every_unit() {
        let cases = [
            ("512KiB", 524_288),
            ("10GiB", 10_737_418_240),
            ("10GB", 10_000_000_000),
            ("1 TiB", 1_099_511_627_776),
            ("100B", 100),
            ("1048576", 1_048_576),
            ("unlimited", -1),
        ];
        for (text, expected) in cases {
            assert_eq!(parse_size(text), Ok(expected), "{text}");
        }
        for text in ["10Gib", "10G", "GiB", "1.5GiB", "forever", "10 giga"] {
            assert_eq!(parse_size(text), Err(InvalidQuantity::Size), "{text}");
        }
    }

    #[test]
    fn people_see_the_shortest_exact_form() {
        assert_eq!(human_duration(604_800_000), "7d");
        assert_eq!(human_duration(90_000), "90s");
        assert_eq!(human_duration(3_600_000), "1h");
        assert_eq!(human_duration(-1), "forever");
        assert_eq!(human_duration(0), "0ms");
        assert_eq!(human_duration(1_234), "1234ms");
        assert_eq!(human_size(268_435_456), "256MiB");
        assert_eq!(human_size(10_000_000_000), "10GB");
        assert_eq!(human_size(-1), "unlimited");
        assert_eq!(human_size(1_048_588), "1048588B");
        assert_eq!(human_duration(-2), "-2ms");
    }

    #[test]
    fn measured_sizes_are_rounded_to_three_figures() {
        assert_eq!(rounded_size(1023), "1023 B");
        assert_eq!(rounded_size(1024), "1.00 KiB");
        assert_eq!(rounded_size(1_610_612_736), "1.50 GiB");
        assert_eq!(rounded_size(200 << 20), "200 MiB");
        assert_eq!(rounded_size(1023 << 10), "1023 KiB");
        assert_eq!(rounded_size(u64::MAX), "15.9 EiB");
    }

    proptest! {
        #[test]
        fn what_is_shown_reads_back_the_same(number in 0_i64..) {
            prop_assert_eq!(parse_duration(&human_duration(number)), Ok(number));
            prop_assert_eq!(parse_size(&human_size(number)), Ok(number));
        }

        #[test]
        fn no_text_panics(text in ".*") {
            let _ = parse_duration(&text);
            let _ = parse_size(&text);
        }
    }
}
