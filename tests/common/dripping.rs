//! A connection on which an answer comes a byte at a time.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{ready, Context, Poll};
use std::time::{Duration, Instant};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::Sleep;

/// Between two drops.
pub const EVERY: Duration = Duration::from_millis(300);

/// Bytes that are still to be written one at a time, and what comes after them.
#[derive(Default)]
pub struct Drops {
    pub left: AtomicUsize,
    pub stops: Mutex<bool>,
    pub last: Mutex<Option<Instant>>,
}

/// The service's side of a connection.
pub struct DrippingLine {
    pub line: TcpStream,
    pub drops: Arc<Drops>,
    pub pause: Option<Pin<Box<Sleep>>>,
}

impl AsyncRead for DrippingLine {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.line).poll_read(context, into)
    }
}

impl AsyncWrite for DrippingLine {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        if let Some(pause) = &mut self.pause {
            ready!(pause.as_mut().poll(context));
            self.pause = None;
        }
        if self.drops.left.load(Ordering::Relaxed) == 0 {
            return if *self.drops.stops.lock().unwrap() {
                Poll::Pending
            } else {
                Pin::new(&mut self.line).poll_write(context, bytes)
            };
        }
        let written = ready!(Pin::new(&mut self.line).poll_write(context, &bytes[..1]));
        self.drops.left.fetch_sub(1, Ordering::Relaxed);
        *self.drops.last.lock().unwrap() = Some(Instant::now());
        self.pause = Some(Box::pin(tokio::time::sleep(EVERY)));
        Poll::Ready(written)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.line).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.line).poll_shutdown(context)
    }
}
