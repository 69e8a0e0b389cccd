//! The bytes of one range, read piece by piece ahead of the connection.

use std::ops::Range;
use std::sync::Arc;
use std::task::{ready, Context, Poll};

use bytes::Bytes;
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use super::source::Source;
use crate::error::{Error, ErrorKind, Result};

/// Bytes read from the source at once. Reads go to another thread: large ones make that hop cheap, and smaller ones stay
/// in the processor's cache until they are sent.
const PIECE: u64 = 512 * 1024;

/// Pieces that are read before one is taken. To wake the thread that reads, and then the one that sends, takes as long as
/// to send a piece over a fast connection, which waits for neither while some pieces are ready.
const AHEAD: usize = 2;

/// The pieces of one range, in order. Dropping this ends the reading.
pub(super) struct Pieces {
    read: mpsc::Receiver<Result<Bytes>>,
    _reading: JoinSet<()>,
}

impl Pieces {
    /// Begins to read a range.
    pub(super) fn of(source: Arc<dyn Source>, range: Range<u64>) -> Self {
        let (pieces, read) = mpsc::channel(AHEAD);
        let mut reading = JoinSet::new();
        reading.spawn(read_all(source, range, pieces));
        Pieces { read, _reading: reading }
    }

    /// The next piece, which there is while bytes of the range are left.
    pub(super) fn poll_next(&mut self, context: &mut Context<'_>) -> Poll<Result<Bytes>> {
        let piece = ready!(self.read.poll_recv(context));
        Poll::Ready(piece.unwrap_or_else(|| {
            Err(Error::new(ErrorKind::Internal, "The document was read no further than to the middle of a range."))
        }))
    }
}

/// Ends early when the pieces are dropped, and after the first that cannot be read.
async fn read_all(source: Arc<dyn Source>, mut unread: Range<u64>, pieces: mpsc::Sender<Result<Bytes>>) {
    while !unread.is_empty() {
        // Room first: what is read takes memory.
        let Ok(room) = pieces.reserve().await else { return };
        let length = PIECE.min(unread.end - unread.start);
        let piece = source.read(unread.start, length as usize).await;
        unread.start += length;
        let is_read = piece.is_ok();
        room.send(piece);
        if !is_read {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::upload::MemorySource;
    use futures_util::future::BoxFuture;
    use std::future::poll_fn;
    use std::sync::atomic::{AtomicUsize, Ordering};

    /// Zeros, of which some pieces can be read.
    struct Counted {
        readable: usize,
        reads: AtomicUsize,
    }

    impl Counted {
        fn readable(readable: usize) -> Arc<Self> {
            Arc::new(Counted { readable, reads: AtomicUsize::new(0) })
        }

        /// How often it was read once nothing goes on by itself any more; all of it takes turns on one thread.
        async fn reads(&self) -> usize {
            for _ in 0..100 {
                tokio::task::yield_now().await;
            }
            self.reads.load(Ordering::Relaxed)
        }
    }

    impl Source for Counted {
        fn size(&self) -> u64 {
            10 * PIECE
        }

        fn read(&self, _: u64, length: usize) -> BoxFuture<'static, Result<Bytes>> {
            let is_readable = self.reads.fetch_add(1, Ordering::Relaxed) < self.readable;
            let bytes = is_readable.then(|| vec![0; length].into());
            Box::pin(std::future::ready(bytes.ok_or_else(|| Error::new(ErrorKind::SourceUnreadable, "It is gone."))))
        }
    }

    async fn next(pieces: &mut Pieces) -> Result<Bytes> {
        poll_fn(|context| pieces.poll_next(context)).await
    }

    #[tokio::test]
    async fn a_range_comes_whole_and_in_order() {
        let document: Vec<u8> = (0..4 * PIECE + 7).map(|at| (at % 251) as u8).collect();
        let source = Arc::new(MemorySource::new(document.clone()));
        for range in [0..1, 5..PIECE, 3..PIECE + 3, PIECE - 1..3 * PIECE, 0..4 * PIECE + 7] {
            let expected = &document[range.start as usize..range.end as usize];
            let mut pieces = Pieces::of(source.clone(), range.clone());
            let mut come = Vec::new();
            while come.len() < expected.len() {
                let bytes = next(&mut pieces).await.unwrap();
                assert!(!bytes.is_empty() && bytes.len() as u64 <= PIECE);
                come.extend_from_slice(&bytes);
            }
            assert_eq!(come, expected, "{range:?}");
        }
    }

    #[tokio::test]
    async fn so_many_pieces_are_read_ahead_and_no_more() {
        let source = Counted::readable(usize::MAX);
        let mut pieces = Pieces::of(source.clone(), 0..source.size());
        for taken in 0..3 {
            assert_eq!(source.reads().await, taken + AHEAD);
            next(&mut pieces).await.unwrap();
        }
        drop(pieces);
        assert_eq!(source.reads().await, 2 + AHEAD, "nobody wants more");
    }

    #[tokio::test]
    async fn reading_ends_with_the_first_piece_that_cannot_be_read() {
        let source = Counted::readable(1);
        let mut pieces = Pieces::of(source.clone(), 0..source.size());
        next(&mut pieces).await.unwrap();
        assert_eq!(next(&mut pieces).await.unwrap_err().kind(), ErrorKind::SourceUnreadable);
        assert_eq!(source.reads().await, 2);
    }
}
