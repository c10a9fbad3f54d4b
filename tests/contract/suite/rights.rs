//! What a principal may not do.

use std::collections::BTreeMap;

use topicctl::admin::memory::Operation;
use topicctl::admin::{Admin, OffsetPoint};
use topicctl::model::RequiredAcl;

use super::Cluster;
use super::steps::{
    BOTH_MODES, changes, create_plain, eventually, growth, id, key, name, names, seen, told, topic,
};

const GROUPS: [(Operation, &str); 6] = [
    (Operation::DescribeConfigs, "sealed-"),
    (Operation::Create, "barred-"),
    (Operation::Alter, "narrow-"),
    (Operation::AlterConfigs, "frozen-"),
    (Operation::Delete, "kept-"),
    // The last, since seeing it means that the others are known too.
    (Operation::Describe, "hidden-"),
];

/// One check of all, since a guarded cluster of its own is dear.
pub(crate) async fn what_is_denied_is_refused_topic_by_topic(on: &impl Cluster) {
    let existing = GROUPS.map(|(_, group)| format!("{group}a"));
    let existing: Vec<&str> = existing.iter().map(String::as_str).chain(["open"]).collect();
    create_plain(on, &existing).await;
    let kept = id(on, "kept-a").await;
    on.deny(&GROUPS);
    eventually("the rules to be known", async || {
        let refused = "hidden-a: TOPIC_AUTHORIZATION_FAILED: needs Describe on topic hidden-a";
        (seen(on, &["hidden-a"]).await == [refused]).then_some(())
    })
    .await;
    hidden_topics_are_refused_and_not_absent(on).await;
    configs_are_refused(on).await;
    broker_configs_are_refused(on).await;
    writes_are_refused_and_so_is_their_validation(on).await;
    let asked = BTreeMap::from([(name(on, "kept-a"), kept)]);
    let answers = on.client().delete_topics(&asked).await.unwrap();
    assert_eq!(
        told(on, answers),
        ["kept-a: Topic authorization failed. (TOPIC_AUTHORIZATION_FAILED): needs Delete on topic kept-a"]
    );
}

async fn hidden_topics_are_refused_and_not_absent<C: Cluster>(on: &C) {
    assert_eq!(
        seen(on, &["hidden-a", "hidden-missing", "missing", "open"]).await,
        [
            "hidden-a: TOPIC_AUTHORIZATION_FAILED: needs Describe on topic hidden-a",
            "hidden-missing: TOPIC_AUTHORIZATION_FAILED: needs Describe on topic hidden-missing",
            "missing: absent",
            "open: ok"
        ]
    );
    let all = on.client().all_topics().await.unwrap();
    assert!(all.contains_key(&name(on, "sealed-a")));
    assert!(!all.contains_key(&name(on, "hidden-a")));
    let asked = BTreeMap::from([(name(on, "hidden-a"), vec![0]), (name(on, "open"), vec![0])]);
    let answers = on.client().offsets(&asked, OffsetPoint::Latest).await.unwrap();
    let refused = answers[&(name(on, "hidden-a"), 0)].as_ref().unwrap_err();
    let hidden = RequiredAcl::on_topic(Operation::Describe, &name(on, "hidden-a"));
    assert_eq!(refused.missing(), Some(&hidden));
    assert_eq!(answers[&(name(on, "open"), 0)].as_ref().unwrap().offset, Some(0));
}

async fn configs_are_refused<C: Cluster>(on: &C) {
    let asked = names(on, &["hidden-a", "open", "sealed-a", "sealed-missing"]);
    assert_eq!(
        told(on, on.client().configs(&asked).await.unwrap()),
        [
            // Kafka asks for another right here, so hidden topics show.
            "hidden-a: ok",
            "open: ok",
            "sealed-a: Topic authorization failed. (TOPIC_AUTHORIZATION_FAILED): needs DescribeConfigs on topic sealed-a",
            "sealed-missing: Topic authorization failed. (TOPIC_AUTHORIZATION_FAILED): needs DescribeConfigs on topic \
             sealed-missing",
        ]
    );
}

async fn broker_configs_are_refused<C: Cluster>(on: &C) {
    let refused = on
        .client()
        .broker_configs(&[key("log.retention.hours")])
        .await
        .unwrap();
    assert_eq!(
        refused.unwrap_err().to_string(),
        "Cluster authorization failed. (CLUSTER_AUTHORIZATION_FAILED): needs DescribeConfigs on the cluster"
    );
}

async fn writes_are_refused_and_so_is_their_validation<C: Cluster>(on: &C) {
    let client = on.client();
    for mode in BOTH_MODES {
        let new = ["barred-a", "barred-b", "hidden-b"].map(|short| topic(on, short, (1, 1), &[]));
        let growth = ["narrow-a", "narrow-missing", "sealed-a"].map(|short| growth(on, short, 2));
        let set = [("retention.ms", Some("5"))];
        let set = ["frozen-a", "frozen-missing", "sealed-a"].map(|short| changes(on, short, &set));
        assert_eq!(
            told(on, client.create_topics(&new, mode).await.unwrap()),
            [
                "barred-a: Authorization failed. (TOPIC_AUTHORIZATION_FAILED): needs Create on topic barred-a",
                "barred-b: Authorization failed. (TOPIC_AUTHORIZATION_FAILED): needs Create on topic barred-b",
                "hidden-b: ok"
            ]
        );
        assert_eq!(
            told(on, client.create_partitions(&growth, mode).await.unwrap()),
            [
                "narrow-a: TOPIC_AUTHORIZATION_FAILED: needs Alter on topic narrow-a",
                "narrow-missing: TOPIC_AUTHORIZATION_FAILED: needs Alter on topic narrow-missing",
                "sealed-a: ok"
            ]
        );
        assert_eq!(
            told(on, client.alter_configs(&set, mode).await.unwrap()),
            [
                "frozen-a: Topic authorization failed. (TOPIC_AUTHORIZATION_FAILED): needs AlterConfigs on topic frozen-a",
                "frozen-missing: Topic authorization failed. (TOPIC_AUTHORIZATION_FAILED): needs AlterConfigs on topic \
                 frozen-missing",
                "sealed-a: ok"
            ]
        );
    }
}
