//! What may not be written or read is said with the right that would allow it.

use topicctl::events::{
    Backlog, Commits, Connection, ConsumeError, Consumer, Membership, PublishError, Publisher, Start,
};
use topicctl::model::{AclOperation, RequiredAcl, TopicName};

use super::reading::failed;
use super::{PATIENCE, Topics, block_on};
use crate::binary::{Run, SHOWN_WITHIN};
use crate::secured::{CA, LOGIN, at, environment};
use crate::sessions::config;
use crate::support::{Listener, PASSWORD, Provider, Secure, USER, in_properties};

/// Once there is a rule about something, everything else about it is denied.
fn allow_only(secure: &Secure, operations: &[&str], resource: &[&str]) {
    let rule = ["--add", "--force", "--allow-principal", "User:*"];
    let operations = operations.iter().flat_map(|operation| ["--operation", operation]);
    let operations: Vec<&str> = operations.collect();
    let arguments = [&rule[..], &operations, resource].concat();
    secure.kafka.tool_output("acls", &arguments);
}

/// Rules reach the broker a moment after they were acknowledged.
async fn until<T, E>(attempt: impl AsyncFn() -> Result<T, E>) -> E {
    let deadline = std::time::Instant::now() + SHOWN_WITHIN;
    loop {
        match attempt().await {
            Err(error) => return error,
            Ok(_) if std::time::Instant::now() < deadline => {}
            Ok(_) => panic!("it is allowed"),
        }
    }
}

fn connection(secure: &Secure) -> Connection {
    let properties = format!(
        "security.protocol=SASL_PLAINTEXT\nsasl.mechanism=PLAIN\nsasl.username={USER}\nsasl.password={}\n",
        in_properties(PASSWORD)
    );
    Connection::secured(&secure.address(Listener::SaslPlaintext), &config(&properties))
}

async fn first(connection: &Connection, topic: &TopicName) -> Result<(), ConsumeError> {
    let topics = std::slice::from_ref(topic);
    let mut backlog = Backlog::open(connection, topics, &Start::Earliest, PATIENCE).await?;
    backlog.next().await.map(drop)
}

fn lacking(error: &ConsumeError) -> Vec<RequiredAcl> {
    error.missing().into_iter().flatten().cloned().collect()
}

#[test]
fn what_may_not_be_written_or_read_is_said_with_the_right() {
    let secure = Secure::shared();
    let topics = Topics::new(&secure.kafka, "rights", 1);
    let names = &topics.names;
    block_on(async {
        let event = failed("key", 1);
        for topic in topics.all() {
            topics.publisher().publish(&topic, &event).await.unwrap();
        }
        let connection = connection(secure);
        let publisher = Publisher::new(&connection, PATIENCE).unwrap();
        let started = ["--topic", names.started.as_str()];
        allow_only(secure, &["Describe", "DescribeConfigs", "Read"], &started);
        let error = until(async || publisher.publish(&names.started, &event).await).await;
        let missing = RequiredAcl::on_topic(AclOperation::Write, &names.started);
        let expected = PublishError::NotAuthorised {
            topic: names.started.clone(),
            code: "TOPIC_AUTHORIZATION_FAILED",
            missing,
        };
        assert_eq!(error, expected);
        assert_eq!(
            error.to_string(),
            "not written to rights.started.v1: TOPIC_AUTHORIZATION_FAILED: needs Write on topic rights.started.v1"
        );
        // The same publisher goes on with what it may do.
        publisher.publish(&names.failed, &event).await.unwrap();

        let completed = ["--topic", names.completed.as_str()];
        allow_only(secure, &["Describe", "DescribeConfigs"], &completed);
        let error = until(async || first(&connection, &names.completed).await).await;
        assert_eq!(
            lacking(&error),
            [RequiredAcl::on_topic(AclOperation::Read, &names.completed)]
        );
        allow_only(secure, &["DescribeConfigs"], &["--topic", names.failed.as_str()]);
        let error = until(async || first(&connection, &names.failed).await).await;
        assert_eq!(
            lacking(&error),
            [RequiredAcl::on_topic(AclOperation::Describe, &names.failed)]
        );
        allow_only(secure, &["Describe"], &["--group", "rights.group"]);
        let error = until(async || as_member(&connection, &names.started).await).await;
        assert_eq!(
            lacking(&error),
            [RequiredAcl::on_group(AclOperation::Read, "rights.group")]
        );
    });
    the_commands_say_it_too(secure, &topics);
}

async fn as_member(connection: &Connection, topic: &TopicName) -> Result<(), ConsumeError> {
    let membership = Membership::Group {
        name: "rights.group".to_owned(),
        commits: Commits::ByHand,
    };
    let topics = std::slice::from_ref(topic);
    let consumer = Consumer::open(connection, topics, &Start::Earliest, &membership, PATIENCE).await?;
    consumer.next().await.map(drop)
}

fn the_commands_say_it_too(secure: &Secure, topics: &Topics) {
    let provider = Provider::start(600);
    let client = [
        &[("security.protocol", "SASL_SSL"), CA, ("sasl.mechanism", "PLAIN")][..],
        &LOGIN,
    ];
    let project = at(
        secure,
        &secure.address(Listener::SaslSsl),
        "any",
        &client.concat(),
    );
    let address = secure.address(Listener::SaslSsl);
    let run = |arguments: &[&str]| -> String {
        let run = Run::of(environment(&mut project.command(arguments), &provider)).expect(1);
        run.text().replace(&address, "ADDRESS")
    };
    let started = topics.names.started.as_str();
    let fields = [
        "--correlation-id",
        "16c2acae-d574-4530-ae26-ecc50e69a589",
        "--error-code",
        "E",
    ];
    let publish = [
        "events",
        "publish",
        "failed",
        "--topic",
        started,
        "--error-message",
        "m",
    ];
    insta::assert_snapshot!(run(&[&publish[..], &fields].concat()));
    let json: serde_json::Value = {
        let said = run(&[&publish[..], &fields, &["--output", "json"]].concat());
        serde_json::from_str(&said[said.find('{').unwrap()..]).unwrap()
    };
    assert_eq!(json["missing_rights"][0]["operation"], "Write", "{json}");
    let completed = topics.names.completed.as_str();
    insta::assert_snapshot!(run(&["events", "tail", "--topic", completed]));
}
