//! `topicctl validate`: checks the file with no cluster.

use super::{Exit, Failure, Shell, file};
use crate::cli::ValidateArgs;

pub(super) fn run(arguments: &ValidateArgs, shell: &mut Shell<'_>) -> Result<Exit, Failure> {
    let _ = (arguments, file::paths(&arguments.file), shell);
    unimplemented!()
}
