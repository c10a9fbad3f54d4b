//! What became of an apply. Every line names its topic, so that a line can be found, and means
//! something, when the output of a setup script is all there is.

use std::collections::BTreeSet;
use std::io::{self, Write};

use super::{Text, TextRole, words};
use crate::apply::{ChangeOutcome, Outcome, Report};
use crate::model::{TopicName, printable};
use crate::plan::{Change, Drift, Plan, TopicPlan};

pub(super) fn write(text: &mut Text<'_>, plan: &Plan, report: &Report) -> io::Result<()> {
    for (name, changes) in &report.topics {
        write_topic(text, name, changes)?;
        for note in report.notes.get(name).into_iter().flatten() {
            writeln!(text.out, "ℹ️ Topic {name}: {}", words::note(note))?;
        }
    }
    let left = plan
        .topics
        .iter()
        .filter(|(name, _)| !report.topics.contains_key(*name));
    for (name, topic) in left {
        write_left_out(text, name, topic)?;
    }
    write_counts(text, plan, report)
}

fn write_topic(text: &mut Text<'_>, name: &TopicName, changes: &[ChangeOutcome]) -> io::Result<()> {
    let done: Vec<&ChangeOutcome> = changes
        .iter()
        .filter(|change| change.outcome == Outcome::Done)
        .collect();
    if !done.is_empty() {
        writeln!(text.out, "✅ Topic {name} {}", done_words(&done))?;
    }
    for change in changes {
        let what = match &change.planned.change {
            Change::Create(_) => String::new(),
            Change::Delete(_)
            | Change::GrowPartitions(_)
            | Change::Reassign(_)
            | Change::CancelMoves(_)
            | Change::SetConfig(_)
            | Change::ResetConfig(_) => {
                format!(" ({})", words::change(&change.planned.change))
            }
        };
        match &change.outcome {
            Outcome::Done => {}
            Outcome::Failed(why) => writeln!(text.out, "❌ Topic {name}: {why}{what}")?,
            Outcome::Unknown(why) => writeln!(text.out, "❓ Topic {name}: {why}{what}")?,
            Outcome::NotAttempted(why) => writeln!(text.out, "⏸ Topic {name}: not attempted: {why}{what}")?,
        }
    }
    Ok(())
}

fn done_words(done: &[&ChangeOutcome]) -> String {
    let first = done.first().map(|change| &change.planned.change);
    match first {
        Some(Change::Create(_)) => "created".to_owned(),
        Some(Change::Delete(_)) => "deleted".to_owned(),
        Some(
            Change::GrowPartitions(_)
            | Change::Reassign(_)
            | Change::CancelMoves(_)
            | Change::SetConfig(_)
            | Change::ResetConfig(_),
        )
        | None => {
            let changes: Vec<String> = done
                .iter()
                .map(|change| words::change(&change.planned.change))
                .collect();
            format!("changed: {}", changes.join(", "))
        }
    }
}

/// Topics that the gate left out, or that could not be read.
fn write_left_out(text: &mut Text<'_>, name: &TopicName, topic: &TopicPlan) -> io::Result<()> {
    for refusal in &topic.refusals {
        writeln!(text.out, "⛔ Topic {name}: left out: {}", words::refused(refusal))?;
    }
    if let Some(unreadable) = &topic.unreadable {
        writeln!(
            text.out,
            "❓ Topic {name}: {} could not be read: {}",
            unreadable.what, unreadable.reason
        )?;
    }
    Ok(())
}

fn write_counts(text: &mut Text<'_>, plan: &Plan, report: &Report) -> io::Result<()> {
    let topics = |wanted: fn(&Outcome) -> bool| {
        let has = |changes: &&Vec<ChangeOutcome>| changes.iter().any(|change| wanted(&change.outcome));
        report.topics.values().filter(has).count()
    };
    let done = report
        .topics
        .values()
        .filter(|changes| changes.iter().all(|c| c.outcome == Outcome::Done))
        .count();
    let left_out = |(name, topic): &(&TopicName, &TopicPlan)| {
        !report.topics.contains_key(*name) && !topic.refusals.is_empty()
    };
    let untouched =
        |(name, topic): &(&TopicName, &TopicPlan)| !report.topics.contains_key(*name) && topic.is_in_sync();
    let parts = [
        (done, "done"),
        (topics(|outcome| matches!(outcome, Outcome::Failed(_))), "failed"),
        (
            topics(|outcome| matches!(outcome, Outcome::Unknown(_))),
            "not known",
        ),
        (
            topics(|outcome| matches!(outcome, Outcome::NotAttempted(_))),
            "not attempted",
        ),
        (plan.topics.iter().filter(left_out).count(), "left out"),
        (
            plan.topics
                .values()
                .filter(|topic| topic.unreadable.is_some())
                .count(),
            "not readable",
        ),
        (plan.topics.iter().filter(untouched).count(), "up to date"),
    ];
    let line = text.paint(TextRole::Strong, format!("{}.", words::counts(&parts)));
    writeln!(text.out, "{line}")
}

pub(super) fn write_blocked(text: &mut Text<'_>, blocked: &crate::plan::gate::Blocked) -> io::Result<()> {
    let line = text.paint(TextRole::Danger, "Nothing was changed.");
    writeln!(text.out, "{line}")?;
    if !blocked.refused.is_empty() {
        let what = words::are_counted(blocked.refused.len(), "topic");
        writeln!(
            text.out,
            "  {what} blocked (see above). Correct the file, or pass --skip-blocked to apply the rest."
        )?;
    }
    if !blocked.needs_data_loss.is_empty() {
        let what = words::counted(blocked.needs_data_loss.len(), "topic");
        writeln!(text.out, "  {what} would lose data. If that is wanted, pass:")?;
        write_flags(text, "--allow-data-loss", &blocked.needs_data_loss)?;
        if blocked
            .needs_data_loss
            .iter()
            .any(|name| name.needs_exact_name(false))
        {
            writeln!(text.out, "  No pattern covers a name that begins with _.")?;
        }
    }
    if !blocked.needs_yes.is_empty() {
        let needs = if blocked.needs_yes.len() == 1 {
            "needs"
        } else {
            "need"
        };
        let what = words::counted(blocked.needs_yes.len(), "topic");
        writeln!(
            text.out,
            "  {what} {needs} confirmation. This is not a terminal: pass --yes."
        )?;
    }
    if let Some(deletes) = &blocked.too_many_deletes {
        let what = words::counted(deletes.topics.len(), "topic");
        writeln!(
            text.out,
            "  {what} would be deleted, and one run deletes at most {}. If that is wanted, pass: --max-deletes {}",
            words::grouped(deletes.allowed),
            deletes.topics.len()
        )?;
    }
    Ok(())
}

pub(super) fn write_moved(text: &mut Text<'_>, moved: &[Drift]) -> io::Result<()> {
    let line = "Nothing was changed: the cluster changed since the plan was made.";
    let line = text.paint(TextRole::Danger, line);
    writeln!(text.out, "{line}")?;
    for movement in moved {
        writeln!(
            text.out,
            "  topic {}: {} was {}, is {}",
            movement.topic,
            printable(&movement.what),
            printable(&movement.planned),
            printable(&movement.found)
        )?;
    }
    writeln!(text.out, "Make a new plan with `topicctl diff --out FILE`.")
}

/// So many flags are written out; a longer list is better given as a pattern.
const FLAGS_SHOWN: usize = 5;

fn write_flags(text: &mut Text<'_>, flag: &str, topics: &BTreeSet<TopicName>) -> io::Result<()> {
    for name in topics.iter().take(FLAGS_SHOWN) {
        writeln!(text.out, "    {flag} {name}")?;
    }
    match topics.len().checked_sub(FLAGS_SHOWN) {
        Some(more) if more > 0 => writeln!(
            text.out,
            "    … and {more} more (a pattern such as '{flag} PREFIX*' covers several)"
        ),
        Some(_) | None => Ok(()),
    }
}
