//! The file of a run: which one, which profile, its warnings.

use std::path::{Path, PathBuf};

use super::{Failure, Shell};
use crate::cli::FileArgs;
use crate::manifest::{self, Manifest, Selection};

const DEFAULT_FILE: &str = "topics.yaml";

/// Loads the file or files, and shows its warnings.
pub(super) fn load(arguments: &FileArgs, shell: &mut Shell<'_>) -> Result<Manifest, Failure> {
    let selection = Selection { profile: arguments.profile.clone() };
    let manifest =
        manifest::load(&paths(arguments), &selection, shell.environment).map_err(Failure::Manifest)?;
    for warning in &manifest.warnings {
        shell.tell(&warning.to_string());
    }
    Ok(manifest)
}

/// Whether a file was named, or the default one is there.
pub(super) fn is_there(arguments: &FileArgs) -> bool {
    !arguments.file.is_empty() || Path::new(DEFAULT_FILE).exists()
}

/// The files as named, or the default one.
pub(super) fn paths(arguments: &FileArgs) -> Vec<PathBuf> {
    if arguments.file.is_empty() { vec![PathBuf::from(DEFAULT_FILE)] } else { arguments.file.clone() }
}
