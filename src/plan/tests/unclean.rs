//! What an unclean election loses, as far as the replicas that are up and the groups tell.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::sides::{Seen, Wanted};
use super::words::lines;
use super::{Scene, name, only};
use crate::model::{
    BrokerId, Committed, Evidence, EvidenceKind, EvidenceRequest, GroupUse, Groups, Known, Offset,
    TopicEvidence, TopicObservation,
};
use crate::plan::evidence_request;

const UNCLEAN: &str = "unclean.leader.election.enable=true";

fn scene(seen: Seen) -> Scene {
    Scene::new().topic("orders", Wanted::configs(UNCLEAN), seen.sighting())
}

/// Partition 1 has replicas on 1, 2 and 3; only 2 has all records.
fn waiting() -> Seen {
    let replicas: [(&[i32], &[i32]); 2] = [(&[1], &[1]), (&[1, 2, 3], &[2])];
    Seen::stock().replicas_and_isr(&replicas).without_leader(1)
}

fn end(offset: i64) -> Known<Offset> {
    Known::Read(Offset {
        offset: Some(offset),
        timestamp: None,
        leader_epoch: Some(7),
    })
}

fn group(offset: i64, leader_epoch: Option<i32>) -> GroupUse {
    GroupUse {
        committed: BTreeMap::from([(1, Committed { offset, leader_epoch })]),
        ..GroupUse::default()
    }
}

#[track_caller]
fn check(seen: Seen, ends: [Known<Offset>; 2], groups: &[(&str, GroupUse)], left: &str) {
    let [first, third] = ends;
    let ends = BTreeMap::from([(BrokerId(1), first), (BrokerId(3), third)]);
    let read = groups.iter().map(|(name, used)| (Arc::from(*name), used.clone()));
    let found = TopicEvidence {
        survivors: BTreeMap::from([(1, ends)]),
        groups: Groups {
            read: read.collect(),
            ..Groups::default()
        },
        ..TopicEvidence::default()
    };
    let evidence = Evidence {
        topics: BTreeMap::from([(name("orders"), found)]),
        ..Evidence::default()
    };
    let scene = scene(seen);
    let weighed = only(&scene.plan().with_evidence(&scene.observed, &evidence));
    let expected = format!(
        "set unclean.leader.election.enable: false (Kafka default) -> true \
         [lossy: unclean election of 1: down [BrokerId(2)]{left}]"
    );
    assert_eq!(lines(&weighed), [expected]);
}

#[test]
fn what_a_group_read_beyond_the_longest_of_the_other_replicas_is_lost() {
    let groups = [
        ("ahead", group(100, Some(7))),
        ("behind", group(9, Some(7))),
        ("first", group(90, Some(0))),
    ];
    check(
        waiting(),
        [end(10), end(8)],
        &groups,
        r#" left 10 Some((100, "ahead"))"#,
    );
    check(waiting(), [end(10), end(101)], &groups, " left 101 None");
    check(waiting(), [end(10), end(10)], &[], " left 10 None");
}

/// A commit of a log that is gone proves nothing, and offsets of a compacted topic are no records.
#[test]
fn a_commit_that_may_be_of_another_log_or_of_a_compacted_one_does_not_count() {
    let of_another = [("other", group(100, Some(8))), ("unmarked", group(200, None))];
    check(waiting(), [end(10), end(8)], &of_another, " left 10 None");
    let ahead = [("ahead", group(100, Some(7)))];
    let compacted = waiting().with("default cleanup.policy=compact");
    check(compacted, [end(10), end(8)], &ahead, " left 10 None");
}

/// The replica that does not tell may have more than the others.
#[test]
fn where_one_of_them_does_not_tell_nothing_is_said() {
    let ahead = [("ahead", group(100, Some(7)))];
    let refused = || Known::Unread("NOT_LEADER_OR_FOLLOWER".into());
    check(waiting(), [end(10), refused()], &ahead, "");
    check(waiting(), [refused(), refused()], &ahead, "");
}

fn asked(seen: Seen) -> EvidenceRequest {
    let scene = scene(seen);
    assert!(matches!(
        scene.observed.topics[&name("orders")],
        TopicObservation::Present(_)
    ));
    evidence_request(&scene.plan(), &scene.observed, 0)
}

#[test]
fn only_the_replicas_that_are_up_of_partitions_without_a_leader_are_asked() {
    let inquiry = asked(waiting());
    let questions = &inquiry.topics[&name("orders")];
    assert_eq!(
        questions.survivors,
        BTreeMap::from([(1, [BrokerId(1), BrokerId(3)].into())])
    );
    assert_eq!(questions.more, [EvidenceKind::Groups].into());
    assert!(questions.partitions.is_empty());

    let led = Seen::stock().replicas(&[&[1], &[1, 2, 3]]);
    assert_eq!(asked(led), EvidenceRequest::default());
    let all_down = Seen::stock().without_leader(1);
    assert_eq!(asked(all_down), EvidenceRequest::default());
}
