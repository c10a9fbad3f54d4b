//! `--allow-bootstrap`: where a run may connect at all. A pattern has one part for each label of a host, so that
//! `10.0.0.*` does not let `10.0.0.1.example.com` in.

use std::fmt;
use std::str::FromStr;

use tokio_rustls::rustls::pki_types::ServerName;

use crate::model::Pattern;

/// The addresses that a run may connect to. Without a pattern, all of them.
#[derive(Debug, Clone, Default)]
pub struct AllowedAddresses(Vec<AddressPattern>);

/// `kafka-*.prod.example:9092`, or a host alone, at any port. `*` and `?` stand for characters within a label, as in a
/// certificate's names.
#[derive(Debug, Clone)]
pub struct AddressPattern {
    labels: Vec<Pattern>,
    port: Option<u16>,
}

impl AllowedAddresses {
    /// Those that one of the patterns matches.
    pub fn new(patterns: Vec<AddressPattern>) -> Self {
        Self(patterns)
    }

    /// Whether a run may connect there. `host` is without brackets.
    pub fn allows(&self, host: &str, port: u16) -> bool {
        self.0.is_empty() || self.0.iter().any(|pattern| pattern.matches(host, port))
    }
}

impl AddressPattern {
    fn matches(&self, host: &str, port: u16) -> bool {
        let labels = labels(host);
        self.port.is_none_or(|wanted| wanted == port)
            && labels.len() == self.labels.len()
            && self
                .labels
                .iter()
                .zip(&labels)
                .all(|(pattern, label)| pattern.matches(label))
    }
}

/// A number of IPv6 is one label, whatever is in it.
fn labels(host: &str) -> Vec<String> {
    let host = host.strip_suffix('.').unwrap_or(host).to_ascii_lowercase();
    if host.contains(':') {
        vec![host]
    } else {
        host.split('.').map(str::to_owned).collect()
    }
}

/// Why a text is no pattern of addresses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InvalidAddressPattern;

impl fmt::Display for InvalidAddressPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("write `host:port`, or a host for any port; `*` stands for characters between two dots")
    }
}

impl std::error::Error for InvalidAddressPattern {}

impl FromStr for AddressPattern {
    type Err = InvalidAddressPattern;

    fn from_str(text: &str) -> Result<Self, InvalidAddressPattern> {
        let text = text.trim();
        let (host, port) = match text.strip_prefix('[') {
            Some(rest) => rest.split_once(']').ok_or(InvalidAddressPattern)?,
            None => text.find(':').map_or((text, ""), |colon| text.split_at(colon)),
        };
        let port = match port.strip_prefix(':') {
            Some(port) => Some(port.parse().map_err(|_| InvalidAddressPattern)?),
            None if port.is_empty() => None,
            None => return Err(InvalidAddressPattern),
        };
        let odd = |letter: char| letter.is_whitespace() || letter.is_control() || "/\\@,".contains(letter);
        if host.is_empty() || host.contains(odd) || port == Some(0) {
            return Err(InvalidAddressPattern);
        }
        let labels = labels(host).iter().map(|label| Pattern::new(label)).collect();
        Ok(Self { labels, port })
    }
}

/// Whether nothing that is sent there leaves this machine.
pub fn is_loopback(host: &str) -> bool {
    if let Ok(ServerName::IpAddress(address)) = ServerName::try_from(host) {
        return std::net::IpAddr::from(address).is_loopback();
    }
    let host = host.strip_suffix('.').unwrap_or(host).to_ascii_lowercase();
    host == "localhost" || host.ends_with(".localhost")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allows(pattern: &str, host: &str, port: u16) -> bool {
        AllowedAddresses::new(vec![pattern.parse().unwrap()]).allows(host, port)
    }

    #[test]
    fn a_pattern_matches_label_by_label() {
        for (pattern, host) in [
            ("kafka-1.prod.example:9092", "kafka-1.prod.example"),
            ("kafka-*.prod.example:9092", "Kafka-12.PROD.example."),
            ("*.prod.example", "kafka-1.prod.example"),
            ("10.0.0.*", "10.0.0.7"),
            ("kafka?:9092", "kafka1"),
            ("localhost", "localhost"),
            ("[::1]:9092", "::1"),
            ("[fe80::*]", "fe80::1%eth0"),
        ] {
            assert!(allows(pattern, host, 9092), "{pattern} {host}");
        }
        for (pattern, host) in [
            ("kafka-1.prod.example:9093", "kafka-1.prod.example"),
            ("*.prod.example", "a.b.prod.example"),
            ("*.prod.example", "prod.example"),
            ("10.0.0.*", "10.0.0.7.evil.example"),
            ("kafka-*", "kafka-1.evil.example"),
            ("*", "evil.example"),
            ("kafka.prod.example", "kafka.prod.example.evil.example"),
            ("[::1]", "::2"),
        ] {
            assert!(!allows(pattern, host, 9092), "{pattern} {host}");
        }
        assert!(AllowedAddresses::default().allows("anything.example", 1));
    }

    #[test]
    fn what_is_no_pattern_is_refused() {
        for text in [
            "",
            " ",
            ":9092",
            "a:b",
            "a:0",
            "a:70000",
            "::1",
            "[::1",
            "[::1]9092",
            "a b",
            "http://a",
            "a,b",
            "u@a",
        ] {
            assert!(text.parse::<AddressPattern>().is_err(), "{text}");
        }
    }

    #[test]
    fn loopback_is_this_machine_and_no_name_that_looks_like_it() {
        for host in [
            "127.0.0.1",
            "127.8.9.1",
            "::1",
            "localhost",
            "LOCALHOST.",
            "kafka.localhost",
        ] {
            assert!(is_loopback(host), "{host}");
        }
        for host in [
            "127.0.0.1.example",
            "localhost.example",
            "0.0.0.0",
            "10.0.0.1",
            "::2",
            "notlocalhost",
            "",
        ] {
            assert!(!is_loopback(host), "{host}");
        }
    }
}
