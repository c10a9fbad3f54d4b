//! From what was read of a cluster to what a change costs. Each rule here says what the broker will do,
//! and errs on the side of more; `docs/impact.md` has the reasoning.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::assess::{LimitAfter, lists};
use super::evidence_request::limits_after;
use super::extent::{PartitionEstimate, PartitionExtent, share};
use super::impact::{
    Amount, Compacted, Deleted, GroupAtWork, Grown, Loss, PartitionLoss, Sampled, TimeSpan, Unread, Users,
};
use super::{Change, Plan, Reason, ReplicationChange, RiskClass, TopicPlan, forecast, unclean};
use crate::model::{
    CLOCKS_DIFFER_MS, Committed, Evidence, GroupKind, GroupUse, Groups, Known, Observation, ObservedTopic,
    Offset, PartitionEnd, PartitionEvidence, TopicConfigs, TopicEvidence, TopicObservation, quantity,
};

const CLEANUP_POLICY: &str = "cleanup.policy";
const REMOTE_STORAGE: &str = "remote.storage.enable";

/// Kafka keeps the length of a segment in 31 bits, whatever `segment.bytes` was when it was written.
const LARGEST_SEGMENT: i64 = 0x7fff_ffff;

impl Plan {
    /// The plan with the cost of its changes as the cluster's data shows it. Topics that were not asked
    /// about stay as they are.
    #[must_use]
    pub fn with_evidence(mut self, observed: &Observation, evidence: &Evidence) -> Self {
        self.disks.clone_from(&observed.storage.disks);
        self.disks.extend(evidence.disks.clone());
        for (name, found) in &evidence.topics {
            let (Some(topic), Some(TopicObservation::Present(seen))) =
                (self.topics.get_mut(name), observed.topics.get(name))
            else {
                continue;
            };
            topic.estimate_risks(seen, found, observed.cluster.health.clock_ahead_ms);
        }
        self
    }
}

impl TopicPlan {
    fn estimate_risks(&mut self, seen: &ObservedTopic, found: &TopicEvidence, controller_ahead: Option<i64>) {
        let limits = limits_after(self, seen);
        let estimator = CostEstimator {
            seen,
            found,
            controller_ahead,
            configs: found.configs.as_ref().unwrap_or(&seen.configs),
            milliseconds: limits.milliseconds,
            bytes: limits.bytes,
        };
        for planned in &mut self.changes {
            let risk = std::mem::take(&mut planned.risk);
            let change = match &planned.change {
                Change::Reassign(change) => Some(change),
                Change::Create(_)
                | Change::Delete(_)
                | Change::GrowPartitions(_)
                | Change::CancelMoves(_)
                | Change::SetConfig(_)
                | Change::ResetConfig(_) => None,
            };
            planned.risk = risk.weighed(|reason| estimator.estimate(reason, change));
        }
        // What is known to cost nothing would cost no less if more could be read.
        if self.may_cost() {
            self.unread_rights.clone_from(&found.missing);
        }
    }
}

impl TopicPlan {
    /// Whether anything that the cluster's data decides may cost something.
    fn may_cost(&self) -> bool {
        let mut reasons = self.changes.iter().flat_map(|planned| planned.risk.reasons());
        reasons.any(|reason| match reason {
            Reason::ResetsUnlisted | Reason::RemapsInternalTopic { .. } => false,
            reason => reason.class() > RiskClass::Safe,
        })
    }
}

struct CostEstimator<'a> {
    seen: &'a ObservedTopic,
    found: &'a TopicEvidence,
    /// How far the controller's clock is ahead of this machine's, in milliseconds, where they differ.
    controller_ahead: Option<i64>,
    /// Empty where they are not known.
    configs: &'a TopicConfigs,
    /// The limits that will be in force.
    milliseconds: LimitAfter,
    bytes: LimitAfter,
}

impl CostEstimator<'_> {
    fn estimate(&self, reason: Reason, change: Option<&ReplicationChange>) -> Reason {
        let boxed = |loss| Some(Box::new(loss));
        match reason {
            Reason::ShorterRetention { from, to, loss: _ } => {
                let loss = boxed(self.loss(|held| self.by_time(held)));
                Reason::ShorterRetention { from, to, loss }
            }
            Reason::SmallerRetention { from, to, loss: _ } => {
                let loss = boxed(self.loss(|held| self.by_size(held, to)));
                Reason::SmallerRetention { from, to, loss }
            }
            Reason::StartsDeleting { loss: _ } => Reason::StartsDeleting {
                loss: boxed(self.loss(|held| self.by_either(held))),
            },
            Reason::RemoteStorageDisabled { loss: _ } => Reason::RemoteStorageDisabled {
                loss: boxed(self.loss(remote)),
            },
            Reason::DeletesTopic { deleted: _ } => Reason::DeletesTopic {
                deleted: Some(Box::new(self.deleted())),
            },
            Reason::MovesKeys { from, to, grown: _ } => {
                let grown = Some(Box::new(self.grown()));
                Reason::MovesKeys { from, to, grown }
            }
            Reason::StartsCompacting { found: _ } => Reason::StartsCompacting {
                found: Some(Box::new(self.compacted())),
            },
            Reason::SmallerMessages { from, to, sample: _ } => {
                let sample = Some(self.sampled());
                Reason::SmallerMessages { from, to, sample }
            }
            Reason::CompactsSooner { from, to, loss: _ } => {
                let loss = boxed(self.loss(by_lag));
                Reason::CompactsSooner { from, to, loss }
            }
            Reason::HasEffect { effect, records: _ } => Reason::HasEffect {
                effect,
                records: effect.kind.needs_records().then(|| self.records()),
            },
            Reason::UncleanElection { leaderless } => {
                unclean::estimate_losses(leaderless, self.found, self.leaves_gaps())
            }
            Reason::CopiesReplicas { copied: _ } => Reason::CopiesReplicas {
                copied: change.map(|change| Box::new(forecast::copied(change, self.found, self.seen))),
            },
            Reason::FewerReplicas { from, to, freed: _ } => Reason::FewerReplicas {
                from,
                to,
                freed: change.map(|change| Box::new(forecast::copied(change, self.found, self.seen))),
            },
            Reason::UnknownInherited { .. }
            | Reason::MinInsyncAboveIsr { .. }
            | Reason::NoBrokerToSpare { .. }
            | Reason::DropsCopies { .. }
            | Reason::ForgetsEligibleLeaders { .. }
            | Reason::ResetsUnlisted
            | Reason::RemapsInternalTopic { .. }
            | Reason::UnknownKey { .. }
            | Reason::CannotCompare { .. } => reason,
        }
    }

    fn value(&self, key: &str) -> Option<&str> {
        self.configs.get(key).and_then(|config| config.value.as_deref())
    }

    /// Compaction leaves gaps between offsets, so that fewer records may go than offsets. A policy that
    /// cannot be seen may be that.
    fn leaves_gaps(&self) -> bool {
        let compacts = |policy: Option<&str>| policy.is_none_or(|policy| lists(policy, "compact"));
        compacts(self.value(CLEANUP_POLICY)) || self.seen.inherited_values(CLEANUP_POLICY).any(compacts)
    }

    /// Segments in remote storage go by rules, and count in sizes, that cannot be seen from here. Brokers
    /// that have none do not list the key.
    fn is_tiered(&self) -> bool {
        let is_true = |value: &str| value.trim().eq_ignore_ascii_case("true");
        self.configs.is_empty() || self.value(REMOTE_STORAGE).is_some_and(is_true)
    }

    fn held<'e>(&self, evidence: &'e PartitionEvidence) -> Result<PartitionExtent<'e>, &'e Arc<str>> {
        PartitionExtent::of_evidence(evidence, self.is_tiered())
    }

    /// Whole segments go from the front until the first that holds a record younger than the limit. The
    /// offset that the broker names for the cut-off lies in that very segment.
    fn by_time(&self, held: &PartitionExtent<'_>) -> PartitionEstimate {
        if self.is_tiered() {
            return PartitionEstimate::anything(
                held,
                "topics in remote storage delete by rules of their own",
            );
        }
        if let Some(doubt) = self.clock_doubt() {
            return PartitionEstimate::anything(held, &doubt);
        }
        if self.all_are_young(held) {
            return PartitionEstimate::nothing();
        }
        let found = match &held.evidence.at_cutoff {
            Known::Unread(why) => return PartitionEstimate::anything(held, why),
            Known::Read(found) => found.offset,
        };
        match found {
            // Compaction may take away the very record that keeps a segment, the first one too.
            Some(_) if self.leaves_gaps() => held.front(held.records),
            Some(stays) if stays <= held.earliest => PartitionEstimate::nothing(),
            Some(stays) => held.front((stays - held.earliest).min(held.records)),
            None if self.all_have_times(held) => held.everything(),
            None => held.front(held.records),
        }
    }

    /// Why this machine's clock does not tell what brokers take for too old, if something speaks against it.
    fn clock_doubt(&self) -> Option<String> {
        let of_controller = self.controller_ahead.map(controller_differs);
        of_controller.or_else(|| self.newest_ahead().map(record_ahead))
    }

    /// How far the newest record of the topic lies in the future of this machine's clock, in milliseconds, if that is
    /// more than clocks differ. Then the clock may be behind, by so much at least, and what brokers take for too
    /// old is not known.
    fn newest_ahead(&self) -> Option<i64> {
        let partitions = self.found.partitions.values();
        let times = partitions.filter_map(|evidence| evidence.last_write.read()?.timestamp);
        let ahead = times.max()?.saturating_sub(self.found.now?);
        (ahead > CLOCKS_DIFFER_MS).then_some(ahead)
    }

    /// Every record was looked at, and each is young enough by itself: whatever compaction takes away, what is
    /// left keeps its segment.
    fn all_are_young(&self, held: &PartitionExtent<'_>) -> bool {
        let sample = held.evidence.sample.read().filter(|sample| sample.complete);
        match (sample.map(|sample| sample.oldest), self.found.cutoff) {
            (Some(Some(oldest)), Some(cutoff)) => oldest >= cutoff,
            // Offsets, and no record.
            (Some(None), Some(_)) => true,
            (None, _) | (_, None) => false,
        }
    }

    /// A segment of records without any time counts by when its file was written.
    fn all_have_times(&self, held: &PartitionExtent<'_>) -> bool {
        let first = held.evidence.first.read().and_then(|first| first.offset);
        first == Some(held.earliest) && !self.leaves_gaps()
    }

    /// Whole segments go from the front as long as what is left still has the limit in bytes.
    fn by_size(&self, held: &PartitionExtent<'_>, limit: i64) -> PartitionEstimate {
        let total = match &held.bytes {
            Known::Unread(why) => return PartitionEstimate::anything(held, why),
            Known::Read(total) => *total,
        };
        let beyond = total - limit;
        if beyond <= 0 {
            return PartitionEstimate::nothing();
        }
        if limit == 0 && !self.leaves_gaps() {
            return held.everything();
        }
        let records = Amount {
            at_least: 0,
            at_most: Some(held.records),
            about: Some(share(held.records, beyond, total)),
        };
        let bytes = Amount {
            at_least: (beyond - LARGEST_SEGMENT).max(0),
            // What the size uncovers may be too old as well.
            at_most: Some(total),
            about: Some(beyond),
        };
        PartitionEstimate::loss(PartitionLoss { records, bytes })
    }

    fn by_either(&self, held: &PartitionExtent<'_>) -> PartitionEstimate {
        let by_time = match self.milliseconds {
            LimitAfter::At(_) => self.by_time(held),
            LimitAfter::Endless => PartitionEstimate::nothing(),
            LimitAfter::Unknown => PartitionEstimate::anything(held, "retention.ms is not known"),
        };
        let by_size = match self.bytes {
            LimitAfter::At(limit) => self.by_size(held, limit),
            LimitAfter::Endless => PartitionEstimate::nothing(),
            LimitAfter::Unknown => PartitionEstimate::anything(held, "retention.bytes is not known"),
        };
        by_time.or_more(by_size)
    }

    fn loss(&self, judge: impl Fn(&PartitionExtent<'_>) -> PartitionEstimate) -> Loss {
        let mut partitions = BTreeMap::new();
        let mut unread = BTreeSet::new();
        for (index, evidence) in &self.found.partitions {
            let partly = match self.held(evidence) {
                Ok(held) if held.records == 0 => continue,
                Ok(held) => judge(&held),
                Err(why) => PartitionEstimate::unknown(why),
            };
            unread.extend(partly.unread);
            if !partly.loss.records.is_nothing() {
                partitions.insert(*index, partly.loss);
            }
        }
        Loss {
            span: self.span(&partitions),
            groups: self.groups_behind(&partitions),
            partitions,
            unread,
        }
    }

    /// From the first record that has a time to the last one of those that go.
    fn span(&self, partitions: &BTreeMap<i32, PartitionLoss>) -> Option<TimeSpan> {
        let of = |index: &i32| self.found.partitions.get(index);
        let time = |offset: &Known<Offset>| offset.read().and_then(|offset| offset.timestamp);
        let losing = || partitions.keys().filter_map(of);
        let from = losing().filter_map(|evidence| time(&evidence.first)).min()?;
        let last_write = losing().filter_map(|evidence| time(&evidence.last_write)).max();
        let before_cutoff = self.found.cutoff.map(|cutoff| cutoff - 1);
        let to = before_cutoff.or(last_write)?;
        (from <= to).then_some(TimeSpan { from, to })
    }

    fn groups_behind(&self, partitions: &BTreeMap<i32, PartitionLoss>) -> Groups<Unread> {
        // Who would miss nothing anyway need not be known.
        if partitions.is_empty() {
            return Groups::default();
        }
        let behind = |group: &GroupUse| {
            let unread = self.unread_by(group, partitions);
            (!unread.partitions.is_empty()).then_some(unread)
        };
        self.found.groups.filter_map(behind)
    }

    fn unread_by(&self, group: &GroupUse, partitions: &BTreeMap<i32, PartitionLoss>) -> Unread {
        let mut unread = Unread::default();
        for (index, loss) in partitions {
            let amount = match (group.committed.get(index), group.why_no_offset(*index)) {
                (Some(committed), _) => self.unread_after(group.kind, *committed, *index, loss),
                (None, Some(why)) => Err(why),
                (None, None) => continue,
            };
            let amount = amount.unwrap_or_else(|why| {
                unread.doubts.insert(why);
                Amount {
                    at_least: 0,
                    about: None,
                    ..loss.records
                }
            });
            if !amount.is_nothing() {
                unread.partitions.insert(*index, amount);
            }
        }
        unread
    }

    /// What is lost of a partition after a committed offset. The error says why it is not known what the group has
    /// read.
    fn unread_after(
        &self,
        kind: GroupKind,
        committed: Committed,
        index: i32,
        loss: &PartitionLoss,
    ) -> Result<Amount, Arc<str>> {
        let evidence = self.found.partitions.get(&index);
        let Some(Ok(held)) = evidence.map(|evidence| self.held(evidence)) else {
            return Ok(Amount::UNKNOWN);
        };
        let end = PartitionEnd {
            offset: held.earliest.saturating_add(held.records),
            leader_epoch: held.evidence.leader_epoch,
        };
        if let Known::Unread(why) = committed.lag(end) {
            return Err(why);
        }
        let read = committed.offset.saturating_sub(held.earliest).max(0);
        let after = |records: i64| (records - read).max(0);
        Ok(Amount {
            // Members of a share group acknowledge records out of order: some after the offset may be done.
            at_least: match kind {
                GroupKind::Share => 0,
                GroupKind::Classic | GroupKind::Consumer | GroupKind::Streams | GroupKind::Other => {
                    after(loss.records.at_least)
                }
            },
            at_most: loss.records.at_most.map(after),
            about: loss.records.about.map(after),
        })
    }

    fn deleted(&self) -> Deleted {
        let whole = |held: &PartitionExtent<'_>| {
            if self.leaves_gaps() {
                held.front(held.records)
            } else {
                held.everything()
            }
        };
        Deleted {
            loss: self.loss(whole),
            users: self.users(),
        }
    }

    fn users(&self) -> Users {
        self.found.groups.filter_map(|group| {
            Some(GroupAtWork {
                committed: group.committed.len(),
                members: group.members.map(|members| members.len()),
            })
        })
    }

    fn grown(&self) -> Grown {
        Grown {
            records: self.records(),
            sample: self.sampled(),
            compacted: self.leaves_gaps(),
            users: self.users(),
        }
    }

    fn compacted(&self) -> Compacted {
        Compacted {
            records: self.records(),
            sample: self.sampled(),
        }
    }

    /// Everything that is there.
    fn records(&self) -> Amount {
        let each = self
            .found
            .partitions
            .values()
            .map(|evidence| match self.held(evidence) {
                Ok(held) if self.leaves_gaps() => Amount::up_to(held.records),
                Ok(held) => Amount::exactly(held.records),
                Err(_) => Amount::UNKNOWN,
            });
        each.sum()
    }

    /// One partition that cannot be looked into could hold what the others do not.
    fn sampled(&self) -> Known<Sampled> {
        let mut all = Sampled {
            reached_end: true,
            complete: true,
            ..Sampled::default()
        };
        for evidence in self.found.partitions.values() {
            if self.held(evidence).is_ok_and(|held| held.records == 0) {
                continue;
            }
            match &evidence.sample {
                Known::Unread(why) => return Known::Unread(Arc::clone(why)),
                Known::Read(sample) => {
                    all.keyed += sample.keyed;
                    all.unkeyed += sample.unkeyed;
                    all.largest_batch = all.largest_batch.max(sample.largest_batch.into());
                    all.largest_sent = all.largest_sent.max(sample.largest_sent);
                    all.is_thinned |= sample.is_thinned;
                    all.reached_end &= sample.reached_end;
                    all.complete &= sample.complete;
                }
            }
        }
        Known::Read(all)
    }
}

fn record_ahead(ahead: i64) -> String {
    let ahead = whole_units(ahead);
    format!(
        "the newest record is {ahead} ahead of this machine's clock: it is behind, or a producer's is ahead"
    )
}

fn controller_differs(ahead: i64) -> String {
    let side = if ahead > 0 { "ahead of" } else { "behind" };
    let by = whole_units(ahead.saturating_abs());
    format!(
        "the controller's clock is {by} {side} this machine's: which records brokers take for too old is not known"
    )
}

/// `20d`: to the day, hour or minute.
fn whole_units(milliseconds: i64) -> String {
    const MINUTE: i64 = 60_000;
    let units = [24 * 60 * MINUTE, 60 * MINUTE, MINUTE];
    let unit = units.into_iter().find(|unit| milliseconds >= *unit).unwrap_or(1);
    quantity::human_duration(milliseconds - milliseconds % unit)
}

/// The cleaner stops at the first segment that holds a record too young for it. Where it stops at the same
/// record before and after, it stops at the same segment. Otherwise all before the later one can go, those too
/// that were old enough before: what supersedes them was not.
fn by_lag(held: &PartitionExtent<'_>) -> PartitionEstimate {
    match (&held.evidence.compacted_before, &held.evidence.compacted_after) {
        (Known::Unread(why), _) | (_, Known::Unread(why)) => PartitionEstimate::anything(held, why),
        (Known::Read(before), Known::Read(after)) if before.offset == after.offset => {
            PartitionEstimate::nothing()
        }
        (Known::Read(_), Known::Read(after)) => {
            let young_from = after.offset.unwrap_or(i64::MAX);
            let old = young_from.saturating_sub(held.earliest).clamp(0, held.records);
            held.front(old)
        }
    }
}

/// Disabling remote storage moves the start of a partition to where brokers hold it themselves.
fn remote(held: &PartitionExtent<'_>) -> PartitionEstimate {
    match &held.evidence.local_start {
        Known::Read(start) => held.front((start - held.earliest).clamp(0, held.records)),
        Known::Unread(why) => PartitionEstimate::anything(held, why),
    }
}
