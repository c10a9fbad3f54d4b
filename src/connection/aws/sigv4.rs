//! AWS Signature Version 4 of a request as query parameters ("presigned"):
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html>

use std::fmt::Write as _;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use ring::{digest, hmac};
use tokio_rustls::rustls::pki_types::UnixTime;

use super::credentials::AwsCredentials;
use crate::connection::certificate::date;
use crate::model::Secret;

const ALGORITHM: &str = "AWS4-HMAC-SHA256";

/// SHA-256 of nothing: a request without a body.
pub(super) const EMPTY: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

/// A GET request that is to be signed, with its host as the only header.
pub(super) struct SignedRequest<'a> {
    pub(super) host: &'a str,
    pub(super) path: &'a str,
    /// Names and values, not encoded.
    pub(super) query: &'a [(&'a str, &'a str)],
    /// SHA-256 of the body in hexadecimal, or AWS's word for one that is not signed.
    pub(super) body: &'a str,
}

/// For what a signature is good.
pub(super) struct SignatureScope<'a> {
    pub(super) region: &'a str,
    pub(super) service: &'a str,
    pub(super) at: SystemTime,
    pub(super) lasts: Duration,
}

/// The query parameters with those of the signature, in the order of their names; the signature is the last. The values
/// are not encoded.
pub(super) fn presigned(
    request: &SignedRequest<'_>,
    scope: &SignatureScope<'_>,
    credentials: &AwsCredentials,
) -> Vec<(String, Secret)> {
    let moment = amz_date(scope.at);
    let day = moment.get(..8).unwrap_or_default();
    let within = format!("{day}/{}/{}/aws4_request", scope.region, scope.service);
    let lasts = scope.lasts.as_secs().to_string();
    let credential = format!("{}/{within}", credentials.access_key_id);
    let mut query: Vec<(&str, &str)> = request.query.to_vec();
    query.extend([
        ("X-Amz-Algorithm", ALGORITHM),
        ("X-Amz-Credential", &credential),
        ("X-Amz-Date", &moment),
        ("X-Amz-Expires", &lasts),
        ("X-Amz-SignedHeaders", "host"),
    ]);
    if let Some(token) = &credentials.session_token {
        query.push(("X-Amz-Security-Token", token.reveal()));
    }
    query.sort_unstable();
    let canonical = format!(
        "GET\n{}\n{}\nhost:{}\n\nhost\n{}",
        request.path,
        encoded_query(query.iter().copied()),
        request.host,
        request.body
    );
    let hashed = hexadecimal(digest::digest(&digest::SHA256, canonical.as_bytes()).as_ref());
    let to_sign = format!("{ALGORITHM}\n{moment}\n{within}\n{hashed}");
    let key = signing_key(
        credentials.secret_access_key.reveal(),
        day,
        scope.region,
        scope.service,
    );
    let signature = hexadecimal(hmac::sign(&key, to_sign.as_bytes()).as_ref());
    let signed = query.into_iter().chain([("X-Amz-Signature", &*signature)]);
    signed
        .map(|(name, value)| (name.to_owned(), Secret::new(value)))
        .collect()
}

/// Parameters as they stand in a URL.
pub(super) fn encoded_query<'a>(query: impl Iterator<Item = (&'a str, &'a str)>) -> String {
    let parts: Vec<String> = query
        .map(|(name, value)| format!("{}={}", encoded(name), encoded(value)))
        .collect();
    parts.join("&")
}

/// Everything but the unreserved characters of RFC 3986.
pub(super) fn encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            encoded.push(char::from(byte));
        } else {
            // Writing to a text cannot fail.
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}

/// `20260830T123600Z`
pub(super) fn amz_date(moment: SystemTime) -> String {
    let since = moment.duration_since(UNIX_EPOCH).unwrap_or_default();
    let text = date(UnixTime::since_unix_epoch(since));
    let text = text.trim_end_matches(" UTC").replace(['-', ':'], "");
    text.replace(' ', "T") + "Z"
}

fn signing_key(secret: &str, day: &str, region: &str, service: &str) -> hmac::Key {
    let first = Secret::new(format!("AWS4{secret}"));
    let mut key = hmac::Key::new(hmac::HMAC_SHA256, first.reveal().as_bytes());
    for part in [day, region, service, "aws4_request"] {
        key = hmac::Key::new(hmac::HMAC_SHA256, hmac::sign(&key, part.as_bytes()).as_ref());
    }
    key
}

pub(super) fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
#[allow(
    clippy::duration_suboptimal_units,
    reason = "published examples count in seconds since 1970"
)]
mod tests {
    use super::*;

    fn credentials(id: &str, secret: &str) -> AwsCredentials {
        AwsCredentials {
            access_key_id: id.to_owned(),
            secret_access_key: Secret::new(secret),
            session_token: None,
            expires: None,
        }
    }

    /// The example of "Authenticating Requests: Using Query Parameters" in the reference of Amazon S3.
    #[test]
    fn a_presigned_request_is_that_of_the_published_example() {
        let request = SignedRequest {
            host: "examplebucket.s3.amazonaws.com",
            path: "/test.txt",
            query: &[],
            body: "UNSIGNED-PAYLOAD",
        };
        let scope = SignatureScope {
            region: "us-east-1",
            service: "s3",
            at: UNIX_EPOCH + Duration::from_secs(1_369_353_600),
            lasts: Duration::from_hours(24),
        };
        let credentials = credentials("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY");
        let signed = presigned(&request, &scope, &credentials);
        let url = encoded_query(signed.iter().map(|(name, value)| (&**name, value.reveal())));
        assert_eq!(
            url,
            "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request\
             &X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host\
             &X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404"
        );
    }

    /// The example of a signing key in the General Reference.
    #[test]
    fn a_signing_key_is_that_of_the_published_example() {
        let key = signing_key(
            "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
            "20150830",
            "us-east-1",
            "iam",
        );
        let to_sign = "AWS4-HMAC-SHA256\n20150830T123600Z\n20150830/us-east-1/iam/aws4_request\n\
                       f536975d06c0309214f805bb90ccff089219ecd68b2577efef23edd43b7e1a59";
        assert_eq!(
            hexadecimal(hmac::sign(&key, to_sign.as_bytes()).as_ref()),
            "5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7"
        );
    }

    #[test]
    fn what_is_not_unreserved_is_encoded() {
        assert_eq!(encoded("a-B.c_9~ /=:+ü"), "a-B.c_9~%20%2F%3D%3A%2B%C3%BC");
        assert_eq!(
            amz_date(UNIX_EPOCH + Duration::from_secs(1_440_938_160)),
            "20150830T123600Z"
        );
    }
}
