//! Looks at topics.

use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use super::{raw, said};
use crate::model::{AclOperation, AclResource, EventName, Known, RequiredAcl};
use crate::monitor::tests::{name, read_by, sample, topic};
use crate::monitor::{
    Events, Part, Sample, SettingsSample, Tally, TopicSample, TopicSettings, Unfollowed, Unseen, View, Window,
};
use crate::plan::TopicStatus;

const STARTED: &str = "dev.omninode-bridge.test-generation.started.v1";
const FAILED: &str = "dev.omninode-bridge.test-generation.failed.v1";

fn settings(status: Option<TopicStatus>, min_insync: Known<usize>) -> TopicSettings {
    TopicSettings {
        status,
        min_insync,
        bytes: Known::Read(1_048_576),
    }
}

/// A topic for each way in which it can stand.
fn topics(second: i64) -> BTreeMap<&'static str, TopicSample> {
    let flow = |rate: i64| rate * second;
    let mut sick = topic(5, &[(0, 900), (0, 40), (0, 20)]);
    let lost = sick.partitions.get_mut(&2).unwrap();
    (lost.leader, lost.isr) = (None, Vec::new());
    lost.latest = Known::Unread(said("the partition has no leader").into());
    let mut under = topic(6, &[(0, 10)]);
    under.partitions.get_mut(&0).unwrap().isr.pop();
    let lagging = topic(1, &[(0, 1_000 + flow(40)), (0, 900 + flow(10))]);
    let lagging = read_by(lagging, &raw("reports"), &[(0, 400 + flow(5)), (1, 300)]);
    let read = topic(2, &[(0, flow(1)), (0, 0)]);
    BTreeMap::from([
        (STARTED, lagging),
        (FAILED, read_by(read, &raw("alerts"), &[(0, flow(1))])),
        ("orders", topic(3, &[(0, 100), (0, 120)])),
        ("payments", sick),
        ("quiet", topic(4, &[(0, 0)])),
        ("stock", under),
        ("users", topic(7, &[(0, 500), (0, 1)])),
    ])
}

fn look(second: u64) -> Sample {
    let mut look = sample(second);
    let topics = topics(i64::try_from(second).unwrap());
    look.topics = topics
        .into_iter()
        .map(|(topic, sample)| (name(topic), sample))
        .collect();
    look.unseen = BTreeMap::from([
        (name("invoices"), Unseen::Absent),
        (
            name("refunds"),
            Unseen::Unread(raw("TOPIC_AUTHORIZATION_FAILED").into()),
        ),
        (name("retired"), Unseen::Absent),
    ]);
    let one = || Known::Read(1);
    let statuses = [
        (STARTED, settings(Some(TopicStatus::InSync), one())),
        (FAILED, settings(Some(TopicStatus::InSync), one())),
        ("orders", settings(Some(TopicStatus::Change), one())),
        ("payments", settings(Some(TopicStatus::Blocked), one())),
        ("quiet", settings(Some(TopicStatus::Create), one())),
        ("stock", settings(Some(TopicStatus::Delete), Known::Read(2))),
        ("users", settings(None, Known::Unread("not allowed".into()))),
        ("invoices", settings(Some(TopicStatus::Create), one())),
        ("refunds", settings(Some(TopicStatus::Unreadable), one())),
        ("retired", settings(Some(TopicStatus::InSync), one())),
    ];
    let mut settings = SettingsSample {
        elapsed: Some(Duration::from_secs(second.saturating_sub(7))),
        ..SettingsSample::default()
    };
    settings.topics = statuses
        .into_iter()
        .map(|(topic, of)| (name(topic), of))
        .collect();
    let not_allowed = Arc::from("not allowed");
    settings.troubles.add(Part::Settings, &not_allowed, || {
        "min.insync.replicas of users".to_owned()
    });
    for (operation, resource) in [
        (AclOperation::Describe, AclResource::Cluster),
        (AclOperation::DescribeConfigs, AclResource::Topic(name("users"))),
        (AclOperation::Create, AclResource::Cluster),
        (AclOperation::Alter, AclResource::Cluster),
        (AclOperation::AlterConfigs, AclResource::Cluster),
        (AclOperation::Delete, AclResource::Cluster),
        (AclOperation::Read, AclResource::Group(said("reports").into())),
        (AclOperation::Write, AclResource::Cluster),
    ] {
        settings.troubles.lack(Some(&RequiredAcl { operation, resource }));
    }
    look.settings = Arc::new(settings);
    let why = Arc::from("the partition has no leader");
    look.troubles
        .add(Part::Offsets, &why, || "payments partition 2".to_owned());
    look.troubles.add(Part::Offsets, &why, || {
        unreachable!("only the first place is said")
    });
    let why = Arc::from("TOPIC_AUTHORIZATION_FAILED");
    look.troubles.add(Part::Metadata, &why, || "refunds".to_owned());
    let why = Arc::from(raw("groups that may not be described are not listed\u{1b}[2J"));
    look.troubles.add(Part::Groups, &why, String::new);
    look
}

/// What was seen after two looks, with every case that there is.
pub(crate) fn busy() -> View {
    let mut window = Window::default();
    window.push(&Rc::new(look(0)));
    let sample = Rc::new(look(5));
    let failed = [("TEMPLATE_NOT_FOUND", 3), ("other", 1)];
    View {
        figures: Rc::new(window.push(&sample)),
        sample,
        events: Events {
            topics: BTreeMap::from([
                (name(STARTED), EventName::TestGenerationStarted),
                (name(FAILED), EventName::TestGenerationFailed),
            ]),
            lately: Some(Tally {
                started: 50,
                completed: 40,
                failed: failed.map(|(code, count)| (raw(code).into(), count)).into(),
                malformed: 2,
            }),
            total: Some(Tally::default()),
            trouble: Some(Unfollowed::from(Arc::from(raw("not authorised to read")))),
        },
    }
}

/// What was seen of nothing, at the first look.
pub(crate) fn nothing() -> View {
    let sample = Rc::new(sample(0));
    View {
        figures: Rc::new(Window::default().push(&sample)),
        sample,
        events: Events::default(),
    }
}
