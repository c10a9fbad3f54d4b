//! What became of plans.

use super::plans::{blocked, changes, creation, deletion, growth, set_retention, unreadable};
use super::{name, plan, raw, said, topic};
use crate::apply::{Outcome, Report};
use crate::plan::gate::{Blocked, TooManyDeletes};
use crate::plan::{Drift, Note, Plan};

/// Every outcome there is, topics that were left out, and one that the last plan does not have.
pub(in super::super) fn report() -> (Plan, Report) {
    let mut planned = plan([
        ("prod.created", topic(10, vec![creation()])),
        ("prod.deleted", topic(20, vec![deletion()])),
        ("prod.grown", topic(30, vec![growth(), set_retention()])),
    ]);
    planned.topics.extend(blocked().topics);
    planned.topics.extend(unreadable().topics);
    let mut report = Report::default();
    let mut add = |topic: &str, planned, outcome| report.add(&name(topic), planned, outcome);
    add("prod.created", creation(), Outcome::Done);
    let late = "broker 3 does not show it yet, after 1m";
    add("prod.deleted", deletion(), Outcome::Unknown(said(late).into()));
    let failed = "Number of partitions is invalid (INVALID_PARTITIONS)";
    add("prod.grown", growth(), Outcome::Failed(raw(failed).into()));
    add(
        "prod.grown",
        set_retention(),
        Outcome::NotAttempted(said("interrupted").into()),
    );
    add("prod.vanished", deletion(), Outcome::Done);
    (planned, report)
}

/// A topic that is not as it was when a plan was saved.
pub(in super::super) fn movement() -> Drift {
    Drift {
        topic: name("prod.grown"),
        what: "retention.ms".to_owned(),
        planned: raw("604800000 (the topic's own)"),
        found: raw("3600000 (the topic's own)"),
    }
}

/// A single topic, created.
pub(in super::super) fn created() -> Report {
    let mut report = Report::default();
    report.add(&name("prod.created"), creation(), Outcome::Done);
    let note = Note::CreatedOtherwise {
        stated: "replication 1".to_owned(),
        shown: "3".to_owned(),
    };
    report.notes.insert(name("prod.created"), [note].into());
    report
}

/// A plan that the gate did not let through, and why.
pub(in super::super) fn stopped() -> (Plan, Blocked) {
    let mut planned = changes();
    planned.topics.extend(blocked().topics);
    let names = |topics: &[&str]| topics.iter().copied().map(name).collect();
    let why = Blocked {
        refused: names(&["prod.orders"]),
        needs_data_loss: names(&["prod.deleted", "prod.grown"]),
        needs_yes: names(&["prod.grown"]),
        too_many_deletes: Some(TooManyDeletes {
            topics: names(&["prod.deleted", "prod.forgotten"]),
            allowed: 1,
        }),
    };
    (planned, why)
}
