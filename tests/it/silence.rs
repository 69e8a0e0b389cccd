//! What is silence of the service and what is not: a byte of a body that comes in every now and then is none, nor is a
//! source that is read slowly; and when nothing comes any more, that is told.

use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use crate::common::authority::{now_and_a_day, Authority};
use crate::common::{fault, Stage, TestFile};
use bytes::Bytes;
use futures_util::future::{join_all, BoxFuture};
use mgprint::session::create_session_request;
use mgprint::{
    create_upload_session, upload, upload_session_status, CallOptions, Client, ClientOptions, Endpoint, Error,
    ErrorKind, Event, MemorySource, Observer, Parent, Proxy, Source, UploadOptions, UploadUrl,
};
use mgprint_emulator::faults::{Fault, Stall};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;

/// Between two bytes.
const EVERY: Duration = Duration::from_millis(300);

/// Three times the pause between two bytes.
const SILENCE: Duration = Duration::from_millis(900);

/// Of what is measured by the system's clock, and by that of the service.
const ROUNDING: Duration = Duration::from_millis(50);

const HOST: &str = "graph.test";

/// How a service is reached.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Way {
    Clear,
    Tls,
    Proxied,
    /// The proxy itself is spoken to in TLS.
    ProxiedInTls,
}

/// What it is asked.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Ask {
    Create,
    Status,
    /// Sends a document in one range of so many bytes.
    Put(u32),
}

/// So many bytes of a response's body come one at a time; the rest then comes at once, or never.
#[derive(Clone, Copy, Debug)]
struct Drip {
    bytes: usize,
    stops: bool,
}

trait Line: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Line for T {}

/// The head of a request, whose body was read; none at the end of the connection.
async fn request(line: &mut (impl AsyncRead + Unpin)) -> Option<String> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(line.read_u8().await.ok()?);
    }
    let head = String::from_utf8(head).unwrap().to_ascii_lowercase();
    let length =
        head.split_once("content-length: ").map_or(0, |(_, rest)| rest.lines().next().unwrap().parse().unwrap());
    tokio::io::copy(&mut line.take(length), &mut tokio::io::sink()).await.ok()?;
    Some(head)
}

fn answer_to(request: &str) -> (String, String) {
    let body = match request.split_once("content-range: bytes ") {
        // The document in one range.
        Some((_, range)) => {
            let size = range.lines().next().unwrap().split_once('/').unwrap().1;
            format!(r#"{{"id":"a document","size":{size}}}"#)
        }
        None => r#"{"uploadUrl":"https://h/u?t=1","nextExpectedRanges":["0-"]}"#.to_owned(),
    };
    (format!("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n", body.len()), body)
}

/// What becomes of the first answer, and when its last byte came.
struct Plan {
    drip: Mutex<Option<Drip>>,
    last_byte: Mutex<Option<Instant>>,
}

/// A service whose first answer drips; the others come at once.
struct Service {
    client: Client,
    origin: String,
    plan: Arc<Plan>,
    serving: JoinHandle<()>,
    _authority: Authority,
}

impl Service {
    async fn new(way: Way, drip: Drip) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let authority = Authority::new("Example Corp Root");
        let origin = match way {
            Way::Clear => format!("http://{address}"),
            Way::Tls => format!("https://{address}"),
            Way::Proxied | Way::ProxiedInTls => format!("https://{HOST}"),
        };
        let scheme = if way == Way::ProxiedInTls { "https" } else { "http" };
        let proxy = origin.ends_with(HOST).then(|| Proxy::parse(&format!("{scheme}://{address}")).unwrap());
        let client = Client::new(ClientOptions {
            endpoint: Endpoint::parse(&origin).unwrap(),
            access_token: Some("token".to_owned().into()),
            proxy,
            ca_file: Some(authority.file.path().to_owned()),
            ..ClientOptions::default()
        })
        .unwrap();
        let of = |host| authority.acceptor(host, now_and_a_day());
        let (of_address, of_host) = (of("127.0.0.1"), of(HOST));
        let plan = Arc::new(Plan { drip: Mutex::new(Some(drip)), last_byte: Mutex::default() });
        let shared = Arc::clone(&plan);
        let serving = tokio::spawn(async move {
            while let Ok((line, _)) = listener.accept().await {
                line.set_nodelay(true).unwrap();
                let (of_address, of_host) = (of_address.clone(), of_host.clone());
                let plan = Arc::clone(&shared);
                tokio::spawn(async move {
                    if let Some(line) = reached(line, way, &of_address, &of_host).await {
                        serve(line, &plan).await;
                    }
                });
            }
        });
        Service { client, origin, plan, serving, _authority: authority }
    }

    async fn ask(&self, ask: Ask) -> Result<(), Error> {
        let call = CallOptions { max_retry: Some(0), idle_timeout: SILENCE, ..CallOptions::default() };
        let url = UploadUrl::parse(&format!("{}/upload?secret", self.origin), self.client.endpoint()).unwrap();
        match ask {
            Ask::Create => {
                let request =
                    create_session_request(&self.client, Parent::Printer, "p", "j", "d", "{}".into()).unwrap();
                create_upload_session(&self.client, &request, &call).await.map(drop)
            }
            Ask::Status => upload_session_status(&self.client, &url, &call).await.map(drop),
            Ask::Put(bytes) => {
                let options = UploadOptions { call, fresh_session: true, ..UploadOptions::default() };
                let source = Arc::new(MemorySource::new(vec![b'x'; bytes as usize]));
                upload(&self.client, &url, source, &options).await.map(drop)
            }
        }
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

/// What the client reaches in its way, be it through a proxy, which the service is too.
async fn reached(line: TcpStream, way: Way, of_address: &TlsAcceptor, of_host: &TlsAcceptor) -> Option<Box<dyn Line>> {
    let mut line: Box<dyn Line> = Box::new(line);
    if matches!(way, Way::Tls | Way::ProxiedInTls) {
        line = Box::new(of_address.accept(line).await.ok()?);
    }
    if matches!(way, Way::Proxied | Way::ProxiedInTls) {
        assert!(request(&mut line).await?.starts_with("connect graph.test:443 "));
        line.write_all(b"HTTP/1.1 200 Connected\r\n\r\n").await.ok()?;
        line.flush().await.ok()?;
        line = Box::new(of_host.accept(line).await.ok()?);
    }
    Some(line)
}

async fn serve(mut line: Box<dyn Line>, plan: &Plan) -> Option<()> {
    loop {
        let (head, body) = answer_to(&request(&mut line).await?);
        line.write_all(head.as_bytes()).await.ok()?;
        let drip = plan.drip.lock().unwrap().take().unwrap_or(Drip { bytes: 0, stops: false });
        for byte in &body.as_bytes()[..drip.bytes] {
            line.write_all(&[*byte]).await.ok()?;
            line.flush().await.ok()?;
            *plan.last_byte.lock().unwrap() = Some(Instant::now());
            tokio::time::sleep(EVERY).await;
        }
        if drip.stops {
            std::future::pending::<()>().await;
        }
        line.write_all(&body.as_bytes()[drip.bytes..]).await.ok()?;
        line.flush().await.ok()?;
    }
}

const WAYS: [Way; 4] = [Way::Clear, Way::Tls, Way::Proxied, Way::ProxiedInTls];

/// Every size of range that is watched in its own way: within one packet, within the system's buffers, and large.
const ASKS: [Ask; 5] = [Ask::Create, Ask::Status, Ask::Put(1000), Ask::Put(120_000), Ask::Put(5_000_000)];

fn cases() -> impl Iterator<Item = (Way, Ask)> {
    WAYS.into_iter().flat_map(|way| ASKS.map(|ask| (way, ask)))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_comes_a_byte_at_a_time_is_awaited() {
    let ended = join_all(cases().map(|(way, ask)| async move {
        // Over five times the time-out.
        let service = Service::new(way, Drip { bytes: 18, stops: false }).await;
        service.ask(ask).await.map_err(|error| format!("{way:?}, {ask:?}: {error}")).err()
    }));
    assert_eq!(ended.await.into_iter().flatten().collect::<Vec<_>>(), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_stops_is_told_one_time_out_after_its_last_byte() {
    join_all(cases().map(|(way, ask)| async move {
        let service = Service::new(way, Drip { bytes: 7, stops: true }).await;
        let error = service.ask(ask).await.expect_err("a whole answer");
        let told = service.plan.last_byte.lock().unwrap().expect("a byte").elapsed();
        assert_eq!(error.kind(), ErrorKind::Timeout, "{way:?}, {ask:?}: {error}");
        let in_time = SILENCE - ROUNDING..2 * SILENCE;
        assert!(in_time.contains(&told), "{way:?}, {ask:?}: told {told:?} after the last byte");
    }))
    .await;
}

/// A source each of whose reads takes longer than the time-out.
struct SlowSource;

impl Source for SlowSource {
    fn size(&self) -> u64 {
        1_000_000
    }

    fn read(&self, _: u64, length: usize) -> BoxFuture<'static, Result<Bytes, Error>> {
        Box::pin(async move {
            tokio::time::sleep(2 * SILENCE).await;
            Ok(vec![b'x'; length].into())
        })
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_source_that_is_read_slowly_is_no_silence_of_the_service() {
    let stage = Stage::new().await;
    let url = stage.session(SlowSource.size()).await;
    let call = CallOptions { idle_timeout: SILENCE, max_retry: Some(0), ..CallOptions::default() };
    let options = UploadOptions { call, fresh_session: true, ..UploadOptions::default() };
    let uploaded = upload(&stage.client, &url, Arc::new(SlowSource), &options).await.expect("delivered");
    assert!(uploaded.elapsed > 2 * SILENCE && uploaded.retries == 0, "{uploaded:?}");
}

/// Leads to a service, and what comes from there comes in two pieces, with a pause between them.
async fn haltingly(service: &str) -> (SocketAddr, JoinHandle<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (address, service) = (listener.local_addr().unwrap(), service.trim_start_matches("http://").to_owned());
    let leading = tokio::spawn(async move {
        while let Ok((line, _)) = listener.accept().await {
            let (mut from_service, mut to_service) = TcpStream::connect(&service).await.unwrap().into_split();
            let (mut from_client, mut to_client) = line.into_split();
            tokio::spawn(async move { tokio::io::copy(&mut from_client, &mut to_service).await });
            tokio::spawn(async move {
                let mut piece = vec![0; 65536];
                while let Ok(1..) = from_service.read(&mut piece[..1]).await {
                    to_client.write_all(&piece[..1]).await?;
                    tokio::time::sleep(EVERY).await;
                    let rest = from_service.read(&mut piece).await?;
                    to_client.write_all(&piece[..rest]).await?;
                }
                io::Result::Ok(())
            });
        }
    });
    (address, leading)
}

/// Notes when silence is told.
struct Watching(Instant, Mutex<Vec<Duration>>);

impl Observer for Watching {
    fn event(&self, event: Event) {
        if matches!(&event, Event::Retry { reason, .. } if reason.contains("was silent for")) {
            self.1.lock().unwrap().push(self.0.elapsed());
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dead_range_is_told_while_the_answers_to_others_drip() {
    for chunk in [1000, 400_000] {
        let (stage, file) = (Stage::new().await, TestFile::new(60 * chunk));
        let (address, leading) = haltingly(stage.emulator.url()).await;
        let url = stage.url_for(&stage.ids, file.size).await;
        let url = url.replace(stage.emulator.url(), &format!("http://{address}"));
        let mut dead = fault("PUT", Fault::Stall(Stall::default()));
        dead.matching.nth = 2;
        stage.plan(dead);
        let watching = Arc::new(Watching(Instant::now(), Mutex::default()));
        let call = CallOptions { idle_timeout: SILENCE, observer: watching.clone(), ..CallOptions::default() };
        let options = UploadOptions { call, fresh_session: true, ..stage.options(chunk, 4) };
        let url = UploadUrl::parse(&url, stage.client.endpoint()).unwrap();
        let uploaded = stage.upload(&url, file.path(), &options).await.expect("delivered");
        stage.assert_arrived(&file);
        let told = watching.1.lock().unwrap().clone();
        assert_eq!((told.len(), uploaded.retries), (1, 1), "{chunk}: {told:?}");
        assert!((SILENCE - ROUNDING..3 * SILENCE).contains(&told[0]), "{chunk}: told after {told:?}");
        assert!(uploaded.elapsed > told[0] + SILENCE, "{chunk}: the others did not go on");
        leading.abort();
    }
}
