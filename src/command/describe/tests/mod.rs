//! What is read for what, what a cluster leaves unsaid, and which topics are chosen in which order. The
//! numbers themselves are held against Kafka's own tools on real Kafka.

mod groups;
mod moving;
mod naming;
mod values;

use std::collections::BTreeSet;

use super::filter;
use crate::admin::memory::{Api, Code, Fault, MemoryCluster, Operation};
use crate::admin::{Admin, AdminError, Peer};
use crate::cli::{FilterArgs, SortBy};
use crate::inspect::{Detail, ReadSet, Topics, add_details, gather};
use crate::model::{Desired, Known, Reading, TopicName};

fn cluster() -> MemoryCluster {
    let cluster = MemoryCluster::new(3);
    cluster.create("busy", 2, 3, &[]);
    cluster.create("empty", 1, 1, &[]);
    cluster.create("full", 3, 1, &[]);
    cluster.append("busy", 0, 10, 1_000);
    cluster.append("busy", 0, 5, 61_000);
    cluster.append("full", 1, 100, 5_000);
    cluster.commit("late", "busy", 0, 3);
    cluster.commit("later", "busy", 0, 12);
    cluster.commit("done", "full", 1, 100);
    cluster
}

async fn gathered(cluster: &MemoryCluster) -> Topics {
    let view = cluster.cluster().await.unwrap();
    let names: Vec<TopicName> = cluster.all_topics().await.unwrap().into_keys().collect();
    gather(cluster, &view, &Desired::default(), &names).await.unwrap()
}

async fn read(cluster: &MemoryCluster, reads: &ReadSet) -> Topics {
    let mut topics = gathered(cluster).await;
    let view = cluster.cluster().await.unwrap();
    add_details(cluster, &view, &mut topics, reads).await;
    topics
}

async fn chosen(cluster: &MemoryCluster, filters: &FilterArgs, sort: SortBy) -> Vec<String> {
    let mut topics = read(cluster, &filter::reads(filters, sort)).await;
    filter::retain(&mut topics, filters);
    let sorted = filter::sorted(topics, sort).into_iter();
    sorted.map(|(name, _)| name.to_string()).collect()
}

#[tokio::test]
async fn an_overview_reads_what_its_filters_and_its_order_need_and_no_more() {
    let cluster = cluster();
    let asked = async |filters: FilterArgs, sort| {
        let client = cluster.another_client();
        chosen(&client, &filters, sort).await;
        let usual = ["DescribeCluster", "DescribeConfigs", "Metadata"];
        let requests = client.requests().into_keys();
        requests
            .filter(|name| !usual.contains(name))
            .collect::<Vec<_>>()
            .join(" ")
    };
    let none = FilterArgs::default;
    assert_eq!(asked(none(), SortBy::Name).await, "");
    assert_eq!(asked(none(), SortBy::Partitions).await, "");
    let trouble = FilterArgs {
        under_replicated: true,
        under_min_isr: true,
        offline: true,
        ..none()
    };
    assert_eq!(asked(trouble, SortBy::Name).await, "");
    let empty = FilterArgs {
        empty: true,
        ..none()
    };
    assert_eq!(asked(empty, SortBy::Name).await, "ListOffsets");
    assert_eq!(asked(none(), SortBy::Bytes).await, "DescribeLogDirs");
    let lagging = FilterArgs {
        lagging: Some(1),
        ..none()
    };
    assert_eq!(
        asked(lagging, SortBy::Name).await,
        "ListGroups ListOffsets OffsetFetch"
    );
}

#[tokio::test]
async fn lag_is_told_in_records_and_in_time() {
    let topics = read(&cluster(), &Detail::ALL.into()).await;
    let groups = topics["busy"].groups.as_ref().unwrap();
    let at = |group: &str| groups.read[group].positions[&0].clone();
    assert_eq!(
        (at("late").lag, at("late").behind_ms),
        (Known::Read(12), Known::Read(60_000))
    );
    assert_eq!(
        (at("later").lag, at("later").behind_ms),
        (Known::Read(3), Known::Read(0))
    );
    let done = &topics["full"].groups.as_ref().unwrap().read["done"].positions[&1];
    assert_eq!((&done.lag, &done.behind_ms), (&Known::Read(0), &Known::Read(0)));
}

#[tokio::test]
async fn who_may_not_read_records_knows_the_lag_in_records_only() {
    let cluster = cluster();
    cluster.deny(Operation::Read, "busy");
    let topics = read(&cluster, &Detail::ALL.into()).await;
    let late = &topics["busy"].groups.as_ref().unwrap().read["late"].positions[&0];
    assert_eq!(late.lag, Known::Read(12));
    let why = late.behind_ms.why_not().unwrap();
    assert!(why.contains("Read on topic busy"), "{why}");
}

#[tokio::test]
async fn what_is_not_answered_is_unknown_and_the_rest_stands() {
    for api in [
        Api::ListOffsets,
        Api::DescribeLogDirs,
        Api::ListGroups,
        Api::OffsetFetch,
        Api::Fetch,
    ] {
        let cluster = cluster();
        let peer: Peer = cluster.peer(1);
        let late = AdminError::Timeout {
            request: api.name(),
            broker: peer,
            waited: std::time::Duration::from_secs(30),
        };
        cluster.inject(Fault::failure(api, late).times(100));
        let topics = read(&cluster, &Detail::ALL.into()).await;
        assert_eq!(topics.len(), 3);
        let busy = &topics["busy"];
        let known = [
            busy.records().whole().is_some(),
            busy.bytes_of_replicas().whole().is_some(),
            busy.groups.as_ref().unwrap().unread.is_empty(),
        ];
        let expected = match api {
            Api::ListOffsets => [false, true, true],
            Api::DescribeLogDirs => [true, false, true],
            Api::ListGroups | Api::OffsetFetch => [true, true, false],
            _ => [true, true, true],
        };
        assert_eq!(known, expected, "{api:?}");
    }
}

#[tokio::test]
async fn filters_choose_and_all_of_them_must_hold() {
    let cluster = cluster();
    let none = FilterArgs::default;
    let by_name = async |filters: FilterArgs| chosen(&cluster, &filters, SortBy::Name).await;
    assert_eq!(
        by_name(FilterArgs {
            empty: true,
            ..none()
        })
        .await,
        ["empty"]
    );
    assert_eq!(
        by_name(FilterArgs {
            lagging: Some(12),
            ..none()
        })
        .await,
        ["busy"]
    );
    assert_eq!(
        by_name(FilterArgs {
            lagging: Some(13),
            ..none()
        })
        .await,
        [""; 0]
    );
    let both = FilterArgs {
        empty: true,
        lagging: Some(1),
        ..none()
    };
    assert_eq!(by_name(both).await, [""; 0]);
    assert_eq!(
        by_name(FilterArgs {
            drifted: true,
            ..none()
        })
        .await,
        [""; 0]
    );
    assert_eq!(
        by_name(FilterArgs {
            under_replicated: true,
            ..none()
        })
        .await,
        [""; 0]
    );
    cluster.stop(crate::model::BrokerId(2));
    assert!(
        by_name(FilterArgs {
            under_replicated: true,
            ..none()
        })
        .await
        .contains(&"busy".to_owned())
    );
}

#[tokio::test]
async fn what_cannot_be_told_may_be_in_trouble_and_is_not_known_to_be_empty() {
    let cluster = cluster();
    let refused = || {
        Fault::answer(Api::ListOffsets, Code::LeaderNotAvailable.alone())
            .for_topic("empty")
            .times(100)
    };
    cluster.inject(refused());
    let empty = FilterArgs {
        empty: true,
        ..FilterArgs::default()
    };
    assert_eq!(chosen(&cluster, &empty, SortBy::Name).await, [""; 0]);
    cluster.deny(Operation::Describe, "full");
    let offline = FilterArgs {
        offline: true,
        ..FilterArgs::default()
    };
    let names: Vec<TopicName> = ["busy", "full"].map(|name| TopicName::new(name).unwrap()).into();
    let view = cluster.cluster().await.unwrap();
    let mut topics = gather(&cluster, &view, &Desired::default(), &names)
        .await
        .unwrap();
    filter::retain(&mut topics, &offline);
    assert_eq!(
        topics
            .into_keys()
            .map(|name| name.to_string())
            .collect::<Vec<_>>(),
        ["full"]
    );
}

#[tokio::test]
async fn the_largest_come_first_and_what_is_not_known_last() {
    let cluster = cluster();
    let none = FilterArgs::default();
    let sorted = async |by| chosen(&cluster, &none, by).await.join(" ");
    assert_eq!(sorted(SortBy::Records).await, "full busy empty");
    assert_eq!(sorted(SortBy::Lag).await, "busy empty full");
    assert_eq!(sorted(SortBy::Partitions).await, "full busy empty");
    assert_eq!(sorted(SortBy::Bytes).await, "full busy empty");
    let unavailable = Fault::answer(Api::ListOffsets, Code::LeaderNotAvailable.alone());
    cluster.inject(unavailable.for_topic("full").times(100));
    assert_eq!(sorted(SortBy::Records).await, "busy empty full");
}

#[tokio::test]
async fn what_configs_override_is_told_or_why_not() {
    let cluster = cluster();
    let mut topics = gathered(&cluster).await;
    cluster.inject(Fault::answer(Api::DescribeConfigs, Code::UnknownServerError.alone()).for_topic("busy"));
    let view = cluster.cluster().await.unwrap();
    add_details(&cluster, &view, &mut topics, &Detail::ALL.into()).await;
    let chain = |topic: &str| {
        let Reading::Read(configs) = &topics[topic].configs else {
            panic!("{topic}: {:?}", topics[topic].configs);
        };
        configs
            .values()
            .map(|described| described.chain.len())
            .sum::<usize>()
    };
    assert_eq!(chain("busy"), 0);
    assert!(chain("full") > 0);
    assert!(topics["busy"].chains_unread.is_some());
    assert_eq!(topics["full"].chains_unread, None);
}
