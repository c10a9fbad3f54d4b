//! Output for people on a terminal.

mod describe;
mod events;
mod monitor;
mod plan;
mod report;
mod validated;

use std::collections::BTreeSet;
use std::io::{self, Write};

use super::events::PublishedEvents;
use super::grants;
use super::style::{Style, TextRole};
use super::words;
use super::wrap::Wrapped;
use super::{Description, Header};
use crate::apply::Report;
use crate::events::{Record, WorkflowTrace};
use crate::manifest::Checked;
use crate::model::RequiredAcl;
use crate::monitor::View;
use crate::plan::gate::Blocked;
use crate::plan::{Drift, Plan};

/// Writes text to one place in one style.
pub struct Text<'a> {
    out: Wrapped<&'a mut dyn Write>,
    style: Style,
}

impl<'a> Text<'a> {
    /// A renderer that writes to `out`.
    pub fn new(out: &'a mut dyn Write, style: Style) -> Self {
        Self {
            out: Wrapped::new(out, None),
            style,
        }
    }

    /// The same on a terminal of so many columns; `None` breaks no line.
    #[must_use]
    pub fn within(mut self, columns: Option<usize>) -> Self {
        self.out.set_columns(columns);
        self
    }

    /// The profile, the cluster and the address.
    pub fn header(&mut self, header: &Header) -> io::Result<()> {
        let profile = header
            .profile
            .as_ref()
            .map(|profile| format!("profile {profile} · "));
        let line = format!(
            "{}cluster {} · {}",
            profile.unwrap_or_default(),
            header.cluster_id,
            header.address
        );
        let line = self.style.paint(TextRole::Faint, line);
        writeln!(self.out, "{line}")?;
        for problem in header.health.problems() {
            let label = self.style.paint(TextRole::Danger, "!");
            writeln!(self.out, "{label} {problem}")?;
        }
        writeln!(self.out)
    }

    /// What apply would do, could not do, and what is worth knowing; then a summary.
    pub fn plan(&mut self, plan: &Plan) -> io::Result<()> {
        plan::write(self, plan)
    }

    /// Only the summary of a plan.
    pub fn summary(&mut self, plan: &Plan) -> io::Result<()> {
        plan::write_summary(self, plan)
    }

    /// Why the gate is shut, and what would open it.
    pub fn blocked(&mut self, blocked: &Blocked) -> io::Result<()> {
        report::write_blocked(self, blocked)
    }

    /// Why a saved plan is not carried out.
    pub fn moved(&mut self, moved: &[Drift]) -> io::Result<()> {
        report::write_moved(self, moved)
    }

    /// What became of every change.
    pub fn report(&mut self, plan: &Plan, report: &Report) -> io::Result<()> {
        report::write(self, plan, report)
    }

    /// What this principal may not do, and how it is allowed; nothing if nothing was missing.
    pub fn missing_acls(&mut self, header: &Header, rights: &BTreeSet<RequiredAcl>) -> io::Result<()> {
        if rights.is_empty() {
            return Ok(());
        }
        write!(self.out, "\n{}", grants::granting(header, rights))
    }

    /// Topics as the cluster shows them.
    pub fn description(&mut self, description: &Description) -> io::Result<()> {
        describe::write(self, description)
    }

    /// A file without errors, and with `no_env` the variables that a run will need.
    pub fn validated(&mut self, checked: &Checked, no_env: bool) -> io::Result<()> {
        validated::write(self, checked, no_env)
    }

    /// One message of a topic, on one line.
    pub fn record(&mut self, record: &Record) -> io::Result<()> {
        events::write_record(self, record)
    }

    /// How many events of a file keep the contract.
    pub fn events_checked(&mut self, checked: crate::events::EventCounts) -> io::Result<()> {
        events::write_checked(self, checked)
    }

    /// What became of events that were to be published.
    pub fn published(&mut self, published: &PublishedEvents) -> io::Result<()> {
        events::write_published(self, published)
    }

    /// The story of one workflow.
    pub fn story(&mut self, story: &WorkflowTrace) -> io::Result<()> {
        events::write_story(self, story)
    }

    /// One look at topics.
    pub fn view(&mut self, view: &View) -> io::Result<()> {
        monitor::write(self, view)
    }

    fn paint(&self, role: TextRole, text: impl std::fmt::Display) -> String {
        self.style.paint(role, text)
    }
}
