//! Topic arguments: a full name, a name of the file, an alias, or a glob over any of these.

use std::collections::BTreeSet;

use super::Failure;
use crate::cli::PruneArgs;
use crate::model::{Desired, DesiredTopic, Pattern, RunPurpose, TopicName, UnknownNames, printable};

/// What a run is about: the part of the file that the arguments name, or all of it, together with what
/// is pruned. Never both parts: arguments name topics of the file, and what is pruned is not in it.
///
/// Takes the declared state over: a second copy of ten thousand topics is a sixth of the memory of a run.
pub(super) fn choose(desired: Desired, arguments: &[String], prune: &PruneArgs) -> Result<Desired, Failure> {
    if !prune.prune.is_empty() {
        knows_all_names(&desired.other_names.unknown)?;
    }
    Ok(narrow(desired, arguments)?.pruning(prune.prune.clone()))
}

/// What the run is for. Moves that are to be taken back are somebody's, and Kafka does not tell whose: that is why
/// their topics have to be named.
pub(super) fn purpose(cancels_moves: bool) -> RunPurpose {
    if cancels_moves {
        RunPurpose::CancelMoves
    } else {
        RunPurpose::Converge
    }
}

/// What is not known to be named would be deleted as if it were not.
fn knows_all_names(unknown: &[UnknownNames]) -> Result<(), Failure> {
    if unknown.is_empty() {
        return Ok(());
    }
    let line = |unknown: &UnknownNames| match unknown {
        UnknownNames::UnsetVariable { variable, place } => {
            format!(
                "  {place}: the variable {variable} of another profile is not set; set it, or give it a default"
            )
        }
        UnknownNames::UnreadFile(file) => {
            format!(
                "  {file}: it is in a subfolder and not read; name it, or its folder, with another --file"
            )
        }
    };
    let lines: Vec<String> = unknown.iter().map(line).collect();
    Err(Failure::Usage(format!(
        "--prune deletes no topic that the file names in any profile, and not all names are known:\n{}",
        lines.join("\n")
    )))
}

/// The part of the file that the arguments name; all of it without arguments. An argument that
/// names nothing is an error, so that a typo in a script is not taken for "in sync".
fn narrow(desired: Desired, arguments: &[String]) -> Result<Desired, Failure> {
    if arguments.is_empty() {
        return Ok(desired);
    }
    let mut chosen = BTreeSet::new();
    let mut unknown = Vec::new();
    for argument in arguments {
        let named = matching(&desired, argument);
        if named.is_empty() {
            unknown.push(argument.as_str());
        }
        chosen.extend(named);
    }
    if unknown.is_empty() {
        Ok(desired.only(chosen.into_iter()))
    } else {
        Err(unknown_topics(&desired, &unknown))
    }
}

/// The topics of the file that an argument names.
pub(super) fn matching<'a>(desired: &'a Desired, argument: &str) -> Vec<&'a TopicName> {
    let pattern = Pattern::new(argument);
    let named = desired
        .topics
        .values()
        .filter(|topic| names_of(topic).any(|name| pattern.matches(name)));
    named.map(|topic| &topic.name).collect()
}

fn names_of(topic: &DesiredTopic) -> impl Iterator<Item = &str> {
    let own = [topic.name.as_str(), &topic.declared_name];
    own.into_iter().chain(topic.aliases.iter().map(TopicName::as_str))
}

fn unknown_topics(desired: &Desired, unknown: &[&str]) -> Failure {
    let line = |argument: &&str| {
        let shown = printable(argument);
        match closest(desired, argument) {
            Some(name) => format!("no topic of the file is named {shown}; did you mean {name}?"),
            None => format!("no topic of the file is named {shown}"),
        }
    };
    Failure::Usage(unknown.iter().map(line).collect::<Vec<_>>().join("\n"))
}

fn closest<'a>(desired: &'a Desired, argument: &str) -> Option<&'a str> {
    let names = desired.topics.values().flat_map(names_of);
    let scored = names.map(|name| (strsim::jaro_winkler(name, argument), name));
    let best = scored.max_by(|(a, _), (b, _)| a.total_cmp(b))?;
    (best.0 > 0.85).then_some(best.1)
}
