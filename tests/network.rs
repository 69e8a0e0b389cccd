//! Networks as they are: proxies that want a password, refuse, stall or answer in the service's place; certificates of
//! an organisation's own authority, of nobody, for another host, of another year.

mod common;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use common::authority::{encrypted, now_and_a_day, Authority};
use common::Stage;
use mgprint::session::create_session_request;
use mgprint::{
    create_upload_session, upload, upload_session_status, CallOptions, Client, ClientOptions, Endpoint, Error,
    ErrorKind, MemorySource, Parent, Proxy, UploadOptions, UploadUrl,
};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;

const HOST: &str = "graph.test";

#[derive(Clone, Copy, PartialEq)]
enum Manner {
    Open,
    Password,
    Refuse,
    /// Takes tokens alone.
    Tokens,
    Html,
    /// Says yes, and then shows a page in place of the way.
    Portal,
    /// The same, without saying how long it is.
    ClosingPortal,
    ChunkedPortal,
    HangUp,
    /// Says yes, and then ends the connection.
    OpenAndShut,
    Stall,
    /// Never answers for one host, and opens a way to the others.
    StallForOne,
}

/// A forward proxy on loopback that leads every host to one address, and remembers what it was asked.
struct ForwardProxy {
    address: String,
    asked: Arc<Mutex<Vec<String>>>,
    serving: JoinHandle<()>,
}

impl ForwardProxy {
    async fn new(manner: Manner, target: SocketAddr) -> Self {
        Self::with(manner, target, None).await
    }

    /// Spoken to in TLS where there is an acceptor.
    async fn with(manner: Manner, target: SocketAddr, tls: Option<TlsAcceptor>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let scheme = if tls.is_some() { "https" } else { "http" };
        let address = format!("{scheme}://{}", listener.local_addr().unwrap());
        let asked = Arc::new(Mutex::new(Vec::new()));
        let remember = Arc::clone(&asked);
        let serving = tokio::spawn(async move {
            while let Ok((line, _)) = listener.accept().await {
                let (remember, tls) = (Arc::clone(&remember), tls.clone());
                tokio::spawn(async move {
                    match tls {
                        None => serve(line, manner, target, &remember).await,
                        Some(tls) => {
                            if let Ok(line) = tls.accept(line).await {
                                serve(line, manner, target, &remember).await;
                            }
                        }
                    }
                });
            }
        });
        ForwardProxy { address, asked, serving }
    }

    fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

impl Drop for ForwardProxy {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

async fn serve<L: AsyncRead + AsyncWrite + Unpin>(
    mut line: L,
    manner: Manner,
    target: SocketAddr,
    asked: &Mutex<Vec<String>>,
) {
    let mut request = Vec::new();
    while !request.ends_with(b"\r\n\r\n") {
        match line.read_u8().await {
            // A greeting in TLS is no request.
            Ok(byte) if request.is_empty() && !byte.is_ascii_uppercase() => {
                let _ = line.write_all(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n").await;
                return;
            }
            Ok(byte) => request.push(byte),
            Err(_) => return,
        }
    }
    let request = String::from_utf8_lossy(&request).into_owned();
    let knows = request.contains("roxy-Authorization: Basic dXNlcjpwYXNzd29yZA=="); // user:password
    let is_for_one = request.starts_with("CONNECT stall.test:");
    asked.lock().unwrap().push(request);
    let answer: &[u8] = match manner {
        Manner::Stall => return std::future::pending().await,
        Manner::StallForOne if is_for_one => return std::future::pending().await,
        Manner::HangUp => return,
        Manner::Refuse => b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n",
        Manner::Tokens => {
            b"HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Negotiate\r\nProxy-Authenticate: NTLM\r\nContent-Length: 0\r\n\r\n"
        }
        Manner::Html => b"HTTP/1.1 502 Bad Gateway\r\nContent-Type: text/html\r\nContent-Length: 9\r\n\r\n<html>no!",
        Manner::Portal => b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 9\r\n\r\n<html>no!",
        Manner::ClosingPortal => {
            b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nConnection: close\r\n\r\n<html>no!"
        }
        Manner::ChunkedPortal => {
            b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nTransfer-Encoding: chunked\r\n\r\n9\r\n<html>no!\r\n0\r\n\r\n"
        }
        Manner::Password if !knows => {
            b"HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic\r\nContent-Length: 0\r\n\r\n"
        }
        Manner::Open | Manner::Password | Manner::OpenAndShut | Manner::StallForOne => b"HTTP/1.1 200 Connected\r\n\r\n",
    };
    let _ = line.write_all(answer).await;
    if matches!(manner, Manner::Open | Manner::Password | Manner::StallForOne) && answer.starts_with(b"HTTP/1.1 200") {
        let mut service = TcpStream::connect(target).await.unwrap();
        let _ = tokio::io::copy_bidirectional(&mut line, &mut service).await;
    }
    let _ = line.shutdown().await;
}

/// A client of `https://graph.test`, which only the proxy finds.
fn client(stage: &Stage, proxy: Option<Proxy>, ca_file: Option<PathBuf>) -> Client {
    client_of(HOST, stage, proxy, ca_file)
}

fn client_of(host: &str, stage: &Stage, proxy: Option<Proxy>, ca_file: Option<PathBuf>) -> Client {
    Client::new(ClientOptions {
        endpoint: Endpoint::parse(&format!("https://{host}")).unwrap(),
        access_token: Some(stage.emulator.token().to_owned().into()),
        connect_timeout: Duration::from_secs(2),
        proxy,
        ca_file,
        ..ClientOptions::default()
    })
    .unwrap()
}

async fn create(stage: &Stage, client: &Client) -> Result<(), Error> {
    create_within(stage, client, CallOptions::default().silence_timeout).await
}

async fn create_within(stage: &Stage, client: &Client, silence_timeout: Duration) -> Result<(), Error> {
    let ids = &stage.ids;
    let body = r#"{"properties":{"documentName":"a.pdf","contentType":"application/pdf","size":1}}"#;
    let request = create_session_request(
        client,
        Parent::Printer,
        &ids.printer_id,
        &ids.print_job_id,
        &ids.print_document_id,
        body.into(),
    )?;
    let call = CallOptions { max_retry: Some(0), silence_timeout, ..CallOptions::default() };
    create_upload_session(client, &request, &call).await.map(drop)
}

/// How a request to Graph fails, and one to an upload URL, which go different ways.
async fn failures(stage: &Stage, client: &Client, silence_timeout: Duration) -> [Error; 2] {
    let url = UploadUrl::parse(&format!("https://{HOST}/upload?secret"), client.endpoint()).unwrap();
    let call = CallOptions { max_retry: Some(0), silence_timeout, ..CallOptions::default() };
    let of_graph = create_within(stage, client, silence_timeout).await.expect_err("Graph was reached");
    let of_session = upload_session_status(client, &url, &call).await.expect_err("the upload URL was reached");
    assert_eq!(of_graph.kind(), of_session.kind(), "{of_graph} {of_session}");
    [of_graph, of_session]
}

async fn failures_in_time(stage: &Stage, client: &Client) -> [Error; 2] {
    failures(stage, client, CallOptions::default().silence_timeout).await
}

#[tokio::test]
async fn a_service_whose_name_is_an_address_is_reached_through_the_proxy() {
    let (stage, authority) = (Stage::new().await, Authority::new("Example Corp Root"));
    for (host, name) in [("[2001:db8::1]", "2001:db8::1"), ("192.0.2.1", "192.0.2.1")] {
        let (tls, serving) = encrypted(authority.acceptor(name, now_and_a_day()), stage.emulator.url()).await;
        let proxy = ForwardProxy::new(Manner::Open, tls).await;
        let given = Proxy::parse(&proxy.address).unwrap();
        let client = client_of(host, &stage, Some(given), Some(authority.file.path().to_owned()));
        create(&stage, &client).await.expect(host);
        assert!(proxy.asked()[0].starts_with(&format!("CONNECT {host}:443 ")), "{}", proxy.asked()[0]);
        serving.abort();
    }
}

#[tokio::test]
async fn a_request_goes_through_the_proxy_and_its_corporate_authority() {
    let (stage, authority) = (Stage::new().await, Authority::new("Example Corp Root"));
    let (tls, serving) = encrypted(authority.acceptor(HOST, now_and_a_day()), stage.emulator.url()).await;
    let proxy = ForwardProxy::new(Manner::Password, tls).await;
    let given = Proxy::parse(&proxy.address).unwrap().with_credentials("user", "password".to_owned().into());
    let client = client(&stage, Some(given), Some(authority.file.path().to_owned()));
    create(&stage, &client).await.expect("a session, through the proxy");

    let asked = proxy.asked();
    assert_eq!(asked.len(), 1);
    assert!(asked[0].starts_with("CONNECT graph.test:443 "), "{}", asked[0]);
    assert!(!asked[0].contains(stage.emulator.token()), "the proxy saw the token");
    let seen = stage.journal().entries.last().unwrap().headers.clone();
    assert!(seen.iter().all(|(name, _)| !name.starts_with("proxy-")), "the service saw the proxy's password");
    serving.abort();
}

#[tokio::test]
async fn a_proxy_that_opens_no_way_is_named_and_never_gone_around() {
    let stage = Stage::new().await;
    for (manner, user, why) in [
        (Manner::Refuse, Some("user"), "it refused to (403, Forbidden)"),
        (Manner::Html, Some("user"), "it refused to (502, Bad Gateway)"),
        (Manner::Tokens, Some("user"), "it takes no user name and password; it takes: Negotiate, NTLM (407"),
        (Manner::Tokens, None, "it takes no user name and password; it takes: Negotiate, NTLM (407"),
        (Manner::Password, Some("user"), "it did not accept the user name and password (407"),
        (Manner::Password, None, "it asks for a user name and a password (407"),
        (Manner::Portal, Some("user"), "its answer is not that of a proxy"),
        (Manner::ClosingPortal, Some("user"), "its answer is not that of a proxy"),
        (Manner::ChunkedPortal, Some("user"), "its answer is not that of a proxy"),
        (Manner::HangUp, Some("user"), "its answer is not that of a proxy"),
        (Manner::Stall, Some("user"), "it did not answer in time"),
    ] {
        let proxy = ForwardProxy::new(manner, "127.0.0.1:1".parse().unwrap()).await;
        let mut given = Proxy::parse(&proxy.address).unwrap();
        if let Some(user) = user {
            given = given.with_credentials(user, "CANARY".to_owned().into());
        }
        for error in failures_in_time(&stage, &client(&stage, Some(given), None)).await {
            assert_eq!(error.kind(), ErrorKind::ProxyFailed, "{error}");
            assert!(error.message().contains(&proxy.address) && error.message().contains(why), "{error}");
            assert!(error.next_step().contains("Nothing was sent around it"), "{}", error.next_step());
            assert!(!format!("{error:?}").contains("CANARY"));
        }
    }
    assert_eq!(stage.journal().counts.requests, 0);
}

#[tokio::test]
async fn whose_silence_it_is_is_told() {
    let (stage, authority) = (Stage::new().await, Authority::new("Example Corp Root"));
    let mute = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let proxy = ForwardProxy::new(Manner::Stall, "127.0.0.1:1".parse().unwrap()).await;
    let open = ForwardProxy::new(Manner::Open, mute.local_addr().unwrap()).await;
    // One that speaks no TLS waits for the end of what it takes for a request.
    let in_tls = proxy.address.replace("http", "https");
    for (address, kind) in [
        (&proxy.address, ErrorKind::ProxyFailed),
        (&in_tls, ErrorKind::ProxyFailed),
        (&open.address, ErrorKind::Timeout),
    ] {
        for silence in [Duration::from_millis(300), Duration::from_secs(60)] {
            let client = client(&stage, Some(Proxy::parse(address).unwrap()), Some(authority.file.path().to_owned()));
            for error in failures(&stage, &client, silence).await {
                assert_eq!(error.kind(), kind, "{error}");
                let names_proxy = error.message().contains(address.as_str());
                assert!(names_proxy || (kind == ErrorKind::Timeout && error.message().contains(HOST)), "{error}");
            }
        }
    }
}

#[tokio::test]
async fn silence_of_a_service_is_not_that_of_a_proxy_which_others_wait_for() {
    let stage = Stage::new().await;
    let mute = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let proxy = ForwardProxy::new(Manner::StallForOne, mute.local_addr().unwrap()).await;
    let client = client(&stage, Some(Proxy::parse(&proxy.address).unwrap()), None);
    let silence_timeout = Duration::from_millis(500);
    let call = CallOptions { max_retry: Some(0), silence_timeout, ..CallOptions::default() };
    let url = |host: &str| UploadUrl::parse(&format!("https://{host}/u?t=1"), client.endpoint()).unwrap();
    let (stalled, muted) = (url("stall.test"), url("mute.test"));
    let (of_proxy, of_session, of_graph) = tokio::join!(
        upload_session_status(&client, &stalled, &call),
        upload_session_status(&client, &muted, &call),
        create_within(&stage, &client, silence_timeout)
    );
    assert_eq!(of_proxy.expect_err("no way").kind(), ErrorKind::ProxyFailed);
    for error in [of_session.expect_err("silence"), of_graph.expect_err("silence")] {
        assert_eq!(error.kind(), ErrorKind::Timeout, "{error}");
    }
}

#[tokio::test]
async fn an_upload_that_reaches_nobody_says_nothing_of_what_the_service_has() {
    let stage = Stage::new().await;
    let proxy = ForwardProxy::new(Manner::Refuse, "127.0.0.1:1".parse().unwrap()).await;
    let there = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    for (address, retryable) in [(proxy.address.clone(), false), (format!("http://{there}"), true)] {
        let client = client(&stage, Some(Proxy::parse(&address).unwrap()), None);
        let url = UploadUrl::parse("https://graph.test/u?t=1", client.endpoint()).unwrap();
        let mut options = UploadOptions::default();
        options.call.max_retry = Some(0);
        let source = Arc::new(MemorySource::new("a document"));
        let error = upload(&client, &url, source, &options).await.expect_err("no way");
        assert_eq!((error.kind(), error.is_retryable()), (ErrorKind::ProxyFailed, retryable), "{error}");
        assert!(!error.message().contains("The service has"), "{error}");
        assert!(error.next_step().contains("Nothing was sent around it"), "{}", error.next_step());
    }
}

#[tokio::test]
async fn a_line_that_breaks_behind_an_open_tunnel_is_no_refusal() {
    let stage = Stage::new().await;
    let proxy = ForwardProxy::new(Manner::OpenAndShut, "127.0.0.1:1".parse().unwrap()).await;
    let client = client(&stage, Some(Proxy::parse(&proxy.address).unwrap()), None);
    for error in failures_in_time(&stage, &client).await {
        assert_eq!((error.kind(), error.is_retryable()), (ErrorKind::ConnectionFailed, true), "{error}");
        assert!(error.message().contains(HOST) && error.message().contains(&proxy.address), "{error}");
    }
}

#[tokio::test]
async fn a_proxy_that_is_not_there_is_named() {
    let stage = Stage::new().await;
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let given = Proxy::parse(&format!("127.0.0.1:{port}")).unwrap();
    for error in failures_in_time(&stage, &client(&stage, Some(given), None)).await {
        assert_eq!(error.kind(), ErrorKind::ProxyFailed);
        assert!(error.message().contains(&format!("http://127.0.0.1:{port}")), "{error}");
    }
}

#[tokio::test]
async fn a_proxy_that_is_spoken_to_in_tls_is_trusted_or_named() {
    let stage = Stage::new().await;
    let (authority, stranger) = (Authority::new("Example Corp Root"), Authority::new("Somebody In Between"));
    let (tls, serving) = encrypted(authority.acceptor(HOST, now_and_a_day()), stage.emulator.url()).await;
    let ca = || Some(authority.file.path().to_owned());

    let known = ForwardProxy::with(Manner::Open, tls, Some(authority.acceptor("127.0.0.1", now_and_a_day()))).await;
    let through = client(&stage, Some(Proxy::parse(&known.address).unwrap()), ca());
    create(&stage, &through).await.expect("a session, through TLS in TLS");
    assert_eq!(known.asked().len(), 1);

    let unknown = ForwardProxy::with(Manner::Open, tls, Some(stranger.acceptor("127.0.0.1", now_and_a_day()))).await;
    let plain = ForwardProxy::new(Manner::Open, tls).await;
    for (proxy, why) in [
        (
            unknown.address.clone(),
            "the proxy itself is not trusted, since its certificate was issued by 'Somebody In Between'",
        ),
        (plain.address.replace("http", "https"), "no encrypted connection to the proxy itself could be made"),
    ] {
        let given = Proxy::parse(&proxy).unwrap().with_credentials("user", "CANARY".to_owned().into());
        for error in failures_in_time(&stage, &client(&stage, Some(given), ca())).await {
            assert_eq!(error.kind(), ErrorKind::ProxyFailed, "{error}");
            assert!(error.message().contains(&proxy) && error.message().contains(why), "{error}");
            assert!(!format!("{error:?}").contains("CANARY"));
        }
    }
    assert!(unknown.asked().is_empty() && plain.asked().is_empty(), "a password went to a stranger");
    serving.abort();
}

#[tokio::test]
async fn what_is_left_out_goes_around_the_proxy() {
    let stage = Stage::new().await;
    let proxy = ForwardProxy::new(Manner::Refuse, "127.0.0.1:1".parse().unwrap()).await;
    let given = Proxy::parse(&proxy.address).unwrap().bypassing("test");
    for error in failures_in_time(&stage, &client(&stage, Some(given), None)).await {
        assert_eq!(error.kind(), ErrorKind::ConnectionFailed, "{error}");
    }
    assert!(proxy.asked().is_empty());
}

#[tokio::test]
async fn a_certificate_that_is_not_trusted_is_explained() {
    let year = Duration::from_secs(365 * 86_400);
    let now = SystemTime::now();
    let authority = Authority::new("Example Corp Root");
    let stranger = Authority::new("Somebody In Between");
    for (signer, host, valid, why) in [
        (&stranger, HOST, now_and_a_day(), "issued by 'Somebody In Between', which this machine does not trust"),
        (
            &authority,
            "other.test",
            now_and_a_day(),
            "issued by 'Example Corp Root', is for another host than graph.test",
        ),
        (&authority, HOST, now - 2 * year..now - year, "issued by 'Example Corp Root', has expired"),
        (&authority, HOST, now + year..now + 2 * year, "issued by 'Example Corp Root', is not valid yet"),
    ] {
        let stage = Stage::new().await;
        let (tls, serving) = encrypted(signer.acceptor(host, valid), stage.emulator.url()).await;
        let proxy = ForwardProxy::new(Manner::Open, tls).await;
        let given = Proxy::parse(&proxy.address).unwrap();
        let client = client(&stage, Some(given), Some(authority.file.path().to_owned()));
        for error in failures_in_time(&stage, &client).await {
            assert_eq!(error.kind(), ErrorKind::TlsFailed, "{error}");
            assert!(error.message().contains(why) && error.message().contains(&proxy.address), "{error}");
            assert!(!error.next_step().is_empty());
        }
        assert_eq!(stage.journal().counts.requests, 0);
        serving.abort();
    }
}

#[tokio::test]
async fn a_certificate_that_signed_itself_is_trusted_for_its_own_names_and_dates() {
    let year = Duration::from_secs(365 * 86_400);
    let now = SystemTime::now();
    let valid = || Some(now_and_a_day());
    let trusted = |host: &str, valid| Authority::of_host("Self", vec![host.to_owned()], valid);
    let stranger = trusted(HOST, valid());
    // One that somebody issued, whom nobody knows.
    for (host, valid, why) in [
        (HOST, now_and_a_day(), ""),
        ("other.test", now_and_a_day(), "which this machine does not trust"),
        (HOST, now - 2 * year..now - year, "has expired"),
    ] {
        let stage = Stage::new().await;
        let (acceptor, file) = Authority::new("Nobody").acceptor_and_certificate(host, valid);
        let (tls, serving) = encrypted(acceptor, stage.emulator.url()).await;
        let proxy = ForwardProxy::new(Manner::Open, tls).await;
        let client = client(&stage, Some(Proxy::parse(&proxy.address).unwrap()), Some(file.path().to_owned()));
        match create(&stage, &client).await {
            created if why.is_empty() => created.expect("the certificate itself is trusted"),
            created => {
                let error = created.expect_err(why);
                assert!(error.kind() == ErrorKind::TlsFailed && error.message().contains(why), "{error}");
            }
        }
        serving.abort();
    }
    for (server, file, why) in [
        (trusted(HOST, valid()), None, ""),
        (trusted("other.test", valid()), None, "'Self', is an authority's own and not a server's"),
        (trusted(HOST, Some(now - 2 * year..now - year)), None, "issued by 'Self', has expired"),
        (trusted(HOST, valid()), Some(&stranger), "'Self', is an authority's own and not a server's"),
    ] {
        let stage = Stage::new().await;
        let (tls, serving) = encrypted(server.own_acceptor(), stage.emulator.url()).await;
        let proxy = ForwardProxy::new(Manner::Open, tls).await;
        let file = file.unwrap_or(&server).file.path().to_owned();
        let client = client(&stage, Some(Proxy::parse(&proxy.address).unwrap()), Some(file));
        match (create(&stage, &client).await, why) {
            (created, "") => created.expect("the certificate itself is trusted"),
            (created, why) => {
                let error = created.expect_err(why);
                assert_eq!(error.kind(), ErrorKind::TlsFailed, "{error}");
                assert!(error.message().contains(why), "{error}");
                assert_eq!(stage.journal().counts.requests, 0);
            }
        }
        serving.abort();
    }
}

#[tokio::test]
async fn an_upload_host_that_is_not_trusted_is_told_with_what_to_do_about_it_first() {
    let stage = Stage::new().await;
    let stranger = Authority::new("Somebody In Between");
    let (tls, encrypting) = encrypted(stranger.acceptor("127.0.0.1", now_and_a_day()), stage.emulator.url()).await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let serving = tokio::spawn(async move {
        let (mut line, _) = listener.accept().await.unwrap();
        let _ = line.read(&mut [0; 65536]).await;
        let body = format!(r#"{{"uploadUrl":"https://{tls}/u?t=CANARY","nextExpectedRanges":["0-2"]}}"#);
        let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", body.len());
        let _ = line.write_all((head + &body).as_bytes()).await;
    });
    let client = common::client(&endpoint, Some("token"));
    let request = create_session_request(&client, Parent::Printer, "p", "j", "d", "{}".into()).unwrap();
    let source = Arc::new(mgprint::MemorySource::new(vec![1, 2, 3]));
    let error = mgprint::document::send(&client, &request, source, &Default::default()).await.expect_err("a stranger");
    assert_eq!(error.kind(), ErrorKind::TlsFailed, "{error}");
    let advice = error.next_step();
    assert!(advice.contains("somebody is in between: do not go on"), "{advice}");
    assert!(advice.ends_with("in SSL_CERT_FILE. Run the command again: it begins anew."), "{advice}");
    serving.abort();
    encrypting.abort();
}

#[tokio::test]
async fn an_endpoint_that_speaks_no_tls_is_said_to() {
    let stage = Stage::new().await;
    let plain = stage.emulator.url().trim_start_matches("http://").parse().unwrap();
    let proxy = ForwardProxy::new(Manner::Open, plain).await;
    let error =
        create(&stage, &client(&stage, Some(Proxy::parse(&proxy.address).unwrap()), None)).await.expect_err("no TLS");
    assert_eq!(error.kind(), ErrorKind::TlsFailed, "{error}");
}

#[test]
fn a_file_of_certificates_may_begin_with_the_mark_of_its_encoding() {
    let authority = Authority::new("Example Corp Root");
    let text = std::fs::read_to_string(authority.file.path()).unwrap();
    std::fs::write(authority.file.path(), format!("\u{feff}{text}")).unwrap();
    let ca_file = Some(authority.file.path().to_owned());
    Client::new(ClientOptions { ca_file, ..ClientOptions::default() }).expect("a file that can be used");
}

#[test]
fn a_file_of_certificates_that_is_none_is_refused() {
    let empty = tempfile::NamedTempFile::new().unwrap();
    for (path, why) in
        [(empty.path().to_owned(), "holds no certificate"), (PathBuf::from("/no/such.pem"), "No such file")]
    {
        let error = Client::new(ClientOptions { ca_file: Some(path), ..ClientOptions::default() }).expect_err(why);
        assert_eq!(error.kind(), ErrorKind::InvalidArgument);
        assert!(error.message().contains(why), "{error}");
    }
}
