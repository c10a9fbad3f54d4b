//! What could not be read of a topic, and why.

use std::collections::{BTreeMap, BTreeSet};

use super::{DescribedGroup, TopicDescription};

impl TopicDescription {
    /// Each reason once, with what it kept from being read.
    pub fn unread(&self) -> BTreeMap<&str, BTreeSet<&'static str>> {
        let mut reasons: BTreeMap<&str, BTreeSet<&'static str>> = BTreeMap::new();
        for (what, why) in self.unread_of_topic().chain(self.unread_of_groups()) {
            reasons.entry(why).or_default().insert(what);
        }
        reasons
    }

    fn unread_of_topic(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let ends = self
            .offsets
            .values()
            .flat_map(|ends| [&ends.earliest, &ends.latest]);
        let ends = ends.map(|end| ("offsets", end.as_ref().err()));
        let last_writes = self.last_writes.values();
        let last_writes = last_writes.map(|last| ("last write", last.as_ref().err()));
        let sizes = self.sizes.values().flat_map(BTreeMap::values);
        let sizes = sizes.map(|size| ("bytes", size.as_ref().err()));
        let whole = [
            ("metadata", self.metadata.failure()),
            ("configs", self.configs.failure()),
            ("what configs override", self.chains_unread.as_ref()),
            ("reassignments", self.reassignments.failure()),
            ("eligible leaders", self.eligible_leaders.failure()),
        ];
        let values = self.values_unread.values();
        let values = values.map(|why| ("values by broker", Some(why)));
        let whole = whole.into_iter().chain(values);
        let all = whole.chain(ends).chain(last_writes).chain(sizes);
        all.filter_map(|(what, why)| Some((what, &*why?.words)))
    }

    fn unread_of_groups(&self) -> impl Iterator<Item = (&'static str, &str)> {
        // Both are asked for together.
        let in_time = !self.last_writes.is_empty();
        let groups = self.groups.iter().flat_map(move |groups| {
            let each = groups.read.values().flat_map(move |group| group.unread(in_time));
            groups.unread.iter().map(|why| &**why).chain(each)
        });
        groups.map(|why| ("groups", why))
    }
}

impl DescribedGroup {
    fn unread(&self, in_time: bool) -> impl Iterator<Item = &str> {
        let lags = self.positions.values().map(|position| position.lag.why_not());
        let behind = self.positions.values().filter(move |_| in_time);
        let behind = behind.map(|position| position.behind_ms.why_not());
        let all = [self.members.why_not()].into_iter().chain(lags).chain(behind);
        all.flatten().map(|why| &**why)
    }
}
