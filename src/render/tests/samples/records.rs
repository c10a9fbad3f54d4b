//! The lines of records.

use super::plans::every_case;
use super::reports::report;
use super::{Plan, header, raw};
use crate::apply::ApplyStatus;
use crate::plan::ChangeKind;
use crate::render::json::record::{Flags, RecordLines, RecordOrigin};

const TIME: &str = "2026-01-02T03:04:05.678Z";

/// A line for every event, change, outcome and end there is.
pub(in super::super) fn record() -> Vec<String> {
    let lines = RecordLines {
        run: "6f1c2a3e-7f0b-4f5e-9d53-0a1b2c3d4e5f".to_owned(),
    };
    let origin = RecordOrigin {
        user: Some(raw("maria")),
        uid: 1000,
        host: raw("ci-7"),
        sasl_user: Some(raw("topicctl")),
        topicctl: "0.1.0".to_owned(),
        flags: Flags {
            topics: vec![raw("orders")],
            yes: true,
            allow_data_loss: vec![raw("prod.*")],
            max_deletes: 5,
            ..Flags::default()
        },
    };
    let mut all = vec![lines.begun(TIME, &header(), &origin, 3)];
    all.extend(attempts(&lines, &every_case()));
    let (_, report) = report();
    for (topic, changes) in &report.topics {
        let ended =
            |change: &crate::apply::ChangeOutcome| lines.ended(TIME, topic, &change.planned, &change.outcome);
        all.extend(changes.iter().map(ended));
    }
    let ends = [
        ApplyStatus::InSync,
        ApplyStatus::Done,
        ApplyStatus::Accepted,
        ApplyStatus::Skipped,
        ApplyStatus::Blocked,
        ApplyStatus::Interrupted,
        ApplyStatus::Failed,
    ];
    all.extend(ends.map(|status| lines.closed(TIME, status)));
    all.into_iter()
        .map(|line| String::from_utf8(line).unwrap())
        .collect()
}

fn attempts(lines: &RecordLines, plan: &Plan) -> Vec<Vec<u8>> {
    let of_kind = |kind| {
        let topics = plan.topics.iter();
        let changes: Vec<_> = topics
            .flat_map(|(name, topic)| topic.of_kind(kind).map(move |planned| (name, planned)))
            .collect();
        lines.attempting(TIME, kind, &changes)
    };
    ChangeKind::IN_ORDER.map(of_kind).to_vec()
}
