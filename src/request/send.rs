//! Sending a request: its headers, its token, its retries.

use std::time::Duration;

use bytes::Bytes;
use http::header::{HeaderMap, HeaderName, HeaderValue, AUTHORIZATION, CONTENT_LENGTH, WWW_AUTHENTICATE};
use http::{Method, StatusCode};
use secrecy::ExposeSecret;

use super::Request;
use crate::call::CallOptions;
use crate::error::{Error, ErrorKind, NextStep, Result};
use crate::http::client::Client;
use crate::http::error_response;
use crate::http::exchange::Exchange;
use crate::http::idle_timeout;
use crate::http::redact::{self, Secrets};
use crate::http::response::Response;
use crate::http::retry::{self, Budget};

const CLIENT_REQUEST_ID: HeaderName = HeaderName::from_static("client-request-id");
const SDK_VERSION: HeaderName = HeaderName::from_static("sdkversion");
const RETRY_ATTEMPT: HeaderName = HeaderName::from_static("retry-attempt");

impl Request {
    /// Sends the request, again where that can help, and returns what came, whatever its status. When the service refuses
    /// the client's token, it is sent once more with another, where the call has one.
    ///
    /// # Errors
    /// What the network can do to a request.
    pub async fn send(&self, client: &Client, call: &CallOptions) -> Result<Response> {
        let latest = call.renewal.as_ref().and_then(|renewal| renewal.latest());
        let response = self.send_with_token_of(latest.as_ref().unwrap_or(client), call).await?;
        let is_refused = response.status == StatusCode::UNAUTHORIZED && !self.headers.contains_key(AUTHORIZATION);
        let Some(renewal) = call.renewal.as_ref().filter(|_| is_refused) else { return Ok(response) };
        match renewal.renewed(client.endpoint(), claims_of(&response.headers)).await {
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
        let mut is_lost = false;
        let mut budget = Budget::for_graph(call);
        loop {
            let mut headers = headers.clone();
            if budget.spent() > 0 {
                headers.insert(RETRY_ATTEMPT, HeaderValue::from(budget.spent()));
            }
            // A refusal that may pass is a failure to the retries, and a response to the caller when they are spent.
            let (failure, refusal) = match self.attempt(client, call, headers).await {
                // Gone after a try whose response was lost is what was asked for.
                Ok(gone) if is_lost && self.method == Method::DELETE && self.is_not_found(&gone) => {
                    return Ok(Response { status: StatusCode::NO_CONTENT, body: Bytes::new(), ..gone });
                }
                Ok(response) if !self.may_pass(response.status) => return Ok(response),
                Ok(response) => (self.refused(&response), Some(response)),
                Err(error) if self.repeatable => {
                    is_lost = true;
                    (error, None)
                }
                Err(error) if may_have_arrived(&error) => {
                    (error.with_next_step(NextStep::LookThenRunAgain).retryable(false), None)
                }
                Err(error) => (error.retryable(false), None),
            };
            if let Err(error) = budget.wait(call, failure).await {
                return match refusal {
                    Some(response) => Ok(Response { retry_context: Some(error), ..response }),
                    None => Err(error.with_client_request_id(self.client_request_id())),
                };
            }
        }
    }

    /// A response of 400 or more as an error, with its retries.
    pub(crate) fn error_response(&self, response: &Response) -> Error {
        // A response that came through a host's own steps has lost its retries, but not the wait that it asks for.
        let described = || retry::describe(self.refused(response), 0, Duration::ZERO);
        response.retry_context.clone().unwrap_or_else(described).with_client_request_id(self.client_request_id())
    }

    fn refused(&self, response: &Response) -> Error {
        let error = error_response::refused(response, &self.url, &self.what, self.may_pass(response.status));
        // A server that failed, or gave up waiting, may have done what it was asked.
        if !self.repeatable && matches!(response.status.as_u16(), 500 | 502 | 504) {
            return error.with_next_step(NextStep::LookThenRunAgain);
        }
        error
    }

    /// Whether it is the service that knows no such object, and not something on the way that knows no such address.
    fn is_not_found(&self, response: &Response) -> bool {
        response.status == StatusCode::NOT_FOUND && self.refused(response).kind() == ErrorKind::RequestFailed
    }

    /// Whether a refusal of this status may pass. A gateway that gave up waiting may have passed the request on.
    fn may_pass(&self, status: StatusCode) -> bool {
        match status {
            StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE => true,
            StatusCode::GATEWAY_TIMEOUT => self.repeatable,
            _ => false,
        }
    }

    /// What no text of its response may show.
    pub(crate) fn secrets(&self, client: &Client) -> Secrets {
        let own = Secrets::of(&self.headers, &self.url, client.endpoint());
        client.access_token().map_or(own.clone(), |token| own.with(token.expose_secret()))
    }

    async fn attempt(&self, client: &Client, call: &CallOptions, mut headers: HeaderMap) -> Result<Response> {
        if self.body.is_empty()
            && self.content.is_none()
            && [Method::POST, Method::PUT, Method::PATCH].contains(&self.method)
        {
            // Where one of these has no body, it says so (RFC 9110, section 8.6); the library leaves that out.
            headers.insert(CONTENT_LENGTH, HeaderValue::from_static("0"));
        }
        let exchange = Exchange {
            client,
            what: &self.what,
            method: self.method.clone(),
            url: self.url.clone(),
            headers,
            body: &|timer| match &self.content {
                Some(content) => content(timer),
                None => idle_timeout::body_of(&self.body, timer),
            },
            shown_body: &self.body,
            sink: self.sink.as_deref(),
            is_long: self.content.is_some() || self.sink.is_some(),
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

/// Whether the service may have done what it was asked, though its response was lost.
fn may_have_arrived(error: &Error) -> bool {
    matches!(error.first_step(), NextStep::CheckBrokenConnection | NextStep::AllowMoreTime | NextStep::CheckResponder)
}

/// What the service asks of another token (continuous access evaluation), in base64: a field of one of its challenges.
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

#[cfg(test)]
mod tests {
    use super::*;

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
    fn the_token_goes_only_to_its_own_endpoint() {
        let client =
            Client::new(crate::ClientOptions { access_token: Some("SECRET".to_owned().into()), ..Default::default() })
                .unwrap();
        let request = || Request::new("POST", "https://graph.microsoft.com/v1.0/x", Bytes::new()).unwrap();
        assert!(request().headers_for(&client).unwrap().contains_key(AUTHORIZATION));
        let elsewhere = Request::new("POST", "https://elsewhere/v1.0/x", Bytes::new()).unwrap();
        assert!(!elsewhere.headers_for(&client).unwrap().contains_key(AUTHORIZATION));
        let mut own = request();
        own.add_header("Authorization", "Bearer mine").unwrap();
        assert_eq!(own.headers_for(&client).unwrap()[AUTHORIZATION], "Bearer mine");
    }
}
