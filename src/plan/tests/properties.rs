//! What holds for every file and every cluster. The seed is fixed, so that a run that fails fails again.

use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::RngSeed;

use super::generate::{POOL, Texts, topics, world};
use super::words::decision;
use super::world::{HIDDEN, Held, World};
use super::{Seen, Wanted, key, plan_of};
use crate::model::{
    BrokerId, Desired, DesiredSettings, DesiredState, DesiredTopic, Pattern, Unlisted, value,
};
use crate::plan::gate::{Decision, Permissions, judge};
use crate::plan::{ChangeKind, Plan, PlannedChange, RiskClass, TopicPlan, plan};

fn bounded() -> ProptestConfig {
    ProptestConfig {
        cases: 256,
        rng_seed: RngSeed::Fixed(20_260_301),
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

fn file(topics: impl IntoIterator<Item = DesiredTopic>) -> Desired {
    let topics = topics.into_iter().map(|topic| (topic.name.clone(), topic));
    Desired {
        topics: topics.collect(),
        ..Desired::default()
    }
}

fn planned(desired: &Desired, world: &World) -> Plan {
    plan(desired, &world.observe(desired))
}

/// The same topic with every list turned round.
fn turned_round(mut topic: DesiredTopic) -> DesiredTopic {
    topic.aliases.reverse();
    if let DesiredState::Present(settings) = &mut topic.state {
        settings.ignore.reverse();
    }
    topic
}

/// What the overrides of a topic have to be in the end, said without the planner's words.
fn own_afterwards(settings: &DesiredSettings, before: &Texts, after: &Texts) -> Result<(), TestCaseError> {
    for (name, _) in POOL {
        let key = key(name);
        let (was, is) = (before.get(&key), after.get(&key));
        let ignored = settings.ignore.iter().any(|pattern| pattern.matches(name));
        let is_left = settings.unlisted == Unlisted::Keep || ignored || name.contains("throttled");
        match settings.configs.get(&key) {
            Some(_) if *name == HIDDEN && was.is_some() => prop_assert_eq!(was, is),
            Some(to) => prop_assert!(is.is_some_and(|is| value::same_value(&key, is, to.value.reveal()))),
            None if is_left => prop_assert_eq!(was, is, "{} is nobody's business", name),
            None => prop_assert_eq!(is, None, "{} is listed nowhere", name),
        }
    }
    Ok(())
}

fn held_afterwards(settings: &DesiredSettings, before: &Held, after: &Held) -> Result<(), TestCaseError> {
    own_afterwards(settings, &before.own, &after.own)?;
    prop_assert_eq!(before.id, after.id);
    for (was, is) in before.replicas.iter().zip(&after.replicas) {
        let stays = |id: &&BrokerId| is.contains(id);
        let kept = was.iter().filter(stays).count();
        prop_assert_eq!(kept, was.len().min(is.len()), "{:?} to {:?}", was, is);
        if let Some(to) = &settings.replication {
            prop_assert_eq!(is.len(), to.value.as_usize());
        } else {
            prop_assert_eq!(was, is);
        }
    }
    let count = settings.partitions.as_ref().map(|count| count.value.as_usize());
    prop_assert_eq!(after.replicas.len(), count.unwrap_or(before.replicas.len()));
    Ok(())
}

/// But for where replicas go, which depends on what the other topics hold. Where new partitions are moved
/// on, that is where they come from as well.
fn are_alike(one: &TopicPlan, other: &TopicPlan) -> bool {
    let grows = one.of_kind(ChangeKind::Partitions).next().is_some();
    let same = |(one, other): (&PlannedChange, &PlannedChange)| {
        let kind = one.change.kind();
        let alike = one.change.is_as_approved(&other.change);
        let moves_new_ones = grows && kind == ChangeKind::Reassignments && kind == other.change.kind();
        (alike || moves_new_ones) && one.risk == other.risk
    };
    one.changes.len() == other.changes.len() && one.changes.iter().zip(&other.changes).all(same)
}

/// No change at all is as safe as a safe one.
fn class_of(wanted: &str, seen: &str) -> RiskClass {
    let planned = plan_of(Wanted::configs(wanted), Seen::stock().with(seen));
    planned.class().unwrap_or(RiskClass::Safe)
}

/// `-1` is the longest of all, and so comes last.
fn longest_last(limits: (i64, i64)) -> (i64, i64) {
    let length = |limit: i64| if limit < 0 { i64::MAX } else { limit };
    if length(limits.0) <= length(limits.1) {
        limits
    } else {
        (limits.1, limits.0)
    }
}

proptest! {
    #![proptest_config(bounded())]

    #[test]
    fn a_plan_carried_out_leaves_nothing_to_do(topics in topics(), mut world in world()) {
        let desired = file(topics);
        let first = planned(&desired, &world);
        world.apply(&first);
        let second = planned(&desired, &world);
        for (name, topic) in &second.topics {
            if first.topics[name].refusals.is_empty() {
                prop_assert!(topic.is_in_sync(), "{} after {:?}: {:?}", name, first.topics[name], topic);
            } else {
                prop_assert!(are_alike(topic, &first.topics[name]), "{:?}", topic);
                prop_assert_eq!(&topic.refusals, &first.topics[name].refusals);
            }
        }
    }

    #[test]
    fn a_plan_carried_out_makes_what_is_declared_and_touches_nothing_else(
        topics in topics(),
        world in world(),
    ) {
        let desired = file(topics);
        let plan = planned(&desired, &world);
        let mut after = world.clone();
        after.apply(&plan);
        for topic in world.topics.keys().chain(after.topics.keys()) {
            let (was, is) = (world.topics.get(topic), after.topics.get(topic));
            let refused = plan.topics.get(topic).is_some_and(|planned| !planned.refusals.is_empty());
            match (desired.topics.get(topic).map(|topic| &topic.state), was, is) {
                (None, was, is) => prop_assert_eq!(was, is),
                (_, was, is) if refused => prop_assert_eq!(was, is),
                (Some(DesiredState::Absent(_)), _, is) => prop_assert_eq!(is, None),
                (Some(DesiredState::Present(settings)), Some(was), Some(is)) => {
                    held_afterwards(settings, was, is)?;
                }
                (Some(DesiredState::Present(settings)), None, Some(is)) => {
                    own_afterwards(settings, &Texts::new(), &is.own)?;
                }
                (Some(DesiredState::Present(_)), _, None) => prop_assert!(false, "{} is missing", topic),
            }
        }
    }

    #[test]
    fn a_cluster_that_is_as_desired_needs_nothing(topics in topics(), world in world()) {
        let desired = file(topics);
        let plan = planned(&desired, &World::as_desired(&desired, &world));
        prop_assert!(plan.is_in_sync(), "{:?}", plan);
        prop_assert_eq!(plan.in_sync(), desired.topics.len());
        prop_assert_eq!(decision(&judge(&plan, &Permissions::default())), "nothing to do");
    }

    #[test]
    fn permuted_input_gives_an_equal_plan(
        (topics, shuffled) in topics().prop_flat_map(|topics| (Just(topics.clone()), Just(topics).prop_shuffle())),
        world in world(),
    ) {
        let one = planned(&file(topics), &world);
        let other = planned(&file(shuffled.into_iter().map(turned_round)), &world);
        prop_assert_eq!(one, other);
    }

    /// apply plans the topics of each batch again, apart from all others.
    #[test]
    fn a_topic_is_planned_alike_alone_and_among_others(topics in topics(), world in world()) {
        let desired = file(topics);
        let whole = planned(&desired, &world);
        for (name, topic) in &whole.topics {
            let alone = planned(&desired.only([name].into_iter()), &world);
            prop_assert!(are_alike(&alone.topics[name], topic), "{:?}", topic);
            prop_assert_eq!(&alone.topics[name].refusals, &topic.refusals);
            prop_assert_eq!(alone.topics.len(), 1);
        }
    }

    #[test]
    fn the_gate_lets_through_what_is_allowed_and_all_of_it(
        topics in topics(),
        world in world(),
        (assume_yes, skip_blocked, can_ask) in any::<(bool, bool, bool)>(),
        max_deletes in 0..3_usize,
        patterns in proptest::sample::subsequence(vec!["a", "b", "?", "c*"], 0..=2),
    ) {
        let plan = planned(&file(topics), &world);
        let may_lose_data: Vec<Pattern> = patterns.into_iter().map(Pattern::new).collect();
        let may_lose = |name: &str| may_lose_data.iter().any(|pattern| pattern.matches(name));
        let permissions = Permissions { assume_yes, may_lose_data: may_lose_data.clone(), skip_blocked, max_deletes, can_ask };
        let has = |topic: &TopicPlan, class| topic.changes.iter().any(|change| change.risk.class() == class);
        let (approved, asked) = match judge(&plan, &permissions) {
            Decision::Approved(approved) => (approved, false),
            Decision::Ask(pending) => (pending.confirmed(), true),
            Decision::NothingToDo | Decision::Blocked(_) => return Ok(()),
        };
        prop_assert!(skip_blocked || !plan.has_refusals());
        let possible = plan.topics.iter().filter(|(_, topic)| topic.refusals.is_empty() && !topic.changes.is_empty());
        prop_assert!(possible.map(|(name, _)| name).eq(approved.topics().keys()));
        for name in approved.topics().keys() {
            let topic = &plan.topics[name];
            prop_assert!(!has(topic, RiskClass::Lossy) || may_lose(name.as_str()));
            prop_assert!(!has(topic, RiskClass::Caution) || assume_yes || (asked && can_ask));
        }
    }

    #[test]
    fn shorter_retention_is_never_less_risky(
        limits in (-1_i64..20, -1_i64..20),
        before in -1_i64..20,
        name in select(vec!["retention.ms", "retention.bytes"]),
        policy in select(vec!["delete", "compact", "compact,delete", ""]),
        policy_before in select(vec!["delete", "compact", "compact,delete", ""]),
    ) {
        let (shorter, longer) = longest_last(limits);
        let seen = format!("own cleanup.policy={policy_before}; own {name}={before}");
        let class = |limit| class_of(&format!("cleanup.policy={policy}; {name}={limit}"), &seen);
        prop_assert!(class(shorter) >= class(longer), "{:?} < {:?}", class(shorter), class(longer));
        let reset = |limit| class_of(&format!("cleanup.policy={policy}"), &format!("{seen} over default {limit}"));
        // Any other value needs confirmation, since the file does not mention it.
        let loses = |limit| reset(limit) == RiskClass::Lossy;
        prop_assert!(loses(shorter) >= loses(longer), "reset: {:?} < {:?}", reset(shorter), reset(longer));
    }
}
