//! Cold processes: each run starts one, waits for its end, and knows what it cost.

use std::ffi::OsStr;
use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Instant;

use anyhow::{Context, Result, anyhow, ensure};
use topicctl_benches::usage::Usage;

use crate::setting::Setting;

/// A process that has ended well.
pub(crate) struct Finished {
    pub(crate) usage: Usage,
    pub(crate) stdout: String,
    pub(crate) stderr: Vec<Line>,
    pub(crate) started: Instant,
    pub(crate) ended: Instant,
}

/// A line with the moment in which it was read here.
pub(crate) struct Line {
    pub(crate) at: Instant,
    pub(crate) text: String,
}

/// What is said in the environment about other clusters and profiles must not reach topicctl.
const FOREIGN_VARIABLES: [&str; 2] = ["KAFKA_BOOTSTRAP_SERVERS", "TOPICCTL_PROFILE"];

/// Runs one of the benchmark's own programs.
pub(crate) fn own(setting: &Setting, name: &str, arguments: &[&str]) -> Result<Finished> {
    let arguments: Vec<&OsStr> = arguments.iter().map(OsStr::new).collect();
    run(setting, setting.program(name).as_os_str(), &arguments)
}

/// Runs topicctl on a manifest.
pub(crate) fn topicctl(setting: &Setting, verb: &str, manifest: &OsStr, more: &[&str]) -> Result<Finished> {
    let mut arguments: Vec<&OsStr> = ["--color", "never", verb, "--bootstrap-server", &setting.bootstrap]
        .map(OsStr::new)
        .to_vec();
    arguments.extend([OsStr::new("--file"), manifest]);
    arguments.extend(more.iter().map(OsStr::new));
    run(setting, setting.topicctl.as_os_str(), &arguments)
}

/// Any exit code but 0 is an error: what was to be measured has not happened.
fn run(setting: &Setting, program: &OsStr, arguments: &[&OsStr]) -> Result<Finished> {
    let report = setting.file("usage");
    let mut command = Command::new(setting.program("measured"));
    command.arg(&report).arg(program).args(arguments);
    for variable in FOREIGN_VARIABLES {
        command.env_remove(variable);
    }
    let started = Instant::now();
    let child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let (stdout, stderr) = drain(child.context("the program `measured` cannot be started")?)?;
    let ended = Instant::now();
    let said = |stderr: &[Line]| {
        stderr
            .iter()
            .map(|line| line.text.clone())
            .collect::<Vec<_>>()
            .join("\n")
    };
    let usage = fs::read_to_string(&report).with_context(|| said(&stderr))?;
    fs::remove_file(&report)?;
    let usage: Usage = usage.parse()?;
    let code = usage.code;
    ensure!(
        code == 0,
        "{} ended with exit code {code}\n{stdout}{}",
        program.display(),
        said(&stderr)
    );
    Ok(Finished {
        usage,
        stdout,
        stderr,
        started,
        ended,
    })
}

/// Reads both outputs to their ends, side by side, and waits for the process.
fn drain(mut child: Child) -> Result<(String, Vec<Line>)> {
    let mut stdout = child.stdout.take().context("no standard output")?;
    let stderr = child.stderr.take().context("no standard error")?;
    let results = thread::spawn(move || {
        let mut text = String::new();
        stdout.read_to_string(&mut text).map(|_| text)
    });
    let mut lines = Vec::new();
    for line in BufReader::new(stderr).lines() {
        let text = line?;
        let at = Instant::now();
        lines.push(Line { at, text });
    }
    let stdout = results
        .join()
        .map_err(|_| anyhow!("a reading thread panicked"))??;
    child.wait()?;
    Ok((stdout, lines))
}
