//! One client's TCP connection, which a fault can break at any moment, below HTTP.
//!
//! The socket is shared: hyper reads and writes it through [`Wire`], and whoever holds the [`Line`] (it travels in the
//! request's extensions) can watch it or cut it. A cut ends the connection's task, whatever it was doing.

use std::io::{self, IoSlice};
use std::net::Shutdown;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{ready, Context, Poll};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use socket2::SockRef;
use tokio::io::{AsyncRead, AsyncWrite, Interest, ReadBuf};
use tokio::net::TcpStream;
use tokio::sync::watch;

/// How long a closed line is still read, so that the client sees the end and not a reset.
const LINGER: Duration = Duration::from_secs(5);

/// How a line is broken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Cut {
    /// A TCP reset: what was in flight is lost, and the client's next read or write fails.
    #[default]
    Reset,
    /// An orderly end: the client reads the end of the stream where it expected an answer.
    Close,
}

/// One client's connection.
#[derive(Clone, Debug)]
pub(crate) struct Line(Arc<Socket>);

#[derive(Debug)]
struct Socket {
    stream: TcpStream,
    number: u64,
    cut: watch::Sender<Option<Cut>>,
    severed: AtomicBool,
    closing: watch::Sender<bool>,
    allowance: Mutex<Option<Allowance>>,
}

/// How much may still be written, and what happens then.
#[derive(Clone, Copy, Debug)]
struct Allowance {
    bytes: u64,
    how: Cut,
}

impl Line {
    /// `number` counts the connections of one service, from 1.
    pub(crate) fn new(stream: TcpStream, number: u64) -> Self {
        Self(Arc::new(Socket {
            stream,
            number,
            cut: watch::Sender::new(None),
            severed: AtomicBool::new(false),
            closing: watch::Sender::new(false),
            allowance: Mutex::default(),
        }))
    }

    pub(crate) fn number(&self) -> u64 {
        self.0.number
    }

    /// What hyper reads and writes.
    pub(crate) fn wire(&self) -> Wire {
        Wire(self.clone())
    }

    /// Breaks the line and never returns: the connection's task, of which the caller is a part, is dropped.
    pub(crate) async fn cut(&self, how: Cut) -> ! {
        self.sever(how);
        loop {
            std::future::pending::<()>().await;
        }
    }

    /// Breaks the line, for whoever is no part of the connection's task.
    pub(crate) fn sever(&self, how: Cut) {
        self.0.severed.store(true, Ordering::Release);
        self.0.cut.send_replace(Some(how));
    }

    /// Breaks the line once so many more bytes were written to it.
    pub(crate) fn cut_after_writing(&self, bytes: u64, how: Cut) {
        *self.allowance() = Some(Allowance { bytes, how });
    }

    fn allowance(&self) -> MutexGuard<'_, Option<Allowance>> {
        self.0.allowance.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets the connection end as soon as nothing is under way on it.
    pub(crate) fn close_when_idle(&self) {
        self.0.closing.send_replace(true);
    }

    /// Waits for somebody to ask that.
    pub(crate) async fn closing(&self) {
        // The sender lives in `self`, so it cannot be gone.
        let _ = self.0.closing.subscribe().wait_for(|closing| *closing).await;
    }

    /// Reads bytes as they come, until there were so many; for a connection that nobody else reads yet.
    pub(crate) async fn read_raw(&self, bytes: u64) {
        let mut left = bytes;
        while left > 0 && self.0.stream.readable().await.is_ok() {
            let mut scratch = [0; 1024];
            let wanted = scratch.len().min(left as usize);
            match self.0.stream.try_read(&mut scratch[..wanted]) {
                Ok(0) => return,
                Ok(read) => left -= read as u64,
                Err(e) if e.kind() == io::ErrorKind::WouldBlock => {}
                Err(_) => return,
            }
        }
    }

    /// How somebody cut the line, if anybody did.
    pub(crate) fn asked_cut(&self) -> Option<Cut> {
        *self.0.cut.borrow()
    }

    /// Waits for somebody to cut the line.
    pub(crate) async fn severed(&self) -> Cut {
        let mut cut = self.0.cut.subscribe();
        loop {
            if let Some(how) = *cut.borrow_and_update() {
                return how;
            }
            // The sender lives in `self`, so it cannot be gone.
            let _ = cut.changed().await;
        }
    }

    /// Ends the TCP connection in the way of `how`, once nothing else reads or writes it.
    pub(crate) async fn end(self, how: Cut) {
        let socket = SockRef::from(&self.0.stream);
        match how {
            // Closing with a zero linger time is what makes the kernel send a reset.
            Cut::Reset => drop(socket.set_linger(Some(Duration::ZERO))),
            Cut::Close => {
                drop(socket.shutdown(Shutdown::Write));
                drop(tokio::time::timeout(LINGER, self.read_out()).await);
            }
        }
    }

    /// Reads and forgets until the client has closed its side: closing with unread bytes would be a reset.
    async fn read_out(&self) {
        let mut scratch = vec![0; 64 * 1024];
        while self.0.stream.readable().await.is_ok() {
            match self.0.stream.try_read(&mut scratch) {
                Ok(0) => return,
                Err(e) if e.kind() != io::ErrorKind::WouldBlock => return,
                _ => {}
            }
        }
    }

    /// Whether the client has closed the connection, asked of the system itself: the answer is true from the moment
    /// the client's close has reached this side, before any task here was told.
    #[cfg(target_os = "linux")]
    pub(crate) fn client_left(&self) -> bool {
        use std::os::fd::AsRawFd;
        let mut socket = libc::pollfd { fd: self.0.stream.as_raw_fd(), events: libc::POLLRDHUP, revents: 0 };
        // SAFETY: the pointer is to one live pollfd, and the count says one; poll keeps neither.
        let changed = unsafe { libc::poll(&mut socket, 1, 0) };
        changed > 0
    }

    /// Elsewhere than on Linux there is no such question; a client counts as there until its task ends.
    #[cfg(not(target_os = "linux"))]
    pub(crate) fn client_left(&self) -> bool {
        false
    }

    /// Waits until the client has closed the connection, without reading what it sent.
    pub(crate) async fn client_gone(&self) {
        let stream = &self.0.stream;
        loop {
            match stream.ready(Interest::READABLE).await {
                Ok(ready) if ready.is_read_closed() => return,
                Err(_) => return,
                Ok(_) => {
                    // Unread bytes keep the socket readable: declare it "would block" to wait for the next change.
                    let _ = stream.try_io(Interest::READABLE, || Err::<(), _>(io::ErrorKind::WouldBlock.into()));
                }
            }
        }
    }
}

/// The line as hyper sees it.
#[derive(Debug)]
pub(crate) struct Wire(Line);

impl Wire {
    fn whole(&self) -> io::Result<&TcpStream> {
        if self.0 .0.severed.load(Ordering::Acquire) {
            return Err(io::ErrorKind::ConnectionAborted.into());
        }
        Ok(&self.0 .0.stream)
    }

    fn poll_send(
        &self,
        cx: &mut Context<'_>,
        mut send: impl FnMut(&TcpStream) -> io::Result<usize>,
    ) -> Poll<io::Result<usize>> {
        loop {
            let stream = self.whole()?;
            ready!(stream.poll_write_ready(cx))?;
            match send(stream) {
                Err(e) if e.kind() == io::ErrorKind::WouldBlock => {}
                sent => return Poll::Ready(sent),
            }
        }
    }
}

impl AsyncRead for Wire {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        loop {
            let stream = self.whole()?;
            ready!(stream.poll_read_ready(cx))?;
            match stream.try_read_buf(buf) {
                Err(e) if e.kind() == io::ErrorKind::WouldBlock => {}
                Err(e) => return Poll::Ready(Err(e)),
                Ok(_) => return Poll::Ready(Ok(())),
            }
        }
    }
}

impl AsyncWrite for Wire {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let Some(Allowance { bytes, how }) = *self.0.allowance() else {
            return self.poll_send(cx, |stream| stream.try_write(buf));
        };
        let part = &buf[..buf.len().min(usize::try_from(bytes).unwrap_or(usize::MAX))];
        let sent = ready!(self.poll_send(cx, |stream| stream.try_write(part)))?;
        let left = bytes - sent as u64;
        *self.0.allowance() = Some(Allowance { bytes: left, how });
        if left == 0 {
            self.0.sever(how);
        }
        Poll::Ready(Ok(sent))
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        if self.0.allowance().is_some() {
            let first = bufs.iter().find(|buf| !buf.is_empty());
            return self.poll_write(cx, first.map_or(&[], |buf| &**buf));
        }
        self.poll_send(cx, |stream| stream.try_write_vectored(bufs))
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(SockRef::from(self.whole()?).shutdown(Shutdown::Write))
    }
}
