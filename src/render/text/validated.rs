//! The verdict on a file without errors.

use std::io::{self, Write};

use super::{Text, TextRole, words};
use crate::manifest::{Checked, Severity, Variable};
use crate::model::printable;

pub(super) fn write(text: &mut Text<'_>, checked: &Checked, no_env: bool) -> io::Result<()> {
    let profile = checked
        .profile
        .as_ref()
        .map(|profile| format!(", profile {}", printable(profile)))
        .unwrap_or_default();
    let warnings = match checked.warnings.count(Severity::Warning) {
        0 => String::new(),
        number => format!(", {}", words::counted(number, "warning")),
    };
    let line = format!(
        "Valid: {}{profile}{warnings}.",
        words::counted(checked.topics, "topic")
    );
    let line = text.paint(TextRole::Good, line);
    writeln!(text.out, "{line}")?;
    if no_env {
        write_variables(text, &checked.variables)
    } else {
        Ok(())
    }
}

fn write_variables(text: &mut Text<'_>, variables: &[Variable]) -> io::Result<()> {
    if variables.is_empty() {
        return writeln!(text.out, "No variables are read.");
    }
    writeln!(text.out, "Variables, not looked up:")?;
    for variable in variables {
        let needed = if variable.required {
            "needed"
        } else {
            "has a default"
        };
        let place = variable
            .places
            .first()
            .map(|place| format!("  {}:{}", place.file, place.line))
            .unwrap_or_default();
        let place = text.paint(TextRole::Faint, place);
        writeln!(text.out, "  {}  {needed}{place}", variable.name)?;
    }
    Ok(())
}
