//! One topic of a plan as an item of a list.

use super::escape::{code, sentence};
use crate::model::TopicName;
use crate::plan::{PlannedChange, Reason, Refusal, RiskClass, TopicPlan};
use crate::render::sentence::foreign;
use crate::render::{cost, rows, words};

/// The topic with its changes, refusals and notes. Ends with an end of line.
pub(super) fn item(name: &TopicName, topic: &TopicPlan) -> String {
    let place = match &topic.place {
        Some(place) => code(&format!("{}:{}", place.file, place.line)),
        None => "not in the file".to_owned(),
    };
    let mut lines = vec![format!("- **{}** · {place}", code(name.as_str()))];
    lines.extend(topic.refusals.iter().flat_map(refusal));
    if let Some(unreadable) = &topic.unreadable {
        let what = format!(
            "{} could not be read: {}",
            unreadable.what,
            foreign(&unreadable.reason.words)
        );
        lines.push(format!("  - ❓ **not known**: {}", sentence(&what.into())));
    }
    lines.extend(topic.changes.iter().flat_map(change));
    let notes = topic.notes.iter().map(words::note);
    lines.extend(notes.map(|note| format!("  - ℹ️ {}", sentence(&note))));
    lines.push(String::new());
    lines.join("\n")
}

fn refusal(refusal: &Refusal) -> Vec<String> {
    let place = words::refused_at(refusal).map(|place| format!(" · {}", code(&place)));
    let refused = format!(
        "  - ⛔ **{}**: {}{}",
        words::verdict(refusal),
        sentence(&words::refused(refusal)),
        place.unwrap_or_default()
    );
    let instead = words::instead(refusal);
    let instead = instead.map(|instead| format!("    - instead: {}", sentence(&instead.into())));
    std::iter::once(refused).chain(instead).collect()
}

fn change(planned: &PlannedChange) -> Vec<String> {
    let row = |row: rows::ChangeRow| {
        let origin = row
            .origin
            .map_or_else(|| "not set in the file".to_owned(), |origin| code(&origin));
        format!("  - {}: {} · {origin}", code(&row.label), code(&row.value))
    };
    let rows = rows::rows_of_change(&planned.change).into_iter().map(row);
    rows.chain(planned.risk.reasons().flat_map(reason)).collect()
}

fn reason(reason: &Reason) -> Vec<String> {
    let why = sentence(&words::reason(reason));
    let first = match reason.class() {
        RiskClass::Safe => format!("    - {why}"),
        RiskClass::Caution => format!("    - ⚠️ **caution**: {why}"),
        RiskClass::Lossy => format!("    - 🛑 **LOSSY**: {why}"),
    };
    let details = cost::details(reason).into_iter();
    let details = details.map(|detail| format!("      - {}", sentence(&detail)));
    std::iter::once(first).chain(details).collect()
}
