//! The ends of partitions and what groups committed are read side by side. A group that commits in between is ahead
//! of the end that was read, and would look like one whose commits are of another log.

use std::collections::BTreeMap;

use crate::admin::{Admin, AdminError, ItemError, OffsetPoint, TopicGroups};
use crate::model::{Offset, TopicName};

type Offsets = BTreeMap<(TopicName, i32), Result<Offset, ItemError>>;

/// Reads the ends that a commit does not fit again; without such a commit nothing is sent.
pub(super) async fn read_later_ends<A: Admin>(
    admin: &A,
    groups: &Result<TopicGroups, AdminError>,
    latest: &mut Result<Offsets, AdminError>,
) {
    let (Ok(groups), Ok(ends)) = (groups, latest) else {
        return;
    };
    let doubtful = doubtful_partitions(groups, ends);
    if doubtful.is_empty() {
        return;
    }
    if let Ok(later) = admin.offsets(&doubtful, OffsetPoint::Latest).await {
        ends.extend(later.into_iter().filter(|(_, end)| end.is_ok()));
    }
}

fn doubtful_partitions(groups: &TopicGroups, ends: &Offsets) -> BTreeMap<TopicName, Vec<i32>> {
    let mut doubtful: BTreeMap<TopicName, Vec<i32>> = BTreeMap::new();
    for (topic, used) in &groups.topics {
        for (index, committed) in used.values().flat_map(|group| &group.committed) {
            let end = match ends.get(&(topic.clone(), *index)) {
                Some(Ok(offset)) => offset.as_end(),
                Some(Err(_)) | None => None,
            };
            if end.is_some_and(|end| committed.lag(end).read().is_none()) {
                doubtful.entry(topic.clone()).or_default().push(*index);
            }
        }
    }
    for indexes in doubtful.values_mut() {
        indexes.sort_unstable();
        indexes.dedup();
    }
    doubtful
}
