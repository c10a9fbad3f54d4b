//! Consumer groups: what they committed, and who reads what right now.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::MemoryCluster;
use super::call::{Api, Call};
use crate::admin::{AdminError, ItemError, TopicGroups};
use crate::model::{
    AclOperation, Committed, GroupKind, GroupMember, GroupName, GroupUse, Known, RequiredAcl, TopicName,
};

/// All groups of the cluster.
#[derive(Debug, Clone, Default)]
pub(super) struct Groups(BTreeMap<GroupName, Group>);

#[derive(Debug, Clone, Default)]
struct Group {
    committed: BTreeMap<(TopicName, i32), i64>,
    /// Members by the topic that they are assigned.
    members: BTreeMap<TopicName, usize>,
}

impl MemoryCluster {
    /// A group commits an offset.
    ///
    /// # Panics
    /// If Kafka would not take the topic's name.
    pub fn commit(&self, group: &str, topic: &str, partition: i32, offset: i64) {
        let key = (topic_name(topic), partition);
        self.change_group(group, |group| _ = group.committed.insert(key, offset));
    }

    /// From now on so many members of a group are assigned partitions of a topic.
    ///
    /// # Panics
    /// If Kafka would not take the topic's name.
    pub fn join(&self, group: &str, topic: &str, members: usize) {
        let topic = topic_name(topic);
        self.change_group(group, |group| _ = group.members.insert(topic, members));
    }

    fn change_group(&self, group: &str, change: impl FnOnce(&mut Group)) {
        let mut state = self.state.borrow_mut();
        change(state.groups.0.entry(Arc::from(group)).or_default());
    }

    /// As the real client asks: the groups once, then what they committed, then the members of those that
    /// are not at rest. The cluster in memory has one coordinator.
    pub(super) async fn read_groups(
        &self,
        partitions: &BTreeMap<TopicName, Vec<i32>>,
    ) -> Result<TopicGroups, AdminError> {
        if partitions.is_empty() {
            return Ok(TopicGroups::default());
        }
        let mut unread = BTreeSet::new();
        unread.extend(self.ask_groups(Api::ListGroups, None).await?);
        let (none, at_rest) = {
            let groups = &self.state.borrow().groups.0;
            (
                groups.is_empty(),
                groups.values().all(|group| group.members.is_empty()),
            )
        };
        if self.state.borrow().cluster_is_denied {
            unread.insert("which groups there are cannot be seen; needs Describe on the cluster".into());
            return Ok(TopicGroups {
                unread,
                missing: [RequiredAcl::on_cluster(AclOperation::Describe)].into(),
                ..TopicGroups::default()
            });
        }
        if none || !unread.is_empty() {
            return Ok(TopicGroups {
                unread,
                ..TopicGroups::default()
            });
        }
        unread.extend(self.ask_groups(Api::OffsetFetch, Some(partitions)).await?);
        if !at_rest {
            unread.extend(self.ask_groups(Api::DescribeGroups, None).await?);
        }
        let topics = self.state.borrow().groups.using(partitions);
        Ok(TopicGroups {
            topics,
            unread,
            missing: BTreeSet::new(),
        })
    }

    async fn ask_groups(
        &self,
        api: Api,
        topics: Option<&BTreeMap<TopicName, Vec<i32>>>,
    ) -> Result<Option<Arc<str>>, AdminError> {
        let names = topics.into_iter().flat_map(BTreeMap::keys);
        self.begin(Call::from(api), names).await;
        let broker = self.state.borrow().any_broker()?;
        let lost = api.lost(self.state.borrow().peer(broker));
        let befallen = self.script.borrow_mut().befalls_whole(Call::from(api), &lost);
        match befallen {
            Some(ItemError::Request(error @ AdminError::Unreachable { .. })) => Err(error),
            other => Ok(other.map(|error| error.to_string().into())),
        }
    }
}

impl Groups {
    /// A deleted topic takes the offsets with it.
    pub(super) fn forget(&mut self, topic: &TopicName) {
        for group in self.0.values_mut() {
            group.committed.retain(|(name, _), _| name != topic);
            group.members.remove(topic);
        }
    }

    fn using(
        &self,
        partitions: &BTreeMap<TopicName, Vec<i32>>,
    ) -> BTreeMap<TopicName, BTreeMap<GroupName, GroupUse>> {
        let mut topics: BTreeMap<TopicName, BTreeMap<GroupName, GroupUse>> = BTreeMap::new();
        for (name, group) in &self.0 {
            for (topic, indexes) in partitions {
                if let Some(found) = group.of(topic, indexes) {
                    topics
                        .entry(topic.clone())
                        .or_default()
                        .insert(Arc::clone(name), found);
                }
            }
        }
        topics
    }
}

impl Group {
    fn of(&self, topic: &TopicName, partitions: &[i32]) -> Option<GroupUse> {
        let committed = |index: &i32| {
            let offset = self.committed.get(&(topic.clone(), *index))?;
            let committed = Committed {
                offset: *offset,
                leader_epoch: None,
            };
            Some((*index, committed))
        };
        let committed: BTreeMap<i32, Committed> = partitions.iter().filter_map(committed).collect();
        let members = members(self.members.get(topic).copied().unwrap_or(0), partitions);
        let is_awake = self.members.values().any(|members| *members > 0);
        let state = if is_awake { "Stable" } else { "Empty" };
        (!committed.is_empty() || !members.is_empty()).then_some(GroupUse {
            kind: GroupKind::Classic,
            state: Some(state.into()),
            committed,
            without_offset: BTreeSet::new(),
            members: Known::Read(members),
        })
    }
}

/// So many, with the partitions dealt out among them in turn.
fn members(count: usize, partitions: &[i32]) -> Arc<[GroupMember]> {
    let member = |number: usize| GroupMember {
        id: format!("member-{number}").into(),
        client: "client".into(),
        host: "127.0.0.1".into(),
        partitions: partitions.iter().copied().skip(number).step_by(count).collect(),
    };
    (0..count).map(member).collect()
}

#[allow(
    clippy::expect_used,
    reason = "a name in a test that is no name is a bug of the test"
)]
fn topic_name(name: &str) -> TopicName {
    TopicName::new(name).expect("a topic name")
}
