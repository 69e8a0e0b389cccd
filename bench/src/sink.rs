//! The service that every peer sends to: it takes any PUT, forgets the bytes, and answers as Universal Print does; and it
//! answers any POST with a session.
//!
//! The emulator would refuse a whole file in one PUT, which is all that `curl -T` can do. So this one refuses nothing
//! and does as little as it can; what is measured is the peers.

use std::error::Error;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::ops::Range;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;

use rustls::crypto::ring::default_provider;
use rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer};
use rustls::version::TLS13;
use rustls::{ServerConfig, ServerConnection, StreamOwned};

const READ_BYTES: usize = 256 * 1024;

/// A sink on a free port of 127.0.0.1, for as long as the program runs.
pub struct Sink {
    address: SocketAddr,
    scheme: &'static str,
    missing: Missing,
}

/// What of the expected document has not come yet.
type Missing = Arc<Mutex<Vec<Range<u64>>>>;

impl Sink {
    /// One that speaks HTTP.
    pub fn start() -> io::Result<Self> {
        Self::listen("http", serve)
    }

    /// One that speaks TLS 1.3 with a certificate of its own, which is written to `certificate` in PEM form.
    pub fn start_tls(certificate: &Path) -> Result<Self, Box<dyn Error>> {
        let own = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()])?;
        std::fs::write(certificate, own.cert.pem())?;
        let key = PrivatePkcs8KeyDer::from(own.key_pair.serialize_der());
        let config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
            .with_protocol_versions(&[&TLS13])?
            .with_no_client_auth()
            .with_single_cert(vec![CertificateDer::from(own.cert)], key.into())?;
        let config = Arc::new(config);
        Ok(Self::listen("https", move |stream, address, missing| {
            let connection = ServerConnection::new(Arc::clone(&config)).map_err(io::Error::other)?;
            serve(StreamOwned::new(connection, stream), address, missing)
        })?)
    }

    fn listen<F>(scheme: &'static str, serve: F) -> io::Result<Self>
    where
        F: Fn(TcpStream, SocketAddr, &Missing) -> io::Result<()> + Clone + Send + 'static,
    {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let address = listener.local_addr()?;
        let missing = Missing::default();
        let shared = Arc::clone(&missing);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (missing, serve) = (Arc::clone(&shared), serve.clone());
                // A peer that goes away ends its connection, and nothing else.
                thread::spawn(move || stream.set_nodelay(true).and_then(|()| serve(stream, address, &missing)));
            }
        });
        Ok(Sink { address, scheme, missing })
    }

    /// The address that a document of so many bytes is to be sent to.
    pub fn expect(&self, bytes: u64) -> String {
        *lock(&self.missing) = std::iter::once(0..bytes).collect();
        format!("{}/upload", self.endpoint())
    }

    /// Where it listens.
    pub fn endpoint(&self) -> String {
        format!("{}://{}", self.scheme, self.address)
    }

    /// Whether every byte of the expected document came.
    pub fn is_complete(&self) -> bool {
        lock(&self.missing).is_empty()
    }
}

fn lock(missing: &Missing) -> MutexGuard<'_, Vec<Range<u64>>> {
    missing.lock().unwrap_or_else(PoisonError::into_inner)
}

fn serve(stream: impl Read + Write, address: SocketAddr, missing: &Missing) -> io::Result<()> {
    let mut reader = BufReader::with_capacity(READ_BYTES, stream);
    while let Some(head) = Head::read(&mut reader)? {
        let mut left = head.length;
        while left > 0 {
            let read = reader.fill_buf()?.len().min(usize::try_from(left).unwrap_or(usize::MAX));
            if read == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            reader.consume(read);
            left -= read as u64;
        }
        let answer = if head.is_post {
            response("200 OK", &session(address))
        } else {
            let mut missing = lock(missing);
            *missing = without(&missing, &head.range());
            answer(&missing, head.total)
        };
        reader.get_mut().write_all(answer.as_bytes())?;
        reader.get_mut().flush()?;
    }
    Ok(())
}

/// What matters of a request's head.
#[derive(Default)]
struct Head {
    is_post: bool,
    length: u64,
    first: u64,
    /// Bytes of the document, where the request says them.
    total: u64,
}

impl Head {
    /// The next request's; `None` when no other comes.
    fn read(reader: &mut impl BufRead) -> io::Result<Option<Self>> {
        let mut head = Head::default();
        let mut line = String::new();
        if reader.by_ref().take(16 * 1024).read_line(&mut line)? == 0 {
            return Ok(None);
        }
        head.is_post = line.starts_with("POST ");
        while !line.trim_end().is_empty() {
            if let Some((name, value)) = line.split_once(':') {
                let number = |text: &str| text.trim().parse().map_err(|_| io::Error::from(io::ErrorKind::InvalidData));
                if name.eq_ignore_ascii_case("content-length") {
                    head.length = number(value)?;
                } else if name.eq_ignore_ascii_case("content-range") {
                    let range = value.trim().strip_prefix("bytes ").unwrap_or(value);
                    let (range, total) = range.split_once('/').unwrap_or((range, "0"));
                    head.first = number(range.split_once('-').map_or(range, |(first, _)| first))?;
                    head.total = number(total)?;
                }
            }
            line.clear();
            reader.by_ref().take(16 * 1024).read_line(&mut line)?;
        }
        Ok(Some(head))
    }

    fn range(&self) -> Range<u64> {
        self.first..self.first + self.length
    }
}

fn without(missing: &[Range<u64>], come: &Range<u64>) -> Vec<Range<u64>> {
    let parts = |gap: &Range<u64>| [gap.start..gap.end.min(come.start), gap.start.max(come.end)..gap.end];
    missing.iter().flat_map(parts).filter(|part| !part.is_empty()).collect()
}

/// What Graph says of a session.
fn session(address: SocketAddr) -> String {
    format!(
        r#"{{"@odata.context":"http://{address}/v1.0/$metadata#microsoft.graph.uploadSession","uploadUrl":"http://{address}/upload?tempauthtoken=of.the.bench","expirationDateTime":"2099-01-01T00:00:00.0000000Z","nextExpectedRanges":["0-999"]}}"#
    )
}

fn answer(missing: &[Range<u64>], total: u64) -> String {
    if missing.is_empty() {
        return response("201 Created", &format!(r#"{{"id":"1","size":{total}}}"#));
    }
    let ranges: Vec<String> = missing.iter().map(|gap| format!("\"{}-{}\"", gap.start, gap.end - 1)).collect();
    let ranges = ranges.join(",");
    response(
        "202 Accepted",
        &format!(r#"{{"expirationDateTime":"2099-01-01T00:00:00Z","nextExpectedRanges":[{ranges}]}}"#),
    )
}

fn response(status: &str, body: &str) -> String {
    format!("HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}", body.len())
}
