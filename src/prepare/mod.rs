//! What diff and apply share, so that one says exactly what the other does: observe, plan, read what the risky
//! changes would cost, let the broker validate. [`request`] makes requests of planned changes, for validation and
//! for the write alike.

mod planning;
pub mod request;
mod validate;

use std::time::Duration;

pub use planning::{Weighed, plan_with_cost, weigh};
pub use validate::{Validated, judge_new_topics, validate};

use crate::admin::{Admin, AdminError};
use crate::model::{ClusterView, Desired, Observation};
use crate::plan::Plan;

/// How often a plan is made anew when the broker's validation shows that the cluster moved.
const ATTEMPTS: u32 = 4;

/// Brokers show a change some time after the controller made it.
const PAUSE: Duration = Duration::from_millis(250);

/// A plan with what it was made from.
pub struct Prepared {
    /// The plan, with everything that the broker said.
    pub plan: Plan,
    /// What was seen of the cluster.
    pub observed: Observation,
}

/// The plan for `desired`, validated by the broker. `now` is in milliseconds since 1970, UTC.
pub async fn prepare<A: Admin>(
    admin: &A,
    cluster: &ClusterView,
    desired: &Desired,
    now: fn() -> i64,
) -> Result<Prepared, AdminError> {
    let (mut validated, mut observed) = Box::pin(plan_once(admin, cluster, desired, now)).await?;
    for attempt in 1..ATTEMPTS {
        if validated.moved.is_empty() {
            break;
        }
        tokio::time::sleep(PAUSE * attempt).await;
        let moved = desired.only(validated.moved.iter());
        let (again, seen) = Box::pin(plan_once(admin, cluster, &moved, now)).await?;
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
    now: fn() -> i64,
) -> Result<(Validated, Observation), AdminError> {
    let (plan, observed) = plan_with_cost(admin, cluster, desired, now()).await?;
    let plan = judge_new_topics(admin, cluster, desired, plan).await;
    Ok((validate(admin, plan).await, observed))
}
