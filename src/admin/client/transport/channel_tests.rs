use std::time::Duration;

use bytes::BufMut;
use tokio::io::{AsyncReadExt, DuplexStream};

use super::*;

fn pair() -> (Channel, DuplexStream) {
    let (near, far) = tokio::io::duplex(1 << 16);
    (Channel::open(Box::new(near)), far)
}

/// A frame that carries its correlation id and nothing else.
fn frame(correlation: i32) -> Bytes {
    let mut frame = bytes::BytesMut::new();
    frame.put_i32(4);
    frame.put_i32(correlation);
    frame.freeze()
}

/// Less than it takes for an answer that never comes.
const SOON: Duration = Duration::from_millis(100);

async fn ask(channel: &Channel) -> Result<i32, NoAnswer> {
    ask_within(channel, Duration::from_mins(1)).await
}

async fn ask_within(channel: &Channel, limit: Duration) -> Result<i32, NoAnswer> {
    let deadline = Deadline::after(limit);
    let answer = channel
        .exchange(|correlation| Ok(frame(correlation)), deadline)
        .await?;
    Ok(i32::from_be_bytes(*answer.first_chunk().unwrap()))
}

async fn next_request(far: &mut DuplexStream) -> i32 {
    assert_eq!(far.read_i32().await.unwrap(), 4);
    far.read_i32().await.unwrap()
}

#[tokio::test]
async fn several_requests_are_in_flight_but_not_too_many() {
    let (channel, mut far) = pair();
    let broker = async {
        let mut asked = Vec::new();
        for _ in 0..IN_FLIGHT {
            asked.push(next_request(&mut far).await);
        }
        let more = tokio::time::timeout(Duration::from_millis(50), far.read_u8()).await;
        assert!(more.is_err(), "one more request than may be in flight");
        for correlation in asked {
            far.write_all(&frame(correlation)).await.unwrap();
        }
        let last = next_request(&mut far).await;
        far.write_all(&frame(last)).await.unwrap();
    };
    let all = futures_util::future::join_all((0..=IN_FLIGHT).map(|_| ask(&channel)));
    let (answers, ()) = tokio::join!(all, broker);
    let answers: Vec<i32> = answers.into_iter().map(Result::unwrap).collect();
    assert_eq!(answers, [0, 1, 2, 3, 4]);
    assert!(channel.is_usable());
}

#[tokio::test]
async fn an_answer_to_nothing_ends_the_channel() {
    let (channel, mut far) = pair();
    far.write_all(&frame(9)).await.unwrap();
    while channel.fault().is_none() {
        tokio::task::yield_now().await;
    }
    let reason = "an answer to request 9 came, which was never sent";
    assert_eq!(
        channel.fault(),
        Some(TransportError::InvalidResponse(reason.into()))
    );
    assert!(!channel.is_usable());
    assert!(matches!(ask(&channel).await, Err(NoAnswer::NotSent(text)) if &*text == reason));
}

#[tokio::test]
async fn a_wrong_correlation_id_fails_everything_in_flight() {
    let (channel, mut far) = pair();
    let broker = async {
        next_request(&mut far).await;
        next_request(&mut far).await;
        far.write_all(&frame(1)).await.unwrap();
    };
    let (first, second, ()) = tokio::join!(ask(&channel), ask(&channel), broker);
    for answer in [first, second] {
        let Err(NoAnswer::Ended(TransportError::InvalidResponse(text))) = answer else {
            panic!("{answer:?}");
        };
        assert_eq!(&*text, "an answer to request 1 came where that to 0 was due");
    }
}

#[tokio::test]
async fn a_late_answer_belongs_to_nobody_else() {
    let (channel, mut far) = pair();
    assert!(matches!(ask_within(&channel, SOON).await, Err(NoAnswer::Late)));
    assert!(
        !channel.is_usable(),
        "nothing more is sent to a peer that is behind"
    );
    let broker = async {
        for _ in 0..2 {
            let correlation = next_request(&mut far).await;
            far.write_all(&frame(correlation)).await.unwrap();
        }
    };
    let (answer, ()) = tokio::join!(ask(&channel), broker);
    assert_eq!(answer.unwrap(), 1);
}

#[tokio::test]
async fn the_end_of_the_stream_reaches_all_who_wait_and_all_who_come() {
    let (channel, mut far) = pair();
    let broker = async {
        next_request(&mut far).await;
        drop(far);
    };
    let (answer, ()) = tokio::join!(ask(&channel), broker);
    assert!(
        matches!(answer, Err(NoAnswer::Ended(TransportError::Disconnected(_)))),
        "{answer:?}"
    );
    assert!(matches!(ask(&channel).await, Err(NoAnswer::NotSent(_))));
}

/// A request that never left may be sent elsewhere, a write too.
#[tokio::test]
async fn a_request_that_waited_its_turn_in_vain_was_not_sent() {
    let (channel, far) = pair();
    let long = Deadline::after(Duration::from_mins(1));
    let blocked = (0..IN_FLIGHT).map(|_| channel.exchange(|id| Ok(frame(id)), long));
    let blocked = futures_util::future::join_all(blocked);
    let late = async {
        tokio::task::yield_now().await;
        ask_within(&channel, SOON).await
    };
    tokio::select! {
        _ = blocked => panic!("nobody answers"),
        answer = late => assert!(matches!(answer, Err(NoAnswer::NotSent(_))), "{answer:?}"),
    }
    drop(far);
}
