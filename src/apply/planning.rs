//! The plan for topics as the cluster is now, with what its changes cost. The same before the gate and
//! right before each write, so that both judge by the same rules.

use crate::admin::{self, Admin, AdminError};
use crate::model::{ClusterView, Desired, Observation};
use crate::plan::{self, Plan};

/// Observes, plans, and reads what the risky changes would cost. `now` is in milliseconds since 1970, UTC.
pub async fn plan_with_cost<A: Admin>(
    admin: &A,
    cluster: &ClusterView,
    desired: &Desired,
    now: i64,
) -> Result<(Plan, Observation), AdminError> {
    let observed = admin::observe(admin, cluster, desired).await?;
    let plan = plan::plan(desired, &observed);
    let inquiry = plan::inquire(&plan, &observed, now);
    // Many requests side by side: on the heap they burden nobody who awaits them.
    let evidence = Box::pin(admin::investigate(admin, &inquiry)).await;
    Ok((plan.with_evidence(&observed, &evidence), observed))
}
