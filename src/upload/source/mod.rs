//! Where the bytes of a document come from.

mod file;
mod memory;
mod pool;
mod supplied;
mod undecodable;

use bytes::Bytes;
use futures_util::future::BoxFuture;

pub use file::FileSource;
pub(crate) use file::Fingerprint;
pub use memory::MemorySource;
pub use supplied::SuppliedSource;

use crate::error::{Error, ErrorKind, Result};

/// The service knows no empty range, so there is nothing that could be sent of an empty document.
pub(crate) fn empty(what: &str) -> Error {
    let message = format!("{what} is empty; the service takes no document without bytes.");
    Error::new(ErrorKind::SourceEmpty, message).with_next_step("Check that the document was written whole.")
}

/// A document whose bytes can be read at any offset, as often as needed: a retry reads again, and nothing is kept in memory.
///
/// Several reads may be under way at once. One whose future is dropped is given up.
pub trait Source: Send + Sync + 'static {
    /// The size in bytes, fixed for the life of the source. An empty document is refused before it is sent.
    fn size(&self) -> u64;

    /// Reads `length` bytes from `offset` on; they are within the document, and all of them are returned.
    ///
    /// # Errors
    /// [`SourceUnreadable`](crate::ErrorKind::SourceUnreadable), or [`SourceChanged`](crate::ErrorKind::SourceChanged)
    /// when the document is not what it was.
    fn read(&self, offset: u64, length: usize) -> BoxFuture<'static, Result<Bytes>>;

    /// The file that it is of: one that is there for the next call too.
    fn file(&self) -> Option<&FileSource> {
        None
    }

    /// Whether the document still is what it was: asked for before the last bytes of the range leave that completes it.
    ///
    /// # Errors
    /// As [`Source::read`].
    fn check(&self) -> BoxFuture<'static, Result<()>> {
        Box::pin(std::future::ready(Ok(())))
    }
}
