//! A check of an answer's structure before it is decoded.
//!
//! The decoder of the protocol crate allocates for as many items as a count on the wire claims, so a
//! broken or hostile peer could make this process die of one number. [`Shape::check`] walks through
//! the bytes without allocating and lets only those answers pass whose counts are borne out by what
//! follows. The shapes themselves stand in [`super::api`]; a test there holds them against the crate.

/// The fields of an answer, or of one item of a list in it, in order.
pub(super) struct Shape {
    pub(super) fields: &'static [Field],
    /// Tagged fields that the crate decodes; all others are skipped by their size.
    pub(super) tags: &'static [(u32, Kind)],
}

/// One field, and the versions that have it.
pub(super) struct Field {
    since: i16,
    until: i16,
    kind: Kind,
}

/// What a field is made of.
pub(super) enum Kind {
    /// So many bytes: numbers, booleans, ids.
    Fixed(usize),
    /// A string, null included.
    Text,
    /// A list of items that are so many bytes each.
    Numbers(usize),
    /// A list of structures.
    List(&'static Shape),
}

/// A field of every version.
pub(super) const fn always(kind: Kind) -> Field {
    between(0, i16::MAX, kind)
}

/// A field from one version on.
pub(super) const fn since(since: i16, kind: Kind) -> Field {
    between(since, i16::MAX, kind)
}

/// A field that later versions lost again.
pub(super) const fn between(since: i16, until: i16, kind: Kind) -> Field {
    Field { since, until, kind }
}

/// What is wrong with the structure of an answer.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Malformed;

impl Shape {
    /// Whether `body` is one such structure in the given version and nothing else. Flexible versions
    /// have compact lengths and tagged fields (KIP-482).
    pub(super) fn check(&self, body: &[u8], version: i16, flexible: bool) -> Result<(), Malformed> {
        let mut walk = Walk {
            rest: body,
            version,
            flexible,
        };
        walk.structure(self)?;
        if walk.rest.is_empty() {
            Ok(())
        } else {
            Err(Malformed)
        }
    }
}

struct Walk<'a> {
    rest: &'a [u8],
    version: i16,
    flexible: bool,
}

impl Walk<'_> {
    fn structure(&mut self, shape: &Shape) -> Result<(), Malformed> {
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

    fn field(&mut self, kind: &Kind) -> Result<(), Malformed> {
        match kind {
            Kind::Fixed(width) => self.skip(*width),
            Kind::Text => {
                let length = self.text_length()?;
                self.skip(length)
            }
            Kind::Numbers(width) => {
                let count = self.count()?;
                self.skip(count.checked_mul(*width).ok_or(Malformed)?)
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
        for _ in 0..self.varint()? {
            let tag = self.varint()?;
            let size = usize::try_from(self.varint()?).map_err(|_| Malformed)?;
            let before = self.rest.len();
            match known.iter().find(|(number, _)| *number == tag) {
                None => self.skip(size)?,
                Some((_, kind)) => self.field(kind)?,
            }
            if before - self.rest.len() != size {
                return Err(Malformed);
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
        usize::try_from(self.varint()?.saturating_sub(1)).map_err(|_| Malformed)
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
        let (taken, rest) = self.rest.split_first_chunk().ok_or(Malformed)?;
        self.rest = rest;
        Ok(*taken)
    }

    fn skip(&mut self, width: usize) -> Result<(), Malformed> {
        self.rest = self.rest.get(width..).ok_or(Malformed)?;
        Ok(())
    }
}

fn nullable(length: i64) -> Result<usize, Malformed> {
    match length {
        -1 => Ok(0),
        length => usize::try_from(length).map_err(|_| Malformed),
    }
}
