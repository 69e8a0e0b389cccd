//! Trust: the system's own verifier, with its reasons told to a person.
//!
//! TLS 1.2 or newer, and no switch that would trust everything. What the system trusts is looked up at the first
//! encrypted connection; certificates of a file of the caller's are trusted as well.

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use once_cell::sync::Lazy;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, OtherError, SignatureScheme};
use rustls_platform_verifier::Verifier;

use crate::error::{Error, ErrorKind, Result};
use crate::redact;

static PROVIDER: Lazy<Arc<CryptoProvider>> = Lazy::new(|| Arc::new(rustls::crypto::ring::default_provider()));

/// The system's roots are many: they are read once a process.
static SYSTEM: Lazy<Arc<Verifier>> = Lazy::new(|| Arc::new(Verifier::new().with_provider(Arc::clone(&PROVIDER))));

/// How a client's connections are encrypted.
pub(crate) fn config(ca_file: Option<&Path>) -> Result<ClientConfig> {
    let verifier = match ca_file {
        None => Arc::clone(&SYSTEM),
        Some(path) => Arc::new(with_roots_of(path)?),
    };
    let builder = ClientConfig::builder_with_provider(Arc::clone(&PROVIDER)).with_safe_default_protocol_versions();
    let builder = builder.map_err(|error| {
        Error::new(ErrorKind::TlsFailed, format!("Encrypted connections cannot be set up: {error}."))
    })?;
    Ok(builder.dangerous().with_custom_certificate_verifier(Arc::new(Explaining(verifier))).with_no_client_auth())
}

fn with_roots_of(path: &Path) -> Result<Verifier> {
    let shown = redact::clean(&path.to_string_lossy());
    let refuse = |why: String| {
        Error::new(
            ErrorKind::InvalidArgument,
            format!("The file of trusted certificates '{shown}' cannot be used: {why}."),
        )
        .with_next_step("Give a file with certificates in PEM form, which begin with -----BEGIN CERTIFICATE-----.")
    };
    let text = std::fs::read(path).map_err(|error| refuse(redact::clean(&error.to_string())))?;
    let roots: Vec<CertificateDer<'static>> = CertificateDer::pem_slice_iter(&text)
        .collect::<Result<_, _>>()
        .map_err(|_| refuse("it holds something that is not a certificate".to_owned()))?;
    if roots.is_empty() {
        return Err(refuse("it holds no certificate".to_owned()));
    }
    let verifier = Verifier::new_with_extra_roots(roots).map_err(|error| refuse(error.to_string()))?;
    Ok(verifier.with_provider(Arc::clone(&PROVIDER)))
}

/// Why a server's certificate is not trusted.
#[derive(Debug)]
pub(crate) struct Distrust {
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
    "If that is your organisation's own authority, as where a proxy inspects TLS, add its certificate to the \
    system's trusted ones, or name a PEM file with it in SSL_CERT_FILE. If not, somebody is in between: do not go on.";
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
        other => (
            format!("its certificate, issued by {issuer}, is not valid ({})", redact::clean(&format!("{other:?}"))),
            AUTHORITY,
        ),
    };
    rustls::Error::InvalidCertificate(CertificateError::Other(OtherError(Arc::new(Distrust { reason, next_step }))))
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
struct Explaining(Arc<Verifier>);

impl ServerCertVerifier for Explaining {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        self.0
            .verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now)
            .map_err(|error| explain(error, end_entity, server_name))
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.0.verify_tls12_signature(message, cert, dss)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.0.verify_tls13_signature(message, cert, dss)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.supported_verify_schemes()
    }
}
