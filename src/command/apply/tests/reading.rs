//! What is read before a plan is judged: of risky changes what they would cost, of all others nothing.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::*;
use crate::admin::memory::{Api, Records};
use crate::command::clock;
use crate::model::BrokerId;
use crate::plan::{Amount, Reason, RiskClass};

const TOPICS: usize = 10_000;
const RISKY: usize = 10;
const DAY: i64 = 86_400_000;

const READS: [Api; 6] = [
    Api::ListOffsets,
    Api::DescribeLogDirs,
    Api::ListGroups,
    Api::OffsetFetch,
    Api::DescribeGroups,
    Api::Fetch,
];

fn many(retention: impl Fn(usize) -> &'static str) -> Desired {
    let mut topics = String::new();
    for index in 0..TOPICS {
        let retention = retention(index);
        let _ = writeln!(
            topics,
            "  - {{name: t{index:05}, partitions: 1, retention: {retention}}}"
        );
    }
    desired(&topics)
}

fn full_cluster() -> MemoryCluster {
    let cluster = MemoryCluster::new(3);
    for index in 0..TOPICS {
        let name = format!("t{index:05}");
        cluster.create(&name, 1, 1, &[("retention.ms", "2592000000")]);
        cluster.append(&name, 0, 5, clock::now() - 10 * DAY);
    }
    cluster.commit("billing", "t00003", 0, 2);
    cluster.commit("elsewhere", "t09000", 0, 2);
    cluster
}

#[tokio::test(start_paused = true)]
async fn ten_risky_topics_among_ten_thousand_are_the_only_ones_read() {
    let cluster = full_cluster();
    let plan = planned(&cluster, &many(|index| if index < RISKY { "7d" } else { "60d" })).await;
    let risky: BTreeSet<String> = (0..RISKY).map(|index| format!("t{index:05}")).collect();
    for api in [Api::ListOffsets, Api::DescribeLogDirs, Api::OffsetFetch] {
        let asked: BTreeSet<String> = cluster.asked(api).iter().map(ToString::to_string).collect();
        assert_eq!(asked, risky, "{api:?}");
    }
    let sent = cluster.requests();
    let counts = READS.map(|api| sent.get(api.name()).copied().unwrap_or(0));
    // Both ends, the first record, the newest, the first that is young enough; each broker's sizes; the groups once.
    assert_eq!(counts, [5, 3, 1, 1, 0, 0]);
    let lossy = plan
        .topics
        .values()
        .filter(|topic| topic.class() == Some(RiskClass::Lossy));
    assert_eq!(lossy.count(), RISKY);
    let total = plan.total_loss().expect("there is a loss");
    assert_eq!((total.topics, total.records), (RISKY, Amount::exactly(50)));
}

#[tokio::test(start_paused = true)]
async fn a_plan_without_risk_reads_nothing_of_the_kind() {
    let cluster = full_cluster();
    planned(&cluster, &many(|_| "60d")).await;
    let sent = cluster.requests();
    for api in READS {
        assert_eq!(sent.get(api.name()), None, "{api:?}");
    }
}

/// Approved when the topic was empty; by the time of the write there are records that would go.
#[tokio::test(start_paused = true)]
async fn what_became_worse_since_it_was_allowed_is_not_written() {
    let cluster = MemoryCluster::new(1);
    cluster.create("orders", 1, 1, &[("retention.ms", "2592000000")]);
    let wanted = desired("  - {name: orders, partitions: 1, retention: 7d}\n");
    let careful = Permissions {
        assume_yes: true,
        ..Permissions::default()
    };
    let plan = planned(&cluster, &wanted).await;
    assert_eq!(
        plan.topics.values().next().unwrap().class(),
        Some(RiskClass::Safe)
    );
    cluster.append("orders", 0, 5, clock::now() - 10 * DAY);
    let written = written(&cluster, &wanted, plan, careful, Interrupt::default()).await;
    assert_eq!(
        lines(&written),
        [
            "orders: set retention.ms=604800000: not attempted: somebody else changed the topic meanwhile, and its \
             new plan needs a permission that was not given; run apply again"
        ]
    );
    assert_eq!(cluster.overrides("orders")["retention.ms"], "2592000000");
}

#[tokio::test(start_paused = true)]
async fn numbers_that_move_within_a_class_do_not_stop_a_write() {
    let cluster = MemoryCluster::new(1);
    cluster.create("orders", 1, 1, &[("retention.ms", "2592000000")]);
    cluster.append("orders", 0, 5, clock::now() - 10 * DAY);
    let wanted = desired("  - {name: orders, partitions: 1, retention: 7d}\n");
    let plan = planned(&cluster, &wanted).await;
    cluster.append_records("orders", 0, Records::new(500, clock::now() - 9 * DAY));
    let written = written(&cluster, &wanted, plan, everything(), Interrupt::default()).await;
    assert_eq!(lines(&written), ["orders: set retention.ms=604800000: done"]);
}

/// No leader is asked, since there is none, and nobody waits for one.
#[tokio::test(start_paused = true)]
async fn an_unclean_election_asks_each_broker_with_a_live_replica_once() {
    let cluster = MemoryCluster::new(3);
    cluster.create("orders", 3, 2, &[]);
    cluster.append("orders", 0, 10, clock::now());
    cluster.stop(BrokerId(2));
    cluster.append("orders", 0, 90, clock::now());
    cluster.stop(BrokerId(1));
    cluster.start(BrokerId(2));
    let config = "{unclean.leader.election.enable: true}";
    let plan = planned(
        &cluster,
        &desired(&format!("  - {{name: orders, config: {config}}}\n")),
    )
    .await;
    let topic = plan.topics.values().next().unwrap();
    let reasons: Vec<_> = topic.changes[0].risk.reasons().collect();
    let [Reason::UncleanElection { leaderless }] = reasons[..] else {
        panic!("{reasons:?}");
    };
    let waiting = &leaderless[&0];
    assert_eq!(waiting.down, [BrokerId(1)]);
    assert_eq!(waiting.left.as_ref().map(|left| left.end), Some(10));
    let sent = cluster.requests();
    let counts = READS.map(|api| sent.get(api.name()).copied().unwrap_or(0));
    assert_eq!(counts, [1, 0, 1, 0, 0, 0]);
}
