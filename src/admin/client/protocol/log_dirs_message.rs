//! `DescribeLogDirs` up to version 5 (KIP-1066, Kafka 4.3), which says of each log folder whether it is cordoned.
//! The protocol crate knows version 4. Version 5 has the same request, and one more field in the answer.

use kafka_protocol::messages::describe_log_dirs_response::{DescribeLogDirsResult, DescribeLogDirsTopic};
use kafka_protocol::messages::{DescribeLogDirsRequest, DescribeLogDirsResponse};
use kafka_protocol::protocol::buf::{ByteBuf, ByteBufMut};
use kafka_protocol::protocol::{
    Decodable, Encodable, HeaderVersion, Message, Request, StrBytes, VersionRange,
};

/// The newest version that the crate encodes and decodes; all that it has in common with version 5.
const OF_THE_CRATE: i16 = 4;
const TELLS_CORDONED: i16 = 5;

const VERSIONS: VersionRange = VersionRange {
    min: 1,
    max: TELLS_CORDONED,
};

/// The request.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct LogDirsRequest(pub(crate) DescribeLogDirsRequest);

/// The answer.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct LogDirsResponse {
    /// All but what version 5 adds.
    pub(crate) answer: DescribeLogDirsResponse,
    /// Whether each log folder of the answer is cordoned; empty before version 5.
    pub(crate) cordoned: Vec<bool>,
}

impl Request for LogDirsRequest {
    const KEY: i16 = DescribeLogDirsRequest::KEY;
    type Response = LogDirsResponse;
}

impl Message for LogDirsRequest {
    const VERSIONS: VersionRange = VERSIONS;
    const DEPRECATED_VERSIONS: Option<VersionRange> = None;
}

impl HeaderVersion for LogDirsRequest {
    fn header_version(version: i16) -> i16 {
        DescribeLogDirsRequest::header_version(version)
    }
}

impl Encodable for LogDirsRequest {
    fn encode<B: ByteBufMut>(&self, buf: &mut B, version: i16) -> anyhow::Result<()> {
        self.0.encode(buf, version.min(OF_THE_CRATE))
    }

    fn compute_size(&self, version: i16) -> anyhow::Result<usize> {
        self.0.compute_size(version.min(OF_THE_CRATE))
    }
}

impl Decodable for LogDirsRequest {
    fn decode<B: ByteBuf>(buf: &mut B, version: i16) -> anyhow::Result<Self> {
        Ok(Self(DescribeLogDirsRequest::decode(
            buf,
            version.min(OF_THE_CRATE),
        )?))
    }
}

impl Message for LogDirsResponse {
    const VERSIONS: VersionRange = VERSIONS;
    const DEPRECATED_VERSIONS: Option<VersionRange> = None;
}

impl HeaderVersion for LogDirsResponse {
    fn header_version(version: i16) -> i16 {
        DescribeLogDirsResponse::header_version(version)
    }
}

impl Encodable for LogDirsResponse {
    fn encode<B: ByteBufMut>(&self, buf: &mut B, version: i16) -> anyhow::Result<()> {
        if version < TELLS_CORDONED {
            return self.answer.encode(buf, version);
        }
        buf.put_i32(self.answer.throttle_time_ms);
        buf.put_i16(self.answer.error_code);
        put_length(buf, self.answer.results.len())?;
        for (number, folder) in self.answer.results.iter().enumerate() {
            let is_cordoned = self.cordoned.get(number).copied().unwrap_or_default();
            encode_folder(buf, folder, is_cordoned)?;
        }
        put_varint(buf, 0);
        Ok(())
    }

    fn compute_size(&self, version: i16) -> anyhow::Result<usize> {
        let size = self.answer.compute_size(version.min(OF_THE_CRATE))?;
        let more = if version < TELLS_CORDONED {
            0
        } else {
            self.answer.results.len()
        };
        Ok(size + more)
    }
}

fn encode_folder<B: ByteBufMut>(
    buf: &mut B,
    folder: &DescribeLogDirsResult,
    is_cordoned: bool,
) -> anyhow::Result<()> {
    buf.put_i16(folder.error_code);
    put_length(buf, folder.log_dir.len())?;
    buf.put_slice(folder.log_dir.as_bytes());
    put_length(buf, folder.topics.len())?;
    for topic in &folder.topics {
        topic.encode(buf, OF_THE_CRATE)?;
    }
    buf.put_i64(folder.total_bytes);
    buf.put_i64(folder.usable_bytes);
    buf.put_u8(u8::from(is_cordoned));
    put_varint(buf, 0);
    Ok(())
}

/// Lengths are told as one more than they are.
fn put_length<B: ByteBufMut>(buf: &mut B, length: usize) -> anyhow::Result<()> {
    put_varint(buf, u32::try_from(length + 1)?);
    Ok(())
}

fn put_varint<B: ByteBufMut>(buf: &mut B, mut value: u32) {
    while value >= 0x80 {
        buf.put_u8(value.to_le_bytes()[0] | 0x80);
        value >>= 7;
    }
    buf.put_u8(value.to_le_bytes()[0]);
}

impl Decodable for LogDirsResponse {
    fn decode<B: ByteBuf>(buf: &mut B, version: i16) -> anyhow::Result<Self> {
        if version < TELLS_CORDONED {
            let answer = DescribeLogDirsResponse::decode(buf, version)?;
            return Ok(Self {
                answer,
                cordoned: Vec::new(),
            });
        }
        let throttle = buf.try_get_i32()?;
        let error = buf.try_get_i16()?;
        let count = varint(buf)?;
        let (mut folders, mut cordoned) = (Vec::new(), Vec::new());
        for _ in 1..count {
            let (folder, is_cordoned) = decode_folder(buf)?;
            folders.push(folder);
            cordoned.push(is_cordoned);
        }
        skip_tags(buf)?;
        let answer = DescribeLogDirsResponse::default()
            .with_throttle_time_ms(throttle)
            .with_error_code(error)
            .with_results(folders);
        Ok(Self { answer, cordoned })
    }
}

fn decode_folder<B: ByteBuf>(buf: &mut B) -> anyhow::Result<(DescribeLogDirsResult, bool)> {
    let error = buf.try_get_i16()?;
    let length = varint(buf)?.saturating_sub(1);
    let path = StrBytes::try_from(buf.try_get_bytes(usize::try_from(length)?)?)?;
    let topics = varint(buf)?;
    let topics = (1..topics).map(|_| DescribeLogDirsTopic::decode(buf, OF_THE_CRATE));
    let topics = topics.collect::<anyhow::Result<Vec<_>>>()?;
    let folder = DescribeLogDirsResult::default()
        .with_error_code(error)
        .with_log_dir(path)
        .with_topics(topics)
        .with_total_bytes(buf.try_get_i64()?)
        .with_usable_bytes(buf.try_get_i64()?);
    let is_cordoned = buf.try_get_u8()? != 0;
    skip_tags(buf)?;
    Ok((folder, is_cordoned))
}

fn skip_tags<B: ByteBuf>(buf: &mut B) -> anyhow::Result<()> {
    for _ in 0..varint(buf)? {
        varint(buf)?;
        let size = varint(buf)?;
        buf.try_get_bytes(usize::try_from(size)?)?;
    }
    Ok(())
}

fn varint<B: ByteBuf>(buf: &mut B) -> anyhow::Result<u32> {
    let mut value = 0;
    for shift in [0, 7, 14, 21, 28] {
        let byte = buf.try_get_u8()?;
        value |= u32::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            break;
        }
    }
    Ok(value)
}
