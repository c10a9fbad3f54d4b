//! `topicctl validate`: checks the file with no cluster.

use super::file::{paths, selection};
use super::{Exit, Failure, Shell};
use crate::cli::{DiffOutput, ValidateArgs};
use crate::manifest::{self, Checked, Problems};
use crate::render;

pub(super) fn run(arguments: &ValidateArgs, shell: &mut Shell<'_>) -> Result<Exit, Failure> {
    let checked = check(arguments, shell);
    let exit = if checked.is_ok() { Exit::Done } else { Exit::Failed };
    match arguments.output {
        DiffOutput::Text => say(&checked, arguments.no_env, shell)?,
        DiffOutput::Json => render::json::validation(shell.out, checked.as_ref())?,
        DiffOutput::Markdown => render::markdown::validation(shell.out, checked.as_ref())?,
        DiffOutput::Github => {
            let problems = checked
                .as_ref()
                .map_or_else(|problems| problems, |checked| &checked.warnings);
            render::github::problems(shell.out, problems)?;
        }
    }
    Ok(exit)
}

fn check(arguments: &ValidateArgs, shell: &Shell<'_>) -> Result<Checked, Problems> {
    let (paths, selection) = (paths(&arguments.file), selection(&arguments.file));
    if arguments.file.untrusted_file {
        manifest::check_untrusted(&paths, &selection)
    } else if arguments.no_env {
        manifest::check_without_environment(&paths, &selection)
    } else {
        manifest::check(&paths, &selection, shell.environment)
    }
}

/// Problems are messages here as everywhere; the verdict is the result.
fn say(checked: &Result<Checked, Problems>, no_env: bool, shell: &mut Shell<'_>) -> Result<(), Failure> {
    match checked {
        Ok(checked) => {
            if !checked.warnings.problems.is_empty() {
                shell.message(&checked.warnings.to_string());
            }
            shell.text().validated(checked, no_env)?;
        }
        Err(problems) => shell.tell_problems(problems),
    }
    Ok(())
}
