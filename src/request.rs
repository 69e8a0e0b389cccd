//! A request to Graph: built by the engine, changed by the caller, then sent with retries.

use std::borrow::Cow;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http::header::{HeaderMap, HeaderName, HeaderValue, AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE, WWW_AUTHENTICATE};
use http::{Method, StatusCode};
use secrecy::ExposeSecret;
use url::Url;

use crate::call::CallOptions;
use crate::error::{Error, ErrorKind, Result};
use crate::http::client::Client;
use crate::http::endpoint;
use crate::http::exchange::Exchange;
use crate::http::headers::header;
use crate::http::idle_timeout;
use crate::http::redact::{self, Secrets};
use crate::http::response::{self, Response};
use crate::http::retry::{self, Verdict};

/// What Graph is asked for where a request says nothing else, as in "The service refused to …".
pub(crate) const CREATE: &str = "create an upload session";

const CLIENT_REQUEST_ID: HeaderName = HeaderName::from_static("client-request-id");
const SDK_VERSION: HeaderName = HeaderName::from_static("sdkversion");
const RETRY_ATTEMPT: HeaderName = HeaderName::from_static("retry-attempt");

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
    what: Cow<'static, str>,
    /// Whether it may be sent again after its response was lost.
    repeatable: bool,
}

impl Request {
    /// Any request, as a step of a caller's pipeline left it. Headers are added one by one.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidArgument`] for a method that is none, and for an address that is neither https nor loopback.
    pub fn new(method: &str, address: &str, body: Bytes) -> Result<Self> {
        let refuse = |why: String| Error::new(ErrorKind::InvalidArgument, why);
        let method = Method::from_bytes(method.as_bytes())
            .map_err(|_| refuse(format!("'{}' is no HTTP method.", redact::clean(method))))?;
        let url = endpoint::parse_address(address)
            .map_err(|why| refuse(format!("The address of the request, '{}', {why}.", redact::url(address))))?;
        // What a request is for, its address alone tells here. One that may create something is not sent twice.
        let is_session = url.path().ends_with("createUploadSession");
        let what = Cow::Borrowed(if is_session { CREATE } else { "send the request" });
        let repeatable = is_session || method != Method::POST;
        Ok(Request { what, repeatable, ..Self::of(method, url, body) })
    }

    fn of(method: Method, url: Url, body: Bytes) -> Self {
        let client_request_id = uuid::Uuid::new_v4().to_string();
        Request {
            method,
            url,
            headers: HeaderMap::new(),
            from_caller: Vec::new(),
            body,
            client_request_id,
            what: Cow::Borrowed(CREATE),
            // An unused upload session costs nothing.
            repeatable: true,
        }
    }

    /// A request to Graph; an empty body is none.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidBody`] when there is a body and it is not a JSON object.
    pub(crate) fn to(method: Method, url: Url, body: Bytes, what: &str, repeatable: bool) -> Result<Self> {
        if !body.is_empty() {
            check_body(&body)?;
        }
        Ok(Request { what: Cow::Owned(what.to_owned()), repeatable, ..Self::of(method, url, body) })
    }

    /// Sets a header of the engine's own, which the caller's replaces.
    pub(crate) fn set_own_header(&mut self, name: HeaderName, value: HeaderValue) {
        self.headers.insert(name, value);
    }

    /// What is being done.
    pub(crate) fn what(&self) -> &str {
        &self.what
    }

    /// A POST of JSON to a resource of the client's endpoint. `body` is kept byte for byte.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidBody`] when the body is not a JSON object or is nested deeper than 64 levels.
    pub(crate) fn post_json(address: &str, body: Bytes) -> Result<Self> {
        check_body(&body)?;
        let url = Url::parse(address)
            .map_err(|_| Error::new(ErrorKind::InvalidEndpoint, "The address of the request cannot be built."))?;
        let mut request = Self::of(Method::POST, url, body);
        request.headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        Ok(request)
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
    ///
    /// # Errors
    /// [`ErrorKind::InvalidBody`] when the body is not a JSON object or is nested deeper than 64 levels.
    pub(crate) fn with_body(&self, body: impl Into<Bytes>) -> Result<Self> {
        let body = body.into();
        check_body(&body)?;
        Ok(Request { body, ..self.clone() })
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
        self.headers.get(CLIENT_REQUEST_ID).and_then(|value| value.to_str().ok()).unwrap_or(&self.client_request_id)
    }

    /// Sends the request, again where that can help, and returns what came, whatever its status. When the service refuses
    /// the client's token, it is sent once more with another, where the call has one.
    ///
    /// # Errors
    /// What the network can do to a request.
    pub async fn send(&self, client: &Client, call: &CallOptions) -> Result<Response> {
        let response = self.send_with_token_of(client, call).await?;
        let is_refused = response.status == StatusCode::UNAUTHORIZED && !self.headers.contains_key(AUTHORIZATION);
        let Some(renewal) = call.renewal.as_ref().filter(|_| is_refused) else { return Ok(response) };
        match renewal.renewed(claims_of(&response.headers)).await {
            Some(renewed) => {
                call.verbose(|| {
                    "The service refused the access token. The request goes once more, with a new one.".to_owned()
                });
                self.send_with_token_of(&renewed, call).await
            }
            None => Ok(response),
        }
    }

    async fn send_with_token_of(&self, client: &Client, call: &CallOptions) -> Result<Response> {
        let headers = self.headers_for(client)?;
        // A refusal that may pass is an error to the retries, and a response to the caller when they are spent.
        let refused = Mutex::new(None);
        let outcome = retry::with_retries(call, |tries| {
            let mut headers = headers.clone();
            if tries > 0 {
                headers.insert(RETRY_ATTEMPT, HeaderValue::from(tries));
            }
            let refused = &refused;
            async move {
                let response = self.attempt(client, call, headers).await.map_err(|error| {
                    if self.repeatable {
                        error
                    } else {
                        error.retryable(false)
                    }
                })?;
                if !self.may_pass(response.status) {
                    return Ok(response);
                }
                let error = self.refused(&response);
                *refused.lock().unwrap_or_else(PoisonError::into_inner) = Some(response);
                Err(error)
            }
        })
        .await;
        match (outcome, refused.into_inner().unwrap_or_else(PoisonError::into_inner)) {
            (Err(error), Some(mut response)) if error.http_status() == Some(response.status.as_u16()) => {
                response.story = Some(error);
                Ok(response)
            }
            (outcome, _) => outcome.map_err(|error| error.with_client_request_id(self.client_request_id())),
        }
    }

    /// A response of 400 or more as an error, with the story of its retries.
    pub(crate) fn error_response(&self, response: &Response) -> Error {
        // A response that came through a host's own steps has lost its story, but not its wish.
        let told = || retry::describe(self.refused(response), Verdict::Final, 0, Duration::ZERO);
        response.story.clone().unwrap_or_else(told).with_client_request_id(self.client_request_id())
    }

    fn refused(&self, response: &Response) -> Error {
        response::refused(response, &self.url, &self.what, self.may_pass(response.status))
    }

    /// Whether a refusal of this status may pass. A gateway that gave up waiting (504) may have passed the request on.
    fn may_pass(&self, status: StatusCode) -> bool {
        retry::is_retryable_for_graph(status) && (self.repeatable || status != StatusCode::GATEWAY_TIMEOUT)
    }

    /// What no text of a response may show.
    pub(crate) fn secrets(&self, client: &Client) -> Secrets {
        let headers = self.headers_for(client);
        Secrets::of(headers.as_ref().unwrap_or(&self.headers), &self.url)
    }

    pub(crate) fn address(&self) -> &Url {
        &self.url
    }

    async fn attempt(&self, client: &Client, call: &CallOptions, mut headers: HeaderMap) -> Result<Response> {
        if self.body.is_empty() && [Method::POST, Method::PUT, Method::PATCH].contains(&self.method) {
            // Where one of these has no body, it says so (RFC 9110, section 8.6); the library leaves that out.
            headers.insert(CONTENT_LENGTH, HeaderValue::from_static("0"));
        }
        let exchange = Exchange {
            client,
            what: &self.what,
            method: self.method.clone(),
            url: self.url.clone(),
            headers,
            body: &|timer| idle_timeout::body_of(&self.body, timer),
            shown_body: &self.body,
            call,
        };
        exchange.send().await
    }

    /// The caller's headers, and beneath them the engine's. A token goes only to the endpoint that it came with.
    fn headers_for(&self, client: &Client) -> Result<HeaderMap> {
        let mut headers = self.headers.clone();
        headers.entry(SDK_VERSION).or_insert_with(|| client.sdk_version());
        headers
            .entry(CLIENT_REQUEST_ID)
            .or_insert_with(|| HeaderValue::from_str(&self.client_request_id).expect("a UUID is ASCII"));
        if !headers.contains_key(AUTHORIZATION) && client.endpoint().is_origin_of(&self.url) {
            let token = client.access_token().ok_or_else(|| {
                Error::new(
                    ErrorKind::AuthenticationNeeded,
                    format!("There is no access token for {}.", redact::host(&self.url)),
                )
                .with_next_step("Sign in, or give an access token.")
            })?;
            let mut bearer = HeaderValue::from_str(&format!("Bearer {}", token.expose_secret()))
                .expect("the client checked its token");
            bearer.set_sensitive(true);
            headers.insert(AUTHORIZATION, bearer);
        }
        Ok(headers)
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

/// What the service wants of another token (continuous access evaluation), in base64: a field of one of its challenges.
fn claims_of(headers: &HeaderMap) -> Option<String> {
    let challenges = headers.get_all(WWW_AUTHENTICATE).iter().filter_map(|value| value.to_str().ok());
    // Base64 holds none of the characters that part fields.
    let mut fields = challenges.flat_map(|challenge| challenge.split([',', ' ']));
    fields.find_map(|field| {
        let (name, value) = field.split_once('=')?;
        let claims = value.strip_prefix('"')?.strip_suffix('"')?;
        let is_base64 = claims.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+/=-_".contains(&byte));
        (name.eq_ignore_ascii_case("claims") && is_base64).then(|| claims.to_owned())
    })
}

fn check_body(body: &[u8]) -> Result<()> {
    let refuse = |why: String| {
        Error::new(ErrorKind::InvalidBody, format!("The body of the request {why}."))
            .with_next_step("Give a JSON object.")
    };
    if response::json_depth(body) > response::DEEPEST_JSON {
        return Err(refuse(format!("is nested deeper than {} levels", response::DEEPEST_JSON)));
    }
    match serde_json::from_slice::<serde_json::Value>(body) {
        Ok(serde_json::Value::Object(_)) => Ok(()),
        Ok(_) => Err(refuse("is not a JSON object".to_owned())),
        Err(error) => Err(refuse(format!("is not JSON (line {}, column {})", error.line(), error.column()))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request() -> Request {
        Request::post_json("https://graph.microsoft.com/v1.0/x", Bytes::from_static(b"{}")).unwrap()
    }

    #[test]
    fn a_caller_s_header_replaces_the_engine_s_and_joins_its_own() {
        let mut request = request();
        request.add_header("content-type", "text/x").unwrap();
        request.add_header("X-A", "1").unwrap();
        request.add_header("x-a", "2").unwrap();
        let values = |name: &str| {
            request.headers.get_all(name).iter().map(|value| value.to_str().unwrap().to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(
            (values("content-type"), values("x-a")),
            (vec!["text/x".to_owned()], vec!["1".to_owned(), "2".to_owned()])
        );
    }

    #[test]
    fn framing_headers_and_broken_ones_are_refused_by_name() {
        for (name, value) in [
            ("Host", "x"),
            ("Content-Length", "1"),
            ("TRANSFER-ENCODING", "chunked"),
            ("connection", "close"),
            ("", "x"),
            ("a b", "x"),
            ("X-A", "1\r\nX-B: 2"),
            ("X-A", "a\u{0}b"),
            ("Ünicode", "x"),
        ] {
            let error = request().add_header(name, value).expect_err(name);
            assert_eq!(error.kind(), ErrorKind::InvalidHeader);
            assert!(error.message().contains(&format!("'{name}'")), "{error}");
        }
    }

    #[test]
    fn claims_are_found_in_any_challenge() {
        for (challenges, claims) in [
            (&[r#"Bearer realm="", error="insufficient_claims", claims="eyJhIjoxfQ==""#][..], Some("eyJhIjoxfQ==")),
            (&["Negotiate", r#"Bearer CLAIMS="eyJ9",error="x""#], Some("eyJ9")),
            (&[r#"Bearer error="claims", claims="a\"b""#], None),
            (&["Bearer"], None),
            (&[], None),
        ] {
            let mut headers = HeaderMap::new();
            for challenge in challenges {
                headers.append(WWW_AUTHENTICATE, challenge.parse().unwrap());
            }
            assert_eq!(claims_of(&headers).as_deref(), claims, "{challenges:?}");
        }
    }

    #[test]
    fn bodies_are_json_objects_of_bounded_depth() {
        for body in ["", "[]", "1", "{", "{}x", &format!("{{\"a\":{}1{}}}", "[".repeat(64), "]".repeat(64))] {
            let error = Request::post_json("https://h/", Bytes::copy_from_slice(body.as_bytes())).expect_err(body);
            assert_eq!(error.kind(), ErrorKind::InvalidBody);
        }
    }

    #[test]
    fn the_token_goes_only_to_its_own_endpoint() {
        let client =
            Client::new(crate::ClientOptions { access_token: Some("SECRET".to_owned().into()), ..Default::default() })
                .unwrap();
        assert!(request().headers_for(&client).unwrap().contains_key(AUTHORIZATION));
        let elsewhere = Request::post_json("https://elsewhere/v1.0/x", Bytes::from_static(b"{}")).unwrap();
        assert!(!elsewhere.headers_for(&client).unwrap().contains_key(AUTHORIZATION));
        let mut own = request();
        own.add_header("Authorization", "Bearer mine").unwrap();
        assert_eq!(own.headers_for(&client).unwrap()[AUTHORIZATION], "Bearer mine");
    }
}
