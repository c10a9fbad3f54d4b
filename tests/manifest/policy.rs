//! Policies: what they state, and what is said of topics that do not keep them.

use topicctl::manifest::{self, ManifestFile, Selection};
use topicctl::model::{Pattern, Policy};

use crate::support::good;

fn checked(text: &str, profile: Option<&str>) -> String {
    let file = ManifestFile {
        name: "topics.yaml".into(),
        bytes: text.as_bytes().to_vec(),
    };
    let selection = profile.map_or(Selection::Unspecified, |name| Selection::Named(name.to_owned()));
    match manifest::check_files_without_environment(vec![file], &selection) {
        Ok(_) => "valid".to_owned(),
        Err(problems) => problems.to_string(),
    }
}

const EVERYTHING: &str = "\
version: 1
policy:
  names: [\"*.v?\"]
  max_partitions: 12
  min_retention: 1h
  max_retention: 30d
  required_config: [retention.ms, cleanup.*]
  forbidden_config: unclean.*
profiles:
  dev: {}
  prod:
    replication: 3
    policy:
      min_replication: 3
      min_insync_replicas: 2
      min_spare_replicas: 1
      max_partitions: inherit
      names: [\"orders.*\", \"payments.*\"]
topics:
";

#[test]
fn every_bound_that_the_file_alone_breaks_is_an_error_at_its_place() {
    let topics = "  - name: Orders
    partitions: 48
    retention: 60d
    replication: 2
    min_insync_replicas: 1
    config:
      unclean.leader.election.enable: true
  - name: orders.v1
    partitions: 13
    retention: 5m
    cleanup: delete
    min_insync_replicas: 3
";
    let text = format!("{EVERYTHING}{topics}");
    insta::assert_snapshot!(checked(&text, Some("dev")), @"
    error: topics.yaml:20:11: the name Orders matches none of the policy's names: *.v?
       |   - name: Orders
       = the policy is at topics.yaml:3:10
       = rename the topic

    error: topics.yaml:20:11: the policy requires a config that matches cleanup.*, and the file sets none
       |   - name: Orders
       = the policy is at topics.yaml:7:20
       = declare a config that matches cleanup.*

    error: topics.yaml:21:17: 48 partitions are above the policy's 12
       |     partitions: 48
       = the policy is at topics.yaml:4:19
       = declare at most 12 partitions

    error: topics.yaml:22:16: retention 60d is above the policy's 30d
       |     retention: 60d
       = the policy is at topics.yaml:6:18
       = declare a retention of at most 30d

    error: topics.yaml:26:39: the policy forbids unclean.leader.election.enable, by unclean.*
       |       unclean.leader.election.enable: true
       = the policy is at topics.yaml:8:21
       = leave it out

    error: topics.yaml:28:17: 13 partitions are above the policy's 12
       |     partitions: 13
       = the policy is at topics.yaml:4:19
       = declare at most 12 partitions

    error: topics.yaml:29:16: retention 5m is below the policy's 1h
       |     retention: 5m
       = the policy is at topics.yaml:5:18
       = declare a retention of at least 1h
    ");
    insta::assert_snapshot!(checked(&text, Some("prod")), @"
    error: topics.yaml:20:11: the name Orders matches none of the policy's names: orders.*, payments.*
       |   - name: Orders
       = the policy is at topics.yaml:18:14
       = rename the topic

    error: topics.yaml:20:11: the policy requires a config that matches cleanup.*, and the file sets none
       |   - name: Orders
       = the policy is at topics.yaml:7:20
       = declare a config that matches cleanup.*

    error: topics.yaml:22:16: retention 60d is above the policy's 30d
       |     retention: 60d
       = the policy is at topics.yaml:6:18
       = declare a retention of at most 30d

    error: topics.yaml:23:18: replication 2 is below the policy's 3
       |     replication: 2
       = the policy is at topics.yaml:14:24
       = declare a replication of at least 3

    error: topics.yaml:24:26: min.insync.replicas 1 is below the policy's 2
       |     min_insync_replicas: 1
       = the policy is at topics.yaml:15:28
       = declare min_insync_replicas of at least 2

    error: topics.yaml:26:39: the policy forbids unclean.leader.election.enable, by unclean.*
       |       unclean.leader.election.enable: true
       = the policy is at topics.yaml:8:21
       = leave it out

    error: topics.yaml:29:16: retention 5m is below the policy's 1h
       |     retention: 5m
       = the policy is at topics.yaml:5:18
       = declare a retention of at least 1h

    error: topics.yaml:31:26: min.insync.replicas 3 with replication 3 leaves 0 to spare, below the policy's 1
       |     min_insync_replicas: 3
       = the policy is at topics.yaml:16:27
       = declare min_insync_replicas at least 1 below replication
    ");
}

#[test]
fn a_run_does_not_stop_at_a_broken_policy_since_the_plan_says_it() {
    let text = format!("{EVERYTHING}  - name: Orders\n");
    let manifest = good(&text, Some("dev"));
    assert!(manifest.desired.topics.contains_key("Orders"));
    assert!(!manifest.desired.policy.is_empty());
}

#[test]
fn what_the_file_does_not_say_is_not_judged_without_a_cluster() {
    let policy = "version: 1\npolicy: {min_replication: 3, max_partitions: 3, min_spare_replicas: 1, min_retention: 1d}\n";
    assert_eq!(checked(&format!("{policy}topics:\n  - name: a\n"), None), "valid");
    let variables = "topics:\n  - {name: a, replication: \"${R}\", partitions: \"${P:-9}\"}\n";
    insta::assert_snapshot!(checked(&format!("{policy}{variables}"), None), @r#"
    error: topics.yaml:4:48: 9 partitions are above the policy's 3
       |   - {name: a, replication: "${R}", partitions: "${P:-9}"}
       = the policy is at topics.yaml:2:46
       = declare at most 3 partitions
    "#);
}

#[test]
fn a_config_that_waits_for_a_variable_is_declared() {
    let policy = "version: 1\npolicy: {required_config: retention.ms, forbidden_config: flush.ms}\n";
    let topics = "topics:\n  - {name: a, retention: \"${R}\"}\n";
    assert_eq!(checked(&format!("{policy}{topics}"), None), "valid");
    let forbidden = "topics:\n  - {name: a, retention: 1d, config: {flush.ms: \"${R}\"}}\n";
    insta::assert_snapshot!(checked(&format!("{policy}{forbidden}"), None), @r#"
    error: topics.yaml:4:49: the policy forbids flush.ms
       |   - {name: a, retention: 1d, config: {flush.ms: "${R}"}}
       = the policy is at topics.yaml:2:59
       = leave it out
    "#);
}

#[test]
fn a_topic_may_be_exempt_for_a_reason_and_an_absent_one_keeps_nothing() {
    let topics = "\
topics:
  - {name: a, partitions: 9, policy: {exempt: moves away in spring}}
  - {name: b, partitions: 9, state: absent}
  - {name: c, partitions: 9, profiles: {dev: {policy: {exempt: only here}}}}
";
    let text =
        format!("version: 1\npolicy: {{max_partitions: 3}}\nprofiles: {{dev: {{}}, prod: {{}}}}\n{topics}");
    assert_eq!(checked(&text, Some("dev")), "valid");
    let said = checked(&text, Some("prod"));
    assert!(
        said.starts_with("error: topics.yaml:7:27: 9 partitions are above"),
        "{said}"
    );
    let desired = good(&text, Some("dev")).desired;
    let exempt = desired.topics["a"].exempt.clone().unwrap();
    assert_eq!(&*exempt.reason, "moves away in spring");
}

#[test]
fn the_profile_wins_over_the_top_and_inherit_takes_a_bound_away() {
    let policy = |profile: &str| -> Policy {
        let text = format!(
            "version: 1\npolicy: {{max_partitions: 3, names: a*}}\nprofiles: {{p: {{policy: {{{profile}}}}}}}\ntopics: [{{name: a}}]\n"
        );
        good(&text, Some("p")).desired.policy
    };
    let partitions = |profile: &str| policy(profile).max_partitions.map(|bound| bound.value.get());
    assert_eq!(partitions(""), Some(3));
    assert_eq!(partitions("max_partitions: 5"), Some(5));
    assert_eq!(partitions("max_partitions: inherit"), None);
    let names = policy("names: [b*, c]").names.unwrap().value;
    let names: Vec<&str> = names.iter().map(Pattern::as_str).collect();
    assert_eq!(names, ["b*", "c"]);
}

#[test]
fn what_looks_like_a_secret_is_not_repeated() {
    let text = "version: 1\npolicy: {forbidden_config: \"vendor.*\"}\ntopics: [{name: a, config: {vendor.api.token: x}}]\n";
    let said = checked(text, None);
    assert!(
        said.contains("this breaks `forbidden_config` of the policy"),
        "{said}"
    );
    assert!(!said.contains("api.token"), "{said}");
}
