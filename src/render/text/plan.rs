//! A plan, topic by topic, in the order of the names.

use std::io::{self, Write};

use super::{Text, TextRole, words};
use crate::model::TopicName;
use crate::plan::{Plan, PlannedChange, Refusal, RiskClass, TopicPlan, TopicStatus};
use crate::render::cost;
use crate::render::rows::{self, ChangeRow};

pub(super) fn write(text: &mut Text<'_>, plan: &Plan) -> io::Result<()> {
    let spoken = |topic: &TopicPlan| !topic.is_in_sync() || !topic.notes.is_empty();
    for (name, topic) in plan.topics.iter().filter(|(_, topic)| spoken(topic)) {
        write_topic(text, name, topic)?;
        writeln!(text.out)?;
    }
    write_summary(text, plan)
}

fn write_topic(text: &mut Text<'_>, name: &TopicName, topic: &TopicPlan) -> io::Result<()> {
    let (sign, role, what) = headline(topic);
    let title = text.paint(role, format!("{sign} {name}"));
    let class = topic.class().filter(|class| *class != RiskClass::Safe);
    let risk = class.map_or_else(String::new, |class| format!(" · {}", painted(text, class)));
    writeln!(text.out, "{title}  {what}{risk}")?;
    let width = |row: fn(&ChangeRow) -> &str, rows: &[ChangeRow]| {
        rows.iter().map(|r| row(r).chars().count()).max().unwrap_or(0)
    };
    let rows: Vec<ChangeRow> = topic
        .changes
        .iter()
        .flat_map(|planned| rows::rows_of_change(&planned.change))
        .collect();
    let (label, value) = (width(|row| &row.label, &rows), width(|row| &row.value, &rows));
    for planned in &topic.changes {
        write_change(text, planned, label, value)?;
    }
    write_rest(text, topic)
}

fn write_change(text: &mut Text<'_>, planned: &PlannedChange, label: usize, value: usize) -> io::Result<()> {
    for row in rows::rows_of_change(&planned.change) {
        let origin = text.paint(
            TextRole::Faint,
            row.origin.as_deref().unwrap_or("not set in the file"),
        );
        writeln!(
            text.out,
            "    {:label$}  {:value$}  {origin}",
            row.label, row.value
        )?;
    }
    for reason in planned.risk.reasons() {
        let class = painted(text, reason.class());
        writeln!(text.out, "      {class}: {}", words::reason(reason))?;
        for detail in cost::details(reason) {
            writeln!(text.out, "        {detail}")?;
        }
    }
    Ok(())
}

fn write_rest(text: &mut Text<'_>, topic: &TopicPlan) -> io::Result<()> {
    for refusal in &topic.refusals {
        write_refusal(text, refusal)?;
    }
    if let Some(unreadable) = &topic.unreadable {
        let label = text.paint(TextRole::Danger, "unknown");
        writeln!(
            text.out,
            "    {label}: {} could not be read: {}",
            unreadable.what, unreadable.reason
        )?;
    }
    for note in &topic.notes {
        let label = text.paint(TextRole::Faint, "note");
        writeln!(text.out, "    {label}: {}", words::note(note))?;
    }
    Ok(())
}

fn write_refusal(text: &mut Text<'_>, refusal: &Refusal) -> io::Result<()> {
    let label = text.paint(TextRole::Danger, words::verdict(refusal));
    let place = words::refused_at(refusal).map(|place| text.paint(TextRole::Faint, format!("  {place}")));
    writeln!(
        text.out,
        "    {label}: {}{}",
        words::refused(refusal),
        place.unwrap_or_default()
    )?;
    match words::instead(refusal) {
        Some(instead) => writeln!(text.out, "      instead: {instead}"),
        None => Ok(()),
    }
}

fn headline(topic: &TopicPlan) -> (&'static str, TextRole, &'static str) {
    match TopicStatus::of_topic(topic) {
        TopicStatus::Unreadable => ("?", TextRole::Danger, "not known"),
        TopicStatus::Blocked => ("✗", TextRole::Danger, "blocked"),
        TopicStatus::Create => ("+", TextRole::Good, "to create"),
        TopicStatus::Delete => ("-", TextRole::Danger, "to delete"),
        TopicStatus::Change => ("~", TextRole::Care, "to change"),
        TopicStatus::InSync => ("=", TextRole::Faint, "up to date"),
    }
}

fn painted(text: &Text<'_>, class: RiskClass) -> String {
    let role = match class {
        RiskClass::Safe => TextRole::Good,
        RiskClass::Caution => TextRole::Care,
        RiskClass::Lossy => TextRole::Danger,
    };
    text.paint(role, words::class(class))
}

pub(super) fn write_summary(text: &mut Text<'_>, plan: &Plan) -> io::Result<()> {
    if plan.is_in_sync() {
        let line = format!("Up to date: {}.", words::counted(plan.topics.len(), "topic"));
        let line = text.paint(TextRole::Good, line);
        return writeln!(text.out, "{line}");
    }
    let line = text.paint(TextRole::Strong, words::summary(plan));
    writeln!(text.out, "{line}")?;
    if let Some(total) = plan.total_loss() {
        let line = text.paint(TextRole::Danger, format!("In total {}.", cost::total(total)));
        writeln!(text.out, "{line}")?;
    }
    if let Some(resets) = plan.unlisted_resets() {
        writeln!(text.out, "{}", words::unlisted_resets(resets))?;
    }
    for line in plan.forecast().as_ref().map(cost::forecast).unwrap_or_default() {
        writeln!(text.out, "{line}")?;
    }
    Ok(())
}
