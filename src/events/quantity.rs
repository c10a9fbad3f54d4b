//! Numbers with a range. A value of these types is in its range, so nobody further in checks again.

use std::fmt;
use std::time::Duration;

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;
use thiserror::Error;

use super::fields::{At, FieldValue};
use super::violation::ContractRule;

/// A number outside its range, or none at all (NaN, infinity).
#[derive(Debug, Clone, Copy, PartialEq, Error)]
#[error("{number} is outside of {range}")]
pub struct OutOfRange {
    number: f64,
    range: &'static str,
}

macro_rules! quantity {
    ($(#[$doc:meta])* $name:ident, $rule:expr, $range:literal, $inside:expr, $($schema:tt)*) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, PartialOrd, Serialize, JsonSchema)]
        #[serde(transparent)]
        #[schemars(inline)]
        pub struct $name(#[schemars($($schema)*)] f64);

        impl $name {
            /// Checks the range, which no NaN is in.
            pub fn new(number: f64) -> Result<Self, OutOfRange> {
                let inside: fn(f64) -> bool = $inside;
                if inside(number) {
                    Ok(Self(number))
                } else {
                    Err(OutOfRange { number, range: $range })
                }
            }

            /// The number.
            pub fn get(self) -> f64 {
                self.0
            }
        }

        impl FieldValue for $name {
            const RULE: ContractRule = $rule;

            fn read(value: Value, at: &mut At<'_>) -> Option<Self> {
                at.accept(&value, |value| Self::new(value.as_f64()?).ok())
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&self.0, f)
            }
        }
    };
}

quantity!(
    /// How long something took, in seconds: finite, and not negative.
    Seconds,
    ContractRule::Seconds,
    "0 and more",
    |number| number.is_finite() && number >= 0.0,
    range(min = 0, max = f64::MAX)
);

impl From<Duration> for Seconds {
    fn from(duration: Duration) -> Self {
        Self(duration.as_secs_f64())
    }
}

quantity!(
    /// How good generated tests are, from 0 to 1.
    QualityScore,
    ContractRule::QualityScore,
    "0 to 1",
    |number| (0.0..=1.0).contains(&number),
    range(min = 0, max = 1)
);

quantity!(
    /// How much of the code the generated tests cover, in percent from 0 to 100.
    Coverage,
    ContractRule::Coverage,
    "0 to 100",
    |number| (0.0..=100.0).contains(&number),
    range(min = 0, max = 100)
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ends_of_a_range_belong_to_it_and_nothing_beyond_does() {
        for inside in [0.0, -0.0, 0.5, 1.0] {
            assert!(QualityScore::new(inside).is_ok(), "{inside}");
        }
        for outside in [
            -f64::MIN_POSITIVE,
            1.000_000_1,
            f64::NAN,
            f64::INFINITY,
            f64::NEG_INFINITY,
        ] {
            assert!(QualityScore::new(outside).is_err(), "{outside}");
        }
        assert!(Coverage::new(100.0).is_ok() && Coverage::new(100.1).is_err());
        assert!(Seconds::new(f64::MAX).is_ok() && Seconds::new(f64::INFINITY).is_err());
        let error = QualityScore::new(f64::NAN).unwrap_err();
        assert_eq!(error.to_string(), "NaN is outside of 0 to 1");
    }
}
