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

const FILE: &str = "version: 1\nprofiles:\n  dev: {}\ntopics:\n  - name: orders\n";

#[test]
fn arguments_are_quoted_without_what_they_command() {
    let sandbox = Sandbox::with("topics.yaml", FILE);
    for arguments in [
        &["{}"][..],
        &["validate", "{}"],
        &["validate", "--output", "{}"],
        &["validate", "--{}"],
        &["diff", "--connect-timeout={}"],
        &["apply", "--throttle", "{}"],
        &["monitor", "--listen", "{}"],
    ] {
        let shown = run_with(&sandbox, arguments);
        assert!(shown.starts_with("exit code: 1\n"), "{arguments:?}: {shown}");
        assert_harmless(&shown);
    }
}
