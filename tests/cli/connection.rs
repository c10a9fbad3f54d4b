//! Client properties on the command line: what is wrong with them is said before anything is dialled.

use std::fmt::Write as _;

use crate::fake_broker::FakeBroker;
use crate::support::Sandbox;

const FILE: &str = "version: 1\nprofiles:\n  dev:\n    bootstrap: 127.0.0.1:1\n    client:\n      security.protocol: SSL\n      ssl.keystore.location: missing.p12\ntopics:\n  - name: orders\n";

#[test]
fn a_properties_file_that_is_not_there_is_named() {
    let sandbox = Sandbox::with("topics.yaml", FILE);
    insta::assert_snapshot!(sandbox.run(&["diff", "--command-config", "missing.properties"]));
}

#[test]
fn all_problems_are_told_with_their_places_and_the_file_beats_the_profile() {
    let sandbox = Sandbox::with("topics.yaml", FILE);
    sandbox.put(
        "client.properties",
        "ssl.truststore.location=missing.pem\nsecurity.protocol=SASL_SSL\nsasl.mechanism=PLAIN\nsasl.pasword=hunter2\n",
    );
    let shown = sandbox.run(&["diff", "--command-config", "client.properties"]);
    assert!(!shown.contains("hunter2"), "{shown}");
    insta::assert_snapshot!(shown);
}

/// What is unambiguous is taken, and the broker is reached: from a flag, the environment, the properties file.
#[test]
fn lists_of_addresses_are_taken_as_people_write_them() {
    let lists = [
        "#,",
        ",#",
        "#,,#",
        " # ",
        "#\n",
        "# #",
        "#,\n  #\r\n",
        "PLAINTEXT://#",
        "kafka://#,#",
    ];
    for (list, way) in lists
        .into_iter()
        .flat_map(|list| [(list, 0), (list, 1), (list, 2)])
    {
        let broker = FakeBroker::start();
        let list = list.replace('#', &broker.address());
        let sandbox = Sandbox::with("topics.yaml", "version: 1\ntopics: [{name: orders}]\n");
        let escaped = list.replace('\r', "\\r").replace('\n', "\\n");
        sandbox.put("client.properties", &format!("bootstrap.servers={escaped}\n"));
        let (flags, variable) = match way {
            0 => (vec!["--bootstrap-server", &*list], ""),
            1 => (vec![], &*list),
            _ => (vec!["--command-config", "client.properties"], ""),
        };
        let mut command = sandbox.command(&[&["diff", "--connect-timeout", "2s"][..], &flags].concat());
        let output = command.env("KAFKA_BOOTSTRAP_SERVERS", variable).output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(broker.was_visited(), "{list:?}: {said}");
        assert!(
            said.contains(&format!("({})", broker.address())),
            "{list:?}: {said}"
        );
    }
}

#[test]
fn what_is_no_list_of_addresses_is_one_error_with_the_list_as_it_should_be() {
    let mut shown = String::new();
    for list in [
        "a:1;b:1",
        "\u{feff}a:1，b：1",
        "\"a:1,b:1\"",
        "[a:1]",
        "a\u{1b}[31m:1",
        "http://me:hunter2@a:1",
        "socks5h://a:1",
        "SASL_SSL://a:1,SASL_SSL://b:1",
        "kafka+ssl://a:1",
    ] {
        let sandbox = Sandbox::with("topics.yaml", "version: 1\ntopics: [{name: orders}]\n");
        let said = sandbox.run(&["diff", "--bootstrap-server", list]);
        assert!(
            !said.contains(['\u{1b}', '\u{feff}']) && !said.contains("hunter2"),
            "{said:?}"
        );
        writeln!(shown, "=== {}\n{said}", list.escape_debug()).unwrap();
    }
    insta::assert_snapshot!(shown);
}

/// librdkafka has no proxy, so that neither plane has.
#[test]
fn a_proxy_that_is_not_used_is_said_where_nobody_answers() {
    let sandbox = Sandbox::with("topics.yaml", "version: 1\ntopics: [{name: orders}]\n");
    let arguments = [
        "diff",
        "--bootstrap-server",
        "127.0.0.1:1",
        "--connect-timeout",
        "1s",
    ];
    let said = |proxy: &str| {
        let output = sandbox
            .command(&arguments)
            .env("ALL_PROXY", proxy)
            .output()
            .unwrap();
        String::from_utf8(output.stderr).unwrap()
    };
    let words = "Brokers are not connected to through the proxy of ALL_PROXY.";
    assert!(said("socks5h://127.0.0.1:1080").contains(words));
    assert!(!said("").contains(words));
}
