//! Which broker coordinates a group that more than one lists: `FindCoordinator`. A broker that was cut off or
//! frozen lists the groups that others coordinate by now until it hears of that.
//!
//! Asked of a cluster without `__consumer_offsets`, this request would create that topic. A group that is listed is
//! kept there, so that the topic exists.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::future::join_all;
use kafka_protocol::messages::{FindCoordinatorRequest, FindCoordinatorResponse};

use crate::admin::client::dispatch::Client;
use crate::admin::client::protocol::answer;
use crate::admin::client::protocol::api::Api;
use crate::admin::client::protocol::wire_text;
use crate::admin::client::session::connection::Connection;
use crate::admin::client::transport::deadline::Deadline;
use crate::model::{BrokerId, GroupName};

/// The number of consumer groups among kinds of coordinators.
const GROUP: i8 = 0;

/// The brokers that list each group.
pub(crate) type Listers = BTreeMap<GroupName, BTreeSet<BrokerId>>;

impl Client {
    /// The coordinator of each of these groups, where the brokers that list it agree on one of them. None is told
    /// where they do not: each takes itself for it.
    pub(crate) async fn find_coordinators(
        &self,
        listers: &Listers,
        deadline: Deadline,
    ) -> BTreeMap<GroupName, BrokerId> {
        let brokers: BTreeSet<BrokerId> = listers.values().flatten().copied().collect();
        let asked = brokers.into_iter().map(async |broker| {
            let listed = listers.iter().filter(|(_, by)| by.contains(&broker));
            let groups: Vec<&GroupName> = listed.map(|(group, _)| group).collect();
            (
                broker,
                self.coordinators_as_seen_by(broker, &groups, deadline).await,
            )
        });
        let views: BTreeMap<BrokerId, BTreeMap<String, BrokerId>> =
            join_all(asked).await.into_iter().collect();
        let agreed = listers.iter().filter_map(|(group, by)| {
            let mut named = by.iter().map(|broker| views.get(broker)?.get(&**group).copied());
            let first = named.next()??;
            let all_agree = named.all(|other| other == Some(first));
            (all_agree && by.contains(&first)).then(|| (group.clone(), first))
        });
        agreed.collect()
    }

    async fn coordinators_as_seen_by(
        &self,
        broker: BrokerId,
        groups: &[&GroupName],
        deadline: Deadline,
    ) -> BTreeMap<String, BrokerId> {
        let keys = groups.iter().map(|group| wire_text(group)).collect();
        let request = FindCoordinatorRequest::default()
            .with_key_type(GROUP)
            .with_coordinator_keys(keys);
        let ask = async |connection: &Connection| connection.call(&request, deadline).await;
        let asked = self
            .ask_broker(broker, FindCoordinatorRequest::NAME, deadline, ask)
            .await;
        match asked {
            Ok((_, answer)) => named(&answer),
            Err(_) => BTreeMap::new(),
        }
    }
}

fn named(answer: &FindCoordinatorResponse) -> BTreeMap<String, BrokerId> {
    let told = answer.coordinators.iter();
    let told = told.filter(|told| answer::check(told.error_code, None).is_ok());
    told.map(|told| (told.key.to_string(), BrokerId(told.node_id.0)))
        .collect()
}
