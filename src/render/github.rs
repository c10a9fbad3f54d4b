//! Annotations of files for GitHub's runner: one line for each thing that somebody has to look at, with the place in
//! the file. Of all commands only `error`, `warning` and `notice` are written.

use std::fmt;
use std::io::{self, Write};

use super::cost;
use super::words;
use crate::manifest::{Problem, Problems, Severity};
use crate::model::{Place, TopicName};
use crate::plan::{Plan, RiskClass, TopicPlan};

/// What stands in the way is an error, what deletes or breaks a warning, everything else a notice.
#[derive(Clone, Copy)]
enum Level {
    Error,
    Warning,
    Notice,
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Notice => "notice",
        })
    }
}

/// Writes what is wrong with the files.
///
/// # Errors
/// Whatever `out` says, a closed pipe included.
pub fn problems(out: &mut dyn Write, problems: &Problems) -> io::Result<()> {
    for problem in &problems.problems {
        let level = match problem.severity {
            Severity::Error => Level::Error,
            Severity::Warning => Level::Warning,
        };
        let file = problem.location.file();
        let place = problem.location.place().map(|place| (place.line, place.column));
        annotate(out, level, Some((file, place)), "topicctl", &message(problem))?;
    }
    match problems.omitted {
        0 => Ok(()),
        omitted => annotate(
            out,
            Level::Error,
            None,
            "topicctl",
            &format!("and {omitted} more"),
        ),
    }
}

fn message(problem: &Problem) -> String {
    let related = problem.related.iter();
    let related = related.map(|related| format!("{} {}", related.label, related.place));
    let lines = std::iter::once(problem.message.clone()).chain(related);
    let lines: Vec<String> = lines.chain(problem.suggestion.clone()).collect();
    lines.join("\n")
}

/// Writes what a plan refuses, would lose or changes, and a summary.
///
/// # Errors
/// Whatever `out` says, a closed pipe included.
pub fn plan(out: &mut dyn Write, plan: &Plan) -> io::Result<()> {
    for (name, topic) in &plan.topics {
        annotate_topic(out, name, topic)?;
    }
    annotate(out, Level::Notice, None, "topicctl diff", &words::summary(plan))
}

fn annotate_topic(out: &mut dyn Write, name: &TopicName, topic: &TopicPlan) -> io::Result<()> {
    let declared = topic.place.as_ref();
    for refusal in &topic.refusals {
        let instead = words::instead(refusal).map(|help| format!("\ninstead: {help}"));
        let text = format!("{}{}", words::refused(refusal), instead.unwrap_or_default());
        let at = refusal.declared_at().or(declared);
        annotate(
            out,
            Level::Error,
            at.map(in_file),
            &title(name, words::verdict(refusal)),
            &text,
        )?;
    }
    if let Some(unreadable) = &topic.unreadable {
        let text = format!("{} could not be read: {}", unreadable.what, unreadable.reason);
        annotate(
            out,
            Level::Error,
            declared.map(in_file),
            &title(name, "not known"),
            &text,
        )?;
    }
    for planned in &topic.changes {
        let class = planned.risk.class();
        let level = match class {
            RiskClass::Lossy | RiskClass::Caution => Level::Warning,
            RiskClass::Safe => Level::Notice,
        };
        let reasons = planned.risk.reasons().flat_map(|reason| {
            let first = format!("\n{}: {}", words::class(reason.class()), words::reason(reason));
            let details = cost::details(reason)
                .into_iter()
                .map(|detail| format!("\n{detail}"));
            std::iter::once(first).chain(details)
        });
        let text = format!(
            "{}{}",
            words::change(&planned.change),
            reasons.collect::<String>()
        );
        let at = planned.change.declared_at().or(declared);
        annotate(
            out,
            level,
            at.map(in_file),
            &title(name, words::class(class)),
            &text,
        )?;
    }
    Ok(())
}

fn title(name: &TopicName, what: &str) -> String {
    format!("{name}: {what}")
}

type InFile<'a> = (&'a str, Option<(u32, u32)>);

fn in_file(place: &Place) -> InFile<'_> {
    (&place.file, Some((place.line, place.column)))
}

fn annotate(
    out: &mut dyn Write,
    level: Level,
    place: Option<InFile<'_>>,
    title: &str,
    message: &str,
) -> io::Result<()> {
    let mut properties = Vec::new();
    if let Some((file, position)) = place {
        properties.push(format!("file={}", property(file)));
        if let Some((line, column)) = position {
            properties.push(format!("line={line},col={column}"));
        }
    }
    properties.push(format!("title={}", property(title)));
    writeln!(out, "::{level} {}::{}", properties.join(","), data(message))
}

/// As the runner reads a command's message back.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// As the runner reads a command's property back.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_separates_the_parts_of_a_command_is_escaped() {
        let mut out = Vec::new();
        let at = Some(("a,b:c.yaml", Some((3, 5))));
        annotate(&mut out, Level::Error, at, "50% of\nx", "one: 100%\n::error::two").unwrap();
        assert_eq!(
            String::from_utf8(out).unwrap(),
            "::error file=a%2Cb%3Ac.yaml,line=3,col=5,title=50%25 of%0Ax::one: 100%25%0A::error::two\n"
        );
    }
}
