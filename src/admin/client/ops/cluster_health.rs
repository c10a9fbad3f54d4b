//! Whether what brokers show can be believed: one `DescribeQuorum` in good times. Only a broker that the controller
//! has not heard of lately is asked for a sign of life, and all of them where no controller answers.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use futures_util::future::join_all;
use tokio::time::Instant;

use crate::admin::ConnectErrorKind;
use crate::admin::client::dispatch::Client;
use crate::admin::client::dispatch::pool::advertised;
use crate::admin::client::ops::describe_quorum::{Followers, QuorumAnswer, describe_quorum};
use crate::admin::client::transport::deadline::Deadline;
use crate::model::{Broker, BrokerId, ClusterHealth, ClusterView, Quorum, clock_ahead_ms};

/// How long a controller may take to answer. Voters miss a leader after 2 s and elect another one within 1 s
/// (`controller.quorum.fetch.timeout.ms`, `controller.quorum.election.timeout.ms`).
const CONTROLLER: Duration = Duration::from_secs(4);

/// Nodes fetch the controllers' log every half second. Who has not for so long is asked for a sign of life.
const SUSPICIOUS: Duration = Duration::from_secs(2);

/// How long a broker may take to accept a connection and answer. The controller takes one for dead after 9 s
/// (`broker.session.timeout.ms`).
const SIGN_OF_LIFE: Duration = Duration::from_secs(2);

/// A controller that is no broker cannot be asked for a sign of life. One that has been silent for so long, three
/// times the fetch timeout, takes part in no vote.
const VOTER_GONE: Duration = Duration::from_secs(6);

impl Client {
    /// The cluster less the brokers that are down, and whether there is a controller.
    pub(crate) async fn checked_view(&self, mut view: ClusterView, deadline: Deadline) -> ClusterView {
        // Who was down may be back.
        view.brokers = self.routing.listed();
        view.health = self.recent_health(&view, deadline).await;
        let down: BTreeSet<BrokerId> = view.health.down.keys().copied().collect();
        view.brokers.retain(|id, _| !down.contains(id));
        self.routing.set_down(down).await;
        view
    }

    /// Whether a broker has fetched all that the controllers have committed.
    pub(crate) async fn find_caught_up(&self, broker: BrokerId) -> Option<bool> {
        match self.ask_any_for_quorum(self.deadline()).await.1 {
            QuorumAnswer::Followers(followers) => {
                let end = followers.ends.get(&broker)?;
                Some(*end >= followers.committed)
            }
            QuorumAnswer::Refused | QuorumAnswer::NotTold | QuorumAnswer::Unanswered(_) => None,
        }
    }

    async fn recent_health(&self, view: &ClusterView, deadline: Deadline) -> ClusterHealth {
        if let Some((checked, health)) = &*self.health.borrow()
            && checked.elapsed() < SUSPICIOUS
        {
            return health.clone();
        }
        let health = self.check_health(view, deadline).await;
        self.health.replace(Some((Instant::now(), health.clone())));
        health
    }

    async fn check_health(&self, view: &ClusterView, deadline: Deadline) -> ClusterHealth {
        let (asked, answer) = self.ask_any_for_quorum(deadline).await;
        let suspects: BTreeMap<BrokerId, &Broker> = match &answer {
            QuorumAnswer::Followers(followers) => suspects(view, followers),
            QuorumAnswer::Refused | QuorumAnswer::NotTold => BTreeMap::new(),
            QuorumAnswer::Unanswered(_) => view.brokers.iter().map(|(id, broker)| (*id, broker)).collect(),
        };
        // Right after the answer: what follows takes a while.
        let clock_ahead_ms = clock_ahead(&answer);
        let down = self.down_among(&suspects, deadline).await;
        let answer = match answer {
            QuorumAnswer::Unanswered(error) => {
                let others = suspects
                    .keys()
                    .filter(|id| !down.contains_key(id) && Some(**id) != asked);
                match others.copied().next() {
                    Some(other) => self.ask_for_quorum(other, view, deadline).await,
                    None => QuorumAnswer::Unanswered(error),
                }
            }
            answer => answer,
        };
        ClusterHealth {
            quorum: judge(&answer, &down),
            down,
            clock_ahead_ms,
        }
    }

    /// Whoever was asked, where that is known.
    async fn ask_any_for_quorum(&self, deadline: Deadline) -> (Option<BrokerId>, QuorumAnswer) {
        let deadline = deadline.at_most(CONTROLLER);
        let connection = match self.routing.any(deadline).await {
            Ok(connection) => connection,
            Err(error) => return (None, QuorumAnswer::Unanswered(error)),
        };
        let answer = describe_quorum(&connection, deadline).await;
        if matches!(answer, QuorumAnswer::Unanswered(_)) {
            // A broker takes the requests of a connection one by one: the next one would wait for this one.
            connection.retire();
        }
        (connection.peer().id, answer)
    }

    async fn ask_for_quorum(&self, broker: BrokerId, view: &ClusterView, deadline: Deadline) -> QuorumAnswer {
        let deadline = deadline.at_most(CONTROLLER);
        let Some(at) = view.brokers.get(&broker) else {
            return QuorumAnswer::NotTold;
        };
        match self.routing.brokers().connection(broker, at, deadline).await {
            Ok(connection) => {
                let answer = describe_quorum(&connection, deadline).await;
                if matches!(answer, QuorumAnswer::Unanswered(_)) {
                    connection.retire();
                }
                answer
            }
            // It lives, and does not let this client in.
            Err(_) => QuorumAnswer::NotTold,
        }
    }

    /// Those that give no sign of life, and what became of the attempt.
    async fn down_among(
        &self,
        suspects: &BTreeMap<BrokerId, &Broker>,
        deadline: Deadline,
    ) -> BTreeMap<BrokerId, Arc<str>> {
        let deadline = deadline.at_most(SIGN_OF_LIFE);
        let each = suspects.iter().map(async |(id, broker)| {
            let failure = self
                .routing
                .brokers()
                .sign_of_life(*id, broker, deadline)
                .await
                .err()?;
            let is_down = failure.kind == ConnectErrorKind::NoAnswer;
            let reason = if failure.is_late {
                "it accepts connections and does not answer"
            } else {
                &failure.reason
            };
            let why = format!("{}: {reason}", advertised(broker));
            is_down.then(|| (*id, Arc::from(why)))
        });
        join_all(each).await.into_iter().flatten().collect()
    }
}

fn clock_ahead(answer: &QuorumAnswer) -> Option<i64> {
    let QuorumAnswer::Followers(followers) = answer else {
        return None;
    };
    let since_1970 = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    let here = i64::try_from(since_1970.unwrap_or_default().as_millis()).unwrap_or(i64::MAX);
    clock_ahead_ms(followers.controller_now?, here)
}

/// The brokers that do not follow the controller, or have not lately.
fn suspects<'a>(view: &'a ClusterView, followers: &Followers) -> BTreeMap<BrokerId, &'a Broker> {
    let follows = |id: &BrokerId| match followers.nodes.get(id) {
        Some(Some(silent)) => *silent < SUSPICIOUS,
        Some(None) => true,
        None => false,
    };
    let silent = view.brokers.iter().filter(|(id, _)| !follows(id));
    silent.map(|(id, broker)| (*id, broker)).collect()
}

/// A leading controller that most of the others do not follow can decide nothing: it resigns, before Kafka 3.9 not
/// even that.
fn judge(answer: &QuorumAnswer, down: &BTreeMap<BrokerId, Arc<str>>) -> Quorum {
    let followers = match answer {
        QuorumAnswer::Followers(followers) => followers,
        QuorumAnswer::Refused => return Quorum::Led,
        QuorumAnswer::NotTold => return Quorum::NotTold,
        QuorumAnswer::Unanswered(error) => return Quorum::Lost(error.to_string().into()),
    };
    let is_gone = |(id, silent): &(&BrokerId, &Option<Duration>)| {
        down.contains_key(id) || silent.is_some_and(|silent| silent > VOTER_GONE)
    };
    let gone: Vec<String> = followers
        .voters
        .iter()
        .filter(is_gone)
        .map(|(id, _)| id.to_string())
        .collect();
    let (all, left) = (followers.voters.len(), followers.voters.len() - gone.len());
    if left * 2 > all || all == 0 {
        return Quorum::Led;
    }
    let (verb, nodes) = (if left == 1 { "follows" } else { "follow" }, gone.join(", "));
    Quorum::Lost(format!("{left} of {all} controllers {verb} the controllers' log; silent: {nodes}").into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn followers(silences: &[(i32, u64)]) -> QuorumAnswer {
        let nodes: BTreeMap<BrokerId, Option<Duration>> = silences
            .iter()
            .map(|(id, silent)| (BrokerId(*id), Some(Duration::from_millis(*silent))))
            .collect();
        QuorumAnswer::Followers(Followers {
            voters: nodes.clone(),
            nodes,
            ends: BTreeMap::new(),
            committed: 0,
            controller_now: None,
        })
    }

    #[test]
    fn a_quorum_is_lost_where_most_of_the_voters_are_silent_or_down() {
        let nobody = BTreeMap::new();
        let two_down = BTreeMap::from([
            (BrokerId(2), Arc::from("refused")),
            (BrokerId(3), Arc::from("refused")),
        ]);
        let led = |silences: &[(i32, u64)], down| judge(&followers(silences), down);
        assert_eq!(led(&[(1, 0), (2, 400), (3, 500)], &nobody), Quorum::Led);
        assert_eq!(led(&[(1, 0), (2, 400), (3, 60_000)], &nobody), Quorum::Led);
        assert_eq!(led(&[(1, 0), (2, 3_000), (3, 3_000)], &nobody), Quorum::Led);
        let lost = "1 of 3 controllers follows the controllers' log; silent: 2, 3";
        assert_eq!(
            led(&[(1, 0), (2, 7_000), (3, 60_000)], &nobody),
            Quorum::Lost(lost.into())
        );
        assert_eq!(
            led(&[(1, 0), (2, 3_000), (3, 3_000)], &two_down),
            Quorum::Lost(lost.into())
        );
        // Of two, one is no majority.
        assert_eq!(
            led(&[(1, 0), (2, 7_000)], &nobody),
            Quorum::Lost("1 of 2 controllers follows the controllers' log; silent: 2".into())
        );
        assert_eq!(led(&[(1, 0)], &nobody), Quorum::Led);
        assert_eq!(judge(&QuorumAnswer::Refused, &nobody), Quorum::Led);
        assert_eq!(judge(&QuorumAnswer::NotTold, &two_down), Quorum::NotTold);
    }
}
