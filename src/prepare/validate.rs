//! Asks the broker, before anything is written, whether it would accept the plan (`validate_only`).
//! Kafka validates creations, configs and partition growth; reassignments it does not, and of deletions it only tells
//! whether there are any at all.
//!
//! What the broker refuses becomes a refusal in the plan. That this principal may not validate is
//! only a note: validating needs the rights of the write itself, and a read-only account can still
//! say what would change.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::admin::{
    Admin, AdminError, ConfigsToAlter, ErrorClass, ItemError, NewPartitions, NewTopic, PerTopic, WriteMode,
};
use crate::inspect;
use crate::model::{
    AclOperation, ClusterView, Desired, InheritedByBroker, NotOffered, RequiredAcl, TopicName,
    UnvalidatedRequest,
};
use crate::plan::{
    BrokerVerdict, Change, ChangeKind, CreatedSettings, Finding, Plan, TopicPlan, Unvalidated,
};

use super::request;

/// A plan that the broker was asked about.
#[derive(Debug)]
pub struct Validated {
    /// The plan with everything the broker said.
    pub plan: Plan,
    /// Topics that are not as they were observed any more: their part of the plan has to be made anew.
    pub moved: BTreeSet<TopicName>,
}

/// Asks about the whole plan. A plan without changes sends nothing.
pub async fn validate<A: Admin>(admin: &A, mut plan: Plan) -> Validated {
    let missing = not_offered_at_all(admin, &plan).await;
    plan = plan.with_findings(missing);
    let (created, (configured, pins), (grown, left), deleted) = tokio::join!(
        creations(admin, &plan),
        configs(admin, &plan),
        growth(admin, &plan),
        deletions(admin, &plan)
    );
    plan.leave_placement(&left);
    plan.leave_pins(&pins);
    let findings = [created, configured, grown, deleted].concat();
    let moved = findings
        .iter()
        .filter(|finding| finding.verdict == BrokerVerdict::Moved);
    let moved = moved.map(|finding| finding.topic.clone()).collect();
    Validated {
        plan: plan.with_findings(findings),
        moved,
    }
}

/// Holds the policy against what new topics would get from the cluster, of those whose file leaves a bound open.
/// Where brokers can inherit different values to them, each is asked for its own.
pub async fn judge_new_topics<A: Admin>(
    admin: &A,
    cluster: &ClusterView,
    desired: &Desired,
    plan: Plan,
) -> Plan {
    let open = plan
        .topics
        .iter()
        .filter(|(_, topic)| topic.waits_for_created_settings());
    let topics: Vec<NewTopic> = open
        .filter_map(|(name, topic)| request::creation(name, &topic.changes))
        .collect();
    if topics.is_empty() {
        return plan;
    }
    let keys = if cluster.brokers.len() > 1 {
        plan.open_to_brokers(desired)
    } else {
        BTreeSet::new()
    };
    let values = async {
        if keys.is_empty() {
            return InheritedByBroker::default();
        }
        inspect::values_for_new_topics(admin, cluster, keys).await
    };
    let answers = async {
        if !admin.honours_validate_only().await {
            return PerTopic::new();
        }
        admin.created_settings(&topics).await.unwrap_or_default()
    };
    let (mut answers, values) = tokio::join!(answers, values);
    let told = topics.into_iter().map(|topic| {
        let created = answers.remove(&topic.name).and_then(Result::ok);
        let settings = created.map(|created| CreatedSettings {
            partitions: created.partitions,
            replication: created.replication,
            configs: created.configs,
        });
        (topic.name, settings)
    });
    let told = told.collect();
    plan.with_created_settings(desired, &told, &values)
}

/// A creation that is refused already would only be refused again in other words.
async fn creations<A: Admin>(admin: &A, plan: &Plan) -> Vec<Finding> {
    let possible = plan.topics.iter().filter(|(_, topic)| topic.refusals.is_empty());
    let topics: Vec<NewTopic> = possible
        .filter_map(|(name, topic)| request::creation(name, &topic.changes))
        .collect();
    if topics.is_empty() {
        return Vec::new();
    }
    let names: Vec<TopicName> = topics.iter().map(|topic| topic.name.clone()).collect();
    if !admin.honours_validate_only().await {
        return unasked_creations(admin, &topics).await;
    }
    let answers = admin.create_topics(&topics, WriteMode::Validate).await;
    findings(ChangeKind::Create, names, answers)
}

/// Where creations are not validated, what the cluster has no request for is known all the same.
async fn unasked_creations<A: Admin>(admin: &A, topics: &[NewTopic]) -> Vec<Finding> {
    let request = UnvalidatedRequest::CreateTopicsByDefaults;
    let missing = admin.not_offered(request).await.ok().flatten();
    let verdict = |topic: &NewTopic| {
        let leaves_counts = topic.partitions.is_none() || topic.replication.is_none();
        let missing = missing.filter(|_| leaves_counts);
        missing.map_or(
            BrokerVerdict::NotValidated(Unvalidated::NotAsked),
            BrokerVerdict::NotOffered,
        )
    };
    let finding = |topic: &NewTopic| Finding {
        topic: topic.name.clone(),
        kind: ChangeKind::Create,
        verdict: verdict(topic),
    };
    topics.iter().map(finding).collect()
}

/// What the broker says of configs, and the topics on which it refuses to set values that are in force already: those
/// are left, and are no reason for a refusal.
async fn configs<A: Admin>(admin: &A, plan: &Plan) -> (Vec<Finding>, BTreeMap<TopicName, Arc<str>>) {
    let requests = plan
        .topics
        .iter()
        .filter_map(|(name, topic)| request::configs(name, &topic.changes));
    let mut found = ask_configs(admin, &requests.collect::<Vec<_>>()).await;
    let refused: BTreeMap<TopicName, Arc<str>> = found
        .iter()
        .filter_map(|finding| match &finding.verdict {
            BrokerVerdict::Rejected(words) if plan.topics[&finding.topic].pins().next().is_some() => {
                Some((finding.topic.clone(), Arc::clone(words)))
            }
            _ => None,
        })
        .collect();
    let without_pins = refused.keys().filter_map(|name| {
        let pins: BTreeSet<_> = plan.topics[name].pins().collect();
        let mut request = request::configs(name, &plan.topics[name].changes)?;
        request.changes.retain(|key, _| !pins.contains(key));
        (!request.changes.is_empty()).then_some(request)
    });
    let again = ask_configs(admin, &without_pins.collect::<Vec<_>>()).await;
    found.retain(|finding| !refused.contains_key(&finding.topic));
    found.extend(again);
    (found, refused)
}

async fn ask_configs<A: Admin>(admin: &A, changes: &[ConfigsToAlter]) -> Vec<Finding> {
    if changes.is_empty() {
        return Vec::new();
    }
    let names = changes.iter().map(|change| change.name.clone()).collect();
    let answers = admin.alter_configs(changes, WriteMode::Validate).await;
    findings(ChangeKind::Configs, names, answers)
}

/// What the broker says of growth, and the topics whose new partitions it places itself since it refuses the
/// placement of the plan: that is never the reason for a refusal.
async fn growth<A: Admin>(admin: &A, plan: &Plan) -> (Vec<Finding>, BTreeSet<TopicName>) {
    let requests = plan
        .topics
        .iter()
        .filter_map(|(name, topic)| request::growth(name, &topic.changes));
    let growth: Vec<NewPartitions> = requests.collect();
    let mut found = ask_growth(admin, &growth).await;
    let refused: Vec<NewPartitions> = growth
        .into_iter()
        .filter(|growth| is_refused(growth, &found))
        .collect();
    let placeable: Vec<NewPartitions> = refused
        .into_iter()
        .filter(|growth| may_be_placed_by_the_broker(&plan.topics[&growth.name]))
        .map(|growth| NewPartitions {
            replicas: Vec::new(),
            ..growth
        })
        .collect();
    let again = ask_growth(admin, &placeable).await;
    let is_accepted = |finding: &&Finding| finding.verdict == BrokerVerdict::Accepted;
    let left: BTreeSet<TopicName> = again
        .iter()
        .filter(is_accepted)
        .map(|found| found.topic.clone())
        .collect();
    // Where the broker cannot place them either, what it says of that is the reason.
    let asked_again: BTreeSet<&TopicName> = again.iter().map(|finding| &finding.topic).collect();
    found.retain(|finding| !asked_again.contains(&finding.topic));
    found.extend(again.iter().cloned());
    (found, left)
}

async fn ask_growth<A: Admin>(admin: &A, growth: &[NewPartitions]) -> Vec<Finding> {
    if growth.is_empty() {
        return Vec::new();
    }
    let names = growth.iter().map(|growth| growth.name.clone()).collect();
    let answers = admin.create_partitions(growth, WriteMode::Validate).await;
    findings(ChangeKind::Partitions, names, answers)
}

fn is_refused(growth: &NewPartitions, found: &[Finding]) -> bool {
    let mut found = found.iter();
    !growth.replicas.is_empty()
        && found
            .any(|found| found.topic == growth.name && matches!(found.verdict, BrokerVerdict::Rejected(_)))
}

/// Beside partitions that are being moved, the broker would place another number of replicas.
fn may_be_placed_by_the_broker(topic: &TopicPlan) -> bool {
    topic.changes.iter().all(|planned| match &planned.change {
        Change::GrowPartitions(growth) => growth.beside_moves.is_empty(),
        Change::Create(_)
        | Change::Delete(_)
        | Change::Reassign(_)
        | Change::CancelMoves(_)
        | Change::SetConfig(_)
        | Change::ResetConfig(_) => true,
    })
}

/// Where the controllers do not tell, the deletion itself will.
async fn deletions<A: Admin>(admin: &A, plan: &Plan) -> Vec<Finding> {
    let is_deleted =
        |topic: &TopicPlan| topic.refusals.is_empty() && topic.of_kind(ChangeKind::Delete).next().is_some();
    let deleted = plan.topics.iter().filter(|(_, topic)| is_deleted(topic));
    let names: Vec<&TopicName> = deleted.map(|(name, _)| name).collect();
    if names.is_empty() || admin.deletes_topics().await.unwrap_or(true) {
        return Vec::new();
    }
    let disabled = |topic: &TopicName| Finding {
        topic: topic.clone(),
        kind: ChangeKind::Delete,
        verdict: BrokerVerdict::DeletionDisabled,
    };
    names.into_iter().map(disabled).collect()
}

fn findings(
    kind: ChangeKind,
    names: Vec<TopicName>,
    answers: Result<PerTopic<()>, AdminError>,
) -> Vec<Finding> {
    match answers {
        Ok(answers) => answers
            .into_iter()
            .map(|(topic, answer)| Finding {
                verdict: verdict(kind, &topic, answer),
                topic,
                kind,
            })
            .collect(),
        Err(error) => {
            let unanswered = || BrokerVerdict::NotValidated(Unvalidated::NoAnswer(error.to_string().into()));
            let verdict = not_offered(&error).map_or_else(unanswered, BrokerVerdict::NotOffered);
            let finding = |topic| Finding {
                topic,
                kind,
                verdict: verdict.clone(),
            };
            names.into_iter().map(finding).collect()
        }
    }
}

fn not_offered(error: &AdminError) -> Option<NotOffered> {
    match error {
        AdminError::Unsupported { request, since, .. } => Some(NotOffered { request, since }),
        _ => None,
    }
}

/// What is needed for changes that no broker validates, and is not offered.
async fn not_offered_at_all<A: Admin>(admin: &A, plan: &Plan) -> Vec<Finding> {
    let needs = [
        (ChangeKind::Delete, UnvalidatedRequest::DeleteTopics),
        (
            ChangeKind::Reassignments,
            UnvalidatedRequest::AlterPartitionReassignments,
        ),
        (
            ChangeKind::Reassignments,
            UnvalidatedRequest::ListPartitionReassignments,
        ),
        (
            ChangeKind::CancelMoves,
            UnvalidatedRequest::AlterPartitionReassignments,
        ),
    ];
    let mut found: Vec<Finding> = Vec::new();
    for (kind, request) in needs {
        let has_kind = |topic: &TopicPlan| topic.of_kind(kind).next().is_some();
        let is_told = |name: &TopicName| found.iter().any(|found| found.topic == *name);
        let topics = plan.topics.iter().filter(|(_, topic)| has_kind(topic));
        let open: Vec<TopicName> = topics
            .filter(|(name, _)| !is_told(name))
            .map(|(name, _)| name.clone())
            .collect();
        if open.is_empty() {
            continue;
        }
        // Where nobody answers, the write itself will tell.
        if let Ok(Some(missing)) = admin.not_offered(request).await {
            found.extend(open.into_iter().map(|topic| Finding {
                topic,
                kind,
                verdict: BrokerVerdict::NotOffered(missing),
            }));
        }
    }
    found
}

fn verdict(kind: ChangeKind, topic: &TopicName, answer: Result<(), ItemError>) -> BrokerVerdict {
    let Err(error) = answer else {
        return BrokerVerdict::Accepted;
    };
    if let ItemError::Request(error) = &error
        && let Some(missing) = not_offered(error)
    {
        return BrokerVerdict::NotOffered(missing);
    }
    // A controller in trouble says nothing about the plan.
    if error.outcome_is_unknown() {
        return BrokerVerdict::NotValidated(Unvalidated::NoAnswer(error.to_string().into()));
    }
    match error.class() {
        Some(ErrorClass::AlreadyExists | ErrorClass::NoSuchTopic | ErrorClass::AlreadyHasPartitions) => {
            BrokerVerdict::Moved
        }
        Some(ErrorClass::NotAuthorized) => {
            let needed = || RequiredAcl::on_topic(operation(kind), topic);
            let right = inspect::missing_acl(&error, needed).unwrap_or_else(needed);
            BrokerVerdict::NotValidated(Unvalidated::NeedsRight(right))
        }
        Some(ErrorClass::Rejected) => BrokerVerdict::Rejected(error.to_string().into()),
        Some(ErrorClass::Retriable) | None => {
            BrokerVerdict::NotValidated(Unvalidated::NoAnswer(error.to_string().into()))
        }
    }
}

/// What this principal has to be allowed to do to a topic for a change of this kind.
fn operation(kind: ChangeKind) -> AclOperation {
    match kind {
        ChangeKind::Create => AclOperation::Create,
        ChangeKind::Configs => AclOperation::AlterConfigs,
        ChangeKind::Partitions | ChangeKind::Reassignments | ChangeKind::CancelMoves => AclOperation::Alter,
        ChangeKind::Delete => AclOperation::Delete,
    }
}
