//! Refusals, lost answers and interrupts: every approved change has an end that is true.

use super::*;
use crate::admin::memory::{Api, Call, Code, Fault, Operation};
use crate::plan::PlanStatus;

const TWO: &str = "  - {name: orders, partitions: 3}\n  - {name: payments, partitions: 3}\n";

#[tokio::test(start_paused = true)]
async fn one_failure_neither_stops_the_others_nor_disappears() {
    let cluster = MemoryCluster::new(1);
    let wanted = desired(TWO);
    let plan = planned(&cluster, &wanted).await;
    let refusal = Code::PolicyViolation.saying("no more topics on Sundays");
    cluster.inject(Fault::answer(Call::write(Api::CreateTopics), refusal).for_topic("orders"));
    let written = written(&cluster, &wanted, plan, everything(), Interrupt::default()).await;
    assert_eq!(
        lines(&written),
        [
            "orders: create: failed: no more topics on Sundays (POLICY_VIOLATION)",
            "payments: create: done"
        ]
    );
    assert!(cluster.topic("orders").is_none());
}

#[tokio::test(start_paused = true)]
async fn a_controller_in_trouble_does_not_make_a_plan_impossible() {
    let cluster = MemoryCluster::new(1);
    let trouble = Code::UnknownServerError.saying("something broke");
    cluster.inject(Fault::answer(Call::validate(Api::CreateTopics), trouble));
    let plan = planned(&cluster, &desired(TWO)).await;
    assert_eq!(PlanStatus::of_plan(&plan), PlanStatus::Changes);
    assert_eq!(
        plan.validation_unanswered(),
        Some("something broke (UNKNOWN_SERVER_ERROR)")
    );
}

#[tokio::test(start_paused = true)]
async fn a_write_whose_answer_was_lost_is_looked_up() {
    let cluster = MemoryCluster::new(1);
    cluster.inject(Fault::lost_answer(Call::write(Api::CreateTopics)));
    let written = applied(&cluster, &desired(TWO), everything()).await;
    assert_eq!(
        lines(&written),
        ["orders: create: done", "payments: create: done"]
    );
}

#[tokio::test(start_paused = true)]
async fn a_write_that_never_shows_is_unknown_and_not_done() {
    let cluster = MemoryCluster::new(1);
    cluster.inject(Fault::lost_request(Call::write(Api::CreateTopics)));
    let written = applied(
        &cluster,
        &desired("  - {name: orders, partitions: 3}\n"),
        everything(),
    )
    .await;
    let [line] = &lines(&written)[..] else {
        panic!("one line")
    };
    assert!(
        line.starts_with("orders: create: unknown: CreateTopics to "),
        "{line}"
    );
    assert!(
        line.ends_with("; the cluster does not show the change, which may still arrive: run apply again"),
        "{line}"
    );
}

#[tokio::test(start_paused = true)]
async fn what_may_not_be_written_fails_in_the_brokers_words() {
    let cluster = MemoryCluster::new(1);
    cluster.deny(Operation::Create, "orders");
    let written = applied(&cluster, &desired(TWO), everything()).await;
    let all = lines(&written);
    assert!(
        all[0].starts_with("orders: create: failed: ") && all[0].contains("AUTHORIZATION_FAILED"),
        "{all:?}"
    );
    assert_eq!(all[1], "payments: create: done");
}

#[tokio::test(start_paused = true)]
async fn an_interrupt_before_the_first_write_changes_nothing() {
    let cluster = MemoryCluster::new(1);
    let wanted = desired(TWO);
    let plan = planned(&cluster, &wanted).await;
    let interrupt = Interrupt::default();
    interrupt.raise();
    let written = written(&cluster, &wanted, plan, everything(), interrupt).await;
    assert_eq!(
        lines(&written),
        [
            "orders: create: not attempted: interrupted",
            "payments: create: not attempted: interrupted"
        ]
    );
    assert!(cluster.topic_names().is_empty());
}

#[tokio::test(start_paused = true)]
async fn an_interrupt_between_kinds_finishes_what_is_in_flight() {
    let cluster = MemoryCluster::new(1);
    cluster.create("payments", 3, 1, &[("segment.ms", "5000")]);
    let wanted = desired(TWO);
    let plan = planned(&cluster, &wanted).await;
    let interrupt = Interrupt::default();
    let raised = interrupt.clone();
    cluster.before(Call::write(Api::CreateTopics), 1, move |_| raised.raise());
    let written = written(&cluster, &wanted, plan, everything(), interrupt).await;
    assert_eq!(
        lines(&written),
        [
            "orders: create: done",
            "payments: reset segment.ms: not attempted: interrupted"
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn in_sync_sends_no_write_and_no_validation() {
    let cluster = MemoryCluster::new(1);
    let wanted = desired(TWO);
    applied(&cluster, &wanted, everything()).await;
    let second = cluster.another_client();
    let plan = planned(&second, &wanted).await;
    assert!(plan.is_in_sync());
    let asked: Vec<&str> = second.requests().into_keys().collect();
    assert_eq!(asked, ["DescribeCluster", "DescribeConfigs", "Metadata"]);
}
