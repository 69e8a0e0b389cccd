//! Certificates of an authority of one's own, and the emulator behind TLS.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, KeyPair};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;

/// An authority and the file that makes a client trust it.
pub struct Authority {
    certificate: rcgen::Certificate,
    key: KeyPair,
    pub file: tempfile::NamedTempFile,
}

impl Authority {
    pub fn new(name: &str) -> Self {
        Self::of_host(name, Vec::new(), None)
    }

    /// One whose certificate is for hosts as well, valid for long or as said.
    pub fn of_host(name: &str, hosts: Vec<String>, valid: Option<std::ops::Range<SystemTime>>) -> Self {
        let mut params = CertificateParams::new(hosts).unwrap();
        if let Some(valid) = valid {
            (params.not_before, params.not_after) = (valid.start.into(), valid.end.into());
        }
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(DnType::CommonName, name);
        let key = KeyPair::generate().unwrap();
        let certificate = params.self_signed(&key).unwrap();
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), certificate.pem()).unwrap();
        Authority { certificate, key, file }
    }

    /// A server that shows the authority's own certificate, as one that signed itself does.
    pub fn own_acceptor(&self) -> TlsAcceptor {
        acceptor(&self.certificate, &self.key)
    }

    pub fn acceptor(&self, host: &str, valid: std::ops::Range<SystemTime>) -> TlsAcceptor {
        self.acceptor_and_certificate(host, valid).0
    }

    /// With a file that holds the server's certificate alone.
    pub fn acceptor_and_certificate(
        &self,
        host: &str,
        valid: std::ops::Range<SystemTime>,
    ) -> (TlsAcceptor, tempfile::NamedTempFile) {
        let mut params = CertificateParams::new(vec![host.to_owned()]).unwrap();
        (params.not_before, params.not_after) = (valid.start.into(), valid.end.into());
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.certificate, &self.key).unwrap();
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), certificate.pem()).unwrap();
        (acceptor(&certificate, &key), file)
    }
}

fn acceptor(certificate: &rcgen::Certificate, key: &KeyPair) -> TlsAcceptor {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(
            vec![certificate.der().clone()],
            PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der())),
        )
        .unwrap();
    TlsAcceptor::from(Arc::new(config))
}

pub fn now_and_a_day() -> std::ops::Range<SystemTime> {
    let day = Duration::from_secs(86_400);
    SystemTime::now() - day..SystemTime::now() + day
}

/// The emulator behind TLS.
pub async fn encrypted(acceptor: TlsAcceptor, emulator: &str) -> (SocketAddr, JoinHandle<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let emulator = emulator.trim_start_matches("http://").to_owned();
    let serving = tokio::spawn(async move {
        while let Ok((line, _)) = listener.accept().await {
            let (acceptor, emulator) = (acceptor.clone(), emulator.clone());
            tokio::spawn(async move {
                if let Ok(mut line) = acceptor.accept(line).await {
                    let mut service = TcpStream::connect(emulator).await.unwrap();
                    let _ = tokio::io::copy_bidirectional(&mut line, &mut service).await;
                }
            });
        }
    });
    (address, serving)
}
