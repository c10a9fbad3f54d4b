//! The options that Strimzi's OAuth client (`io.strimzi.kafka.oauth.client`) takes from a login module, as the
//! properties that mean the same here. Names: `ClientConfig` and `Config` of strimzi-kafka-oauth 0.15.

use super::jaas;
use crate::model::Secret;

const TOKEN_SOURCE: &str = "sasl.oauthbearer.token.endpoint.url";

/// What one of its options is to a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LoginOption {
    /// The same as this property.
    Means(&'static str),
    /// The file of a token: the same as a `file:` address of the token endpoint.
    TokenFile,
    /// How often and how long its client tries, or what it reads from a token: its own business.
    OfItsOwn,
    /// Not done here; what would do instead.
    Unsupported(&'static str),
}

/// The token itself; no client has a property for it.
pub(super) const ACCESS_TOKEN: &str = "oauth.access.token";

/// Whom the token is for; no client has a property for it.
pub(super) const AUDIENCE: &str = "oauth.audience";

const OPTIONS: &[(&str, LoginOption)] = &[
    ("oauth.access.token", LoginOption::Means(ACCESS_TOKEN)),
    ("oauth.access.token.location", LoginOption::TokenFile),
    ("oauth.audience", LoginOption::Means(AUDIENCE)),
    (
        "oauth.client.id",
        LoginOption::Means("sasl.oauthbearer.client.id"),
    ),
    (
        "oauth.client.secret",
        LoginOption::Means("sasl.oauthbearer.client.secret"),
    ),
    ("oauth.scope", LoginOption::Means("sasl.oauthbearer.scope")),
    (
        "oauth.ssl.truststore.certificates",
        LoginOption::Means("https.ca.pem"),
    ),
    (
        "oauth.ssl.truststore.location",
        LoginOption::Means("https.ca.location"),
    ),
    (
        "oauth.ssl.truststore.password",
        LoginOption::Means(super::store_file::HTTPS_PASSWORD),
    ),
    ("oauth.ssl.truststore.type", LoginOption::OfItsOwn),
    ("oauth.ssl.secure.random.implementation", LoginOption::OfItsOwn),
    (
        "oauth.token.endpoint.uri",
        LoginOption::Means("sasl.oauthbearer.token.endpoint.url"),
    ),
    ("oauth.access.token.is.jwt", LoginOption::OfItsOwn),
    ("oauth.connect.timeout.seconds", LoginOption::OfItsOwn),
    ("oauth.read.timeout.seconds", LoginOption::OfItsOwn),
    ("oauth.http.retries", LoginOption::OfItsOwn),
    ("oauth.http.retry.pause.millis", LoginOption::OfItsOwn),
    ("oauth.include.accept.header", LoginOption::OfItsOwn),
    ("oauth.max.token.expiry.seconds", LoginOption::OfItsOwn),
    ("oauth.config.id", LoginOption::OfItsOwn),
    ("oauth.enable.metrics", LoginOption::OfItsOwn),
    ("oauth.username.claim", LoginOption::OfItsOwn),
    ("oauth.username.prefix", LoginOption::OfItsOwn),
    ("oauth.fallback.username.claim", LoginOption::OfItsOwn),
    ("oauth.fallback.username.prefix", LoginOption::OfItsOwn),
    ("oauth.tokens.not.jwt", LoginOption::OfItsOwn),
];

const CLIENT_CREDENTIALS: &str = "tokens come from `oauth.client.id` and `oauth.client.secret`, from `oauth.access.token`, or \
                                  from a file (`oauth.access.token.location`)";

/// What an option of a login module is; `None` for those that are not Strimzi's.
pub(super) fn classify(option: &str) -> Option<LoginOption> {
    if !option.starts_with("oauth.") {
        return None;
    }
    let known = OPTIONS.iter().find(|(name, _)| *name == option);
    Some(known.map_or_else(|| unsupported(option), |(_, known)| *known))
}

fn unsupported(option: &str) -> LoginOption {
    if option.starts_with("oauth.ssl.") {
        return LoginOption::Unsupported(
            "the token endpoint's certificate is always verified, with its name",
        );
    }
    LoginOption::Unsupported(CLIENT_CREDENTIALS)
}

/// The properties that the text of a login module states by these options. One that lies in a file states none here.
pub(super) fn properties_in(text: &str) -> Vec<(&'static str, Secret)> {
    let options = jaas::parse(text).map(|module| module.options).unwrap_or_default();
    let meant = options
        .into_iter()
        .filter_map(|(option, value)| match classify(&option)? {
            LoginOption::Means(name) => Some((name, value)),
            LoginOption::TokenFile => Some((TOKEN_SOURCE, Secret::new(["file:", value.reveal()].concat()))),
            LoginOption::OfItsOwn | LoginOption::Unsupported(_) => None,
        });
    meant.collect()
}
