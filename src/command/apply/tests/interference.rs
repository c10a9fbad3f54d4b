//! Somebody else changes the cluster between planning and writing.

use super::*;
use crate::admin::memory::{Api, Call, Code, Fault, Operation};

const ORDERS: &str = "  - {name: orders, partitions: 3, retention: 7d}\n";

#[tokio::test(start_paused = true)]
async fn a_topic_that_somebody_else_made_the_same_way_is_done() {
    let cluster = MemoryCluster::new(1);
    cluster.before(Call::write(Api::CreateTopics), 1, |cluster| {
        cluster.create("orders", 3, 1, &[("retention.ms", "604800000")]);
    });
    let written = applied(&cluster, &desired(ORDERS), everything()).await;
    assert_eq!(lines(&written), ["orders: create: done"]);
}

#[tokio::test(start_paused = true)]
async fn a_topic_that_somebody_else_made_otherwise_is_brought_to_the_file() {
    let cluster = MemoryCluster::new(1);
    cluster.before(Call::write(Api::CreateTopics), 1, |cluster| {
        cluster.create("orders", 3, 1, &[("retention.ms", "1000")]);
    });
    let written = applied(&cluster, &desired(ORDERS), everything()).await;
    assert_eq!(
        lines(&written),
        ["orders: create: done", "orders: set retention.ms=604800000: done"]
    );
    assert_eq!(cluster.overrides("orders")["retention.ms"], "604800000");
}

#[tokio::test(start_paused = true)]
async fn a_new_plan_that_no_broker_validated_is_not_written() {
    let cluster = MemoryCluster::new(1);
    cluster.before(Call::write(Api::CreateTopics), 1, |cluster| {
        cluster.create("orders", 3, 1, &[("retention.ms", "1000")]);
        let trouble = Code::UnknownServerError.saying("something broke");
        cluster.inject(Fault::answer(
            Call::validate(Api::IncrementalAlterConfigs),
            trouble,
        ));
    });
    let written = applied(&cluster, &desired(ORDERS), everything()).await;
    assert_eq!(
        lines(&written),
        [
            "orders: create: not attempted: the topic changed since the plan, and the broker did not say whether it accepts its new \
             plan: something broke (UNKNOWN_SERVER_ERROR); run apply again"
        ]
    );
    assert_eq!(cluster.overrides("orders")["retention.ms"], "1000");
}

#[tokio::test(start_paused = true)]
async fn what_somebody_else_already_did_is_not_written_again() {
    let cluster = MemoryCluster::new(1);
    cluster.create("orders", 3, 1, &[("retention.ms", "1000")]);
    let wanted = desired(ORDERS);
    let plan = planned(&cluster, &wanted).await;
    cluster.set("orders", "retention.ms", "604800000");
    let written = written(&cluster, &wanted, plan, everything(), Interrupt::default()).await;
    assert_eq!(lines(&written), ["orders: set retention.ms=604800000: done"]);
    assert_eq!(
        cluster.requests().get("IncrementalAlterConfigs"),
        Some(&1),
        "the validation and no write"
    );
}

#[tokio::test(start_paused = true)]
async fn each_approved_change_has_an_end_when_a_part_was_done_by_somebody_else() {
    let cluster = MemoryCluster::new(1);
    cluster.create(
        "orders",
        1,
        1,
        &[("retention.ms", "1000"), ("segment.ms", "5000")],
    );
    let wanted = desired("  - {name: orders, partitions: 3, retention: 7d}\n");
    let plan = planned(&cluster, &wanted).await;
    cluster.set("orders", "retention.ms", "604800000");
    let written = written(&cluster, &wanted, plan, everything(), Interrupt::default()).await;
    assert_eq!(
        lines(&written),
        [
            "orders: set retention.ms=604800000: done",
            "orders: reset segment.ms: done",
            "orders: partitions 1 to 3: done",
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn a_new_plan_that_needs_more_permission_is_left_and_said() {
    let cluster = MemoryCluster::new(1);
    cluster.create(
        "orders",
        3,
        1,
        &[("retention.ms", "604800000"), ("segment.ms", "5000")],
    );
    cluster.append("orders", 0, 10, 1_000);
    let wanted = desired(ORDERS);
    let plan = planned(&cluster, &wanted).await;
    // From here on the declared 7 d would be shorter than what is there.
    cluster.set("orders", "retention.ms", "9000000000");
    let careful = Permissions {
        assume_yes: true,
        ..Permissions::default()
    };
    let written = written(&cluster, &wanted, plan, careful, Interrupt::default()).await;
    let left = "not attempted: somebody else changed the topic meanwhile, and its new plan needs a permission \
                that was not given; run apply again";
    assert_eq!(
        lines(&written),
        [
            format!("orders: set retention.ms=604800000: {left}"),
            format!("orders: reset segment.ms: {left}")
        ]
    );
    assert_eq!(cluster.overrides("orders")["retention.ms"], "9000000000");
}

#[tokio::test(start_paused = true)]
async fn a_topic_made_anew_under_the_same_name_is_not_deleted_for_the_old_one() {
    let cluster = MemoryCluster::new(1);
    cluster.create("orders", 3, 1, &[]);
    let wanted = desired("  - {name: orders, state: absent}\n");
    let plan = planned(&cluster, &wanted).await;
    cluster.delete("orders");
    let young = cluster.create("orders", 1, 1, &[]);
    let written = written(&cluster, &wanted, plan, everything(), Interrupt::default()).await;
    assert_eq!(
        lines(&written),
        [
            "orders: delete: not attempted: the topic was deleted and created again after it was planned; plan it again"
        ]
    );
    assert_eq!(cluster.topic("orders").expect("it is there").id, young);
}

#[tokio::test(start_paused = true)]
async fn somebody_who_never_stops_is_not_fought_for_ever() {
    let cluster = MemoryCluster::new(1);
    cluster.create("orders", 3, 1, &[("retention.ms", "1000")]);
    let wanted = desired(ORDERS);
    let plan = planned(&cluster, &wanted).await;
    for nth in 1..20 {
        cluster.before(Call::from(Api::DescribeConfigs), nth, move |cluster| {
            cluster.set("orders", "retention.ms", &(2_000 + nth).to_string());
        });
    }
    let written = written(&cluster, &wanted, plan, everything(), Interrupt::default()).await;
    assert_eq!(
        lines(&written),
        [
            "orders: set retention.ms=604800000: not attempted: somebody else keeps changing the topic; run apply again"
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_read_any_more_is_not_said_to_have_been_changed() {
    let cluster = MemoryCluster::new(1);
    cluster.create("orders", 3, 1, &[("retention.ms", "1000")]);
    let wanted = desired(ORDERS);
    let plan = planned(&cluster, &wanted).await;
    cluster.deny(Operation::Describe, "orders");
    let written = written(&cluster, &wanted, plan, everything(), Interrupt::default()).await;
    assert_eq!(
        lines(&written),
        [
            "orders: set retention.ms=604800000: not attempted: right before the write, its metadata could not be \
             read: TOPIC_AUTHORIZATION_FAILED: needs Describe on topic orders; run apply again"
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn a_topic_that_somebody_else_grew_further_is_planned_again_and_left() {
    let cluster = MemoryCluster::new(1);
    cluster.create("orders", 1, 1, &[("retention.ms", "604800000")]);
    cluster.before(Call::write(Api::CreatePartitions), 1, |cluster| {
        cluster.grow("orders", 6);
    });
    let written = applied(&cluster, &desired(ORDERS), everything()).await;
    assert_eq!(
        lines(&written),
        [
            "orders: partitions 1 to 3: not attempted: the topic changed since the plan, and its new plan is blocked"
        ]
    );
}
