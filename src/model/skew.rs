//! How unevenly something is spread over partitions, and leaders over brokers.

use std::fmt;

/// The largest part as a multiple of an even share: 1 where all parts are alike, the number of parts where one
/// has everything. `None` where there is nothing to spread, or no part.
///
/// The ratio to the mean, and not a deviation: it says by how much the busiest partition is busier than it has
/// to be, which is what its consumer feels.
pub fn skew(parts: &[i64]) -> Option<f64> {
    let largest = *parts.iter().max()?;
    let total = parts
        .iter()
        .fold(0_i64, |total, part| total.saturating_add(*part));
    if total <= 0 {
        return None;
    }
    Some(real(largest) * real(i64::try_from(parts.len()).ok()?) / real(total))
}

/// A count as a number that can be divided. Counts of records stay exact up to 2^53.
#[allow(
    clippy::cast_precision_loss,
    reason = "shares and rates are shown with a few digits"
)]
pub fn real(count: i64) -> f64 {
    count as f64
}

/// How many times the even share the largest share is; 1.00 is as even as can be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Skew {
    hundredths: u64,
}

impl Skew {
    /// Of amounts that could be any, as [`skew`] has it. `None` where there is nothing to spread, or nothing to
    /// spread it over.
    pub fn of_amounts(amounts: &[u64]) -> Option<Self> {
        let parts = amounts
            .iter()
            .map(|amount| i64::try_from(*amount).unwrap_or(i64::MAX));
        let parts: Vec<i64> = parts.collect();
        skew(&parts).map(Self::rounded).filter(|_| amounts.len() > 1)
    }

    /// Of whole things, such as leaders over brokers: the most that one has over the most that one has to
    /// have. Two brokers cannot share three leaders more evenly than two and one.
    pub fn of_things(counts: &[usize]) -> Option<Self> {
        let most = *counts.iter().max()?;
        let even = counts.iter().sum::<usize>().div_ceil(counts.len());
        let count = |count: usize| i64::try_from(count).map_or(f64::MAX, real);
        (counts.len() > 1 && even > 0).then(|| Self::rounded(count(most) / count(even)))
    }

    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a share of parts is from 1 to their number"
    )]
    fn rounded(skew: f64) -> Self {
        let hundredths = (skew * 100.0).round() as u64;
        Self { hundredths }
    }

    /// In hundredths: 132 is 1.32 times the even share.
    pub fn hundredths(self) -> u64 {
        self.hundredths
    }
}

/// `1.32`
impl fmt::Display for Skew {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{:02}", self.hundredths / 100, self.hundredths % 100)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_largest_part_is_held_against_an_even_share() {
        assert_eq!(skew(&[10, 10, 10]), Some(1.0));
        assert_eq!(skew(&[0, 9, 0]), Some(3.0));
        assert_eq!(skew(&[1, 3]), Some(1.5));
        assert_eq!(skew(&[7]), Some(1.0));
    }

    #[test]
    fn nothing_is_not_spread_at_all() {
        assert_eq!(skew(&[]), None);
        assert_eq!(skew(&[0, 0]), None);
    }

    #[test]
    fn the_fullest_counts_against_the_even_share() {
        let said = |amounts: &[u64]| Skew::of_amounts(amounts).map(|skew| skew.to_string());
        assert_eq!(said(&[5, 5, 5]).as_deref(), Some("1.00"));
        assert_eq!(said(&[9, 0, 0]).as_deref(), Some("3.00"));
        assert_eq!(said(&[10, 5, 6]).as_deref(), Some("1.43"));
        assert_eq!(said(&[7]), None);
        assert_eq!(said(&[0, 0]), None);
        assert_eq!(said(&[]), None);
    }

    #[test]
    fn leaders_cannot_be_halved() {
        let said = |counts: &[usize]| Skew::of_things(counts).map(|skew| skew.to_string());
        assert_eq!(said(&[2, 1]).as_deref(), Some("1.00"));
        assert_eq!(said(&[3, 0]).as_deref(), Some("1.50"));
        assert_eq!(said(&[1, 0, 0]).as_deref(), Some("1.00"));
        assert_eq!(said(&[0, 0]), None);
        assert_eq!(said(&[4]), None);
    }
}
