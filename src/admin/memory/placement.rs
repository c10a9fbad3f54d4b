//! Which brokers get the replicas of a new partition. Kafka starts at random; here it is round robin,
//! so that a test gets the same placement every time. The rules are Kafka's (`StripedReplicaPlacer`):
//! racks in turn, brokers that are alive first, a leader that is alive.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::state::BrokerState;
use crate::model::BrokerId;

/// The replicas of one partition. `slot` moves by one from partition to partition. Asks for no more
/// replicas than there are brokers.
pub(super) fn replicas(
    brokers: &BTreeMap<BrokerId, BrokerState>,
    slot: usize,
    replication: usize,
) -> Vec<BrokerId> {
    let mut candidates = interleaved(brokers);
    candidates.retain(|id| !brokers[id].is_cordoned);
    if !candidates.is_empty() {
        let turn = slot % candidates.len();
        candidates.rotate_left(turn);
    }
    let mut chosen: Vec<BrokerId> = Vec::with_capacity(replication);
    let mut used: BTreeMap<Option<Arc<str>>, usize> = BTreeMap::new();
    while chosen.len() < replication && !candidates.is_empty() {
        let leads = chosen.is_empty();
        let best = candidates
            .iter()
            .enumerate()
            .min_by_key(|(position, id)| {
                let broker = &brokers[id];
                let taken = used.get(&broker.view.rack).copied().unwrap_or(0);
                (leads && !broker.alive, taken, !broker.alive, *position)
            })
            .map_or(0, |(position, _)| position);
        let id = candidates.remove(best);
        *used.entry(brokers[&id].view.rack.clone()).or_default() += 1;
        chosen.push(id);
    }
    chosen
}

/// The brokers, one of each rack in turn.
fn interleaved(brokers: &BTreeMap<BrokerId, BrokerState>) -> Vec<BrokerId> {
    let mut seen: BTreeMap<&Option<Arc<str>>, usize> = BTreeMap::new();
    let mut order: Vec<(usize, BrokerId)> = Vec::new();
    for (id, broker) in brokers {
        let round = seen.entry(&broker.view.rack).or_default();
        order.push((*round, *id));
        *round += 1;
    }
    order.sort_unstable();
    order.into_iter().map(|(_, id)| id).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Broker;

    fn brokers(racks: &[&str], dead: &[i32]) -> BTreeMap<BrokerId, BrokerState> {
        let broker = |(id, rack): (i32, &&str)| {
            let view = Broker {
                host: "127.0.0.1".into(),
                port: 9092,
                rack: Some((*rack).into()),
            };
            let alive = !dead.contains(&id);
            let state = BrokerState {
                view,
                alive,
                is_cordoned: false,
            };
            (BrokerId(id), state)
        };
        (1..).zip(racks).map(broker).collect()
    }

    fn placed(racks: &[&str], dead: &[i32], replication: usize) -> Vec<Vec<i32>> {
        let brokers = brokers(racks, dead);
        (0..racks.len())
            .map(|slot| replicas(&brokers, slot, replication))
            .map(|row| row.into_iter().map(|id| id.0).collect())
            .collect()
    }

    #[test]
    fn leaders_and_followers_go_round() {
        assert_eq!(placed(&["a", "b", "c"], &[], 2), [[1, 2], [2, 3], [3, 1]]);
    }

    #[test]
    fn replicas_use_every_rack_before_one_twice() {
        for row in placed(&["a", "a", "b", "b", "b"], &[], 2) {
            let in_a = row.iter().filter(|id| **id <= 2).count();
            assert_eq!(in_a, 1, "{row:?}");
        }
    }

    #[test]
    fn a_dead_broker_gets_replicas_but_never_leads() {
        let rows = placed(&["a", "b", "c"], &[2], 3);
        assert!(rows.iter().all(|row| row[0] != 2 && row.contains(&2)), "{rows:?}");
    }
}
