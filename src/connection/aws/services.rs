//! Where temporary credentials come from over HTTP: the security token service, containers, instances.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use tokio_rustls::rustls::crypto::ring;
use ureq::http::Response;
use ureq::tls::{Certificate, RootCerts, TlsConfig};
use ureq::{Agent, Body, Error, Proxy};
use zeroize::Zeroizing;

use super::credentials::AwsCredentials;
use super::settings::AwsSettings;
use super::sigv4::{self, SignatureScope, SignedRequest};
use crate::connection::token_endpoint::is_safe;
use crate::connection::tokens::NoToken;
use crate::model::printable;

/// Answers are some lines.
const ANSWER_MAX: u64 = 1 << 20;

/// Where the agents of ECS and EKS answer; nothing that is sent there leaves the machine.
const CONTAINER_HOSTS: [&str; 3] = ["169.254.170.2", "169.254.170.23", "[fd00:ec2::23]"];

const RELATIVE_TO: &str = "http://169.254.170.2";

const INSTANCE_METADATA: &str = "http://169.254.169.254";

/// Where there is no such service, nothing answers: other machines than instances do not wait long.
const METADATA_WAIT: Duration = Duration::from_secs(1);

/// A role that is to be assumed.
pub(super) struct AwsRole<'a> {
    pub(super) arn: &'a str,
    pub(super) session_name: &'a str,
    pub(super) external_id: Option<&'a str>,
    /// Of the service that is asked.
    pub(super) region: Option<&'a str>,
}

impl AwsRole<'_> {
    /// `AssumeRole`, signed with other credentials.
    pub(super) fn assumed_with(
        &self,
        credentials: &AwsCredentials,
        settings: &AwsSettings,
        within: Duration,
    ) -> Result<AwsCredentials, NoToken> {
        let url = self.service(settings)?;
        let host = url.split("://").nth(1).unwrap_or_default();
        let mut query = vec![
            ("Action", "AssumeRole"),
            ("RoleArn", self.arn),
            ("RoleSessionName", self.session_name),
            ("Version", "2011-06-15"),
        ];
        query.extend(self.external_id.map(|id| ("ExternalId", id)));
        let request = SignedRequest {
            host,
            path: "/",
            query: &query,
            body: sigv4::EMPTY,
        };
        let scope = SignatureScope {
            region: self.region.unwrap_or("us-east-1"),
            service: "sts",
            at: SystemTime::now(),
            lasts: Duration::from_mins(1),
        };
        let signed = sigv4::presigned(&request, &scope, credentials);
        let query = sigv4::encoded_query(signed.iter().map(|(name, value)| (&**name, value.reveal())));
        let url = Zeroizing::new(format!("{url}/?{query}"));
        self.answer(agent(&url, within).get(&*url).call())
    }

    /// `AssumeRoleWithWebIdentity`, with the token of another identity provider.
    pub(super) fn assumed_by_web_identity(
        &self,
        token: &str,
        settings: &AwsSettings,
        within: Duration,
    ) -> Result<AwsCredentials, NoToken> {
        let url = self.service(settings)?;
        let form = [
            ("Action", "AssumeRoleWithWebIdentity"),
            ("Version", "2011-06-15"),
            ("RoleArn", self.arn),
            ("RoleSessionName", self.session_name),
            ("WebIdentityToken", token),
        ];
        self.answer(agent(&url, within).post(&url).send_form(form))
    }

    fn service(&self, settings: &AwsSettings) -> Result<String, NoToken> {
        let url = match (settings.variable("AWS_ENDPOINT_URL_STS"), self.region) {
            (Some(stated), _) => stated.trim_end_matches('/').to_owned(),
            (None, Some(region)) if region.starts_with("cn-") => {
                format!("https://sts.{region}.amazonaws.com.cn")
            }
            (None, Some(region)) => format!("https://sts.{region}.amazonaws.com"),
            (None, None) => "https://sts.amazonaws.com".to_owned(),
        };
        if is_safe(&url) {
            return Ok(url);
        }
        Err(NoToken::for_good(
            "AWS_ENDPOINT_URL_STS would have credentials in plain text on a network; use https",
        ))
    }

    fn answer(&self, answered: Result<Response<Body>, Error>) -> Result<AwsCredentials, NoToken> {
        let who = format!(
            "the AWS security token service does not give the role {}",
            printable(self.arn)
        );
        let (status, body) = read(answered).map_err(|why| NoToken::for_now(format!("{who}: {why}")))?;
        AwsCredentials::from_xml(&body).map_err(|why| {
            let words = format!("{who}: {} (HTTP {status})", printable(&why));
            if status >= 500 || status == 429 {
                NoToken::for_now(words)
            } else {
                NoToken::for_good(words)
            }
        })
    }
}

/// Those of a container, where its agent says so in the environment.
pub(super) fn of_container(
    settings: &AwsSettings,
    within: Duration,
) -> Option<Result<AwsCredentials, NoToken>> {
    let url = match settings.variable("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI") {
        Some(path) => format!("{RELATIVE_TO}{path}"),
        None => settings
            .variable("AWS_CONTAINER_CREDENTIALS_FULL_URI")?
            .to_owned(),
    };
    Some(ask_container(&url, settings, within))
}

fn ask_container(url: &str, settings: &AwsSettings, within: Duration) -> Result<AwsCredentials, NoToken> {
    let host = url.strip_prefix("http://").unwrap_or_default();
    let host = host.split(['/', '?']).next().unwrap_or_default();
    let is_agents = CONTAINER_HOSTS.contains(&host.split_once("]:").map_or_else(
        || {
            host.rsplit_once(':')
                .filter(|_| !host.ends_with(']'))
                .map_or(host, |(host, _)| host)
        },
        |_| host,
    ));
    if !is_safe(url) && !is_agents {
        return Err(NoToken::for_good(
            "AWS_CONTAINER_CREDENTIALS_FULL_URI would have credentials in plain text on a network",
        ));
    }
    let authorization = match settings.variable("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE") {
        Some(path) => Some(super::chain::token_in(path)?),
        None => settings
            .variable("AWS_CONTAINER_AUTHORIZATION_TOKEN")
            .map(|token| Zeroizing::new(token.to_owned())),
    };
    let mut request = agent(url, within).get(url);
    if let Some(token) = &authorization {
        request = request.header("Authorization", token.trim());
    }
    of_document("the container's agent", request.call())
}

/// Those of an instance's role (`IMDSv2`).
pub(super) fn of_instance(
    settings: &AwsSettings,
    within: Duration,
) -> Option<Result<AwsCredentials, NoToken>> {
    let is_disabled = settings
        .variable("AWS_EC2_METADATA_DISABLED")
        .is_some_and(|text| text.eq_ignore_ascii_case("true"));
    if is_disabled {
        return None;
    }
    let stated = settings.variable("AWS_EC2_METADATA_SERVICE_ENDPOINT");
    let service = stated.unwrap_or(INSTANCE_METADATA).trim_end_matches('/');
    let agent = agent(service, within.min(METADATA_WAIT));
    let session = agent
        .put(format!("{service}/latest/api/token"))
        .header("X-aws-ec2-metadata-token-ttl-seconds", "300")
        .send_empty();
    // Nobody is there, or nobody who knows the second version.
    let (200, session) = read(session).ok()? else {
        return None;
    };
    let roles = format!("{service}/latest/meta-data/iam/security-credentials/");
    let get = |url: &str| {
        agent
            .get(url)
            .header("X-aws-ec2-metadata-token", session.trim())
            .call()
    };
    let who = "the instance's metadata service";
    Some(match read(get(&roles)) {
        Ok((200, role)) => of_document(who, get(&format!("{roles}{}", role.trim()))),
        Ok(_) => Err(NoToken::for_good("the instance has no role")),
        Err(why) => Err(NoToken::for_now(format!(
            "{who} does not name the instance's role: {why}"
        ))),
    })
}

fn of_document(who: &str, answered: Result<Response<Body>, Error>) -> Result<AwsCredentials, NoToken> {
    match read(answered) {
        Ok((200, body)) => AwsCredentials::from_json(body.as_bytes())
            .map_err(|why| NoToken::for_good(format!("{who} gives no credentials: {why}"))),
        Ok((status, _)) => Err(NoToken::for_now(format!(
            "{who} gives no credentials (HTTP {status})"
        ))),
        Err(why) => Err(NoToken::for_now(format!("{who} gives no credentials: {why}"))),
    }
}

/// The status and the text of an answer, which may hold secrets.
fn read(answered: Result<Response<Body>, Error>) -> Result<(u16, Zeroizing<String>), String> {
    let mut response = answered.map_err(|error| error.to_string())?;
    let body = response
        .body_mut()
        .with_config()
        .limit(ANSWER_MAX)
        .read_to_string();
    let body = Zeroizing::new(body.map_err(|error| error.to_string())?);
    Ok((response.status().as_u16(), body))
}

/// Unencrypted, nothing goes through a proxy.
fn agent(url: &str, within: Duration) -> Agent {
    let encrypted = url.starts_with("https://");
    let roots = encrypted.then(rustls_native_certs::load_native_certs);
    let roots = roots.map(|found| found.certs).unwrap_or_default();
    let roots = roots.iter().map(|der| Certificate::from_der(der).to_owned());
    let tls = TlsConfig::builder()
        .root_certs(RootCerts::from(roots))
        .unversioned_rustls_crypto_provider(Arc::new(ring::default_provider()))
        .build();
    Agent::config_builder()
        .tls_config(tls)
        .proxy(Proxy::try_from_env().filter(|_| encrypted))
        .timeout_global(Some(within))
        .max_redirects(0)
        .http_status_as_error(false)
        .build()
        .new_agent()
}
