//! Certificates for tests, made on the spot: no file of them lies in the repository, and none expires
//! in somebody's hands.

use rcgen::{
    BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, KeyUsagePurpose, date_time_ymd,
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
