//! What is in a response: the JSON object that is expected, or an error in the service's words.

use http::header::DATE;
use http::StatusCode;
use serde_json::{Map, Value};

use super::redact::{self, host};
use super::response::{json_depth, member, Response, DEEPEST_JSON};
use crate::error::{Error, ErrorKind, ErrorResponse, NextStep, Result};

/// How much of a refused body is kept in an error, in bytes.
const KEPT_BODY: usize = 64 * 1024;

/// How much of an unexpected response's first line is shown, in characters.
const LONGEST_LINE: usize = 400;

/// The JSON object in a body.
///
/// # Errors
/// [`ErrorKind::ResponseTooLarge`] when nested deeper than [`DEEPEST_JSON`], [`ErrorKind::UnexpectedResponse`] when it
/// is not a JSON object or is an error all the same, with the status, the content type and the first line.
pub(crate) fn json_object(response: &Response, url: &url::Url, what: &str) -> Result<Map<String, Value>> {
    if json_depth(&response.body) > DEEPEST_JSON {
        return Err(too_deep(response, url, what));
    }
    match serde_json::from_slice(&response.body) {
        Ok(Value::Object(object)) if member(&object, "error").is_none_or(Value::is_null) => Ok(object),
        _ => Err(unexpected(response, url, what)),
    }
}

fn too_deep(response: &Response, url: &url::Url, what: &str) -> Error {
    let message = format!(
        "The response of {} to {what} is nested deeper than {DEEPEST_JSON} levels and was not read.",
        host(url)
    );
    about(response, Error::new(ErrorKind::ResponseTooLarge, message)).with_next_step(NextStep::CheckResponder)
}

/// A response that the protocol does not know: a proxy's page, a sign-in form, an empty body.
pub(crate) fn unexpected(response: &Response, url: &url::Url, what: &str) -> Error {
    let (host, status) = (host(url), response.status.as_u16());
    let kind = response.content_type().map_or_else(|| "no content type".to_owned(), |kind| redact::text(&kind));
    let text = String::from_utf8_lossy(&response.body);
    let line = text.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default();
    // Masked before it is cut, so that no secret is cut in two.
    let line: String = response.secrets.text(line).chars().take(LONGEST_LINE).collect();
    let body = if line.is_empty() { "an empty body".to_owned() } else { format!("a body that begins '{line}'") };
    let message = format!(
        "{host} gave a response that the service does not give when asked to {what}: status {status}, {kind}, {body}."
    );
    about(response, Error::new(ErrorKind::UnexpectedResponse, message).with_next_step(NextStep::CheckResponder))
}

/// A response of 400 or more, or another status that is no success, as an error. `retryable` says whether it may pass.
pub(crate) fn refused(response: &Response, url: &url::Url, what: &str, retryable: bool) -> Error {
    let status = response.status;
    if json_depth(&response.body) > DEEPEST_JSON {
        return too_deep(response, url, what).retryable(retryable);
    }
    let is_json = serde_json::from_slice::<Map<String, Value>>(&response.body).is_ok();
    if !is_json && !response.body.is_empty() {
        return unexpected(response, url, what).retryable(retryable);
    }
    let error_response = error_response(response);
    let words: Vec<String> = [&error_response.graph_code, &error_response.graph_message]
        .into_iter()
        .flatten()
        .map(|words| response.secrets.text(words))
        .collect();
    let words = if words.is_empty() { String::new() } else { format!(": {}", words.join(": ").trim_end_matches('.')) };
    let reason = status.canonical_reason().map_or(String::new(), |reason| format!(" {reason}"));
    let message = format!("{} refused to {what}, status {}{reason}{words}.", host(url), status.as_u16());
    Error::new(ErrorKind::RequestFailed, message)
        .with_next_step(next_step(status))
        .retryable(retryable)
        .with_error_response(error_response)
        .with_response_headers(&response.headers)
}

fn next_step(status: StatusCode) -> NextStep {
    match status.as_u16() {
        400 => "Check the values that were given.".into(),
        401 => "The token is missing, expired or not for this service: sign in again.".into(),
        403 => NextStep::CheckPermission,
        404 => "Check the identifiers: the service knows no such object, or does not show it to this account.".into(),
        413 => "What was sent, or is to be sent, is larger than the service takes.".into(),
        408 | 429 | 500.. => NextStep::TryLater,
        _ => NextStep::default(),
    }
}

/// An error about a response, with what the response brought: its status, headers and ids.
pub(crate) fn about(response: &Response, error: Error) -> Error {
    if error.error_response().is_some() {
        return error;
    }
    error.with_error_response(error_response(response)).with_response_headers(&response.headers)
}

fn error_response(response: &Response) -> ErrorResponse {
    let body: Map<String, Value> = if json_depth(&response.body) <= DEEPEST_JSON {
        serde_json::from_slice(&response.body).unwrap_or_default()
    } else {
        Map::new()
    };
    let (code, message, inner) = words(&body);
    let masked = |text: String| Some(response.secrets.mask(&text)).filter(|text| !text.is_empty());
    let inner = |name: &str| inner.and_then(|inner| member(inner, name)).and_then(text_of).and_then(masked);
    let header = |name: &str| response.headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
    ErrorResponse {
        status: response.status.as_u16(),
        headers: redact::headers(&response.headers, &response.secrets),
        body: redact::cut(redact::body(&response.body, &response.secrets), KEPT_BODY),
        graph_code: code.and_then(masked),
        graph_message: message.and_then(masked),
        request_id: header("request-id").or_else(|| inner("request-id")),
        date: inner("date").or_else(|| header(DATE.as_str())),
    }
}

/// Code, message and what is inside of an error: Graph's form, `{"error":{"code","message","innerError"}}`, in any case
/// of letters; a gateway's without the outer object; a sign-in's (RFC 6749, section 5.2), whose code is the error.
fn words(body: &Map<String, Value>) -> (Option<String>, Option<String>, Option<&Map<String, Value>>) {
    let (error, code) = match member(body, "error") {
        Some(Value::Object(error)) => (error, None),
        other => (body, other.and_then(text_of)),
    };
    let code = member(error, "code").and_then(text_of).or(code);
    let message = ["message", "error_description"].iter().find_map(|name| match member(error, name)? {
        // As OData was before its version 4.
        Value::Object(message) => member(message, "value").and_then(text_of),
        message => text_of(message),
    });
    (code, message, member(error, "innerError").and_then(Value::as_object))
}

fn text_of(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()).filter(|text| !text.is_empty()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::redact::Secrets;
    use http::header::{HeaderMap, CONTENT_TYPE};

    fn response(status: u16, body: &str) -> Response {
        let body = bytes::Bytes::copy_from_slice(body.as_bytes());
        Response::read(StatusCode::from_u16(status).unwrap(), HeaderMap::new(), body, Secrets::default())
    }

    fn at() -> url::Url {
        "https://host/x?secret".parse().unwrap()
    }

    #[test]
    fn an_error_is_described_in_the_service_s_words() {
        for (body, code, message) in [
            (r#"{"error":{"code":"BadRequest","message":"Size is wrong."}}"#, Some("BadRequest"), "Size is wrong."),
            (r#"{"Error":{"Code":"UP","Message":"Cased."}}"#, Some("UP"), "Cased."),
            (r#"{"statusCode":401,"message":"No."}"#, None, "No."),
            (r#"{"error":"invalid_token","error_description":"It expired."}"#, Some("invalid_token"), "It expired."),
            (r#"{"error":{"code":42,"message":{"lang":"en","value":"Too large."}}}"#, Some("42"), "Too large."),
        ] {
            let error = refused(&response(400, body), &at(), "create an upload session", false);
            let words = code.map_or(String::new(), |code| format!("{code}: ")) + message.trim_end_matches('.');
            let expected = format!("host refused to create an upload session, status 400 Bad Request: {words}.");
            assert_eq!(error.message(), expected);
            let kept = error.error_response().unwrap();
            assert_eq!((kept.graph_code.as_deref(), kept.graph_message.as_deref()), (code, Some(message)), "{body}");
        }
        let body = r#"{"error":{"code":"x","innerError":{"request-id":"r-1","date":"d"}}}"#;
        let error = refused(&response(400, body), &at(), "x", false);
        assert_eq!(error.error_response().unwrap().request_id.as_deref(), Some("r-1"));
    }

    #[test]
    fn a_page_of_html_is_named_by_status_type_and_first_line() {
        let mut page = response(502, "\n  <html>\u{1b}[2J Sign in at https://proxy/?token=SECRET</html>\n");
        page.headers.insert(CONTENT_TYPE, "text/html; charset=utf-8".parse().unwrap());
        let error = refused(&page, &at(), "send a range", true);
        assert_eq!((error.kind(), error.is_retryable()), (ErrorKind::UnexpectedResponse, true));
        let expected = "status 502, text/html, a body that begins '<html> Sign in at https://proxy/?…";
        assert!(error.message().contains(expected), "{error}");
    }

    #[test]
    fn json_that_is_too_deep_is_not_read() {
        let deep = format!("{{\"a\":{}{}}}", "[".repeat(100), "]".repeat(100));
        assert_eq!(json_object(&response(200, &deep), &at(), "x").unwrap_err().kind(), ErrorKind::ResponseTooLarge);
        assert_eq!(refused(&response(400, &deep), &at(), "x", false).kind(), ErrorKind::ResponseTooLarge);
    }
}
