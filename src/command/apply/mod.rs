//! `topicctl apply`: makes the cluster match the file.

mod saved;
mod writing;

use std::mem;

use super::connection::{self, Connected, ConnectionSides};
use super::record::{self, RecordFile};
use super::signals::Signals;
use super::{Exit, Failure, Shell, diff, file, prepare, prompt, selection, unmatched};
use crate::admin::Admin;
use crate::apply::{
    self, Applied, AppliedThrottles, ApplyStatus, Ending, Interrupt, Journal, NoJournal, Propagation, Report,
};
use crate::cli::{ApplyArgs, DiffArgs, Output};
use crate::model::{ClusterView, Desired};
use crate::plan::Plan;
use crate::plan::gate::{self, Approved, Blocked, Decision, Permissions};
use crate::render::json::record::RecordOrigin;
use crate::render::{self, Header};
use writing::{OnDrift, Writing, Written};

pub(super) async fn run(arguments: ApplyArgs, shell: &mut Shell<'_>) -> Result<Exit, Failure> {
    if arguments.dry_run {
        return Box::pin(diff::run(&as_diff(arguments), shell)).await;
    }
    if let Some(path) = arguments.plan.clone() {
        return Box::pin(saved::run(&arguments, &path, shell)).await;
    }
    let mut manifest = file::load(&arguments.file, shell)?;
    let desired = mem::take(&mut manifest.desired);
    let mut desired = selection::choose(desired, &arguments.topics, &arguments.prune)?;
    desired.purpose = selection::purpose(arguments.cancel_moves);
    arguments.limits.set(&mut desired);
    let sides = ConnectionSides::read(&arguments.connection, Some(&manifest), shell)?;
    let record = RecordFile::open(&arguments, &sides)?;
    let mut signals = Signals::listen()?;
    let reading = Box::pin(async {
        let (by, manifest) = (&arguments.connection, Some(&manifest));
        let connected = connection::connect_by(sides, None, by, manifest, shell).await?;
        connected.require_controller()?;
        let prepared = prepare::prepare_on(&connected.client, &connected.cluster, &desired, shell).await?;
        Ok((connected, prepared))
    });
    let (
        Connected {
            client,
            cluster,
            mut header,
            ..
        },
        prepared,
    ) = signals.or_interrupted(reading).await?;
    header.note_absent(&prepared.observed);
    let mut run = Run {
        admin: &client,
        cluster: &cluster,
        desired: &desired,
        origin: record::origin(&arguments, &header, shell),
        header,
        arguments: &arguments,
        on_drift: OnDrift::PlanAgain,
        record,
        shell,
    };
    let exit = Box::pin(run.go(prepared.plan, &mut signals)).await?;
    shell.tell_requests(&client.requests());
    Ok(exit)
}

fn as_diff(arguments: ApplyArgs) -> DiffArgs {
    DiffArgs {
        topics: arguments.topics,
        file: arguments.file,
        connection: arguments.connection,
        prune: arguments.prune,
        limits: arguments.limits,
        throttle: arguments.copying.throttle,
        out: None,
        cancel_moves: arguments.cancel_moves,
        output: arguments.output.into(),
    }
}

/// What the gate let through, or how the run ends without it.
enum Gate {
    Open(Approved),
    Idle,
    Shut(Option<Blocked>),
}

struct Run<'a, 's, A> {
    admin: &'a A,
    cluster: &'a ClusterView,
    desired: &'a Desired,
    header: Header,
    arguments: &'a ApplyArgs,
    on_drift: OnDrift,
    origin: RecordOrigin,
    record: Option<RecordFile>,
    shell: &'a mut Shell<'s>,
}

impl<A: Admin> Run<'_, '_, A> {
    async fn go(&mut self, mut plan: Plan, signals: &mut Signals) -> Result<Exit, Failure> {
        plan.throttle = self.arguments.copying.throttle;
        self.show_plan(&plan)?;
        self.tell_unmatched(&plan);
        if let Some(why) = plan.validation_unanswered() {
            return Err(Failure::NotValidated(why.to_owned()));
        }
        let written = match self.pass(&plan, signals).await? {
            Gate::Open(approved) => self.write(plan, approved, signals).await?,
            Gate::Idle => self.tidy(plan).await,
            Gate::Shut(blocked) => return self.refuse(&plan, blocked.as_ref()),
        };
        self.finish(&written)
    }

    /// Text is shown as it becomes known; JSON is one document at the end.
    fn show_plan(&mut self, plan: &Plan) -> Result<(), Failure> {
        if self.arguments.output == Output::Text {
            diff::show(&self.header, plan, None, self.arguments.output.into(), self.shell)?;
            // Whoever is asked, or waits, has to see it first.
            self.shell.out.flush()?;
        }
        Ok(())
    }

    fn tell_unmatched(&mut self, plan: &Plan) {
        let flags = [
            ("--prune", &self.arguments.prune.prune),
            ("--allow-data-loss", &self.arguments.allow_data_loss),
        ];
        for (flag, patterns) in flags {
            unmatched::report_unmatched(flag, patterns, plan, self.shell);
        }
    }

    async fn pass(&mut self, plan: &Plan, signals: &mut Signals) -> Result<Gate, Failure> {
        match gate::judge(plan, &self.permissions()) {
            Decision::NothingToDo => Ok(Gate::Idle),
            Decision::Approved(approved) => Ok(Gate::Open(approved)),
            Decision::Blocked(blocked) => Ok(Gate::Shut(Some(blocked))),
            Decision::Ask(pending) => {
                let question = prompt::question(pending.careful.len(), plan.total_loss());
                let answer = signals.or_interrupted(prompt::ask(&question, self.shell)).await?;
                Ok(if answer {
                    Gate::Open(pending.confirmed())
                } else {
                    Gate::Shut(None)
                })
            }
        }
    }

    fn permissions(&self) -> Permissions {
        Permissions {
            assume_yes: self.arguments.yes,
            may_lose_data: self.arguments.allow_data_loss.clone(),
            skip_blocked: self.arguments.skip_blocked,
            max_deletes: self.arguments.max_deletes,
            can_ask: self.shell.can_ask && self.arguments.output == Output::Text,
        }
    }

    /// The first signal lets what is in flight end; the second does not wait for it.
    async fn write(
        &mut self,
        plan: Plan,
        approved: Approved,
        signals: &mut Signals,
    ) -> Result<Written, Failure> {
        if let Some(record) = &self.record {
            record.begin(&self.header, &self.origin, &approved)?;
        }
        let interrupt = Interrupt::default();
        let writing = Writing {
            admin: self.admin,
            cluster: self.cluster,
            desired: self.desired,
            permissions: Permissions {
                can_ask: false,
                ..self.permissions()
            },
            on_drift: self.on_drift,
            journal: self
                .record
                .as_ref()
                .map_or(&NoJournal as &dyn Journal, |record| record),
            visible_within: self.arguments.visible_timeout,
            waits: !self.arguments.copying.no_wait,
            throttle: self.arguments.copying.throttle,
            shows_progress: self.shell.shows_progress,
        };
        let mut work = std::pin::pin!(writing.run(plan, approved, interrupt.clone()));
        tokio::select! {
            written = &mut work => return Ok(written),
            () = signals.next() => {}
        }
        interrupt.raise();
        self.shell
            .message("Interrupted: finishing what is in flight; once more quits at once.");
        tokio::select! {
            written = &mut work => Ok(written),
            () = signals.next() => Err(Failure::Quit),
        }
    }

    /// Nothing is to be written, but something may be left of an earlier run.
    async fn tidy(&self, plan: Plan) -> Written {
        let mut written = Written::nothing(plan);
        let throttled = written.plan.throttled();
        if !throttled.is_empty() {
            written.throttles =
                apply::clear_throttles(self.admin, &throttled, &AppliedThrottles::default()).await;
        }
        written
    }

    fn refuse(&mut self, plan: &Plan, blocked: Option<&Blocked>) -> Result<Exit, Failure> {
        let report = &Report::default();
        let ending = blocked.map_or(Ending::Ran, Ending::Blocked);
        match (self.arguments.output, blocked) {
            (Output::Text, Some(blocked)) => self.shell.text().blocked(blocked)?,
            (Output::Text, None) => writeln!(self.shell.out, "Declined. Nothing was changed.")?,
            (Output::Json, _) => {
                render::json::report(self.shell.out, &self.header, Applied { plan, report, ending })?;
            }
        }
        Ok(Exit::Blocked)
    }

    fn finish(&mut self, written: &Written) -> Result<Exit, Failure> {
        let Written {
            plan,
            report,
            shown,
            throttles,
            ..
        } = written;
        let ending = match shown {
            Propagation::Everywhere => Ending::Ran,
            Propagation::NotLookedAt => Ending::NotWaited,
            Propagation::CutShort => Ending::CutShort,
        };
        let applied = Applied { plan, report, ending };
        let status = ApplyStatus::of_applied(applied);
        // First, since it has to be true even if nobody reads the output any more.
        let is_recorded = self.close_record(report, status);
        match self.arguments.output {
            Output::Text if report.topics.is_empty() && plan.is_in_sync() => {}
            Output::Text => {
                let mut text = self.shell.text();
                text.report(plan, report)?;
                // What validation lacked was said with the plan.
                let news = &report.missing_acls() - &plan.missing_acls();
                text.missing_acls(&self.header, &news)?;
            }
            Output::Json => render::json::report(self.shell.out, &self.header, applied)?,
        }
        if *shown == Propagation::NotLookedAt {
            self.shell.message(NOT_WAITED);
            if self.arguments.copying.throttle.is_some() {
                self.shell.message(THROTTLE_STAYS);
            }
        }
        if *shown == Propagation::CutShort {
            self.shell
                .tell_error("interrupted before every broker was seen to show the changes");
        }
        for left in &throttles.left {
            self.shell.message(left);
        }
        for failed in &throttles.failed {
            self.shell.tell_error(failed);
        }
        let is_whole = is_recorded && throttles.failed.is_empty();
        Ok(if is_whole { exit(status) } else { Exit::Failed })
    }

    /// What was done and is not in the record is a failure, since somebody counts on it.
    fn close_record(&mut self, report: &Report, status: ApplyStatus) -> bool {
        let begun = self.record.as_ref().filter(|_| !report.topics.is_empty());
        match begun.map(|record| record.close(report, status)) {
            Some(Err(error)) => {
                self.shell.tell_error(&error);
                false
            }
            Some(Ok(())) | None => true,
        }
    }
}

const NOT_WAITED: &str = "Accepted, and not waited for. The same apply without --no-wait follows what is under way, \
                          and sends nothing twice.";

const THROTTLE_STAYS: &str = "The throttle stays until an apply finds the replicas copied.";

fn exit(status: ApplyStatus) -> Exit {
    match status {
        ApplyStatus::InSync | ApplyStatus::Done | ApplyStatus::Accepted => Exit::Done,
        ApplyStatus::Skipped | ApplyStatus::Blocked => Exit::Blocked,
        ApplyStatus::Failed | ApplyStatus::Interrupted => Exit::Failed,
    }
}

#[cfg(test)]
mod tests;
