//! Answers that differ between releases of Kafka. What the newest answers stands in the checks; what an
//! older one answers otherwise is recorded from it, in `tests/contract/releases`, one file for a check on a
//! release, and is expected of it just as strictly. A file that says what the newest says too is an error.

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

use super::Cluster;

/// A release by the two numbers that change what brokers answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Release(pub(crate) u16, pub(crate) u16);

impl Release {
    /// The release that all expectations without a release of their own come from.
    pub(crate) const NEWEST: Self = Self(4, 4);
}

impl fmt::Display for Release {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.0, self.1)
    }
}

/// Set to record what an older release answers. Whoever does so reads what was written.
const RECORD: &str = "TOPICCTL_RECORD_RELEASE";

/// Checks what was answered against what the release under test is known to answer. `check` names the
/// recording, and is unique.
pub(crate) fn assert_answers<S: AsRef<str>>(
    on: &impl Cluster,
    check: &str,
    answered: &[String],
    newest: &[S],
) {
    let release = on.release();
    let newest: Vec<&str> = newest.iter().map(AsRef::as_ref).collect();
    let file = file(release, check);
    if release < Release::NEWEST && std::env::var_os(RECORD).is_some() {
        return record(&file, answered, &newest);
    }
    let Ok(recorded) = fs::read_to_string(&file) else {
        assert_eq!(answered, newest, "{check} on Kafka {release}");
        return;
    };
    let recorded: Vec<&str> = recorded.lines().collect();
    assert_ne!(recorded, newest, "{} records no difference", file.display());
    assert_eq!(answered, recorded, "{check} on Kafka {release}");
}

fn file(release: Release, check: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/contract/releases");
    folder.join(release.to_string()).join(format!("{check}.txt"))
}

fn record(file: &Path, answered: &[String], newest: &[&str]) {
    if answered == newest {
        let _ = fs::remove_file(file);
        return;
    }
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    fs::write(file, answered.join("\n") + "\n").unwrap();
}
