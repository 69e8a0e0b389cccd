//! Proxies that want to know who the user is: Negotiate and NTLM, with a security interface of the tests' own.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use crate::common::authority::{encrypted, now_and_a_day, Authority};
use crate::common::{Stage, TestFile};
use base64::engine::general_purpose::STANDARD;
use base64::Engine;
use mgprint::proxy::sign_in::{Conversation, Scheme, SecurityInterface};
use mgprint::session::create_session_request;
use mgprint::{
    create_upload_session, upload_file, CallOptions, Client, ClientOptions, Endpoint, Error, ErrorKind, Parent, Proxy,
    UploadOptions, UploadUrl,
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

const HOST: &str = "graph.test";
const USER: &str = "EXAMPLE\\CANARY";

/// What a proxy does with those who ask for a way.
#[derive(Clone, Debug)]
struct Manner {
    /// What it lets people sign in with, a header each.
    offers: &'static [&'static str],
    /// Tokens that it wants: one as with Kerberos, two as with NTLM.
    tokens: usize,
    /// Whether it closes the connection after the answer that only says that it wants one, with this header.
    closes_at_first: Option<&'static str>,
    /// Whether it closes the connection in the middle of a sign-in.
    closes_midway: bool,
    /// Whether it lets this user in.
    lets_in: bool,
    /// What it says to those that have signed in and may not go there, instead of the way.
    refusal: Option<&'static str>,
}

const NTLM: Manner = Manner {
    offers: &["Basic realm=\"a, b\"", "NTLM"],
    tokens: 2,
    closes_at_first: None,
    closes_midway: false,
    lets_in: true,
    refusal: None,
};

const KERBEROS: Manner = Manner { offers: &["Negotiate", "NTLM"], tokens: 1, ..NTLM };

/// A forward proxy on loopback that leads every host to one address, once it is content.
struct AskingProxy {
    address: String,
    /// The lines and headers that it was asked with, connections in the order in which they came.
    asked: Arc<Mutex<Vec<String>>>,
    serving: JoinHandle<()>,
}

impl AskingProxy {
    async fn new(manner: Manner, target: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let asked = Arc::new(Mutex::new(Vec::new()));
        let remember = Arc::clone(&asked);
        let serving = tokio::spawn(async move {
            while let Ok((line, _)) = listener.accept().await {
                tokio::spawn(serve(line, manner.clone(), target, Arc::clone(&remember)));
            }
        });
        AskingProxy { address, asked, serving }
    }

    fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }

    fn of(&self) -> Proxy {
        Proxy::parse(&self.address).unwrap().signing_in_by(Arc::new(Tokens::default()))
    }
}

impl Drop for AskingProxy {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

async fn serve(mut line: TcpStream, manner: Manner, target: SocketAddr, asked: Arc<Mutex<Vec<String>>>) {
    // What holds for this connection alone: the tokens that it has seen.
    let mut seen = 0;
    loop {
        let mut request = Vec::new();
        while !request.ends_with(b"\r\n\r\n") {
            match line.read_u8().await {
                Ok(byte) => request.push(byte),
                Err(_) => return,
            }
        }
        let request = String::from_utf8(request).unwrap();
        asked.lock().unwrap().push(request.clone());
        let header = request.lines().find_map(|line| line.strip_prefix("Proxy-Authorization: "));
        let Some((scheme, token)) = header.map(|value| value.split_once(' ').unwrap()) else {
            let connection = manner.closes_at_first.unwrap_or_default();
            let offers: String = manner.offers.iter().map(|offer| format!("Proxy-Authenticate: {offer}\r\n")).collect();
            answer(&mut line, "407 Proxy Authentication Required", &format!("{connection}{offers}")).await;
            if manner.closes_at_first.is_some() {
                return;
            }
            continue;
        };
        seen += 1;
        let expected = format!("token {seen} for 127.0.0.1 after '{}'", if seen > 1 { "challenge" } else { "" });
        assert_eq!(STANDARD.decode(token).unwrap(), format!("{expected} of {USER}").into_bytes());
        if !manner.lets_in && seen == manner.tokens {
            answer(&mut line, "407 Proxy Authentication Required", &format!("Proxy-Authenticate: {scheme}\r\n")).await;
        } else if seen < manner.tokens {
            let challenge = STANDARD.encode("challenge");
            let header = format!("Proxy-Authenticate: {scheme} {challenge}\r\n");
            answer(&mut line, "407 Proxy Authentication Required", &header).await;
            if manner.closes_midway {
                return;
            }
        } else if let Some(status) = manner.refusal {
            answer(&mut line, status, "Content-Type: text/html\r\n").await;
        } else {
            line.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n").await.unwrap();
            let mut service = TcpStream::connect(target).await.unwrap();
            let _ = tokio::io::copy_bidirectional(&mut line, &mut service).await;
            return;
        }
    }
}

async fn answer(line: &mut TcpStream, status: &str, headers: &str) {
    const PAGE: &str = "<html>who are you?";
    let answer = format!("HTTP/1.1 {status}\r\n{headers}Content-Length: {}\r\n\r\n{PAGE}", PAGE.len());
    let _ = line.write_all(answer.as_bytes()).await;
}

/// A security interface whose tokens can be read.
#[derive(Debug, Default)]
struct Tokens {
    fails: Option<&'static str>,
}

struct Talk {
    host: String,
    tokens: usize,
    fails: Option<&'static str>,
}

impl SecurityInterface for Tokens {
    fn begin(&self, _: Scheme, host: &str) -> Result<Box<dyn Conversation>, String> {
        Ok(Box::new(Talk { host: host.to_owned(), tokens: 0, fails: self.fails }))
    }
}

impl Conversation for Talk {
    fn next_token(&mut self, challenge: &[u8]) -> Result<Vec<u8>, String> {
        if let Some(why) = self.fails {
            return Err(why.to_owned());
        }
        self.tokens += 1;
        let challenge = String::from_utf8_lossy(challenge);
        Ok(format!("token {} for {} after '{challenge}' of {USER}", self.tokens, self.host).into_bytes())
    }
}

/// A client of `https://graph.test`, which only the proxy finds.
fn client(stage: &Stage, proxy: Proxy, authority: &Authority) -> Client {
    Client::new(ClientOptions {
        endpoint: Endpoint::parse(&format!("https://{HOST}")).unwrap(),
        access_token: Some(stage.emulator.token().to_owned().into()),
        connect_timeout: Duration::from_secs(5),
        proxy: Some(proxy),
        ca_file: Some(authority.file.path().to_owned()),
        ..ClientOptions::default()
    })
    .unwrap()
}

async fn create(stage: &Stage, client: &Client) -> Result<(), Error> {
    let ids = &stage.ids;
    let body = r#"{"properties":{"documentName":"a.pdf","contentType":"application/pdf","size":1}}"#;
    let (printer, job, document) = (&ids.printer_id, &ids.print_job_id, &ids.print_document_id);
    let request = create_session_request(client, Parent::Printer, printer, job, document, body.into())?;
    let call = CallOptions { max_retry: Some(0), ..CallOptions::default() };
    create_upload_session(client, &request, &call).await.map(drop)
}

/// How many requests carried a token of this scheme.
fn tokens(asked: &[String], scheme: &str) -> usize {
    asked.iter().filter(|request| request.contains(&format!("Proxy-Authorization: {scheme} "))).count()
}

#[tokio::test]
async fn the_best_way_that_the_proxy_offers_is_gone_to_its_end() {
    let (stage, authority) = (Stage::new().await, Authority::new("Example Corp Root"));
    let (tls, serving) = encrypted(authority.acceptor(HOST, now_and_a_day()), stage.emulator.url()).await;
    for (manner, scheme, requests) in [
        (KERBEROS, "Negotiate", 2),
        (NTLM, "NTLM", 3),
        (Manner { offers: &["negotiate, Basic realm=\"x\""], tokens: 2, ..NTLM }, "Negotiate", 3),
        (Manner { closes_at_first: Some("Connection: close\r\n"), ..NTLM }, "NTLM", 3),
        (Manner { closes_at_first: Some("Connection: close\r\n"), ..KERBEROS }, "Negotiate", 2),
        (Manner { closes_at_first: Some("Proxy-Connection: close\r\n"), ..NTLM }, "NTLM", 3),
        (Manner { closes_at_first: Some(""), ..KERBEROS }, "Negotiate", 2),
    ] {
        let proxy = AskingProxy::new(manner.clone(), tls).await;
        create(&stage, &client(&stage, proxy.of(), &authority))
            .await
            .unwrap_or_else(|error| panic!("{manner:?}: {error}"));
        let asked = proxy.asked();
        assert_eq!(asked.len(), requests, "{manner:?}: {asked:?}");
        assert!(asked.iter().all(|request| request.starts_with("CONNECT graph.test:443 ")), "{asked:?}");
        assert_eq!(tokens(&asked, scheme), requests - 1, "{manner:?}: {asked:?}");
        assert!(asked.iter().all(|request| request.contains("User-Agent: mgprint/")), "{asked:?}");
        assert!(asked.iter().all(|request| !request.contains(stage.emulator.token())), "the proxy saw the token");
    }
    serving.abort();
}

#[tokio::test]
async fn a_proxy_that_does_not_let_the_user_in_is_named_and_never_gone_around() {
    let (stage, authority) = (Stage::new().await, Authority::new("Example Corp Root"));
    let failing = || Arc::new(Tokens { fails: Some("no ticket was granted\u{1b}") });
    for (manner, security, why, next_step) in [
        (
            Manner { lets_in: false, ..NTLM },
            Arc::default(),
            "it did not let in the user of this process (NTLM",
            "let through",
        ),
        (Manner { lets_in: false, ..KERBEROS }, Arc::default(), "(Negotiate; 407", "let through"),
        (
            Manner { offers: &["Basic realm=\"a\"", "Digest"], ..NTLM },
            Arc::default(),
            "it takes: Basic, Digest",
            "password",
        ),
        (Manner { offers: &[], ..NTLM }, Arc::default(), "it takes: nothing that it names", "password"),
        (Manner { closes_midway: true, tokens: 3, ..NTLM }, Arc::default(), "in the middle of the sign-in", "Check"),
        (
            Manner { refusal: Some("403 Forbidden"), ..KERBEROS },
            Arc::default(),
            "it refused to (403, Forbidden)",
            "Check",
        ),
        (Manner { tokens: 99, ..NTLM }, Arc::default(), "never came to the end of the sign-in", "Check"),
        (KERBEROS, failing(), "that cannot be proved: no ticket was granted", "password"),
    ] {
        let proxy = AskingProxy::new(manner, "127.0.0.1:1".parse().unwrap()).await;
        let given = Proxy::parse(&proxy.address).unwrap().signing_in_by(security);
        let error = create(&stage, &client(&stage, given, &authority)).await.expect_err(why);
        assert_eq!(error.kind(), ErrorKind::ProxyFailed, "{error}");
        assert!(error.message().contains(&proxy.address) && error.message().contains(why), "{error}");
        assert!(error.next_step().contains(next_step), "{why}: {}", error.next_step());
        assert!(error.next_step().contains("Nothing was sent around it"), "{}", error.next_step());
        assert!(!format!("{error:?}").contains("CANARY") && !error.message().contains('\u{1b}'), "{error:?}");
    }
    assert_eq!(stage.journal().counts.requests, 0);
}

#[tokio::test]
async fn a_proxy_that_is_not_there_or_does_not_answer_is_named() {
    let (stage, authority) = (Stage::new().await, Authority::new("Example Corp Root"));
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    for (address, why) in [(nobody, "refused"), (silent.local_addr().unwrap(), "it did not answer in time")] {
        let given = Proxy::parse(&address.to_string()).unwrap().signing_in_by(Arc::new(Tokens::default()));
        let options = ClientOptions {
            endpoint: Endpoint::parse(&format!("https://{HOST}")).unwrap(),
            access_token: Some("token".to_owned().into()),
            connect_timeout: Duration::from_millis(500),
            proxy: Some(given),
            ca_file: Some(authority.file.path().to_owned()),
            ..ClientOptions::default()
        };
        let error = create(&stage, &Client::new(options).unwrap()).await.expect_err(why);
        assert_eq!(error.kind(), ErrorKind::ProxyFailed, "{error}");
        assert!(error.message().contains(&address.to_string()) && error.message().contains(why), "{error}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_document_goes_through_whole_on_connections_that_are_kept() {
    let (stage, authority, file) = (Stage::new().await, Authority::new("Example Corp Root"), TestFile::new(5_000_000));
    let (tls, serving) = encrypted(authority.acceptor(HOST, now_and_a_day()), stage.emulator.url()).await;
    let proxy = AskingProxy::new(NTLM, tls).await;
    let client = client(&stage, proxy.of(), &authority);
    let url = stage.url_for(&stage.ids, file.size).await.replace(stage.emulator.url(), &format!("https://{HOST}"));
    let url = UploadUrl::parse(&url, client.endpoint()).unwrap();
    let options = UploadOptions { chunk_size: 300_000, ..UploadOptions::default() };
    upload_file(&client, &url, file.path(), &options).await.expect("the document");

    assert_eq!(stage.document().sha256.as_deref(), Some(file.sha256.as_str()));
    assert_eq!(stage.journal().violations, Vec::<String>::new());
    // 17 ranges and the questions about them, on connections that are kept: the library may open one or two in advance.
    let tunnels = proxy.asked().len() / 3;
    assert!((1..=8).contains(&tunnels), "{tunnels} tunnels for four ranges at once");
    serving.abort();
}

#[cfg(not(windows))]
#[test]
fn the_platforms_own_interface_is_refused_where_there_is_none() {
    let error = Proxy::parse("http://proxy:8080").unwrap().with_default_credentials().expect_err("not here");
    assert_eq!(error.kind(), ErrorKind::InvalidProxy);
    assert!(error.message().contains("http://proxy:8080") && error.message().contains("Windows"), "{error}");
}
