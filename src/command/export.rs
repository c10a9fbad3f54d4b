//! `topicctl export`: a topics.yaml from the topics of a cluster.
//!
//! What was written is read again and planned against what was read from the cluster, before anybody sees
//! it: a file that would change something the first time it is applied is worse than none.

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use super::connection::{self, Connected};
use super::signals::Signals;
use super::{Exit, Failure, Shell, file};
use crate::admin::{Admin, AdminError};
use crate::cli::{ExportArgs, Output};
use crate::inspect;
use crate::manifest::{self, DEFAULT_PROFILE, ManifestFile, Selection, ToWrite, WrittenManifest};
use crate::model::{
    ClusterView, ConfigListing, InheritedByBroker, Moving, NotOffered, Observation, ObservedTopic, Pattern,
    ReadError, RequiredAcl, StorageView, TopicConfigs, TopicMetadata, TopicName, TopicObservation, printable,
};
use crate::plan::{self, Change, TopicPlan};
use crate::render::{Header, Text};

pub(super) async fn run(arguments: &ExportArgs, shell: &mut Shell<'_>) -> Result<Exit, Failure> {
    refuse_json(arguments.output)?;
    let manifest = file::load_unless_addressed(&arguments.file, &arguments.connection, shell)?;
    let mut signals = Signals::listen()?;
    let reading = Box::pin(async {
        let connected = connection::connect(&arguments.connection, manifest.as_ref(), shell).await?;
        connected.require_controller()?;
        connected.tell_down(shell);
        let read = read(&connected.client, &arguments.topics, arguments.all).await?;
        Ok((connected, read))
    });
    let (connected, read) = signals.or_interrupted(reading).await?;
    let has_client = arguments.connection.command_config.is_some()
        || manifest.is_some_and(|manifest| !manifest.client.is_empty());
    let profile = arguments.file.named_profile().unwrap_or(DEFAULT_PROFILE);
    let wanted = to_write(&connected.header, profile, has_client, &read);
    let written = manifest::write(&wanted);
    shell.out.write_all(written.text.as_bytes())?;
    let exit = report_gaps(&connected, &read, &wanted, &written, shell);
    Text::new(shell.err, shell.err_style).missing_acls(&connected.header, &read.missing_acls())?;
    shell.tell_requests(&connected.client.requests());
    Ok(exit)
}

fn refuse_json(output: Output) -> Result<(), Failure> {
    match output {
        Output::Text => Ok(()),
        Output::Json => Err(Failure::Usage(
            "export writes YAML, the format of topics.yaml; what is on a cluster comes as JSON from \
             `topicctl describe --all --output json`"
                .to_owned(),
        )),
    }
}

/// What is known of the topics that were asked for.
#[derive(Debug, Default)]
struct ExportedTopics {
    topics: BTreeMap<TopicName, (TopicMetadata, TopicConfigs)>,
    moving: BTreeMap<TopicName, Moving>,
    unread: BTreeMap<TopicName, ReadError>,
    /// Why no topic states configs.
    configs_unread: Option<NotOffered>,
    /// Arguments that name nothing.
    unknown: Vec<String>,
}

impl ExportedTopics {
    fn missing_acls(&self) -> BTreeSet<RequiredAcl> {
        let moving = self.moving.values().filter_map(|moving| match moving {
            Moving::Failed(why) => Some(why),
            Moving::Read(_) | Moving::NotAsked | Moving::Absent => None,
        });
        let obstacles = self.unread.values().chain(moving);
        obstacles.filter_map(|why| why.missing.clone()).collect()
    }
}

async fn read<A: Admin>(
    admin: &A,
    arguments: &[String],
    internal: bool,
) -> Result<ExportedTopics, AdminError> {
    let mut all = admin.all_topics().await?;
    let mut read = ExportedTopics::default();
    if !arguments.is_empty() {
        add_unlisted(admin, arguments, &mut all, &mut read).await?;
        let unknown = arguments.iter().filter(|name| !names_any(name, &all, &read));
        read.unknown = unknown.cloned().collect();
    }
    all.retain(|name, topic| is_wanted(name, topic.internal, arguments, internal));
    let names: Vec<TopicName> = all.keys().cloned().collect();
    let mut configs = match admin.configs(&names).await {
        Ok(configs) => configs,
        Err(AdminError::Unsupported { request, since, .. }) => {
            read.configs_unread = Some(NotOffered { request, since });
            let none = |name| (name, Ok(Some(TopicConfigs::default())));
            names.into_iter().map(none).collect()
        }
        Err(error) => return Err(error),
    };
    for (name, metadata) in all {
        match configs.remove(&name) {
            Some(Ok(Some(configs))) => {
                read.topics.insert(name, (metadata, configs));
            }
            // Deleted between the two reads.
            Some(Ok(None)) => {}
            Some(Err(error)) => {
                read.unread.insert(name, error.read_error());
            }
            None => {
                read.unread
                    .insert(name, "the cluster did not mention its configs".into());
            }
        }
    }
    let seen = read.topics.iter().map(|(name, (metadata, _))| (name, metadata));
    read.moving = inspect::moving_of_doubtful(admin, seen).await;
    Ok(read)
}

/// A broker leaves out of its list what the principal may not describe; asked by name it says so.
async fn add_unlisted<A: Admin>(
    admin: &A,
    arguments: &[String],
    all: &mut BTreeMap<TopicName, TopicMetadata>,
    read: &mut ExportedTopics,
) -> Result<(), AdminError> {
    let names = arguments.iter().filter_map(|name| TopicName::new(name).ok());
    let unlisted: Vec<TopicName> = names
        .filter(|name| !all.contains_key(name))
        .collect::<BTreeSet<_>>()
        .into_iter()
        .collect();
    if unlisted.is_empty() {
        return Ok(());
    }
    for (name, answer) in admin.topics(&unlisted).await? {
        match answer {
            Ok(Some(metadata)) => {
                all.insert(name, metadata);
            }
            Ok(None) => {}
            Err(error) => {
                read.unread.insert(name, error.read_error());
            }
        }
    }
    Ok(())
}

fn names_any(argument: &str, all: &BTreeMap<TopicName, TopicMetadata>, read: &ExportedTopics) -> bool {
    let pattern = Pattern::new(argument);
    let mut names = all.keys().chain(read.unread.keys());
    names.any(|name| pattern.matches(name.as_str()))
}

/// An internal topic is wanted with `--all`, or by its exact name.
fn is_wanted(name: &TopicName, is_internal: bool, arguments: &[String], internal: bool) -> bool {
    let by_name = arguments.iter().any(|argument| argument == name.as_str());
    let by_pattern = || {
        arguments.is_empty()
            || arguments
                .iter()
                .any(|argument| Pattern::new(argument).matches(name.as_str()))
    };
    by_name || ((internal || !is_internal) && by_pattern())
}

fn to_write(header: &Header, profile: &str, has_client: bool, read: &ExportedTopics) -> ToWrite {
    ToWrite {
        profile: profile.into(),
        bootstrap: header.address.shared(),
        cluster_id: header.cluster_id.shared(),
        has_client,
        topics: read.topics.clone(),
        moving: read.moving.clone(),
        unread: read.unread.clone(),
    }
}

/// Says what the file does not hold, and how the run ends.
fn report_gaps(
    connected: &Connected,
    read: &ExportedTopics,
    wanted: &ToWrite,
    written: &WrittenManifest,
    shell: &mut Shell<'_>,
) -> Exit {
    let mut exit = Exit::Done;
    if let Some(why) = &read.configs_unread {
        shell.message(&format!("note: no topic states its configs: {why}"));
    }
    for (name, gap) in &written.gaps {
        shell.message(&format!("note: {name}: {gap}"));
    }
    for (name, why) in &read.unread {
        shell.tell_error(&format!("{name} could not be read: {why}"));
        exit = Exit::Failed;
    }
    for unknown in &read.unknown {
        shell.tell_error(&format!("the cluster has no topic named {}", printable(unknown)));
        exit = Exit::Failed;
    }
    for wrong in differences(&connected.cluster, wanted, written) {
        shell.tell_error(&wrong);
        exit = Exit::Failed;
    }
    exit
}

/// What a run of `diff` would find in the file that was just written.
fn differences(cluster: &ClusterView, wanted: &ToWrite, written: &WrittenManifest) -> Vec<String> {
    let file = ManifestFile {
        name: "the exported file".into(),
        bytes: written.text.clone().into_bytes(),
    };
    let selection = Selection::Named(wanted.profile.to_string());
    let loaded = match manifest::load_files(vec![file], &selection, &|_| None) {
        Ok(loaded) => loaded,
        Err(problems) => return vec![format!("what was written cannot be read again:\n{problems}")],
    };
    let topics = wanted.topics.iter().map(|(name, (metadata, configs))| {
        let seen = ObservedTopic {
            metadata: metadata.clone(),
            configs: configs.clone(),
            inherited: BTreeMap::new(),
            inherited_unread: None,
            listing: ConfigListing::default(),
            by_broker: InheritedByBroker::default(),
            moving: wanted.moving.get(name).cloned().unwrap_or_default(),
        };
        (name.clone(), TopicObservation::Present(Box::new(seen)))
    });
    let observed = Observation {
        cluster: cluster.clone(),
        topics: topics.collect(),
        aliases_found: BTreeSet::new(),
        storage: StorageView::default(),
        eligible_leaders: BTreeMap::new(),
    };
    let plan = plan::plan(&loaded.desired, &observed);
    let differing = plan.topics.iter().filter(|(_, topic)| would_write(topic));
    differing
        .map(|(name, _)| format!("{name}: what was written is not what the cluster has; check it with diff"))
        .collect()
}

/// What somebody else has begun to move is only waited for.
fn would_write(topic: &TopicPlan) -> bool {
    let is_awaited =
        |change: &Change| matches!(change, Change::Reassign(change) if change.is_only_under_way());
    !topic.refusals.is_empty() || !topic.changes.iter().all(|planned| is_awaited(&planned.change))
}
