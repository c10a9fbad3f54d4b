//! Values that brokers inherit to a topic: those of the brokers that hold it, whichever was asked for the configs.

use super::*;
use crate::admin::memory::Scope;
use crate::inspect::TopicDescription;
use crate::model::{BrokerId, ConfigKey};

const RETENTION: &str = "retention.ms";

/// Broker 2 keeps an hour, and everything is asked of broker 1 first.
fn differing() -> MemoryCluster {
    let cluster = MemoryCluster::new(3);
    cluster.set_broker_config(Scope::Broker(BrokerId(2)), "log.retention.ms", Some("3600000"));
    cluster.create("all", 1, 3, &[]);
    cluster.create("own", 1, 3, &[(RETENTION, "5")]);
    cluster.create("second", 1, 1, &[]);
    cluster.reassign("second", 0, &[2]);
    cluster
}

/// `3600000 by broker [..]`: the value, and which brokers have which.
fn retention(topic: &TopicDescription) -> String {
    let Reading::Read(configs) = &topic.configs else {
        panic!("{:?}", topic.configs);
    };
    let key = ConfigKey::new(RETENTION).unwrap();
    let described = &configs[&key];
    let groups = described
        .by_broker
        .groups(&key)
        .into_iter()
        .map(|(told, brokers)| {
            let value = told.and_then(|told| told.value.as_deref()).unwrap_or("?");
            let brokers: Vec<String> = brokers.iter().map(ToString::to_string).collect();
            format!("{value} on {}", brokers.join(" "))
        });
    let groups: Vec<String> = groups.collect();
    format!(
        "{} [{}]",
        described.config.value.as_deref().unwrap_or("?"),
        groups.join(", ")
    )
}

#[tokio::test]
async fn the_brokers_that_hold_a_topic_tell_what_it_inherits() {
    let cluster = differing();
    let topics = read(&cluster, &Detail::ALL.into()).await;
    assert_eq!(
        retention(&topics["all"]),
        "604800000 [604800000 on 1 3, 3600000 on 2]"
    );
    assert_eq!(retention(&topics["own"]), "5 []");
    assert_eq!(retention(&topics["second"]), "3600000 []");
}

#[tokio::test]
async fn a_broker_that_does_not_tell_is_named_once_and_the_others_stand() {
    let cluster = differing();
    let mut topics = gathered(&cluster).await;
    // The chains, and then the first of the brokers.
    let fault = Fault::answer(Api::DescribeConfigs, Code::UnknownServerError.alone());
    cluster.inject(fault.for_topic("all").times(2));
    let view = cluster.cluster().await.unwrap();
    add_details(&cluster, &view, &mut topics, &Detail::ALL.into()).await;
    assert_eq!(
        retention(&topics["all"]),
        "3600000 [3600000 on 2, 604800000 on 3, ? on 1]"
    );
    let unread: Vec<&BrokerId> = topics["all"].values_unread.keys().collect();
    assert_eq!(unread, [&BrokerId(1)]);
    assert!(topics["second"].values_unread.is_empty());
}

#[tokio::test]
async fn one_request_to_each_broker_that_holds_a_topic_and_none_for_an_overview() {
    let cluster = differing();
    let asked = async |cluster: &MemoryCluster, reads: &ReadSet| {
        let client = cluster.another_client();
        read(&client, reads).await;
        client.requests()["DescribeConfigs"]
    };
    // The configs; in detail the chains behind them, and each of three brokers.
    assert_eq!(asked(&cluster, &BTreeSet::new()).await, 1);
    assert_eq!(asked(&cluster, &Detail::ALL.into()).await, 2 + 3);
    let alone = MemoryCluster::new(1);
    alone.create("all", 1, 1, &[]);
    assert_eq!(asked(&alone, &Detail::ALL.into()).await, 2);
}
