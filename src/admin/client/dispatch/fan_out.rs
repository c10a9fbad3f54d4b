//! Large reads: the topics in chunks, the chunks over all live brokers, a few of them in flight. A
//! chunk whose broker fails goes to another one.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;
use std::time::Duration;

use futures_util::stream::{FuturesUnordered, StreamExt};

use crate::admin::AdminError;
use crate::admin::client::dispatch::attempts::Attempts;
use crate::admin::client::dispatch::routing::Routing;
use crate::admin::client::session::connection::Connection;
use crate::admin::client::transport::deadline::Deadline;
use crate::model::BrokerId;

/// While one answer is being decoded here, the broker can work on the next.
const CHUNKS_PER_BROKER: usize = 2;

/// A broker that is stuck may hold up a chunk for this share of the limit before another one is asked.
const ATTEMPTS: u32 = 2;

/// Who is asked for a chunk.
#[derive(Debug, Clone, Copy)]
enum Target {
    Any,
    Broker(BrokerId),
}

/// The chunks that could not be answered, with the last error.
pub(crate) struct Unanswered<C> {
    pub(crate) chunks: Vec<C>,
    pub(crate) error: AdminError,
}

/// How long to wait for chunks: the limit starts anew with every answer, since it is that of one
/// request, and a large read is many.
struct Patience {
    limit: Duration,
    deadline: Cell<Deadline>,
}

impl Patience {
    fn new(limit: Duration) -> Self {
        Self {
            limit,
            deadline: Cell::new(Deadline::after(limit)),
        }
    }

    fn answered(&self) {
        self.deadline.set(Deadline::after(self.limit));
    }

    fn attempt(&self, targets: usize) -> Deadline {
        let others = if targets > 1 { ATTEMPTS } else { 1 };
        self.deadline.get().at_most(self.limit / others)
    }
}

/// Has every chunk answered by `ask`, which keeps what it learns. Gives up when there was no answer
/// for as long as `limit`.
pub(crate) async fn spread<C, F>(
    routing: &Routing,
    request: &'static str,
    chunks: Vec<C>,
    limit: Duration,
    ask: F,
) -> Result<(), Unanswered<C>>
where
    F: AsyncFn(&Connection, &C, Deadline) -> Result<(), AdminError>,
{
    let queue = RefCell::new(VecDeque::from(chunks));
    let patience = Patience::new(limit);
    let mut attempts = Attempts::new();
    while let Err(error) = round(routing, request, &queue, &patience, &ask).await {
        if let Err(error) = attempts.again(error, patience.deadline.get()).await {
            let chunks = queue.into_inner().into();
            return Err(Unanswered { chunks, error });
        }
        routing.forget().await;
    }
    Ok(())
}

/// One worker per target takes chunks until none is left, or until its broker fails.
async fn round<C, F>(
    routing: &Routing,
    request: &'static str,
    queue: &RefCell<VecDeque<C>>,
    patience: &Patience,
    ask: &F,
) -> Result<(), AdminError>
where
    F: AsyncFn(&Connection, &C, Deadline) -> Result<(), AdminError>,
{
    let chunks = queue.borrow().len();
    let targets = targets(routing, chunks, patience.deadline.get()).await?;
    let count = targets.len();
    let unanswered = Cell::new(chunks);
    let mut workers: FuturesUnordered<_> = targets
        .into_iter()
        .map(async |target| {
            let connection = open(routing, target, request, patience.attempt(count)).await?;
            work(&connection, queue, patience, &unanswered, count, ask).await
        })
        .collect();
    let mut failure = None;
    while let Some(result) = workers.next().await {
        // Whoever still waits for a connection by now is not needed.
        if unanswered.get() == 0 {
            return Ok(());
        }
        failure = result.err().or(failure);
    }
    failure.map_or(Ok(()), Err)
}

async fn work<C, F>(
    connection: &Connection,
    queue: &RefCell<VecDeque<C>>,
    patience: &Patience,
    unanswered: &Cell<usize>,
    workers: usize,
    ask: &F,
) -> Result<(), AdminError>
where
    F: AsyncFn(&Connection, &C, Deadline) -> Result<(), AdminError>,
{
    loop {
        let Some(chunk) = queue.borrow_mut().pop_front() else {
            return Ok(());
        };
        if let Err(error) = ask(connection, &chunk, patience.attempt(workers)).await {
            queue.borrow_mut().push_front(chunk);
            return Err(error);
        }
        patience.answered();
        unanswered.set(unanswered.get() - 1);
    }
}

async fn open(
    routing: &Routing,
    target: Target,
    request: &'static str,
    deadline: Deadline,
) -> Result<Rc<Connection>, AdminError> {
    match target {
        Target::Any => routing.any(deadline).await,
        Target::Broker(id) => routing.broker(id, request, deadline).await,
    }
}

/// One chunk goes where a connection is open already; more of them go to every live broker, open
/// connections first.
async fn targets(routing: &Routing, chunks: usize, deadline: Deadline) -> Result<Vec<Target>, AdminError> {
    if chunks <= 1 {
        return Ok(vec![Target::Any; chunks]);
    }
    let view = routing.view(deadline).await?;
    let mut ids: Vec<BrokerId> = view.brokers.keys().copied().collect();
    if ids.is_empty() {
        return Ok(vec![Target::Any]);
    }
    ids.sort_by_key(|id| !routing.brokers().is_open(*id));
    let wanted = chunks.min(ids.len() * CHUNKS_PER_BROKER);
    Ok(ids.into_iter().map(Target::Broker).cycle().take(wanted).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_stuck_broker_leaves_time_for_another_if_there_is_one() {
        let patience = Patience::new(Duration::from_secs(30));
        assert_eq!(patience.attempt(3).remaining(), Duration::from_secs(15));
        assert_eq!(patience.attempt(1).remaining(), Duration::from_secs(30));
        tokio::time::sleep(Duration::from_secs(20)).await;
        assert_eq!(patience.attempt(3).remaining(), Duration::from_secs(10));
        patience.answered();
        assert_eq!(patience.attempt(1).remaining(), Duration::from_secs(30));
    }
}
