//! A run that is watched while it goes on: what it says is heard line by line, so that a signal comes
//! at a moment that is known.

use std::io::{self, BufRead, BufReader, PipeReader};
use std::process::{Child, Command};

use rustix::process::{Pid, Signal, kill_process};

use crate::binary::Run;

/// A running topicctl. It ends with this value at the latest.
pub(crate) struct Running {
    child: Child,
    said: BufReader<PipeReader>,
    heard: String,
}

impl Running {
    /// Starts a command with its standard output and standard error in one pipe, which keeps the order
    /// in which it wrote to them.
    pub(crate) fn start(mut command: Command) -> Self {
        let (reader, writer) = io::pipe().unwrap_or_else(|error| panic!("no pipe: {error}"));
        let second = writer.try_clone();
        command
            .stdout(second.unwrap_or_else(|error| panic!("no pipe: {error}")))
            .stderr(writer);
        let child = command.spawn();
        Self {
            child: child.unwrap_or_else(|error| panic!("{command:?}: {error}")),
            said: BufReader::new(reader),
            heard: String::new(),
        }
    }

    /// Waits for a line with this text, and forgets everything up to it. Returns the line.
    pub(crate) fn hear(&mut self, text: &str) -> String {
        loop {
            let before = self.heard.len();
            let read = self.said.read_line(&mut self.heard);
            assert!(
                matches!(read, Ok(1..)),
                "it ended ({read:?}) without {text:?}:\n{}",
                self.heard
            );
            if self.heard[before..].contains(text) {
                let line = self.heard.split_off(before);
                self.heard.clear();
                return line;
            }
        }
    }

    pub(crate) fn signal(&self, signal: Signal) {
        send(&self.child, signal);
    }

    /// Waits for the end. Everything that was said after the last line heard is in `stdout`, less the log
    /// of `-v`.
    pub(crate) fn end(mut self) -> Run {
        while matches!(self.said.read_line(&mut self.heard), Ok(1..)) {}
        let status = self.child.wait();
        let lines = self.heard.lines().filter(|line| !line.starts_with("DEBUG "));
        Run {
            code: status.unwrap_or_else(|error| panic!("{error}")).code(),
            stdout: lines.flat_map(|line| [line, "\n"]).collect(),
            stderr: String::new(),
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Both fail only if it has ended, which is what they are for.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Sends a signal to a process that was not waited for yet.
pub(crate) fn send(child: &Child, signal: Signal) {
    kill_process(Pid::from_child(child), signal)
        .unwrap_or_else(|error| panic!("{} cannot be signalled: {error}", child.id()));
}
