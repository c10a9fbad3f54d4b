//! Random input to something that has to stand it: so many cases in every run of the tests, and with
//! `TOPICCTL_FUZZ_SECONDS` as many as fit into that time, for each property (`scripts/test --fuzz`).

use std::time::{Duration, Instant};

use proptest::strategy::Strategy;
use proptest::test_runner::{Config, TestCaseError, TestRunner};

const SECONDS: &str = "TOPICCTL_FUZZ_SECONDS";

/// How often a long run looks at the clock.
const CASES_AT_ONCE: u32 = 256;

/// Tries a property on `cases` values, or for as long as the environment says. A panic is a failure
/// like any other; the smallest value that fails is printed.
pub(crate) fn fuzz<S: Strategy>(
    name: &str,
    cases: u32,
    strategy: &S,
    property: impl Fn(S::Value) -> Result<(), TestCaseError>,
) {
    let Some(limit) = limit() else {
        return run(name, cases, strategy, &property);
    };
    let (started, mut tried) = (Instant::now(), 0_u64);
    while started.elapsed() < limit {
        run(name, CASES_AT_ONCE, strategy, &property);
        tried += u64::from(CASES_AT_ONCE);
    }
    told(&format!(
        "fuzzed {name}: {tried} cases in {:?}",
        started.elapsed()
    ));
}

/// On the terminal also where the test harness keeps what passing tests print.
fn told(line: &str) {
    use std::io::Write;
    let _ = writeln!(std::io::stderr(), "{line}");
}

fn limit() -> Option<Duration> {
    let seconds = std::env::var(SECONDS).ok()?;
    match seconds.parse() {
        Ok(seconds) => Some(Duration::from_secs(seconds)),
        Err(error) => panic!("{SECONDS} is a number of seconds; {seconds:?} is not: {error}"),
    }
}

fn run<S: Strategy>(
    name: &str,
    cases: u32,
    strategy: &S,
    property: &impl Fn(S::Value) -> Result<(), TestCaseError>,
) {
    let config = Config {
        failure_persistence: None,
        max_shrink_iters: 4_096,
        ..Config::with_cases(cases)
    };
    if let Err(failure) = TestRunner::new(config).run(strategy, property) {
        panic!("{name}: {failure}");
    }
}
