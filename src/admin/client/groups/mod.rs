//! Which groups use topics. Each broker lists the groups that it coordinates, so that nobody has to be
//! asked where a group lives, and each coordinator is asked about all of its groups together.
//!
//! Brokers leave out, unsaid, the groups that a principal may not describe. Only the right to DESCRIBE the
//! cluster shows all of them, so whether it is there is asked as well.

mod assignment;
mod committed;
mod listing;
mod members;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;

use self::listing::Listed;
use super::Client;
use super::answer;
use super::retry::{Backoff, Deadline};
use crate::admin::{AdminError, ItemError, Meaning, TopicGroups};
use crate::model::{
    AclOperation, BrokerId, GroupMember, GroupName, GroupUse, Known, Right, TopicName, printable,
};

/// Coordinators move when brokers do. A group whose coordinator is not there for so long is said to be
/// unknown, rather than to hold up a plan.
const MOVE: Duration = Duration::from_secs(5);

/// The partitions that are asked about.
pub(super) type Partitions = BTreeMap<TopicName, Vec<i32>>;

/// What was found in one pass over all brokers.
#[derive(Default)]
struct Pass {
    found: TopicGroups,
    /// Something could not be read that may well be read in a moment.
    passing: bool,
}

impl Client {
    pub(super) async fn read_topic_groups(&self, partitions: &Partitions) -> Result<TopicGroups, AdminError> {
        if partitions.is_empty() {
            return Ok(TopicGroups::default());
        }
        let deadline = self.deadline();
        let patience = deadline.at_most(MOVE);
        let mut backoff = Backoff::new();
        loop {
            let pass = self.pass_over_groups(partitions, deadline).await?;
            if !pass.passing || !backoff.wait(patience).await {
                return Ok(pass.found);
            }
            self.routing.forget().await;
        }
    }

    async fn pass_over_groups(
        &self,
        partitions: &Partitions,
        deadline: Deadline,
    ) -> Result<Pass, AdminError> {
        // A broker that came back since the run began may coordinate groups again, of which nobody else tells.
        let view = self.routing.fresh_view(deadline).await?;
        let each = view.brokers.keys().copied();
        let of_each = each.map(async |broker| self.groups_of(broker, partitions, deadline).await);
        let (sees_all, passes) = tokio::join!(self.sees_all_groups(deadline), join_all(of_each));
        let mut whole = Pass::default();
        if let Err(unseen) = sees_all {
            whole.found.unread.insert(unseen.words);
            whole.found.missing.extend(unseen.missing);
        }
        for pass in passes {
            whole.add(pass);
        }
        Ok(whole)
    }

    async fn groups_of(&self, broker: BrokerId, partitions: &Partitions, deadline: Deadline) -> Pass {
        let mut pass = Pass::default();
        let groups = match self.list_groups(broker, deadline).await {
            Ok(groups) => groups,
            Err(error) => {
                pass.miss(None, &error);
                return pass;
            }
        };
        if groups.is_empty() {
            return pass;
        }
        let (committed, members) = tokio::join!(
            self.committed(broker, &groups, partitions, deadline),
            self.members(broker, &groups, deadline),
        );
        let mut members = members;
        for (listed, committed) in groups.iter().zip(committed) {
            let members = members.remove(&listed.name);
            pass.take_in(listed, committed, members, partitions);
        }
        pass
    }
}

/// What a group committed, by partition.
pub(super) type Committed = BTreeMap<(TopicName, i32), i64>;

/// The members of a group that are at work on each topic.
pub(super) type Members = BTreeMap<TopicName, Arc<[GroupMember]>>;

impl Pass {
    fn add(&mut self, other: Self) {
        self.passing |= other.passing;
        self.found.unread.extend(other.found.unread);
        self.found.missing.extend(other.found.missing);
        for (topic, groups) in other.found.topics {
            self.found.topics.entry(topic).or_default().extend(groups);
        }
    }

    fn take_in(
        &mut self,
        listed: &Listed,
        committed: Result<Committed, ItemError>,
        members: Option<Result<Members, ItemError>>,
        partitions: &Partitions,
    ) {
        let committed = match committed {
            Ok(committed) => committed,
            Err(error) => return self.miss(Some(&listed.name), &error),
        };
        if let Some(Err(error)) = &members {
            self.passing |= is_passing(error);
            self.found.missing.extend(lacking(error, Some(&listed.name)));
        }
        let members = match members {
            Some(members) => members.map_err(|error| in_words(&error, Some(&listed.name))),
            None if listed.is_at_rest() => Ok(Members::new()),
            None => Err("members of groups of its kind are not looked into".into()),
        };
        // Whoever commits nothing of a topic may read it all the same.
        let commits = |topic| committed.keys().any(|(name, _)| name == topic);
        if let (false, Err(why)) = (partitions.keys().all(commits), &members) {
            self.found
                .unread
                .insert(format!("group {}: {why}", printable(&listed.name)).into());
        }
        // Of thousands of topics a group uses a few.
        let read = members.iter().flat_map(Members::keys);
        let used: BTreeSet<&TopicName> = committed.keys().map(|(topic, _)| topic).chain(read).collect();
        for topic in used.into_iter().filter(|topic| partitions.contains_key(*topic)) {
            self.add_use(topic, listed, &committed, members.as_ref());
        }
    }

    fn add_use(
        &mut self,
        topic: &TopicName,
        group: &Listed,
        committed: &Committed,
        members: Result<&Members, &Arc<str>>,
    ) {
        let of_topic = committed.range((topic.clone(), i32::MIN)..=(topic.clone(), i32::MAX));
        let committed: BTreeMap<i32, i64> = of_topic.map(|((_, index), offset)| (*index, *offset)).collect();
        let members = match members {
            Ok(members) => Known::Read(members.get(topic).cloned().unwrap_or_default()),
            Err(why) => Known::Unread(Arc::clone(why)),
        };
        let is_used = !committed.is_empty() || members.read().is_some_and(|members| !members.is_empty());
        if is_used {
            let groups = self.found.topics.entry(topic.clone()).or_default();
            let found = GroupUse {
                kind: group.kind,
                state: group.state.clone(),
                committed,
                members,
            };
            groups.insert(Arc::clone(&group.name), found);
        }
    }

    fn miss(&mut self, group: Option<&GroupName>, error: &ItemError) {
        self.passing |= is_passing(error);
        self.found.missing.extend(lacking(error, group));
        let why = match group {
            Some(group) => {
                let why = in_words(error, Some(group));
                format!("group {}: {why}", printable(group)).into()
            }
            None => in_words(error, None),
        };
        self.found.unread.insert(why);
    }
}

fn is_passing(error: &ItemError) -> bool {
    match error {
        ItemError::Broker(error) => answer::is_passing(error),
        ItemError::Request(_) => false,
    }
}

/// What would allow it, if that is what was refused: groups are seen one by one, or with the cluster.
fn lacking(error: &ItemError, group: Option<&GroupName>) -> Option<Right> {
    let right = || match group {
        Some(group) => Right::on_group(AclOperation::Describe, &printable(group)),
        None => Right::on_cluster(AclOperation::Describe),
    };
    (error.meaning() == Some(Meaning::NotAuthorized)).then(right)
}

fn in_words(error: &ItemError, group: Option<&GroupName>) -> Arc<str> {
    match lacking(error, group) {
        Some(right) => format!("{error}; needs {right}").into(),
        None => error.to_string().into(),
    }
}

/// Names of groups, each once.
fn names(groups: &[Listed]) -> BTreeSet<GroupName> {
    groups.iter().map(|listed| Arc::clone(&listed.name)).collect()
}
