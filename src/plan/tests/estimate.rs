//! What is read of partitions, and the cost that follows: bounds that a broker never exceeds.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::sides::{Seen, Wanted};
use super::words::lines;
use super::{Scene, name, only};
use crate::model::{
    Committed, Evidence, GroupKind, GroupMember, GroupUse, Groups, Known, Offset, PartitionEvidence, Sample,
    TopicEvidence,
};

/// One partition, as far as a test speaks of it.
#[derive(Clone, Default)]
struct Holds(PartitionEvidence);

fn holds(earliest: i64, latest: i64) -> Holds {
    Holds(PartitionEvidence {
        earliest: Known::Read(earliest),
        latest: Known::Read(latest),
        ..PartitionEvidence::default()
    })
}

fn at(offset: Option<i64>) -> Known<Offset> {
    Known::Read(Offset {
        offset,
        timestamp: offset,
        ..Offset::default()
    })
}

impl Holds {
    fn young_from(mut self, offset: Option<i64>) -> Self {
        self.0.at_cutoff = at(offset);
        self
    }

    fn timed_from(mut self, offset: Option<i64>) -> Self {
        self.0.first = at(offset);
        self
    }

    fn bytes(mut self, bytes: i64) -> Self {
        self.0.bytes = Known::Read(bytes);
        self
    }

    fn written_until(mut self, time: i64) -> Self {
        self.0.last_write = Known::Read(Offset {
            offset: Some(0),
            timestamp: Some(time),
            leader_epoch: None,
        });
        self
    }

    fn local_from(mut self, offset: i64) -> Self {
        self.0.local_start = Known::Read(offset);
        self
    }

    fn sample(mut self, keyed: i64, unkeyed: i64, largest_batch: i32, complete: bool) -> Self {
        self.0.sample = Known::Read(Sample {
            keyed,
            unkeyed,
            largest_batch,
            largest_sent: largest_batch.into(),
            is_thinned: false,
            oldest: None,
            reached_end: true,
            complete,
        });
        self
    }

    /// With up to so many bytes before brokers recompressed the largest batch.
    fn sent(mut self, most: i64) -> Self {
        if let Known::Read(sample) = &mut self.0.sample {
            sample.largest_sent = most;
        }
        self
    }

    fn thinned(mut self) -> Self {
        if let Known::Read(sample) = &mut self.0.sample {
            sample.is_thinned = true;
        }
        self
    }

    fn oldest(mut self, oldest: i64) -> Self {
        if let Known::Read(sample) = &mut self.0.sample {
            sample.oldest = Some(oldest);
        }
        self
    }

    fn short_of_the_end(mut self) -> Self {
        if let Known::Read(sample) = &mut self.0.sample {
            sample.reached_end = false;
        }
        self
    }
}

fn at_offset(offset: i64) -> Committed {
    Committed {
        offset,
        leader_epoch: None,
    }
}

/// A group with a committed offset in each partition given, and so many members.
fn group(committed: &[(i32, i64)], members: usize) -> GroupUse {
    GroupUse {
        committed: committed
            .iter()
            .map(|(index, offset)| (*index, at_offset(*offset)))
            .collect(),
        members: Known::Read(vec![GroupMember::default(); members].into()),
        ..GroupUse::default()
    }
}

/// What was read of the topic `orders`.
fn evidence(partitions: &[Holds], groups: &[(&str, GroupUse)], unread: &[&str]) -> Evidence {
    let read = groups.iter().map(|(name, used)| (Arc::from(*name), used.clone()));
    let found = TopicEvidence {
        cutoff: None,
        now: None,
        partitions: (0..)
            .zip(partitions.iter().map(|holds| holds.0.clone()))
            .collect(),
        survivors: BTreeMap::new(),
        configs: None,
        groups: Groups {
            read: read.collect(),
            unread: unread.iter().copied().map(Arc::from).collect::<BTreeSet<_>>(),
        },
        missing: BTreeSet::new(),
    };
    Evidence {
        disks: BTreeMap::new(),
        topics: BTreeMap::from([(name("orders"), found)]),
    }
}

/// The risks of the changes, in their order: each class with its reasons.
fn risks(scene: &Scene, evidence: &Evidence) -> Vec<String> {
    let weighed = only(&scene.plan().with_evidence(&scene.observed, evidence));
    let risk = |line: String| {
        let (_, risk) = line.split_once(" [").expect("a risk");
        risk.strip_suffix(']').expect("the end of a risk").to_owned()
    };
    lines(&weighed).into_iter().map(risk).collect()
}

fn scene(wanted: &str, seen: &str) -> Scene {
    let seen = Seen::stock().with(seen).sighting();
    Scene::new().topic("orders", Wanted::configs(wanted), seen)
}

/// One partition, one change.
#[track_caller]
fn check(wanted: &str, seen: &str, partition: &Holds, expected: &str) {
    let found = evidence(std::slice::from_ref(partition), &[], &[]);
    let said = risks(&scene(wanted, seen), &found);
    assert_eq!(said, [expected], "{wanted:?} after {seen:?}");
}

const SHORTER: &str = "retention.ms=5";
const LONG: &str = "own retention.ms=9";
const SMALLER: &str = "retention.bytes=300";

#[test]
fn by_age_all_before_the_first_young_record_may_go_and_no_more() {
    let young_from = |offset| {
        holds(10, 110)
            .young_from(offset)
            .timed_from(Some(10))
            .bytes(1_000)
    };
    let rows = [
        (Some(10), "safe: shorter 9 -> 5 losing []"),
        (
            Some(40),
            "lossy: shorter 9 -> 5 losing [0: 0..30 records 0..1000~300 bytes]",
        ),
        // The young record came after the end was read.
        (
            Some(400),
            "lossy: shorter 9 -> 5 losing [0: 0..100 records 0..1000~1000 bytes]",
        ),
    ];
    for (offset, expected) in rows {
        check(SHORTER, LONG, &young_from(offset), expected);
    }
}

#[test]
fn where_no_record_is_young_everything_goes_if_all_have_times() {
    let old = holds(10, 110).young_from(None).bytes(1_000);
    let all = "lossy: shorter 9 -> 5 losing [0: 100 records 1000 bytes]";
    check(SHORTER, LONG, &old.clone().timed_from(Some(10)), all);
    // A segment of records without times counts by when its file was written.
    let some = "lossy: shorter 9 -> 5 losing [0: 0..100 records 0..1000~1000 bytes]";
    check(SHORTER, LONG, &old.timed_from(Some(11)), some);
}

/// Compaction may take away the young record that kept a segment, the first record too.
#[test]
fn on_a_compacted_topic_everything_may_go_wherever_the_young_ones_begin() {
    let compacted = "own retention.ms=9; own cleanup.policy=compact,delete";
    let wanted = "retention.ms=5; cleanup.policy=compact,delete";
    for young_from in [Some(10), Some(40), None] {
        let partition = holds(10, 110)
            .young_from(young_from)
            .timed_from(Some(10))
            .bytes(1_000);
        let all = "lossy: shorter 9 -> 5 losing [0: 0..100 records 0..1000~1000 bytes]";
        check(wanted, compacted, &partition, all);
    }
    let empty = holds(10, 10).young_from(None).bytes(0);
    check(wanted, compacted, &empty, "safe: shorter 9 -> 5 losing []");
}

#[test]
fn by_size_what_is_beyond_the_limit_goes_in_whole_segments() {
    let rows = [
        (holds(0, 100).bytes(300), "safe: smaller endless -> 300 losing []"),
        (
            holds(0, 100).bytes(1_000),
            "lossy: smaller endless -> 300 losing [0: 0..100~70 records 0..1000~700 bytes]",
        ),
        // Of what is beyond the limit, all but one segment goes for certain.
        (
            holds(0, 100).bytes(5_000_000_300),
            "lossy: smaller endless -> 300 losing [0: 0..100~99 records 2852516353..5000000300~5000000000 bytes]",
        ),
        (
            holds(0, 100),
            "lossy: smaller endless -> 300 losing [0: 0..100 records 0..? bytes; unread: it was not asked for]",
        ),
    ];
    for (partition, expected) in rows {
        check(SMALLER, "own retention.bytes=-1", &partition, expected);
    }
    check(
        "retention.bytes=0",
        "own retention.bytes=-1",
        &holds(0, 100).bytes(1_000),
        "lossy: smaller endless -> 0 losing [0: 100 records 1000 bytes]",
    );
}

#[test]
fn a_policy_that_starts_to_delete_takes_what_either_limit_takes() {
    let wanted = "cleanup.policy=compact,delete; retention.bytes=300";
    let seen = "own cleanup.policy=compact; own retention.bytes=300";
    let partition = holds(0, 100)
        .young_from(Some(20))
        .timed_from(Some(0))
        .bytes(1_000);
    check(
        wanted,
        seen,
        &partition,
        "lossy: starts deleting losing [0: 0..100 records 0..1000~1000 bytes]",
    );
}

#[test]
fn remote_storage_goes_by_rules_that_cannot_be_seen() {
    let tiered = "own retention.ms=9; own remote.storage.enable=true";
    check(
        "retention.ms=5; remote.storage.enable=true",
        tiered,
        &holds(0, 100).young_from(Some(20)).bytes(1_000),
        "lossy: shorter 9 -> 5 losing [0: 0..100 records 0..? bytes; \
         unread: topics in remote storage delete by rules of their own]",
    );
    let disabled = |partition: &Holds, expected: &str| {
        check(
            "retention.ms=9; remote.storage.enable=false",
            tiered,
            partition,
            expected,
        );
    };
    disabled(
        &holds(0, 100).local_from(40),
        "lossy: remote storage disabled losing [0: 0..40 records 0..? bytes; \
         unread: sizes in remote storage cannot be read]",
    );
    disabled(
        &holds(0, 100).local_from(0),
        "safe: remote storage disabled losing []",
    );
    disabled(
        &holds(0, 100),
        "lossy: remote storage disabled losing [0: 0..100 records 0..? bytes; unread: it was not asked for]",
    );
}

#[test]
fn ends_that_cannot_be_read_hide_everything() {
    check(
        SHORTER,
        LONG,
        &Holds::default(),
        "lossy: shorter 9 -> 5 losing [0: 0..? records 0..? bytes; unread: it was not asked for]",
    );
}

#[test]
fn groups_miss_what_goes_before_they_have_read_it() {
    let partition = holds(10, 110)
        .young_from(Some(40))
        .timed_from(Some(10))
        .bytes(1_000);
    let groups = [
        ("ahead", group(&[(0, 40)], 1)),
        ("behind", group(&[(0, 25)], 0)),
        ("elsewhere", group(&[(7, 0)], 0)),
        ("lost already", group(&[(0, 3)], 0)),
    ];
    let found = evidence(&[partition], &groups, &["broker 2 is silent"]);
    assert_eq!(
        risks(&scene(SHORTER, LONG), &found),
        [
            "lossy: shorter 9 -> 5 losing [0: 0..30 records 0..1000~300 bytes; behind misses 0..15; \
             lost already misses 0..30; unread: broker 2 is silent]"
        ]
    );
}

#[test]
fn a_topic_that_goes_takes_everything_and_whoever_uses_it_is_named() {
    let deleted = |partition: Holds, groups: &[(&str, GroupUse)]| {
        let scene = Scene::new().absent("orders", Seen::stock().sighting());
        risks(&scene, &evidence(&[partition], groups, &[])).remove(0)
    };
    let empty = || holds(5, 5).bytes(0);
    assert_eq!(
        deleted(empty(), &[]),
        "caution: deletes topic losing [], used by nobody"
    );
    assert_eq!(
        deleted(empty(), &[("audit", group(&[], 2))]),
        "lossy: deletes topic losing [], used by audit 0/2"
    );
    assert_eq!(
        deleted(holds(5, 8).bytes(90), &[("audit", group(&[(0, 8)], 0))]),
        "lossy: deletes topic losing [0: 3 records 90 bytes], used by audit 1/0"
    );
}

#[test]
fn more_partitions_concern_keys_and_groups() {
    let grown = |partition: Holds, groups: &[(&str, GroupUse)], seen: &str| {
        let seen = Seen::stock().with(seen).sighting();
        let scene = Scene::new().topic("orders", Wanted::nothing().partitions(6).keep_unlisted(), seen);
        risks(&scene, &evidence(&[partition], groups, &[])).remove(0)
    };
    assert_eq!(
        grown(holds(5, 5), &[], ""),
        "safe: moves keys 3 -> 6 of 0, 0 keyed 0 unkeyed 0 bytes complete, used by nobody"
    );
    assert_eq!(
        grown(holds(5, 5), &[("audit", group(&[(0, 5)], 1))], ""),
        "caution: moves keys 3 -> 6 of 0, 0 keyed 0 unkeyed 0 bytes complete, used by audit 1/1"
    );
    assert_eq!(
        grown(
            holds(5, 9).sample(3, 1, 70, true),
            &[],
            "own cleanup.policy=compact"
        ),
        "caution: moves keys 3 -> 6 of 0..4, 3 keyed 1 unkeyed 70 bytes complete, compacted, used by nobody"
    );
}

#[test]
fn compaction_is_harmless_only_where_every_record_was_seen_to_have_a_key() {
    let rows = [
        (
            holds(5, 5),
            "safe: starts compacting of 0, 0 keyed 0 unkeyed 0 bytes complete",
        ),
        (
            holds(5, 9).sample(4, 0, 70, true),
            "caution: starts compacting of 4, 4 keyed 0 unkeyed 70 bytes complete",
        ),
        (
            holds(5, 9).sample(3, 0, 70, false),
            "lossy: starts compacting of 4, 3 keyed 0 unkeyed 70 bytes",
        ),
        (
            holds(5, 9).sample(3, 1, 70, true),
            "lossy: starts compacting of 4, 3 keyed 1 unkeyed 70 bytes complete",
        ),
        (
            holds(5, 9),
            "lossy: starts compacting of 4, unread: it was not asked for",
        ),
    ];
    for (partition, expected) in rows {
        check(
            "cleanup.policy=compact",
            "own cleanup.policy=delete",
            &partition,
            expected,
        );
    }
}

#[test]
fn smaller_messages_matter_where_larger_ones_are_seen() {
    let rows = [
        (
            70,
            "safe: smaller messages 90 -> 70, 4 keyed 0 unkeyed 70 bytes complete",
        ),
        (
            71,
            "caution: smaller messages 90 -> 70, 4 keyed 0 unkeyed 71 bytes complete",
        ),
    ];
    let judged = |partition: &Holds, expected: &str| {
        check(
            "max.message.bytes=70",
            "own max.message.bytes=90",
            partition,
            expected,
        );
    };
    for (largest, expected) in rows {
        judged(&holds(5, 9).sample(4, 0, largest, true), expected);
    }
    judged(
        &holds(5, 9).sample(4, 0, 9, true).sent(70),
        "safe: smaller messages 90 -> 70, 4 keyed 0 unkeyed 9 bytes, sent with up to 70 complete",
    );
    judged(
        &holds(5, 9).sample(4, 0, 9, true).sent(71),
        "caution: smaller messages 90 -> 70, 4 keyed 0 unkeyed 9 bytes, sent with up to 71 complete",
    );
    judged(
        &holds(5, 9).sample(4, 0, 9, true).thinned(),
        "caution: smaller messages 90 -> 70, 4 keyed 0 unkeyed 9 bytes thinned complete",
    );
    let latest = holds(5, 9).sample(3, 0, 70, false);
    judged(
        &latest,
        "caution: smaller messages 90 -> 70, 3 keyed 0 unkeyed 70 bytes",
    );
    judged(
        &latest.short_of_the_end(),
        "caution: smaller messages 90 -> 70, 3 keyed 0 unkeyed 70 bytes short of the end",
    );
}

/// Compaction takes away what keeps a segment, but it makes no record older.
#[test]
fn a_compacted_topic_loses_nothing_where_every_record_was_seen_to_be_young() {
    let looked = |oldest, complete| {
        holds(5, 9)
            .young_from(Some(5))
            .timed_from(Some(5))
            .bytes(90)
            .sample(4, 0, 70, complete)
            .oldest(oldest)
    };
    let all = "lossy: starts deleting losing [0: 0..4 records 0..90~90 bytes; from 5 to 699]";
    let rows = [
        (looked(700, true), "safe: starts deleting losing []"),
        (looked(699, true), all),
        (looked(-1, true), all),
        (looked(700, false), all),
    ];
    for (partition, expected) in rows {
        let mut found = evidence(&[partition], &[], &[]);
        let topic = found.topics.values_mut().next().unwrap();
        topic.cutoff = Some(700);
        let scene = scene("cleanup.policy=compact,delete", "own cleanup.policy=compact");
        assert_eq!(risks(&scene, &found), [expected]);
    }
}

#[test]
fn amounts_of_partitions_are_kept_apart() {
    let partitions = [
        holds(0, 10).young_from(Some(4)).timed_from(Some(0)).bytes(100),
        holds(0, 0).young_from(None).bytes(0),
        holds(0, 10).young_from(None).timed_from(Some(0)).bytes(100),
    ];
    assert_eq!(
        risks(&scene(SHORTER, LONG), &evidence(&partitions, &[], &[])),
        ["lossy: shorter 9 -> 5 losing [0: 0..4 records 0..100~40 bytes; 2: 10 records 100 bytes]"]
    );
}

#[test]
fn what_a_group_read_of_another_log_is_not_taken_for_read() {
    let partition = holds(10, 40).young_from(None).timed_from(Some(10)).bytes(1_000);
    let assigned = GroupMember {
        partitions: BTreeSet::from([0]),
        ..GroupMember::default()
    };
    let at_work = GroupUse {
        members: Known::Read([assigned].into()),
        ..group(&[], 0)
    };
    let of_another_topic = Committed {
        offset: 40,
        leader_epoch: Some(7),
    };
    let of_another_topic = GroupUse {
        committed: [(0, of_another_topic)].into(),
        ..group(&[], 0)
    };
    let share = |used: GroupUse| GroupUse {
        kind: GroupKind::Share,
        ..used
    };
    let unset = GroupUse {
        without_offset: BTreeSet::from([0]),
        ..group(&[], 0)
    };
    let groups = [
        ("beyond", group(&[(0, 1_000)], 0)),
        ("done", group(&[(0, 40)], 0)),
        ("other", of_another_topic),
        ("shared", share(group(&[(0, 28)], 0))),
        ("unset", share(unset)),
        ("working", at_work),
    ];
    let mut found = evidence(&[partition], &groups, &[]);
    let of_topic = found.topics.get_mut(&name("orders")).unwrap();
    of_topic.partitions.get_mut(&0).unwrap().leader_epoch = Some(0);
    assert_eq!(
        risks(&scene(SHORTER, LONG), &found),
        ["lossy: shorter 9 -> 5 losing [0: 30 records 1000 bytes; \
             beyond misses 0..30 (committed 1000 lies beyond the end 40); \
             other misses 0..30 (committed 40 is of another topic of this name: its leader epoch 7 is above 0); \
             shared misses 0..12~12; \
             unset misses 0..30 (no offset is set there yet, and share.auto.offset.reset decides what the group \
             reads); \
             working misses 0..30 (no offset is committed there, and auto.offset.reset of its consumers decides \
             what they read)]"]
    );
}

#[test]
fn a_record_in_the_future_puts_this_clock_in_doubt() {
    const MINUTE: i64 = 60_000;
    const DAY: i64 = 24 * 60 * MINUTE;
    let scene = Scene::new().topic(
        "orders",
        Wanted::configs("retention.ms=5"),
        Seen::stock().sighting(),
    );
    let now = 1_000 * DAY;
    let risk = |newest: i64| {
        // No record is too old by this clock.
        let quiet = holds(0, 10).young_from(Some(0)).written_until(now - DAY);
        let newest = holds(0, 0).written_until(newest);
        let mut evidence = evidence(&[quiet, newest], &[], &[]);
        for found in evidence.topics.values_mut() {
            found.now = Some(now);
        }
        risks(&scene, &evidence).remove(0)
    };
    let doubt = |ahead: &str| format!("the newest record is {ahead} ahead of this machine's clock");
    for newest in [now - DAY, now, now + 5 * MINUTE] {
        assert!(risk(newest).starts_with("safe"), "{}", risk(newest));
    }
    for (newest, ahead) in [
        (now + 6 * MINUTE, "6m"),
        (now + 20 * DAY + 7 * MINUTE, "20d"),
        (now + 90 * MINUTE, "1h"),
    ] {
        let risk = risk(newest);
        assert!(
            risk.starts_with("lossy") && risk.contains(&doubt(ahead)),
            "{risk}"
        );
    }
}

/// Whatever records tell: brokers may take more for too old than this machine does, or less.
#[test]
fn a_controller_with_another_time_puts_this_clock_in_doubt() {
    const DAY: i64 = 86_400_000;
    let risk = |ahead: Option<i64>| {
        let mut scene = scene("retention.ms=5", "");
        scene.observed.cluster.health.clock_ahead_ms = ahead;
        let young = holds(0, 10).young_from(Some(0));
        risks(&scene, &evidence(&[young], &[], &[])).remove(0)
    };
    assert!(risk(None).starts_with("safe"), "{}", risk(None));
    for (ahead, said) in [
        (
            20 * DAY + 1,
            "the controller's clock is 20d ahead of this machine's: which records",
        ),
        (
            -400_000,
            "the controller's clock is 6m behind this machine's: which records",
        ),
    ] {
        let risk = risk(Some(ahead));
        assert!(risk.starts_with("lossy") && risk.contains(said), "{risk}");
    }
}
