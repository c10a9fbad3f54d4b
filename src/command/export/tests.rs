//! Topics whose replicas are on their way to other brokers. What else is written is held against real Kafka.

use super::{ExportedTopics, differences, read, to_write};
use crate::admin::memory::MemoryCluster;
use crate::admin::{Admin, ReplicasToAssign};
use crate::manifest::{self, WrittenManifest};
use crate::model::{BrokerId, TopicName};
use crate::render::Header;

/// A topic that had this replication and whose replicas are to be these.
async fn moving(replication: i16, to: &[i32]) -> MemoryCluster {
    let cluster = MemoryCluster::new(3);
    cluster.create("orders", 1, replication, &[]);
    cluster.hold_reassignments();
    let name = TopicName::new("orders").unwrap();
    let replicas = to.iter().copied().map(BrokerId).collect();
    let moved = ReplicasToAssign {
        name: name.clone(),
        partitions: [(0, replicas)].into(),
    };
    let outcome = cluster.alter_partition_reassignments(&[moved]).await.unwrap();
    outcome[&name].as_ref().unwrap();
    cluster
}

/// What is written, and what is wrong with it.
async fn exported(cluster: &MemoryCluster) -> (WrittenManifest, Vec<String>) {
    let read: ExportedTopics = read(cluster, &[], false).await.unwrap();
    let view = cluster.cluster().await.unwrap();
    let header = Header {
        profile: None,
        cluster_id: view.id.clone().into(),
        address: "localhost:9092".into(),
        principal: None,
        is_of_aws: false,
        health: crate::model::ClusterHealth::default(),
    };
    let wanted = to_write(&header, "dev", false, &read);
    let written = manifest::write(&wanted);
    let wrong = differences(&view, &wanted, &written);
    (written, wrong)
}

#[tokio::test]
async fn a_replica_that_moves_is_counted_once() {
    let (written, wrong) = exported(&moving(1, &[3]).await).await;
    assert!(written.text.contains("replication: 1\n"), "{}", written.text);
    assert_eq!((written.gaps.len(), wrong.len()), (0, 0), "{wrong:?}");
}

#[tokio::test]
async fn a_replication_that_changes_is_not_stated() {
    let (written, wrong) = exported(&moving(1, &[1, 2, 3]).await).await;
    assert!(!written.text.contains("replication: "), "{}", written.text);
    let said: Vec<String> = written.gaps.iter().map(|(_, gap)| gap.to_string()).collect();
    assert_eq!(
        said,
        ["replication is not stated: it is being changed, and is 1 now and 3 in the end"]
    );
    assert_eq!(wrong, [""; 0]);
}

#[tokio::test]
async fn whether_replicas_move_may_not_be_known() {
    let cluster = moving(1, &[1, 2, 3]).await;
    cluster.deny_cluster();
    let (written, wrong) = exported(&cluster).await;
    let (_, gap) = &written.gaps[0];
    let said = "only being added could not be read: Cluster authorization failed.";
    assert!(gap.to_string().contains(said), "{gap}");
    assert!(!written.text.contains("replication: "), "{}", written.text);
    assert_eq!(wrong, [""; 0]);
}
