//! The binary without a cluster: exit code, stdout and stderr together, as a person or a script
//! sees them.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that cannot go on fails"
)]

mod connection;
mod environment;
mod fake_broker;
mod foreign;
mod monitor;
mod monitoring;
mod outputs;
mod pages;
mod reads;
mod support;
mod trust;

use std::fs::File;
use std::process::Stdio;

use support::Sandbox;

const THREE: &str = include_str!("../../topics.yaml");

#[test]
fn validate_says_what_it_found() {
    let sandbox = Sandbox::with("topics.yaml", THREE);
    insta::assert_snapshot!(sandbox.run(&["validate"]), @r"
    exit code: 0
    ----- stdout -----
    Valid: 3 topics, profile dev.
    ----- stderr -----
    ");
}

#[test]
fn validate_without_environment_lists_the_variables() {
    let sandbox = Sandbox::with("topics.yaml", THREE);
    insta::assert_snapshot!(sandbox.run(&["validate", "--no-env", "--profile", "prod"]));
}

#[test]
fn a_file_with_problems_shows_all_of_them_and_changes_nothing() {
    let sandbox = Sandbox::with(
        "topics.yaml",
        "version: 1\ntopics:\n  - name: orders\n    partition: 3\n    retention: 7days\n  - name: orders\n",
    );
    for verb in ["validate", "diff", "apply"] {
        insta::assert_snapshot!(format!("problems_in_{verb}"), sandbox.run(&[verb]));
    }
}

#[test]
fn whoever_reads_the_plan_gets_the_problems_in_its_place() {
    let sandbox = Sandbox::with(
        "topics.yaml",
        "version: 1\ntopics:\n  - name: orders\n    partition: 3\n    retention: 7days\n  - name: orders\n",
    );
    for output in ["json", "markdown", "github"] {
        for verb in ["validate", "diff"] {
            let run = sandbox.run(&[verb, "--output", output]);
            insta::assert_snapshot!(format!("problems_as_{output}_in_{verb}"), run);
        }
    }
}

#[test]
fn problems_as_json_are_data() {
    let sandbox = Sandbox::with(
        "topics.yaml",
        "version: 1\ntopics:\n  - name: orders\n    partition: 3\n",
    );
    insta::assert_snapshot!(sandbox.run(&["validate", "--output", "json"]));
}

#[test]
fn a_run_without_a_file_says_what_to_do() {
    insta::assert_snapshot!(Sandbox::empty().run(&["diff"]));
}

#[test]
fn a_run_without_an_address_says_what_to_do() {
    let sandbox = Sandbox::with("topics.yaml", "version: 1\ntopics:\n  - name: orders\n");
    insta::assert_snapshot!(sandbox.run(&["diff"]));
}

#[test]
fn an_address_that_is_none_says_where_it_comes_from() {
    let sandbox = Sandbox::with(
        "topics.yaml",
        "version: 1\nprofiles:\n  dev:\n    bootstrap: localhost\ntopics:\n  - name: orders\n",
    );
    insta::assert_snapshot!(sandbox.run(&["diff"]));
}

#[test]
fn a_profile_that_wants_encryption_is_not_connected_to_in_the_clear() {
    let sandbox = Sandbox::with(
        "topics.yaml",
        "version: 1\nprofiles:\n  dev:\n    bootstrap: 127.0.0.1:9092\n    client:\n      security.protocol: SASL_SSL\n      sasl.password: hunter2\ntopics:\n  - name: orders\n",
    );
    let shown = sandbox.run(&["diff"]);
    assert!(!shown.contains("hunter2"), "{shown}");
    insta::assert_snapshot!(shown);
}

#[test]
fn nobody_listening_is_said_within_the_connect_timeout() {
    let sandbox = Sandbox::with("topics.yaml", "version: 1\ntopics:\n  - name: orders\n");
    // Port 1 of loopback has no listener on any machine that runs tests.
    let arguments = [
        "diff",
        "--bootstrap-server",
        "127.0.0.1:1",
        "--connect-timeout",
        "300ms",
    ];
    insta::assert_snapshot!(sandbox.run(&arguments));
}

#[test]
fn a_topic_that_the_file_does_not_have_is_an_error_with_a_suggestion() {
    let sandbox = Sandbox::with("topics.yaml", THREE);
    let arguments = [
        "diff",
        "omninode-bridge.test-generation.startde.v1",
        "nothing-like-it",
    ];
    insta::assert_snapshot!(sandbox.run(&arguments));
}

#[test]
fn usage_errors_are_exit_code_1_since_2_means_pending() {
    let sandbox = Sandbox::empty();
    insta::assert_snapshot!("unknown_verb", sandbox.run(&["destroy"]));
    insta::assert_snapshot!("unknown_flag", sandbox.run(&["apply", "--force"]));
    insta::assert_snapshot!(
        "wait_without_unit",
        sandbox.run(&["diff", "--connect-timeout", "10"])
    );
    insta::assert_snapshot!("nothing_typed", sandbox.run(&[]));
}

#[test]
fn help_is_complete_and_a_result() {
    let sandbox = Sandbox::empty();
    for verb in ["apply", "diff", "describe", "validate", "export", "monitor"] {
        insta::assert_snapshot!(format!("help_{verb}"), sandbox.run(&[verb, "--help"]));
    }
}

#[test]
fn completions_are_written_for_three_shells() {
    let sandbox = Sandbox::empty();
    for (shell, mark) in [
        ("bash", "complete -F"),
        ("zsh", "#compdef topicctl"),
        ("fish", "complete -c topicctl"),
    ] {
        let shown = sandbox.run(&["completions", shell]);
        assert!(
            shown.starts_with("exit code: 0\n") && shown.contains(mark),
            "{shell}: {shown}"
        );
    }
}

#[test]
fn a_reader_that_leaves_is_no_error() {
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let sandbox = Sandbox::with("topics.yaml", THREE);
    let status = sandbox
        .command(&["validate"])
        .stdout(writer)
        .stderr(Stdio::null())
        .status()
        .unwrap();
    assert_eq!(status.code(), Some(0));
}

#[cfg(target_os = "linux")]
#[test]
fn output_that_cannot_be_written_is_an_error() {
    let full = File::options().write(true).open("/dev/full").unwrap();
    let sandbox = Sandbox::with("topics.yaml", THREE);
    let output = sandbox.command(&["validate"]).stdout(full).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(
        said.starts_with("error: the output cannot be written: "),
        "{said}"
    );
}

#[test]
fn colour_is_for_terminals_and_for_those_who_ask() {
    let sandbox = Sandbox::with("topics.yaml", THREE);
    assert!(!sandbox.run(&["validate"]).contains('\u{1b}'));
    assert!(sandbox.run(&["validate", "--color", "always"]).contains('\u{1b}'));
    assert!(!sandbox.run(&["validate", "--color", "never"]).contains('\u{1b}'));
}
