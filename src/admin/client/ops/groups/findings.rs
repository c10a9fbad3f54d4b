//! What one broker told of one group: what it does with the topics asked about, and what could not be read.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::list_groups::Listed;
use super::{GroupOffsets, Members, Partitions, in_words, is_retriable, lacking};
use crate::admin::ItemError;
use crate::model::{Committed, GroupName, GroupUse, Known, RequiredAcl, TopicName, printable};

/// What one broker told of one group.
#[derive(Default)]
pub(crate) struct GroupFindings {
    pub(crate) topics: BTreeMap<TopicName, GroupUse>,
    pub(crate) reading: Reading,
}

/// What could not be read.
#[derive(Default)]
pub(crate) struct Reading {
    pub(crate) unread: BTreeSet<Arc<str>>,
    pub(crate) missing: BTreeSet<RequiredAcl>,
    /// It may well be read in a moment.
    pub(crate) passing: bool,
}

impl Reading {
    /// A broker, or one of its groups, did not answer.
    pub(crate) fn miss(&mut self, group: Option<&GroupName>, error: &ItemError) {
        self.passing |= is_retriable(error);
        self.missing.extend(lacking(error, group));
        let why = match group {
            Some(group) => {
                let why = in_words(error, Some(group));
                format!("group {}: {why}", printable(group)).into()
            }
            None => in_words(error, None),
        };
        self.unread.insert(why);
    }
}

impl GroupFindings {
    pub(crate) fn new(
        listed: &Listed,
        offsets: Result<GroupOffsets, ItemError>,
        members: Option<Result<Members, ItemError>>,
        partitions: &Partitions,
    ) -> Self {
        let mut findings = Self::default();
        let offsets = match offsets {
            Ok(offsets) => offsets,
            Err(error) => {
                findings.reading.miss(Some(&listed.name), &error);
                return findings;
            }
        };
        if let Some(Err(error)) = &members {
            findings.reading.passing |= is_retriable(error);
            findings
                .reading
                .missing
                .extend(lacking(error, Some(&listed.name)));
        }
        let members = match members {
            Some(members) => members.map_err(|error| in_words(&error, Some(&listed.name))),
            None if listed.is_at_rest() => Ok(Members::new()),
            None => Err("members of groups of its kind are not looked into".into()),
        };
        // Whoever commits nothing of a topic may read it all the same.
        let commits = |topic| offsets.keys().any(|(name, _)| name == topic);
        if let (false, Err(why)) = (partitions.keys().all(commits), &members) {
            let why = format!("group {}: {why}", printable(&listed.name));
            findings.reading.unread.insert(why.into());
        }
        // Of thousands of topics a group uses a few.
        let read = members.iter().flat_map(Members::keys);
        let used: BTreeSet<&TopicName> = offsets.keys().map(|(topic, _)| topic).chain(read).collect();
        for topic in used.into_iter().filter(|topic| partitions.contains_key(*topic)) {
            if let Some(found) = group_use(topic, listed, &offsets, members.as_ref()) {
                findings.topics.insert(topic.clone(), found);
            }
        }
        findings
    }
}

fn group_use(
    topic: &TopicName,
    group: &Listed,
    offsets: &GroupOffsets,
    members: Result<&Members, &Arc<str>>,
) -> Option<GroupUse> {
    let of_topic = || offsets.range((topic.clone(), i32::MIN)..=(topic.clone(), i32::MAX));
    let committed: BTreeMap<i32, Committed> = of_topic()
        .filter_map(|((_, index), committed)| Some((*index, (*committed)?)))
        .collect();
    let without_offset: BTreeSet<i32> = of_topic()
        .filter(|(_, committed)| committed.is_none())
        .map(|((_, index), _)| *index)
        .collect();
    let members = match members {
        Ok(members) => Known::Read(members.get(topic).cloned().unwrap_or_default()),
        Err(why) => Known::Unread(Arc::clone(why)),
    };
    let has_members = members.read().is_some_and(|members| !members.is_empty());
    let is_used = has_members || !committed.is_empty() || !without_offset.is_empty();
    is_used.then_some(GroupUse {
        kind: group.kind,
        state: group.state.clone(),
        committed,
        without_offset,
        members,
    })
}
