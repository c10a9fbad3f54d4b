//! A check of an answer's structure before it is decoded.
//!
//! The decoder of the protocol crate allocates for as many items as a count on the wire claims, so a
//! broken or hostile peer could make this process die of one number. [`Shape::check`] walks through
//! the bytes without allocating and lets only those answers pass whose counts are borne out by what
//! follows, and which are not out of all proportion to it once they are decoded: an item of five bytes
//! can take five hundred in memory. The shapes themselves stand in [`crate::admin::client::protocol::api`]; tests there hold them
//! against the crate.

use std::fmt;

/// What an answer may take in memory once it is decoded. Eight times the longest frame: what Kafka sends
/// takes two to five times its length.
pub(crate) const LARGEST_DECODED: usize = 8 * crate::admin::client::transport::frame::LONGEST_FRAME;

/// The fields of an answer, or of one item of a list in it, in order.
pub(crate) struct Shape {
    pub(crate) fields: &'static [Field],
    /// Tagged fields that the crate decodes; all others are skipped by their size.
    pub(crate) tags: &'static [(u32, Kind)],
}

/// One field, and the versions that have it.
pub(crate) struct Field {
    since: i16,
    until: i16,
    kind: Kind,
}

/// What a field is made of.
pub(crate) enum Kind {
    /// So many bytes: numbers, booleans, ids.
    Fixed(usize),
    /// A string, null included.
    Text,
    /// A list of items that are so many bytes each; of one byte each: a sequence of bytes.
    Numbers(usize),
    /// A list of strings.
    Texts,
    /// A structure in its place.
    Struct(&'static Shape),
    /// A structure that may be null: a byte says whether it is there.
    Optional(&'static Shape),
    /// A list of structures.
    List(&'static Shape),
}

/// A field of every version.
pub(crate) const fn always(kind: Kind) -> Field {
    between(0, i16::MAX, kind)
}

/// A field from one version on.
pub(crate) const fn since(since: i16, kind: Kind) -> Field {
    between(since, i16::MAX, kind)
}

/// A field that later versions lost again.
pub(crate) const fn between(since: i16, until: i16, kind: Kind) -> Field {
    Field { since, until, kind }
}

/// What is wrong with the structure of an answer.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Malformed {
    /// It says one thing about its length and is another.
    Broken,
    /// It is made to swell.
    TooLarge,
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Broken => f.write_str("its structure is broken"),
            Self::TooLarge => write!(
                f,
                "it would take more than {} MiB of memory",
                LARGEST_DECODED >> 20
            ),
        }
    }
}

/// The length of a response header: the correlation id, then tagged fields, of which Kafka has none.
pub(crate) fn header_length(frame: &[u8], flexible: bool) -> Result<usize, Malformed> {
    let mut walk = Walk::new(frame, 0, flexible);
    walk.structure(&HEADER)?;
    Ok(frame.len() - walk.rest.len())
}

const HEADER: Shape = Shape {
    fields: &[always(Kind::Fixed(4))],
    tags: &[],
};

impl Shape {
    /// Whether `body` is one such structure in the given version and nothing else. Flexible versions
    /// have compact lengths and tagged fields (KIP-482).
    pub(crate) fn check(&self, body: &[u8], version: i16, flexible: bool) -> Result<(), Malformed> {
        self.decoded_size(body, version, flexible).map(|_| ())
    }

    /// As [`Shape::check`]: what the body takes at most, in bytes of memory, once it is decoded.
    pub(crate) fn decoded_size(&self, body: &[u8], version: i16, flexible: bool) -> Result<usize, Malformed> {
        let mut walk = Walk::new(body, version, flexible);
        walk.structure(self)?;
        if walk.rest.is_empty() {
            Ok(walk.decoded)
        } else {
            Err(Malformed::Broken)
        }
    }

    /// A field takes its place in every version, whether or not that version has it.
    fn own_size(&self) -> usize {
        let fields = self.fields.iter().map(|field| field.kind.own_size());
        let tags = self.tags.iter().map(|(_, kind)| kind.own_size());
        STRUCTURE + fields.chain(tags).sum::<usize>()
    }
}

/// Bytes of memory, on the generous side: a test holds them against what decoding really takes.
const STRUCTURE: usize = 64;
const TEXT: usize = 40;
const LIST: usize = 24;
/// The map of tagged fields that nobody knows comes in nodes of eleven.
const FIRST_UNKNOWN_TAG: usize = 512;
const FURTHER_UNKNOWN_TAG: usize = 128;

impl Kind {
    fn own_size(&self) -> usize {
        match self {
            Self::Fixed(width) => width + 8,
            Self::Text => TEXT,
            Self::Numbers(_) | Self::Texts | Self::List(_) => LIST,
            Self::Struct(shape) | Self::Optional(shape) => shape.own_size(),
        }
    }
}

struct Walk<'a> {
    rest: &'a [u8],
    version: i16,
    flexible: bool,
    decoded: usize,
}

impl<'a> Walk<'a> {
    fn new(rest: &'a [u8], version: i16, flexible: bool) -> Self {
        Self {
            rest,
            version,
            flexible,
            decoded: 0,
        }
    }
}

impl Walk<'_> {
    fn structure(&mut self, shape: &Shape) -> Result<(), Malformed> {
        self.takes(shape.own_size())?;
        for field in shape.fields {
            if (field.since..=field.until).contains(&self.version) {
                self.field(&field.kind)?;
            }
        }
        if self.flexible {
            self.tags(shape.tags)
        } else {
            Ok(())
        }
    }

    fn takes(&mut self, memory: usize) -> Result<(), Malformed> {
        self.decoded = self.decoded.saturating_add(memory);
        if self.decoded > LARGEST_DECODED {
            return Err(Malformed::TooLarge);
        }
        Ok(())
    }

    fn field(&mut self, kind: &Kind) -> Result<(), Malformed> {
        match kind {
            Kind::Fixed(width) => self.skip(*width),
            Kind::Text => {
                let length = self.text_length()?;
                self.skip(length)
            }
            Kind::Numbers(width) => {
                let length = self.count()?.checked_mul(*width).ok_or(Malformed::Broken)?;
                self.skip(length)?;
                self.takes(length)
            }
            Kind::Texts => {
                for _ in 0..self.count()? {
                    let length = self.text_length()?;
                    self.skip(length)?;
                    self.takes(TEXT)?;
                }
                Ok(())
            }
            Kind::Struct(shape) => self.structure(shape),
            Kind::Optional(shape) => {
                let [is_there] = self.take()?;
                if is_there == 1 {
                    self.structure(shape)
                } else {
                    Ok(())
                }
            }
            Kind::List(shape) => {
                for _ in 0..self.count()? {
                    self.structure(shape)?;
                }
                Ok(())
            }
        }
    }

    /// The crate decodes the tags that it knows without regard to their size, so a size that lies
    /// would let it read on at another place than this walk does.
    fn tags(&mut self, known: &[(u32, Kind)]) -> Result<(), Malformed> {
        let mut unknown = FIRST_UNKNOWN_TAG;
        for _ in 0..self.varint()? {
            let tag = self.varint()?;
            let size = usize::try_from(self.varint()?).map_err(|_| Malformed::Broken)?;
            let before = self.rest.len();
            if let Some((_, kind)) = known.iter().find(|(number, _)| *number == tag) {
                self.field(kind)?;
            } else {
                self.skip(size)?;
                self.takes(unknown)?;
                unknown = FURTHER_UNKNOWN_TAG;
            }
            if before - self.rest.len() != size {
                return Err(Malformed::Broken);
            }
        }
        Ok(())
    }

    /// Null counts as empty; where null is not allowed the decoder says so itself.
    fn count(&mut self) -> Result<usize, Malformed> {
        if self.flexible {
            return self.compact_length();
        }
        nullable(i64::from(i32::from_be_bytes(self.take()?)))
    }

    fn text_length(&mut self) -> Result<usize, Malformed> {
        if self.flexible {
            return self.compact_length();
        }
        nullable(i64::from(i16::from_be_bytes(self.take()?)))
    }

    fn compact_length(&mut self) -> Result<usize, Malformed> {
        usize::try_from(self.varint()?.saturating_sub(1)).map_err(|_| Malformed::Broken)
    }

    /// As the crate reads it: at most five bytes, bits beyond the 32nd are dropped.
    fn varint(&mut self) -> Result<u32, Malformed> {
        let mut value = 0_u32;
        for index in 0..5 {
            let [byte] = self.take()?;
            value |= (u32::from(byte) & 0x7f) << (index * 7);
            if byte < 0x80 {
                break;
            }
        }
        Ok(value)
    }

    fn take<const N: usize>(&mut self) -> Result<[u8; N], Malformed> {
        let (taken, rest) = self.rest.split_first_chunk().ok_or(Malformed::Broken)?;
        self.rest = rest;
        Ok(*taken)
    }

    fn skip(&mut self, width: usize) -> Result<(), Malformed> {
        self.rest = self.rest.get(width..).ok_or(Malformed::Broken)?;
        Ok(())
    }
}

fn nullable(length: i64) -> Result<usize, Malformed> {
    match length {
        -1 => Ok(0),
        length => usize::try_from(length).map_err(|_| Malformed::Broken),
    }
}

#[cfg(test)]
#[path = "random_bodies.rs"]
pub(crate) mod bodies;
