//! What an upgrade of the brokers leaves on topics.

use super::Setting;
use super::rules::Dialect;
use crate::support::Kafka;

fn upgraded() -> Dialect {
    Dialect {
        leftover: Some(("message.format.version", "3.0-IV1")),
        ..Dialect::default()
    }
}

#[test]
fn an_override_of_an_older_release_is_named_as_the_cause_with_how_to_drop_it() {
    let kafka = Kafka::one();
    let before = ["name: leftover.a, partitions: 1, retention: 7d"];
    Setting::of_topics(kafka, Dialect::default(), &before)
        .run(&["apply"])
        .expect(0);
    let kept = ["name: leftover.a, partitions: 1, retention: 3d, unlisted: keep"];
    let setting = Setting::of_topics(kafka, upgraded(), &kept);
    let run = setting.run(&["diff"]).expect(3);
    // What the advice says.
    setting.write(&["name: leftover.a, partitions: 1, retention: 3d, unlisted: reset"]);
    setting.run(&["diff"]).expect(2);
    insta::assert_snapshot!(run);
}
