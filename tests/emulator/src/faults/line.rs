//! Faults of the line: the service is well, but the line breaks.

use std::io;
use std::pin::Pin;
use std::task::{ready, Context, Poll};
use std::time::Duration;

use axum::body::Body;
use axum::extract::Request;
use axum::response::Response;
use bytes::Bytes;
use http_body_util::BodyExt;
use hyper::body::{Body as _, Frame, SizeHint};
use serde::{Deserialize, Serialize};

use super::Exchange;
use crate::line::{Cut, Line};
use crate::upload::read_out;

/// How long the system may take to take what was written.
const TO_BE_WRITTEN: Duration = Duration::from_millis(10);

/// The line breaks in the middle of the request's body.
///
/// The service gets the bytes before the break, and forgets or keeps them as the setting `partialRange` says. With as
/// many bytes as the body has, or more, the body came whole: then this is the same as a lost answer.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
pub struct CutBody {
    /// How many bytes of the body reach the service.
    pub after_bytes: u64,
    /// How the line breaks.
    pub how: Cut,
}

impl CutBody {
    pub(super) async fn strike(self, exchange: Exchange) -> Response {
        let Exchange { request, service, line, .. } = exchange;
        let request = request.map(|body| Body::new(BrokenBody { body, left: self.after_bytes }));
        drop(service.run(request).await);
        line.cut(self.how).await
    }
}

/// The service does what it was asked to do, and the line breaks instead of its answer.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
pub struct LoseAnswer {
    /// How the line breaks.
    pub how: Cut,
}

impl LoseAnswer {
    pub(super) async fn strike(self, exchange: Exchange) -> Response {
        drop(exchange.service.run(exchange.request).await);
        exchange.line.cut(self.how).await
    }
}

/// The line breaks after the whole request arrived, and the service knows nothing of it.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
pub struct LoseRequest {
    /// How the line breaks.
    pub how: Cut,
}

impl LoseRequest {
    pub(super) async fn strike(self, exchange: Exchange) -> Response {
        read_out(exchange.request).await;
        exchange.line.cut(self.how).await
    }
}

/// The line breaks after the whole request arrived, and the service does some time later what it was asked to do: what a
/// client asks meanwhile does not tell of it.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
pub struct KeepLate {
    /// How much later, in milliseconds.
    pub after_ms: u64,
    /// How the line breaks.
    pub how: Cut,
}

impl KeepLate {
    pub(super) async fn strike(self, exchange: Exchange) -> Response {
        let Exchange { request, service, line, .. } = exchange;
        let (mut head, body) = request.into_parts();
        // The connection is open for as long as somebody holds its line.
        head.extensions.remove::<Line>();
        let body = body.collect().await.map(|body| body.to_bytes());
        if let Ok(body) = body {
            tokio::spawn(async move {
                tokio::time::sleep(Duration::from_millis(self.after_ms)).await;
                service.run(Request::from_parts(head, Body::from(body))).await;
            });
        }
        line.cut(self.how).await
    }
}

/// The service does what it was asked to do, and the line breaks in the middle of its answer.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct CutAnswer {
    /// Where.
    pub part: AnswerPart,
    /// How the line breaks.
    #[serde(default)]
    pub how: Cut,
}

/// A part of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum AnswerPart {
    /// In the middle of the status line.
    Status,
    /// In the middle of the headers.
    Headers,
    /// In the middle of the body, whose length was announced.
    Body,
}

impl CutAnswer {
    pub(super) async fn strike(self, exchange: Exchange) -> Response {
        let Exchange { request, service, line, .. } = exchange;
        let response = service.run(request).await;
        match self.part {
            AnswerPart::Status => line.cut_after_writing("HTTP/1.1 2".len() as u64, self.how),
            AnswerPart::Headers => line.cut_after_writing(60, self.how),
            AnswerPart::Body => {
                return response.map(|body| {
                    let half = body.size_hint().lower() / 2;
                    Body::new(HalfAnswer { body, left: half, cut: Some((line, self.how)) })
                });
            }
        }
        response
    }
}

/// The body of an answer that breaks off after `left` bytes, and the line with it.
struct HalfAnswer {
    body: Body,
    left: u64,
    cut: Option<(Line, Cut)>,
}

impl hyper::body::Body for HalfAnswer {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        if self.left > 0 {
            if let Some(Ok(frame)) = ready!(Pin::new(&mut self.body).poll_frame(cx)) {
                if let Ok(mut data) = frame.into_data() {
                    data.truncate(self.left.try_into().unwrap_or(usize::MAX));
                    self.left -= data.len() as u64;
                    return Poll::Ready(Some(Ok(Frame::data(data))));
                }
            }
        }
        // What is written so far goes out while this waits; then the line is cut.
        if let Some((line, how)) = self.cut.take() {
            tokio::spawn(async move {
                tokio::time::sleep(TO_BE_WRITTEN).await;
                line.sever(how);
            });
        }
        Poll::Pending
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// A body that breaks off after `left` bytes, as a broken line would make it.
struct BrokenBody {
    body: Body,
    left: u64,
}

impl hyper::body::Body for BrokenBody {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        if self.left == 0 {
            let broken = io::Error::from(io::ErrorKind::ConnectionReset);
            return Poll::Ready(Some(Err(axum::Error::new(broken))));
        }
        let frame = ready!(Pin::new(&mut self.body).poll_frame(cx));
        Poll::Ready(match frame {
            Some(Ok(frame)) => Some(Ok(match frame.into_data() {
                Ok(mut data) => {
                    data.truncate(self.left.try_into().unwrap_or(usize::MAX));
                    self.left -= data.len() as u64;
                    Frame::data(data)
                }
                Err(trailers) => trailers,
            })),
            other => other,
        })
    }
}
