//! What an upload is given: the path of a file, or a source.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio::sync::{Semaphore, SemaphorePermit};

use super::source::{empty, FileSource, Source};
use crate::blocking;
use crate::call::CallOptions;
use crate::error::{Error, ErrorKind, Result};

/// Files that this process sends at once; others wait for their turn. Each takes a descriptor, up to two for a resume
/// file, and one for each of its connections, of the 1,024 that many a system allows. Documents whose bytes a host
/// supplies take no turns: the host may serve one of them before another.
const FILES_AT_ONCE: usize = 64;

static TURNS: Semaphore = Semaphore::const_new(FILES_AT_ONCE);

/// A file may be open for as long as this is kept.
pub(crate) type Turn = Option<SemaphorePermit<'static>>;

/// A document as an upload is given it: from a path, or from a [`Source`].
#[derive(Clone)]
pub enum Input {
    /// The file of this path, which is opened when its turn comes: a process sends 64 files at once.
    File(PathBuf),
    /// Bytes that can be read already.
    Source(Arc<dyn Source>),
}

impl<P: AsRef<Path> + ?Sized> From<&P> for Input {
    fn from(path: &P) -> Self {
        Input::File(path.as_ref().to_owned())
    }
}

impl<T: Source> From<Arc<T>> for Input {
    fn from(source: Arc<T>) -> Self {
        Input::Source(source)
    }
}

impl From<Arc<dyn Source>> for Input {
    fn from(source: Arc<dyn Source>) -> Self {
        Input::Source(source)
    }
}

impl Input {
    /// A document that has bytes, and a file's turn, which lasts for as long as that is kept.
    pub(crate) async fn open(&self, call: &CallOptions) -> Result<(Arc<dyn Source>, Turn)> {
        match self {
            Input::Source(source) if source.size() == 0 => Err(empty("The document")),
            Input::Source(source) => Ok((Arc::clone(source), None)),
            Input::File(path) => {
                let (turn, path) = (turn(call).await, path.clone());
                // On a share that hangs, opening waits for ever; on a thread of its own, a caller can still give up.
                let source = blocking::run(move || FileSource::open(&path)).await?;
                Ok((Arc::new(source), turn))
            }
        }
    }
}

/// Waits until a file may be opened.
pub(crate) async fn turn(call: &CallOptions) -> Turn {
    if let Ok(turn) = TURNS.try_acquire() {
        return Some(turn);
    }
    call.verbose(|| format!("Waits for its turn: {FILES_AT_ONCE} files are being sent."));
    // It is never closed.
    TURNS.acquire().await.ok()
}

/// The file that `what` is for.
pub(crate) fn must_be_file(source: &dyn Source, what: &str) -> Result<FileSource> {
    source.file().cloned().ok_or_else(|| no_file(what))
}

/// A document that has a path is still there for the next call.
pub(crate) fn no_file(what: &str) -> Error {
    Error::new(ErrorKind::InvalidArgument, format!("{what} is for a document in a file alone."))
}
