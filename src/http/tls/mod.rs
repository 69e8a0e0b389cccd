//! Trust: the system's own verifier, with its reasons in words.
//!
//! TLS 1.2 or newer, and no switch that would trust everything. What the system trusts is looked up at the first
//! encrypted connection; certificates of a file of the caller's are trusted as well, on every system alike.

mod distrust;

use std::path::Path;
use std::sync::Arc;

use once_cell::sync::Lazy;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{verify_server_name, VerifierBuilderError, WebPkiServerVerifier};
use rustls::crypto::{verify_tls12_signature, verify_tls13_signature, CryptoProvider};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::Error::InvalidCertificate;
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};
use rustls_platform_verifier::Verifier;

pub(crate) use distrust::Distrust;

use crate::error::{Error, ErrorKind, Result};
use crate::http::redact;

static PROVIDER: Lazy<Arc<CryptoProvider>> = Lazy::new(|| Arc::new(rustls::crypto::ring::default_provider()));

/// The system's roots are many: they are read once a process.
static SYSTEM: Lazy<Verifier> = Lazy::new(|| Verifier::new().with_provider(Arc::clone(&PROVIDER)));

/// How a client's connections are encrypted.
pub(crate) fn config(ca_file: Option<&Path>) -> Result<ClientConfig> {
    let own = ca_file.map(OwnCertificates::read).transpose()?;
    let builder = ClientConfig::builder_with_provider(Arc::clone(&PROVIDER)).with_safe_default_protocol_versions();
    let builder = builder.map_err(|error| {
        Error::new(ErrorKind::TlsFailed, format!("Encrypted connections cannot be set up: {error}."))
    })?;
    Ok(builder.dangerous().with_custom_certificate_verifier(Arc::new(Explaining { own })).with_no_client_auth())
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

/// The certificates of a caller's file. They are not given to the system's verifier, since that of Windows trusts none of them
/// that the server sends along itself.
#[derive(Debug)]
struct OwnCertificates {
    certificates: Vec<CertificateDer<'static>>,
    verifier: Arc<WebPkiServerVerifier>,
}

impl OwnCertificates {
    fn read(path: &Path) -> Result<Self> {
        Self::new(read_certificates(path)?).map_err(|error| unusable(path, &error.to_string()))
    }

    fn new(certificates: Vec<CertificateDer<'static>>) -> Result<Self, VerifierBuilderError> {
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(certificates.iter().cloned());
        let verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&PROVIDER)).build()?;
        Ok(OwnCertificates { certificates, verifier })
    }

    /// Whether a server shows a certificate that is among these itself, for this host. What it is not accepted for is asked
    /// only after its dates.
    fn is_among_them(&self, certificate: &CertificateDer<'_>, host: &ServerName<'_>, error: &rustls::Error) -> bool {
        matches!(error, InvalidCertificate(why)
            if distrust::is_authority_certificate(why) || matches!(why, CertificateError::UnknownIssuer))
            && self.certificates.iter().any(|own| own == certificate)
            && ParsedCertificate::try_from(certificate).is_ok_and(|parsed| verify_server_name(&parsed, host).is_ok())
    }
}

/// The system's verifier, and behind it the caller's own certificates, with their reasons in words.
#[derive(Debug)]
struct Explaining {
    own: Option<OwnCertificates>,
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
        let ask = |verifier: &dyn ServerCertVerifier| {
            verifier.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now)
        };
        let verified = match (ask(&*SYSTEM), &self.own) {
            (Err(by_system), Some(own)) if !matches!(by_system, InvalidCertificate(CertificateError::Revoked)) => {
                match ask(&*own.verifier) {
                    Err(error) if own.is_among_them(end_entity, server_name, &error) => {
                        Ok(ServerCertVerified::assertion())
                    }
                    Err(InvalidCertificate(CertificateError::UnknownIssuer)) => Err(by_system),
                    verified => verified,
                }
            }
            (by_system, _) => by_system,
        };
        verified.map_err(|error| distrust::explain(error, end_entity, intermediates, server_name))
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(message, cert, dss, &PROVIDER.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, cert, dss, &PROVIDER.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        PROVIDER.signature_verification_algorithms.supported_schemes()
    }
}
