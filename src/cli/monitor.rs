//! `topicctl monitor`.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use super::{ConnectionArgs, FileArgs, Output, pattern, wait};
use crate::model::Pattern;

/// Where `--listen` listens if only a port is given: nobody else reaches it.
const LOOPBACK: &str = "127.0.0.1";

/// `topicctl monitor`
#[derive(Debug, Clone, Args)]
pub struct MonitorArgs {
    /// Only these topics: full names, names of the file, aliases or globs
    pub topics: Vec<String>,
    /// Which file and profile.
    #[command(flatten)]
    pub file: FileArgs,
    /// Which cluster.
    #[command(flatten)]
    pub connection: ConnectionArgs,
    /// Only groups whose names match; repeatable
    #[arg(long, value_name = "PATTERN", value_parser = pattern)]
    pub groups: Vec<Pattern>,
    /// Look twice, an interval apart, show what was seen, and end
    #[arg(long)]
    pub once: bool,
    /// How long to wait between two looks; with --listen, how old a look may be that a scrape is answered with
    #[arg(long, value_name = "TIME", default_value = "5s", value_parser = wait)]
    pub interval: Duration,
    /// Serve metrics for Prometheus at /metrics of this address; a port alone listens on 127.0.0.1
    #[arg(
        long,
        value_name = "ADDRESS",
        value_parser = listen,
        conflicts_with_all = ["once", "output"]
    )]
    pub listen: Option<String>,
    /// With --listen: answer only who sends the token in this file, as `Authorization: Bearer TOKEN`
    #[arg(long, value_name = "FILE", requires = "listen")]
    pub listen_token_file: Option<PathBuf>,
    /// How to write what is seen; json writes a line for each look
    #[arg(long, short, value_enum, default_value_t)]
    pub output: Output,
}

/// `9308`, `127.0.0.1:9308`, `[::]:9308`, `localhost:9308`
fn listen(text: &str) -> Result<String, String> {
    if text.parse::<u16>().is_ok() {
        return Ok(format!("{LOOPBACK}:{text}"));
    }
    let parts = text.rsplit_once(':');
    match parts {
        Some((host, port)) if !host.is_empty() && port.parse::<u16>().is_ok() => Ok(text.to_owned()),
        Some(_) | None => Err(
            "write a port, such as 9308, or an address with one, such as 0.0.0.0:9308 to be reached from elsewhere"
                .to_owned(),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_alone_listens_on_loopback() {
        assert_eq!(listen("9308"), Ok("127.0.0.1:9308".to_owned()));
        assert_eq!(listen("[::1]:9308"), Ok("[::1]:9308".to_owned()));
        for text in [":9308", "localhost", "", "70000", "localhost:"] {
            assert!(listen(text).is_err(), "{text}");
        }
    }
}
