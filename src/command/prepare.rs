//! The part that diff and apply share, so that one says exactly what the other does: observe, plan,
//! let the broker validate.

use std::time::Duration;

use crate::admin::{self, Admin, AdminError};
use crate::apply::{self, Validated};
use crate::model::{ClusterView, Desired};
use crate::plan::{self, Plan};

/// How often a plan is made anew when the broker's validation shows that the cluster moved.
const ATTEMPTS: u32 = 4;

/// Brokers show a change some time after the controller made it.
const PAUSE: Duration = Duration::from_millis(250);

/// The plan for `desired`, validated by the broker.
pub(super) async fn prepare<A: Admin>(
    admin: &A,
    cluster: &ClusterView,
    desired: &Desired,
) -> Result<Plan, AdminError> {
    let mut validated = plan_once(admin, cluster, desired).await?;
    for attempt in 1..ATTEMPTS {
        if validated.moved.is_empty() {
            break;
        }
        tokio::time::sleep(PAUSE * attempt).await;
        let again = plan_once(admin, cluster, &desired.only(validated.moved.iter())).await?;
        validated.plan.topics.extend(again.plan.topics);
        validated.moved = again.moved;
    }
    Ok(validated.plan)
}

async fn plan_once<A: Admin>(
    admin: &A,
    cluster: &ClusterView,
    desired: &Desired,
) -> Result<Validated, AdminError> {
    let observed = admin::observe(admin, cluster, desired).await?;
    Ok(apply::validate(admin, plan::plan(desired, &observed)).await)
}
