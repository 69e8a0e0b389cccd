//! Answers in the shape of Graph: JSON bodies, error objects, and the ids every answer carries.

use std::ops::Range;
use std::sync::Arc;
use std::time::SystemTime;

use axum::body::Body;
use axum::extract::Request;
use axum::http::{header, HeaderName, HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde_json::{json, Value};
use uuid::Uuid;

use crate::clock;
use crate::conduct::Told;

const REQUEST_ID: HeaderName = HeaderName::from_static("request-id");
const CLIENT_REQUEST_ID: HeaderName = HeaderName::from_static("client-request-id");
const METADATA: &str =
    "application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8";

/// Where the `@odata.context` of the real service points; clients compare text, they never fetch it.
pub(crate) const CONTEXT: &str = "https://graph.microsoft.com/v1.0/$metadata#";

/// A successful answer with a JSON body.
#[derive(Debug)]
pub(crate) struct Answer {
    pub status: StatusCode,
    pub body: Value,
    /// What the client learns of the ranges that are there.
    pub told: Option<Told>,
}

impl Answer {
    pub(crate) fn new(status: StatusCode, body: Value) -> Self {
        let told = None;
        Self { status, body, told }
    }

    /// Of an upload URL: also tells which ranges are there.
    pub(crate) fn telling(status: StatusCode, body: Value, gaps: Vec<Range<u64>>) -> Self {
        let told = Some(Told { gaps, is_true: true });
        Self { status, body, told }
    }

    pub(crate) fn ok(body: Value) -> Self {
        Self::new(StatusCode::OK, body)
    }
}

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        let headers = [(header::CONTENT_TYPE, METADATA)];
        let mut response = (self.status, headers, self.body.to_string()).into_response();
        if let Some(told) = self.told {
            response.extensions_mut().insert(told);
        }
        response
    }
}

/// An answer that refuses. Becomes `{"error":{"code":…,"message":…,"innerError":{…}}}` once the ids are known.
#[derive(Clone, Debug)]
pub(crate) struct Refusal {
    pub status: StatusCode,
    pub code: &'static str,
    pub message: String,
    /// Seconds for a `Retry-After`.
    pub retry_after: Option<u32>,
    /// Whether the client broke a rule of the protocol, which the journal keeps.
    pub violation: bool,
    /// Whether the client's line broke, so that nobody is there to read the answer.
    pub unread: bool,
}

impl Refusal {
    pub(crate) fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into(), retry_after: None, violation: false, unread: false }
    }

    pub(crate) fn bad_request(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "BadRequest", message)
    }

    pub(crate) fn not_found(message: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, "NotFound", message)
    }

    pub(crate) fn internal(error: impl std::fmt::Display) -> Self {
        let status = StatusCode::INTERNAL_SERVER_ERROR;
        Self::new(status, "InternalServerError", error.to_string())
    }

    /// The client left in the middle of its request.
    pub(crate) fn broken_off() -> Self {
        let mut refusal = Self::bad_request("The request body broke off.");
        refusal.unread = true;
        refusal
    }

    pub(crate) fn violation(mut self) -> Self {
        self.violation = true;
        self
    }

    fn body(&self, request_id: &str, client_request_id: &str) -> Value {
        json!({
            "error": {
                "code": self.code,
                "message": self.message,
                "innerError": {
                    "date": clock::seconds(SystemTime::now()),
                    "request-id": request_id,
                    "client-request-id": client_request_id,
                },
            },
        })
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        response.extensions_mut().insert(Arc::new(self));
        response
    }
}

/// The status of an answer; none when nobody is there to read it.
pub(crate) fn status_of(response: &Response) -> Option<StatusCode> {
    let refusal = response.extensions().get::<Arc<Refusal>>();
    let unread = refusal.is_some_and(|refusal| refusal.unread);
    (!unread).then(|| response.status())
}

/// Gives every answer its ids, and refusals their body.
pub(crate) async fn identify(request: Request, next: Next) -> Response {
    let request_id = Uuid::new_v4().to_string();
    let client_request_id = request
        .headers()
        .get(CLIENT_REQUEST_ID)
        .and_then(|id| id.to_str().ok())
        .map_or_else(|| request_id.clone(), str::to_owned);

    let mut response = next.run(request).await;
    if let Some(refusal) = response.extensions().get::<Arc<Refusal>>().cloned() {
        let body = refusal.body(&request_id, &client_request_id).to_string();
        *response.body_mut() = Body::from(body);
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        if let Some(seconds) = refusal.retry_after {
            headers.insert(header::RETRY_AFTER, seconds.into());
        }
    }
    let headers = response.headers_mut();
    for (name, id) in [(REQUEST_ID, request_id), (CLIENT_REQUEST_ID, client_request_id)] {
        if let Ok(id) = HeaderValue::try_from(id) {
            headers.insert(name, id);
        }
    }
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store, no-cache"));
    response
}
