//! Runs a program as a cold process and writes what it cost: `measured REPORT PROGRAM ARGUMENT...`.
//!
//! A process of its own, and a small one: what Linux calls the peak memory of a process includes that
//! of the process that started it, at that moment.

use std::env;
use std::fs;
use std::process::{Command, ExitCode};
use std::time::Instant;

use anyhow::{Context, Result};
use topicctl_benches::usage::Usage;
use wait4::Wait4;

fn main() -> Result<ExitCode> {
    let mut words = env::args_os().skip(1);
    let report = words
        .next()
        .context("usage: measured REPORT PROGRAM ARGUMENT...")?;
    let program = words.next().context("no program to run")?;
    let started = Instant::now();
    let child = Command::new(&program)
        .args(words)
        .spawn()
        .with_context(|| format!("{} cannot be started", program.display()))?;
    let ended = child.wait4()?;
    let usage = Usage {
        wall: started.elapsed(),
        cpu: ended.rusage.utime + ended.rusage.stime,
        peak_bytes: ended.rusage.maxrss,
        code: ended.status.code().unwrap_or(-1),
    };
    fs::write(report, usage.to_string())?;
    Ok(ExitCode::SUCCESS)
}
