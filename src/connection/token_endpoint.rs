//! The token endpoint of an identity provider, asked with a client's id and secret (RFC 6749, 4.4).

use std::fmt::Write as _;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde::Deserialize;
use serde_json::Value;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::CertificateDer;
use ureq::http::Uri;
use ureq::tls::{Certificate, RootCerts, TlsConfig};
use ureq::{Agent, Error, Proxy};
use zeroize::Zeroizing;

use super::tokens::{NoToken, Token};
use crate::model::{Secret, printable};

/// Tokens take kilobytes at most.
const ANSWER_MAX: u64 = 1 << 20;

/// Where to ask, and as whom.
#[derive(Clone)]
pub(super) struct Endpoint {
    pub(super) url: String,
    pub(super) client_id: Secret,
    pub(super) client_secret: Secret,
    /// Whether id and secret are URL-encoded before they are put together.
    pub(super) encodes_client: bool,
    pub(super) scope: Option<Secret>,
    /// Whom the token is for, as some providers want to be told.
    pub(super) audience: Option<Secret>,
    pub(super) trusted: Vec<CertificateDer<'static>>,
}

/// Whether a client's secret may be sent there: encrypted, or not over any network.
pub(super) fn is_safe(url: &str) -> bool {
    let host = |rest: &str| rest.split(['/', '?', '#']).next().unwrap_or_default().to_owned();
    if let Some(rest) = url.strip_prefix("https://") {
        return !host(rest).is_empty();
    }
    let Some(rest) = url.strip_prefix("http://") else {
        return false;
    };
    // What stands before an `@` is a user's name and no host, whatever it looks like.
    let host = host(rest);
    let is_port = |text: &str| text.parse::<u16>().is_ok();
    let name = host.rsplit_once(':').filter(|(_, port)| is_port(port));
    matches!(
        name.map_or(&*host, |(name, _)| name),
        "localhost" | "127.0.0.1" | "[::1]"
    )
}

#[derive(Deserialize)]
struct Granted {
    access_token: Option<String>,
    /// A number by the standard; some providers make a text of it.
    expires_in: Option<Value>,
}

#[derive(Deserialize)]
struct DeniedToken {
    error: String,
    error_description: Option<String>,
}

impl Endpoint {
    /// The host, without brackets, and the port that are asked.
    pub(super) fn address(&self) -> (String, u16) {
        let url = self.url.parse::<Uri>().unwrap_or_default();
        let host = url.host().unwrap_or_default().trim_matches(['[', ']']);
        let default = if url.scheme_str() == Some("http") { 80 } else { 443 };
        (host.to_owned(), url.port_u16().unwrap_or(default))
    }

    /// # Errors
    /// Why it gives no token, for people.
    pub(super) fn ask(&self, within: Duration, now: SystemTime) -> Result<Token, NoToken> {
        let mut response = self.post(within).map_err(|error| unanswered(&error))?;
        let status = response.status();
        let body = response
            .body_mut()
            .with_config()
            .limit(ANSWER_MAX)
            .read_to_string();
        let body = Zeroizing::new(body.map_err(|error| unanswered(&error))?);
        if !status.is_success() {
            return Err(denied(status.as_u16(), &body));
        }
        granted(&body, now)
    }

    fn post(&self, within: Duration) -> Result<ureq::http::Response<ureq::Body>, Error> {
        let mut form = vec![("grant_type", "client_credentials")];
        form.extend(self.scope.as_ref().map(|scope| ("scope", scope.reveal())));
        form.extend(
            self.audience
                .as_ref()
                .map(|audience| ("audience", audience.reveal())),
        );
        self.agent(within)
            .post(&self.url)
            .header("Authorization", &*self.authorization())
            .header("Accept", "application/json")
            .send_form(form)
    }

    fn authorization(&self) -> Zeroizing<String> {
        let part = |secret: &Secret| {
            if self.encodes_client {
                Zeroizing::new(url_encoded(secret.reveal()))
            } else {
                Zeroizing::new(secret.reveal().to_owned())
            }
        };
        let credentials = [&part(&self.client_id), ":", &part(&self.client_secret)].concat();
        let encoded = Zeroizing::new(BASE64_STANDARD.encode(Zeroizing::new(credentials).as_bytes()));
        Zeroizing::new(["Basic ", &encoded].concat())
    }

    fn agent(&self, within: Duration) -> Agent {
        let roots = self
            .trusted
            .iter()
            .map(|der| Certificate::from_der(der).to_owned());
        let tls = TlsConfig::builder()
            .root_certs(RootCerts::from(roots))
            .unversioned_rustls_crypto_provider(Arc::new(ring::default_provider()))
            .build();
        // Unencrypted, nothing goes further than this machine, whatever proxy the environment names.
        let encrypted = self.url.starts_with("https://");
        let proxy = Proxy::try_from_env().filter(|_| encrypted);
        Agent::config_builder()
            .tls_config(tls)
            .proxy(proxy)
            .timeout_global(Some(within))
            // A redirect would carry the secret to somewhere else.
            .max_redirects(0)
            .http_status_as_error(false)
            .build()
            .new_agent()
    }
}

fn granted(body: &str, now: SystemTime) -> Result<Token, NoToken> {
    let granted: Granted = serde_json::from_str(body)
        .map_err(|_| NoToken::for_good("the token endpoint's answer is no JSON with an `access_token`"))?;
    let seconds = match granted.expires_in {
        Some(Value::Number(number)) => number.as_f64(),
        Some(Value::String(text)) => text.trim().parse().ok(),
        _ => None,
    };
    let lasts = seconds.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    let text = granted.access_token.unwrap_or_default();
    Token::new(&text, lasts, now)
        .map_err(|why| NoToken::for_good(format!("the token endpoint's answer is no help: {why}")))
}

/// As a form encodes it: Java's `URLEncoder`.
fn url_encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b' ' => encoded.push('+'),
            b'.' | b'-' | b'*' | b'_' | b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' => {
                encoded.push(char::from(byte));
            }
            other => {
                let _ = write!(encoded, "%{other:02X}");
            }
        }
    }
    encoded
}

/// The provider's own words, where it uses those of the standard.
fn denied(status: u16, body: &str) -> NoToken {
    let words = serde_json::from_str::<DeniedToken>(body).ok().map(|denied| {
        let description = denied.error_description.unwrap_or_default();
        let words = format!(": {} {description}", denied.error);
        printable(words.trim_end()).into_owned()
    });
    let words = words.unwrap_or_default();
    match status {
        // It is in trouble itself, or asked too often.
        429 | 500.. => NoToken::for_now(format!("the token endpoint is in trouble (HTTP {status}{words})")),
        _ => NoToken::for_good(format!(
            "the token endpoint refuses the client (HTTP {status}{words})"
        )),
    }
}

fn unanswered(error: &Error) -> NoToken {
    let why = match error {
        Error::HostNotFound => "its name cannot be resolved".to_owned(),
        Error::ConnectionFailed => "nothing listens there".to_owned(),
        Error::Timeout(_) => "it does not answer in time".to_owned(),
        Error::Io(error) if error.kind() == std::io::ErrorKind::ConnectionRefused => {
            "nothing listens there".to_owned()
        }
        other => printable(&other.to_string()).into_owned(),
    };
    NoToken::for_now(format!("the token endpoint cannot be asked: {why}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_go_only_where_nobody_can_read_them() {
        for url in [
            "https://login.example/token",
            "http://localhost:8080/token",
            "http://127.0.0.1/token",
            "http://[::1]:80/t",
        ] {
            assert!(is_safe(url), "{url}");
        }
        for url in [
            "http://login.example/token",
            "http://localhost.example/token",
            "http://127.0.0.1@evil.example/",
            "http://localhost:8080@evil.example/token",
            "http://localhost:@evil.example/token",
            "http://[::1]:80@evil.example/token",
            "ftp://localhost/",
            "https:///token",
            "login.example",
        ] {
            assert!(!is_safe(url), "{url}");
        }
    }

    #[test]
    fn the_address_of_an_endpoint_is_where_it_is_asked() {
        for (url, expected) in [
            ("https://login.example/token", ("login.example", 443)),
            ("https://login.example:8443/a@b:1", ("login.example", 8443)),
            ("http://[::1]/token", ("::1", 80)),
            ("https://allowed.example:443@evil.example/", ("evil.example", 443)),
            ("https://not a url", ("", 443)),
        ] {
            let endpoint = Endpoint {
                url: url.to_owned(),
                client_id: Secret::new(""),
                client_secret: Secret::new(""),
                encodes_client: false,
                scope: None,
                audience: None,
                trusted: Vec::new(),
            };
            assert_eq!(endpoint.address(), (expected.0.to_owned(), expected.1), "{url}");
        }
    }

    fn lasts(body: &str) -> Option<SystemTime> {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1000);
        granted(body, now).unwrap().expires()
    }

    #[test]
    fn a_lifetime_may_be_a_text() {
        let until = |seconds| Some(SystemTime::UNIX_EPOCH + Duration::from_secs(seconds));
        assert_eq!(lasts(r#"{"access_token":"t","expires_in":300}"#), until(1300));
        assert_eq!(lasts(r#"{"access_token":"t","expires_in":300.0}"#), until(1300));
        assert_eq!(lasts(r#"{"access_token":"t","expires_in":"300"}"#), until(1300));
        for odd in ["null", "\"soon\"", "-1", "{}", "\"NaN\"", "1e400"] {
            let body = format!(r#"{{"access_token":"t","expires_in":{odd}}}"#);
            assert_eq!(lasts(&body), None, "{odd}");
        }
    }

    /// The examples are what Java's `URLEncoder` makes of them.
    #[test]
    fn a_client_is_encoded_as_java_does() {
        assert_eq!(url_encoded("a-Z_0.9*"), "a-Z_0.9*");
        assert_eq!(url_encoded("a b:c/d%~+ü"), "a+b%3Ac%2Fd%25%7E%2B%C3%BC");
        let authorization = |encodes_client| {
            let endpoint = Endpoint {
                url: "https://login.example/".to_owned(),
                client_id: Secret::new("a:b"),
                client_secret: Secret::new("c d"),
                encodes_client,
                scope: None,
                audience: None,
                trusted: Vec::new(),
            };
            endpoint.authorization().to_string()
        };
        let basic = |text: &str| format!("Basic {}", BASE64_STANDARD.encode(text));
        assert_eq!(authorization(false), basic("a:b:c d"));
        assert_eq!(authorization(true), basic("a%3Ab:c+d"));
    }

    #[test]
    fn a_refusal_has_the_providers_words() {
        let body = r#"{"error":"invalid_client","error_description":"no such\nclient"}"#;
        assert_eq!(
            denied(401, body).to_string(),
            "the token endpoint refuses the client (HTTP 401: invalid_client no such client)"
        );
        let passing = denied(502, "<html>");
        assert_eq!(passing.to_string(), "the token endpoint is in trouble (HTTP 502)");
        assert!(passing.is_transient() && !denied(401, body).is_transient());
    }
}
