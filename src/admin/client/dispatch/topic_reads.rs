//! Reads of many topics: each asked for once, chunked, spread, and asked again where the broker says
//! that the condition will pass.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use crate::admin::client::dispatch::Client;
use crate::admin::client::dispatch::fan_out::{Unanswered, spread};
use crate::admin::client::protocol::answer;
use crate::admin::client::session::connection::Connection;
use crate::admin::client::transport::deadline::{Backoff, Deadline};
use crate::admin::{AdminError, ItemError, PerTopic};
use crate::model::TopicName;

/// How many topics one request asks for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ChunkSize {
    pub(crate) most: usize,
    /// Smaller reads are not worth a second broker.
    pub(crate) least: usize,
}

/// What an answer says, topic by topic, as it stands there.
pub(crate) type Said<T> = Vec<(TopicName, Result<T, ItemError>)>;

impl Client {
    /// Reads something of each topic. `ask` answers for a chunk; a topic that it leaves out is an
    /// error. `limit` is that of one request.
    pub(crate) async fn read_topics<T, F>(
        &self,
        request: &'static str,
        names: &[TopicName],
        size: ChunkSize,
        limit: Duration,
        ask: F,
    ) -> Result<PerTopic<T>, AdminError>
    where
        F: AsyncFn(&Connection, &[TopicName], Deadline) -> Result<Said<T>, AdminError>,
    {
        let deadline = Deadline::after(limit);
        if names.is_empty() {
            return Ok(PerTopic::new());
        }
        let mut backoff = Backoff::new();
        let mut settled = PerTopic::new();
        let mut open: BTreeSet<TopicName> = names.iter().cloned().collect();
        loop {
            let chunks = self.chunks(open, size, deadline).await?;
            // Asking again has what is left, and not a limit of its own.
            let limit = limit.min(deadline.remaining());
            let (answered, lost) = ask_chunks(self, request, chunks, limit, &ask).await;
            if settled.is_empty()
                && answered.is_empty()
                && let Some(Unanswered { error, .. }) = &lost
                && was_never_asked(error)
            {
                return Err(error.clone());
            }
            settled.extend(answered);
            let lost = lost.map(|lost| (lost.chunks, ItemError::Request(lost.error)));
            for (name, error) in lost.into_iter().flat_map(each_of) {
                settled.insert(name, Err(error));
            }
            open = passing(&settled);
            if open.is_empty() || !backoff.wait(deadline).await {
                return Ok(settled);
            }
        }
    }

    async fn chunks(
        &self,
        names: BTreeSet<TopicName>,
        size: ChunkSize,
        deadline: Deadline,
    ) -> Result<Vec<Vec<TopicName>>, AdminError> {
        let names: Vec<TopicName> = names.into_iter().collect();
        if names.is_empty() {
            return Ok(Vec::new());
        }
        if names.len() <= size.least {
            return Ok(vec![names]);
        }
        let brokers = self.routing.view(deadline).await?.brokers.len().max(1);
        let share = names.len().div_ceil(brokers).clamp(size.least, size.most);
        Ok(names.chunks(share).map(<[TopicName]>::to_vec).collect())
    }
}

async fn ask_chunks<T, F>(
    client: &Client,
    request: &'static str,
    chunks: Vec<Vec<TopicName>>,
    limit: Duration,
    ask: &F,
) -> (PerTopic<T>, Option<Unanswered<Vec<TopicName>>>)
where
    F: AsyncFn(&Connection, &[TopicName], Deadline) -> Result<Said<T>, AdminError>,
{
    let answered = RefCell::new(PerTopic::new());
    let keep = async |connection: &Connection, chunk: &Vec<TopicName>, deadline: Deadline| {
        let said = ask(connection, chunk, deadline).await?;
        answered
            .borrow_mut()
            .extend(of_each(request, connection, chunk, said));
        Ok(())
    };
    let lost = spread(&client.routing, request, chunks, limit, keep).await.err();
    (answered.into_inner(), lost)
}

/// What an answer says of each topic that was asked for. What it says of others is nobody's business,
/// and of what it says twice nobody knows which holds.
pub(crate) fn of_each<T>(
    request: &'static str,
    connection: &Connection,
    asked: &[TopicName],
    said: Said<T>,
) -> PerTopic<T> {
    let mut each: BTreeMap<&TopicName, Option<Result<T, ItemError>>> =
        asked.iter().map(|name| (name, None)).collect();
    for (name, result) in said {
        if let Some(known) = each.get_mut(&name) {
            *known = Some(match known {
                None => result,
                Some(_) => Err(named_twice(request, connection)),
            });
        }
    }
    let settled = |result: Option<_>| result.unwrap_or_else(|| Err(left_out(request, connection)));
    each.into_iter()
        .map(|(name, result)| (name.clone(), settled(result)))
        .collect()
}

/// The answer says nothing of an item that was asked for.
pub(crate) fn left_out(request: &'static str, connection: &Connection) -> ItemError {
    invalid_response(request, connection, "the answer leaves this item out")
}

/// The answer speaks twice of an item that was asked for once.
pub(crate) fn named_twice(request: &'static str, connection: &Connection) -> ItemError {
    invalid_response(request, connection, "the answer names this item twice")
}

/// The answer says something of an item that cannot be.
pub(crate) fn invalid_response(request: &'static str, connection: &Connection, reason: &str) -> ItemError {
    ItemError::Request(AdminError::Protocol {
        request,
        broker: connection.peer(),
        reason: reason.into(),
    })
}

/// No broker was there to be asked, or none that could.
fn was_never_asked(error: &AdminError) -> bool {
    answer::was_not_sent(error) || matches!(error, AdminError::Unsupported { .. })
}

fn each_of(
    (chunks, error): (Vec<Vec<TopicName>>, ItemError),
) -> impl Iterator<Item = (TopicName, ItemError)> {
    let names = chunks.into_iter().flatten();
    names.map(move |name| (name, error.clone()))
}

fn passing<T>(settled: &PerTopic<T>) -> BTreeSet<TopicName> {
    let open = settled
        .iter()
        .filter(|(_, result)| answer::item_is_retriable(result));
    open.map(|(name, _)| name.clone()).collect()
}
