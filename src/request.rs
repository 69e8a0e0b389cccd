//! A request to Graph: built by the engine, changed by the caller, then sent with retries.

mod send;

use std::sync::Arc;

use bytes::Bytes;
use http::header::{HeaderMap, HeaderName, HeaderValue, ACCEPT, CONTENT_TYPE};
use http::Method;
use serde::de::IgnoredAny;
use url::Url;

use crate::error::{Error, ErrorKind, Result};
use crate::http::endpoint;
use crate::http::exchange::Sink;
use crate::http::headers::header;
use crate::http::idle_timeout::IdleTimer;
use crate::http::redact;
use crate::http::response;

/// What a request for an upload session is for, as in "The service refused to …".
pub(crate) const CREATE: &str = "create an upload session";

/// A request as it will go out, before the headers of sign-in.
#[derive(Clone)]
pub struct Request {
    method: Method,
    url: Url,
    headers: HeaderMap,
    /// Names that the caller has set: later values join them instead of replacing the engine's.
    from_caller: Vec<HeaderName>,
    body: Bytes,
    client_request_id: String,
    /// What is being done, as in "The service refused to …".
    what: String,
    /// Whether it may be sent again after its response was lost.
    repeatable: bool,
    /// Makes a body that is not in memory.
    content: Option<Arc<Content>>,
    /// Where the body of a response of success goes.
    sink: Option<Arc<dyn Sink>>,
}

/// Makes a body anew for each sending.
pub(crate) type Content = dyn Fn(&Arc<IdleTimer>) -> reqwest::Body + Send + Sync;

impl Request {
    /// Any request, as a step of a caller's pipeline left it. Headers are added one by one.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidArgument`] for a method that is none, and for an address that is neither https nor loopback.
    pub fn new(method: &str, address: &str, body: Bytes) -> Result<Self> {
        let url = endpoint::parse_address(address).map_err(|why| {
            let message = format!("The address of the request, '{}', {why}.", redact::url(address));
            Error::new(ErrorKind::InvalidArgument, message)
        })?;
        // The address alone shows what a request is for. One that may create something is not sent twice.
        let is_session = url.path().ends_with("createUploadSession");
        let what = if is_session { CREATE } else { "send the request" };
        let repeatable = is_session || method != "POST";
        Self::of(method, url, body, what, repeatable)
    }

    /// A request as it is given.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidArgument`] for a method that is none.
    pub(crate) fn of(method: &str, url: Url, body: Bytes, what: &str, repeatable: bool) -> Result<Self> {
        let method = Method::from_bytes(method.as_bytes()).map_err(|_| {
            Error::new(ErrorKind::InvalidArgument, format!("'{}' is no HTTP method.", redact::clean(method)))
        })?;
        Ok(Request {
            method,
            url,
            headers: HeaderMap::new(),
            from_caller: Vec::new(),
            body,
            client_request_id: uuid::Uuid::new_v4().to_string(),
            what: what.to_owned(),
            repeatable,
            content: None,
            sink: None,
        })
    }

    /// Sets a header of the engine's own, which the caller's replaces.
    pub(crate) fn set_own_header(&mut self, name: HeaderName, value: HeaderValue) {
        self.headers.insert(name, value);
    }

    /// Whether it creates an upload session.
    pub(crate) fn is_for_session(&self) -> bool {
        self.method == Method::POST && self.url.path().ends_with("createUploadSession")
    }

    /// What is being done.
    pub(crate) fn what(&self) -> &str {
        &self.what
    }

    /// Adds a header of the caller's. The first value for a name replaces the engine's own, later ones join it.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidHeader`] for a name or value that cannot stand in a header, and for headers that belong to
    /// the connection or to the message's framing.
    pub fn add_header(&mut self, name: &str, value: &str) -> Result<()> {
        let (name, value) = header(name, value)?;
        if self.from_caller.contains(&name) {
            self.headers.append(name, value);
        } else {
            self.headers.insert(&name, value);
            self.from_caller.push(name);
        }
        Ok(())
    }

    /// The same request with another body, kept byte for byte.
    pub(crate) fn with_body(&self, body: impl Into<Bytes>) -> Self {
        Request { body: body.into(), ..self.clone() }
    }

    /// The same request with a body that is made when it is sent.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidArgument`] when it has a body, or is of a method that has none.
    pub(crate) fn with_content(&self, content: Arc<Content>) -> Result<Self> {
        if !self.body.is_empty() || ![Method::POST, Method::PUT, Method::PATCH].contains(&self.method) {
            let message = "Content goes with a PUT, PATCH or POST that has no other body.";
            return Err(Error::new(ErrorKind::InvalidArgument, message));
        }
        let mut request = Request { content: Some(content), ..self.clone() };
        request.headers.entry(CONTENT_TYPE).or_insert(HeaderValue::from_static("application/octet-stream"));
        Ok(request)
    }

    /// The same request, whose response goes elsewhere than into memory.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidArgument`] when it is no GET.
    pub(crate) fn with_sink(&self, sink: Arc<dyn Sink>) -> Result<Self> {
        if self.method != Method::GET {
            return Err(Error::new(ErrorKind::InvalidArgument, "A file is downloaded with GET."));
        }
        let mut request = Request { sink: Some(sink), ..self.clone() };
        if !self.from_caller.contains(&ACCEPT) {
            request.headers.insert(ACCEPT, HeaderValue::from_static("*/*"));
        }
        Ok(request)
    }

    /// The method.
    pub fn method(&self) -> &str {
        self.method.as_str()
    }

    /// The address.
    pub fn url(&self) -> &str {
        self.url.as_str()
    }

    /// The headers, before those of sign-in and of the connection.
    pub fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// The body.
    pub fn body(&self) -> &[u8] {
        &self.body
    }

    /// The id by which the service's support finds the request.
    pub fn client_request_id(&self) -> &str {
        self.headers.get("client-request-id").and_then(|value| value.to_str().ok()).unwrap_or(&self.client_request_id)
    }

    pub(crate) fn address(&self) -> &Url {
        &self.url
    }
}

impl std::fmt::Debug for Request {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Request")
            .field("method", &self.method)
            .field("url", &redact::url(self.url.as_str()))
            .finish_non_exhaustive()
    }
}

/// That a body is a JSON object.
pub(crate) fn check_body(body: &[u8]) -> Result<()> {
    let refuse = |why: String| {
        Error::new(ErrorKind::InvalidBody, format!("The body of the request {why}."))
            .with_next_step("Give a JSON object.")
    };
    if response::json_depth(body) > response::DEEPEST_JSON {
        return Err(refuse(format!("is nested deeper than {} levels", response::DEEPEST_JSON)));
    }
    let text = std::str::from_utf8(body).map_err(|_| refuse("is not JSON: it is no UTF-8".to_owned()))?;
    match serde_json::from_str::<IgnoredAny>(text) {
        Ok(_) if text.trim_start().starts_with('{') => Ok(()),
        Ok(_) => Err(refuse("is not a JSON object".to_owned())),
        Err(error) => Err(refuse(format!("is not JSON (line {}, column {})", error.line(), error.column()))),
    }
}
