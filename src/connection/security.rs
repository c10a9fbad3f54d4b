//! `security.protocol`: what a connection is protected by, and whether the other properties agree.

use super::problem::PropertyProblem;
use super::reading::PropertyReader;
use super::{Authentication, Security, sasl, stores};

const PROTOCOL: &str = "security.protocol";

/// The protocol of a listener.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Protocol {
    tls: bool,
    sasl: bool,
}

/// `None` if something is wrong; it is reported.
pub(super) fn parse_security(reading: &mut PropertyReader<'_>) -> Option<(Security, Authentication)> {
    let protocol = protocol(reading);
    let wants = protocol.unwrap_or(Protocol {
        tls: false,
        sasl: false,
    });
    let security = if wants.tls {
        stores::tls(reading).map(|tls| Security::Tls(Box::new(tls)))
    } else {
        Some(Security::Plaintext)
    };
    let authentication = if wants.sasl {
        let trust = match &security {
            Some(Security::Tls(tls)) => Some(&tls.trust),
            Some(Security::Plaintext) | None => None,
        };
        sasl::parse_sasl(reading, trust).map(Authentication::Sasl)
    } else {
        Some(Authentication::None)
    };
    protocol?;
    Some((security?, authentication?))
}

fn protocol(reading: &mut PropertyReader<'_>) -> Option<Protocol> {
    let Some((word, found)) = reading.word(PROTOCOL) else {
        return unstated(reading);
    };
    let protocol = match word.to_ascii_uppercase().as_str() {
        "PLAINTEXT" => (false, false),
        "SSL" => (true, false),
        "SASL_PLAINTEXT" => (false, true),
        "SASL_SSL" => (true, true),
        _ => {
            let message = format!("`{PROTOCOL}` has a value that is no security protocol");
            reading.missing(
                &found.origin,
                message,
                "it is PLAINTEXT, SSL, SASL_PLAINTEXT or SASL_SSL",
            );
            return None;
        }
    };
    let protocol = Protocol {
        tls: protocol.0,
        sasl: protocol.1,
    };
    without_effect(reading, &word.to_ascii_uppercase(), protocol);
    Some(protocol)
}

/// Nobody who states a password or a certificate means to connect in plain text.
fn unstated(reading: &mut PropertyReader<'_>) -> Option<Protocol> {
    let known = reading.beginning(&["sasl.", "ssl."]).next();
    let known = known.map(|found| (format!("`{}`", found.name), found.origin.clone()));
    let unknown = reading.asks.clone().map(|origin| ("this".to_owned(), origin));
    let Some((name, origin)) = known.or(unknown) else {
        return Some(Protocol {
            tls: false,
            sasl: false,
        });
    };
    let message = format!(
        "{name} asks for a secured connection, and `{PROTOCOL}` is not given: Kafka's default is PLAINTEXT"
    );
    reading.missing(
        &origin,
        message,
        "state security.protocol: SSL, SASL_PLAINTEXT or SASL_SSL; or PLAINTEXT, if plain text is meant",
    );
    None
}

/// A password that is not sent and a certificate that is not checked are worth a word.
fn without_effect(reading: &mut PropertyReader<'_>, said: &str, protocol: Protocol) {
    let unused: &[(bool, &str, &str)] = &[
        (protocol.tls, "ssl.", "SSL or SASL_SSL"),
        (protocol.sasl, "sasl.", "SASL_PLAINTEXT or SASL_SSL"),
    ];
    for (is_used, beginning, wanted) in unused {
        let first = reading.beginning(&[beginning]).next().cloned();
        if let Some(first) = first.filter(|_| !is_used) {
            let message = format!("`{}` has no effect, since `{PROTOCOL}` is {said}", first.name);
            let problem = PropertyProblem::warning(&first.origin, message);
            reading.report(problem.suggest(format!("it takes effect with {wanted}")));
        }
    }
}
