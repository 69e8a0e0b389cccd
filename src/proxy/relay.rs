//! The way to a proxy, and a door on loopback that leads to it.
//!
//! The HTTP library of the uploads, reqwest, keeps to itself what a proxy answers, and has no place for a sign-in of several
//! requests on one connection. So it is led to the door, as if the door were the proxy, and here the proxy is asked for a
//! tunnel to the same host. What then passes is the TLS of the library itself: nothing of it can be read here. Requests to
//! Graph need no door (see [`crate::transport`]).

use std::collections::HashMap;
use std::net::{Ipv4Addr, TcpListener as StdListener};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use http::HeaderValue;
use once_cell::sync::OnceCell;
use secrecy::SecretString;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::AbortHandle;
use url::Url;
use uuid::Uuid;

use super::basic;
use super::tunnel::{Refusal, Tunnels};
use crate::error::{Error, ErrorKind, Result};
use crate::line::Line;

/// A request for a tunnel is one line and a few headers.
const LONGEST_HEAD: usize = 8 * 1024;

/// The library says at once what it wants; whoever else comes to the door is not waited for.
const LONGEST_SILENCE: Duration = Duration::from_secs(5);

/// Bytes that the door holds of either direction.
const PIECE: usize = 64 * 1024;

/// How long a side that has ended is told so.
const FAREWELL: Duration = Duration::from_secs(2);

/// The way to a proxy. Dropped, its door is closed; what has passed through goes on.
pub(crate) struct Relay {
    way: Arc<Way>,
    /// Opened for the first who needs one.
    door: OnceCell<Door>,
}

/// A socket on loopback, and what is to be said there.
pub(super) struct Door {
    address: Url,
    key: HeaderValue,
    listener: Mutex<Option<StdListener>>,
    serving: OnceLock<AbortHandle>,
}

/// What is behind the door.
struct Way {
    tunnels: Tunnels,
    /// Of the last tunnel to each host that did not come to stand.
    refusals: Mutex<HashMap<String, Refusal>>,
}

impl Relay {
    pub(super) fn new(tunnels: Tunnels) -> Self {
        Relay { way: Arc::new(Way { tunnels, refusals: Mutex::default() }), door: OnceCell::new() }
    }

    /// The door; nobody stands at it before [`Relay::serve`].
    pub(super) fn door(&self) -> Result<&Door> {
        self.door.get_or_try_init(Door::open)
    }

    /// Of the proxy, and of the door where there is one.
    pub(crate) fn ports(&self) -> Vec<u16> {
        let door = self.door.get().map(Door::address);
        door.into_iter().chain([self.way.tunnels.proxy()]).filter_map(Url::port_or_known_default).collect()
    }

    /// Lets in who comes to the door, from now on; within a runtime.
    pub(crate) fn serve(&self) {
        if let Some(door) = self.door.get() {
            door.serve(&self.way);
        }
    }

    /// The way to a host, which is a name and a port, for whoever needs no door.
    pub(crate) async fn tunnel(&self, host: &str) -> Result<Line, Refusal> {
        self.way.open(host).await
    }

    /// Whether the proxy is being asked for a tunnel to a host, which is a name and a port, and has not answered.
    pub(crate) fn is_asking(&self, host: &str) -> bool {
        self.way.tunnels.are_asked_for(host)
    }

    /// Why the last tunnel to a host did not come to stand.
    pub(crate) fn refusal(&self, host: &str) -> Option<Refusal> {
        self.way.refusals().get(host).cloned()
    }
}

impl Door {
    fn open() -> Result<Self> {
        let failed = |error: std::io::Error| {
            let message = format!("No socket on loopback can be had for the way to the proxy: {error}.");
            Error::new(ErrorKind::ProxyFailed, message)
        };
        let listener = StdListener::bind((Ipv4Addr::LOCALHOST, 0)).map_err(failed)?;
        listener.set_nonblocking(true).map_err(failed)?;
        let address = format!("http://{}", listener.local_addr().map_err(failed)?);
        Ok(Door {
            address: address.parse().expect("an address of ours"),
            key: basic(&Uuid::new_v4().to_string(), &SecretString::new(Uuid::new_v4().to_string()))?,
            listener: Mutex::new(Some(listener)),
            serving: OnceLock::new(),
        })
    }

    /// Where it is.
    pub(super) fn address(&self) -> &Url {
        &self.address
    }

    /// What the library has to say there, made anew for each.
    pub(super) fn key(&self) -> &HeaderValue {
        &self.key
    }

    fn serve(&self, way: &Arc<Way>) {
        self.serving.get_or_init(|| {
            let listener = self.listener.lock().unwrap_or_else(PoisonError::into_inner).take();
            let (way, key) = (Arc::clone(way), self.key.clone());
            tokio::spawn(async move {
                // Without a listener the library is told that nobody is here, which is so.
                let Some(Ok(listener)) = listener.map(TcpListener::from_std) else { return };
                loop {
                    match listener.accept().await {
                        Ok((line, _)) => drop(tokio::spawn(Arc::clone(&way).lead(line, key.clone()))),
                        // No descriptor is free, say.
                        Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
                    }
                }
            })
            .abort_handle()
        });
    }
}

impl Drop for Door {
    fn drop(&mut self) {
        if let Some(serving) = self.serving.get() {
            serving.abort();
        }
    }
}

impl Way {
    fn refusals(&self) -> MutexGuard<'_, HashMap<String, Refusal>> {
        self.refusals.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn open(&self, host: &str) -> Result<Line, Refusal> {
        let tunnel = self.tunnels.open(host).await;
        match &tunnel {
            Ok(_) => self.refusals().remove(host),
            Err(refusal) => self.refusals().insert(host.to_owned(), refusal.clone()),
        };
        tunnel
    }

    async fn lead(self: Arc<Self>, mut line: TcpStream, expected: HeaderValue) {
        let request = tokio::time::timeout(LONGEST_SILENCE, read_request(&mut line)).await;
        let Ok(Some((host, key))) = request else { return };
        if key.as_deref() != Some(expected.as_bytes()) {
            let _ = line.write_all(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n").await;
            return;
        }
        let tunnel = tokio::select! {
            tunnel = self.open(&host) => tunnel,
            // Whoever asked has given up.
            () = closed(&line) => return,
        };
        match tunnel {
            Ok(tunnel) => {
                if line.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.is_ok() {
                    join(line, tunnel).await;
                }
            }
            Err(_) => {
                let _ = line.write_all(b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n").await;
            }
        }
    }
}

/// Carries bytes both ways until either side is done: in TLS, whoever ends its side has nothing more to hear.
async fn join(line: TcpStream, tunnel: impl AsyncRead + AsyncWrite) {
    let (mut from_library, mut to_library) = line.into_split();
    let (mut from_proxy, mut to_proxy) = tokio::io::split(tunnel);
    tokio::select! {
        _ = carry(&mut from_library, &mut to_proxy) => {}
        _ = carry(&mut from_proxy, &mut to_library) => {}
    }
    let _ = tokio::time::timeout(FAREWELL, to_library.shutdown()).await;
    let _ = tokio::time::timeout(FAREWELL, to_proxy.shutdown()).await;
}

async fn carry(from: &mut (impl AsyncRead + Unpin), to: &mut (impl AsyncWrite + Unpin)) -> std::io::Result<()> {
    let mut piece = vec![0; PIECE];
    loop {
        let read = from.read(&mut piece).await?;
        if read == 0 {
            return to.flush().await;
        }
        to.write_all(&piece[..read]).await?;
        // A tunnel in TLS may keep what it was given.
        to.flush().await?;
    }
}

/// The host of a CONNECT and what its Proxy-Authorization says; the library's own, and so read without much ado.
async fn read_request(line: &mut TcpStream) -> Option<(String, Option<Vec<u8>>)> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        if head.len() > LONGEST_HEAD || line.read_buf(&mut head).await.ok()? == 0 {
            return None;
        }
    }
    let head = std::str::from_utf8(&head).ok()?;
    let mut lines = head.lines();
    let host = lines.next()?.strip_prefix("CONNECT ")?.split(' ').next()?.to_owned();
    let key = lines
        .filter_map(|line| line.split_once(':'))
        .find(|(name, _)| name.eq_ignore_ascii_case("proxy-authorization"));
    Some((host, key.map(|(_, value)| value.trim().as_bytes().to_vec())))
}

/// Waits until the other side closes a connection on which it has nothing more to say.
async fn closed(line: &TcpStream) {
    if matches!(line.peek(&mut [0]).await, Ok(1..)) {
        std::future::pending::<()>().await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What the door answers to a text, until it closes the connection.
    async fn say(relay: &Relay, text: &str) -> String {
        let mut line =
            TcpStream::connect(relay.door().unwrap().address().socket_addrs(|| None).unwrap()[0]).await.unwrap();
        line.write_all(text.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        // What it did not read may end the connection with a reset.
        let _ = line.read_to_end(&mut answer).await;
        String::from_utf8(answer).unwrap()
    }

    #[tokio::test]
    async fn the_door_lets_in_the_library_alone() {
        let proxy = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", proxy.local_addr().unwrap()).parse().unwrap();
        let tls = Arc::new(crate::tls::config(None).unwrap());
        let name = HeaderValue::from_static("test");
        let relay = Relay::new(Tunnels::new(address, None, tls, name, Duration::from_secs(5)));
        assert_eq!(relay.ports().len(), 1, "a door that nobody needs");
        relay.door().unwrap();
        relay.serve();

        let stranger = "Proxy-Authorization: Basic dXNlcjpwYXNzd29yZA==\r\n";
        for key in ["", stranger] {
            let answer = say(&relay, &format!("CONNECT graph.test:443 HTTP/1.1\r\n{key}\r\n")).await;
            assert!(answer.starts_with("HTTP/1.1 407 "), "{key}: {answer}");
        }
        for none in ["GET / HTTP/1.1\r\n\r\n".to_owned(), "x".repeat(3 * LONGEST_HEAD)] {
            assert_eq!(say(&relay, &none).await, "");
        }
        let asked = tokio::time::timeout(Duration::ZERO, proxy.accept()).await;
        assert!(asked.is_err(), "a stranger was led to the proxy");
    }
}
