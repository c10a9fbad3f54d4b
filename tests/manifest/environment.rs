//! What is read from the environment, and what is not.

use std::cell::RefCell;
use std::collections::BTreeSet;

use topicctl::manifest::{self, Checked, Manifest, Problems};

use crate::support::{files, selection, settings};

const TEXT: &str = "version: 1
defaults:
  partitions: ${PARTITIONS}
profiles:
  dev:
    bootstrap: ${BOOTSTRAP:-localhost:9092}
    prefix: ${PREFIX}.
    cluster_id: ${CLUSTER:-}x
  prod:
    bootstrap: ${PROD_BOOTSTRAP}
    partitions: ${PROD_PARTITIONS}
    client:
      sasl.password: ${PROD_PASSWORD}
topics:
  - name: ${TEAM}.orders
    description: \"100 $$ and ${TEAM}\"
    retention: ${RETENTION:-inherit}
    profiles:
      dev: { replication: \"${REPLICATION}\" }
      prod: { replication: \"${PROD_REPLICATION}\" }
";

/// Loads [`TEXT`] where every variable has a value, and says which were asked for.
fn load(profile: &str, value: impl Fn(&str) -> Option<String>) -> (Result<Manifest, Problems>, Vec<String>) {
    let asked = RefCell::new(BTreeSet::new());
    let environment = |name: &str| {
        asked.borrow_mut().insert(name.to_owned());
        value(name)
    };
    let manifest = manifest::load_files(
        files(&[("topics.yaml", TEXT)]),
        &selection(Some(profile)),
        &environment,
    );
    (manifest, asked.into_inner().into_iter().collect())
}

fn values(name: &str) -> Option<String> {
    match name {
        "PARTITIONS" => Some("6".to_owned()),
        "PREFIX" => Some("dev".to_owned()),
        "TEAM" => Some("sales".to_owned()),
        "REPLICATION" => Some("2".to_owned()),
        "BOOTSTRAP" => Some(String::new()),
        _ => None,
    }
}

#[test]
fn values_come_from_the_environment_and_are_typed_afterwards() {
    let (manifest, _) = load("dev", values);
    let manifest = manifest.unwrap();
    let topic = &manifest.desired.topics["dev.sales.orders"];
    let settings = settings(topic);
    assert_eq!(settings.partitions.as_ref().unwrap().value.get(), 6);
    assert_eq!(settings.replication.as_ref().unwrap().value.get(), 2);
    assert!(settings.configs.is_empty(), "a default may be `inherit`");
    assert_eq!(topic.description.as_deref(), Some("100 $ and sales"));
    assert_eq!(topic.declared_name.as_ref(), "sales.orders");
    assert_eq!(
        manifest.bootstrap.unwrap().value.as_ref(),
        "localhost:9092",
        "`:-` also stands in for nothing"
    );
    assert_eq!(manifest.cluster_id.unwrap().value.as_ref(), "x");
}

#[test]
fn another_profiles_variables_are_not_even_asked_for() {
    let (_, asked) = load("dev", values);
    assert_eq!(
        asked,
        [
            "BOOTSTRAP",
            "CLUSTER",
            "PARTITIONS",
            "PREFIX",
            "REPLICATION",
            "RETENTION",
            "TEAM"
        ]
    );
}

#[test]
fn what_a_variable_holds_is_never_yaml() {
    for odd in [
        "a: b",
        "[x]",
        "- y",
        "# no comment",
        "*alias",
        "{z: 1}",
        "\"quoted\"",
        "two\nlines",
    ] {
        let value = |name: &str| {
            if name == "TEAM" {
                Some(odd.to_owned())
            } else {
                values(name)
            }
        };
        let problems = load("dev", value).0.unwrap_err();
        assert_eq!(problems.problems.len(), 1, "{odd}: {problems}");
        assert!(
            problems.problems[0].message.starts_with("a topic name has only"),
            "{odd}: {problems}"
        );
    }
    let value = |name: &str| {
        if name == "TEAM" {
            Some("null".to_owned())
        } else {
            values(name)
        }
    };
    let manifest = load("dev", value).0.unwrap();
    assert!(manifest.desired.topics.contains_key("dev.null.orders"));
    let value = |name: &str| {
        if name == "TEAM" {
            Some("${TEAM}$$".to_owned())
        } else {
            values(name)
        }
    };
    let problems = load("dev", value).0.unwrap_err();
    assert!(
        problems.to_string().contains("'$' is none of these"),
        "it is not expanded again: {problems}"
    );
}

fn check(profile: &str, text: &str) -> Result<Checked, Problems> {
    manifest::check_files_without_environment(files(&[("topics.yaml", text)]), &selection(Some(profile)))
}

#[test]
fn without_the_environment_the_variables_are_listed() {
    let checked = check("dev", TEXT).unwrap();
    let variables: Vec<String> = checked
        .variables
        .iter()
        .map(|variable| {
            let places: Vec<String> = variable.places.iter().map(ToString::to_string).collect();
            let need = if variable.required {
                "needed"
            } else {
                "has a default"
            };
            format!("{} {need} at {}", variable.name, places.join(" "))
        })
        .collect();
    assert_eq!(
        variables,
        [
            "BOOTSTRAP has a default at topics.yaml:6:16",
            "CLUSTER has a default at topics.yaml:8:17",
            "PARTITIONS needed at topics.yaml:3:15",
            "PREFIX needed at topics.yaml:7:13",
            "REPLICATION needed at topics.yaml:19:28",
            "RETENTION has a default at topics.yaml:17:16",
            "TEAM needed at topics.yaml:15:11 topics.yaml:16:30",
        ]
    );
    assert_eq!((checked.topics, checked.profile.as_deref()), (0, Some("dev")));
    let prod: Vec<_> = check("prod", TEXT)
        .unwrap()
        .variables
        .into_iter()
        .map(|variable| variable.name)
        .collect();
    assert_eq!(
        prod.iter().map(|name| &**name).collect::<Vec<_>>(),
        [
            "PARTITIONS",
            "PROD_BOOTSTRAP",
            "PROD_PARTITIONS",
            "PROD_PASSWORD",
            "PROD_REPLICATION",
            "RETENTION",
            "TEAM"
        ]
    );
}

#[test]
fn without_the_environment_everything_else_is_checked() {
    let text = "version: 1
profiles:
  dev:
    prefix: ${PREFIX}
    replication: ${REPLICATION}
    min_insync_replicas: 3
topics:
  - name: orders
    partitions: ${PARTITIONS:-0}
    retention: ${UNSET}d
    retention_bytes: 1 giga
  - name: orders
  - name: ${NAME}
    partition: 3
";
    let problems = check("dev", text).unwrap_err();
    let messages: Vec<&str> = problems
        .problems
        .iter()
        .map(|problem| problem.message.as_str())
        .collect();
    assert_eq!(
        messages,
        [
            "`partitions` must be a whole number from 1 to 2147483647, not `0`",
            "`retention_bytes` must be a size, not `1 giga`",
            "the topic `orders` is declared twice",
            "unknown field `partition` in a topic",
        ]
    );
}
