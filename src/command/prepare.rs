//! The part that diff and apply share, so that one says exactly what the other does: observe, plan,
//! read what the risky changes would cost, let the broker validate.

use std::time::Duration;

use super::clock;
use crate::admin::{Admin, AdminError};
use crate::apply::{self, Validated};
use crate::model::{ClusterView, Desired, Observation};
use crate::plan::Plan;

/// How often a plan is made anew when the broker's validation shows that the cluster moved.
const ATTEMPTS: u32 = 4;

/// Brokers show a change some time after the controller made it.
const PAUSE: Duration = Duration::from_millis(250);

/// A plan with what it was made from.
pub(super) struct Prepared {
    pub(super) plan: Plan,
    pub(super) observed: Observation,
}

/// The plan for `desired`, validated by the broker.
pub(super) async fn prepare<A: Admin>(
    admin: &A,
    cluster: &ClusterView,
    desired: &Desired,
) -> Result<Prepared, AdminError> {
    let (mut validated, mut observed) = Box::pin(plan_once(admin, cluster, desired)).await?;
    for attempt in 1..ATTEMPTS {
        if validated.moved.is_empty() {
            break;
        }
        tokio::time::sleep(PAUSE * attempt).await;
        let moved = desired.only(validated.moved.iter());
        let (again, seen) = Box::pin(plan_once(admin, cluster, &moved)).await?;
        validated.plan.topics.extend(again.plan.topics);
        validated.moved = again.moved;
        observed.topics.extend(seen.topics);
    }
    let plan = validated.plan;
    Ok(Prepared { plan, observed })
}

async fn plan_once<A: Admin>(
    admin: &A,
    cluster: &ClusterView,
    desired: &Desired,
) -> Result<(Validated, Observation), AdminError> {
    let (plan, observed) = apply::plan_with_cost(admin, cluster, desired, clock::now()).await?;
    let plan = apply::judge_new_topics(admin, desired, plan).await;
    Ok((apply::validate(admin, plan).await, observed))
}
