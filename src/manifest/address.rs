//! Bootstrap addresses, as far as they can be judged without a network.

/// Why a text is no address of a broker.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum WrongAddress {
    Empty,
    Scheme,
    NoPort,
    Port,
    Host,
}

impl WrongAddress {
    /// To follow the address in a sentence.
    pub(super) fn what(self) -> &'static str {
        match self {
            Self::Empty => "is empty",
            Self::Scheme => "is a URL, not an address",
            Self::NoPort => "is an address without a port",
            Self::Port => "has no port from 1 to 65535",
            Self::Host => "has no valid host",
        }
    }

    pub(super) fn suggestion(self) -> &'static str {
        match self {
            Self::Empty => "write `host:port`, several separated by commas",
            Self::Scheme => "write `host:port`; the protocol goes into `security.protocol` under `client`",
            Self::NoPort => "write `host:port`; Kafka's usual port is 9092",
            Self::Port | Self::Host => "write `host:port`, an IPv6 address as `[::1]:9092`",
        }
    }
}

/// `host:port`, with an IPv6 address in brackets.
pub(super) fn check(address: &str) -> Result<(), WrongAddress> {
    if address.is_empty() {
        return Err(WrongAddress::Empty);
    }
    if address.contains("://") {
        return Err(WrongAddress::Scheme);
    }
    let bracketed = address.strip_prefix('[').and_then(|rest| rest.split_once(']'));
    let (host, port) = match bracketed {
        Some((host, rest)) => (host, rest.strip_prefix(':')),
        None => match address.rsplit_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => (address, None),
        },
    };
    let port = port.filter(|port| !port.is_empty()).ok_or(WrongAddress::NoPort)?;
    let is_port =
        port.bytes().all(|byte| byte.is_ascii_digit()) && port.parse::<u16>().is_ok_and(|port| port > 0);
    if !is_port {
        return Err(WrongAddress::Port);
    }
    check_host(host, bracketed.is_some())
}

fn check_host(host: &str, bracketed: bool) -> Result<(), WrongAddress> {
    let legal = |c: char| {
        c.is_alphanumeric() || matches!(c, '.' | '-' | '_') || (bracketed && matches!(c, ':' | '%'))
    };
    if host.is_empty() || !host.chars().all(legal) {
        Err(WrongAddress::Host)
    } else {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_have_a_host_and_a_port() {
        for good in [
            "localhost:9092",
            "10.0.0.1:1",
            "kafka-0.kafka_svc:65535",
            "[::1]:9092",
            "[fe80::1%eth0]:9092",
        ] {
            assert_eq!(check(good), Ok(()), "{good}");
        }
        for (bad, why) in [
            ("", WrongAddress::Empty),
            ("localhost", WrongAddress::NoPort),
            ("localhost:", WrongAddress::NoPort),
            ("[::1]", WrongAddress::NoPort),
            ("localhost:0", WrongAddress::Port),
            ("localhost:70000", WrongAddress::Port),
            ("localhost:kafka", WrongAddress::Port),
            (":9092", WrongAddress::Host),
            ("a b:9092", WrongAddress::Host),
            ("::1:9092", WrongAddress::Host),
            ("PLAINTEXT://localhost:9092", WrongAddress::Scheme),
        ] {
            assert_eq!(check(bad), Err(why), "{bad}");
        }
    }
}
