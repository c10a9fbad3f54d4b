//! Answers that lie, in the decoder alone.

use std::time::Instant;

use bytes::Bytes;
use kafka_protocol::protocol::Decodable;
use proptest::prelude::*;
use proptest::test_runner::TestCaseError;

use super::recipe::{Recipe, frame, versions};
use super::{A_WHILE, SLACK, for_each_request};
use crate::admin::client::protocol::api::{self, Api, Visitor};
use crate::admin::client::session::connection::decode;
use crate::fuzz::fuzz;

#[test]
fn shapes_and_crate_agree_on_every_sound_answer() {
    for_each_request!(|R| {
        fuzz(&format!("sound {}", R::NAME), 128, &Recipe::sound(), |recipe| {
            let version = recipe.version::<R>();
            let mut body = Bytes::from(recipe.body::<R>(version));
            let flexible = R::is_flexible(version);
            prop_assert!(
                R::ANSWER.check(&body, version, flexible).is_ok(),
                "version {version}"
            );
            let decoded = R::Response::decode(&mut body, version);
            prop_assert!(decoded.is_ok(), "version {version}: {:?}", decoded.err());
            prop_assert!(body.is_empty(), "version {version}: {} bytes left", body.len());
            Ok(())
        });
    });
}

#[test]
fn no_answer_panics_hangs_or_swells_in_the_decoder() {
    for_each_request!(|R| {
        fuzz(&format!("decoding {}", R::NAME), 256, &Recipe::any(), |recipe| {
            let version = recipe.version::<R>();
            survives::<R>(version, &recipe.body::<R>(version))
        });
    });
}

/// Nothing is set aside for an answer that the shape refuses, and no more than it said for others.
fn survives<R: Api>(version: i16, body: &[u8]) -> Result<(), TestCaseError> {
    let frame = frame::<R>(version, body);
    let announced = R::ANSWER
        .decoded_size(body, version, R::is_flexible(version))
        .unwrap_or(0);
    let began = Instant::now();
    let taken = allocation_counter::measure(|| drop(decode::<R>(frame, version)));
    prop_assert!(
        began.elapsed() < A_WHILE,
        "version {version} took {:?}",
        began.elapsed()
    );
    prop_assert!(
        taken.bytes_max <= announced as u64 + SLACK,
        "version {version}: {} bytes of memory for {} on the wire, announced as {announced}",
        taken.bytes_max,
        body.len()
    );
    Ok(())
}

/// An item of one byte would let a count of four thousand million pass, and an item of none would.
#[test]
fn no_item_of_a_list_is_empty_in_any_version() {
    for_each_request!(|R| {
        for version in versions::<R>() {
            let endless = [0xff; 64];
            let flexible = R::is_flexible(version);
            let began = Instant::now();
            assert!(
                R::ANSWER.check(&endless, version, flexible).is_err(),
                "{} {version}",
                R::NAME
            );
            assert!(began.elapsed() < A_WHILE, "{} {version}", R::NAME);
        }
    });
}
