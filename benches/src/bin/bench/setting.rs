//! The surroundings of a measurement: which cluster, which programs, which topics are ours.

use std::env;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result, ensure};
use tempfile::TempDir;
use topicctl_benches::bare::{self, Wanted};
use topicctl_benches::loopback;

use crate::arguments::Arguments;

/// Brokers with ten thousand topics to create or to forget were seen to take minutes.
pub(crate) const PATIENCE: Duration = Duration::from_mins(15);

/// The surroundings.
pub(crate) struct Setting {
    /// As it was typed.
    pub(crate) bootstrap: String,
    /// As it was resolved.
    pub(crate) addresses: Vec<SocketAddr>,
    pub(crate) topicctl: PathBuf,
    pub(crate) replication: i16,
    programs: PathBuf,
    folder: TempDir,
    prefix: String,
}

impl Setting {
    pub(crate) fn new(arguments: &Arguments) -> Result<Self> {
        let topicctl = &arguments.topicctl;
        ensure!(
            topicctl.is_file(),
            "there is no topicctl at {}; build it with: cargo build --release",
            topicctl.display()
        );
        let programs = env::current_exe()?;
        let seconds = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs();
        Ok(Self {
            bootstrap: arguments.bootstrap.clone(),
            addresses: loopback::addresses(&arguments.bootstrap)?,
            topicctl: topicctl.clone(),
            replication: arguments.replication,
            programs: programs
                .parent()
                .context("this program is in no folder")?
                .to_owned(),
            folder: tempfile::tempdir()?,
            prefix: format!("bench-{seconds}-{}", process::id()),
        })
    }

    /// Another of the benchmark's programs.
    pub(crate) fn program(&self, name: &str) -> PathBuf {
        self.programs.join(name)
    }

    /// A file that goes away at the end.
    pub(crate) fn file(&self, name: &str) -> PathBuf {
        Path::join(self.folder.path(), name)
    }

    /// What the names of the topics of one measurement begin with; nobody else's do.
    pub(crate) fn prefix(&self, measurement: &str) -> String {
        format!("{}-{measurement}-", self.prefix)
    }

    /// rdkafka can only read the metadata of every topic there is, so topics of others would be in
    /// its figures alone.
    pub(crate) fn refuse_company(&self) -> Result<()> {
        let others = bare::facts(&self.addresses)?.topics;
        ensure!(
            others == 0,
            "the cluster has {others} topics already; the comparison is only fair on one without topics"
        );
        Ok(())
    }

    /// Deletes topics, and waits until no broker shows them.
    pub(crate) fn clear(&self, names: &[String]) -> Result<()> {
        bare::delete(&self.addresses, names)?;
        bare::wait(&self.addresses, names, Wanted::Gone, PATIENCE)?;
        Ok(())
    }
}
