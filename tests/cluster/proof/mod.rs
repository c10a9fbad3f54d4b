//! The promise, tried on random clusters and changes: what topicctl calls safe, or makes after a yes, takes no
//! record, no producer and no group's place from anybody. What became of them is read and written by librdkafka.
//!
//! A normal run tries a few rounds. `TOPICCTL_PROOF_CASES` says how many cases, `TOPICCTL_SEED` which.

mod case;
mod cleaning;
mod data;
mod verdict;

use std::collections::{BTreeMap, BTreeSet};
use std::env;
use std::fmt::Write as _;

use case::{BROKERS, Case};
use cleaning::Cleaning;
use data::Contents;
use verdict::{Before, Harm, Said};

use crate::binary::Project;
use crate::dice::Dice;
use crate::support::{Brokers, Kafka, version_under_test};

/// Topics of one round, which share the settings of brokers and the waits for cleaners.
const IN_A_ROUND: usize = 30;

const USUALLY: usize = 30;

fn number_from(variable: &str, otherwise: usize) -> usize {
    let asked = env::var(variable).ok();
    asked.map_or(otherwise, |number| number.parse().expect("a number"))
}

/// What the cases came to.
#[derive(Debug, Default)]
struct Figures {
    cases: usize,
    unchanged: usize,
    refused: usize,
    safe: usize,
    confirmed: usize,
    lossy: usize,
    /// Lossy, and then nobody lost anything.
    too_strict: Vec<String>,
    /// Not lossy, and somebody lost something that nothing was said of.
    too_mild: Vec<String>,
    /// Applied, and something is left to do or was not done.
    unfinished: Vec<String>,
}

struct Round<'a> {
    kafka: &'a Kafka,
    cases: Vec<Case>,
    /// Said with every finding, so that it can be made again.
    label: String,
    /// The settings of single brokers.
    brokers: String,
    outage: Outage,
}

/// What is wrong with the cluster while the changes are planned and made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outage {
    None,
    /// The controller places nothing on this broker (KIP-1066, from Kafka 4.4).
    Cordoned(i32),
    /// This broker is down.
    Down(i32),
}

impl Outage {
    fn new(round: usize, dice: &mut Dice) -> Self {
        let broker = BROKERS[usize::try_from(dice.below(3)).unwrap()];
        match round % 8 {
            1 | 5 => Self::Down(broker),
            7 if version_under_test().is_none() => Self::Cordoned(broker),
            _ => Self::None,
        }
    }

    /// The broker that is down.
    fn down(self) -> Option<i32> {
        match self {
            Self::Down(broker) => Some(broker),
            Self::None | Self::Cordoned(_) => None,
        }
    }
}

impl Round<'_> {
    fn bootstrap(&self) -> &str {
        self.kafka.bootstrap()
    }

    /// How everything is before the changes, with all done that brokers would do anyway.
    fn before(&self, cleaning: &mut Cleaning) -> Before {
        let in_use = data::fill(self.bootstrap(), &self.cases);
        let contents = cleaning.settled(&cleaning::partitions(&self.cases));
        data::commit(self.bootstrap(), &self.cases, &contents);
        let committed = self
            .cases
            .iter()
            .map(|case| (case.name.clone(), data::committed(self.bootstrap(), case)))
            .collect();
        Before {
            contents,
            in_use,
            committed,
        }
    }

    /// Breaks what the round wants broken.
    fn begin_outage(&self) {
        match self.outage {
            Outage::None => {}
            Outage::Cordoned(broker) => configure(self.kafka, &cordon(broker), "--add-config"),
            Outage::Down(broker) => {
                self.kafka.stop_broker(id(broker));
                data::wait_for_brokers(self.bootstrap(), BROKERS.len() - 1);
            }
        }
    }

    fn end_outage(&self) {
        match self.outage {
            Outage::None => {}
            Outage::Cordoned(broker) => configure(self.kafka, &cordon(broker), "--delete-config"),
            Outage::Down(broker) => {
                self.kafka.start_broker(id(broker));
                data::wait_for_brokers(self.bootstrap(), BROKERS.len());
            }
        }
    }

    fn project(&self) -> Project {
        let declared: String = self.cases.iter().map(|case| case.declared.as_str()).collect();
        Project::new(self.kafka, &format!("version: 1\ntopics:\n{declared}"))
    }

    /// Makes the changes of these topics, and looks at what is left of them.
    fn apply(
        &self,
        names: &BTreeSet<&str>,
        more: &[&str],
        (project, said): (&Project, &BTreeMap<String, Said>),
        (cleaning, before): (&mut Cleaning, &Before),
        figures: &mut Figures,
    ) -> BTreeMap<String, Vec<Harm>> {
        if names.is_empty() {
            self.end_outage();
            return BTreeMap::new();
        }
        let topics: Vec<&str> = names.iter().copied().collect();
        let run = project.run(&[&["apply", "--yes", "--max-deletes", "100"], more, &topics].concat());
        if run.code != Some(0) {
            figures.unfinished.push(format!("{}: {run}", self.label));
        }
        let again = project.run(&[&["diff"], &topics[..]].concat());
        if again.code != Some(0) {
            figures
                .unfinished
                .push(format!("{}, diff after apply: {again}", self.label));
        }
        let touched = || {
            self.cases
                .iter()
                .filter(|case| names.contains(case.name.as_str()))
        };
        let still: BTreeSet<_> = cleaning::partitions(&self.cases)
            .into_iter()
            .filter(|(name, _)| names.contains(name.as_str()) && !is_deleted(&said[name]))
            .collect();
        let after: Contents = cleaning.settled(&still);
        let mut harm: BTreeMap<String, Vec<Harm>> = touched()
            .map(|case| {
                let harm = verdict::harm(self.bootstrap(), case, &said[&case.name], before, &after);
                (case.name.clone(), harm)
            })
            .collect();
        for case in touched().filter(|case| !is_deleted(&said[&case.name])) {
            let refused = verdict::refused_producers(self.bootstrap(), case, before);
            harm.get_mut(&case.name).unwrap().extend(refused);
        }
        harm
    }

    fn describe(&self, name: &str, said: &Said, harm: &[Harm]) -> String {
        let case = self.cases.iter().find(|case| case.name == name).unwrap();
        let mut text = format!(
            "{}: {name}\nbrokers: {}\nplacement: {:?}\noverrides: {:?}\nrecords: {:?}\ngroup: {:?}\n{}harm: {harm:?}\n",
            self.label,
            self.brokers,
            case.placement,
            case.overrides,
            case.partitions,
            case.group,
            case.declared
        );
        for change in said.document["changes"].as_array().unwrap() {
            let _ = writeln!(text, "{change}");
        }
        text
    }

    fn run(&self, cleaning: &mut Cleaning, figures: &mut Figures) {
        let before = self.before(cleaning);
        self.begin_outage();
        let project = self.project();
        let diff = project.run(&["diff", "--output", "json"]);
        let is_planned = matches!(diff.code, Some(0 | 2 | 3)) || self.outage.down().is_some();
        assert!(is_planned, "{}: {diff}", self.label);
        let said = Said::all(&diff.stdout);
        let doable = |said: &Said| said.has_changes() && !said.is_refused();
        let mild = verdict::names(&said, |said| doable(said) && !said.is_lossy());
        let lossy = verdict::names(&said, |said| doable(said) && said.is_lossy());
        figures.cases += self.cases.len();
        figures.refused += verdict::names(&said, Said::is_refused).len();
        figures.unchanged += verdict::names(&said, |said| !said.has_changes() && !said.is_refused()).len();
        figures.confirmed += verdict::names(&said, |said| doable(said) && said.is_caution()).len();
        figures.lossy += lossy.len();
        figures.safe += verdict::names(&said, |said| {
            doable(said) && !said.is_lossy() && !said.is_caution()
        })
        .len();

        let harm = self.apply(&mild, &[], (&project, &said), (cleaning, &before), figures);
        for (name, harm) in harm {
            let harm = verdict::not_said(&said[&name], harm);
            if !harm.is_empty() {
                figures.too_mild.push(self.describe(&name, &said[&name], &harm));
            }
        }
        let allowed = ["--allow-data-loss", "proof.*"];
        if self.outage != Outage::None {
            // What is lossy for want of an answer says nothing of a cluster that answers.
            return;
        }
        let harm = self.apply(&lossy, &allowed, (&project, &said), (cleaning, &before), figures);
        for (name, harm) in harm {
            if harm.is_empty() {
                figures.too_strict.push(self.describe(&name, &said[&name], &harm));
            }
        }
    }
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

fn id(broker: i32) -> u8 {
    u8::try_from(broker).unwrap()
}

fn cordon(broker: i32) -> BTreeMap<i32, BTreeMap<String, String>> {
    let config = ("cordoned.log.dirs".to_owned(), "*".to_owned());
    BTreeMap::from([(broker, BTreeMap::from([config]))])
}

fn is_deleted(said: &Said) -> bool {
    let changes = said.document["changes"].as_array().unwrap();
    changes.iter().any(|change| change["action"] == "delete")
}

/// Sets and later unsets what brokers have for themselves, by Kafka's own tool.
fn configure(kafka: &Kafka, settings: &BTreeMap<i32, BTreeMap<String, String>>, verb: &str) {
    for (broker, configs) in settings {
        let text = |(key, value): (&String, &String)| {
            if verb == "--add-config" {
                format!("{key}=[{value}]")
            } else {
                key.clone()
            }
        };
        let list: Vec<String> = configs.iter().map(text).collect();
        let broker = broker.to_string();
        let entity = ["--alter", "--entity-type", "brokers", "--entity-name", &broker];
        kafka.tool_output("configs", &[&entity[..], &[verb, &list.join(",")]].concat());
    }
}

#[test]
#[expect(clippy::print_stderr, reason = "the figures are for whoever runs it")]
fn nobody_loses_what_was_not_said_to_be_lost() {
    let seed = u64::try_from(number_from("TOPICCTL_SEED", 20_261_130)).unwrap();
    let rounds = number_from("TOPICCTL_PROOF_CASES", USUALLY).div_ceil(IN_A_ROUND);
    let kafka = Kafka::dedicated(Brokers::Three, cleaning::PROPERTIES);
    let mut cleaning = Cleaning::new(kafka.bootstrap());
    let mut figures = Figures::default();
    for round in 0..rounds {
        let mut dice = Dice(
            seed.wrapping_add(round as u64)
                .wrapping_mul(0x9e37_79b9_7f4a_7c15)
                | 1,
        );
        let outage = Outage::new(round, &mut dice);
        let settings = case::broker_settings(&mut dice);
        // Leaders that move between brokers of different settings lose records without any change.
        let settings = if outage.down().is_some() {
            BTreeMap::new()
        } else {
            settings
        };
        configure(&kafka, &settings, "--add-config");
        let name = |number| format!("proof.{round}.{number:02}");
        let cases = (0..IN_A_ROUND).map(|number| Case::new(name(number), &mut dice));
        // Otherwise it loses records, or its leader, by its own settings, whoever changes what.
        let cases = cases.filter(|case| outage.down().is_none_or(|broker| case.can_do_without(broker)));
        let cases = data::create(kafka.bootstrap(), cases.collect());
        mix(&kafka, &cases);
        let round = Round {
            kafka: &kafka,
            cases,
            label: format!("seed {seed}, round {round}"),
            brokers: format!("{settings:?}, {outage:?}"),
            outage,
        };
        round.run(&mut cleaning, &mut figures);
        configure(&kafka, &settings, "--delete-config");
        eprintln!("{}: {} cases so far", round.label, figures.cases);
    }
    eprintln!("{figures:#?}");
    assert!(
        BROKERS.len() == 3 && figures.safe > 0 && figures.lossy > 0,
        "a proof of nothing"
    );
    assert!(figures.too_mild.is_empty(), "{}", figures.too_mild.join("\n"));
    assert!(figures.unfinished.is_empty(), "{}", figures.unfinished.join("\n"));
}
