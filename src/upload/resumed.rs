//! Sending a file so that the same call goes on after whatever ended this one.

use std::sync::Arc;

use super::options::UploadOptions;
use super::put::Sender;
use super::resume::{Journal, Record, ResumeFile};
use super::run::Upload;
use super::source::FileSource;
use super::uploaded::Uploaded;
use crate::call::CallOptions;
use crate::error::{Error, ErrorKind, Result};
use crate::http::client::Client;
use crate::http::endpoint::UploadUrl;

/// Sends a file, so that the same call goes on after whatever ends this one.
pub(super) async fn upload(
    client: &Client,
    upload_url: &UploadUrl,
    source: FileSource,
    resume: &ResumeFile,
    options: &UploadOptions,
) -> Result<Uploaded> {
    let (file, known) = resume.begin(upload_url).await?;
    let fresh_session = options.fresh_session && known.is_none();
    let record = match known {
        Some(record) => accepted(record, &source, &options.call).await?,
        None => Record::new(upload_url.url().as_str(), &resume.identity, source.fingerprint()),
    };
    let needs_digest = record.sha256.is_empty();
    let options = UploadOptions { fresh_session, ..options.clone() };
    let resumption = Journal::begin(file, record).await?;
    if needs_digest {
        // A large document takes a while, so the resume file has the session already.
        resumption.journal().set_digest(source.digest().await?).await?;
    }
    let sending = async {
        let sender = Sender::new(client, upload_url, Arc::new(source), &options, Some(resumption.journal()))?;
        Upload::new(&sender).run().await
    };
    match sending.await {
        Ok(uploaded) => {
            // A document that is complete is no failure because its resume file stays; that is a warning.
            if let Err(error) = resumption.remove().await {
                let text = format!("The document was sent. {} Delete it.", error.message());
                options.call.warn(text);
            }
            Ok(uploaded)
        }
        Err(error) => Err(how_to_go_on(error, resume)),
    }
}

/// The record for the document as it is now, where that still is the one of which an earlier upload sent a part.
async fn accepted(record: Record, source: &FileSource, call: &CallOptions) -> Result<Record> {
    let (now, name) = (source.fingerprint(), source.name());
    let changed = |what: &str| {
        let message = format!("'{name}' is not what it was when the upload began, or another document: {what}.");
        Error::new(ErrorKind::SourceChanged, message)
            .with_next_step("To send the changed document, delete the resume file and create a new upload session.")
    };
    if record.size != now.size {
        return Err(changed(&format!("its size was {} bytes and is {} bytes now", record.size, now.size)));
    }
    if !record.is_untouched(now) && !record.sha256.is_empty() {
        if source.digest().await? != record.sha256 {
            return Err(changed("it was written to or replaced"));
        }
        call.verbose(|| format!("'{name}' was touched since its upload began; its bytes are what they were."));
    }
    Ok(record.accept(now))
}

/// A session that is gone stays gone: with its resume file the same call would find it gone each time.
fn how_to_go_on(error: Error, resume: &ResumeFile) -> Error {
    let file = resume.shown();
    match error.kind() {
        ErrorKind::SessionGone => error.with_next_step(format!(
            "Look at the print job. If the document did not arrive, delete the resume file '{file}', create a new upload \
             session and send it again."
        )),
        _ if error.is_resumable() => {
            error.and_then("Run the same command again: it goes on where it stopped, as long as the session lasts.")
        }
        // Another session is refused for as long as the file names this one.
        _ => error.and_then(format!("Delete the resume file '{file}' first.")),
    }
}
