//! The body of one PUT: a range of the source, read piece by piece as the line takes it.

use std::future::Future;
use std::ops::Range;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::task::{ready, Context, Poll};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use tokio::task::JoinHandle;

use super::progress::Progress;
use super::source::Source;
use crate::error::{Error, ErrorKind, Result};
use crate::exchange::Activity;

/// Bytes read from the source at once. Reads go to another thread: large ones make that hop cheap.
const READ: u64 = 1024 * 1024;

/// Bytes handed to the connection at once. Small ones show early that a slow line still moves.
const FRAME: usize = 32 * 1024;

/// One sending of a range, shared between its body and whoever waits for its answer.
pub(super) struct Flight {
    /// Bytes that the connection took.
    moved: AtomicU64,
    /// Bytes that the progress counts as being on the wire: a piece at a time, to be cheap.
    counted: AtomicU64,
    /// Why the source could not be read.
    failure: OnceLock<Error>,
    length: u64,
}

impl Flight {
    pub(super) fn new(range: &Range<u64>) -> Self {
        Flight {
            moved: AtomicU64::new(0),
            counted: AtomicU64::new(0),
            failure: OnceLock::new(),
            length: range.end - range.start,
        }
    }

    pub(super) fn counted(&self) -> u64 {
        self.counted.load(Ordering::Acquire)
    }

    /// Whether the connection took every byte.
    pub(super) fn is_whole(&self) -> bool {
        self.moved.load(Ordering::Acquire) == self.length
    }

    pub(super) fn failure(&self) -> Option<Error> {
        self.failure.get().cloned()
    }
}

pub(super) struct RangeBody {
    source: Arc<dyn Source>,
    progress: Arc<Progress>,
    activity: Arc<Activity>,
    flight: Arc<Flight>,
    unread: Range<u64>,
    reading: Option<JoinHandle<Result<Bytes>>>,
    ready: Bytes,
    left: u64,
}

impl RangeBody {
    pub(super) fn new(
        source: Arc<dyn Source>,
        range: &Range<u64>,
        progress: Arc<Progress>,
        activity: Arc<Activity>,
        flight: Arc<Flight>,
    ) -> Self {
        let mut body = RangeBody {
            source,
            progress,
            activity,
            flight,
            unread: range.clone(),
            reading: None,
            ready: Bytes::new(),
            left: range.end - range.start,
        };
        body.read_ahead();
        body
    }

    /// Starts the next read, so that it runs while the line takes the piece before it.
    fn read_ahead(&mut self) {
        if self.unread.is_empty() {
            return;
        }
        let piece = self.unread.start..self.unread.end.min(self.unread.start + READ);
        self.unread.start = piece.end;
        let source = Arc::clone(&self.source);
        self.reading = Some(tokio::task::spawn_blocking(move || {
            let mut buffer = vec![0; (piece.end - piece.start) as usize];
            source.read_at(piece.start, &mut buffer)?;
            Ok(buffer.into())
        }));
    }
}

impl Body for RangeBody {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>>>> {
        let this = &mut *self;
        if this.ready.is_empty() {
            let Some(reading) = &mut this.reading else {
                return Poll::Ready(None);
            };
            let read = ready!(Pin::new(reading).poll(context));
            this.reading = None;
            match read.unwrap_or_else(|panic| {
                Err(Error::new(ErrorKind::Internal, format!("Reading the document failed: {panic}.")))
            }) {
                Ok(bytes) => {
                    this.progress.moved(bytes.len() as u64);
                    this.flight.counted.fetch_add(bytes.len() as u64, Ordering::Release);
                    this.ready = bytes;
                    this.read_ahead();
                }
                Err(error) => {
                    // The first failure is the one that counts; a body is polled no more after it.
                    let _ = this.flight.failure.set(error.clone());
                    return Poll::Ready(Some(Err(error)));
                }
            }
        }
        let frame = this.ready.split_to(this.ready.len().min(FRAME));
        this.left -= frame.len() as u64;
        this.activity.moved(frame.len());
        this.flight.moved.fetch_add(frame.len() as u64, Ordering::Release);
        Poll::Ready(Some(Ok(Frame::data(frame))))
    }

    fn is_end_stream(&self) -> bool {
        self.left == 0
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left)
    }
}
