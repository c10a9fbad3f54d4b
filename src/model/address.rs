//! Broker addresses as people write them: `host:port`, several separated by commas.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use thiserror::Error;

/// Where a broker listens.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Address {
    host: Arc<str>,
    port: u16,
}

/// Why a text is no broker address.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum InvalidAddress {
    /// Nothing was given, or nothing between two commas.
    #[error("a broker address is empty; write `host:port`, several separated by commas")]
    Empty,
    /// `user:password@host:port`; not quoted, for it may hold a secret.
    #[error("a broker address has no user or password in it; write `host:port` alone")]
    Credentials,
    /// `http://host:port` and the like.
    #[error("`{address}` is no broker address: leave out `{scheme}://` and write `{rest}`")]
    Scheme {
        /// The address as written.
        address: String,
        /// What stands before `://`.
        scheme: String,
        /// What stands after it.
        rest: String,
    },
    /// A host alone.
    #[error("`{address}` has no port; brokers mostly listen on 9092: `{address}:9092`")]
    NoPort {
        /// The address as written.
        address: String,
    },
    /// A port alone.
    #[error("`{address}` has no host; write `host:port`")]
    NoHost {
        /// The address as written.
        address: String,
    },
    /// Something that is no port number.
    #[error("`{address}` has no usable port: {port:?} is not a number from 1 to 65535")]
    Port {
        /// The address as written.
        address: String,
        /// What stands where the port should.
        port: String,
    },
    /// An IPv6 address needs brackets, since its own colons look like the port's.
    #[error("`{address}`: an IPv6 address needs brackets and a port, such as `[::1]:9092`")]
    Brackets {
        /// The address as written.
        address: String,
    },
    /// A blank, slash or the like in the host.
    #[error("`{address}` is no broker address: {character:?} cannot be part of a host name")]
    Character {
        /// The address as written.
        address: String,
        /// The offending character.
        character: char,
    },
}

impl Address {
    /// An address that a broker advertised; taken as it is.
    pub(crate) fn advertised(host: Arc<str>, port: u16) -> Self {
        Self { host, port }
    }

    /// Reads `host:port,host2:port` in the order given; an address given twice counts once.
    pub fn parse_list(text: &str) -> Result<Vec<Self>, InvalidAddress> {
        let mut addresses = Vec::new();
        for part in text.split(',') {
            let address: Self = part.parse()?;
            if !addresses.contains(&address) {
                addresses.push(address);
            }
        }
        Ok(addresses)
    }

    /// The host name or IP address, without brackets.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The port, never 0.
    pub fn port(&self) -> u16 {
        self.port
    }
}

impl FromStr for Address {
    type Err = InvalidAddress;

    fn from_str(text: &str) -> Result<Self, InvalidAddress> {
        let text = text.trim();
        let address = || text.to_owned();
        if text.is_empty() {
            return Err(InvalidAddress::Empty);
        }
        if text.contains('@') {
            return Err(InvalidAddress::Credentials);
        }
        if let Some((scheme, rest)) = text.split_once("://") {
            return Err(InvalidAddress::Scheme {
                address: address(),
                scheme: scheme.to_owned(),
                rest: rest.trim_end_matches('/').to_owned(),
            });
        }
        let (host, port) = if text.starts_with('[') {
            bracketed(text)?
        } else {
            plain(text)?
        };
        match port.parse() {
            Ok(port) if port > 0 => Ok(Self {
                host: host.into(),
                port,
            }),
            _ => Err(InvalidAddress::Port {
                address: address(),
                port: port.to_owned(),
            }),
        }
    }
}

fn bracketed(text: &str) -> Result<(&str, &str), InvalidAddress> {
    let odd = || InvalidAddress::Brackets {
        address: text.to_owned(),
    };
    let (host, port) = text[1..].split_once("]:").ok_or_else(odd)?;
    // A zone, as in `fe80::1%eth0`, is the resolver's business.
    let number = host.split('%').next().unwrap_or(host);
    number.parse::<std::net::Ipv6Addr>().map_err(|_| odd())?;
    Ok((host, port))
}

fn plain(text: &str) -> Result<(&str, &str), InvalidAddress> {
    let address = || text.to_owned();
    let Some((host, port)) = text.rsplit_once(':') else {
        legal(text, text)?;
        return Err(InvalidAddress::NoPort { address: address() });
    };
    if host.is_empty() {
        return Err(InvalidAddress::NoHost { address: address() });
    }
    if host.contains(':') {
        return Err(InvalidAddress::Brackets { address: address() });
    }
    legal(host, text)?;
    Ok((host, port))
}

/// Internationalised names are the resolver's business; what can only be a slip is said here.
fn legal(host: &str, text: &str) -> Result<(), InvalidAddress> {
    let odd = |c: &char| c.is_whitespace() || c.is_control() || "/\\;'\"[]<>?#=".contains(*c);
    match host.chars().find(odd) {
        None => Ok(()),
        Some(character) => Err(InvalidAddress::Character {
            address: text.to_owned(),
            character,
        }),
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.host.contains(':') {
            write!(f, "[{}]:{}", self.host, self.port)
        } else {
            write!(f, "{}:{}", self.host, self.port)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_in_order_and_once() {
        let list = Address::parse_list("kafka-1:9092, 10.0.0.1:19092,[::1]:9093,kafka-1:9092").unwrap();
        let shown: Vec<String> = list.iter().map(Address::to_string).collect();
        assert_eq!(shown, ["kafka-1:9092", "10.0.0.1:19092", "[::1]:9093"]);
        assert_eq!(list[2].host(), "::1");
        assert_eq!(list[2].port(), 9093);
    }

    #[test]
    fn every_slip_is_named_with_what_to_write() {
        let cases = [
            "",
            "kafka:9092,,other:9092",
            "kafka",
            ":9092",
            "kafka:",
            "kafka:0",
            "kafka:65536",
            "kafka:http",
            "http://kafka:8080/",
            "::1:9092",
            "[::1]",
            "[kafka]:9092",
            "a b:9092",
            "kafka:9092/topic",
            "http://user:hunter2@kafka:9092",
        ];
        let shown: Vec<String> = cases
            .iter()
            .map(|case| format!("{case:?}: {}", Address::parse_list(case).unwrap_err()))
            .collect();
        insta::assert_snapshot!(shown.join("\n"), @r#"
        "": a broker address is empty; write `host:port`, several separated by commas
        "kafka:9092,,other:9092": a broker address is empty; write `host:port`, several separated by commas
        "kafka": `kafka` has no port; brokers mostly listen on 9092: `kafka:9092`
        ":9092": `:9092` has no host; write `host:port`
        "kafka:": `kafka:` has no usable port: "" is not a number from 1 to 65535
        "kafka:0": `kafka:0` has no usable port: "0" is not a number from 1 to 65535
        "kafka:65536": `kafka:65536` has no usable port: "65536" is not a number from 1 to 65535
        "kafka:http": `kafka:http` has no usable port: "http" is not a number from 1 to 65535
        "http://kafka:8080/": `http://kafka:8080/` is no broker address: leave out `http://` and write `kafka:8080`
        "::1:9092": `::1:9092`: an IPv6 address needs brackets and a port, such as `[::1]:9092`
        "[::1]": `[::1]`: an IPv6 address needs brackets and a port, such as `[::1]:9092`
        "[kafka]:9092": `[kafka]:9092`: an IPv6 address needs brackets and a port, such as `[::1]:9092`
        "a b:9092": `a b:9092` is no broker address: ' ' cannot be part of a host name
        "kafka:9092/topic": `kafka:9092/topic` has no usable port: "9092/topic" is not a number from 1 to 65535
        "http://user:hunter2@kafka:9092": a broker address has no user or password in it; write `host:port` alone
        "#);
    }
}
