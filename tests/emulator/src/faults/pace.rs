//! Faults of the pace: nothing is wrong but that it takes long, or ends between two requests.

use std::future::Future;
use std::pin::Pin;
use std::task::{ready, Context, Poll};
use std::time::Duration;

use axum::body::Body;
use axum::response::Response;
use bytes::Bytes;
use http_body_util::BodyExt;
use hyper::body::{Frame, SizeHint};
use serde::{Deserialize, Serialize};
use tokio::time::Sleep;

use super::Exchange;
use crate::line::{Cut, Line};
use crate::upload::read_out;

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

/// Request and answer go on, a few bytes at a time.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Drip {
    /// How many bytes at a time.
    pub bytes: u64,
    /// The time between two of them, in milliseconds.
    pub every_ms: u64,
    /// What drips: the body of the request, or that of the answer.
    pub what: Dripping,
}

/// What drips.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Dripping {
    /// The body of the request, as far as the system does not take it in before it is read.
    Request,
    /// The body of the answer.
    Answer,
}

impl Drip {
    pub(super) async fn strike(self, exchange: Exchange) -> Response {
        let Exchange { request, service, .. } = exchange;
        let drip = |body: Body| {
            let every = Duration::from_millis(self.every_ms);
            Body::new(DrippingBody { body, ready: Bytes::new(), bytes: self.bytes.max(1), every, wait: None })
        };
        match self.what {
            Dripping::Request => service.run(request.map(drip)).await,
            Dripping::Answer => service.run(request).await.map(drip),
        }
    }
}

struct DrippingBody {
    body: Body,
    /// What comes next, in pieces.
    ready: Bytes,
    bytes: u64,
    every: Duration,
    wait: Option<Pin<Box<Sleep>>>,
}

impl hyper::body::Body for DrippingBody {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        if let Some(wait) = &mut self.wait {
            ready!(wait.as_mut().poll(cx));
            self.wait = None;
        }
        while self.ready.is_empty() {
            match ready!(Pin::new(&mut self.body).poll_frame(cx)) {
                Some(Ok(frame)) => self.ready = frame.into_data().unwrap_or_default(),
                ended => return Poll::Ready(ended),
            }
        }
        let piece = self.ready.len().min(self.bytes.try_into().unwrap_or(usize::MAX));
        self.wait = Some(Box::pin(tokio::time::sleep(self.every)));
        Poll::Ready(Some(Ok(Frame::data(self.ready.split_to(piece)))))
    }

    fn size_hint(&self) -> SizeHint {
        let mut hint = self.body.size_hint();
        if let Some(rest) = hint.exact() {
            hint.set_exact(rest + self.ready.len() as u64);
        }
        hint
    }
}

/// The service answers, and some time later the connection ends, though nobody said that it would.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
pub struct CloseIdle {
    /// The time after the answer, in milliseconds.
    pub after_ms: u64,
    /// How: a reset without a pause can overtake the answer.
    pub how: Cut,
}

impl CloseIdle {
    pub(super) async fn strike(self, exchange: Exchange) -> Response {
        let Exchange { request, service, line, .. } = exchange;
        let response = service.run(request).await;
        let end = Some((line, self));
        response.map(|body| Body::new(LastAnswer { body, end }))
    }

    async fn end(self, line: Line) {
        tokio::time::sleep(Duration::from_millis(self.after_ms)).await;
        match self.how {
            Cut::Reset => line.sever(Cut::Reset),
            Cut::Close => line.close_when_idle(),
        }
    }
}

/// A body after which the connection ends.
struct LastAnswer {
    body: Body,
    end: Option<(Line, CloseIdle)>,
}

impl hyper::body::Body for LastAnswer {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(cx)
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// It is dropped when it was written, or is not needed.
impl Drop for LastAnswer {
    fn drop(&mut self) {
        // Without a runtime the service has ended, and the line with it.
        if let (Some((line, idle)), Ok(runtime)) = (self.end.take(), tokio::runtime::Handle::try_current()) {
            runtime.spawn(idle.end(line));
        }
    }
}
