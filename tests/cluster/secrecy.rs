//! Every command and every failure, as loud as can be, in text and in JSON: no secret is in any of it.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;

use crate::binary::{Project, Run};
use crate::secured::{at, environment};
use crate::secured_failures::{WRONG, every_case, prepare};
use crate::support::{CLIENT_SECRET, Listener, PASSWORD, Provider, Secure, USER};

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
        &["apply", "--plan", "plan.json", "--record", "record.jsonl"],
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

/// A profile that has every kind of secret in it at once, as they are.
fn project(secure: &Secure, topic: &str) -> Project {
    let password = format!("'{}'", PASSWORD.replace('$', "$$"));
    let key = format!(
        "\"{}\"",
        secure.client.key.trim().lines().collect::<Vec<_>>().join("\\n")
    );
    let chain = format!(
        "\"{}\"",
        secure.client.chain.trim().lines().collect::<Vec<_>>().join("\\n")
    );
    let client = [
        ("security.protocol", "SASL_SSL"),
        ("ssl.truststore.location", "ca.pem"),
        ("ssl.keystore.key", key.as_str()),
        ("ssl.keystore.certificate.chain", chain.as_str()),
        ("sasl.mechanism", "PLAIN"),
        ("sasl.username", USER),
        ("sasl.password", password.as_str()),
    ];
    let project = at(secure, &secure.address(Listener::SaslSsl), topic, &client);
    let event = |message: &str| {
        format!(r#"{{"correlation_id": "{WORKFLOW}", "error_code": "E", "error_message": {message}}}"#)
    };
    project.put("good.json", event("\"m\""));
    project.put("bad.json", event("5"));
    project
}

#[test]
fn no_command_shows_a_secret_however_loud() {
    let secure = Secure::shared();
    let secrets = Secrets::of(secure);
    for output in ["text", "json"] {
        // Another topic each time, so that there is something to do.
        let topic = format!("secret.{output}");
        let project = project(secure, &topic);
        let check = |verb: &[&str], ends: Ends, connects: bool| {
            let verb: Vec<String> = verb.iter().map(|word| word.replace("TOPIC", &topic)).collect();
            let mut arguments: Vec<&str> = verb.iter().map(String::as_str).collect();
            arguments.extend(["-vv", "--output", output]);
            let run = if connects {
                project.run(&arguments)
            } else {
                project.run_offline(&arguments)
            };
            secrets.are_not_in(&run, &format!("{arguments:?}"));
            let traced = run.stderr.contains("SaslAuthenticate sent");
            assert_eq!(traced, connects, "{arguments:?}\n{run}");
            let ended = match run.code {
                Some(0 | 2) => Ends::Well,
                _ => Ends::Badly,
            };
            assert_eq!(ended, ends, "{arguments:?}\n{run}");
        };
        for (verb, ends) in OFFLINE {
            check(verb, ends, false);
        }
        for (verb, ends) in CONNECTING {
            check(verb, ends, true);
        }
        for file in ["plan.json", "record.jsonl"] {
            let written = std::fs::read_to_string(project.path(file)).unwrap();
            assert!(written.contains(&topic), "{file}: {written}");
            secrets.are_not_in_text(&written, file);
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
