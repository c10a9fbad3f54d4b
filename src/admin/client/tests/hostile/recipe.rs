//! How answers that lie come about: made from the shape of a request's answer, then damaged.

use bytes::{BufMut, Bytes, BytesMut};
use kafka_protocol::protocol::HeaderVersion;
use proptest::prelude::*;
use proptest::sample::Index;

use crate::admin::client::protocol::api::Api;
use crate::admin::client::protocol::shape::bodies::{Honesty, Tape, body};

/// What may happen to a body on its way.
#[derive(Debug, Clone)]
pub(crate) enum Damage {
    Set(Index, u8),
    Cut(Index),
    Insert(Index, Vec<u8>),
    Remove(Index, usize),
    Repeat(Index, usize, usize),
}

impl Damage {
    fn any() -> impl Strategy<Value = Self> {
        let at = any::<Index>;
        prop_oneof![
            4 => (at(), any::<u8>()).prop_map(|(at, byte)| Self::Set(at, byte)),
            1 => at().prop_map(Self::Cut),
            1 => (at(), prop::collection::vec(any::<u8>(), 1..12)).prop_map(|(at, bytes)| Self::Insert(at, bytes)),
            1 => (at(), 1..12_usize).prop_map(|(at, length)| Self::Remove(at, length)),
            1 => (at(), 1..40_usize, 1..6_usize).prop_map(|(at, length, times)| Self::Repeat(at, length, times)),
        ]
    }

    fn befall(&self, body: &mut Vec<u8>) {
        if body.is_empty() {
            return;
        }
        let part = |at: &Index, length: usize, body: &[u8]| {
            let start = at.index(body.len());
            start..(start + length).min(body.len())
        };
        match self {
            Self::Set(at, byte) => {
                let position = at.index(body.len());
                body[position] = *byte;
            }
            Self::Cut(at) => body.truncate(at.index(body.len())),
            Self::Insert(at, bytes) => {
                let start = at.index(body.len());
                body.splice(start..start, bytes.iter().copied());
            }
            Self::Remove(at, length) => drop(body.drain(part(at, *length, body))),
            Self::Repeat(at, length, times) => {
                let repeated = body[part(at, *length, body)].repeat(*times);
                let start = at.index(body.len());
                body.splice(start..start, repeated);
            }
        }
    }
}

/// How an answer comes about.
#[derive(Debug, Clone)]
pub(crate) struct Recipe {
    /// Which of the versions that may be negotiated.
    pub(crate) version: usize,
    pub(crate) tape: Vec<u8>,
    pub(crate) honesty: Honesty,
    pub(crate) damages: Vec<Damage>,
    /// Instead of all of the above.
    pub(crate) noise: Option<Vec<u8>>,
}

impl Recipe {
    pub(crate) fn any() -> impl Strategy<Value = Self> {
        let honesty = prop_oneof![Just(Honesty::Sound), Just(Honesty::Lying)];
        let damages = prop_oneof![
            1 => Just(Vec::new()),
            2 => prop::collection::vec(Damage::any(), 1..6),
        ];
        let noise = proptest::option::weighted(0.05, prop::collection::vec(any::<u8>(), 0..300));
        let tape = prop::collection::vec(any::<u8>(), 0..400);
        (any::<usize>(), tape, honesty, damages, noise).prop_map(
            |(version, tape, honesty, damages, noise)| Self {
                version,
                tape,
                honesty,
                damages,
                noise,
            },
        )
    }

    /// Nothing is wrong with the answer but what it says.
    pub(crate) fn sound() -> impl Strategy<Value = Self> {
        Self::any().prop_map(Self::made_sound)
    }

    pub(crate) fn made_sound(self) -> Self {
        Self {
            honesty: Honesty::Sound,
            damages: Vec::new(),
            noise: None,
            ..self
        }
    }

    pub(crate) fn version<R: Api>(&self) -> i16 {
        let versions: Vec<i16> = versions::<R>().collect();
        versions[self.version % versions.len()]
    }

    pub(crate) fn body<R: Api>(&self, version: i16) -> Vec<u8> {
        if let Some(noise) = &self.noise {
            return noise.clone();
        }
        let mut tape = Tape::new(&self.tape);
        self.damaged(body(
            &R::ANSWER,
            version,
            R::is_flexible(version),
            self.honesty,
            &mut tape,
        ))
    }

    /// What becomes of a body on its way.
    pub(crate) fn damaged(&self, mut body: Vec<u8>) -> Vec<u8> {
        for damage in &self.damages {
            damage.befall(&mut body);
        }
        body
    }
}

/// Every version that may be negotiated.
pub(crate) fn versions<R: Api>() -> impl Iterator<Item = i16> {
    R::OLDEST.max(R::VERSIONS.min)..=R::NEWEST
}

pub(crate) fn frame<R: Api>(version: i16, body: &[u8]) -> Bytes {
    let mut frame = BytesMut::from(&[0, 0, 0, 1][..]);
    if R::Response::header_version(version) >= 1 {
        frame.put_u8(0);
    }
    frame.put_slice(body);
    frame.freeze()
}
