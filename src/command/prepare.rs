//! A validated plan for diff and apply, and what is said while a quota of the controller holds up the validation.

use std::time::Duration;

use super::{Shell, clock};
use crate::admin::client::{Client, QuotaPause};
use crate::admin::{AdminError, short_seconds};
use crate::model::{ClusterView, Desired};
use crate::prepare::{Prepared, prepare};

/// Shorter pauses of a quota are over before anybody wonders.
const WORTH_SAYING: Duration = Duration::from_secs(1);

/// How much more has to come together until the pauses are said again.
const SAID_AGAIN_AFTER: Duration = Duration::from_secs(5);

/// As [`prepare`]. Where a quota of the controller holds up the validation, standard error says so.
pub(super) async fn prepare_on(
    client: &Client,
    cluster: &ClusterView,
    desired: &Desired,
    shell: &mut Shell<'_>,
) -> Result<Prepared, AdminError> {
    let mut pauses = client.quota_pauses();
    let mut waits = QuotaWaits::default();
    let mut work = Box::pin(prepare(client, cluster, desired, clock::now));
    loop {
        tokio::select! {
            biased;
            prepared = &mut work => return prepared,
            Some(pause) = pauses.recv() => {
                if let Some(said) = waits.add(pause) {
                    shell.message(&said);
                }
            }
        }
    }
}

/// What pauses have come to. The controller asks for many short ones: one message for all of them, and another one
/// whenever it has become a lot more.
#[derive(Default)]
struct QuotaWaits {
    waited: Duration,
    said: Duration,
}

impl QuotaWaits {
    /// What is to be said, if it is time for it.
    fn add(&mut self, asked: QuotaPause) -> Option<String> {
        self.waited += asked.pause;
        let next = if self.said.is_zero() {
            WORTH_SAYING
        } else {
            self.said + SAID_AGAIN_AFTER
        };
        if self.waited < next {
            return None;
        }
        self.said = self.waited;
        Some(format!(
            "Waiting for the controller's quota on changes (controller_mutation_rate), which\n\
             the validation of a plan counts against: {} in all, at least {} topics left.",
            short_seconds(self.waited),
            asked.open
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_are_said_once_they_come_to_a_second_and_then_every_five() {
        let mut waits = QuotaWaits::default();
        let mut said = Vec::new();
        for open in (1..=13).rev() {
            let pause = Duration::from_millis(600);
            said.extend(waits.add(QuotaPause { pause, open }));
        }
        insta::assert_snapshot!(said.join("\n"), @"
        Waiting for the controller's quota on changes (controller_mutation_rate), which
        the validation of a plan counts against: 1.2s in all, at least 12 topics left.
        Waiting for the controller's quota on changes (controller_mutation_rate), which
        the validation of a plan counts against: 6.6s in all, at least 3 topics left.
        ");
    }
}
