//! `topicctl events`: one verb, one file.

mod publish;
mod schema;
mod tail;
mod target;
mod trace;
mod validate;

use super::{Exit, Failure, Shell};
use crate::cli::EventsCommand;

/// Runs one verb to its end.
pub(super) async fn run(command: EventsCommand, shell: &mut Shell<'_>) -> Result<Exit, Failure> {
    match command {
        EventsCommand::Schema { contract } => schema::run(contract, shell),
        EventsCommand::Validate(arguments) => validate::run(&arguments, shell),
        EventsCommand::Publish(arguments) => Box::pin(publish::run(&arguments, shell)).await,
        EventsCommand::Tail(arguments) => Box::pin(tail::run(&arguments, shell)).await,
        EventsCommand::Trace(arguments) => Box::pin(trace::run(&arguments, shell)).await,
    }
}
