//! `topicctl events tail` over everything, as a whole process: its time and the most memory it had.

use std::io::{BufRead, BufReader};
use std::process::Stdio;
use std::time::Instant;

use anyhow::{Context, Result, ensure};
use wait4::Wait4;

use crate::Project;

pub(crate) fn measure(project: &Project, expected: usize) -> Result<()> {
    say("| tail | events/s | seconds | peak memory |\n|---|---|---|---|");
    for output in ["json", "text"] {
        let began = Instant::now();
        let mut command = project.command(&["events", "tail", "completed", "--output", output]);
        let mut child = command.stdout(Stdio::piped()).spawn()?;
        let shown = child.stdout.take().context("no pipe")?;
        let lines = count(BufReader::with_capacity(1 << 20, shown))?;
        let usage = child.wait4()?;
        let seconds = began.elapsed().as_secs_f64();
        ensure!(usage.status.success() && lines >= expected, "{lines} of {expected} events: {:?}", usage.status);
        report(output, lines, seconds, usage.rusage.maxrss);
    }
    Ok(())
}

fn count(mut shown: impl BufRead) -> Result<usize> {
    let mut lines = 0;
    loop {
        let buffer = shown.fill_buf()?;
        if buffer.is_empty() {
            return Ok(lines);
        }
        lines += buffer.iter().filter(|byte| **byte == b'\n').count();
        let read = buffer.len();
        shown.consume(read);
    }
}

#[expect(clippy::cast_precision_loss, reason = "a report for people")]
fn report(output: &str, lines: usize, seconds: f64, peak: u64) {
    let mebibytes = peak as f64 / 1024.0 / 1024.0;
    say(&format!("| {output}, {lines} events | {:.0} | {seconds:.1} | {mebibytes:.0} MiB |", lines as f64 / seconds));
}

#[expect(clippy::print_stdout, reason = "a report for people")]
fn say(line: &str) {
    println!("{line}");
}
