//! Reading an object field by field. Reading and building go through here, so that nothing can be made
//! that would not be read.

use serde_json::{Map, Value};
use uuid::Uuid;

use super::violation::{ContractRule, FieldPath, Invalid, Violation, shown};

/// The fields of one object, taken out one after another. What is left are fields that the contract
/// does not know.
pub(super) struct Fields<'v> {
    left: Map<String, Value>,
    here: FieldPlace<'v>,
    violations: &'v mut Vec<Violation>,
}

/// A place in a document, as a way back to its top. A path is only made of it where something is wrong:
/// of a million events most are right.
#[derive(Clone, Copy)]
pub(super) enum FieldPlace<'h> {
    Top,
    Field(&'h FieldPlace<'h>, &'h str),
    Item(&'h FieldPlace<'h>, usize),
}

impl FieldPlace<'_> {
    fn path(&self) -> FieldPath {
        match self {
            Self::Top => FieldPath::default(),
            Self::Field(around, name) => around.path().field(name),
            Self::Item(around, index) => around.path().item(*index),
        }
    }
}

/// A type that a field can have.
pub(super) trait FieldValue: Sized {
    /// What a value has to keep to.
    const RULE: ContractRule;
    /// Whether null is a value too.
    const OR_NULL: bool = false;

    /// `None` if the value breaks the rule, which has been reported then.
    fn read(value: Value, at: &mut At<'_>) -> Option<Self>;
}

/// The place of one value, and where its problems go.
pub(super) struct At<'v> {
    here: FieldPlace<'v>,
    violations: &'v mut Vec<Violation>,
}

impl At<'_> {
    /// Reports that the value breaks the rule of `T`.
    pub(super) fn breaks<T: FieldValue>(&mut self, value: &Value) {
        self.violations.push(Violation {
            field: self.here.path(),
            rule: T::RULE,
            or_null: T::OR_NULL,
            found: Some(shown(value)),
        });
    }

    /// What `accept` makes of the value; nothing is a violation.
    pub(super) fn accept<T: FieldValue>(
        &mut self,
        value: &Value,
        accept: impl FnOnce(&Value) -> Option<T>,
    ) -> Option<T> {
        let accepted = accept(value);
        if accepted.is_none() {
            self.breaks::<T>(value);
        }
        accepted
    }
}

impl<'v> Fields<'v> {
    /// The fields of `value`; nothing but an object has any.
    fn of_value(value: Value, here: FieldPlace<'v>, violations: &'v mut Vec<Violation>) -> Option<Self> {
        let mut at = At { here, violations };
        let fields = Map::read(value, &mut at)?;
        let At { here, violations } = at;
        Some(Self {
            left: fields,
            here,
            violations,
        })
    }

    /// A field without a default.
    pub(super) fn required<T: FieldValue>(&mut self, name: &str) -> Option<T> {
        let Some(value) = self.left.remove(name) else {
            self.missing(name);
            return None;
        };
        self.read(name, value)
    }

    /// A field that need not be there.
    pub(super) fn optional<T: FieldValue>(&mut self, name: &str, default: impl FnOnce() -> T) -> Option<T> {
        match self.left.remove(name) {
            None => Some(default()),
            Some(value) => self.read(name, value),
        }
    }

    /// The fields of the object in a field without a default.
    pub(super) fn object<'a>(&'a mut self, name: &'a str) -> Option<Fields<'a>> {
        let Some(value) = self.left.remove(name) else {
            self.missing(name);
            return None;
        };
        Fields::of_value(value, FieldPlace::Field(&self.here, name), self.violations)
    }

    /// What nobody asked for.
    pub(super) fn rest(self) -> Map<String, Value> {
        self.left
    }

    fn missing(&mut self, name: &str) {
        self.violations.push(Violation {
            field: self.here.path().field(name),
            rule: ContractRule::Required,
            or_null: false,
            found: None,
        });
    }

    fn read<T: FieldValue>(&mut self, name: &str, value: Value) -> Option<T> {
        T::read(
            value,
            &mut At {
                here: FieldPlace::Field(&self.here, name),
                violations: self.violations,
            },
        )
    }
}

/// Reads a whole document with `read`, and gives either what it made of it or everything that is wrong.
pub(super) fn whole<T>(value: Value, read: impl FnOnce(Fields<'_>) -> Option<T>) -> Result<T, Invalid> {
    let mut violations = Vec::new();
    let document = Fields::of_value(value, FieldPlace::Top, &mut violations).and_then(read);
    match document {
        Some(document) if violations.is_empty() => Ok(document),
        Some(_) | None => Err(Invalid { violations }),
    }
}

impl<T: FieldValue> FieldValue for Option<T> {
    const RULE: ContractRule = T::RULE;
    const OR_NULL: bool = true;

    fn read(value: Value, at: &mut At<'_>) -> Option<Self> {
        if value.is_null() {
            return Some(None);
        }
        let before = at.violations.len();
        let read = T::read(value, at);
        for violation in &mut at.violations[before..] {
            violation.or_null |= violation.field == at.here.path();
        }
        read.map(Some)
    }
}

impl FieldValue for String {
    const RULE: ContractRule = ContractRule::Text;

    fn read(value: Value, at: &mut At<'_>) -> Option<Self> {
        if let Value::String(text) = value {
            return Some(text);
        }
        at.breaks::<Self>(&value);
        None
    }
}

impl FieldValue for Vec<String> {
    const RULE: ContractRule = ContractRule::Texts;

    fn read(value: Value, at: &mut At<'_>) -> Option<Self> {
        let Value::Array(items) = value else {
            at.breaks::<Self>(&value);
            return None;
        };
        let (count, here) = (items.len(), at.here);
        let item = |(index, item)| {
            let violations = &mut *at.violations;
            String::read(
                item,
                &mut At {
                    here: FieldPlace::Item(&here, index),
                    violations,
                },
            )
        };
        let texts: Self = items.into_iter().enumerate().filter_map(item).collect();
        (texts.len() == count).then_some(texts)
    }
}

impl FieldValue for Map<String, Value> {
    const RULE: ContractRule = ContractRule::Object;

    fn read(value: Value, at: &mut At<'_>) -> Option<Self> {
        if let Value::Object(fields) = value {
            return Some(fields);
        }
        at.breaks::<Self>(&value);
        None
    }
}

impl FieldValue for Uuid {
    const RULE: ContractRule = ContractRule::Uuid;

    /// Only the form with hyphens: the others that parsers know are nobody's here, and JSON Schema has
    /// no word for them.
    fn read(value: Value, at: &mut At<'_>) -> Option<Self> {
        at.accept(&value, |value| {
            let text = value.as_str().filter(|text| text.len() == 36)?;
            Self::try_parse(text).ok()
        })
    }
}

impl FieldValue for u64 {
    const RULE: ContractRule = ContractRule::Count;

    fn read(value: Value, at: &mut At<'_>) -> Option<Self> {
        at.accept(&value, |value| {
            value.as_u64().or_else(|| whole_number(value.as_f64()?))
        })
    }
}

/// `2.0` is the whole number 2 to JSON Schema and to pydantic alike.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the range is checked, and the number is whole"
)]
fn whole_number(number: f64) -> Option<u64> {
    const BEYOND: f64 = 18_446_744_073_709_551_616.0;
    (number.fract() == 0.0 && (0.0..BEYOND).contains(&number)).then_some(number as u64)
}
