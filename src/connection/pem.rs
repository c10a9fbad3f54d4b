//! PEM as Kafka's clients take it: sections anywhere in a text, their lines joined or not, since a
//! properties file makes one line of them.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use zeroize::Zeroizing;

/// One `-----BEGIN …-----` with what follows.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct PemSection {
    /// `CERTIFICATE`, `PRIVATE KEY`.
    pub(super) label: String,
    /// The body; `None` for a key that is encrypted the way that came before PKCS#8.
    pub(super) der: Option<Vec<u8>>,
}

/// A section that is not closed or not base64.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct MalformedPem;

const BEGIN: &str = "-----BEGIN ";
const DASHES: &str = "-----";

pub(super) fn is_pem(bytes: &[u8]) -> bool {
    std::str::from_utf8(bytes).is_ok_and(|text| text.contains(BEGIN))
}

/// Line ends that stand there as `\n`, as in a variable, count as line ends.
pub(super) fn sections(text: &str) -> Result<Vec<PemSection>, MalformedPem> {
    let unescaped = Zeroizing::new(text.replace("\\r", "").replace("\\n", "\n"));
    let mut rest = unescaped.as_str();
    let mut sections = Vec::new();
    while let Some(start) = rest.find(BEGIN) {
        let (label, after) = rest[start + BEGIN.len()..]
            .split_once(DASHES)
            .ok_or(MalformedPem)?;
        let (body, after) = after
            .split_once(&format!("-----END {label}-----"))
            .ok_or(MalformedPem)?;
        sections.push(PemSection {
            label: label.to_owned(),
            der: der(body)?,
        });
        rest = after;
    }
    Ok(sections)
}

fn der(body: &str) -> Result<Option<Vec<u8>>, MalformedPem> {
    if body.contains("Proc-Type:") {
        return Ok(None);
    }
    let compact: String = body.chars().filter(|letter| !letter.is_whitespace()).collect();
    BASE64_STANDARD
        .decode(compact)
        .map(Some)
        .map_err(|_| MalformedPem)
}

/// A section as text.
pub(super) fn encode(label: &str, der: &[u8]) -> String {
    let body = BASE64_STANDARD.encode(der);
    let mut text = format!("-----BEGIN {label}-----\n");
    for line in body.as_bytes().chunks(64) {
        // Base64 is ASCII, so every chunk is text.
        text.push_str(&String::from_utf8_lossy(line));
        text.push('\n');
    }
    text + &format!("-----END {label}-----\n")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn sections_are_found_with_and_without_their_lines() {
        let text = "some words\n-----BEGIN A-----\nAQID\n-----END A-----\n-----BEGIN B C----- BAU= -----END B C-----";
        let found = sections(text).unwrap();
        let shown: Vec<_> = found.iter().map(|s| (&*s.label, s.der.clone())).collect();
        assert_eq!(shown, [("A", Some(vec![1, 2, 3])), ("B C", Some(vec![4, 5]))]);
        // As variables, JSON and quoted YAML carry it.
        for end in ["\\n", "\\r\\n", "\r\n"] {
            let escaped = text.replace('\n', end);
            assert!(sections(&escaped).unwrap() == found, "{escaped}");
        }
    }

    #[test]
    fn what_is_broken_is_no_section() {
        for text in [
            "-----BEGIN A-----\nAQID\n",
            "-----BEGIN A-----\nA?ID\n-----END A-----",
            "-----BEGIN A",
            "-----BEGIN A-----\nAQID\n-----END B-----",
        ] {
            assert!(sections(text) == Err(MalformedPem), "{text}");
        }
        assert!(sections("no pem at all") == Ok(Vec::new()));
    }

    #[test]
    fn old_encryption_is_recognised() {
        let text = "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: X\n\nAQID\n-----END RSA PRIVATE KEY-----";
        assert!(sections(text).unwrap()[0].der.is_none());
    }

    proptest! {
        #[test]
        fn what_is_encoded_comes_back(der in proptest::collection::vec(any::<u8>(), 0..200)) {
            let found = sections(&encode("X", &der)).ok().unwrap();
            let expected = [PemSection { label: "X".into(), der: Some(der) }];
            prop_assert!(found == expected, "it came back otherwise");
        }
    }
}
