//! AWS MSK's IAM: a request to connect, signed with AWS credentials, is what brokers are shown. By `AWS_MSK_IAM` it is a
//! JSON document for one broker (version `2020_10_22` of `aws-msk-iam-auth`), by `OAUTHBEARER` a URL for the region, as a
//! token. Brokers of MSK take both; librdkafka knows the second one only.

mod chain;
mod credentials;
mod profile;
mod services;
mod settings;
mod sigv4;
#[cfg(test)]
pub(crate) mod stand_in;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;

use self::credentials::AwsCredentials;
use self::settings::AwsSettings;
use self::sigv4::{SignatureScope, SignedRequest};
use super::problem::PropertyOrigin;
use super::tokens::{NoToken, Token};
use super::variables::Environment;
use crate::model::{Secret, printable};

/// How long what is signed is good for; MSK takes no longer one.
const LASTS: Duration = Duration::from_mins(15);

/// Credentials that end this soon are not used any more where others can be had.
const SPARE: Duration = Duration::from_mins(5);

const ACTION: (&str, &str) = ("Action", "kafka-cluster:Connect");

const SERVICE: &str = "kafka-cluster";

const USER_AGENT: &str = concat!(env!("CARGO_PKG_NAME"), "/", env!("CARGO_PKG_VERSION"));

/// Parameters with their signature, and when the credentials end that signed.
type Signed = (Vec<(String, Secret)>, Option<SystemTime>);

/// Who asks to be let in by MSK. Clones share the credentials in use.
#[derive(Clone)]
pub struct MskIam {
    settings: AwsSettings,
    origin: PropertyOrigin,
    in_use: Arc<Mutex<Option<(AwsCredentials, String)>>>,
}

impl fmt::Debug for MskIam {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MskIam")
            .field("origin", &self.origin)
            .finish_non_exhaustive()
    }
}

impl MskIam {
    pub(super) fn new(
        environment: Environment<'_>,
        options: BTreeMap<String, Secret>,
        origin: PropertyOrigin,
    ) -> Self {
        Self {
            settings: AwsSettings::new(environment, options),
            origin,
            in_use: Arc::default(),
        }
    }

    /// Where the mechanism is stated.
    pub fn origin(&self) -> &PropertyOrigin {
        &self.origin
    }

    /// Where the credentials in use were found, in words.
    pub fn credential_origin(&self) -> String {
        let in_use = self.in_use.lock().unwrap_or_else(PoisonError::into_inner);
        match &*in_use {
            Some((_, place)) => format!("the AWS credentials are those of {place}"),
            None => format!("AWS credentials are asked for at {}", self.origin),
        }
    }

    /// What is shown to one broker by `AWS_MSK_IAM`. Blocks for as long as `within`.
    ///
    /// # Errors
    /// There are no credentials, or no region; for people.
    pub fn payload(&self, host: &str, within: Duration) -> Result<Secret, NoToken> {
        let signed = self.signed(host, host, SystemTime::now(), within)?.0;
        let fixed = [
            ("version", "2020_10_22"),
            ("host", host),
            ("user-agent", USER_AGENT),
        ];
        let fixed = fixed.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let signed = signed
            .into_iter()
            .map(|(name, value)| (name.to_ascii_lowercase(), value.reveal().to_owned()));
        let document: BTreeMap<String, String> = fixed.into_iter().chain(signed).collect();
        let text = serde_json::to_string(&document).map_err(|error| NoToken::for_good(error.to_string()))?;
        Ok(Secret::new(text))
    }

    /// The token by which any broker of the region lets in. `host` is one of them.
    ///
    /// # Errors
    /// As [`Self::payload`].
    pub(super) fn token(&self, host: &str, now: SystemTime, within: Duration) -> Result<Token, NoToken> {
        let region = self.region(host)?;
        let service = format!("kafka.{region}.amazonaws.com");
        let (signed, expires) = self.signed(&service, host, now, within)?;
        let signed = signed.iter().map(|(name, value)| (&**name, value.reveal()));
        let query = sigv4::encoded_query(signed.chain([("User-Agent", USER_AGENT)]));
        let url = Secret::new(format!("https://{service}/?{query}"));
        let text = BASE64_URL_SAFE_NO_PAD.encode(url.reveal());
        let left = expires.map(|expires| expires.duration_since(now).unwrap_or_default());
        Token::new(&text, Some(left.unwrap_or(LASTS).min(LASTS)), now).map_err(NoToken::for_good)
    }

    fn signed(
        &self,
        signed_host: &str,
        broker: &str,
        now: SystemTime,
        within: Duration,
    ) -> Result<Signed, NoToken> {
        let region = self.region(broker)?;
        let credentials = self.credentials(now, within)?;
        let request = SignedRequest {
            host: signed_host,
            path: "/",
            query: &[ACTION],
            body: sigv4::EMPTY,
        };
        let scope = SignatureScope {
            region: &region,
            service: SERVICE,
            at: now,
            lasts: LASTS,
        };
        Ok((
            sigv4::presigned(&request, &scope, &credentials),
            credentials.expires,
        ))
    }

    /// A host of MSK has its region in its name; for others the environment or the profile says it.
    fn region(&self, host: &str) -> Result<String, NoToken> {
        if let Some(region) = region_of(host) {
            return Ok(region.to_owned());
        }
        chain::region(&self.settings, None).ok_or_else(|| {
            NoToken::for_good(format!(
                "`{}` names no AWS region; set AWS_REGION to that of the cluster",
                printable(host)
            ))
        })
    }

    fn credentials(&self, now: SystemTime, within: Duration) -> Result<AwsCredentials, NoToken> {
        // Held while they are asked for, so that connections that open together share them.
        let mut in_use = self.in_use.lock().unwrap_or_else(PoisonError::into_inner);
        let lasts = |spare: Duration| {
            let at = now + spare;
            move |expires: Option<SystemTime>| expires.is_none_or(|expires| at < expires)
        };
        if let Some((known, _)) = in_use
            .as_ref()
            .filter(|(known, _)| known.expires.is_some() && lasts(SPARE)(known.expires))
        {
            return Ok(known.clone());
        }
        match chain::find(&self.settings, within) {
            Ok(found) => Ok(in_use.insert(found).0.clone()),
            Err(missing) => match in_use.as_ref() {
                Some((known, _)) if missing.is_transient() && lasts(Duration::ZERO)(known.expires) => {
                    Ok(known.clone())
                }
                _ => Err(missing),
            },
        }
    }
}

/// `b-1.name.abc.c2.kafka.eu-west-1.amazonaws.com`, `boot-x.c1.kafka-serverless.eu-west-1.amazonaws.com`.
fn region_of(host: &str) -> Option<&str> {
    let host = host.trim_end_matches('.');
    let name = host
        .strip_suffix(".amazonaws.com")
        .or_else(|| host.strip_suffix(".amazonaws.com.cn"))?;
    let (before, region) = name.rsplit_once('.')?;
    let service = before.rsplit('.').next()?;
    matches!(service, "kafka" | "kafka-serverless").then_some(region)
}

#[cfg(test)]
mod tests;
