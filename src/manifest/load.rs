//! All files to one manifest, step by step. No step stops the next: problems gather, and what could not be
//! read is left out.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::sync::Arc;

use super::catalogue::{Catalogue, ReadPurpose};
use super::compose::{Composed, compose};
use super::context::ReadContext;
use super::document::{self, Common};
use super::expand::{Variable, VariableSource, Variables};
use super::node::{Content, Node, NodeEntry};
use super::problem::{Location, Problem, Problems, Severity};
use super::quote::Parsed;
use super::reader::{FieldRef, Reader};
use super::source::ManifestFile;
use super::statement::Statement;
use super::text::SourceText;
use super::topic::KnownProfiles;
use super::{DEFAULT_PROFILE, FileDigest, Manifest, Selection, syntax};
use crate::model::{ClientProperty, Declared, Desired, Layer, UnknownNames, printable, sha256};

/// Reads everything there is to read. All problems, errors too, are among the manifest's warnings.
pub(super) fn load_manifest(
    files: Vec<ManifestFile>,
    unreadable: Vec<Problem>,
    selection: &Selection,
    source: VariableSource<'_>,
    purpose: ReadPurpose,
) -> (Manifest, Vec<Variable>) {
    let mut context = ReadContext::new(Variables::new(source));
    let mut complete = true;
    for problem in unreadable {
        match problem.severity {
            Severity::Error => complete = false,
            Severity::Warning => {
                let file = problem.location.file().clone();
                context.unknown_names.push(UnknownNames::UnreadFile(file));
            }
        }
        context.report.add(problem);
    }
    let given = files.len();
    let read = files.iter().map(read_file).collect();
    let texts = decode(files, &mut context);
    let files: Vec<Parsed<'_>> = texts.iter().map(|text| parse(text, &mut context)).collect();
    let mut carriers = BTreeSet::new();
    for file in &files {
        file.find_carriers(&mut carriers);
    }
    let carriers = Rc::new(carriers);
    let files: Vec<Parsed<'_>> = files
        .into_iter()
        .map(|file| file.with_carriers(&carriers))
        .collect();
    // What one file lacks may be in another that could not be read: nothing is said to be missing then.
    complete &= texts.len() == given && files.iter().all(|file| file.root.is_some());

    let chosen = chosen(selection);
    let (common, topics) = read_documents(&files, &chosen, &mut context);
    if complete {
        check_choice(selection, &common, &files, &mut context);
    }
    let profiles = KnownProfiles {
        chosen: &chosen,
        all: complete.then_some(&common.profiles),
    };
    let desired = read_topics(&topics, &common, profiles, purpose, &mut context);
    if complete && !context.report.has_errors() && topics.iter().all(|(_, entry)| is_nothing(&entry.value)) {
        no_topics(&files, &mut context);
    }
    let variables = context.variables.into_read();
    let unused_connection = context.unused_connection;
    let warnings = context.report.finish(&files);
    let mut manifest = manifest(common, desired, chosen, warnings);
    manifest.unused_connection = unused_connection;
    manifest.files = read;
    (manifest, variables)
}

fn chosen(selection: &Selection) -> Arc<str> {
    match selection {
        Selection::Unspecified => DEFAULT_PROFILE.into(),
        Selection::Named(name) => name.as_str().into(),
    }
}

fn decode(files: Vec<ManifestFile>, context: &mut ReadContext<'_>) -> Vec<SourceText> {
    let mut texts = Vec::with_capacity(files.len());
    for file in files {
        match SourceText::decode(file) {
            Ok(text) => texts.push(text),
            Err(problem) => context.report.add(*problem),
        }
    }
    texts
}

fn parse<'t>(text: &'t SourceText, context: &mut ReadContext<'_>) -> Parsed<'t> {
    let Composed {
        root,
        flaws,
        dropped,
        fatal,
    } = compose(text.content());
    let root = root.filter(|root| !matches!(root.content, Content::Null));
    let file = Parsed::new(text, root, dropped);
    for flaw in &flaws {
        context.report.add(syntax::flaw(&file, flaw));
    }
    match fatal {
        Some(fatal) => context.report.add(syntax::fatal(&file, &fatal)),
        None if file.root.is_none() => context.report.add(syntax::empty(&file)),
        None => {}
    }
    file
}

/// A file together with its field `topics`.
type TopicsOfFiles<'f, 't> = Vec<(&'f Parsed<'t>, NodeEntry<'t>)>;

fn read_documents<'f, 't>(
    files: &'f [Parsed<'t>],
    chosen: &str,
    context: &mut ReadContext<'_>,
) -> (Common, TopicsOfFiles<'f, 't>) {
    let mut common = Common::default();
    let mut topics = Vec::new();
    for file in files {
        let Some(root) = &file.root else { continue };
        let found = Reader::new(file, context).document(root, chosen, &mut common);
        topics.extend(found.map(|topics| (file, topics)));
    }
    (common, topics)
}

/// Whether the profile that is meant is there.
fn check_choice(selection: &Selection, common: &Common, files: &[Parsed<'_>], context: &mut ReadContext<'_>) {
    let (chosen, default) = match selection {
        Selection::Unspecified if common.profiles.is_empty() => return,
        Selection::Unspecified => (DEFAULT_PROFILE, ", which is used where none is named"),
        Selection::Named(name) => (name.as_str(), ""),
    };
    let Some(first) = files.first() else { return };
    if common.profiles.contains_key(chosen) {
        return;
    }
    let first_declared = common.profiles.values().map(|profile| &profile.place).min();
    let file = first_declared.map_or(&first.text.name, |place| &place.file);
    let message = format!("there is no profile `{}`{default}", printable(chosen));
    let problem = Problem::error(Location::File(file.clone()), message);
    let help = if common.profiles.is_empty() {
        "the manifest has no `profiles`: leave `--profile` out".to_owned()
    } else {
        format!(
            "{}; choose with `--profile`",
            document::meant_profile(chosen, &common.profiles)
        )
    };
    context.report.add(problem.suggest(help));
}

fn is_nothing(topics: &Node<'_>) -> bool {
    match &topics.content {
        Content::Null => true,
        Content::Sequence(items) => items.is_empty(),
        Content::Scalar(_) | Content::Mapping(_) => false,
    }
}

fn no_topics(files: &[Parsed<'_>], context: &mut ReadContext<'_>) {
    let Some(first) = files.first() else { return };
    let problem = Problem::warning(
        Location::File(first.text.name.clone()),
        "the manifest declares no topics",
    );
    context.report.add(problem.suggest("list them under `topics:`"));
}

fn read_topics(
    topics: &TopicsOfFiles<'_, '_>,
    common: &Common,
    profiles: KnownProfiles<'_>,
    purpose: ReadPurpose,
    context: &mut ReadContext<'_>,
) -> Desired {
    let mut catalogue = Catalogue::new(common, profiles.chosen, purpose);
    for (file, entry) in topics {
        let mut reader = Reader::new(file, context);
        for node in reader.topic_nodes(entry) {
            if let Some(topic) = reader.topic(node, profiles) {
                catalogue.add(&topic, &mut reader);
            }
        }
    }
    let mut desired = catalogue.finish(&mut context.report);
    desired.other_names.unknown.append(&mut context.unknown_names);
    desired
}

impl<'t> Reader<'_, 't, '_, '_> {
    fn topic_nodes<'n>(&mut self, entry: &'n NodeEntry<'t>) -> &'n [Node<'t>] {
        match &entry.value.content {
            Content::Sequence(nodes) => nodes,
            Content::Null => &[],
            Content::Mapping(_) => {
                self.topics_are_no_mapping(entry);
                &[]
            }
            Content::Scalar(_) => {
                self.wrong_kind(FieldRef::of_entry(entry), &entry.value, "a list");
                &[]
            }
        }
    }

    fn topics_are_no_mapping(&mut self, entry: &NodeEntry<'t>) {
        let problem = Problem::error(
            self.at(entry.value.span),
            "`topics` must be a list, not a mapping",
        );
        self.report(problem.suggest("write every topic as an item: `- name: …`"));
    }
}

fn read_file(file: &ManifestFile) -> FileDigest {
    FileDigest {
        name: file.name.shared(),
        sha256: sha256(&file.bytes),
    }
}

fn manifest(common: Common, desired: Desired, chosen: Arc<str>, warnings: Problems) -> Manifest {
    let Common {
        defaults,
        mut profiles,
        policy: _,
    } = common;
    let profile = profiles.remove(&chosen);
    let layer = Layer::Profile(Arc::clone(&chosen).into());
    let declared = |statement: Option<Statement<Arc<str>>>| statement.and_then(|said| said.declared(&layer));
    let mut manifest = Manifest {
        desired,
        profile: profile.as_ref().map(|_| chosen),
        bootstrap: None,
        client: BTreeMap::new(),
        cluster_id: None,
        unused_connection: Vec::new(),
        files: Vec::new(),
        warnings,
    };
    put_client(&mut manifest.client, defaults.client, &Layer::Defaults);
    if let Some(profile) = profile {
        manifest.bootstrap = declared(profile.bootstrap);
        manifest.cluster_id = declared(profile.cluster_id);
        put_client(&mut manifest.client, profile.client, &layer);
    }
    manifest
}

fn put_client(
    client: &mut BTreeMap<Arc<str>, Declared<ClientProperty>>,
    stated: document::StatedClient,
    layer: &Layer,
) {
    for (name, statement) in stated {
        match statement.declared(layer) {
            Some(declared) => client.insert(name, declared),
            None => client.remove(&name),
        };
    }
}
