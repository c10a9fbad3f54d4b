//! What can be typed. No behaviour: that is in [`crate::command`].

mod events;
mod monitor;

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;

pub use events::{
    EventsCommand, EventsPublishArgs, EventsTailArgs, EventsTraceArgs, EventsValidateArgs, FieldArgs,
    ReadArgs, Since,
};
pub use monitor::MonitorArgs;

use crate::connection::AddressPattern;
use crate::model::quantity;
use crate::model::throttle::LOWEST_RATE;
use crate::model::{Desired, MaxPartitions, PartitionCount, Pattern};
use crate::plan::gate::DEFAULT_MAX_DELETES;

/// Provision Kafka topics from one YAML file.
#[derive(Debug, Parser)]
#[command(
    name = "topicctl",
    version,
    propagate_version = true,
    arg_required_else_help = true
)]
#[command(after_help = "Exit codes: 0 done or up to date, 1 error, 2 (diff) changes are pending, 3 blocked.")]
pub struct Cli {
    /// The verb.
    #[command(subcommand)]
    pub command: Command,
    /// What every verb understands.
    #[command(flatten)]
    pub global: Global,
}

impl Cli {
    /// Whether the result annotates files for GitHub's runner.
    pub fn annotates(&self) -> bool {
        let output = match &self.command {
            Command::Diff(diff) => diff.output,
            Command::Validate(validate) => validate.output,
            Command::Apply(_)
            | Command::Describe(_)
            | Command::Export(_)
            | Command::Events { .. }
            | Command::Monitor(_)
            | Command::Schema
            | Command::Completions { .. } => return false,
        };
        output == DiffOutput::Github
    }
}

/// Flags of every verb; they come last in every help.
#[derive(Debug, Args)]
pub struct Global {
    /// When to use colour (NO_COLOR is honoured)
    #[arg(
        long,
        value_enum,
        default_value_t,
        global = true,
        value_name = "WHEN",
        display_order = 1000
    )]
    pub color: ColorChoice,
    /// Only results and errors: no progress, no hints
    #[arg(long, short, global = true, display_order = 1001)]
    pub quiet: bool,
    /// Say what is asked of the cluster; twice for more
    #[arg(long, short, global = true, action = clap::ArgAction::Count, display_order = 1002)]
    pub verbose: u8,
}

/// When to use colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum ColorChoice {
    /// On a terminal, unless `NO_COLOR` is set.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// The verbs.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Make the cluster match the file
    Apply(ApplyArgs),
    /// Say what apply would do, and by the exit code whether there is anything
    Diff(DiffArgs),
    /// Show what is there, and how it differs from the file
    Describe(DescribeArgs),
    /// Check the file without a cluster
    Validate(ValidateArgs),
    /// Write a topics.yaml from the topics of a cluster
    Export(ExportArgs),
    /// The messages of the topics: their contract, publishing, following
    Events {
        /// The verb.
        #[command(subcommand)]
        command: EventsCommand,
    },
    /// Watch rate, lag, failures and distribution: live, once, or as Prometheus metrics
    Monitor(MonitorArgs),
    /// Print the JSON Schema of topics.yaml, for editors
    Schema,
    /// Print a completion script for a shell
    Completions {
        /// bash, zsh or fish
        #[arg(value_enum)]
        shell: CompletionShell,
    },
}

/// The shells that completions are written for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum CompletionShell {
    /// bash
    Bash,
    /// zsh
    Zsh,
    /// fish
    Fish,
}

impl From<CompletionShell> for Shell {
    fn from(shell: CompletionShell) -> Self {
        match shell {
            CompletionShell::Bash => Self::Bash,
            CompletionShell::Zsh => Self::Zsh,
            CompletionShell::Fish => Self::Fish,
        }
    }
}

/// Which file and which profile.
#[derive(Debug, Clone, Args)]
pub struct FileArgs {
    /// A YAML file or a folder of them; may be given several times [default: topics.yaml]
    #[arg(long, short, value_name = "PATH")]
    pub file: Vec<PathBuf>,
    /// The profile of the file to use [default: dev]
    #[arg(long, short, env = "TOPICCTL_PROFILE", value_name = "NAME")]
    pub profile: Option<String>,
    /// The file is somebody else's: it decides on topics, and neither reads variables and secrets nor says how to
    /// connect. See docs/trust.md
    #[arg(long)]
    pub untrusted_file: bool,
}

impl FileArgs {
    /// The profile, if one is named. A variable that is set to nothing counts as not set, here as elsewhere.
    pub fn named_profile(&self) -> Option<&str> {
        self.profile.as_deref().filter(|name| !name.is_empty())
    }
}

/// Which cluster, and how long to try.
#[derive(Debug, Clone, Args)]
pub struct ConnectionArgs {
    /// host:port, or several with commas; beats --command-config, the file and KAFKA_BOOTSTRAP_SERVERS
    #[arg(long, value_name = "ADDRESSES")]
    pub bootstrap_server: Option<String>,
    /// Client properties as Kafka's own tools read them (client.properties), with bootstrap.servers; they beat the
    /// profile's
    #[arg(long, value_name = "FILE")]
    pub command_config: Option<PathBuf>,
    /// Connect nowhere else: host:port, or a host; * stands for characters between two dots. Holds for the brokers
    /// that the cluster names and for a token endpoint of the file as well
    #[arg(
        long,
        value_name = "PATTERN",
        env = "TOPICCTL_ALLOW_BOOTSTRAP",
        value_delimiter = ','
    )]
    pub allow_bootstrap: Vec<AddressPattern>,
    /// How long to try to reach any broker
    #[arg(long, value_name = "TIME", default_value = "10s", value_parser = wait)]
    pub connect_timeout: Duration,
    /// How long one request may take, with its retries
    #[arg(long, value_name = "TIME", default_value = "30s", value_parser = wait)]
    pub request_timeout: Duration,
}

/// What keeps a slip in a number from the cluster.
#[derive(Debug, Clone, Args)]
pub struct LimitArgs {
    /// Give no topic more partitions than this
    #[arg(long, value_name = "NUMBER", default_value_t = MaxPartitions::DEFAULT,
          value_parser = clap::value_parser!(i64).range(1..=PartitionCount::MAX))]
    pub max_partitions: i64,
    /// Let topics pass whose compliance with the policy cannot be checked
    #[arg(long)]
    pub allow_unchecked_policy: bool,
}

impl LimitArgs {
    /// Tells the plan of them.
    pub fn set(&self, desired: &mut Desired) {
        let max = PartitionCount::new(self.max_partitions).map(MaxPartitions);
        desired.max_partitions = max.unwrap_or_default();
        desired.unjudged_policy_passes = self.allow_unchecked_policy;
    }
}

/// Which topics go because the file does not name them.
#[derive(Debug, Clone, Args)]
pub struct PruneArgs {
    /// Delete topics that match, by full name, and that the file names in no profile; not together with TOPICS.
    /// Internal topics and names that begin with _ only by their exact name
    #[arg(long, value_name = "PATTERN", value_parser = pattern, conflicts_with = "topics")]
    pub prune: Vec<Pattern>,
}

/// `topicctl apply`
#[derive(Debug, Clone, Args)]
#[allow(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
pub struct ApplyArgs {
    /// Only these topics: full names, names of the file, aliases or globs
    pub topics: Vec<String>,
    /// Which file and profile.
    #[command(flatten)]
    pub file: FileArgs,
    /// Which cluster.
    #[command(flatten)]
    pub connection: ConnectionArgs,
    /// Change nothing: the same as diff, exit codes included
    #[arg(long)]
    pub dry_run: bool,
    /// Confirm changes without a question; changes that lose data need --allow-data-loss
    #[arg(long, short)]
    pub yes: bool,
    /// Allow changes that delete data of the topics that match, by full name. Internal topics and names that
    /// begin with _ only by their exact name
    #[arg(long, value_name = "PATTERN", value_parser = pattern)]
    pub allow_data_loss: Vec<Pattern>,
    /// Leave out topics that cannot be done and do the others; the exit code is still 3
    #[arg(long)]
    pub skip_blocked: bool,
    /// Which topics go because the file does not name them.
    #[command(flatten)]
    pub prune: PruneArgs,
    /// Delete at most so many topics; more block the whole run
    #[arg(long, value_name = "NUMBER", default_value_t = DEFAULT_MAX_DELETES)]
    pub max_deletes: usize,
    /// What keeps a slip in a number from the cluster.
    #[command(flatten)]
    pub limits: LimitArgs,
    /// Carry out a plan that `diff --out` saved, exactly it, or nothing if the cluster is not as it was
    #[arg(
        long,
        value_name = "FILE",
        conflicts_with_all = ["topics", "prune", "dry_run", "skip_blocked"]
    )]
    pub plan: Option<PathBuf>,
    /// Carry out the plan only if this is the SHA-256 of its file, as `diff --out` says it
    #[arg(long, value_name = "SHA256", requires = "plan", value_parser = digest)]
    pub plan_digest: Option<String>,
    /// Append what is done to this file, as JSON lines: docs/json.md
    #[arg(long, value_name = "FILE", conflicts_with = "dry_run")]
    pub record: Option<PathBuf>,
    /// Only cancel the moves of replicas that are under way, of the topics that are named
    #[arg(
        long,
        requires = "topics",
        conflicts_with_all = ["prune", "plan", "allow_data_loss", "no_wait", "throttle"]
    )]
    pub cancel_moves: bool,
    /// How replicas are copied.
    #[command(flatten)]
    pub copying: CopyingArgs,
    /// How long to wait, while nothing moves, until every broker shows the changes
    #[arg(long, value_name = "TIME", default_value = "60s", value_parser = wait)]
    pub visible_timeout: Duration,
    /// How to write the result
    #[arg(long, short, value_enum, default_value_t)]
    pub output: Output,
}

/// How an apply goes about copying replicas.
#[derive(Debug, Clone, Args)]
pub struct CopyingArgs {
    /// End as soon as everything is accepted, without waiting until brokers show it or replicas are copied
    #[arg(long)]
    pub no_wait: bool,
    /// Copy replicas at most so fast, per second on each broker: 50MiB
    #[arg(long, value_name = "SIZE", value_parser = throttle)]
    pub throttle: Option<i64>,
}

/// `topicctl diff`
#[derive(Debug, Clone, Args)]
pub struct DiffArgs {
    /// Only these topics: full names, names of the file, aliases or globs
    pub topics: Vec<String>,
    /// Which file and profile.
    #[command(flatten)]
    pub file: FileArgs,
    /// Which cluster.
    #[command(flatten)]
    pub connection: ConnectionArgs,
    /// Which topics go because the file does not name them.
    #[command(flatten)]
    pub prune: PruneArgs,
    /// What keeps a slip in a number from the cluster.
    #[command(flatten)]
    pub limits: LimitArgs,
    /// How fast apply is to copy replicas, for the time that it takes: 50MiB
    #[arg(long, value_name = "SIZE", value_parser = throttle)]
    pub throttle: Option<i64>,
    /// Save the plan in a file, for `apply --plan`
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// Say what `apply --cancel-moves` would do to the topics that are named
    #[arg(long, requires = "topics", conflicts_with_all = ["prune", "throttle", "out"])]
    pub cancel_moves: bool,
    /// How to write the result
    #[arg(long, short, value_enum, default_value_t)]
    pub output: DiffOutput,
}

/// `topicctl describe`
#[derive(Debug, Clone, Args)]
pub struct DescribeArgs {
    /// These topics in detail: full names, names of the file, aliases or globs
    pub topics: Vec<String>,
    /// Which file and profile.
    #[command(flatten)]
    pub file: FileArgs,
    /// Which cluster.
    #[command(flatten)]
    pub connection: ConnectionArgs,
    /// Every topic of the cluster, those that the file does not mention included
    #[arg(long)]
    pub all: bool,
    /// Which of them.
    #[command(flatten)]
    pub filters: FilterArgs,
    /// In which order: by name, or the largest first
    #[arg(long, value_enum, value_name = "BY", default_value_t)]
    pub sort: SortBy,
    /// Read and show it again and again, every two seconds or as often as this says
    #[arg(
        long,
        value_name = "INTERVAL",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "2s",
        value_parser = wait
    )]
    pub watch: Option<Duration>,
    /// How to write the result
    #[arg(long, short, value_enum, default_value_t)]
    pub output: Output,
}

/// Which topics `describe` shows; of several, all have to hold.
#[derive(Debug, Clone, Default, Args)]
#[allow(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
pub struct FilterArgs {
    /// Only topics with a partition that has fewer replicas in sync than assigned
    #[arg(long, help_heading = "Filters (of several, all must hold)")]
    pub under_replicated: bool,
    /// Only topics with a partition that has fewer replicas in sync than min.insync.replicas
    #[arg(long, help_heading = "Filters (of several, all must hold)")]
    pub under_min_isr: bool,
    /// Only topics with a partition that has no leader
    #[arg(long, help_heading = "Filters (of several, all must hold)")]
    pub offline: bool,
    /// Only topics that a group is at least so many records behind in
    #[arg(
        long,
        value_name = "NUMBER",
        help_heading = "Filters (of several, all must hold)"
    )]
    pub lagging: Option<u64>,
    /// Only topics that differ from the file
    #[arg(long, help_heading = "Filters (of several, all must hold)")]
    pub drifted: bool,
    /// Only topics that certainly have no record
    #[arg(long, help_heading = "Filters (of several, all must hold)")]
    pub empty: bool,
}

/// The order of `describe`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum SortBy {
    /// By name.
    #[default]
    Name,
    /// By the number of records.
    Records,
    /// By the bytes of all replicas.
    Bytes,
    /// By the lag of the group that is furthest behind.
    Lag,
    /// By the number of partitions.
    Partitions,
}

/// `topicctl export`
#[derive(Debug, Clone, Args)]
pub struct ExportArgs {
    /// Only these topics: full names or globs, which match no internal topic without --all
    pub topics: Vec<String>,
    /// Which file and profile to take the connection from; not needed with an address. The profile that is
    /// written has the name of --profile.
    #[command(flatten)]
    pub file: FileArgs,
    /// Which cluster.
    #[command(flatten)]
    pub connection: ConnectionArgs,
    /// Kafka's internal topics too
    #[arg(long)]
    pub all: bool,
    /// How to write the result: YAML is what text means here, there is no other
    #[arg(long, short, value_enum, default_value_t)]
    pub output: Output,
}

/// `topicctl validate`
#[derive(Debug, Clone, Args)]
pub struct ValidateArgs {
    /// Which file and profile.
    #[command(flatten)]
    pub file: FileArgs,
    /// Check what does not depend on the environment, and list the variables that are needed
    #[arg(long, conflicts_with = "untrusted_file")]
    pub no_env: bool,
    /// How to write the result
    #[arg(long, short, value_enum, default_value_t)]
    pub output: DiffOutput,
}

/// How a result is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum Output {
    /// For people.
    #[default]
    Text,
    /// For programs; see docs/json.md.
    Json,
}

/// How a plan, or what is wrong with a file, is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum DiffOutput {
    /// For people.
    #[default]
    Text,
    /// For programs; see docs/json.md.
    Json,
    /// For a pull request.
    Markdown,
    /// Annotations for a GitHub workflow.
    Github,
}

impl From<Output> for DiffOutput {
    fn from(output: Output) -> Self {
        match output {
            Output::Text => Self::Text,
            Output::Json => Self::Json,
        }
    }
}

fn pattern(text: &str) -> Result<Pattern, String> {
    if text.is_empty() {
        Err("an empty pattern matches no topic".to_owned())
    } else {
        Ok(Pattern::new(text))
    }
}

fn digest(text: &str) -> Result<String, String> {
    if text.len() == 64 && text.chars().all(|digit| digit.is_ascii_hexdigit()) {
        Ok(text.to_owned())
    } else {
        Err("write the 64 hexadecimal digits of a SHA-256, as sha256sum prints them".to_owned())
    }
}

fn throttle(text: &str) -> Result<i64, String> {
    match quantity::parse_size(text) {
        Ok(bytes) if bytes >= LOWEST_RATE => Ok(bytes),
        Ok(_) | Err(_) => Err("write a size of at least 1KiB, such as 50MiB: so much per second".to_owned()),
    }
}

/// A wait needs its unit: a plain number would be milliseconds to Kafka users and seconds to the rest.
fn wait(text: &str) -> Result<Duration, String> {
    let plain = text.chars().all(|character| character.is_ascii_digit());
    let milliseconds = quantity::parse_duration(text).ok().filter(|_| !plain);
    match milliseconds.and_then(|milliseconds| u64::try_from(milliseconds).ok()) {
        Some(milliseconds) if milliseconds > 0 => Ok(Duration::from_millis(milliseconds)),
        Some(_) | None => Err("write a number with its unit, such as 500ms, 10s or 2m".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn waits_need_a_unit() {
        assert_eq!(wait("2m"), Ok(Duration::from_mins(2)));
        for text in ["10", "0s", "-1", "forever", "soon"] {
            assert!(wait(text).is_err(), "{text}");
        }
    }
}
