//! Saved plans as files: written once and whole, readable by their owner only.

use std::io;
use std::mem;
use std::path::Path;

use super::connection::ConnectionSides;
use super::output_file::{Inputs, check_replaceable, replace};
use super::{Failure, Shell, file};
use crate::bounded_read::{Accept, read_bounded};
use crate::cli::{ApplyArgs, DiffArgs};
use crate::manifest::{self, Manifest, Selection};
use crate::model::{Desired, Printable, printable, sha256};
use crate::plan::{Plan, gate};
use crate::prepare::Prepared;
use crate::render::Header;
use crate::saved::{self, Made, SavedPlan, SourceFile};

/// Whether the file that `--out` names can be written, before a cluster is asked.
pub(super) fn check_out(arguments: &DiffArgs, inputs: &Inputs) -> Result<(), Failure> {
    match &arguments.out {
        Some(path) => check_replaceable(path, inputs).map_err(|error| not_written(path, &error)),
        None => Ok(()),
    }
}

/// What this run reads.
pub(super) fn inputs(arguments: &DiffArgs, sides: &ConnectionSides) -> Inputs {
    Inputs::new(&arguments.file, &arguments.connection, None, sides)
}

fn not_written(path: &Path, error: &io::Error) -> Failure {
    Failure::Usage(format!(
        "the plan cannot be written to {}: {error}",
        Printable::path(path)
    ))
}

/// Writes the plan to the file that `--out` names, if it names one. Gives the SHA-256 of the file.
pub(super) fn save(
    arguments: &DiffArgs,
    inputs: &Inputs,
    header: &Header,
    manifest: &Manifest,
    desired: &Desired,
    prepared: &Prepared,
) -> Result<Option<String>, Failure> {
    let Some(path) = &arguments.out else {
        return Ok(None);
    };
    let source = |file: &manifest::FileDigest| SourceFile {
        path: file.name.to_string(),
        sha256: file.sha256.clone(),
    };
    let made = Made {
        topicctl: env!("CARGO_PKG_VERSION").to_owned(),
        profile: header.profile.as_ref().map(ToString::to_string),
        cluster_id: header.cluster_id.to_string(),
        address: header.address.to_string(),
        files: manifest.files.iter().map(source).collect(),
        arguments: arguments.topics.clone(),
        prune: arguments.prune.prune.iter().map(ToString::to_string).collect(),
    };
    let text = saved::save(made, desired, &prepared.observed, &prepared.plan)
        .map_err(|unsavable| Failure::Usage(unsavable.to_string()))?;
    replace(path, &text, inputs).map_err(|error| not_written(path, &error))?;
    Ok(Some(sha256(text.as_bytes())))
}

/// The flags that bring the manifest along, where it says how to log in or what is forbidden.
pub(super) fn flags_to_apply(arguments: &DiffArgs, manifest: &Manifest) -> String {
    if manifest.client.is_empty() && manifest.bootstrap.is_none() && manifest.desired.policy.is_empty() {
        return String::new();
    }
    let files = file::paths(&arguments.file);
    let files = files
        .iter()
        .map(|path| format!("--file {}", Printable::path(path)));
    let profile = manifest
        .profile
        .iter()
        .map(|profile| format!("--profile {profile}"));
    let flags: Vec<String> = files.chain(profile).collect();
    format!(" {}", flags.join(" "))
}

/// Which file, profile and cluster, as they were given to this run.
fn flags_as_given(arguments: &DiffArgs) -> String {
    let path = |flag: &str, path: &Path| format!(" --{flag} {}", Printable::path(path));
    let files = arguments.file.file.iter().map(|file| path("file", file));
    let profile = arguments.file.named_profile();
    let profile = profile.map(|name| format!(" --profile {}", printable(name)));
    let address = arguments.connection.bootstrap_server.as_deref();
    let address = address.map(|address| format!(" --bootstrap-server {}", printable(address)));
    let properties = arguments.connection.command_config.as_deref();
    let properties = properties.map(|file| path("command-config", file));
    files.chain(profile).chain(address).chain(properties).collect()
}

/// So many topics are named one by one.
const NAMED_TOPICS: usize = 5;

/// The command that makes all changes of the plan that can be made; `None` for a plan of less or more than the file,
/// since a command that leaves out what was selected would change other topics.
pub(super) fn apply_command(arguments: &DiffArgs, plan: &Plan) -> Option<String> {
    let selects = !arguments.topics.is_empty() || !arguments.prune.prune.is_empty() || arguments.cancel_moves;
    if !plan.has_changes() || selects || arguments.file.untrusted_file {
        return None;
    }
    let mut command = format!("topicctl apply{}", flags_as_given(arguments));
    let missing = gate::missing_permissions(plan);
    if !missing.needs_yes.is_empty() {
        command.push_str(" --yes");
    }
    match missing.needs_data_loss.len() {
        0 => {}
        1..=NAMED_TOPICS => {
            let flags = missing.needs_data_loss.iter();
            command.extend(flags.map(|name| format!(" --allow-data-loss {name}")));
        }
        _ => command.push_str(" --allow-data-loss PATTERN"),
    }
    if let Some(deletes) = &missing.too_many_deletes {
        command.push_str(" --max-deletes ");
        command.push_str(&deletes.topics.len().to_string());
    }
    if plan.has_refusals() {
        command.push_str(" --skip-blocked");
    }
    Some(command)
}

/// More than enough for the plan of a hundred thousand topics.
const PLAN_MAX: usize = 256 << 20;

/// Reads the file that `--plan` names, and makes sure that it is the one with this SHA-256.
pub(super) fn read(path: &Path, digest: Option<&str>) -> Result<SavedPlan, Failure> {
    let bytes = read_bounded(path, Accept::RegularFile, PLAN_MAX).map_err(|error| {
        Failure::Usage(format!(
            "the plan {} cannot be read: {error}",
            Printable::path(path)
        ))
    })?;
    let found = sha256(&bytes);
    if digest.is_some_and(|digest| !digest.eq_ignore_ascii_case(&found)) {
        return Err(Failure::Usage(format!(
            "{} is not the plan that --plan-digest names; nothing was read or changed\nIts SHA-256 is {found}.",
            Printable::path(path)
        )));
    }
    let wrong = |why: String| Failure::Usage(format!("{}: {}", Printable::path(path), printable(&why)));
    let text =
        String::from_utf8(bytes).map_err(|_| wrong("this is no saved plan: it is no UTF-8".to_owned()))?;
    saved::read(&text).map_err(|unusable| wrong(unusable.to_string()))
}

/// The manifest, where `--file` names one; one that only lies there is not read. The plan is held to its policy and
/// to what it protects; what else it wants of topics is not looked at.
pub(super) fn manifest(
    arguments: &ApplyArgs,
    saved: &mut SavedPlan,
    shell: &mut Shell<'_>,
) -> Result<Option<Manifest>, Failure> {
    check_profile(arguments, saved)?;
    if arguments.file.file.is_empty() {
        return Ok(None);
    }
    let selection = saved
        .profile
        .clone()
        .map_or(Selection::Unspecified, Selection::Named);
    let mut manifest = file::read(&arguments.file, &selection, shell).map_err(Failure::Manifest)?;
    let named = saved.hold_to(mem::take(&mut manifest.desired));
    if named.is_empty() {
        return Ok(Some(manifest));
    }
    let named: Vec<String> = named.iter().map(ToString::to_string).collect();
    Err(Failure::Usage(format!(
        "the plan deletes topics as not in the file, and the file names them: {}; nothing was changed",
        named.join(", ")
    )))
}

fn check_profile(arguments: &ApplyArgs, saved: &SavedPlan) -> Result<(), Failure> {
    let Some(asked) = arguments.file.named_profile() else {
        return Ok(());
    };
    let shown = printable(asked);
    match &saved.profile {
        Some(profile) if profile == asked => Ok(()),
        Some(profile) => Err(Failure::Usage(format!(
            "the plan was made for profile {}, and this run is for profile {shown}; nothing was changed",
            printable(profile)
        ))),
        None => Err(Failure::Usage(format!(
            "the plan was made without a profile, and this run is for profile {shown}; nothing was changed"
        ))),
    }
}
