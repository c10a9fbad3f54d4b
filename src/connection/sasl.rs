//! `sasl.*`: which mechanism, and what it needs.

use std::collections::BTreeMap;

use super::jaas::{self, LoginModule};
use super::problem::{PropertyOrigin, PropertyProblem};
use super::reading::{GivenProperty, PropertyReader};
use super::{Credentials, MskIam, Sasl, ScramHash, Trust, oauth};
use crate::model::{Secret, invisible_in, is_invisible, printable};

const MECHANISMS: &str = "PLAIN, SCRAM-SHA-256, SCRAM-SHA-512, OAUTHBEARER and AWS_MSK_IAM are supported";

/// `None` if something is wrong; it is reported.
pub(super) fn parse_sasl(reading: &mut PropertyReader<'_>, trust: Option<&Trust>) -> Option<Sasl> {
    let Some((word, mechanism)) = reading.word("sasl.mechanism") else {
        let protocol = reading.given("security.protocol")?;
        let message = "`security.protocol` asks for SASL, and `sasl.mechanism` is not given: Kafka's default \
                       is GSSAPI (Kerberos), which topicctl does not support";
        reading.missing(&protocol.origin, message.to_owned(), MECHANISMS);
        return None;
    };
    warn_of_handler(reading);
    match word.to_ascii_uppercase().as_str() {
        "AWS_MSK_IAM" => aws_msk_iam(reading, &mechanism).map(Sasl::AwsMskIam),
        "PLAIN" => credentials(reading, &mechanism, "PlainLoginModule").map(Sasl::Plain),
        "SCRAM-SHA-256" => scram(reading, &mechanism, ScramHash::Sha256),
        "SCRAM-SHA-512" => scram(reading, &mechanism, ScramHash::Sha512),
        "OAUTHBEARER" => oauth::parse_tokens(reading, &mechanism, trust).map(Sasl::OAuthBearer),
        other => {
            refuse(reading, &mechanism, other);
            None
        }
    }
}

/// A Java class that would log in; AWS's is known by what it does.
fn warn_of_handler(reading: &mut PropertyReader<'_>) {
    let Some((class, found)) = reading.word("sasl.client.callback.handler.class") else {
        return;
    };
    if !class.starts_with(AWS_CLASSES) {
        let problem = PropertyProblem::warning(&found.origin, format!("`{}` has no effect", found.name));
        reading.report(problem.suggest("give the user name and password themselves"));
    }
}

/// Where the classes of `aws-msk-iam-auth` are.
pub(super) const AWS_CLASSES: &str = "software.amazon.msk.auth.iam.";

/// The login module is optional: without options, AWS's usual places are looked in.
fn aws_msk_iam(reading: &mut PropertyReader<'_>, mechanism: &GivenProperty) -> Option<MskIam> {
    let (options, origin) = match reading.given("sasl.jaas.config") {
        None => (BTreeMap::new(), mechanism.origin.clone()),
        Some(jaas) => {
            let (module, origin) = login_module(reading, jaas, "IAMLoginModule")?;
            (module.options, origin)
        }
    };
    msk_iam(reading, options, origin)
}

/// Its options, of which `awsDebugCreds` and the retries are its library's own business.
pub(super) fn msk_iam(
    reading: &mut PropertyReader<'_>,
    options: BTreeMap<String, Secret>,
    origin: PropertyOrigin,
) -> Option<MskIam> {
    const KNOWN: [&str; 11] = [
        "awsDebugCreds",
        "awsMaxBackOffTimeMs",
        "awsMaxRetries",
        "awsProfileName",
        "awsRoleAccessKeyId",
        "awsRoleArn",
        "awsRoleExternalId",
        "awsRoleSecretAccessKey",
        "awsRoleSessionName",
        "awsRoleSessionToken",
        "awsStsRegion",
    ];
    let mut read = BTreeMap::new();
    for (name, value) in options {
        if name.starts_with("aws") && !KNOWN.contains(&&*name) {
            let message = format!("`sasl.jaas.config`: `{}` has no effect", printable(&name));
            reading.report(PropertyProblem::warning(&origin, message));
        }
        let found = GivenProperty {
            name: "sasl.jaas.config",
            value,
            origin: origin.clone(),
        };
        read.insert(name, reading.dereferenced(found)?.value);
    }
    Some(MskIam::new(reading.environment, read, origin))
}

fn scram(reading: &mut PropertyReader<'_>, mechanism: &GivenProperty, hash: ScramHash) -> Option<Sasl> {
    credentials(reading, mechanism, "ScramLoginModule").map(|credentials| Sasl::Scram(hash, credentials))
}

fn refuse(reading: &mut PropertyReader<'_>, mechanism: &GivenProperty, name: &str) {
    let (message, instead) = match name {
        "GSSAPI" => (
            "GSSAPI (Kerberos) is not supported",
            "use a listener with SCRAM-SHA-512, OAUTHBEARER or client certificates (security.protocol=SSL)",
        ),
        _ => ("this mechanism is not supported", MECHANISMS),
    };
    let problem = PropertyProblem::error(&mechanism.origin, format!("`sasl.mechanism`: {message}"));
    reading.report(problem.suggest(instead));
}

fn credentials(
    reading: &mut PropertyReader<'_>,
    mechanism: &GivenProperty,
    module: &str,
) -> Option<Credentials> {
    let stated = stated_credentials(reading, mechanism, module)?;
    check_user(reading, stated)
}

/// A user name and a password, from whichever of the two ways of stating them takes precedence.
fn stated_credentials(
    reading: &mut PropertyReader<'_>,
    mechanism: &GivenProperty,
    module: &str,
) -> Option<Credentials> {
    let ways = reading.highest(&["sasl.jaas.config", "sasl.username", "sasl.password"]);
    let Some(first) = ways.first() else {
        let message = "`sasl.mechanism` needs a user name and a password, and neither is given".to_owned();
        let suggestion = "state `sasl.username` and `sasl.password`, or `sasl.jaas.config`";
        reading.missing(&mechanism.origin, message, suggestion);
        return None;
    };
    let both = ways
        .iter()
        .filter(|way| way.origin.precedence() == first.origin.precedence());
    let (jaas, named): (Vec<&GivenProperty>, Vec<&GivenProperty>) =
        both.partition(|way| way.name == "sasl.jaas.config");
    match (jaas.first(), named.first()) {
        (Some(jaas), Some(named)) => {
            let message = format!(
                "`sasl.jaas.config` and `{}` both state who logs in; the other is at {}",
                named.name, named.origin
            );
            reading.missing(&jaas.origin, message, "leave one of them out");
            None
        }
        (Some(jaas), None) => from_jaas(reading, (*jaas).clone(), module),
        (None, _) => from_names(reading, mechanism),
    }
}

/// A line end or the like came along from where the name was kept: no user has it.
fn check_user(reading: &mut PropertyReader<'_>, credentials: Credentials) -> Option<Credentials> {
    let name = credentials.username.reveal();
    if !name.contains(is_invisible) {
        return Some(credentials);
    }
    let invisible = invisible_in(name).unwrap_or_default();
    let message = format!("the user name {invisible}, which cannot be seen and is part of no user name");
    let suggestion = "take it out where the name is kept: `echo -n`, or `printf %s`, writes no line end";
    reading.missing(&credentials.origin, message, suggestion);
    None
}

fn from_names(reading: &mut PropertyReader<'_>, mechanism: &GivenProperty) -> Option<Credentials> {
    let username = required(reading, mechanism, "sasl.username");
    let password = required(reading, mechanism, "sasl.password");
    let (username, password) = (username?, password?);
    Some(Credentials {
        username: username.value,
        password: password.value,
        origin: password.origin,
    })
}

fn required(
    reading: &mut PropertyReader<'_>,
    mechanism: &GivenProperty,
    name: &'static str,
) -> Option<GivenProperty> {
    let Some(found) = reading.given(name) else {
        let message = format!("`sasl.mechanism` needs `{name}`, and it is not given");
        reading.missing(
            &mechanism.origin,
            message,
            "secrets come from `${VARIABLE}` or `file:PATH`",
        );
        return None;
    };
    let found = reading.dereferenced(found)?;
    not_empty(reading, found)
}

fn not_empty(reading: &mut PropertyReader<'_>, found: GivenProperty) -> Option<GivenProperty> {
    if found.value.reveal().is_empty() {
        reading.error(&found.origin, format!("`{}` is empty", found.name));
        return None;
    }
    Some(found)
}

fn from_jaas(reading: &mut PropertyReader<'_>, jaas: GivenProperty, module: &str) -> Option<Credentials> {
    let found = login_module(reading, jaas, module)?;
    refuse_delegation(reading, &found)?;
    let username = option(reading, &found, "username");
    let password = option(reading, &found, "password");
    Some(Credentials {
        username: username?,
        password: password?,
        origin: found.1,
    })
}

/// A delegation token looks like a user name and a password, and a broker takes it for one unless it is told.
fn refuse_delegation(
    reading: &mut PropertyReader<'_>,
    (module, origin): &(LoginModule, PropertyOrigin),
) -> Option<()> {
    let asks = module.options.get("tokenauth");
    if asks.is_none_or(|asks| !asks.reveal().trim().eq_ignore_ascii_case("true")) {
        return Some(());
    }
    let message = "`sasl.jaas.config` states tokenauth, and delegation tokens are not supported".to_owned();
    reading.missing(
        origin,
        message,
        "log in with the user name and password of a SCRAM user",
    );
    None
}

/// The login module of a JAAS text, if it is the one that the mechanism needs.
pub(super) fn login_module(
    reading: &mut PropertyReader<'_>,
    jaas: GivenProperty,
    wanted: &str,
) -> Option<(LoginModule, PropertyOrigin)> {
    let jaas = reading.dereferenced(jaas)?;
    let module = match jaas::parse(jaas.value.reveal()) {
        Ok(module) => module,
        Err(malformed) => {
            let message = format!("`sasl.jaas.config` cannot be understood: {}", malformed.0);
            let form = format!("it has the form `…{wanted} required name=\"value\" …;`");
            reading.missing(&jaas.origin, message, &form);
            return None;
        }
    };
    if module.name != wanted {
        let message = "`sasl.jaas.config` has a login module that does not belong to `sasl.mechanism`";
        reading.missing(
            &jaas.origin,
            message.to_owned(),
            &format!("this mechanism needs {wanted}"),
        );
        return None;
    }
    Some((module, jaas.origin))
}

/// A required option of a login module; like other secrets it may stand in a file.
fn option(
    reading: &mut PropertyReader<'_>,
    (module, origin): &(LoginModule, PropertyOrigin),
    name: &str,
) -> Option<Secret> {
    let value = module
        .options
        .get(name)
        .filter(|value| !value.reveal().is_empty());
    let Some(value) = value else {
        reading.error(origin, format!("`sasl.jaas.config` states no {name}"));
        return None;
    };
    let found = GivenProperty {
        name: "sasl.jaas.config",
        value: value.clone(),
        origin: origin.clone(),
    };
    reading.dereferenced(found).map(|found| found.value)
}
