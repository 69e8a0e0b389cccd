//! A document from nothing: its upload session and its bytes, in one operation.
//!
//! The session is created for the size that the document turns out to have once it is open, and its upload URL is known
//! to no one else. So the first byte leaves without a request for the status; and a session that no one could go on with
//! is cancelled when its upload is given up, also when a host cancels the operation.

use std::sync::Arc;
use std::time::Duration;

use secrecy::ExposeSecret;
use serde_json::{Map, Value};

use crate::call::CallOptions;
use crate::error::{Error, ErrorKind, NextStep, Result};
use crate::http::client::Client;
use crate::http::endpoint::UploadUrl;
use crate::http::response::member;
use crate::request::Request;
use crate::session::{self, UploadSession};
use crate::undo::{self, Undo};
use crate::upload::{self, Input, ResumeFile, Source, UploadOptions, Uploaded};

/// How long a session that was given up may take to be cancelled.
const CANCEL_TIMEOUT: Duration = Duration::from_secs(5);

/// A document of more bytes takes long enough to be interrupted.
const WORTH_RESUMING: u64 = 100_000_000;

/// Creates the upload session that `request` asks for, and sends a document through it. `request` is one of
/// [`session::create_session_request`]; the document's size is added to its body.
///
/// With [`UploadOptions::resume`] the same call goes on with the session that its resume file knows, and creates none.
///
/// # Errors
/// As [`upload::upload`] and [`session::create_upload_session`]. Without a resume file no error is
/// [resumable](Error::is_resumable): the upload URL goes with this call.
pub async fn send(
    client: &Client,
    request: &Request,
    input: impl Into<Input>,
    options: &UploadOptions,
) -> Result<Uploaded> {
    let (source, _turn) = input.into().open(&options.call).await?;
    send_opened(client, request, source, options).await
}

/// [`send`], of what is open.
pub(crate) async fn send_opened(
    client: &Client,
    request: &Request,
    source: Arc<dyn Source>,
    options: &UploadOptions,
) -> Result<Uploaded> {
    upload::warn_of_size(source.size(), &options.call);
    let Some(resume) = &options.resume else {
        let is_file = source.file().is_some();
        if is_file && source.size() > WORTH_RESUMING {
            // After an interruption it would be too late to say so.
            options.call.verbose(|| {
                "The document is large. With a resume file the same call would go on after an interruption.".to_owned()
            });
        }
        let next_step = if is_file { NextStep::RunAgainOrUseResumeFile } else { NextStep::RunAgainToBeginAnew };
        return send_once(client, request, source, options, next_step).await;
    };
    upload::must_be_file(&*source, "A resume file")?;
    let sent = match resume.known_session().await? {
        Some(upload_url) => {
            let upload_url = UploadUrl::parse(upload_url.expose_secret(), client.endpoint())?;
            options.call.verbose(|| "Going on with the upload that the resume file knows.".to_owned());
            let resumed = UploadOptions { fresh_session: false, ..options.clone() };
            match upload::upload_opened(client, &upload_url, source.clone(), &resumed).await {
                // It is an error because the document cannot be complete: nothing of it is left to go on with.
                Err(gone) if gone.kind() == ErrorKind::SessionGone => {
                    let text = format!("{} Starting over with a new upload session.", gone.message());
                    options.call.warn(text);
                    resume.discard().await?;
                    send_resumable(client, request, source, resume, options).await
                }
                sent => sent,
            }
        }
        None => send_resumable(client, request, source, resume, options).await,
    };
    sent.map_err(|error| {
        let file = resume.shown();
        match error.kind() {
            ErrorKind::SessionGone => error.with_next_step(format!(
                "Look at the print job. If the document did not arrive, delete the resume file '{file}' and run the same \
                 command again."
            )),
            ErrorKind::SourceChanged => error.with_next_step(format!(
                "To send the changed document, delete the resume file '{file}' and run the same command again."
            )),
            _ => error.without_session(),
        }
    })
}

/// Creates a session that a resume file is to know, and sends a file through it.
async fn send_resumable(
    client: &Client,
    request: &Request,
    source: Arc<dyn Source>,
    resume: &ResumeFile,
    options: &UploadOptions,
) -> Result<Uploaded> {
    // A folder that takes no resume file is an error before a session is created.
    resume.reserve().await?;
    let (upload_url, undo) = match create(client, request, source.size(), &options.call, Some(resume)).await {
        Ok(created) => created,
        Err(error) => {
            resume.discard_empty().await;
            return Err(error);
        }
    };
    let fresh = UploadOptions { fresh_session: true, ..options.clone() };
    let sent = upload::upload_opened(client, &upload_url, source, &fresh).await;
    undo.disarm();
    match sent {
        // The resume file could not be written, say: no one knows the session. One that cannot be read may name it.
        Err(error) if matches!(resume.known_session().await, Ok(None)) => {
            give_up(client, &upload_url, &error, &options.call).await;
            resume.discard_empty().await;
            Err(error.resumable(false))
        }
        sent => sent,
    }
}

/// Sends a document whose session no one can go on with; `next_step` is what to do after a failure that would be
/// resumable otherwise.
async fn send_once(
    client: &Client,
    request: &Request,
    source: Arc<dyn Source>,
    options: &UploadOptions,
    next_step: NextStep,
) -> Result<Uploaded> {
    let (upload_url, undo) = create(client, request, source.size(), &options.call, None).await?;
    let options = UploadOptions { fresh_session: true, ..options.clone() };
    // Dropped when this is given up, the undo comes last: nothing of the upload is on the line any more.
    let sent = upload::upload_opened(client, &upload_url, source, &options).await;
    undo.disarm();
    match sent {
        Ok(uploaded) => Ok(uploaded),
        Err(error) => {
            give_up(client, &upload_url, &error, &options.call).await;
            Err(match error.kind() {
                ErrorKind::SourceChanged => error.with_next_step(NextStep::RunAgainWhenUnchanged),
                ErrorKind::SessionGone => error.with_next_step(NextStep::RunAgainIfMissing),
                _ if error.is_resumable() => error.resumable(false).and_then(next_step),
                _ => error.without_session(),
            })
        }
    }
}

/// [`session::create_upload_session`], whose session is cancelled when its caller gives up, also while the service responds;
/// one that `resume` knows is kept.
pub(crate) async fn create_session(
    client: &Client,
    request: &Request,
    call: &CallOptions,
    resume: Option<&ResumeFile>,
) -> Result<(UploadSession, Undo)> {
    let (client, request, call, resume) = (client.clone(), request.clone(), call.clone(), resume.cloned());
    undo::make(async move {
        let session = session::create_upload_session(&client, &request, &call).await?;
        let upload_url = session.upload_url(&client);
        let undo = Undo::new(async move {
            let is_kept = match &resume {
                // Also when the file cannot be read.
                Some(resume) => !matches!(resume.known_session().await, Ok(None)),
                None => false,
            };
            if let (Ok(upload_url), false) = (upload_url, is_kept) {
                cancel(&client, &upload_url, &call).await;
            }
        });
        Ok((session, undo))
    })
    .await
}

async fn create(
    client: &Client,
    request: &Request,
    size: u64,
    call: &CallOptions,
    resume: Option<&ResumeFile>,
) -> Result<(UploadUrl, Undo)> {
    let request = request.with_body(for_size(request.body(), size)?);
    let (session, undo) = create_session(client, &request, call, resume).await?;
    call.verbose(|| format!("Created an upload session for {size} bytes."));
    Ok((session.upload_url(client)?, undo))
}

/// The body with the document's size among its `properties`.
fn for_size(body: &[u8], size: u64) -> Result<Vec<u8>> {
    let refuse = |why: &str| {
        Error::new(ErrorKind::InvalidBody, format!("The body of the request {why}. Nothing was sent."))
            .with_next_step("Leave the size out, and give the name and the content type alone.")
    };
    let mut body: Map<String, Value> = serde_json::from_slice(body).map_err(|_| refuse("is not a JSON object"))?;
    let properties = body.entry("properties").or_insert_with(|| Value::Object(Map::new()));
    let properties = properties.as_object_mut().ok_or_else(|| refuse("has properties that are no JSON object"))?;
    match member(properties, "size").map(Value::as_u64) {
        None => drop(properties.insert("size".to_owned(), size.into())),
        Some(Some(given)) if given == size => {}
        Some(_) => return Err(refuse(&format!("gives another size than the document's {size} bytes"))),
    }
    Ok(Value::Object(body).to_string().into_bytes())
}

/// Cancels a session that no one can go on with, so that the service need not keep it. It changes nothing of the error,
/// and is not tried where the service could not be reached.
async fn give_up(client: &Client, upload_url: &UploadUrl, error: &Error, call: &CallOptions) {
    let unreachable = [
        ErrorKind::SessionGone,
        ErrorKind::ConnectionFailed,
        ErrorKind::Timeout,
        ErrorKind::ProxyFailed,
        ErrorKind::TlsFailed,
    ];
    if !unreachable.contains(&error.kind()) {
        cancel(client, upload_url, call).await;
    }
}

async fn cancel(client: &Client, upload_url: &UploadUrl, call: &CallOptions) {
    let call = CallOptions { idle_timeout: call.idle_timeout.min(CANCEL_TIMEOUT), max_retry: Some(0), ..call.clone() };
    let cancelling = session::cancel_upload_session(client, upload_url, &call);
    if tokio::time::timeout(CANCEL_TIMEOUT, cancelling).await.is_ok_and(|cancelled| cancelled.is_ok()) {
        call.verbose(|| "Cancelled the upload session, which no one could go on with.".to_owned());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn sized(body: &str) -> Result<Value> {
        for_size(body.as_bytes(), 7).map(|body| serde_json::from_slice(&body).unwrap())
    }

    #[test]
    fn the_size_joins_the_properties() {
        let named = json!({"contentType": "application/pdf", "documentName": "ä/'.pdf", "x": {"y": [1, null]}});
        let mut expected = named.clone();
        expected["size"] = 7.into();
        assert_eq!(sized(&json!({ "properties": named }).to_string()).unwrap(), json!({ "properties": expected }));
        assert_eq!(sized("{}").unwrap(), json!({"properties": {"size": 7}}));
        assert_eq!(sized(r#"{"properties":{"Size":7}}"#).unwrap(), json!({"properties": {"Size": 7}}));
    }

    #[test]
    fn another_size_is_refused_before_anything_is_sent() {
        for body in [r#"{"properties":{"size":8}}"#, r#"{"properties":{"size":"7"}}"#, r#"{"properties":1}"#, "[]"] {
            assert_eq!(sized(body).expect_err(body).kind(), ErrorKind::InvalidBody);
        }
    }
}
