//! Answers made from their shapes, as a tape of random bytes decides: sound ones, and ones that lie. A
//! shorter tape makes a smaller answer, so that what proptest shrinks is the answer.

use super::{Kind, Shape};

/// Random bytes that are read once; zeros after its end, which stop all that goes on.
pub(crate) struct Tape<'a> {
    rest: &'a [u8],
}

/// Whether a body is what it says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Honesty {
    /// Every count and length is borne out, and nothing is null.
    Sound,
    /// Some are not; there are tags that nobody knows, nulls, and text that is none.
    Lying,
}

impl<'a> Tape<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    pub(crate) fn byte(&mut self) -> u8 {
        let Some((first, rest)) = self.rest.split_first() else {
            return 0;
        };
        self.rest = rest;
        *first
    }

    fn below(&mut self, limit: usize) -> usize {
        usize::from(self.byte()) % limit
    }

    fn one_in(&mut self, chances: usize) -> bool {
        !self.rest.is_empty() && self.below(chances) == 0
    }
}

/// Names and values that the tests ask about, and ones that no broker has any business to say.
const TEXTS: [&str; 16] = [
    "",
    "orders",
    "payments",
    "127.0.0.1",
    "retention.ms",
    "cleanup.policy",
    "604800000",
    "-1",
    "1",
    "orders",
    "no such/topic",
    "\u{1b}[2J\u{1b}]0;owned\u{7}",
    "line\nanother: \"line\"\r\n",
    "ü\u{202e}\u{0}",
    "__consumer_offsets",
    "a name that is much longer than what any topic, key, host or rack is called, and so is cut or refused, a name that is much longer than what any topic, key, host or rack is called, and so is cut or refused, a name that is much longer than anything is called",
];

/// Numbers that mean something to Kafka: no error, common errors, nobody, everybody, the ends.
const NUMBERS: [i64; 24] = [
    0,
    0,
    0,
    0,
    1,
    1,
    2,
    3,
    4,
    5,
    6,
    7,
    29,
    31,
    36,
    37,
    41,
    44,
    89,
    -1,
    -2,
    i64::MIN,
    i64::MAX,
    0x7fff_ffff,
];

/// Lengths that are not those of what follows.
const LIES: [u32; 10] = [
    0,
    1,
    2,
    127,
    128,
    0xffff,
    0x7fff_ffff,
    0x8000_0000,
    0xffff_fffe,
    0xffff_ffff,
];

/// The body of an answer in a version.
pub(crate) fn body(
    shape: &Shape,
    version: i16,
    flexible: bool,
    honesty: Honesty,
    tape: &mut Tape<'_>,
) -> Vec<u8> {
    let mut writer = Writer {
        tape,
        body: Vec::new(),
        version,
        flexible,
        lies: honesty == Honesty::Lying,
    };
    writer.structure(shape);
    writer.body
}

struct Writer<'t, 'a> {
    tape: &'t mut Tape<'a>,
    body: Vec<u8>,
    version: i16,
    flexible: bool,
    lies: bool,
}

impl Writer<'_, '_> {
    fn structure(&mut self, shape: &Shape) {
        for field in shape.fields {
            if (field.since..=field.until).contains(&self.version) {
                self.field(&field.kind);
            }
        }
        if self.flexible {
            self.tags(shape.tags);
        }
    }

    fn field(&mut self, kind: &Kind) {
        match kind {
            Kind::Fixed(width) => self.number(*width),
            Kind::Text => self.text(),
            Kind::Numbers(width) => {
                let count = self.some();
                self.count(count);
                for _ in 0..count {
                    self.number(*width);
                }
            }
            Kind::Texts => {
                let count = self.some();
                self.count(count);
                for _ in 0..count {
                    self.text();
                }
            }
            Kind::Struct(shape) => self.structure(shape),
            Kind::Optional(shape) => {
                let is_there = self.tape.one_in(2);
                self.body.push(if is_there { 1 } else { 0xff });
                if is_there {
                    self.structure(shape);
                }
            }
            Kind::List(shape) => {
                let count = self.some();
                self.count(count);
                for _ in 0..count {
                    self.structure(shape);
                }
            }
        }
    }

    /// Mostly few: lists are in lists.
    fn some(&mut self) -> usize {
        match self.tape.byte() {
            0..16 => 0,
            16..240 => 1 + self.tape.below(3),
            240.. => self.tape.below(40),
        }
    }

    fn number(&mut self, width: usize) {
        let number = match self.tape.byte() {
            0..200 => NUMBERS[self.tape.below(NUMBERS.len())],
            200.. => i64::from_be_bytes(std::array::from_fn(|_| self.tape.byte())),
        };
        let mut bytes = [0; 16];
        bytes[8..].copy_from_slice(&number.to_be_bytes());
        self.body.extend(&bytes[16 - width..]);
    }

    fn text(&mut self) {
        let mut text = TEXTS[self.tape.below(TEXTS.len())].as_bytes().to_vec();
        if self.lies && self.tape.one_in(16) {
            text.push(0xff);
        }
        let null = self.lies && self.tape.one_in(8);
        let length = if null { 0 } else { text.len() };
        if self.flexible {
            let length = self.told(if null { 0 } else { length + 1 });
            self.varint(length);
        } else if null {
            self.body.extend((-1_i16).to_be_bytes());
        } else {
            let [_, _, high, low] = self.told(length).to_be_bytes();
            self.body.extend([high, low]);
        }
        self.body.extend(&text[..length]);
    }

    fn count(&mut self, count: usize) {
        if self.flexible {
            let told = self.told(count + 1);
            self.varint(told);
        } else {
            let told = self.told(count);
            self.body.extend(told.to_be_bytes());
        }
    }

    /// What is said of a length.
    fn told(&mut self, length: usize) -> u32 {
        if self.lies && self.tape.one_in(24) {
            return LIES[self.tape.below(LIES.len())];
        }
        u32::try_from(length).unwrap_or(u32::MAX)
    }

    /// Known tags are there or not; those of later versions may come as well.
    fn tags(&mut self, known: &[(u32, Kind)]) {
        let mut tags: Vec<(u32, Vec<u8>)> = Vec::new();
        for (number, kind) in known {
            if self.tape.one_in(2) {
                let before = self.body.len();
                self.field(kind);
                let value = self.body.split_off(before);
                tags.push((*number, value));
            }
        }
        if self.lies && self.tape.one_in(8) {
            for _ in 0..self.some() {
                let number = 3 + u32::from(self.tape.byte()) * 977;
                tags.push((number, vec![7; self.tape.below(4)]));
            }
        }
        let count = self.told(tags.len());
        self.varint(count);
        for (number, value) in tags {
            self.varint(number);
            let size = self.told(value.len());
            self.varint(size);
            self.body.extend(value);
        }
    }

    fn varint(&mut self, mut value: u32) {
        while value >= 0x80 {
            self.body.push(u8::try_from(value & 0x7f).unwrap_or(0) | 0x80);
            value >>= 7;
        }
        self.body.push(u8::try_from(value).unwrap_or(0));
    }
}
