//! `topicctl events schema NAME`

use super::{Exit, Failure, Shell};
use crate::events::schema::Contract;

pub(super) fn run(contract: Contract, shell: &mut Shell<'_>) -> Result<Exit, Failure> {
    writeln!(shell.out, "{:#}", contract.schema())?;
    Ok(Exit::Done)
}
