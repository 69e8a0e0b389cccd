//! Trust: the system's own verifier, with its reasons told to a person.
//!
//! TLS 1.2 or newer, and no switch that would trust everything. What the system trusts is looked up at the first
//! encrypted connection; certificates of a file of the caller's are trusted as well.

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use once_cell::sync::Lazy;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::verify_server_name;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, OtherError, SignatureScheme};
use rustls_platform_verifier::Verifier;

use crate::error::{Error, ErrorKind, Result};
use crate::http::redact;

static PROVIDER: Lazy<Arc<CryptoProvider>> = Lazy::new(|| Arc::new(rustls::crypto::ring::default_provider()));

/// The system's roots are many: they are read once a process.
static SYSTEM: Lazy<Arc<Verifier>> = Lazy::new(|| Arc::new(Verifier::new().with_provider(Arc::clone(&PROVIDER))));

/// How a client's connections are encrypted.
pub(crate) fn config(ca_file: Option<&Path>) -> Result<ClientConfig> {
    let trusted = ca_file.map(read_certificates).transpose()?.unwrap_or_default();
    let verifier = match ca_file {
        None => Arc::clone(&SYSTEM),
        Some(path) => Arc::new(with_roots(path, trusted.clone())?),
    };
    let builder = ClientConfig::builder_with_provider(Arc::clone(&PROVIDER)).with_safe_default_protocol_versions();
    let builder = builder.map_err(|error| {
        Error::new(ErrorKind::TlsFailed, format!("Encrypted connections cannot be set up: {error}."))
    })?;
    Ok(builder
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(Explaining { verifier, trusted }))
        .with_no_client_auth())
}

fn unusable(path: &Path, why: &str) -> Error {
    let shown = redact::clean(&path.to_string_lossy());
    let message = format!("The file of trusted certificates '{shown}' cannot be used: {why}.");
    Error::new(ErrorKind::InvalidArgument, message)
        .with_next_step("Give a file with certificates in PEM form, which begin with -----BEGIN CERTIFICATE-----.")
}

fn read_certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>> {
    let text = std::fs::read(path).map_err(|error| unusable(path, &redact::clean(&error.to_string())))?;
    // Editors put the mark of UTF-8 before the first line.
    let text = text.strip_prefix("\u{feff}".as_bytes()).unwrap_or(&text);
    let certificates: Vec<_> = CertificateDer::pem_slice_iter(text)
        .collect::<Result<_, _>>()
        .map_err(|_| unusable(path, "it holds something that is not a certificate"))?;
    if certificates.is_empty() {
        return Err(unusable(path, "it holds no certificate"));
    }
    Ok(certificates)
}

fn with_roots(path: &Path, roots: Vec<CertificateDer<'static>>) -> Result<Verifier> {
    let verifier = Verifier::new_with_extra_roots(roots).map_err(|error| unusable(path, &error.to_string()))?;
    Ok(verifier.with_provider(Arc::clone(&PROVIDER)))
}

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
const ADDRESS: &str = "Check the address; if it is right, the server or something before it is set up wrongly.";

fn explain(error: rustls::Error, certificate: &CertificateDer<'_>, host: &ServerName<'_>) -> rustls::Error {
    let rustls::Error::InvalidCertificate(why) = &error else {
        return error;
    };
    let issuer = issuer(certificate)
        .map_or_else(|| "an unnamed authority".to_owned(), |name| format!("'{}'", redact::clean(&name)));
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
fn is_authority_s_own(why: &CertificateError) -> bool {
    matches!(why, CertificateError::Other(other) if format!("{:?}", other.0) == "CaUsedAsEndEntity")
}

/// What is wrong with a certificate, where there is nothing to be done about it here.
fn is_wrong(why: &CertificateError) -> &'static str {
    match why {
        CertificateError::BadEncoding => "cannot be read",
        CertificateError::BadSignature => "is not signed by the authority that it names",
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

/// The common name of a certificate's issuer, or else its organisation (RFC 5280, section 4.1.2.4).
fn issuer(certificate: &CertificateDer<'_>) -> Option<String> {
    const COMMON_NAME: &[u64] = &[2, 5, 4, 3];
    const ORGANIZATION: &[u64] = &[2, 5, 4, 10];
    let names = yasna::parse_der(certificate, |reader| {
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
            certificate.next().read_der()?;
            certificate.next().read_der()?;
            Ok(names)
        })
    })
    .ok()?;
    let of =
        |kind: &[u64]| names.iter().find(|(oid, _)| oid.components().as_slice() == kind).map(|(_, name)| name.clone());
    of(COMMON_NAME).or_else(|| of(ORGANIZATION))
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

/// A verifier that tells why.
#[derive(Debug)]
struct Explaining {
    verifier: Arc<Verifier>,
    /// The certificates of the caller's file.
    trusted: Vec<CertificateDer<'static>>,
}

impl Explaining {
    /// Whether a server shows a certificate that the caller's file holds itself, for this host. What it is not accepted
    /// for is asked only after its dates; where the system's own verifier judges, that is not known of its issuer.
    fn is_trusted_itself(
        &self,
        certificate: &CertificateDer<'_>,
        host: &ServerName<'_>,
        error: &rustls::Error,
    ) -> bool {
        let is_before_dates = cfg!(any(windows, target_vendor = "apple"));
        let is_unknown = |why: &CertificateError| matches!(why, CertificateError::UnknownIssuer) && !is_before_dates;
        matches!(error, rustls::Error::InvalidCertificate(why) if is_authority_s_own(why) || is_unknown(why))
            && self.trusted.iter().any(|trusted| trusted == certificate)
            && ParsedCertificate::try_from(certificate).is_ok_and(|parsed| verify_server_name(&parsed, host).is_ok())
    }
}

impl ServerCertVerifier for Explaining {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        match self.verifier.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now) {
            Err(error) if self.is_trusted_itself(end_entity, server_name, &error) => {
                Ok(ServerCertVerified::assertion())
            }
            verified => verified.map_err(|error| explain(error, end_entity, server_name)),
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.verifier.verify_tls12_signature(message, cert, dss)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.verifier.verify_tls13_signature(message, cert, dss)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.verifier.supported_verify_schemes()
    }
}
