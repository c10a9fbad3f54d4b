//! What can be typed.

use std::path::PathBuf;

use clap::Parser;

/// Measure topicctl on a running Kafka, and report it as ratios.
///
/// Creates topics under a prefix of its own and deletes them again. Only talks to loopback addresses.
#[derive(Debug, Parser)]
#[command(version)]
pub(crate) struct Arguments {
    /// The brokers: host:port, or several with commas
    #[arg(long, value_name = "ADDRESSES")]
    pub(crate) bootstrap: String,
    /// The topicctl to measure
    #[arg(long, value_name = "PATH", default_value = concat!(env!("CARGO_MANIFEST_DIR"), "/../target/release/topicctl"), hide_default_value = true)]
    pub(crate) topicctl: PathBuf,
    /// How many topics to read, one measurement each
    #[arg(
        long,
        value_name = "COUNTS",
        value_delimiter = ',',
        default_value = "3,100,1000,10000"
    )]
    pub(crate) topics: Vec<usize>,
    /// How often each program reads, in turns
    #[arg(long, value_name = "COUNT", default_value_t = 15, value_parser = clap::value_parser!(u16).range(1..))]
    pub(crate) rounds: u16,
    /// How many topics to create in each round of creating
    #[arg(long, value_name = "COUNT", default_value_t = 1000)]
    pub(crate) create: usize,
    /// How often topicctl and the bare client create, in turns
    #[arg(long, value_name = "COUNT", default_value_t = 7, value_parser = clap::value_parser!(u16).range(1..))]
    pub(crate) create_rounds: u16,
    /// Replicas of each topic
    #[arg(long, value_name = "COUNT", default_value_t = 1)]
    pub(crate) replication: i16,
    /// Leave out the rounds of creating
    #[arg(long)]
    pub(crate) skip_create: bool,
    /// Leave out reading
    #[arg(long)]
    pub(crate) skip_read: bool,
    /// Which Kafka it is, for the report; a broker does not say
    #[arg(long, value_name = "VERSION")]
    pub(crate) kafka_version: Option<String>,
    /// Where to write every single round
    #[arg(long, value_name = "PATH")]
    pub(crate) json: Option<PathBuf>,
}
