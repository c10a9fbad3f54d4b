use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use proptest::prelude::*;
use ring::hmac;

use super::*;
use crate::connection::PropertyOrigin;

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

const SALT: &str = "W22ZaJ0SNY7soEsUEjb6gQ==";

fn begun(username: &str) -> (Exchange, String) {
    let (exchange, first) = Exchange::begin(ScramHash::Sha256, &credentials(username, "pencil")).unwrap();
    (exchange, String::from_utf8(first).unwrap())
}

fn nonce(first: &str) -> &str {
    first.split_once(",r=").unwrap().1
}

/// The challenge to a first message.
fn challenge(first: &str, salt: &str, iterations: &str) -> String {
    format!("r={}server,s={salt},i={iterations}", nonce(first))
}

/// How the broker's last message begins for one who knows the password.
fn signed(algorithm: hmac::Algorithm, salted: &[u8], first: &str, challenge: &str, answer: &str) -> String {
    let salted = hmac::Key::new(algorithm, salted);
    let server = hmac::Key::new(algorithm, hmac::sign(&salted, b"Server Key").as_ref());
    let (without_proof, _) = answer.rsplit_once(",p=").unwrap();
    let message = format!(
        "{},{challenge},{without_proof}",
        first.strip_prefix("n,,").unwrap()
    );
    format!(
        "v={}",
        BASE64_STANDARD.encode(hmac::sign(&server, message.as_bytes()))
    )
}

/// The password of the example of RFC 7677, salted: known beforehand, not computed here.
const SALTED: &str = "xKSVEDI6tPlSysH6mUQZOeeOp01r6B3fcJbodRPcYV0=";

#[test]
fn the_exchange_of_the_standard_comes_out() {
    let (mut exchange, first) = begun("user");
    assert!(first.starts_with("n,,n=user,r="), "{first}");
    let challenge = challenge(&first, SALT, "4096");
    let answer = String::from_utf8(exchange.answer(challenge.as_bytes()).unwrap()).unwrap();
    assert!(
        answer.starts_with(&format!("c=biws,r={}server,p=", nonce(&first))),
        "{answer}"
    );
    let salted = BASE64_STANDARD.decode(SALTED).unwrap();
    let last = signed(hmac::HMAC_SHA256, &salted, &first, &challenge, &answer);
    assert_eq!(exchange.check(last.as_bytes()), Ok(()));
}

/// Kafka hashes the bytes that were typed. Normalised, the `ª` would be an `a`, and the other a space.
#[test]
fn a_password_is_hashed_as_it_is_typed() {
    let password = "ªpä\u{a0}ss";
    let (mut exchange, first) = Exchange::begin(ScramHash::Sha512, &credentials("u", password)).unwrap();
    let first = String::from_utf8(first).unwrap();
    let challenge = challenge(&first, SALT, "8192");
    let answer = String::from_utf8(exchange.answer(challenge.as_bytes()).unwrap()).unwrap();
    let mut salted = [0; digest::SHA512_OUTPUT_LEN];
    let salt = BASE64_STANDARD.decode(SALT).unwrap();
    let iterations = NonZeroU32::new(8192).unwrap();
    pbkdf2::derive(
        pbkdf2::PBKDF2_HMAC_SHA512,
        iterations,
        &salt,
        password.as_bytes(),
        &mut salted,
    );
    let last = signed(hmac::HMAC_SHA512, &salted, &first, &challenge, &answer);
    assert_eq!(exchange.check(last.as_bytes()), Ok(()));
}

/// What becomes of an exchange whose broker says this at the end.
fn at_the_end(last: &str) -> Result<(), Broken> {
    let (mut exchange, first) = begun("user");
    exchange
        .answer(challenge(&first, SALT, "4096").as_bytes())
        .unwrap();
    exchange.check(last.as_bytes())
}

#[test]
fn a_broker_that_does_not_know_the_password_is_not_believed() {
    let other = "v=7rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=";
    assert_eq!(at_the_end(other), Err(Broken::Signature));
    assert_eq!(at_the_end("v="), Err(Broken::Signature));
    for noise in ["", "v", "v=?", "x=1", "v=,", "\u{0}\u{0}"] {
        assert!(matches!(at_the_end(noise), Err(Broken::Message(_))), "{noise:?}");
    }
    let said = at_the_end("e=other-error\u{1b}[2J").unwrap_err();
    assert_eq!(said.to_string(), "it reports an error (other-error\u{fffd}[2J)");
}

/// What becomes of an exchange whose broker says this in place of a challenge.
fn refused(told: impl Fn(&str) -> String) -> Broken {
    let (mut exchange, first) = begun("user");
    exchange.answer(told(&first).as_bytes()).unwrap_err()
}

#[test]
fn what_a_broker_may_not_ask_is_refused() {
    let with = |iterations: &str| refused(|first| challenge(first, SALT, iterations));
    assert_eq!(with("4095"), Broken::Iterations(4095));
    assert_eq!(with("1000001"), Broken::Iterations(1_000_001));
    assert_eq!(with("4294967295"), Broken::Iterations(u32::MAX));
    assert_eq!(
        with("4095").to_string(),
        "it asks for 4095 iterations, and from 4096 to 1000000 are accepted"
    );
    for odd in ["0", "99999999999", "-1", "", "4096.0"] {
        assert!(matches!(with(odd), Broken::Message(_)), "{odd}");
    }
    let of_salt = |salt: &str| refused(|first| challenge(first, salt, "4096"));
    assert!(matches!(of_salt("?22ZaJ0SNY7soEsUEjb6gQ=="), Broken::Message(_)));
    let of_nonce = |nonce: &str| refused(|_| format!("r={nonce},s={SALT},i=4096")).to_string();
    assert_eq!(
        of_nonce("another"),
        "its message is not what the mechanism says (SCRAM protocol error: \
         returned server nonce is invalid)"
    );
    let echoed = refused(|first| format!("r={},s={SALT},i=4096", nonce(first)));
    assert!(matches!(echoed, Broken::Message(_)));
    assert_eq!(
        refused(|_| "e=unknown-user".into()),
        Broken::Error("unknown-user".into())
    );
}

#[test]
fn names_are_escaped_and_nonces_differ() {
    let (_, first) = begun("a=b,c");
    let (_, second) = begun("a=b,c");
    assert!(first.starts_with("n,,n=a=3Db=2Cc,r="), "{first}");
    assert!(nonce(&first).len() >= 24, "{first}");
    assert_ne!(first, second);
}

proptest! {
    #[test]
    fn no_challenge_panics(challenge in "(r=|s=|i=|v=|e=|m=)?[a-z=,+/0-9]{0,40}") {
        let (mut exchange, first) = begun("user");
        let _ = exchange.answer(challenge.as_bytes());
        let (mut exchange, _) = begun("user");
        let _ = exchange.answer(format!("r={}{challenge}", nonce(&first)).as_bytes());
        let (mut exchange, first) = begun("user");
        let _ = exchange.answer(format!("r={}{challenge}", nonce(&first)).as_bytes());
        let _ = at_the_end(&challenge);
    }
}
