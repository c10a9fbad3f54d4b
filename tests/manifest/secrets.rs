//! No message, no debug output and no serialised form shows a secret.

use topicctl::manifest::{self, Excerpt};

use crate::support::{files, good, load, printed, selection};

#[test]
fn client_properties_are_hidden_in_every_form() {
    let manifest = good(
        "version: 1\nprofiles:\n  dev:\n    client:\n      sasl.password: hunter2\ntopics:\n  - name: orders\n",
        None,
    );
    assert_eq!(manifest.client["sasl.password"].value.value.reveal(), "hunter2");
    let debug = format!("{manifest:?} {manifest:#?}");
    assert!(!debug.contains("hunter2"), "{debug}");
    assert!(debug.contains("[hidden]"), "{debug}");
}

/// A secret in every line of a good manifest where one could stand, and one mistake at a time.
#[test]
fn no_mistake_anywhere_near_a_secret_shows_it() {
    let lines = [
        "version: 1",
        "profiles:",
        "  dev:",
        "    bootstrap: localhost:9092",
        "    client:",
        "      sasl.username: hunter2",
        "      sasl.password: 'hunter2'",
        "      sasl.jaas.config: >",
        "        module required",
        "        password=hunter2;",
        "      ssl.keystore.key: |",
        "        hunter2",
        "        hunter2",
        "      other: \"hunter2",
        "        hunter2\"",
        "    replication: 1",
        "topics:",
        "  - name: orders",
        "    description: the token is hunter2",
        "    partitions: 3",
    ];
    let breakages: [fn(&str) -> String; 12] = [
        |line| format!(" {line}"),
        |line| line.trim_start().to_owned(),
        |line| line.replacen(':', "", 1),
        |line| line.replacen(": ", ":", 1),
        |line| line.replacen(": ", ": [", 1),
        |line| line.replacen(": ", ": {", 1),
        |line| line.replacen(": ", ": \"", 1),
        |line| line.replacen(": ", ": !tag ", 1),
        |line| line.replacen(": ", ": *", 1),
        |line| line.replacen(": ", ": ${", 1),
        |line| format!("\t{line}"),
        |line| format!("{line}\n{line}"),
    ];
    let mut wrong = 0;
    for broken in 0..lines.len() {
        for breakage in breakages {
            let mut lines: Vec<String> = lines.iter().map(ToString::to_string).collect();
            lines[broken] = breakage(&lines[broken]);
            let text = lines.join("\n");
            let Err(problems) = load(&[("topics.yaml", &text)], None) else {
                continue;
            };
            wrong += 1;
            let said = format!("{problems} {problems:?} {}", printed(&problems));
            assert!(!said.contains("hunter2"), "{text}\n\n{problems}");
        }
    }
    assert!(wrong > 150, "only {wrong} of these mistakes were found");
}

#[test]
fn what_a_variable_holds_is_hidden_with_its_line() {
    let text = "version: 1
topics:
  - name: orders
    partitions: ${DB_PASSWORD}
    replication: ${HARMLESS} # not the password
    retention: ${HARMLESS}
";
    let environment = |name: &str| Some(if name == "HARMLESS" { "many" } else { "hunter2" }.to_owned());
    let problems =
        manifest::load_files(files(&[("topics.yaml", text)]), &selection(None), &environment).unwrap_err();
    let said = problems.to_string();
    assert!(!said.contains("hunter2"), "{said}");
    assert_eq!(said.matches("many").count(), 1, "{said}");
    let withheld = |problem: &&manifest::Problem| matches!(problem.excerpt, Excerpt::Withheld(_));
    assert_eq!(problems.problems.iter().filter(withheld).count(), 2);
}

fn problems(text: &str, profile: Option<&str>) -> String {
    let environment = |_: &str| Some("hunter2".to_owned());
    let loaded = manifest::load_files(files(&[("topics.yaml", text)]), &selection(profile), &environment);
    loaded.unwrap_err().to_string()
}

#[test]
fn a_variable_that_holds_a_secret_is_read_nowhere_else() {
    let client = "version: 1\nprofiles:\n  dev:\n    client:\n      sasl.username: ${TEAM}\n      \
                  sasl.password: ${X}\n";
    for (field, name) in [
        ("{name: \"${X}.orders\"}", "X"),
        ("{name: orders, description: \"by ${X}\"}", "X"),
        ("{name: orders, retention: \"${X}\"}", "X"),
        ("{name: orders, config: {cleanup.policy: [\"${X}\"]}}", "X"),
        ("{name: orders, aliases: [\"${X}\"]}", "X"),
        ("{name: orders, partitions: \"${DB_PASSWORD}\"}", "DB_PASSWORD"),
    ] {
        let said = problems(&format!("{client}topics:\n  - {field}\n"), None);
        assert!(!said.contains("hunter2"), "{said}");
        let expected = format!("the variable `{name}` holds a secret by its ");
        assert!(said.contains(&expected), "{field}: {said}");
    }
    for field in [
        "    bootstrap: \"${X}:9092\"\n",
        "    cluster_id: ${X}\n",
        "    prefix: ${X}\n",
    ] {
        let said = problems(&format!("{client}{field}topics:\n  - {{name: orders}}\n"), None);
        assert!(!said.contains("hunter2"), "{said}");
        assert!(
            said.contains("the variable `X` holds a secret"),
            "{field}: {said}"
        );
    }
}

#[test]
fn the_user_of_a_login_module_is_no_secret() {
    let text = "version: 1\nprofiles:\n  dev:\n    client:\n      sasl.jaas.config: >-\n        \
                x.PlainLoginModule required username=\"${TEAM}\" password=\"${X}\";\n    prefix: ${TEAM}.\n\
                topics:\n  - {name: orders}\n";
    let environment = |name: &str| Some(if name == "TEAM" { "pay" } else { "hunter2" }.to_owned());
    let loaded = manifest::load_files(files(&[("topics.yaml", text)]), &selection(None), &environment);
    let manifest = loaded.unwrap();
    assert!(
        manifest
            .desired
            .topics
            .keys()
            .any(|name| name.as_str() == "pay.orders")
    );
}

#[test]
fn a_field_named_key_is_unknown_and_no_secret() {
    let text = "version: 1\ntopics:\n  - name: orders\n    key: string\n";
    let said = problems(text, None);
    assert!(said.contains("unknown field `key`"), "{said}");
    assert!(said.contains("key: string"), "{said}");
    assert!(!said.contains("not shown"), "{said}");
}
