//! The service that every peer sends to: it takes any PUT, forgets the bytes, and answers as Universal Print does; and it
//! answers any POST with a session.
//!
//! The emulator would refuse a whole file in one PUT, which is all that `curl -T` can do. So this one refuses nothing
//! and does as little as it can; what is measured is the peers.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::ops::Range;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;

const READ_BYTES: usize = 256 * 1024;

/// A sink on a free port of 127.0.0.1, for as long as the program runs.
pub struct Sink {
    address: SocketAddr,
    missing: Missing,
}

/// What of the expected document has not come yet.
type Missing = Arc<Mutex<Vec<Range<u64>>>>;

impl Sink {
    pub fn start() -> io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let address = listener.local_addr()?;
        let missing = Missing::default();
        let shared = Arc::clone(&missing);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let missing = Arc::clone(&shared);
                // A peer that goes away ends its connection, and nothing else.
                thread::spawn(move || serve(stream, &missing));
            }
        });
        Ok(Sink { address, missing })
    }

    /// The address that a document of so many bytes is to be sent to.
    pub fn expect(&self, bytes: u64) -> String {
        *lock(&self.missing) = std::iter::once(0..bytes).collect();
        format!("{}/upload", self.endpoint())
    }

    /// Where it listens.
    pub fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Whether every byte of the expected document came.
    pub fn is_complete(&self) -> bool {
        lock(&self.missing).is_empty()
    }
}

fn lock(missing: &Missing) -> MutexGuard<'_, Vec<Range<u64>>> {
    missing.lock().unwrap_or_else(PoisonError::into_inner)
}

fn serve(stream: TcpStream, missing: &Missing) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut answers = stream.try_clone()?;
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
            response("200 OK", &session(&answers))
        } else {
            let mut missing = lock(missing);
            *missing = without(&missing, &head.range());
            answer(&missing, head.total)
        };
        answers.write_all(answer.as_bytes())?;
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
    fn read(reader: &mut BufReader<TcpStream>) -> io::Result<Option<Self>> {
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
fn session(stream: &TcpStream) -> String {
    let address = stream.local_addr().map(|address| address.to_string()).unwrap_or_default();
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
