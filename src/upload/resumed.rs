//! Sending a file so that the same call goes on after whatever ended this one.

use std::sync::Arc;

use super::options::UploadOptions;
use super::resume::{check_size, compare, Record, ResumeFile};
use super::send::{begin, Uploaded};
use super::source::{FileSource, Source};
use crate::error::{Error, ErrorKind, Result};
use crate::http::client::Client;
use crate::http::endpoint::UploadUrl;
use crate::range::RangeSet;
use crate::session;

/// Sends a file, so that the same call goes on after whatever ends this one.
pub(super) async fn upload(
    client: &Client,
    upload_url: &UploadUrl,
    source: FileSource,
    resume: &ResumeFile,
    options: &UploadOptions,
) -> Result<Uploaded> {
    let checkpoint = resume.begin(upload_url, &source).await?;
    if !checkpoint.is_new {
        check_document(client, upload_url, &source, resume, &checkpoint.record, options).await?;
    }
    let options = UploadOptions { fresh_session: options.fresh_session && checkpoint.is_new, ..options.clone() };
    let resumption = checkpoint.write(&source).await?;
    match begin(client, upload_url, Arc::new(source), &options, Some(resumption.journal())).await {
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

/// Whether the document still is the one of which an earlier upload sent a part.
async fn check_document(
    client: &Client,
    upload_url: &UploadUrl,
    source: &FileSource,
    resume: &ResumeFile,
    record: &Record,
    options: &UploadOptions,
) -> Result<()> {
    check_size(record, source)?;
    if record.is_untouched(source.fingerprint()) {
        return Ok(());
    }
    let all = RangeSet::of(0..source.size());
    let there = match session::upload_session_status(client, upload_url, &options.call).await {
        // It may have ended with the document as it was. The upload reports what a session that is gone means.
        Err(gone) if gone.kind() == ErrorKind::SessionGone => RangeSet::new(),
        status => match status.map_err(|error| how_to_go_on(error, resume))?.missing {
            Some(missing) => all.difference(&missing),
            None => all,
        },
    };
    compare(record, source, &there).await?;
    options.call.verbose(|| {
        format!("'{}' was touched since its upload began; its bytes are those that were sent.", source.name())
    });
    Ok(())
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
