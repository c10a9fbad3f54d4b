//! Every command and every failure, as loud as can be, in text and in JSON: no secret is in any of it.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;

use crate::binary::{Project, Run};
use crate::secured::{at, environment, mechanisms};
use crate::secured_failures::{WRONG, every_case, prepare};
use crate::support::{
    CLIENT_ID, CLIENT_SECRET, Kafka, Listener, PASSWORD, Provider, Secure, USER, in_properties,
};

/// Whatever would give a secret away: itself, parts of it, and the forms that it takes on its way.
struct Secrets(Vec<String>);

impl Secrets {
    fn of(secure: &Secure) -> Self {
        let key_lines = secure
            .client
            .key
            .lines()
            .filter(|line| !line.starts_with("-----"));
        let mut secrets: Vec<String> = key_lines
            .map(|line| line[..line.len().min(24)].to_owned())
            .collect();
        for text in [PASSWORD, CLIENT_SECRET, WRONG] {
            secrets.push(text.to_owned());
            secrets.push(text.chars().skip(text.chars().count() / 2 - 2).collect());
            secrets.push(BASE64_STANDARD.encode(text));
        }
        secrets.push(BASE64_STANDARD.encode(format!("\0{USER}\0{PASSWORD}")));
        // How every unsigned token begins.
        secrets.push("eyJhbGciOiJub25lIn0".to_owned());
        Self(secrets)
    }

    fn are_not_in(&self, run: &Run, what: &str) {
        self.are_not_in_text(&format!("{}\n{}", run.stdout, run.stderr), what);
    }

    fn are_not_in_text(&self, text: &str, what: &str) {
        let leaked = self.0.iter().position(|secret| text.contains(secret.as_str()));
        assert!(leaked.is_none(), "{what}: secret {leaked:?} is in\n{text}");
    }
}

/// What each command that connects comes to. What fails here fails for another reason than the connection,
/// whose failures are tried below.
const CONNECTING: [(&[&str], Ends); 15] = [
    (&["diff"], Ends::Well),
    (&["diff", "--out", "plan.json"], Ends::Well),
    (
        &[
            "apply",
            "--plan",
            "plan.json",
            "--file",
            "topics.yaml",
            "--record",
            "record.jsonl",
        ],
        Ends::Well,
    ),
    (&["apply", "--record", "record.jsonl"], Ends::Well),
    (&["diff"], Ends::Well),
    (&["diff", "--out", "no-folder/plan.json"], Ends::Badly),
    (&["describe"], Ends::Well),
    (&["describe", "TOPIC"], Ends::Well),
    (&["describe", "--all"], Ends::Well),
    (&["describe", "there.is.none"], Ends::Badly),
    (PUBLISH, Ends::Well),
    (PUBLISH_WHERE_FORBIDDEN, Ends::Badly),
    (&["events", "tail", "failed"], Ends::Well),
    (
        &["events", "tail", "failed", "--topic", "forbidden.x"],
        Ends::Badly,
    ),
    (&["events", "trace", WORKFLOW, "--topic", "TOPIC"], Ends::Well),
];

/// Those that need no cluster, or never get to it.
const OFFLINE: [(&[&str], Ends); 7] = [
    (&["validate"], Ends::Well),
    (&["validate", "--profile", "there-is-none"], Ends::Badly),
    (&["apply", "--plan", "topics.yaml"], Ends::Badly),
    (&["apply", "--record", "no-folder/record.jsonl"], Ends::Badly),
    (&["events", "validate", "good.json"], Ends::Well),
    (&["events", "validate", "bad.json"], Ends::Badly),
    (&["events", "publish", "failed", "--error-code", "E"], Ends::Badly),
];

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Ends {
    Well,
    Badly,
}

const WORKFLOW: &str = "16c2acae-d574-4530-ae26-ecc50e69a589";

const PUBLISH: &[&str] = &[
    "events",
    "publish",
    "failed",
    "--correlation-id",
    WORKFLOW,
    "--error-code",
    "E",
    "--error-message",
    "m",
];

const PUBLISH_WHERE_FORBIDDEN: &[&str] = &[
    "events",
    "publish",
    "failed",
    "--topic",
    "forbidden.x",
    "--error-code",
    "E",
    "--error-message",
    "m",
];

/// Where the client properties stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Source {
    Manifest,
    CommandConfig,
}

/// Every kind of secret at once, as they are.
fn properties(secure: &Secure, mechanism: &'static str, provider: &Provider) -> Vec<(&'static str, String)> {
    let mut properties = vec![
        ("security.protocol", "SASL_SSL".to_owned()),
        ("ssl.truststore.location", "ca.pem".to_owned()),
        ("ssl.keystore.key", secure.client.key.trim().to_owned()),
        (
            "ssl.keystore.certificate.chain",
            secure.client.chain.trim().to_owned(),
        ),
        ("sasl.mechanism", mechanism.to_owned()),
    ];
    properties.extend(match mechanism {
        "OAUTHBEARER" => vec![
            ("sasl.oauthbearer.token.endpoint.url", provider.url.clone()),
            ("sasl.oauthbearer.client.id", CLIENT_ID.to_owned()),
            ("sasl.oauthbearer.client.secret", CLIENT_SECRET.to_owned()),
            ("sasl.oauthbearer.scope", "kafka".to_owned()),
        ],
        _ => vec![
            ("sasl.username", USER.to_owned()),
            ("sasl.password", PASSWORD.to_owned()),
        ],
    });
    properties
}

/// A value in quotes of YAML, which takes the escapes of JSON.
fn in_yaml(value: &str) -> String {
    serde_json::to_string(&value.replace('$', "$$")).unwrap()
}

fn in_file(properties: &[(&'static str, String)]) -> String {
    let line = |(name, value): &(&str, String)| {
        let lines: Vec<String> = value.lines().map(in_properties).collect();
        format!("{name}={}\n", lines.join("\\n"))
    };
    properties.iter().map(line).collect()
}

fn project(secure: &Secure, topic: &str, source: Source, properties: &[(&'static str, String)]) -> Project {
    let literal: Vec<(&str, String)> = properties
        .iter()
        .map(|(name, value)| (*name, in_yaml(value)))
        .collect();
    let client: Vec<(&str, &str)> = literal
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    let client = match source {
        Source::Manifest => &client[..],
        Source::CommandConfig => &[("client.id", "secrecy")],
    };
    let project = at(secure, &secure.address(Listener::SaslSsl), topic, client);
    project.put("client.properties", in_file(properties));
    let event = |message: &str| {
        format!(r#"{{"correlation_id": "{WORKFLOW}", "error_code": "E", "error_message": {message}}}"#)
    };
    project.put("good.json", event("\"m\""));
    project.put("bad.json", event("5"));
    project
}

/// One way to state one mechanism's secrets.
struct Case<'a> {
    secrets: &'a Secrets,
    project: Project,
    topic: String,
    source: Source,
    output: &'static str,
}

impl Case<'_> {
    /// Runs every command, as loud as can be.
    fn check_all(&self) {
        if self.source == Source::Manifest {
            for (verb, ends) in OFFLINE {
                self.check(verb, ends, false);
            }
        }
        for (verb, ends) in CONNECTING {
            self.check(verb, ends, true);
        }
        for file in ["plan.json", "record.jsonl"] {
            let written = std::fs::read_to_string(self.project.path(file)).unwrap();
            assert!(written.contains(&self.topic), "{file}: {written}");
            self.secrets.are_not_in_text(&written, file);
        }
    }

    fn check(&self, verb: &[&str], ends: Ends, connects: bool) {
        let verb: Vec<String> = verb
            .iter()
            .map(|word| word.replace("TOPIC", &self.topic))
            .collect();
        let mut arguments: Vec<&str> = verb.iter().map(String::as_str).collect();
        arguments.extend(["-vv", "--output", self.output]);
        if connects && self.source == Source::CommandConfig {
            arguments.extend(["--command-config", "client.properties"]);
        }
        let run = if connects {
            self.project.run(&arguments)
        } else {
            self.project.run_offline(&arguments)
        };
        self.secrets
            .are_not_in(&run, &format!("{} {arguments:?}", self.topic));
        let traced = run.stderr.contains("SaslAuthenticate sent");
        assert_eq!(traced, connects, "{arguments:?}\n{run}");
        let ended = match run.code {
            Some(0 | 2) => Ends::Well,
            _ => Ends::Badly,
        };
        assert_eq!(ended, ends, "{} {arguments:?}\n{run}", self.topic);
    }
}

#[test]
fn no_command_shows_a_secret_however_loud() {
    let secure = Secure::shared();
    let provider = Provider::start(600);
    let secrets = Secrets::of(secure);
    let sources = [Source::Manifest, Source::CommandConfig];
    let mechanisms = mechanisms("SASL_SSL").iter();
    for (number, mechanism) in mechanisms.enumerate() {
        for (turn, source) in sources.into_iter().enumerate() {
            // Each mechanism and each source in either form.
            let output = ["text", "json"][(number + turn) % 2];
            // Another topic each time, so that there is something to do.
            let topic = format!("secret.{}.{source:?}", mechanism.to_lowercase());
            let properties = properties(secure, mechanism, &provider);
            let case = Case {
                secrets: &secrets,
                project: project(secure, &topic, source, &properties),
                topic,
                source,
                output,
            };
            case.check_all();
        }
    }
}

#[test]
fn no_failure_shows_a_secret_however_loud() {
    let secure = Secure::shared();
    let secrets = Secrets::of(secure);
    let provider = Provider::start(600);
    for case in every_case(secure) {
        let project = prepare(secure, &case);
        for output in ["text", "json"] {
            let mut command = project.command(&[
                "diff",
                "-vv",
                "--connect-timeout",
                case.patience,
                "--output",
                output,
            ]);
            let run = Run::of(environment(&mut command, &provider).env("WRONG", WRONG)).expect(1);
            secrets.are_not_in(&run, case.name);
        }
    }
}

/// Client properties that were put where topic configs stand: Kafka knows no such config and refuses them, and until
/// then nothing may tell them.
#[test]
fn a_secret_among_topic_configs_is_in_no_output() {
    let kafka = Kafka::one();
    let file = "version: 1\ndefaults:\n  config:\n    sasl.password: hunter2\n    \
                sasl.jaas.config: x.PlainLoginModule required password=\"hunter2\";\n    my.api.key: hunter2\n\
                topics:\n  - {name: secrecy.there}\n  - {name: secrecy.new, config: {ssl.key.password: hunter2}}\n";
    let project = Project::new(kafka, "version: 1\ntopics:\n  - {name: secrecy.there}\n");
    project.run(&["apply"]).expect(0);
    project.write(file);
    let runs: [(&[&str], i32); 11] = [
        (&["validate"], 0),
        (&["validate", "--output", "json"], 0),
        (&["diff"], 3),
        (&["diff", "--output", "json"], 3),
        (&["diff", "--output", "markdown"], 3),
        (&["diff", "--out", "plan.json"], 1),
        (&["apply", "--yes"], 3),
        (
            &["apply", "--yes", "--output", "json", "--record", "record.jsonl"],
            3,
        ),
        (&["describe", "secrecy.there"], 0),
        (&["describe", "secrecy.there", "--output", "json"], 0),
        (&["describe", "--all", "-vv"], 0),
    ];
    for (arguments, code) in runs {
        let offline = arguments[0] == "validate";
        let run = if offline {
            project.run_offline(arguments)
        } else {
            project.run(arguments)
        };
        let run = run.expect(code);
        assert!(!run.to_string().contains("hunter2"), "{arguments:?}\n{run}");
        if arguments[0] == "diff" && arguments.len() == 1 {
            assert!(run.stdout.contains("sasl.password"), "{run}");
            assert!(run.stdout.contains("(hidden)"), "{run}");
        }
    }
    let plan = project.path("plan.json");
    assert!(!plan.exists(), "a plan with a secret is not saved");
    let record = std::fs::read_to_string(project.path("record.jsonl")).unwrap_or_default();
    assert!(!record.contains("hunter2"), "{record}");
}
