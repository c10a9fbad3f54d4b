//! Who is answered. A page in a browser can make any name lead to 127.0.0.1 and ask there under that name; a name
//! that is not this machine's own is how that is known.

use std::net::IpAddr;

use ring::digest::{SHA256, digest};

use super::request::Request;

/// Who is answered.
#[derive(Debug, Clone, Default)]
pub struct Access {
    is_loopback: bool,
    /// The digest of the token, so that how long a comparison takes tells nothing of it.
    token: Option<[u8; 32]>,
}

/// Why somebody is not answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Denied {
    /// The name that was asked for is not of this machine.
    Host,
    /// The token is missing or another.
    Token,
}

impl Access {
    /// For a listener at this address. With a token, only whoever has it is answered.
    pub fn at(address: IpAddr, token: Option<&str>) -> Self {
        Self {
            is_loopback: address.to_canonical().is_loopback(),
            token: token.map(sha256),
        }
    }

    /// What whoever starts the exporter should know.
    pub fn warning(&self) -> Option<&'static str> {
        match (self.is_loopback, self.token) {
            (true, _) => None,
            (false, None) => Some(
                "warning: whoever reaches this address can read the metrics: names of topics and groups, and rates. \
                 There is no authentication without --listen-token-file, and no TLS.",
            ),
            (false, Some(_)) => Some(
                "warning: the token and the metrics cross the network in plain text; put a proxy with TLS before it \
                 where others can listen.",
            ),
        }
    }

    pub(super) fn check(&self, request: &Request) -> Result<(), Denied> {
        if self.is_loopback && !request.hosts.iter().all(|host| is_of_this_machine(host)) {
            return Err(Denied::Host);
        }
        match self.token {
            Some(token) if request.bearer.as_deref().map(sha256) != Some(token) => Err(Denied::Token),
            Some(_) | None => Ok(()),
        }
    }
}

fn sha256(text: &str) -> [u8; 32] {
    let mut bytes = [0; 32];
    bytes.copy_from_slice(digest(&SHA256, text.as_bytes()).as_ref());
    bytes
}

/// `localhost`, names below it, and addresses of the loopback, with a port or without.
fn is_of_this_machine(host: &str) -> bool {
    let is_port = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let name = match host.rsplit_once(':') {
        Some((name, port)) if is_port(port) && (!name.contains(':') || name.ends_with(']')) => name,
        Some(_) | None => host,
    };
    let name = name.strip_suffix('.').unwrap_or(name).to_ascii_lowercase();
    if name == "localhost" || name.ends_with(".localhost") {
        return true;
    }
    let literal = name.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    let address = literal.unwrap_or(&name).parse::<IpAddr>();
    address.is_ok_and(|address| address.to_canonical().is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_of_this_machine_are_its_own() {
        for own in [
            "localhost",
            "LOCALHOST:9308",
            "localhost.",
            "app.localhost:1",
            "127.0.0.1:9308",
            "127.1.2.3",
            "[::1]:9308",
            "[::1]",
            "[::ffff:127.0.0.1]:80",
        ] {
            assert!(is_of_this_machine(own), "{own}");
        }
        for other in [
            "evil.example",
            "localhost.evil.example:9308",
            "127.0.0.1.nip.io",
            "10.0.0.1:9308",
            "[::2]:80",
            "",
            "evil.example:80:127.0.0.1",
        ] {
            assert!(!is_of_this_machine(other), "{other}");
        }
    }
}
