//! Trust: the system's own verifier, with its reasons in words.
//!
//! TLS 1.2 or newer, and no switch that would trust everything. What the system trusts is looked up at the first
//! encrypted connection; certificates of a file of the caller's are trusted as well.

mod distrust;

use std::path::Path;
use std::sync::Arc;

use once_cell::sync::Lazy;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::verify_server_name;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, SignatureScheme};
use rustls_platform_verifier::Verifier;

pub(crate) use distrust::Distrust;

use crate::error::{Error, ErrorKind, NextStep, Result};
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
    Error::new(ErrorKind::InvalidArgument, message).with_next_step(NextStep::GivePem)
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

/// A verifier that says why.
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
        matches!(error, rustls::Error::InvalidCertificate(why) if distrust::is_authority_certificate(why) || is_unknown(why))
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
            verified => verified.map_err(|error| distrust::explain(error, end_entity, intermediates, server_name)),
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
