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
        for said in [&run.stdout, &run.stderr] {
            let leaked = self.0.iter().position(|secret| said.contains(secret.as_str()));
            assert!(leaked.is_none(), "{what}: secret {leaked:?} is in\n{run}");
        }
    }
}

const VERBS: [&[&str]; 6] = [
    &["validate"],
    &["diff"],
    &["apply"],
    &["diff"],
    &["describe"],
    &["describe", "secret.topic"],
];

/// A profile that has every kind of secret in it at once, as they are.
fn project(secure: &Secure) -> Project {
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
    at(
        secure,
        &secure.address(Listener::SaslSsl),
        "secret.topic",
        &client,
    )
}

#[test]
fn no_command_shows_a_secret_however_loud() {
    let secure = Secure::shared();
    let secrets = Secrets::of(secure);
    let project = project(secure);
    for output in ["text", "json"] {
        for verb in VERBS {
            let connects = verb[0] != "validate";
            let arguments = [verb, &["-vv", "--output", output]].concat();
            let run = if connects {
                project.run(&arguments)
            } else {
                project.run_offline(&arguments)
            };
            secrets.are_not_in(&run, &format!("{arguments:?}"));
            let traced = run.stderr.contains("SaslAuthenticate sent");
            assert_eq!(traced, connects, "{arguments:?}\n{run}");
            assert!(matches!(run.code, Some(0 | 2)), "{arguments:?}\n{run}");
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
