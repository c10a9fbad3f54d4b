//! Every reason why a change may not be safe, with what was read and without.

use std::collections::{BTreeMap, BTreeSet};

use super::{key, partitions, raw, said};
use crate::model::known::effects::{Worst, all};
use crate::model::{BrokerId, GroupName, Groups, Known, MappedTopic};
use crate::plan::{
    Amount, Compacted, Copied, Deleted, GroupAtWork, Grown, Leaderless, Left, Loss, PartitionLoss, Reason,
    RiskClass, Sampled, TimeSpan, Unread, Users,
};

pub(super) fn every_reason() -> Vec<Reason> {
    let mut reasons = unread_reasons();
    reasons.extend(losses());
    reasons.extend(keys());
    reasons.extend(messages());
    reasons.extend(effects());
    reasons
}

/// Every effect of the table that is warned of.
fn effects() -> Vec<Reason> {
    let warned = all().iter().filter(|effect| effect.worst > Worst::Nothing);
    let mut reasons: Vec<Reason> = warned
        .map(|effect| Reason::HasEffect {
            effect,
            records: None,
        })
        .collect();
    let on_records = all().iter().find(|effect| effect.kind.needs_records());
    for records in [Amount::NOTHING, Amount::up_to(7)] {
        reasons.extend(on_records.map(|effect| Reason::HasEffect {
            effect,
            records: Some(records),
        }));
    }
    reasons
}

fn unread_reasons() -> Vec<Reason> {
    vec![
        Reason::ShorterRetention {
            from: None,
            to: 604_800_000,
            loss: None,
        },
        Reason::SmallerRetention {
            from: None,
            to: 1_073_741_824,
            loss: None,
        },
        Reason::SmallerRetention {
            from: Some(2_147_483_648),
            to: 1_073_741_824,
            loss: None,
        },
        Reason::UnknownInherited {
            worst: RiskClass::Caution,
        },
        Reason::UnknownInherited {
            worst: RiskClass::Lossy,
        },
        Reason::StartsDeleting { loss: None },
        Reason::StartsCompacting { found: None },
        Reason::RemoteStorageDisabled { loss: None },
        Reason::DeletesTopic { deleted: None },
        Reason::MovesKeys {
            from: partitions(3),
            to: partitions(12),
            grown: None,
        },
        Reason::CopiesReplicas { copied: None },
        Reason::CopiesReplicas {
            copied: Some(Box::default()),
        },
        Reason::CopiesReplicas {
            copied: Some(Box::new(Copied {
                unread: BTreeSet::from([said("no broker tells the size of its replica").into()]),
                ..Copied::default()
            })),
        },
        Reason::DropsCopies {
            brokers: [BrokerId(2), BrokerId(3)].into(),
        },
        Reason::ForgetsEligibleLeaders {
            partitions: BTreeMap::from([(0, [BrokerId(2)].into()), (1, [BrokerId(2), BrokerId(3)].into())]),
            leaderless: [1].into(),
        },
        Reason::ForgetsEligibleLeaders {
            partitions: BTreeMap::from([(0, [BrokerId(2)].into())]),
            leaderless: BTreeSet::new(),
        },
        Reason::MinInsyncAboveIsr { to: 2, isr: 1 },
        Reason::NoBrokerToSpare { to: 3 },
        Reason::SmallerMessages {
            from: 2_097_152,
            to: 1_048_576,
            sample: None,
        },
        Reason::ResetsUnlisted,
        Reason::RemapsInternalTopic {
            topic: MappedTopic::ConsumerOffsets,
        },
        Reason::RemapsInternalTopic {
            topic: MappedTopic::TransactionState,
        },
        Reason::RemapsInternalTopic {
            topic: MappedTopic::ShareGroupState,
        },
        Reason::RemapsInternalTopic {
            topic: MappedTopic::RemoteLogMetadata,
        },
        Reason::CompactsSooner {
            from: 604_800_000,
            to: 3_600_000,
            loss: None,
        },
        Reason::UncleanElection {
            leaderless: BTreeMap::new(),
        },
        Reason::UncleanElection {
            leaderless: [
                (0, waiting(&[1, 3], None)),
                (1, waiting(&[1], Some((10, None)))),
                (2, waiting(&[1], Some((10, Some((100, "billing".into())))))),
                (4, waiting(&[], None)),
                (5, waiting(&[1], None)),
                (6, waiting(&[1], Some((10, Some((11, "billing".into())))))),
            ]
            .into(),
        },
        Reason::UnknownKey {
            key: key("vendor.key"),
        },
        Reason::CannotCompare {
            key: key("retention.ms"),
        },
    ]
}

fn amount(at_least: i64, at_most: Option<i64>, about: Option<i64>) -> Amount {
    Amount {
        at_least,
        at_most,
        about,
    }
}

/// Two partitions, of which the second loses more, and a group that is behind.
pub(super) fn large_loss() -> Loss {
    let small = PartitionLoss {
        records: amount(4_331, Some(10_000), None),
        bytes: amount(0, Some(41_943_040), Some(10_485_760)),
    };
    let large = PartitionLoss {
        records: amount(1_200_000, Some(1_300_000), None),
        bytes: amount(0, Some(8_589_934_592), Some(4_294_967_296)),
    };
    let unread = Unread {
        partitions: BTreeMap::from([(3, amount(0, Some(12_000), None))]),
        doubts: BTreeSet::from(["committed 9000000 lies beyond the end 1300000".into()]),
    };
    Loss {
        partitions: BTreeMap::from([(0, small), (3, large)]),
        span: Some(TimeSpan {
            from: 1_788_220_800_000,
            to: 1_795_082_400_000,
        }),
        groups: Groups {
            read: BTreeMap::from([(raw("billing").into(), unread)]),
            unread: BTreeSet::new(),
        },
        unread: BTreeSet::new(),
    }
}

fn no_loss() -> Loss {
    Loss {
        partitions: BTreeMap::new(),
        span: None,
        groups: Groups::default(),
        unread: BTreeSet::new(),
    }
}

/// Nothing could be read but that there is something.
fn dark_loss() -> Loss {
    let dark = PartitionLoss {
        records: Amount::UNKNOWN,
        bytes: Amount::UNKNOWN,
    };
    Loss {
        partitions: BTreeMap::from([(1, dark)]),
        groups: Groups {
            read: BTreeMap::new(),
            unread: BTreeSet::from([said("needs Describe on the cluster").into()]),
        },
        unread: BTreeSet::from([said("LEADER_NOT_AVAILABLE").into()]),
        ..no_loss()
    }
}

fn users(groups: &[(&str, usize, Known<usize>)]) -> Users {
    let user = |(name, committed, members): &(&str, usize, Known<usize>)| {
        let at_work = GroupAtWork {
            committed: *committed,
            members: members.clone(),
        };
        (raw(name).into(), at_work)
    };
    Users {
        read: groups.iter().map(user).collect(),
        unread: BTreeSet::new(),
    }
}

fn busy() -> Users {
    users(&[
        ("billing", 2, Known::Read(3)),
        ("nightly", 1, Known::Read(0)),
        (
            "share",
            0,
            Known::Unread(said("GROUP_AUTHORIZATION_FAILED").into()),
        ),
    ])
}

fn crowd() -> Users {
    let names = ["a", "b", "c", "d", "e", "f", "g"];
    users(&names.map(|name| (name, 1, Known::Read(0))))
}

fn losses() -> Vec<Reason> {
    let boxed = |loss| Some(Box::new(loss));
    let shorter = |loss| Reason::ShorterRetention {
        from: Some(2_592_000_000),
        to: 604_800_000,
        loss: boxed(loss),
    };
    let smaller = |loss| Reason::SmallerRetention {
        from: None,
        to: 10_737_418_240,
        loss: boxed(loss),
    };
    let sooner = |loss| Reason::CompactsSooner {
        from: 604_800_000,
        to: 3_600_000,
        loss: boxed(loss),
    };
    let deletes = |loss, users| Reason::DeletesTopic {
        deleted: Some(Box::new(Deleted { loss, users })),
    };
    vec![
        shorter(large_loss()),
        shorter(no_loss()),
        shorter(dark_loss()),
        smaller(large_loss()),
        smaller(no_loss()),
        smaller(dark_loss()),
        Reason::StartsDeleting {
            loss: boxed(large_loss()),
        },
        Reason::StartsDeleting {
            loss: boxed(no_loss()),
        },
        Reason::RemoteStorageDisabled {
            loss: boxed(large_loss()),
        },
        Reason::RemoteStorageDisabled {
            loss: boxed(no_loss()),
        },
        sooner(large_loss()),
        sooner(no_loss()),
        deletes(large_loss(), busy()),
        deletes(dark_loss(), users(&[])),
        deletes(no_loss(), users(&[])),
        deletes(no_loss(), crowd()),
    ]
}

fn sample(keyed: i64, unkeyed: i64, complete: bool) -> Known<Sampled> {
    Known::Read(Sampled {
        keyed,
        unkeyed,
        largest_batch: 1_500_000,
        largest_sent: 1_550_000,
        reached_end: true,
        complete,
        ..Sampled::default()
    })
}

fn short_of_the_end() -> Known<Sampled> {
    Known::Read(Sampled {
        keyed: 10,
        largest_batch: 1_500_000,
        ..Sampled::default()
    })
}

fn recompressed() -> Known<Sampled> {
    Known::Read(Sampled {
        keyed: 10,
        largest_batch: 150_000,
        largest_sent: 1_700_000,
        reached_end: true,
        complete: true,
        ..Sampled::default()
    })
}

fn thinned() -> Known<Sampled> {
    Known::Read(Sampled {
        keyed: 10,
        largest_batch: 150_000,
        largest_sent: 150_000,
        is_thinned: true,
        reached_end: true,
        complete: true,
        ..Sampled::default()
    })
}

fn unread_sample() -> Known<Sampled> {
    Known::Unread(said("TOPIC_AUTHORIZATION_FAILED; needs Read on topic orders").into())
}

fn keys() -> Vec<Reason> {
    let grows = |records, sample, compacted, users| Reason::MovesKeys {
        from: partitions(3),
        to: partitions(12),
        grown: Some(Box::new(Grown {
            records,
            sample,
            compacted,
            users,
        })),
    };
    let compacts = |records, sample| Reason::StartsCompacting {
        found: Some(Box::new(Compacted { records, sample })),
    };
    let some = Amount::exactly(12_000);
    vec![
        grows(some, sample(600, 0, false), true, busy()),
        grows(some, sample(150, 450, false), false, users(&[])),
        grows(some, sample(0, 600, false), false, users(&[])),
        grows(some, unread_sample(), false, users(&[])),
        grows(some, short_of_the_end(), false, users(&[])),
        grows(Amount::NOTHING, sample(0, 0, true), false, users(&[])),
        grows(Amount::NOTHING, sample(0, 0, true), false, busy()),
        compacts(some, sample(599, 1, false)),
        compacts(some, sample(600, 0, false)),
        compacts(Amount::exactly(600), sample(600, 0, true)),
        compacts(some, unread_sample()),
        compacts(Amount::NOTHING, sample(0, 0, true)),
    ]
}

fn messages() -> Vec<Reason> {
    let smaller = |to, sample| Reason::SmallerMessages {
        from: 2_097_152,
        to,
        sample: Some(sample),
    };
    vec![
        smaller(1_048_576, sample(10, 0, false)),
        smaller(1_600_000, sample(10, 0, false)),
        smaller(1_600_000, sample(10, 0, true)),
        smaller(1_600_000, recompressed()),
        smaller(1_600_000, thinned()),
        smaller(1_600_000, short_of_the_end()),
        smaller(
            1_048_576,
            Known::Read(Sampled {
                complete: true,
                ..Sampled::default()
            }),
        ),
        smaller(1_048_576, unread_sample()),
    ]
}

fn waiting(down: &[i32], left: Option<(i64, Option<(i64, GroupName)>)>) -> Leaderless {
    Leaderless {
        down: down.iter().copied().map(BrokerId).collect(),
        left: left.map(|(end, committed)| Left { end, committed }),
    }
}
