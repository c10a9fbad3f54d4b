//! Where something stands inside a value.

use super::node::TextSpan;
use super::quote::Parsed;
use crate::model::Place;

/// How many lines of a value are searched for a variable.
const LINES_SEARCHED: u32 = 100;

/// Where something stands that is `offset` characters into a value's text. In text that is folded or has
/// escapes only the start of the value is known.
pub(super) fn place_inside(file: &Parsed<'_>, span: TextSpan, text: &str, offset: usize) -> Place {
    let source = file.text.line_from(span.line, span.column);
    let quote = u32::from(source.starts_with(['"', '\'']));
    let inside = source.trim_start_matches(['"', '\'']);
    if !inside.starts_with(text) {
        return file.text.place(span.line, span.column);
    }
    let offset = u32::try_from(offset).unwrap_or(u32::MAX).saturating_add(quote);
    file.text.place(span.line, span.column.saturating_add(offset))
}

/// Where a variable is read. In a value of several lines it is looked for, since the lines of its text are not
/// those of the file.
pub(super) fn place_of_variable(
    file: &Parsed<'_>,
    span: TextSpan,
    text: &str,
    name: &str,
    offset: usize,
) -> Place {
    if span.line == span.end_line {
        return place_inside(file, span, text, offset);
    }
    let end = span.end_line.min(span.line.saturating_add(LINES_SEARCHED));
    (span.line..=end)
        .find_map(|number| {
            let line = file.text.line_from(number, 1);
            let (start, _) = line
                .match_indices("${")
                .find(|(start, _)| reads_variable(&line[start + 2..], name))?;
            let column = u32::try_from(line[..start].chars().count()).ok()?;
            Some(file.text.place(number, column.saturating_add(1)))
        })
        .unwrap_or_else(|| file.text.place(span.line, span.column))
}

fn reads_variable(reference: &str, name: &str) -> bool {
    reference
        .strip_prefix(name)
        .is_some_and(|rest| rest.starts_with(['}', ':']))
}
