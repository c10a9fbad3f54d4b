//! What valid manifests mean.

use topicctl::model::{DesiredState, Unlisted};

use crate::support::{good, load, said, settings, summary};

const SEEDS: &str = include_str!("../../topics.yaml");

#[test]
fn the_seed_topics_have_the_scripts_values_in_dev() {
    let manifest = load(&[("topics.yaml", SEEDS)], None).unwrap();
    assert_eq!(manifest.profile.as_deref(), Some("dev"));
    assert_eq!(manifest.bootstrap.unwrap().value.as_ref(), "localhost:9092");
    assert_eq!(manifest.desired.topics.len(), 3);
    let values = |event: &str| {
        let name = format!("dev.omninode-bridge.test-generation.{event}.v1");
        summary(&manifest.desired.topics[name.as_str()])
    };
    let common = [
        "partitions = 3 from topics.yaml:6 (defaults)",
        "replication = 1 from topics.yaml:16 (profile dev)",
        "cleanup.policy = delete (delete) from topics.yaml:7 (defaults)",
        "compression.type = snappy (snappy) from topics.yaml:8 (defaults)",
    ];
    let week = "retention.ms = 604800000 (7d) from topics.yaml:9 (defaults)";
    let month = "retention.ms = 2592000000 (30d) from topics.yaml:55 (topic)";
    assert_eq!(values("started"), [&common[..], &[week]].concat());
    assert_eq!(values("completed"), [&common[..], &[week]].concat());
    assert_eq!(values("failed"), [&common[..], &[month]].concat());
}

#[test]
fn the_seed_topics_are_replicated_in_prod() {
    let address =
        |name: &str| (name == "KAFKA_PROD_BOOTSTRAP_SERVERS").then(|| "kafka-1:9092,kafka-2:9092".to_owned());
    let files = crate::support::files(&[("topics.yaml", SEEDS)]);
    let selection = crate::support::selection(Some("prod"));
    let manifest = topicctl::manifest::load_files(files, &selection, &address).unwrap();
    assert_eq!(
        manifest.bootstrap.unwrap().value.as_ref(),
        "kafka-1:9092,kafka-2:9092"
    );
    assert!(manifest.client.is_empty());
    assert_eq!(manifest.desired.topics.len(), 3);
    for topic in manifest.desired.topics.values() {
        let settings = settings(topic);
        assert!(
            topic
                .name
                .as_str()
                .starts_with("prod.omninode-bridge.test-generation.")
        );
        assert_eq!(settings.replication.as_ref().unwrap().value.get(), 3);
        assert_eq!(
            settings.configs["min.insync.replicas"].value.reveal().as_ref(),
            "2"
        );
        assert_eq!(
            settings.configs["compression.type"].value.reveal().as_ref(),
            "lz4"
        );
        assert!(topic.description.is_some() && topic.event.is_some());
        assert_eq!(topic.aliases.len(), 1);
    }
}

#[test]
fn every_config_is_sent_in_kafkas_own_units() {
    let manifest = good(
        "version: 1
topics:
  - name: orders
    retention: forever
    retention_bytes: unlimited
    cleanup: [compact, delete]
    compression: zstd
    min_insync_replicas: 2
    config:
      segment.bytes: 256MiB
      segment.ms: 1d
      delete.retention.ms: 90s
      max.message.bytes: 1048588
      min.cleanable.dirty.ratio: 0.50
      preallocate: TRUE
      flush.ms: forever
      local.retention.ms: -2
      file.delete.delay.ms: 1m
      leader.replication.throttled.replicas: '*'
      vendor.tier.hotset.ms: 2h
      vendor.tier.hotset.bytes: 1GiB
      vendor.placement: '{\"version\": 1}'
",
        None,
    );
    let topic = &manifest.desired.topics["orders"];
    let values: Vec<String> = settings(topic)
        .configs
        .iter()
        .map(|(key, config)| {
            format!(
                "{key} = {} ({})",
                config.value.reveal(),
                config.value.written().unwrap_or_default()
            )
        })
        .collect();
    assert_eq!(
        values,
        [
            "cleanup.policy = compact,delete (compact,delete)",
            "compression.type = zstd (zstd)",
            "delete.retention.ms = 90000 (90s)",
            "file.delete.delay.ms = 60000 (1m)",
            "flush.ms = 9223372036854775807 (forever)",
            "leader.replication.throttled.replicas = * (*)",
            "local.retention.ms = -2 (-2)",
            "max.message.bytes = 1048588 (1048588)",
            "min.cleanable.dirty.ratio = 0.50 (0.50)",
            "min.insync.replicas = 2 (2)",
            "preallocate = true (TRUE)",
            "retention.bytes = -1 (unlimited)",
            "retention.ms = -1 (forever)",
            "segment.bytes = 268435456 (256MiB)",
            "segment.ms = 86400000 (1d)",
            "vendor.placement = {\"version\": 1} ({\"version\": 1})",
            "vendor.tier.hotset.bytes = 1073741824 (1GiB)",
            "vendor.tier.hotset.ms = 7200000 (2h)",
        ]
    );
}

#[test]
fn a_cleanup_policy_is_a_word_words_or_a_list() {
    for (written, raw) in [
        ("delete", "delete"),
        ("compact", "compact"),
        ("\"compact, delete\"", "compact,delete"),
        ("compact,delete", "compact,delete"),
        ("[delete, compact]", "delete,compact"),
        ("[compact]", "compact"),
        ("[]", ""),
    ] {
        let manifest = good(
            &format!("version: 1\ntopics:\n  - name: a\n    cleanup: {written}\n"),
            None,
        );
        let topic = &manifest.desired.topics["a"];
        assert_eq!(
            settings(topic).configs["cleanup.policy"].value.reveal().as_ref(),
            raw,
            "{written}"
        );
    }
}

#[test]
fn what_nobody_states_is_left_to_the_broker() {
    let manifest = good("version: 1\ntopics:\n  - name: orders\n", None);
    let topic = &manifest.desired.topics["orders"];
    let settings = settings(topic);
    assert!(settings.partitions.is_none() && settings.replication.is_none() && settings.configs.is_empty());
    assert_eq!((settings.unlisted, settings.ignore.len()), (Unlisted::Reset, 0));
    assert_eq!((manifest.profile, manifest.bootstrap.is_none()), (None, true));
}

#[test]
fn a_topic_can_be_declared_absent_for_all_or_for_one_profile() {
    let text = "version: 1
profiles: { dev: {}, prod: {} }
topics:
  - name: old
    state: absent
    partitions: 3
  - name: experiment
    profiles:
      prod:
        state: absent
  - name: kept
    state: absent
    profiles:
      prod: { state: present }
";
    let absent = |profile: &str| -> Vec<String> {
        let manifest = good(text, Some(profile));
        let topics = manifest.desired.topics.values();
        topics
            .filter_map(|topic| match &topic.state {
                DesiredState::Absent(place) => Some(format!("{} at {place}", topic.name)),
                DesiredState::Present(_) => None,
            })
            .collect()
    };
    assert_eq!(
        absent("dev"),
        ["kept at topics.yaml:12:12", "old at topics.yaml:5:12"]
    );
    assert_eq!(
        absent("prod"),
        ["experiment at topics.yaml:10:16", "old at topics.yaml:5:12"]
    );
}

#[test]
fn a_topic_that_goes_may_collide_with_its_successor() {
    good(
        "version: 1\ntopics:\n  - name: a_b\n    state: absent\n  - name: a.b\n",
        None,
    );
}

#[test]
fn aliases_are_full_names_and_a_profile_may_have_its_own() {
    let text = "version: 1
profiles:
  dev: { prefix: dev. }
  prod: { prefix: prod. }
topics:
  - name: orders
    description: All orders
    aliases: [orders_v1, orders_v0]
    profiles:
      prod:
        description: All orders of production
        aliases: legacy.orders
";
    let of = |profile: &str| {
        let topic = good(text, Some(profile))
            .desired
            .topics
            .into_values()
            .next()
            .unwrap();
        let aliases: Vec<String> = topic.aliases.iter().map(ToString::to_string).collect();
        (
            topic.name.to_string(),
            topic.declared_name.to_string(),
            topic.description.unwrap().to_string(),
            aliases,
        )
    };
    let texts = |name: &str, description: &str, aliases: &[&str]| {
        let aliases: Vec<String> = aliases.iter().map(ToString::to_string).collect();
        (
            name.to_owned(),
            "orders".to_owned(),
            description.to_owned(),
            aliases,
        )
    };
    assert_eq!(
        of("dev"),
        texts("dev.orders", "All orders", &["orders_v1", "orders_v0"])
    );
    assert_eq!(
        of("prod"),
        texts("prod.orders", "All orders of production", &["legacy.orders"])
    );
}

#[test]
fn sections_may_be_left_empty() {
    let manifest = good(
        "version: 1
defaults:
profiles:
  dev:
topics:
  - name: orders
    aliases:
    ignore: []
    config:
    profiles:
      dev:
",
        None,
    );
    assert_eq!(manifest.profile.as_deref(), Some("dev"));
    assert_eq!(manifest.warnings.to_string(), "");
}

#[test]
fn more_replicas_in_sync_than_there_are_are_worth_a_warning() {
    let text = "version: 1
defaults:
  min_insync_replicas: 2
profiles:
  dev:
    replication: 1
topics:
  - name: orders
  - name: payments
  - name: refunds
    replication: 3
    min_insync_replicas: 4
";
    insta::assert_snapshot!(good(text, None).warnings.to_string(), @"
    warning: topics.yaml:3:24: min.insync.replicas 2 is above replication 1: before Kafka 3.7 every write with acks=all fails, and from then on it counts as 1
       |   min_insync_replicas: 2
       = replication is stated at topics.yaml:6:18
       = raise replication, or lower min.insync.replicas

    warning: topics.yaml:12:26: min.insync.replicas 4 is above replication 3: before Kafka 3.7 every write with acks=all fails, and from then on it counts as 3
       |     min_insync_replicas: 4
       = replication is stated at topics.yaml:11:18
       = raise replication, or lower min.insync.replicas
    ");
}

#[test]
fn no_topics_at_all_is_worth_a_warning() {
    for text in [
        "version: 1\n",
        "version: 1\ntopics:\n",
        "version: 1\ntopics: []\n",
    ] {
        let warnings = good(text, None).warnings.to_string();
        assert_eq!(
            warnings, "warning: topics.yaml: the manifest declares no topics\n   = list them under `topics:`",
            "{text}"
        );
    }
}

#[test]
fn yaml_may_be_written_in_other_ways() {
    let plain = "version: 1\ntopics:\n  - name: orders\n    partitions: 3\n    retention: 7d\n";
    let expected = summary(&good(plain, None).desired.topics["orders"]);
    let windows = plain.replace('\n', "\r\n");
    let with_mark = format!("\u{feff}{plain}");
    let with_markers = format!("---\n{plain}...\n");
    for text in [&windows, &with_mark] {
        assert_eq!(
            summary(&good(text, None).desired.topics["orders"]),
            expected,
            "{text:?}"
        );
    }
    let values = |text: &str| {
        let manifest = good(text, None);
        let lines = summary(&manifest.desired.topics["orders"]);
        lines
            .iter()
            .map(|line| line.split(" from ").next().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    let json = r#"{"version": 1, "topics": [{"name": "orders", "partitions": 3, "retention": "7d"}]}"#;
    let quoted = "'version': '1'\n\"topics\":\n- name: 'orders'\n  partitions: '3'\n  retention: \"7d\"\n";
    let shared = "version: 1\ntopics:\n- &o {name: orders, partitions: &n 3, retention: 7d}\n- {name: other, partitions: *n}\n";
    for text in [&with_markers, json, quoted, shared] {
        assert_eq!(values(text), values(plain), "{text}");
    }
}

#[test]
fn a_file_without_profiles_needs_none_and_has_none_to_choose() {
    let text = "version: 1\ntopics:\n  - name: orders\n";
    assert_eq!(good(text, None).profile, None);
    assert!(said(text, Some("dev")).contains("there is no profile `dev`"));
}
