//! Text that must not be seen: it shows itself only to who asks for it by name.

use std::fmt;
use std::sync::Arc;

use zeroize::Zeroizing;

/// A value that is never printed, logged or serialised. `Debug` and `Display` give a fixed word, whatever
/// the value and its length; there is no `Serialize`. Its memory is wiped once nobody has it any more.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Arc<Zeroizing<String>>);

impl Secret {
    /// Wraps the value. A `String` is taken as it is; of anything else a copy stays behind.
    pub fn new(value: impl Into<String>) -> Self {
        Self(Arc::new(Zeroizing::new(value.into())))
    }

    /// The value itself. Whoever calls this sees to it that the value goes to the broker and nowhere else.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[hidden]")
    }
}

impl fmt::Display for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad("[hidden]")
    }
}

/// Whether a key or a name of a variable is that of a secret, or some word of a line is one: `sasl.password`,
/// `apiKey`, `TOKEN_FILE`, `ssl.key.pem`. The one judgement for everything that is shown or saved.
pub fn names_secret(text: &str) -> bool {
    let in_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    // What a hyphen follows may be the secret itself: `${token-hunter2}`.
    let is_secret = |name: &str| is_secret_name(name) || name.split('-').any(is_secret_name);
    text.split(|c: char| !in_name(c)).any(is_secret)
}

fn is_secret_name(name: &str) -> bool {
    // The shortest of them; most words of a manifest end here.
    name.len() >= 3 && {
        let name = name.to_ascii_lowercase();
        let words: Vec<&str> = name
            .split(|c: char| !c.is_ascii_alphanumeric())
            .filter(|word| !word.is_empty())
            .collect();
        says_secret(&words) || ends_in_secret(&words)
    }
}

/// These words mean a secret wherever they stand in a name.
fn says_secret(words: &[&str]) -> bool {
    const PARTS: [&str; 6] = ["password", "passwd", "passphrase", "passcode", "secret", "jaas"];
    words
        .iter()
        .any(|word| PARTS.iter().any(|part| word.contains(part)))
}

/// These mean one at the end of a name: `access.token` is one, `token.max.lifetime.ms` is none.
fn ends_in_secret(words: &[&str]) -> bool {
    const HOLDERS: [&str; 6] = ["file", "path", "pem", "base64", "b64", "env"];
    let bare = words
        .iter()
        .rposition(|word| !HOLDERS.contains(word))
        .map_or(words, |last| &words[..=last]);
    let is_held = bare.len() < words.len();
    let Some((last, before)) = bare.split_last() else {
        return false;
    };
    let last = last.trim_end_matches(|c: char| c.is_ascii_digit());
    let qualifier = before.last().copied();
    match last {
        "key" | "keys" => is_held || qualifier.is_some_and(is_key_of_secret),
        "pwd" | "credential" | "credentials" | "authorization" | "bearer" => true,
        "info" => qualifier == Some("user"),
        "string" => qualifier == Some("connection"),
        last => ["key", "keys", "token", "tokens"]
            .iter()
            .any(|end| last.ends_with(end)),
    }
}

/// `key` alone is no secret, and neither is that of a record.
fn is_key_of_secret(qualifier: &str) -> bool {
    const OF_DATA: [&str; 9] = [
        "message",
        "record",
        "partition",
        "primary",
        "foreign",
        "routing",
        "sort",
        "topic",
        "schema",
    ];
    !OF_DATA.contains(&qualifier)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_shows_itself_only_when_asked_by_name() {
        let secret = Secret::new("hunter2");
        assert_eq!(
            format!("{secret} {secret:?} {secret:#?}"),
            "[hidden] [hidden] [hidden]"
        );
        assert_eq!(secret.reveal(), "hunter2");
    }

    #[test]
    fn names_of_secrets_are_recognised() {
        for secret in [
            "sasl.password: x",
            "ssl.key.pem",
            "ssl.keystore.key",
            "ssl.key.password",
            "apiKey: x",
            "API_KEYS",
            "api.key2",
            "access-token",
            "the token is x",
            "TOKEN_FILE",
            "${token-x}",
            "api-key",
            "ClientSecret",
            "delegation.token.secret.key",
            "sasl.jaas.config",
            "db_passwd",
            "basic.auth.user.info",
            "basic.auth.credentials",
            "azure.connection.string",
            "Authorization: Bearer x",
            "key.pem",
        ] {
            assert!(names_secret(secret), "{secret}");
        }
    }

    #[test]
    fn names_that_only_sound_like_it_are_not() {
        for harmless in [
            "key: string",
            "keys",
            "confluent.key.schema.validation",
            "confluent.key.subject.name.strategy: io.confluent.X",
            "delegation.token.max.lifetime.ms",
            "partition_key: user",
            "message.key",
            "ssl.keystore.location",
            "ssl.keymanager.algorithm",
            "retention: 7d",
            "keyed records",
            "key-value.v1x keyboard",
            "tokenizer",
            "user.name",
        ] {
            assert!(!names_secret(harmless), "{harmless}");
        }
    }

    #[test]
    fn no_config_of_kafka_s_topics_is_taken_for_a_secret() {
        for known in crate::model::known::all() {
            assert!(!names_secret(known.name), "{}", known.name);
        }
    }
}
