//! Replicas that are only being added: the metadata lists them among those assigned.

use std::collections::BTreeSet;

use super::{chosen, read};
use crate::admin::memory::MemoryCluster;
use crate::admin::{Admin, ReplicasToAssign};
use crate::cli::{FilterArgs, SortBy};
use crate::inspect::{Condition, Detail, ReadSet, gather};
use crate::model::{BrokerId, Desired, Reading, TopicName};

/// A topic on its way from broker 1 to another one.
async fn moving() -> MemoryCluster {
    let cluster = MemoryCluster::new(3);
    cluster.create("moving", 1, 1, &[]);
    cluster.create("still", 1, 1, &[]);
    cluster.hold_reassignments();
    let name = TopicName::new("moving").unwrap();
    let from = cluster.topic("moving").unwrap().partitions[0].replicas[0];
    let to = BrokerId(from.0 % 3 + 1);
    let moved = ReplicasToAssign {
        name,
        partitions: [(0, vec![to])].into(),
    };
    cluster.alter_partition_reassignments(&[moved]).await.unwrap();
    cluster
}

const UNDER_REPLICATED: FilterArgs = FilterArgs {
    under_replicated: true,
    under_min_isr: false,
    offline: false,
    lagging: None,
    drifted: false,
    empty: false,
};

#[tokio::test]
async fn what_moves_lacks_nothing() {
    let cluster = moving().await;
    for reads in [BTreeSet::new(), Detail::ALL.into()] {
        let topics = read(&cluster, &reads).await;
        let topic = &topics["moving"];
        assert_eq!(topic.replication().unwrap().to_string(), "1");
        let partition = &topic.seen().unwrap().partitions[0];
        assert_eq!(partition.replicas.len(), 2);
        assert_eq!(topic.conditions(partition), [Condition::Moving]);
    }
    assert_eq!(chosen(&cluster, &UNDER_REPLICATED, SortBy::Name).await, [""; 0]);
}

#[tokio::test]
async fn nobody_is_asked_what_moves_while_all_replicas_are_in_sync() {
    let cluster = moving().await;
    cluster.finish_reassignments();
    let client = cluster.another_client();
    let topics = read(&client, &BTreeSet::new()).await;
    assert_eq!(topics["moving"].reassignments, Reading::NotAsked);
    assert!(!client.requests().contains_key("ListPartitionReassignments"));
}

#[tokio::test]
async fn what_may_only_be_moving_is_shown_to_who_looks_for_trouble() {
    let cluster = moving().await;
    cluster.deny_cluster();
    assert_eq!(
        chosen(&cluster, &UNDER_REPLICATED, SortBy::Name).await,
        ["moving"]
    );
    let topics = read(&cluster, &BTreeSet::new()).await;
    assert!(matches!(
        topics["moving"].reassignments,
        Reading::Failed(ref why) if why.missing.is_some()
    ));
    assert_eq!(topics["still"].reassignments, Reading::NotAsked);
}

/// `(min.insync.replicas, whether the cluster caps it)` against how many partitions are said to be below it.
#[tokio::test]
async fn min_insync_above_the_replicas_counts_as_brokers_count_it() {
    for (is_capped, under) in [(true, 0), (false, 1)] {
        let cluster = MemoryCluster::new(1);
        cluster.create("orders", 1, 1, &[("min.insync.replicas", "2")]);
        let mut view = cluster.cluster().await.unwrap();
        if !is_capped {
            // `metadata.version` 3.6-IV2.
            view.metadata_version = Some(14);
        }
        let names = [TopicName::new("orders").unwrap()];
        let topics = gather(&cluster, &view, &Desired::default(), &names)
            .await
            .unwrap();
        assert_eq!(topics["orders"].count(Condition::UnderMinIsr), Some(under));
    }
}

/// As `Partition.isUnderReplicated` counts: a replica that is being added and has caught up stands in for one that is
/// out of sync.
#[tokio::test]
async fn a_replica_that_is_added_counts_once_it_is_in_sync() {
    let cluster = moving().await;
    let mut topics = read(&cluster, &ReadSet::new()).await;
    let topic = topics.get_mut("moving").unwrap();
    let mut partition = topic.seen().unwrap().partitions[0].clone();
    let added = partition.replicas.iter().find(|id| !partition.isr.contains(id));
    partition.isr = vec![*added.unwrap()];
    assert!(!topic.conditions(&partition).contains(&Condition::UnderReplicated));
    partition.isr.clear();
    assert!(topic.conditions(&partition).contains(&Condition::UnderReplicated));
}
