use std::collections::BTreeSet;

use proptest::prelude::*;
use proptest::sample::{Index, subsequence};
use proptest::test_runner::RngSeed;

use super::*;

fn bounded() -> ProptestConfig {
    ProptestConfig {
        cases: 512,
        rng_seed: RngSeed::Fixed(20_260_301),
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

/// Brokers from 1 on, in these racks; 0 is none.
fn sites(racks: &[usize]) -> Sites {
    let site = |rack: &usize| Site {
        rack: (*rack > 0).then(|| format!("rack-{rack}").into()),
        load: Load::default(),
        is_cordoned: false,
    };
    (1..).map(BrokerId).zip(racks.iter().map(site)).collect()
}

fn partition(index: i32, replicas: &[i32], isr: &[i32]) -> Partition {
    let ids = |ids: &[i32]| ids.iter().copied().map(BrokerId).collect::<Vec<_>>();
    Partition {
        index,
        leader: isr.first().copied().map(BrokerId),
        replicas: ids(replicas),
        isr: ids(isr),
        offline: Vec::new(),
    }
}

fn in_sync(rows: &[&[i32]]) -> Vec<Partition> {
    let partition = |(index, replicas): (i32, &&[i32])| partition(index, replicas, replicas);
    (0..).zip(rows).map(partition).collect()
}

fn numbers(rows: Result<Vec<Vec<BrokerId>>, TooFewAlive>) -> Vec<Vec<i32>> {
    let rows = rows.unwrap().into_iter();
    rows.map(|row| row.into_iter().map(|id| id.0).collect()).collect()
}

fn as_partitions(rows: &[Vec<BrokerId>]) -> Vec<Partition> {
    let each = (0..).zip(rows).map(|(index, row)| Partition {
        index,
        leader: row.first().copied(),
        replicas: row.clone(),
        isr: row.clone(),
        offline: Vec::new(),
    });
    each.collect()
}

#[test]
fn one_replica_becomes_three_and_leaders_are_spread() {
    let here = in_sync(&[&[1], &[1], &[1]]);
    assert_eq!(
        numbers(assign(&sites(&[1, 2, 3]), &here, 3)),
        [[2, 1, 3], [3, 1, 2], [1, 2, 3]]
    );
}

#[test]
fn the_new_broker_of_a_rack_that_is_covered_is_no_reason_to_move() {
    let here = in_sync(&[&[1, 2], &[2, 3], &[3, 1]]);
    assert_eq!(
        numbers(assign(&sites(&[1, 2, 3, 3]), &here, 2)),
        [[1, 2], [2, 3], [3, 1]]
    );
}

#[test]
fn what_goes_is_dead_then_late_then_a_second_in_its_rack_then_the_busiest() {
    let racks = [1, 2, 2, 3];
    let dead = [partition(0, &[9, 1, 2], &[1, 2])];
    assert_eq!(numbers(assign(&sites(&racks), &dead, 2)), [[1, 2]]);
    let late = [partition(0, &[1, 2, 4], &[2, 4])];
    assert_eq!(numbers(assign(&sites(&racks), &late, 2)), [[2, 4]]);
    let doubled = in_sync(&[&[1, 2, 3, 4]]);
    assert_eq!(numbers(assign(&sites(&racks), &doubled, 3)), [[1, 2, 4]]);
    let mut busy = sites(&[1, 2, 3]);
    busy.get_mut(&BrokerId(2)).unwrap().load.replicas = 5;
    assert_eq!(numbers(assign(&busy, &in_sync(&[&[1, 2, 3]]), 2)), [[1, 3]]);
}

#[test]
fn a_replica_on_a_dead_broker_may_stay_but_does_not_lead() {
    let here = [partition(0, &[9, 1], &[1])];
    assert_eq!(numbers(assign(&sites(&[1, 2]), &here, 3)), [[1, 9, 2]]);
}

#[test]
fn a_broker_that_is_not_alive_is_missed() {
    let here = in_sync(&[&[1]]);
    assert_eq!(assign(&sites(&[1, 2]), &here, 3), Err(TooFewAlive { alive: 2 }));
    assert_eq!(extend(&sites(&[1]), &here, 2, 2), Err(TooFewAlive { alive: 1 }));
}

#[test]
fn new_partitions_make_up_for_what_the_old_ones_left_out() {
    let here = in_sync(&[&[1, 2], &[1, 3], &[1, 2]]);
    assert_eq!(
        numbers(extend(&sites(&[1, 2, 3]), &here, 6, 2)),
        [[2, 3], [3, 1], [2, 3]]
    );
}

#[test]
fn a_topic_of_one_partition_goes_where_there_is_least_of_other_topics() {
    let mut sites = sites(&[1, 1, 2, 2]);
    for id in [1, 4] {
        sites.get_mut(&BrokerId(id)).unwrap().load = Load {
            replicas: 7,
            leaders: 7,
        };
    }
    assert_eq!(numbers(extend(&sites, &[], 1, 2)), [[2, 3]]);
}

/// A cluster, and a topic with replicas on its brokers and on dead ones, some of them not in sync.
#[derive(Debug, Clone)]
struct World {
    sites: Sites,
    partitions: Vec<Partition>,
    factor: usize,
}

fn world() -> impl Strategy<Value = World> {
    let brokers = prop::collection::vec((0..4_usize, 0..6_usize), 1..9);
    brokers.prop_flat_map(|brokers| {
        let alive = brokers.len();
        let all: Vec<i32> = (1..=i32::try_from(alive).unwrap() + 2).collect();
        let most = all.len().min(5);
        let replicas = (subsequence(all, 1..=most), any::<Index>(), any::<Index>());
        let partitions = prop::collection::vec(replicas, 1..14);
        (Just(brokers), partitions, 1..=alive).prop_map(|(brokers, rows, factor)| {
            let mut sites = sites(&brokers.iter().map(|(rack, _)| *rack).collect::<Vec<_>>());
            for (site, (_, load)) in sites.values_mut().zip(&brokers) {
                site.load = Load {
                    replicas: *load,
                    leaders: *load,
                };
            }
            let partitions = (0..).zip(rows).map(|(index, (mut row, turn, late))| {
                let turn = turn.index(row.len());
                row.rotate_left(turn);
                let isr = &row[late.index(row.len())..];
                partition(index, &row, isr)
            });
            World {
                sites,
                partitions: partitions.collect(),
                factor,
            }
        })
    })
}

fn racks(sites: &Sites, row: &[BrokerId]) -> usize {
    let racks: BTreeSet<_> = row
        .iter()
        .filter_map(|id| sites.get(id))
        .map(|site| &site.rack)
        .collect();
    racks.len()
}

/// The fewest and the most that a broker has.
fn spread(sites: &Sites, held: impl Iterator<Item = BrokerId>) -> (usize, usize) {
    let mut counts: BTreeMap<BrokerId, usize> = sites.keys().map(|id| (*id, 0)).collect();
    for id in held {
        *counts.entry(id).or_default() += 1;
    }
    let counts = || counts.values().copied();
    (counts().min().unwrap(), counts().max().unwrap())
}

proptest! {
    #![proptest_config(bounded())]

    #[test]
    fn nothing_moves_that_could_stay_and_no_dead_broker_is_chosen(world in world()) {
        let Ok(rows) = assign(&world.sites, &world.partitions, world.factor) else {
            return Ok(());
        };
        prop_assert_eq!(rows.len(), world.partitions.len());
        for (before, row) in world.partitions.iter().zip(&rows) {
            let was: BTreeSet<_> = before.replicas.iter().collect();
            let is: BTreeSet<_> = row.iter().collect();
            prop_assert_eq!(is.len(), world.factor, "{:?}", row);
            prop_assert_eq!(row.len(), world.factor);
            prop_assert!(was.is_subset(&is) || is.is_subset(&was), "{:?} to {:?}", before.replicas, row);
            let added = is.difference(&was);
            prop_assert!(added.into_iter().all(|id| world.sites.contains_key(id)));
            let leads = row.iter().any(|id| world.sites.contains_key(id));
            prop_assert!(!leads || world.sites.contains_key(&row[0]), "{:?}", row);
        }
    }

    #[test]
    fn as_many_racks_are_covered_as_can_be(world in world()) {
        let Ok(rows) = assign(&world.sites, &world.partitions, world.factor) else {
            return Ok(());
        };
        let every: Vec<BrokerId> = world.sites.keys().copied().collect();
        let all = racks(&world.sites, &every);
        for (before, row) in world.partitions.iter().zip(&rows) {
            let (was, is) = (racks(&world.sites, &before.replicas), racks(&world.sites, row));
            let more = world.factor.saturating_sub(before.replicas.len());
            if world.factor >= before.replicas.len() {
                prop_assert_eq!(is, (was + more).min(all), "{:?} to {:?}", before.replicas, row);
            } else if before.isr.len() == before.replicas.len()
                && before.replicas.iter().all(|id| world.sites.contains_key(id))
            {
                prop_assert_eq!(is, was.min(world.factor), "{:?} to {:?}", before.replicas, row);
            }
        }
    }

    /// No single exchange of something new makes it more even, which is more than the greedy choice gives.
    #[test]
    fn new_replicas_are_as_even_as_what_stays_allows(world in world()) {
        let Ok(rows) = assign(&world.sites, &world.partitions, world.factor) else {
            return Ok(());
        };
        let held = |id: BrokerId| rows.iter().flatten().filter(|held| **held == id).count();
        for (before, row) in world.partitions.iter().zip(&rows) {
            let new = row.iter().filter(|id| !before.replicas.contains(id));
            for from in new {
                for (to, site) in &world.sites {
                    let same_rack = site.rack == world.sites[from].rack;
                    if same_rack && !row.contains(to) {
                        prop_assert!(held(*from) <= held(*to) + 1, "{:?}: {} rather than {}", row, to, from);
                    }
                }
            }
        }
    }

    #[test]
    fn from_scratch_brokers_differ_by_one_at_most(
        (size, count) in (1..5_usize, 1..5_usize), partitions in 1..40_usize, factor in 1..6_usize
    ) {
        let racks: Vec<usize> = (1..=count).flat_map(|rack| vec![rack; size]).collect();
        let sites = sites(&racks);
        let Ok(rows) = extend(&sites, &[], partitions, factor) else {
            prop_assert!(factor > racks.len());
            return Ok(());
        };
        let (least, most) = spread(&sites, rows.iter().flatten().copied());
        prop_assert!(most - least <= 1, "replicas from {least} to {most}");
        let (least, most) = spread(&sites, rows.iter().map(|row| row[0]));
        prop_assert!(most - least <= 1, "leaders from {least} to {most}");
    }

    /// Racks of different sizes: the brokers of one rack still differ by one at most.
    #[test]
    fn from_scratch_the_brokers_of_a_rack_differ_by_one_at_most(
        racks in prop::collection::vec(0..4_usize, 1..10), partitions in 1..40_usize, factor in 1..5_usize
    ) {
        let sites = sites(&racks);
        let Ok(rows) = extend(&sites, &[], partitions, factor) else {
            return Ok(());
        };
        for rack in sites.values().map(|site| &site.rack) {
            let of_rack: Sites = sites.iter().filter(|(_, site)| site.rack == *rack)
                .map(|(id, site)| (*id, site.clone())).collect();
            let held = rows.iter().flatten().copied().filter(|id| of_rack.contains_key(id));
            let (least, most) = spread(&of_rack, held);
            prop_assert!(most - least <= 1, "from {least} to {most}");
        }
    }

    /// Not only as many racks as can be, but none with two more replicas of a partition than another could have.
    #[test]
    fn new_replicas_go_to_the_racks_with_fewest_of_the_partition(world in world()) {
        let Ok(rows) = assign(&world.sites, &world.partitions, world.factor) else {
            return Ok(());
        };
        for (before, row) in world.partitions.iter().zip(&rows) {
            let rack = |id: &BrokerId| world.sites.get(id).map(|site| &site.rack);
            let held = |of: &BrokerId| row.iter().filter(|id| rack(id) == rack(of)).count();
            for new in row.iter().filter(|id| !before.replicas.contains(id)) {
                for free in world.sites.keys().filter(|id| !row.contains(id)) {
                    prop_assert!(held(new) <= held(free) + 1, "{:?}: {} rather than {}", row, free, new);
                }
            }
        }
    }

    /// What goes is dead before it is late, and late before it is in sync.
    #[test]
    fn nothing_better_goes_than_what_stays(world in world()) {
        let Ok(rows) = assign(&world.sites, &world.partitions, world.factor) else {
            return Ok(());
        };
        for (before, row) in world.partitions.iter().zip(&rows) {
            let worth = |id: &BrokerId| (world.sites.contains_key(id), before.isr.contains(id));
            let (stays, goes): (Vec<&BrokerId>, Vec<_>) = before.replicas.iter().partition(|id| row.contains(id));
            let best = goes.iter().map(|id| worth(id)).max();
            let worst = stays.iter().map(|id| worth(id)).min();
            prop_assert!(best.zip(worst).is_none_or(|(best, worst)| best <= worst), "{:?} to {:?}", before, row);
        }
    }

    /// No partition could be led by another of its live replicas so that leaders are spread more evenly.
    #[test]
    fn leaders_are_as_even_as_replicas_allow(world in world()) {
        let Ok(rows) = assign(&world.sites, &world.partitions, world.factor) else {
            return Ok(());
        };
        let leads = |id: &BrokerId| rows.iter().filter(|row| row[0] == *id).count();
        for row in &rows {
            for other in row[1..].iter().filter(|id| world.sites.contains_key(id)) {
                prop_assert!(leads(&row[0]) <= leads(other) + 1, "{:?} of {:?}", row, rows);
            }
        }
    }

    /// What was placed evenly is even after its factor has changed, either way. With racks that holds
    /// from a single replica: of more, those that stay decide which rack gets the next one or has to keep its only one.
    #[test]
    fn what_is_even_stays_even(
        (size, count) in (1..4_usize, 1..4_usize), partitions in 1..30_usize,
        (from, to) in (1..6_usize, 1..6_usize)
    ) {
        let racks: Vec<usize> = (1..=count).flat_map(|rack| vec![rack; size]).collect();
        let sites = sites(&racks);
        prop_assume!(count == 1 || from == 1);
        let here = extend(&sites, &[], partitions, from).unwrap_or_default();
        let Ok(rows) = assign(&sites, &as_partitions(&here), to) else {
            return Ok(());
        };
        let (least, most) = spread(&sites, rows.iter().flatten().copied());
        prop_assert!(most - least <= 1, "replicas from {least} to {most}: {rows:?}");
        let (least, most) = spread(&sites, rows.iter().map(|row| row[0]));
        prop_assert!(most - least <= 1, "leaders from {least} to {most}: {rows:?}");
    }

    #[test]
    fn the_result_is_where_it_stays(world in world()) {
        let Ok(rows) = assign(&world.sites, &world.partitions, world.factor) else {
            return Ok(());
        };
        prop_assert_eq!(assign(&world.sites, &as_partitions(&rows), world.factor), Ok(rows));
    }

    #[test]
    fn the_order_of_what_has_none_does_not_matter(world in world()) {
        let mut turned = world.clone();
        for partition in &mut turned.partitions {
            partition.isr.reverse();
        }
        turned.sites = world.sites.clone().into_iter().rev().collect();
        prop_assert_eq!(
            assign(&world.sites, &world.partitions, world.factor),
            assign(&turned.sites, &turned.partitions, turned.factor)
        );
    }
}
