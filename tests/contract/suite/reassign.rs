//! Replicas that move, and leaders that follow.

use std::collections::BTreeMap;

use topicctl::admin::{Admin, ReplicasToAssign};
use topicctl::model::{TopicMetadata, TopicName};

use super::Cluster;
use super::releases::assert_answers;
use super::steps::{all_brokers_show, assignment, create, election, metadata, name, told, topic};

/// The replicas of each partition.
pub(crate) fn replicas(topic: &TopicMetadata) -> Vec<Vec<i32>> {
    let ids = topic.partitions.iter().map(|partition| &partition.replicas);
    ids.map(|ids| ids.iter().map(|id| id.0).collect()).collect()
}

/// Has replicas moved, and waits until every broker shows them in place and in sync.
pub(crate) async fn assign<C: Cluster>(on: &C, wanted: &[ReplicasToAssign]) {
    let answers = on.client().alter_partition_reassignments(wanted).await.unwrap();
    for (name, answer) in answers {
        answer.unwrap_or_else(|error| panic!("{name}: {error}"));
    }
    for item in wanted {
        all_brokers_show(on, &item.name, |topic| {
            topic.is_some_and(|topic| is_so(topic, item))
        })
        .await;
    }
}

fn is_so(topic: &TopicMetadata, wanted: &ReplicasToAssign) -> bool {
    let there = |index: &i32| {
        topic
            .partitions
            .iter()
            .find(|partition| partition.index == *index)
    };
    let mut each = wanted.partitions.iter();
    each.all(|(index, replicas)| {
        there(index)
            .is_some_and(|partition| partition.replicas == *replicas && partition.isr.len() == replicas.len())
    })
}

/// A line for each partition that is being moved.
pub(crate) async fn under_way<C: Cluster>(
    on: &C,
    partitions: Option<&BTreeMap<TopicName, Vec<i32>>>,
) -> Vec<String> {
    let moving = on.client().list_partition_reassignments(partitions).await;
    let prefix = format!("{}.", on.prefix());
    let ours = moving
        .unwrap()
        .unwrap()
        .into_iter()
        .filter(|((topic, _), _)| topic.as_str().starts_with(&prefix));
    ours.map(|((topic, index), moving)| {
        let short = topic.as_str().replace(&prefix, "");
        let ids = |ids: &[topicctl::model::BrokerId]| ids.iter().map(|id| id.0).collect::<Vec<_>>();
        let (all, adding, removing) = (ids(&moving.replicas), ids(&moving.adding), ids(&moving.removing));
        format!("{short}-{index}: {all:?} adding {adding:?} removing {removing:?}")
    })
    .collect()
}

pub(crate) async fn replicas_come_and_go_and_leaders_follow(on: &impl Cluster) {
    create(on, &[topic(on, "a", (2, 1), &[]), topic(on, "b", (1, 3), &[])]).await;
    on.append(&name(on, "a"), 0, 10, 1_000).await;
    let more = assignment(on, "a", &[(0, &[1, 2, 3]), (1, &[2, 3, 1])]);
    assign(on, std::slice::from_ref(&more)).await;
    // What is so already is no error.
    assign(on, &[more]).await;
    assign(
        on,
        &[
            assignment(on, "a", &[(0, &[3, 1])]),
            assignment(on, "b", &[(0, &[2, 3])]),
        ],
    )
    .await;
    assert_eq!(replicas(&metadata(on, "a").await), [vec![3, 1], vec![2, 3, 1]]);
    assert_eq!(replicas(&metadata(on, "b").await), [[2, 3]]);
    assert!(under_way(on, None).await.is_empty());
    let elected = [election(on, "a", &[0, 1]), election(on, "b", &[0])];
    // Who leads already is not elected, and that is no error either.
    for _ in 0..2 {
        let answers = on.client().elect_leaders(&elected).await.unwrap();
        assert_eq!(told(on, answers), ["a: ok", "b: ok"]);
    }
    for short in ["a", "b"] {
        all_brokers_show(on, &name(on, short), |topic| {
            topic.is_some_and(|topic| topic.partitions.iter().all(|p| p.leader == Some(p.replicas[0])))
        })
        .await;
    }
}

pub(crate) async fn what_cannot_be_is_refused_and_the_rest_is_done(on: &impl Cluster) {
    let all = ["empty", "good", "stranger", "twice", "two"];
    create(on, &all.map(|short| topic(on, short, (2, 1), &[]))).await;
    let wanted = [
        assignment(on, "empty", &[(0, &[])]),
        assignment(on, "good", &[(0, &[1, 2]), (1, &[2, 3]), (7, &[1])]),
        assignment(on, "missing", &[(0, &[1])]),
        assignment(on, "stranger", &[(0, &[1, 9])]),
        assignment(on, "twice", &[(1, &[2, 1, 2])]),
        assignment(on, "two", &[(0, &[]), (1, &[9])]),
    ];
    let answers = on.client().alter_partition_reassignments(&wanted).await.unwrap();
    assert_answers(
        on,
        "reassign_refusals",
        &told(on, answers),
        &[
            "empty: partition 0: The manual partition assignment includes an empty replica list. \
             (INVALID_REPLICA_ASSIGNMENT)",
            "good: partition 7: Unable to find partition good:7. (UNKNOWN_TOPIC_OR_PARTITION)",
            "missing: partition 0: Unable to find a topic named missing. (UNKNOWN_TOPIC_OR_PARTITION)",
            "stranger: partition 0: The manual partition assignment includes broker 9, but no such broker is \
             registered. (INVALID_REPLICA_ASSIGNMENT)",
            "twice: partition 1: The manual partition assignment includes the broker 2 more than once. \
             (INVALID_REPLICA_ASSIGNMENT)",
            "two: partition 0: The manual partition assignment includes an empty replica list. \
             (INVALID_REPLICA_ASSIGNMENT)",
        ],
    );
    assign(on, &[assignment(on, "good", &[(0, &[1, 2]), (1, &[2, 3])])]).await;
    let elected = [election(on, "good", &[0, 8]), election(on, "missing", &[0])];
    let answers = on.client().elect_leaders(&elected).await.unwrap();
    assert_answers(
        on,
        "elect_refusals",
        &told(on, answers),
        &[
            "good: partition 8: No such partition as good-8 (UNKNOWN_TOPIC_OR_PARTITION)",
            "missing: partition 0: No such topic as missing (UNKNOWN_TOPIC_OR_PARTITION)",
        ],
    );
}

pub(crate) async fn nothing_is_under_way_in_topics_that_are_not_there(on: &impl Cluster) {
    create(on, &[topic(on, "a", (1, 1), &[])]).await;
    let asked = BTreeMap::from([(name(on, "a"), vec![0, 1]), (name(on, "missing"), vec![0])]);
    assert!(under_way(on, Some(&asked)).await.is_empty());
    assert!(under_way(on, None).await.is_empty());
}
