//! Tokens that end while events flow: both the publisher and the consumer get others in time.

use std::time::{Duration, Instant};

use topicctl::events::{Connection, Consumer, Membership, OnexEnvelopeV1, Publisher, Start};
use uuid::Uuid;

use super::generate::{self, Dice};
use super::{PATIENCE, Topics, block_on};
use crate::sessions::{bearer, config};
use crate::support::{Listener, Provider, Secure};

/// Far more than four lives of a token.
const ENOUGH: Duration = Duration::from_mins(1);

/// The broker forgets a login when its token ends, and tokens end after five seconds.
#[test]
fn tokens_are_replaced_while_events_flow() {
    let secure = Secure::shared();
    let provider = Provider::start(5);
    let topics = Topics::new(&secure.kafka, "tokens", 1);
    let address = secure.address(Listener::SaslPlaintext);
    let connection = Connection::secured(&address, &config(&bearer(&provider)));
    let failed = &topics.names.failed;
    block_on(async {
        let publisher = Publisher::new(&connection, PATIENCE).unwrap();
        let consumer = Consumer::open(
            &connection,
            std::slice::from_ref(failed),
            &Start::Latest,
            &Membership::Alone,
            PATIENCE,
        );
        let consumer = consumer.await.unwrap();
        let event = generate::envelope(&mut Dice(7));
        let began = Instant::now();
        for number in 0.. {
            let event = OnexEnvelopeV1 {
                event_id: Uuid::from_u128(number),
                ..event.clone()
            };
            publisher.publish(failed, &event).await.unwrap();
            let read = consumer.next().await.unwrap().content.unwrap();
            assert_eq!(read.event_id, event.event_id);
            if provider.granted() >= 4 {
                break;
            }
            assert!(
                began.elapsed() < ENOUGH,
                "{} tokens were asked for",
                provider.granted()
            );
        }
    });
}
