//! A connection for requests to Graph and to a proxy, which tells when a byte last came in on it, however deep below HTTP:
//! a part of a record of TLS is one as well.

use std::io;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use http::Extensions;
use hyper_util::client::legacy::connect::{Connected, Connection};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

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
    heard: Arc<Latest>,
}

/// Of the line on which an answer comes: when a byte last came in.
#[derive(Clone)]
struct Heard(Arc<Latest>);

pub(crate) trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

impl Line {
    pub(crate) fn over(stream: impl Stream + 'static) -> Self {
        Self::within(stream, Arc::new(Latest::now()))
    }

    /// Over what stands on another line, whose bytes count.
    pub(crate) fn within(stream: impl Stream + 'static, heard: Arc<Latest>) -> Self {
        Line { stream: Box::new(stream), heard }
    }

    /// When a byte last came in; before the first, when the line came to stand.
    pub(crate) fn heard(&self) -> Arc<Latest> {
        Arc::clone(&self.heard)
    }
}

/// When a byte last came in on the line that carries an answer, by what the answer holds of it.
pub(crate) fn last_heard(extensions: &Extensions) -> Option<Instant> {
    extensions.get::<Heard>().map(|heard| heard.0.get())
}

impl Connection for Line {
    fn connected(&self) -> Connected {
        Connected::new().extra(Heard(self.heard()))
    }
}

impl AsyncRead for Line {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = into.filled().len();
        let read = Pin::new(&mut self.stream).poll_read(context, into);
        if into.filled().len() > before {
            self.heard.renew();
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
