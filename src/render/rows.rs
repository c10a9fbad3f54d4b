//! A change as rows: what, from which value to which, and where it is declared.

use super::words;
use crate::model::{Origin, printable};
use crate::plan::{Change, Creation, Deletion, DeletionCause};

/// One thing about a topic that changes.
pub(super) struct ChangeRow {
    /// What: `retention.ms`.
    pub(super) label: String,
    /// `old → new`, or the value that a new topic starts with.
    pub(super) value: String,
    /// Where it is declared, if it is.
    pub(super) origin: Option<String>,
}

impl ChangeRow {
    fn declared(label: &str, value: String, origin: &Origin) -> Self {
        Self {
            label: label.to_owned(),
            value,
            origin: Some(origin.to_string()),
        }
    }

    fn undeclared(label: &str, value: String) -> Self {
        Self {
            label: label.to_owned(),
            value,
            origin: None,
        }
    }
}

/// The rows of a change; one, except for a creation.
pub(super) fn rows_of_change(change: &Change) -> Vec<ChangeRow> {
    match change {
        Change::Create(creation) => of_creation(creation),
        Change::Delete(deletion) => vec![of_deletion(deletion)],
        Change::GrowPartitions(growth) => {
            let value = words::growth(growth);
            vec![ChangeRow::declared("partitions", value, &growth.to.origin)]
        }
        Change::Reassign(change) => {
            let value = words::replication(change);
            vec![ChangeRow::declared("replication", value, &change.to.origin)]
        }
        Change::CancelMoves(change) => vec![ChangeRow {
            label: "moves".to_owned(),
            value: words::cancelled(change),
            origin: Some("--cancel-moves".to_owned()),
        }],
        Change::SetConfig(set) => {
            vec![ChangeRow::declared(
                set.key.as_str(),
                words::set(set),
                &set.to.origin,
            )]
        }
        Change::ResetConfig(reset) => vec![ChangeRow::undeclared(reset.key.as_str(), words::reset(reset))],
    }
}

fn of_creation(creation: &Creation) -> Vec<ChangeRow> {
    let count = |label, declared: Option<(String, &Origin)>| match declared {
        Some((value, origin)) => ChangeRow::declared(label, value, origin),
        None => ChangeRow::undeclared(label, "cluster default".to_owned()),
    };
    let partitions = creation.partitions.as_ref();
    let replication = creation.replication.as_ref();
    let counts = [
        count(
            "partitions",
            partitions.map(|to| (to.value.to_string(), &to.origin)),
        ),
        count(
            "replication",
            replication.map(|to| (to.value.to_string(), &to.origin)),
        ),
    ];
    let configs = creation
        .configs
        .iter()
        .map(|(key, to)| ChangeRow::declared(key.as_str(), words::shown(key, to.value.raw()), &to.origin));
    counts.into_iter().chain(configs).collect()
}

fn of_deletion(deletion: &Deletion) -> ChangeRow {
    let partitions = words::counted(deletion.partitions, "partition");
    let origin = match &deletion.cause {
        DeletionCause::StatedAbsent(place) => format!("{}:{} (state: absent)", place.file, place.line),
        DeletionCause::Pruned(pattern) => {
            format!("not in the file (--prune {})", printable(pattern.as_str()))
        }
    };
    ChangeRow {
        label: "state".to_owned(),
        value: format!("present, {partitions} → absent"),
        origin: Some(origin),
    }
}
