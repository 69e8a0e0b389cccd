//! Faults of the line: the service is well, but client and service lose each other.

use std::io;
use std::pin::Pin;
use std::task::{ready, Context, Poll};

use axum::body::Body;
use axum::response::Response;
use bytes::Bytes;
use http_body_util::BodyExt;
use hyper::body::Frame;
use serde::{Deserialize, Serialize};

use super::Exchange;
use crate::line::Cut;
use crate::upload::read_out;

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
        let Exchange { request, service, line } = exchange;
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

/// The request is read, wholly or in part, and then nothing happens until the client leaves or the service ends.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
pub struct Stall {
    /// How many bytes of the body are read at least; all of them without a number.
    pub after_bytes: Option<u64>,
}

impl Stall {
    pub(super) async fn strike(self, exchange: Exchange) -> Response {
        let Exchange { request, line, .. } = exchange;
        // The body stays alive through the wait: dropping it would let hyper read on.
        let mut unread = None;
        match self.after_bytes {
            None => drop(read_out(request).await),
            Some(limit) => {
                let mut body = request.into_body();
                let mut read = 0;
                while read < limit {
                    match body.frame().await {
                        Some(Ok(frame)) => read += frame.data_ref().map_or(0, |d| d.len() as u64),
                        _ => break,
                    }
                }
                unread = Some(body);
            }
        }
        line.client_gone().await;
        drop(unread);
        line.cut(Cut::Close).await
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
