//! What topicctl aims at, next to what was measured. An aim that is missed is said, not punished: a
//! busy machine is no defect.

use serde::Serialize;

/// One aim.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Aim {
    pub(crate) what: &'static str,
    pub(crate) unit: Unit,
    /// At most this.
    pub(crate) limit: f64,
    pub(crate) measured: f64,
    pub(crate) met: bool,
}

/// What an aim counts in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Unit {
    Milliseconds,
    Mebibytes,
}

const MEBIBYTE: f64 = 1_048_576.0;

/// Bytes for people.
#[allow(clippy::cast_precision_loss)] // far below the 8 PiB from which it matters
pub(crate) fn mebibytes(bytes: u64) -> f64 {
    bytes as f64 / MEBIBYTE
}

fn aim(what: &'static str, unit: Unit, measured: f64, limit: f64) -> Aim {
    Aim {
        what,
        unit,
        limit,
        measured,
        met: measured <= limit,
    }
}

/// A diff with nothing to do, against the floor.
pub(crate) fn near_floor(topicctl_ms: f64, floor_ms: f64) -> Aim {
    let limit = 1.3 * floor_ms + 10.0;
    aim(
        "diff: 1.3 × the floor + 10 ms",
        Unit::Milliseconds,
        topicctl_ms,
        limit,
    )
}

/// The same against rdkafka.
pub(crate) fn half_of_rdkafka(topicctl_ms: f64, rdkafka_ms: f64) -> Aim {
    aim(
        "diff: 0.5 × rdkafka",
        Unit::Milliseconds,
        topicctl_ms,
        0.5 * rdkafka_ms,
    )
}

/// The memory of a diff.
pub(crate) fn small(peak_bytes: u64) -> Aim {
    aim(
        "diff: resident memory",
        Unit::Mebibytes,
        mebibytes(peak_bytes),
        64.0,
    )
}

/// Creating, up to the last acknowledgement.
pub(crate) fn near_bare_create(acknowledged_ms: f64, bare_ms: f64) -> Aim {
    let what = "create, to the last acknowledgement: 1.5 × a bare create with the shortest answer";
    aim(what, Unit::Milliseconds, acknowledged_ms, 1.5 * bare_ms)
}

/// Noticing that every broker shows what was created.
pub(crate) fn notices(done_after_visible_ms: f64) -> Aim {
    let what = "create: done after an independent poll sees all on every broker";
    aim(what, Unit::Milliseconds, done_after_visible_ms, 500.0)
}
