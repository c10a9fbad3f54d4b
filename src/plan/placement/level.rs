//! Evening out. A broker that holds too much passes one partition on to another, which may pass one on in
//! turn, until somebody who holds too little has one more. The shortest such chain is found, and the next,
//! until there is none: then no exchange, however long, makes the distribution more even.

use std::collections::{BTreeSet, VecDeque};

use super::Load;
use super::board::{BrokerIndex, PlacementState};

/// One step of a chain: a partition goes from one broker to another.
#[derive(Debug, Clone, Copy)]
struct MoveStep {
    row: usize,
    from: BrokerIndex,
    to: BrokerIndex,
}

/// What is being evened out.
trait Matter {
    /// What a broker holds of it.
    fn count(load: Load) -> usize;
    /// What a partition's holder could be exchanged for.
    fn steps(board: &PlacementState, row: usize, from: BrokerIndex) -> Vec<BrokerIndex>;
    fn is_possible(board: &PlacementState, step: MoveStep) -> bool;
    fn apply_step(board: &mut PlacementState, step: MoveStep);
}

/// Where brokers hold replicas that could be elsewhere.
struct MovableReplicas;

impl Matter for MovableReplicas {
    fn count(load: Load) -> usize {
        load.replicas
    }

    fn steps(board: &PlacementState, row: usize, from: BrokerIndex) -> Vec<BrokerIndex> {
        let row = &board.rows[row];
        let free = (0..board.live).filter(|to| board.takes_new[*to] && row.takes(&board.racks, from, *to));
        free.collect()
    }

    fn is_possible(board: &PlacementState, step: MoveStep) -> bool {
        let row = &board.rows[step.row];
        row.movable.contains(&step.from) && row.takes(&board.racks, step.from, step.to)
    }

    fn apply_step(board: &mut PlacementState, step: MoveStep) {
        board.rows[step.row].exchange(step.from, step.to);
        board.own[step.from].replicas -= 1;
        board.own[step.to].replicas += 1;
    }
}

/// Who comes first among the replicas of a partition.
struct Leaders;

impl Matter for Leaders {
    fn count(load: Load) -> usize {
        load.leaders
    }

    fn steps(board: &PlacementState, row: usize, from: BrokerIndex) -> Vec<BrokerIndex> {
        let row = &board.rows[row];
        row.may_lead(board.live).filter(|to| *to != from).collect()
    }

    fn is_possible(board: &PlacementState, step: MoveStep) -> bool {
        let row = &board.rows[step.row];
        row.leader == Some(step.from) && row.may_lead(board.live).any(|to| to == step.to)
    }

    fn apply_step(board: &mut PlacementState, step: MoveStep) {
        board.rows[step.row].leader = Some(step.to);
        board.own[step.from].leaders -= 1;
        board.own[step.to].leaders += 1;
    }
}

impl PlacementState {
    pub(super) fn level_replicas(&mut self) {
        let mut held = vec![BTreeSet::new(); self.live];
        for (number, row) in self.rows.iter().enumerate() {
            for place in &row.movable {
                held[*place].insert(number);
            }
        }
        self.level::<MovableReplicas>(&mut held);
    }

    pub(super) fn level_leaders(&mut self) {
        let mut held = vec![BTreeSet::new(); self.live];
        for number in 0..self.rows.len() {
            let leader = self.first_leader(number);
            self.rows[number].leader = leader;
            if let Some(leader) = leader {
                self.own[leader].leaders += 1;
                if leader < self.live {
                    held[leader].insert(number);
                }
            }
        }
        self.level::<Leaders>(&mut held);
    }

    /// Who leads stays the leader, if it stays and lives; otherwise the one who leads least.
    fn first_leader(&self, number: usize) -> Option<BrokerIndex> {
        let row = &self.rows[number];
        let stays = |leader: &BrokerIndex| *leader < self.live && row.replicas.contains(leader);
        let least = |place: &BrokerIndex| {
            let (own, others) = (self.own[*place].leaders, self.others[*place].leaders);
            (own, own + others, *place)
        };
        let known = row.leader.filter(stays);
        known
            .or_else(|| row.may_lead(self.live).min_by_key(least))
            .or(row.replicas.first().copied())
    }

    fn level<M: Matter>(&mut self, held: &mut [BTreeSet<usize>]) {
        let mut stuck = BTreeSet::new();
        loop {
            let busiest = (0..self.live).filter(|place| !stuck.contains(place));
            let Some(start) = busiest.max_by_key(|place| (self.weight::<M>(*place), *place)) else {
                return;
            };
            let shifted = match self.chain::<M>(held, start) {
                Some(chain) => self.shift::<M>(held, &chain),
                None => false,
            };
            if shifted {
                stuck.clear();
            } else {
                stuck.insert(start);
            }
        }
    }

    /// Of the topic, then of everything.
    fn weight<M: Matter>(&self, place: BrokerIndex) -> (usize, usize) {
        let own = M::count(self.own[place]);
        (own, own + M::count(self.others[place]))
    }

    /// Whether one less here and one more there is more even, of the topic first.
    fn helps<M: Matter>(&self, from: BrokerIndex, to: BrokerIndex) -> bool {
        let ((own, all), (own_there, all_there)) = (self.weight::<M>(from), self.weight::<M>(to));
        own >= own_there + 2 || (own == own_there + 1 && all >= all_there + 2)
    }

    /// The shortest chain from a broker to one that should hold more.
    fn chain<M: Matter>(&self, held: &[BTreeSet<usize>], start: BrokerIndex) -> Option<Vec<MoveStep>> {
        if !(0..self.live).any(|to| self.helps::<M>(start, to)) {
            return None;
        }
        let mut reached: Vec<Option<MoveStep>> = vec![None; self.live];
        let mut left = self.live - 1;
        let mut queue = VecDeque::from([start]);
        while let Some(from) = queue.pop_front() {
            for row in &held[from] {
                if left == 0 {
                    break;
                }
                for to in M::steps(self, *row, from) {
                    if to == start || reached[to].is_some() {
                        continue;
                    }
                    reached[to] = Some(MoveStep { row: *row, from, to });
                    left -= 1;
                    if self.helps::<M>(start, to) {
                        return Some(trace(&reached, to));
                    }
                    queue.push_back(to);
                }
            }
        }
        None
    }

    /// Takes every step of a chain, or none: two steps of one partition may be in each other's way.
    fn shift<M: Matter>(&mut self, held: &mut [BTreeSet<usize>], chain: &[MoveStep]) -> bool {
        for (taken, step) in chain.iter().enumerate() {
            if !M::is_possible(self, *step) {
                for step in chain[..taken].iter().rev() {
                    let back = MoveStep {
                        from: step.to,
                        to: step.from,
                        ..*step
                    };
                    count_step::<M>(self, held, back);
                }
                return false;
            }
            count_step::<M>(self, held, *step);
        }
        true
    }
}

fn count_step<M: Matter>(board: &mut PlacementState, held: &mut [BTreeSet<usize>], step: MoveStep) {
    M::apply_step(board, step);
    held[step.from].remove(&step.row);
    held[step.to].insert(step.row);
}

fn trace(reached: &[Option<MoveStep>], end: BrokerIndex) -> Vec<MoveStep> {
    let mut chain = Vec::new();
    let mut place = end;
    while let Some(step) = reached[place] {
        chain.push(step);
        place = step.from;
    }
    chain.reverse();
    chain
}
