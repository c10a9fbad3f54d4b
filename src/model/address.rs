//! Where a broker listens: `host:port`. How people write lists of addresses is in `address_list`.

use std::fmt;
use std::net::Ipv6Addr;
use std::str::FromStr;
use std::sync::Arc;

use super::address_list::InvalidAddresses;

/// Where a broker listens.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Address {
    host: Arc<str>,
    port: u16,
}

/// What is wrong with one address of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Slip {
    /// A user or password stands in front of the host. The address is not quoted, for it may hold a secret.
    Credentials,
    /// `http://` and the like: no protocol of a Kafka listener.
    Scheme,
    /// A proxy is named.
    Proxy,
    NoPort,
    NoHost,
    /// The port is no number from 1 to 65535.
    Port,
    /// The colons of an IPv6 address look like the one before the port.
    Brackets,
    /// Brackets around something that is no IPv6 address.
    NotIpv6,
    /// A character that no host has.
    Character(char),
}

impl Address {
    /// An address that a broker advertised; taken as it is.
    pub(crate) fn advertised(host: Arc<str>, port: u16) -> Self {
        Self { host, port }
    }

    /// The host name or IP address, without brackets.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The port, never 0.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Reads `host:port` without blanks or a scheme.
    pub(super) fn parse(text: &str) -> Result<Self, Slip> {
        let (host, port) = if text.starts_with('[') {
            bracketed(text)?
        } else {
            plain(text)?
        };
        let is_number = port.bytes().all(|byte| byte.is_ascii_digit());
        match port.parse() {
            Ok(port) if port > 0 && is_number => Ok(Self {
                host: host.into(),
                port,
            }),
            _ => Err(odd(port).unwrap_or(Slip::Port)),
        }
    }
}

impl FromStr for Address {
    type Err = InvalidAddresses;

    /// A list of one address.
    fn from_str(text: &str) -> Result<Self, InvalidAddresses> {
        let mut list = Self::parse_list(text)?.into_iter();
        list.next().ok_or_else(|| InvalidAddresses::new(text, &[]))
    }
}

fn bracketed(text: &str) -> Result<(&str, &str), Slip> {
    let (host, rest) = text[1..].split_once(']').ok_or(Slip::NotIpv6)?;
    // A zone, as in `fe80::1%eth0`, is the resolver's business.
    let (number, zone) = host.split_once('%').unwrap_or((host, ""));
    if number.parse::<Ipv6Addr>().is_err() || !zone.chars().all(is_of_host) {
        return Err(Slip::NotIpv6);
    }
    Ok((host, rest.strip_prefix(':').ok_or(Slip::NoPort)?))
}

fn plain(text: &str) -> Result<(&str, &str), Slip> {
    if let Some(slip) = odd(text) {
        return Err(slip);
    }
    let (host, port) = text.rsplit_once(':').ok_or(Slip::NoPort)?;
    match host {
        "" => Err(Slip::NoHost),
        host if host.contains(':') => Err(Slip::Brackets),
        host if !host.chars().all(is_of_host) => Err(Slip::Port),
        host => Ok((host, port)),
    }
}

/// The first character that belongs to no address. Full-width letters and signs look like those that are meant.
fn odd(text: &str) -> Option<Slip> {
    let is_odd = |c: &char| !is_of_host(*c) && *c != ':';
    text.chars().find(is_odd).map(Slip::Character)
}

/// Internationalised names are the resolver's business.
fn is_of_host(letter: char) -> bool {
    let is_compatibility_form = matches!(letter, '\u{ff00}'..='\u{ffef}');
    (letter.is_alphanumeric() && !is_compatibility_form) || matches!(letter, '.' | '-' | '_')
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
