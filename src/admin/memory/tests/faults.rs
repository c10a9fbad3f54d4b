//! Each kind of fault: whom it meets, how often, and whether the work is done all the same.

use std::time::Duration;

use super::{create, name, retention, seen, told, topic};
use crate::admin::memory::{Api, Call, Code, Fault, MemoryCluster, Operation};
use crate::admin::{Admin, AdminError, OffsetPoint, WriteMode};

const GONE: &str = "CreateTopics to broker 1 (127.0.0.1:19092): the connection was closed before the answer";

#[tokio::test]
async fn an_answer_for_one_topic_leaves_the_others_alone() {
    let cluster = MemoryCluster::new(1);
    let refusal = Code::PolicyViolation.saying("no more topics today");
    cluster.inject(Fault::answer(Api::CreateTopics, refusal).for_topic("b"));
    assert!(!cluster.script_is_over());
    assert_eq!(
        create(&cluster, &["a", "b", "c"]).await,
        ["a: ok", "b: no more topics today (POLICY_VIOLATION)", "c: ok"]
    );
    assert!(cluster.script_is_over());
    assert_eq!(cluster.topic_names(), ["a", "c"]);
    assert_eq!(create(&cluster, &["b"]).await, ["b: ok"]);
}

#[tokio::test]
async fn a_lost_answer_hides_what_was_done_and_a_lost_request_what_was_not() {
    let cluster = MemoryCluster::new(1);
    cluster.inject(Fault::lost_answer(Api::CreateTopics));
    cluster.inject(Fault::lost_request(Api::CreateTopics));
    assert_eq!(
        create(&cluster, &["a", "b"]).await,
        [format!("a: {GONE}"), format!("b: {GONE}")]
    );
    assert_eq!(cluster.topic_names(), ["a", "b"]);
    assert_eq!(create(&cluster, &["c"]).await, [format!("c: {GONE}")]);
    assert_eq!(cluster.topic_names(), ["a", "b"]);
}

#[tokio::test]
async fn an_error_can_be_answered_although_the_work_is_done() {
    let cluster = MemoryCluster::new(1);
    let timed_out = Fault::answer(Api::CreateTopics, Code::RequestTimedOut.alone());
    cluster.inject(timed_out.although_done());
    assert_eq!(create(&cluster, &["a"]).await, ["a: REQUEST_TIMED_OUT"]);
    assert_eq!(
        create(&cluster, &["a"]).await,
        ["a: Topic 'a' already exists. (TOPIC_ALREADY_EXISTS)"]
    );
}

#[tokio::test]
async fn a_fault_can_last_several_requests() {
    let cluster = MemoryCluster::new(1);
    cluster.create("a", 1, 1, &[]);
    let timeout = AdminError::Timeout {
        request: "Metadata",
        broker: cluster.peer(1),
        waited: Duration::from_secs(30),
    };
    cluster.inject(Fault::failure(Api::Metadata, timeout).times(2));
    let late = "a: Metadata to broker 1 (127.0.0.1:19092): no answer within 30s";
    assert_eq!(seen(&cluster, &["a"]).await, [late]);
    assert!(cluster.all_topics().await.is_err());
    assert_eq!(seen(&cluster, &["a"]).await, ["a: ok"]);
}

#[tokio::test]
async fn unreachable_fails_the_call_as_a_whole() {
    let cluster = MemoryCluster::new(1);
    let unreachable = AdminError::Unreachable {
        attempts: Vec::new(),
        waited: Duration::from_secs(10),
    };
    cluster.inject(Fault::failure(Api::CreateTopics, unreachable.clone()));
    let failed = cluster.create_topics(&[topic("a")], WriteMode::Write).await;
    assert_eq!(failed, Err(unreachable));
    assert_eq!(create(&cluster, &["a"]).await, ["a: ok"]);
}

#[tokio::test]
async fn a_fault_of_writes_does_not_meet_their_validation() {
    let cluster = MemoryCluster::new(1);
    cluster.create("a", 1, 1, &[]);
    let write = Call::write(Api::IncrementalAlterConfigs);
    cluster.inject(Fault::answer(write, Code::NotController.alone()));
    let alter = async |mode| {
        told(
            cluster
                .alter_configs(&[retention("a", "60000")], mode)
                .await
                .unwrap(),
        )
    };
    assert_eq!(alter(WriteMode::Validate).await, ["a: ok"]);
    assert_eq!(alter(WriteMode::Write).await, ["a: NOT_CONTROLLER"]);
    assert!(cluster.overrides("a").is_empty());
    assert_eq!(alter(WriteMode::Write).await, ["a: ok"]);
    assert_eq!(cluster.overrides("a")["retention.ms"], "60000");
}

#[tokio::test]
async fn faults_of_reads_say_broker_and_request() {
    let cluster = MemoryCluster::new(1);
    cluster.create("a", 1, 1, &[]);
    cluster.inject(Fault::answer(
        Api::DescribeCluster,
        Code::ClusterAuthorizationFailed.alone(),
    ));
    let refused = cluster.cluster().await.unwrap_err().to_string();
    assert_eq!(
        refused,
        "DescribeCluster to broker 1 (127.0.0.1:19092): CLUSTER_AUTHORIZATION_FAILED"
    );
    cluster.inject(Fault::answer(Api::ListOffsets, Code::NotLeaderOrFollower.alone()).for_topic("a"));
    let asked = [(name("a"), vec![0])].into();
    let answer = cluster.offsets(&asked, OffsetPoint::Latest).await.unwrap();
    assert_eq!(
        answer[&(name("a"), 0)].as_ref().unwrap_err().to_string(),
        "NOT_LEADER_OR_FOLLOWER"
    );
    let answer = cluster.offsets(&asked, OffsetPoint::Latest).await.unwrap();
    assert_eq!(answer[&(name("a"), 0)].as_ref().unwrap().offset, Some(0));
}

#[tokio::test]
async fn what_is_denied_is_refused_topic_by_topic() {
    let cluster = MemoryCluster::new(1);
    for existing in ["open", "secret.a"] {
        cluster.create(existing, 1, 1, &[]);
    }
    for operation in [Operation::Describe, Operation::Create, Operation::AlterConfigs] {
        cluster.deny(operation, "secret.*");
    }
    let refused = "TOPIC_AUTHORIZATION_FAILED";
    assert_eq!(
        seen(&cluster, &["missing", "open", "secret.a"]).await,
        [
            "missing: absent".to_owned(),
            "open: ok".to_owned(),
            format!("secret.a: {refused}: needs Describe on topic secret.a")
        ]
    );
    assert_eq!(cluster.all_topics().await.unwrap().len(), 1);
    assert_eq!(
        create(&cluster, &["b", "secret.b"]).await,
        [
            "b: ok",
            &format!("secret.b: Authorization failed. ({refused}): needs Create on topic secret.b")
        ]
    );
    let changes = [retention("open", "1"), retention("secret.a", "1")];
    let altered = cluster
        .alter_configs(&changes, WriteMode::Validate)
        .await
        .unwrap();
    assert_eq!(
        told(altered),
        [
            "open: ok",
            &format!(
                "secret.a: Topic authorization failed. ({refused}): needs AlterConfigs on topic secret.a"
            )
        ]
    );
    cluster.allow_everything();
    assert_eq!(create(&cluster, &["secret.b"]).await, ["secret.b: ok"]);
}
