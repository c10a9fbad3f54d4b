//! `sasl.oauthbearer.*`: where tokens come from.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use tokio_rustls::rustls::pki_types::CertificateDer;

use super::Trust;
use super::anchors::issuers;
use super::jaas::LoginModule;
use super::problem::PropertyOrigin;
use super::reading::{GivenProperty, PropertyReader, referred};
use super::sasl::{AWS_CLASSES, login_module, msk_iam};
use super::stores;
use super::strimzi::{self, LoginOption};
use super::token_endpoint::{Endpoint, is_safe};
use super::tokens::{TokenSource, Tokens};
use crate::model::{Secret, printable};

const URL: &str = "sasl.oauthbearer.token.endpoint.url";
const ID: &str = "sasl.oauthbearer.client.id";
const SECRET: &str = "sasl.oauthbearer.client.secret";
const MODULE: &str = "OAuthBearerLoginModule";
const SOURCES: &str = "state `sasl.oauthbearer.token.endpoint.url`: an https address with a client id and secret, or \
                       file:///PATH for a file that holds a token";

/// `None` if something is wrong; it is reported.
pub(super) fn parse_tokens(
    reading: &mut PropertyReader<'_>,
    mechanism: &GivenProperty,
    trust: Option<&Trust>,
) -> Option<Tokens> {
    let module = match reading.given("sasl.jaas.config") {
        None => None,
        Some(jaas) => Some(login_module(reading, jaas, MODULE)?),
    };
    let handler = reading.word("sasl.login.callback.handler.class");
    if let Some((_, handler)) = handler.filter(|(class, _)| class.starts_with(AWS_CLASSES)) {
        let (options, origin) = module.map_or_else(
            || (BTreeMap::new(), handler.origin),
            |(module, origin)| (module.options, origin),
        );
        return msk_iam(reading, options, origin).map(Tokens::of_msk);
    }
    if let Some(module) = &module {
        take_options(reading, module)?;
    }
    if let Some(token) = reading.secret(strimzi::ACCESS_TOKEN) {
        return Some(Tokens {
            extensions: extensions(reading, module.as_ref())?,
            origin: token.origin,
            source: TokenSource::Stated(token.value),
            in_use: Arc::default(),
            broker: None,
        });
    }
    let Some((url, found)) = reading.word(URL) else {
        let message = "`sasl.mechanism` is OAUTHBEARER, and nothing says where tokens come from".to_owned();
        reading.missing(&mechanism.origin, message, SOURCES);
        return None;
    };
    let extensions = extensions(reading, module.as_ref())?;
    let source = match referred(&url) {
        Some(path) => {
            reading.warn_if_exposed(&found, Path::new(path));
            TokenSource::File(path.into())
        }
        None => TokenSource::Endpoint(endpoint(reading, &url, &found, module.as_ref(), trust)?),
    };
    Some(Tokens {
        source,
        extensions,
        origin: found.origin,
        in_use: Arc::default(),
        broker: None,
    })
}

type Module = (LoginModule, PropertyOrigin);

/// What Strimzi's client has as options of its login module, as the properties that mean the same.
fn take_options(reading: &mut PropertyReader<'_>, (module, origin): &Module) -> Option<()> {
    let mut is_whole = true;
    for (option, value) in &module.options {
        let put = |reading: &mut PropertyReader<'_>, name, value| {
            let origin = origin.clone();
            reading.put_option(option, GivenProperty { name, value, origin });
        };
        match strimzi::classify(option) {
            None | Some(LoginOption::OfItsOwn) => {}
            Some(LoginOption::Means(name)) => put(reading, name, value.clone()),
            Some(LoginOption::TokenFile) => {
                put(reading, URL, Secret::new(["file:", value.reveal()].concat()));
            }
            Some(LoginOption::Unsupported(instead)) => {
                let message = format!("`{}` of `sasl.jaas.config` is not supported", printable(option));
                reading.missing(origin, message, instead);
                is_whole = false;
            }
        }
    }
    is_whole.then_some(())
}

fn endpoint(
    reading: &mut PropertyReader<'_>,
    url: &str,
    found: &GivenProperty,
    module: Option<&Module>,
    trust: Option<&Trust>,
) -> Option<Endpoint> {
    if !is_safe(url) {
        let message = format!("`{URL}` would send the client's secret in plain text");
        reading.missing(
            &found.origin,
            message,
            "use https; http is for this machine alone",
        );
        return None;
    }
    let client_id = part(reading, found, module, ID, "clientId");
    let client_secret = part(reading, found, module, SECRET, "clientSecret");
    let encodes = is_encoding(reading);
    let scope = optional(reading, module, "sasl.oauthbearer.scope", "scope");
    let audience = optional(reading, None, strimzi::AUDIENCE, "");
    let trusted = trusted(reading, trust);
    Some(Endpoint {
        url: url.to_owned(),
        client_id: client_id?,
        client_secret: client_secret?,
        encodes_client: encodes?,
        scope: scope.ok()?,
        audience: audience.ok()?,
        trusted: trusted?,
    })
}

/// Whether id and secret are URL-encoded, as RFC 6749 wants it and many providers do not; Java's default is
/// not to.
fn is_encoding(reading: &mut PropertyReader<'_>) -> Option<bool> {
    const NAME: &str = "sasl.oauthbearer.header.urlencode";
    let Some((word, found)) = reading.word(NAME) else {
        return Some(false);
    };
    match word.to_ascii_lowercase().as_str() {
        "true" => Some(true),
        "false" => Some(false),
        _ => {
            reading.error(&found.origin, format!("`{NAME}` is neither true nor false"));
            None
        }
    }
}

/// Those that are given for HTTPS, and no others; otherwise those of the system, and those that are trusted
/// with the brokers.
fn trusted(reading: &mut PropertyReader<'_>, trust: Option<&Trust>) -> Option<Vec<CertificateDer<'static>>> {
    if let Some(given) = stores::https_trust(reading).ok()? {
        return Some(given);
    }
    Some(match trust {
        Some(Trust::System(certificates)) => issuers(certificates),
        Some(Trust::Given { certificates, .. }) => {
            let mut all = rustls_native_certs::load_native_certs().certs;
            all.extend(issuers(certificates));
            all
        }
        Some(Trust::Anyone) | None => rustls_native_certs::load_native_certs().certs,
    })
}

fn part(
    reading: &mut PropertyReader<'_>,
    url: &GivenProperty,
    module: Option<&Module>,
    name: &'static str,
    option: &str,
) -> Option<Secret> {
    if let Some(value) = optional(reading, module, name, option).ok()? {
        return Some(value);
    }
    let message = format!("`{URL}` needs `{name}`, and it is not given");
    reading.missing(
        &url.origin,
        message,
        "secrets come from `${VARIABLE}` or `file:PATH`",
    );
    None
}

/// A reference that leads nowhere, which was said.
struct ReportedReference;

/// From the property, or from the option of the login module that older clients have instead: whichever takes
/// precedence.
fn optional(
    reading: &mut PropertyReader<'_>,
    module: Option<&Module>,
    name: &'static str,
    option: &str,
) -> Result<Option<Secret>, ReportedReference> {
    let property = reading.given(name);
    let option = module.and_then(|(module, origin)| {
        Some(GivenProperty {
            name: "sasl.jaas.config",
            value: module.options.get(option)?.clone(),
            origin: origin.clone(),
        })
    });
    match higher(reading, property, option)? {
        None => Ok(None),
        Some(found) => match reading.dereferenced(found) {
            Some(found) => Ok(Some(found.value).filter(|value| !value.reveal().is_empty())),
            None => Err(ReportedReference),
        },
    }
}

fn higher(
    reading: &mut PropertyReader<'_>,
    property: Option<GivenProperty>,
    option: Option<GivenProperty>,
) -> Result<Option<GivenProperty>, ReportedReference> {
    let (Some(property), Some(option)) = (&property, &option) else {
        return Ok(property.or(option));
    };
    match property.origin.precedence().cmp(&option.origin.precedence()) {
        Ordering::Greater => Ok(Some(property.clone())),
        Ordering::Less => Ok(Some(option.clone())),
        Ordering::Equal => {
            let message = format!(
                "`sasl.jaas.config` and `{}` both state who asks for a token; the other is at {}",
                property.name, property.origin
            );
            reading.missing(&option.origin, message, "leave one of them out");
            Err(ReportedReference)
        }
    }
}

/// `sasl.oauthbearer.extensions=name=value,…`, and the module's `extension_name`.
fn extensions(reading: &mut PropertyReader<'_>, module: Option<&Module>) -> Option<Vec<(String, Secret)>> {
    let mut extensions = Vec::new();
    if let Some((module, _)) = module {
        let options = module.options.iter();
        extensions.extend(
            options.filter_map(|(name, value)| {
                Some((name.strip_prefix("extension_")?.to_owned(), value.clone()))
            }),
        );
    }
    if let Some((text, found)) = reading.word("sasl.oauthbearer.extensions") {
        for pair in text.split(',') {
            let Some((name, value)) = pair.split_once('=') else {
                reading.error(
                    &found.origin,
                    "`sasl.oauthbearer.extensions` is not of the form name=value,name=value",
                );
                return None;
            };
            extensions.push((name.trim().to_owned(), Secret::new(value.trim())));
        }
    }
    let letters =
        |name: &str| !name.is_empty() && name != "auth" && name.bytes().all(|b| b.is_ascii_alphabetic());
    let is_legal = |(name, value): &(String, Secret)| {
        letters(name)
            && value
                .reveal()
                .bytes()
                .all(|byte| byte.is_ascii_graphic() || byte == b' ')
    };
    if let Some(jaas) = reading
        .given("sasl.mechanism")
        .filter(|_| !extensions.iter().all(is_legal))
    {
        reading.error(
            &jaas.origin,
            "an extension of the token has a name or value that SASL does not allow",
        );
        return None;
    }
    Some(extensions)
}
