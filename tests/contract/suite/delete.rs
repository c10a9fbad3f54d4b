//! Topics that go.

use std::collections::BTreeMap;

use topicctl::admin::Admin;
use topicctl::model::TopicId;
use uuid::Uuid;

use super::Cluster;
use super::steps::{all_brokers_show, create, create_plain, delete, id, name, seen, told, topic};

async fn delete_by_ids<C: Cluster>(on: &C, ids: &[(&str, TopicId)]) -> Vec<String> {
    let asked: BTreeMap<_, _> = ids.iter().map(|(short, id)| (name(on, short), *id)).collect();
    told(on, on.client().delete_topics(&asked).await.unwrap())
}

pub(crate) async fn a_deleted_topic_is_gone_everywhere(on: &impl Cluster) {
    create(on, &[topic(on, "a", (3, 2), &[]), topic(on, "b", (1, 1), &[])]).await;
    let ids = [("a", id(on, "a").await)];
    assert_eq!(delete_by_ids(on, &ids).await, ["a: ok"]);
    all_brokers_show(on, &name(on, "a"), |topic| topic.is_none()).await;
    assert_eq!(seen(on, &["a", "b"]).await, ["a: absent", "b: ok"]);
}

pub(crate) async fn what_is_gone_is_told_topic_by_topic(on: &impl Cluster) {
    create_plain(on, &["gone", "there"]).await;
    let gone = id(on, "gone").await;
    delete(on, "gone").await;
    let never = TopicId(Uuid::from_u128(0x0123_4567_89ab_cdef_0123_4567_89ab_cdef));
    let ids = [("gone", gone), ("never", never), ("there", id(on, "there").await)];
    assert_eq!(
        delete_by_ids(on, &ids).await,
        [
            "gone: This server does not host this topic ID. (UNKNOWN_TOPIC_ID)",
            "never: This server does not host this topic ID. (UNKNOWN_TOPIC_ID)",
            "there: ok"
        ]
    );
}

pub(crate) async fn an_old_id_leaves_the_new_topic_alone(on: &impl Cluster) {
    create_plain(on, &["a"]).await;
    let old = id(on, "a").await;
    delete(on, "a").await;
    create_plain(on, &["a"]).await;
    let new = id(on, "a").await;
    assert_eq!(
        delete_by_ids(on, &[("a", old)]).await,
        ["a: This server does not host this topic ID. (UNKNOWN_TOPIC_ID)"]
    );
    create_plain(on, &["later"]).await;
    assert_eq!(id(on, "a").await, new);
}

pub(crate) async fn whether_topics_are_deleted_is_told_and_nothing_is(on: &impl Cluster) {
    create_plain(on, &["there"]).await;
    assert!(on.client().deletes_topics().await.unwrap());
    assert_eq!(seen(on, &["there"]).await, ["there: ok"]);
}
