//! Inherited values that differ by broker: which are asked for, and which class follows.

use super::sides::{Seen, Wanted};
use super::words::lines;
use super::{Scene, name, plan_seen};
use crate::plan::values_to_ask;

/// What is asked: `KEY KEY on BROKER BROKER`; nothing where nothing depends on it.
fn asked(wanted: Wanted, seen: Seen) -> String {
    let scene = Scene::new().topic("orders", wanted, seen.sighting());
    let asked = values_to_ask(&scene.desired, &scene.observed);
    let Some(asked) = asked.get(&name("orders")) else {
        return String::new();
    };
    let keys: Vec<String> = asked.keys.iter().map(ToString::to_string).collect();
    let brokers: Vec<String> = asked
        .brokers
        .union(&asked.others)
        .map(ToString::to_string)
        .collect();
    format!("{} on {}", keys.join(" "), brokers.join(" "))
}

#[test]
fn only_what_decides_is_asked_and_only_of_brokers_with_a_replica() {
    let rows = [
        ("retention.ms=5", "", "cleanup.policy retention.ms on 1 3"),
        ("", "own retention.ms=5", "cleanup.policy retention.ms on 1 3"),
        (
            "cleanup.policy=compact",
            "",
            "cleanup.policy retention.bytes retention.ms on 1 3",
        ),
        (
            "cleanup.policy=delete",
            "own cleanup.policy=compact",
            "retention.bytes retention.ms on 1 3",
        ),
        // From one value of its own to another, and whether that deletes is inherited.
        ("retention.ms=5", "own retention.ms=7", "cleanup.policy on 1 3"),
        ("max.message.bytes=5", "", "max.message.bytes on 1 3"),
        ("min.insync.replicas=1", "", "min.insync.replicas on 1 3"),
        // The controller decides, which any broker may be.
        (
            "unclean.leader.election.enable=true",
            "",
            "unclean.leader.election.enable on 1 2 3",
        ),
        // Whatever a broker has, this is not worse.
        ("unclean.leader.election.enable=false", "", ""),
        ("retention.ms=-1", "", ""),
        // Whether the log is compacted is inherited, and so is what was in force before.
        ("segment.ms=5", "own segment.ms=7", "cleanup.policy on 1 3"),
        (
            "segment.ms=5; cleanup.policy=delete",
            "own segment.ms=7; own cleanup.policy=delete",
            "",
        ),
        ("compression.type=uncompressed", "", "compression.type on 1 3"),
        // In sync, longer, own before and after, harmless.
        ("retention.ms=5", "own retention.ms=5", ""),
        ("retention.ms=7", "own retention.ms=5", ""),
        (
            "retention.ms=5; cleanup.policy=delete",
            "own retention.ms=7; own cleanup.policy=delete",
            "",
        ),
        ("max.message.bytes=5", "own max.message.bytes=7", ""),
        ("flush.ms=5", "", ""),
        // A reset loses what somebody has set, unless it is the same everywhere.
        ("", "own flush.ms=5", "flush.ms on 1 3"),
    ];
    for (wanted, seen, expected) in rows {
        let shown = Seen::stock().with(seen).replicas(&[&[1, 3], &[3, 1]]);
        assert_eq!(
            asked(Wanted::configs(wanted), shown),
            expected,
            "{wanted:?}, {seen:?}"
        );
    }
}

#[test]
fn a_broker_that_is_the_only_one_has_told_already() {
    let ask = |replicas: &[&[i32]]| {
        let seen = Seen::stock().replicas(replicas).sighting();
        let wanted = Wanted::configs("max.message.bytes=5");
        let registered = crate::model::RegisteredBrokers::AtLeast(1);
        let scene = Scene::on(registered).topic("orders", wanted, seen);
        values_to_ask(&scene.desired, &scene.observed).len()
    };
    assert_eq!(ask(&[&[1]]), 0);
    assert_eq!(ask(&[&[1, 2]]), 1);
}

/// What is declared, what is shown, what each broker tells, and what follows.
type Row<'a> = (&'a str, &'a str, &'a [(i32, &'a str)], &'a [&'a str]);

fn check(rows: &[Row<'_>]) {
    for (wanted, seen, told, expected) in rows {
        let shown = Seen::stock().with(seen).replicas(&[&[1, 2, 3]]).told(told);
        let planned = plan_seen(Wanted::configs(wanted), shown.sighting());
        assert_eq!(
            lines(&planned),
            *expected,
            "declared {wanted:?}, shown {seen:?}, told {told:?}"
        );
    }
}

#[test]
fn the_broker_that_loses_most_decides() {
    let week = "default retention.ms=604800000";
    let hour = "broker retention.ms=3600000";
    check(&[
        (
            "",
            "own retention.ms=2592000000 over default 604800000",
            &[(1, week), (2, hour), (3, week)],
            &[
                "reset retention.ms: 2592000000 (topic override) -> 604800000 (Kafka default) on 1 3, \
               3600000 (broker, dynamic) on 2 [lossy: shorter 2592000000 -> 3600000, unlisted]",
            ],
        ),
        // Asked of a broker that holds no replica, and alike on those that do.
        (
            "",
            "own retention.ms=86400000 over default 5",
            &[(1, week), (2, week)],
            &[
                "reset retention.ms: 86400000 (topic override) -> 604800000 (Kafka default) [caution: unlisted]",
            ],
        ),
        // The same everywhere, and on one of two only.
        (
            "",
            "own flush.ms=5 over default 5",
            &[(1, "default flush.ms=5"), (2, "broker flush.ms=5")],
            &["reset flush.ms: 5 (topic override) -> 5 (Kafka default) [safe]"],
        ),
        (
            "",
            "own flush.ms=5 over default 5",
            &[(1, "default flush.ms=5"), (2, "broker flush.ms=7")],
            &[
                "reset flush.ms: 5 (topic override) -> 5 (Kafka default) on 1, 7 (broker, dynamic) on 2 \
               [caution: less_durable, unlisted]",
            ],
        ),
        // Longer than on one, shorter than on the others.
        (
            "retention.ms=86400000",
            "",
            &[(1, week), (2, hour), (3, week)],
            &[
                "set retention.ms: 604800000 (Kafka default) on 1 3, 3600000 (broker, dynamic) on 2 -> 86400000 \
               [lossy: shorter 604800000 -> 86400000]",
            ],
        ),
        (
            "max.message.bytes=1048588",
            "",
            &[
                (1, "default max.message.bytes=1048588"),
                (2, "broker max.message.bytes=2000000"),
            ],
            &[
                "set max.message.bytes: 1048588 (Kafka default) on 1, 2000000 (broker, dynamic) on 2 -> 1048588 \
               [caution: smaller messages 2000000 -> 1048588]",
            ],
        ),
    ]);
}

#[test]
fn what_is_inherited_beside_a_change_decides_by_broker_too() {
    let compact = (2, "broker cleanup.policy=compact");
    let delete = (1, "default cleanup.policy=delete");
    let shorter = "set retention.ms: 7 (topic override) -> 5 [lossy: shorter 7 -> 5]";
    check(&[
        (
            "retention.ms=5",
            "own retention.ms=7",
            &[delete, compact],
            &[shorter],
        ),
        (
            "retention.ms=5",
            "own retention.ms=7",
            &[compact],
            &["set retention.ms: 7 (topic override) -> 5 [safe]"],
        ),
    ]);
}

#[test]
fn a_broker_that_does_not_tell_is_taken_for_the_worst_and_named() {
    let week = "default retention.ms=604800000";
    let note = "note: values of broker 2 not known: broker 2 is not alive";
    check(&[
        (
            "",
            "own retention.ms=5 over default 604800000",
            &[(1, week), (2, "")],
            &[
                "reset retention.ms: 5 (topic override) -> 604800000 (Kafka default) on 1, not known on 2 \
                 [lossy: unknown inherited, unlisted]",
                note,
            ],
        ),
        (
            "retention.ms=604800000",
            "",
            &[(1, week), (2, "")],
            &[
                "set retention.ms: 604800000 (Kafka default) on 1, not known on 2 -> 604800000 \
                 [lossy: shorter endless -> 604800000]",
                note,
            ],
        ),
        // Nothing is a step down to no limit.
        (
            "retention.ms=-1",
            "",
            &[(1, week), (2, "")],
            &[
                "set retention.ms: 604800000 (Kafka default) on 1, not known on 2 -> -1 [safe]",
                note,
            ],
        ),
        (
            "unclean.leader.election.enable=true",
            "",
            &[(1, "default unclean.leader.election.enable=true"), (2, "")],
            &[
                "set unclean.leader.election.enable: true (Kafka default) on 1, not known on 2 -> true \
                 [caution: unclean election]",
                note,
            ],
        ),
    ]);
}

#[test]
fn a_broker_that_may_be_the_controller_decides_about_elections_only() {
    let here = "default unclean.leader.election.enable=false; default retention.ms=86400000";
    let elsewhere = "broker unclean.leader.election.enable=true; broker retention.ms=604800000";
    let seen = Seen::stock()
        .replicas(&[&[1]])
        .told(&[(1, here)])
        .told_elsewhere(&[(2, elsewhere)]);
    let wanted = Wanted::configs("unclean.leader.election.enable=true; retention.ms=86400000");
    assert_eq!(
        lines(&plan_seen(wanted, seen.sighting())),
        [
            "set retention.ms: 86400000 (Kafka default) -> 86400000 [safe]",
            "set unclean.leader.election.enable: false (Kafka default) on 1, true (broker, dynamic) on 2 -> true \
             [caution: unclean election]",
        ]
    );
}

#[test]
fn a_replica_is_judged_by_what_it_inherits_where_it_goes() {
    let moved = |to: &str, own: &str| {
        let here = "default retention.ms=604800000; default cleanup.policy=delete";
        let seen = Seen::stock().with(own).replicas(&[&[1]]).told(&[(1, here)]);
        let seen = seen.told_elsewhere(&[(2, to), (3, to)]);
        let lines = lines(&plan_seen(
            Wanted::nothing().keep_unlisted().replication(2),
            seen.sighting(),
        ));
        let (_, risk) = lines[0].rsplit_once(" [").expect("a risk");
        risk.trim_end_matches(']').to_owned()
    };
    let hour = "broker retention.ms=3600000; default cleanup.policy=delete";
    let day_more = "broker retention.ms=691200000; default cleanup.policy=delete";
    let compact = "default retention.ms=604800000; broker cleanup.policy=compact";
    assert!(
        moved(hour, "").contains("shorter 604800000 -> 3600000"),
        "{}",
        moved(hour, "")
    );
    assert!(moved(hour, "").starts_with("lossy"));
    assert!(
        moved(compact, "").contains("starts compacting"),
        "{}",
        moved(compact, "")
    );
    assert!(moved(day_more, "").starts_with("caution"));
    // Its own value goes along.
    assert!(moved(hour, "own retention.ms=604800000").starts_with("caution"));
}

#[test]
fn a_replica_that_stays_is_judged_by_what_it_has_deleted_already() {
    let risk = |leader: i32, replicas: &[i32]| {
        let [here, hour] = ["default", "broker"];
        let here = format!("{here} retention.ms=604800000; default cleanup.policy=delete");
        let hour = format!("{hour} retention.ms=3600000; default cleanup.policy=delete");
        // In sync, the leader first.
        let mut isr = replicas.to_vec();
        isr.sort_by_key(|broker| *broker != leader);
        let told: Vec<_> = replicas
            .iter()
            .map(|broker| {
                (
                    *broker,
                    if *broker == 3 {
                        hour.as_str()
                    } else {
                        here.as_str()
                    },
                )
            })
            .collect();
        let seen = Seen::stock().replicas_and_isr(&[(replicas, &isr)]).told(&told);
        let wanted = Wanted::nothing().keep_unlisted().replication(1);
        let lines = lines(&plan_seen(wanted, seen.sighting()));
        let (_, risk) = lines[0].rsplit_once(" [").expect("a risk");
        risk.trim_end_matches(']').to_owned()
    };
    // The only one that stays is the first.
    assert!(
        risk(1, &[3, 1]).contains("shorter 604800000 -> 3600000"),
        "{}",
        risk(1, &[3, 1])
    );
    assert!(risk(1, &[3, 1]).starts_with("lossy"));
    assert!(risk(3, &[3, 1]).starts_with("caution"), "{}", risk(3, &[3, 1]));
    assert!(risk(1, &[1, 3]).starts_with("caution"), "{}", risk(1, &[1, 3]));
}

#[test]
fn all_brokers_are_asked_where_replicas_may_go_to_any() {
    let wanted = Wanted::nothing().replication(2);
    let seen = Seen::stock().replicas(&[&[1]]);
    let every = "cleanup.policy compression.type max.message.bytes min.insync.replicas remote.storage.enable \
                 retention.bytes retention.ms on 1 2 3";
    assert_eq!(asked(wanted.clone(), seen), every);
    assert_eq!(asked(wanted, Seen::stock().replicas(&[&[1, 2]])), "");
}
