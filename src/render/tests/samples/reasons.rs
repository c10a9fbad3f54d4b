//! Every reason why a change is not safe.

use super::{key, partitions};
use crate::plan::{Reason, RiskClass};

pub(super) fn every_reason() -> Vec<Reason> {
    vec![
        Reason::ShorterRetention {
            from: None,
            to: 604_800_000,
        },
        Reason::SmallerRetention {
            from: None,
            to: 1_073_741_824,
        },
        Reason::SmallerRetention {
            from: Some(2_147_483_648),
            to: 1_073_741_824,
        },
        Reason::UnknownInherited {
            worst: RiskClass::Caution,
        },
        Reason::UnknownInherited {
            worst: RiskClass::Lossy,
        },
        Reason::StartsDeleting,
        Reason::StartsCompacting,
        Reason::RemoteStorageDisabled,
        Reason::DeletesTopic,
        Reason::MovesKeys {
            from: partitions(3),
            to: partitions(12),
        },
        Reason::MinInsyncAboveIsr { to: 2, isr: 1 },
        Reason::NoBrokerToSpare { to: 3 },
        Reason::SmallerMessages {
            from: 2_097_152,
            to: 1_048_576,
        },
        Reason::UncleanElection,
        Reason::CannotCompare {
            key: key("retention.ms"),
        },
    ]
}
