//! Manifests that were written from a cluster: what they look like, and that a plan of them against the
//! cluster they come from finds nothing to do, whatever its topics are.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use proptest::prelude::*;
use proptest::sample::{Index, select};
use topicctl::manifest::{self, Manifest, Selection, ToWrite, WrittenManifest};
use topicctl::model::known::{self, Domain, Kind};
use topicctl::model::{
    BrokerId, ClusterView, ConfigKey, ConfigSource, InheritedByBroker, Observation, ObservedConfig,
    ObservedTopic, Partition, RegisteredBrokers, StorageView, TopicConfigs, TopicId, TopicMetadata,
    TopicName, TopicObservation,
};
use topicctl::plan;

use crate::support::files;

type Seen = BTreeMap<TopicName, (TopicMetadata, TopicConfigs)>;

fn name(text: &str) -> TopicName {
    TopicName::new(text).unwrap()
}

/// A topic whose partitions have so many replicas each.
fn metadata(replicas: &[i32]) -> TopicMetadata {
    let partition = |(index, count): (i32, &i32)| {
        let replicas: Vec<BrokerId> = (1..=*count).map(BrokerId).collect();
        Partition {
            index,
            leader: replicas.first().copied(),
            isr: replicas.clone(),
            replicas,
            offline: Vec::new(),
        }
    };
    TopicMetadata {
        id: TopicId(uuid::Uuid::nil()),
        internal: false,
        partitions: (0..).zip(replicas).map(partition).collect(),
    }
}

fn config(value: Option<&str>, source: ConfigSource, sensitive: bool) -> ObservedConfig {
    ObservedConfig {
        value: value.map(Into::into),
        source,
        sensitive,
    }
}

fn own(pairs: &[(&str, &str)]) -> TopicConfigs {
    let entry = |(key, value): &(&str, &str)| {
        (
            ConfigKey::new(key).unwrap(),
            config(Some(value), ConfigSource::Topic, false),
        )
    };
    Arc::new(pairs.iter().map(entry).collect())
}

fn to_write(topics: Seen) -> ToWrite {
    ToWrite {
        profile: "dev".into(),
        bootstrap: "localhost:9092".into(),
        cluster_id: "A1-g-g_WNtPGBGglClDihA".into(),
        has_client: false,
        topics,
        moving: BTreeMap::new(),
        unread: BTreeMap::new(),
    }
}

fn read_back(written: &WrittenManifest) -> Manifest {
    manifest::load_files(
        files(&[("topics.yaml", &written.text)]),
        &Selection::Unspecified,
        &|_| None,
    )
    .unwrap_or_else(|problems| panic!("{problems}\n{}", written.text))
}

fn observed(topics: &Seen) -> Observation {
    let sighting = |(name, (metadata, configs)): (&TopicName, &(TopicMetadata, TopicConfigs))| {
        let seen = ObservedTopic {
            metadata: metadata.clone(),
            configs: Arc::clone(configs),
            inherited: BTreeMap::new(),
            inherited_unread: None,
            listing: topicctl::model::ConfigListing::default(),
            by_broker: InheritedByBroker::default(),
            moving: topicctl::model::Moving::NotAsked,
        };
        (name.clone(), TopicObservation::Present(Box::new(seen)))
    };
    Observation {
        cluster: ClusterView {
            id: "c".into(),
            controller: None,
            brokers: BTreeMap::new(),
            registered: RegisteredBrokers::AtLeast(1),
            fenced: BTreeSet::new(),
            metadata_version: None,
            health: topicctl::model::ClusterHealth::default(),
        },
        topics: topics.iter().map(sighting).collect(),
        aliases_found: BTreeSet::new(),
        storage: StorageView::default(),
        eligible_leaders: BTreeMap::new(),
    }
}

#[test]
fn a_file_says_what_is_the_topics_own_and_shares_what_is_common() {
    let usual = [("retention.ms", "604800000"), ("segment.bytes", "268435456")];
    let inherited = Arc::new(BTreeMap::from([(
        ConfigKey::new("retention.ms").unwrap(),
        config(Some("604800000"), ConfigSource::Cluster, false),
    )]));
    let topics = Seen::from([
        (name("a.plain"), (metadata(&[3, 3, 3]), own(&usual))),
        (name("b.plain"), (metadata(&[3, 3, 3]), own(&usual))),
        (name("c.plain"), (metadata(&[3, 3, 3]), own(&usual))),
        (name("d.plain"), (metadata(&[3, 3, 3]), own(&usual))),
        (
            name("e.own"),
            (
                metadata(&[3; 12]),
                own(&[
                    ("cleanup.policy", "compact,delete"),
                    ("flush.ms", "9223372036854775807"),
                    ("leader.replication.throttled.replicas", "0:1"),
                    ("max.message.bytes", "1048588"),
                    ("min.cleanable.dirty.ratio", "0.25"),
                    ("min.insync.replicas", "2"),
                    ("retention.ms", "1234"),
                    ("segment.bytes", "268435456"),
                ]),
            ),
        ),
        (name("1e5"), (metadata(&[3, 3, 3]), inherited)),
    ]);
    let written = manifest::write(&to_write(topics));
    insta::assert_snapshot!(written.text, @r#"
        # The topics of cluster A1-g-g_WNtPGBGglClDihA, written by `topicctl export`: what is their own, and not what they inherit.
        # Where a value is in human units, Kafka's own stands beside it.
        version: 1

        defaults:
          partitions: 3
          replication: 3
          retention: 7d  # 604800000
          config:
            segment.bytes: 256MiB  # 268435456

        profiles:
          dev:
            bootstrap: "localhost:9092"
            cluster_id: A1-g-g_WNtPGBGglClDihA

        topics:
          - name: "1e5"
            retention: inherit
            config:
              segment.bytes: inherit
          - name: a.plain
          - name: b.plain
          - name: c.plain
          - name: d.plain
          - name: e.own
            partitions: 12
            retention: 1234ms  # 1234
            cleanup: "compact,delete"
            min_insync_replicas: 2
            config:
              flush.ms: forever  # 9223372036854775807
              max.message.bytes: 1048588
              min.cleanable.dirty.ratio: 0.25
        "#);
    assert_eq!(written.gaps, []);
}

#[test]
fn what_a_manifest_cannot_say_is_left_open_and_said() {
    let mut hidden = BTreeMap::clone(&own(&[("vendor.wait.ms", "7d"), ("vendor.note", "inherit")]));
    let secret = ConfigKey::new("vendor.password").unwrap();
    hidden.insert(secret, config(Some("hunter2"), ConfigSource::Topic, true));
    let topics = Seen::from([
        (name("colliding.name"), (metadata(&[1]), own(&[]))),
        (name("colliding_name"), (metadata(&[1]), own(&[]))),
        (
            name("few"),
            (metadata(&[1]), own(&[("min.insync.replicas", "2")])),
        ),
        (name("hidden"), (metadata(&[1]), Arc::new(hidden))),
        (name("mixed"), (metadata(&[1, 2, 3]), own(&[]))),
    ]);
    let wanted = ToWrite {
        profile: "on".into(),
        has_client: true,
        unread: BTreeMap::from([(name("denied"), "TOPIC_AUTHORIZATION_FAILED\n# no".into())]),
        ..to_write(topics)
    };
    let written = manifest::write(&wanted);
    insta::assert_snapshot!(written.text, @r#"
    # The topics of cluster A1-g-g_WNtPGBGglClDihA, written by `topicctl export`: what is their own, and not what they inherit.
    # Where a value is in human units, Kafka's own stands beside it.
    # Not read: denied: TOPIC_AUTHORIZATION_FAILED # no
    # colliding_name: left out: its name and colliding.name differ only by `.` and `_`, and a manifest holds one of the two
    version: 1

    defaults:
      partitions: 1
      replication: 1

    profiles:
      "on":
        bootstrap: "localhost:9092"
        cluster_id: A1-g-g_WNtPGBGglClDihA
        # Client properties are not written, since they may hold secrets: state them under `client`,
        # or give --command-config.

    topics:
      - name: colliding.name
      - name: few
        min_insync_replicas: 2
      - name: hidden
        # vendor.note is not stated and left alone: its value has another meaning in a manifest
        # vendor.password is not stated and left alone: the broker hides its value
        # vendor.wait.ms is not stated and left alone: its value has another meaning in a manifest
        ignore:
          - vendor.note
          - vendor.password
          - vendor.wait.ms
      - name: mixed
        # replication is not stated: partitions have 1 to 3 replicas
        partitions: 3
        replication: inherit
    "#);
    let gaps: Vec<String> = written
        .gaps
        .iter()
        .map(|(name, gap)| format!("{name}: {gap}"))
        .collect();
    insta::assert_snapshot!(gaps.join("\n"), @"
    hidden: vendor.note is not stated and left alone: its value has another meaning in a manifest
    hidden: vendor.password is not stated and left alone: the broker hides its value
    hidden: vendor.wait.ms is not stated and left alone: its value has another meaning in a manifest
    mixed: replication is not stated: partitions have 1 to 3 replicas
    colliding_name: left out: its name and colliding.name differ only by `.` and `_`, and a manifest holds one of the two
    ");
}

#[test]
fn a_cluster_without_topics_gives_a_file_without_topics() {
    let written = manifest::write(&to_write(Seen::new()));
    insta::assert_snapshot!(written.text, @r#"
        # The topics of cluster A1-g-g_WNtPGBGglClDihA, written by `topicctl export`: what is their own, and not what they inherit.
        # Where a value is in human units, Kafka's own stands beside it.
        version: 1

        profiles:
          dev:
            bootstrap: "localhost:9092"
            cluster_id: A1-g-g_WNtPGBGglClDihA

        topics: []
        "#);
    read_back(&written);
}

const ODD_NAMES: &[&str] = &[
    "1e5", "null", "Null", "0x10", "on", "yes", "~", "true", "-", "--", "---", "...", "-a", "007", "1.10",
    ".5", "inherit", "_", "1", "123", "NaN", "y", "e", "0o7", "1_000", "name", "topics",
];

const ODD_TEXTS: &[&str] = &[
    "",
    " ",
    "inherit",
    "forever",
    "unlimited",
    "7d",
    "1e5",
    "null",
    "~",
    "on",
    "${HOME}",
    "$$",
    "$",
    "a: b",
    "- a",
    "#",
    " a ",
    "a\nb",
    "\u{85}",
    "é\u{2028}",
    "\"",
    "'",
    "\\",
    "a,b",
    "[a]",
    "{a}",
    "*",
    "&a",
    "!t",
    "%",
    "@",
    "`",
    "<<",
    "\u{1b}[2J",
    "0:1,1:2",
    "-1",
    "007",
];

fn topic_name() -> impl Strategy<Value = TopicName> {
    prop_oneof![
        "[a-zA-Z0-9._-]{1,12}".prop_filter_map("a name", |text| TopicName::new(&text).ok()),
        select(ODD_NAMES).prop_filter_map("a name", |text| TopicName::new(text).ok()),
    ]
}

/// A value that some release of Kafka takes, as it could stand in a broker's answer.
fn valid_value(config: &'static known::KnownConfig) -> BoxedStrategy<String> {
    let domains: Vec<Domain> = config.history.iter().map(|facts| facts.domain).collect();
    let defaults: Vec<&'static str> = config.history.iter().map(|facts| facts.default).collect();
    let any = select(domains).prop_flat_map(move |domain| match domain {
        Domain::Integer { min, max, also } => {
            let (low, high) = match config.kind {
                Kind::Int => (i64::from(i32::MIN), i64::from(i32::MAX)),
                _ => (i64::MIN, i64::MAX),
            };
            let (low, high) = (min.unwrap_or(low), max.unwrap_or(high));
            let near = low..=low.saturating_add(100_000).min(high);
            let edges: Vec<i64> = [low, high].into_iter().chain(also.iter().copied()).collect();
            prop_oneof![low..=high, near, select(edges)]
                .prop_map(|number| number.to_string())
                .boxed()
        }
        Domain::Decimal { .. } => select(vec!["0", "0.5", "0.50", "1", "1.0", "1e-3", ".25"])
            .prop_map(str::to_owned)
            .boxed(),
        Domain::OneOf(words) => select(words).prop_map(str::to_owned).boxed(),
        Domain::ListOf { words, empty } => {
            let least = usize::from(!empty);
            proptest::sample::subsequence(words.to_vec(), least..=words.len())
                .prop_shuffle()
                .prop_map(|words| words.join(","))
                .boxed()
        }
        Domain::Any => match config.kind {
            Kind::Boolean => select(vec!["true", "false", "TRUE"])
                .prop_map(str::to_owned)
                .boxed(),
            Kind::String | Kind::List => odd_text().boxed(),
            Kind::Int | Kind::Long | Kind::Double => Just("1".to_owned()).boxed(),
        },
    });
    prop_oneof![3 => any, 1 => select(defaults).prop_map(str::to_owned)]
        .prop_filter("Kafka takes it", |value| config.check(value).is_ok())
        .boxed()
}

fn odd_text() -> impl Strategy<Value = String> {
    prop_oneof![select(ODD_TEXTS).prop_map(str::to_owned), "\\PC{0,12}"]
}

fn any_config() -> impl Strategy<Value = (ConfigKey, ObservedConfig)> {
    let known = (0..known::all().len()).prop_flat_map(|index| {
        let config = &known::all()[index];
        (Just(config.name), valid_value(config))
    });
    let vendors = select(vec![
        "vendor.note",
        "vendor.wait.ms",
        "vendor.size.bytes",
        "on",
        "1",
        "vendor.${HOME}",
    ]);
    let foreign = (vendors, odd_text());
    let source = prop_oneof![4 => Just(ConfigSource::Topic), 1 => Just(ConfigSource::Default)];
    (
        prop_oneof![3 => known.boxed(), 1 => foreign.boxed()],
        source,
        proptest::bool::weighted(0.05),
    )
        .prop_map(|((key, value), source, sensitive)| {
            let value = (!sensitive).then_some(value);
            (
                ConfigKey::new(key).unwrap(),
                config(value.as_deref(), source, sensitive),
            )
        })
}

fn topics() -> impl Strategy<Value = Seen> {
    let replicas = prop_oneof![
        4 => (1..=9_usize, 1..=3_i32).prop_map(|(partitions, factor)| vec![factor; partitions]),
        1 => proptest::collection::vec(1..=3_i32, 1..6),
    ];
    // Few sets of configs for many topics, so that there is something to share.
    let sets = proptest::collection::vec(proptest::collection::vec(any_config(), 0..8), 1..4);
    let each = (topic_name(), replicas, any::<Index>());
    (sets, proptest::collection::vec(each, 0..12)).prop_map(|(sets, each)| {
        let topic = |(name, replicas, set): (TopicName, Vec<i32>, Index)| {
            let configs = Arc::new(set.get(&sets).iter().cloned().collect());
            (name, (metadata(&replicas), configs))
        };
        each.into_iter().map(topic).collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn a_plan_of_what_was_written_is_empty(topics in topics()) {
        let written = manifest::write(&to_write(topics.clone()));
        let manifest = read_back(&written);
        let plan = plan::plan(&manifest.desired, &observed(&topics));
        prop_assert!(plan.is_in_sync(), "{plan:#?}\n{}", written.text);
        let left_out = written.gaps.iter().filter(|(_, gap)| matches!(gap, manifest::Gap::NameCollides(_)));
        prop_assert_eq!(manifest.desired.topics.len() + left_out.count(), topics.len());
        prop_assert_eq!(manifest::write(&to_write(topics)), written);
    }
}
