//! A response that says no, as an error told in the service's words.

use http::header::DATE;
use http::StatusCode;
use serde_json::{Map, Value};

use super::redact::{self, host};
use super::response::{json_depth, member, too_deep, Response, DEEPEST_JSON};
use crate::error::{Error, ErrorKind, ErrorResponse};

/// How much of a refused body is kept in an error, in bytes.
const KEPT_BODY: usize = 64 * 1024;

/// How much of a strange response's first line is shown, in characters.
const LONGEST_LINE: usize = 400;

/// A response that the protocol does not know: a proxy's page, a sign-in form, an empty body.
pub(crate) fn unexpected(response: &Response, url: &url::Url, what: &str) -> Error {
    let status = response.status.as_u16();
    let kind = response.content_type().map_or_else(|| "no content type".to_owned(), |kind| redact::text(&kind));
    let text = String::from_utf8_lossy(&response.body);
    let first_line =
        response.secrets.text(text.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default());
    let first_line = first_line.chars().take(LONGEST_LINE).collect::<String>();
    let begins =
        if first_line.is_empty() { "an empty body".to_owned() } else { format!("a body that begins '{first_line}'") };
    Error::new(
        ErrorKind::UnexpectedResponse,
        format!(
            "{} gave an response that the service does not give when asked to {what}: status {status}, {kind}, {begins}.",
            host(url)
        ),
    )
    .with_next_step(
        "Check the address; a proxy or a sign-in page of the network may have answered in the service's place.",
    )
    .with_error_response(error_response(response))
    .with_response_headers(&response.headers)
}

/// A response of 400 or more, or another status that is no success, as an error. `retryable` says whether it may pass.
pub(crate) fn refused(response: &Response, url: &url::Url, what: &str, retryable: bool) -> Error {
    let error_response = error_response(response);
    let status = response.status;
    if json_depth(&response.body) > DEEPEST_JSON {
        return too_deep(response, url, what).retryable(retryable);
    }
    let is_json = serde_json::from_slice::<Map<String, Value>>(&response.body).is_ok();
    if !is_json && !response.body.is_empty() {
        return unexpected(response, url, what).retryable(retryable);
    }
    let said = match (&error_response.graph_code, &error_response.graph_message) {
        (None, None) => String::new(),
        (code, message) => {
            let parts: Vec<String> =
                [code, message].into_iter().flatten().map(|part| response.secrets.text(part)).collect();
            format!(": {}", parts.join(": ").trim_end_matches('.'))
        }
    };
    let reason = status.canonical_reason().map_or(String::new(), |reason| format!(" {reason}"));
    Error::new(
        ErrorKind::RequestFailed,
        format!("{} refused to {what}, status {}{reason}{said}.", host(url), status.as_u16()),
    )
    .with_next_step(next_step(status))
    .retryable(retryable)
    .with_error_response(error_response)
    .with_response_headers(&response.headers)
}

fn next_step(status: StatusCode) -> &'static str {
    match status.as_u16() {
        400 => "Check the values that were given.",
        401 => "The token is missing, expired or not for this service: sign in again.",
        403 => "Check that the account has the needed permission.",
        404 => "Check the identifiers: the service knows no such object, or does not show it to this account.",
        413 => "The document or the range is larger than the service takes.",
        408 | 429 | 500.. => "Try again later.",
        _ => "",
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
        // Masked before it is cut, so that no secret is cut in two.
        body: start_of(response.secrets.mask(&String::from_utf8_lossy(&response.body)), KEPT_BODY),
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

fn start_of(mut text: String, length: usize) -> String {
    if let Some((end, _)) = text.char_indices().find(|&(at, _)| at >= length) {
        text.truncate(end);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::redact::Secrets;
    use crate::http::response::json_object;
    use http::header::CONTENT_TYPE;
    use http::HeaderMap;

    fn response(status: u16, body: &str) -> Response {
        let status = StatusCode::from_u16(status).unwrap();
        Response {
            redirected: false,
            status,
            headers: http::HeaderMap::new(),
            body: bytes::Bytes::copy_from_slice(body.as_bytes()),
            secrets: Default::default(),
            story: None,
        }
    }

    fn at() -> url::Url {
        "https://host/x?secret".parse().unwrap()
    }

    #[test]
    fn a_graph_error_is_told_in_the_service_s_words() {
        let body = r#"{"error":{"code":"BadRequest","message":"Size is wrong.","innerError":{"request-id":"r-1","date":"d"}}}"#;
        let error = refused(&response(400, body), &at(), "create an upload session", false);
        assert_eq!(
            error.message(),
            "host refused to create an upload session, status 400 Bad Request: BadRequest: Size is wrong."
        );
        let error_response = error.error_response().unwrap();
        assert_eq!(
            (error_response.graph_code.as_deref(), error_response.request_id.as_deref()),
            (Some("BadRequest"), Some("r-1"))
        );
    }

    #[test]
    fn an_error_without_an_outer_object_is_told_in_its_words_too() {
        for body in [r#"{"statusCode":401,"message":"No."}"#, r#"{"error":"e","message":"No."}"#] {
            let error = refused(&response(401, body), &at(), "create an upload session", false);
            assert_eq!(error.error_response().unwrap().graph_message.as_deref(), Some("No."), "{body}");
        }
    }

    #[test]
    fn other_forms_of_errors_are_told_in_their_words_too() {
        for (body, code, message) in [
            (r#"{"error":"invalid_token","error_description":"It expired."}"#, "invalid_token", "It expired."),
            (r#"{"error":{"code":42,"message":{"lang":"en","value":"Too large."}}}"#, "42", "Too large."),
            (r#"{"Error":{"Code":"UP","Message":"Cased."}}"#, "UP", "Cased."),
        ] {
            let error = refused(&response(400, body), &at(), "x", false);
            let error_response = error.error_response().unwrap();
            assert_eq!(
                (error_response.graph_code.as_deref(), error_response.graph_message.as_deref()),
                (Some(code), Some(message)),
                "{body}"
            );
        }
    }

    #[test]
    fn a_secret_is_not_cut_in_two_where_a_text_is_cut() {
        for before in (350..400).step_by(7) {
            let line = format!("{} https://h/{{\"uploadUrl\":\"https://h/u?t=SECRET-SECRET\"", "x".repeat(before));
            let page = Response::read(StatusCode::OK, HeaderMap::new(), line.into(), Secrets::default());
            assert!(!unexpected(&page, &at(), "x").message().contains("SEC"));
        }
    }

    #[test]
    fn a_page_of_html_is_named_by_status_type_and_first_line() {
        let mut page = response(502, "\n  <html>\u{1b}[2J Sign in at https://proxy/?token=SECRET</html>\n");
        page.headers.insert(CONTENT_TYPE, "text/html; charset=utf-8".parse().unwrap());
        let error = refused(&page, &at(), "send a range", true);
        assert_eq!(error.kind(), ErrorKind::UnexpectedResponse);
        assert!(
            error.message().contains("status 502, text/html, a body that begins '<html> Sign in at https://proxy/?…"),
            "{error}"
        );
        assert!(error.is_retryable());
    }

    #[test]
    fn json_that_is_too_deep_is_not_read() {
        let deep = format!("{{\"a\":{}{}}}", "[".repeat(100), "]".repeat(100));
        assert_eq!(json_object(&response(200, &deep), &at(), "x").unwrap_err().kind(), ErrorKind::ResponseTooLarge);
        assert_eq!(refused(&response(400, &deep), &at(), "x", false).kind(), ErrorKind::ResponseTooLarge);
    }
}
