//! Follows replicas that are being copied, until they are in sync, and then has their preferred leaders
//! lead. What the controller accepted goes on without this tool: to stop following stops nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::control::ApplyProgress;
use super::copy_snapshot::{CopySnapshot, changes};
use super::elect;
use super::meter::Meter;
use super::report::Outcome;
use super::write::{PlanWriter, TopicChanges};
use crate::admin::{Admin, AdminError};
use crate::model::{BrokerId, TopicName};

const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

type CopiedPartitions = BTreeMap<TopicName, Vec<i32>>;

impl<A: Admin> PlanWriter<'_, A> {
    /// Ends every share: done once all replicas are in sync, not known where nothing moves any more.
    pub(super) async fn follow(&mut self, mut open: Vec<TopicChanges<'_>>) {
        if !self.control.waits {
            for (name, changes) in open {
                self.end(name, changes, &Outcome::Done);
            }
            return;
        }
        let mut meter = Meter::new(partitions(&open).values().map(Vec::len).sum());
        let mut pause = FIRST_PAUSE;
        loop {
            let trouble = match self.look(&open).await {
                Ok(look) => {
                    open = self.settle_copies(open, &look).await;
                    meter.read(&open, &look);
                    (self.control.progress)(ApplyProgress::Copying(meter.copying()));
                    None
                }
                Err(error) => Some(error),
            };
            if open.is_empty() {
                return;
            }
            if self.control.interrupt.is_raised() {
                return self.leave_copying(
                    open,
                    "in progress on the brokers; interrupted while replicas are being copied",
                );
            }
            if meter.stalled_for() >= self.control.visible_within {
                let why = self.why_nothing_moves(&open, trouble).await;
                self.is_stalled = true;
                return self.leave_copying(open, &why);
            }
            self.control.interrupt.or_sleep(pause).await;
            pause = (pause * 3 / 2).min(LONGEST_PAUSE);
        }
    }

    async fn look(&self, open: &[TopicChanges<'_>]) -> Result<CopySnapshot, String> {
        let names: Vec<TopicName> = open.iter().map(|(name, _)| (*name).clone()).collect();
        let partitions = partitions(open);
        let (moving, topics, sizes) = tokio::join!(
            self.admin.list_partition_reassignments(Some(&partitions)),
            self.admin.topics(&names),
            self.admin.replica_sizes(&partitions),
        );
        let words = |error: AdminError| error.to_string();
        Ok(CopySnapshot {
            moving: moving.map_err(words)?.map_err(|error| error.to_string())?,
            topics: topics.map_err(words)?,
            // They only tell the pace.
            sizes: sizes.unwrap_or_default(),
        })
    }

    /// Ends the topics whose replicas are all in place.
    async fn settle_copies<'n>(
        &mut self,
        open: Vec<TopicChanges<'n>>,
        look: &CopySnapshot,
    ) -> Vec<TopicChanges<'n>> {
        let mut rest = Vec::new();
        let mut elections = Vec::new();
        for (name, changes) in open {
            match look.topics.get(name) {
                Some(Ok(None)) if !look.is_moving(name) => {
                    self.end(
                        name,
                        changes,
                        &Outcome::Failed("the topic was deleted meanwhile".into()),
                    );
                }
                Some(Ok(Some(seen))) if look.has_arrived(name, &changes, seen) => {
                    elections.extend(elect::due(name, seen));
                    self.end(name, changes, &Outcome::Done);
                }
                Some(_) | None => rest.push((name, changes)),
            }
        }
        let said = elect::elect_leaders(self.admin, &elections).await;
        self.round.throttles.extend(said);
        rest
    }

    fn leave_copying(&mut self, open: Vec<TopicChanges<'_>>, why: &str) {
        let why = format!("{why}; run apply again to follow it");
        for (name, changes) in open {
            self.end(name, changes, &Outcome::Unknown(why.as_str().into()));
        }
    }

    async fn why_nothing_moves(&self, open: &[TopicChanges<'_>], trouble: Option<String>) -> String {
        let waited = self.control.visible_within.as_secs();
        let nothing = format!("accepted, but no replica was copied for {waited} s");
        if let Some(trouble) = trouble {
            return format!("{nothing}, and how far it is could not be read: {trouble}");
        }
        let holders: BTreeSet<BrokerId> = changes(open)
            .flat_map(|(_, change)| change.after.concat())
            .collect();
        let alive = self.admin.cluster().await.map(|cluster| cluster.brokers);
        let dead = holders
            .iter()
            .find(|id| alive.as_ref().is_ok_and(|alive| !alive.contains_key(id)));
        match dead {
            Some(broker) => format!("{nothing}: broker {broker} is not alive, and it goes on when it is"),
            None => nothing,
        }
    }
}

/// The partitions that get other replicas.
fn partitions(open: &[TopicChanges<'_>]) -> CopiedPartitions {
    changes(open)
        .map(|(name, change)| (name.clone(), change.moves().map(|(index, _)| index).collect()))
        .collect()
}
