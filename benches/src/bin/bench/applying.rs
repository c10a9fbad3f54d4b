//! One `topicctl apply` of new topics, with the moments that count: the last acknowledgement, the
//! moment in which an independent poll sees everything on every broker, and the end.

use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::thread;
use std::time::Instant;

use anyhow::{Context, Result, anyhow};
use serde::Serialize;
use topicctl_benches::bare::{self, Wanted};
use topicctl_benches::usage::Usage;
use topicctl_benches::workload;

use crate::aims::mebibytes;
use crate::process::{self, Finished, Line};
use crate::sample::milliseconds;
use crate::setting::{PATIENCE, Setting};

/// What topicctl says with `-v` when the controller has acknowledged a batch. Batches that are only
/// validated are acknowledged too, but before the first that is written.
const ACKNOWLEDGED: &str = "CreateTopics answered";

/// What topicctl's last line with `-v` begins with.
const REQUESTS: &str = "requests: ";

/// An apply that created topics.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Applied {
    pub(crate) topics: usize,
    /// From the start of the process.
    pub(crate) acknowledged_ms: f64,
    /// From the start of the process.
    pub(crate) visible_ms: f64,
    /// From the start of the process.
    pub(crate) done_ms: f64,
    pub(crate) cpu_ms: f64,
    pub(crate) peak_bytes: u64,
    pub(crate) requests: BTreeMap<String, u64>,
}

impl fmt::Display for Applied {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "acknowledged after {:.0} ms, seen by the poll after {:.0} ms, done after {:.0} ms with {:.1} MiB",
            self.acknowledged_ms,
            self.visible_ms,
            self.done_ms,
            mebibytes(self.peak_bytes)
        )
    }
}

impl Applied {
    /// How long after everybody could see it topicctl said so.
    pub(crate) fn done_after_visible_ms(&self) -> f64 {
        self.done_ms - self.visible_ms
    }
}

/// Writes the manifest of these topics.
pub(crate) fn declare(setting: &Setting, names: &[String]) -> Result<std::path::PathBuf> {
    let path = setting.file("topics.yaml");
    fs::write(&path, workload::manifest(names, setting.replication))?;
    Ok(path)
}

/// Creates the topics with topicctl.
pub(crate) fn apply(setting: &Setting, names: &[String]) -> Result<Applied> {
    let manifest = declare(setting, names)?;
    let create = || {
        process::topicctl(
            setting,
            "apply",
            manifest.as_os_str(),
            &["-v", "--visible-timeout", "5m"],
        )
    };
    let (finished, visible) = watched(setting, names, create)?;
    let since = |moment: Instant| milliseconds(moment.saturating_duration_since(finished.started));
    let Usage { cpu, peak_bytes, .. } = finished.usage;
    let acknowledged = finished
        .stderr
        .iter()
        .rfind(|line| line.text.contains(ACKNOWLEDGED));
    Ok(Applied {
        topics: names.len(),
        acknowledged_ms: since(
            acknowledged
                .context("topicctl apply -v names no acknowledgement")?
                .at,
        ),
        visible_ms: since(visible),
        done_ms: since(finished.ended),
        cpu_ms: milliseconds(cpu),
        peak_bytes,
        requests: requests(&finished.stderr)?,
    })
}

/// Creates topics in some way, and watches the brokers meanwhile.
pub(crate) fn watched(
    setting: &Setting,
    names: &[String],
    create: impl FnOnce() -> Result<Finished>,
) -> Result<(Finished, Instant)> {
    thread::scope(|scope| {
        let watch = scope.spawn(|| bare::wait(&setting.addresses, names, Wanted::Shown, PATIENCE));
        let finished = create()?;
        let visible = watch
            .join()
            .map_err(|_| anyhow!("the watching thread panicked"))??;
        Ok((finished, visible))
    })
}

/// The requests that topicctl counts with `-v`, by name.
pub(crate) fn requests(stderr: &[Line]) -> Result<BTreeMap<String, u64>> {
    let line = stderr
        .iter()
        .rev()
        .find_map(|line| line.text.strip_prefix(REQUESTS));
    let line = line.context("topicctl -v does not count its requests")?;
    let (_, counts) = line
        .trim_end_matches(')')
        .split_once('(')
        .context("no counts of requests")?;
    counts
        .split(", ")
        .map(|entry| {
            let (name, count) = entry.rsplit_once(' ').context("a request without a count")?;
            Ok((name.to_owned(), count.parse()?))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_are_read_from_what_topicctl_says() {
        let line = |text: &str| Line {
            at: Instant::now(),
            text: text.to_owned(),
        };
        let said = [
            line("DEBUG connecting"),
            line("requests: 5 (ApiVersions 1, DescribeConfigs 4)"),
        ];
        let counts = requests(&said).unwrap();
        assert_eq!(counts.get("DescribeConfigs"), Some(&4));
        assert_eq!(counts.len(), 2);
        assert!(requests(&said[..1]).is_err());
    }
}
