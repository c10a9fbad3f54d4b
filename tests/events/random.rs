//! Random bytes and mutated events through the reader: it never panics, and what the types accept is what
//! the schemas accept.

use serde_json::{Value, json};
use topicctl::events::schema::Contract;
use topicctl::events::{Document, OnexEnvelopeV1, parse_json};

use crate::generate::{self, Dice};
use crate::rules::said;
use crate::schemas::{is_valid_by, validator};

/// How many; the whole is 200000.
const COUNT: &str = "TOPICCTL_RANDOM_EVENTS";
const USUAL_COUNT: usize = 4_000;

fn count() -> usize {
    match std::env::var(COUNT) {
        Ok(count) => count.parse().unwrap_or_else(|error| panic!("{COUNT}: {error}")),
        Err(_) => USUAL_COUNT,
    }
}

#[test]
fn what_is_written_is_read_as_the_same() {
    let mut dice = Dice(1);
    for _ in 0..count() / 4 {
        let envelope = generate::envelope(&mut dice);
        let text = serde_json::to_vec(&envelope).unwrap();
        assert_eq!(OnexEnvelopeV1::from_slice(&text).unwrap(), envelope);
        let through_serde: OnexEnvelopeV1 = serde_json::from_slice(&text).unwrap();
        assert_eq!(through_serde, envelope);
    }
}

#[test]
fn types_and_schemas_accept_the_same() {
    let validators = Contract::ALL.map(|contract| (contract, validator(contract)));
    let mut dice = Dice(2);
    let (mut accepted, mut refused) = (0, 0);
    for _ in 0..count() {
        let (contract, validator) = dice.pick(&validators);
        let bytes = mutated(*contract, &mut dice);
        // The reader's own way, which must not panic either.
        let _ = OnexEnvelopeV1::from_slice(&bytes);
        let Ok(value) = parse_json(&bytes) else {
            refused += 1;
            continue;
        };
        let _ = Document::from_value(value.clone());
        let said = said(*contract, &value);
        let is_valid = is_valid_by(validator, &value);
        assert_eq!(said.is_ok(), is_valid, "{contract:?}: {value}\n{said:?}");
        match said {
            Ok(written) => {
                accepted += 1;
                assert!(validator.is_valid(&written), "{contract:?}: {written}");
            }
            Err(_) => refused += 1,
        }
    }
    assert!(
        accepted * 10 > refused && refused * 10 > accepted,
        "{accepted} accepted, {refused} refused"
    );
}

/// A random event with something done to it, or bytes of no meaning.
fn mutated(contract: Contract, dice: &mut Dice) -> Vec<u8> {
    if dice.one_in(20) {
        return (0..dice.below(300))
            .map(|_| dice.number().to_le_bytes()[0])
            .collect();
    }
    let mut value = serde_json::to_value(match contract {
        Contract::Envelope => {
            return mutated_text(serde_json::to_value(generate::envelope(dice)).unwrap(), dice);
        }
        Contract::Payload(name) => loop {
            let event = generate::event(dice);
            if event.name() == name {
                break event;
            }
        },
    })
    .unwrap();
    mutated_text(value["payload"].take(), dice)
}

fn mutated_text(mut value: Value, dice: &mut Dice) -> Vec<u8> {
    for _ in 0..dice.below(3) {
        mutate(&mut value, dice);
    }
    let mut bytes = value.to_string().into_bytes();
    if dice.one_in(4) {
        let at = dice.below(bytes.len());
        match dice.below(4) {
            0 => bytes.truncate(at),
            1 => bytes[at] = dice.number().to_le_bytes()[0],
            2 => bytes.insert(at, *dice.pick(b"\"{}[],:0-.eNn\\\xff")),
            _ => drop(bytes.remove(at)),
        }
    }
    bytes
}

/// Changes one value anywhere, or takes it away.
fn mutate(value: &mut Value, dice: &mut Dice) {
    match value {
        Value::Object(fields) if !fields.is_empty() => {
            let key = fields.keys().nth(dice.below(fields.len())).unwrap().clone();
            if dice.one_in(6) {
                fields.remove(&key);
            } else if dice.one_in(12) {
                let moved = fields.remove(&key).unwrap();
                fields.insert(key.to_uppercase(), moved);
            } else {
                mutate(&mut fields[&key], dice);
            }
        }
        Value::Array(items) if !items.is_empty() && !dice.one_in(4) => {
            let at = dice.below(items.len());
            mutate(&mut items[at], dice);
        }
        Value::Null
        | Value::Bool(_)
        | Value::Number(_)
        | Value::String(_)
        | Value::Array(_)
        | Value::Object(_) => *value = replaced(value, dice),
    }
}

fn replaced(value: &Value, dice: &mut Dice) -> Value {
    match (dice.below(6), value) {
        // Near misses: one character of a time, an id or a name is another.
        (0..=2, Value::String(text)) if !text.is_empty() => {
            let mut characters: Vec<char> = text.chars().collect();
            let at = dice.below(characters.len());
            characters[at] = *dice.pick(&[
                '0', '1', '2', '3', '6', '9', '-', ':', '.', 'T', 'Z', 't', 'z', ' ', 'a', 'é',
            ]);
            json!(characters.into_iter().collect::<String>())
        }
        (0..=2, Value::Number(_)) => dice
            .pick(&[
                "-1",
                "-0",
                "-0.0",
                "1.0",
                "1.5",
                "2",
                "100",
                "100.00001",
                "1e19",
                "1e20",
                "1e400",
                "18446744073709551616",
                "-5e-324",
            ])
            .parse()
            .map(Value::Number)
            .unwrap(),
        (3, _) => json!(dice.timestamp()),
        (4, _) => json!(dice.uuid()),
        _ => dice.json(2),
    }
}
