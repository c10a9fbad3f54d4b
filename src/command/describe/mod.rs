//! `topicctl describe`: what is there, and how it differs from the file. Works without a file when
//! an address is given.

mod gather;

use std::collections::BTreeSet;

use super::connection::{self, Connected};
use super::signals::Signals;
use super::{Exit, Failure, Shell, file, selection};
use crate::admin::{Admin, AdminError};
use crate::cli::{DescribeArgs, Output};
use crate::model::{Desired, Pattern, TopicName};
use crate::render::{self, Description, Readable, Text};

pub(super) async fn run(arguments: &DescribeArgs, shell: &mut Shell<'_>) -> Result<Exit, Failure> {
    let manifest = file::load_unless_addressed(&arguments.file, &arguments.connection, shell)?;
    let nothing = Desired::default();
    let desired = manifest.as_ref().map_or(&nothing, |manifest| &manifest.desired);
    let mut signals = Signals::listen()?;
    let reading = Box::pin(async {
        let connected = connection::connect(&arguments.connection, manifest.as_ref(), shell).await?;
        let wanted = choose(&connected.client, arguments, manifest.is_some(), desired).await?;
        let detailed = !arguments.topics.is_empty();
        let description = gather::gather(
            &connected.client,
            &connected.cluster,
            &wanted.declared,
            &wanted.others,
            detailed,
        )
        .await?;
        Ok((connected, wanted, description))
    });
    let (Connected { client, header, .. }, wanted, description) = signals.or_interrupted(reading).await?;
    match arguments.output {
        Output::Text => {
            let mut text = Text::new(shell.out, shell.style);
            text.header(&header)?;
            text.description(&description)?;
            text.missing_rights(&header, &description.missing_rights())?;
        }
        Output::Json => render::json::description(shell.out, &header, &description)?,
    }
    for unknown in &wanted.unknown {
        shell.tell_error(&format!(
            "neither the file nor the cluster has a topic named {unknown}"
        ));
    }
    shell.tell_requests(&client.requests());
    Ok(exit(&wanted, &description))
}

/// Which topics are shown.
struct Wanted {
    declared: Desired,
    others: Vec<TopicName>,
    unknown: Vec<String>,
}

async fn choose<A: Admin>(
    admin: &A,
    arguments: &DescribeArgs,
    has_file: bool,
    desired: &Desired,
) -> Result<Wanted, AdminError> {
    if !arguments.topics.is_empty() {
        return choose_named(admin, &arguments.topics, desired).await;
    }
    let others = if arguments.all || !has_file {
        every_other(admin, arguments.all, desired).await?
    } else {
        Vec::new()
    };
    Ok(Wanted {
        declared: desired.clone(),
        others,
        unknown: Vec::new(),
    })
}

async fn every_other<A: Admin>(
    admin: &A,
    internal: bool,
    desired: &Desired,
) -> Result<Vec<TopicName>, AdminError> {
    let all = admin.all_topics().await?;
    let shown = all
        .into_iter()
        .filter(|(name, topic)| !desired.topics.contains_key(name) && (internal || !topic.internal));
    Ok(shown.map(|(name, _)| name).collect())
}

/// The cluster is only asked for its topics where the file does not know an argument.
async fn choose_named<A: Admin>(
    admin: &A,
    named: &[String],
    desired: &Desired,
) -> Result<Wanted, AdminError> {
    let mut declared = BTreeSet::new();
    let mut open: Vec<&String> = Vec::new();
    for argument in named {
        let matching = selection::matching(desired, argument);
        if matching.is_empty() || Pattern::new(argument).is_glob() {
            open.push(argument);
        }
        declared.extend(matching.into_iter().cloned());
    }
    let all = if open.is_empty() {
        Vec::new()
    } else {
        admin.all_topics().await?.into_keys().collect()
    };
    let mut others = BTreeSet::new();
    let mut unknown = Vec::new();
    for argument in open {
        let pattern = Pattern::new(argument);
        let found: Vec<&TopicName> = all.iter().filter(|name| pattern.matches(name.as_str())).collect();
        if found.is_empty() && selection::matching(desired, argument).is_empty() {
            unknown.push(argument.clone());
        }
        others.extend(
            found
                .into_iter()
                .filter(|name| !declared.contains(*name))
                .cloned(),
        );
    }
    let declared = desired.only(declared.iter());
    Ok(Wanted {
        declared,
        others: others.into_iter().collect(),
        unknown,
    })
}

fn exit(wanted: &Wanted, description: &Description) -> Exit {
    let unreadable = description.topics.values().any(|topic| {
        matches!(topic.metadata, Readable::Unknown(_)) || matches!(topic.configs, Readable::Unknown(_))
    });
    if unreadable || !wanted.unknown.is_empty() {
        Exit::Failed
    } else {
        Exit::Done
    }
}
