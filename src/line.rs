//! A connection, which tells when a byte last came in on it, however deep below HTTP: a part of a record of TLS is one as
//! well; and, where the system knows, what of it has not left.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use http::Extensions;
use hyper_util::client::legacy::connect::{Connected, Connection};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

use crate::sockets;

/// The latest of some moments, such as those at which bytes came in.
#[derive(Debug)]
pub(crate) struct Latest {
    began: Instant,
    millis: AtomicU64,
}

impl Latest {
    pub(crate) fn now() -> Self {
        Latest { began: Instant::now(), millis: AtomicU64::new(0) }
    }

    pub(crate) fn renew(&self) {
        self.is_at_least(Instant::now());
    }

    pub(crate) fn is_at_least(&self, moment: Instant) {
        let millis = moment.saturating_duration_since(self.began).as_millis() as u64;
        self.millis.fetch_max(millis, Ordering::Relaxed);
    }

    pub(crate) fn get(&self) -> Instant {
        self.began + Duration::from_millis(self.millis.load(Ordering::Relaxed))
    }
}

/// A connection, whatever it is made of.
pub(crate) struct Line {
    stream: Box<dyn Stream>,
    wire: Wire,
}

/// What carries a connection in the end: a socket of the system.
#[derive(Clone)]
pub(crate) struct Wire {
    heard: Arc<Latest>,
    /// The same of all that one transport made: what comes in before a request is given a connection.
    making: Arc<Latest>,
    /// Its addresses, the nearer one first.
    ends: Option<(SocketAddr, SocketAddr)>,
}

impl Wire {
    /// Of a line that is being made, or yet to be.
    pub(crate) fn in_the_making(making: &Arc<Latest>) -> Self {
        Wire { heard: Arc::clone(making), making: Arc::clone(making), ends: None }
    }

    /// Of the line on which a request goes, or an answer comes.
    pub(crate) fn of(extensions: &Extensions) -> Option<Self> {
        extensions.get().cloned()
    }

    /// When a byte last came in; before the first, when the line came to stand.
    pub(crate) fn last_heard(&self) -> Instant {
        self.heard.get()
    }

    /// Bytes that were written to it and that the other side has not acknowledged; Linux alone knows.
    pub(crate) fn unsent(&self) -> Option<u64> {
        let (near, far) = self.ends?;
        sockets::unsent_between(near, far)
    }
}

pub(crate) trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

impl Line {
    pub(crate) fn over(socket: TcpStream, making: &Arc<Latest>) -> Self {
        let ends = socket.local_addr().ok().zip(socket.peer_addr().ok());
        Self::within(socket, Wire { heard: Arc::new(Latest::now()), making: Arc::clone(making), ends })
    }

    /// Over what stands on another line, whose bytes count.
    pub(crate) fn within(stream: impl Stream + 'static, wire: Wire) -> Self {
        Line { stream: Box::new(stream), wire }
    }

    pub(crate) fn wire(&self) -> Wire {
        self.wire.clone()
    }
}

impl Connection for Line {
    fn connected(&self) -> Connected {
        Connected::new().extra(self.wire())
    }
}

impl AsyncRead for Line {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = into.filled().len();
        let read = Pin::new(&mut self.stream).poll_read(context, into);
        if into.filled().len() > before {
            self.wire.heard.renew();
            self.wire.making.renew();
        }
        read
    }
}

impl AsyncWrite for Line {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        pieces: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(context, pieces)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
