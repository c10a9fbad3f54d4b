//! Client properties on the command line: what is wrong with them is said before anything is dialled.

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
