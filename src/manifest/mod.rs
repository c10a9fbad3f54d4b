//! A manifest: YAML text to desired state, with the origin of every value, and every problem of every
//! file at once.
//!
//! In the order of the work: [`source`] reads files and folders, [`text`] decodes them, [`compose`] builds
//! a tree that knows its places, [`document`] and [`topic`] read the tree through a [`reader`] that puts
//! in the environment ([`expand`]), [`layers`] combines what they found, [`catalogue`] names the topics and
//! compares them. What is wrong becomes a [`Problem`] at any step, and [`quote`] decides which text
//! of the file may be repeated in it.
//!
//! The command line, the choice of an address and the properties file of a Java client belong to others;
//! whether the cluster can do what the manifest wants belongs to the plan.

mod address;
mod catalogue;
mod compose;
mod config;
mod document;
mod expand;
mod fields;
mod layers;
mod node;
mod problem;
mod quote;
mod reader;
mod report;
mod settings;
mod source;
mod statement;
mod syntax;
mod text;
mod topic;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use catalogue::Catalogue;
use compose::{Composed, compose};
use document::Common;
use expand::{Source, Variables};
use node::{Content, Entry};
use quote::Parsed;
use reader::{Context, Field, Reader};
use statement::Statement;
use text::Text;
use topic::Profiles;

pub use expand::Variable;
pub use problem::{Excerpt, Location, Problem, Problems, Related, Severity, Withheld};
pub use source::ManifestFile;
pub use text::FILE_MAX;

use crate::model::{Declared, Desired, Layer, Secret};

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
    pub client: BTreeMap<Arc<str>, Declared<Secret>>,
    /// The id that the cluster must have.
    pub cluster_id: Option<Declared<Arc<str>>>,
    /// What does not stop the run.
    pub warnings: Problems,
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

/// Reads files and folders. `environment` is asked for variables; the process's own is
/// `|name| std::env::var(name).ok()`.
///
/// # Errors
/// Every problem of every file, warnings included, if at least one is an error.
pub fn load(
    sources: &[PathBuf],
    selection: &Selection,
    environment: &dyn Fn(&str) -> Option<String>,
) -> Result<Manifest, Problems> {
    let (files, unreadable) = source::read(sources);
    finished(understand(
        files,
        unreadable,
        selection,
        Source::Environment(environment),
    ))
    .map(|(manifest, _)| manifest)
}

/// As [`load`], for files that were read already.
pub fn load_files(
    files: Vec<ManifestFile>,
    selection: &Selection,
    environment: &dyn Fn(&str) -> Option<String>,
) -> Result<Manifest, Problems> {
    finished(understand(
        files,
        Vec::new(),
        selection,
        Source::Environment(environment),
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
    finished(understand(files, unreadable, selection, Source::Defaults)).map(checked)
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
    finished(understand(
        files,
        unreadable,
        selection,
        Source::Environment(environment),
    ))
    .map(checked)
}

/// As [`check_without_environment`], for files that were read already.
pub fn check_files_without_environment(
    files: Vec<ManifestFile>,
    selection: &Selection,
) -> Result<Checked, Problems> {
    finished(understand(files, Vec::new(), selection, Source::Defaults)).map(checked)
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

/// Reads everything there is to read, and puts all problems among the manifest's warnings.
fn understand(
    files: Vec<ManifestFile>,
    unreadable: Vec<Problem>,
    selection: &Selection,
    source: Source<'_>,
) -> (Manifest, Vec<Variable>) {
    let mut context = Context::new(Variables::new(source));
    let mut complete = unreadable.is_empty();
    unreadable
        .into_iter()
        .for_each(|problem| context.report.add(problem));
    let mut texts = Vec::with_capacity(files.len());
    for file in files {
        match Text::decode(file) {
            Ok(text) => texts.push(text),
            Err(problem) => {
                complete = false;
                context.report.add(problem);
            }
        }
    }
    let files: Vec<Parsed<'_>> = texts.iter().map(|text| parse(text, &mut context)).collect();
    complete &= files.iter().all(|file| file.root.is_some());

    let chosen = match selection {
        Selection::Unspecified => DEFAULT_PROFILE,
        Selection::Named(name) => name,
    };
    let mut common = Common::default();
    let mut topics: Vec<(usize, Entry<'_>)> = Vec::new();
    for (index, file) in files.iter().enumerate() {
        let Some(root) = &file.root else { continue };
        let found = Reader::new(file, &mut context).document(root, chosen, &mut common);
        topics.extend(found.map(|topics| (index, topics)));
    }
    if complete {
        check_choice(selection, chosen, &common, &files, &mut context);
    }
    let desired = read_topics(&files, &topics, &common, chosen, complete, &mut context);
    let profile = common.profiles.contains_key(chosen).then(|| Arc::from(chosen));
    let variables = context.variables.into_read();
    let warnings = context.report.finish(&files);
    (manifest(common, desired, profile, warnings), variables)
}

fn parse<'t>(text: &'t Text, context: &mut Context<'_>) -> Parsed<'t> {
    let Composed { root, flaws, fatal } = compose(text.content());
    let nothing = matches!(
        root.as_ref().map(|root| &root.content),
        None | Some(Content::Null)
    );
    let file = Parsed::new(text, root.filter(|_| !nothing));
    for flaw in &flaws {
        context.report.add(syntax::flaw(&file, flaw));
    }
    match fatal {
        Some(fatal) => context.report.add(syntax::fatal(&file, &fatal)),
        None if nothing => context.report.add(syntax::empty(&file)),
        None => {}
    }
    file
}

/// Whether the profile that is meant is there.
fn check_choice(
    selection: &Selection,
    chosen: &str,
    common: &Common,
    files: &[Parsed<'_>],
    context: &mut Context<'_>,
) {
    let none_needed = *selection == Selection::Unspecified && common.profiles.is_empty();
    if none_needed || common.profiles.contains_key(chosen) {
        return;
    }
    let Some(first) = files.first() else { return };
    let location = common.profiles.values().min().map_or_else(
        || Location::File(Arc::clone(&first.text.name)),
        |place| Location::File(Arc::clone(&place.file)),
    );
    let default = if *selection == Selection::Unspecified {
        ", the one that is used when none is named"
    } else {
        ""
    };
    let message = format!("there is no profile `{chosen}`{default}");
    let there_are = document::those_there_are(&common.profiles);
    context
        .report
        .add(Problem::error(location, message).suggest(format!("{there_are}; choose with `--profile`")));
}

fn read_topics<'t>(
    files: &[Parsed<'t>],
    topics: &[(usize, Entry<'t>)],
    common: &Common,
    chosen: &str,
    complete: bool,
    context: &mut Context<'_>,
) -> Desired {
    let profiles = Profiles {
        chosen,
        all: complete.then_some(&common.profiles),
    };
    let mut catalogue = Catalogue::new(common, &Arc::from(chosen));
    for (index, entry) in topics {
        let mut reader = Reader::new(&files[*index], context);
        match &entry.value.content {
            Content::Sequence(items) => {
                for item in items.iter() {
                    if let Some(topic) = reader.topic(item, profiles) {
                        catalogue.add(topic, &mut reader);
                    }
                }
            }
            Content::Null => {}
            Content::Scalar(_) | Content::Mapping(_) => {
                reader.wrong_kind(Field::of(entry), &entry.value, "a list")
            }
        }
    }
    catalogue.finish(&mut context.report)
}

fn manifest(common: Common, desired: Desired, profile: Option<Arc<str>>, warnings: Problems) -> Manifest {
    let layer = profile
        .as_ref()
        .map_or(Layer::Defaults, |name| Layer::Profile(Arc::clone(name)));
    let declared = |statement: Option<Statement<Arc<str>>>| statement.and_then(|said| said.declared(&layer));
    let mut client = BTreeMap::new();
    let layers = [
        (common.defaults.client, Layer::Defaults),
        (common.chosen.client, layer.clone()),
    ];
    for (properties, layer) in layers {
        for (name, statement) in properties {
            match statement.declared(&layer) {
                Some(declared) => client.insert(name, declared),
                None => client.remove(&name),
            };
        }
    }
    Manifest {
        desired,
        bootstrap: declared(common.chosen.bootstrap),
        cluster_id: declared(common.chosen.cluster_id),
        client,
        profile,
        warnings,
    }
}
