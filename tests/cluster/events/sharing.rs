//! Two live members of a group: they share the partitions, and hand them over while both read.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;

use tokio::sync::Notify;
use topicctl::events::{Commits, Consumer, Membership, Start};

use super::reading::{number, publish};
use super::{PATIENCE, Topics, block_on};
use crate::support::Kafka;

/// Who read what, and what is known of it.
#[derive(Default)]
struct Ledger {
    read: RefCell<BTreeMap<u128, usize>>,
    /// Records that were handed out and could not be committed any more.
    uncommitted: Cell<usize>,
    read_by: RefCell<[usize; 2]>,
    /// Whether a member shall stop.
    stops: RefCell<[bool; 2]>,
    stopping: [Notify; 2],
    /// How many events there are, once no more come.
    total: Cell<Option<usize>>,
}

impl Ledger {
    fn stop(&self, who: usize) {
        self.stops.borrow_mut()[who] = true;
        self.stopping[who].notify_one();
    }

    fn stop_if_all_is_read(&self) {
        if self.total.get() == Some(self.read.borrow().len()) {
            self.stop(0);
        }
    }
}

async fn member(topics: &Topics, commits: Commits) -> Consumer {
    let membership = Membership::Group {
        name: format!("sharing.{commits:?}"),
        commits,
    };
    let failed = [topics.names.failed.clone()];
    let consumer = Consumer::open(
        &topics.connection,
        &failed,
        &Start::Earliest,
        &membership,
        PATIENCE,
    );
    consumer.await.unwrap()
}

async fn read(consumer: &Consumer, who: usize, commits: Commits, ledger: &Ledger) {
    while !ledger.stops.borrow()[who] {
        let record = tokio::select! {
            record = consumer.next() => record.unwrap(),
            () = ledger.stopping[who].notified() => break,
        };
        if commits == Commits::ByHand && consumer.commit(&record).await.is_err() {
            ledger.uncommitted.set(ledger.uncommitted.get() + 1);
        }
        let number = number(&record.content.unwrap());
        *ledger.read.borrow_mut().entry(number).or_default() += 1;
        ledger.read_by.borrow_mut()[who] += 1;
        ledger.stop_if_all_is_read();
    }
}

/// The second member joins when the first is at work, and leaves when it has read something; events come all
/// the while.
async fn share(topics: &Topics, commits: Commits) -> Ledger {
    let ledger = Ledger::default();
    publish(topics, 0..20).await;
    let first = member(topics, commits).await;
    let second = async {
        let second = member(topics, commits).await;
        let feeding = async {
            let mut next = 20;
            while ledger.read_by.borrow()[1] < 10 {
                publish(topics, next..next + 6).await;
                next += 6;
            }
            ledger.stop(1);
            next
        };
        let (next, ()) = tokio::join!(feeding, read(&second, 1, commits, &ledger));
        drop(second);
        publish(topics, next..next + 40).await;
        ledger.total.set(usize::try_from(next + 40).ok());
        ledger.stop_if_all_is_read();
    };
    let sharing = async { tokio::join!(read(&first, 0, commits, &ledger), second) };
    let shared = tokio::time::timeout(PATIENCE, sharing).await.is_ok();
    let (found, total) = (ledger.read.borrow().len(), ledger.total.get());
    assert!(shared, "{commits:?}: {found} of {total:?} were read");
    ledger
}

#[test]
fn two_members_lose_nothing_and_read_again_only_what_was_not_committed() {
    for commits in [Commits::ByHand, Commits::OnNext] {
        let topics = Topics::new(Kafka::one(), &format!("sharing.{commits:?}"), 6);
        let ledger = block_on(share(&topics, commits));
        let read = ledger.read.into_inner();
        let total = ledger.total.get().unwrap();
        assert!(read.len() == total, "{commits:?}: {} of {total}", read.len());
        let again = read.values().sum::<usize>() - read.len();
        let by = ledger.read_by.into_inner();
        assert!(by.iter().all(|read| *read >= 10), "{commits:?}: {by:?}");
        // What is in hand when a partition moves: one record of each member, each time that somebody joins or
        // leaves.
        let allowed = match commits {
            Commits::ByHand => ledger.uncommitted.get(),
            Commits::OnNext => 4,
        };
        assert!(
            again <= allowed,
            "{commits:?}: {again} again, {allowed} allowed; {by:?}"
        );
    }
}
