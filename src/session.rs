//! The upload session: create it, get its status, cancel it.

mod ranges;

use std::time::SystemTime;

use bytes::Bytes;
use http::{Method, StatusCode};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Map, Value};

use crate::call::CallOptions;
use crate::error::{Error, ErrorKind, NextStep, Result};
use crate::graph::{self, GraphCall};
use crate::http::client::Client;
use crate::http::endpoint::{self, UploadUrl};
use crate::http::error_response;
use crate::http::exchange::Exchange;
use crate::http::redact::host;
use crate::http::response::{member, Response};
use crate::http::retry;
use crate::range::RangeSet;
use crate::request::{Request, CREATE};

pub(crate) use ranges::{expires, missing_ranges};

/// What an upload URL is asked for, as in "The service refused to …".
pub(crate) const STATUS: &str = "tell the status of the upload session";

/// What a print job belongs to.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Parent {
    /// /print/printers/{id}
    Printer = 1,
    /// /print/shares/{id}
    Share = 2,
}

impl Parent {
    /// What it is in an address.
    pub(crate) fn segment(self) -> &'static str {
        match self {
            Parent::Printer => "printers",
            Parent::Share => "shares",
        }
    }
}

/// A session as the service describes it: when it is created, and later when it is asked for.
#[derive(Clone, Debug)]
pub struct UploadSession {
    /// `nextExpectedRanges`, what it still misses, read tolerantly; `None` when the response has no such list.
    pub missing: Option<RangeSet>,
    /// `expirationDateTime`, when the service stops to know the session; `None` when the response does not say.
    pub expires: Option<SystemTime>,
    /// `uploadUrl`, as it stands in the response.
    pub(crate) upload_url: Option<SecretString>,
    /// The whole response, with whatever else came.
    pub response: Response,
}

impl UploadSession {
    /// What an object of the response says.
    fn of(object: &Map<String, Value>, response: Response) -> Result<Self> {
        Ok(UploadSession {
            missing: missing_ranges(object)?,
            expires: expires(object),
            upload_url: member(object, "uploadUrl").and_then(Value::as_str).map(|url| url.to_owned().into()),
            response,
        })
    }

    /// Where the bytes go.
    ///
    /// # Errors
    /// [`ErrorKind::UnexpectedResponse`] when the response names no address, [`ErrorKind::InvalidUploadUrl`] when bytes
    /// may not go to the one that it names.
    pub fn upload_url(&self, client: &Client) -> Result<UploadUrl> {
        match &self.upload_url {
            Some(text) => UploadUrl::parse(text.expose_secret(), client.endpoint())
                .map_err(|error| error.with_next_step(NextStep::CheckEndpoint)),
            None => Err(Error::new(
                ErrorKind::UnexpectedResponse,
                "The service created an upload session without an upload URL.",
            )
            .with_next_step(NextStep::AskSupport)),
        }
    }

    /// How many bytes the document has, and how many of them are at the service. Where the size is not known, what the
    /// list names is all that can be counted: up to the end of its last range. `None` where nothing can.
    pub fn bytes(&self, size: Option<u64>) -> Option<(u64, u64)> {
        let missing = self.missing.as_ref()?;
        let size = size.or_else(|| missing.last().map(|last| last.end).filter(|&end| end != u64::MAX))?;
        Some((size, size - missing.intersection(&RangeSet::of(0..size)).bytes()))
    }
}

/// The request that creates an upload session for a document: `POST …/microsoft.graph.createUploadSession`.
///
/// `body` is sent byte for byte; empty stands for `{}`.
///
/// # Errors
/// [`ErrorKind::InvalidArgument`] for an identifier that cannot be one path segment, [`ErrorKind::InvalidBody`] for a
/// body that is not a JSON object.
pub fn create_session_request(
    client: &Client,
    parent: Parent,
    parent_id: &str,
    job_id: &str,
    document_id: &str,
    body: Bytes,
) -> Result<Request> {
    let [parent_id, job_id, document_id] = [parent_id, job_id, document_id].map(endpoint::segment);
    let address = format!(
        "/print/{}/{parent_id}/jobs/{job_id}/documents/{document_id}/microsoft.graph.createUploadSession",
        parent.segment()
    );
    // An unused upload session costs nothing.
    let call = GraphCall { method: "POST", address: &address, what: CREATE, repeatable: true };
    graph::graph_request(client, call, if body.is_empty() { Bytes::from_static(b"{}") } else { body })
}

/// Sends the request that [`create_session_request`] built, and reads the session from the response.
///
/// # Errors
/// What the network and the service can do to a request; [`ErrorKind::UnexpectedResponse`] for a response
/// without a session, [`ErrorKind::ResponseTooLarge`] beyond the bounds of responses. Whether bytes may go to the address
/// that it names is checked where bytes are sent: [`UploadSession::upload_url`].
pub async fn create_upload_session(client: &Client, request: &Request, call: &CallOptions) -> Result<UploadSession> {
    read_upload_session(client, request, request.send(client, call).await?)
}

/// Reads the session from a response to a request of [`create_session_request`].
///
/// # Errors
/// As [`create_upload_session`], but for those of the network.
pub fn read_upload_session(client: &Client, request: &Request, response: Response) -> Result<UploadSession> {
    let response = graph::read_graph_response(client, request, response)?;
    let object = error_response::json_object(&response, request.address(), request.what());
    object
        .and_then(|object| UploadSession::of(&object, response.clone()))
        .map_err(|error| error_response::about(&response, error).with_client_request_id(request.client_request_id()))
}

/// Asks what a session still misses: `GET uploadUrl`.
///
/// # Errors
/// [`ErrorKind::SessionGone`] when it expired, was deleted or is complete; else what the network and the service can do.
pub async fn upload_session_status(
    client: &Client,
    upload_url: &UploadUrl,
    call: &CallOptions,
) -> Result<UploadSession> {
    retry::with_retries(call, |_| status_once(client, upload_url, call)).await
}

/// Cancels a session, so that the service forgets its bytes: `DELETE uploadUrl`.
///
/// # Errors
/// [`ErrorKind::SessionGone`] when there is none any more; else what the network and the service can do.
pub async fn cancel_upload_session(client: &Client, upload_url: &UploadUrl, call: &CallOptions) -> Result<Response> {
    const WHAT: &str = "cancel the upload session";
    retry::with_retries(call, |tries_before| async move {
        let response = ask(client, upload_url, Method::DELETE, WHAT, call).await?;
        // Gone after a try whose response was lost is what was asked for.
        (response.status.is_success() || is_gone(&response) && tries_before > 0)
            .then_some(response.clone())
            .ok_or_else(|| refused(&response, upload_url, WHAT))
    })
    .await
}

pub(crate) async fn status_once(client: &Client, upload_url: &UploadUrl, call: &CallOptions) -> Result<UploadSession> {
    let response = ask(client, upload_url, Method::GET, STATUS, call).await?;
    if !response.status.is_success() {
        return Err(refused(&response, upload_url, STATUS));
    }
    UploadSession::of(&error_response::json_object(&response, upload_url.url(), STATUS)?, response)
}

async fn ask(
    client: &Client,
    upload_url: &UploadUrl,
    method: Method,
    what: &str,
    call: &CallOptions,
) -> Result<Response> {
    // No Authorization, ever: the URL carries its own secret, and the service refuses any other with 401.
    let exchange = Exchange {
        client,
        what,
        method,
        url: upload_url.url().clone(),
        headers: call.upload_headers.0.clone(),
        body: &|_| reqwest::Body::default(),
        shown_body: &[],
        sink: None,
        is_long: false,
        call,
    };
    exchange.send().await
}

/// Whether the service says that it has no such session. Another address knows nothing of it, and a page of HTML is not the
/// service's own word.
pub(crate) fn is_gone(response: &Response) -> bool {
    matches!(response.status, StatusCode::NOT_FOUND | StatusCode::GONE) && !response.redirected && !response.is_html()
}

/// A refusal of an upload URL. 404 and 410 say that the session is gone, and cannot say why.
pub(crate) fn refused(response: &Response, upload_url: &UploadUrl, what: &str) -> Error {
    let refused =
        error_response::refused(response, upload_url.url(), what, retry::is_retryable_for_upload(response.status));
    match response.status {
        _ if is_gone(response) => {
            let host = host(upload_url.url());
            let message = format!("{host} no longer has this upload session: it expired, was deleted, or is complete.");
            let gone = Error::new(ErrorKind::SessionGone, message).with_next_step(NextStep::CreateSessionIfMissing);
            error_response::about(response, gone)
        }
        // Another address knows nothing of this session.
        status if response.redirected => {
            refused.with_next_step(format!(
                "A redirect led from the upload URL to where {} was answered: check what on the way to the service redirects.",
                status.as_u16()
            )).resumable(true)
        }
        // The same request is refused in the same way each time, but for a page of HTML.
        StatusCode::BAD_REQUEST | StatusCode::FORBIDDEN if refused.kind() == ErrorKind::RequestFailed => {
            refused.with_next_step(next_step(response.status)).resumable(false)
        }
        status => refused.with_next_step(next_step(status)).resumable(status != StatusCode::UNAUTHORIZED),
    }
}

/// No account and no identifiers are in an upload URL, so these are other things to do than for a Graph request.
fn next_step(status: StatusCode) -> NextStep {
    match status.as_u16() {
        400 => NextStep::CheckDocument,
        401 => NextStep::CreateSessionAnew,
        403 => NextStep::CheckNetworkRules,
        409 => "Check whether something else sends to the same upload session.".into(),
        405 | 411 | 414 | 415 => "Check what on the way to the service changes or refuses requests.".into(),
        413 => "The range is larger than the service takes: choose a smaller chunk size.".into(),
        _ => NextStep::default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_counted_as_far_as_the_list_tells() {
        let status = |json: &str| {
            let object: Map<String, Value> = serde_json::from_str(json).unwrap();
            let response = Response::of(StatusCode::OK, http::HeaderMap::new(), Bytes::new());
            UploadSession::of(&object, response).unwrap()
        };
        let gaps = status(r#"{"nextExpectedRanges":["10-19","40-50"]}"#);
        assert_eq!(gaps.bytes(Some(50)), Some((50, 30)));
        assert_eq!(gaps.bytes(None), Some((51, 30)));
        assert_eq!(status(r#"{"nextExpectedRanges":["26-"]}"#).bytes(Some(30)), Some((30, 26)));
        assert_eq!(status(r#"{"nextExpectedRanges":["26-"]}"#).bytes(None), None);
        assert_eq!(status(r#"{"nextExpectedRanges":[]}"#).bytes(Some(30)), Some((30, 30)));
        assert_eq!(status("{}").bytes(Some(30)), None);
    }
}
