//! The promise, tried on random clusters and changes: what topicctl calls safe, or makes after a yes, takes no
//! record, no producer and no group's place from anybody. What became of them is read and written by librdkafka.
//!
//! A normal run tries one round. `TOPICCTL_PROOF_CASES` says how many cases, `TOPICCTL_SEED` which, and
//! `TOPICCTL_PROOF_ROUND` that only this round of them is tried. Four rounds have all kinds of outages.

mod case;
mod cleaning;
mod data;
mod figures;
mod outage;
mod policy;
mod probe;
mod round;
mod share;
mod verdict;

use std::collections::BTreeMap;
use std::env;
use std::time::Instant;

use case::Case;
use cleaning::Cleaning;
use figures::Figures;
use outage::{Outage, configure};
use policy::Policy;
use round::Round;

use crate::dice::Dice;
use crate::support::{Brokers, Kafka};

/// Topics of one round, which share the settings of brokers and the waits for cleaners.
const IN_A_ROUND: usize = 30;

/// The same where there are several rounds.
const IN_EACH_ROUND: usize = 50;

const USUALLY: usize = 30;

fn number_from(variable: &str, otherwise: usize) -> usize {
    let asked = env::var(variable).ok();
    asked.map_or(otherwise, |number| number.parse().expect("a number"))
}

/// Gives the first partition of some topics another replica or two, by Kafka's own tool: no topic can be created so.
fn mix(kafka: &Kafka, cases: &[Case]) {
    let mixed = cases.iter().filter(|case| case.is_mixed);
    let partition = |case: &Case| {
        let replicas = &case.placement[0];
        serde_json::json!({"topic": case.name, "partition": 0, "replicas": replicas})
    };
    let partitions: Vec<_> = mixed.map(partition).collect();
    if partitions.is_empty() {
        return;
    }
    let file = tempfile::NamedTempFile::new().unwrap();
    let moves = serde_json::json!({"version": 1, "partitions": partitions});
    std::fs::write(file.path(), moves.to_string()).unwrap();
    let path = file.path().display().to_string();
    let arguments = ["--execute", "--reassignment-json-file", &path];
    kafka.tool_output("reassign-partitions", &arguments);
}

fn run(kafka: &Kafka, seed: u64, round: usize, size: usize, cleaning: &mut Cleaning, figures: &mut Figures) {
    let number = seed.wrapping_add(u64::try_from(round).unwrap());
    let mut dice = Dice(number.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
    let outage = Outage::new(round, &mut dice);
    let settings = case::broker_settings(&mut dice);
    // Leaders that move between brokers of different settings lose records without any change.
    let settings = if outage.down().is_some() {
        BTreeMap::new()
    } else {
        settings
    };
    configure(kafka, &settings, "--add-config");
    let policy = Policy::new(&mut dice);
    let name = |number| format!("proof.{round}.{number:02}");
    let cases = (0..size).map(|number| Case::new(name(number), outage, &mut dice));
    let (cases, refused) = data::create(kafka.bootstrap(), cases.collect());
    for error in refused {
        *figures.dropped.entry(format!("{error:?}")).or_default() += 1;
    }
    mix(kafka, &cases);
    let round = Round {
        kafka,
        cases,
        label: format!("seed {seed}, round {round} of {size}"),
        settings,
        policy,
        outage,
    };
    round.run(cleaning, figures);
    configure(kafka, &round.settings, "--delete-config");
}

#[test]
#[expect(clippy::print_stdout, reason = "the figures are for whoever runs it")]
fn nobody_loses_what_was_not_said_to_be_lost() {
    let began = Instant::now();
    let seed = u64::try_from(number_from("TOPICCTL_SEED", 20_261_130)).unwrap();
    let asked = number_from("TOPICCTL_PROOF_CASES", USUALLY);
    let size = if asked > IN_A_ROUND {
        IN_EACH_ROUND
    } else {
        IN_A_ROUND
    };
    let kafka = Kafka::dedicated(Brokers::Three, cleaning::PROPERTIES);
    let mut cleaning = Cleaning::new(kafka.bootstrap());
    let mut figures = Figures::default();
    let rounds = asked.div_ceil(size);
    let only = number_from("TOPICCTL_PROOF_ROUND", usize::MAX);
    for round in (0..rounds).filter(|round| only == usize::MAX || *round == only) {
        run(&kafka, seed, round, size, &mut cleaning, &mut figures);
        figures.took = began.elapsed();
        figures.print_findings();
        println!("=== seed {seed}, so far\n{figures}");
    }
    println!("=== the proof, seed {seed}\n{figures}");
    let tried = figures.safe + figures.confirmed;
    assert!(
        tried > 0 && (figures.lossy > 0 || only < rounds),
        "a proof of nothing"
    );
    assert!(figures.too_mild.is_empty(), "{} too mild", figures.too_mild.len());
    assert!(
        figures.unfinished.is_empty(),
        "{} unfinished",
        figures.unfinished.len()
    );
}
