//! What monitor says before it reaches a cluster.

use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;

use crate::support::Sandbox;

#[test]
fn without_a_terminal_it_says_what_to_use_instead() {
    let shown = Sandbox::empty().run(&["monitor", "--bootstrap-server", "127.0.0.1:1"]);
    insta::assert_snapshot!(shown, @r"
    exit code: 1
    ----- stdout -----
    ----- stderr -----
    error: the live view needs a terminal at standard input and output; without one, give --once for one sample, --output json for a line of JSON for each, or --listen 9308 for Prometheus
    ");
}

#[test]
fn flags_that_do_not_go_together_are_refused() {
    let sandbox = Sandbox::empty();
    insta::assert_snapshot!(sandbox.run(&["monitor", "--listen", "9308", "--once"]), @r"
    exit code: 1
    ----- stdout -----
    ----- stderr -----
    error: the argument '--listen <ADDRESS>' cannot be used with '--once'

    Usage: topicctl monitor --listen <ADDRESS> [TOPICS]...

    For more information, try '--help'.
    ");
    insta::assert_snapshot!(sandbox.run(&["monitor", "--listen", ":9308"]), @r"
    exit code: 1
    ----- stdout -----
    ----- stderr -----
    error: invalid value ':9308' for '--listen <ADDRESS>': write a port, such as 9308, or an address with one, such as 0.0.0.0:9308 to be reached from elsewhere

    For more information, try '--help'.
    ");
}

#[test]
fn a_token_that_cannot_be_one_is_refused() {
    let sandbox = Sandbox::with("empty", "\n");
    sandbox.put("two", "a b\n");
    sandbox.put("long", &"x".repeat(5_000));
    for (file, why) in [
        (
            "missing",
            "the file cannot be read (No such file or directory (os error 2))",
        ),
        (
            "/dev/zero",
            "the file cannot be read (it is a device, not a regular file)",
        ),
        (
            "long",
            "the file cannot be read (it is larger than 4096 bytes, which is the limit)",
        ),
        ("empty", "the file is empty"),
        (
            "two",
            "a token has only letters, digits and signs of ASCII, and no blanks",
        ),
    ] {
        let shown = sandbox.run(&["monitor", "--listen", "127.0.0.1:0", "--listen-token-file", file]);
        let expected = format!("error: --listen-token-file {file}: {why}\n");
        assert!(shown.ends_with(&expected), "{shown}");
    }
}

#[test]
fn a_token_that_everybody_can_read_is_warned_of() {
    let sandbox = Sandbox::with("token", "hunter2\n");
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let run = |mode: u32| {
        let set_mode = |file: &str, mode| {
            fs::set_permissions(sandbox.path(file), fs::Permissions::from_mode(mode)).unwrap();
        };
        set_mode(".", 0o755);
        set_mode("token", mode);
        let shown = sandbox.run(&["monitor", "--listen", &address, "--listen-token-file", "token"]);
        shown.replace(&address, "ADDRESS").replace(" (os error 98)", "")
    };
    insta::assert_snapshot!(run(0o644), @r"
    exit code: 1
    ----- stdout -----
    ----- stderr -----
    warning: --listen-token-file token: every user of this machine can read the file
       = chmod o-r token
    error: --listen ADDRESS: Address already in use
    ");
    assert!(!run(0o640).contains("warning"));
}

#[test]
fn an_address_that_is_taken_is_said_before_anything_else() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let shown = Sandbox::empty().run(&[
        "monitor",
        "--listen",
        &address,
        "--bootstrap-server",
        "127.0.0.1:1",
    ]);
    let shown = shown.replace(&address, "ADDRESS").replace(" (os error 98)", "");
    insta::assert_snapshot!(shown, @r"
    exit code: 1
    ----- stdout -----
    ----- stderr -----
    error: --listen ADDRESS: Address already in use
    ");
}
