//! Writes against controllers that move, throttle, refuse, or are lost half-way.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use kafka_protocol::messages::create_topics_response::CreatableTopicResult;
use kafka_protocol::messages::delete_topics_response::DeletableTopicResult;
use kafka_protocol::messages::incremental_alter_configs_response::AlterConfigsResourceResponse;
use kafka_protocol::messages::{
    ApiVersionsRequest, BrokerId, CreateTopicsRequest, CreateTopicsResponse, DeleteTopicsRequest,
    DeleteTopicsResponse, DescribeClusterRequest, IncrementalAlterConfigsRequest,
    IncrementalAlterConfigsResponse,
};
use kafka_protocol::protocol::StrBytes;
use tokio::net::TcpListener;
use uuid::Uuid;

use crate::admin::client::QuotaPause;
use crate::admin::client::tests::fake_broker::{Asked, Fake, Reply, cluster_of, versions_with};
use crate::admin::client::tests::reading::{client, name};
use crate::admin::{
    Admin, AdminError, ConfigChange, ConfigsToAlter, ErrorClass, ItemError, NewTopic, WriteMode,
};
use crate::model::{ConfigKey, PartitionCount, ReplicationFactor, TopicId};

const LONG: Duration = Duration::from_secs(10);

fn topic(topic: &str) -> NewTopic {
    NewTopic {
        name: name(topic),
        partitions: PartitionCount::new(3),
        replication: ReplicationFactor::new(1),
        configs: BTreeMap::new(),
    }
}

fn topics(count: usize) -> Vec<NewTopic> {
    (0..count).map(|index| topic(&format!("t{index:05}"))).collect()
}

/// The same code for every topic of the request.
fn created(asked: &Asked, code: i16, words: Option<&'static str>) -> CreateTopicsResponse {
    let request = asked.request::<CreateTopicsRequest>();
    let results = request.topics.into_iter().map(|topic| {
        CreatableTopicResult::default()
            .with_name(topic.name)
            .with_error_code(code)
            .with_error_message(words.map(StrBytes::from_static_str))
    });
    CreateTopicsResponse::default().with_topics(results.collect())
}

/// A broker, itself the controller, that answers creations as told.
async fn creating(answer: impl Fn(&Asked) -> Reply + Send + Sync + 'static) -> Fake {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    Fake::broker_on(listener, move |asked| {
        if asked.is::<CreateTopicsRequest>() {
            return answer(asked);
        }
        asked.usual(&[port])
    })
}

#[tokio::test]
async fn writes_are_batched_by_records_and_sent_one_after_another() {
    let fake = creating(|asked| {
        let request = asked.request::<CreateTopicsRequest>();
        assert!(request.topics.len() * 4 <= 9_000);
        assert!(request.timeout_ms > 0 && request.timeout_ms < 10_000);
        asked.answer::<CreateTopicsRequest>(&created(asked, 0, None))
    })
    .await;
    let client = client(&fake, LONG).await;
    let results = client
        .create_topics(&topics(5_000), WriteMode::Write)
        .await
        .unwrap();
    assert_eq!(results.len(), 5_000);
    assert!(results.values().all(Result::is_ok));
    assert_eq!(fake.count::<CreateTopicsRequest>(), 3);
}

#[tokio::test]
async fn what_the_controller_finds_too_large_is_halved() {
    let fake = creating(|asked| {
        let large = asked.request::<CreateTopicsRequest>().topics.len() > 30;
        let words = "Unable to perform excessively large batch operation.";
        let answer = if large {
            created(asked, 44, Some(words))
        } else {
            created(asked, 0, None)
        };
        asked.answer::<CreateTopicsRequest>(&answer)
    })
    .await;
    let client = client(&fake, LONG).await;
    for mode in [WriteMode::Validate, WriteMode::Write] {
        let results = client.create_topics(&topics(100), mode).await.unwrap();
        assert_eq!(results.len(), 100);
        assert!(results.values().all(Result::is_ok));
    }
}

#[tokio::test]
async fn a_single_topic_that_is_too_large_keeps_the_brokers_words() {
    let fake = creating(|asked| {
        let words = "Unable to perform excessively large batch operation.";
        asked.answer::<CreateTopicsRequest>(&created(asked, 44, Some(words)))
    })
    .await;
    let client = client(&fake, LONG).await;
    let results = client.create_topics(&topics(1), WriteMode::Write).await.unwrap();
    assert_eq!(
        results["t00000"].clone().unwrap_err().to_string(),
        "Unable to perform excessively large batch operation. (POLICY_VIOLATION)"
    );
}

#[tokio::test]
async fn the_controller_is_looked_for_again_when_it_has_moved() {
    let second = creating(|asked| asked.answer::<CreateTopicsRequest>(&created(asked, 0, None))).await;
    let second_port = second.port;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let first = Fake::broker_on(listener, move |asked| {
        if asked.is::<CreateTopicsRequest>() {
            return asked.answer::<CreateTopicsRequest>(&created(asked, 41, None));
        }
        if asked.is::<DescribeClusterRequest>() && asked.before > 0 {
            let cluster = cluster_of(&[port, second_port]).with_controller_id(BrokerId(2));
            return asked.answer::<DescribeClusterRequest>(&cluster);
        }
        asked.usual(&[port, second_port])
    });
    let client = client(&first, LONG).await;
    let results = client.create_topics(&topics(2), WriteMode::Write).await.unwrap();
    assert!(results.values().all(Result::is_ok), "{results:?}");
    assert_eq!(
        (
            first.count::<CreateTopicsRequest>(),
            second.count::<CreateTopicsRequest>()
        ),
        (1, 1)
    );
}

#[tokio::test]
async fn a_broker_that_came_back_under_another_address_is_found_there() {
    let second = creating(|asked| asked.answer::<CreateTopicsRequest>(&created(asked, 0, None))).await;
    let second_port = second.port;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let first = Fake::broker_on(listener, move |asked| {
        if asked.is::<CreateTopicsRequest>() {
            return asked.answer::<CreateTopicsRequest>(&created(asked, 41, None));
        }
        let moved = asked.before > 0;
        asked.usual(&[if moved { second_port } else { port }])
    });
    let client = client(&first, LONG).await;
    let results = client.create_topics(&topics(1), WriteMode::Write).await.unwrap();
    assert!(results["t00000"].is_ok(), "{results:?}");
}

#[tokio::test]
async fn a_throttled_write_waits_as_long_as_it_is_told() {
    let fake = creating(|asked| {
        let mut answer = created(asked, 0, None);
        if asked.before == 0 {
            answer.throttle_time_ms = 400;
            answer.topics[1].error_code = 89;
        } else {
            assert_eq!(answer.topics.len(), 1, "what is done is not sent again");
        }
        asked.answer::<CreateTopicsRequest>(&answer)
    })
    .await;
    let client = client(&fake, LONG).await;
    let mut pauses = client.quota_pauses();
    let began = Instant::now();
    let results = client.create_topics(&topics(2), WriteMode::Write).await.unwrap();
    assert!(results.values().all(Result::is_ok), "{results:?}");
    let pause = Duration::from_millis(400);
    assert!(began.elapsed() >= pause);
    assert_eq!(pauses.try_recv().ok(), Some(QuotaPause { pause, open: 1 }));
    assert!(pauses.try_recv().is_err());
}

#[tokio::test]
async fn a_throttle_beyond_the_deadline_is_reported_and_not_waited_for() {
    let fake = creating(|asked| {
        let answer = created(asked, 89, Some("slow down")).with_throttle_time_ms(60_000);
        asked.answer::<CreateTopicsRequest>(&answer)
    })
    .await;
    let client = client(&fake, LONG).await;
    let mut pauses = client.quota_pauses();
    let began = Instant::now();
    let results = client.create_topics(&topics(1), WriteMode::Write).await.unwrap();
    assert!(pauses.try_recv().is_err(), "it is not kept");
    let error = results["t00000"].clone().unwrap_err();
    assert_eq!(
        error.to_string(),
        "slow down; the controller asks to be left alone for 60s (THROTTLING_QUOTA_EXCEEDED)"
    );
    assert_eq!(error.class(), Some(ErrorClass::Retriable));
    assert!(began.elapsed() < Duration::from_secs(5));
}

#[tokio::test]
async fn a_creation_that_was_lost_is_not_sent_again() {
    let fake = creating(|asked| match asked.before {
        0 => Reply::Close,
        _ => asked.answer::<CreateTopicsRequest>(&created(asked, 0, None)),
    })
    .await;
    let client = client(&fake, LONG).await;
    let results = client.create_topics(&topics(1), WriteMode::Write).await.unwrap();
    let error = results["t00000"].clone().unwrap_err();
    assert!(error.outcome_is_unknown());
    assert_eq!(
        error.to_string(),
        format!(
            "CreateTopics to broker 1 (127.0.0.1:{}): the connection was closed",
            fake.port
        )
    );
    assert_eq!(fake.count::<CreateTopicsRequest>(), 1);
    let validated = client
        .create_topics(&topics(1), WriteMode::Validate)
        .await
        .unwrap();
    assert!(
        validated["t00000"].is_ok(),
        "the client goes on with a new connection"
    );
}

#[tokio::test]
async fn a_validation_that_was_lost_is_sent_again() {
    let fake = creating(|asked| match asked.before {
        0 => Reply::Close,
        1 => asked.answer::<CreateTopicsRequest>(&created(asked, 7, None)),
        _ => asked.answer::<CreateTopicsRequest>(&created(asked, 0, None)),
    })
    .await;
    let client = client(&fake, LONG).await;
    let results = client
        .create_topics(&topics(1), WriteMode::Validate)
        .await
        .unwrap();
    assert!(results["t00000"].is_ok());
    assert_eq!(fake.count::<CreateTopicsRequest>(), 3);
}

#[tokio::test]
async fn a_write_that_timed_out_at_the_broker_is_unknown_and_not_repeated() {
    let fake = creating(|asked| asked.answer::<CreateTopicsRequest>(&created(asked, 7, None))).await;
    let client = client(&fake, LONG).await;
    let results = client.create_topics(&topics(1), WriteMode::Write).await.unwrap();
    assert!(results["t00000"].clone().unwrap_err().outcome_is_unknown());
    assert_eq!(fake.count::<CreateTopicsRequest>(), 1);
}

/// The first batch may have happened; the others certainly have not.
#[tokio::test]
async fn after_a_silent_batch_the_rest_is_not_sent() {
    let fake = creating(|_| Reply::Silence).await;
    let client = client(&fake, Duration::from_secs(1)).await;
    let results = client
        .create_topics(&topics(5_000), WriteMode::Write)
        .await
        .unwrap();
    assert_eq!(results.len(), 5_000);
    let unknown = results
        .values()
        .filter(|result| result.as_ref().unwrap_err().outcome_is_unknown());
    assert_eq!(unknown.count(), 2_250);
    assert_eq!(
        results["t04999"].clone().unwrap_err().to_string(),
        format!(
            "CreateTopics to broker 1 (127.0.0.1:{}): not sent: the request before it got no answer",
            fake.port
        )
    );
    assert_eq!(fake.count::<CreateTopicsRequest>(), 1);
}

#[tokio::test]
async fn an_old_broker_cannot_choose_partitions_but_the_other_topics_are_created() {
    let fake = Fake::broker(|asked| match asked {
        _ if asked.is::<ApiVersionsRequest>() => {
            asked.answer::<ApiVersionsRequest>(&versions_with::<CreateTopicsRequest>(3))
        }
        _ if asked.is::<CreateTopicsRequest>() => {
            asked.answer::<CreateTopicsRequest>(&created(asked, 0, None))
        }
        _ => asked.usual(&[]),
    })
    .await;
    let client = client(&fake, LONG).await;
    let undecided = NewTopic {
        partitions: None,
        ..topic("undecided")
    };
    let results = client
        .create_topics(&[undecided, topic("decided")], WriteMode::Write)
        .await
        .unwrap();
    assert!(results["decided"].is_ok());
    assert_eq!(
        results["undecided"].clone().unwrap_err().to_string(),
        format!(
            "127.0.0.1:{} does not support CreateTopics with the cluster's default partitions or \
             replication (needs Kafka 2.4 or later)",
            fake.port
        )
    );
}

#[tokio::test]
async fn deletes_go_by_id_and_their_answers_need_no_name() {
    let fake = Fake::broker(|asked| {
        if !asked.is::<DeleteTopicsRequest>() {
            return asked.usual(&[]);
        }
        let request = asked.request::<DeleteTopicsRequest>();
        let results = request.topics.into_iter().map(|topic| {
            assert_eq!(topic.name, None);
            let gone = topic.topic_id == Uuid::from_u128(2);
            DeletableTopicResult::default()
                .with_name(None)
                .with_topic_id(topic.topic_id)
                .with_error_code(if gone { 100 } else { 0 })
        });
        asked
            .answer::<DeleteTopicsRequest>(&DeleteTopicsResponse::default().with_responses(results.collect()))
    })
    .await;
    let client = client(&fake, LONG).await;
    let ids = [("a", 1), ("b", 2)].map(|(topic, id)| (name(topic), TopicId(Uuid::from_u128(id))));
    let results = client.delete_topics(&ids.into()).await.unwrap();
    assert_eq!(results["a"], Ok(()));
    assert_eq!(
        results["b"].clone().unwrap_err().class(),
        Some(ErrorClass::NoSuchTopic)
    );
}

#[tokio::test]
async fn without_deletes_by_id_nothing_is_deleted() {
    let fake = Fake::broker(|asked| match asked {
        _ if asked.is::<ApiVersionsRequest>() => {
            asked.answer::<ApiVersionsRequest>(&versions_with::<DeleteTopicsRequest>(5))
        }
        _ => asked.usual(&[]),
    })
    .await;
    let client = client(&fake, LONG).await;
    let ids = [(name("a"), TopicId(Uuid::from_u128(1)))];
    let error = client.delete_topics(&ids.into()).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        format!(
            "127.0.0.1:{} does not support DeleteTopics (needs Kafka 2.8 or later)",
            fake.port
        )
    );
    assert_eq!(fake.count::<DeleteTopicsRequest>(), 0);
}

/// Setting a value twice is setting it once, so a lost request is sent again.
#[tokio::test]
async fn a_lost_config_change_is_sent_again() {
    let fake = Fake::broker(|asked| {
        if !asked.is::<IncrementalAlterConfigsRequest>() {
            return asked.usual(&[]);
        }
        if asked.before == 0 {
            return Reply::Close;
        }
        let request = asked.request::<IncrementalAlterConfigsRequest>();
        let configs = &request.resources[0].configs;
        let operations: Vec<(&str, i8)> = configs
            .iter()
            .map(|config| (&*config.name, config.config_operation))
            .collect();
        assert_eq!(operations, [("cleanup.policy", 1), ("retention.ms", 0)]);
        let answer = AlterConfigsResourceResponse::default()
            .with_resource_type(2)
            .with_resource_name(request.resources[0].resource_name.clone());
        asked.answer::<IncrementalAlterConfigsRequest>(
            &IncrementalAlterConfigsResponse::default().with_responses(vec![answer]),
        )
    })
    .await;
    let client = client(&fake, LONG).await;
    let key = |key| ConfigKey::new(key).unwrap();
    let changes = ConfigsToAlter {
        name: name("a"),
        changes: [
            (key("retention.ms"), ConfigChange::Set("1".into())),
            (key("cleanup.policy"), ConfigChange::Reset),
        ]
        .into(),
    };
    let results = client.alter_configs(&[changes], WriteMode::Write).await.unwrap();
    assert_eq!(results["a"], Ok(()));
    assert_eq!(fake.count::<IncrementalAlterConfigsRequest>(), 2);
}

#[tokio::test]
async fn an_unreachable_cluster_fails_the_call_and_nothing_is_unknown() {
    let fake = creating(|_| Reply::Silence).await;
    let client = client(&fake, Duration::from_secs(1)).await;
    client.cluster().await.unwrap();
    drop(fake);
    while client.routing.brokers().usable().is_some() {
        tokio::task::yield_now().await;
    }
    let error = client
        .create_topics(&topics(1), WriteMode::Write)
        .await
        .unwrap_err();
    assert!(
        matches!(error, AdminError::Unreachable { .. } | AdminError::NotSent { .. }),
        "{error}"
    );
    assert!(!ItemError::Request(error).outcome_is_unknown());
}

/// The versions in which topics are created, in turn.
async fn creation_versions(throttle_ms: i32, modes: &[WriteMode]) -> Vec<i16> {
    let versions = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&versions);
    let fake = creating(move |asked| {
        seen.lock().unwrap().push(asked.version);
        let answer = created(asked, 0, None).with_throttle_time_ms(throttle_ms);
        asked.answer::<CreateTopicsRequest>(&answer)
    })
    .await;
    let client = client(&fake, LONG).await;
    for mode in modes {
        client.create_topics(&topics(1), *mode).await.unwrap();
    }
    versions.lock().unwrap().split_off(0)
}

#[tokio::test]
async fn the_version_that_no_quota_refuses_is_used_only_where_none_was_met() {
    use WriteMode::{Validate, Write};
    assert_eq!(creation_versions(0, &[Validate, Write, Write]).await, [7, 4, 4]);
    assert_eq!(creation_versions(0, &[Write]).await, [7]);
    assert_eq!(creation_versions(5, &[Validate, Write]).await, [7, 7]);
}
