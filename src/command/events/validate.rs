//! `topicctl events validate [FILE|-]`: checks events against their contract, with no cluster.

use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::Path;

use super::{Exit, Failure, Shell};
use crate::cli::{EventsValidateArgs, Output};
use crate::events::{self, EventCounts};
use crate::model::{Printable, printable};
use crate::render::{self, EventProblem};

pub(super) fn run(arguments: &EventsValidateArgs, shell: &mut Shell<'_>) -> Result<Exit, Failure> {
    let path = arguments.file.as_deref().filter(|path| *path != Path::new("-"));
    let name = path.map_or_else(|| "stdin".into(), Printable::path);
    let unreadable = |error: io::Error| Failure::Usage(format!("{name} cannot be read: {error}"));
    let mut input = open(path).map_err(unreadable)?;
    let checked = match arguments.output {
        Output::Text => as_text(&name, &mut *input, shell).map_err(unreadable)?,
        Output::Json => {
            let (checked, problems) = collect(&name, &mut *input).map_err(unreadable)?;
            render::json::events_checked(shell.out, &name, checked, &problems)?;
            checked
        }
    };
    if checked.events == 0 {
        return Err(Failure::Usage(format!("there is no event in {name}")));
    }
    if arguments.output == Output::Text {
        shell.text().events_checked(checked)?;
    }
    Ok(if checked.broken == 0 {
        Exit::Done
    } else {
        Exit::Failed
    })
}

fn open(path: Option<&Path>) -> io::Result<Box<dyn BufRead>> {
    Ok(match path {
        Some(path) => Box::new(BufReader::new(File::open(path)?)),
        None => Box::new(io::stdin().lock()),
    })
}

/// Problems are told as they are found: there may be millions of events.
fn as_text(name: &str, input: &mut dyn BufRead, shell: &mut Shell<'_>) -> io::Result<EventCounts> {
    events::check(input, &mut |events::DocumentProblem { spot, flaw }| {
        let flaw = flaw.to_string();
        shell.tell_error(&format!(
            "{name}:{}:{}: {}",
            spot.line,
            spot.column,
            printable(&flaw)
        ));
    })
}

fn collect(name: &str, input: &mut dyn BufRead) -> io::Result<(EventCounts, Vec<EventProblem>)> {
    let mut problems = Vec::new();
    let checked = events::check(input, &mut |problem| {
        problems.push(EventProblem {
            file: name.to_owned(),
            problem,
        });
    })?;
    Ok((checked, problems))
}
