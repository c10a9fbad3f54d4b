//! The process that owns a test cluster: `scripts/kafka run`.
//!
//! The pipe to its standard input is the cluster's life line. When the last end of it in this
//! process is gone, because the cluster was dropped, a test panicked, or the whole process was
//! killed, the supervisor reads the end of its input and takes the brokers and their data away.

use std::fs::File;
use std::io::{BufRead, BufReader, Read, Seek, Write};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

/// A running `scripts/kafka run`.
#[derive(Debug)]
pub(super) struct Supervisor {
    process: Child,
    /// `None` only while it is being dropped.
    requests: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
    log: File,
}

impl Supervisor {
    /// Starts a supervisor and waits until its cluster serves.
    ///
    /// Returns it with the cluster's bootstrap address; the error is what the script said.
    pub(super) fn start(arguments: &[String]) -> Result<(Self, String), String> {
        let log = tempfile::tempfile().map_err(|error| error.to_string())?;
        let mut process = Command::new(script())
            .arg("run")
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(log.try_clone().map_err(|error| error.to_string())?)
            // Ctrl-C in a terminal goes to the whole group of the tests. The supervisor must
            // outlive them to clean up, so it has a group of its own.
            .process_group(0)
            .spawn()
            .map_err(|error| format!("{}: {error}", script()))?;
        let (Some(requests), Some(answers)) = (process.stdin.take(), process.stdout.take()) else {
            return Err("the pipes of a new process are missing".to_owned());
        };
        let mut supervisor = Self {
            process,
            requests: Some(requests),
            answers: BufReader::new(answers),
            log,
        };
        let answer = supervisor.answer();
        match answer.strip_prefix("ready ") {
            Some(address) => Ok((supervisor, address.to_owned())),
            None => Err(supervisor.everything_said()),
        }
    }

    /// Asks for something to be done with one broker, and waits until it is.
    pub(super) fn ask(&mut self, verb: &str, broker: u8) -> Result<(), String> {
        let sent = self
            .requests
            .as_mut()
            .map(|pipe| writeln!(pipe, "{verb} {broker}"));
        if matches!(sent, Some(Ok(()))) && self.answer() == "done" {
            Ok(())
        } else {
            Err(self.everything_said())
        }
    }

    /// One line of the supervisor's output; empty once it has ended.
    fn answer(&mut self) -> String {
        let mut line = String::new();
        match self.answers.read_line(&mut line) {
            Ok(_) => line.trim_end().to_owned(),
            Err(error) => format!("unreadable: {error}"),
        }
    }

    fn everything_said(&mut self) -> String {
        let mut text = String::new();
        match self
            .log
            .rewind()
            .and_then(|()| self.log.read_to_string(&mut text))
        {
            Ok(_) => text,
            Err(error) => format!("its messages cannot be read: {error}"),
        }
    }
}

impl Drop for Supervisor {
    /// Waits for the end of the brokers, so that one cluster's end does not slow the next one's
    /// start.
    fn drop(&mut self) {
        drop(self.requests.take());
        // An error would mean that the process is gone already.
        let _ = self.process.wait();
    }
}

/// The script of this repository that runs Kafka.
pub(super) fn script() -> &'static str {
    concat!(env!("CARGO_MANIFEST_DIR"), "/scripts/kafka")
}

/// The arguments by which the script finds the cluster in a folder.
pub(super) fn in_folder(folder: &Path) -> [String; 2] {
    ["--dir".to_owned(), folder.display().to_string()]
}
