//! The rights that each command needs, held against Kafka's own authorizer: with exactly these it works,
//! and without any one of them it says which is missing and how it is granted. `docs/permissions.md` is
//! made from what was seen here.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use crate::binary::{Project, Run, topicctl};
use crate::contract::wire::Records;
use crate::records::{DAY, append, now};
use crate::support::{Brokers, Kafka};

mod cases;

use cases::On::{Cluster, Group, Topic};
use cases::{CASES, Case, RequiredAcl, Setting, WORKFLOW};

const PASSWORD: &str = "not-a-secret";

/// Somebody with all rights of a case but one, or all of them, and a topic that nobody else touches.
struct Variant {
    case: &'static Case,
    without: Option<RequiredAcl>,
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
            Some((operation, Group)) => format!("{}-on-group", operation.to_lowercase()),
        };
        format!("{}.without-{without}", self.case.name)
    }

    /// Whoever lacks a right has what it implies all the same: it is this one that is missed.
    fn rights(&self) -> impl Iterator<Item = RequiredAcl> {
        let without = self.without;
        let kept = self.case.rights.iter().copied();
        let kept = kept.filter(move |right| Some(*right) != without);
        let implied = without.and_then(|(operation, on)| Some((implied(operation)?, on)));
        kept.chain(implied)
    }

    fn topic(&self) -> String {
        format!("{}{}", self.prefix(), self.name())
    }

    /// Where everything that may be seen is shown, only the own topic may be.
    fn prefix(&self) -> String {
        if self.case.arguments.contains(&"--all") {
            format!("{}.", self.name())
        } else {
            "permitted.".to_owned()
        }
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

    /// Saves the plan that the case carries out, by the listener `plain` that lets everybody do everything.
    fn save(&self, project: &Project, plain: &str) {
        if self.case.setting != Setting::Saved {
            return;
        }
        project.put("everything.properties", "security.protocol=PLAINTEXT\n");
        let saving = [
            "diff",
            "--out",
            "plan.json",
            "--command-config",
            "everything.properties",
        ];
        let mut command = topicctl();
        command.args(saving).args(["--bootstrap-server", plain]);
        command
            .current_dir(project.path("."))
            .env("TEST_PASSWORD", PASSWORD);
        let saved = Run::of(&mut command);
        assert!(matches!(saved.code, Some(0 | 2)), "{saved}");
    }

    fn run(&self, address: &str, plain: &str) -> Run {
        let project = self.project(address);
        let topic = self.topic();
        self.save(&project, plain);
        let named = |argument: &&'static str| argument.replace("TOPIC", &topic);
        let arguments: Vec<String> = self.case.arguments.iter().map(named).collect();
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
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
    // Replicas have to have somewhere to go.
    Kafka::with_listeners(Brokers::Three, &[("CLIENTS", "SASL_PLAINTEXT")], &properties)
}

/// The topics that have to be there, made by somebody who may do everything.
fn prepare(kafka: &Kafka, variants: &[Variant]) {
    let topic = |variant: &Variant| {
        let (topic, before) = (variant.topic(), variant.case.before?);
        let beside = match variant.case.setting {
            Setting::Beside => format!("  - name: {topic}.beside\n    {before}\n"),
            Setting::Nothing | Setting::Old | Setting::Saved | Setting::Event => String::new(),
        };
        Some(format!("  - name: {topic}\n    {before}\n{beside}"))
    };
    let topics: String = variants.iter().filter_map(topic).collect();
    let project = Project::new(kafka, &format!("version: 1\ntopics:\n{topics}"));
    project.run(&["apply"]).expect(0);
    fill(kafka, &project, variants);
    grant(kafka, variants);
}

const GROUP: &str = "permitted-group";

fn fill(kafka: &Kafka, project: &Project, variants: &[Variant]) {
    let with = |setting| {
        variants
            .iter()
            .filter(move |variant| variant.case.setting == setting)
    };
    let old: Vec<String> = with(Setting::Old).map(Variant::topic).collect();
    for topic in &old {
        append(kafka, topic, 0, &Records::new(10, now() - DAY));
    }
    let mut reading = vec!["--group", GROUP, "--reset-offsets", "--to-earliest", "--execute"];
    reading.extend(old.iter().flat_map(|topic| ["--topic", topic.as_str()]));
    kafka.tool_output("consumer-groups", &reading);
    for topic in with(Setting::Event).map(Variant::topic) {
        let event = [
            "--correlation-id",
            WORKFLOW,
            "--error-code",
            "E",
            "--error-message",
            "m",
        ];
        let publish = ["events", "publish", "failed", "--topic", &topic];
        project.run(&[&publish[..], &event].concat()).expect(0);
    }
}

/// One call of Kafka's tool for each operation: those who have it have it on all topics of this test, or on
/// their own.
fn grant(kafka: &Kafka, variants: &[Variant]) {
    let mut holders: BTreeMap<(RequiredAcl, String), BTreeSet<String>> = BTreeMap::new();
    for variant in variants {
        for right in variant.rights() {
            let user = format!("User:{}", variant.name());
            holders.entry((right, variant.prefix())).or_default().insert(user);
        }
    }
    for (((operation, on), prefix), users) in holders {
        let mut arguments = vec!["--add", "--force", "--operation", operation];
        match on {
            Topic => arguments.extend(["--resource-pattern-type", "prefixed", "--topic", &prefix]),
            Group => arguments.extend(["--group", GROUP]),
            Cluster => arguments.push("--cluster"),
        }
        for user in &users {
            arguments.extend(["--allow-principal", user]);
        }
        kafka.tool_output("acls", &arguments);
    }
}

/// What a run without a right came to.
fn check_without(variant: &Variant, right: RequiredAcl, run: &Run) {
    let said = format!("{}{}", run.stdout, run.stderr);
    let topic = variant.topic();
    let (named, granted) = match right {
        (operation, Topic) => (
            format!("needs {operation} on topic {topic}"),
            format!("{operation} --topic {topic}"),
        ),
        (operation, Cluster) => (
            format!("needs {operation} on the cluster"),
            format!("{operation} --cluster"),
        ),
        (operation, Group) => (
            format!("needs {operation} on group {GROUP}"),
            format!("{operation} --group {GROUP}"),
        ),
    };
    assert!(
        said.contains(&named),
        "{}: no {named:?} in\n{run}",
        variant.name()
    );
    let grant = format!(
        "--add --allow-principal User:{} --operation {granted}",
        variant.name()
    );
    assert!(
        said.contains(&grant),
        "{}: no {grant:?} in\n{run}",
        variant.name()
    );
    assert!(!said.contains(PASSWORD), "the password is shown:\n{run}");
}

/// What Kafka allows with an operation.
fn implied(operation: &str) -> Option<&'static str> {
    match operation {
        "Alter" | "Delete" | "Read" | "Write" => Some("Describe"),
        "AlterConfigs" => Some("DescribeConfigs"),
        _ => None,
    }
}

#[test]
fn every_command_needs_exactly_the_rights_of_the_table() {
    let variants = Variant::all();
    let kafka = guarded(&variants);
    prepare(&kafka, &variants);
    let address = format!("127.0.0.1:{}", kafka.listener_port(0));
    let mut rows = String::from("| command | case | right | without it |\n|---|---|---|---|\n");
    for command in ["validate", "events schema", "events validate"] {
        writeln!(rows, "| `{command}` | always | none; it asks no cluster | |").unwrap();
    }
    for variant in &variants {
        let run = settled(variant, &address, kafka.bootstrap());
        let Case { command, does, .. } = variant.case;
        match variant.without {
            None => {
                assert!(
                    !lacks_rights(&run),
                    "{}: something is missing:\n{run}",
                    variant.name()
                );
            }
            Some(right) => {
                check_without(variant, right, &run);
                let without = without(variant.case, &run);
                let right = match right {
                    (operation, Topic) => format!("`{operation}` on the topic"),
                    (operation, Group) => format!("`{operation}` on the groups that read it"),
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
fn settled(variant: &Variant, address: &str, plain: &str) -> Run {
    let deadline = std::time::Instant::now() + crate::binary::SHOWN_WITHIN;
    loop {
        let run = variant.run(address, plain);
        let is_whole = run.code == Some(variant.case.code) && !lacks_rights(&run);
        let is_settled = variant.without.is_some() || is_whole;
        if is_settled || std::time::Instant::now() >= deadline {
            return if variant.without.is_none() {
                run.expect(variant.case.code)
            } else {
                run
            };
        }
    }
}

fn lacks_rights(run: &Run) -> bool {
    [&run.stdout, &run.stderr]
        .iter()
        .any(|said| said.contains("Rights were missing"))
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
