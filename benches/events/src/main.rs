//! Measures events on a Kafka that is running, on this machine only: how fast they are published, against
//! rdkafka with the same messages, and how fast and in how much memory `events tail` reads a million.

mod publishing;
mod tailing;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use clap::Parser;
use topicctl::model::TopicName;

/// Publishes and reads on topics of its own, which it deletes at the end.
#[derive(Parser)]
pub(crate) struct Arguments {
    /// host:port of a Kafka on a loopback address
    #[arg(long)]
    pub(crate) bootstrap: String,
    /// The program whose tail is measured [default: the one next to this]
    #[arg(long)]
    pub(crate) topicctl: Option<PathBuf>,
    /// How many events are published in each round
    #[arg(long, default_value_t = 100_000)]
    pub(crate) publish: usize,
    /// How many events are read
    #[arg(long, default_value_t = 1_000_000)]
    pub(crate) tail: usize,
    /// How often each side publishes
    #[arg(long, default_value_t = 5)]
    pub(crate) rounds: usize,
}

const PROFILE: &str = "\
version: 1
defaults: { partitions: 3, replication: 1, retention: 1d }
topics:
  - { name: events-bench.started.v1, event: TestGenerationStarted }
  - { name: events-bench.completed.v1, event: TestGenerationCompleted }
  - { name: events-bench.failed.v1, event: TestGenerationFailed }
";

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let address: std::net::SocketAddr = arguments
        .bootstrap
        .parse()
        .context("--bootstrap is one ip:port")?;
    ensure!(address.ip().is_loopback(), "{address} is on another machine");
    let project = Project::new(&arguments)?;
    project.run(&["apply"])?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let measured = runtime.block_on(publishing::measure(&arguments)).and_then(|()| {
        runtime.block_on(publishing::fill(&arguments))?;
        tailing::measure(&project, arguments.tail)
    });
    std::fs::write(
        project.folder.path().join("topics.yaml"),
        PROFILE.replace(".v1,", ".v1, state: absent,"),
    )?;
    project.run(&["apply", "--yes", "--allow-data-loss", "events-bench.*"])?;
    measured
}

/// The topic that all measurements publish to.
pub(crate) fn topic() -> Result<TopicName> {
    Ok(TopicName::new("events-bench.completed.v1")?)
}

/// Long enough for a machine with other things to do.
pub(crate) const DEADLINE: Duration = Duration::from_secs(120);

/// A folder with a manifest.
pub(crate) struct Project {
    folder: tempfile::TempDir,
    topicctl: PathBuf,
    bootstrap: String,
}

impl Project {
    fn new(arguments: &Arguments) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        std::fs::write(folder.path().join("topics.yaml"), PROFILE)?;
        let own = std::env::current_exe()?;
        let beside = own.parent().unwrap_or(Path::new(".")).join("topicctl");
        Ok(Self {
            folder,
            topicctl: arguments.topicctl.clone().unwrap_or(beside),
            bootstrap: arguments.bootstrap.clone(),
        })
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.topicctl);
        command
            .current_dir(self.folder.path())
            .args(arguments)
            .args(["--bootstrap-server", &self.bootstrap]);
        command
    }

    fn run(&self, arguments: &[&str]) -> Result<()> {
        let output = self.command(arguments).output()?;
        let said = [output.stdout, output.stderr].concat();
        let said = String::from_utf8_lossy(&said);
        ensure!(output.status.success(), "topicctl {arguments:?}: {said}");
        Ok(())
    }
}
