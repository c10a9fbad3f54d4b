//! A manifest: YAML text to desired state, with the origin of every value, and every problem of every
//! file at once.
//!
//! In the order of the work: `source` reads files and folders, `text` decodes them, `compose` builds a tree
//! that knows its places, `document` and `topic` read the tree through a `reader` that puts in the
//! environment (`expand`), `layers` combines what they found, `catalogue` names the topics and compares them;
//! `load` is that order. What is wrong becomes a [`Problem`] at any step, and `quote` decides which text
//! of the file may be repeated in it. `write` goes the other way: topics of a cluster become a file.
//!
//! The command line, the choice of an address and the properties file of a Java client belong to others;
//! whether the cluster can do what the manifest wants belongs to the plan.

mod borrow;
mod catalogue;
mod compose;
mod config;
mod connection;
mod context;
mod document;
mod expand;
mod fields;
mod layers;
mod load;
mod node;
mod other_profiles;
mod policy;
mod position;
mod problem;
mod quote;
mod reader;
mod report;
mod schema;
mod secret;
mod settings;
mod source;
mod statement;
mod syntax;
mod text;
mod topic;
mod write;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use catalogue::ReadPurpose;
use expand::VariableSource;
use load::load_manifest;

pub use expand::Variable;
pub use problem::{Excerpt, Location, Problem, Problems, Related, Severity, Withheld};
pub use schema::schema;
pub use source::{FILE_MAX, ManifestFile};
pub use write::{Gap, ToWrite, WrittenManifest, write};

use crate::model::{ClientProperty, Declared, Desired, Place};

/// The profile of those who name none.
pub const DEFAULT_PROFILE: &str = "dev";

/// Which profile is meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Selection {
    /// Nobody said: [`DEFAULT_PROFILE`] if the manifest has profiles, otherwise none.
    Unspecified,
    /// This one.
    Named(String),
}

/// What the files declare for one profile.
#[derive(Debug, Clone)]
pub struct Manifest {
    /// The topics.
    pub desired: Desired,
    /// The profile; `None` if the manifest has none.
    pub profile: Option<Arc<str>>,
    /// The profile's address: `host:port`, several separated by commas.
    pub bootstrap: Option<Declared<Arc<str>>>,
    /// Client properties by the names the file uses, `defaults` and profile merged.
    pub client: BTreeMap<Arc<str>, Declared<ClientProperty>>,
    /// The id that the cluster must have.
    pub cluster_id: Option<Declared<Arc<str>>>,
    /// Where a file that is not trusted says how to connect, which is not used.
    pub unused_connection: Vec<Place>,
    /// The files as they were read.
    pub files: Vec<FileDigest>,
    /// What does not stop the run.
    pub warnings: Problems,
}

/// A file of a manifest that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileDigest {
    /// As the user named it.
    pub name: Arc<str>,
    /// The [`sha256`](crate::model::sha256) of its bytes.
    pub sha256: String,
}

/// What can be said of a manifest without the environment.
#[derive(Debug, Clone)]
pub struct Checked {
    /// The profile; `None` if the manifest has none.
    pub profile: Option<Arc<str>>,
    /// How many topics there are whose names are known.
    pub topics: usize,
    /// The variables that the profile and the topics read.
    pub variables: Vec<Variable>,
    /// What does not stop the run.
    pub warnings: Problems,
}

/// The files behind paths as users name them, a folder's in order.
pub fn paths(sources: &[PathBuf]) -> Vec<PathBuf> {
    sources
        .iter()
        .flat_map(|path| source::list_or_itself(path))
        .collect()
}

/// Reads files and folders. `environment` is asked for variables. In what is not UTF-8 it puts
/// [`char::REPLACEMENT_CHARACTER`], as `OsStr::to_string_lossy` does, and the variable is refused where it is read.
///
/// # Errors
/// Every problem of every file, warnings included, if at least one is an error.
pub fn load(
    sources: &[PathBuf],
    selection: &Selection,
    environment: &dyn Fn(&str) -> Option<String>,
) -> Result<Manifest, Problems> {
    let (files, unreadable) = source::read(sources);
    finished(load_manifest(
        files,
        unreadable,
        selection,
        VariableSource::Environment(environment),
        ReadPurpose::Run,
    ))
    .map(|(manifest, _)| manifest)
}

/// As [`load`], for files of somebody who is not trusted: no variable is read, and what they say of the connection is
/// checked and not used.
///
/// # Errors
/// As [`load`]; a variable without a default as well.
pub fn load_untrusted(sources: &[PathBuf], selection: &Selection) -> Result<Manifest, Problems> {
    let (files, unreadable) = source::read(sources);
    finished(load_manifest(
        files,
        unreadable,
        selection,
        VariableSource::Untrusted,
        ReadPurpose::Run,
    ))
    .map(|(manifest, _)| manifest)
}

/// As [`check`], for files of somebody who is not trusted; see [`load_untrusted`].
///
/// # Errors
/// As [`load_untrusted`].
pub fn check_untrusted(sources: &[PathBuf], selection: &Selection) -> Result<Checked, Problems> {
    let (files, unreadable) = source::read(sources);
    finished(load_manifest(
        files,
        unreadable,
        selection,
        VariableSource::Untrusted,
        ReadPurpose::Check,
    ))
    .map(checked)
}

/// As [`load`], for files that were read already.
pub fn load_files(
    files: Vec<ManifestFile>,
    selection: &Selection,
    environment: &dyn Fn(&str) -> Option<String>,
) -> Result<Manifest, Problems> {
    finished(load_manifest(
        files,
        Vec::new(),
        selection,
        VariableSource::Environment(environment),
        ReadPurpose::Run,
    ))
    .map(|(manifest, _)| manifest)
}

/// Checks everything that needs no variable, and says which variables are read (`validate --no-env`).
/// Values that wait for one are not checked.
///
/// # Errors
/// As [`load`].
pub fn check_without_environment(sources: &[PathBuf], selection: &Selection) -> Result<Checked, Problems> {
    let (files, unreadable) = source::read(sources);
    finished(load_manifest(
        files,
        unreadable,
        selection,
        VariableSource::Defaults,
        ReadPurpose::Check,
    ))
    .map(checked)
}

/// Checks everything, with the environment, and says the same of it as [`check_without_environment`].
///
/// # Errors
/// As [`load`].
pub fn check(
    sources: &[PathBuf],
    selection: &Selection,
    environment: &dyn Fn(&str) -> Option<String>,
) -> Result<Checked, Problems> {
    let (files, unreadable) = source::read(sources);
    finished(load_manifest(
        files,
        unreadable,
        selection,
        VariableSource::Environment(environment),
        ReadPurpose::Check,
    ))
    .map(checked)
}

/// As [`check_without_environment`], for files that were read already.
pub fn check_files_without_environment(
    files: Vec<ManifestFile>,
    selection: &Selection,
) -> Result<Checked, Problems> {
    finished(load_manifest(
        files,
        Vec::new(),
        selection,
        VariableSource::Defaults,
        ReadPurpose::Check,
    ))
    .map(checked)
}

fn checked((manifest, variables): (Manifest, Vec<Variable>)) -> Checked {
    Checked {
        profile: manifest.profile,
        topics: manifest.desired.topics.len(),
        variables,
        warnings: manifest.warnings,
    }
}

fn finished(understood: (Manifest, Vec<Variable>)) -> Result<(Manifest, Vec<Variable>), Problems> {
    if understood.0.warnings.has_errors() {
        Err(understood.0.warnings)
    } else {
        Ok(understood)
    }
}
