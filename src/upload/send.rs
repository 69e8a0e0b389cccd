//! The entry points: a document, the session to send it to, and what comes of it.

use std::sync::Arc;

use super::input::{must_be_file, Input};
use super::options::UploadOptions;
use super::put::Sender;
use super::resumed;
use super::run::Upload;
use super::source::Source;
use super::uploaded::Uploaded;
use crate::call::CallOptions;
use crate::error::Result;
use crate::http::client::Client;
use crate::http::endpoint::UploadUrl;

/// A document that is larger than this the service refuses at the end, as is documented: 1 GB a print job.
const LARGEST_JOB: u64 = 1_000_000_000;

/// Sends a document to an upload session: what the session still misses of it.
///
/// The session's state is asked for first, so that this also resumes what an earlier upload began; not that of a
/// [`UploadOptions::fresh_session`], whose state is known.
///
/// # Errors
/// What can be wrong with a file ([`FileSource::open`](super::FileSource::open)) or a [`ResumeFile`](super::ResumeFile);
/// [`SourceEmpty`](crate::ErrorKind::SourceEmpty); [`SizeMismatch`](crate::ErrorKind::SizeMismatch) before a byte is sent
/// when the session was created for another size; [`SourceChanged`](crate::ErrorKind::SourceChanged) before the document can
/// be completed wrongly; [`SessionGone`](crate::ErrorKind::SessionGone); and what the network and the service can do.
/// [`Error::is_resumable`](crate::Error::is_resumable) says whether the same call can go on later.
pub async fn upload(
    client: &Client,
    upload_url: &UploadUrl,
    input: impl Into<Input>,
    options: &UploadOptions,
) -> Result<Uploaded> {
    let (source, _turn) = input.into().open(&options.call).await?;
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

/// [`upload`], of what is open.
pub(crate) async fn upload_opened(
    client: &Client,
    upload_url: &UploadUrl,
    source: Arc<dyn Source>,
    options: &UploadOptions,
) -> Result<Uploaded> {
    match &options.resume {
        None => {
            let sender = Sender::new(client, upload_url, source, options, None)?;
            Upload::new(&sender).run().await
        }
        Some(resume) => {
            resumed::upload(client, upload_url, must_be_file(&*source, "A resume file")?, resume, options).await
        }
    }
}
