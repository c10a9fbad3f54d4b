//! What the cases came to, in numbers.

use std::collections::BTreeMap;
use std::fmt;

use super::outage::{Fall, Outage};
use super::verdict::{self, Said};
use std::time::Duration;

#[derive(Debug, Default)]
pub(super) struct Figures {
    pub(super) rounds: usize,
    pub(super) cases: usize,
    /// Cases that Kafka refused to create, by its error.
    pub(super) dropped: BTreeMap<String, usize>,
    pub(super) unchanged: usize,
    /// Topics that were refused, by the first reason.
    pub(super) refused: BTreeMap<String, usize>,
    pub(super) safe: usize,
    pub(super) confirmed: usize,
    pub(super) lossy: usize,
    /// Of those, so many while a broker was down.
    pub(super) lossy_in_outage: usize,
    pub(super) with_broker_down: usize,
    pub(super) with_broker_killed: usize,
    pub(super) with_policy: usize,
    pub(super) with_broker_cordoned: usize,
    /// Topics whose change was not done while a broker was down, by what was said.
    pub(super) left_in_outage: BTreeMap<String, usize>,
    /// Writes to partitions while a broker was down, before and after the change.
    pub(super) written_in_outage: usize,
    /// Lossy, and then nobody lost anything.
    pub(super) too_strict: Vec<String>,
    /// The reasons of those.
    pub(super) strict_reasons: BTreeMap<String, usize>,
    /// Not lossy, and somebody lost something that nothing was said of.
    pub(super) too_mild: Vec<String>,
    /// Applied, and something is left to do or was not done, or what was said of it is not true.
    pub(super) unfinished: Vec<String>,
    pub(super) took: Duration,
    /// How many of the findings were printed.
    printed: [usize; 3],
}

impl Figures {
    /// Prints what was found since the last time, so that a run that is stopped has said it.
    #[expect(clippy::print_stdout, reason = "for whoever runs it")]
    pub(super) fn print_findings(&mut self) {
        let kinds = [
            ("too mild", &self.too_mild),
            ("unfinished", &self.unfinished),
            ("too strict", &self.too_strict),
        ];
        for ((kind, findings), printed) in kinds.into_iter().zip(&mut self.printed) {
            for finding in findings.iter().skip(*printed) {
                println!("=== {kind}\n{finding}");
            }
            *printed = findings.len();
        }
    }

    /// Counts the topics of a round by what is said of them.
    pub(super) fn count(&mut self, said: &BTreeMap<String, Said>, outage: Outage) {
        self.rounds += 1;
        self.cases += said.len();
        let doable = |said: &Said| said.has_changes() && !said.is_refused();
        let number = |wanted: &dyn Fn(&Said) -> bool| verdict::names(said, wanted).len();
        self.unchanged += number(&|said| !said.has_changes() && !said.is_refused());
        self.confirmed += number(&|said| doable(said) && said.is_caution());
        self.safe += number(&|said| doable(said) && !said.is_lossy() && !said.is_caution());
        let lossy = number(&|said| doable(said) && said.is_lossy());
        self.lossy += lossy;
        match outage {
            Outage::None => {}
            Outage::Cordoned(_) => self.with_broker_cordoned += said.len(),
            Outage::Down(_, fall) => {
                self.lossy_in_outage += lossy;
                self.with_broker_down += said.len();
                self.with_broker_killed += if fall == Fall::Killed { said.len() } else { 0 };
            }
        }
        let during = if outage.down().is_some() {
            ", a broker down"
        } else {
            ""
        };
        for why in said.values().filter_map(Said::why_refused) {
            *self.refused.entry(format!("{why}{during}")).or_default() += 1;
        }
    }
}

/// `one 1, other 2`, or `none`.
fn by_name(counts: &BTreeMap<String, usize>) -> String {
    let list: Vec<String> = counts
        .iter()
        .map(|(name, count)| format!("{name} {count}"))
        .collect();
    if list.is_empty() {
        "none".to_owned()
    } else {
        list.join(", ")
    }
}

/// The block at the end of a run.
impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let refused: usize = self.refused.values().sum();
        let dropped: usize = self.dropped.values().sum();
        let strict = self.too_strict.len();
        let share = strict * 100 / self.lossy.max(1);
        writeln!(f, "cases            {} in {} rounds", self.cases, self.rounds)?;
        writeln!(
            f,
            "with broker down {}, {} of them killed",
            self.with_broker_down, self.with_broker_killed
        )?;
        writeln!(f, "with a policy    {}", self.with_policy)?;
        writeln!(f, "with cordon      {}", self.with_broker_cordoned)?;
        writeln!(f, "never created    {dropped}: {}", by_name(&self.dropped))?;
        writeln!(f, "unchanged        {}", self.unchanged)?;
        writeln!(f, "refused          {refused}: {}", by_name(&self.refused))?;
        writeln!(f, "safe             {}", self.safe)?;
        writeln!(f, "confirmed        {}", self.confirmed)?;
        writeln!(
            f,
            "lossy            {}, {} of them while a broker was down",
            self.lossy, self.lossy_in_outage
        )?;
        writeln!(f, "left in outage   {}", by_name(&self.left_in_outage))?;
        writeln!(f, "writes in outage {}", self.written_in_outage)?;
        writeln!(f, "too mild         {}", self.too_mild.len())?;
        writeln!(f, "unfinished       {}", self.unfinished.len())?;
        writeln!(
            f,
            "too strict       {strict} of {} lossy, {share} %: {}",
            self.lossy,
            by_name(&self.strict_reasons)
        )?;
        write!(f, "took             {} s", self.took.as_secs())
    }
}
