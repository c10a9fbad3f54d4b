//! Saved plans as files: written once and whole, readable by their owner only.

use std::fs;
use std::io::Write;
use std::path::Path;

use super::prepare::Prepared;
use super::{Failure, Shell, file};
use crate::cli::{ApplyArgs, DiffArgs, FileArgs};
use crate::manifest::{self, Manifest, Selection};
use crate::model::{Desired, Printable, printable};
use crate::render::Header;
use crate::saved::{self, Made, SavedPlan, SourceFile};

/// Writes the plan to the file that `--out` names, if it names one. `files`: what it was made from, see
/// [`sources`].
pub(super) fn save(
    arguments: &DiffArgs,
    header: &Header,
    files: Vec<SourceFile>,
    desired: &Desired,
    prepared: &Prepared,
) -> Result<(), Failure> {
    let Some(path) = &arguments.out else {
        return Ok(());
    };
    let made = Made {
        topicctl: env!("CARGO_PKG_VERSION").to_owned(),
        profile: header.profile.as_ref().map(ToString::to_string),
        cluster_id: header.cluster_id.to_string(),
        address: header.address.to_string(),
        files,
        arguments: arguments.topics.clone(),
        prune: arguments.prune.prune.iter().map(ToString::to_string).collect(),
    };
    let text = saved::save(made, desired, &prepared.observed, &prepared.plan)
        .map_err(|unsavable| Failure::Usage(unsavable.to_string()))?;
    write_whole(path, &text).map_err(|error| {
        Failure::Usage(format!(
            "the plan cannot be written to {}: {error}",
            Printable::path(path)
        ))
    })
}

/// A reader sees the old file or the new one and never half of either. Nobody else may read it: a plan
/// tells what a cluster holds.
fn write_whole(path: &Path, text: &str) -> std::io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let mut file = tempfile::NamedTempFile::new_in(folder.unwrap_or(Path::new(".")))?;
    file.write_all(text.as_bytes())?;
    file.as_file().sync_all()?;
    file.persist(path)?;
    Ok(())
}

/// The files of a plan as they are now: to be taken before a cluster is asked, which can take minutes in
/// which somebody goes on editing.
pub(super) fn sources(arguments: &FileArgs) -> Vec<SourceFile> {
    let files = manifest::files(&file::paths(arguments));
    let source = |file: manifest::ManifestFile| SourceFile {
        path: file.name.to_string(),
        sha256: saved::sha256(&file.bytes),
    };
    files.into_iter().map(source).collect()
}

/// Reads the file that `--plan` names.
pub(super) fn read(path: &Path) -> Result<SavedPlan, Failure> {
    let text = fs::read_to_string(path).map_err(|error| {
        Failure::Usage(format!(
            "the plan {} cannot be read: {error}",
            Printable::path(path)
        ))
    })?;
    let wrong = |unusable: saved::Unusable| {
        let why = unusable.to_string();
        Failure::Usage(format!("{}: {}", Printable::path(path), printable(&why)))
    };
    saved::read(&text).map_err(wrong)
}

/// The manifest, for the connection alone. It may be missing: an address is enough for a cluster that
/// asks for no more. Its topics are not looked at.
pub(super) fn manifest(
    arguments: &ApplyArgs,
    saved: &SavedPlan,
    shell: &mut Shell<'_>,
) -> Result<Option<Manifest>, Failure> {
    check_profile(arguments, saved)?;
    if !file::is_there(&arguments.file) {
        return Ok(None);
    }
    let selection = saved
        .profile
        .clone()
        .map_or(Selection::Unspecified, Selection::Named);
    file::read(&arguments.file, &selection, shell)
        .map(Some)
        .map_err(Failure::Manifest)
}

fn check_profile(arguments: &ApplyArgs, saved: &SavedPlan) -> Result<(), Failure> {
    let Some(asked) = &arguments.file.profile else {
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
