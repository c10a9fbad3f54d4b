//! What is read once a minute, and what stands where it does not come.

use std::collections::BTreeMap;
use std::time::Duration;

use super::name;
use super::read::{declared, now, once, troubles};
use crate::admin::memory::{Api, Fault, MemoryCluster, Operation};
use crate::admin::{Admin as _, AdminError};
use crate::model::{BrokerId, Known};
use crate::monitor::{Others, Part, Sample, Sampler, SettingsSample, TopicSettings, Watched, sizes};
use crate::plan::TopicStatus;

#[tokio::test(start_paused = true)]
async fn settings_are_read_once_a_minute() {
    let cluster = MemoryCluster::new(1);
    cluster.create("orders", 1, 1, &[]);
    let mut sampler = Sampler::new(&cluster, declared("  - {name: orders}\n"), now);
    let mut asked = Vec::new();
    for _ in 0..14 {
        sampler.sample().await.unwrap();
        asked.push(cluster.requests()["DescribeLogDirs"]);
        tokio::time::advance(Duration::from_secs(5)).await;
    }
    assert_eq!(asked[..12], [1; 12]);
    assert_eq!(asked[12..], [2; 2]);
}

#[tokio::test(start_paused = true)]
async fn sizes_are_those_of_all_replicas_or_none() {
    let cluster = MemoryCluster::new(3);
    cluster.create("orders", 1, 3, &[]);
    cluster.create("small", 1, 1, &[]);
    let file = "  - {name: orders}\n  - {name: small}\n";
    let whole = once(&cluster, declared(file)).await;
    assert!(whole.settings.topics["orders"].bytes.read().is_some());
    cluster.stop(BrokerId(3));
    let sample = once(&cluster, declared(file)).await;
    let settings = &sample.settings.topics;
    let why = settings["orders"].bytes.why_not().unwrap();
    assert_eq!(why.as_ref(), "broker 3 is not alive");
    assert!(settings["small"].bytes.read().is_some());
    assert_eq!(
        troubles(&sample),
        ["settings: 1× orders (its size): broker 3 is not alive"]
    );
}

#[test]
fn sizes_that_nobody_tells_are_said() {
    let mut settings = SettingsSample::default();
    settings.topics.insert(name("orders"), TopicSettings::default());
    let unreachable = AdminError::Unreachable {
        attempts: Vec::new(),
        waited: Duration::from_secs(5),
    };
    let why = unreachable.to_string();
    sizes::take_in(&mut settings, &BTreeMap::new(), Err(unreachable));
    assert_eq!(
        settings.topics["orders"].bytes,
        Known::Unread(why.as_str().into())
    );
    let said: Vec<_> = settings.troubles.iter().map(|trouble| trouble.why).collect();
    assert_eq!(said, [why.into()]);
}

/// Looks again after so many seconds.
async fn later(sampler: &mut Sampler<'_, MemoryCluster>, seconds: u64) -> Sample {
    tokio::time::advance(Duration::from_secs(seconds)).await;
    sampler.sample().await.unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_broker_that_tells_no_configs_is_passed_over() {
    let cluster = MemoryCluster::new(3);
    cluster.create("orders", 1, 3, &[("min.insync.replicas", "2")]);
    let others = || Watched {
        others: Others::All,
        ..Watched::default()
    };
    cluster.inject(Fault::lost_request(Api::DescribeConfigs));
    let sample = once(&cluster, others()).await;
    assert!(cluster.script_is_over());
    assert_eq!(sample.settings.topics["orders"].min_insync, Known::Read(2));
    assert_eq!(troubles(&sample), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn settings_that_do_not_come_are_asked_for_again_and_the_last_ones_stand() {
    let cluster = MemoryCluster::new(2);
    cluster.create("orders", 1, 2, &[("min.insync.replicas", "2")]);
    let file = "  - {name: orders, config: {min.insync.replicas: 2}}\n";
    let mut sampler = Sampler::new(&cluster, declared(file), now);
    sampler.sample().await.unwrap();
    cluster.inject(Fault::lost_request(Api::DescribeConfigs).times(3));

    let old = later(&mut sampler, 61).await;
    let settings = &old.settings.topics["orders"];
    assert!(cluster.script_is_over());
    assert_eq!(settings.min_insync, Known::Read(2));
    assert_eq!(settings.status, Some(TopicStatus::InSync));
    assert_eq!(
        old.settings.elapsed,
        Some(Duration::ZERO),
        "they are as old as they are"
    );
    assert_eq!(
        old.settings.troubles.count(Part::Settings),
        2,
        "{:?}",
        troubles(&old)
    );

    let anew = later(&mut sampler, 5).await;
    assert_eq!(anew.settings.elapsed, Some(Duration::from_secs(66)));
    assert_eq!(troubles(&anew), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn settings_that_stay_away_are_not_shown_for_ever() {
    let cluster = MemoryCluster::new(1);
    cluster.create("orders", 1, 1, &[]);
    let mut sampler = Sampler::new(&cluster, declared("  - {name: orders}\n"), now);
    sampler.sample().await.unwrap();
    cluster.inject(Fault::lost_request(Api::DescribeConfigs).times(u32::MAX));
    let kept = later(&mut sampler, 300).await;
    assert_eq!(kept.settings.topics["orders"].min_insync, Known::Read(1));
    let gone = later(&mut sampler, 1).await;
    assert_eq!(gone.settings.topics["orders"].min_insync.read(), None);
    assert_eq!(
        gone.settings.topics["orders"].status,
        Some(TopicStatus::Unreadable)
    );
    assert_eq!(gone.settings.elapsed, Some(Duration::from_secs(301)));
}

#[tokio::test(start_paused = true)]
async fn what_may_not_be_read_is_not_asked_for_with_every_look() {
    let cluster = MemoryCluster::new(1);
    cluster.create("orders", 1, 1, &[]);
    cluster.deny(Operation::DescribeConfigs, "orders");
    let mut sampler = Sampler::new(&cluster, declared("  - {name: orders}\n"), now);
    let first = sampler.sample().await.unwrap();
    assert!(first.settings.troubles.count(Part::Settings) > 0);
    let asked = cluster.requests()["DescribeConfigs"];
    later(&mut sampler, 5).await;
    assert_eq!(cluster.requests()["DescribeConfigs"], asked);
}
