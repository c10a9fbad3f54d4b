//! Groups that are further behind than the records that are left, and groups that have not committed yet.

use super::{chosen, read};
use crate::admin::memory::MemoryCluster;
use crate::cli::{FilterArgs, SortBy};
use crate::inspect::Detail;
use crate::model::Known;

fn cluster() -> MemoryCluster {
    let cluster = MemoryCluster::new(1);
    cluster.create("read", 3, 1, &[]);
    cluster.append("read", 0, 10, 1_000);
    cluster.append("read", 0, 10, 31_000);
    cluster.append("read", 1, 5, 1_000);
    cluster
}

fn lagging(least: u64) -> FilterArgs {
    FilterArgs {
        lagging: Some(least),
        ..FilterArgs::default()
    }
}

#[tokio::test]
async fn who_is_behind_the_first_record_is_behind_from_there_and_has_lost_the_rest() {
    let cluster = cluster();
    cluster.append("read", 0, 1, 61_000);
    cluster.commit("late", "read", 0, 4);
    cluster.trim("read", 0, 15);
    let topics = read(&cluster, &Detail::ALL.into()).await;
    let groups = topics["read"].groups.as_ref().unwrap();
    let late = &groups.read["late"].positions[&0];
    assert_eq!(late.committed, Some(4));
    assert_eq!((&late.lag, &late.lost), (&Known::Read(17), &Known::Read(11)));
    assert_eq!(late.behind_ms, Known::Read(30_000));
}

#[tokio::test]
async fn what_nobody_has_committed_has_no_lag_that_is_known() {
    let cluster = cluster();
    cluster.join("new", "read", 1);
    let topics = read(&cluster, &Detail::ALL.into()).await;
    let topic = &topics["read"];
    let new = &topic.groups.as_ref().unwrap().read["new"];
    let committed = |index| new.positions[&index].committed;
    assert_eq!((committed(0), committed(1), committed(2)), (None, None, None));
    assert!(
        new.positions[&0]
            .lag
            .why_not()
            .unwrap()
            .contains("auto.offset.reset")
    );
    // There is nothing to read, wherever it begins.
    assert_eq!(new.positions[&2].lag, Known::Read(0));
    assert_eq!(new.lag(), (0, false));
    assert_eq!(new.behind_ms(), None);
    assert_eq!(chosen(&cluster, &lagging(100), SortBy::Name).await, ["read"]);
}

#[tokio::test]
async fn what_is_committed_counts_where_the_rest_is_not_known() {
    let cluster = cluster();
    cluster.join("new", "read", 1);
    cluster.commit("new", "read", 0, 8);
    let topics = read(&cluster, &Detail::ALL.into()).await;
    let new = &topics["read"].groups.as_ref().unwrap().read["new"];
    assert_eq!(new.lag(), (12, false));
    cluster.commit("new", "read", 1, 5);
    let topics = read(&cluster, &Detail::ALL.into()).await;
    let new = &topics["read"].groups.as_ref().unwrap().read["new"];
    assert_eq!(new.lag(), (12, true));
    assert_eq!(chosen(&cluster, &lagging(13), SortBy::Name).await, [""; 0]);
}

#[tokio::test]
async fn by_lag_a_topic_comes_last_of_which_nothing_is_known() {
    let cluster = cluster();
    cluster.create("still", 1, 1, &[]);
    cluster.commit("done", "still", 0, 0);
    cluster.join("new", "read", 1);
    let all = FilterArgs::default();
    assert_eq!(chosen(&cluster, &all, SortBy::Lag).await, ["still", "read"]);
    cluster.commit("late", "read", 0, 8);
    assert_eq!(chosen(&cluster, &all, SortBy::Lag).await, ["read", "still"]);
}
