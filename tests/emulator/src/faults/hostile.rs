//! Answers that no honest service gives: made to fill a memory, a stack or a screen.

use std::io::Write;
use std::pin::Pin;
use std::task::{Context, Poll};

use axum::body::Body;
use axum::http::{header, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use hyper::body::Frame;
use serde::{Deserialize, Serialize};

use super::answer::{status_code, with_type};
use super::Exchange;
use crate::upload::read_out;

/// An answer without measure, in place of the service's.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Hostile {
    /// What is without measure.
    pub what: Measureless,
    /// How many of them; 0 for a number that nobody should read: a gibibyte, a million ranges, a million levels.
    #[serde(default)]
    pub amount: u64,
    /// The status.
    #[serde(default = "ok", with = "status_code")]
    pub status: StatusCode,
}

fn ok() -> StatusCode {
    StatusCode::OK
}

/// What an answer can have too much of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Measureless {
    /// Bytes, without a length.
    Bytes,
    /// Bytes, announced by a `Content-Length`.
    AnnouncedBytes,
    /// Bytes that a small compressed body unfolds to.
    CompressedBytes,
    /// Levels of JSON.
    Levels,
    /// Missing ranges.
    Ranges,
    /// Control, escape and bidirectional characters, in an error and in a document's name.
    Controls,
}

impl Hostile {
    pub(super) async fn strike(self, exchange: Exchange) -> Response {
        read_out(exchange.request).await;
        let amount = |otherwise: u64| if self.amount == 0 { otherwise } else { self.amount };
        let json = |body: String| with_type(self.status, "application/json", body);
        match self.what {
            Measureless::Bytes => self.stream(amount(1 << 30)),
            Measureless::AnnouncedBytes => {
                let mut response = self.stream(amount(1 << 30));
                response.headers_mut().insert(header::CONTENT_LENGTH, HeaderValue::from(amount(1 << 30)));
                response
            }
            Measureless::CompressedBytes => {
                let mut response = (self.status, bomb(amount(1 << 30))).into_response();
                let headers = response.headers_mut();
                headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
                headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
                response
            }
            Measureless::Levels => {
                let levels = amount(1_000_000) as usize;
                json(format!("{{\"error\":{}{}}}", "[".repeat(levels), "]".repeat(levels)))
            }
            Measureless::Ranges => {
                let ranges: Vec<String> = (0..amount(1_000_000)).map(|n| format!("\"{}-{}\"", n * 2, n * 2)).collect();
                json(format!("{{\"nextExpectedRanges\":[{}]}}", ranges.join(",")))
            }
            Measureless::Controls => json(
                "{\"documentName\":\"\\u001b]0;owned\\u0007.pdf\",\"error\":{\"code\":\"a\\u001b[2Jb\",\
                 \"message\":\"one\\u202etwo\\r\\nthree\\u0000\\u009b31m\"}}"
                    .to_owned(),
            ),
        }
    }

    fn stream(&self, bytes: u64) -> Response {
        let mut response = (self.status, Body::new(Blanks { left: bytes })).into_response();
        response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        response
    }
}

/// JSON of nothing but blanks.
struct Blanks {
    left: u64,
}

static BLANKS: [u8; 64 * 1024] = [b' '; 64 * 1024];

impl hyper::body::Body for Blanks {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let piece = self.left.min(BLANKS.len() as u64);
        self.left -= piece;
        Poll::Ready((piece > 0).then(|| Ok(Frame::data(Bytes::from_static(&BLANKS[..piece as usize])))))
    }
}

/// So many blanks, compressed: a thousandth of them.
fn bomb(bytes: u64) -> Vec<u8> {
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    let mut left = bytes;
    while left > 0 {
        let piece = left.min(BLANKS.len() as u64);
        // Writing to memory cannot fail.
        let _ = packed.write_all(&BLANKS[..piece as usize]);
        left -= piece;
    }
    packed.finish().unwrap_or_default()
}
