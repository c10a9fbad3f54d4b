//! Whether a cluster can be believed: who leads its controllers, and which brokers do not answer. What one broker
//! remembers is not the state of the cluster: without a controller it goes on showing what it last heard.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::name::BrokerId;

/// What is known of a cluster beside what one broker remembers.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ClusterHealth {
    /// Whether a controller answers.
    pub quorum: Quorum,
    /// Brokers that others still list as alive, and that neither follow the controller nor answer; with what became
    /// of the attempt.
    pub down: BTreeMap<BrokerId, Arc<str>>,
    /// How far the leading controller's clock is ahead of this machine's, in milliseconds; negative where it is behind.
    /// `None` where they agree, by [`CLOCKS_DIFFER_MS`], or the cluster does not tell.
    pub clock_ahead_ms: Option<i64>,
}

/// Clocks that are kept by NTP differ by less.
pub const CLOCKS_DIFFER_MS: i64 = 300_000;

/// How far a clock is ahead of this machine's, if that is more than clocks differ.
pub fn clock_ahead_ms(theirs: i64, here: i64) -> Option<i64> {
    let ahead = theirs.saturating_sub(here);
    (ahead.saturating_abs() > CLOCKS_DIFFER_MS).then_some(ahead)
}

/// Whether most of the controllers are there.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Quorum {
    /// A controller answers.
    Led,
    /// The cluster does not tell: before Kafka 3.3, or with `ZooKeeper`.
    #[default]
    NotTold,
    /// There is no controller, and by what that is known.
    Lost(Arc<str>),
}

impl ClusterHealth {
    /// By what it is known that there is no controller, if that is so.
    pub fn no_controller(&self) -> Option<&Arc<str>> {
        match &self.quorum {
            Quorum::Lost(why) => Some(why),
            Quorum::Led | Quorum::NotTold => None,
        }
    }

    /// Everything that is wrong, in lines for people.
    pub fn problems(&self) -> Vec<String> {
        let no_controller = self.no_controller().map(|why| {
            format!("the cluster has no controller; what follows is what brokers last heard: {why}")
        });
        no_controller.into_iter().chain(self.down_in_words()).collect()
    }

    /// `broker 3 is down: connection refused`.
    pub fn down_in_words(&self) -> impl Iterator<Item = String> {
        self.down
            .iter()
            .map(|(broker, why)| format!("broker {broker} is down: {why}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clocks_differ_by_more_than_five_minutes_in_either_direction() {
        let now = 1_790_000_000_000;
        for (theirs, expected) in [
            (now, None),
            (now + 300_000, None),
            (now - 300_000, None),
            (now + 300_001, Some(300_001)),
            (now - 300_001, Some(-300_001)),
            (i64::MIN, Some(i64::MIN)),
        ] {
            assert_eq!(clock_ahead_ms(theirs, now), expected, "{theirs}");
        }
    }
}
