//! What a run reads between two of its own writes comes from a broker that may be late.

use super::*;
use crate::admin::memory::{Api, Call};
use crate::model::BrokerId;

/// Carries out a saved plan: what moved is left.
pub(super) async fn carried_out(cluster: &MemoryCluster, desired: &Desired, plan: Plan) -> Written {
    let view = cluster.cluster().await.expect("the cluster is there");
    let Decision::Approved(approved) = gate::judge(&plan, &everything()) else {
        panic!("the gate is shut for {plan:?}");
    };
    let writing = Writing {
        admin: cluster,
        cluster: &view,
        desired,
        permissions: everything(),
        on_drift: OnDrift::Leave,
        journal: &NoJournal,
        visible_within: Duration::from_mins(1),
        waits: true,
        throttle: None,
        shows_progress: false,
    };
    writing.run(plan, approved, Interrupt::default()).await
}

fn sent(cluster: &MemoryCluster, request: &str) -> u64 {
    cluster.requests().get(request).copied().unwrap_or(0)
}

const GROWN: &str = "  - {name: orders, partitions: 12, replication: 2, retention: 7d}\n";

#[tokio::test(start_paused = true)]
async fn a_saved_plan_is_carried_out_whole_though_a_broker_is_late() {
    let cluster = MemoryCluster::new(3);
    cluster.create("orders", 3, 1, &[]);
    let plan = planned(&cluster, &desired(GROWN)).await;
    cluster.lag(BrokerId(1), 5);
    let written = carried_out(&cluster, &desired(GROWN), plan).await;
    assert_eq!(
        lines(&written),
        [
            "orders: set retention.ms=604800000: done",
            "orders: partitions 3 to 12: done",
            "orders: replication 1 to 2: done"
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn a_plan_made_on_the_spot_sends_nothing_twice_though_a_broker_is_late() {
    let cluster = MemoryCluster::new(3);
    cluster.create("orders", 3, 1, &[]);
    let plan = planned(&cluster, &desired(GROWN)).await;
    let before = (
        sent(&cluster, "CreatePartitions"),
        sent(&cluster, "IncrementalAlterConfigs"),
    );
    cluster.lag(BrokerId(1), 5);
    let wanted = desired(GROWN);
    let run = written(&cluster, &wanted, plan, everything(), Interrupt::default());
    assert_eq!(lines(&run.await).len(), 3);
    let after = (
        sent(&cluster, "CreatePartitions"),
        sent(&cluster, "IncrementalAlterConfigs"),
    );
    assert_eq!(after, (before.0 + 1, before.1 + 1));
    assert_eq!(sent(&cluster, "AlterPartitionReassignments"), 1);
}

#[tokio::test(start_paused = true)]
async fn a_broker_that_shows_it_at_once_costs_no_more_requests() {
    let cluster = MemoryCluster::new(3);
    cluster.create("orders", 3, 1, &[]);
    let plan = planned(&cluster, &desired(GROWN)).await;
    let before = cluster.requests()["Metadata"];
    carried_out(&cluster, &desired(GROWN), plan).await;
    let once = cluster.requests()["Metadata"] - before;
    // One read before each of three writes, the brokers before the move, the copies, and all brokers at the end.
    assert_eq!(once, 7);
}

#[tokio::test(start_paused = true)]
async fn a_broker_that_never_shows_it_is_not_believed() {
    let cluster = MemoryCluster::new(3);
    cluster.create("orders", 3, 1, &[]);
    let plan = planned(&cluster, &desired(GROWN)).await;
    cluster.lag(BrokerId(1), u32::MAX);
    let written = carried_out(&cluster, &desired(GROWN), plan).await;
    assert_eq!(sent(&cluster, "CreatePartitions"), 1, "the validation");
    assert!(
        lines(&written)[1].contains(
            "not attempted: what this run changed before did not show for as long as --visible-timeout allows: a \
             broker is late, or somebody changed it back; run apply again"
        ),
        "{:?}",
        lines(&written)
    );
}

#[tokio::test(start_paused = true)]
async fn what_is_planned_again_rests_on_what_this_run_wrote_though_nobody_waits() {
    let cluster = MemoryCluster::new(3);
    cluster.create("orders", 3, 1, &[("retention.ms", "1000")]);
    let wanted = desired("  - {name: orders, partitions: 6, retention: 7d, replication: 1}\n");
    let plan = planned(&cluster, &wanted).await;
    let Decision::Approved(approved) = gate::judge(&plan, &everything()) else {
        panic!("the gate is shut for {plan:?}");
    };
    cluster.before(Call::write(Api::CreatePartitions), 1, |cluster| {
        cluster.grow("orders", 4);
        cluster.lag(BrokerId(1), 5);
    });
    let view = cluster.cluster().await.expect("the cluster is there");
    let writing = Writing {
        admin: &cluster,
        cluster: &view,
        desired: &wanted,
        permissions: everything(),
        on_drift: OnDrift::PlanAgain,
        journal: &NoJournal,
        visible_within: Duration::from_mins(1),
        waits: false,
        throttle: None,
        shows_progress: false,
    };
    let written = writing.run(plan, approved, Interrupt::default()).await;
    let configs = lines(&written);
    let configs = configs.iter().filter(|line| line.contains("retention.ms"));
    assert_eq!(configs.count(), 1, "{:?}", lines(&written));
}
