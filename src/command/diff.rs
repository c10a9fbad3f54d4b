//! `topicctl diff`: what apply would do, and by the exit code whether there is anything.

use std::mem;
use std::path::Path;

use super::connection::{self, Connected, ConnectionSides};
use super::signals::Signals;
use super::{Exit, Failure, Shell, file, plan_file, prepare, selection, unmatched};
use crate::admin::Admin;
use crate::cli::{DiffArgs, DiffOutput};
use crate::manifest::Problems;
use crate::model::Printable;
use crate::plan::{Plan, PlanStatus};
use crate::render::{self, Header};

pub(super) async fn run(arguments: &DiffArgs, shell: &mut Shell<'_>) -> Result<Exit, Failure> {
    let loaded = file::load(&arguments.file, shell);
    if let Err(Failure::Manifest(problems)) = &loaded {
        show_problems(problems, arguments.output, shell)?;
    }
    let mut manifest = loaded?;
    let desired = mem::take(&mut manifest.desired);
    let mut desired = selection::choose(desired, &arguments.topics, &arguments.prune)?;
    desired.purpose = selection::purpose(arguments.cancel_moves);
    arguments.limits.set(&mut desired);
    let sides = ConnectionSides::read(&arguments.connection, Some(&manifest), shell)?;
    let inputs = plan_file::inputs(arguments, &sides);
    plan_file::check_out(arguments, &inputs)?;
    let mut signals = Signals::listen()?;
    let reading = Box::pin(async {
        let (by, manifest) = (&arguments.connection, Some(&manifest));
        let connected = connection::connect_by(sides, None, by, manifest, shell).await?;
        connected.require_controller()?;
        let prepared = prepare::prepare_on(&connected.client, &connected.cluster, &desired, shell).await?;
        Ok((connected, prepared))
    });
    let (connected, mut prepared) = signals.or_interrupted(reading).await?;
    let Connected {
        client, mut header, ..
    } = connected;
    header.note_absent(&prepared.observed);
    prepared.plan.throttle = arguments.throttle;
    let digest = plan_file::save(arguments, &inputs, &header, &manifest, &desired, &prepared)?;
    let apply = plan_file::apply_command(arguments, &prepared.plan);
    show(&header, &prepared.plan, apply.as_deref(), arguments.output, shell)?;
    unmatched::report_unmatched("--prune", &arguments.prune.prune, &prepared.plan, shell);
    shell.tell_requests(&client.requests());
    if let Some((path, digest)) = arguments.out.as_ref().zip(digest) {
        let with = plan_file::flags_to_apply(arguments, &manifest);
        shell.message(&saved(path, &with, &digest, &prepared.plan));
    }
    Ok(exit(&prepared.plan))
}

pub(super) fn show(
    header: &Header,
    plan: &Plan,
    apply: Option<&str>,
    output: DiffOutput,
    shell: &mut Shell<'_>,
) -> Result<(), Failure> {
    match output {
        DiffOutput::Text => {
            let mut text = shell.text();
            text.header(header)?;
            text.plan(plan)?;
            text.missing_acls(header, &plan.missing_acls())?;
        }
        DiffOutput::Json => render::json::plan(shell.out, header, plan)?,
        DiffOutput::Markdown => render::markdown::plan(shell.out, header, plan, apply)?,
        DiffOutput::Github => render::github::plan(shell.out, plan)?,
    }
    Ok(())
}

/// Whoever reads the plan gets the problems in its place: an empty document would say that all is well.
fn show_problems(problems: &Problems, output: DiffOutput, shell: &mut Shell<'_>) -> Result<(), Failure> {
    match output {
        DiffOutput::Text => {}
        DiffOutput::Json => render::json::validation(shell.out, Err(problems))?,
        DiffOutput::Markdown => render::markdown::validation(shell.out, Err(problems))?,
        DiffOutput::Github => render::github::problems(shell.out, problems)?,
    }
    Ok(())
}

/// What the saved plan is good for.
fn saved(path: &Path, with: &str, digest: &str, plan: &Plan) -> String {
    let path = Printable::path(path);
    match PlanStatus::of_plan(plan) {
        PlanStatus::InSync | PlanStatus::Changes => {
            format!(
                "Saved. `topicctl apply --plan {path}{with}` carries out exactly this plan.\n\
                 Its SHA-256, for --plan-digest: {digest}"
            )
        }
        PlanStatus::Blocked | PlanStatus::Unreadable => format!(
            "Saved to {path}, for reading only: not all of it can be done, and `topicctl apply --plan` carries out \
             a plan as a whole or not at all."
        ),
    }
}

fn exit(plan: &Plan) -> Exit {
    match PlanStatus::of_plan(plan) {
        PlanStatus::InSync => Exit::Done,
        PlanStatus::Changes => Exit::Pending,
        PlanStatus::Blocked => Exit::Blocked,
        PlanStatus::Unreadable => Exit::Failed,
    }
}
