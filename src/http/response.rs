//! A response within its bounds, and the JSON in it.

use std::borrow::Cow;

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, StatusCode};
use serde_json::{Map, Value};

pub(crate) use super::error_response::{about, refused, unexpected};
use super::redact::{host, Secrets};
use crate::error::{Error, ErrorKind, Result};

/// The largest response that is read, in bytes, after decompression. Honest ones have a few hundred.
pub const LARGEST_RESPONSE: usize = 1024 * 1024;

/// How deep JSON may be nested, here and in the bodies that callers give.
pub(crate) const DEEPEST_JSON: usize = 64;

/// What to do about a response that is out of these bounds.
pub(crate) const CHECK_RESPONDER: &str =
    "The service gives no such response: check that the address is right and that no proxy answers in its place.";

/// What came back.
#[derive(Clone)]
pub struct Response {
    /// The HTTP status.
    pub status: StatusCode,
    /// The headers as they came, as far as they are not gzip's.
    pub headers: HeaderMap,
    /// The body, decompressed, at most [`LARGEST_RESPONSE`] bytes.
    pub body: Bytes,
    /// Whether it is that of another address, to which a redirect led.
    pub(crate) redirected: bool,
    /// What the request carried, and no text of the response may show.
    pub(crate) secrets: Secrets,
    /// How the tries before this response went, told as an error.
    pub(crate) story: Option<Error>,
}

impl std::fmt::Debug for Response {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Response")
            .field("status", &self.status)
            .field("bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}

impl Response {
    /// A response that somebody else received.
    ///
    /// # Errors
    /// [`ErrorKind::ResponseTooLarge`] for a body of more than [`LARGEST_RESPONSE`] bytes.
    pub fn of(status: StatusCode, headers: HeaderMap, body: Bytes) -> Result<Self> {
        if body.len() > LARGEST_RESPONSE {
            let message = format!("The response is larger than {LARGEST_RESPONSE} bytes and was not read.");
            return Err(Error::new(ErrorKind::ResponseTooLarge, message));
        }
        Ok(Response::read(status, headers, body, Secrets::default()))
    }

    /// A response whose body is within its bounds. `secrets` are those of the request.
    pub(crate) fn read(status: StatusCode, headers: HeaderMap, body: Bytes, secrets: Secrets) -> Self {
        let body = readable(body);
        let secrets = secrets.with_body(&body);
        Response { status, headers, body, redirected: false, secrets, story: None }
    }

    /// The content type without its parameters, in lower case.
    pub fn content_type(&self) -> Option<String> {
        let value = self.headers.get(CONTENT_TYPE)?.to_str().ok()?;
        Some(value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase())
    }
}

/// The JSON object in a body.
///
/// # Errors
/// [`ErrorKind::ResponseTooLarge`] when nested deeper than [`DEEPEST_JSON`], [`ErrorKind::UnexpectedResponse`] when it
/// is not a JSON object, with the status, the content type and the first line.
pub(crate) fn json_object(response: &Response, url: &url::Url, what: &str) -> Result<Map<String, Value>> {
    if json_depth(&response.body) > DEEPEST_JSON {
        return Err(too_deep(response, url, what));
    }
    match serde_json::from_slice(&response.body) {
        Ok(Value::Object(object)) => Ok(object),
        _ => Err(unexpected(response, url, what)),
    }
}

pub(super) fn too_deep(response: &Response, url: &url::Url, what: &str) -> Error {
    let message = format!(
        "The response of {} to {what} is nested deeper than {DEEPEST_JSON} levels and was not read.",
        host(url)
    );
    about(response, Error::new(ErrorKind::ResponseTooLarge, message)).with_next_step(CHECK_RESPONDER)
}

/// A member of a JSON object, its name in any case: as official clients read it.
pub(crate) fn member<'a>(object: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    object.get(name).or_else(|| object.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value))
}

/// How deep objects and arrays are nested in a JSON text, strings aside; a text that is no JSON gets some number too.
pub(crate) fn json_depth(text: &[u8]) -> usize {
    let (mut depth, mut deepest, mut in_string, mut escaped) = (0usize, 0, false, false);
    for &byte in text {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            _ if in_string => {}
            b'{' | b'[' => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            b'}' | b']' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    deepest
}

/// The body without a byte order mark, and with the halves of characters that JSON can escape and UTF-8 cannot hold as
/// U+FFFD: one strange character in a member that nobody reads is no reason to lose a session.
fn readable(body: Bytes) -> Bytes {
    let body = body.strip_prefix(b"\xef\xbb\xbf").map(|rest| body.slice_ref(rest)).unwrap_or(body);
    let body = match String::from_utf8_lossy(&body) {
        Cow::Borrowed(_) => body,
        Cow::Owned(text) => text.into(),
    };
    let (mut readable, mut copied, mut at) = (Vec::new(), 0, 0);
    while let Some(escape) = body[at..].iter().position(|&byte| byte == b'\\').map(|found| at + found) {
        let is_half = |at: usize, half: std::ops::RangeInclusive<u16>| {
            surrogate(body.get(at..).unwrap_or_default()).is_some_and(|unit| half.contains(&unit))
        };
        at = match (is_half(escape, 0xD800..=0xDBFF), is_half(escape, 0xDC00..=0xDFFF)) {
            (true, _) if is_half(escape + 6, 0xDC00..=0xDFFF) => escape + 12,
            (false, false) => (escape + 2).min(body.len()),
            _ => {
                readable.extend_from_slice(&body[copied..escape]);
                readable.extend_from_slice(br"\ufffd");
                copied = escape + 6;
                copied
            }
        };
    }
    if copied == 0 {
        return body;
    }
    readable.extend_from_slice(&body[copied..]);
    readable.into()
}

/// The half of a character that an escape of JSON stands for.
fn surrogate(text: &[u8]) -> Option<u16> {
    let digits = std::str::from_utf8(text.strip_prefix(br"\u")?.get(..4)?).ok()?;
    u16::from_str_radix(digits, 16).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn depth_counts_nesting_and_not_strings() {
        for (text, depth) in [("{}", 1), ("1", 0), (r#"{"a":[[{}]]}"#, 4), (r#""[[[\"[[""#, 0), ("[]]]][", 1)] {
            assert_eq!(json_depth(text.as_bytes()), depth, "{text}");
        }
    }

    #[test]
    fn what_json_cannot_hold_is_replaced_and_all_else_stays() {
        for (given, expected) in [
            (r#""\ud800""#, r#""\ufffd""#),
            (r#""\uDC00x\ud83d\ude00""#, r#""\ufffdx\ud83d\ude00""#),
            (r#""\\ud800""#, r#""\\ud800""#),
            (r#""\ud800\ud800\udc00""#, r#""\ufffd\ud800\udc00""#),
            ("\u{feff}{}", "{}"),
            (r#""\ud8"#, r#""\ud8"#),
            ("\\", "\\"),
        ] {
            assert_eq!(readable(Bytes::copy_from_slice(given.as_bytes())), expected.as_bytes(), "{given}");
        }
        assert_eq!(readable(Bytes::from_static(b"\"\xe9\"")), "\"\u{fffd}\"");
    }
}
