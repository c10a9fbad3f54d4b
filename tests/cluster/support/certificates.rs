//! Certificates for tests, made on the spot: no file of them lies in the repository, and none expires
//! in somebody's hands.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use rcgen::{
    BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, KeyUsagePurpose, SigningKey,
    date_time_ymd,
};

/// A certificate authority.
pub(crate) struct Authority {
    issuer: Issuer<'static, KeyPair>,
    /// Its own certificate as PEM.
    pub(crate) certificate: String,
    /// What stands between a certificate it issues and the root, as PEM; empty for a root.
    between: String,
}

/// A certificate with its key.
pub(crate) struct Certified {
    /// PEM, with everything up to the root but the root itself.
    pub(crate) chain: String,
    /// PEM, PKCS#8.
    pub(crate) key: String,
}

impl Authority {
    /// A root with this common name.
    pub(crate) fn root(name: &str) -> Self {
        let params = authority(name);
        let key = KeyPair::generate().unwrap();
        let certificate = params.self_signed(&key).unwrap().pem();
        Self {
            issuer: Issuer::new(params, key),
            certificate,
            between: String::new(),
        }
    }

    /// A root as they were before certificates had extensions.
    pub(crate) fn root_of_version_1(name: &str) -> Self {
        let params = authority(name);
        let key = KeyPair::generate().unwrap();
        let certificate = params.self_signed(&key).unwrap();
        let certificate = pem(&in_version_1(certificate.der(), &key));
        Self {
            issuer: Issuer::new(params, key),
            certificate,
            between: String::new(),
        }
    }

    /// A certificate without extensions, and so without any name but this.
    pub(crate) fn issue_version_1(&self, common_name: &str) -> Certified {
        let key = KeyPair::generate().unwrap();
        let certificate = params(common_name, &[]).signed_by(&key, &self.issuer).unwrap();
        Certified {
            chain: pem(&in_version_1(certificate.der(), self.issuer.key())),
            key: key.serialize_pem(),
        }
    }

    /// An authority below this one.
    pub(crate) fn intermediate(&self, name: &str) -> Self {
        let params = authority(name);
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap().pem();
        Self {
            issuer: Issuer::new(params, key),
            between: format!("{certificate}{}", self.between),
            certificate,
        }
    }

    /// A certificate for these host names and IP addresses.
    pub(crate) fn issue(&self, common_name: &str, names: &[&str]) -> Certified {
        self.sign(&params(common_name, names))
    }

    /// A certificate that was valid through 2020.
    pub(crate) fn issue_expired(&self, names: &[&str]) -> Certified {
        let mut params = params("expired", names);
        params.not_before = date_time_ymd(2020, 1, 1);
        params.not_after = date_time_ymd(2020, 12, 31);
        self.sign(&params)
    }

    fn sign(&self, params: &CertificateParams) -> Certified {
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap().pem();
        Certified {
            chain: format!("{certificate}{}", self.between),
            key: key.serialize_pem(),
        }
    }
}

/// A certificate that signed itself.
pub(crate) struct SelfSigned {
    issuer: Issuer<'static, KeyPair>,
    /// PEM.
    pub(crate) chain: String,
    /// PEM, PKCS#8.
    pub(crate) key: String,
}

pub(crate) fn self_signed(common_name: &str, names: &[&str], is_ca: bool) -> SelfSigned {
    let mut params = params(common_name, names);
    params.is_ca = if is_ca {
        IsCa::Ca(BasicConstraints::Unconstrained)
    } else {
        IsCa::ExplicitNoCa
    };
    let key = KeyPair::generate().unwrap();
    SelfSigned {
        chain: params.self_signed(&key).unwrap().pem(),
        key: key.serialize_pem(),
        issuer: Issuer::new(params, key),
    }
}

impl SelfSigned {
    /// A certificate that it signed, whether it may or not, with itself after it.
    pub(crate) fn issue_below(&self, common_name: &str, names: &[&str]) -> Certified {
        let key = KeyPair::generate().unwrap();
        let certificate = params(common_name, names)
            .signed_by(&key, &self.issuer)
            .unwrap()
            .pem();
        Certified {
            chain: format!("{certificate}{}", self.chain),
            key: key.serialize_pem(),
        }
    }
}

impl From<SelfSigned> for Certified {
    fn from(own: SelfSigned) -> Self {
        Self {
            chain: own.chain,
            key: own.key,
        }
    }
}

/// The same certificate without a version and without extensions, signed anew.
fn in_version_1(der: &[u8], issuer: &KeyPair) -> Vec<u8> {
    const VERSION: u8 = 0xa0;
    const EXTENSIONS: u8 = 0xa3;
    let signed = elements(content(der));
    let kept = elements(content(signed[0])).into_iter();
    let kept = kept.filter(|element| ![VERSION, EXTENSIONS].contains(&element[0]));
    let certificate = sequence(&kept.collect::<Vec<_>>().concat());
    let signature = issuer.sign(&certificate).unwrap();
    let signature = element(0x03, &[&[0], &signature[..]].concat());
    sequence(&[&certificate, signed[1], &signature].concat())
}

/// Where the content of a DER element begins, and where it ends.
fn bounds(der: &[u8]) -> (usize, usize) {
    let short = usize::from(der[1]);
    if short < 0x80 {
        return (2, 2 + short);
    }
    let bytes = short & 0x7f;
    let length = der[2..2 + bytes]
        .iter()
        .fold(0, |length, byte| length << 8 | usize::from(*byte));
    (2 + bytes, 2 + bytes + length)
}

fn content(der: &[u8]) -> &[u8] {
    let (start, end) = bounds(der);
    &der[start..end]
}

fn elements(mut rest: &[u8]) -> Vec<&[u8]> {
    let mut all = Vec::new();
    while !rest.is_empty() {
        let (element, after) = rest.split_at(bounds(rest).1);
        all.push(element);
        rest = after;
    }
    all
}

fn sequence(content: &[u8]) -> Vec<u8> {
    element(0x30, content)
}

fn element(tag: u8, content: &[u8]) -> Vec<u8> {
    let [high, low] = u16::try_from(content.len()).unwrap().to_be_bytes();
    let head = match (high, low) {
        (0, ..0x80) => vec![tag, low],
        (0, _) => vec![tag, 0x81, low],
        _ => vec![tag, 0x82, high, low],
    };
    [&head[..], content].concat()
}

fn pem(der: &[u8]) -> String {
    format!(
        "-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n",
        BASE64_STANDARD.encode(der)
    )
}

/// The bytes of the only section of a PEM text.
pub(crate) fn der_of(pem: &str) -> Vec<u8> {
    let body: String = pem.trim().lines().filter(|line| !line.starts_with('-')).collect();
    BASE64_STANDARD.decode(body).unwrap()
}

fn params(common_name: &str, names: &[&str]) -> CertificateParams {
    let names: Vec<String> = names.iter().map(ToString::to_string).collect();
    let mut params = CertificateParams::new(names).unwrap();
    params.distinguished_name.push(DnType::CommonName, common_name);
    params
}

fn authority(name: &str) -> CertificateParams {
    let mut params = params(name, &[]);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::DigitalSignature];
    params
}

/// PEM as a value in a properties file. Kafka needs the line ends: without them it takes several
/// certificates for one.
pub(crate) fn in_one_line(pem: &str) -> String {
    pem.trim().lines().collect::<Vec<_>>().join("\\n")
}
