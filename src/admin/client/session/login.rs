//! Logging in by SASL: the handshake in which both sides agree on a mechanism, and the exchange that the
//! mechanism is. Goes over Kafka's own requests (KIP-152), so that the broker can say what is wrong.

use std::fmt::Display;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use kafka_protocol::error::ResponseError;
use kafka_protocol::messages::{SaslAuthenticateRequest, SaslAuthenticateResponse, SaslHandshakeRequest};
use kafka_protocol::protocol::StrBytes;
use zeroize::Zeroizing;

use crate::admin::AdminError;
use crate::admin::client::protocol::answer;
use crate::admin::client::protocol::api::Api;
use crate::admin::client::session::api_versions::Versions;
use crate::admin::client::session::connection::Wire;
use crate::admin::client::session::scram;
use crate::admin::client::transport::channel::Alone;
use crate::admin::client::transport::deadline::Deadline;
use crate::connection::{Credentials, MskIam, NoToken, Sasl, ScramHash, Token, Tokens};
use crate::model::{Secret, printable};

/// Why a broker did not let this client in.
pub(crate) enum Refusal {
    /// It does not accept who this claims to be, or cannot prove that it is the one who should judge.
    Login(Arc<str>),
    /// The listener does not work this way.
    Security(Arc<str>),
    /// There is no token to show, so nothing was said, and there may be one a moment later.
    NoToken(Arc<str>),
    /// Who this is was said, and nobody knows what the broker made of it.
    Unheard(AdminError),
    /// It did not come to that.
    Failed(AdminError),
}

impl From<AdminError> for Refusal {
    fn from(error: AdminError) -> Self {
        Self::Failed(error)
    }
}

/// What MSK's "Access denied" means, as far as it is not about the credentials themselves.
const CONNECT: &str = ", whose policy has to allow kafka-cluster:Connect on the cluster";

/// A message with a secret in it, wiped once it is sent.
fn wiped(message: String) -> Bytes {
    Bytes::from_owner(Zeroizing::new(message.into_bytes()))
}

/// One login, over a connection that nobody else uses meanwhile.
pub(crate) struct Login<'a> {
    pub(crate) wire: &'a Wire,
    pub(crate) versions: &'a Versions,
    pub(crate) alone: &'a Alone,
    pub(crate) sasl: &'a Sasl,
    /// Whether the broker knew already who this is.
    pub(crate) again: bool,
    pub(crate) deadline: Deadline,
}

impl Login<'_> {
    /// Logs in. `Some`: the broker forgets it after so long (KIP-368).
    pub(crate) async fn run(&self) -> Result<Option<Duration>, Refusal> {
        let last = match self.sasl {
            Sasl::Plain(credentials) => {
                self.handshake().await?;
                self.plain(credentials).await?
            }
            Sasl::Scram(hash, credentials) => {
                self.handshake().await?;
                self.scram(*hash, credentials).await?
            }
            Sasl::AwsMskIam(iam) => {
                let payload = self.payload(iam).await?;
                self.handshake().await?;
                self.aws_msk_iam(&payload).await?
            }
            Sasl::OAuthBearer(tokens) => {
                // After the handshake a broker takes nothing but the login, so that a session which still
                // lasts would be lost where there is no token.
                let token = self.token(tokens).await?;
                self.handshake().await?;
                self.bearer(tokens, &token).await?
            }
        };
        let lifetime = u64::try_from(last.session_lifetime_ms).unwrap_or(0);
        Ok((lifetime > 0).then(|| Duration::from_millis(lifetime)))
    }

    async fn handshake(&self) -> Result<(), Refusal> {
        let request =
            SaslHandshakeRequest::default().with_mechanism(StrBytes::from_static_str(self.sasl.mechanism()));
        let response = self.call(&request).await?;
        let mechanism = self.sasl.mechanism();
        match ResponseError::try_from_code(response.error_code) {
            None => Ok(()),
            Some(ResponseError::UnsupportedSaslMechanism) => {
                let names = response.mechanisms.iter();
                let offered: Vec<String> = names.map(|name| printable(name).to_string()).collect();
                let offers = match &*offered {
                    [] => "it names none that it has".to_owned(),
                    offered => format!("it offers {}", offered.join(", ")),
                };
                let reason = format!("the broker does not offer the SASL mechanism {mechanism}; {offers}");
                Err(Refusal::Security(reason.into()))
            }
            // To a session that it does not want renewed yet a broker says the same.
            Some(ResponseError::IllegalSaslState) if !self.again => Err(Refusal::Security(
                "this listener takes no SASL login; set `security.protocol` to PLAINTEXT or SSL, or use the port of \
                 a SASL listener"
                    .into(),
            )),
            Some(_) => Err(self.refused::<SaslHandshakeRequest>(response.error_code, None)),
        }
    }

    /// RFC 4616: authorisation id, user name and password, with a zero byte between them.
    async fn plain(&self, credentials: &Credentials) -> Result<SaslAuthenticateResponse, Refusal> {
        let (username, password) = (credentials.username.reveal(), credentials.password.reveal());
        self.say(wiped(format!("\0{username}\0{password}"))).await
    }

    async fn scram(
        &self,
        hash: ScramHash,
        credentials: &Credentials,
    ) -> Result<SaslAuthenticateResponse, Refusal> {
        let distrusted = |reason: scram::Broken| {
            let reason = format!(
                "the broker's side of {} is not in order: {reason}",
                self.sasl.mechanism()
            );
            Refusal::Login(reason.into())
        };
        let (mut exchange, first) = scram::Exchange::begin(hash, credentials).map_err(distrusted)?;
        let challenge = self.say(first.into()).await?;
        let proof = exchange.answer(&challenge.auth_bytes).map_err(distrusted)?;
        let last = self.say(proof.into()).await?;
        exchange.check(&last.auth_bytes).map_err(distrusted)?;
        Ok(last)
    }

    /// RFC 7628. A token that is refused is told so in a message of the mechanism; the broker's words come
    /// after an empty reply to it.
    async fn bearer(&self, tokens: &Tokens, token: &Token) -> Result<SaslAuthenticateResponse, Refusal> {
        let mut message = format!("n,,\u{1}auth=Bearer {}\u{1}", token.reveal());
        for (name, value) in tokens.extensions() {
            message.push_str(&[name, "=", value.reveal(), "\u{1}"].concat());
        }
        message.push('\u{1}');
        let response = self.say(wiped(message)).await?;
        if response.auth_bytes.is_empty() {
            return Ok(response);
        }
        let told = String::from_utf8_lossy(&response.auth_bytes).into_owned();
        self.say(Bytes::from_static(b"\x01")).await?;
        Err(self.refused_with(&told))
    }

    /// A broker that lets in answers with a document of its own.
    async fn aws_msk_iam(&self, payload: &Secret) -> Result<SaslAuthenticateResponse, Refusal> {
        let response = self.say(wiped(payload.reveal().to_owned())).await?;
        if response.auth_bytes.is_empty() {
            let reason = "the broker's side of AWS_MSK_IAM is not in order: its answer is empty";
            return Err(Refusal::Login(reason.into()));
        }
        Ok(response)
    }

    async fn payload(&self, iam: &MskIam) -> Result<Secret, Refusal> {
        let (iam, host) = (iam.clone(), self.host());
        self.asked(move |within| iam.payload(&host, within)).await
    }

    async fn token(&self, tokens: &Tokens) -> Result<Token, Refusal> {
        let tokens = tokens.for_broker(&self.host());
        self.asked(move |within| tokens.current(within)).await
    }

    /// As it was dialled, without the port.
    fn host(&self) -> String {
        let address = self.wire.peer().address;
        let host = address.rsplit_once(':').map_or(&*address, |(host, _)| host);
        host.trim_matches(['[', ']']).to_owned()
    }

    /// Files, the token endpoint and AWS are waited for on a thread of their own.
    async fn asked<T: Send + 'static>(
        &self,
        ask: impl FnOnce(Duration) -> Result<T, NoToken> + Send + 'static,
    ) -> Result<T, Refusal> {
        let within = self.deadline.remaining();
        let asked = tokio::task::spawn_blocking(move || ask(within));
        let reason = |why: &dyn Display| Arc::from(format!("there is no token to log in with: {why}"));
        match tokio::time::timeout_at(self.deadline.at(), asked).await {
            Ok(Ok(Ok(token))) => Ok(token),
            Ok(Ok(Err(missing))) if missing.is_transient() => Err(Refusal::NoToken(reason(&missing))),
            Ok(Ok(Err(missing))) => Err(Refusal::Login(reason(&missing))),
            Ok(Err(_)) => Err(Refusal::Login(reason(&"asking for one failed"))),
            // A file can be on a disk that does not answer.
            Err(_) => Err(Refusal::NoToken(reason(&"its source does not answer in time"))),
        }
    }

    /// Sends one message of the mechanism.
    async fn say(&self, message: Bytes) -> Result<SaslAuthenticateResponse, Refusal> {
        let request = SaslAuthenticateRequest::default().with_auth_bytes(message);
        let response = self.call(&request).await.map_err(unheard)?;
        match ResponseError::try_from_code(response.error_code) {
            None => Ok(response),
            Some(ResponseError::SaslAuthenticationFailed) => Err(self.not_accepted(&response)),
            Some(_) => Err(unheard(self.refused::<SaslAuthenticateRequest>(
                response.error_code,
                response.error_message.as_ref(),
            ))),
        }
    }

    fn not_accepted(&self, response: &SaslAuthenticateResponse) -> Refusal {
        self.refused_with(response.error_message.as_deref().unwrap_or("no reason given"))
    }

    fn refused_with(&self, words: &str) -> Refusal {
        let words = printable(words.trim());
        let reason = format!(
            "the broker refuses the login by {}: {words}; {}{}",
            self.sasl.mechanism(),
            self.sasl.credential_origin(),
            if self.sasl.is_of_aws() { CONNECT } else { "" }
        );
        Refusal::Login(reason.into())
    }

    fn refused<R: Api>(&self, code: i16, message: Option<&StrBytes>) -> Refusal {
        let error = answer::check(code, message).err();
        error.map_or_else(
            || Refusal::Failed(self.wire.invalid_response::<R>("an error without a code".into())),
            |error| {
                Refusal::Failed(AdminError::Refused {
                    request: R::NAME,
                    broker: self.wire.peer(),
                    error,
                })
            },
        )
    }

    async fn call<R: Api>(&self, request: &R) -> Result<R::Response, Refusal> {
        let version = self.versions.pick::<R>(&self.wire.peer())?;
        let answered = self
            .wire
            .call_alone(self.alone, request, version, self.deadline)
            .await;
        answered.map_err(Refusal::Failed)
    }
}

/// What fails once the mechanism has begun.
fn unheard(refusal: Refusal) -> Refusal {
    match refusal {
        Refusal::Failed(error) => Refusal::Unheard(error),
        other => other,
    }
}
