//! The entry points: a document, and the session to send it to.

use std::path::Path;
use std::sync::Arc;

use tokio::sync::{Semaphore, SemaphorePermit};

use super::begin::begin;
use super::options::UploadOptions;
use super::resumed;
use super::source::{FileSource, Source};
use super::uploaded::Uploaded;
use crate::blocking;
use crate::call::CallOptions;
use crate::error::{Error, ErrorKind, Result};
use crate::http::client::Client;
use crate::http::endpoint::UploadUrl;

/// A document that is larger than this the service refuses at the end, as is documented: 1 GB a print job.
const LARGEST_JOB: u64 = 1_000_000_000;

/// Files that this process sends at once; others wait for their turn. Each takes a descriptor, up to two for a resume
/// file, and one for each of its connections, of the 1,024 that many a system allows. Documents whose bytes a host
/// supplies take no turns: the host may serve one of them before another.
const FILES_AT_ONCE: usize = 64;

static TURNS: Semaphore = Semaphore::const_new(FILES_AT_ONCE);

/// Sends a file to an upload session: what the session still misses of it. A process sends 64 files at once; further
/// ones wait for their turn.
///
/// # Errors
/// As [`upload`], and before anything is sent what can be wrong with a file: see [`FileSource::open`]. With a
/// [`ResumeFile`](super::ResumeFile) also what can be wrong with that, and [`ErrorKind::SourceChanged`] when the
/// document is not the one whose upload it is of.
pub async fn upload_file(
    client: &Client,
    upload_url: &UploadUrl,
    path: &Path,
    options: &UploadOptions,
) -> Result<Uploaded> {
    let _turn = turn(&options.call).await;
    let source = open_file(path).await?;
    warn_of_size(source.size(), &options.call);
    upload_opened(client, upload_url, source, options).await
}

/// Before the first request: what the service refuses is refused late, or by the request for a session.
pub(crate) fn warn_of_size(size: u64, call: &CallOptions) {
    if size > LARGEST_JOB {
        let text =
            format!("The document has {size} bytes. The service takes at most 1 GB in a print job, and may refuse it.");
        call.warn(text);
    }
}

/// On a share that hangs, opening waits for ever; on a thread of its own, a caller can still give up.
pub(crate) async fn open_file(path: &Path) -> Result<FileSource> {
    let path = path.to_owned();
    blocking::run("Opening the document", move || FileSource::open(&path)).await
}

/// [`upload_file`], of a file that is open.
pub(crate) async fn upload_opened(
    client: &Client,
    upload_url: &UploadUrl,
    source: FileSource,
    options: &UploadOptions,
) -> Result<Uploaded> {
    match &options.resume {
        None => begin(client, upload_url, Arc::new(source), options, None).await,
        Some(resume) => resumed::upload(client, upload_url, source, resume, options).await,
    }
}

/// Waits until a file may be opened: its permit lasts for as long as the result is kept.
pub(crate) async fn turn(call: &CallOptions) -> Option<SemaphorePermit<'static>> {
    if let Ok(turn) = TURNS.try_acquire() {
        return Some(turn);
    }
    call.verbose(|| format!("Waits for its turn: {FILES_AT_ONCE} files are being sent."));
    // It is never closed.
    TURNS.acquire().await.ok()
}

/// Sends a document to an upload session: what the session still misses of it.
///
/// The session's state is asked for first, so that this also resumes what an earlier upload began; not that of a
/// [`UploadOptions::fresh_session`], whose state is known.
///
/// # Errors
/// [`ErrorKind::SourceEmpty`]; [`ErrorKind::SizeMismatch`] before a byte is sent when the session was created for another size;
/// [`ErrorKind::SourceChanged`] before the document can be completed wrongly; [`ErrorKind::SessionGone`]; and what the
/// network and the service can do. [`Error::is_resumable`] says whether the same call can go on later.
pub async fn upload(
    client: &Client,
    upload_url: &UploadUrl,
    source: Arc<dyn Source>,
    options: &UploadOptions,
) -> Result<Uploaded> {
    if options.resume.is_some() {
        return Err(Error::new(
            ErrorKind::InvalidArgument,
            "A resume file can be used for a document in a file alone.",
        ));
    }
    warn_of_size(source.size(), &options.call);
    begin(client, upload_url, source, options, None).await
}
