//! How an upload ends: with a document, or with an error that says how far it is, and whether and how it can go on.

use std::time::SystemTime;

use http::header::DATE;

use super::put::size_mismatch;
use super::run::Upload;
use super::uploaded::Uploaded;
use crate::error::{Error, ErrorKind, NextStep, Result};
use crate::http::redact::host;
use crate::http::response::Response;
use crate::range::RangeSet;

impl Upload<'_> {
    /// An error as it leaves: what it was, how far the upload is, and whether and how it can go on.
    pub(super) fn explain(&self, error: Error) -> Error {
        let (there, size) = (self.plan.bytes_there(), self.sender.size);
        let mut message = error.message().to_owned();
        match error.kind() {
            ErrorKind::SizeMismatch | ErrorKind::SourceChanged => return error,
            ErrorKind::SessionGone => message.push_str(&self.describe_gone_session(&error)),
            _ => {
                if let Some(refused) = self.last_refusal.as_ref().filter(|_| error.error_response().is_none()) {
                    message.push_str(&format!(" Before that, {}", refused.message()));
                }
                if self.plan.is_known() {
                    message.push_str(&format!(" The service has {there} of {size} bytes."));
                }
            }
        }
        let error = error.with_message(message);
        if error.is_resumable() {
            error.and_then(NextStep::SendToSameUploadUrl)
        } else {
            error
        }
    }

    /// Of a session that is gone: its time, and what it had.
    fn describe_gone_session(&self, gone: &Error) -> String {
        let mut known = String::new();
        if let Some(expires) = self.expires {
            // By the clock of the service that says so; ours may be wrong.
            let said = gone.error_response().and_then(|refusal| refusal.headers.get(DATE)?.to_str().ok());
            let now = said.and_then(|date| httpdate::parse_http_date(date).ok()).unwrap_or_else(SystemTime::now);
            let passed = if expires <= now { ", which has passed" } else { "" };
            known = format!(" It was to last until {}{passed}.", httpdate::fmt_http_date(expires));
        }
        let (there, size) = (self.plan.bytes_there(), self.sender.size);
        if there > 0 && !self.plan.everything_was_sent() {
            known.push_str(&format!(" It had {there} of {size} bytes when it was last heard of."));
        }
        known
    }

    /// A session that was created for another size, as far as its list shows. A list that ends one byte past the end
    /// is one that the service is known to give.
    pub(super) fn check_size(&self, missing: &RangeSet) -> Result<()> {
        let size = self.sender.size;
        let Some(last) = missing.last().filter(|last| last.end != u64::MAX) else {
            return Ok(());
        };
        let is_known = self.sender.options.expected_size.is_some() || !self.sender.sent_before().is_empty();
        let is_one_from_the_start = missing.iter().count() == 1 && last.start == 0;
        let too_short = last.end > size.saturating_add(1) || last.start >= size;
        // Where ranges go in parallel, the first can be the one that is missing: then the gap ends where a range did.
        let is_a_gap = is_known || self.plan.may_end_a_range(last.end);
        let too_long = is_one_from_the_start && last.end < size && !is_a_gap;
        if too_short || too_long {
            let created = if is_one_from_the_start {
                format!("for {} bytes", last.end)
            } else {
                format!("for at least {} bytes", last.end)
            };
            return Err(size_mismatch(size, &created));
        }
        Ok(())
    }

    /// The session is open and lists nothing as missing, and this upload sent nothing to it.
    pub(super) fn expects_no_bytes(&self) -> Error {
        let host = host(self.sender.upload_url.url());
        Error::new(
            ErrorKind::UnexpectedResponse,
            format!("{host} has the upload session open but expects no bytes for it. Nothing was sent."),
        )
        .with_next_step(NextStep::LookThenCreateSession)
    }

    /// The session is gone: the document is complete, or it is not, or that cannot be known.
    pub(super) fn on_session_gone(&self, gone: Error) -> Result<Uploaded> {
        let may_be_complete = self.plan.may_be_complete();
        match &self.early_complete {
            Some(Err(conflict)) => Err(conflict.clone()),
            Some(Ok(response)) if may_be_complete || self.plan.was_acknowledged() => Ok(self.uploaded(Some(response.clone()))),
            Some(Ok(_)) if self.plan.everything_was_sent() => Ok(self.unconfirmed(
                "The service says that the document is complete, though another client, or an earlier upload, sent a part of it",
            )),
            Some(Ok(_)) => {
                let (sent, size) = (self.plan.bytes_offered(), self.sender.size);
                Err(self.sender.wrong_document(&if sent < size {
                    format!("it was sent only {sent} of {size} bytes")
                } else {
                    "it had refused a part of it, or was not sent all of that part".to_owned()
                }))
            }
            None if may_be_complete => Ok(self.unconfirmed(
                "Every byte was sent and the session is gone, as that of a complete document is, but the response that says so was lost or could not be read",
            )),
            None => Err(gone),
        }
    }

    /// As far as is known the document is complete; `why` says what is not known.
    pub(super) fn unconfirmed(&self, why: &str) -> Uploaded {
        let text = format!("{why}. The document is most likely complete; the state of its print job would confirm it.");
        self.sender.options.call.warn(text);
        self.uploaded(None)
    }

    /// The document is complete; a response says so, or nothing does.
    pub(super) fn uploaded(&self, response: Option<Response>) -> Uploaded {
        self.sender.document.progress.on_completed();
        Uploaded {
            confirmed: response.is_some(),
            response,
            bytes_total: self.sender.size,
            bytes_sent: self.sender.document.progress.sent(),
            retries: self.budget.total(),
            elapsed: self.sender.document.progress.elapsed(),
        }
    }
}
