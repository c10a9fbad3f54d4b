//! A topic that is deleted, or deleted and created again, after it was planned: while somebody was asked, between
//! two writes, before it is planned again. It is left and said, with a saved plan and without.

use super::own_writes::carried_out;
use super::*;
use crate::admin::memory::{Api, Call};

const DELETED: &str = "not attempted: the topic was deleted after it was planned; plan it again";
const CREATED_AGAIN: &str =
    "not attempted: the topic was deleted and created again after it was planned; plan it again";
const ORDERS: &str = "  - {name: orders, partitions: 3, retention: 4d}\n  - {name: other, retention: 4d}\n";

fn cluster() -> MemoryCluster {
    let cluster = MemoryCluster::new(1);
    cluster.create("orders", 1, 1, &[("retention.ms", "432000000")]);
    cluster.create("other", 1, 1, &[("retention.ms", "432000000")]);
    cluster
}

#[tokio::test(start_paused = true)]
async fn a_topic_that_is_deleted_while_the_question_waits_is_not_created() {
    let cluster = cluster();
    let plan = planned(&cluster, &desired(ORDERS)).await;
    cluster.delete("orders");
    let wanted = desired(ORDERS);
    let run = written(&cluster, &wanted, plan, everything(), Interrupt::default());
    assert_eq!(
        lines(&run.await),
        [
            format!("orders: set retention.ms=345600000: {DELETED}"),
            format!("orders: partitions 1 to 3: {DELETED}"),
            "other: set retention.ms=345600000: done".to_owned()
        ]
    );
    assert_eq!(cluster.topic_names(), ["other"]);
}

#[tokio::test(start_paused = true)]
async fn a_topic_that_is_created_again_while_the_question_waits_is_left_as_it_is() {
    for is_saved in [false, true] {
        let cluster = cluster();
        let plan = planned(&cluster, &desired(ORDERS)).await;
        cluster.delete("orders");
        cluster.create("orders", 1, 1, &[("retention.ms", "432000000")]);
        let written = if is_saved {
            carried_out(&cluster, &desired(ORDERS), plan).await
        } else {
            written(
                &cluster,
                &desired(ORDERS),
                plan,
                everything(),
                Interrupt::default(),
            )
            .await
        };
        assert_eq!(
            lines(&written),
            [
                format!("orders: set retention.ms=345600000: {CREATED_AGAIN}"),
                format!("orders: partitions 1 to 3: {CREATED_AGAIN}"),
                "other: set retention.ms=345600000: done".to_owned()
            ]
        );
        assert_eq!(cluster.overrides("orders")["retention.ms"], "432000000");
    }
}

#[tokio::test(start_paused = true)]
async fn a_topic_that_is_created_again_between_two_writes_gets_no_more_of_them() {
    let cluster = cluster();
    // The answer to the write of the configs is the last that is heard of the old topic.
    cluster.before(Call::from(Api::Metadata), 3, |cluster| {
        assert_eq!(cluster.overrides("orders")["retention.ms"], "345600000");
        cluster.delete("orders");
        cluster.create("orders", 1, 1, &[]);
    });
    let written = applied(&cluster, &desired(ORDERS), everything()).await;
    assert_eq!(
        lines(&written)[1],
        format!("orders: partitions 1 to 3: {CREATED_AGAIN}")
    );
    assert_eq!(cluster.topic("orders").expect("the topic").partitions.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_topic_that_the_controller_does_not_know_any_more_is_not_created() {
    let cluster = cluster();
    cluster.before(Call::write(Api::IncrementalAlterConfigs), 1, |cluster| {
        cluster.delete("orders");
    });
    let written = applied(&cluster, &desired(ORDERS), everything()).await;
    let lines = lines(&written);
    assert!(
        lines[0].starts_with("orders: set retention.ms=345600000: failed: ")
            && lines[0].ends_with("the topic was deleted after it was planned; plan it again"),
        "{lines:?}"
    );
    assert_eq!(cluster.topic_names(), ["other"]);
}

#[tokio::test(start_paused = true)]
async fn a_topic_that_is_created_again_before_it_is_planned_again_is_left_as_it_is() {
    let cluster = cluster();
    let plan = planned(&cluster, &desired(ORDERS)).await;
    // It moves, and is another one when it is planned anew.
    cluster.set("orders", "retention.ms", "1000");
    cluster.before(Call::validate(Api::IncrementalAlterConfigs), 1, |_| {
        panic!("nothing is planned for it any more");
    });
    cluster.before(Call::write(Api::IncrementalAlterConfigs), 1, |cluster| {
        cluster.delete("orders");
        cluster.create("orders", 3, 1, &[("retention.ms", "345600000")]);
    });
    let wanted = desired(ORDERS);
    let run = written(&cluster, &wanted, plan, everything(), Interrupt::default());
    assert_eq!(
        lines(&run.await),
        [
            format!("orders: set retention.ms=345600000: {CREATED_AGAIN}"),
            format!("orders: partitions 1 to 3: {CREATED_AGAIN}"),
            "other: set retention.ms=345600000: done".to_owned()
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn what_was_to_be_deleted_and_is_gone_is_done() {
    let cluster = cluster();
    let wanted = desired("  - {name: orders, state: absent}\n");
    let plan = planned(&cluster, &wanted).await;
    cluster.delete("orders");
    let written = written(&cluster, &wanted, plan, everything(), Interrupt::default()).await;
    assert_eq!(lines(&written), ["orders: delete: done"]);
}
