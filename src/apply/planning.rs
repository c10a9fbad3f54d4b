//! The plan for topics as the cluster is now, with what its changes cost. The same before the gate and
//! right before each write, so that both judge by the same rules.

use crate::admin::{self, Admin, AdminError};
use crate::model::{ClusterView, Desired, Evidence, Inquiry, Observation};
use crate::plan::{self, Plan};

/// Observes, plans, and reads what the risky changes would cost. `now` is in milliseconds since 1970, UTC.
pub async fn plan_with_cost<A: Admin>(
    admin: &A,
    cluster: &ClusterView,
    desired: &Desired,
    now: i64,
) -> Result<(Plan, Observation), AdminError> {
    let observed = admin::observe(admin, cluster, desired).await?;
    let weighed = weigh(admin, desired, observed, now).await;
    Ok((weighed.plan, weighed.observed))
}

/// A plan with what it and its cost were judged by.
pub(super) struct Weighed {
    pub(super) plan: Plan,
    observed: Observation,
    pub(super) inquiry: Inquiry,
    pub(super) evidence: Evidence,
}

/// As [`plan_with_cost`], of what was observed already.
pub(super) async fn weigh<A: Admin>(
    admin: &A,
    desired: &Desired,
    mut observed: Observation,
    now: i64,
) -> Weighed {
    let open = plan::values_to_ask(desired, &observed);
    let told = admin::values_by_broker(admin, &observed.cluster, &open).await;
    observed.add_values(told);
    let plan = plan::plan(desired, &observed);
    let inquiry = plan::inquire(&plan, &observed, now);
    // Many requests side by side: on the heap they burden nobody who awaits them.
    let evidence = Box::pin(admin::investigate(admin, &inquiry)).await;
    Weighed {
        plan: plan.with_evidence(&observed, &evidence),
        observed,
        inquiry,
        evidence,
    }
}
