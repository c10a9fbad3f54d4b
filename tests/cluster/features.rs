//! What an older release does not have, and is not tested on it: said in the output of the run, and by `scripts/test` at
//! its end. Nothing is left out in silence.

use std::collections::BTreeSet;
use std::io::Write;
use std::sync::{Mutex, PoisonError};

use crate::contract::{Release, release_under_test};

/// Whether the release under test has a feature. Where it has not, the run says once that it is not tested.
pub(crate) fn has_feature(feature: &'static str, since: Release) -> bool {
    static SAID: Mutex<BTreeSet<&str>> = Mutex::new(BTreeSet::new());
    let release = release_under_test();
    let is_missing = release < since;
    let mut said = SAID.lock().unwrap_or_else(PoisonError::into_inner);
    if is_missing && said.insert(feature) {
        // Written past the harness, which keeps what a test prints that passes.
        let line = format!("\nnot tested on Kafka {release}: {feature}, since {since}\n");
        std::io::stderr().write_all(line.as_bytes()).unwrap();
    }
    !is_missing
}
