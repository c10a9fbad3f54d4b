//! The rights that each command needs, held against Kafka's own authorizer: with exactly these it works,
//! and without any one of them it says which is missing and how it is granted. `docs/permissions.md` is
//! made from what was seen here.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use crate::binary::{Project, Run};
use crate::support::{Brokers, Kafka};

const PASSWORD: &str = "not-a-secret";

/// What a command does in one of the cases that need rights of their own.
struct Case {
    /// A word for the names of its topics and users.
    name: &'static str,
    command: &'static str,
    does: &'static str,
    /// `TOPIC` stands for the topic's name.
    arguments: &'static [&'static str],
    /// What the file asks for, beside the name of the topic.
    declares: &'static str,
    /// Whether the topic is there before, and how.
    before: Option<&'static str>,
    /// With all rights.
    code: i32,
    /// What has to be allowed. `Alter` and `Delete` imply `Describe`, and `AlterConfigs` implies
    /// `DescribeConfigs`: what is implied is not listed.
    rights: &'static [Right],
}

/// An operation, and what it is on.
type Right = (&'static str, On);

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum On {
    Topic,
    Cluster,
}
use On::{Cluster, Topic};

const CASES: [Case; 11] = [
    Case {
        name: "synced",
        command: "diff",
        does: "in sync",
        arguments: &["diff"],
        declares: "partitions: 1",
        before: Some("partitions: 1"),
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
        code: 0,
        rights: &[("Alter", Topic), ("DescribeConfigs", Topic)],
    },
    Case {
        name: "deleted",
        command: "apply",
        does: "deletes a topic",
        arguments: &["apply", "--allow-data-loss", "*", "--yes"],
        declares: "state: absent",
        before: Some("partitions: 1"),
        code: 0,
        rights: &[("Delete", Topic)],
    },
    Case {
        name: "described",
        command: "describe",
        does: "the topics of the file",
        arguments: &["describe"],
        declares: "partitions: 1",
        before: Some("partitions: 1"),
        code: 0,
        rights: &[("Describe", Topic), ("DescribeConfigs", Topic)],
    },
    Case {
        name: "detailed",
        command: "describe TOPIC",
        does: "with offsets and configs",
        arguments: &["describe", "TOPIC"],
        declares: "partitions: 1",
        before: Some("partitions: 1"),
        code: 0,
        rights: &[("Describe", Topic), ("DescribeConfigs", Topic)],
    },
    Case {
        name: "exported",
        command: "export TOPIC",
        does: "writes a manifest",
        arguments: &["export", "TOPIC"],
        declares: "partitions: 1",
        before: Some("partitions: 1"),
        code: 0,
        rights: &[("Describe", Topic), ("DescribeConfigs", Topic)],
    },
];

/// Somebody with all rights of a case but one, or all of them, and a topic that nobody else touches.
struct Variant {
    case: &'static Case,
    without: Option<Right>,
}

impl Variant {
    fn all() -> Vec<Self> {
        let of_case = |case: &'static Case| {
            let without = case.rights.iter().map(|right| Some(*right));
            [None]
                .into_iter()
                .chain(without)
                .map(move |without| Self { case, without })
        };
        CASES.iter().flat_map(of_case).collect()
    }

    fn name(&self) -> String {
        let without = match self.without {
            None => "nothing".to_owned(),
            Some((operation, Topic)) => operation.to_lowercase(),
            Some((operation, Cluster)) => format!("{}-on-cluster", operation.to_lowercase()),
        };
        format!("{}.without-{without}", self.case.name)
    }

    fn rights(&self) -> impl Iterator<Item = Right> {
        let without = self.without;
        self.case
            .rights
            .iter()
            .copied()
            .filter(move |right| Some(*right) != without)
    }

    fn topic(&self) -> String {
        format!("permitted.{}", self.name())
    }

    fn project(&self, address: &str) -> Project {
        let (user, topic, declares) = (self.name(), self.topic(), self.case.declares);
        Project::at(
            address,
            &format!(
                "\
version: 1
profiles:
  dev:
    client:
      security.protocol: SASL_PLAINTEXT
      sasl.mechanism: PLAIN
      sasl.username: {user}
      sasl.password: ${{TEST_PASSWORD}}
topics:
  - name: {topic}
    {declares}
"
            ),
        )
    }

    fn run(&self, address: &str) -> Run {
        let project = self.project(address);
        let topic = self.topic();
        let named = |argument: &&'static str| {
            if *argument == "TOPIC" {
                topic.as_str()
            } else {
                *argument
            }
        };
        let arguments: Vec<&str> = self.case.arguments.iter().map(named).collect();
        let mut command = project.command(&arguments);
        Run::of(command.env("TEST_PASSWORD", PASSWORD))
    }
}

/// A broker that lets nobody do anything without a rule, but for whoever comes by the plain listener.
fn guarded(variants: &[Variant]) -> Kafka {
    let user = |variant: &Variant| format!(" user_{}=\"{PASSWORD}\"", variant.name());
    let users = variants.iter().map(user).collect::<Vec<_>>().concat();
    let login = format!("org.apache.kafka.common.security.plain.PlainLoginModule required{users};");
    let properties = [
        (
            "authorizer.class.name",
            "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
        ),
        ("super.users", "User:ANONYMOUS"),
        ("sasl.enabled.mechanisms", "PLAIN"),
        ("listener.name.clients.plain.sasl.jaas.config", &login),
    ];
    Kafka::with_listeners(Brokers::One, &[("CLIENTS", "SASL_PLAINTEXT")], &properties)
}

/// The topics that have to be there, made by somebody who may do everything.
fn prepare(kafka: &Kafka, variants: &[Variant]) {
    let topic = |variant: &Variant| {
        let before = variant.case.before?;
        Some(format!("  - name: {}\n    {before}\n", variant.topic()))
    };
    let topics: String = variants.iter().filter_map(topic).collect();
    let project = Project::new(kafka, &format!("version: 1\ntopics:\n{topics}"));
    project.run(&["apply"]).expect(0);
    grant(kafka, variants);
}

/// One call of Kafka's tool for each operation: those who have it have it on all topics of this test.
fn grant(kafka: &Kafka, variants: &[Variant]) {
    let mut holders: BTreeMap<Right, BTreeSet<String>> = BTreeMap::new();
    for variant in variants {
        for right in variant.rights() {
            holders
                .entry(right)
                .or_default()
                .insert(format!("User:{}", variant.name()));
        }
    }
    for ((operation, on), users) in holders {
        let mut arguments = vec!["--add", "--force", "--operation", operation];
        match on {
            Topic => arguments.extend(["--resource-pattern-type", "prefixed", "--topic", "permitted."]),
            Cluster => arguments.push("--cluster"),
        }
        for user in &users {
            arguments.extend(["--allow-principal", user]);
        }
        kafka.tool_output("acls", &arguments);
    }
}

/// What a run without a right came to.
fn check_without(variant: &Variant, right: Right, run: &Run) {
    let said = format!("{}{}", run.stdout, run.stderr);
    let topic = variant.topic();
    let (named, granted) = match asked_for(variant, right) {
        (operation, Topic) => (
            format!("needs {operation} on topic {topic}"),
            format!("{operation} --topic {topic}"),
        ),
        (operation, Cluster) => (
            format!("needs {operation} on the cluster"),
            format!("{operation} --cluster"),
        ),
    };
    // A table with a line for each topic has no room for reasons; what is granted below it names them.
    let is_table = variant.case.command == "describe";
    assert!(
        is_table || said.contains(&named),
        "{}: no {named:?} in\n{run}",
        variant.name()
    );
    let grant = format!("--add --allow-principal User:PRINCIPAL --operation {granted}");
    assert!(
        said.contains(&grant),
        "{}: no {grant:?} in\n{run}",
        variant.name()
    );
    assert!(!said.contains(PASSWORD), "the password is shown:\n{run}");
}

/// Who lacks a right lacks what it implies, unless that is allowed as well, and is asked for that first.
fn asked_for(variant: &Variant, (operation, on): Right) -> Right {
    let implied = match operation {
        "Alter" | "Delete" => "Describe",
        "AlterConfigs" => "DescribeConfigs",
        other => other,
    };
    let is_held = variant.rights().any(|right| right == (implied, on));
    (if is_held { operation } else { implied }, on)
}

#[test]
fn every_command_needs_exactly_the_rights_of_the_table() {
    let variants = Variant::all();
    let kafka = guarded(&variants);
    prepare(&kafka, &variants);
    let address = format!("127.0.0.1:{}", kafka.listener_port(0));
    let mut rows = String::from("| command | case | right | without it |\n|---|---|---|---|\n");
    rows.push_str("| `validate` | always | none; it asks no cluster | |\n");
    for variant in &variants {
        let run = settled(variant, &address);
        let Case { command, does, .. } = variant.case;
        match variant.without {
            None => {
                let said = format!("{}{}", run.stdout, run.stderr);
                assert!(
                    !said.contains("Rights were missing"),
                    "{}: something is missing:\n{run}",
                    variant.name()
                );
            }
            Some(right) => {
                check_without(variant, right, &run);
                let without = without(variant.case, &run);
                let right = match right {
                    (operation, Topic) => format!("`{operation}` on the topic"),
                    (operation, Cluster) => format!("`{operation}` on the cluster"),
                };
                writeln!(rows, "| `{command}` | {does} | {right} | {without} |").unwrap();
            }
        }
    }
    assert_documented(&rows);
}

/// Rules reach the broker a moment after they were acknowledged, one after the other: who has all that
/// the case needs is tried until it works, and then the others' are there as well.
fn settled(variant: &Variant, address: &str) -> Run {
    let deadline = std::time::Instant::now() + crate::binary::SHOWN_WITHIN;
    loop {
        let run = variant.run(address);
        let is_settled = variant.without.is_some() || run.code == Some(variant.case.code);
        if is_settled || std::time::Instant::now() >= deadline {
            return if variant.without.is_none() {
                run.expect(variant.case.code)
            } else {
                run
            };
        }
    }
}

/// Whether the command fails, or does the rest.
fn without(case: &Case, run: &Run) -> String {
    match run.code {
        Some(code) if code == case.code => "is said as a note; the exit code stays".to_owned(),
        Some(code) => format!("exit code {code}"),
        None => panic!("a signal ended it:\n{run}"),
    }
}

const BEGIN: &str = "<!-- table -->\n";
const END: &str = "<!-- end of table -->\n";
/// Set to write the page anew.
const UPDATE: &str = "UPDATE_PERMISSIONS";

fn assert_documented(rows: &str) {
    let page: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/permissions.md");
    let text = std::fs::read_to_string(&page).unwrap();
    let (before, rest) = text.split_once(BEGIN).unwrap();
    let (documented, after) = rest.split_once(END).unwrap();
    if std::env::var_os(UPDATE).is_some() {
        std::fs::write(&page, format!("{before}{BEGIN}{rows}{END}{after}")).unwrap();
        return;
    }
    assert_eq!(
        documented, rows,
        "docs/permissions.md is not current; run: {UPDATE}=1 cargo test --test cluster permissions"
    );
}
