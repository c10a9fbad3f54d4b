//! Which topics an argument names.

use crate::admin::Admin;
use crate::admin::memory::{MemoryCluster, Operation};
use crate::command::describe::choose_named;
use crate::inspect::gather;
use crate::model::{AclOperation, Desired, Reading, RequiredAcl, TopicName};

async fn named(cluster: &MemoryCluster, arguments: &[&str]) -> (Vec<String>, Vec<String>) {
    let arguments: Vec<String> = arguments.iter().map(ToString::to_string).collect();
    let wanted = choose_named(cluster, &arguments, &Desired::default()).await;
    let wanted = wanted.unwrap();
    let others = wanted.others.iter().map(ToString::to_string).collect();
    (others, wanted.unknown)
}

#[tokio::test]
async fn a_topic_that_may_not_be_seen_is_shown_with_the_right_that_is_missing() {
    let cluster = MemoryCluster::new(1);
    cluster.create("open", 1, 1, &[]);
    cluster.create("secret", 1, 1, &[]);
    cluster.deny(Operation::Describe, "secret");
    let (others, unknown) = named(&cluster, &["open", "secret", "missing", "sec*"]).await;
    assert_eq!(others, ["open", "secret"]);
    assert_eq!(unknown, ["missing"]);
    let view = cluster.cluster().await.unwrap();
    let names = [TopicName::new("secret").unwrap()];
    let topics = gather(&cluster, &view, &Desired::default(), &names).await;
    let topics = topics.unwrap();
    let Reading::Failed(why) = &topics["secret"].metadata else {
        panic!("{:?}", topics["secret"].metadata);
    };
    assert_eq!(
        why.missing,
        Some(RequiredAcl::on_topic(AclOperation::Describe, &names[0]))
    );
}

#[tokio::test]
async fn a_glob_that_nothing_matches_names_nothing() {
    let cluster = MemoryCluster::new(1);
    let (others, unknown) = named(&cluster, &["sec*", "not a name"]).await;
    assert_eq!(others, [""; 0]);
    assert_eq!(unknown, ["sec*", "not a name"]);
}
