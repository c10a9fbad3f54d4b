//! Which layer wins, per key, and that the place of the winner is known.

use crate::support::{good, settings, summary};

/// One file with a statement in any of the four layers; the topic is `t`, the profile `p`.
fn layered(defaults: &str, profile: &str, topic: &str, topic_profile: &str) -> String {
    format!(
        "version: 1\ndefaults: {{ {defaults} }}\nprofiles:\n  p: {{ {profile} }}\n  q: {{ partitions: 99 }}\ntopics:\n  - name: t\n    profiles:\n      p: {{ {topic_profile} }}\n      q: {{ partitions: 98 }}\n    {topic}\n"
    )
}

#[test]
fn the_highest_layer_that_speaks_wins() {
    let one = "partitions: 1";
    let cases = [
        ((one, "", "", ""), Some("1 from topics.yaml:2 (defaults)")),
        (
            (one, "partitions: 2", "", ""),
            Some("2 from topics.yaml:4 (profile p)"),
        ),
        (
            (one, "partitions: 2", "partitions: 3", ""),
            Some("3 from topics.yaml:11 (topic)"),
        ),
        (
            (one, "partitions: 2", "partitions: 3", "partitions: 4"),
            Some("4 from topics.yaml:9 (topic, profile p)"),
        ),
        (
            (one, "", "partitions: 3", ""),
            Some("3 from topics.yaml:11 (topic)"),
        ),
        (
            (one, "", "", "partitions: 4"),
            Some("4 from topics.yaml:9 (topic, profile p)"),
        ),
        ((one, "partitions: inherit", "", ""), None),
        (
            (one, "partitions: inherit", "partitions: 3", ""),
            Some("3 from topics.yaml:11 (topic)"),
        ),
        ((one, "", "partitions: inherit", ""), None),
        (
            (one, "", "partitions: inherit", "partitions: 4"),
            Some("4 from topics.yaml:9 (topic, profile p)"),
        ),
        (
            (one, "partitions: 2", "partitions: 3", "partitions: inherit"),
            None,
        ),
        (("", "", "", ""), None),
        (("partitions: inherit", "", "", ""), None),
    ];
    for ((defaults, profile, topic, topic_profile), expected) in cases {
        let text = layered(defaults, profile, topic, topic_profile);
        let manifest = good(&text, Some("p"));
        let partitions = settings(&manifest.desired.topics["t"]).partitions.as_ref();
        let found = partitions.map(|declared| format!("{} from {}", declared.value, declared.origin));
        assert_eq!(found.as_deref(), expected, "{text}");
    }
}

#[test]
fn configs_merge_per_key_under_either_name() {
    let text = layered(
        "retention: 1d, cleanup: delete, config: { segment.ms: 1d, segment.bytes: 1GiB }",
        "config: { retention.ms: 2d, segment.ms: 2d, flush.ms: 1m }",
        "config: { segment.bytes: inherit, flush.ms: 2m }",
        "cleanup: inherit, config: { min.insync.replicas: 1 }",
    );
    assert_eq!(
        summary(&good(&text, Some("p")).desired.topics["t"]),
        [
            "flush.ms = 120000 (2m) from topics.yaml:11 (topic)",
            "min.insync.replicas = 1 (1) from topics.yaml:9 (topic, profile p)",
            "retention.ms = 172800000 (2d) from topics.yaml:4 (profile p)",
            "segment.ms = 172800000 (2d) from topics.yaml:4 (profile p)",
        ]
    );
}

#[test]
fn a_value_equal_to_kafkas_default_is_still_declared() {
    let text = layered("compression: producer", "", "", "");
    assert_eq!(
        summary(&good(&text, Some("p")).desired.topics["t"]),
        ["compression.type = producer (producer) from topics.yaml:2 (defaults)"]
    );
}

#[test]
fn ignored_patterns_are_united_and_may_be_forgotten() {
    let ignored = |defaults: &str, profile: &str, topic: &str, topic_profile: &str| {
        let manifest = good(&layered(defaults, profile, topic, topic_profile), Some("p"));
        let patterns = settings(&manifest.desired.topics["t"]).ignore.clone();
        patterns
            .iter()
            .map(|pattern| pattern.as_str().to_owned())
            .collect::<Vec<_>>()
            .join(" ")
    };
    let all = [
        "ignore: [b.*]",
        "ignore: a.*",
        "ignore: [c.*, b.*]",
        "ignore: [d.*]",
    ];
    assert_eq!(ignored(all[0], all[1], all[2], all[3]), "a.* b.* c.* d.*");
    assert_eq!(ignored(all[0], all[1], "ignore: inherit", all[3]), "d.*");
    assert_eq!(ignored(all[0], all[1], "ignore: [inherit]", ""), "");
    assert_eq!(ignored(all[0], "", "", ""), "b.*");
}

#[test]
fn a_topic_is_protected_where_the_highest_layer_says_so_absent_or_not() {
    let protected = |defaults: &str, profile: &str, topic: &str, topic_profile: &str| {
        let manifest = good(&layered(defaults, profile, topic, topic_profile), Some("p"));
        let stated = manifest.desired.topics["t"].protected.clone();
        stated.map_or_else(String::new, |origin| origin.to_string())
    };
    assert_eq!(protected("", "", "", ""), "");
    let defaults = "protect: true";
    assert_eq!(protected(defaults, "", "", ""), "topics.yaml:2 (defaults)");
    assert_eq!(protected(defaults, "protect: false", "", ""), "");
    assert_eq!(protected(defaults, "", "protect: inherit", ""), "");
    assert_eq!(
        protected(defaults, "", "state: absent", ""),
        "topics.yaml:2 (defaults)"
    );
    assert_eq!(
        protected("", "", "state: absent", "protect: true"),
        "topics.yaml:9 (topic, profile p)"
    );
}

#[test]
fn unlisted_is_reset_unless_a_layer_keeps_it() {
    use topicctl::model::Unlisted::{Keep, Reset, ResetAll};
    let unlisted = |defaults: &str, profile: &str, topic: &str| {
        let manifest = good(&layered(defaults, profile, topic, ""), Some("p"));
        settings(&manifest.desired.topics["t"]).unlisted
    };
    assert_eq!(unlisted("", "", ""), Reset);
    assert_eq!(unlisted("unlisted: keep", "", ""), Keep);
    assert_eq!(unlisted("unlisted: keep", "unlisted: reset", ""), Reset);
    assert_eq!(unlisted("unlisted: keep", "", "unlisted: inherit"), Reset);
    assert_eq!(unlisted("", "unlisted: reset", "unlisted: keep"), Keep);
    assert_eq!(
        unlisted("unlisted: keep", "unlisted: keep", "unlisted: reset"),
        ResetAll
    );
}

#[test]
fn client_properties_merge_per_key() {
    let text = layered(
        "client: { client.id: topicctl, security.protocol: SSL, sasl.mechanism: PLAIN }",
        "client: { security.protocol: SASL_SSL, sasl.mechanism: inherit, sasl.password: ${P:-inherit} }",
        "",
        "",
    )
    .replace("${P:-inherit}", "\"${P:-inherit}\"");
    let manifest = good(&text, Some("p"));
    let client: Vec<String> = manifest
        .client
        .iter()
        .map(|(name, property)| {
            format!(
                "{name} = {} from {}",
                property.value.value.reveal(),
                property.origin
            )
        })
        .collect();
    assert_eq!(
        client,
        [
            "client.id = topicctl from topics.yaml:2 (defaults)",
            "sasl.password = inherit from topics.yaml:4 (profile p)",
            "security.protocol = SASL_SSL from topics.yaml:4 (profile p)",
        ]
    );
}

#[test]
fn replication_below_min_insync_replicas_is_found_across_layers_only_where_both_are_stated() {
    let text = layered("min_insync_replicas: 2", "", "", "");
    good(&text, Some("p"));
    let text = layered("min_insync_replicas: 2", "replication: 2", "", "");
    good(&text, Some("p"));
    let text = layered(
        "min_insync_replicas: 2",
        "replication: 1",
        "",
        "min_insync_replicas: inherit",
    );
    good(&text, Some("p"));
    let text = layered("min_insync_replicas: 2", "replication: 1", "state: absent", "");
    good(&text, Some("p"));
}
