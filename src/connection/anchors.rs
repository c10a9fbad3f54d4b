//! What a trusted certificate may do. One of a CA vouches for others; any other one stands for itself alone, whatever
//! is signed with its key. As Java: `PKIXValidator` takes only CAs for anchors (since 8u231, 11.0.5), and accepts what
//! is in the truststore itself.

use tokio_rustls::rustls::RootCertStore;
use tokio_rustls::rustls::pki_types::CertificateDer;
use x509_parser::certificate::X509Certificate;
use x509_parser::parse_x509_certificate;
use x509_parser::x509::X509Version;

/// Trusted certificates, parted by what they may do.
pub(super) struct Anchors {
    pub(super) roots: RootCertStore,
    /// A broker that presents one of them is believed, if it is valid and has the name.
    pub(super) trusted: Vec<CertificateDer<'static>>,
}

impl Anchors {
    /// Certificates that a property gives: each has to be readable.
    ///
    /// # Errors
    /// What is wrong with one of them.
    pub(super) fn given(certificates: &[CertificateDer<'static>]) -> Result<Self, String> {
        if certificates
            .iter()
            .any(|certificate| parse_x509_certificate(certificate).is_err())
        {
            return Err("it is broken".to_owned());
        }
        let mut roots = RootCertStore::empty();
        for certificate in certificates.iter().filter(|certificate| may_issue(certificate)) {
            roots
                .add(certificate.clone())
                .map_err(|error| error.to_string())?;
        }
        Ok(Self {
            roots,
            trusted: certificates.to_vec(),
        })
    }

    /// Those of the system, which carries some that no library can read.
    pub(super) fn of_system(certificates: &[CertificateDer<'static>]) -> Self {
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(
            certificates
                .iter()
                .filter(|certificate| may_issue(certificate))
                .cloned(),
        );
        Self {
            roots,
            trusted: certificates.to_vec(),
        }
    }

    /// Whether this very certificate is trusted.
    pub(super) fn pins(&self, certificate: &CertificateDer<'_>) -> bool {
        self.trusted.iter().any(|trusted| **trusted == **certificate)
    }

    /// Whether the issuer of a certificate is trusted, but for itself alone.
    pub(super) fn names_no_ca(&self, certificate: &CertificateDer<'_>) -> bool {
        let Ok((_, certificate)) = parse_x509_certificate(certificate) else {
            return false;
        };
        self.trusted.iter().any(|trusted| {
            let is_issuer = parse_x509_certificate(trusted)
                .is_ok_and(|(_, trusted)| trusted.subject().as_raw() == certificate.issuer().as_raw());
            is_issuer && !may_issue(trusted)
        })
    }
}

/// Those of some certificates that may vouch for others.
pub(super) fn issuers(certificates: &[CertificateDer<'static>]) -> Vec<CertificateDer<'static>> {
    certificates
        .iter()
        .filter(|certificate| may_issue(certificate))
        .cloned()
        .collect()
}

/// Whether librdkafka can take one of them for an anchor: OpenSSL ends a chain only at what signed itself
/// (`X509_V_FLAG_PARTIAL_CHAIN`, which would let it end earlier, is not set and cannot be).
pub(super) fn have_root(certificates: &[CertificateDer<'static>]) -> bool {
    certificates.iter().any(|certificate| {
        parse_x509_certificate(certificate)
            .is_ok_and(|(_, certificate)| certificate.subject().as_raw() == certificate.issuer().as_raw())
    })
}

fn may_issue(certificate: &CertificateDer<'_>) -> bool {
    parse_x509_certificate(certificate).is_ok_and(|(_, certificate)| is_ca(&certificate))
}

/// A certificate of version 1 cannot say that it is a CA's; Java takes it for one, and so does OpenSSL where it signed
/// itself.
fn is_ca(certificate: &X509Certificate<'_>) -> bool {
    if certificate.version().0 < X509Version::V3.0 {
        return certificate.subject().as_raw() == certificate.issuer().as_raw();
    }
    let constraints = certificate.basic_constraints().ok().flatten();
    let usage = certificate.key_usage().ok().flatten();
    constraints.is_some_and(|constraints| constraints.value.ca)
        && usage.is_none_or(|usage| usage.value.key_cert_sign())
}

#[cfg(test)]
mod tests {
    use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair, KeyUsagePurpose};

    use super::*;

    fn self_signed(change: impl FnOnce(&mut CertificateParams)) -> CertificateDer<'static> {
        let mut params = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
        change(&mut params);
        params.self_signed(&KeyPair::generate().unwrap()).unwrap().into()
    }

    #[test]
    fn only_cas_vouch_for_others() {
        let ca = self_signed(|params| params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained));
        let signing = self_signed(|params| {
            params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
            params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        });
        let not_signing = self_signed(|params| {
            params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
            params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        });
        let silent = self_signed(|params| params.is_ca = IsCa::NoCa);
        let denying = self_signed(|params| params.is_ca = IsCa::ExplicitNoCa);
        for (certificate, expected) in [
            (&ca, true),
            (&signing, true),
            (&not_signing, false),
            (&silent, false),
            (&denying, false),
            (&CertificateDer::from(vec![0x30, 0]), false),
        ] {
            assert_eq!(may_issue(certificate), expected);
        }
        let all = [ca, signing, not_signing, silent, denying];
        let anchors = Anchors::given(&all).unwrap();
        assert_eq!(
            (anchors.roots.len(), anchors.trusted.len(), issuers(&all).len()),
            (2, 5, 2)
        );
        assert!(all.iter().all(|certificate| anchors.pins(certificate)));
    }

    #[test]
    fn what_cannot_be_read_is_an_error_or_none_of_the_systems() {
        let broken = CertificateDer::from(vec![0x30, 0]);
        assert!(Anchors::given(std::slice::from_ref(&broken)).is_err());
        assert!(Anchors::of_system(&[broken]).roots.is_empty());
    }

    #[test]
    fn a_root_signed_itself() {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(Vec::<String>::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let root: CertificateDer<'static> = params.clone().self_signed(&key).unwrap().into();
        let issuer = Issuer::new(params, key);
        let mut leaf = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
        leaf.distinguished_name.push(rcgen::DnType::CommonName, "leaf");
        let leaf: CertificateDer<'static> = leaf
            .signed_by(&KeyPair::generate().unwrap(), &issuer)
            .unwrap()
            .into();
        assert!(have_root(std::slice::from_ref(&root)) && have_root(&[leaf.clone(), root]));
        assert!(!have_root(&[leaf]));
    }
}
