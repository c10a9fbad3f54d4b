//! How unevenly something is spread over partitions.

/// The largest part as a multiple of an even share: 1 where all parts are alike, the number of parts where one
/// has everything. `None` where there is nothing to spread, or no part.
///
/// The ratio to the mean, and not a deviation: it says by how much the busiest partition is busier than it has
/// to be, which is what its consumer feels.
pub fn skew(parts: &[i64]) -> Option<f64> {
    let largest = *parts.iter().max()?;
    let total: i64 = parts.iter().sum();
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
}
