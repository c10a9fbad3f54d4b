//! Each bound against what is known, as a table.

use super::*;
use crate::model::{ConfigKey, Layer, Place};

fn place(line: u32) -> Place {
    Place {
        file: "topics.yaml".into(),
        line,
        column: 3,
    }
}

#[expect(clippy::unnecessary_wraps, reason = "it is what a field of a policy takes")]
fn bound<T>(value: T) -> Option<Bound<T>> {
    let place = place(2);
    Some(Bound { value, place })
}

fn replicas(count: i64) -> ReplicationFactor {
    ReplicationFactor::new(count).unwrap()
}

fn patterns(texts: &[&str]) -> Option<Bound<Vec<Pattern>>> {
    bound(texts.iter().copied().map(Pattern::new).collect())
}

fn origin() -> Origin {
    Origin {
        place: place(9),
        layer: Layer::Topic,
    }
}

#[expect(clippy::unnecessary_wraps, reason = "it is what a field of the facts takes")]
fn fact<T>(value: T) -> Option<Fact<T>> {
    Some(Fact {
        value,
        stated: Some(origin()),
    })
}

/// A topic with these configs, declared; `key=?` is one that the cluster shows as its own.
fn facts(replication: i64, partitions: i64, configs: &str) -> TopicFacts {
    let mut facts = TopicFacts {
        declared_name: "orders.v1".into(),
        partitions: PartitionCount::new(partitions).and_then(fact),
        partitions_there: None,
        replication: ReplicationFactor::new(replication).and_then(fact),
        configs: [].into(),
        own: [].into(),
    };
    for item in configs.split_whitespace() {
        let (key, value) = item.split_once('=').unwrap();
        let key = ConfigKey::new(key).unwrap();
        let stated = (value != "?").then(origin);
        if let Some(stated) = stated.clone() {
            let value = value.into();
            let stated = Some(stated);
            facts.configs.insert(key.clone(), Fact { value, stated });
        }
        facts.own.insert(key, stated);
    }
    facts
}

fn said(policy: &Policy, facts: &TopicFacts) -> Vec<String> {
    let PolicyJudgement { breaches, open } = judge(policy, facts);
    let breaches = breaches.iter().map(|breach| {
        let stated = breach.stated.as_ref().map(ToString::to_string);
        format!(
            "{}: {} [{} / {}] {} -> {}",
            breach.broken.rule(),
            breach.broken,
            breach.broken.wanted(),
            breach.broken.found().unwrap_or_default(),
            stated.unwrap_or_default(),
            breach.broken.instead(),
        )
    });
    let open = open
        .iter()
        .map(|open| format!("{} needs {}", open.rule, open.unknown));
    breaches.chain(open).collect()
}

fn everything() -> Policy {
    Policy {
        min_replication: bound(replicas(3)),
        max_partitions: bound(PartitionCount::new(12).unwrap()),
        min_retention: bound(3_600_000),
        max_retention: bound(2_592_000_000),
        min_insync_replicas: bound(replicas(2)),
        min_spare_replicas: bound(replicas(1)),
        names: patterns(&["*.v?", "legacy-*"]),
        required_config: patterns(&["retention.ms", "segment.*"]),
        forbidden_config: patterns(&["unclean.*", "flush.ms"]),
    }
}

#[test]
fn a_topic_that_keeps_every_bound_is_fine() {
    let facts = facts(3, 12, "retention.ms=3600000 min.insync.replicas=2 segment.ms=1");
    assert_eq!(said(&everything(), &facts), [""; 0]);
    let longest = "retention.ms=2592000000 min.insync.replicas=2 segment.ms=1";
    assert_eq!(said(&everything(), &self::facts(3, 1, longest)), [""; 0]);
    assert_eq!(said(&Policy::default(), &self::facts(1, 99, "")), [""; 0]);
}

#[test]
fn every_bound_that_is_not_kept_is_said_with_its_numbers() {
    let mut odd = facts(
        2,
        13,
        "retention.ms=60000 min.insync.replicas=1 flush.ms=? unclean.leader.election.enable=true",
    );
    odd.declared_name = "orders".into();
    insta::assert_snapshot!(said(&everything(), &odd).join("\n"), @"
    min_replication: replication 2 is below the policy's 3 [3 / 2] topics.yaml:9 (topic) -> declare a replication of at least 3
    max_partitions: 13 partitions are above the policy's 12 [12 / 13] topics.yaml:9 (topic) -> declare at most 12 partitions
    min_retention: retention 1m is below the policy's 1h [3600000 / 60000] topics.yaml:9 (topic) -> declare a retention of at least 1h
    min_insync_replicas: min.insync.replicas 1 is below the policy's 2 [2 / 1] topics.yaml:9 (topic) -> declare min_insync_replicas of at least 2
    names: the name orders matches none of the policy's names: *.v?, legacy-* [*.v?, legacy-* / orders]  -> rename the topic
    required_config: the policy requires a config that matches segment.*, and the file sets none [segment.* / ]  -> declare a config that matches segment.*
    forbidden_config: the policy forbids flush.ms [flush.ms / flush.ms]  -> let it be reset: `unlisted: reset` in the topic's own entry, and no `ignore` that matches it
    forbidden_config: the policy forbids unclean.leader.election.enable, by unclean.* [unclean.* / unclean.leader.election.enable] topics.yaml:9 (topic) -> leave it out
    ");
    let forever = facts(3, 1, "retention.ms=-1 min.insync.replicas=3 segment.ms=1");
    insta::assert_snapshot!(said(&everything(), &forever).join("\n"), @"
    max_retention: retention forever is above the policy's 30d [2592000000 / -1] topics.yaml:9 (topic) -> declare a retention of at most 30d
    min_spare_replicas: min.insync.replicas 3 with replication 3 leaves 0 to spare, below the policy's 1 [1 / 0] topics.yaml:9 (topic) -> declare min_insync_replicas at least 1 below replication
    ");
}

#[test]
fn what_is_not_known_is_open_and_neither_kept_nor_broken() {
    insta::assert_snapshot!(said(&everything(), &facts(0, 0, "")).join("\n"), @"
    required_config: the policy requires retention.ms, which is not in the file [retention.ms / ]  -> declare retention.ms
    required_config: the policy requires a config that matches segment.*, and the file sets none [segment.* / ]  -> declare a config that matches segment.*
    min_replication needs replication
    max_partitions needs partitions
    min_retention needs retention.ms
    max_retention needs retention.ms
    min_insync_replicas needs min.insync.replicas
    min_spare_replicas needs min.insync.replicas
    ");
    let spare = Policy {
        min_spare_replicas: bound(replicas(1)),
        ..Policy::default()
    };
    let said = said(&spare, &facts(0, 1, "min.insync.replicas=1"));
    assert_eq!(said, ["min_spare_replicas needs replication"]);
}

#[test]
fn retention_binds_only_where_records_are_deleted_by_age() {
    let policy = Policy {
        max_retention: bound(1000),
        min_retention: bound(100),
        ..Policy::default()
    };
    let said = |configs: &str| said(&policy, &facts(1, 1, configs)).len();
    assert_eq!(said("retention.ms=5000 cleanup.policy=compact"), 0);
    assert_eq!(said("cleanup.policy=compact"), 0);
    assert_eq!(said("retention.ms=5000 cleanup.policy=compact,delete"), 1);
    assert_eq!(said("retention.ms=5000"), 1);
    assert_eq!(said("retention.ms=5"), 1);
    assert_eq!(said("retention.ms=500"), 0);
}
