//! The client's side of SCRAM (RFC 5802, RFC 7677), as Kafka speaks it: without channel binding, and
//! without the normalisation of passwords, which Kafka does not do either.

use std::fmt;
use std::num::NonZeroU32;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use ring::rand::{SecureRandom, SystemRandom};
use ring::{digest, hmac, pbkdf2};

use crate::connection::{Credentials, ScramHash};

/// Kafka's own minimum; less would give the password away to whoever poses as a broker.
const FEWEST_ITERATIONS: u32 = 4_096;

/// Kafka allows 16,384. So many take about a second; more would be an attempt to keep this side busy.
const MOST_ITERATIONS: u32 = 1_000_000;

/// No channel binding, no authorisation id; base64 of it is `biws`.
const GS2_HEADER: &str = "n,,";

/// What is wrong with the other side.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Broken {
    /// Its message is not what SCRAM says.
    Message,
    /// Its nonce does not continue ours.
    Nonce,
    /// It asks for so many iterations.
    Iterations(u32),
    /// It says `e=`.
    Error,
    /// It does not know the password itself.
    Signature,
    /// The system gives no random numbers.
    NoRandomness,
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Message => f.write_str("its message is not what the mechanism says"),
            Self::Nonce => f.write_str("its nonce does not continue this client's"),
            Self::Iterations(iterations) => write!(
                f,
                "it asks for {iterations} iterations, and from {FEWEST_ITERATIONS} to {MOST_ITERATIONS} are accepted"
            ),
            Self::Error => f.write_str("it reports an error"),
            Self::Signature => {
                f.write_str("it does not know the password; is this the cluster that the password is for?")
            }
            Self::NoRandomness => f.write_str("this system gives no random numbers"),
        }
    }
}

/// The exchange after the first message.
pub(super) struct Opening<'a> {
    hash: ScramHash,
    password: &'a str,
    nonce: String,
    /// `n=user,r=nonce`
    bare: String,
}

/// What the broker's last message has to prove.
#[derive(Debug)]
pub(super) struct Expected(hmac::Key, String);

impl<'a> Opening<'a> {
    pub(super) fn new(hash: ScramHash, credentials: &'a Credentials) -> Result<Self, Broken> {
        let mut random = [0; 24];
        SystemRandom::new()
            .fill(&mut random)
            .map_err(|_| Broken::NoRandomness)?;
        let nonce = BASE64_STANDARD.encode(random);
        Ok(Self::with_nonce(hash, credentials, nonce))
    }

    fn with_nonce(hash: ScramHash, credentials: &'a Credentials, nonce: String) -> Self {
        let username = credentials
            .username
            .reveal()
            .replace('=', "=3D")
            .replace(',', "=2C");
        Self {
            hash,
            password: credentials.password.reveal(),
            bare: format!("n={username},r={nonce}"),
            nonce,
        }
    }

    /// The first message.
    pub(super) fn message(&self) -> String {
        format!("{GS2_HEADER}{}", self.bare)
    }

    /// The second message, and what has to be the answer to it.
    pub(super) fn answer(&self, challenge: &[u8]) -> Result<(String, Expected), Broken> {
        let text = std::str::from_utf8(challenge).map_err(|_| Broken::Message)?;
        let Challenge {
            nonce,
            salt,
            iterations,
        } = Challenge::parse(text)?;
        if nonce.len() <= self.nonce.len() || !nonce.starts_with(&self.nonce) {
            return Err(Broken::Nonce);
        }
        let salted = self.salted_password(&salt, iterations);
        let without_proof = format!("c={},r={nonce}", BASE64_STANDARD.encode(GS2_HEADER));
        let message = format!("{},{text},{without_proof}", self.bare);
        let proof = BASE64_STANDARD.encode(self.proof(&salted, &message));
        let server_key = hmac::sign(&salted, b"Server Key");
        let expected = Expected(hmac::Key::new(self.hmac(), server_key.as_ref()), message);
        Ok((format!("{without_proof},p={proof}"), expected))
    }

    fn salted_password(&self, salt: &[u8], iterations: NonZeroU32) -> hmac::Key {
        let (algorithm, length) = match self.hash {
            ScramHash::Sha256 => (pbkdf2::PBKDF2_HMAC_SHA256, digest::SHA256_OUTPUT_LEN),
            ScramHash::Sha512 => (pbkdf2::PBKDF2_HMAC_SHA512, digest::SHA512_OUTPUT_LEN),
        };
        let mut salted = [0; digest::MAX_OUTPUT_LEN];
        let salted = &mut salted[..length];
        pbkdf2::derive(algorithm, iterations, salt, self.password.as_bytes(), salted);
        hmac::Key::new(self.hmac(), salted)
    }

    /// `ClientKey XOR HMAC(H(ClientKey), AuthMessage)`
    fn proof(&self, salted: &hmac::Key, message: &str) -> Vec<u8> {
        let client_key = hmac::sign(salted, b"Client Key");
        let stored_key = digest::digest(self.hmac().digest_algorithm(), client_key.as_ref());
        let stored_key = hmac::Key::new(self.hmac(), stored_key.as_ref());
        let signature = hmac::sign(&stored_key, message.as_bytes());
        let pairs = client_key.as_ref().iter().zip(signature.as_ref());
        pairs.map(|(key, signature)| key ^ signature).collect()
    }

    fn hmac(&self) -> hmac::Algorithm {
        match self.hash {
            ScramHash::Sha256 => hmac::HMAC_SHA256,
            ScramHash::Sha512 => hmac::HMAC_SHA512,
        }
    }
}

impl Expected {
    /// Makes sure that the other side knows the password too, and is not somebody who only passes as a
    /// broker.
    pub(super) fn check(&self, last: &[u8]) -> Result<(), Broken> {
        let text = std::str::from_utf8(last).map_err(|_| Broken::Message)?;
        if text.starts_with("e=") {
            return Err(Broken::Error);
        }
        let signature = text.strip_prefix("v=").ok_or(Broken::Message)?;
        let signature = signature.split(',').next().unwrap_or(signature);
        let signature = BASE64_STANDARD.decode(signature).map_err(|_| Broken::Message)?;
        hmac::verify(&self.0, self.1.as_bytes(), &signature).map_err(|_| Broken::Signature)
    }
}

/// `r=nonce,s=salt,i=iterations`
struct Challenge<'t> {
    nonce: &'t str,
    salt: Vec<u8>,
    iterations: NonZeroU32,
}

impl<'t> Challenge<'t> {
    fn parse(text: &'t str) -> Result<Self, Broken> {
        let mut parts = text.split(',');
        let mut part = |name| parts.next().and_then(|part| part.strip_prefix(name));
        let (nonce, salt, iterations) = (part("r="), part("s="), part("i="));
        let (Some(nonce), Some(salt), Some(iterations)) = (nonce, salt, iterations) else {
            return Err(if text.starts_with("e=") {
                Broken::Error
            } else {
                Broken::Message
            });
        };
        let salt = BASE64_STANDARD.decode(salt).map_err(|_| Broken::Message)?;
        let iterations: u32 = iterations.parse().map_err(|_| Broken::Message)?;
        if !(FEWEST_ITERATIONS..=MOST_ITERATIONS).contains(&iterations) {
            return Err(Broken::Iterations(iterations));
        }
        let iterations = NonZeroU32::new(iterations).ok_or(Broken::Message)?;
        Ok(Self {
            nonce,
            salt,
            iterations,
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::connection::PropertyOrigin;
    use crate::model::Secret;

    fn credentials(username: &str, password: &str) -> Credentials {
        Credentials {
            username: Secret::new(username),
            password: Secret::new(password),
            origin: PropertyOrigin::File {
                file: "client.properties".into(),
                line: 1,
            },
        }
    }

    const CHALLENGE: &str =
        "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096";

    fn opening(credentials: &Credentials) -> Opening<'_> {
        Opening::with_nonce(ScramHash::Sha256, credentials, "rOprNGfwEbeRWgbNEkqO".into())
    }

    /// The example of RFC 7677.
    #[test]
    fn the_exchange_of_the_standard_comes_out() {
        let credentials = credentials("user", "pencil");
        let opening = opening(&credentials);
        assert_eq!(opening.message(), "n,,n=user,r=rOprNGfwEbeRWgbNEkqO");
        let (answer, expected) = opening.answer(CHALLENGE.as_bytes()).unwrap();
        assert_eq!(
            answer,
            "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,\
             p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ="
        );
        let last = b"v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=";
        assert_eq!(expected.check(last), Ok(()));
    }

    #[test]
    fn a_broker_that_does_not_know_the_password_is_not_believed() {
        let credentials = credentials("user", "pencil");
        let (_, expected) = opening(&credentials).answer(CHALLENGE.as_bytes()).unwrap();
        let other = b"v=7rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=";
        assert_eq!(expected.check(other), Err(Broken::Signature));
        assert_eq!(expected.check(b"v="), Err(Broken::Signature));
        assert_eq!(expected.check(b""), Err(Broken::Message));
        assert_eq!(expected.check(b"e=other-error"), Err(Broken::Error));
    }

    #[test]
    fn what_a_broker_may_not_ask_is_refused() {
        let credentials = credentials("user", "pencil");
        let refused = |challenge: &str| opening(&credentials).answer(challenge.as_bytes()).err();
        let with = |iterations: &str| refused(&CHALLENGE.replace("4096", iterations));
        assert_eq!(with("4095"), Some(Broken::Iterations(4095)));
        assert_eq!(with("0"), Some(Broken::Iterations(0)));
        assert_eq!(with("4294967295"), Some(Broken::Iterations(u32::MAX)));
        assert_eq!(with("99999999999"), Some(Broken::Message));
        assert_eq!(with("-1"), Some(Broken::Message));
        assert_eq!(refused(&CHALLENGE.replace("s=W", "s=?")), Some(Broken::Message));
        assert_eq!(refused("r=rOprNGfwEbeRWgbNEkqO,s=,i=4096"), Some(Broken::Nonce));
        assert_eq!(refused("r=another,s=,i=4096"), Some(Broken::Nonce));
        assert_eq!(refused("e=unknown-user"), Some(Broken::Error));
    }

    #[test]
    fn names_are_escaped_and_nonces_differ() {
        let credentials = credentials("a=b,c", "x");
        let first = Opening::new(ScramHash::Sha512, &credentials).unwrap().message();
        let second = Opening::new(ScramHash::Sha512, &credentials).unwrap().message();
        assert!(first.starts_with("n,,n=a=3Db=2Cc,r="), "{first}");
        assert_ne!(first, second);
    }

    proptest! {
        #[test]
        fn no_challenge_panics(challenge in "(r=rOprNGfwEbeRWgbNEkqO)?[a-z=,+/0-9]{0,40}") {
            let credentials = credentials("user", "pencil");
            let _ = opening(&credentials).answer(challenge.as_bytes());
            let _ = Challenge::parse(&challenge);
        }
    }
}
