//! Files that never end, that wait for ever, or that are no files: refused by their kind or at their limit.

use std::fmt::Write as _;

use crate::support::Sandbox;

const TOPICS: &str = "topics:\n  - name: orders\n";

/// Client properties with their values.
type Client<'c> = &'c [(&'c str, &'c str)];

fn logging_in_with(properties: Client<'_>) -> String {
    let mut file = "version: 1\nprofiles:\n  dev:\n    bootstrap: 127.0.0.1:1\n    client:\n".to_owned();
    for (name, value) in properties {
        writeln!(file, "      {name}: {value}").unwrap();
    }
    file + TOPICS
}

/// Everything that a property names: secret, login module, stores, key, token.
#[test]
fn a_property_names_regular_files_only() {
    let login = [
        ("security.protocol", "SASL_PLAINTEXT"),
        ("sasl.mechanism", "PLAIN"),
    ];
    let tls = [("security.protocol", "SSL")];
    let cases: [(Client<'_>, &str, &str); 8] = [
        (&login, "sasl.jaas.config", "file:/dev/zero"),
        (&login, "sasl.jaas.config", "file:/proc/self/environ"),
        (&login, "sasl.jaas.config", "file:pipe"),
        (&tls, "ssl.truststore.location", "/dev/zero"),
        (&tls, "ssl.truststore.certificates", "file:/dev/urandom"),
        (&tls, "ssl.ca.location", "pipe"),
        (&tls, "ssl.keystore.location", "/proc/self/cmdline"),
        (&tls, "ssl.keystore.certificate.chain", "file:large"),
    ];
    let mut shown = String::new();
    for (common, name, value) in cases {
        let sandbox = Sandbox::with(
            "topics.yaml",
            &logging_in_with(&[common, &[(name, value)]].concat()),
        );
        sandbox.pipe("pipe");
        sandbox.put("large", &"x".repeat((4 << 20) + 1));
        let said = sandbox.run(&["diff"]);
        assert!(said.starts_with("exit code: 1"), "{said}");
        let lines = said.lines().filter(|line| line.contains(name));
        shown.extend(lines.map(|line| format!("{value}\n  {line}\n")));
    }
    insta::assert_snapshot!(shown);
}

#[test]
fn a_properties_file_ends() {
    let sandbox = Sandbox::with("topics.yaml", &logging_in_with(&[("client.id", "me")]));
    insta::assert_snapshot!(sandbox.run(&["diff", "--command-config", "/dev/zero"]));
}

#[test]
fn a_manifest_ends() {
    insta::assert_snapshot!(Sandbox::empty().run(&["validate", "--file", "/dev/zero"]));
}

/// Zeros are one line without an end; text beside them is none of JSON lines.
#[test]
fn events_end() {
    let sandbox = Sandbox::empty();
    insta::assert_snapshot!(sandbox.run(&["events", "validate", "/dev/zero"]));
}

/// Looked at while a run waits for its file.
#[cfg(target_os = "linux")]
#[test]
fn no_core_is_dumped() {
    let sandbox = Sandbox::empty();
    sandbox.pipe("pipe");
    let mut run = sandbox.command(&["validate", "--file", "pipe"]).spawn().unwrap();
    let limits = format!("/proc/{}/limits", run.id());
    let has_limit = || {
        let limits = std::fs::read_to_string(&limits).unwrap();
        let core = limits.lines().find(|line| line.starts_with("Max core file size"));
        core.is_some_and(|core| core.split_whitespace().skip(4).take(2).all(|limit| limit == "0"))
    };
    while !has_limit() {
        assert!(
            run.try_wait().unwrap().is_none(),
            "it ended, and could dump a core"
        );
        std::thread::yield_now();
    }
    run.kill().unwrap();
    run.wait().unwrap();
}
