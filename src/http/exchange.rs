//! One HTTP request and its response.
//!
//! Here are the rules that hold for every request: the idle time-out ends it, redirects are followed by hand and only
//! within one origin, but for the step to a download's host, responses are bounded, and every failure becomes an [`Error`]
//! that names the host and never a secret.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use futures_util::future::BoxFuture;
use http::header::{ACCEPT, CONTENT_LENGTH, TRANSFER_ENCODING, USER_AGENT};
use http::{HeaderMap, HeaderValue, Method, StatusCode};
use tokio::sync::Semaphore;
use url::Url;

use super::client::Client;
use super::idle_timeout::IdleTimer;
use super::redact::{self, host, Secrets};
use super::response::{Response, LARGEST_LIST, LARGEST_RESPONSE};
use super::{error_response, failure, redirect, retry};
use crate::call::CallOptions;
use crate::error::{Error, ErrorKind, NextStep, Result};

/// Requests without a document that this process sends at once: each takes a descriptor, and a thousand of them all that there
/// are.
static TURNS: Semaphore = Semaphore::const_new(64);

const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// Where the body of a response of success goes instead of into memory.
pub(crate) trait Sink: Send + Sync {
    /// A body begins, of this length where that is known; what came before it is void.
    fn begin(&self, length: Option<u64>) -> BoxFuture<'_, Result<()>>;

    /// The next bytes of the body.
    fn write(&self, bytes: Bytes) -> BoxFuture<'_, Result<()>>;
}

/// A request that can be sent more than once: to a redirect's target, or again.
pub(crate) struct Exchange<'a> {
    pub(crate) client: &'a Client,
    /// What is being done, as in "The service refused to …".
    pub(crate) what: &'a str,
    pub(crate) method: Method,
    pub(crate) url: Url,
    pub(crate) headers: HeaderMap,
    /// Makes a body for each sending.
    pub(crate) body: &'a (dyn Fn(&Arc<IdleTimer>) -> reqwest::Body + Send + Sync),
    /// The body as it may be shown in a debug log; empty for bytes of a document.
    pub(crate) shown_body: &'a [u8],
    /// With one, a redirect to a host of downloads is followed.
    pub(crate) sink: Option<&'a dyn Sink>,
    /// It carries a document, which had its turn when it was opened, or brings one.
    pub(crate) is_long: bool,
    pub(crate) call: &'a CallOptions,
}

impl Exchange<'_> {
    /// Sends the request and reads the response, whatever its status.
    pub(crate) async fn send(&self) -> Result<Response> {
        // A request without a document is short, and so can wait for the others.
        let _turn = if self.is_long { None } else { TURNS.acquire().await.ok() };
        let mut url = self.url.clone();
        let mut headers = Cow::Borrowed(&self.headers);
        let mut redirects = 0;
        loop {
            let mut response = self.send_to(&url, &headers).await?;
            response.redirected = redirects > 0;
            if !response.status.is_redirection() {
                return Ok(response);
            }
            let content_host = self.sink.and_then(|_| redirect::to_content(&self.url, &url, &response));
            url = match content_host {
                Some(content_host) => {
                    // Its address carries a secret of its own, and no other may meet it.
                    let accepted = headers.get(ACCEPT).map(|accepted| (ACCEPT, accepted.clone()));
                    headers = Cow::Owned(accepted.into_iter().collect());
                    content_host
                }
                None => redirect::target(&url, self.what, &response, redirects)
                    .map_err(|error| error_response::about(&response, error))?,
            };
            redirects += 1;
            let status = response.status.as_u16();
            self.call.verbose(|| format!("Redirected ({status}) to {}.", redact::url(url.as_str())));
        }
    }

    async fn send_to(&self, url: &Url, headers: &HeaderMap) -> Result<Response> {
        let mut headers = headers.clone();
        headers.entry(ACCEPT).or_insert(JSON);
        headers.entry(USER_AGENT).or_insert_with(|| self.client.user_agent().clone());
        self.log_request(url, &headers);
        let timer = Arc::new(IdleTimer::new());
        let request = self.client.http()?.request(self.method.clone(), url.clone());
        let sending = request.headers(headers).body((self.body)(&timer)).send();
        let idle_timeout = self.call.idle_timeout;
        let response = timer.guard(idle_timeout, sending).await.ok_or_else(|| self.idle(url, idle_timeout))?;
        let response = response.map_err(|error| failure::of(self.client, url, self.what, &error))?;
        let response = self.read(url, response).await?;
        self.log_response(&response);
        Ok(response)
    }

    async fn read(&self, url: &Url, mut response: reqwest::Response) -> Result<Response> {
        let (status, headers) = (response.status(), response.headers().clone());
        let endpoint = self.client.endpoint();
        let mut secrets = Secrets::of(&self.headers, &self.url, endpoint);
        if *url != self.url {
            secrets = secrets.with_url(url, endpoint);
        }
        // An error of the body carries the status and the headers that came before it.
        let head = Response::read(status, headers.clone(), Bytes::new(), secrets.clone());
        let is_list = self.method == Method::GET && status.is_success() && endpoint.has_resource(url);
        let largest = if is_list { LARGEST_LIST } else { LARGEST_RESPONSE };
        let too_large = || {
            let message = format!(
                "The response of {} to {} is larger than {largest} bytes and was not read.",
                host(url),
                self.what
            );
            let error = Error::new(ErrorKind::ResponseTooLarge, message);
            Err(error_response::about(&head, error.with_next_step(NextStep::CheckResponder)))
        };
        let sink = self.sink.filter(|_| status.is_success());
        if let Some(sink) = sink {
            sink.begin(response.content_length()).await?;
        }
        // What says that it is something else is read as that.
        let sink = sink.filter(|_| status == StatusCode::OK && head.may_be_content());
        if sink.is_none() && response.content_length().is_some_and(|length| length > largest as u64) {
            return too_large();
        }
        let mut body = BytesMut::new();
        let idle_timeout = self.call.idle_timeout;
        loop {
            let chunk = tokio::time::timeout(idle_timeout, response.chunk()).await;
            match chunk.map_err(|_| self.idle(url, idle_timeout))? {
                Ok(Some(chunk)) if sink.is_some() => {
                    if let Some(sink) = sink {
                        sink.write(chunk).await?;
                    }
                }
                Ok(Some(chunk)) if body.len() + chunk.len() > largest => return too_large(),
                Ok(Some(chunk)) => body.extend_from_slice(&chunk),
                Ok(None) => break,
                // Of a body that ends with its connection (RFC 9112, section 6.3) and without TLS's close_notify, JSON shows
                // whether it is whole; a download may be cut off.
                Err(error)
                    if sink.is_none() && failure::is_close_without_notify(&error) && ends_with_connection(&headers) =>
                {
                    break
                }
                Err(error) => {
                    let error = failure::of(self.client, url, self.what, &error);
                    if error.kind() != ErrorKind::UnexpectedResponse {
                        // A connection that breaks has brought no response, but headers.
                        return Err(error.with_response_headers(&headers));
                    }
                    if status.is_success() {
                        return Err(error_response::about(&head, error));
                    }
                    // The status says what it is, whatever was to follow.
                    return Ok(head);
                }
            }
        }
        Ok(Response::read(status, headers, body.freeze(), secrets))
    }

    fn idle(&self, url: &Url, idle_timeout: Duration) -> Error {
        let through =
            self.client.proxy_for(url).map(|proxy| format!(", through the proxy {proxy},")).unwrap_or_default();
        let (host, timeout) = (host(url), retry::in_words(idle_timeout));
        Error::new(
            ErrorKind::Timeout,
            format!("{host}{through} was silent for {timeout} while trying to {}.", self.what),
        )
        .with_next_step(NextStep::AllowMoreTime)
        .retryable(true)
    }

    fn log_request(&self, url: &Url, headers: &HeaderMap) {
        self.call.debug(|| {
            let mut text = format!("HTTP REQUEST\n{} {}\n", self.method, redact::url(url.as_str()));
            push_headers(&mut text, headers, &Secrets::default());
            if !self.shown_body.is_empty() {
                let body = redact::body(self.shown_body, &Secrets::of(&self.headers, url, self.client.endpoint()));
                text.push_str(&redact::clean_lines(&body));
            }
            text
        });
    }

    fn log_response(&self, response: &Response) {
        self.call.debug(|| {
            let mut text = format!("HTTP RESPONSE\n{}\n", response.status);
            push_headers(&mut text, &response.headers, &response.secrets);
            text.push_str(&redact::clean_lines(&redact::body(&response.body, &response.secrets)));
            text
        });
    }
}

fn ends_with_connection(headers: &HeaderMap) -> bool {
    !headers.contains_key(CONTENT_LENGTH) && !headers.contains_key(TRANSFER_ENCODING)
}

fn push_headers(text: &mut String, headers: &HeaderMap, secrets: &Secrets) {
    for (name, value) in headers {
        let value = redact::header_value(name.as_str(), &secrets.mask(&String::from_utf8_lossy(value.as_bytes())));
        text.push_str(&format!("{name}: {value}\n"));
    }
}
