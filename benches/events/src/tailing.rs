//! `topicctl events tail` over everything, as a whole process: its time and the most memory it had.

use std::fs;
use std::io::{BufRead, BufReader};
use std::process::Stdio;
use std::time::Instant;

use anyhow::{Context, Result, ensure};

use crate::Project;

/// Memory is looked at after so many reads of the pipe.
const LOOK_EVERY: usize = 16;

pub(crate) fn measure(project: &Project, expected: usize) -> Result<()> {
    say("| tail | events/s | seconds | peak memory |\n|---|---|---|---|");
    for output in ["json", "text"] {
        let began = Instant::now();
        let mut command = project.command(&["events", "tail", "completed", "--output", output]);
        let mut child = command.stdout(Stdio::piped()).spawn()?;
        let shown = child.stdout.take().context("no pipe")?;
        let (lines, peak) = follow(BufReader::with_capacity(1 << 20, shown), child.id())?;
        let status = child.wait()?;
        let seconds = began.elapsed().as_secs_f64();
        ensure!(
            status.success() && lines >= expected,
            "{lines} of {expected} events: {status}"
        );
        report(output, lines, seconds, peak);
    }
    Ok(())
}

/// Counts lines, and watches the most memory that the process has had, in KiB.
fn follow(mut shown: impl BufRead, process: u32) -> Result<(usize, u64)> {
    let (mut lines, mut peak, mut reads) = (0, 0, 0);
    loop {
        let buffer = shown.fill_buf()?;
        if buffer.is_empty() {
            return Ok((lines, peak));
        }
        lines += buffer.iter().filter(|byte| **byte == b'\n').count();
        let read = buffer.len();
        shown.consume(read);
        reads += 1;
        if reads % LOOK_EVERY == 0 {
            peak = high_water(process).unwrap_or(0).max(peak);
        }
    }
}

/// What the kernel says of the program itself. What `wait4` says counts its parent's memory as well, which
/// is full of events here.
fn high_water(process: u32) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix(" kB")?.parse().ok()
}

#[expect(clippy::cast_precision_loss, reason = "a report for people")]
fn report(output: &str, lines: usize, seconds: f64, peak: u64) {
    let (rate, mebibytes) = (lines as f64 / seconds, peak as f64 / 1024.0);
    say(&format!(
        "| {output}, {lines} events | {rate:.0} | {seconds:.1} | {mebibytes:.0} MiB |"
    ));
}

#[expect(clippy::print_stdout, reason = "a report for people")]
fn say(line: &str) {
    println!("{line}");
}
