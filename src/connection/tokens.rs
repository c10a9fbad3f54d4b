//! Tokens for OAUTHBEARER: from a file that somebody keeps fresh, or from the token endpoint of an identity
//! provider. One is used until it gets old, and never shown.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde::Deserialize;
use thiserror::Error;
use tokio_rustls::rustls::pki_types::UnixTime;
use zeroize::Zeroizing;

use super::aws::MskIam;
use super::certificate::date;
use super::problem::PropertyOrigin;
use super::token_endpoint::Endpoint;
use crate::bounded_read::{Accept, read_bounded};
use crate::model::Secret;

/// The part of a token's life, in percent, in which it is used again.
const USED_FOR: u32 = 80;

/// Where tokens come from. Clones share the token that is in use.
#[derive(Clone)]
pub struct Tokens {
    pub(super) source: TokenSource,
    /// What goes along with each token (KIP-342), such as a logical cluster.
    pub(super) extensions: Vec<(String, Secret)>,
    pub(super) origin: PropertyOrigin,
    pub(super) in_use: Arc<Mutex<Option<Token>>>,
    /// The broker that is to be shown one, where it is known by now.
    pub(super) broker: Option<Arc<str>>,
}

#[derive(Clone)]
pub(super) enum TokenSource {
    /// The token itself is stated.
    Stated(Secret),
    /// Read each time: whoever writes it keeps it fresh.
    File(PathBuf),
    /// Asked each time that the last token gets old.
    Endpoint(Endpoint),
    /// Signed here, with AWS credentials.
    Msk(MskIam),
}

/// A token.
#[derive(Clone)]
pub struct Token {
    text: Secret,
    /// `None`: it does not say.
    expires: Option<SystemTime>,
    /// From then on another one is asked for.
    is_old_at: Option<SystemTime>,
}

/// Why there is no token.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{words}")]
pub struct NoToken {
    words: String,
    is_transient: bool,
}

impl NoToken {
    /// It will be the same the next time.
    pub(super) fn for_good(words: impl Into<String>) -> Self {
        Self {
            words: words.into(),
            is_transient: false,
        }
    }

    /// Its source is not there now.
    pub(super) fn for_now(words: impl Into<String>) -> Self {
        Self {
            words: words.into(),
            is_transient: true,
        }
    }

    /// Whether it may be there a moment later, without anybody doing anything.
    pub fn is_transient(&self) -> bool {
        self.is_transient
    }

    fn stated_at(self, origin: &PropertyOrigin) -> Self {
        Self {
            words: format!("{self}; the source of tokens is stated at {origin}"),
            ..self
        }
    }
}

impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tokens")
            .field("origin", &self.origin)
            .finish_non_exhaustive()
    }
}

impl Tokens {
    /// Those that brokers of AWS MSK take.
    pub(super) fn of_msk(iam: MskIam) -> Self {
        Self {
            extensions: Vec::new(),
            origin: iam.origin().clone(),
            source: TokenSource::Msk(iam),
            in_use: Arc::default(),
            broker: None,
        }
    }

    pub(super) fn are_of_msk(&self) -> bool {
        matches!(self.source, TokenSource::Msk(_))
    }

    /// The same, for a broker with this host.
    #[must_use]
    pub fn for_broker(&self, host: &str) -> Self {
        Self {
            broker: Some(host.into()),
            ..self.clone()
        }
    }

    /// Where they come from, in words.
    pub fn credential_origin(&self) -> String {
        match &self.source {
            TokenSource::Msk(iam) => iam.credential_origin(),
            TokenSource::Stated(_) | TokenSource::File(_) | TokenSource::Endpoint(_) => {
                format!("the source of tokens is stated at {}", self.origin)
            }
        }
    }

    /// A token that is good for a while; one that is old but not over yet, where no other can be had now.
    /// Blocks for as long as `within` where it has to be asked for.
    ///
    /// # Errors
    /// Why there is none, for people, with where the source is stated.
    pub fn current(&self, within: Duration) -> Result<Token, NoToken> {
        let now = SystemTime::now();
        // Held while it is asked for, so that connections that open together share one token.
        let mut in_use = self.in_use.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(token) = in_use.as_ref().filter(|token| token.is_fresh(now)) {
            return Ok(token.clone());
        }
        match (self.fetch(within, now), in_use.as_ref()) {
            (Err(missing), Some(old)) if missing.is_transient() && old.lasts(now) => {
                tracing::warn!("the token in use is kept: {missing}");
                Ok(old.clone())
            }
            (Err(missing), _) => Err(missing.stated_at(&self.origin)),
            (Ok(token), _) => {
                if matches!(self.source, TokenSource::Endpoint(_) | TokenSource::Msk(_)) {
                    *in_use = Some(token.clone());
                }
                Ok(token)
            }
        }
    }

    fn fetch(&self, within: Duration, now: SystemTime) -> Result<Token, NoToken> {
        let token = match &self.source {
            TokenSource::Stated(token) => {
                Token::new(token.reveal().trim(), None, now).map_err(NoToken::for_good)?
            }
            TokenSource::File(path) => {
                let text = read_token(path).map_err(|error| {
                    NoToken::for_good(format!("the file of the token cannot be read ({error})"))
                })?;
                Token::new(text.trim(), None, now).map_err(NoToken::for_good)?
            }
            TokenSource::Endpoint(endpoint) => endpoint.ask(within, now)?,
            TokenSource::Msk(iam) => iam.token(self.broker.as_deref().unwrap_or_default(), now, within)?,
        };
        token.not_expired(now).map_err(NoToken::for_good)
    }

    /// Names and values that go along with each token.
    pub fn extensions(&self) -> &[(String, Secret)] {
        &self.extensions
    }

    /// The host and port of the token endpoint, if tokens come from one.
    pub fn endpoint(&self) -> Option<(String, u16)> {
        match &self.source {
            TokenSource::Stated(_) | TokenSource::File(_) | TokenSource::Msk(_) => None,
            TokenSource::Endpoint(endpoint) => Some(endpoint.address()),
        }
    }

    /// Where the source is stated.
    pub fn origin(&self) -> &PropertyOrigin {
        &self.origin
    }
}

/// Tokens take kilobytes at most.
const TOKEN_FILE_MAX: usize = 1 << 20;

fn read_token(path: &Path) -> io::Result<Zeroizing<String>> {
    let bytes = read_bounded(path, Accept::RegularFile, TOKEN_FILE_MAX)?;
    String::from_utf8(bytes)
        .map(Zeroizing::new)
        .map_err(|_| io::Error::new(io::ErrorKind::InvalidData, "it does not hold text"))
}

/// What a token says of itself; the rest of it is the broker's business.
#[derive(Deserialize)]
struct Claims {
    exp: Option<f64>,
}

impl Token {
    /// # Errors
    /// The text is no token.
    pub(super) fn new(text: &str, lasts: Option<Duration>, now: SystemTime) -> Result<Self, String> {
        if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err("what is there is no token".to_owned());
        }
        let expires = expiry(text).or_else(|| now.checked_add(lasts?));
        let is_old_at = expires.map(|expires| {
            let life = expires.duration_since(now).unwrap_or_default();
            // Divided first: a life of many ages times eighty is more than a duration holds.
            now + life / 100 * USED_FOR
        });
        Ok(Self {
            text: Secret::new(text),
            expires,
            is_old_at,
        })
    }

    /// The token itself. Whoever calls this sees to it that it goes to the broker and nowhere else.
    pub fn reveal(&self) -> &str {
        self.text.reveal()
    }

    /// When it ends, if it says so.
    pub fn expires(&self) -> Option<SystemTime> {
        self.expires
    }

    fn is_fresh(&self, now: SystemTime) -> bool {
        self.is_old_at.is_some_and(|moment| now < moment)
    }

    fn lasts(&self, now: SystemTime) -> bool {
        self.expires.is_some_and(|moment| now < moment)
    }

    fn not_expired(self, now: SystemTime) -> Result<Self, String> {
        match self.expires {
            Some(expires) if expires <= now => {
                let since = expires.duration_since(UNIX_EPOCH).unwrap_or_default();
                let since = date(UnixTime::since_unix_epoch(since));
                Err(format!("the token expired on {since}"))
            }
            Some(_) | None => Ok(self),
        }
    }
}

/// The `exp` of a JSON web token. Tokens of other forms do not say.
fn expiry(text: &str) -> Option<SystemTime> {
    let claims = BASE64_URL_SAFE_NO_PAD.decode(text.split('.').nth(1)?).ok()?;
    let claims: Claims = serde_json::from_slice(&claims).ok()?;
    let seconds = Duration::try_from_secs_f64(claims.exp?).ok()?;
    UNIX_EPOCH.checked_add(seconds)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn jwt(claims: &str) -> String {
        let part = |text: &str| BASE64_URL_SAFE_NO_PAD.encode(text);
        format!("{}.{}.", part(r#"{"alg":"none"}"#), part(claims))
    }

    fn at(seconds: u64) -> SystemTime {
        UNIX_EPOCH + Duration::from_secs(seconds)
    }

    #[test]
    fn a_token_says_itself_how_long_it_lasts() {
        let token = Token::new(&jwt(r#"{"exp":2000}"#), Some(Duration::from_secs(5)), at(1000)).unwrap();
        assert_eq!(token.expires(), Some(at(2000)));
        assert!(token.is_fresh(at(1799)) && !token.is_fresh(at(1800)));
        let opaque = Token::new("opaque", Some(Duration::from_secs(100)), at(1000)).unwrap();
        assert_eq!(opaque.expires(), Some(at(1100)));
        let endless = Token::new("opaque", None, at(1000)).unwrap();
        assert!(endless.expires().is_none() && !endless.is_fresh(at(1000)));
        // Somebody's clock counts nanoseconds.
        for seconds in ["1.8e18", "9e18"] {
            let late = Token::new(&jwt(&format!(r#"{{"exp":{seconds}}}"#)), None, at(1000)).unwrap();
            assert!(late.is_fresh(at(1_000_000)), "{seconds}");
        }
        for claims in [r#"{"exp":-1}"#, r#"{"exp":1e300}"#, r#"{"exp":"soon"}"#, "noise"] {
            assert!(
                Token::new(&jwt(claims), None, at(1000))
                    .unwrap()
                    .expires()
                    .is_none(),
                "{claims}"
            );
        }
    }

    #[test]
    fn an_expired_token_is_not_shown_to_a_broker() {
        let token = Token::new(&jwt(r#"{"exp":1000}"#), None, at(2000)).unwrap();
        let refused = token.not_expired(at(2000)).err().unwrap();
        assert_eq!(refused, "the token expired on 1970-01-01 00:16:40 UTC");
    }

    #[test]
    fn what_is_no_token_is_refused_without_being_shown() {
        for text in ["", "two words", "line\nbreak", "control\u{1}", "ümlaut"] {
            let refused = Token::new(text, None, at(0)).err();
            assert_eq!(refused.as_deref(), Some("what is there is no token"), "{text}");
        }
    }

    #[test]
    fn a_file_is_read_each_time() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let tokens = Tokens {
            source: TokenSource::File(file.path().to_owned()),
            extensions: Vec::new(),
            origin: PropertyOrigin::File {
                file: "client.properties".into(),
                line: 7,
            },
            in_use: Arc::default(),
            broker: None,
        };
        for text in ["first", "second"] {
            std::fs::write(file.path(), format!("{text}\n")).unwrap();
            assert_eq!(tokens.current(Duration::ZERO).unwrap().reveal(), text);
        }
        let zero = Tokens {
            source: TokenSource::File("/dev/zero".into()),
            ..tokens.clone()
        };
        assert_eq!(
            zero.current(Duration::ZERO).err().unwrap().to_string(),
            "the file of the token cannot be read (it is a device, not a regular file); the source of tokens is \
             stated at client.properties:7"
        );
        std::fs::write(file.path(), "").unwrap();
        let refused = tokens.current(Duration::ZERO).err().unwrap();
        assert_eq!(
            refused.to_string(),
            "what is there is no token; the source of tokens is stated at client.properties:7"
        );
        assert!(!format!("{tokens:?}").contains("second"));
    }
}
