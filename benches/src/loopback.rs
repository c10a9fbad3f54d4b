//! Which addresses may be talked to: those of this machine, since topics are created and deleted.

use std::net::{SocketAddr, ToSocketAddrs};

use anyhow::{Context, Result, bail};

/// Resolves `host:port`, or several with commas. Any address of another machine is an error.
pub fn addresses(bootstrap: &str) -> Result<Vec<SocketAddr>> {
    let mut all = Vec::new();
    for address in bootstrap.split(',') {
        let found = address
            .to_socket_addrs()
            .with_context(|| format!("{address:?} is no host:port that can be resolved"))?;
        for candidate in found {
            if !candidate.ip().is_loopback() {
                bail!(
                    "{address} is on another machine ({candidate}); this benchmark creates and deletes topics, \
                     and only talks to a Kafka on a loopback address"
                );
            }
            all.push(candidate);
        }
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_machine_is_talked_to() {
        let several = addresses("127.0.0.1:9092,[::1]:9093").unwrap();
        assert_eq!(several.len(), 2);
        let error = addresses("127.0.0.1:9092,192.0.2.1:9092").unwrap_err();
        assert!(
            error.to_string().contains("192.0.2.1:9092 is on another machine"),
            "{error}"
        );
        assert!(addresses("localhost").is_err());
    }
}
