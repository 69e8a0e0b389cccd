//! One range: its PUT, and what the answer means.

use std::ops::Range;
use std::sync::Arc;
use std::time::SystemTime;

use http::header::{HeaderValue, CONTENT_RANGE};
use http::{Method, StatusCode};
use serde_json::Value;

use super::body::{Document, Flight, RangeBody};
use super::lines::Lines;
use super::range::RangeSet;
use super::UploadOptions;
use crate::answer;
use crate::answer::Answer;
use crate::client::Client;
use crate::endpoint::UploadUrl;
use crate::error::{Error, ErrorKind, Result};
use crate::exchange::Exchange;
use crate::redact::host;
use crate::retry;
use crate::session;

const WHAT: &str = "send a range of the document";

/// How one sending of a range ended.
pub(super) enum Landing {
    /// Acknowledged; what the answer says is missing, and until when the session lasts, if it says that.
    Kept(Option<RangeSet>, Option<SystemTime>),
    /// The document is complete, the service says; and whether it names the document as it should.
    Complete(Answer, bool),
    /// The document is complete, the service says, and it is another document.
    Wrong(Error),
    /// Nobody knows; asking the status will tell. Whether every byte of it left.
    Unknown(Error, bool),
    /// The answer cannot be believed, nor would another be: no use in going on, but the document may be complete.
    /// Whether every byte of it left.
    Unreadable(Error, bool),
    /// The session is gone.
    Gone(Error),
    /// No use in going on.
    Fatal(Error),
}

/// What sends ranges; shared by those in flight.
pub(super) struct Sender<'a> {
    client: &'a Client,
    lines: Lines,
    pub(super) upload_url: &'a UploadUrl,
    pub(super) document: Arc<Document>,
    pub(super) options: &'a UploadOptions,
    pub(super) size: u64,
}

impl<'a> Sender<'a> {
    pub(super) fn new(
        client: &'a Client,
        upload_url: &'a UploadUrl,
        document: Document,
        options: &'a UploadOptions,
    ) -> Self {
        let size = document.source.size();
        Sender { client, lines: Lines::default(), upload_url, document: Arc::new(document), options, size }
    }

    /// For the next request.
    pub(super) fn client(&self) -> Client {
        if self.lines.are_in_doubt() {
            self.client.on_new_connections()
        } else {
            self.client.clone()
        }
    }

    /// What an earlier upload with the same resume file sent, or was about to.
    pub(super) fn noted_before(&self) -> RangeSet {
        self.document.notes.as_ref().map_or_else(RangeSet::new, |notes| notes.sent_before().clone())
    }

    /// In the resume file, if there is one: bytes that the service has not.
    pub(super) async fn forget(&self, bytes: RangeSet) -> Result<()> {
        match &self.document.notes {
            Some(notes) if !bytes.is_empty() => Arc::clone(notes).forget(bytes).await,
            _ => Ok(()),
        }
    }

    /// `PUT uploadUrl` with `Content-Range: bytes FIRST-LAST/SIZE`, and never an Authorization.
    pub(super) async fn put(&self, range: Range<u64>, flight: Arc<Flight>) -> Landing {
        let content_range = format!("bytes {}-{}/{}", range.start, range.end - 1, self.size);
        let mut headers = self.options.call.upload_headers.to_map();
        headers.insert(CONTENT_RANGE, HeaderValue::from_str(&content_range).expect("digits are ASCII"));
        let client = self.client();
        let exchange = Exchange {
            client: &client,
            what: WHAT,
            method: Method::PUT,
            url: self.upload_url.url().clone(),
            headers,
            // Made anew for a redirect, and the range is read again.
            body: &|activity| {
                let document = Arc::clone(&self.document);
                reqwest::Body::wrap(RangeBody::new(document, &range, Arc::clone(activity), Arc::clone(&flight)))
            },
            shown_body: &[],
            call: &self.options.call,
        };
        let answer = exchange.send().await;
        match &answer {
            Ok(answer) if answer.status.is_success() => self.lines.held(),
            Err(error) if error.kind() == ErrorKind::ConnectionFailed => self.lines.broke(),
            _ => {}
        }
        let is_whole = flight.is_whole();
        match (flight.failure(), answer) {
            (Some(failure), _) => Landing::Fatal(failure),
            (None, Ok(answer)) => self.read(answer, is_whole),
            (None, Err(error)) if error.is_retryable() => Landing::Unknown(error, is_whole),
            (None, Err(error)) => self.unreadable(error, is_whole),
        }
    }

    fn read(&self, answer: Answer, is_whole: bool) -> Landing {
        match answer.status {
            status if status.is_success() && !is_whole => {
                let early = Error::new(
                    ErrorKind::UnexpectedResponse,
                    format!(
                        "{} answered {} before it had the whole range.",
                        host(self.upload_url.url()),
                        status.as_u16()
                    ),
                );
                Landing::Unknown(early.retryable(true), false)
            }
            StatusCode::CREATED | StatusCode::OK | StatusCode::ACCEPTED => {
                // A page is not the service's: something on the way answered, and nothing says that the bytes went on.
                let is_page = answer.content_type().is_some_and(|kind| kind == "text/html");
                self.acknowledged(answer).unwrap_or_else(|error| self.unreadable(error, is_whole && !is_page))
            }
            // What was sent is there already, in whole or in part: the status tells.
            StatusCode::RANGE_NOT_SATISFIABLE => {
                Landing::Unknown(session::refused(&answer, self.upload_url, WHAT).retryable(true), false)
            }
            StatusCode::NOT_FOUND | StatusCode::GONE if !answer.redirected => {
                Landing::Gone(session::refused(&answer, self.upload_url, WHAT))
            }
            status if retry::is_retryable_for_upload(status) => {
                Landing::Unknown(session::refused(&answer, self.upload_url, WHAT), status.is_server_error() && is_whole)
            }
            // It did something, and does not say what.
            status if status.is_success() => {
                Landing::Unknown(answer::unexpected(&answer, self.upload_url.url(), WHAT).retryable(true), is_whole)
            }
            _ => Landing::Fatal(session::refused(&answer, self.upload_url, WHAT)),
        }
    }

    /// An answer of 200, 201 or 202: by its body it acknowledges the range, or completes the document.
    fn acknowledged(&self, answer: Answer) -> Result<Landing> {
        if answer.body.iter().all(u8::is_ascii_whitespace) {
            let is_accepted = answer.status == StatusCode::ACCEPTED;
            return Ok(if is_accepted { Landing::Kept(None, None) } else { Landing::Complete(answer, false) });
        }
        let object = answer::json_object(&answer, self.upload_url.url(), WHAT)?;
        let size = answer::member(&object, "size").and_then(Value::as_u64);
        let expects_more = match answer::member(&object, "nextExpectedRanges") {
            Some(Value::Array(ranges)) => !ranges.is_empty() || size.is_none(),
            _ => false,
        };
        if answer.status == StatusCode::ACCEPTED || expects_more {
            return Ok(Landing::Kept(session::missing_ranges(&object)?, session::expires(&object)));
        }
        match size {
            Some(size) if size != self.size => {
                Ok(Landing::Wrong(self.wrong_document(&format!("it has {size} bytes of the document's {}", self.size))))
            }
            size => Ok(Landing::Complete(answer, size.is_some())),
        }
    }

    /// Asking again would be answered in the same way, by whoever it is that answers. Nothing says that the session is
    /// not as it was, unless it says that itself.
    fn unreadable(&self, error: Error, is_whole: bool) -> Landing {
        match error.kind() {
            ErrorKind::UnexpectedResponse | ErrorKind::ResponseTooLarge => Landing::Unreadable(error, is_whole),
            _ => Landing::Fatal(error.resumable(true)),
        }
    }

    pub(super) fn wrong_document(&self, why: &str) -> Error {
        Error::new(
            ErrorKind::UnexpectedResponse,
            format!("{} says that the document is complete, but {why}.", host(self.upload_url.url())),
        )
        .with_next_step("Do not print this document: cancel the job, create a new upload session and send it again.")
    }
}
