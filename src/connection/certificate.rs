//! What people need to know of a certificate: who issued it, and moments as dates.

use p12_keystore::Certificate;
use tokio_rustls::rustls::pki_types::UnixTime;

use crate::model::printable;

/// The name of the issuer, fit to be printed. `None` if the certificate cannot be read.
pub(super) fn issuer(der: &[u8]) -> Option<String> {
    Certificate::from_der(der)
        .ok()
        .map(|certificate| spoken(certificate.issuer()))
}

/// A name from the other side, without what would steer a terminal, and not longer than names are.
pub(super) fn spoken(name: &str) -> String {
    const LONGEST: usize = 200;
    printable(&name.chars().take(LONGEST).collect::<String>()).to_string()
}

/// `2026-11-26 16:45:00 UTC`
pub(super) fn date(moment: UnixTime) -> String {
    let seconds = moment.as_secs();
    let (year, month, day) = civil(seconds / 86_400);
    let (hours, minutes) = (seconds / 3_600 % 24, seconds / 60 % 60);
    format!(
        "{year}-{month:02}-{day:02} {hours:02}:{minutes:02}:{:02} UTC",
        seconds % 60
    )
}

/// Year, month and day of a number of days since 1970, by counting in years that begin in March, whose
/// leap day is the last.
fn civil(days: u64) -> (u64, u64, u64) {
    const DAYS_OF_400_YEARS: u64 = 146_097;
    // 0000-03-01 is so many days before 1970-01-01.
    let days = days + 719_468;
    let (era, day_of_era) = (days / DAYS_OF_400_YEARS, days % DAYS_OF_400_YEARS);
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / (DAYS_OF_400_YEARS - 1)) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 {
        month_from_march + 3
    } else {
        month_from_march - 9
    };
    let year = era * 400 + year_of_era + u64::from(month <= 2);
    (year, month, day)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn moments_are_dates() {
        for (seconds, expected) in [
            (0, "1970-01-01 00:00:00 UTC"),
            (951_782_399, "2000-02-28 23:59:59 UTC"),
            (951_782_400, "2000-02-29 00:00:00 UTC"),
            (951_868_800, "2000-03-01 00:00:00 UTC"),
            (1_764_175_500, "2025-11-26 16:45:00 UTC"),
            (4_107_542_399, "2100-02-28 23:59:59 UTC"),
            (4_107_542_400, "2100-03-01 00:00:00 UTC"),
        ] {
            let moment = UnixTime::since_unix_epoch(Duration::from_secs(seconds));
            assert_eq!(date(moment), expected);
        }
    }

    #[test]
    fn names_from_elsewhere_do_not_steer_the_terminal() {
        assert!(!spoken("a\u{1b}[2Jb").contains('\u{1b}'));
        assert_eq!(spoken(&"x".repeat(500)).len(), 200);
    }
}
