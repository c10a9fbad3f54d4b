//! What commands do, and the rights that each of it needs.

/// The workflow of the event in [`Setting::Event`].
pub(super) const WORKFLOW: &str = "16c2acae-d574-4530-ae26-ecc50e69a589";

/// What a command does in one of the cases that need rights of their own.
pub(super) struct Case {
    /// A word for the names of its topics and users.
    pub(super) name: &'static str,
    pub(super) command: &'static str,
    pub(super) does: &'static str,
    /// `TOPIC` stands for the topic's name.
    pub(super) arguments: &'static [&'static str],
    /// What the file asks for, beside the name of the topic.
    pub(super) declares: &'static str,
    /// Whether the topic is there before, and how.
    pub(super) before: Option<&'static str>,
    pub(super) setting: Setting,
    /// With all rights.
    pub(super) code: i32,
    /// What has to be allowed. `Alter` and `Delete` imply `Describe`, and `AlterConfigs` implies
    /// `DescribeConfigs`: what is implied is not listed.
    pub(super) rights: &'static [Right],
}

/// An operation, and what it is on.
pub(super) type Right = (&'static str, On);

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum On {
    Topic,
    Cluster,
    /// The group that has read the topics.
    Group,
}
use On::{Cluster, Group, Topic};

/// What is done before the case itself, by somebody who may do everything.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Setting {
    Nothing,
    /// The topic holds old records, which a group has not read.
    Old,
    /// What apply would do is saved.
    Saved,
    /// There is a topic beside it that the file does not name.
    Beside,
    /// The topic holds an event.
    Event,
}

pub(super) const CASES: [Case; 21] = [
    Case {
        name: "synced",
        command: "diff",
        does: "in sync",
        arguments: &["diff"],
        declares: "partitions: 1",
        before: Some("partitions: 1"),
        setting: Setting::Nothing,
        code: 0,
        rights: &[("Describe", Topic), ("DescribeConfigs", Topic)],
    },
    Case {
        name: "drifted",
        command: "diff",
        does: "configs differ",
        arguments: &["diff"],
        declares: "retention: 2d",
        before: Some("retention: 3d"),
        setting: Setting::Nothing,
        code: 2,
        rights: &[("Describe", Topic), ("AlterConfigs", Topic)],
    },
    Case {
        name: "reset",
        command: "diff",
        does: "resets what only the broker's file knows",
        arguments: &["diff"],
        declares: "partitions: 1",
        before: Some("retention: 30d"),
        setting: Setting::Nothing,
        code: 2,
        rights: &[
            ("Describe", Topic),
            ("AlterConfigs", Topic),
            ("DescribeConfigs", Cluster),
        ],
    },
    Case {
        name: "missing",
        command: "diff",
        does: "a topic is missing",
        arguments: &["diff"],
        declares: "partitions: 1",
        before: None,
        setting: Setting::Nothing,
        code: 2,
        rights: &[("Describe", Topic), ("Create", Topic)],
    },
    Case {
        name: "created",
        command: "apply",
        does: "creates a topic",
        arguments: &["apply"],
        declares: "retention: 2d",
        before: None,
        setting: Setting::Nothing,
        code: 0,
        rights: &[("Describe", Topic), ("Create", Topic)],
    },
    Case {
        name: "altered",
        command: "apply",
        does: "sets configs",
        arguments: &["apply", "--yes"],
        declares: "retention: 3d",
        before: Some("retention: 2d"),
        setting: Setting::Nothing,
        code: 0,
        rights: &[("Describe", Topic), ("AlterConfigs", Topic)],
    },
    Case {
        name: "grown",
        command: "apply",
        does: "adds partitions",
        arguments: &["apply", "--yes"],
        declares: "partitions: 2",
        before: Some("partitions: 1"),
        setting: Setting::Nothing,
        code: 0,
        rights: &[
            ("Alter", Topic),
            ("DescribeConfigs", Topic),
            ("Describe", Cluster),
            ("Describe", Group),
        ],
    },
    Case {
        name: "deleted",
        command: "apply",
        does: "deletes a topic",
        arguments: &["apply", "--allow-data-loss", "*", "--yes"],
        declares: "state: absent",
        before: Some("partitions: 1"),
        setting: Setting::Nothing,
        code: 0,
        rights: &[("Delete", Topic), ("Describe", Cluster), ("Describe", Group)],
    },
    Case {
        name: "described",
        command: "describe",
        does: "the topics of the file",
        arguments: &["describe"],
        declares: "partitions: 1",
        before: Some("partitions: 1"),
        setting: Setting::Nothing,
        code: 0,
        rights: &[("Describe", Topic), ("DescribeConfigs", Topic)],
    },
    Case {
        name: "detailed",
        command: "describe TOPIC",
        does: "with offsets, sizes, groups and configs",
        arguments: &["describe", "TOPIC"],
        declares: "partitions: 1",
        before: Some("partitions: 1"),
        setting: Setting::Nothing,
        code: 0,
        rights: &[
            ("Describe", Topic),
            ("DescribeConfigs", Topic),
            ("Describe", Cluster),
        ],
    },
    Case {
        name: "foreign",
        command: "describe TOPIC",
        does: "that the file does not name",
        arguments: &["describe", "TOPIC.beside"],
        declares: "partitions: 1",
        before: Some("partitions: 1"),
        setting: Setting::Beside,
        code: 0,
        rights: &[
            ("Describe", Topic),
            ("DescribeConfigs", Topic),
            ("Describe", Cluster),
        ],
    },
    Case {
        name: "exported",
        command: "export TOPIC",
        does: "writes a manifest",
        arguments: &["export", "TOPIC"],
        declares: "partitions: 1",
        before: Some("partitions: 1"),
        setting: Setting::Nothing,
        code: 0,
        rights: &[("Describe", Topic), ("DescribeConfigs", Topic)],
    },
    Case {
        name: "all",
        command: "describe --all",
        does: "every topic of the cluster",
        arguments: &["describe", "--all"],
        declares: "partitions: 1",
        before: Some("partitions: 1"),
        setting: Setting::Nothing,
        code: 0,
        rights: &[("Describe", Topic), ("DescribeConfigs", Topic)],
    },
    Case {
        name: "shorter",
        command: "diff",
        does: "weighs a shorter retention",
        arguments: &["diff"],
        declares: "retention: 1h",
        before: Some("retention: 30d"),
        setting: Setting::Old,
        code: 2,
        rights: &[
            ("Describe", Topic),
            ("AlterConfigs", Topic),
            ("Describe", Cluster),
            ("Describe", Group),
        ],
    },
    Case {
        name: "smaller",
        command: "diff",
        does: "weighs a smaller max.message.bytes",
        arguments: &["diff"],
        declares: "config: {max.message.bytes: 2000}",
        before: Some("config: {max.message.bytes: 3000}"),
        setting: Setting::Old,
        code: 2,
        rights: &[("AlterConfigs", Topic), ("Read", Topic)],
    },
    Case {
        name: "pruned",
        command: "apply --prune",
        does: "deletes a topic that the file does not name",
        arguments: &[
            "apply",
            "--prune",
            "TOPIC.beside",
            "--allow-data-loss",
            "*",
            "--yes",
        ],
        declares: "partitions: 1",
        before: Some("partitions: 1"),
        setting: Setting::Beside,
        code: 0,
        rights: &[
            ("DescribeConfigs", Topic),
            ("Delete", Topic),
            ("Describe", Cluster),
            ("Describe", Group),
        ],
    },
    Case {
        name: "saved",
        command: "diff --out",
        does: "configs differ",
        arguments: &["diff", "--out", "saved.json"],
        declares: "retention: 2d",
        before: Some("retention: 3d"),
        setting: Setting::Nothing,
        code: 2,
        rights: &[("Describe", Topic), ("AlterConfigs", Topic)],
    },
    Case {
        name: "planned",
        command: "apply --plan",
        does: "sets configs",
        arguments: &["apply", "--plan", "plan.json", "--yes"],
        declares: "retention: 3d",
        before: Some("retention: 2d"),
        setting: Setting::Saved,
        code: 0,
        rights: &[("Describe", Topic), ("AlterConfigs", Topic)],
    },
    Case {
        name: "published",
        command: "events publish",
        does: "one event",
        arguments: &[
            "events",
            "publish",
            "failed",
            "--topic",
            "TOPIC",
            "--error-code",
            "E",
            "--error-message",
            "m",
        ],
        declares: "partitions: 1",
        before: Some("partitions: 1"),
        setting: Setting::Nothing,
        code: 0,
        rights: &[("Write", Topic)],
    },
    Case {
        name: "tailed",
        command: "events tail",
        does: "what is there",
        arguments: &["events", "tail", "failed", "--topic", "TOPIC"],
        declares: "partitions: 1",
        before: Some("partitions: 1"),
        setting: Setting::Event,
        code: 0,
        rights: &[("Read", Topic)],
    },
    Case {
        name: "traced",
        command: "events trace",
        does: "one workflow",
        arguments: &["events", "trace", WORKFLOW, "--topic", "TOPIC"],
        declares: "partitions: 1",
        before: Some("partitions: 1"),
        setting: Setting::Event,
        code: 0,
        rights: &[("Read", Topic)],
    },
];
