//! The client's side of SCRAM (RFC 5802, RFC 7677): rsasl's, without channel binding. What this module adds is
//! what Kafka and a distrusted broker ask for: passwords as they are, since Kafka does not normalise them
//! either, and a limit to the iterations.

use std::fmt;
use std::num::NonZeroU32;

use ring::{digest, pbkdf2};
use rsasl::callback::{Context, Request, SessionCallback, SessionData};
use rsasl::mechanisms::scram::properties::{Iterations, Salt, SaltedPassword};
use rsasl::prelude::{Mechname, SASLClient, SASLConfig, Session, SessionError};
use rsasl::property::AuthId;

use crate::connection::{Credentials, ScramHash};
use crate::model::{Secret, printable};

/// Kafka's own minimum; less would give the password away to whoever poses as a broker.
const FEWEST_ITERATIONS: u32 = 4_096;

/// Kafka allows 16,384. So many take about a second; more would be an attempt to keep this side busy.
const MOST_ITERATIONS: u32 = 1_000_000;

/// What is wrong with the other side.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Broken {
    /// Its message is not what SCRAM says, for this reason.
    Message(String),
    /// It asks for so many iterations.
    Iterations(u32),
    /// It says `e=`, and this.
    Error(String),
    /// It does not know the password itself.
    Signature,
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Message(why) => write!(f, "its message is not what the mechanism says ({why})"),
            Self::Iterations(iterations) => write!(
                f,
                "it asks for {iterations} iterations, and from {FEWEST_ITERATIONS} to {MOST_ITERATIONS} are accepted"
            ),
            Self::Error(words) => write!(f, "it reports an error ({})", printable(words)),
            Self::Signature => {
                f.write_str("it does not know the password; is this the cluster that the password is for?")
            }
        }
    }
}

impl std::error::Error for Broken {}

impl From<SessionError> for Broken {
    fn from(error: SessionError) -> Self {
        match error {
            SessionError::MutualAuthenticationFailed => Self::Signature,
            SessionError::Boxed(error) => match error.downcast() {
                Ok(broken) => *broken,
                Err(other) => Self::Message(other.to_string()),
            },
            SessionError::MechanismError(error) => Self::Message(error.to_string()),
            other => Self::Message(other.to_string()),
        }
    }
}

/// One exchange: a first message, an answer, and the broker's proof that it knows the password too.
pub(crate) struct Exchange(Session);

impl Exchange {
    /// The exchange and its first message.
    pub(crate) fn begin(hash: ScramHash, credentials: &Credentials) -> Result<(Self, Vec<u8>), Broken> {
        let name = Mechname::parse(match hash {
            ScramHash::Sha256 => b"SCRAM-SHA-256",
            ScramHash::Sha512 => b"SCRAM-SHA-512",
        });
        let login = Login {
            hash,
            username: credentials.username.clone(),
            password: credentials.password.clone(),
        };
        let cannot = |why: &dyn fmt::Display| Broken::Message(why.to_string());
        let config = SASLConfig::builder()
            .with_default_mechanisms()
            .with_callback(login);
        let client = SASLClient::new(config.map_err(|error| cannot(&error))?);
        let session = client.start_suggested(&[name.map_err(|error| cannot(&error))?]);
        let mut exchange = Self(session.map_err(|error| cannot(&error))?);
        let first = exchange.step(None)?;
        Ok((exchange, first))
    }

    /// The message that answers the broker's challenge.
    pub(crate) fn answer(&mut self, challenge: &[u8]) -> Result<Vec<u8>, Broken> {
        self.step(Some(challenge))
    }

    /// Makes sure that the other side knows the password too, and is not somebody who only passes as a
    /// broker.
    pub(crate) fn check(mut self, last: &[u8]) -> Result<(), Broken> {
        self.step(Some(last)).map(drop)
    }

    fn step(&mut self, told: Option<&[u8]>) -> Result<Vec<u8>, Broken> {
        told.map_or(Ok(()), screen)?;
        let mut message = Vec::new();
        self.0.step(told, &mut message)?;
        Ok(message)
    }
}

/// rsasl takes it for granted that every attribute has a name and a `=`, and would panic where one has not;
/// and of a broker's error it tells only what the standard knows.
fn screen(message: &[u8]) -> Result<(), Broken> {
    if let Some(words) = message.strip_prefix(b"e=") {
        return Err(Broken::Error(String::from_utf8_lossy(words).into_owned()));
    }
    let is_attribute = |part: &[u8]| part.get(1) == Some(&b'=');
    if message.split(|byte| *byte == b',').all(is_attribute) {
        Ok(())
    } else {
        Err(Broken::Message("it is no list of attributes".into()))
    }
}

/// Answers what the mechanism asks for: the name, and the password as the broker's challenge hashes it.
struct Login {
    hash: ScramHash,
    username: Secret,
    password: Secret,
}

impl SessionCallback for Login {
    fn callback(
        &self,
        _: &SessionData,
        context: &Context<'_>,
        request: &mut Request<'_>,
    ) -> Result<(), SessionError> {
        request.satisfy::<AuthId>(self.username.reveal())?;
        if request.is::<SaltedPassword>()
            && let (Some(salt), Some(iterations)) =
                (context.get_ref::<Salt>(), context.get_ref::<Iterations>())
        {
            let salted = self.salted(salt, *iterations);
            let salted = salted.map_err(|broken| SessionError::Boxed(Box::new(broken)))?;
            request.satisfy::<SaltedPassword>(&salted)?;
        }
        Ok(())
    }
}

impl Login {
    fn salted(&self, salt: &[u8], iterations: u32) -> Result<Vec<u8>, Broken> {
        let bounded = NonZeroU32::new(iterations)
            .filter(|count| (FEWEST_ITERATIONS..=MOST_ITERATIONS).contains(&count.get()))
            .ok_or(Broken::Iterations(iterations))?;
        let (algorithm, length) = match self.hash {
            ScramHash::Sha256 => (pbkdf2::PBKDF2_HMAC_SHA256, digest::SHA256_OUTPUT_LEN),
            ScramHash::Sha512 => (pbkdf2::PBKDF2_HMAC_SHA512, digest::SHA512_OUTPUT_LEN),
        };
        let mut salted = vec![0; length];
        pbkdf2::derive(
            algorithm,
            bounded,
            salt,
            self.password.reveal().as_bytes(),
            &mut salted,
        );
        Ok(salted)
    }
}

#[cfg(test)]
#[path = "scram_tests.rs"]
mod tests;
