//! `apply --record FILE`: what was done, to be looked up later. Each line is appended in one write, so
//! that two applies may share a file, and as soon as there is something to say, so that the record of a
//! run that is killed is true as far as it goes.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::PathBuf;
use std::time::SystemTime;

use super::connection::ConnectionSides;
use super::output_file::{Appended, Inputs};
use super::{Failure, Shell};
use crate::apply::{ApplyStatus, Journal, Outcome, Report};
use crate::cli::ApplyArgs;
use crate::model::{Printable, TopicName};
use crate::plan::gate::Approved;
use crate::plan::{ChangeKind, PlannedChange};
use crate::render::Header;
use crate::render::json::record::{Flags, RecordLines, RecordOrigin};

/// A file that can be written to, or none where nobody wants a record.
pub(super) struct RecordFile {
    path: PathBuf,
    file: RefCell<Appended>,
    lines: RecordLines,
    /// What was said of each change last.
    said: RefCell<BTreeMap<TopicName, Vec<(PlannedChange, Outcome)>>>,
    /// Why a line could not be written.
    failed: RefCell<Option<String>>,
}

impl RecordFile {
    /// Opens the file that `--record` names, before a cluster is asked.
    pub(super) fn open(arguments: &ApplyArgs, sides: &ConnectionSides) -> Result<Option<Self>, Failure> {
        let Some(path) = &arguments.record else {
            return Ok(None);
        };
        let plan = arguments.plan.as_deref();
        let inputs = Inputs::new(&arguments.file, &arguments.connection, plan, sides);
        let file = Appended::open(path, &inputs).map_err(|error| {
            let path = Printable::path(path);
            Failure::Usage(format!(
                "the record {path} cannot be written, so nothing was changed: {error}"
            ))
        })?;
        Ok(Some(Self {
            path: path.clone(),
            file: RefCell::new(file),
            lines: RecordLines {
                run: uuid::Uuid::new_v4().to_string(),
            },
            said: RefCell::default(),
            failed: RefCell::default(),
        }))
    }

    /// Writes the first line; the last moment at which the run can still end with nothing changed.
    pub(super) fn begin(
        &self,
        header: &Header,
        origin: &RecordOrigin,
        approved: &Approved,
    ) -> Result<(), Failure> {
        let changes = approved.topics().values().map(Vec::len).sum();
        self.append(&self.lines.begun(&now(), header, origin, changes))
            .map_err(|error| {
                let path = Printable::path(&self.path);
                Failure::Usage(format!(
                    "the record {path} cannot be written, so nothing was changed: {error}"
                ))
            })
    }

    /// Writes what was not said yet, and the last line. The error is that of any line of the run.
    pub(super) fn close(&self, report: &Report, status: ApplyStatus) -> Result<(), String> {
        let said = std::mem::take(&mut *self.said.borrow_mut());
        let is_said = |topic: &TopicName, planned: &PlannedChange, outcome: &Outcome| {
            let of_topic = said.get(topic).map_or(&[][..], Vec::as_slice);
            let last = of_topic.iter().rev().find(|(change, _)| change == planned);
            last.is_some_and(|(_, last)| last == outcome)
        };
        for (topic, changes) in &report.topics {
            for change in changes {
                if !is_said(topic, &change.planned, &change.outcome) {
                    self.ended(topic, &change.planned, &change.outcome);
                }
            }
        }
        self.note(self.append(&self.lines.closed(&now(), status)));
        self.note(self.file.borrow().sync());
        match self.failed.take() {
            Some(error) => Err(format!(
                "the record {} is not complete: {error}",
                Printable::path(&self.path)
            )),
            None => Ok(()),
        }
    }

    /// Not synchronised with the disk: that takes long, between a read of the cluster and the write that
    /// rests on it, and a record has to outlive this process and not the machine's power.
    fn append(&self, line: &[u8]) -> io::Result<()> {
        self.file.borrow_mut().file.write_all(line)
    }

    fn note(&self, written: io::Result<()>) {
        if let Err(error) = written {
            self.failed.borrow_mut().get_or_insert_with(|| error.to_string());
        }
    }
}

impl Journal for RecordFile {
    fn attempting(&self, kind: ChangeKind, changes: &[(&TopicName, &PlannedChange)]) -> Result<(), String> {
        self.note(self.append(&self.lines.attempting(&now(), kind, changes)));
        match &*self.failed.borrow() {
            Some(error) => Err(format!(
                "the record {} cannot be written: {error}",
                Printable::path(&self.path)
            )),
            None => Ok(()),
        }
    }

    fn ended(&self, topic: &TopicName, planned: &PlannedChange, outcome: &Outcome) {
        self.note(self.append(&self.lines.ended(&now(), topic, planned, outcome)));
        let mut said = self.said.borrow_mut();
        let of_topic = said.entry(topic.clone()).or_default();
        of_topic.push((planned.clone(), outcome.clone()));
    }
}

fn now() -> String {
    humantime::format_rfc3339_millis(SystemTime::now()).to_string()
}

/// Who runs this, and how. The principal is that of the connection as it was made, whichever file had the last
/// word on it.
pub(super) fn origin(arguments: &ApplyArgs, header: &Header, shell: &Shell<'_>) -> RecordOrigin {
    let texts = |patterns: &[crate::model::Pattern]| patterns.iter().map(ToString::to_string).collect();
    RecordOrigin {
        user: ["USER", "LOGNAME"]
            .iter()
            .find_map(|name| (shell.environment)(name)),
        uid: rustix::process::getuid().as_raw(),
        host: rustix::system::uname().nodename().to_string_lossy().into_owned(),
        sasl_user: header.principal.as_ref().map(ToString::to_string),
        topicctl: env!("CARGO_PKG_VERSION").to_owned(),
        flags: Flags {
            topics: arguments.topics.clone(),
            plan: arguments
                .plan
                .as_ref()
                .map(|path| Printable::path(path).to_string()),
            yes: arguments.yes,
            allow_data_loss: texts(&arguments.allow_data_loss),
            prune: texts(&arguments.prune.prune),
            max_deletes: arguments.max_deletes,
            skip_blocked: arguments.skip_blocked,
        },
    }
}
