//! Why a server's certificate is not trusted, told to a person.

use std::fmt;
use std::sync::Arc;

use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{CertificateError, OtherError};

use crate::http::redact;

/// Why a server's certificate is not trusted.
#[derive(Debug)]
pub(crate) struct Distrust {
    /// The host whose certificate it is.
    host: String,
    reason: String,
    next_step: &'static str,
}

impl Distrust {
    /// The one inside an error of TLS, if that is what it is.
    pub(crate) fn of(error: &rustls::Error) -> Option<&Self> {
        match error {
            rustls::Error::InvalidCertificate(CertificateError::Other(other)) => other.0.downcast_ref(),
            _ => None,
        }
    }

    pub(crate) fn host(&self) -> &str {
        &self.host
    }

    pub(crate) fn next_step(&self) -> &'static str {
        self.next_step
    }
}

impl fmt::Display for Distrust {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.reason)
    }
}

impl std::error::Error for Distrust {}

const CLOCK: &str = "Check this machine's clock; if it is right, the server's owner has to renew the certificate.";
const AUTHORITY: &str =
    "If you do not know that authority, somebody is in between: do not go on. If it is your organisation's own, as \
    where a proxy inspects TLS, add its certificate to the system's trusted ones, or name a PEM file with it in \
    SSL_CERT_FILE.";
const SELF_SIGNED: &str =
    "If you do not know that certificate, somebody is in between: do not go on. If it is one of your own that signed \
    itself, name a PEM file with exactly it in SSL_CERT_FILE, or issue a server's certificate with it.";
const SIGNATURE: &str =
    "If that authority is your organisation's own, as where a proxy inspects TLS, have it issue certificates that are \
    signed with RSA and SHA-256, or with ECDSA P-256 or P-384 and SHA-256 or SHA-384. If you do not know it, do not go on.";
const ADDRESS: &str = "Check the address; if it is right, the server or something before it is set up wrongly.";

/// The error with its reason in words; the first certificate is the server's.
pub(super) fn explain(
    error: rustls::Error,
    certificate: &CertificateDer<'_>,
    intermediates: &[CertificateDer<'_>],
    host: &ServerName<'_>,
) -> rustls::Error {
    let rustls::Error::InvalidCertificate(why) = &error else {
        return error;
    };
    let chain: Vec<_> = std::iter::once(certificate).chain(intermediates).map(Described::of).collect();
    let issuer = chain[0]
        .issuer
        .as_deref()
        .map_or_else(|| "an unnamed authority".to_owned(), |name| format!("'{}'", redact::clean(name)));
    let host = redact::clean(&host.to_str());
    let (reason, next_step) = match why {
        CertificateError::UnknownIssuer => {
            (format!("its certificate was issued by {issuer}, which this machine does not trust"), AUTHORITY)
        }
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
            (format!("its certificate, issued by {issuer}, has expired"), CLOCK)
        }
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            (format!("its certificate, issued by {issuer}, is not valid yet"), CLOCK)
        }
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            (format!("its certificate, issued by {issuer}, is for another host than {host}"), ADDRESS)
        }
        CertificateError::BadSignature => (unverified(&issuer, &chain), SIGNATURE),
        CertificateError::Revoked => (format!("its certificate, issued by {issuer}, was revoked"), ADDRESS),
        other if is_authority_s_own(other) => {
            (format!("its certificate, issued by {issuer}, is an authority's own and not a server's"), SELF_SIGNED)
        }
        other => (format!("its certificate, issued by {issuer}, {}", is_wrong(other)), ADDRESS),
    };
    rustls::Error::InvalidCertificate(CertificateError::Other(OtherError(Arc::new(Distrust {
        host,
        reason,
        next_step,
    }))))
}

/// A server shows a certificate that may issue others, as one does that signed itself by `openssl req -x509`. The
/// reason's type is that of a library beneath TLS's, of whichever version, and so it is told by its name.
pub(super) fn is_authority_s_own(why: &CertificateError) -> bool {
    matches!(why, CertificateError::Other(other) if format!("{:?}", other.0) == "CaUsedAsEndEntity")
}

/// What is wrong with a certificate, where there is nothing to be done about it here.
fn is_wrong(why: &CertificateError) -> &'static str {
    match why {
        CertificateError::BadEncoding => "cannot be read",
        CertificateError::UnhandledCriticalExtension => "has a condition that this program does not know",
        CertificateError::InvalidPurpose => "is not made for servers",
        CertificateError::UnknownRevocationStatus => "may have been revoked, and whether it was is not known",
        CertificateError::ApplicationVerificationFailure => "was not accepted by this machine's own rules",
        CertificateError::Other(other) => match format!("{:?}", other.0).as_str() {
            "EndEntityUsedAsCa" => "was issued with a certificate that is no authority's",
            "NameConstraintViolation" => "is for a host that its authority may not speak for",
            "PathLenConstraintViolated" => "has more authorities above it than the first of them allows",
            "UnsupportedCertVersion" => "is older than version 3 of X.509",
            "InvalidCertValidity" => "ends before it begins",
            "RequiredEkuNotFound" => "is not made for servers",
            reason if reason.starts_with("Maximum") => "has too many authorities above it",
            reason if reason.starts_with("UnsupportedSignatureAlgorithm") => "is signed in a way that is not supported",
            _ => "breaks a rule for certificates",
        },
        _ => "breaks a rule for certificates",
    }
}

/// What is read of a certificate for an error.
#[derive(Default)]
struct Described {
    /// The common name of its issuer, or else its organisation (RFC 5280, section 4.1.2.4).
    issuer: Option<String>,
    /// The algorithm of its signature, as an object identifier.
    algorithm: Vec<u64>,
}

impl Described {
    fn of(certificate: &CertificateDer<'_>) -> Self {
        const COMMON_NAME: &[u64] = &[2, 5, 4, 3];
        const ORGANIZATION: &[u64] = &[2, 5, 4, 10];
        let read = yasna::parse_der(certificate, |reader| {
            reader.read_sequence(|certificate| {
                let names = certificate.next().read_sequence(|signed| {
                    signed.read_optional(|version| {
                        version.read_tagged(yasna::Tag::context(0), |version| version.read_u8())
                    })?;
                    signed.next().read_der()?; // serial number
                    signed.next().read_der()?; // algorithm
                    let names = read_name(signed.next())?;
                    while signed.read_optional(|rest| rest.read_der())?.is_some() {}
                    Ok(names)
                })?;
                let algorithm = certificate.next().read_sequence(|algorithm| {
                    let oid = algorithm.next().read_oid()?;
                    algorithm.read_optional(|parameters| parameters.read_der())?;
                    Ok(oid)
                })?;
                certificate.next().read_der()?;
                Ok((names, algorithm))
            })
        });
        let Ok((names, algorithm)) = read else { return Self::default() };
        let of = |kind: &[u64]| {
            names.iter().find(|(oid, _)| oid.components().as_slice() == kind).map(|(_, name)| name.clone())
        };
        Described { issuer: of(COMMON_NAME).or_else(|| of(ORGANIZATION)), algorithm: algorithm.components().clone() }
    }

    /// Its algorithm in words, and whether this program verifies signatures of it at all.
    fn algorithm(&self) -> (String, bool) {
        let (name, is_verified) = match self.algorithm.as_slice() {
            [1, 2, 840, 10045, 4, 3, 2] => ("ECDSA with SHA-256", true),
            [1, 2, 840, 10045, 4, 3, 3] => ("ECDSA with SHA-384", true),
            [1, 2, 840, 10045, 4, 3, 4] => ("ECDSA with SHA-512", false),
            [1, 2, 840, 113549, 1, 1, 10] => ("RSA-PSS", true),
            [1, 2, 840, 113549, 1, 1, 11..=13] => ("RSA with SHA-2", true),
            [1, 2, 840, 113549, 1, 1, 5] => ("RSA with SHA-1", false),
            [1, 3, 101, 112] => ("Ed25519", true),
            other => {
                let dotted: Vec<_> = other.iter().map(u64::to_string).collect();
                return (format!("the algorithm {}", dotted.join(".")), false);
            }
        };
        (name.to_owned(), is_verified)
    }
}

/// ring, which verifies signatures here, lacks what other programs have: keys of ECDSA P-521, ECDSA with SHA-512, and
/// RSA-PSS with other parameters than those of TLS. Of a key or a parameter nothing is told but that it does not fit.
fn unverified(issuer: &str, chain: &[Described]) -> String {
    let algorithms: Vec<_> = chain.iter().map(Described::algorithm).collect();
    match algorithms.iter().find(|(_, is_verified)| !is_verified) {
        Some((algorithm, _)) => {
            format!("its certificate, issued by {issuer}, is signed in a way that this program cannot verify ({algorithm})")
        }
        None => format!(
            "the signature of its certificate, issued by {issuer}, is not verified ({}): the key is of a kind that this \
             program does not know, such as ECDSA P-521 or RSA-PSS with a salt of its own, or it is not the authority's",
            algorithms.first().map_or("of no known algorithm", |(algorithm, _)| algorithm)
        ),
    }
}

fn read_name(name: yasna::BERReader<'_, '_>) -> yasna::ASN1Result<Vec<(yasna::models::ObjectIdentifier, String)>> {
    let mut names = Vec::new();
    name.read_sequence_of(|part| {
        part.read_set_of(|attribute| {
            attribute.read_sequence(|attribute| {
                let oid = attribute.next().read_oid()?;
                let value = attribute.next().read_tagged_der()?;
                names.push((oid, String::from_utf8_lossy(value.value()).into_owned()));
                Ok(())
            })
        })
    })?;
    Ok(names)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use rustls::client::danger::ServerCertVerifier;
    use rustls::pki_types::pem::PemObject;
    use rustls::pki_types::{CertificateDer, ServerName, UnixTime};

    use super::*;
    use crate::http::tls::{with_roots, Explaining};

    /// Authorities as openssl makes them, each with a certificate of theirs for graph.test: its P-521 with SHA-512 and
    /// with SHA-256, and RSA-PSS with the salt that openssl takes by itself. Made for these tests; their keys are gone.
    const CHAINS: &str = include_str!("unverified.pem");

    #[test]
    fn what_cannot_be_verified_is_said_and_nobody_called_a_forger() {
        let chains: Vec<_> = CertificateDer::pem_slice_iter(CHAINS.as_bytes()).collect::<Result<_, _>>().unwrap();
        let reasons = chains.chunks(2).map(|pair| {
            let [authority, certificate] = pair else { panic!("an authority and its certificate") };
            let roots = vec![authority.clone()];
            let verifier = with_roots("ca.pem".as_ref(), roots.clone()).unwrap();
            let explaining = Explaining { verifier: Arc::new(verifier), trusted: roots };
            let now = UnixTime::since_unix_epoch(Duration::from_secs(1_800_000_000)); // January 2027
            let name = ServerName::try_from("graph.test").unwrap();
            let error = explaining.verify_server_cert(certificate, &[], &name, &[], now).expect_err("no algorithm");
            let distrust = Distrust::of(&error).expect("a reason");
            assert!(distrust.next_step().contains("ECDSA P-256"), "{}", distrust.next_step());
            distrust.to_string()
        });
        let reasons: Vec<_> = reasons.collect();
        for (reason, part) in reasons.iter().zip(["cannot verify (ECDSA with SHA-512)", "ECDSA P-521", "RSA-PSS"]) {
            assert!(reason.contains("'Example Corp Root'") && reason.contains(part), "{reason}");
        }
        assert_eq!(reasons.len(), 3);
    }
}
