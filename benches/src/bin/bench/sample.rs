//! What many rounds come to.

use std::time::Duration;

use serde::Serialize;
use topicctl_benches::usage::Usage;

/// Milliseconds, as far as they mean anything.
pub(crate) fn milliseconds(time: Duration) -> f64 {
    (time.as_secs_f64() * 1e5).round() / 1e2
}

/// Times of the same thing, one a round, in milliseconds.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Times {
    pub(crate) median_ms: f64,
    pub(crate) min_ms: f64,
    pub(crate) rounds: Vec<f64>,
}

impl Times {
    /// Of milliseconds.
    pub(crate) fn of(rounds: Vec<f64>) -> Self {
        let mut sorted = rounds.clone();
        sorted.sort_by(f64::total_cmp);
        let middle = sorted.len() / 2;
        let upper = sorted.get(middle).copied().unwrap_or(f64::NAN);
        let lower = sorted
            .get(sorted.len().saturating_sub(1) / 2)
            .copied()
            .unwrap_or(f64::NAN);
        Self {
            median_ms: f64::midpoint(lower, upper),
            min_ms: sorted.first().copied().unwrap_or(f64::NAN),
            rounds,
        }
    }
}

/// What one program cost in all rounds.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Sample {
    pub(crate) wall: Times,
    pub(crate) cpu: Times,
    /// The most of all rounds, in bytes.
    pub(crate) peak_bytes: u64,
}

impl Sample {
    pub(crate) fn of(rounds: &[Usage]) -> Self {
        Self {
            wall: Times::of(rounds.iter().map(|usage| milliseconds(usage.wall)).collect()),
            cpu: Times::of(rounds.iter().map(|usage| milliseconds(usage.cpu)).collect()),
            peak_bytes: rounds.iter().map(|usage| usage.peak_bytes).max().unwrap_or(0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn times(rounds: &[f64]) -> (f64, f64) {
        let times = Times::of(rounds.to_vec());
        (times.median_ms, times.min_ms)
    }

    #[test]
    fn the_median_is_in_the_middle_whatever_the_order() {
        assert_eq!(times(&[9.0, 1.0, 5.0]), (5.0, 1.0));
        assert_eq!(times(&[4.0, 9.0, 1.0, 5.0]), (4.5, 1.0));
        assert_eq!(times(&[7.0]), (7.0, 7.0));
    }
}
