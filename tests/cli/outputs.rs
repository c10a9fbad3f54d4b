//! Files that a run writes: what they may replace, and that what is read is read once.

use std::fs;
use std::os::unix::fs::symlink;

use crate::support::Sandbox;

const FILE: &str = "version: 1\ntopics:\n  - name: orders\n";

/// Said before any broker is asked: there is none.
#[test]
fn a_plan_replaces_nothing_but_regular_files_that_are_not_read() {
    let sandbox = Sandbox::with("topics.yaml", FILE);
    sandbox.put("client.properties", "client.id=x\n");
    let path = |name: &str| sandbox.path(name);
    symlink(path("plan.json"), path("link.json")).unwrap();
    fs::hard_link(path("topics.yaml"), path("same.yaml")).unwrap();
    for (out, why) in [
        ("topics.yaml", "it is topics.yaml, from which this run reads"),
        ("same.yaml", "it is topics.yaml, from which this run reads"),
        (
            "client.properties",
            "it is client.properties, from which this run reads",
        ),
        ("link.json", "it is a link; name the file itself"),
        ("/dev/stdout", "it is a link; name the file itself"),
        ("/dev/null", "it is no regular file"),
        (".", "it is a folder"),
    ] {
        let said = sandbox.run(&[
            "diff",
            "--bootstrap-server",
            "127.0.0.1:1",
            "--command-config",
            "client.properties",
            "--out",
            out,
        ]);
        let expected = format!("error: the plan cannot be written to {out}: {why}\n");
        assert!(said.ends_with(&expected), "{said}");
    }
    assert_eq!(fs::read_to_string(path("topics.yaml")).unwrap(), FILE);
}

/// Every file that a property names, by either side, before any broker is asked. None of them grows, not even by the end
/// of a line that a killed run left.
#[test]
fn no_output_goes_to_a_file_of_the_connection() {
    const PLAN_OF: &str = "version: 1\nprofiles:\n  dev:\n    bootstrap: 127.0.0.1:1\n    client:\n      \
                           ssl.truststore.location: trust.pem\ntopics:\n  - name: orders\n";
    let named = [
        ("trust.pem", "security.protocol=PLAINTEXT\n"),
        ("password", "sasl.password=file:password\n"),
        (
            "module",
            "sasl.jaas.config=x.PlainLoginModule required username=\"u\" password=\"file:module\";\n",
        ),
        ("keys.p12", "ssl.keystore.location=keys.p12\n"),
        ("key.pem", "ssl.keystore.key=file:key.pem\n"),
        ("token", "sasl.oauthbearer.token.endpoint.url=file:token\n"),
    ];
    for (file, properties) in named {
        let sandbox = Sandbox::with("topics.yaml", PLAN_OF);
        sandbox.put("client.properties", properties);
        sandbox.put(file, "hunter2");
        let run = |arguments: &[&str]| {
            sandbox.run(&[arguments, &["--command-config", "client.properties"][..]].concat())
        };
        let why = format!("it is {file}, from which this run reads\n");
        let out = run(&["diff", "--out", file]);
        let expected = format!("error: the plan cannot be written to {file}: {why}");
        assert!(out.ends_with(&expected), "{out}");
        let record = run(&["apply", "--record", file]);
        let expected = format!("error: the record {file} cannot be written, so nothing was changed: {why}");
        assert!(record.ends_with(&expected), "{record}");
        assert_eq!(fs::read_to_string(sandbox.path(file)).unwrap(), "hunter2");
    }
}

/// A second read of a pipe would wait for ever.
#[test]
fn a_manifest_is_read_once_also_where_a_plan_is_saved() {
    let sandbox = Sandbox::empty();
    let fifo = sandbox.path("fifo");
    let mode = rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR;
    rustix::fs::mknodat(rustix::fs::CWD, &fifo, rustix::fs::FileType::Fifo, mode, 0).unwrap();
    let writer = std::thread::spawn(move || fs::write(fifo, FILE).unwrap());
    let said = sandbox.run(&[
        "diff",
        "--file",
        "fifo",
        "--bootstrap-server",
        "127.0.0.1:1",
        "--connect-timeout",
        "1ms",
        "--out",
        "plan.json",
    ]);
    writer.join().unwrap();
    assert!(said.contains("exit code: 1"), "{said}");
    assert!(said.contains("127.0.0.1:1"), "{said}");
}

#[test]
fn a_digest_is_one_and_belongs_to_a_plan() {
    let sandbox = Sandbox::with("topics.yaml", FILE);
    let wrong = sandbox.run(&["apply", "--plan", "plan.json", "--plan-digest", "abc"]);
    assert!(
        wrong.contains("write the 64 hexadecimal digits of a SHA-256"),
        "{wrong}"
    );
    let alone = sandbox.run(&["apply", "--plan-digest", &"0".repeat(64)]);
    assert!(alone.contains("--plan <FILE>"), "{alone}");
}
