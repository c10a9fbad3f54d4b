//! Random events that keep the contract, the same ones for the same seed.

use serde_json::{Map, Value, json};
use topicctl::events::{
    Event, OnexEnvelopeV1, Payload, TestGenerationCompleted, TestGenerationFailed, TestGenerationStarted,
    Timestamp,
};
use uuid::Uuid;

/// A small generator of numbers (splitmix64), so that a seed means the same events everywhere.
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    pub(crate) fn number(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A number below `limit`.
    pub(crate) fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.number() % u64::try_from(limit).unwrap()).unwrap()
    }

    pub(crate) fn one_in(&mut self, odds: usize) -> bool {
        self.below(odds) == 0
    }

    pub(crate) fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.below(from.len())]
    }

    #[expect(clippy::cast_precision_loss, reason = "53 bits are what a double has")]
    fn fraction(&mut self) -> f64 {
        match self.below(12) {
            0 => 0.0,
            1 => 1.0,
            2 => f64::MIN_POSITIVE,
            3 => 0.1 + 0.2,
            _ => (self.number() >> 11) as f64 / (1_u64 << 53) as f64,
        }
    }

    pub(crate) fn uuid(&mut self) -> Uuid {
        Uuid::from_u64_pair(self.number(), self.number())
    }

    pub(crate) fn text(&mut self) -> String {
        const PARTS: [&str; 12] = [
            "unit",
            "Node",
            "/",
            ".py",
            " ",
            "é",
            "漢字",
            "🦀",
            "\"\\",
            "\u{0}\u{1f}\n\t",
            "\u{2028}\u{feff}",
            "NaN",
        ];
        (0..self.below(6)).map(|_| *self.pick(&PARTS)).collect()
    }

    fn texts(&mut self) -> Vec<String> {
        (0..self.below(4)).map(|_| self.text()).collect()
    }

    pub(crate) fn timestamp(&mut self) -> Timestamp {
        let text = format!(
            "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}{}{}",
            1000 + self.below(8000),
            1 + self.below(12),
            1 + self.below(28),
            self.below(24),
            self.below(60),
            self.below(60),
            self.pick(&["", ".5", ".123456", ".000001", ".999999999"]),
            self.pick(&["Z", "+00:00", "-00:00", "+05:30", "-23:59", "+23:59"])
        );
        text.parse().unwrap()
    }

    pub(crate) fn json(&mut self, depth: usize) -> Value {
        match self.below(if depth == 0 { 8 } else { 10 }) {
            0 => Value::Null,
            1 => json!(self.one_in(2)),
            2 => json!(self.number()),
            3 => json!(i64::try_from(self.number() >> 1).unwrap().wrapping_neg()),
            4 => json!(self.fraction() * 1e9),
            5 => self.pick(&NUMBERS).parse().map(Value::Number).unwrap(),
            6 | 7 => json!(self.text()),
            8 => (0..self.below(3)).map(|_| self.json(depth - 1)).collect(),
            _ => Value::Object(self.object(depth - 1)),
        }
    }

    fn object(&mut self, depth: usize) -> Map<String, Value> {
        (0..self.below(4))
            .map(|_| (self.text(), self.json(depth)))
            .collect()
    }
}

/// Numbers that programs have lost digits of.
const NUMBERS: [&str; 8] = [
    "0.1",
    "1e300",
    "-0.0",
    "5e-324",
    "9007199254740993",
    "18446744073709551616",
    "123456789012345678901234567890",
    "-170141183460469231731687303715884105729",
];

/// A random envelope with a random event.
pub(crate) fn envelope(dice: &mut Dice) -> OnexEnvelopeV1 {
    let event = event(dice);
    let mut value = serde_json::to_value(OnexEnvelopeV1::new(dice.text(), event)).unwrap();
    value["event_id"] = json!(dice.uuid());
    value["event_timestamp"] = json!(dice.timestamp());
    value["metadata"] = Value::Object(dice.object(3));
    for field in [
        "source_service",
        "source_version",
        "source_instance",
        "causation_id",
        "region",
        "partition_key",
    ] {
        match dice.below(3) {
            0 => value[field] = Value::Null,
            1 => value[field] = json!(dice.text()),
            _ => {}
        }
    }
    if dice.one_in(4) {
        value["correlation_id"] = Value::Null;
    }
    if dice.one_in(3) {
        value["x-unknown"] = dice.json(2);
    }
    OnexEnvelopeV1::from_value(value).unwrap()
}

/// A random event.
pub(crate) fn event(dice: &mut Dice) -> Event {
    match dice.below(3) {
        0 => started(dice).into(),
        1 => completed(dice).into(),
        _ => failed(dice).into(),
    }
}

fn started(dice: &mut Dice) -> TestGenerationStarted {
    let payload = TestGenerationStarted::builder(dice.uuid())
        .test_contract_name(dice.text())
        .test_types(dice.texts())
        .node_name(dice.text())
        .output_directory(dice.text())
        .build();
    with_common(payload.unwrap(), dice)
}

fn completed(dice: &mut Dice) -> TestGenerationCompleted {
    let mut payload = TestGenerationCompleted::builder(dice.uuid())
        .generated_files(dice.texts())
        .file_count(dice.number() >> dice.below(64))
        .duration_seconds(dice.fraction() * 1e6)
        .quality_score(dice.fraction())
        .set("metadata", Value::Object(dice.object(3)));
    if dice.one_in(2) {
        payload = payload.test_coverage_estimate(dice.fraction() * 100.0);
    }
    with_common(payload.build().unwrap(), dice)
}

fn failed(dice: &mut Dice) -> TestGenerationFailed {
    let mut payload = TestGenerationFailed::builder(dice.uuid())
        .error_code(dice.text())
        .error_message(dice.text())
        .set("metadata", Value::Object(dice.object(3)));
    if dice.one_in(2) {
        payload = payload
            .stack_trace(dice.text())
            .partial_files_generated(dice.texts());
    }
    if dice.one_in(2) {
        payload = payload.failed_test_type(dice.text());
    }
    with_common(payload.build().unwrap(), dice)
}

fn with_common<P: Payload>(payload: P, dice: &mut Dice) -> P {
    let mut value = serde_json::to_value(payload).unwrap();
    value["timestamp"] = json!(dice.timestamp());
    if dice.one_in(2) {
        value["workflow_id"] = json!(dice.uuid());
    }
    if dice.one_in(3) {
        value["schema_version"] = json!(dice.text());
        value["unknown"] = dice.json(3);
    }
    P::from_value(value).unwrap()
}
