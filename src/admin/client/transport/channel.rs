//! Frames in flight on one stream: which answer belongs to which request, how many may be on their
//! way, and what happens to all of them when the stream ends. What the frames mean is left to
//! the `session` layer.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use tokio::io::{AsyncWrite, AsyncWriteExt, ReadHalf, WriteHalf};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, oneshot};
use tokio::time::timeout_at;

use crate::admin::client::transport::deadline::Deadline;
use crate::admin::client::transport::frame::{FrameReader, TransportError, broken};
use crate::admin::client::transport::stream::ByteStream;

/// A broker works through the requests of a connection one by one; more of them waiting there only
/// cost memory on both sides.
const IN_FLIGHT: u32 = 4;

/// The near end of a stream. A task of its own moves the bytes; it ends with the stream, or when the
/// channel is dropped.
pub(crate) struct Channel {
    outgoing: mpsc::UnboundedSender<Bytes>,
    slots: Arc<Semaphore>,
    state: Arc<Mutex<State>>,
}

struct State {
    next_correlation: i32,
    /// Brokers answer in order, so the next answer is always that of the oldest request.
    waiting: VecDeque<Waiting>,
    answered: u64,
    /// Nothing more is sent here, since an answer is overdue.
    retired: bool,
    ended: Option<TransportError>,
}

struct Waiting {
    correlation: i32,
    answer: oneshot::Sender<Result<Bytes, TransportError>>,
    /// `None` while somebody has the channel to themselves.
    _slot: Option<OwnedSemaphorePermit>,
}

/// The channel to oneself: nothing of others is in flight, nor will be while this lives.
pub(crate) struct Alone {
    _slots: OwnedSemaphorePermit,
}

/// Why there is no answer.
#[derive(Debug)]
pub(crate) enum NoAnswer {
    /// The request never left, so it can safely be sent elsewhere.
    NotSent(Arc<str>),
    /// The stream ended after the request was handed to it.
    Ended(TransportError),
    /// The deadline passed after the request was handed to the stream.
    Late,
}

impl Channel {
    /// Takes over a stream. Needs a tokio runtime.
    pub(crate) fn open(stream: Box<dyn ByteStream>) -> Self {
        let (incoming, writer) = tokio::io::split(stream);
        let (outgoing, frames) = mpsc::unbounded_channel();
        let state = Arc::new(Mutex::new(State {
            next_correlation: 0,
            waiting: VecDeque::new(),
            answered: 0,
            retired: false,
            ended: None,
        }));
        tokio::spawn(run(incoming, writer, frames, Arc::clone(&state)));
        Self {
            outgoing,
            slots: Arc::new(Semaphore::new(IN_FLIGHT as usize)),
            state,
        }
    }

    /// Whether it makes sense to send anything more here.
    pub(crate) fn is_usable(&self) -> bool {
        let state = lock(&self.state);
        state.ended.is_none() && !state.retired
    }

    /// What ended the stream, if it has ended.
    pub(crate) fn fault(&self) -> Option<TransportError> {
        lock(&self.state).ended.clone()
    }

    /// How many answers came so far.
    pub(crate) fn answered(&self) -> u64 {
        lock(&self.state).answered
    }

    /// Nothing more is sent here.
    pub(crate) fn retire(&self) {
        lock(&self.state).retired = true;
    }

    /// Waits until everything in flight is answered, and keeps others from sending.
    pub(crate) async fn alone(&self, deadline: Deadline) -> Result<Alone, NoAnswer> {
        Ok(Alone {
            _slots: self.slots(IN_FLIGHT, deadline).await?,
        })
    }

    /// Sends the frame that `encode` makes for a correlation id, and waits for the frame that answers.
    pub(crate) async fn exchange(
        &self,
        encode: impl FnOnce(i32) -> Result<Bytes, Arc<str>>,
        deadline: Deadline,
    ) -> Result<Bytes, NoAnswer> {
        let slot = self.slots(1, deadline).await?;
        self.exchange_in(Some(slot), encode, deadline).await
    }

    /// As [`Self::exchange`], for who has the channel to themselves.
    pub(crate) async fn exchange_alone(
        &self,
        _alone: &Alone,
        encode: impl FnOnce(i32) -> Result<Bytes, Arc<str>>,
        deadline: Deadline,
    ) -> Result<Bytes, NoAnswer> {
        self.exchange_in(None, encode, deadline).await
    }

    async fn exchange_in(
        &self,
        slot: Option<OwnedSemaphorePermit>,
        encode: impl FnOnce(i32) -> Result<Bytes, Arc<str>>,
        deadline: Deadline,
    ) -> Result<Bytes, NoAnswer> {
        let answer = self.send(slot, encode)?;
        match timeout_at(deadline.at(), answer).await {
            Ok(Ok(Ok(frame))) => Ok(frame),
            Ok(Ok(Err(fault))) => Err(NoAnswer::Ended(fault)),
            Ok(Err(_)) => Err(NoAnswer::Ended(TransportError::Disconnected(
                "the connection was dropped".into(),
            ))),
            Err(_) => {
                lock(&self.state).retired = true;
                Err(NoAnswer::Late)
            }
        }
    }

    async fn slots(&self, count: u32, deadline: Deadline) -> Result<OwnedSemaphorePermit, NoAnswer> {
        timeout_at(deadline.at(), Arc::clone(&self.slots).acquire_many_owned(count))
            .await
            .map_err(|_| not_sent("too many requests before it are still without an answer"))?
            .map_err(|_| not_sent("the connection was dropped"))
    }

    fn send(
        &self,
        slot: Option<OwnedSemaphorePermit>,
        encode: impl FnOnce(i32) -> Result<Bytes, Arc<str>>,
    ) -> Result<oneshot::Receiver<Result<Bytes, TransportError>>, NoAnswer> {
        let mut state = lock(&self.state);
        if let Some(fault) = &state.ended {
            return Err(NoAnswer::NotSent(Arc::clone(fault.text())));
        }
        let correlation = state.next_correlation;
        let frame = encode(correlation).map_err(NoAnswer::NotSent)?;
        let (sender, receiver) = oneshot::channel();
        // Under one lock, so that the order of waiting is the order on the wire.
        if self.outgoing.send(frame).is_err() {
            return Err(not_sent("the connection was closed"));
        }
        state.next_correlation = correlation.wrapping_add(1);
        state.waiting.push_back(Waiting {
            correlation,
            answer: sender,
            _slot: slot,
        });
        Ok(receiver)
    }
}

fn not_sent(reason: &str) -> NoAnswer {
    NoAnswer::NotSent(reason.into())
}

/// A panic elsewhere leaves the state whole: nothing that holds the lock can panic half-way.
fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Reads and writes side by side: a broker that is busy sending would never read what is written
/// first and answered later.
async fn run(
    incoming: ReadHalf<Box<dyn ByteStream>>,
    writer: WriteHalf<Box<dyn ByteStream>>,
    frames: mpsc::UnboundedReceiver<Bytes>,
    state: Arc<Mutex<State>>,
) {
    let fault = tokio::select! {
        // What the peer still said explains more than a write that failed.
        biased;
        fault = read_answers(FrameReader::new(incoming), &state) => fault,
        fault = write_requests(writer, frames) => fault,
    };
    let mut state = lock(&state);
    state.ended = Some(fault.clone());
    for waiting in state.waiting.drain(..) {
        // Nobody listens any more where the deadline has passed.
        let _ = waiting.answer.send(Err(fault.clone()));
    }
}

async fn write_requests<W: AsyncWrite + Unpin>(
    mut writer: W,
    mut frames: mpsc::UnboundedReceiver<Bytes>,
) -> TransportError {
    while let Some(frame) = frames.recv().await {
        if let Err(error) = writer.write_all(&frame).await {
            return broken(&error);
        }
        if let Err(error) = writer.flush().await {
            return broken(&error);
        }
    }
    TransportError::Disconnected("the connection was dropped".into())
}

async fn read_answers(
    mut reader: FrameReader<ReadHalf<Box<dyn ByteStream>>>,
    state: &Mutex<State>,
) -> TransportError {
    loop {
        match reader.next().await {
            Ok(frame) => {
                if let Err(fault) = deliver(frame, state) {
                    return fault;
                }
            }
            Err(fault) => return fault,
        }
    }
}

fn deliver(frame: Bytes, state: &Mutex<State>) -> Result<(), TransportError> {
    let correlation = frame.first_chunk().map_or(-1, |start| i32::from_be_bytes(*start));
    let mut state = lock(state);
    match state.waiting.pop_front() {
        Some(waiting) if waiting.correlation == correlation => {
            state.answered += 1;
            let _ = waiting.answer.send(Ok(frame));
            Ok(())
        }
        Some(waiting) => {
            let reason = format!(
                "an answer to request {correlation} came where that to {} was due",
                waiting.correlation
            );
            state.waiting.push_front(waiting);
            Err(TransportError::InvalidResponse(reason.into()))
        }
        None => Err(TransportError::InvalidResponse(
            format!("an answer to request {correlation} came, which was never sent").into(),
        )),
    }
}

#[cfg(test)]
#[path = "channel_tests.rs"]
mod tests;
