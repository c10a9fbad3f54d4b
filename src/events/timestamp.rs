//! Times as events have them: a point in time to the microsecond, as Python keeps it.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Serialize, Serializer};
use serde_json::Value;
use thiserror::Error;

use super::fields::{At, FieldValue};
use super::violation::ContractRule;

/// What is read: RFC 3339 with an offset, seconds included, and at most nine decimals. Years from 1000
/// to 8999, so that no offset leads out of the years that RFC 3339 and Python have; the years on either
/// side only in UTC, so that everything that is written can be read again. No leap seconds, which Python
/// does not have either.
const PATTERN: &str = "^([1-8][0-9]{3}|(0999|9000)(?=.*[Zz]$))-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])[Tt]([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\\.[0-9]{1,9})?([Zz]|[+-]([01][0-9]|2[0-3]):[0-5][0-9])$";

/// A point in time, to the microsecond. Whatever offset it is read with, the instant is kept, and it is
/// written in UTC. Finer parts of a second are cut off, as pydantic does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(jiff::Timestamp);

/// A text that is no time with an offset, or a time out of range.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{0:?} is no time with an offset such as 2025-10-30T12:00:00Z, in the years 1000 to 8999")]
pub struct InvalidTimestamp(String);

impl Timestamp {
    /// The time now.
    pub fn now() -> Self {
        Self::truncated(jiff::Timestamp::now())
    }

    /// A time by its milliseconds since 1970, UTC, as Kafka counts; `None` outside of the years 1000 to
    /// 9998.
    pub fn from_milliseconds(milliseconds: i64) -> Option<Self> {
        let instant = jiff::Timestamp::from_millisecond(milliseconds).ok()?;
        Self::truncated(instant).to_string().parse().ok()
    }

    /// Microseconds since 1970, UTC.
    pub fn microseconds(self) -> i64 {
        self.0.as_microsecond()
    }

    /// Milliseconds since 1970, UTC, as Kafka counts; rounded down.
    pub fn milliseconds(self) -> i64 {
        self.0.as_microsecond().div_euclid(1000)
    }

    /// How long after `earlier` this is; `None` if it is before.
    pub fn since(self, earlier: Self) -> Option<Duration> {
        let microseconds = self.0.as_microsecond() - earlier.0.as_microsecond();
        u64::try_from(microseconds).ok().map(Duration::from_micros)
    }

    /// The time so long ago; `None` before the year 1000.
    pub fn ago(span: Duration) -> Option<Self> {
        let milliseconds = i64::try_from(span.as_millis()).ok()?;
        Self::from_milliseconds(Self::now().milliseconds().checked_sub(milliseconds)?)
    }

    fn truncated(instant: jiff::Timestamp) -> Self {
        let microseconds = instant.as_nanosecond().div_euclid(1000);
        let whole = i64::try_from(microseconds).ok();
        Self(
            whole
                .and_then(|whole| jiff::Timestamp::from_microsecond(whole).ok())
                .unwrap_or(instant),
        )
    }
}

impl FromStr for Timestamp {
    type Err = InvalidTimestamp;

    fn from_str(text: &str) -> Result<Self, InvalidTimestamp> {
        let instant = is_rfc_3339(text).then(|| text.parse().ok()).flatten();
        instant
            .map(Self::truncated)
            .ok_or_else(|| InvalidTimestamp(super::violation::shortened(text)))
    }
}

/// Whether a text has the form of [`PATTERN`]. Which months have a 31st is left to the calendar.
fn is_rfc_3339(text: &str) -> bool {
    let form = |form: &str, text: &str| {
        form.len() == text.len()
            && form.bytes().zip(text.bytes()).all(|(form, byte)| match form {
                b'0' => byte.is_ascii_digit(),
                b'T' => matches!(byte, b'T' | b't'),
                b'+' => matches!(byte, b'+' | b'-'),
                _ => byte == form,
            })
    };
    let below = |text: &str, limit: u32| text.parse().is_ok_and(|number: u32| number < limit);
    let Some((date_time, rest)) = text.split_at_checked("0000-00-00T00:00:00".len()) else {
        return false;
    };
    let (fraction, offset) = rest.split_at(rest.find(['Z', 'z', '+', '-']).unwrap_or(0));
    let is_fraction =
        |digits: &str| (1..=9).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
    form("0000-00-00T00:00:00", date_time)
        && is_year(&date_time[..4], offset)
        && below(&date_time[11..13], 24)
        && below(&date_time[14..16], 60)
        && below(&date_time[17..], 60)
        && (fraction.is_empty() || fraction.strip_prefix('.').is_some_and(is_fraction))
        && (matches!(offset, "Z" | "z")
            || form("+00:00", offset) && below(&offset[1..3], 24) && below(&offset[4..], 60))
}

/// An offset moves a time by less than a day, and so by one year at most.
fn is_year(year: &str, offset: &str) -> bool {
    match year.parse().unwrap_or(0) {
        1000..=8999 => true,
        999 | 9000 => matches!(offset, "Z" | "z"),
        _ => false,
    }
}

impl fmt::Display for Timestamp {
    /// In UTC, with six decimals or none, which every Python since 3.7 reads.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.subsec_nanosecond() == 0 {
            f.pad(&format!("{:.0}", self.0))
        } else {
            f.pad(&format!("{:.6}", self.0))
        }
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl JsonSchema for Timestamp {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Timestamp".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "format": "date-time", "pattern": PATTERN })
    }
}

impl FieldValue for Timestamp {
    const RULE: ContractRule = ContractRule::Timestamp;

    fn read(value: Value, at: &mut At<'_>) -> Option<Self> {
        at.accept(&value, |value| value.as_str()?.parse().ok())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(text: &str) -> String {
        text.parse::<Timestamp>()
            .map_or_else(|error| error.to_string(), |time| time.to_string())
    }

    #[test]
    fn the_instant_is_kept_and_written_in_utc() {
        for (read, expected) in [
            ("2025-10-30T12:00:00Z", "2025-10-30T12:00:00Z"),
            ("2025-10-30T12:00:00+00:00", "2025-10-30T12:00:00Z"),
            ("2025-10-30T12:00:00-00:00", "2025-10-30T12:00:00Z"),
            ("2025-10-30t12:00:00.5z", "2025-10-30T12:00:00.500000Z"),
            ("2025-10-30T12:00:00.123456+05:30", "2025-10-30T06:30:00.123456Z"),
            ("2025-12-31T23:59:59.999999-23:59", "2026-01-01T23:58:59.999999Z"),
            ("1000-01-01T00:00:00+23:59", "0999-12-31T00:01:00Z"),
            ("0999-12-31T00:01:00Z", "0999-12-31T00:01:00Z"),
            ("8999-12-31T23:59:59-23:59", "9000-01-01T23:58:59Z"),
            ("2024-02-29T00:00:00Z", "2024-02-29T00:00:00Z"),
        ] {
            assert_eq!(written(read), expected, "{read}");
        }
    }

    #[test]
    fn finer_than_microseconds_is_cut_off() {
        assert_eq!(
            written("2025-10-30T12:00:00.123456789Z"),
            "2025-10-30T12:00:00.123456Z"
        );
        assert_eq!(
            written("1969-12-31T23:59:59.999999999Z"),
            "1969-12-31T23:59:59.999999Z"
        );
        assert_eq!(written("2025-10-30T12:00:00.0000001Z"), "2025-10-30T12:00:00Z");
    }

    #[test]
    fn anything_else_is_refused() {
        for text in [
            "",
            "now",
            "2025-10-30",
            "2025-10-30T12:00:00",
            "2025-10-30 12:00:00Z",
            "2025-10-30T12:00Z",
            "2025-10-30T12:00:60Z",
            "2025-10-30T24:00:00Z",
            "2025-13-01T00:00:00Z",
            "2025-02-29T00:00:00Z",
            "2025-04-31T00:00:00Z",
            "2025-10-30T12:00:00.Z",
            "2025-10-30T12:00:00.1234567890Z",
            "2025-10-30T12:00:00,5Z",
            "2025-10-30T12:00:00+0000",
            "2025-10-30T12:00:00+24:00",
            "2025-10-30T12:00:00+00:60",
            "2025-10-30T12:00:00Z[UTC]",
            "0999-12-31T00:00:00+00:00",
            "9000-01-01T00:00:00-01:00",
            "0998-12-31T00:00:00Z",
            "9001-01-01T00:00:00Z",
            "2025-10-30T12:00:00é",
            "+025-10-30T12:00:00Z",
            "1761825600",
        ] {
            assert!(text.parse::<Timestamp>().is_err(), "{text}");
        }
    }

    #[test]
    fn kafka_counts_in_milliseconds() {
        let time: Timestamp = "1970-01-01T00:00:01.234567Z".parse().unwrap();
        assert_eq!(time.milliseconds(), 1234);
        assert_eq!(
            Timestamp::from_milliseconds(1234).unwrap().to_string(),
            "1970-01-01T00:00:01.234000Z"
        );
        assert!(Timestamp::from_milliseconds(i64::MAX).is_none());
    }
}
