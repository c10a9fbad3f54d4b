//! Names that others chose, and arguments: nothing in them commands a terminal or a runner of CI.

use super::support::Sandbox;

/// Sets a window's title, deletes a line, turns the text around, and is a command twice.
const HOSTILE: &str = "a\u{1b}]0;owned\u{7}\r\u{1b}[2K\u{202e}b\u{9b}\n::error file=c::forged ##[error]d";

/// Fails where anything of it is obeyed; `shown` is all that a run writes.
fn assert_harmless(shown: &str) {
    let is_control = |c: char| c.is_control() && c != '\n';
    assert!(!shown.contains(is_control), "{shown:?}");
    assert!(!shown.contains('\u{202e}'), "{shown:?}");
    assert!(!shown.contains("##["), "{shown}");
    let is_forged = |line: &str| line.trim_start().starts_with("::");
    assert!(!shown.lines().any(is_forged), "{shown}");
    assert!(shown.contains("forged"), "the text is not shown at all: {shown}");
}

/// Where `{}` stands, the text of others is put.
fn run_with(sandbox: &Sandbox, arguments: &[&str]) -> String {
    let arguments: Vec<String> = arguments
        .iter()
        .map(|argument| argument.replace("{}", HOSTILE))
        .collect();
    sandbox.run(&arguments.iter().map(String::as_str).collect::<Vec<_>>())
}

/// What a run says with this text in place of `{}`.
fn lines_with(text: &str, run: impl Fn(&str) -> String) -> usize {
    run(text).lines().count()
}

/// As many lines as with an ordinary name: nothing begins one of its own.
fn assert_no_line_of_its_own(run: impl Fn(&str) -> String) {
    let shown = run(HOSTILE);
    assert_harmless(&shown);
    assert_eq!(shown.lines().count(), lines_with("x forged", run), "{shown}");
}

const FILE: &str = "version: 1\nprofiles:\n  dev: {}\ntopics:\n  - name: orders\n";

#[test]
fn names_of_files_and_profiles_are_shown_in_one_line() {
    let asked = |arguments: &'static [&'static str]| {
        move |name: &str| {
            let sandbox = Sandbox::with("topics.yaml", FILE);
            let arguments: Vec<String> = arguments.iter().map(|text| text.replace("{}", name)).collect();
            sandbox.run(&arguments.iter().map(String::as_str).collect::<Vec<_>>())
        }
    };
    for arguments in [
        &["validate", "--file", "{}"][..],
        &["validate", "--profile", "{}"],
        &["diff", "--bootstrap-server", "{}:9092"],
        &[
            "diff",
            "--bootstrap-server",
            "127.0.0.1:1",
            "--command-config",
            "{}",
        ],
        &["diff", "--bootstrap-server", "127.0.0.1:1", "{}"],
        &["apply", "--plan", "{}"],
        &[
            "apply",
            "--record",
            "{}/none",
            "--bootstrap-server",
            "127.0.0.1:1",
        ],
        &["events", "validate", "{}"],
        &["monitor", "--listen", "{}:9308"],
        &["monitor", "--listen", "127.0.0.1:0", "--listen-token-file", "{}"],
    ] {
        assert_no_line_of_its_own(asked(arguments));
    }
}

/// The problems of a file, with its name before each, and a profile with a name that nobody would type.
#[test]
fn what_is_wrong_with_a_file_is_said_in_its_own_lines() {
    let named = |name: &str| {
        let sandbox = Sandbox::empty();
        let folder = name.replace('/', "_");
        sandbox.put(
            &format!("{folder}.yaml"),
            "version: 1\ntopics:\n  - name: a b\n    x: 1\n",
        );
        [
            sandbox.run(&["validate", "--file", "."]),
            sandbox.run(&["validate", "-o", "json", "-f", "."]),
        ]
        .concat()
    };
    assert_no_line_of_its_own(named);
    let profile = |name: &str| {
        let escaped: Vec<String> = name.chars().map(|c| format!("\\U{:08x}", u32::from(c))).collect();
        let escaped = escaped.concat();
        let text = format!(
            "version: 1\nprofiles:\n  \"{escaped}\": {{}}\ntopics:\n  - name: orders\n    partitions: 0\n"
        );
        let sandbox = Sandbox::with("topics.yaml", &text);
        [
            sandbox.run(&["validate", "-p", "dev"]),
            sandbox.run(&["validate", "-p", name]),
        ]
        .concat()
    };
    assert_no_line_of_its_own(profile);
}

/// Whoever edits a plan can compute its digest again, or leave it as it is.
#[test]
fn a_plan_that_is_none_says_so_in_one_line() {
    let plan = |name: &str| {
        let text = format!("{{\"format\": {}}}", serde_json::Value::from(name));
        Sandbox::with("plan.json", &text).run(&["apply", "--plan", "plan.json"])
    };
    assert_no_line_of_its_own(plan);
}

/// A plan with every text in it chosen by somebody who computed its digest.
fn forged_plan(name: &str, blocked: &str) -> String {
    let text = serde_json::to_string(name).unwrap();
    let blocked = if blocked.is_empty() { "" } else { &text };
    let plan = format!(
        r#"{{"topicctl":"0.1.0","profile":{text},"cluster_id":{text},"address":{text},"files":[],"arguments":[],"prune":[],"blocked":[{blocked}],"in_sync":0,"topics":[]}}"#
    );
    let digest = ring::digest::digest(&ring::digest::SHA256, plan.as_bytes());
    let digest: Vec<String> = digest.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
    let digest = digest.concat();
    format!(r#"{{"format":"topicctl/saved-plan","version":1,"digest":"{digest}","plan":{plan}}}"#)
}

#[test]
fn what_a_plan_says_of_itself_is_shown_in_one_line() {
    let blocked = |name: &str| {
        Sandbox::with("plan.json", &forged_plan(name, "blocked")).run(&["apply", "--plan", "plan.json"])
    };
    assert_no_line_of_its_own(blocked);
    let profile = |name: &str| {
        let sandbox = Sandbox::with("plan.json", &forged_plan(name, ""));
        sandbox.run(&["apply", "--plan", "plan.json", "--profile", "other"])
    };
    assert_no_line_of_its_own(profile);
    let address = |name: &str| {
        let sandbox = Sandbox::with("plan.json", &forged_plan(name, ""));
        sandbox.run(&["apply", "--plan", "plan.json"])
    };
    assert_no_line_of_its_own(address);
}

#[test]
fn arguments_are_quoted_without_what_they_command() {
    let sandbox = Sandbox::with("topics.yaml", FILE);
    for arguments in [
        &["{}"][..],
        &["validate", "{}"],
        &["validate", "--output", "{}"],
        &["validate", "--forged{}"],
        &["diff", "--connect-timeout={}"],
        &["apply", "--throttle", "{}"],
        &["monitor", "--listen", "{}"],
    ] {
        let shown = run_with(&sandbox, arguments);
        assert!(shown.starts_with("exit code: 1\n"), "{arguments:?}: {shown}");
        assert_harmless(&shown);
    }
}
