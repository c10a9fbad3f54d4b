//! The lines of `apply --record`.

use schemars::JsonSchema;
use serde::Serialize;

use super::change::Action;
use super::refusal::ChangePartJson;
use super::report::OutcomeJson;
use super::risk::RiskJson;
use super::value::Cluster;
use super::{RecordFormat, Version};
use crate::apply::{self, ApplyStatus};
use crate::model::{TopicName, json_text};
use crate::plan::{ChangeKind, PlannedChange};
use crate::render::{Header, words};

/// Who ran an apply, where and how.
#[derive(Debug, Clone, Default)]
pub struct RecordOrigin {
    /// The user of the machine, by name where the environment says it.
    pub user: Option<String>,
    /// The number of that user.
    pub uid: u32,
    /// The machine.
    pub host: String,
    /// The user of the cluster, where a client property names one. Never a password.
    pub sasl_user: Option<String>,
    /// The version of topicctl.
    pub topicctl: String,
    /// What was given on the command line, of what matters here.
    pub flags: Flags,
}

/// What was given on the command line.
#[derive(Debug, Clone, Default, Serialize, JsonSchema)]
#[schemars(rename = "RecordedFlags", deny_unknown_fields)]
pub struct Flags {
    /// Topics that were named; empty where all were meant.
    pub topics: Vec<String>,
    /// The saved plan that was carried out; null where there was none.
    pub plan: Option<String>,
    /// `--yes`
    pub yes: bool,
    /// Patterns of `--allow-data-loss`.
    pub allow_data_loss: Vec<String>,
    /// Patterns of `--prune`.
    pub prune: Vec<String>,
    /// `--max-deletes`
    pub max_deletes: usize,
    /// `--skip-blocked`
    pub skip_blocked: bool,
}

/// One line of a record: something that happened in a run of apply. Written by
/// `topicctl apply --record`. A run begins with `begun`; each batch of writes has `attempting` before it
/// is sent, and each change `ended` when its end is known. If a change has several, the last one holds.
/// `closed` is the last line of a run; a run without it was killed.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Record", title = "topicctl record", deny_unknown_fields)]
pub(super) struct RecordLineJson<'a> {
    /// What kind of document this is.
    format: RecordFormat,
    /// The version of this format. It changes when a field goes or changes its meaning.
    version: Version,
    /// The run: the same for all of its lines, and no other's.
    run: &'a str,
    /// When, in UTC (RFC 3339).
    time: &'a str,
    /// What happened.
    #[serde(flatten)]
    event: RecordEventJson<'a>,
}

/// Something that happened.
#[derive(Serialize, JsonSchema)]
#[serde(tag = "event", rename_all = "snake_case")]
#[schemars(rename = "Event")]
enum RecordEventJson<'a> {
    /// The plan was approved; nothing has been written yet.
    Begun {
        /// The user of the machine; null where the environment does not say.
        user: Option<&'a str>,
        /// The number of that user.
        uid: u32,
        /// The machine.
        host: &'a str,
        /// The user of the cluster, where a client property names one; null otherwise.
        sasl_user: Option<&'a str>,
        /// The version of topicctl.
        topicctl: &'a str,
        /// The cluster and the profile.
        cluster: Cluster<'a>,
        /// What was given on the command line.
        flags: &'a Flags,
        /// How many changes were approved.
        changes: usize,
    },
    /// A batch is about to be written. Without an `ended` for them, its changes may or may not have been
    /// made.
    Attempting {
        /// Which kind of change.
        part: ChangePartJson,
        /// The changes, by topic.
        changes: Vec<RecordedChangeJson<'a>>,
    },
    /// The end of a change is known, or known better than before.
    Ended {
        /// The change, with what was there before.
        change: RecordedChangeJson<'a>,
        /// What became of it.
        outcome: OutcomeJson<'a>,
    },
    /// The run is over.
    Closed {
        /// What it came to.
        status: ApplyStatus,
    },
}

/// A change of a topic. What was there before stands in it: `from` of a config, the topic's id of a
/// deletion.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "RecordedChange", deny_unknown_fields)]
struct RecordedChangeJson<'a> {
    /// The full name on the cluster.
    topic: &'a str,
    /// What is done.
    #[serde(flatten)]
    action: Action<'a>,
    /// The change in a few words.
    message: String,
    /// What could go wrong with it.
    risk: RiskJson<'a>,
}

impl<'a> RecordedChangeJson<'a> {
    fn of_planned(topic: &'a TopicName, planned: &'a PlannedChange) -> Self {
        Self {
            topic: topic.as_str(),
            action: (&planned.change).into(),
            message: words::change(&planned.change),
            risk: (&planned.risk).into(),
        }
    }
}

/// Makes the lines of one run.
#[derive(Debug, Clone)]
pub struct RecordLines {
    /// The run's own id.
    pub run: String,
}

impl RecordLines {
    /// The line with which a run begins.
    pub fn begun(&self, time: &str, header: &Header, origin: &RecordOrigin, changes: usize) -> Vec<u8> {
        let event = RecordEventJson::Begun {
            user: origin.user.as_deref(),
            uid: origin.uid,
            host: &origin.host,
            sasl_user: origin.sasl_user.as_deref(),
            topicctl: &origin.topicctl,
            cluster: header.into(),
            flags: &origin.flags,
            changes,
        };
        self.line(time, event)
    }

    /// The line before a batch of writes.
    pub fn attempting(
        &self,
        time: &str,
        kind: ChangeKind,
        changes: &[(&TopicName, &PlannedChange)],
    ) -> Vec<u8> {
        let changes = changes
            .iter()
            .map(|(topic, planned)| RecordedChangeJson::of_planned(topic, planned));
        let event = RecordEventJson::Attempting {
            part: kind.into(),
            changes: changes.collect(),
        };
        self.line(time, event)
    }

    /// The line of a change whose end is known.
    pub fn ended(
        &self,
        time: &str,
        topic: &TopicName,
        planned: &PlannedChange,
        outcome: &apply::Outcome,
    ) -> Vec<u8> {
        let event = RecordEventJson::Ended {
            change: RecordedChangeJson::of_planned(topic, planned),
            outcome: outcome.into(),
        };
        self.line(time, event)
    }

    /// The line with which a run ends.
    pub fn closed(&self, time: &str, status: ApplyStatus) -> Vec<u8> {
        self.line(time, RecordEventJson::Closed { status })
    }

    /// On one line, with its end, so that it can be written at once.
    fn line(&self, time: &str, event: RecordEventJson<'_>) -> Vec<u8> {
        let line = RecordLineJson {
            format: RecordFormat::Record,
            version: Version::One,
            run: &self.run,
            time,
            event,
        };
        // Text, numbers and lists: there is nothing in it that JSON has no form for.
        let mut bytes = Vec::new();
        let _ = json_text::write_line(&mut bytes, &line);
        bytes.push(b'\n');
        bytes
    }
}
