//! Which groups use topics. Each broker lists the groups that it coordinates, so that nobody has to be
//! asked where a group lives, and each coordinator is asked about all of its groups together. Only where more than
//! one lists a group is it asked which of them is right.
//!
//! Brokers leave out, unsaid, the groups that a principal may not describe. Only the right to DESCRIBE the
//! cluster shows all of them, so whether it is there is asked as well.

mod assignment;
mod describe_groups;
mod describe_share_group_offsets;
mod find_coordinator;
mod findings;
mod list_groups;
mod offset_fetch;

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;

use self::find_coordinator::Listers;
use self::findings::{GroupFindings, Reading};
use self::list_groups::Listed;
use crate::admin::client::dispatch::Client;
use crate::admin::client::dispatch::topic_reads::left_out;
use crate::admin::client::protocol::answer;
use crate::admin::client::session::connection::Connection;
use crate::admin::client::transport::deadline::{Backoff, Deadline};
use crate::admin::{AdminError, ErrorClass, ItemError, TopicGroups};
use crate::model::{
    AclOperation, BrokerId, Committed, GroupMember, GroupName, RequiredAcl, TopicName, printable,
};

/// Coordinators move when brokers do. A group whose coordinator is not there for so long is said to be
/// unknown, rather than to hold up a plan.
const MOVE: Duration = Duration::from_secs(5);

/// The partitions that are asked about.
pub(crate) type Partitions = BTreeMap<TopicName, Vec<i32>>;

/// What was found in one pass over all brokers.
#[derive(Default)]
struct Pass {
    found: TopicGroups,
    /// Something could not be read that may well be read in a moment.
    passing: bool,
}

/// What one broker told of the groups that it lists.
struct BrokerFindings {
    broker: BrokerId,
    /// By group; one that is listed twice is there twice.
    groups: Vec<(GroupName, GroupFindings)>,
    /// What could not be read of the whole broker.
    of_broker: Reading,
}

/// Where a group is in partitions; `None`: it reads one without an offset.
pub(crate) type GroupOffsets = BTreeMap<(TopicName, i32), Option<Committed>>;

/// The members of a group that are at work on each topic.
pub(crate) type Members = BTreeMap<TopicName, Arc<[GroupMember]>>;

impl Client {
    pub(crate) async fn read_topic_groups(&self, partitions: &Partitions) -> Result<TopicGroups, AdminError> {
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
        let of_each = each.map(|broker| Box::pin(self.groups_of(broker, partitions, deadline)));
        let (sees_all, brokers) = tokio::join!(self.sees_all_groups(deadline), join_all(of_each));
        let mut whole = Pass::default();
        if let Err(unseen) = sees_all {
            whole.found.unread.insert(unseen.words.into());
            whole.found.missing.extend(unseen.missing);
        }
        let contested = contested(&brokers);
        let coordinators = if contested.is_empty() {
            BTreeMap::new()
        } else {
            self.find_coordinators(&contested, deadline).await
        };
        for (group, listers) in &contested {
            if !coordinators.contains_key(group) {
                whole.passing = true;
                whole.found.unread.insert(no_coordinator(group, listers));
            }
        }
        for broker in brokers {
            whole.add(broker, &contested, &coordinators);
        }
        Ok(whole)
    }

    async fn groups_of(
        &self,
        broker: BrokerId,
        partitions: &Partitions,
        deadline: Deadline,
    ) -> BrokerFindings {
        let mut findings = BrokerFindings {
            broker,
            groups: Vec::new(),
            of_broker: Reading::default(),
        };
        let groups = match self.list_groups(broker, deadline).await {
            Ok(groups) => groups,
            Err(error) => {
                findings.of_broker.miss(None, &error);
                return findings;
            }
        };
        if groups.is_empty() {
            return findings;
        }
        let (committed, share, members) = tokio::join!(
            self.committed_offsets(broker, &groups, partitions, deadline),
            self.share_offsets(broker, &groups, partitions, deadline),
            self.members(broker, &groups, deadline),
        );
        for listed in &groups {
            let offsets = committed.get(&listed.name).or_else(|| share.get(&listed.name));
            let Some(offsets) = offsets.cloned() else {
                continue;
            };
            let members = members.get(&listed.name).cloned();
            let found = GroupFindings::new(listed, offsets, members, partitions);
            findings.groups.push((Arc::clone(&listed.name), found));
        }
        findings
    }
}

/// The groups that are listed more than once, with those that list them.
fn contested(brokers: &[BrokerFindings]) -> Listers {
    let mut times: BTreeMap<&GroupName, Vec<BrokerId>> = BTreeMap::new();
    for of_broker in brokers {
        for (group, _) in &of_broker.groups {
            times.entry(group).or_default().push(of_broker.broker);
        }
    }
    let more_than_once = times.into_iter().filter(|(_, listers)| listers.len() > 1);
    more_than_once
        .map(|(group, listers)| (Arc::clone(group), listers.into_iter().collect()))
        .collect()
}

fn no_coordinator(group: &GroupName, listers: &BTreeSet<BrokerId>) -> Arc<str> {
    let brokers: Vec<String> = listers.iter().map(ToString::to_string).collect();
    let (noun, list) = if brokers.len() == 1 {
        ("broker", "lists it twice")
    } else {
        ("brokers", "list it")
    };
    format!(
        "group {}: {noun} {} {list}, and which broker coordinates it is not known",
        printable(group),
        brokers.join(" and ")
    )
    .into()
}

impl Pass {
    /// Of a group that several brokers list, the coordinator's word counts and no other.
    fn add(
        &mut self,
        findings: BrokerFindings,
        contested: &Listers,
        coordinators: &BTreeMap<GroupName, BrokerId>,
    ) {
        let broker = findings.broker;
        self.add_reading(findings.of_broker);
        for (group, found) in findings.groups {
            if contested.contains_key(&group) && coordinators.get(&group) != Some(&broker) {
                continue;
            }
            self.add_reading(found.reading);
            for (topic, used) in found.topics {
                let groups = self.found.topics.entry(topic).or_default();
                groups.insert(Arc::clone(&group), used);
            }
        }
    }

    fn add_reading(&mut self, reading: Reading) {
        self.passing |= reading.passing;
        self.found.unread.extend(reading.unread);
        self.found.missing.extend(reading.missing);
    }
}

/// Something about each group, or why it is not known.
type ByGroup<T> = BTreeMap<GroupName, Result<T, ItemError>>;

/// The answer for each group by its name, where the broker gave one.
fn of_each_group<T: Clone>(
    names: Vec<GroupName>,
    asked: &Result<(Rc<Connection>, ByGroup<T>), AdminError>,
    request: &'static str,
) -> ByGroup<T> {
    let answer = |name: &GroupName| match asked {
        Ok((connection, found)) => found
            .get(name)
            .cloned()
            .unwrap_or_else(|| Err(left_out(request, connection))),
        Err(error) => Err(ItemError::Request(error.clone())),
    };
    let answers = names.into_iter().map(|name| {
        let answer = answer(&name);
        (name, answer)
    });
    answers.collect()
}

fn is_retriable(error: &ItemError) -> bool {
    match error {
        ItemError::Broker(error) => answer::is_retriable(error),
        ItemError::Request(_) => false,
    }
}

/// What would allow it, if that is what was refused: groups are seen one by one, or with the cluster.
fn lacking(error: &ItemError, group: Option<&GroupName>) -> Option<RequiredAcl> {
    let right = || match group {
        Some(group) => RequiredAcl::on_group(AclOperation::Describe, &printable(group)),
        None => RequiredAcl::on_cluster(AclOperation::Describe),
    };
    (error.class() == Some(ErrorClass::NotAuthorized)).then(right)
}

fn in_words(error: &ItemError, group: Option<&GroupName>) -> Arc<str> {
    match lacking(error, group) {
        Some(right) => format!("{error}; needs {right}").into(),
        None => error.to_string().into(),
    }
}

/// Names of groups, each once.
fn names<'a>(groups: impl Iterator<Item = &'a Listed>) -> BTreeSet<GroupName> {
    groups.map(|listed| Arc::clone(&listed.name)).collect()
}
