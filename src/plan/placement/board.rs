//! Partitions and brokers by number, with what each broker holds kept up to date.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::{Load, Sites, TooFewAlive};
use crate::model::{BrokerId, Partition};

/// A broker's place on the board. Live ones come first, in the order of their ids.
pub(super) type BrokerIndex = usize;

/// One partition.
#[derive(Debug, Clone, Default)]
pub(super) struct PartitionRow {
    /// Its replicas now; those that stay keep their order.
    pub(super) replicas: Vec<BrokerIndex>,
    /// Those of them that could as well be others.
    pub(super) movable: BTreeSet<BrokerIndex>,
    /// What a movable one may be exchanged for; `None` is any live broker.
    pub(super) choices: Option<BTreeSet<BrokerIndex>>,
    /// The preferred leader.
    pub(super) leader: Option<BrokerIndex>,
    /// Its leader stays whatever comes.
    frozen: bool,
    in_sync: BTreeSet<BrokerIndex>,
}

impl PartitionRow {
    /// Whether `to` may take over from `from`.
    pub(super) fn takes(&self, racks: &[usize], from: BrokerIndex, to: BrokerIndex) -> bool {
        let chosen = self.choices.as_ref().is_none_or(|choices| choices.contains(&to));
        chosen && !self.replicas.contains(&to) && self.is_no_worse(racks, from, to)
    }

    /// Racks are covered as well as before.
    fn is_no_worse(&self, racks: &[usize], from: BrokerIndex, to: BrokerIndex) -> bool {
        racks[from] == racks[to] || self.in_rack(racks, racks[to]) < self.in_rack(racks, racks[from])
    }

    /// A broker that is not alive has no rack that counts.
    pub(super) fn in_rack(&self, racks: &[usize], rack: usize) -> usize {
        let there = self
            .replicas
            .iter()
            .filter(|place| racks.get(**place) == Some(&rack));
        there.count()
    }

    pub(super) fn exchange(&mut self, from: BrokerIndex, to: BrokerIndex) {
        for place in &mut self.replicas {
            if *place == from {
                *place = to;
            }
        }
        self.movable.remove(&from);
        self.movable.insert(to);
        if let Some(choices) = &mut self.choices {
            choices.remove(&to);
            choices.insert(from);
        }
    }

    pub(super) fn may_lead(&self, live: usize) -> impl Iterator<Item = BrokerIndex> {
        let free = if self.frozen { 0 } else { live };
        self.replicas.iter().copied().filter(move |place| *place < free)
    }
}

pub(super) struct PlacementState {
    ids: Vec<BrokerId>,
    pub(super) live: usize,
    /// The rack of each live broker, by number.
    pub(super) racks: Vec<usize>,
    /// Whether each live broker takes new replicas.
    pub(super) takes_new: Vec<bool>,
    pub(super) rows: Vec<PartitionRow>,
    /// What each live broker holds of the topic.
    pub(super) own: Vec<Load>,
    /// What it holds besides.
    pub(super) others: Vec<Load>,
}

impl PlacementState {
    pub(super) fn new(sites: &Sites, partitions: &[Partition]) -> Self {
        let mut ids: Vec<BrokerId> = sites.keys().copied().collect();
        let replicas = partitions.iter().flat_map(|partition| &partition.replicas);
        let dead: BTreeSet<BrokerId> = replicas.filter(|id| !sites.contains_key(id)).copied().collect();
        ids.extend(dead);
        let places: BTreeMap<BrokerId, BrokerIndex> = ids.iter().copied().zip(0..).collect();
        let racks: BTreeSet<&Option<Arc<str>>> = sites.values().map(|site| &site.rack).collect();
        let numbers: BTreeMap<_, usize> = racks.into_iter().zip(0..).collect();
        let mut board = Self {
            live: sites.len(),
            racks: sites.values().map(|site| numbers[&site.rack]).collect(),
            takes_new: sites.values().map(|site| !site.is_cordoned).collect(),
            rows: partitions
                .iter()
                .map(|partition| row(partition, &places))
                .collect(),
            own: vec![Load::default(); ids.len()],
            others: sites.values().map(|site| site.load).collect(),
            ids,
        };
        for row in &board.rows {
            for place in &row.replicas {
                board.own[*place].replicas += 1;
            }
        }
        board
    }

    /// What is there stays, its leaders included.
    pub(super) fn freeze(&mut self) {
        for row in &mut self.rows {
            row.frozen = true;
            row.leader = row.replicas.first().copied();
        }
    }

    pub(super) fn add_rows(&mut self, more: usize) {
        let all = self.rows.len() + more;
        self.rows.resize_with(all, PartitionRow::default);
    }

    /// Partitions that get another number of replicas leave brokers that are cordoned; the others stay as they are.
    /// One that would be left without a replica in sync gets a new one instead of one that is not.
    pub(super) fn leave_cordoned(&mut self, factor: usize) {
        for number in 0..self.rows.len() {
            let is_cordoned = |place: &BrokerIndex| self.takes_new.get(*place) == Some(&false);
            let row = &mut self.rows[number];
            let cordoned: Vec<BrokerIndex> = row.replicas.iter().copied().filter(is_cordoned).collect();
            if cordoned.is_empty() {
                continue;
            }
            if row.replicas.len() == factor {
                row.frozen = true;
                continue;
            }
            row.replicas.retain(|place| !cordoned.contains(place));
            for place in cordoned {
                self.own[place].replicas -= 1;
            }
            self.make_room(number, factor);
        }
    }

    fn make_room(&mut self, number: usize, factor: usize) {
        let row = &self.rows[number];
        let healthy = |place: &&BrokerIndex| **place < self.live && row.in_sync.contains(place);
        if row.replicas.iter().any(|place| healthy(&place)) {
            return;
        }
        while self.rows[number].replicas.len() >= factor {
            let goes = self.most_dispensable(number);
            let place = self.rows[number].replicas.remove(goes);
            self.own[place].replicas -= 1;
        }
    }

    /// Takes away what is too much.
    pub(super) fn reduce(&mut self, factor: usize) {
        for number in 0..self.rows.len() {
            while self.rows[number].replicas.len() > factor {
                let goes = self.most_dispensable(number);
                let row = &mut self.rows[number];
                let place = row.replicas.remove(goes);
                self.own[place].replicas -= 1;
                let healthy = place < self.live && row.in_sync.contains(&place);
                row.choices
                    .get_or_insert_default()
                    .extend(healthy.then_some(place));
            }
            let live = self.live;
            let row = &mut self.rows[number];
            if row.choices.is_some() {
                let healthy = |place: &BrokerIndex| *place < live && row.in_sync.contains(place);
                row.movable = row.replicas.iter().copied().filter(healthy).collect();
            }
        }
    }

    fn most_dispensable(&self, number: usize) -> usize {
        let row = &self.rows[number];
        let reasons = |(position, place): (usize, &BrokerIndex)| {
            let place = *place;
            let dead = place >= self.live;
            let in_rack = if dead {
                0
            } else {
                row.in_rack(&self.racks, self.racks[place])
            };
            let others = self.others.get(place).map_or(0, |load| load.replicas);
            let late = !row.in_sync.contains(&place);
            (dead, late, in_rack, self.own[place].replicas, others, position)
        };
        row.replicas
            .iter()
            .enumerate()
            .map(reasons)
            .max()
            .map_or(0, |worst| worst.5)
    }

    /// Adds what is missing, to the rack with the fewest, then to the broker with the fewest.
    pub(super) fn fill(&mut self, factor: usize) -> Result<(), TooFewAlive> {
        for number in 0..self.rows.len() {
            if self.rows[number].frozen {
                continue;
            }
            while self.rows[number].replicas.len() < factor {
                let place = self.most_suitable(number).ok_or_else(|| TooFewAlive {
                    alive: self.takes_new.iter().filter(|takes| **takes).count(),
                })?;
                self.own[place].replicas += 1;
                self.rows[number].replicas.push(place);
                self.rows[number].movable.insert(place);
            }
        }
        Ok(())
    }

    fn most_suitable(&self, number: usize) -> Option<BrokerIndex> {
        let row = &self.rows[number];
        let free = (0..self.live).filter(|place| self.takes_new[*place] && !row.replicas.contains(place));
        free.min_by_key(|place| {
            let (own, others) = (self.own[*place].replicas, self.others[*place].replicas);
            (
                row.in_rack(&self.racks, self.racks[*place]),
                own,
                own + others,
                *place,
            )
        })
    }

    /// The replicas from a partition on, the preferred leader first, then those that stay.
    pub(super) fn result(&self, from: usize) -> Vec<Vec<BrokerId>> {
        let ordered = |row: &PartitionRow| {
            let followers = row
                .replicas
                .iter()
                .copied()
                .filter(|place| Some(*place) != row.leader);
            let places = row.leader.into_iter().chain(followers);
            places.map(|place| self.ids[place]).collect()
        };
        self.rows.iter().skip(from).map(ordered).collect()
    }
}

fn row(partition: &Partition, places: &BTreeMap<BrokerId, BrokerIndex>) -> PartitionRow {
    let known = |ids: &[BrokerId]| {
        ids.iter()
            .filter_map(|id| places.get(id).copied())
            .collect::<Vec<_>>()
    };
    let replicas = known(&partition.replicas);
    PartitionRow {
        leader: replicas.first().copied(),
        in_sync: known(&partition.isr).into_iter().collect(),
        replicas,
        ..PartitionRow::default()
    }
}
