//! Counting events, whoever writes them.

use std::sync::Arc;

use crate::monitor::outcome::{MOST_CODES, OTHER, Occurrence, Outcomes};

const NOW: i64 = 1_764_187_200_000;

/// The moment that the tests of windows look from.
const LATER: i64 = NOW + 10_000;

fn started() -> Occurrence {
    Occurrence::Started
}

fn failed(code: &str) -> Occurrence {
    Occurrence::Failed(Arc::from(code))
}

#[test]
fn failures_are_held_against_starts_over_the_window() {
    let mut outcomes = Outcomes::default();
    for second in 0..10 {
        outcomes.count(&started(), NOW + second * 1_000, LATER, true);
    }
    outcomes.count(&failed("NO_TEMPLATE"), NOW + 2_000, LATER, true);
    outcomes.count(&failed("TIMEOUT"), NOW + 9_000, LATER, true);
    outcomes.count(&Occurrence::Malformed, NOW + 9_000, LATER, true);
    let lately = outcomes.lately(LATER);
    assert_eq!(lately.failed_share(), Some(0.2));
    assert_eq!((lately.started, lately.failures(), lately.malformed), (10, 2, 1));
    // 300 seconds after the third one, the first three and the first failure are out of it.
    let later = outcomes.lately(NOW + 302_000);
    assert_eq!((later.started, later.failures()), (7, 1));
    assert_eq!(outcomes.lately(NOW + 1_000_000).failed_share(), None);
    assert_eq!(outcomes.total().started, 10);
}

#[test]
fn what_failed_and_began_earlier_is_a_share_all_the_same() {
    let mut outcomes = Outcomes::default();
    outcomes.count(&failed("E"), NOW, NOW, true);
    assert_eq!(outcomes.lately(NOW).failed_share(), Some(1.0));
}

/// A monitor that starts again reads the last minutes once more; counters of it begin with nothing.
#[test]
fn what_was_written_before_counts_for_the_window_only() {
    let mut outcomes = Outcomes::default();
    outcomes.count(&failed("E"), NOW - 10_000, NOW, false);
    outcomes.count(&failed("E"), NOW, NOW, true);
    assert_eq!(outcomes.total().failures(), 1);
    assert_eq!(outcomes.lately(NOW).failures(), 2);
}

#[test]
fn codes_are_bounded_in_number_and_in_length() {
    let mut outcomes = Outcomes::default();
    for number in 0..1_000 {
        outcomes.count(&failed(&format!("request {number} failed")), NOW, NOW, true);
    }
    outcomes.count(&failed("request 3 failed"), NOW, NOW, true);
    let total = outcomes.total();
    assert_eq!(total.failed.len(), MOST_CODES + 1);
    assert_eq!(total.failed["request 3 failed"], 2);
    assert_eq!(total.failed[OTHER], 1_000 - u64::try_from(MOST_CODES).unwrap());
    assert_eq!(total.failures(), 1_001);

    let mut long = Outcomes::default();
    long.count(&failed(&"ü\u{1b}[2J".repeat(1_000)), NOW, NOW, true);
    let code = long.total().failed.keys().next().unwrap();
    assert_eq!(code.chars().count(), 64);
    assert!(!code.contains('\u{1b}'));
}

/// A publisher whose clock is years ahead does not make everybody else's events old.
#[test]
fn a_time_to_come_counts_as_now() {
    let mut outcomes = Outcomes::default();
    outcomes.count(&started(), NOW + 100_000_000_000, NOW, true);
    outcomes.count(&failed("E"), NOW, NOW, true);
    assert_eq!(outcomes.lately(NOW).failed_share(), Some(1.0));
}

/// Months of events, some with a clock of their own, take no more than a window does.
#[test]
fn memory_is_bounded() {
    let mut outcomes = Outcomes::default();
    for second in 0..10_000 {
        let now = NOW + second * 1_000;
        for written_at in [now, now - 10_000, now + 10_000, NOW - second * 60_000] {
            outcomes.count(&started(), written_at, now, true);
        }
    }
    assert_eq!(outcomes.total().started, 40_000);
    assert!(outcomes.kept() <= 301, "{}", outcomes.kept());
}
