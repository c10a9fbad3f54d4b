//! One cluster in one state, some topics, and all of their changes.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::time::Instant;

use serde_json::Value;

use super::case::{Case, Group};
use super::cleaning::{self, Cleaning};
use super::data::{self, Shown};
use super::figures::Figures;
use super::outage::{Outage, Settings};
use super::policy::Policy;
use super::probe::{self, Taken};
use super::share;
use super::verdict::{self, Before, Harm, Said};
use crate::binary::{Project, Run, SHOWN_WITHIN};
use crate::support::Kafka;

pub(super) struct Round<'a> {
    pub(super) kafka: &'a Kafka,
    pub(super) cases: Vec<Case>,
    /// Said with every finding, so that it can be made again.
    pub(super) label: String,
    /// What single brokers have for themselves.
    pub(super) settings: Settings,
    pub(super) policy: Policy,
    pub(super) outage: Outage,
}

/// What the changes are held against.
struct Ground<'a> {
    project: &'a Project,
    said: &'a BTreeMap<String, Said>,
    before: &'a Before,
    /// Partitions that took a record while a broker was down, before any change.
    taken: &'a Taken,
}

/// What lets lossy changes of these topics through.
const ALLOW_LOSS: &[&str] = &["--allow-data-loss", "proof.*"];

type Harms = BTreeMap<String, Vec<Harm>>;

impl Round<'_> {
    fn bootstrap(&self) -> &str {
        self.kafka.bootstrap()
    }

    pub(super) fn run(&self, cleaning: &mut Cleaning, figures: &mut Figures) {
        let before = self.before(cleaning);
        self.outage.begin(self.kafka);
        let taken = self.probe();
        figures.written_in_outage += taken.len();
        let project = self.project();
        let diff = self.planned(&project, figures);
        let said = Said::all(&diff.stdout);
        assert_eq!(said.len(), self.cases.len(), "{}: {diff}", self.label);
        figures.count(&said, self.outage);
        figures.with_policy += if self.policy == Policy::None {
            0
        } else {
            said.len()
        };
        self.expect_the_outage_said(&diff, figures);
        let doable = |said: &Said| said.has_changes() && !said.is_refused();
        let mild = verdict::names(&said, |said| doable(said) && !said.is_lossy());
        let lossy = verdict::names(&said, |said| doable(said) && said.is_lossy());
        let ground = Ground {
            project: &project,
            said: &said,
            before: &before,
            taken: &taken,
        };
        self.make_mild(&mild, &ground, cleaning, figures);
        self.make_lossy(&lossy, &ground, cleaning, figures);
    }

    /// The plan. A run that a broker's going has cut short says so, and the next one has a plan.
    fn planned(&self, project: &Project, figures: &mut Figures) -> Run {
        let deadline = Instant::now() + SHOWN_WITHIN;
        loop {
            let diff = project.run(&["diff", "--output", "json"]);
            let is_partial = diff.code == Some(1) && !diff.stdout.is_empty();
            if matches!(diff.code, Some(0 | 2 | 3)) || (self.outage.down().is_some() && is_partial) {
                return diff;
            }
            assert!(
                self.is_cut_short(&diff) && Instant::now() < deadline,
                "{}: {diff}",
                self.label
            );
            let said = format!("diff: {}", diff.stderr.trim());
            *figures.left_in_outage.entry(said).or_default() += 1;
        }
    }

    /// It has ended without a result, and says that a broker is down.
    fn is_cut_short(&self, run: &Run) -> bool {
        let down = self.outage.down();
        run.code == Some(1)
            && run.stdout.is_empty()
            && down.is_some_and(|broker| verdict::is_about_outage(&run.stderr, broker))
    }

    /// How everything is before the changes, with all done that brokers would do anyway.
    fn before(&self, cleaning: &mut Cleaning) -> Before {
        let mut in_use = data::fill(self.bootstrap(), &self.cases);
        let contents = cleaning.settled(&cleaning::partitions(&self.cases));
        data::retain_kept(&mut in_use, &contents, &self.cases);
        data::commit(self.bootstrap(), &self.cases, &contents);
        share::begin(self.kafka, &self.cases);
        Before {
            contents,
            in_use,
            committed: self.committed(),
            shown: data::shown(self.bootstrap()),
        }
    }

    /// Where all groups are, by topic.
    fn committed(&self) -> BTreeMap<String, data::Committed> {
        let mut places = share::places(self.kafka, &self.cases);
        let others = self.cases.iter().filter(|case| case.group != Group::Share);
        places.extend(others.map(|case| (case.name.clone(), data::committed(self.bootstrap(), case))));
        places
    }

    fn project(&self) -> Project {
        let declared: String = self.cases.iter().map(|case| case.declared.as_str()).collect();
        Project::new(
            self.kafka,
            &format!("version: 1\n{}topics:\n{declared}", self.policy),
        )
    }

    fn expect_the_outage_said(&self, diff: &Run, figures: &mut Figures) {
        let Some(down) = self.outage.down() else { return };
        let document: Value = serde_json::from_str(&diff.stdout).unwrap();
        let is_of_it = |found: &Value| found["broker"] == down;
        let on_top = document["cluster"]["down_brokers"].as_array().unwrap();
        let topics = document["topics"].as_array().unwrap().iter();
        let mut notes = topics.flat_map(|topic| topic["notes"].as_array().unwrap());
        if !on_top.iter().any(is_of_it) && !notes.any(is_of_it) {
            let finding = format!("{}: broker {down} is down, unsaid: {diff}", self.label);
            figures.unfinished.push(finding);
        }
    }

    /// Makes what needs no permission for losses: then nobody may lose anything.
    fn make_mild(
        &self,
        names: &BTreeSet<&str>,
        ground: &Ground<'_>,
        cleaning: &mut Cleaning,
        figures: &mut Figures,
    ) {
        let left = self.apply(names, &[], ground.project, figures);
        let mut refused = probe::refused_since(self.bootstrap(), ground.taken);
        self.expect_none_on_cordoned(&ground.before.shown, figures);
        self.outage.end(self.kafka);
        self.apply_what_was_left(&left, &[], ground.project, figures);
        let mut harms = self.harm(names, ground, cleaning, figures);
        for (name, harm) in &mut harms {
            harm.extend(refused.remove(name).unwrap_or_default());
            let hidden = verdict::not_said(&ground.said[name], std::mem::take(harm));
            if !hidden.is_empty() {
                figures.too_mild.push(self.describe(name, ground, &hidden));
            }
        }
    }

    /// Makes what is said to lose something: then somebody should.
    fn make_lossy(
        &self,
        names: &BTreeSet<&str>,
        ground: &Ground<'_>,
        cleaning: &mut Cleaning,
        figures: &mut Figures,
    ) {
        if names.is_empty() {
            return;
        }
        self.outage.begin(self.kafka);
        let left = self.apply(names, ALLOW_LOSS, ground.project, figures);
        self.expect_none_on_cordoned(&ground.before.shown, figures);
        self.outage.end(self.kafka);
        self.apply_what_was_left(&left, ALLOW_LOSS, ground.project, figures);
        for (name, harm) in self.harm(names, ground, cleaning, figures) {
            if harm.is_empty() {
                for reason in ground.said[&name].lossy_reasons() {
                    *figures.strict_reasons.entry(reason).or_default() += 1;
                }
                figures.too_strict.push(self.describe(&name, ground, &harm));
            }
        }
    }

    fn probe(&self) -> Taken {
        if self.outage.down().is_none() {
            return Taken::new();
        }
        let probed: Vec<&Case> = self.cases.iter().filter(|case| case.takes_probes()).collect();
        probe::taken(self.bootstrap(), &probed)
    }

    /// Those that were not done, with the reason.
    fn apply(
        &self,
        names: &BTreeSet<&str>,
        more: &[&str],
        project: &Project,
        figures: &mut Figures,
    ) -> BTreeMap<String, String> {
        if names.is_empty() {
            return BTreeMap::new();
        }
        let topics: Vec<&str> = names.iter().copied().collect();
        let flags = ["apply", "--yes", "--max-deletes", "100", "--output", "json"];
        let run = project.run(&[&flags, more, &topics].concat());
        if run.code == Some(0) {
            return BTreeMap::new();
        }
        let mut left = verdict::left(&run);
        if self.is_cut_short(&run) {
            left.extend(
                topics
                    .iter()
                    .map(|name| ((*name).to_owned(), run.stderr.trim().to_owned())),
            );
        }
        let is_expected = run.code == Some(1)
            && !left.is_empty()
            && self
                .outage
                .down()
                .is_some_and(|broker| left.values().all(|why| verdict::is_about_outage(why, broker)));
        for why in left.values() {
            *figures.left_in_outage.entry(why.clone()).or_default() += 1;
        }
        if !is_expected {
            figures.unfinished.push(format!("{}: {run}", self.label));
        }
        left
    }

    /// What a broker that is down kept from being done is done once it is back.
    fn apply_what_was_left(
        &self,
        left: &BTreeMap<String, String>,
        more: &[&str],
        project: &Project,
        figures: &mut Figures,
    ) {
        if left.is_empty() {
            return;
        }
        let topics: Vec<&str> = left.keys().map(String::as_str).collect();
        let deadline = Instant::now() + SHOWN_WITHIN;
        loop {
            let flags = ["apply", "--yes", "--max-deletes", "100"];
            let run = project.run(&[&flags, more, &topics[..]].concat());
            if run.code == Some(0) {
                return;
            }
            if Instant::now() >= deadline {
                let finding = format!("{}, after the outage: {run}", self.label);
                figures.unfinished.push(finding);
                return;
            }
        }
    }

    /// Brokers show what was done with a delay, and one that is back with a longer one.
    fn expect_in_sync(&self, topics: &[&str], project: &Project, figures: &mut Figures) {
        let deadline = Instant::now() + SHOWN_WITHIN;
        loop {
            let again = project.run(&[&["diff"], topics].concat());
            if again.code == Some(0) {
                return;
            }
            if self.outage.down().is_none() || Instant::now() >= deadline {
                let finding = format!("{}, diff after apply: {again}", self.label);
                figures.unfinished.push(finding);
                return;
            }
        }
    }

    /// Looks at what is left of these topics after their changes.
    fn harm(
        &self,
        names: &BTreeSet<&str>,
        ground: &Ground<'_>,
        cleaning: &mut Cleaning,
        figures: &mut Figures,
    ) -> Harms {
        if names.is_empty() {
            return Harms::new();
        }
        let topics: Vec<&str> = names.iter().copied().collect();
        self.expect_in_sync(&topics, ground.project, figures);
        let is_kept = |name: &str| names.contains(name) && !ground.said[name].deletes();
        let kept: Vec<&Case> = self.cases.iter().filter(|case| is_kept(&case.name)).collect();
        self.expect_policy_kept(&kept, figures);
        let partitions = cleaning::partitions(kept.iter().copied());
        let leaderless = data::leaderless(self.bootstrap(), &partitions);
        let led: BTreeSet<_> = partitions.difference(&leaderless).cloned().collect();
        let after = cleaning.settled(&led);
        let committed = self.committed();
        let touched = self
            .cases
            .iter()
            .filter(|case| names.contains(case.name.as_str()));
        let mut harms: Harms = touched
            .map(|case| {
                let harm = verdict::harm(
                    case,
                    &ground.said[&case.name],
                    ground.before,
                    (&after, &committed),
                );
                (case.name.clone(), harm)
            })
            .collect();
        for (name, index) in leaderless {
            harms.get_mut(&name).unwrap().push(Harm::Leader(index));
        }
        for (name, refused) in verdict::refused_producers(self.bootstrap(), &led, ground.before) {
            harms.get_mut(&name).unwrap().push(refused);
        }
        harms
    }

    fn expect_policy_kept(&self, changed: &[&Case], figures: &mut Figures) {
        let names: Vec<&str> = changed.iter().map(|case| case.name.as_str()).collect();
        let shown = data::shown(self.bootstrap());
        let violations = self.policy.violations(self.kafka, &self.settings, &shown, &names);
        let finding = |violation| format!("{}: {}{violation}", self.label, self.policy);
        figures.unfinished.extend(violations.into_iter().map(finding));
    }

    /// A broker that is cordoned got no replica.
    fn expect_none_on_cordoned(&self, before: &Shown, figures: &mut Figures) {
        let Some(cordoned) = self.outage.cordoned() else {
            return;
        };
        for (key, partition) in data::shown(self.bootstrap()) {
            let had = before
                .get(&key)
                .is_some_and(|old| old.replicas.contains(&cordoned));
            if key.0.starts_with("proof.") && partition.replicas.contains(&cordoned) && !had {
                let finding = format!("{}: {key:?} has a replica on the cordoned {cordoned}", self.label);
                figures.unfinished.push(finding);
            }
        }
    }

    fn describe(&self, name: &str, ground: &Ground<'_>, harm: &[Harm]) -> String {
        let case = self.cases.iter().find(|case| case.name == name).unwrap();
        let mut text = format!(
            "{}: {name}\nbrokers: {:?}\nplacement: {:?}\noverrides: {:?}\nrecords: {:?}\ngroup: {:?}\n{}harm: {harm:?}\n",
            self.label,
            (&self.settings, self.outage),
            case.placement,
            case.overrides,
            case.partitions,
            case.group,
            case.declared
        );
        for change in ground.said[name].document["changes"].as_array().unwrap() {
            let _ = writeln!(text, "{change}");
        }
        text
    }
}
