//! The body of one PUT: a range of the source, read piece by piece as the connection takes it. Its last bytes are sent
//! once everything that has to be true before that has been checked.

use std::ops::Range;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock};
use std::task::{ready, Context, Poll};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use tokio::task::JoinSet;

use super::barrier::CompletionBarrier;
use super::pieces::Pieces;
use super::progress::Progress;
use super::resume::Journal;
use super::source::Source;
use crate::blocking::lock;
use crate::error::{Error, Result};
use crate::http::idle_timeout::{IdleTimer, FRAME};

/// One PUT of a range, shared between its body and the code that waits for the response. After a redirect another body
/// sends the range again, while the first may still be under way.
pub(super) struct InFlightPart {
    /// Bytes that the connection took of the body that was made last.
    taken: Mutex<Arc<AtomicU64>>,
    /// Bytes that the progress counts as being on the wire: a piece at a time, to be cheap.
    counted: AtomicU64,
    /// Why the source could not be read.
    failure: OnceLock<Error>,
    length: u64,
}

impl InFlightPart {
    pub(super) fn new(range: &Range<u64>) -> Self {
        InFlightPart {
            taken: Mutex::default(),
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
        lock(&self.taken).load(Ordering::Acquire) == self.length
    }

    /// Begins to count for another body.
    fn restart(&self) -> Arc<AtomicU64> {
        let taken = Arc::default();
        *lock(&self.taken) = Arc::clone(&taken);
        taken
    }

    pub(super) fn failure(&self) -> Option<Error> {
        self.failure.get().cloned()
    }
}

/// What the ranges of one document share.
pub(super) struct Document {
    pub(super) source: Arc<dyn Source>,
    pub(super) progress: Progress,
    pub(super) barrier: CompletionBarrier,
    /// Of an upload with a resume file.
    pub(super) journal: Option<Arc<Journal>>,
}

impl Document {
    /// What has to be done before the last bytes of a range leave.
    async fn conclude(self: Arc<Self>, range: Range<u64>) -> Result<()> {
        let completes = self.barrier.wait(&range).await;
        if completes {
            self.source.check().await?;
        }
        if let Some(journal) = &self.journal {
            Arc::clone(journal).insert(range).await?;
        }
        Ok(())
    }
}

pub(super) struct RangeBody {
    document: Arc<Document>,
    timer: Arc<IdleTimer>,
    part: Arc<InFlightPart>,
    /// Of this body.
    taken: Arc<AtomicU64>,
    range: Range<u64>,
    pieces: Pieces,
    ready: Bytes,
    left: u64,
    /// What the last bytes wait for.
    conclusion: Option<JoinSet<Result<()>>>,
}

impl RangeBody {
    pub(super) fn new(
        document: Arc<Document>,
        range: &Range<u64>,
        timer: Arc<IdleTimer>,
        part: Arc<InFlightPart>,
    ) -> Self {
        RangeBody {
            pieces: Pieces::of(Arc::clone(&document.source), range.clone()),
            document,
            timer,
            taken: part.restart(),
            part,
            range: range.clone(),
            ready: Bytes::new(),
            left: range.end - range.start,
            conclusion: None,
        }
    }

    fn poll_next_frame(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<Bytes>>> {
        if self.left == 0 {
            return Poll::Ready(None);
        }
        if self.ready.is_empty() {
            // A slow disk, or a slow host, is not an idle service.
            let piece = self.pieces.poll_next(context);
            self.timer.set_paused(piece.is_pending());
            self.ready = ready!(piece)?;
            self.document.progress.on_bytes_taken(self.ready.len() as u64);
            self.part.counted.fetch_add(self.ready.len() as u64, Ordering::Release);
        }
        if self.left <= FRAME as u64 {
            let conclusion = self.conclusion.get_or_insert_with(|| {
                let mut task = JoinSet::new();
                task.spawn(Arc::clone(&self.document).conclude(self.range.clone()));
                task
            });
            // The ranges that it waits for have time-outs of their own.
            let concluded = poll_join(conclusion, context);
            self.timer.set_paused(concluded.is_pending());
            ready!(concluded)?;
        }
        Poll::Ready(Some(Ok(self.ready.split_to(self.ready.len().min(FRAME)))))
    }
}

/// The result of the one task in a set; the tasks of a body that is dropped end with it.
fn poll_join<T: 'static>(tasks: &mut JoinSet<Result<T>>, context: &mut Context<'_>) -> Poll<Result<T>> {
    let result = ready!(tasks.poll_join_next(context)).expect("the set has a task");
    Poll::Ready(result.unwrap_or_else(|_| Err(Error::internal())))
}

impl Body for RangeBody {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>>>> {
        let frame = match ready!(self.poll_next_frame(context)) {
            Some(Ok(frame)) => frame,
            Some(Err(error)) => {
                // The first failure is the one that counts; a body is polled no more after it.
                let _ = self.part.failure.set(error.clone());
                return Poll::Ready(Some(Err(error)));
            }
            None => return Poll::Ready(None),
        };
        self.left -= frame.len() as u64;
        self.timer.record_frame(frame.len());
        self.taken.fetch_add(frame.len() as u64, Ordering::Release);
        Poll::Ready(Some(Ok(Frame::data(frame))))
    }

    fn is_end_stream(&self) -> bool {
        self.left == 0
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left)
    }
}
