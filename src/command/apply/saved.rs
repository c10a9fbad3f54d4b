//! `topicctl apply --plan`: carries out a saved plan, exactly it, or nothing.

use std::path::Path;

use super::super::connection::{self, Connected, ConnectionSides};
use super::super::prepare;
use super::super::record::{self, RecordFile};
use super::super::signals::Signals;
use super::super::{Exit, Failure, Shell, plan_file};
use super::{OnDrift, Run};
use crate::admin::Admin;
use crate::apply::{Applied, Ending, Report};
use crate::cli::{ApplyArgs, Output};
use crate::model::{ClusterView, printable};
use crate::plan::{Drift, Plan, Refusal};
use crate::prepare::Prepared;
use crate::render;
use crate::saved::SavedPlan;

pub(super) async fn run(arguments: &ApplyArgs, path: &Path, shell: &mut Shell<'_>) -> Result<Exit, Failure> {
    let mut saved = plan_file::read(path, arguments.plan_digest.as_deref())?;
    arguments.limits.set(&mut saved.desired);
    if !saved.blocked.is_empty() {
        shell.tell_error(&blocked(&saved));
        return Ok(Exit::Blocked);
    }
    let manifest = plan_file::manifest(arguments, &mut saved, shell)?;
    let sides = ConnectionSides::read(&arguments.connection, manifest.as_ref(), shell)?;
    let record = RecordFile::open(arguments, &sides)?;
    let mut signals = Signals::listen()?;
    let reading = Box::pin(async {
        let (by, address) = (&arguments.connection, Some(&*saved.address));
        let connected = connection::connect_by(sides, address, by, manifest.as_ref(), shell).await?;
        check_cluster(&saved, &connected.cluster)?;
        connected.require_controller()?;
        let prepared =
            prepare::prepare_on(&connected.client, &connected.cluster, &saved.desired, shell).await?;
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
    let Prepared { plan, observed } = prepared;
    header.note_absent(&observed);
    let moved = saved.moved(&observed, &plan);
    if header.profile.is_none() {
        header.profile = saved.profile.as_deref().map(Into::into);
    }
    // Whoever did it, and whatever the plan rested on.
    let is_done = saved.has_changes() && plan.is_in_sync();
    if is_done {
        shell.message("The plan is carried out already.");
    }
    let mut run = Run {
        admin: &client,
        cluster: &cluster,
        desired: &saved.desired,
        origin: record::origin(arguments, &header, shell),
        header,
        arguments,
        on_drift: OnDrift::Leave,
        record,
        shell,
    };
    let exit = if moved.is_empty() || is_done || is_forbidden(&plan) {
        Box::pin(run.go(plan, &mut signals)).await?
    } else {
        run.refuse_moved(&plan, &moved)?
    };
    shell.tell_requests(&client.requests());
    Ok(exit)
}

/// What the manifest forbids is said first: a new plan would not be allowed either.
fn is_forbidden(plan: &Plan) -> bool {
    let mut refusals = plan.topics.values().flat_map(|topic| &topic.refusals);
    refusals.any(|refusal| matches!(refusal, Refusal::BreaksPolicy(_) | Refusal::Protected { .. }))
}

fn blocked(saved: &SavedPlan) -> String {
    format!(
        "nothing was changed: when the plan was made, these topics were blocked or could not be read, so it is for \
         reading only: {}\nMake a new plan without them.",
        printable(&saved.blocked.join(", "))
    )
}

fn check_cluster(saved: &SavedPlan, cluster: &ClusterView) -> Result<(), Failure> {
    if *saved.cluster_id == *cluster.id {
        return Ok(());
    }
    Err(Failure::Usage(format!(
        "the plan is for cluster {} (then at {}), and this is cluster {}; nothing was read or changed",
        printable(&saved.cluster_id),
        printable(&saved.address),
        cluster.id
    )))
}

impl<A: Admin> Run<'_, '_, A> {
    fn refuse_moved(&mut self, plan: &Plan, moved: &[Drift]) -> Result<Exit, Failure> {
        match self.arguments.output {
            Output::Text => {
                let mut text = self.shell.text();
                text.header(&self.header)?;
                text.moved(moved)?;
                // A topic that may not be read any more looks as if it had moved.
                text.missing_acls(&self.header, &plan.missing_acls())?;
            }
            Output::Json => {
                let report = &Report::default();
                let ending = Ending::Moved(moved);
                render::json::report(self.shell.out, &self.header, Applied { plan, report, ending })?;
            }
        }
        Ok(Exit::Blocked)
    }
}
