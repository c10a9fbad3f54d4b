//! The records of a batch, uncompressed. All codecs are in Rust, and what comes out of them is limited: a
//! few hundred bytes can hold gigabytes of nothing.

use std::fmt;
use std::io::Read;

use bytes::Bytes;
use kafka_protocol::records::Compression;

use crate::admin::client::protocol::read_budget::Budget;

/// The most that one batch may unpack to. Kafka's own limit on a batch, unpacked or not, is 1 MiB unless
/// somebody raised it; compression by more than sixty is rare.
const LARGEST: usize = 64 << 20;

/// How snappy is framed by Kafka's clients: a magic word, two versions, then blocks with their lengths.
const SNAPPY_MAGIC: &[u8] = b"\x82SNAPPY\0";
const SNAPPY_HEADER: usize = 16;

/// Unpacks the records of a batch, within the budget of the answer that it came in. Fails with a reason for
/// people.
pub(crate) async fn unpack(packed: Bytes, codec: Compression, budget: &Budget) -> Result<Bytes, String> {
    let left = budget.next().await?;
    let limit = LARGEST.min(left);
    let unpacked = unpack_within(limit, packed, codec);
    // What fails may have been unpacked almost to the limit.
    budget.spend(unpacked.as_ref().map_or(limit, Bytes::len));
    unpacked.map_err(|trouble| match trouble {
        Trouble::TooMuch(_) if limit < LARGEST => Budget::used_up(),
        other => other.to_string(),
    })
}

/// Why a batch cannot be unpacked.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// It has more than so many bytes.
    TooMuch(usize),
    Broken(String),
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a batch of it cannot be unpacked: ")?;
        match self {
            Self::TooMuch(limit) => write!(f, "it has more than {} MiB", limit >> 20),
            Self::Broken(why) => f.write_str(why),
        }
    }
}

impl From<String> for Trouble {
    fn from(why: String) -> Self {
        Self::Broken(why)
    }
}

/// As [`unpack`], with a limit in bytes.
pub(crate) fn unpack_within(limit: usize, packed: Bytes, codec: Compression) -> Result<Bytes, Trouble> {
    let unpacked = match codec {
        Compression::None => return Ok(packed),
        Compression::Gzip => read(limit, flate2::read::MultiGzDecoder::new(&*packed)),
        Compression::Snappy => snappy(limit, &packed),
        Compression::Lz4 => read(limit, lz4_flex::frame::FrameDecoder::new(&*packed)),
        Compression::Zstd => match ruzstd::decoding::StreamingDecoder::new(&*packed) {
            Ok(decoder) => read(limit, decoder),
            Err(error) => Err(error.to_string().into()),
        },
    };
    unpacked.map(Bytes::from)
}

fn read(limit: usize, decoder: impl Read) -> Result<Vec<u8>, Trouble> {
    let mut unpacked = Vec::new();
    decoder
        .take(u64::try_from(limit).unwrap_or(u64::MAX) + 1)
        .read_to_end(&mut unpacked)
        .map_err(|error| error.to_string())?;
    within(limit, unpacked.len())?;
    Ok(unpacked)
}

fn within(limit: usize, length: usize) -> Result<(), Trouble> {
    if length > limit {
        return Err(Trouble::TooMuch(limit));
    }
    Ok(())
}

fn snappy(limit: usize, packed: &[u8]) -> Result<Vec<u8>, Trouble> {
    if !packed.starts_with(SNAPPY_MAGIC) {
        let mut whole = Vec::new();
        add_block(limit, &mut whole, packed)?;
        return Ok(whole);
    }
    let mut unpacked = Vec::new();
    let mut rest = packed.get(SNAPPY_HEADER..).ok_or_else(cut_off)?;
    while let Some((length, after)) = rest.split_first_chunk() {
        let length = usize::try_from(u32::from_be_bytes(*length)).map_err(|error| error.to_string())?;
        let (block, after) = after.split_at_checked(length).ok_or_else(cut_off)?;
        add_block(limit, &mut unpacked, block)?;
        rest = after;
    }
    Ok(unpacked)
}

fn cut_off() -> Trouble {
    Trouble::Broken("it is cut off".to_owned())
}

fn add_block(limit: usize, unpacked: &mut Vec<u8>, block: &[u8]) -> Result<(), Trouble> {
    let said = |error: snap::Error| error.to_string();
    let length = snap::raw::decompress_len(block).map_err(said)?;
    within(limit, unpacked.len().saturating_add(length))?;
    let block = snap::raw::Decoder::new().decompress_vec(block).map_err(said)?;
    unpacked.extend(block);
    Ok(())
}
