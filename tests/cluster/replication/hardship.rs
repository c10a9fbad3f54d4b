//! Replicas that are moved while the tool is killed, a broker dies and the controller moves: the next apply
//! carries on to the same end, and no throttle stays behind.

use std::env;
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use rustix::process::Signal;
use topicctl::admin::Admin;
use topicctl::model::throttle::{THROTTLED_RATE, THROTTLED_REPLICAS};
use topicctl::model::{BrokerId, ConfigKey, ConfigSource};

use super::traffic::Traffic;
use super::{PARTITIONS, client, manifest, name, on_this_thread, settles};
use crate::binary::{Project, SHOWN_WITHIN};
use crate::process::Running;
use crate::support::{Brokers, Kafka};

/// So many kills in a usual run; `TOPICCTL_KILLS` asks for others, `TOPICCTL_SEED` for the same moments.
const USUALLY: usize = 4;

/// How replicas change when the tool is killed, and whether it goes on with a throttle.
const CHANGES: [(u8, u8, bool); 4] = [(1, 3, false), (1, 3, true), (3, 2, false), (2, 3, true)];

/// Slow enough that a copy takes some seconds.
const THROTTLE: [&str; 2] = ["--throttle", "1MiB"];

/// The longest time before a kill: longer than a copy takes.
const LATEST: u64 = 6_000;

fn kills() -> usize {
    let asked = env::var("TOPICCTL_KILLS").ok();
    asked.map_or(USUALLY, |number| number.parse().expect("a number"))
}

/// A moment, some of them early: that is when most is written.
fn moment(state: &mut u64) -> Duration {
    let mut next = || {
        *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (*state ^ (*state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed ^ (mixed >> 31)
    };
    let latest = if next() % 2 == 0 { LATEST / 10 } else { LATEST };
    Duration::from_millis(next() % latest)
}

fn seed() -> u64 {
    let asked = env::var("TOPICCTL_SEED").ok();
    let now = || {
        SystemTime::UNIX_EPOCH
            .elapsed()
            .map_or(1, |since| since.as_secs())
    };
    asked.map_or_else(now, |number| number.parse().expect("a number"))
}

/// Everything that throttles, by topic and broker.
fn throttles(kafka: &Kafka, topic: &str) -> Vec<String> {
    on_this_thread(async {
        let client = client(kafka).await;
        let topic = name(topic);
        let configs = client.configs(std::slice::from_ref(&topic)).await.unwrap();
        let configs = configs[&topic].clone().unwrap().unwrap();
        let lists = THROTTLED_REPLICAS.iter().filter(|key| {
            let config = configs.get(**key);
            config.is_some_and(|config| config.source == ConfigSource::Topic)
        });
        let mut found: Vec<String> = lists.map(|key| format!("topic: {key}")).collect();
        let brokers: Vec<BrokerId> = client.cluster().await.unwrap().brokers.into_keys().collect();
        let keys = THROTTLED_RATE.map(|key| ConfigKey::new(key).unwrap());
        for (broker, configs) in client.configs_of_brokers(&brokers, &keys).await.unwrap() {
            let set = configs
                .unwrap()
                .into_iter()
                .filter(|(_, config)| config.source != ConfigSource::Default);
            found.extend(set.map(|(key, _)| format!("broker {broker}: {key}")));
        }
        found
    })
}

/// What was taken away is shown so after a moment.
pub(super) fn no_throttle_is_left(kafka: &Kafka, topic: &str) {
    let deadline = Instant::now() + SHOWN_WITHIN;
    while !throttles(kafka, topic).is_empty() {
        assert!(Instant::now() < deadline, "{:?}", throttles(kafka, topic));
        thread::sleep(Duration::from_millis(100));
    }
}

fn is_moving(kafka: &Kafka) -> bool {
    on_this_thread(async {
        let moving = client(kafka).await.list_partition_reassignments(None).await;
        !moving.unwrap().unwrap().is_empty()
    })
}

fn begins_to_move(kafka: &Kafka) {
    let deadline = Instant::now() + SHOWN_WITHIN;
    while !is_moving(kafka) {
        assert!(Instant::now() < deadline, "nothing was begun");
        thread::sleep(Duration::from_millis(50));
    }
}

fn filled(kafka: &Kafka, topic: &str) -> (Project, Traffic) {
    let project = Project::new(kafka, &manifest(topic, 1));
    project.run(&["apply"]).expect(0);
    let traffic = Traffic::start(kafka, topic, PARTITIONS);
    traffic.wait_for(4_000);
    (project, traffic)
}

#[test]
fn an_apply_that_is_killed_is_carried_on_to_the_same_end() {
    let kafka = Kafka::dedicated(Brokers::Three, &[]);
    let topic = "killed";
    let (project, traffic) = filled(&kafka, topic);
    let seed = seed();
    let mut state = seed;
    let mut in_the_middle = 0;
    for kill in 0..kills() {
        let when = moment(&mut state);
        let (from, to, is_throttled) = CHANGES[kill % CHANGES.len()];
        let said = format!("kill {kill} of seed {seed}, {from} to {to}, after {when:?}");
        project.write(&manifest(topic, from));
        project.run(&["apply", "--yes"]).expect(0);
        project.write(&manifest(topic, to));
        let throttled = [&["apply", "--yes"], &THROTTLE[..]].concat();
        let running = Running::start(project.command(&throttled));
        // Half of the copies are interrupted for sure, the other moments fall where they may.
        if from == 1 && kill % 2 == 0 {
            begins_to_move(&kafka);
        } else {
            thread::sleep(when);
        }
        running.signal(Signal::KILL);
        drop(running);
        in_the_middle += usize::from(is_moving(&kafka));
        let resumed = project.run(if is_throttled { &throttled } else { &throttled[..2] });
        assert_eq!(resumed.code, Some(0), "{said}\n{resumed}");
        settles(&kafka, topic, to.into(), 3);
        no_throttle_is_left(&kafka, topic);
        let again = project.run(&["diff", "-v"]);
        assert_eq!(again.code, Some(0), "{said}\n{again}");
    }
    assert!(in_the_middle > 0, "no kill of seed {seed} was in the middle");
    traffic.ends_whole();
}

#[test]
fn a_broker_that_dies_and_a_controller_that_moves_hold_nothing_up_for_good() {
    let kafka = Kafka::dedicated(Brokers::Four, &[]);
    let topic = "hardship";
    let (project, traffic) = filled(&kafka, topic);
    project.write(&manifest(topic, 3));
    let apply = ["apply", "--yes", "--visible-timeout", "10s"];
    let controller = controller(&kafka);
    let running = Running::start(project.command(&[&apply[..], &THROTTLE].concat()));
    begins_to_move(&kafka);
    kafka.kill_broker(controller);
    let run = running.end();
    assert_eq!(run.code, Some(1), "{run}");
    assert!(
        run.stdout
            .contains("accepted, but no replica was copied for 10 s"),
        "{run}"
    );
    kafka.start_broker(controller);
    project.run_until(0, &["apply", "--yes"]);
    settles(&kafka, topic, 3, 4);
    no_throttle_is_left(&kafka, topic);
    project.run(&["diff"]).expect(0);
    traffic.ends_whole();
}

/// The one that leads the quorum.
fn controller(kafka: &Kafka) -> u8 {
    let status = kafka.tool_output("metadata-quorum", &["describe", "--status"]);
    let leader = status.lines().find_map(|line| line.strip_prefix("LeaderId:"));
    leader
        .and_then(|id| id.trim().parse().ok())
        .unwrap_or_else(|| panic!("{status}"))
}
