//! Topics that come into being.

use topicctl::admin::{Admin, NewTopic, WriteMode};
use topicctl::model::{PartitionCount, ReplicationFactor};

use super::Cluster;
use super::steps::{
    BOTH_MODES, all_brokers_show_overrides, create, create_plain, metadata, name, seen, told, topic,
};

pub(crate) async fn topics_are_created_as_asked(on: &impl Cluster) {
    let configs = [("cleanup.policy", "compact"), ("retention.ms", "604800000")];
    create(
        on,
        &[topic(on, "a", (5, 2), &configs), topic(on, "b", (1, 3), &[])],
    )
    .await;
    let counts = async |short| {
        let topic = metadata(on, short).await;
        (topic.partitions.len(), topic.replication().unwrap().to_string())
    };
    assert_eq!(counts("a").await, (5, "2".to_owned()));
    assert_eq!(counts("b").await, (1, "3".to_owned()));
    // A value that equals the default is an override all the same.
    all_brokers_show_overrides(on, "a", &["cleanup.policy=compact", "retention.ms=604800000"]).await;
    all_brokers_show_overrides(on, "b", &[]).await;
}

pub(crate) async fn what_is_left_open_is_the_brokers(on: &impl Cluster) {
    let open = |short| NewTopic {
        partitions: None,
        replication: None,
        ..topic(on, short, (1, 1), &[])
    };
    let half_open = NewTopic {
        partitions: topic(on, "b", (2, 1), &[]).partitions,
        ..open("b")
    };
    create(on, &[open("a"), half_open]).await;
    assert_eq!(metadata(on, "a").await.partitions.len(), 3);
    assert_eq!(metadata(on, "b").await.partitions.len(), 2);
    assert_eq!(metadata(on, "b").await.replication().unwrap().to_string(), "1");
}

pub(crate) async fn what_is_left_open_is_told_and_nothing_is_created(on: &impl Cluster) {
    let open = NewTopic {
        partitions: None,
        replication: None,
        ..topic(on, "a", (1, 1), &[("flush.ms", "5")])
    };
    let mut told = on.client().created_settings(&[open]).await.unwrap();
    let created = told.remove(&name(on, "a")).unwrap().unwrap();
    assert_eq!(created.partitions.map(PartitionCount::get), Some(3));
    assert_eq!(created.replication.map(ReplicationFactor::get), Some(1));
    let value = |key: &str| created.configs.get(key).map(ToString::to_string);
    assert_eq!(value("flush.ms").as_deref(), Some("5"));
    assert_eq!(value("compression.type").as_deref(), Some("producer"));
    assert_eq!(seen(on, &["a"]).await, ["a: absent"]);
}

pub(crate) async fn validation_creates_nothing(on: &impl Cluster) {
    let topics = [
        topic(on, "a", (1, 1), &[]),
        topic(on, "b", (1, 1), &[("retention.ms", "5")]),
    ];
    for _ in 0..2 {
        let answers = on
            .client()
            .create_topics(&topics, WriteMode::Validate)
            .await
            .unwrap();
        assert_eq!(told(on, answers), ["a: ok", "b: ok"]);
    }
    // Brokers show changes in their order: with this one, the others would show.
    create_plain(on, &["later"]).await;
    assert_eq!(
        seen(on, &["a", "b", "later"]).await,
        ["a: absent", "b: absent", "later: ok"]
    );
}

pub(crate) async fn names_may_collide_within_a_request_but_not_with_what_exists(on: &impl Cluster) {
    create_plain(on, &["a.b"]).await;
    let topics = ["a_b", "c.d", "c_d"].map(|short| topic(on, short, (1, 1), &[]));
    let collision = "a_b: Topic 'a_b' collides with existing topic: a.b (INVALID_TOPIC_EXCEPTION)";
    for mode in BOTH_MODES {
        let answers = on.client().create_topics(&topics, mode).await.unwrap();
        assert_eq!(told(on, answers), [collision, "c.d: ok", "c_d: ok"]);
    }
}
