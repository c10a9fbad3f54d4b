//! Reading events through serde, from JSON and from whatever else describes itself. The contract is
//! checked here as everywhere.

use serde::de::Error;
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use super::envelope::OnexEnvelopeV1;
use super::payload::{Payload, TestGenerationCompleted, TestGenerationFailed, TestGenerationStarted};

macro_rules! deserialize {
    ($($name:ident)*) => {
        $(impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                Self::from_value(Value::deserialize(deserializer)?).map_err(Error::custom)
            }
        })*
    };
}

deserialize!(TestGenerationStarted TestGenerationCompleted TestGenerationFailed OnexEnvelopeV1);
