//! Moments for people: days and minutes of the calendar in UTC, from milliseconds since 1970.

const DAY_MS: i64 = 86_400_000;
/// Days of 400 Gregorian years, after which the calendar repeats.
const ERA_DAYS: i64 = 146_097;

/// `2026-09-01`, in UTC.
pub fn day(milliseconds: i64) -> String {
    let (year, month, day) = civil(milliseconds.div_euclid(DAY_MS));
    format!("{year:04}-{month:02}-{day:02}")
}

/// `2026-09-01 14:05 UTC`.
pub fn minute(milliseconds: i64) -> String {
    let minutes = milliseconds.rem_euclid(DAY_MS) / 60_000;
    format!(
        "{} {:02}:{:02} UTC",
        day(milliseconds),
        minutes / 60,
        minutes % 60
    )
}

/// `14:05:09 UTC`: the time of the day.
pub fn second(milliseconds: i64) -> String {
    let seconds = milliseconds.div_euclid(1_000).rem_euclid(86_400);
    let (hours, minutes) = (seconds / 3_600, seconds / 60 % 60);
    format!("{hours:02}:{minutes:02}:{:02} UTC", seconds % 60)
}

/// `2026-09-01 14:05:09`, in UTC.
pub fn day_and_second(milliseconds: i64) -> String {
    let seconds = milliseconds.rem_euclid(DAY_MS) / 1_000;
    format!(
        "{} {:02}:{:02}:{:02}",
        day(milliseconds),
        seconds / 3_600,
        seconds / 60 % 60,
        seconds % 60
    )
}

/// Year, month and day of a day since 1970-01-01. Years are taken to begin in March, so that the leap
/// day is the last of its year.
fn civil(day: i64) -> (i64, i64, i64) {
    let since_march_of_year_0 = day + 719_468;
    let era = since_march_of_year_0.div_euclid(ERA_DAYS);
    let day_of_era = since_march_of_year_0.rem_euclid(ERA_DAYS);
    let leap_days = day_of_era / 1_460 - day_of_era / 36_524 + day_of_era / (ERA_DAYS - 1);
    let year_of_era = (day_of_era - leap_days) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = (month_from_march + 2) % 12 + 1;
    let year = era * 400 + year_of_era + i64::from(month <= 2);
    (year, month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_those_of_the_calendar() {
        for (seconds, expected) in [
            (0, "1970-01-01"),
            (-1, "1969-12-31"),
            (951_782_400, "2000-02-29"),
            (951_868_800, "2000-03-01"),
            (1_709_164_800, "2024-02-29"),
            (1_788_220_800, "2026-09-01"),
            (4_107_542_399, "2100-02-28"),
            (4_107_542_400, "2100-03-01"),
        ] {
            assert_eq!(day(seconds * 1_000), expected);
        }
        assert_eq!(minute(1_788_271_500_999), "2026-09-01 14:05 UTC");
        assert_eq!(day_and_second(1_788_271_509_999), "2026-09-01 14:05:09");
    }
}
