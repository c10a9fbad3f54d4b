//! Topics that go because the file does not name them, while somebody else is at work.

use super::*;
use crate::admin::memory::{Api, Call};

fn pruning(topics: &str, patterns: &[&str]) -> Desired {
    let patterns = patterns.iter().map(|pattern| Pattern::new(pattern)).collect();
    desired(topics).pruning(patterns)
}

#[tokio::test(start_paused = true)]
async fn what_the_file_does_not_name_goes_and_all_else_stays() {
    let cluster = MemoryCluster::new(1);
    for name in ["orders", "forgotten", "other.forgotten", "_schemas"] {
        cluster.create(name, 1, 1, &[]);
    }
    let wanted = pruning("  - {name: orders}\n", &["*r*", "_*"]);
    let written = applied(&cluster, &wanted, everything()).await;
    assert_eq!(
        lines(&written),
        ["forgotten: delete: done", "other.forgotten: delete: done"]
    );
    let again = planned(&cluster, &wanted).await;
    assert!(again.is_in_sync(), "{again:?}");
    assert!(cluster.topic("_schemas").is_some() && cluster.topic("orders").is_some());
}

#[tokio::test(start_paused = true)]
async fn a_topic_that_somebody_else_deleted_meanwhile_is_done() {
    let cluster = MemoryCluster::new(1);
    cluster.create("forgotten", 1, 1, &[]);
    cluster.create("orders", 1, 1, &[]);
    let wanted = pruning("  - {name: orders}\n", &["*"]);
    let plan = planned(&cluster, &wanted).await;
    cluster.delete("forgotten");
    let written = written(&cluster, &wanted, plan, everything(), Interrupt::default()).await;
    assert_eq!(lines(&written), ["forgotten: delete: done"]);
    assert_eq!(cluster.requests().get("DeleteTopics"), None);
}

#[tokio::test(start_paused = true)]
async fn a_topic_that_appears_meanwhile_is_none_of_this_run() {
    let cluster = MemoryCluster::new(1);
    cluster.create("forgotten", 1, 1, &[]);
    cluster.create("orders", 1, 1, &[]);
    let wanted = pruning("  - {name: orders}\n", &["*"]);
    cluster.before(Call::write(Api::DeleteTopics), 1, |cluster| {
        cluster.create("newborn", 1, 1, &[]);
    });
    let written = applied(&cluster, &wanted, everything()).await;
    assert_eq!(lines(&written), ["forgotten: delete: done"]);
    assert!(cluster.topic("newborn").is_some());
}

#[tokio::test(start_paused = true)]
async fn a_topic_made_anew_is_another_one_and_is_not_deleted() {
    let cluster = MemoryCluster::new(1);
    cluster.create("forgotten", 1, 1, &[]);
    cluster.create("orders", 1, 1, &[]);
    let wanted = pruning("  - {name: orders}\n", &["*"]);
    let plan = planned(&cluster, &wanted).await;
    cluster.delete("forgotten");
    cluster.create("forgotten", 2, 1, &[]);
    let written = written(&cluster, &wanted, plan, everything(), Interrupt::default()).await;
    assert_eq!(
        lines(&written),
        [
            "forgotten: delete: not attempted: the topic was deleted and created again after it was planned; plan it \
             again"
        ]
    );
    assert!(cluster.topic("forgotten").is_some());
}

#[tokio::test(start_paused = true)]
async fn a_topic_that_is_there_again_is_no_success() {
    let cluster = MemoryCluster::new(1);
    for name in ["forgotten", "idle", "orders"] {
        cluster.create(name, 1, 1, &[]);
    }
    let wanted = pruning("  - {name: orders}\n", &["*"]);
    let plan = planned(&cluster, &wanted).await;
    // Brokers show that it is gone, and then somebody asks for it.
    cluster.before(Call::write(Api::DeleteTopics), 1, |cluster| {
        cluster.before(Api::Metadata, 2, |cluster| {
            cluster.create("forgotten", 1, 1, &[]);
        });
    });
    let written = written(&cluster, &wanted, plan, everything(), Interrupt::default()).await;
    let lines = lines(&written);
    assert!(
        lines[0].starts_with(
            "forgotten: delete: failed: it was deleted, and a topic of that name is there again"
        ),
        "{lines:?}"
    );
    assert_eq!(lines[1], "idle: delete: done");
}

#[tokio::test(start_paused = true)]
async fn a_cluster_that_deletes_no_topics_refuses_every_deletion() {
    let cluster = MemoryCluster::builder()
        .broker_file("delete.topic.enable", "false")
        .build();
    for name in ["forgotten", "orders"] {
        cluster.create(name, 1, 1, &[]);
    }
    let plan = planned(&cluster, &pruning("  - {name: orders}\n", &["*"])).await;
    let refused = &plan.topics["forgotten"].refusals;
    assert_eq!(*refused, [crate::plan::Refusal::DeletionDisabled]);
}
