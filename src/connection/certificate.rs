//! What people need to know of a certificate: who issued it, what it lacks, and moments as dates.

use p12_keystore::Certificate;
use tokio_rustls::rustls::pki_types::UnixTime;
use x509_parser::certificate::X509Certificate;
use x509_parser::extensions::GeneralName;
use x509_parser::parse_x509_certificate;
use x509_parser::public_key::PublicKey;
use x509_parser::x509::X509Version;

use crate::model::printable;

/// The name of the issuer, fit to be printed. `None` if the certificate cannot be read.
pub(super) fn issuer(der: &[u8]) -> Option<String> {
    Certificate::from_der(der)
        .ok()
        .map(|certificate| spoken(certificate.issuer()))
}

/// Whether a certificate is older than version 3: such a one has no extensions, and rustls reads none of them.
pub(super) fn is_before_version_3(der: &[u8]) -> bool {
    parse_x509_certificate(der).is_ok_and(|(_, certificate)| certificate.version().0 < X509Version::V3.0)
}

/// The public key, as it stands in a certificate.
pub(super) fn public_key(der: &[u8]) -> Option<&[u8]> {
    let (_, certificate) = parse_x509_certificate(der).ok()?;
    Some(certificate.tbs_certificate.subject_pki.raw)
}

/// The most specific common name.
pub(super) fn common_name(der: &[u8]) -> Option<String> {
    let (_, certificate) = parse_x509_certificate(der).ok()?;
    let last = certificate.subject().iter_common_name().last()?;
    last.as_str().ok().map(str::to_owned)
}

/// Whether the common name stands for the host. As with Java (`HostnameChecker.matchDNS`) and OpenSSL
/// (`X509_check_host`): for names only, and where the certificate has no DNS name. `*` stands for the first label.
pub(super) fn is_named_in_common_name(der: &[u8], host: &str) -> bool {
    let has_names = parse_x509_certificate(der).is_ok_and(|(_, certificate)| has_dns_names(&certificate));
    if has_names {
        return false;
    }
    let (Some(name), host) = (common_name(der), host.trim_end_matches('.')) else {
        return false;
    };
    let name = name.to_ascii_lowercase();
    let host = host.to_ascii_lowercase();
    match (name.strip_prefix("*."), host.split_once('.')) {
        (Some(domain), Some((first, rest))) => !first.is_empty() && domain.contains('.') && domain == rest,
        _ => name == host,
    }
}

fn has_dns_names(certificate: &X509Certificate<'_>) -> bool {
    let names = certificate.subject_alternative_name();
    // What cannot be read may have some.
    names.map_or(true, |names| {
        names.is_some_and(|names| {
            let mut names = names.value.general_names.iter();
            names.any(|name| matches!(name, GeneralName::DNSName(_)))
        })
    })
}

/// What a certificate is too weak in, to follow "it is".
pub(super) fn weakness(der: &[u8]) -> Option<String> {
    const LEAST_BITS: usize = 2048;
    /// RSA and ECDSA with SHA-1, RSA with MD5.
    const HASHES: [(&str, &str); 3] = [
        ("1.2.840.113549.1.1.5", "SHA-1"),
        ("1.2.840.10045.4.1", "SHA-1"),
        ("1.2.840.113549.1.1.4", "MD5"),
    ];
    let (_, certificate) = parse_x509_certificate(der).ok()?;
    if let Ok(PublicKey::RSA(key)) = certificate.public_key().parsed()
        && key.key_size() < LEAST_BITS
    {
        return Some(format!(
            "for an RSA key of {} bits, and topicctl takes {LEAST_BITS} at least",
            key.key_size()
        ));
    }
    let algorithm = certificate.signature_algorithm.algorithm.to_id_string();
    let (_, hash) = HASHES.iter().find(|(id, _)| *id == algorithm)?;
    Some(format!("signed with {hash}, which can be forged"))
}

/// A name from the other side, without what would steer a terminal, and not longer than names are.
pub(super) fn spoken(name: &str) -> String {
    const LONGEST: usize = 200;
    printable(&name.chars().take(LONGEST).collect::<String>()).to_string()
}

/// `2026-11-26 16:45:00 UTC`
pub(super) fn date(moment: UnixTime) -> String {
    let seconds = moment.as_secs();
    let (year, month, day) = civil(seconds / 86_400);
    let (hours, minutes) = (seconds / 3_600 % 24, seconds / 60 % 60);
    format!(
        "{year}-{month:02}-{day:02} {hours:02}:{minutes:02}:{:02} UTC",
        seconds % 60
    )
}

/// Year, month and day of a number of days since 1970, by counting in years that begin in March, whose
/// leap day is the last.
fn civil(days: u64) -> (u64, u64, u64) {
    const DAYS_OF_400_YEARS: u64 = 146_097;
    // 0000-03-01 is so many days before 1970-01-01.
    let days = days + 719_468;
    let (era, day_of_era) = (days / DAYS_OF_400_YEARS, days % DAYS_OF_400_YEARS);
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / (DAYS_OF_400_YEARS - 1)) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 {
        month_from_march + 3
    } else {
        month_from_march - 9
    };
    let year = era * 400 + year_of_era + u64::from(month <= 2);
    (year, month, day)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use base64::Engine;
    use base64::prelude::BASE64_STANDARD;

    use super::*;

    #[test]
    fn moments_are_dates() {
        for (seconds, expected) in [
            (0, "1970-01-01 00:00:00 UTC"),
            (951_782_399, "2000-02-28 23:59:59 UTC"),
            (951_782_400, "2000-02-29 00:00:00 UTC"),
            (951_868_800, "2000-03-01 00:00:00 UTC"),
            (1_764_175_500, "2025-11-26 16:45:00 UTC"),
            (4_107_542_399, "2100-02-28 23:59:59 UTC"),
            (4_107_542_400, "2100-03-01 00:00:00 UTC"),
        ] {
            let moment = UnixTime::since_unix_epoch(Duration::from_secs(seconds));
            assert_eq!(date(moment), expected);
        }
    }

    /// Neither can be made by the libraries of these tests.
    const RSA_1024: &str = "MIIB/DCCAWWgAwIBAgIUOTdjdo3hUkMu/DRcFCusRKJojk8wDQYJKoZIhvcNAQELBQAwDzENMAsGA1UEAwwEd2VhazAgFw0yNjEy\
         MDEwMjUzNTFaGA8yMTI2MTEwNzAyNTM1MVowDzENMAsGA1UEAwwEd2VhazCBnzANBgkqhkiG9w0BAQEFAAOBjQAwgYkCgYEApNak\
         WQKWmiRNaDX4C73M2SbB/yLGqWiCupHoF2vQhBoLdrL/SZsBTaK4aU2CS+RYMAfhqRWZgLgCWLHbWjpB5sEZN9qn+RP4Y4MQFUwO\
         a7pSEZZEDy4biZ5f7jJwJZlYFBFKWzmkc3kvqqI0aSYiiw9t8GjZBPCEMS5+xA6MWecCAwEAAaNTMFEwHQYDVR0OBBYEFC6xUAjC\
         V7wyy5Poi4vBSHpted+zMB8GA1UdIwQYMBaAFC6xUAjCV7wyy5Poi4vBSHpted+zMA8GA1UdEwEB/wQFMAMBAf8wDQYJKoZIhvcN\
         AQELBQADgYEAIr8Wz3MGOsTZQ4aDceTNi6bVqvIMPI5Ns50ee03a9tAmqKkle0UvCO6zXRfgcfMaYcQqj5GDwbE4t7w9KvZeSikK\
         j/yfVUWDHVwsrUhlwf4XE4U7z9llBe1s9jYUROQTxSP8b0FirljQEKIfY/rwUOVAqjz+fA1o2QQ+byJfA0k=";
    const ECDSA_SHA1: &str = "MIIBcDCCARigAwIBAgIUGtvYaB9iwc82MSKBCAMsgF6PatwwCQYHKoZIzj0EATAOMQwwCgYDVQQDDANvbGQwIBcNMjYxMjAxMDI1\
         MzUxWhgPMjEyNjExMDcwMjUzNTFaMA4xDDAKBgNVBAMMA29sZDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABKi6YoGcr8Fzb4Zn\
         TmW7iOI/weKsGkBV9AdrxiFdAJj8tyVnHQe/Gvg9gQd5lXSlVv0o7xGU1L0UBAhT1nPXCkmjUzBRMB0GA1UdDgQWBBTd4qwM6EJ5\
         W2kpLaihxKun5nosxDAfBgNVHSMEGDAWgBTd4qwM6EJ5W2kpLaihxKun5nosxDAPBgNVHRMBAf8EBTADAQH/MAkGByqGSM49BAED\
         RwAwRAIgHNbBQAOV26a3k/UvrjiYI/zIZLIZdBBHzFYrMlBZCoMCIBBKL0a439cqoxDh3CaFZ4M+Ug8UUKz5IasgBMuhH++v";

    #[test]
    fn what_is_too_weak_is_named() {
        let weakness = |text: &str| weakness(&BASE64_STANDARD.decode(text).unwrap());
        assert_eq!(
            weakness(RSA_1024).unwrap(),
            "for an RSA key of 1024 bits, and topicctl takes 2048 at least"
        );
        assert_eq!(
            weakness(ECDSA_SHA1).unwrap(),
            "signed with SHA-1, which can be forged"
        );
    }

    fn named(common_name: &str, names: &[&str]) -> Vec<u8> {
        let names: Vec<String> = names.iter().map(ToString::to_string).collect();
        let mut params = rcgen::CertificateParams::new(names).unwrap();
        params.distinguished_name = rcgen::DistinguishedName::new();
        params
            .distinguished_name
            .push(rcgen::DnType::CommonName, common_name);
        let key = rcgen::KeyPair::generate().unwrap();
        params.self_signed(&key).unwrap().der().to_vec()
    }

    #[test]
    fn a_common_name_counts_where_there_is_no_dns_name() {
        for (common_name, names, host, expected) in [
            ("kafka.example", &[][..], "kafka.example", true),
            ("Kafka.Example", &[], "kafka.example.", true),
            ("kafka.example", &["10.0.0.1"], "kafka.example", true),
            ("*.example.org", &[], "kafka.example.org", true),
            ("*.example.org", &[], "a.b.example.org", false),
            ("*.org", &[], "example.org", false),
            ("kafka.example", &["other.example"], "kafka.example", false),
            ("other.example", &[], "kafka.example", false),
        ] {
            let der = named(common_name, names);
            assert_eq!(
                is_named_in_common_name(&der, host),
                expected,
                "{common_name} {names:?} {host}"
            );
        }
    }

    #[test]
    fn names_from_elsewhere_do_not_steer_the_terminal() {
        assert!(!spoken("a\u{1b}[2Jb").contains('\u{1b}'));
        assert_eq!(spoken(&"x".repeat(500)).len(), 200);
    }
}
