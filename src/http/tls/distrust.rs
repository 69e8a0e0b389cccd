//! Why a server's certificate is not trusted, in words.

use std::fmt;
use std::sync::Arc;

use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{CertificateError, OtherError};

use crate::error::NextStep;
use crate::http::redact;

/// Why a server's certificate is not trusted.
#[derive(Debug)]
pub(crate) struct Distrust {
    /// The host whose certificate it is.
    pub(crate) host: String,
    reason: String,
    pub(crate) next_step: NextStep,
}

impl Distrust {
    /// The one inside an error of TLS, if that is what it is.
    pub(crate) fn of(error: &rustls::Error) -> Option<&Self> {
        match error {
            rustls::Error::InvalidCertificate(CertificateError::Other(other)) => other.0.downcast_ref(),
            _ => None,
        }
    }
}

impl fmt::Display for Distrust {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.reason)
    }
}

impl std::error::Error for Distrust {}

/// The error with its reason in words; the first certificate is the server's.
pub(super) fn explain(
    error: rustls::Error,
    certificate: &CertificateDer<'_>,
    intermediates: &[CertificateDer<'_>],
    host: &ServerName<'_>,
) -> rustls::Error {
    use CertificateError::*;
    let rustls::Error::InvalidCertificate(why) = &error else {
        return error;
    };
    let issuer = issuer(certificate).map_or_else(|| "an unnamed authority".to_owned(), |name| format!("'{name}'"));
    let host = redact::clean(&host.to_str());
    let (what, next_step) = match why {
        why if is_of_unknown_issuer(why) => ("which this machine does not trust".to_owned(), NextStep::TrustAuthority),
        Expired | ExpiredContext { .. } => ("has expired".to_owned(), NextStep::CheckClock),
        NotValidYet | NotValidYetContext { .. } => ("is not valid yet".to_owned(), NextStep::CheckClock),
        NotValidForName | NotValidForNameContext { .. } => {
            (format!("is for another host than {host}"), NextStep::CheckServer)
        }
        BadSignature => {
            let chain = std::iter::once(certificate).chain(intermediates);
            (unverified(chain.filter_map(|certificate| algorithm(certificate))), NextStep::ChangeSignature)
        }
        Revoked => ("was revoked".to_owned(), NextStep::CheckServer),
        other if is_authority_certificate(other) => {
            ("is one of an authority (CA:TRUE), as self-signed ones often are".to_owned(), NextStep::TrustCertificate)
        }
        // The reason's type is that of a library beneath TLS's; its name is the best that there is.
        Other(other) => {
            (format!("is not accepted ({})", redact::clean(&format!("{:?}", other.0))), NextStep::CheckServer)
        }
        other => (format!("is not accepted ({})", redact::clean(&format!("{other:?}"))), NextStep::CheckServer),
    };
    let reason = match why {
        why if is_of_unknown_issuer(why) => format!("its certificate was issued by {issuer}, {what}"),
        _ => format!("its certificate, issued by {issuer}, {what}"),
    };
    rustls::Error::InvalidCertificate(Other(OtherError(Arc::new(Distrust { host, reason, next_step }))))
}

/// No authority that is trusted issued it. Windows says so with a number of its own, CERT_E_CHAINING.
fn is_of_unknown_issuer(why: &CertificateError) -> bool {
    matches!(why, CertificateError::UnknownIssuer)
        || matches!(why, CertificateError::Other(other) if format!("{:?}", other.0).contains("-2146762486"))
}

/// A server shows a certificate that may issue others, as one does that signed itself by `openssl req -x509`. The
/// reason's type is that of a library beneath TLS's, of whichever version, and so it is recognised by its name.
pub(super) fn is_authority_certificate(why: &CertificateError) -> bool {
    matches!(why, CertificateError::Other(other) if format!("{:?}", other.0) == "CaUsedAsEndEntity")
}

/// ring, which verifies signatures here, lacks what other programs have: keys of ECDSA P-521, ECDSA with SHA-512, and
/// RSA-PSS with other parameters than those of TLS. All that it says of a key or a parameter is that it does not fit.
fn unverified(mut algorithms: impl Iterator<Item = (&'static str, bool)>) -> String {
    let of_server = algorithms.next().unwrap_or(UNKNOWN_ALGORITHM);
    match std::iter::once(of_server).chain(algorithms).find(|(_, is_known)| !is_known) {
        Some((name, _)) => format!("is signed in a way that this program cannot verify ({name})"),
        None => format!(
            "has a signature that is not verified ({}): the key is of a kind that this program does not know, such as \
             ECDSA P-521 or RSA-PSS with a salt of its own, or it is not the authority's",
            of_server.0
        ),
    }
}

const UNKNOWN_ALGORITHM: (&str, bool) = ("an unknown algorithm", false);

/// The algorithm of a certificate's signature in words, and whether this program verifies signatures of it at all.
fn algorithm(certificate: &[u8]) -> Option<(&'static str, bool)> {
    let identifier = Der(Der(certificate).next()?).nth(1)?;
    Some(match Der(identifier).next()? {
        // 1.2.840.10045.4.3
        [0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 2] => ("ECDSA with SHA-256", true),
        [0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 3] => ("ECDSA with SHA-384", true),
        [0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 4] => ("ECDSA with SHA-512", false),
        // 1.2.840.113549.1.1
        [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 10] => ("RSA-PSS", true),
        [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 11..=13] => ("RSA with SHA-2", true),
        [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 5] => ("RSA with SHA-1", false),
        // 1.3.101.112
        [0x2b, 101, 112] => ("Ed25519", true),
        _ => UNKNOWN_ALGORITHM,
    })
}

/// The common name of a certificate's issuer, or else its organisation (RFC 5280, section 4.1.2.4).
fn issuer(certificate: &[u8]) -> Option<String> {
    const COMMON_NAME: &[u8] = &[0x55, 4, 3];
    const ORGANIZATION: &[u8] = &[0x55, 4, 10];
    let signed = Der(Der(certificate).next()?).next()?;
    // A version, where there is one, then a serial number and an algorithm come before it.
    let is_versioned = signed.first() == Some(&0xa0);
    let issuer = Der(signed).nth(if is_versioned { 3 } else { 2 })?;
    let attributes = || {
        Der(issuer).flat_map(Der).filter_map(|attribute| {
            let mut parts = Der(attribute);
            Some((parts.next()?, parts.next()?))
        })
    };
    let named = |oid: &[u8]| attributes().find(|(kind, _)| *kind == oid).map(|(_, name)| name);
    let name = named(COMMON_NAME).or_else(|| named(ORGANIZATION))?;
    Some(redact::clean(&String::from_utf8_lossy(name)))
}

/// The contents of the values of DER (X.690, section 8.1) that follow one another.
struct Der<'a>(&'a [u8]);

impl<'a> Iterator for Der<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        let (&[_, first], rest) = self.0.split_first_chunk()?;
        let digits = if first < 0x80 { 0 } else { usize::from(first & 0x7f) };
        let (digits, rest) = rest.split_at_checked(digits)?;
        let length = match digits {
            [] => usize::from(first),
            _ => {
                digits.iter().try_fold(0_usize, |length, &digit| length.checked_mul(256)?.checked_add(digit.into()))?
            }
        };
        let (content, rest) = rest.split_at_checked(length)?;
        self.0 = rest;
        Some(content)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use rustls::client::danger::ServerCertVerifier;
    use rustls::pki_types::pem::PemObject;
    use rustls::pki_types::{CertificateDer, ServerName, UnixTime};

    use super::*;
    use crate::http::tls::{Explaining, OwnCertificates};

    /// Authorities as openssl makes them, each with a certificate of theirs for graph.test: its P-521 with SHA-512 and
    /// with SHA-256, and RSA-PSS with the salt that openssl takes by itself. Made for these tests; their keys are gone.
    const CHAINS: &str = include_str!("unverified.pem");

    #[test]
    fn an_authority_that_windows_does_not_know_is_an_unknown_one() {
        let number = std::io::Error::from_raw_os_error(-2_146_762_486);
        let error = rustls::Error::InvalidCertificate(CertificateError::Other(OtherError(Arc::new(number))));
        let certificate = CertificateDer::pem_slice_iter(CHAINS.as_bytes()).nth(1).unwrap().unwrap();
        let error = explain(error, &certificate, &[], &ServerName::try_from("graph.test").unwrap());
        let distrust = Distrust::of(&error).expect("a reason");
        assert!(distrust.next_step == NextStep::TrustAuthority, "{distrust}");
        assert!(distrust.to_string().contains("which this machine does not trust"), "{distrust}");
    }

    #[test]
    fn what_cannot_be_verified_is_said_and_nobody_called_a_forger() {
        let chains: Vec<_> = CertificateDer::pem_slice_iter(CHAINS.as_bytes()).collect::<Result<_, _>>().unwrap();
        let reasons = chains.chunks(2).map(|pair| {
            let [authority, certificate] = pair else { panic!("an authority and its certificate") };
            let explaining = Explaining { own: Some(OwnCertificates::new(vec![authority.clone()]).unwrap()) };
            let now = UnixTime::since_unix_epoch(Duration::from_secs(1_800_000_000)); // January 2027
            let name = ServerName::try_from("graph.test").unwrap();
            let error = explaining.verify_server_cert(certificate, &[], &name, &[], now).expect_err("no algorithm");
            let distrust = Distrust::of(&error).expect("a reason");
            assert!(distrust.next_step == NextStep::ChangeSignature, "{distrust}");
            distrust.to_string()
        });
        let reasons: Vec<_> = reasons.collect();
        for (reason, part) in reasons.iter().zip(["cannot verify (ECDSA with SHA-512)", "ECDSA P-521", "RSA-PSS"]) {
            assert!(reason.contains("'Example Corp Root'") && reason.contains(part), "{reason}");
        }
        assert_eq!(reasons.len(), 3);
    }
}
