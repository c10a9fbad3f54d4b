//! `topicctl schema`

use super::{Exit, Failure, Shell};
use crate::manifest;

pub(super) fn print_schema(shell: &mut Shell<'_>) -> Result<Exit, Failure> {
    writeln!(shell.out, "{:#}", manifest::schema())?;
    Ok(Exit::Done)
}
