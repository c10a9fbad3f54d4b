//! Secrets from a command: `exec:COMMAND` in the operator's properties file. Its standard output is the value. A manifest
//! runs nothing: see docs/trust.md.

use std::io::Read;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process_group};
use zeroize::Zeroizing;

use crate::bounded_read::read_stream_bounded;
use crate::model::printable;

/// What a value begins with that a command gives.
const COMMAND: &str = "exec:";

/// A password manager may ask a server; one that waits for somebody to type does not end.
const LONGEST: Duration = Duration::from_secs(30);

/// A secret is a line or a document.
const OUTPUT_MAX: usize = 1 << 20;

/// The command of a value that names one.
pub(super) fn command_in(value: &str) -> Option<&str> {
    let command = value.trim().strip_prefix(COMMAND)?.trim();
    (!command.is_empty()).then_some(command)
}

/// What a command writes to its standard output, run by `sh -c`.
///
/// # Errors
/// Why there is nothing, with the last line of its standard error.
pub(super) fn output_of(command: &str) -> Result<Zeroizing<Vec<u8>>, String> {
    let mut child = Command::new("/bin/sh")
        .args(["-c", command])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .process_group(0)
        .spawn()
        .map_err(|error| format!("it cannot be started ({error})"))?;
    let (sender, ended) = mpsc::channel();
    let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
    let reader = sender.clone();
    thread::spawn(move || reader.send((true, stdout.map(read_all))));
    thread::spawn(move || sender.send((false, stderr.map(read_all))));
    let mut read = [None, None];
    for _ in 0..2 {
        let Ok((is_stdout, bytes)) = ended.recv_timeout(LONGEST) else {
            end(&mut child);
            return Err(format!("it does not end within {} s", LONGEST.as_secs()));
        };
        read[usize::from(!is_stdout)] = bytes;
    }
    let status = child.wait().map_err(|error| format!("it is lost ({error})"))?;
    let [stdout, stderr] = read.map(|bytes| bytes.unwrap_or_else(|| Ok(Zeroizing::default())));
    // One whose output is not read to its end fails for that.
    let stdout = stdout.map_err(|error| error.to_string())?;
    if !status.success() {
        return Err(failed(&status.to_string(), &stderr.unwrap_or_default()));
    }
    Ok(stdout)
}

fn read_all(stream: impl Read) -> std::io::Result<Zeroizing<Vec<u8>>> {
    read_stream_bounded(stream, 0, OUTPUT_MAX).map(Zeroizing::new)
}

/// With everything that it started.
fn end(child: &mut Child) {
    if let Ok(id) = i32::try_from(child.id())
        && let Some(group) = Pid::from_raw(id)
    {
        // It may have ended meanwhile.
        let _ = kill_process_group(group, Signal::KILL);
    }
    let _ = child.wait();
}

fn failed(status: &str, stderr: &[u8]) -> String {
    let text = String::from_utf8_lossy(stderr);
    match text.lines().rfind(|line| !line.trim().is_empty()) {
        Some(line) => format!("{status}: {}", printable(line.trim())),
        None => status.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_output_is_the_value_and_failures_say_why() {
        assert_eq!(**output_of("printf 'a b' | tr a-b c-d").unwrap(), *b"c d");
        let failure = |command: &str| output_of(command).unwrap_err();
        assert_eq!(
            failure("echo hidden; echo sealed >&2; exit 3"),
            "exit status: 3: sealed"
        );
        assert_eq!(failure("exit 3"), "exit status: 3");
        assert!(failure("no-such-command-here").contains("not found"));
        let endless = failure("cat /dev/zero");
        assert_eq!(endless, "it is larger than 1 MiB, which is the limit");
    }

    #[test]
    fn only_a_command_is_one() {
        assert_eq!(command_in(" exec: pass kafka "), Some("pass kafka"));
        assert_eq!(command_in("exec:"), None);
        assert_eq!(command_in("executive"), None);
    }
}
