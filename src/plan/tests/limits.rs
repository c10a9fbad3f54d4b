//! Numbers of partitions that are refused, and names that collide with what is deleted.

use super::words::lines;
use super::{Scene, Seen, Wanted, only, partition_count};
use crate::model::{MaxPartitions, TopicObservation};

fn said(partitions: i64, limit: i64, sighting: TopicObservation) -> Vec<String> {
    let mut scene = Scene::new().topic("orders", Wanted::nothing().partitions(partitions), sighting);
    scene.desired.max_partitions = MaxPartitions(partition_count(limit));
    lines(&only(&scene.plan()))
}

/// The largest number would need more memory than there is, if anything was computed for it.
#[test]
fn absurd_numbers_are_refused_before_anything_is_computed() {
    let most = i64::from(i32::MAX);
    let there = || Seen::stock().sighting();
    assert_eq!(
        said(most, 100_000, there()),
        ["refused: partitions 2147483647 > 100000"]
    );
    assert_eq!(
        said(most, 100_000, TopicObservation::Absent),
        [
            "create, partitions 2147483647, replication default [safe]",
            "refused: partitions 2147483647 > 100000"
        ]
    );
    assert_eq!(
        said(100_001, 100_000, there()),
        ["refused: partitions 100001 > 100000"]
    );
    assert_eq!(said(4, 3, there()), ["refused: partitions 4 > 3"]);
    // What is there is nobody's slip.
    assert_eq!(said(3, 2, there()), [""; 0]);
    assert_eq!(
        said(10_000, 100_000, TopicObservation::Absent),
        [
            "create, partitions 10000, replication default [safe]",
            "refused: 10000 at once > 9999"
        ]
    );
    assert_eq!(
        said(9_999, 100_000, TopicObservation::Absent),
        ["create, partitions 9999, replication default [safe]"]
    );
}

#[test]
fn a_new_name_that_collides_with_a_deleted_one_waits_for_a_second_run() {
    let there = || Seen::stock().sighting();
    let plan = |new: &str, old: TopicObservation| {
        let scene = Scene::new().absent("a.b", old);
        let plan = scene
            .topic(new, Wanted::nothing(), TopicObservation::Absent)
            .plan();
        lines(&plan.topics[new])
    };
    let create = "create, partitions default, replication default [safe]";
    assert_eq!(plan("a_b", there()), [create, "refused: collides with a.b"]);
    assert_eq!(plan("a_b", TopicObservation::Absent), [create]);
    assert_eq!(plan("a_c", there()), [create]);
}
