//! Who decides where credentials go, and how well they are protected: the table of docs/trust.md, row by row, against
//! brokers that keep what they are sent.

use std::fmt::Write as _;

use crate::fake_broker::FakeBroker;
use crate::support::Sandbox;

const MARKER: &str = "hunter2";

/// Two brokers, one of which the operator means, and the other one somebody who may only write the manifest.
struct Stage {
    operators: FakeBroker,
    manifests: FakeBroker,
}

/// Who was sent the password.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sent {
    Operators,
    Manifests,
    Nobody,
}

/// A run of `diff`. In every text, `OPERATORS` and `MANIFESTS` stand for the addresses of the two brokers, and with
/// `_NETWORK` for the same that is not known to be loopback.
#[derive(Default)]
struct Case<'c> {
    flags: &'c [&'c str],
    environment: Pairs<'c>,
    properties: &'c str,
    bootstrap: &'c str,
    client: Pairs<'c>,
}

/// Names with their values.
type Pairs<'c> = &'c [(&'c str, &'c str)];

impl Stage {
    fn new() -> Self {
        Self {
            operators: FakeBroker::start(),
            manifests: FakeBroker::start(),
        }
    }

    fn addressed(&self, text: &str) -> String {
        text.replace("OPERATORS_NETWORK", &self.operators.network_address())
            .replace("MANIFESTS_NETWORK", &self.manifests.network_address())
            .replace("OPERATORS", &self.operators.address())
            .replace("MANIFESTS", &self.manifests.address())
    }

    /// What is said on stderr, with the names of the brokers instead of their ports.
    fn named(&self, text: &str) -> String {
        text.replace(&self.operators.network_address(), "OPERATORS_NETWORK")
            .replace(&self.manifests.network_address(), "MANIFESTS_NETWORK")
            .replace(&self.operators.address(), "OPERATORS")
            .replace(&self.manifests.address(), "MANIFESTS")
    }

    fn sent(&self) -> Sent {
        match (self.operators.heard(MARKER), self.manifests.heard(MARKER)) {
            (true, false) => Sent::Operators,
            (false, true) => Sent::Manifests,
            (false, false) => Sent::Nobody,
            (true, true) => panic!("both heard it"),
        }
    }
}

impl Case<'_> {
    /// Who is sent the password, and what is said.
    fn run(&self) -> (Sent, String) {
        let stage = Stage::new();
        let (code, said) = self.run_on(&stage);
        assert_eq!(code, 1, "nobody is let in: {said}");
        (stage.sent(), said)
    }

    fn run_on(&self, stage: &Stage) -> (i32, String) {
        let mut file = "version: 1\nprofiles:\n  dev:\n".to_owned();
        if !self.bootstrap.is_empty() {
            writeln!(file, "    bootstrap: {}", stage.addressed(self.bootstrap)).unwrap();
        }
        if !self.client.is_empty() {
            file.push_str("    client:\n");
            for (name, value) in self.client {
                writeln!(file, "      {name}: {}", stage.addressed(value)).unwrap();
            }
        }
        file.push_str("topics:\n  - name: orders\n");
        let sandbox = Sandbox::with("topics.yaml", &file);
        sandbox.put("password", MARKER);
        let mut arguments = vec!["diff".to_owned(), "--connect-timeout".to_owned(), "2s".to_owned()];
        arguments.extend(self.flags.iter().map(|flag| stage.addressed(flag)));
        if !self.properties.is_empty() {
            sandbox.put("client.properties", &stage.addressed(self.properties));
            arguments.extend(["--command-config".to_owned(), "client.properties".to_owned()]);
        }
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let mut command = sandbox.command(&arguments);
        for (name, value) in self.environment {
            command.env(name, stage.addressed(value));
        }
        let output = command.output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        (output.status.code().unwrap(), stage.named(&said))
    }

    fn is_refused(&self, why: &str) {
        let (sent, said) = self.run();
        assert!(said.contains(why), "expected {why:?} in\n{said}");
        assert_eq!(sent, Sent::Nobody, "{said}");
    }

    fn is_sent_to(&self, who: Sent) -> String {
        let (sent, said) = self.run();
        assert_eq!(sent, who, "{said}");
        said
    }
}

const PASSWORD: Pairs<'_> = &[("PASSWORD", MARKER)];

/// A login with what the environment holds, as most manifests state it.
const FROM_ENVIRONMENT: Pairs<'_> = &[
    ("security.protocol", "SASL_PLAINTEXT"),
    ("sasl.mechanism", "PLAIN"),
    ("sasl.username", "me"),
    ("sasl.password", "${PASSWORD}"),
];

/// What is common to state in a manifest beside an address.
const PROTOCOL: Pairs<'_> = &[
    ("security.protocol", "SASL_PLAINTEXT"),
    ("sasl.mechanism", "PLAIN"),
];

const USER: &str = "sasl.username=me\nsasl.password=hunter2\n";

#[test]
fn what_is_common_stays_easy() {
    for (case, to) in [
        // Everything in the manifest, the password in the environment or in a file.
        (
            Case {
                environment: PASSWORD,
                bootstrap: "MANIFESTS",
                client: FROM_ENVIRONMENT,
                ..Case::default()
            },
            Sent::Manifests,
        ),
        (
            Case {
                bootstrap: "MANIFESTS",
                client: &[
                    ("security.protocol", "SASL_PLAINTEXT"),
                    ("sasl.mechanism", "PLAIN"),
                    ("sasl.username", "me"),
                    ("sasl.password", "file:password"),
                ],
                ..Case::default()
            },
            Sent::Manifests,
        ),
        // Address and protocol in the manifest, user and password in the properties.
        (
            Case {
                properties: USER,
                bootstrap: "MANIFESTS",
                client: PROTOCOL,
                ..Case::default()
            },
            Sent::Manifests,
        ),
        // Everything in the properties, and only topics in the manifest.
        (
            Case {
                properties: "bootstrap.servers=OPERATORS\nsecurity.protocol=SASL_PLAINTEXT\nsasl.mechanism=PLAIN\n\
                             sasl.username=me\nsasl.password=hunter2\n",
                ..Case::default()
            },
            Sent::Operators,
        ),
        // The address from the environment, by either way.
        (
            Case {
                environment: &[("PASSWORD", MARKER), ("KAFKA_BOOTSTRAP_SERVERS", "OPERATORS")],
                client: FROM_ENVIRONMENT,
                ..Case::default()
            },
            Sent::Operators,
        ),
        (
            Case {
                environment: &[("PASSWORD", MARKER), ("KAFKA_BOOTSTRAP_SERVERS", "OPERATORS")],
                bootstrap: "${KAFKA_BOOTSTRAP_SERVERS}",
                client: FROM_ENVIRONMENT,
                ..Case::default()
            },
            Sent::Operators,
        ),
    ] {
        let said = case.is_sent_to(to);
        assert!(said.starts_with("error: no connection"), "no word more: {said}");
    }
}

#[test]
fn the_operators_address_beats_the_manifests_and_that_is_said() {
    let by_flag = Case {
        flags: &["--bootstrap-server", "OPERATORS"],
        environment: PASSWORD,
        properties: "bootstrap.servers=127.0.0.1:1\n",
        bootstrap: "MANIFESTS",
        client: FROM_ENVIRONMENT,
    };
    let said = by_flag.is_sent_to(Sent::Operators);
    let note = "note: connecting to OPERATORS (--bootstrap-server), not to 127.0.0.1:1 (`bootstrap.servers` of \
                client.properties:1) or MANIFESTS (topics.yaml:4 (profile dev))\n";
    assert!(said.starts_with(note), "{said}");
    let by_properties = Case {
        properties: "security.protocol=SASL_PLAINTEXT\nbootstrap.servers=OPERATORS\n",
        bootstrap: "MANIFESTS",
        environment: PASSWORD,
        client: FROM_ENVIRONMENT,
        ..Case::default()
    };
    let said = by_properties.is_sent_to(Sent::Operators);
    let note = "note: connecting to OPERATORS (`bootstrap.servers` of client.properties:2), not to MANIFESTS \
                (topics.yaml:4 (profile dev))\n";
    assert!(said.starts_with(note), "{said}");
}

/// The address of the environment is the operator's as well, and a literal of the manifest is not meant to lead away
/// from it what the environment holds beside it.
#[test]
fn a_manifest_does_not_lead_credentials_away_from_the_environments_address() {
    let environment = &[("PASSWORD", MARKER), ("KAFKA_BOOTSTRAP_SERVERS", "OPERATORS")];
    let mut case = Case {
        environment,
        bootstrap: "MANIFESTS",
        client: FROM_ENVIRONMENT,
        ..Case::default()
    };
    let why = "error: MANIFESTS (topics.yaml:4 (profile dev)) and OPERATORS (the variable KAFKA_BOOTSTRAP_SERVERS) do \
               not agree on where the cluster is; credentials that do not stand in the manifest are sent to \
               neither\nGive the address that is meant with --bootstrap-server.\n";
    case.is_refused(why);
    // Those of a properties file, and of files that the manifest names, no less.
    case.client = PROTOCOL;
    case.properties = USER;
    case.is_refused(why);
    case.properties = "";
    case.client = &[
        ("security.protocol", "SASL_PLAINTEXT"),
        ("sasl.mechanism", "PLAIN"),
        (
            "sasl.jaas.config",
            "'x.PlainLoginModule required username=\"me\" password=\"file:password\";'",
        ),
    ];
    case.is_refused(why);
    // Given by flag, it is meant.
    case.client = FROM_ENVIRONMENT;
    case.flags = &["--bootstrap-server", "MANIFESTS"];
    case.is_sent_to(Sent::Manifests);
}

/// What stands in the manifest may go where the manifest says.
#[test]
fn what_stands_in_the_manifest_goes_where_the_manifest_says() {
    let said = Case {
        environment: &[("KAFKA_BOOTSTRAP_SERVERS", "OPERATORS")],
        bootstrap: "MANIFESTS",
        client: &[
            ("security.protocol", "SASL_PLAINTEXT"),
            ("sasl.mechanism", "PLAIN"),
            ("sasl.username", "me"),
            ("sasl.password", MARKER),
        ],
        ..Case::default()
    }
    .is_sent_to(Sent::Manifests);
    assert!(
        said.contains(
            "note: connecting to MANIFESTS (topics.yaml:4 (profile dev)), not to OPERATORS (the variable"
        ),
        "{said}"
    );
}

#[test]
fn a_manifest_changes_nothing_that_the_operator_states() {
    let cases: [(&str, Pairs<'_>, &str); 9] = [
        (
            "security.protocol=SASL_SSL\nsasl.mechanism=PLAIN\n",
            &[("security.protocol", "SASL_PLAINTEXT")],
            "`security.protocol` would change the protocol, which the properties file states: `security.protocol` \
             (client.properties:1)",
        ),
        (
            "sasl.mechanism=SCRAM-SHA-512\n",
            &[
                ("security.protocol", "SASL_PLAINTEXT"),
                ("sasl.mechanism", "PLAIN"),
            ],
            "`sasl.mechanism` would change the mechanism",
        ),
        // By librdkafka's name as well.
        (
            "sasl.mechanism=SCRAM-SHA-512\n",
            &[
                ("security.protocol", "SASL_PLAINTEXT"),
                ("sasl.mechanisms", "PLAIN"),
            ],
            "`sasl.mechanism` would change the mechanism",
        ),
        (
            "security.protocol=SASL_SSL\nsasl.mechanism=PLAIN\nssl.truststore.location=ca.pem\n",
            &[("ssl.truststore.location", "mine.pem")],
            "`ssl.truststore.location` would change how brokers are verified",
        ),
        (
            "security.protocol=SASL_SSL\nsasl.mechanism=PLAIN\nssl.truststore.location=ca.pem\n",
            &[("ssl.ca.pem", "mine")],
            "`ssl.ca.pem` would change how brokers are verified",
        ),
        (
            "security.protocol=SASL_SSL\nsasl.mechanism=PLAIN\nssl.truststore.location=ca.pem\n",
            &[("enable.ssl.certificate.verification", "false")],
            "`enable.ssl.certificate.verification` would change how brokers are verified",
        ),
        (
            "security.protocol=SASL_SSL\nsasl.mechanism=PLAIN\n",
            &[("enable.ssl.certificate.verification", "false")],
            "`enable.ssl.certificate.verification` would switch off how brokers are verified",
        ),
        (
            "security.protocol=SASL_SSL\nsasl.mechanism=PLAIN\n",
            &[("ssl.endpoint.identification.algorithm", "''")],
            "`ssl.endpoint.identification.algorithm` would switch off how brokers are verified",
        ),
        (
            "security.protocol=SASL_SSL\nsasl.mechanism=OAUTHBEARER\nsasl.oauthbearer.client.id=me\n\
             sasl.oauthbearer.client.secret=hunter2\n\
             sasl.oauthbearer.token.endpoint.url=https://login.example/\n",
            &[("https.ca.location", "mine.pem")],
            "`https.ca.location` would change where tokens come from",
        ),
    ];
    for (properties, client, why) in cases {
        let properties = format!("{properties}{USER}");
        Case {
            properties: &properties,
            bootstrap: "MANIFESTS",
            client,
            ..Case::default()
        }
        .is_refused(why);
    }
}

/// Nor does it for a password that the operator gives with no word on TLS.
#[test]
fn the_properties_files_password_is_not_sent_to_a_broker_that_nobody_verifies() {
    let mut case = Case {
        properties: USER,
        bootstrap: "MANIFESTS_NETWORK",
        client: &[
            ("security.protocol", "SASL_SSL"),
            ("sasl.mechanism", "PLAIN"),
            ("enable.ssl.certificate.verification", "false"),
        ],
        ..Case::default()
    };
    case.is_refused("`enable.ssl.certificate.verification` would switch off how brokers are verified");
    case.client = &[
        ("security.protocol", "SASL_SSL"),
        ("sasl.mechanism", "PLAIN"),
        ("ssl.endpoint.identification.algorithm", "none"),
    ];
    case.is_refused("`ssl.endpoint.identification.algorithm` would switch off how brokers are verified");
}

const LOGIN: [(&str, &str); 4] = [
    ("security.protocol", "SASL_PLAINTEXT"),
    ("sasl.mechanism", "PLAIN"),
    ("sasl.username", "me"),
    ("sasl.password", "${PASSWORD}"),
];

/// By either client's name of the property.
#[test]
fn an_address_under_client_counts_where_nothing_else_states_one() {
    for name in ["bootstrap.servers", "metadata.broker.list"] {
        let client = [&[(name, "MANIFESTS")], &LOGIN[..]].concat();
        let alone = Case {
            environment: PASSWORD,
            client: &client,
            ..Case::default()
        };
        let said = alone.is_sent_to(Sent::Manifests);
        assert!(said.starts_with("error: no connection"), "no word more: {said}");
        let beside = Case {
            bootstrap: "OPERATORS",
            ..alone
        };
        let said = beside.is_sent_to(Sent::Operators);
        let note = "note: connecting to OPERATORS (topics.yaml:4 (profile dev)), not to MANIFESTS (`bootstrap.servers` of \
                    topics.yaml:6 (profile dev))\n";
        assert!(said.starts_with(note), "{said}");
    }
}

/// A manifest leads no credentials away from the environment's address, whichever field states another one.
#[test]
fn an_address_under_client_is_the_manifests_word() {
    let client = [&[("bootstrap.servers", "MANIFESTS")], &LOGIN[..]].concat();
    let case = Case {
        environment: &[("PASSWORD", MARKER), ("KAFKA_BOOTSTRAP_SERVERS", "OPERATORS")],
        client: &client,
        ..Case::default()
    };
    case.is_refused("do not agree on where the cluster is");
}

/// None of the operator's own addresses is passed over without a word, but for the variable where a flag is given.
#[test]
fn of_two_addresses_of_the_operator_the_one_that_does_not_count_is_said() {
    let by_properties = Case {
        environment: &[("PASSWORD", MARKER), ("KAFKA_BOOTSTRAP_SERVERS", "127.0.0.1:1")],
        properties: "metadata.broker.list=OPERATORS\n",
        client: &LOGIN,
        ..Case::default()
    };
    let said = by_properties.is_sent_to(Sent::Operators);
    let note = "note: connecting to OPERATORS (`bootstrap.servers` of client.properties:1), not to 127.0.0.1:1 (the \
                variable KAFKA_BOOTSTRAP_SERVERS)\n";
    assert!(said.starts_with(note), "{said}");
    let by_flag = Case {
        flags: &["--bootstrap-server", "OPERATORS"],
        properties: "client.id=me\n",
        ..by_properties
    };
    let said = by_flag.is_sent_to(Sent::Operators);
    assert!(said.starts_with("error: no connection"), "no word more: {said}");
}

/// The same, and what nobody has to state, is no change; what only the operator states counts beside the rest.
#[test]
fn what_both_state_alike_is_no_change() {
    Case {
        properties: "security.protocol=SASL_PLAINTEXT\nsasl.mechanism=PLAIN\nsasl.username=me\nsasl.password=hunter2\n",
        bootstrap: "MANIFESTS",
        client: &[("security.protocol", "sasl_plaintext"), ("sasl.mechanism", "PLAIN")],
        ..Case::default()
    }
    .is_sent_to(Sent::Manifests);
}

/// Who asks for plain text sends no credentials.
#[test]
fn an_operator_may_connect_without_the_manifests_login() {
    let stage = Stage::new();
    let case = Case {
        flags: &["--request-timeout", "1s"],
        environment: PASSWORD,
        properties: "security.protocol=PLAINTEXT\n",
        bootstrap: "OPERATORS",
        client: FROM_ENVIRONMENT,
    };
    let (_, said) = case.run_on(&stage);
    assert!(
        stage.operators.was_visited() && stage.sent() == Sent::Nobody,
        "{said}"
    );
    assert!(!said.contains("would change"), "{said}");
}

#[test]
fn the_properties_files_password_goes_in_plain_text_on_its_own_word_only() {
    let mut case = Case {
        properties: USER,
        bootstrap: "MANIFESTS_NETWORK",
        client: PROTOCOL,
        ..Case::default()
    };
    case.is_refused(
        "`security.protocol` would send the secret of the properties file in plain text (PLAIN over SASL_PLAINTEXT)",
    );
    case.properties = "security.protocol=SASL_PLAINTEXT\nsasl.username=me\nsasl.password=hunter2\n";
    let said = case.is_sent_to(Sent::Manifests);
    assert_eq!(said.matches("in plain text").count(), 1, "{said}");
    // To this machine it may.
    case.properties = USER;
    case.bootstrap = "MANIFESTS";
    let said = case.is_sent_to(Sent::Manifests);
    assert!(!said.contains("in plain text"), "{said}");
}

#[test]
fn a_password_in_plain_text_over_a_network_draws_one_warning() {
    let case = Case {
        environment: PASSWORD,
        bootstrap: "MANIFESTS_NETWORK",
        client: FROM_ENVIRONMENT,
        ..Case::default()
    };
    let said = case.is_sent_to(Sent::Manifests);
    insta::assert_snapshot!(said);
}

#[test]
fn allowed_addresses_pin_where_a_run_connects() {
    const VARIABLE: &str = "TOPICCTL_ALLOW_BOOTSTRAP";
    let mut case = Case {
        environment: &[("PASSWORD", MARKER), (VARIABLE, "kafka.example,OPERATORS")],
        bootstrap: "MANIFESTS",
        client: FROM_ENVIRONMENT,
        ..Case::default()
    };
    case.is_refused(
        "error: no pattern of --allow-bootstrap matches MANIFESTS; nothing was connected to\nThe address comes from \
         topics.yaml:4 (profile dev).\n",
    );
    // One of several is enough to be refused.
    case.bootstrap = "OPERATORS,MANIFESTS";
    case.is_refused("no pattern of --allow-bootstrap matches MANIFESTS");
    case.bootstrap = "OPERATORS";
    case.is_sent_to(Sent::Operators);
    case.flags = &["--allow-bootstrap", "127.0.0.*", "--allow-bootstrap", "other:1"];
    case.is_sent_to(Sent::Operators);
    // A variable that somebody forgot to fill allows nothing.
    case.flags = &[];
    case.environment = &[("PASSWORD", MARKER), (VARIABLE, "")];
    case.is_refused("'--allow-bootstrap <PATTERN>'");
}

/// A login goes to every broker that the cluster names.
#[test]
fn a_broker_elsewhere_is_not_connected_to() {
    let stage = Stage {
        operators: FakeBroker::naming(Some(("203.0.113.7", 9092))),
        manifests: FakeBroker::start(),
    };
    let case = Case {
        flags: &["--allow-bootstrap", "127.0.0.1"],
        bootstrap: "OPERATORS",
        ..Case::default()
    };
    let (code, said) = case.run_on(&stage);
    assert_eq!(code, 1);
    assert_eq!(
        said,
        "error: no pattern of --allow-bootstrap matches 203.0.113.7:9092, where the cluster says that broker 1 is; \
         nothing was changed\nAllow it too, if it is the cluster's.\n"
    );
}

#[test]
fn a_manifests_token_endpoint_has_to_be_allowed() {
    let mut case = Case {
        environment: &[("PASSWORD", MARKER)],
        flags: &["--allow-bootstrap", "127.0.0.1"],
        bootstrap: "MANIFESTS",
        client: &[
            ("security.protocol", "SASL_PLAINTEXT"),
            ("sasl.mechanism", "OAUTHBEARER"),
            ("sasl.oauthbearer.client.id", "me"),
            ("sasl.oauthbearer.client.secret", "${PASSWORD}"),
            (
                "sasl.oauthbearer.token.endpoint.url",
                "https://login.example/token",
            ),
        ],
        ..Case::default()
    };
    case.is_refused("no pattern of --allow-bootstrap matches the token endpoint, login.example:443");
    // The operator's own word needs no pattern; nobody listens there.
    case.properties = "sasl.oauthbearer.token.endpoint.url=https://127.0.0.1:1/\n";
    case.client = &[
        ("security.protocol", "SASL_PLAINTEXT"),
        ("sasl.mechanism", "OAUTHBEARER"),
        ("sasl.oauthbearer.client.id", "me"),
        ("sasl.oauthbearer.client.secret", "${PASSWORD}"),
    ];
    case.is_refused("the token endpoint cannot be asked");
}

/// Neither a variable, nor a file, nor an address of it.
#[test]
fn a_file_that_is_not_trusted_reaches_nothing() {
    let stage = Stage::new();
    let mut case = Case {
        flags: &["--untrusted-file"],
        environment: PASSWORD,
        bootstrap: "MANIFESTS",
        client: FROM_ENVIRONMENT,
        ..Case::default()
    };
    let (_, said) = case.run_on(&stage);
    assert!(
        said.contains("note: the file is not trusted: what it says of the connection is not used (topics.yaml:4:5, topics.yaml:5:5)\n")
            && said.contains("error: no broker address"),
        "{said}"
    );
    // The operator's side is all that counts, also where the file would contradict it.
    case.properties = "bootstrap.servers=OPERATORS\nsecurity.protocol=SASL_PLAINTEXT\nsasl.mechanism=PLAIN\n\
                       sasl.username=me\nsasl.password=hunter2\n";
    case.client = &[
        ("security.protocol", "PLAINTEXT"),
        ("sasl.password", "file:/nowhere"),
    ];
    let (_, said) = case.run_on(&stage);
    assert_eq!(stage.sent(), Sent::Operators, "{said}");
    assert!(!stage.manifests.was_visited());
}

#[test]
fn a_variable_of_a_file_that_is_not_trusted_is_an_error() {
    let file = "version: 1\nprofiles:\n  dev:\n    bootstrap: ${ADDRESS}\n    prefix: ${OWNER}.\ndefaults:\n  \
                partitions: ${COUNT:-3}\ntopics:\n  - name: orders\n";
    let sandbox = Sandbox::with("topics.yaml", file);
    let shown = |arguments: &[&str]| {
        let mut command = sandbox.command(arguments);
        let output = command.env("OWNER", MARKER).env("COUNT", "7").output().unwrap();
        String::from_utf8([output.stdout, output.stderr].concat()).unwrap()
    };
    let said = shown(&["validate", "--untrusted-file"]);
    assert!(!said.contains(MARKER), "{said}");
    insta::assert_snapshot!(said);
    assert_eq!(shown(&["diff", "--untrusted-file"]), said);
}

/// A secret of Kubernetes often ends in a line end, which is sent as it is and seen by nobody.
#[test]
fn a_refused_login_says_that_the_password_ends_in_something_invisible() {
    for (end, hint) in [
        ("\n", ", and ends in a line end (U+000A)"),
        ("\u{a0}", ", and ends in a blank (U+00A0)"),
        ("", ""),
    ] {
        let password = format!("{MARKER}{end}");
        let said = Case {
            environment: &[("PASSWORD", &password)],
            bootstrap: "MANIFESTS",
            client: &LOGIN,
            ..Case::default()
        }
        .is_sent_to(Sent::Manifests);
        let stated = format!("the password is stated at topics.yaml:9 (profile dev){hint}\n");
        assert!(said.contains(&stated), "{said}");
    }
}
