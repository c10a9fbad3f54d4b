//! What is said, and how soon, when a connection does not come about: each cause by its name, with what
//! to do about it.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;

use crate::binary::{Project, Run};
use crate::connecting;
use crate::figures;
use crate::secured::{CA, LOGIN, at, environment};
use crate::support::{Authority, FORBIDDEN, Listener, Provider, Secure};

/// A way to fail, and the time in which that has to be said, beyond what a run takes that succeeds: on a machine
/// that has better things to do both take longer.
pub(crate) struct Case {
    pub(crate) name: &'static str,
    address: String,
    client: Vec<(&'static str, &'static str)>,
    topic: String,
    /// How long to try.
    pub(crate) patience: &'static str,
    within: Duration,
}

/// Given up without waiting for the connect deadline, which is a minute where nothing else is said.
const AT_ONCE: Duration = Duration::from_secs(2);

/// What is waited for is waited for so long.
const PATIENCE: Duration = Duration::from_secs(2);

fn case(
    name: &'static str,
    address: String,
    client: &[(&'static str, &'static str)],
    more: &[(&'static str, &'static str)],
) -> Case {
    Case {
        name,
        address,
        client: [client, more].concat(),
        topic: "failing".to_owned(),
        patience: "1m",
        within: AT_ONCE,
    }
}

/// A password that nobody has.
pub(crate) const WRONG: &str = "marker-of-a-wrong-password";

const SSL: (&str, &str) = ("security.protocol", "SSL");
const SASL_PLAINTEXT: (&str, &str) = ("security.protocol", "SASL_PLAINTEXT");
const PLAIN: (&str, &str) = ("sasl.mechanism", "PLAIN");

/// What may come right if it is waited for, and is waited for until the deadline.
fn absent_cases() -> Vec<Case> {
    let waited_for = |case| Case {
        patience: "2s",
        within: PATIENCE + AT_ONCE,
        ..case
    };
    let silent = connecting::silent();
    let refused = connecting::deserted();
    let cases = [
        case("name not found", "no-such-host.invalid:9092".to_owned(), &[], &[]),
        case("refused", refused, &[], &[]),
        case("silence", silent.clone(), &[], &[]),
        case("silence, over TLS", silent, &[SSL, CA], &[]),
    ];
    cases.into_iter().map(waited_for).collect()
}

fn forbidden(secure: &Secure) -> Case {
    let sasl = secure.address(Listener::SaslPlaintext);
    Case {
        topic: format!("{FORBIDDEN}topic"),
        ..case("not authorised", sasl, &[SASL_PLAINTEXT, PLAIN], &LOGIN)
    }
}

fn tls_cases(secure: &Secure) -> Vec<Case> {
    let plain = secure.address(Listener::Plaintext);
    let ssl = secure.address(Listener::Ssl);
    let mutual = secure.address(Listener::MutualTls);
    let other = ("ssl.keystore.location", "other-client.pem");
    vec![
        case("TLS to a port for plain text", plain, &[SSL, CA], &[]),
        case("plain text to a TLS port", ssl.clone(), &[], &[]),
        case(
            "untrusted CA",
            ssl.clone(),
            &[SSL],
            &[("ssl.ca.location", "other-ca.pem")],
        ),
        case(
            "wrong host name",
            secure.address_by("localhost", Listener::Ssl),
            &[SSL, CA],
            &[],
        ),
        case(
            "expired certificate",
            secure.address(Listener::Expired),
            &[SSL, CA],
            &[],
        ),
        case("client certificate required", mutual.clone(), &[SSL, CA], &[]),
        case("client certificate refused", mutual, &[SSL, CA], &[other]),
    ]
}

const CLIENT: [(&str, &str); 2] = [
    ("sasl.oauthbearer.client.id", "somebody"),
    ("sasl.oauthbearer.client.secret", "${WRONG}"),
];

fn bearer(url: &'static str) -> [(&'static str, &'static str); 3] {
    [
        SASL_PLAINTEXT,
        ("sasl.mechanism", "OAUTHBEARER"),
        ("sasl.oauthbearer.token.endpoint.url", url),
    ]
}

fn sasl_cases(secure: &Secure) -> Vec<Case> {
    let sasl = secure.address(Listener::SaslPlaintext);
    let wrong = [("sasl.username", "alice=1,2"), ("sasl.password", "${WRONG}")];
    let unknown = [("sasl.username", "nobody"), ("sasl.password", "${WRONG}")];
    let scram = |mechanism| [SASL_PLAINTEXT, ("sasl.mechanism", mechanism)];
    vec![
        case(
            "PLAIN: wrong password",
            sasl.clone(),
            &[SASL_PLAINTEXT, PLAIN],
            &wrong,
        ),
        case(
            "PLAIN: unknown user",
            sasl.clone(),
            &[SASL_PLAINTEXT, PLAIN],
            &unknown,
        ),
        case(
            "SCRAM-SHA-256: wrong password",
            sasl.clone(),
            &scram("SCRAM-SHA-256"),
            &wrong,
        ),
        case(
            "SCRAM-SHA-512: wrong password",
            sasl.clone(),
            &scram("SCRAM-SHA-512"),
            &wrong,
        ),
        case(
            "SCRAM-SHA-512: unknown user",
            sasl.clone(),
            &scram("SCRAM-SHA-512"),
            &unknown,
        ),
        case(
            "mechanism that the broker does not offer",
            secure.address(Listener::ScramOnly),
            &[SASL_PLAINTEXT, PLAIN],
            &LOGIN,
        ),
        case(
            "SASL to a listener without it",
            secure.address(Listener::Plaintext),
            &[SASL_PLAINTEXT, PLAIN],
            &LOGIN,
        ),
        case(
            "OAUTHBEARER: wrong client secret",
            sasl.clone(),
            &bearer("${TOKEN_URL}"),
            &CLIENT,
        ),
        // It may be back soon, as a broker may.
        Case {
            patience: "2s",
            within: PATIENCE + AT_ONCE,
            ..case(
                "OAUTHBEARER: no token endpoint",
                sasl.clone(),
                &bearer("http://127.0.0.1:1/token"),
                &CLIENT,
            )
        },
        case(
            "OAUTHBEARER: expired token",
            sasl.clone(),
            &bearer("file:expired.token"),
            &[],
        ),
        case(
            "OAUTHBEARER: token without a user",
            sasl.clone(),
            &bearer("file:odd.token"),
            &[],
        ),
        Case {
            within: Duration::from_secs(5),
            ..case("no SASL to a listener that wants it", sasl, &[], &[])
        },
    ]
}

fn jws(claims: &str) -> String {
    let part = |text: &str| BASE64_URL_SAFE_NO_PAD.encode(text);
    format!("{}.{}.", part(r#"{"alg":"none"}"#), part(claims))
}

/// A project with everything that a case needs.
pub(crate) fn prepare(secure: &Secure, case: &Case) -> Project {
    let project = at(secure, &case.address, &case.topic, &case.client);
    let other = Authority::root("another root");
    let client = other.issue("client", &[]);
    project.put("other-ca.pem", &other.certificate);
    project.put("other-client.pem", format!("{}{}", client.chain, client.key));
    // Expired since 2001.
    project.put(
        "expired.token",
        jws(r#"{"sub":"marker","iat":1,"exp":1000000000}"#),
    );
    project.put("odd.token", jws(r#"{"iat":1,"exp":9000000000}"#));
    project
}

/// What a run takes now whose login succeeds.
fn success(secure: &Secure, provider: &Provider) -> Duration {
    let sasl = secure.address(Listener::SaslPlaintext);
    let case = case("none", sasl, &[SASL_PLAINTEXT, PLAIN], &LOGIN);
    let (run, took) = run(secure, provider, &case);
    run.expect(2);
    took
}

fn run(secure: &Secure, provider: &Provider, case: &Case) -> (Run, Duration) {
    let project = prepare(secure, case);
    let mut command = project.command(&["diff", "--connect-timeout", case.patience]);
    environment(&mut command, provider).env("WRONG", WRONG);
    let began = Instant::now();
    (Run::of(&mut command), began.elapsed())
}

/// Every way to fail.
pub(crate) fn every_case(secure: &Secure) -> Vec<Case> {
    let mut cases = absent_cases();
    cases.extend(tls_cases(secure));
    cases.extend(sasl_cases(secure));
    cases.push(forbidden(secure));
    cases
}

/// `within 2.1s:` is another time on a busy machine, and each system's resolver has words of its own.
fn without_the_moment(text: &str) -> String {
    let Some((before, after)) = text.split_once("reached within ") else {
        return text.to_owned();
    };
    let (_, after) = after.split_once("s:\n").unwrap();
    let after = match after
        .split_once("resolved (")
        .map(|(name, rest)| (name, rest.split_once(')')))
    {
        Some((name, Some((_, rest)))) => format!("{name}resolved (RESOLVER){rest}"),
        Some((_, None)) | None => after.to_owned(),
    };
    format!("{before}reached within TIME:\n{after}")
}

/// The line that says why: the first, or where that only announces a list, what is listed first.
fn cause(text: &str) -> &str {
    let mut lines = text.lines().skip_while(|line| !line.starts_with("error: "));
    match lines.next() {
        Some(line) if line.ends_with(':') => lines.next().unwrap_or(line).trim(),
        Some(line) => line,
        // What is said of single topics is a result.
        None => text
            .lines()
            .find(|line| line.contains("needs "))
            .unwrap_or(text)
            .trim(),
    }
}

#[test]
fn every_failure_names_its_cause_in_time() {
    let secure = Secure::shared();
    let provider = Provider::start(600);
    let mut said = String::new();
    let mut table = String::from("| failure | took | said |\n");
    for case in &every_case(secure) {
        let beside = success(secure, &provider);
        let (run, took) = run(secure, &provider, case);
        let text = without_the_moment(&run.text().replace(&case.address, "ADDRESS"));
        assert!(
            took < case.within + beside,
            "{}: {took:?}, and {beside:?} for one that succeeds\n{text}",
            case.name
        );
        assert!(!text.contains("marker"), "{}\n{text}", case.name);
        let _ = writeln!(said, "=== {}\n{text}", case.name);
        let _ = writeln!(
            table,
            "| {} | {} ms | {} |",
            case.name,
            took.as_millis(),
            cause(&text)
        );
    }
    figures::show(&table);
    // Older brokers say the same, SCRAM aside.
    if Secure::has_scram() {
        insta::assert_snapshot!(said);
    }
}

/// A plan has the changes and not how to log in. Without settings the connection is plain text, which neither listener
/// takes.
#[test]
fn a_plan_alone_says_which_flags_give_the_connection_settings() {
    let secure = Secure::shared();
    let plain = secure.address(Listener::Plaintext);
    let project = Project::at(&plain, "version: 1\ntopics:\n  - name: failing.planned\n");
    project.run(&["diff", "--out", "plan.json"]).expect(2);
    let apply = |listener, more: &[&str]| {
        let address = secure.address(listener);
        let flags = ["apply", "--plan", "plan.json", "--bootstrap-server", &address];
        let run = project.run_alone(&[&flags, more].concat()).expect(1);
        run.text().replace(&address, "ADDRESS")
    };
    insta::assert_snapshot!(apply(Listener::Ssl, &[]), @"
    exit code 1
    --- stderr
    error: no connection to a Kafka broker could be made:
      ADDRESS: this port speaks TLS, and the connection here is plain text; set `security.protocol` to SSL or SASL_SSL
    A saved plan holds no connection settings. Give them with --command-config, or with --file where the manifest has them.
    ");
    insta::assert_snapshot!(apply(Listener::SaslPlaintext, &[]), @"
    exit code 1
    --- stderr
    error: DescribeCluster to ADDRESS: the connection was closed after the first request; does this listener want SASL authentication (security.protocol SASL_PLAINTEXT or SASL_SSL)?
    A saved plan holds no connection settings. Give them with --command-config, or with --file where the manifest has them.
    ");
    project.put("plain.properties", "security.protocol=PLAINTEXT\n");
    for more in [
        ["--command-config", "plain.properties"],
        ["--file", "topics.yaml"],
    ] {
        let said = apply(Listener::Ssl, &more);
        assert!(!said.contains("A saved plan holds"), "{said}");
    }
}
