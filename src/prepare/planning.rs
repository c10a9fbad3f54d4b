//! The plan for topics as the cluster is now, with what its changes cost. The same before the gate and
//! right before each write, so that both judge by the same rules.

use crate::admin::{Admin, AdminError};
use crate::inspect;
use crate::model::{ClusterView, Desired, Evidence, EvidenceRequest, Observation};
use crate::plan::{self, Plan};

/// Observes, plans, and reads what the risky changes would cost. `now` is in milliseconds since 1970, UTC.
pub async fn plan_with_cost<A: Admin>(
    admin: &A,
    cluster: &ClusterView,
    desired: &Desired,
    now: i64,
) -> Result<(Plan, Observation), AdminError> {
    let observed = inspect::observe(admin, cluster, desired).await?;
    let weighed = weigh(admin, desired, observed, now).await;
    Ok((weighed.plan, weighed.observed))
}

/// A plan with what it and its cost were judged by.
pub struct Weighed {
    /// With what its changes cost.
    pub plan: Plan,
    /// What was seen of the cluster.
    pub observed: Observation,
    /// What was asked of risky changes.
    pub inquiry: EvidenceRequest,
    /// What was answered.
    pub evidence: Evidence,
}

/// As [`plan_with_cost`], of what was observed already.
pub async fn weigh<A: Admin>(admin: &A, desired: &Desired, mut observed: Observation, now: i64) -> Weighed {
    let open = plan::values_to_ask(desired, &observed);
    let told = inspect::values_by_broker(admin, &observed.cluster, &open).await;
    observed.add_values(told);
    let plan = plan::plan(desired, &observed);
    let inquiry = plan::evidence_request(&plan, &observed, now);
    // Many requests side by side: on the heap they burden nobody who awaits them.
    let evidence = Box::pin(inspect::collect_evidence(admin, &inquiry)).await;
    Weighed {
        plan: plan.with_evidence(&observed, &evidence),
        observed,
        inquiry,
        evidence,
    }
}
