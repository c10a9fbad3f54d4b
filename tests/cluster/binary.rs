//! Runs topicctl as a user would: in a folder with a `topics.yaml`, with nothing of Kafka in the
//! environment, and with everything that came of it kept together.

use std::collections::BTreeMap;
use std::env;
use std::fmt;
use std::fmt::Write as _;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant, SystemTime};

use tempfile::TempDir;

use crate::support::Kafka;

/// Brokers show what the controller did with a delay; on a busy machine of some seconds.
pub(crate) const SHOWN_WITHIN: Duration = Duration::from_secs(30);

/// The requests that change a cluster, or ask whether it could be changed (`validate_only`).
pub(crate) const WRITES: [&str; 6] = [
    "AlterPartitionReassignments",
    "ElectLeaders",
    "CreateTopics",
    "CreatePartitions",
    "DeleteTopics",
    "IncrementalAlterConfigs",
];

/// A folder with a `topics.yaml`, and the address that runs in it are given.
pub(crate) struct Project {
    folder: TempDir,
    bootstrap: String,
}

impl Project {
    pub(crate) fn new(kafka: &Kafka, manifest: &str) -> Self {
        Self::at(kafka.bootstrap(), manifest)
    }

    /// For an address where there may be no Kafka at all.
    pub(crate) fn at(bootstrap: &str, manifest: &str) -> Self {
        // Files in it hold secrets, and nobody else gets to them.
        let private = fs::Permissions::from_mode(0o700);
        let folder = tempfile::Builder::new().permissions(private).tempdir();
        let project = Self {
            folder: folder.unwrap_or_else(|error| panic!("no folder: {error}")),
            bootstrap: bootstrap.to_owned(),
        };
        project.write(manifest);
        project
    }

    /// Replaces the `topics.yaml`.
    pub(crate) fn write(&self, manifest: &str) {
        let path = self.folder.path().join("topics.yaml");
        fs::write(&path, manifest).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    }

    /// Another file in the folder.
    pub(crate) fn put(&self, name: &str, content: impl AsRef<[u8]>) {
        let path = self.folder.path().join(name);
        fs::write(&path, content).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    }

    /// A run that has yet to be started; its standard input is empty.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = topicctl();
        command
            .args(arguments)
            .args(["--bootstrap-server", &self.bootstrap])
            .current_dir(self.folder.path());
        command
    }

    /// A file in the folder of the project.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A run that is given no address.
    pub(crate) fn run_alone(&self, arguments: &[&str]) -> Run {
        let mut command = topicctl();
        Run::of(command.args(arguments).current_dir(self.folder.path()))
    }

    /// As [`Self::run`], for a command that takes no address.
    pub(crate) fn run_offline(&self, arguments: &[&str]) -> Run {
        Run::of(topicctl().args(arguments).current_dir(self.folder.path()))
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Run {
        Run::of(&mut self.command(arguments))
    }

    /// Repeats a run until it ends with `code`: for what somebody else has just changed on the
    /// cluster, which brokers show with a delay.
    pub(crate) fn run_until(&self, code: i32, arguments: &[&str]) -> Run {
        let deadline = Instant::now() + SHOWN_WITHIN;
        loop {
            let run = self.run(arguments);
            if run.code == Some(code) || Instant::now() >= deadline {
                return run.expect(code);
            }
        }
    }
}

/// The binary under test, without what the environment of the tests says about clusters.
pub(crate) fn topicctl() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_topicctl"));
    for (name, _) in env::vars_os() {
        let name = name.to_string_lossy();
        if name.starts_with("KAFKA_") || name.starts_with("TOPICCTL_") {
            command.env_remove(&*name);
        }
    }
    command.stdin(Stdio::null());
    command
}

/// The `topics.yaml` at the root of the repository.
pub(crate) fn repository_manifest() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("topics.yaml")
}

/// What came of a run.
pub(crate) struct Run {
    /// `None` if a signal ended it.
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Run {
    pub(crate) fn of(command: &mut Command) -> Self {
        let output = command
            .output()
            .unwrap_or_else(|error| panic!("{command:?}: {error}"));
        output.into()
    }

    /// Fails, and says everything, unless the run ended with this code.
    pub(crate) fn expect(self, code: i32) -> Self {
        assert!(self.code == Some(code), "expected exit code {code}, got\n{self}");
        self
    }

    /// Everything that the run said, with its exit code. What differs from cluster to cluster, in the
    /// first line of a plan, is replaced.
    pub(crate) fn text(&self) -> String {
        let mut text = format!("exit code {}\n", self.code.map_or(-1, |code| code));
        for (stream, said) in [("stdout", &self.stdout), ("stderr", &self.stderr)] {
            if !said.is_empty() {
                let said = said.lines().map(|line| without_dates(&without_cluster(line)));
                let said: Vec<String> = said.collect();
                let _ = writeln!(text, "--- {stream}\n{}", said.join("\n"));
            }
        }
        text
    }

    /// The requests that the run sent, by their Kafka names. It has to have been started with `-v`.
    pub(crate) fn requests(&self) -> BTreeMap<String, u64> {
        let line = self.stderr.lines().find(|line| line.starts_with("requests: "));
        let listed = line.and_then(|line| line.split_once('(')?.1.strip_suffix(')'));
        let Some(listed) = listed else {
            panic!("no requests in\n{self}");
        };
        let request = |entry: &str| {
            let (name, count) = entry.rsplit_once(' ')?;
            Some((name.to_owned(), count.parse().ok()?))
        };
        listed
            .split(", ")
            .map(|entry| request(entry).unwrap_or_else(|| panic!("{entry:?} in\n{self}")))
            .collect()
    }

    /// Fails if the run sent anything that changes a cluster, or asks whether it could be changed.
    pub(crate) fn expect_no_writes(&self) {
        let requests = self.requests();
        assert!(!requests.is_empty(), "nothing was asked at all:\n{self}");
        let writes: Vec<_> = WRITES
            .iter()
            .filter(|name| requests.contains_key(**name))
            .collect();
        assert!(writes.is_empty(), "{writes:?} were sent:\n{self}");
    }
}

impl From<Output> for Run {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code(),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }
}

impl fmt::Display for Run {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text())
    }
}

/// A line with the days and minutes of the moment taken out.
fn without_dates(line: &str) -> String {
    // What is fixed in a test, such as when a certificate expired, is long ago.
    let is_recent = |word: &str| word[..4].parse().is_ok_and(|year: u64| year + 1 >= this_year());
    let is_day = |word: &str| {
        let word = word.trim_end_matches([',', ';', '.']);
        word.len() == 10
            && word.bytes().enumerate().all(|(index, byte)| match index {
                4 | 7 => byte == b'-',
                _ => byte.is_ascii_digit(),
            })
            && is_recent(word)
    };
    let is_minute =
        |word: &str| word.len() == 5 && word.as_bytes()[2] == b':' && word[..2].parse::<u8>().is_ok();
    let words = line.split(' ').map(|word| match word {
        day if is_day(day) => day.replace(|letter: char| letter.is_ascii_digit(), "9"),
        minute if is_minute(minute) => "99:99".to_owned(),
        other => other.to_owned(),
    });
    let line = words.collect::<Vec<_>>().join(" ");
    // Whether two moments are of the same day depends on the hour.
    line.replace(", 9999-99-99 to 9999-99-99", ", of 9999-99-99")
}

fn this_year() -> u64 {
    const YEAR_SECONDS: u64 = 31_556_952;
    let elapsed = SystemTime::UNIX_EPOCH.elapsed();
    1970 + elapsed.map_or(0, |elapsed| elapsed.as_secs()) / YEAR_SECONDS
}

/// `profile dev · cluster ID · ADDRESS` with the id and the address of the moment taken out.
fn without_cluster(line: &str) -> String {
    if let Some((before, rest)) = line.split_once("--bootstrap-server ")
        && let Some((_, after)) = rest.split_once(' ')
    {
        return format!("{before}--bootstrap-server ADDRESS {after}");
    }
    match line.split_once("cluster ") {
        Some((before, rest)) if rest.contains(" · ") && (before.is_empty() || before.ends_with("· ")) => {
            format!("{before}cluster CLUSTER · ADDRESS")
        }
        _ => line.to_owned(),
    }
}
