//! What a process cost: how `measured` says it and `bench` reads it.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use anyhow::{Context, Error, Result, bail};

/// What one process cost, from its start to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Usage {
    /// From before it was started until its end was seen.
    pub wall: Duration,
    /// On all cores together, in user space and in the kernel.
    pub cpu: Duration,
    /// The most memory that was resident, in bytes.
    pub peak_bytes: u64,
    /// The exit code; `-1` after a signal.
    pub code: i32,
}

impl fmt::Display for Usage {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            wall,
            cpu,
            peak_bytes,
            code,
        } = self;
        write!(
            formatter,
            "{} {} {peak_bytes} {code}",
            wall.as_nanos(),
            cpu.as_nanos()
        )
    }
}

impl FromStr for Usage {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let words: Vec<&str> = text.split_whitespace().collect();
        let [wall, cpu, peak, code] = words[..] else {
            bail!("{text:?} is not what a process cost");
        };
        Ok(Self {
            wall: nanoseconds(wall)?,
            cpu: nanoseconds(cpu)?,
            peak_bytes: peak.parse().context("the peak of memory")?,
            code: code.parse().context("the exit code")?,
        })
    }
}

fn nanoseconds(text: &str) -> Result<Duration> {
    Ok(Duration::from_nanos(
        text.parse().context("a time in nanoseconds")?,
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_what_is_read() {
        let usage = Usage {
            wall: Duration::from_micros(12_345),
            cpu: Duration::from_micros(6_789),
            peak_bytes: 4 << 20,
            code: 2,
        };
        assert_eq!(usage.to_string().parse::<Usage>().unwrap(), usage);
        assert!("1 2 3".parse::<Usage>().is_err());
    }
}
