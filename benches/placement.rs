//! How long placement takes: 10,000 partitions on 30 brokers in three racks, from scratch, from one replica
//! to three, and back to two. Fails if any of it takes a second. `cargo bench --bench placement`.

#![allow(clippy::print_stdout, reason = "the figures are what it is for")]

use std::process::ExitCode;
use std::time::{Duration, Instant};

use topicctl::model::{BrokerId, Partition};
use topicctl::plan::placement::{Load, Site, Sites, TooFewAlive, assign, extend};

const BROKERS: i32 = 30;
const RACKS: i32 = 3;
const PARTITIONS: usize = 10_000;
const AT_MOST: Duration = Duration::from_secs(1);
const ROUNDS: usize = 5;

type Rows = Result<Vec<Vec<BrokerId>>, TooFewAlive>;

fn main() -> ExitCode {
    let sites = sites();
    let single: Vec<Vec<BrokerId>> = (0..PARTITIONS)
        .map(|index| vec![BrokerId(i32::try_from(index).unwrap_or(0) % RACKS + 1)])
        .collect();
    let single = partitions(&single);
    let triple = extend(&sites, &[], PARTITIONS, 3).unwrap_or_default();
    let triple = partitions(&triple);
    let times = [
        ("from scratch", timed(|| extend(&sites, &[], PARTITIONS, 3))),
        (
            "from 1 replica on three brokers to 3",
            timed(|| assign(&sites, &single, 3)),
        ),
        ("from 3 replicas to 2", timed(|| assign(&sites, &triple, 2))),
    ];
    println!("{PARTITIONS} partitions on {BROKERS} brokers, median of {ROUNDS}:");
    for (what, time) in &times {
        println!("{what}: {:.0} ms", time.as_secs_f64() * 1_000.0);
    }
    ExitCode::from(u8::from(times.iter().any(|(_, time)| *time >= AT_MOST)))
}

fn sites() -> Sites {
    let site = |id: i32| Site {
        rack: Some(format!("rack-{}", id % RACKS).into()),
        load: Load::default(),
        is_cordoned: false,
    };
    (1..=BROKERS).map(|id| (BrokerId(id), site(id))).collect()
}

fn partitions(rows: &[Vec<BrokerId>]) -> Vec<Partition> {
    let partition = |(index, row): (i32, &Vec<BrokerId>)| Partition {
        index,
        leader: row.first().copied(),
        replicas: row.clone(),
        isr: row.clone(),
        offline: Vec::new(),
    };
    (0..).zip(rows).map(partition).collect()
}

fn timed(work: impl Fn() -> Rows) -> Duration {
    let round = |_| {
        let started = Instant::now();
        assert!(std::hint::black_box(work()).is_ok(), "there are brokers enough");
        started.elapsed()
    };
    let mut times: Vec<Duration> = (0..ROUNDS).map(round).collect();
    times.sort_unstable();
    times[ROUNDS / 2]
}
