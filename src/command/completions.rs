//! `topicctl completions SHELL`

use clap::CommandFactory;

use super::{Exit, Failure, Shell};
use crate::cli::{Cli, CompletionShell};

pub(super) fn run(which: CompletionShell, shell: &mut Shell<'_>) -> Result<Exit, Failure> {
    // Collected first: the generator panics where its writer fails.
    let mut script = Vec::new();
    clap_complete::generate(
        clap_complete::Shell::from(which),
        &mut Cli::command(),
        "topicctl",
        &mut script,
    );
    shell.out.write_all(&script)?;
    Ok(Exit::Done)
}
