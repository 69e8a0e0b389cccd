//! A forward proxy on loopback, in every mood, and clients of a service that it alone finds.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use mgprint::session::create_session_request;
use mgprint::{
    create_upload_session, upload_session_status, CallOptions, Client, ClientOptions, Endpoint, Error, Parent, Proxy,
    UploadUrl,
};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;

use super::Stage;

/// A host that no resolver knows.
pub const HOST: &str = "graph.test";

#[derive(Clone, Copy, PartialEq)]
pub enum Manner {
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
    /// Opens a way on which it carries 2 MB a second.
    Slow,
}

/// A forward proxy on loopback that leads every host to one address, and remembers what it was asked.
pub struct ForwardProxy {
    pub address: String,
    asked: Arc<Mutex<Vec<String>>>,
    serving: JoinHandle<()>,
}

impl ForwardProxy {
    pub async fn new(manner: Manner, target: SocketAddr) -> Self {
        Self::with(manner, target, None).await
    }

    /// Spoken to in TLS where there is an acceptor.
    pub async fn with(manner: Manner, target: SocketAddr, tls: Option<TlsAcceptor>) -> Self {
        let socket = TcpSocket::new_v4().unwrap();
        if manner == Manner::Slow {
            // What it does not take waits on the other side.
            socket.set_recv_buffer_size(64 * 1024).unwrap();
        }
        socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let listener = socket.listen(64).unwrap();
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

    pub fn asked(&self) -> Vec<String> {
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
    asked.lock().unwrap().push(request);
    let answer: &[u8] = match manner {
        Manner::Stall => return std::future::pending().await,
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
        Manner::Open | Manner::Password | Manner::OpenAndShut | Manner::Slow => b"HTTP/1.1 200 Connected\r\n\r\n",
    };
    let _ = line.write_all(answer).await;
    if manner == Manner::Slow {
        return carry_slowly(line, TcpStream::connect(target).await.unwrap()).await;
    }
    if matches!(manner, Manner::Open | Manner::Password) && answer.starts_with(b"HTTP/1.1 200") {
        let mut service = TcpStream::connect(target).await.unwrap();
        let _ = tokio::io::copy_bidirectional(&mut line, &mut service).await;
    }
    let _ = line.shutdown().await;
}

async fn carry_slowly<L: AsyncRead + AsyncWrite + Unpin>(line: L, mut service: TcpStream) {
    let ((mut from, mut to), (mut answers, mut asks)) = (tokio::io::split(line), service.split());
    let there = async {
        let (mut piece, mut pace) = (vec![0; 50_000], tokio::time::interval(Duration::from_millis(25)));
        while let Ok(read @ 1..) = from.read(&mut piece).await {
            pace.tick().await;
            asks.write_all(&piece[..read]).await?;
        }
        asks.shutdown().await
    };
    let _ = tokio::join!(there, tokio::io::copy(&mut answers, &mut to));
}

/// A client of `https://graph.test`, which only the proxy finds.
pub fn client(stage: &Stage, proxy: Option<Proxy>, ca_file: Option<PathBuf>) -> Client {
    client_of(HOST, stage, proxy, ca_file)
}

pub fn client_of(host: &str, stage: &Stage, proxy: Option<Proxy>, ca_file: Option<PathBuf>) -> Client {
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

pub async fn create(stage: &Stage, client: &Client) -> Result<(), Error> {
    create_within(stage, client, CallOptions::default().idle_timeout).await
}

pub async fn create_within(stage: &Stage, client: &Client, idle_timeout: Duration) -> Result<(), Error> {
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
    let call = CallOptions { max_retry: Some(0), idle_timeout, ..CallOptions::default() };
    create_upload_session(client, &request, &call).await.map(drop)
}

/// How a request to Graph fails, and one to an upload URL, which go different ways.
pub async fn failures(stage: &Stage, client: &Client, idle_timeout: Duration) -> [Error; 2] {
    let url = UploadUrl::parse(&format!("https://{HOST}/upload?secret"), client.endpoint()).unwrap();
    let call = CallOptions { max_retry: Some(0), idle_timeout, ..CallOptions::default() };
    let of_graph = create_within(stage, client, idle_timeout).await.expect_err("Graph was reached");
    let of_session = upload_session_status(client, &url, &call).await.expect_err("the upload URL was reached");
    assert_eq!(of_graph.kind(), of_session.kind(), "{of_graph} {of_session}");
    [of_graph, of_session]
}

pub async fn failures_in_time(stage: &Stage, client: &Client) -> [Error; 2] {
    failures(stage, client, CallOptions::default().idle_timeout).await
}
