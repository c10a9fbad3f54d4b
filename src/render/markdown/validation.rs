//! What is wrong with a file, as a comment.

use std::io::{self, Write};

use super::super::words;
use super::escape::{code, sentence};
use crate::manifest::{Checked, Problem, Problems, Severity};
use crate::render::sentence::Sentence;

/// A comment has room for so many problems of ordinary length.
const SHOWN: usize = 100;

/// Writes the verdict on a file, with every problem.
///
/// # Errors
/// Whatever `out` says, a closed pipe included.
pub fn validation(out: &mut dyn Write, checked: Result<&Checked, &Problems>) -> io::Result<()> {
    match checked {
        Ok(checked) => {
            writeln!(out, "✅ **The file is valid.**")?;
            write_list(out, &checked.warnings)
        }
        Err(problems) => {
            let errors = words::counted(problems.count(Severity::Error), "error");
            writeln!(out, "### ❌ The file has {errors}")?;
            write_list(out, problems)
        }
    }
}

fn write_list(out: &mut dyn Write, problems: &Problems) -> io::Result<()> {
    if problems.problems.is_empty() {
        return Ok(());
    }
    writeln!(out)?;
    for problem in problems.problems.iter().take(SHOWN) {
        write_problem(out, problem)?;
    }
    let left = problems.omitted + problems.problems.len().saturating_sub(SHOWN);
    if left > 0 {
        writeln!(out, "- and {}", words::counted(left, "more problem"))?;
    }
    Ok(())
}

fn write_problem(out: &mut dyn Write, problem: &Problem) -> io::Result<()> {
    let mark = match problem.severity {
        Severity::Error => "⛔",
        Severity::Warning => "⚠️",
    };
    let said = sentence(&Sentence::from(problem.message.clone()));
    writeln!(out, "- {mark} {}: {said}", code(&problem.location.to_string()))?;
    for related in &problem.related {
        writeln!(out, "  - {} {}", related.label, code(&related.place.to_string()))?;
    }
    match &problem.suggestion {
        Some(help) => writeln!(out, "  - {}", sentence(&Sentence::from(help.clone()))),
        None => Ok(()),
    }
}
