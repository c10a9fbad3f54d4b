//! Brokers that are down.

use std::collections::BTreeMap;

use topicctl::admin::{Admin, MovesToCancel, OffsetPoint, WriteMode};
use topicctl::model::{BrokerId, Partition};

use super::metadata::registered;
use super::reassign::{assign, replicas, under_way};
use super::steps::{all_brokers_show, assignment, create, election, eventually, metadata, name, told, topic};
use super::{Cluster, Release};

const STOPPED: BrokerId = BrokerId(3);

/// A check of its own: stopping and starting a real broker takes its time.
pub(crate) async fn a_stopped_broker_is_missed_and_comes_back(on: &impl Cluster) {
    create(
        on,
        &[
            topic(on, "single", (3, 1), &[]),
            topic(on, "triple", (3, 3), &[]),
            // Now, since the controller places replicas on brokers that are down as well.
            topic(on, "moving", (1, 2), &[]),
        ],
    )
    .await;
    on.stop(STOPPED);
    only_two_are_alive_and_three_registered(on).await;
    leaders_have_moved_where_there_was_somebody(on).await;
    the_stopped_broker_cannot_be_asked(on).await;
    three_replicas_are_still_possible(on).await;
    a_reassignment_to_it_is_under_way(on).await;
    its_leadership_cannot_be_had(on).await;
    on.start(STOPPED);
    for short in ["single", "triple", "new", "moving"] {
        all_brokers_show(on, &name(on, short), |topic| {
            topic.is_some_and(|topic| topic.partitions.iter().all(is_whole))
        })
        .await;
    }
    assert_eq!(on.client().cluster().await.unwrap().brokers.len(), 3);
    eventually("nothing to be under way", async || {
        under_way(on, None).await.is_empty().then_some(())
    })
    .await;
    assert_eq!(replicas(&metadata(on, "moving").await), [[3, 1]]);
}

/// What is copied to a broker that is down waits for it, as long as it takes.
async fn a_reassignment_to_it_is_under_way<C: Cluster>(on: &C) {
    let from = assignment(on, "moving", &[(0, &[1, 2])]);
    assign(on, &[from]).await;
    let to = assignment(on, "moving", &[(0, &[3, 1])]);
    for _ in 0..2 {
        let answers = on
            .client()
            .alter_partition_reassignments(std::slice::from_ref(&to))
            .await
            .unwrap();
        assert_eq!(told(on, answers), ["moving: ok"]);
        let expected = ["moving-0: [3, 1, 2] adding [3] removing [2]"];
        assert_eq!(under_way(on, None).await, expected);
        let asked = BTreeMap::from([(name(on, "moving"), vec![0, 9]), (name(on, "missing"), vec![0])]);
        assert_eq!(under_way(on, Some(&asked)).await, expected);
    }
    let cancelled = [MovesToCancel {
        name: name(on, "moving"),
        partitions: vec![0],
    }];
    // What is not being moved any more is fine.
    for _ in 0..2 {
        let answers = on
            .client()
            .cancel_partition_reassignments(&cancelled)
            .await
            .unwrap();
        assert_eq!(told(on, answers), ["moving: ok"]);
        assert!(under_way(on, None).await.is_empty());
    }
    let answers = on.client().alter_partition_reassignments(&[to]).await.unwrap();
    assert_eq!(told(on, answers), ["moving: ok"]);
    let elsewhere = BTreeMap::from([(name(on, "triple"), vec![0, 1, 2])]);
    assert!(under_way(on, Some(&elsewhere)).await.is_empty());
}

async fn its_leadership_cannot_be_had<C: Cluster>(on: &C) {
    let triple = metadata(on, "triple").await;
    let preferred = triple.partitions.iter().find(|p| p.replicas[0] == STOPPED);
    let index = preferred.unwrap().index;
    let elected = [election(on, "triple", &[index])];
    let answers = on.client().elect_leaders(&elected).await.unwrap();
    let expected = format!(
        "triple: partition {index}: The preferred leader was not available. (PREFERRED_LEADER_NOT_AVAILABLE)"
    );
    assert_eq!(told(on, answers), [expected]);
}

fn is_whole(partition: &Partition) -> bool {
    partition.leader.is_some() && !partition.is_under_replicated() && partition.offline.is_empty()
}

async fn only_two_are_alive_and_three_registered<C: Cluster>(on: &C) {
    let view = eventually("two live brokers", async || {
        let view = on.client().cluster().await.unwrap();
        (view.brokers.len() == 2).then_some(view)
    })
    .await;
    assert_eq!(view.registered, registered(on, 2, 3));
    assert!(view.controller.is_some_and(|id| view.brokers.contains_key(&id)));
}

async fn leaders_have_moved_where_there_was_somebody<C: Cluster>(on: &C) {
    for short in ["single", "triple"] {
        all_brokers_show(on, &name(on, short), |topic| {
            topic.is_some_and(|topic| topic.partitions.iter().all(|p| p.leader != Some(STOPPED)))
        })
        .await;
    }
    for partition in metadata(on, "triple").await.partitions {
        assert!(partition.leader.is_some());
        assert_eq!(partition.isr.len(), 2);
        assert_eq!(partition.offline, [STOPPED]);
    }
    let single = metadata(on, "single").await;
    assert_eq!(single.replication().unwrap().to_string(), "1");
    let leaderless: Vec<_> = single.partitions.iter().filter(|p| p.leader.is_none()).collect();
    assert_eq!(leaderless.len(), 1);
    assert_eq!(leaderless[0].replicas, [STOPPED]);
    // Eligible leader replicas (on from 4.1): the last one leaves the ISR too.
    let last = if on.release() >= Release(4, 1) {
        vec![]
    } else {
        vec![STOPPED]
    };
    assert_eq!(leaderless[0].isr, last);
    let asked = BTreeMap::from([(name(on, "single"), vec![leaderless[0].index])]);
    let answers = on.client().offsets(&asked, OffsetPoint::Latest).await.unwrap();
    let error = answers.values().next().unwrap().as_ref().unwrap_err();
    assert_eq!(error.to_string(), "LEADER_NOT_AVAILABLE");
}

async fn the_stopped_broker_cannot_be_asked<C: Cluster>(on: &C) {
    let asked = [name(on, "triple")];
    let error = on.client().topics_on(STOPPED, &asked).await.unwrap_err();
    assert!(!error.outcome_is_unknown(), "{error}");
    assert!(error.to_string().contains("broker 3"), "{error}");
}

async fn three_replicas_are_still_possible<C: Cluster>(on: &C) {
    let topics = [topic(on, "new", (3, 3), &[]), topic(on, "four", (1, 4), &[])];
    let answers = on
        .client()
        .create_topics(&topics, WriteMode::Write)
        .await
        .unwrap();
    let told = told(on, answers);
    assert!(told[0].contains("only 3 broker(s) are registered"), "{told:?}");
    assert_eq!(told[1], "new: ok");
    all_brokers_show(on, &name(on, "new"), |topic| topic.is_some()).await;
    let new = metadata(on, "new").await;
    assert!(
        new.partitions
            .iter()
            .all(|p| p.leader.is_some_and(|leader| leader != STOPPED))
    );
    assert!(new.partitions.iter().all(|p| p.isr.len() == 2));
}
