//! Which topics are watched: those of the file, those that are named, or without a file all but internal ones.

use std::collections::BTreeMap;

use crate::admin::Admin;
use crate::cli::MonitorArgs;
use crate::command::{Failure, selection};
use crate::events::default_topic;
use crate::manifest::Manifest;
use crate::model::{DesiredState, EventName, Pattern, TopicName};
use crate::monitor::{Others, Watched};

/// An argument that names nothing is an error, so that a typo is not taken for a quiet topic. The cluster is only
/// asked for its topics where the file does not know an argument.
pub(super) async fn choose<A: Admin>(
    admin: &A,
    arguments: &MonitorArgs,
    manifest: Option<&Manifest>,
) -> Result<Watched, Failure> {
    let desired = manifest
        .map(|manifest| manifest.desired.clone())
        .unwrap_or_default();
    if arguments.topics.is_empty() {
        let others = match manifest {
            Some(_) => Others::None,
            None => Others::All,
        };
        return Ok(Watched {
            declared: desired,
            others,
            groups: arguments.groups.clone(),
        });
    }
    let mut declared = Vec::new();
    let mut patterns = Vec::new();
    let mut open = Vec::new();
    for argument in &arguments.topics {
        let named = selection::matching(&desired, argument);
        let pattern = Pattern::new(argument);
        if named.is_empty() {
            open.push(argument);
        }
        if named.is_empty() || pattern.is_glob() {
            patterns.push(pattern);
        }
        declared.extend(named.into_iter().cloned());
    }
    if !open.is_empty() {
        check(admin, &open).await?;
    }
    Ok(Watched {
        declared: desired.only(declared.iter()),
        others: if patterns.is_empty() {
            Others::None
        } else {
            Others::Matching(patterns)
        },
        groups: arguments.groups.clone(),
    })
}

async fn check<A: Admin>(admin: &A, arguments: &[&String]) -> Result<(), Failure> {
    let all = admin.all_topics().await?;
    let unknown: Vec<String> = arguments
        .iter()
        .filter(|argument| {
            let pattern = Pattern::new(argument);
            !all.keys().any(|name| pattern.matches(name.as_str()))
        })
        .map(|argument| format!("neither the file nor the cluster has a topic named {argument}"))
        .collect();
    if unknown.is_empty() {
        Ok(())
    } else {
        Err(Failure::Usage(unknown.join("\n")))
    }
}

/// Which topic carries which event: as the file ties them, and without a file as the contract names them.
pub(super) fn carriers(manifest: Option<&Manifest>, watched: &Watched) -> BTreeMap<TopicName, EventName> {
    if manifest.is_none() {
        let named = EventName::ALL.map(|event| (TopicName::new(default_topic(event)), event));
        return named
            .into_iter()
            .filter_map(|(name, event)| Some((name.ok()?, event)))
            .collect();
    }
    let present = watched
        .declared
        .topics
        .values()
        .filter(|topic| matches!(topic.state, DesiredState::Present(_)));
    present
        .filter_map(|topic| Some((topic.name.clone(), topic.event.as_ref()?.value)))
        .collect()
}
