//! Variables of the environment that are empty, or no text.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;

use super::support::Sandbox;

const FILE: &str = "version: 1\nprofiles: { dev: {} }\ntopics:\n  - name: ${N:-orders}\n";

#[test]
fn a_variable_that_is_no_text_is_an_error_and_not_unset() {
    let sandbox = Sandbox::with("topics.yaml", FILE);
    let mut command = sandbox.command(&["validate"]);
    let output = command.env("N", OsStr::from_bytes(b"caf\xe9")).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    insta::assert_snapshot!(String::from_utf8(output.stderr).unwrap(), @"
    error: topics.yaml:4:11: the environment variable `N` does not hold UTF-8 text
       |   - name: ${N:-orders}
    ");
}

#[test]
fn a_variable_that_is_no_text_is_an_error_in_properties_too() {
    let sandbox = Sandbox::with("topics.yaml", FILE);
    sandbox.put("client.properties", "client.id=${N:-topicctl}\n");
    let arguments = [
        "diff",
        "--bootstrap-server",
        "127.0.0.1:1",
        "--command-config",
        "client.properties",
    ];
    let mut command = sandbox.command(&arguments);
    let output = command.env("N", OsStr::from_bytes(b"\xff")).output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(
        said.contains("the environment variable `N` does not hold UTF-8 text"),
        "{said}"
    );
}

#[test]
fn an_empty_variable_for_the_profile_counts_as_not_set() {
    let sandbox = Sandbox::with("topics.yaml", FILE);
    let run = |profile: &str| {
        let output = sandbox
            .command(&["validate"])
            .env("TOPICCTL_PROFILE", profile)
            .output()
            .unwrap();
        (output.status.code(), String::from_utf8(output.stdout).unwrap())
    };
    assert_eq!(run(""), (Some(0), "Valid: 1 topic, profile dev.\n".to_owned()));
    assert_eq!(run("other").0, Some(1));
}

/// Each profile of the file that comes with topicctl has a variable of its own.
#[test]
fn what_is_exported_for_dev_does_not_send_prod_there() {
    let shipped = include_str!("../../topics.yaml");
    let sandbox = Sandbox::with("topics.yaml", shipped);
    let output = sandbox
        .command(&["apply", "--profile", "prod", "--yes"])
        .env("KAFKA_BOOTSTRAP_SERVERS", "127.0.0.1:1")
        .output()
        .unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(
        said.contains("`KAFKA_PROD_BOOTSTRAP_SERVERS` is not set"),
        "{said}"
    );
}
