//! The verbs, one file each: load the file, observe the cluster, plan, show, act.
//!
//! Commands decide what is read, asked and shown, and with which exit code a run ends. They write
//! through a [`Shell`] and never touch the process themselves.

mod address;
mod apply;
mod clock;
mod completions;
mod connection;
mod describe;
mod diff;
mod events;
mod export;
mod file;
mod monitor;
mod output_file;
mod plan_file;
mod prepare;
mod progress;
mod prompt;
mod record;
mod schema;
mod selection;
mod shell;
mod signals;
mod unmatched;
mod validate;

pub use shell::{Exit, Failure, OutputDevice, ScreenSize, Shell, show_failure};

use crate::cli::{Cli, Command};

/// Runs one verb to its end.
pub async fn run(cli: Cli, shell: &mut Shell<'_>) -> Result<Exit, Failure> {
    // A run's state machine is large; on the heap it is no burden to whoever awaits it.
    match cli.command {
        Command::Apply(arguments) => Box::pin(apply::run(arguments, shell)).await,
        Command::Diff(arguments) => Box::pin(diff::run(&arguments, shell)).await,
        Command::Describe(arguments) => Box::pin(describe::run(&arguments, shell)).await,
        Command::Export(arguments) => Box::pin(export::run(&arguments, shell)).await,
        Command::Validate(arguments) => validate::run(&arguments, shell),
        Command::Events { command } => Box::pin(events::run(command, shell)).await,
        Command::Monitor(arguments) => Box::pin(monitor::run(&arguments, shell)).await,
        Command::Schema => schema::print_schema(shell),
        Command::Completions { shell: which } => completions::run(which, shell),
    }
}
