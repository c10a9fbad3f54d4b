//! Text that must not be seen: it shows itself only to who asks for it by name.

use std::fmt;
use std::sync::Arc;

/// A value that is never printed, logged or serialised. `Debug` and `Display` give a fixed word, whatever
/// the value and its length; there is no `Serialize`.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Arc<str>);

impl Secret {
    /// Wraps the value.
    pub fn new(value: impl Into<Arc<str>>) -> Self {
        Self(value.into())
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

/// Whether some word is about a secret: `sasl.password`, `apiKey`, `TOKEN_FILE`, `ssl.key.pem`.
pub fn names_secret(text: &str) -> bool {
    text.split(|c: char| !c.is_ascii_alphanumeric())
        .any(is_secret_word)
}

fn is_secret_word(word: &str) -> bool {
    const PARTS: [&str; 6] = ["password", "passwd", "passphrase", "secret", "token", "jaas"];
    // The shortest of them; most words of a manifest end here.
    if word.len() < 3 {
        return false;
    }
    let word = word.to_ascii_lowercase();
    // `key` ends words that name one (`apikey`, `sslKey`); inside others it means nothing (`keyed`).
    word.ends_with("key") || word.ends_with("keys") || PARTS.iter().any(|part| word.contains(part))
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
}
