//! What the broker's answers do to a plan.

use super::words::lines;
use super::{Scene, Seen, Wanted, name};
use crate::model::{AclOperation, RequiredAcl};
use crate::plan::{BrokerVerdict, ChangeKind, Finding, Plan, Unvalidated};

fn grown() -> Plan {
    let wanted = Wanted::configs("segment.ms=5").partitions(4);
    Scene::new()
        .topic("orders", wanted, Seen::stock().sighting())
        .plan()
}

const CHANGES: [&str; 2] = [
    "set segment.ms: not listed -> 5 [safe]",
    "partitions 3 -> 4 [caution: moves keys 3 -> 4]",
];

fn finding(topic: &str, kind: ChangeKind, verdict: BrokerVerdict) -> Finding {
    Finding {
        topic: name(topic),
        kind,
        verdict,
    }
}

fn rejected(words: &str) -> BrokerVerdict {
    BrokerVerdict::Rejected(words.into())
}

#[test]
fn what_is_accepted_or_has_moved_leaves_the_plan_as_it_is() {
    for verdict in [BrokerVerdict::Accepted, BrokerVerdict::Moved] {
        let answer = finding("orders", ChangeKind::Configs, verdict);
        assert_eq!(grown().with_findings([answer]), grown());
    }
}

#[test]
fn what_is_rejected_becomes_a_refusal_in_the_brokers_words() {
    let plan = grown().with_findings([
        finding(
            "orders",
            ChangeKind::Configs,
            rejected("Invalid value (INVALID_CONFIG)"),
        ),
        finding(
            "orders",
            ChangeKind::Partitions,
            rejected("Too many (POLICY_VIOLATION)"),
        ),
    ]);
    assert_eq!(
        lines(&plan.topics["orders"]),
        [
            CHANGES[0],
            CHANGES[1],
            "refused: Configs by the broker: Invalid value (INVALID_CONFIG)",
            "refused: Partitions by the broker: Too many (POLICY_VIOLATION)",
        ]
    );
    assert!(plan.has_refusals());
}

#[test]
fn what_was_not_validated_is_only_noted() {
    let right = || RequiredAcl::on_topic(AclOperation::AlterConfigs, &name("orders"));
    let answer = || {
        finding(
            "orders",
            ChangeKind::Configs,
            BrokerVerdict::NotValidated(Unvalidated::NeedsRight(right())),
        )
    };
    let plan = grown().with_findings([answer(), answer()]);
    assert_eq!(
        lines(&plan.topics["orders"]),
        [
            CHANGES[0],
            CHANGES[1],
            "note: Configs not validated: needs AlterConfigs on topic orders",
        ]
    );
    assert!(!plan.has_refusals());
    assert_eq!(plan.validation_unanswered(), None);
    assert_eq!(plan.missing_acls(), [right()].into());
}

#[test]
fn a_broker_that_does_not_say_is_told_apart_from_a_right_that_is_missing() {
    let verdict = BrokerVerdict::NotValidated(Unvalidated::NoAnswer("no answer within 30s".into()));
    let plan = grown().with_findings([finding("orders", ChangeKind::Configs, verdict)]);
    assert_eq!(plan.validation_unanswered(), Some("no answer within 30s"));
}

#[test]
fn a_finding_concerns_its_own_topic_only() {
    let stray = finding("elsewhere", ChangeKind::Configs, rejected("no"));
    assert_eq!(grown().with_findings([stray]), grown());
}
