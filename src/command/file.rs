//! The file of a run: which one, which profile, its warnings.

use std::path::{Path, PathBuf};

use super::address;
use super::{Failure, Shell};
use crate::cli::{ConnectionArgs, FileArgs};
use crate::manifest::{self, Manifest, Problems, Selection};

const DEFAULT_FILE: &str = "topics.yaml";

/// Loads the file or files, and shows its warnings.
pub(super) fn load(arguments: &FileArgs, shell: &mut Shell<'_>) -> Result<Manifest, Failure> {
    let manifest = read(arguments, &selection(arguments), shell).map_err(Failure::Manifest)?;
    if !manifest.warnings.problems.is_empty() {
        shell.message(&manifest.warnings.to_string());
    }
    Ok(manifest)
}

/// The file or files for a profile, as far as they are trusted.
pub(super) fn read(
    arguments: &FileArgs,
    selection: &Selection,
    shell: &Shell<'_>,
) -> Result<Manifest, Problems> {
    if arguments.untrusted_file {
        manifest::load_untrusted(&paths(arguments), selection)
    } else {
        manifest::load(&paths(arguments), selection, shell.environment)
    }
}

/// As [`load`]; with an address at hand, the default file may be missing.
pub(super) fn load_unless_addressed(
    arguments: &FileArgs,
    connection: &ConnectionArgs,
    shell: &mut Shell<'_>,
) -> Result<Option<Manifest>, Failure> {
    // What a properties file says is known later: it may be a pipe, to be read once.
    let addressed = connection.command_config.is_some()
        || address::is_given(connection.bootstrap_server.as_deref(), shell);
    if addressed && !is_there(arguments) {
        return Ok(None);
    }
    load(arguments, shell).map(Some)
}

/// The profile as typed, or as the environment has it.
pub(super) fn selection(arguments: &FileArgs) -> Selection {
    let named = arguments.named_profile().map(str::to_owned);
    named.map_or(Selection::Unspecified, Selection::Named)
}

/// Whether a file was named, or the default one is there.
pub(super) fn is_there(arguments: &FileArgs) -> bool {
    !arguments.file.is_empty() || Path::new(DEFAULT_FILE).exists()
}

/// The files as named, or the default one.
pub(super) fn paths(arguments: &FileArgs) -> Vec<PathBuf> {
    if arguments.file.is_empty() {
        vec![PathBuf::from(DEFAULT_FILE)]
    } else {
        arguments.file.clone()
    }
}
