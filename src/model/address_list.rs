//! Lists of broker addresses as people write them. What is unambiguous is taken: empty entries, blanks and line ends
//! between entries, a scheme that names a security protocol. Everything else is one error with the list as it should be.

use std::fmt;

use super::address::{Address, Slip};
use super::{is_invisible, printable};

/// The addresses of a list, in the order given, each once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AddressList {
    /// Never empty.
    pub addresses: Vec<Address>,
    /// What the list itself says of the protocol, each scheme once.
    pub schemes: Vec<Scheme>,
}

/// What stands before `://`. Java's clients pass over it; here it has to agree with `security.protocol`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scheme {
    /// `PLAINTEXT://`
    Plaintext,
    /// `SSL://`
    Ssl,
    /// `SASL_PLAINTEXT://`
    SaslPlaintext,
    /// `SASL_SSL://`
    SaslSsl,
    /// `kafka+ssl://`: TLS, with or without a login.
    AnyTls,
    /// `kafka://` says nothing of the protocol.
    Unspecific,
}

/// Why a text is no list of addresses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvalidAddresses {
    /// What is wrong, each thing once; to follow a colon.
    pub problems: Vec<String>,
    /// The whole list as it was probably meant.
    pub corrected: Option<String>,
    /// Where the first entry that is wrong begins, in characters.
    pub offset: usize,
}

const FORM: &str = "write `host:port`, several separated by commas";

impl Address {
    /// The addresses of a list, whatever its schemes say.
    ///
    /// # Errors
    /// As [`AddressList::parse`].
    pub fn parse_list(text: &str) -> Result<Vec<Self>, InvalidAddresses> {
        AddressList::parse(text).map(|list| list.addresses)
    }
}

impl AddressList {
    /// The entries of a list as they are written, without looking into them.
    pub fn entries(text: &str) -> impl Iterator<Item = &str> {
        entries(text).map(|(_, entry)| entry)
    }

    /// Reads `host:port,host2:port`.
    ///
    /// # Errors
    /// Everything that is wrong, with the list as it should be.
    pub fn parse(text: &str) -> Result<Self, InvalidAddresses> {
        let mut list = Self {
            addresses: Vec::new(),
            schemes: Vec::new(),
        };
        let mut slips = Vec::new();
        for (offset, entry) in entries(text) {
            match read_entry(entry) {
                Ok((address, scheme)) => {
                    push_once(&mut list.addresses, address);
                    if let Some(scheme) = scheme {
                        push_once(&mut list.schemes, scheme);
                    }
                }
                Err(slip) => slips.push((offset, entry, slip)),
            }
        }
        if slips.is_empty() && !list.addresses.is_empty() {
            return Ok(list);
        }
        Err(InvalidAddresses::new(text, &slips))
    }
}

impl fmt::Display for AddressList {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&joined(&self.addresses))
    }
}

fn joined(addresses: &[Address]) -> String {
    let shown: Vec<String> = addresses.iter().map(Address::to_string).collect();
    shown.join(",")
}

fn push_once<T: PartialEq>(list: &mut Vec<T>, item: T) {
    if !list.contains(&item) {
        list.push(item);
    }
}

/// What stands between commas and blanks, with where it begins. Nothing between two of them is no entry.
fn entries(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut offset = 0;
    let parts = text.split(|c: char| c == ',' || c.is_whitespace());
    let placed = parts.map(move |part| {
        let begins = offset;
        offset += part.chars().count() + 1;
        (begins, part)
    });
    placed.filter(|(_, part)| !part.is_empty())
}

fn read_entry(entry: &str) -> Result<(Address, Option<Scheme>), Slip> {
    if entry.contains('@') {
        return Err(Slip::Credentials);
    }
    let Some((scheme, address)) = entry.split_once("://") else {
        return Address::parse(entry).map(|address| (address, None));
    };
    let scheme = Scheme::parse(scheme)?;
    Address::parse(address).map(|address| (address, Some(scheme)))
}

impl Scheme {
    fn parse(text: &str) -> Result<Self, Slip> {
        match text.to_ascii_uppercase().as_str() {
            "PLAINTEXT" => Ok(Self::Plaintext),
            "SSL" => Ok(Self::Ssl),
            "SASL_PLAINTEXT" => Ok(Self::SaslPlaintext),
            "SASL_SSL" => Ok(Self::SaslSsl),
            "KAFKA+SSL" | "KAFKA+TLS" | "KAFKAS" => Ok(Self::AnyTls),
            "KAFKA" => Ok(Self::Unspecific),
            proxy if proxy.starts_with("SOCKS") => Err(Slip::Proxy),
            _ => Err(Slip::Scheme),
        }
    }

    /// Whether a connection by this security protocol, by Kafka's name, is what the scheme says.
    pub fn agrees_with(self, protocol: &str) -> bool {
        match self {
            Self::AnyTls => protocol.ends_with("SSL"),
            Self::Unspecific => true,
            stated => protocol == stated.protocol(),
        }
    }

    /// The security protocol that is meant, by Kafka's name.
    pub fn protocol(self) -> &'static str {
        match self {
            Self::Plaintext | Self::Unspecific => "PLAINTEXT",
            Self::Ssl => "SSL",
            Self::SaslPlaintext => "SASL_PLAINTEXT",
            Self::SaslSsl => "SASL_SSL",
            Self::AnyTls => "SSL or SASL_SSL",
        }
    }
}

impl InvalidAddresses {
    pub(super) fn new(text: &str, slips: &[(usize, &str, Slip)]) -> Self {
        let hides = slips.iter().any(|(_, _, slip)| *slip == Slip::Credentials);
        let mut problems = Vec::new();
        if slips.is_empty() {
            problems.push("no address is given".to_owned());
        }
        for (_, entry, slip) in slips {
            // One that holds a password may have been parted at a comma or a blank of it.
            if !hides || *slip == Slip::Credentials {
                push_once(&mut problems, slip.said_of(entry));
            }
        }
        Self {
            problems,
            corrected: slips
                .iter()
                .all(|(_, _, slip)| slip.has_remedy())
                .then(|| corrected(text))
                .flatten(),
            offset: slips.first().map_or(0, |(offset, ..)| *offset),
        }
    }

    /// What to write instead.
    pub fn suggestion(&self) -> String {
        match &self.corrected {
            Some(list) => format!("write `{list}`"),
            None => FORM.to_owned(),
        }
    }
}

impl fmt::Display for InvalidAddresses {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}; {}", self.problems.join("; "), self.suggestion())
    }
}

impl std::error::Error for InvalidAddresses {}

impl Slip {
    /// Whether the list that is meant can be seen from what is written.
    fn has_remedy(self) -> bool {
        !matches!(self, Self::Credentials | Self::Proxy)
            && !matches!(self, Self::Character(letter) if letter.is_control())
    }

    fn said_of(self, entry: &str) -> String {
        const LONGEST: usize = 100;
        let entry: String = entry.chars().take(LONGEST).collect();
        let shown = printable(&entry);
        match self {
            Self::Credentials => "a broker address has no user or password in it".to_owned(),
            Self::Scheme => format!(
                "`{}://` is no protocol of a Kafka listener",
                printable(entry.split("://").next().unwrap_or_default())
            ),
            Self::Proxy => {
                "a SOCKS proxy is not supported, since librdkafka, which the `events` commands use, has \
                            none"
                    .to_owned()
            }
            Self::NoPort => format!("`{shown}` has no port; brokers mostly listen on 9092"),
            Self::NoHost => format!("`{shown}` has no host"),
            Self::Port => format!("`{shown}` has no port from 1 to 65535"),
            Self::Brackets => format!("`{shown}`: an IPv6 address needs brackets"),
            Self::NotIpv6 => format!("`{shown}`: brackets are for IPv6 addresses"),
            Self::Character(letter) => format!("`{shown}`: {} cannot be part of an address", spoken(letter)),
        }
    }
}

/// A character with its number where it cannot be seen, or looks like another one.
fn spoken(letter: char) -> String {
    let code = u32::from(letter);
    match letter {
        '\u{feff}' => format!("the invisible U+{code:04X} (byte order mark)"),
        letter if is_invisible(letter) => format!("the invisible U+{code:04X}"),
        letter if letter.is_ascii() => format!("`{letter}`"),
        letter => format!("`{letter}` (U+{code:04X})"),
    }
}

/// What a list was probably meant to be: look-alikes of other alphabets, quotes, brackets and schemes left out.
fn corrected(text: &str) -> Option<String> {
    let text: String = text.chars().filter_map(meant).collect();
    // Two words with a blank between may be one name.
    let is_parted_by_blanks = text.trim().contains(' ');
    let text = text
        .strip_prefix("bootstrap.servers=")
        .unwrap_or(&text)
        .replace("\\n", ",");
    let mut addresses = Vec::new();
    for (_, entry) in entries(&text) {
        push_once(&mut addresses, corrected_entry(entry, !is_parted_by_blanks)?);
    }
    (!addresses.is_empty()).then(|| joined(&addresses))
}

fn meant(letter: char) -> Option<char> {
    match letter {
        ';' | '|' | '\u{3001}' | '\u{ff0c}' | '\u{ff1b}' => Some(','),
        '\u{3002}' | '\u{ff61}' => Some('.'),
        '"' | '\'' | '`' | '\u{2018}'..='\u{201f}' | '\u{ff02}' | '\u{ff07}' => None,
        full_width @ '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(full_width) - 0xfee0),
        blank if blank.is_whitespace() => Some(' '),
        invisible if is_invisible(invisible) => None,
        other => Some(other),
    }
}

fn corrected_entry(entry: &str, fills_port_in: bool) -> Option<Address> {
    let address = entry.split_once("://").map_or(entry, |(_, address)| address);
    let address = address.split('/').next()?;
    let bare: String = address
        .chars()
        .filter(|letter| !matches!(letter, '[' | ']'))
        .collect();
    let is_ipv6 = |host: &str| host.parse::<std::net::Ipv6Addr>().is_ok();
    let tried = [
        Some(address.to_owned()),
        Some(bare.clone()),
        bare.rsplit_once(':')
            .filter(|(host, _)| is_ipv6(host))
            .map(|(host, port)| format!("[{host}]:{port}")),
        fills_port_in.then(|| format!("{address}:9092")),
    ];
    tried
        .into_iter()
        .flatten()
        .find_map(|text| Address::parse(&text).ok())
}

#[cfg(test)]
mod tests;
