//! The records of a batch, uncompressed. All codecs are in Rust, and what comes out of them is limited: a
//! few hundred bytes can hold gigabytes of nothing.

use std::io::Read;

use bytes::Bytes;
use kafka_protocol::records::Compression;

/// The most that one batch may unpack to. Kafka's own limit on a batch, unpacked or not, is 1 MiB unless
/// somebody raised it; compression by more than sixty is rare.
const LARGEST: usize = 64 << 20;

/// How snappy is framed by Kafka's clients: a magic word, two versions, then blocks with their lengths.
const SNAPPY_MAGIC: &[u8] = b"\x82SNAPPY\0";
const SNAPPY_HEADER: usize = 16;

/// Unpacks the records of a batch. Fails with a reason for people.
pub(super) fn unpack(packed: Bytes, codec: Compression) -> Result<Bytes, String> {
    unpack_within(LARGEST, packed, codec)
}

/// As [`unpack`], with a limit in bytes.
pub(super) fn unpack_within(limit: usize, packed: Bytes, codec: Compression) -> Result<Bytes, String> {
    let unpacked = match codec {
        Compression::None => return Ok(packed),
        Compression::Gzip => read(limit, flate2::read::MultiGzDecoder::new(&*packed)),
        Compression::Snappy => snappy(limit, &packed),
        Compression::Lz4 => read(limit, lz4_flex::frame::FrameDecoder::new(&*packed)),
        Compression::Zstd => match ruzstd::decoding::StreamingDecoder::new(&*packed) {
            Ok(decoder) => read(limit, decoder),
            Err(error) => Err(error.to_string()),
        },
    };
    unpacked
        .map(Bytes::from)
        .map_err(|why| format!("a batch of it cannot be unpacked: {why}"))
}

fn read(limit: usize, decoder: impl Read) -> Result<Vec<u8>, String> {
    let mut unpacked = Vec::new();
    decoder
        .take(u64::try_from(limit).unwrap_or(u64::MAX) + 1)
        .read_to_end(&mut unpacked)
        .map_err(|error| error.to_string())?;
    within(limit, unpacked.len())?;
    Ok(unpacked)
}

fn within(limit: usize, length: usize) -> Result<(), String> {
    if length > limit {
        return Err(format!("it has more than {} MiB", limit >> 20));
    }
    Ok(())
}

fn snappy(limit: usize, packed: &[u8]) -> Result<Vec<u8>, String> {
    if !packed.starts_with(SNAPPY_MAGIC) {
        let mut whole = Vec::new();
        add_block(limit, &mut whole, packed)?;
        return Ok(whole);
    }
    let mut unpacked = Vec::new();
    let mut rest = packed.get(SNAPPY_HEADER..).ok_or("it is cut off")?;
    while let Some((length, after)) = rest.split_first_chunk() {
        let length = usize::try_from(u32::from_be_bytes(*length)).map_err(|error| error.to_string())?;
        let (block, after) = after.split_at_checked(length).ok_or("it is cut off")?;
        add_block(limit, &mut unpacked, block)?;
        rest = after;
    }
    Ok(unpacked)
}

fn add_block(limit: usize, unpacked: &mut Vec<u8>, block: &[u8]) -> Result<(), String> {
    let said = |error: snap::Error| error.to_string();
    let length = snap::raw::decompress_len(block).map_err(said)?;
    within(limit, unpacked.len().saturating_add(length))?;
    let block = snap::raw::Decoder::new().decompress_vec(block).map_err(said)?;
    unpacked.extend(block);
    Ok(())
}
