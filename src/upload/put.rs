//! One range: its PUT, and what the answer means.

use std::ops::Range;
use std::sync::Arc;

use http::header::{HeaderValue, CONTENT_RANGE};
use http::{Method, StatusCode};
use serde_json::Value;

use super::body::{Document, Flight, RangeBody};
use super::range::RangeSet;
use super::UploadOptions;
use crate::answer;
use crate::client::Client;
use crate::endpoint::UploadUrl;
use crate::error::{Error, ErrorKind, Result};
use crate::exchange::{host, Answer, Exchange};
use crate::retry;
use crate::session;

const WHAT: &str = "send a range of the document";

/// How one sending of a range ended.
pub(super) enum Landing {
    /// Acknowledged; what the answer says is missing, if it says that.
    Kept(Option<RangeSet>),
    /// The document is complete, the service says.
    Complete(Answer),
    /// Nobody knows; asking the status will tell. Whether every byte of it left.
    Unknown(Error, bool),
    /// The session is gone.
    Gone(Error),
    /// No use in going on.
    Fatal(Error),
}

/// What sends ranges; shared by those in flight.
pub(super) struct Sender<'a> {
    pub(super) client: &'a Client,
    pub(super) upload_url: &'a UploadUrl,
    pub(super) document: Arc<Document>,
    pub(super) options: &'a UploadOptions,
    pub(super) size: u64,
}

impl Sender<'_> {
    /// `PUT uploadUrl` with `Content-Range: bytes FIRST-LAST/SIZE`, and never an Authorization.
    pub(super) async fn put(&self, range: Range<u64>, flight: Arc<Flight>) -> Landing {
        let content_range = format!("bytes {}-{}/{}", range.start, range.end - 1, self.size);
        let mut headers = self.options.call.upload_headers.to_map();
        headers.insert(CONTENT_RANGE, HeaderValue::from_str(&content_range).expect("digits are ASCII"));
        let exchange = Exchange {
            client: self.client,
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
        match (flight.failure(), answer) {
            (Some(failure), _) => Landing::Fatal(failure),
            (None, Ok(answer)) => self.read(answer).unwrap_or_else(Landing::Fatal),
            (None, Err(error)) if error.is_retryable() => Landing::Unknown(error, flight.is_whole()),
            (None, Err(error)) => Landing::Fatal(error.resumable(true)),
        }
    }

    fn read(&self, answer: Answer) -> Result<Landing> {
        let body_is_blank = answer.body.iter().all(u8::is_ascii_whitespace);
        match answer.status {
            StatusCode::CREATED | StatusCode::OK | StatusCode::ACCEPTED if body_is_blank => {
                Ok(if answer.status == StatusCode::ACCEPTED { Landing::Kept(None) } else { Landing::Complete(answer) })
            }
            StatusCode::CREATED | StatusCode::OK | StatusCode::ACCEPTED => {
                let object =
                    answer::json_object(&answer, self.upload_url.url(), WHAT).map_err(|error| error.resumable(true))?;
                let lists_ranges = session::member(&object, "nextExpectedRanges").is_some();
                if answer.status == StatusCode::ACCEPTED || (answer.status == StatusCode::OK && lists_ranges) {
                    return Ok(Landing::Kept(session::missing_ranges(&object).map_err(|error| error.resumable(true))?));
                }
                match session::member(&object, "size").and_then(Value::as_u64) {
                    Some(size) if size != self.size => {
                        Err(self.wrong_document(&format!("it has {size} bytes of the document's {}", self.size)))
                    }
                    _ => Ok(Landing::Complete(answer)),
                }
            }
            // What was sent is there already, in whole or in part: the status tells.
            StatusCode::RANGE_NOT_SATISFIABLE => {
                Ok(Landing::Unknown(session::refused(&answer, self.upload_url, WHAT).retryable(true), false))
            }
            StatusCode::NOT_FOUND | StatusCode::GONE => {
                Ok(Landing::Gone(session::refused(&answer, self.upload_url, WHAT)))
            }
            status if retry::is_retryable_for_upload(status) => {
                Ok(Landing::Unknown(session::refused(&answer, self.upload_url, WHAT), status.is_server_error()))
            }
            status if status.is_success() => {
                Err(answer::unexpected(&answer, self.upload_url.url(), WHAT).resumable(true))
            }
            _ => Err(session::refused(&answer, self.upload_url, WHAT)),
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
